"""Makes a large feature table of a small one: `python -m harness.tiled_table FROM.arrow TO.arrow COPIES`.

Every cutoff's rows stand there so many times, under ids of their own, their numbers moved by a twentieth of a standard
deviation, so that no two rows are alike. A copy of a cutoff's rows is a record batch; no more is ever in memory.
"""

from __future__ import annotations

import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute
from pyarrow import ipc

FIXED = 3
SHAKE = 0.05


def tile(source: str, target: str, copies: int) -> None:
    table = ipc.open_file(source).read_all()
    days = table.column(1)
    with ipc.new_file(f"{target}.part", table.schema) as writer:
        for day in sorted(set(days.to_pylist())):
            rows = table.filter(pa.compute.equal(days, pa.scalar(day, days.type))).combine_chunks()
            fixed = [rows.column(number).combine_chunks() for number in range(FIXED)]
            ids = np.array(fixed[0].to_pylist())
            numbers = [rows.column(number).to_numpy() for number in range(FIXED, rows.num_columns)]
            for copy in range(copies):
                random = np.random.default_rng([copy, day.toordinal()])
                names = pa.array(np.char.add(f"{copy:04d}-", ids))
                shaken = [pa.array(x + SHAKE * x.std() * random.standard_normal(len(x))) for x in numbers]
                writer.write_batch(pa.record_batch([names, *fixed[1:], *shaken], schema=table.schema))
    os.replace(f"{target}.part", target)


if __name__ == "__main__":
    tile(sys.argv[1], sys.argv[2], int(sys.argv[3]))
