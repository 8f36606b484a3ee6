"""The page's part of solvers: every recorded result as charts and tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from harness.charts import Line, bar_chart, bar_of_runs, line_chart
from harness.page_elements import circumstances_of, table

Record = dict[str, Any]
PARTS = ("fit", "path", "descend", "boost", "scaling", "score")

INTRODUCTION = """
<p>The same logistic regressions on the same simulated, correlated, standardised columns. Every run is a process of its own,
started alternately with the others' on the same machine, with as many threads as the tool takes by itself. It reads an Arrow file
(glmnet: plain doubles) and then works; both times are shown, imports and compilation are in neither. Every tool works
with the loosest tolerance under which it reaches what is asked for, and that it does is verified apart, with numpy. A ratio is
ChurnKit's figure divided by the peer's.</p>
"""


def solvers_part(folder: Path) -> str:
    """The part of the page from every `solvers-*.json` in the folder."""
    records = [json.loads(file.read_text()) for file in sorted(folder.glob("solvers-*.json"))]
    records.sort(key=lambda record: (PARTS.index(record["part"]), record.get("rows", 0), record.get("features", 0)))
    sections = "\n".join(section(record) for record in records) or "<p>No results are recorded yet.</p>"
    return f'<h1 id="solvers">Solvers</h1>\n{INTRODUCTION}\n{sections}'


def section(record: Record) -> str:
    if record["part"] == "scaling":
        return scaling_section(record)
    size = f"{record['rows']:,} rows, {record['features']:,} features"
    heading, words = words_of(record)
    identifier = f"solvers-{record['part']}-{record['rows']}-{record['features']}-{record.get('alpha', '')}"
    identifier += f"epochs-{record['epochs']}" if "epochs" in record else ""
    identifier += "" if record.get("intercept", True) else "-no-intercept"
    lanes = [lane for lane in record["lanes"] if "median" in lane]
    parts = [f"<h2>{heading}: {size}</h2>", f"<p>{words}</p>", circumstances_of(record)]
    parts += charts_of(identifier, heading, lanes) if lanes else []
    parts += [table_of(lanes)] if lanes else []
    parts += [
        f"<p>{escape(title(lane))} did not end well: it {escape(lane['failure'])}.</p>"
        for lane in record["lanes"]
        if "failure" in lane
    ]
    return "\n".join(parts)


def words_of(record: Record) -> tuple[str, str]:
    if record["part"] == "fit":
        return "L2", "Sum of losses and half the sum of squares (C = 1), to a gradient of 10<sup>-6</sup> per row."
    if record["part"] == "descend":
        times = "once" if record["epochs"] == 1 else f"{record['epochs']} times"
        words = f"Through all rows {times}, at the learning rate that leaves the lowest loss of held-out rows."
        return f"Stochastic descent, {times}", words
    if record["part"] == "boost":
        words = f"{record['rounds']} rounds of six levels, 256 bins, {record['threads']} thread(s); making the bins is work, not loading."
        return "Boosted trees", words
    if record["part"] == "score":
        return "Probabilities", "One probability a row, with the same coefficients."
    intercept = "with" if record["intercept"] else "without"
    words = f"100 lambdas down to {record['ratio']:g} of the first, {intercept} an intercept, to 10<sup>-6</sup> of the optimum."
    return f"Path, alpha {record['alpha']:g}", words


def charts_of(identifier: str, heading: str, lanes: list[Record]) -> list[str]:
    figures: list[tuple[str, Callable[[Record], float], Callable[[float], str]]] = [
        ("Time without loading", lambda run: run["workSeconds"], lambda value: f"{value:.3g} s"),
        ("Time with loading", lambda run: run["loadSeconds"] + run["workSeconds"], lambda value: f"{value:.3g} s"),
        ("Peak memory", lambda run: run["peakMemoryInKilobytes"], lambda value: f"{value / 1e3:,.0f} MB"),
    ]
    parts = []
    for place, (name, figure, unit) in enumerate(figures):
        bars = [
            bar_of_runs(title(lane), [figure(run) for run in lane["runs"]], unit, lane["name"] == "churn") for lane in lanes
        ]
        description = "; ".join(f"{bar.label} {bar.words}" for bar in bars)
        chart = bar_chart(f"{identifier}-{place}", f"{heading}: {name.lower()}", description, bars)
        parts.append(f"<h4>{name}</h4>\n<figure>{chart}</figure>")
    return parts


def table_of(lanes: list[Record]) -> str:
    headings = ["", "load s", "work s", "both s", "processor s", "memory MB", "work ratio", "ratio of both", "memory ratio"]
    headings += ["tolerance", "verified", "version"]
    ours = lanes[0]["median"] if lanes[0]["name"] == "churn" else None
    caption = f"Medians of {len(lanes[0]['runs'])} runs; ratios are ChurnKit's figure / the peer's"
    return table(caption, headings, [cells(lane, ours) for lane in lanes])


def cells(lane: Record, ours: Record | None) -> list[str]:
    median = lane["median"]

    def ratio(key: str) -> str:
        return "" if ours is None or median is ours or not median[key] else f"{ours[key] / median[key]:.3f}"

    processor = median["processorSeconds"]
    return [
        title(lane),
        f"{median['loadSeconds']:.3f}",
        f"{median['workSeconds']:.3f}",
        f"{median['loadAndWorkSeconds']:.3f}",
        "" if processor is None else f"{processor:.3f}",
        f"{median['peakMemoryInKilobytes'] / 1e3:,.0f}",
        *(ratio(key) for key in ("workSeconds", "loadAndWorkSeconds", "peakMemoryInKilobytes")),
        lane["tolerance"] or "",
        "; ".join(f"{WORDS[key]} {value:.5g}" for key, value in lane["verified"].items()),
        lane["version"],
    ]


WORDS = {
    "gradientPerRow": "gradient per row",
    "largestDifference": "difference",
    "tightGradientPerRow": "tight gradient",
    "largestTightDifference": "tight difference",
    "heldOutLoss": "loss of held-out rows",
    "excessLoss": "held-out loss above the optimum's, relative",
    "rowsPerSecond": "rows a second",
    "suboptimality": "suboptimality",
}


def scaling_section(record: Record) -> str:
    """Time of the fit against the number of columns, and of rows."""
    rows, features = record["rowsOfWidths"], record["featuresOfLengths"]
    parts = ["<h2>L2 against size</h2>", circumstances_of(record)]
    for key, fixed, size, words in (
        ("features", "rows", rows, f"features, at {rows:,} rows"),
        ("rows", "features", features, f"rows, at {features:,} features"),
    ):
        entries = sorted((entry for entry in record["sizes"] if entry[fixed] == size), key=lambda entry: entry[key])
        lines = lines_of(entries, key)
        if len(entries) > 1 and lines:
            name = f"Seconds of the fit against {words}"
            description = "; ".join(f"{line.label} {', '.join(f'{y:.3g} s' for _, y in line.points)}" for line in lines)
            chart = line_chart(f"solvers-scaling-{key}", name, description, lines)
            parts.append(f"<h4>{name}</h4>\n<figure>{chart}</figure>")
            parts.append(table(name, ["", *(f"{entry[key]:,}" for entry in entries)], rows_of(lines, entries, key)))
    return "\n".join(parts)


def lines_of(entries: list[Record], key: str) -> list[Line]:
    points: dict[tuple[str, bool], list[tuple[float, float]]] = {}
    for entry in entries:
        for lane in entry["lanes"]:
            if "median" in lane:
                of_lane = points.setdefault((title(lane), lane["name"] == "churn"), [])
                of_lane.append((entry[key], lane["median"]["workSeconds"]))
    return [Line(label, found, is_ours) for (label, is_ours), found in points.items()]


def rows_of(lines: list[Line], entries: list[Record], key: str) -> list[list[str]]:
    found = {line.label: dict(line.points) for line in lines}
    return [
        [label, *(f"{points[entry[key]]:.3f}" if entry[key] in points else "" for entry in entries)]
        for label, points in found.items()
    ]


def title(lane: Record) -> str:
    name = "ChurnKit" if lane["name"] == "churn" else lane["name"]
    return f"{name} ({lane['formulation']})" if lane["formulation"] else name
