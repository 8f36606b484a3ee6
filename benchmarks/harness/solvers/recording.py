"""What the solvers' benchmark leaves behind: tables for the terminal, and JSON with every run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.environment import BENCHMARKS
from harness.recording import FORMAT, circumstances, command_of, print_aligned, write_json
from harness.solvers.contestants import Contestants
from harness.solvers.data import Design
from harness.solvers.fits import SolverLane

HEADINGS = ("", "setting", "load s", "work s", "min-max", "CPU s", "both s", "MB")
RATIOS = ("ours/its work", "both", "MB")
VERIFIED = {
    "gradientPerRow": "gradient/row",
    "largestDifference": "difference",
    "tightGradientPerRow": "tight gradient",
    "largestTightDifference": "tight difference",
    "suboptimality": "suboptimality",
    "excessLoss": "excess loss",
    "rowsPerSecond": "rows/s",
    "heldOutLoss": "held-out loss",
}


def work_of(outcome: dict[str, Any]) -> float:
    """The seconds of the job itself: the fit, the path, or scoring."""
    return outcome["scoreSeconds"] if "scoreSeconds" in outcome else outcome["fitSeconds"]


def medians_of(lane: SolverLane) -> dict[str, float | None]:
    return {
        "loadSeconds": lane.median_outcome(lambda run: run["loadSeconds"]),
        "workSeconds": lane.median_outcome(work_of),
        "processorSeconds": lane.median_outcome(lambda run: run.get("processorSeconds")),
        "loadAndWorkSeconds": lane.median_outcome(lambda run: run["loadSeconds"] + work_of(run)),
        "wallSeconds": lane.median(lambda run: run.wallSeconds),
        "peakMemoryInKilobytes": lane.median(lambda run: run.peakMemoryInKilobytes),
    }


def run_of(outcome: dict[str, Any]) -> dict[str, Any]:
    """Of one run's output what is not a coefficient, with the work's seconds under one name."""
    kept = ("loadSeconds", "processorSeconds", "status", "iterations", "gradientNorm", "sum", "reasonSum")
    return {"workSeconds": work_of(outcome)} | {key: outcome[key] for key in kept if key in outcome}


def lane_record(lane: SolverLane, places: dict[str, str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "name": lane.contestant.name,
        "formulation": lane.contestant.formulation,
        "command": command_of(lane, places),
        "tolerance": lane.tolerance,
        "verified": lane.verified,
        "runs": [run.as_json() | run_of(outcome) for run, outcome in zip(lane.runs, lane.outcomes)],
    }
    if lane.failure is not None:
        return result | {"failure": lane.failure}
    return result | {"version": lane.outcomes[-1].get("version", ""), "median": medians_of(lane)}


def lanes_record(contestants: Contestants, design: Design, lanes: list[SolverLane]) -> dict[str, Any]:
    """The design and its lanes; the places of this machine have names."""
    places = {str(contestants.environment.cache): "CACHE", str(BENCHMARKS): "BENCHMARKS"}
    if contestants.ours is not None:
        places = {str(contestants.ours): "solver-benchmark"} | places
    size = {"rows": design.rows, "features": design.features, "bytes": design.file.stat().st_size}
    return size | {"lanes": [lane_record(lane, places) for lane in lanes]}


def write(part: str, name: str, contents: dict[str, Any], folder: Path) -> Path:
    """Writes `solvers-<part>-<name>.json`."""
    result = {"format": FORMAT, "benchmark": "solvers", "part": part} | circumstances() | contents
    return write_json(result, folder / f"solvers-{part}{f'-{name}' if name else ''}.json")


def print_lanes(lanes: list[SolverLane]) -> None:
    """Medians, what was verified, and the ratio of ours to each peer's: below 1, ours is faster or smaller."""
    verified = [key for key in VERIFIED if any(key in lane.verified for lane in lanes)]
    headings = (*HEADINGS, *RATIOS, *(VERIFIED[key] for key in verified))
    print_aligned([headings, *(line_of(lane, lanes[0], verified, len(headings)) for lane in lanes)])


def line_of(lane: SolverLane, ours: SolverLane, verified: list[str], width: int) -> tuple[str, ...]:
    checks = [f"{lane.verified[key]:.5g}" if key in lane.verified else "" for key in verified]
    if lane.failure is not None or not lane.runs:
        return (lane.contestant.title, lane.tolerance or "", "failed", *[""] * (width - 3 - len(checks)), *checks)
    median = medians_of(lane)
    base = medians_of(ours) if ours.contestant.name == "churn" and ours.failure is None and ours is not lane else None

    def ratio(key: str) -> str:
        return "" if base is None else f"{base[key] / max(median[key], 1e-9):.3f}"

    works = [work_of(outcome) for outcome in lane.outcomes]
    processor = median["processorSeconds"]
    return (
        lane.contestant.title,
        lane.tolerance or "",
        f"{median['loadSeconds']:.3f}",
        f"{median['workSeconds']:.3f}",
        f"{min(works):.3f}-{max(works):.3f}",
        "" if processor is None else f"{processor:.3f}",
        f"{median['loadAndWorkSeconds']:.3f}",
        f"{median['peakMemoryInKilobytes'] / 1e3:.0f}",
        ratio("workSeconds"),
        ratio("loadAndWorkSeconds"),
        ratio("peakMemoryInKilobytes"),
        *checks,
    )
