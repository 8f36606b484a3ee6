"""Compares two feature tables value by value: `python -m harness.compare_tables OURS.arrow THEIRS.parquet`.

Prints the largest relative difference as JSON; exits with 1 and says where, when the tables differ: in the examples, in
any whole number, or in another number by more than `TOLERANCE` relative to the larger of the two.
"""

from __future__ import annotations

import json
import sys

import numpy as np
import polars as pl

from harness.agreement import TOLERANCE
from harness.workload import feature_names, is_whole


def scan(file: str) -> pl.LazyFrame:
    return pl.scan_parquet(file) if file.endswith(".parquet") else pl.scan_ipc(file)


def order_of(table: pl.LazyFrame) -> tuple[pl.DataFrame, np.ndarray]:
    """The keys in order, and for each the row where it stands."""
    keys = table.select(pl.col("customer").cast(pl.String), pl.col("cutoff").cast(pl.Date)).collect()
    keys = keys.with_row_index("row").sort("cutoff", "customer")
    return keys.drop("row"), keys["row"].to_numpy()


def column(table: pl.LazyFrame, name: str, order: np.ndarray) -> np.ndarray:
    values = table.select(pl.col(name).cast(pl.Float64)).collect().to_series()
    if values.null_count() > 0:
        fail(f"{name} has {values.null_count()} missing values")
    return values.to_numpy()[order]


def fail(words: str) -> None:
    print(words)
    sys.exit(1)


def main(ours: str, theirs: str) -> None:
    left, right = scan(ours), scan(theirs)
    keys, left_order = order_of(left)
    other_keys, right_order = order_of(right)
    if not keys.equals(other_keys):
        fail(f"{other_keys.height} examples that are not the {keys.height} of ours")
    largest, where = 0.0, ""
    for name in feature_names():
        a, b = column(left, name, left_order), column(right, name, right_order)
        scale = np.maximum(np.abs(a), np.abs(b))
        difference = np.abs(a - b) / np.where(scale > 0, scale, 1)
        worst = int(np.argmax(difference))
        # Not "greater than", so that a value that is no number fails too.
        if not difference[worst] <= (0 if is_whole(name) else TOLERANCE):
            customer, cutoff = keys.row(worst)
            fail(f"{name} of {customer} at {cutoff} is {b[worst]}, and not {a[worst]}")
        if difference[worst] > largest:
            largest, where = float(difference[worst]), name
    values = keys.height * len(feature_names())
    print(json.dumps({"examples": keys.height, "values": values, "largest_difference": largest, "feature": where}))


if __name__ == "__main__":
    main(*sys.argv[1:])
