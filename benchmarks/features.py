"""Windowed features from a transaction log: ChurnKit against polars, DuckDB, pandas and featuretools.

Run it as `script/bench features`, which installs what is missing and builds `churn`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from harness.contestants import (
    CHECKSUMS,
    FORMULATIONS,
    TABLE,
    ChurnKit,
    Contestant,
    Outcome,
    can_keep_index,
    peers_of,
)
from harness.environment import BENCHMARKS, Environment, load_average
from harness.events import ORDERS, Events, events_of, make_events
from harness.lanes import Lane
from harness.page import write_page
from harness.race import Race, sums_of_table
from harness.recording import print_table, record, write
from harness.workload import MOST_CUTOFFS, Workload

PEERS = ("polars", "duckdb", "pandas", "featuretools")
# A peer takes part by default up to the size that it survives in reasonable time and memory.
MOST_EVENTS = {"featuretools": 50_000, "pandas": 1_000_000, "polars": 10_000_000, "duckdb": 10_000_000}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench features",
        description="Makes transaction logs, computes the same 44 features from them with ChurnKit and its peers in "
        "alternating runs, checks that all values agree, and writes medians, ratios and a page with charts.",
        epilog="Examples: script/bench features --events 1m --runs 3; script/bench features --events 100m --cutoffs 1 "
        "--memory 1GB; script/bench features --events 10m --formulations all --runs 1",
    )
    parser.add_argument("--events", default="20k,1m,10m", help="sizes, such as 20k,1m,10m,100m (default: %(default)s)")
    parser.add_argument("--cutoffs", default="1,24", help="monthly cutoffs, each number a workload: 1 is W1, 24 is W2")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default: %(default)s)")
    parser.add_argument("--order", choices=list(ORDERS), default="time", help="order of the rows in the file")
    parser.add_argument("--forms", default="checksums,table", help="reduced to checksums, table written, or both")
    parser.add_argument("--peers", help="names separated by commas, or none (default: those that manage the size)")
    parser.add_argument(
        "--formulations",
        choices=list(FORMULATIONS),
        default="fastest",
        help="of each peer's query: the fastest, that of filtered aggregates, or all",
    )
    parser.add_argument("--from-index", action="store_true", help="also ChurnKit from a kept event index")
    parser.add_argument("--memory", metavar="SIZE", help="given to `churn features` as --memory")
    parser.add_argument("--threads", metavar="N", help="given to `churn features` as --threads")
    parser.add_argument("--seed", type=int, default=1, help="seed of the simulated world (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=3600, help="seconds after which a run is ended")
    parser.add_argument("--churn", required=True, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, default=BENCHMARKS / ".cache", help="folder for data and Python packages")
    parser.add_argument("--results", type=Path, default=BENCHMARKS / "results", help="folder for JSON and page")
    options = parser.parse_args()
    check(parser, options)
    return options


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Turns lists into lists, and says what cannot be."""
    try:
        options.events = options.events.split(",")
        for size in options.events:
            events_of(size)
        options.cutoffs = [int(text) for text in options.cutoffs.split(",")]
    except ValueError as error:
        parser.error(str(error))
    options.forms = options.forms.split(",")
    if not set(options.forms) <= {CHECKSUMS, TABLE}:
        parser.error("--forms takes checksums, table or both")
    if not all(1 <= count <= MOST_CUTOFFS for count in options.cutoffs):
        parser.error(f"--cutoffs takes numbers from 1 to {MOST_CUTOFFS}")
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    if options.peers is not None:
        options.peers = [name for name in options.peers.split(",") if name and name != "none"]
        if not set(options.peers) <= set(PEERS):
            parser.error(f"--peers takes {', '.join(PEERS)} or none")
    options.churn = options.churn.resolve()
    options.cache = options.cache.resolve()
    if options.from_index and not can_keep_index(options.churn):
        parser.error("--from-index: this `churn` keeps no index")


def names_of_peers(options: argparse.Namespace, size: str) -> list[str]:
    if options.peers is not None:
        return list(options.peers)
    return [name for name in PEERS if events_of(size) <= MOST_EVENTS[name]]


def run_workload(options: argparse.Namespace, environment: Environment, size: str, events: Events, count: int) -> bool:
    """One workload on one file, in all forms: timed, compared, recorded. Whether all ended well and agreed."""
    workload = Workload.of(count)
    of_events = f"{events.rows:,} events of {events.customers:,} customers"
    print(f"\n{workload.name.upper()} {size}: {workload.words}; {of_events}")
    events.read_once()
    forms: dict[str, list[Lane]] = {}
    with tempfile.TemporaryDirectory(prefix="run-", dir=environment.cache) as folder:
        contestants = contestants_of(options, environment, size, workload, events, Path(folder))
        # The table first: where `churn` prints no checksums, those of its table are what the peers' are compared with.
        for form in sorted(options.forms, reverse=True):
            race = Race(environment, workload, events, form, options.runs, options.limit)
            lanes = race.run(contestants)
            reference = reference_of(environment, lanes, forms, form)
            if reference is not None:
                race.compare(lanes, reference)
            forms[form] = lanes
            print_table(form, lanes, events.rows)
    result = record(environment, workload, size, events, forms, options.churn, options.formulations)
    print(f"\nwrote {write(result, options.results)}")
    return all(lane.failure is None for lanes in forms.values() for lane in lanes)


def contestants_of(
    options: argparse.Namespace, environment: Environment, size: str, workload: Workload, events: Events, folder: Path
) -> list[Contestant]:
    """ChurnKit first, ready to run, then the peers."""
    extra = ["--memory", options.memory] if options.memory else []
    extra += ["--threads", options.threads] if options.threads else []
    ours = [ChurnKit(options.churn, folder, extra)]
    if options.from_index:
        ours.append(ChurnKit(options.churn, folder, extra, from_index=True))
    for contestant in ours:
        contestant.prepare(workload, events.file)
    table = FORMULATIONS[options.formulations]
    return [*ours, *peers_of(environment, names_of_peers(options, size), workload, table, folder)]


def reference_of(
    environment: Environment, lanes: list[Lane], forms: dict[str, list[Lane]], form: str
) -> Outcome | None:
    """What ChurnKit gave in this form, or the checksums of the table that it wrote."""
    if lanes and lanes[0].contestant.name == "churn":
        return lanes[0].outcomes[-1] if lanes[0].failure is None else None
    written = forms.get(TABLE, [])
    if form == CHECKSUMS and written and written[0].outcomes and written[0].outcomes[-1].table:
        return sums_of_table(environment, written[0].outcomes[-1].table)
    print("bench: this `churn` prints no checksums and wrote no table: nothing is compared", file=sys.stderr)
    return None


def main() -> int:
    options = arguments()
    environment = Environment(options.cache)
    print(f"bench: load average {load_average():.2f}; a quiet machine has below 0.3", file=sys.stderr)
    well = True
    for size in options.events:
        events = make_events(environment, options.churn, size, options.order, options.seed)
        for count in options.cutoffs:
            well = run_workload(options, environment, size, events, count) and well
    print(f"wrote {write_page(options.results)}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
