"""The page's part of windowed features: every recorded result as charts and tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from harness.charts import Bar, bar_chart, bar_of_runs
from harness.page_elements import circumstances_of, table

Record = dict[str, Any]
FORMS = {"checksums": "Reduced to checksums", "table": "Table written"}

INTRODUCTION = """
<p>The same 44 features are computed from one CSV file of events (<code>customer,time,type,amount</code>): counts of five
types of event and sums of purchases and returns in the last 7, 30, 90, 180 and 365 days before a cutoff, the mean purchase
in each window, days since the first and the last purchase, mean and standard deviation of the days between purchases.
There is one row for every customer with a purchase before the cutoff.</p>
<p>Every run is a process of its own, started alternately with the others' on the same machine, and may use all
processors. Wall time includes starting the process and, for the peers, Python and its imports. The file is in the page
cache. Memory is what a process keeps for itself (RssAnon + RssShmem, sampled every 10 ms). Bars are medians, the thin
lines span the fastest and the slowest run. All values were compared: whole numbers are equal, others agree within
10<sup>-9</sup> relative. A ratio is ChurnKit's figure divided by the peer's.</p>
<p class="quiet">Seconds say as much about the machine as about the tools; compare ratios.</p>
"""


def features_part(folder: Path) -> str:
    """The part of the page from every `features-*.json` in the folder."""
    records = [json.loads(file.read_text()) for file in sorted(folder.glob("features-*.json"))]
    records.sort(key=lambda record: (record["workload"], record["events"]["rows"], record["order"], formulations_of(record)))
    sections = "\n".join(section(record) for record in records) or "<p>No results are recorded yet.</p>"
    return f'<h1 id="features">Windowed features</h1>\n{INTRODUCTION}\n{sections}'


def section(record: Record) -> str:
    events = record["events"]
    order = "" if record["order"] == "time" else f", rows by {record['order']}"
    formulations = {"filtered": ", filtered aggregates", "all": ", all formulations"}.get(formulations_of(record), "")
    parts = [
        f"<h2>{escape(record['workload'].upper())}, {escape(record['size'])} events{formulations}</h2>",
        f"<p>{escape(record['description'])}. {events['rows']:,} events of {events['customers']:,} customers, "
        f"{events['bytes'] / 1e6:,.0f} MB{order}.</p>",
        circumstances_of(record),
    ]
    identifier = f"{record['workload']}-{record['size']}-{record['order']}-{formulations_of(record)}"
    for form, words in FORMS.items():
        lanes = [lane for lane in record["forms"].get(form, []) if "median" in lane]
        if lanes:
            parts.append(form_of(f"{identifier}-{form}", words, lanes))
    failed = [(form, lane) for form in FORMS for lane in record["forms"].get(form, []) if "failure" in lane]
    parts += [
        f"<p>{escape(title(lane))} did not end well ({FORMS[form].lower()}): {escape(lane['failure'])}.</p>"
        for form, lane in failed
    ]
    return "\n".join(parts)


def formulations_of(record: Record) -> str:
    """Which formulations took part; older records are of the fastest."""
    return record.get("formulations", "fastest")


def form_of(identifier: str, words: str, lanes: list[Record]) -> str:
    def seconds(value: float) -> str:
        return f"{value:.2f} s"

    def megabytes(value: float) -> str:
        return f"{value / 1e3:,.0f} MB"

    runs = len(lanes[0]["runs"])
    figures: list[tuple[str, Callable[[Record], float], Callable[[float], str]]] = [
        ("Wall time", lambda run: run["wallSeconds"], seconds),
        ("Processor time", lambda run: run["userSeconds"] + run["systemSeconds"], seconds),
        ("Peak memory", lambda run: run["peakMemoryInKilobytes"], megabytes),
    ]
    parts = [f"<h3>{words}</h3>"]
    for place, (name, figure, unit) in enumerate(figures):
        bars = [bar_of(lane, figure, unit) for lane in lanes]
        description = "; ".join(f"{bar.label} {bar.words}" for bar in bars)
        chart = bar_chart(f"{identifier}-{place}", f"{words}: {name.lower()}", description, bars)
        parts.append(f"<h4>{name}</h4>\n<figure>{chart}</figure>")
    return "\n".join([*parts, table_of(lanes, runs)])


def bar_of(lane: Record, figure: Callable[[Record], float], unit: Callable[[float], str]) -> Bar:
    return bar_of_runs(title(lane), [figure(run) for run in lane["runs"]], unit, lane["name"] == "churn")


def table_of(lanes: list[Record], runs: int) -> str:
    headings = ["", "wall s", "min to max", "processor s", "after import s", "rows/s", "memory MB", "largest resident MB"]
    headings += ["wall ratio", "processor ratio", "memory ratio", "largest difference", "version"]
    ours = lanes[0]["median"] if lanes[0]["name"] == "churn" else None
    caption = f"Medians of {runs} run{'' if runs == 1 else 's'}; ratios are ChurnKit's figure / the peer's"
    return table(caption, headings, [cells(lane, ours) for lane in lanes])


def cells(lane: Record, ours: Record | None) -> list[str]:
    median = lane["median"]
    walls = [run["wallSeconds"] for run in lane["runs"]]
    after_import, difference = median["secondsAfterImport"], lane["largestRelativeDifference"]

    def ratio(key: str) -> str:
        if ours is None or median is ours or not median[key]:
            return ""
        return f"{ours[key] / median[key]:.3f}"

    return [
        title(lane),
        f"{median['wallSeconds']:.2f}",
        f"{min(walls):.2f} to {max(walls):.2f}",
        f"{median['processorSeconds']:.2f}",
        "" if after_import is None else f"{after_import:.2f}",
        f"{median['rowsPerSecond']:,.0f}",
        f"{median['peakMemoryInKilobytes'] / 1e3:,.0f}",
        f"{median['maximumResidentInKilobytes'] / 1e3:,.0f}",
        ratio("wallSeconds"),
        ratio("processorSeconds"),
        ratio("peakMemoryInKilobytes"),
        "" if difference is None else f"{difference:.1e}",
        lane["version"],
    ]


def title(lane: Record) -> str:
    name = "ChurnKit" if lane["name"] == "churn" else lane["name"]
    return f"{name} ({lane['formulation']})" if lane["formulation"] else name
