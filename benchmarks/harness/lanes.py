"""Contestants in turn, again and again: A B C, A B C, …"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.environment import BENCHMARKS
from harness.measurement import Measurement, RunFailed, measure


@dataclass
class Lane:
    """The runs of one contestant, which has a `title`, and what it gave in each."""

    contestant: Any
    command: list[str]
    runs: list[Measurement] = field(default_factory=list)
    outcomes: list[Any] = field(default_factory=list)
    largest_difference: float | None = None
    failure: str | None = None

    def median(self, figure: Callable[[Measurement], float]) -> float:
        return statistics.median(map(figure, self.runs))

    def median_outcome(self, figure: Callable[[Any], float | None]) -> float | None:
        known = [value for value in map(figure, self.outcomes) if value is not None]
        return statistics.median(known) if known else None

    def fail(self, words: str) -> None:
        """From now on it is left out."""
        self.failure = words
        print(f"bench: {self.contestant.title} {words}", file=sys.stderr)


def alternate(
    lanes: list[Lane],
    runs: int,
    limit: float,
    words: str,
    outcome: Callable[[Lane, str], Any],
    before: Callable[[Lane], None] = lambda lane: None,
) -> None:
    """Times all of them alternately; `outcome` reads what one wrote. Who fails is left out from then on."""
    for turn in range(runs):
        for lane in lanes:
            if lane.failure is None:
                before(lane)
                take_turn(lane, limit, f"{words} {turn + 1}/{runs}", outcome)


def take_turn(lane: Lane, limit: float, words: str, outcome: Callable[[Lane, str], Any]) -> None:
    title = lane.contestant.title
    # What the run before wrote goes to the disk now, and not while this one is timed.
    os.sync()
    try:
        measurement, output = measure(lane.command, BENCHMARKS, limit)
    except RunFailed as failure:
        lane.failure = failure.reason
        print(f"bench: {title} failed: {failure}", file=sys.stderr)
        return
    lane.runs.append(measurement)
    lane.outcomes.append(outcome(lane, output))
    progress = f"{measurement.wallSeconds:8.2f} s wall {measurement.processor_seconds:8.2f} s processor"
    print(f"bench: {words} {title:<28} {progress}", file=sys.stderr)
