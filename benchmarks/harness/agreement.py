"""Whether two tools gave the same: by checksums after each run, and value by value on written tables."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.contestants import Outcome
from harness.environment import BENCHMARKS, Environment
from harness.workload import is_whole

TOLERANCE = 1e-9


class Disagreement(Exception):
    """Two tools gave different values; a faster wrong answer does not count."""


@dataclass(frozen=True)
class Agreement:
    """How far apart two tables are: the largest relative difference and where it was seen."""

    examples: int
    values: int
    largest_difference: float
    feature: str


def relative_difference(left: float, right: float) -> float:
    scale = max(abs(left), abs(right))
    return abs(left - right) / scale if scale > 0 else 0.0


def check_sums(ours: Outcome, theirs: Outcome) -> float:
    """Compares examples by cutoff exactly, sums of whole features exactly and others within `TOLERANCE`."""
    if ours.examples is None or ours.sums is None or theirs.examples is None or theirs.sums is None:
        raise Disagreement("it gave no checksums")
    if ours.examples != theirs.examples:
        raise Disagreement(f"the examples are {theirs.examples}, and not {ours.examples}")
    largest = 0.0
    for name, value in ours.sums.items():
        difference = relative_difference(value, theirs.sums[name])
        if difference > (0 if is_whole(name) else TOLERANCE):
            raise Disagreement(f"the sum of {name} is {theirs.sums[name]!r}, and not {value!r}")
        largest = max(largest, difference)
    return largest


def check_tables(environment: Environment, ours: Path, theirs: Path) -> Agreement:
    """Compares every feature of every example, in a process of its own: this one has to stay small."""
    command = [str(environment.python()), "-m", "harness.compare_tables", str(ours), str(theirs)]
    result = subprocess.run(command, cwd=BENCHMARKS, stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        raise Disagreement(result.stdout.strip() or "the tables could not be compared")
    return Agreement(**json.loads(result.stdout))
