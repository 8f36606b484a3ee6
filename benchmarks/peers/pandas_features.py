"""The features in pandas, read by the pyarrow engine. pandas computes on one processor.

- `group-by`: for each event type and window, the rows of it grouped by customer.
- `rings`: one aggregation by customer, type and window ring, turned to columns and added up from ring to ring.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from harness.workload import AMOUNT_TYPES, EVENT_TYPES, WINDOWS, feature_names
from peers.request import Checksums, Request, answer


def read(request: Request) -> pd.DataFrame:
    """The events in order of time; customers as categories, so that grouping works on codes."""
    events = pd.read_csv(
        request.events,
        engine="pyarrow",
        dtype={"customer": "category", "type": pd.CategoricalDtype(list(EVENT_TYPES)), "amount": "float64"},
        parse_dates=["time"],
        date_format="%Y-%m-%d %H:%M:%S",
    )
    events = events[events["time"] < pd.Timestamp(request.last_cutoff)]
    return events if events["time"].is_monotonic_increasing else events.sort_values("time", kind="stable")


def history(purchases: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Of each customer with a purchase: recency, tenure and gaps, in days."""
    days = pd.DataFrame({"customer": purchases["customer"], "day": purchases["time"].dt.normalize()})
    days["gap"] = days.groupby("customer", observed=True)["day"].diff().dt.days
    grouped = days.groupby("customer", observed=True)
    first, last, gaps = grouped["day"].min(), grouped["day"].max(), grouped["gap"]
    recency = (cutoff - last).dt.days
    return pd.DataFrame(
        {
            "recency": recency,
            "tenure": (cutoff - first).dt.days,
            "gap_mean": gaps.mean().fillna(recency),
            "gap_std": gaps.std(ddof=0).fillna(0.0),
        }
    )


def means(features: pd.DataFrame) -> dict[str, pd.Series]:
    result = {}
    for days in WINDOWS:
        count = features[f"purchase_count_{days}d"]
        result[f"purchase_mean_{days}d"] = (features[f"purchase_sum_{days}d"] / count.where(count > 0)).fillna(0.0)
    return result


def windows_by_group(events: pd.DataFrame, cutoff: pd.Timestamp) -> dict[str, pd.Series]:
    columns = {}
    recent = events[events["time"] >= cutoff - pd.Timedelta(days=max(WINDOWS))]
    for kind in EVENT_TYPES:
        of_kind = recent[recent["type"] == kind]
        for days in sorted(WINDOWS, reverse=True):
            of_kind = of_kind[of_kind["time"] >= cutoff - pd.Timedelta(days=days)]
            grouped = of_kind.groupby("customer", observed=True)
            columns[f"{kind}_count_{days}d"] = grouped.size()
            if kind in AMOUNT_TYPES:
                columns[f"{kind}_sum_{days}d"] = grouped["amount"].sum()
    return columns


def windows_by_ring(events: pd.DataFrame, cutoff: pd.Timestamp) -> dict[str, pd.Series]:
    recent = events[events["time"] >= cutoff - pd.Timedelta(days=max(WINDOWS))]
    edges = [cutoff - pd.Timedelta(days=days) for days in reversed(WINDOWS)]
    ring = len(WINDOWS) - np.searchsorted(np.array(edges, dtype=recent["time"].dtype), recent["time"], side="right")
    grouped = recent.assign(ring=ring).groupby(["customer", "type", "ring"], observed=True)["amount"]
    columns = {}
    for word, totals in (("count", grouped.size()), ("sum", grouped.sum())):
        wide = totals.unstack(["type", "ring"], fill_value=0)
        for kind in EVENT_TYPES if word == "count" else AMOUNT_TYPES:
            running = wide[kind].reindex(columns=range(len(WINDOWS)), fill_value=0).cumsum(axis=1)
            for place, days in enumerate(WINDOWS):
                columns[f"{kind}_{word}_{days}d"] = running[place]
    return columns


def table_at(events: pd.DataFrame, cutoff: date, windows) -> pd.DataFrame:  # noqa: ANN001
    at = pd.Timestamp(cutoff)
    before = events[events["time"] < at]
    features = history(before[before["type"] == "purchase"], at)
    columns = {name: values.reindex(features.index).fillna(0) for name, values in windows(before, at).items()}
    features = pd.concat([features, pd.DataFrame(columns, index=features.index)], axis=1)
    features = features.assign(**means(features))[feature_names()]
    features.insert(0, "cutoff", at)
    return features


def compute(request: Request, windows) -> Checksums | None:  # noqa: ANN001
    events = read(request)
    tables = (table_at(events, cutoff, windows) for cutoff in request.cutoffs)
    if request.table:
        pd.concat(tables).astype({"cutoff": "datetime64[s]"}).reset_index().to_parquet(request.table, index=False)
        return None
    return Checksums.of_rows(
        {"cutoff": table["cutoff"].iloc[0], "examples": len(table), **table[feature_names()].sum()} for table in tables
    )


FORMULATIONS = {
    "group-by": lambda request: compute(request, windows_by_group),
    "rings": lambda request: compute(request, windows_by_ring),
}

if __name__ == "__main__":
    answer("pandas", pd.__version__, FORMULATIONS)
