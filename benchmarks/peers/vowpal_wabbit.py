"""Stochastic gradient descent by Vowpal Wabbit, with its adaptive, normalised steps.

It reads texts, and from them makes a cache in a format of its own, which it then goes through: making the cache is its load
time. The texts are made once, beside the design.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from peers.solver_request import descent_of, parser_of

# The index of the constant's weight.
CONSTANT = 116_060
BITS = 18


def texts_of(data: Path, label: str) -> Path:
    target = data.with_suffix(".vw")
    if target.exists():
        return target
    partial = target.with_suffix(".vw-partial")
    with pa.memory_map(str(data)) as source, partial.open("w") as out:
        reader = pa.ipc.open_file(source)
        for place in range(reader.num_record_batches):
            batch = reader.get_batch(place)
            names = [name for name in batch.schema.names if name != label]
            matrix = np.stack([batch[name].to_numpy() for name in names], axis=1)
            labels = batch[label].to_numpy()
            pattern = "%d | " + " ".join(f"{place}:%.7g" for place in range(len(names))) + "\n"
            out.writelines(pattern % (1 if churned else -1, *row) for churned, row in zip(labels, matrix.tolist()))
    os.replace(partial, target)
    return target


def run(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "vowpalwabbit", "--quiet", *arguments], check=True)
    return time.perf_counter() - start


def fit(options: Any) -> dict[str, Any]:
    data = Path(options.data)
    texts, cache, model = texts_of(data, options.label), data.with_suffix(".vw-cache"), data.with_suffix(".vw-model")
    common = ("--loss_function", "logistic", "--holdout_off", "-b", str(BITS), "--cache_file", str(cache))
    with pa.memory_map(options.data) as source:
        reader = pa.ipc.open_file(source)
        rows = sum(reader.get_batch(place).num_rows for place in range(reader.num_record_batches))
        features = len(reader.schema.names) - 1
    empty = run("--no_stdin", "-b", str(BITS))
    cache.unlink(missing_ok=True)
    load = run("-d", str(texts), "-k", *common, "--noop") - empty
    work = run(
        "-d", str(texts), *common, "--passes", str(options.epochs), "--learning_rate", str(options.learning_rate),
        "--l2", str(options.l2 / rows), "--readable_model", str(model),
    ) - empty
    weights = np.zeros(features + 1)
    for line in model.read_text().splitlines():
        index, _, rest = line.partition(":")
        if index.isdigit() and rest:
            weights[0 if int(index) == CONSTANT else int(index) + 1] = float(rest.split()[0])
    return {"loadSeconds": load, "fitSeconds": work, "iterations": options.epochs, "coefficients": weights.tolist()}


if __name__ == "__main__":
    parser = parser_of("vowpal-wabbit")
    descent_of(parser)
    from importlib.metadata import version

    print(json.dumps({"tool": "vowpal-wabbit", "version": version("vowpalwabbit")} | fit(parser.parse_args())))
