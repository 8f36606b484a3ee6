"""What every peer of the solvers' benchmark is asked for, and how it answers: arguments, reading, clocks, JSON."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

ROWS = 512


def parser_of(tool: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=f"Logistic regression by {tool}.")
    parser.add_argument("--data", required=True, help="Arrow file: all columns but the label are features")
    parser.add_argument("--label", help="the column of 0 and 1")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="as the tool understands it")
    return parser


def read(file: str, label: str | None, order: str) -> tuple[np.ndarray, np.ndarray | None]:
    """The features in the order in memory that the tool works on, so that it copies nothing, and the labels."""
    with pa.memory_map(file) as source:
        reader = pa.ipc.open_file(source)
        batches = [reader.get_batch(place) for place in range(reader.num_record_batches)]
        rows = sum(batch.num_rows for batch in batches)
        names = [name for name in reader.schema.names if name != label]
        matrix = np.empty((rows, len(names)), order=order)
        labels = None if label is None else np.empty(rows)
        start = 0
        for batch in batches:
            columns = [batch[name].to_numpy() for name in names]
            if order == "F":
                for place, column in enumerate(columns):
                    matrix[start : start + batch.num_rows, place] = column
            else:
                interleave(columns, matrix[start : start + batch.num_rows])
            if labels is not None:
                labels[start : start + batch.num_rows] = batch[label].to_numpy()
            start += batch.num_rows
    return matrix, labels


def interleave(columns: list[np.ndarray], target: np.ndarray) -> None:
    """Columns to rows, a few at a time, so that both stay in the cache."""
    for start in range(0, len(target), ROWS):
        np.stack([column[start : start + ROWS] for column in columns], axis=1, out=target[start : start + ROWS])


class Clock:
    """Wall and processor seconds since it was made."""

    def __init__(self) -> None:
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def seconds(self) -> tuple[float, float]:
        return time.perf_counter() - self.wall, time.process_time() - self.processor


def answer(tool: str, version: str, options: argparse.Namespace, order: str, work: Callable[..., dict[str, Any]]) -> None:
    """Reads, has `work(matrix, labels, options)` done, and prints what it gave and how long it took."""
    clock = Clock()
    matrix, labels = read(options.data, options.label, order)
    load, _ = clock.seconds()
    clock = Clock()
    result = work(matrix, labels, options)
    wall, processor = clock.seconds()
    # A work that has to compile or prepare first says itself how long the rest took.
    times = {"loadSeconds": load, "fitSeconds": wall, "processorSeconds": processor}
    print(json.dumps({"tool": tool, "version": version} | times | result))


def penalties_of(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--l1", type=float, default=0, help="of sum of losses + l1 |b|_1 + l2/2 |b|^2")
    parser.add_argument("--l2", type=float, default=0)


def descent_of(parser: argparse.ArgumentParser) -> None:
    penalties_of(parser)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--epochs", type=int, required=True)


def path_of(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lambdas", type=Path, required=True, help="JSON file with the lambdas, descending")
    parser.add_argument("--alpha", type=float, default=1)
    parser.add_argument("--no-intercept", action="store_true")


def lambdas_in(options: argparse.Namespace) -> np.ndarray:
    return np.array(json.loads(options.lambdas.read_text()))
