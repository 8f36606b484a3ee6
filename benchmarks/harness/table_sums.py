"""The checksums of a written feature table: `python -m harness.table_sums FILE`, as JSON."""

from __future__ import annotations

import json
import sys

import polars as pl

from harness.compare_tables import scan
from harness.workload import feature_names


def main(file: str) -> None:
    sums = [pl.col(name).sum() for name in feature_names()]
    cutoff = pl.col("cutoff").cast(pl.Date)
    rows = scan(file).group_by(cutoff).agg(pl.len().alias("examples"), *sums).sort("cutoff").collect()
    examples = {str(day): count for day, count in zip(rows["cutoff"], rows["examples"])}
    print(json.dumps({"examples": examples, "sums": {name: float(rows[name].sum()) for name in feature_names()}}))


if __name__ == "__main__":
    main(sys.argv[1])
