"""The designs in the cache, made in the peers' Python on first use, and questions to `verify` about them."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.environment import BENCHMARKS, Environment
from harness.events import SUFFIXES

REQUIREMENTS = "requirements-solvers.txt"


def rows_of(size: str) -> int:
    """The number behind `1m`, `200k` or `20000`."""
    factor = SUFFIXES.get(size[-1:].lower(), 1)
    digits = size[:-1] if factor > 1 else size
    if not digits.isdigit() or int(digits) == 0:
        raise ValueError(f"{size!r} is no number of rows: write 20000, 200k or 1m")
    return int(digits) * factor


def size_of(rows: int) -> str:
    """As short as it can be written: `1m`, `200k`, `20500`."""
    for suffix, factor in sorted(SUFFIXES.items(), key=lambda item: -item[1]):
        if rows % factor == 0:
            return f"{rows // factor}{suffix}"
    return str(rows)


def run_python(environment: Environment, *arguments: str, question: str = "") -> str:
    command = [str(environment.python(REQUIREMENTS)), "-m", *arguments]
    return subprocess.run(command, cwd=BENCHMARKS, input=question, check=True, stdout=subprocess.PIPE, text=True).stdout


@dataclass(frozen=True)
class Design:
    """An Arrow file of features x0, x1, … and, where it is to be fitted, the label."""

    file: Path
    rows: int
    features: int

    @property
    def name(self) -> str:
        return f"{size_of(self.rows)}-{self.features}"

    @property
    def words(self) -> str:
        return f"{self.rows:,} rows of {self.features:,} features, {self.file.stat().st_size / 1e6:,.0f} MB"

    @staticmethod
    def make(
        environment: Environment, rows: int, features: int, seed: int, with_label: bool = True, held_out: int = 0
    ) -> Design:
        """With `held_out`, so many rows that come behind the others."""
        kind = f"-behind-{size_of(held_out)}" if held_out else "" if with_label else "-unlabelled"
        file = environment.cache / "designs" / f"{size_of(rows)}-{features}-seed{seed}{kind}.arrow"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            arguments = ["--rows", str(rows), "--features", str(features), "--seed", str(seed)]
            arguments += [] if with_label else ["--no-label"]
            arguments += ["--held-out", str(held_out)] if held_out else []
            run_python(environment, "harness.solvers.designs", str(file), *arguments)
        return Design(file, held_out or rows, features)

    def verify(self, environment: Environment, **question: Any) -> dict[str, Any]:
        return json.loads(
            run_python(environment, "harness.solvers.verify", str(self.file), question=json.dumps(question))
        )

    def doubles(self, environment: Environment) -> Path:
        """The same numbers without Arrow, one column after the other, and the number of rows beside them."""
        target = self.file.with_suffix(".doubles")
        if not target.exists():
            partial = target.with_suffix(".partial")
            run_python(environment, "harness.solvers.doubles", str(self.file), str(partial))
            target.with_suffix(".rows").write_text(f"{self.rows}\n")
            os.replace(partial, target)
        return target
