"""The features in DuckDB, on all processors. A table is written as Parquet, its rows in any order.

One cutoff (the times of all are in benchmarks/README.md):

- `split`: the events as a table; the history from purchases alone, the windows from events of the longest one alone.
- `filtered`: one aggregation of all events by customer with FILTER clauses; gaps between purchases by `lag`.
- `filtered-lists`: the same, but the days of the purchases are gathered as a list in the aggregation.
- `buckets`: an aggregation by customer, type and window ring, then a small one that adds the rings up.

Several cutoffs:

- `union`: `filtered` for each cutoff, UNION ALL.
- `cutoffs-join`: the events joined with a table of cutoffs, one filtered aggregation by customer and cutoff.
- `split-union`, `split-join`, `split-rings`: the windows by such a union, by such a join, or by a join and rings; the
  history by running totals over purchases and one ASOF join. `split-union-coded` gives customers numbers first.
- `asof`: running sums over each customer's events, six ASOF joins for the edges of the windows.

The type is an ENUM, which is compared as a number, and the time has no format, because ISO 8601 is read faster without.
"""

from __future__ import annotations

from datetime import date

import duckdb

from harness.workload import AMOUNT_TYPES, EVENT_TYPES, feature_names
from peers.request import Checksums, Request, answer

COLUMNS = "{'customer': 'VARCHAR', 'time': 'TIMESTAMP', 'type': 'kind', 'amount': 'DOUBLE'}"


def scan(request: Request) -> str:
    """The CSV with its declared schema: nothing is inferred."""
    return f"read_csv('{request.events}', auto_detect = false, header = true, delim = ',', columns = {COLUMNS})"


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that knows the event types, so that they are compared as numbers."""
    connection = duckdb.connect()
    kinds = ", ".join(f"'{kind}'" for kind in EVENT_TYPES)
    connection.execute(f"CREATE TYPE kind AS ENUM ({kinds})")
    return connection


def timestamp(day: date) -> str:
    return f"TIMESTAMP '{day} 00:00:00'"


def window_aggregates(request: Request, cutoff: str) -> str:
    """Counts and sums of the windows, as aggregates over events before the cutoff."""
    terms = []
    for days in request.windows:
        inside = f"time >= {cutoff} - INTERVAL {days} DAY"
        for kind in EVENT_TYPES:
            terms.append(f"count(*) FILTER (type = '{kind}' AND {inside}) AS {kind}_count_{days}d")
        for kind in AMOUNT_TYPES:
            amounts = f"sum(amount) FILTER (type = '{kind}' AND {inside})"
            terms.append(f"coalesce({amounts}, 0) AS {kind}_sum_{days}d")
    return ",\n".join(terms)


def derived(request: Request) -> str:
    """The remaining features from sums, counts and the days of first and last purchase."""
    terms = [
        f"CASE WHEN purchase_count_{days}d > 0 THEN purchase_sum_{days}d / purchase_count_{days}d ELSE 0 END "
        f"AS purchase_mean_{days}d"
        for days in request.windows
    ]
    terms += [
        "cutoff - last_day AS recency",
        "cutoff - first_day AS tenure",
        "CASE WHEN purchases > 1 THEN (last_day - first_day) / (purchases - 1) ELSE cutoff - last_day END AS gap_mean",
        "CASE WHEN purchases > 2 THEN sqrt(greatest(0, (purchases - 1) * squared_gaps - (last_day - first_day) ** 2)) "
        "/ (purchases - 1) ELSE 0 END AS gap_std",
    ]
    return ",\n".join(terms)


def features_of_totals(request: Request, totals: str) -> str:
    """The feature table from one row of totals for each customer and cutoff."""
    raw = [name for name in feature_names() if "_count_" in name or "_sum_" in name]
    return f"SELECT customer, cutoff, {', '.join(raw)},\n{derived(request)}\nFROM ({totals})"


def finish(connection: duckdb.DuckDBPyConnection, request: Request, query: str) -> Checksums | None:
    if request.table:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"COPY ({query}) TO '{request.table}' (FORMAT parquet)")
        return None
    sums = ", ".join(f"sum({name}) AS {name}" for name in feature_names())
    result = connection.execute(f"SELECT cutoff, count(*) AS examples, {sums} FROM ({query}) GROUP BY cutoff")
    names = [column[0] for column in result.description]
    return Checksums.of_rows(dict(zip(names, row)) for row in result.fetchall())


GAPS = """SELECT customer, sum(gap * gap) AS squared_gaps FROM (
    SELECT customer, time::DATE - lag(time::DATE) OVER (PARTITION BY customer ORDER BY time) AS gap
    FROM events WHERE type = 'purchase') GROUP BY customer"""


def needed(request: Request) -> str:
    """Events before the last cutoff; without a purchase only as far back as the longest window of the first one."""
    earliest = f"{timestamp(request.cutoffs[0])} - INTERVAL {max(request.windows)} DAY"
    return f"time < {timestamp(request.last_cutoff)} AND (type = 'purchase' OR time >= {earliest})"


def history_aggregates() -> str:
    return """count(*) FILTER (type = 'purchase') AS purchases,
        min(time) FILTER (type = 'purchase')::DATE AS first_day,
        max(time) FILTER (type = 'purchase')::DATE AS last_day"""


def filtered(request: Request) -> Checksums | None:
    cutoff = timestamp(request.last_cutoff)
    totals = f"""WITH events AS MATERIALIZED (SELECT * FROM {scan(request)} WHERE {needed(request)}),
        gaps AS ({GAPS}),
        totals AS (SELECT customer, {history_aggregates()}, {window_aggregates(request, cutoff)}
                   FROM events GROUP BY customer)
        SELECT totals.*, {cutoff}::DATE AS cutoff, squared_gaps FROM totals JOIN gaps USING (customer)"""
    return finish(connect(), request, features_of_totals(request, totals))


def filtered_lists(request: Request) -> Checksums | None:
    cutoff = timestamp(request.last_cutoff)
    totals = f"""WITH totals AS (
            SELECT customer, {history_aggregates()}, {window_aggregates(request, cutoff)},
                list_sort(list(time::DATE - DATE '1970-01-01') FILTER (type = 'purchase')) AS days
            FROM {scan(request)} WHERE {needed(request)} GROUP BY customer)
        SELECT *, {cutoff}::DATE AS cutoff,
            list_sum(list_transform(list_zip(days[2:], days[:-2]), lambda pair: (pair[1] - pair[2]) ** 2))
                AS squared_gaps
        FROM totals WHERE purchases > 0"""
    return finish(connect(), request, features_of_totals(request, totals))


def buckets(request: Request) -> Checksums | None:
    cutoff = timestamp(request.last_cutoff)
    ring = " ".join(f"WHEN time >= {cutoff} - INTERVAL {days} DAY THEN {days}" for days in request.windows)
    sums = []
    for days in request.windows:
        for kind in EVENT_TYPES:
            sums.append(f"coalesce(sum(n) FILTER (type = '{kind}' AND ring <= {days}), 0) AS {kind}_count_{days}d")
        for kind in AMOUNT_TYPES:
            sums.append(f"coalesce(sum(total) FILTER (type = '{kind}' AND ring <= {days}), 0) AS {kind}_sum_{days}d")
    totals = f"""WITH events AS MATERIALIZED (SELECT * FROM {scan(request)} WHERE {needed(request)}),
        gaps AS ({GAPS}),
        rings AS (SELECT customer, type, CASE {ring} ELSE 9999 END AS ring, count(*) AS n, sum(amount) AS total,
                      min(time) AS first, max(time) AS last FROM events GROUP BY ALL),
        totals AS (SELECT customer, sum(n) FILTER (type = 'purchase') AS purchases,
                       min(first) FILTER (type = 'purchase')::DATE AS first_day,
                       max(last) FILTER (type = 'purchase')::DATE AS last_day, {", ".join(sums)}
                   FROM rings GROUP BY customer)
        SELECT totals.*, {cutoff}::DATE AS cutoff, squared_gaps FROM totals JOIN gaps USING (customer)"""
    return finish(connect(), request, features_of_totals(request, totals))


def load(request: Request) -> duckdb.DuckDBPyConnection:
    """The events as a table, with each purchase's days since the customer's purchase before."""
    connection = connect()
    connection.execute(f"CREATE TEMP TABLE raw AS SELECT * FROM {scan(request)} WHERE {needed(request)}")
    connection.execute(
        """CREATE TEMP TABLE events AS
        SELECT *, NULL::INTEGER AS gap FROM raw WHERE type <> 'purchase'
        UNION ALL
        SELECT *, time::DATE - lag(time::DATE) OVER (PARTITION BY customer ORDER BY time) AS gap
        FROM raw WHERE type = 'purchase'"""
    )
    connection.execute("DROP TABLE raw")
    return connection


def union(request: Request) -> Checksums | None:
    parts = []
    for day in request.cutoffs:
        cutoff = timestamp(day)
        longest = f"{cutoff} - INTERVAL {max(request.windows)} DAY"
        parts.append(f"""SELECT customer, {cutoff}::DATE AS cutoff, {history_aggregates()},
            sum(gap * gap) AS squared_gaps, {window_aggregates(request, cutoff)}
            FROM events WHERE time < {cutoff} AND (type = 'purchase' OR time >= {longest})
            GROUP BY customer HAVING purchases > 0""")
    return finish(load(request), request, features_of_totals(request, "\nUNION ALL\n".join(parts)))


def cutoffs_join(request: Request) -> Checksums | None:
    connection = load(request)
    create_cutoffs(connection, request)
    totals = f"""SELECT customer, observed::DATE AS cutoff, {history_aggregates()}, sum(gap * gap) AS squared_gaps,
            {window_aggregates(request, "observed")}
        FROM events JOIN cutoffs ON time < observed
        WHERE type = 'purchase' OR time >= observed - INTERVAL {max(request.windows)} DAY
        GROUP BY customer, observed HAVING purchases > 0"""
    return finish(connection, request, features_of_totals(request, totals))


def asof(request: Request) -> Checksums | None:
    connection = load(request)
    # The frame is RANGE, so that events of one instant all hold the sums of the last of them.
    running = [f"count(*) FILTER (type = '{kind}') OVER history AS {kind}_count" for kind in EVENT_TYPES]
    # Sums of doubles would differ in the last bits from row to row, and a window without an amount would not be 0.
    running += [
        f"sum(amount::DECIMAL(18, 2)) FILTER (type = '{kind}') OVER history AS {kind}_sum" for kind in AMOUNT_TYPES
    ]
    connection.execute(
        f"""CREATE TEMP TABLE prefix AS SELECT customer, time, {", ".join(running)},
            sum(gap * gap) OVER history AS squared_gaps,
            max(time) FILTER (type = 'purchase') OVER history AS last,
            min(time) FILTER (type = 'purchase') OVER history AS first
        FROM events WINDOW history AS (PARTITION BY customer ORDER BY time)"""
    )
    create_cutoffs(connection, request)
    connection.execute(
        """CREATE TEMP TABLE examples AS SELECT customer, observed
        FROM (SELECT customer, min(time) AS first FROM events WHERE type = 'purchase' GROUP BY customer)
        JOIN cutoffs ON first < observed"""
    )
    terms = []
    for days in request.windows:
        for kind in EVENT_TYPES:
            terms.append(f"p0.{kind}_count - coalesce(p{days}.{kind}_count, 0) AS {kind}_count_{days}d")
        for kind in AMOUNT_TYPES:
            now, then = f"coalesce(p0.{kind}_sum, 0)", f"coalesce(p{days}.{kind}_sum, 0)"
            terms.append(f"({now} - {then})::DOUBLE AS {kind}_sum_{days}d")
    joins = "\n".join(
        f"ASOF LEFT JOIN prefix AS p{days} "
        f"ON e.customer = p{days}.customer AND e.observed - INTERVAL {days} DAY > p{days}.time"
        for days in (0, *request.windows)
    )
    totals = f"""SELECT e.customer, e.observed::DATE AS cutoff, p0.purchase_count AS purchases, p0.squared_gaps,
            p0.first::DATE AS first_day, p0.last::DATE AS last_day, {", ".join(terms)}
        FROM examples AS e {joins}"""
    return finish(connection, request, features_of_totals(request, totals))


def window_names() -> str:
    return ", ".join(name for name in feature_names() if "_count_" in name or "_sum_" in name)


def split(request: Request) -> Checksums | None:
    cutoff = timestamp(request.last_cutoff)
    connection = connect()
    create_events(connection, request)
    zeros = ", ".join(f"coalesce({name}, 0) AS {name}" for name in window_names().split(", "))
    totals = f"""WITH history AS (
            SELECT customer, count(*) AS purchases, min(day) AS first_day, max(day) AS last_day,
                sum(gap * gap) AS squared_gaps
            FROM (SELECT customer, time::DATE AS day,
                      time::DATE - lag(time::DATE) OVER (PARTITION BY customer ORDER BY time) AS gap
                  FROM events WHERE type = 'purchase') GROUP BY customer),
        recent AS (
            SELECT customer, {window_aggregates(request, cutoff)} FROM events
            WHERE time >= {cutoff} - INTERVAL {max(request.windows)} DAY GROUP BY customer)
        SELECT customer, {cutoff}::DATE AS cutoff, purchases, first_day, last_day, squared_gaps, {zeros}
        FROM history LEFT JOIN recent USING (customer)"""
    return finish(connection, request, features_of_totals(request, totals))


def create_events(connection: duckdb.DuckDBPyConnection, request: Request) -> None:
    connection.execute(f"CREATE TEMP TABLE events AS SELECT * FROM {scan(request)} WHERE {needed(request)}")


def create_cutoffs(connection: duckdb.DuckDBPyConnection, request: Request) -> None:
    days = ", ".join(f"({timestamp(day)})" for day in request.cutoffs)
    connection.execute(f"CREATE TEMP TABLE cutoffs AS SELECT * FROM (VALUES {days}) AS dates (observed)")


def create_history(connection: duckdb.DuckDBPyConnection) -> None:
    """Of each example, the purchases before its cutoff: running sums over purchases and one ASOF join."""
    connection.execute(
        """CREATE TEMP TABLE history AS
        WITH gaps AS (
            SELECT customer, time, time::DATE - lag(time::DATE) OVER (PARTITION BY customer ORDER BY time) AS gap
            FROM events WHERE type = 'purchase'),
        running AS (
            SELECT customer, time, count(*) OVER history AS purchases, first_value(time) OVER history AS first,
                sum(gap * gap) OVER history AS squared_gaps
            FROM gaps WINDOW history AS (PARTITION BY customer ORDER BY time)),
        examples AS (
            SELECT customer, observed FROM (SELECT customer, min(time) AS first FROM gaps GROUP BY customer)
            JOIN cutoffs ON first < observed)
        SELECT e.customer, observed, purchases, squared_gaps, first::DATE AS first_day, time::DATE AS last_day
        FROM examples AS e ASOF JOIN running AS r ON e.customer = r.customer AND observed > time"""
    )


def join_recent(
    connection: duckdb.DuckDBPyConnection, request: Request, recent: str, names: str | None = None
) -> Checksums | None:
    """The features from the table `history` and a query for the windows' counts and sums.

    Where customers were coded, `names` is the table with what they are called.
    """
    zeros = ", ".join(f"coalesce({name}, 0) AS {name}" for name in window_names().split(", "))
    totals = f"""SELECT customer, observed::DATE AS cutoff, purchases, first_day, last_day, squared_gaps, {zeros}
        FROM history LEFT JOIN ({recent}) USING (customer, observed)"""
    features = features_of_totals(request, totals)
    if names and request.table:
        features = (
            f"SELECT * EXCLUDE (customer, name), name AS customer FROM ({features}) JOIN {names} USING (customer)"
        )
    return finish(connection, request, features)


def split_join(request: Request) -> Checksums | None:
    connection = connect()
    create_events(connection, request)
    create_cutoffs(connection, request)
    create_history(connection)
    recent = f"""SELECT customer, observed, {window_aggregates(request, "observed")}
        FROM events JOIN cutoffs ON time < observed AND time >= observed - INTERVAL {max(request.windows)} DAY
        GROUP BY customer, observed"""
    return join_recent(connection, request, recent)


def split_union(request: Request) -> Checksums | None:
    connection = connect()
    create_events(connection, request)
    return join_recent_union(connection, request)


def split_union_coded(request: Request) -> Checksums | None:
    connection = connect()
    create_events(connection, request)
    connection.execute(
        """CREATE TEMP TABLE names AS SELECT customer AS name, (row_number() OVER ())::INTEGER AS customer
        FROM (SELECT DISTINCT customer FROM events);
        CREATE TEMP TABLE coded AS SELECT names.customer, time, type, amount
        FROM events JOIN names ON events.customer = names.name;
        DROP TABLE events;
        ALTER TABLE coded RENAME TO events"""
    )
    return join_recent_union(connection, request, names="names")


def join_recent_union(
    connection: duckdb.DuckDBPyConnection, request: Request, names: str | None = None
) -> Checksums | None:
    create_cutoffs(connection, request)
    create_history(connection)
    recent = "\nUNION ALL\n".join(
        f"""SELECT customer, {timestamp(day)} AS observed, {window_aggregates(request, timestamp(day))}
        FROM events WHERE time < {timestamp(day)} AND time >= {timestamp(day)} - INTERVAL {max(request.windows)} DAY
        GROUP BY customer"""
        for day in request.cutoffs
    )
    return join_recent(connection, request, recent, names)


def split_rings(request: Request) -> Checksums | None:
    connection = connect()
    create_events(connection, request)
    create_cutoffs(connection, request)
    create_history(connection)
    ring = " ".join(f"WHEN time >= observed - INTERVAL {days} DAY THEN {days}" for days in request.windows)
    sums = []
    for days in request.windows:
        for kind in EVENT_TYPES:
            sums.append(f"sum(n) FILTER (type = '{kind}' AND ring <= {days}) AS {kind}_count_{days}d")
        for kind in AMOUNT_TYPES:
            sums.append(f"sum(total) FILTER (type = '{kind}' AND ring <= {days}) AS {kind}_sum_{days}d")
    recent = f"""SELECT customer, observed, {", ".join(sums)} FROM (
            SELECT customer, observed, type, CASE {ring} END AS ring, count(*) AS n, sum(amount) AS total
            FROM events JOIN cutoffs ON time < observed AND time >= observed - INTERVAL {max(request.windows)} DAY
            GROUP BY ALL)
        GROUP BY customer, observed"""
    return join_recent(connection, request, recent)


FORMULATIONS = {
    "split": split,
    "split-join": split_join,
    "split-union": split_union,
    "split-union-coded": split_union_coded,
    "split-rings": split_rings,
    "filtered": filtered,
    "filtered-lists": filtered_lists,
    "buckets": buckets,
    "union": union,
    "cutoffs-join": cutoffs_join,
    "asof": asof,
}

if __name__ == "__main__":
    answer("duckdb", duckdb.__version__, FORMULATIONS)
