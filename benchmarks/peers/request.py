"""What every peer is asked for, and how it answers: the arguments, the clock and the JSON on standard output."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from harness.workload import HISTORY_FIRST_DAY, WINDOWS, feature_names


@dataclass(frozen=True)
class Request:
    """Events in, features out: written to `table`, or reduced to checksums where there is none."""

    events: str
    cutoffs: list[date]
    table: str | None

    @property
    def windows(self) -> tuple[int, ...]:
        return WINDOWS

    @property
    def longest_window(self) -> timedelta:
        return timedelta(days=max(WINDOWS))

    @property
    def is_one_cutoff(self) -> bool:
        return len(self.cutoffs) == 1

    @property
    def last_cutoff(self) -> date:
        return self.cutoffs[-1]

    @property
    def first_day(self) -> date:
        return HISTORY_FIRST_DAY


@dataclass(frozen=True)
class Checksums:
    """The examples of each cutoff, and the sum of each feature over all examples."""

    examples: dict[str, int]
    sums: dict[str, float]

    @staticmethod
    def of_rows(rows: Iterable[Mapping[str, Any]]) -> Checksums:
        """Adds up rows that each hold one cutoff's `cutoff`, `examples` and sums by feature."""
        examples: dict[str, int] = {}
        sums = dict.fromkeys(feature_names(), 0.0)
        for row in rows:
            examples[str(row["cutoff"])[:10]] = int(row["examples"])
            for name in sums:
                sums[name] += float(row[name] or 0)
        return Checksums(dict(sorted(examples.items())), sums)


# A formulation computes the request; it returns checksums, or nothing when it has written the table.
Formulation = Callable[[Request], Checksums | None]


def answer(tool: str, version: str, formulations: Mapping[str, Formulation]) -> None:
    """Runs the formulation that the command line names and prints what came out and how long it took after imports."""
    parser = argparse.ArgumentParser(description=f"The benchmark's features, computed by {tool}.")
    parser.add_argument("--events", required=True, help="CSV: customer,time,type,amount")
    parser.add_argument("--cutoffs", required=True, help="dates, separated by commas, ascending")
    parser.add_argument("--table", help="file to write; without it, checksums")
    parser.add_argument("--formulation", choices=list(formulations), default=next(iter(formulations)))
    options = parser.parse_args()
    cutoffs = [date.fromisoformat(text) for text in options.cutoffs.split(",")]

    start = time.perf_counter()
    checksums = formulations[options.formulation](Request(options.events, cutoffs, options.table))
    seconds = time.perf_counter() - start

    result: dict[str, Any] = {"tool": tool, "version": version, "formulation": options.formulation}
    result["secondsAfterImport"] = seconds
    if checksums is not None:
        result |= {"examples": checksums.examples, "sums": checksums.sums}
    print(json.dumps(result))
