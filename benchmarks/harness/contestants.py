"""Who takes part: ChurnKit and its peers, each as a command that computes a workload."""

from __future__ import annotations

import json
import re
import subprocess
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.environment import Environment
from harness.workload import Workload, feature_names, is_whole

# The formulation of each peer that was the fastest, by workload; `--formulations all` runs the others as well.
FASTEST = {
    ("duckdb", True): ["split"],
    ("duckdb", False): ["split-union"],
    ("polars", True): ["split-strings"],
    ("polars", False): ["split-union"],
    ("pandas", True): ["rings"],
    ("pandas", False): ["rings"],
    ("featuretools", True): ["conditional"],
    ("featuretools", False): ["conditional"],
}
ALL = {
    ("duckdb", True): ["split", "filtered", "filtered-lists", "buckets", "union", "asof"],
    ("duckdb", False): [
        "split-union",
        "split-union-coded",
        "split-join",
        "split-rings",
        "union",
        "cutoffs-join",
        "asof",
    ],
    ("polars", True): [
        "split-strings",
        "split-categories",
        "split-lazy",
        "filtered",
        "rings-strings",
        "rings-categories",
        "asof",
    ],
    ("polars", False): ["split-union", "union", "rings-union", "one-by-one", "rings-join", "asof"],
    ("pandas", True): ["rings", "group-by"],
    ("pandas", False): ["rings", "group-by"],
}
# Filtered aggregates: what is written first, and seen most.
FILTERED = FASTEST | {
    ("duckdb", True): ["filtered"],
    ("duckdb", False): ["union"],
    ("polars", True): ["filtered"],
    ("polars", False): ["union"],
    ("pandas", True): ["group-by"],
    ("pandas", False): ["group-by"],
}
FORMULATIONS = {"fastest": FASTEST, "filtered": FILTERED, "all": FASTEST | ALL}
# The ending says in which format a peer writes its table: Parquet, where nothing else is faster for it.
ENDINGS = {"polars": "arrow"}
REQUIREMENTS = {"featuretools": "requirements-featuretools.txt"}
CHECKSUMS, TABLE = "checksums", "table"


@dataclass(frozen=True)
class Outcome:
    """What a contestant gave: how it computed, and checksums or the file with the table."""

    version: str
    seconds_after_import: float | None
    examples: dict[str, int] | None
    sums: dict[str, float] | None
    table: Path | None


class Contestant(ABC):
    """One tool with one way of computing the workload."""

    name: str
    formulation: str
    table: Path

    @property
    def title(self) -> str:
        return f"{self.name} ({self.formulation})" if self.formulation else self.name

    def can(self, form: str) -> bool:
        """Whether it can give checksums, or a table."""
        return form in (CHECKSUMS, TABLE)

    @abstractmethod
    def command(self, workload: Workload, events: Path, form: str) -> list[str]:
        """The command to time."""

    @abstractmethod
    def outcome(self, output: str, form: str) -> Outcome:
        """What the command gave, from its standard output."""


class Peer(Contestant):
    """A tool from Python, in its own process and virtual environment."""

    def __init__(self, environment: Environment, name: str, formulation: str, folder: Path) -> None:
        self.name = name
        self.formulation = formulation
        self.python = environment.python(REQUIREMENTS.get(name, "requirements.txt"))
        self.table = folder / f"{name}-{formulation}.{ENDINGS.get(name, 'parquet')}"

    def command(self, workload: Workload, events: Path, form: str) -> list[str]:
        command = [str(self.python), "-m", f"peers.{self.name}_features", "--events", str(events)]
        command += ["--cutoffs", ",".join(map(str, workload.cutoffs)), "--formulation", self.formulation]
        return command + (["--table", str(self.table)] if form == TABLE else [])

    def outcome(self, output: str, form: str) -> Outcome:
        result = json.loads(output)
        table = self.table if form == TABLE else None
        version, seconds = result["version"], result["secondsAfterImport"]
        return Outcome(version, seconds, result.get("examples"), result.get("sums"), table)


class ChurnKit(Contestant):
    """`churn features` with the workload's study; `from_index` keeps the event index first and reads from it."""

    name = "churn"

    def __init__(self, churn: Path, folder: Path, options: list[str], from_index: bool = False) -> None:
        self.churn = churn
        self.formulation = "from index" if from_index else ""
        self.options = options
        self.from_index = from_index
        # A folder of its own for each, because a kept index lies beside the study and would be used by both.
        self.folder = folder / ("indexed" if from_index else "churn")
        self.table = self.folder / "features.arrow"
        self.study = self.folder / "study.yaml"
        self.prints_sums = can_print_sums(churn)
        self.version = first_line([str(churn), "--version"])

    def can(self, form: str) -> bool:
        return form == TABLE or self.prints_sums

    def prepare(self, workload: Workload, events: Path) -> None:
        """Writes the study, and the index where it is to be read."""
        self.folder.mkdir(parents=True, exist_ok=True)
        link = self.folder / "events.csv"
        link.unlink(missing_ok=True)
        link.symlink_to(events)
        self.study.write_text(workload.study(link.name))
        if self.from_index:
            subprocess.run([str(self.churn), "index", str(self.study), "--quiet"], check=True)

    def command(self, workload: Workload, events: Path, form: str) -> list[str]:
        command = [str(self.churn), "features", str(self.study), "--quiet", "--format", "json", *self.options]
        return command + (["--output", str(self.table)] if form == TABLE else [])

    def outcome(self, output: str, form: str) -> Outcome:
        if form == TABLE:
            return Outcome(self.version, None, None, None, self.table)
        examples, sums = printed_sums(json.loads(output))
        return Outcome(self.version, None, examples, sums, None)


def can_print_sums(churn: Path) -> bool:
    """Whether `churn features` works without a file to write; else only the form with a table is timed."""
    words = " ".join(help_of(churn, "features").split())
    usage = re.search(r"USAGE: (.*?)(ARGUMENTS|OPTIONS):", words)
    return usage is not None and " -o <file>" not in usage.group(1).replace("[-o <file>]", "")


def can_keep_index(churn: Path) -> bool:
    """Whether the command has `churn index`."""
    return re.search(r"^\s+index\s", help_of(churn), flags=re.MULTILINE) is not None


def help_of(churn: Path, *subcommand: str) -> str:
    command = [str(churn), *subcommand, "--help"]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout


def first_line(command: list[str]) -> str:
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return (result.stdout.splitlines() or ["unknown"])[0]


def printed_sums(result: dict[str, Any]) -> tuple[dict[str, int], dict[str, float]]:
    """Examples by cutoff and sums by feature, of the features of the workload, from `churn features --format json`."""
    examples = {str(cutoff["cutoff"]): int(cutoff["examples"]) for cutoff in result["cutoffs"]}
    rows = int(result["rows"])
    every = {str(feature["name"]): float(feature["mean"]) * rows for feature in result["features"]}
    # A mean times its rows is off by rounding: the sum of whole numbers is the whole number next to it.
    return examples, {name: round(every[name]) if is_whole(name) else every[name] for name in feature_names()}


def peers_of(
    environment: Environment,
    names: list[str],
    workload: Workload,
    table: dict[tuple[str, bool], list[str]],
    folder: Path,
) -> list[Peer]:
    """The peers, each with its formulations in `table`."""
    one = len(workload.cutoffs) == 1
    return [Peer(environment, name, way, folder) for name in names for way in table[(name, one)]]
