"""The features in featuretools, at a size that it survives.

One dataframe of customers, one of events and one of purchases; conditional primitives of the library for the windows,
and four primitives of its kind for the history, which it has in seconds or not at all. One call for each window.
"""

from __future__ import annotations

from datetime import date

import featuretools as ft
import numpy as np
import pandas as pd
from featuretools.primitives import AggregationPrimitive, Count, Mean, Sum
from woodwork.column_schema import ColumnSchema
from woodwork.logical_types import Categorical, Datetime, Double

from harness.workload import AMOUNT_TYPES, EVENT_TYPES, WINDOWS, feature_names
from peers.request import Checksums, Request, answer


def days_of(times: pd.Series) -> np.ndarray:
    return np.sort(times.to_numpy().astype("datetime64[D]").astype(np.int64))


class HistoryPrimitive(AggregationPrimitive):
    """A figure of the days of a customer's purchases up to the cutoff."""

    input_types = [ColumnSchema(logical_type=Datetime, semantic_tags={"time_index"})]
    return_type = ColumnSchema(logical_type=Double, semantic_tags={"numeric"})
    uses_calc_time = True

    def figure(self, days: np.ndarray, cutoff: int) -> float:
        raise NotImplementedError

    def get_function(self):  # noqa: ANN201
        def compute(times: pd.Series, time: pd.Timestamp) -> float:
            return self.figure(days_of(times), int(np.datetime64(time, "D").astype(np.int64)))

        return compute


class Recency(HistoryPrimitive):
    name = "recency"

    def figure(self, days: np.ndarray, cutoff: int) -> float:
        return float(cutoff - days[-1])


class Tenure(HistoryPrimitive):
    name = "tenure"

    def figure(self, days: np.ndarray, cutoff: int) -> float:
        return float(cutoff - days[0])


class GapMean(HistoryPrimitive):
    name = "gap_mean"

    def figure(self, days: np.ndarray, cutoff: int) -> float:
        return float(np.diff(days).mean()) if len(days) > 1 else float(cutoff - days[-1])


class GapDeviation(HistoryPrimitive):
    name = "gap_std"

    def figure(self, days: np.ndarray, cutoff: int) -> float:
        return float(np.diff(days).std()) if len(days) > 1 else 0.0


def entities(request: Request) -> ft.EntitySet:
    events = pd.read_csv(request.events, engine="pyarrow", parse_dates=["time"], date_format="%Y-%m-%d %H:%M:%S")
    events = events[events["time"] < pd.Timestamp(request.last_cutoff)]
    purchases = events[events["type"] == "purchase"][["customer", "time"]]
    log = ft.EntitySet("log")
    log.add_dataframe(pd.DataFrame({"customer": events["customer"].unique()}), "customers", index="customer")
    for name, frame in (("events", events), ("purchases", purchases)):
        types = {"type": Categorical, "amount": Double, "time": Datetime}
        log.add_dataframe(
            frame.reset_index(drop=True),
            name,
            index="row",
            make_index=True,
            time_index="time",
            logical_types={column: kind for column, kind in types.items() if column in frame},
        )
        log.add_relationship("customers", "customer", name, "customer")
    return log


def window_features(log: ft.EntitySet) -> dict[str, ft.FeatureBase]:
    """The features of one window, by their names without its length."""
    events = log["events"].ww
    row, amount, kind = ft.Feature(events["row"]), ft.Feature(events["amount"]), ft.Feature(events["type"])

    def of(base: ft.FeatureBase, primitive: type[AggregationPrimitive], name: str) -> ft.FeatureBase:
        return ft.Feature(base, parent_dataframe_name="customers", primitive=primitive, where=kind == name)

    features = {f"{name}_count": of(row, Count, name) for name in EVENT_TYPES}
    features |= {f"{name}_sum": of(amount, Sum, name) for name in AMOUNT_TYPES}
    return features | {"purchase_mean": of(amount, Mean, "purchase")}


def table_at(log: ft.EntitySet, cutoff: date) -> pd.DataFrame:
    at = pd.Timestamp(cutoff)
    purchases = log["purchases"]
    known = purchases.loc[purchases["time"] < at, "customer"].unique()
    cutoffs = pd.DataFrame({"customer": known, "time": at})

    def matrix(features: dict[str, ft.FeatureBase], window: str | None) -> pd.DataFrame:
        values = ft.calculate_feature_matrix(
            list(features.values()),
            entityset=log,
            cutoff_time=cutoffs,
            training_window=window,
            # By default it would take events at the cutoff itself for the past.
            include_cutoff_time=False,
        )
        names = {feature.get_name(): name for name, feature in features.items()}
        return values.rename(columns=names)[list(features)].astype("float64").fillna(0.0)

    time = ft.Feature(purchases.ww["time"])
    history = {
        primitive.name: ft.Feature(time, parent_dataframe_name="customers", primitive=primitive)
        for primitive in (Recency, Tenure, GapMean, GapDeviation)
    }
    parts = [matrix(history, None)]
    for days in WINDOWS:
        part = matrix(window_features(log), f"{days} days")
        parts.append(part.rename(columns=lambda name: f"{name}_{days}d"))  # noqa: B023
    table = pd.concat(parts, axis=1)[feature_names()]
    table.insert(0, "cutoff", at)
    return table


def dfs(request: Request) -> Checksums | None:
    log = entities(request)
    tables = [table_at(log, cutoff) for cutoff in request.cutoffs]
    if request.table:
        pd.concat(tables).reset_index(names="customer").to_parquet(request.table, index=False)
        return None
    return Checksums.of_rows(
        {"cutoff": table["cutoff"].iloc[0], "examples": len(table), **table[feature_names()].sum()} for table in tables
    )


FORMULATIONS = {"conditional": dfs}

if __name__ == "__main__":
    answer("featuretools", ft.__version__, FORMULATIONS)
