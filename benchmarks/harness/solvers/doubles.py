"""Arrow to plain doubles, column by column: `python -m harness.solvers.doubles FILE.arrow TARGET`."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa


def main(source: str, target: str) -> None:
    with pa.memory_map(source) as mapped, open(target, "wb") as stream:
        for column in pa.ipc.open_file(mapped).read_all().columns:
            for chunk in column.chunks:
                chunk.to_numpy().astype(np.float64, copy=False).tofile(stream)


if __name__ == "__main__":
    main(*sys.argv[1:])
