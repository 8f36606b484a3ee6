"""The events: simulated by ChurnKit, then cut to four columns and put in order."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.environment import Environment
from harness.workload import HISTORY_END, HISTORY_FIRST_DAY

# Events of a kind for each customer and year under which 40,000 customers have about a million events.
RATES = {"purchase": 5.5, "return": 0.5, "ticket": 1, "emailOpen": 4.05, "visit": 4.1, "complaint": 0, "emailClick": 0}
EVENTS_A_CUSTOMER = 25
ORDERS = {"time": "time, customer, type, amount", "customer": "customer, time, type, amount"}
SUFFIXES = {"k": 1_000, "m": 1_000_000}


def events_of(size: str) -> int:
    """The number behind a size such as `20k` or `10m`."""
    factor = SUFFIXES.get(size[-1:].lower(), 0)
    if not factor or not size[:-1].isdigit() or int(size[:-1]) == 0:
        raise ValueError(f"{size!r} is no size: write 20k, 1m, 10m or 100m")
    return int(size[:-1]) * factor


@dataclass(frozen=True)
class Events:
    """A CSV file with the columns customer, time, type and amount."""

    file: Path
    rows: int
    customers: int
    size_in_bytes: int
    order: str

    def read_once(self) -> None:
        """Brings the file into the page cache, so that the first run finds what the others find."""
        with self.file.open("rb", buffering=0) as stream:
            while stream.read(1 << 24):
                pass


def make_events(environment: Environment, churn: Path, size: str, order: str, seed: int) -> Events:
    """The events of a size in an order: from the cache, or simulated and sorted."""
    folder = environment.cache / "events" / f"{size}-seed{seed}"
    file = folder / f"by-{order}.csv"
    if not file.exists():
        world = folder / "world"
        if not (world / "events.csv").exists():
            simulate(churn, world, max(1, events_of(size) // EVENTS_A_CUSTOMER), seed)
        sort_events(environment, world / "events.csv", file, order)
    rows, customers = count(environment, file)
    return Events(file, rows, customers, file.stat().st_size, order)


def simulate(churn: Path, world: Path, customers: int, seed: int) -> None:
    command = [str(churn), "simulate", "--customers", str(customers), "--seed", str(seed), "--output", str(world)]
    command += ["--from", str(HISTORY_FIRST_DAY), "--until", str(HISTORY_END), "--quiet", "--overwrite"]
    for kind, rate in RATES.items():
        command += ["--rate", f"{kind}={rate}"]
    world.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def sort_events(environment: Environment, source: Path, target: Path, order: str) -> None:
    """Writes the four columns in order. All of them stay texts, so that every cell stays as it was written."""
    columns = {name: "VARCHAR" for name in ("customer", "time", "type", "amount", "quantity", "product")}
    partial = target.with_suffix(".partial")
    environment.run_sql(
        f"SET temp_directory = '{target.parent}'; SET preserve_insertion_order = true; "
        f"COPY (SELECT customer, time, type, amount FROM read_csv('{source}', auto_detect = false, header = true, "
        f"delim = ',', columns = {columns}) ORDER BY {ORDERS[order]}) TO '{partial}' (FORMAT csv, HEADER true)"
    )
    os.replace(partial, target)


def count(environment: Environment, file: Path) -> tuple[int, int]:
    """Rows and customers of a file; kept beside it."""
    kept = file.with_suffix(".count")
    if not kept.exists():
        columns = {name: "VARCHAR" for name in ("customer", "time", "type", "amount")}
        answer = environment.run_sql(
            f"SELECT count(*), count(DISTINCT customer) FROM read_csv('{file}', auto_detect = false, header = true, "
            f"delim = ',', columns = {columns})"
        )
        rows, customers = map(int, answer.split())
        kept.write_text(f"{rows} {customers}\n")
    rows, customers = map(int, kept.read_text().split())
    return rows, customers
