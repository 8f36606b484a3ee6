"""Makes the data of the solvers' benchmark: `python -m harness.solvers.designs FILE.arrow --rows N --features P`.

Features follow a stationary first-order autoregression across columns plus three common factors, and are standardised.
A quarter of them has an effect; the intercept is set for a churn rate of 20 %. Rows come in batches with random numbers
of their own, so that no more than a batch is ever in memory.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

BATCH = 65_536
LABEL = "churned"
AUTOREGRESSION, FACTORS, LOADING = 0.5, 3, 0.35
EFFECTIVE, DEVIATION_OF_PREDICTOR, CHURN_RATE = 0.25, 1.5, 0.2


@dataclass(frozen=True)
class Simulation:
    """The design's parameters, drawn once from the seed."""

    features: int
    seed: int
    loadings: np.ndarray
    effects: np.ndarray

    @staticmethod
    def of(features: int, seed: int) -> Simulation:
        random = np.random.default_rng([seed, features])
        loadings = LOADING * random.standard_normal((features, FACTORS))
        effects = np.where(random.random(features) < EFFECTIVE, random.standard_normal(features), 0)
        effects[0] = effects[0] or 1
        return Simulation(features, seed, loadings, effects)

    def uniforms(self, batch: int, rows: int) -> np.ndarray:
        return np.random.default_rng([self.seed, self.features, 1, batch]).random(rows)

    def columns(self, batch: int, rows: int) -> np.ndarray:
        """One batch, features x rows, not yet standardised."""
        random = np.random.default_rng([self.seed, self.features, 2, batch])
        result = random.standard_normal((self.features, rows))
        for place in range(1, self.features):
            result[place] *= np.sqrt(1 - AUTOREGRESSION**2)
            result[place] += AUTOREGRESSION * result[place - 1]
        return result + self.loadings @ random.standard_normal((FACTORS, rows))


def batches(rows: int, first: int = 0) -> Iterator[tuple[int, int]]:
    """The number and the rows of each batch, counted from `first`."""
    for place, start in enumerate(range(0, rows, BATCH), first):
        yield place, min(BATCH, rows - start)


def intercept_for(predictors: np.ndarray, rate: float) -> float:
    low, high = -30.0, 30.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if np.mean(1 / (1 + np.exp(-predictors - middle))) > rate else (middle, high)
    return (low + high) / 2


def simulate(file: Path, rows: int, features: int, seed: int, with_label: bool, held_out: int = 0) -> None:
    """Writes so many rows; or, for `held_out` of them, those that come behind, standardised as the others are."""
    simulation = Simulation.of(features, seed)
    total, squares = np.zeros(features), np.zeros(features)
    for place, count in batches(rows):
        columns = simulation.columns(place, count)
        total += columns.sum(axis=1)
        squares += np.einsum("ij,ij->i", columns, columns)
    mean = total / rows
    deviation = np.sqrt(squares / rows - mean**2)

    names = [f"x{place}" for place in range(features)]
    fields = [(name, pa.float64()) for name in names] + ([(LABEL, pa.int32())] if with_label else [])
    effects, intercept = simulation.effects, 0.0
    behind = list(batches(held_out, len(list(batches(rows)))))
    with write(file, pa.schema(fields)) as writer:
        for place, count in [next(batches(rows)), *behind] if held_out else batches(rows):
            columns = (simulation.columns(place, count) - mean[:, None]) / deviation[:, None]
            predictors = effects @ columns
            if place == 0:
                scale = DEVIATION_OF_PREDICTOR / predictors.std()
                intercept = intercept_for(scale * predictors, CHURN_RATE)
                if held_out:
                    continue
            labels = simulation.uniforms(place, count) < 1 / (1 + np.exp(-scale * predictors - intercept))
            arrays = [pa.array(column) for column in columns]
            arrays += [pa.array(labels.astype(np.int32))] if with_label else []
            writer.write_batch(pa.record_batch(arrays, names=[name for name, _ in fields]))


def write(file: Path, schema: pa.Schema) -> pa.RecordBatchFileWriter:
    return pa.ipc.new_file(str(file), schema)


def write_design(file: Path, matrix: np.ndarray, labels: np.ndarray) -> None:
    """Writes a matrix in memory as the simulation writes its batches."""
    names = [f"x{place}" for place in range(matrix.shape[1])]
    schema = pa.schema([(name, pa.float64()) for name in names] + [(LABEL, pa.int32())])
    with write(file, schema) as writer:
        for start in range(0, len(labels), BATCH):
            part = slice(start, start + BATCH)
            arrays = [pa.array(np.ascontiguousarray(column)) for column in matrix[part].T]
            writer.write_batch(pa.record_batch([*arrays, pa.array(labels[part].astype(np.int32))], schema=schema))


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the data of the solvers' benchmark.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--features", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-label", action="store_true", help="features alone, as they are scored")
    parser.add_argument("--held-out", type=int, default=0, help="write so many rows that come behind, and not those")
    options = parser.parse_args()
    partial = options.file.with_suffix(".partial")
    simulate(partial, options.rows, options.features, options.seed, not options.no_label, options.held_out)
    os.replace(partial, options.file)


if __name__ == "__main__":
    main()
