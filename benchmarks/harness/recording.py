"""What a benchmark leaves behind: a JSON file with every run, and a table for the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from harness.environment import Environment, commit, load_average, machine
from harness.events import Events
from harness.lanes import Lane
from harness.measurement import Measurement
from harness.workload import Workload

FORMAT = 1


def record(
    environment: Environment,
    workload: Workload,
    size: str,
    events: Events,
    forms: dict[str, list[Lane]],
    churn: Path,
    formulations: str,
) -> dict[str, Any]:
    """All that was measured, with what a reader needs to repeat it."""
    places = {str(churn): "churn", str(environment.cache.resolve()): "CACHE", str(environment.cache): "CACHE"}
    return {
        "format": FORMAT,
        "benchmark": "features",
        "workload": workload.name,
        "description": workload.words,
        "size": size,
        "order": events.order,
        "formulations": formulations,
        "cutoffs": [str(day) for day in workload.cutoffs],
        "events": {"rows": events.rows, "customers": events.customers, "bytes": events.size_in_bytes},
        **circumstances(),
        "forms": {form: [lane_record(lane, events.rows, places) for lane in lanes] for form, lanes in forms.items()},
    }


def circumstances() -> dict[str, Any]:
    """When, of what commit and where."""
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "commit": commit(),
        "machine": machine(),
        "loadAverageAtEnd": load_average(),
    }


def command_of(lane: Lane, places: dict[str, str]) -> str:
    """The command with names for the places of this machine."""
    command = " ".join(lane.command)
    for place, name in places.items():
        command = command.replace(place, name)
    return command


def lane_record(lane: Lane, rows: int, places: dict[str, str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "name": lane.contestant.name,
        "formulation": lane.contestant.formulation,
        "command": command_of(lane, places),
        "runs": [
            run.as_json() | {"secondsAfterImport": outcome.seconds_after_import}
            for run, outcome in zip(lane.runs, lane.outcomes)
        ],
    }
    if lane.failure is not None:
        return result | {"failure": lane.failure}
    wall = lane.median(lambda run: run.wallSeconds)
    return result | {
        "version": lane.outcomes[-1].version,
        "largestRelativeDifference": lane.largest_difference,
        "median": {
            "wallSeconds": wall,
            "processorSeconds": lane.median(lambda run: run.processor_seconds),
            "secondsAfterImport": median_after_import(lane),
            "peakMemoryInKilobytes": lane.median(lambda run: run.peakMemoryInKilobytes),
            "maximumResidentInKilobytes": lane.median(lambda run: run.maximumResidentInKilobytes),
            "rowsPerSecond": rows / wall,
        },
    }


def write(result: dict[str, Any], folder: Path) -> Path:
    """Writes `features-<workload>-<size>.json`.

    The order of the events is in the name where it is not by time, the formulations where they are not the fastest.
    """
    order = "" if result["order"] == "time" else f"-by-{result['order']}"
    formulations = "" if result["formulations"] == "fastest" else f"-{result['formulations']}"
    return write_json(result, folder / f"features-{result['workload']}-{result['size']}{order}{formulations}.json")


def write_json(result: dict[str, Any], file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(result, indent=2) + "\n")
    return file


def median_after_import(lane: Lane) -> float | None:
    return lane.median_outcome(lambda outcome: outcome.seconds_after_import)


FIGURES = ("", "wall s", "min-max", "CPU s", "MB", "max RSS MB", "after import s", "rows/s")
HEADINGS = (*FIGURES, "ours/its wall", "CPU", "MB")


def print_table(form: str, lanes: list[Lane], rows: int) -> None:
    """Medians of one form, and the ratio of ours to each peer's: below 1, ours is faster or smaller."""
    lines = [HEADINGS] + [line_of(lane, lanes[0], rows) for lane in lanes]
    words = {"checksums": "reduced to checksums", "table": "table written"}
    print(f"\n{words[form]}")
    print_aligned(lines)


def print_aligned(lines: Sequence[Sequence[str]]) -> None:
    """The first column to the left, the others to the right; headings first."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        print("  ".join([line[0].ljust(widths[0]), *cells]).rstrip())


def line_of(lane: Lane, ours: Lane, rows: int) -> tuple[str, ...]:
    if lane.failure is not None or not lane.runs:
        return (lane.contestant.title, "failed", *[""] * (len(HEADINGS) - 2))

    def wall(run: Measurement) -> float:
        return run.wallSeconds

    def processor(run: Measurement) -> float:
        return run.processor_seconds

    def memory(run: Measurement) -> float:
        return run.peakMemoryInKilobytes

    def ratio(figure: Any) -> str:
        if ours.contestant.name != "churn" or lane is ours or not ours.runs:
            return ""
        return f"{ours.median(figure) / max(lane.median(figure), 1e-9):.3f}"

    walls = [run.wallSeconds for run in lane.runs]
    after_import = median_after_import(lane)
    return (
        lane.contestant.title,
        f"{lane.median(wall):.2f}",
        f"{min(walls):.2f}-{max(walls):.2f}",
        f"{lane.median(processor):.2f}",
        f"{lane.median(memory) / 1e3:.0f}",
        f"{lane.median(lambda run: run.maximumResidentInKilobytes) / 1e3:.0f}",
        "" if after_import is None else f"{after_import:.2f}",
        f"{rows / lane.median(wall):,.0f}",
        ratio(wall),
        ratio(processor),
        ratio(memory),
    )
