"""The features in polars, lazy and on the streaming engine. A table is written as Parquet, with polars' own settings.

Formulations, the first of those for a workload being the one that counts (see benchmarks/README.md for their times):

- `split`: history from the purchases alone, windows from the events of the longest window alone. One cutoff.
- `filtered`: one aggregation of all events by customer with filtered expressions. One cutoff.
- `rings`: first an aggregation by customer, type and window ring, then a small one that adds the rings up. One cutoff.
- `union`: the events as a frame, `split` for each cutoff, concatenated.
- `rings-join`: the events joined with the cutoffs, aggregated to rings; the history by running sums and one ASOF join.
- `asof`: running sums over each customer's events, an ASOF join for each edge of a window.

Within a customer the rows of the file are in order of time, and `diff` relies on it, as polars keeps the order of rows
within a group and a scan keeps that of the file.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import polars as pl

from harness.workload import AMOUNT_TYPES, EVENT_TYPES, WINDOWS, feature_names
from peers.request import Checksums, Request, answer

SCHEMA = {"customer": pl.String, "time": pl.Datetime("us"), "type": pl.Enum(EVENT_TYPES), "amount": pl.Float64}
RAW = [name for name in feature_names() if "_count_" in name or "_sum_" in name]
PURCHASE = pl.col("type") == "purchase"


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def scan(request: Request) -> pl.LazyFrame:
    """The events that some cutoff needs: without a purchase only as far back as the longest window of the first one."""
    earliest = midnight(request.cutoffs[0]) - request.longest_window
    return pl.scan_csv(request.events, schema=SCHEMA).filter(
        pl.col("time") < midnight(request.last_cutoff), PURCHASE | (pl.col("time") >= earliest)
    )


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
    table = totals.select("customer", "cutoff", *derived())
    if request.table:
        table.sink_parquet(request.table, engine="streaming")
        return None
    sums = [pl.col(name).sum() for name in feature_names()]
    result = table.group_by("cutoff").agg(pl.len().alias("examples"), *sums).collect(engine="streaming")
    return Checksums.of_rows(result.iter_rows(named=True))


def history_of(purchases: pl.LazyFrame, cutoff: date) -> pl.LazyFrame:
    day = pl.col("time").dt.date()
    gap = day.diff().dt.total_days()
    return purchases.group_by("customer").agg(
        pl.len().alias("purchases"),
        day.first().alias("first_day"),
        day.last().alias("last_day"),
        (gap * gap).sum().alias("squared_gaps"),
    ).with_columns(pl.lit(cutoff).alias("cutoff"))


def split_at(events: pl.LazyFrame, cutoff: date, longest: timedelta) -> pl.LazyFrame:
    at = midnight(cutoff)
    before = events.filter(pl.col("time") < at)
    history = history_of(before.filter(PURCHASE), cutoff)
    recent = before.filter(pl.col("time") >= at - longest).group_by("customer").agg(window_aggregates(at))
    return history.join(recent, on="customer", how="left").with_columns(pl.col(RAW).fill_null(0))


def split(request: Request) -> Checksums | None:
    return finish(request, split_at(scan(request), request.last_cutoff, request.longest_window))


def split_in_memory(request: Request) -> Checksums | None:
    events = scan(request).collect(engine="streaming").lazy()
    return finish(request, split_at(events, request.last_cutoff, request.longest_window))


def filtered(request: Request) -> Checksums | None:
    day = pl.col("time").filter(PURCHASE).dt.date()
    gap = day.diff().dt.total_days()
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


def rings(request: Request) -> Checksums | None:
    at = midnight(request.last_cutoff)
    events = scan(request).collect(engine="streaming").lazy()
    recent = (
        events.filter(pl.col("time") >= at - request.longest_window)
        .group_by("customer", "type", ring_of(at))
        .agg(pl.len().alias("events"), pl.col("amount").sum())
        .group_by("customer")
        .agg(sums_of_rings())
    )
    history = history_of(events.filter(PURCHASE), request.last_cutoff)
    totals = history.join(recent, on="customer", how="left").with_columns(pl.col(RAW).fill_null(0))
    return finish(request, totals)


def union(request: Request) -> Checksums | None:
    events = scan(request).collect(engine="streaming").lazy()
    return finish(request, pl.concat([split_at(events, day, request.longest_window) for day in request.cutoffs]))


def one_by_one(request: Request) -> Checksums | None:
    """As `union`, but each cutoff is collected on its own, which keeps one cutoff's frame in memory at a time."""
    events = scan(request).collect(engine="streaming").lazy()
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
    """The purchases in order, each with the running totals of its customer up to it."""
    day = pl.col("time").dt.date()
    gap = day.diff().over("customer").dt.total_days().fill_null(0)
    return (
        events.filter(PURCHASE)
        .select("customer", "time")
        .sort("customer", "time")
        .with_columns(gap.alias("gap"))
        .with_columns(
            pl.int_range(1, pl.len() + 1).over("customer").alias("purchases"),
            (pl.col("gap") * pl.col("gap")).cum_sum().over("customer").alias("squared_gaps"),
            day.first().over("customer").alias("first_day"),
            day.alias("last_day"),
        )
        .drop("gap")
    )


def examples(events: pl.LazyFrame, request: Request) -> pl.LazyFrame:
    cutoffs = pl.LazyFrame({"observed": [midnight(day) for day in request.cutoffs]})
    firsts = events.filter(PURCHASE).group_by("customer").agg(pl.col("time").min().alias("first"))
    return firsts.join(cutoffs, how="cross").filter(pl.col("first") < pl.col("observed")).drop("first")


def history_at(events: pl.LazyFrame, request: Request) -> pl.LazyFrame:
    """Of each example, the purchases before its cutoff: running totals and one ASOF join."""
    history = examples(events, request).sort("observed").join_asof(
        with_gaps(events).sort("time"),
        left_on="observed",
        right_on="time",
        by="customer",
        strategy="backward",
        allow_exact_matches=False,
    )
    return history.with_columns(pl.col("observed").dt.date().alias("cutoff"))


def rings_join(request: Request) -> Checksums | None:
    events = scan(request).collect(engine="streaming").lazy()
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
    history = history_at(events, request).collect(engine="streaming").lazy()
    totals = history.join(recent, on=["customer", "observed"], how="left").with_columns(pl.col(RAW).fill_null(0))
    return finish(request, totals)


def asof(request: Request) -> Checksums | None:
    events = scan(request).sort("customer", "time").collect(engine="streaming").lazy()
    running = [(pl.col("type") == kind).cum_sum().over("customer").alias(f"{kind}_count") for kind in EVENT_TYPES]
    running += [
        pl.when(pl.col("type") == kind).then(pl.col("amount").fill_null(0)).otherwise(0.0)
        .cum_sum().over("customer").alias(f"{kind}_sum")
        for kind in AMOUNT_TYPES
    ]
    totals = [f"{kind}_count" for kind in EVENT_TYPES] + [f"{kind}_sum" for kind in AMOUNT_TYPES]
    prefix = events.select("customer", "time", *running).sort("time").collect(engine="streaming").lazy()
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
    "split": split,
    "split-in-memory": split_in_memory,
    "filtered": filtered,
    "rings": rings,
    "union": union,
    "one-by-one": one_by_one,
    "rings-join": rings_join,
    "asof": asof,
}

if __name__ == "__main__":
    answer("polars", pl.__version__, FORMULATIONS)
