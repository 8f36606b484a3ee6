"""The features in polars, lazy and on the streaming engine. A table is written as Arrow IPC, faster than Parquet.

One cutoff (the times of all are in benchmarks/README.md):

- `split-strings`: the events as a frame; the history from purchases alone, the windows from recent events alone.
- `split-categories`: the same, with customers coded as categories first.
- `split-lazy`: the same as one lazy query from the file, without a frame between.
- `filtered`: one aggregation of all events by customer with filtered expressions.
- `rings-strings`, `rings-categories`: the windows by an aggregation by customer, type and window ring, then a small one
  that adds the rings up.

Several cutoffs:

- `union`: `split-categories` for each cutoff, concatenated; `one-by-one` collects each on its own.
- `rings-union`: `rings-categories` for each cutoff, concatenated.
- `split-union`: the windows of each cutoff, concatenated; the history by running totals and one ASOF join.
- `rings-join`: the events joined with the cutoffs and aggregated to rings; the history as in `split-union`.
- `asof`: running sums over each customer's events, an ASOF join for each edge of a window.

Times are read as text and parsed with their format, which takes a fifth of the time of a schema with Datetime. Within
a customer the rows of the file are in order of time, and polars keeps that order in groups; this is relied upon.
"""

from __future__ import annotations

import warnings
from datetime import date, datetime, time, timedelta

import polars as pl

from harness.workload import AMOUNT_TYPES, EVENT_TYPES, WINDOWS, feature_names
from peers.request import Checksums, Request, answer

SCHEMA: dict[str, type[pl.DataType] | pl.DataType] = {
    "customer": pl.String,
    "time": pl.String,
    "type": pl.Enum(EVENT_TYPES),
    "amount": pl.Float64,
}
RAW = [name for name in feature_names() if "_count_" in name or "_sum_" in name]
PURCHASE = pl.col("type") == "purchase"


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def scan(request: Request) -> pl.LazyFrame:
    """The events that some cutoff needs: without a purchase only as far back as the longest window of the first one."""
    earliest = midnight(request.cutoffs[0]) - request.longest_window
    time_of_event = pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")
    return (
        pl.scan_csv(request.events, schema=SCHEMA)
        .with_columns(time_of_event)
        .filter(pl.col("time") < midnight(request.last_cutoff), PURCHASE | (pl.col("time") >= earliest))
    )


def load(request: Request, categories: bool = True) -> pl.LazyFrame:
    """The events as a frame in memory; customers as categories, so that grouping and joining work on codes."""
    events = scan(request)
    if categories:
        events = events.with_columns(pl.col("customer").cast(pl.Categorical))
    return events.collect(engine="streaming").lazy()


def window_aggregates(cutoff: datetime | pl.Expr) -> list[pl.Expr]:
    """Counts and sums of the windows, as aggregates over events before the cutoff."""
    terms = []
    for days in WINDOWS:
        inside = pl.col("time") >= cutoff - timedelta(days=days)
        for kind in EVENT_TYPES:
            terms.append(((pl.col("type") == kind) & inside).sum().alias(f"{kind}_count_{days}d"))
        for kind in AMOUNT_TYPES:
            amounts = pl.col("amount").filter((pl.col("type") == kind) & inside)
            terms.append(amounts.sum().alias(f"{kind}_sum_{days}d"))
    return terms


def derived() -> list[pl.Expr]:
    """The features of one example from its totals, in their order behind `customer` and `cutoff`."""
    gaps = pl.col("purchases").cast(pl.Int64) - 1
    span = (pl.col("last_day") - pl.col("first_day")).dt.total_days()
    recency = (pl.col("cutoff") - pl.col("last_day")).dt.total_days()
    tenure = (pl.col("cutoff") - pl.col("first_day")).dt.total_days()
    squares = (gaps * pl.col("squared_gaps") - span * span).cast(pl.Float64)
    means = [
        pl.when(pl.col(f"purchase_count_{days}d") > 0)
        .then(pl.col(f"purchase_sum_{days}d") / pl.col(f"purchase_count_{days}d"))
        .otherwise(0.0)
        .alias(f"purchase_mean_{days}d")
        for days in WINDOWS
    ]
    return [
        *(pl.col(name) for name in RAW),
        *means,
        recency.alias("recency"),
        tenure.alias("tenure"),
        pl.when(gaps > 0).then(span / gaps).otherwise(recency.cast(pl.Float64)).alias("gap_mean"),
        pl.when(gaps > 1).then(squares.sqrt() / gaps).otherwise(0.0).alias("gap_std"),
    ]


def finish(request: Request, totals: pl.LazyFrame) -> Checksums | None:
    """The feature table from one row of totals for each customer and cutoff: written, or reduced to sums by cutoff."""
    table = totals.select(pl.col("customer").cast(pl.String), "cutoff", *derived())
    if request.table:
        table.sink_ipc(request.table, compression="uncompressed", engine="streaming")
        return None
    sums = [pl.col(name).sum() for name in feature_names()]
    result = table.group_by("cutoff").agg(pl.len().alias("examples"), *sums).collect(engine="streaming")
    return Checksums.of_rows(result.iter_rows(named=True))


def history_of(purchases: pl.LazyFrame, cutoff: date) -> pl.LazyFrame:
    days = pl.col("days")
    squares = days.list.diff().list.eval(pl.element() * pl.element())
    return (
        purchases.group_by("customer")
        .agg(pl.col("time").dt.date().cast(pl.Int64).alias("days"))
        .select(
            "customer",
            pl.lit(cutoff).alias("cutoff"),
            days.list.len().alias("purchases"),
            days.list.first().cast(pl.Date).alias("first_day"),
            days.list.last().cast(pl.Date).alias("last_day"),
            squares.list.sum().alias("squared_gaps"),
        )
    )


def split_at(events: pl.LazyFrame, cutoff: date, longest: timedelta) -> pl.LazyFrame:
    at = midnight(cutoff)
    before = events.filter(pl.col("time") < at)
    history = history_of(before.filter(PURCHASE), cutoff)
    recent = before.filter(pl.col("time") >= at - longest).group_by("customer").agg(window_aggregates(at))
    return history.join(recent, on="customer", how="left").with_columns(pl.col(RAW).fill_null(0))


def split_categories(request: Request) -> Checksums | None:
    return finish(request, split_at(load(request), request.last_cutoff, request.longest_window))


def split_strings(request: Request) -> Checksums | None:
    return finish(request, split_at(load(request, categories=False), request.last_cutoff, request.longest_window))


def split_lazy(request: Request) -> Checksums | None:
    return finish(request, split_at(scan(request), request.last_cutoff, request.longest_window))


def filtered(request: Request) -> Checksums | None:
    day = pl.col("time").filter(PURCHASE).dt.date()
    gap = day.cast(pl.Int32).diff().cast(pl.Int64)
    totals = scan(request).group_by("customer").agg(
        PURCHASE.sum().alias("purchases"),
        day.min().alias("first_day"),
        day.max().alias("last_day"),
        (gap * gap).sum().alias("squared_gaps"),
        *window_aggregates(midnight(request.last_cutoff)),
    )
    totals = totals.filter(pl.col("purchases") > 0).with_columns(pl.lit(request.last_cutoff).alias("cutoff"))
    return finish(request, totals)


def ring_of(cutoff: datetime | pl.Expr) -> pl.Expr:
    ring = pl.lit(max(WINDOWS), dtype=pl.Int16)
    for days in sorted(WINDOWS, reverse=True)[1:]:
        inside = pl.col("time") >= cutoff - timedelta(days=days)
        ring = pl.when(inside).then(pl.lit(days, dtype=pl.Int16)).otherwise(ring)
    return ring.alias("ring")


def sums_of_rings() -> list[pl.Expr]:
    terms = []
    for days in WINDOWS:
        for kind in EVENT_TYPES:
            inside = (pl.col("type") == kind) & (pl.col("ring") <= days)
            terms.append(pl.col("events").filter(inside).sum().alias(f"{kind}_count_{days}d"))
            if kind in AMOUNT_TYPES:
                terms.append(pl.col("amount").filter(inside).sum().alias(f"{kind}_sum_{days}d"))
    return terms


def rings_at(events: pl.LazyFrame, cutoff: date, longest: timedelta) -> pl.LazyFrame:
    at = midnight(cutoff)
    before = events.filter(pl.col("time") < at)
    recent = (
        before.filter(pl.col("time") >= at - longest)
        .group_by("customer", "type", ring_of(at))
        .agg(pl.len().alias("events"), pl.col("amount").sum())
        .group_by("customer")
        .agg(sums_of_rings())
    )
    history = history_of(before.filter(PURCHASE), cutoff)
    return history.join(recent, on="customer", how="left").with_columns(pl.col(RAW).fill_null(0))


def rings_categories(request: Request) -> Checksums | None:
    return finish(request, rings_at(load(request), request.last_cutoff, request.longest_window))


def rings_strings(request: Request) -> Checksums | None:
    return finish(request, rings_at(load(request, categories=False), request.last_cutoff, request.longest_window))


def rings_union(request: Request) -> Checksums | None:
    events = load(request)
    return finish(request, pl.concat([rings_at(events, day, request.longest_window) for day in request.cutoffs]))


def union(request: Request) -> Checksums | None:
    events = load(request)
    return finish(request, pl.concat([split_at(events, day, request.longest_window) for day in request.cutoffs]))


def one_by_one(request: Request) -> Checksums | None:
    """As `union`, but each cutoff is collected on its own, which keeps one cutoff's frame in memory at a time."""
    events = load(request)
    tables = []
    for day in request.cutoffs:
        table = split_at(events, day, request.longest_window)
        if request.table is None:
            sums = [pl.col(name).sum() for name in feature_names()]
            table = table.select("customer", "cutoff", *derived()).group_by("cutoff").agg(
                pl.len().alias("examples"), *sums
            )
        tables.append(table.collect(engine="streaming"))
    if request.table is None:
        return Checksums.of_rows(pl.concat(tables).iter_rows(named=True))
    return finish(request, pl.concat(tables).lazy())


def with_gaps(events: pl.LazyFrame) -> pl.LazyFrame:
    """The purchases, each with the running totals of its customer up to it, in order of time."""
    day = pl.col("time").dt.date()
    gap = day.cast(pl.Int64).diff().fill_null(0)
    return events.filter(PURCHASE).select(
        "customer",
        "time",
        pl.int_range(1, pl.len() + 1).over("customer").alias("purchases"),
        (gap * gap).cum_sum().over("customer").alias("squared_gaps"),
        day.first().over("customer").alias("first_day"),
        day.alias("last_day"),
    )


def examples(events: pl.LazyFrame, request: Request) -> pl.LazyFrame:
    cutoffs = pl.LazyFrame({"observed": [midnight(day) for day in request.cutoffs]})
    firsts = events.filter(PURCHASE).group_by("customer").agg(pl.col("time").min().alias("first"))
    return firsts.join(cutoffs, how="cross").filter(pl.col("first") < pl.col("observed")).drop("first")


def history_at(events: pl.LazyFrame, request: Request) -> pl.LazyFrame:
    """Of each example, the purchases before its cutoff: running totals and one ASOF join."""
    history = examples(events, request).sort("observed").join_asof(
        with_gaps(events),
        left_on="observed",
        right_on="time",
        by="customer",
        strategy="backward",
        allow_exact_matches=False,
    )
    return history.with_columns(pl.col("observed").dt.date().alias("cutoff"))


def with_history(events: pl.LazyFrame, request: Request, recent: pl.LazyFrame) -> Checksums | None:
    """The features from the windows' counts and sums, joined to the history of each example."""
    history = history_at(events, request).collect(engine="streaming").lazy()
    totals = history.join(recent, on=["customer", "observed"], how="left").with_columns(pl.col(RAW).fill_null(0))
    return finish(request, totals)


def split_union(request: Request) -> Checksums | None:
    events = load(request)
    parts = []
    for day in request.cutoffs:
        at = midnight(day)
        inside = events.filter(pl.col("time") < at, pl.col("time") >= at - request.longest_window)
        parts.append(inside.group_by("customer").agg(window_aggregates(at)).with_columns(pl.lit(at).alias("observed")))
    return with_history(events, request, pl.concat(parts))


def rings_join(request: Request) -> Checksums | None:
    events = load(request)
    cutoffs = pl.LazyFrame({"observed": [midnight(day) for day in request.cutoffs]})
    recent = (
        events.join(cutoffs, how="cross")
        .filter(
            pl.col("time") < pl.col("observed"),
            pl.col("time") >= pl.col("observed") - request.longest_window,
        )
        .group_by("customer", "observed", "type", ring_of(pl.col("observed")))
        .agg(pl.len().alias("events"), pl.col("amount").sum())
        .group_by("customer", "observed")
        .agg(sums_of_rings())
    )
    return with_history(events, request, recent)


def asof(request: Request) -> Checksums | None:
    events = load(request)
    running = [(pl.col("type") == kind).cum_sum().over("customer").alias(f"{kind}_count") for kind in EVENT_TYPES]
    running += [
        pl.when(pl.col("type") == kind).then(pl.col("amount").fill_null(0)).otherwise(0.0)
        .cum_sum().over("customer").alias(f"{kind}_sum")
        for kind in AMOUNT_TYPES
    ]
    totals = [f"{kind}_count" for kind in EVENT_TYPES] + [f"{kind}_sum" for kind in AMOUNT_TYPES]
    prefix = events.select("customer", "time", *running).collect(engine="streaming").lazy()
    table = history_at(events, request).collect(engine="streaming").lazy()
    for days in (0, *WINDOWS):
        table = table.with_columns((pl.col("observed") - timedelta(days=days)).alias("edge")).join_asof(
            prefix.rename({name: f"{name}_{days}" for name in totals}).rename({"time": f"time_{days}"}),
            left_on="edge",
            right_on=f"time_{days}",
            by="customer",
            strategy="backward",
            allow_exact_matches=False,
        )
    windows = [
        (pl.col(f"{name}_0").fill_null(0) - pl.col(f"{name}_{days}").fill_null(0)).alias(f"{name}_{days}d")
        for name in totals
        for days in WINDOWS
    ]
    return finish(request, table.with_columns(windows))


FORMULATIONS = {
    "split-strings": split_strings,
    "split-categories": split_categories,
    "split-lazy": split_lazy,
    "filtered": filtered,
    "rings-strings": rings_strings,
    "rings-categories": rings_categories,
    "rings-union": rings_union,
    "union": union,
    "one-by-one": one_by_one,
    "split-union": split_union,
    "rings-join": rings_join,
    "asof": asof,
}

if __name__ == "__main__":
    warnings.filterwarnings("ignore", message="Sortedness of columns cannot be checked")
    answer("polars", pl.__version__, FORMULATIONS)
