"""Where the benchmark runs: its cache, the peers' virtual environments, the machine."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
# Long queries would print their progress into the answer.
SQL = """import sys, duckdb
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
print(*connection.execute(sys.argv[1]).fetchall()[0])"""


@dataclass(frozen=True)
class Environment:
    """The folder that holds all that the benchmark makes and can make again, and the Python of the peers."""

    cache: Path

    def python(self, requirements: str = "requirements.txt") -> Path:
        """A Python with the packages of a requirements file; made on first use and again when that file changes."""
        wanted = BENCHMARKS / requirements
        digest = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()[:12]
        folder = self.cache / f"python-{wanted.stem}-{digest}"
        python = folder / "bin" / "python"
        if not (folder / "complete").exists():
            print(f"bench: installing the packages of benchmarks/{requirements}", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, "--requirement", str(wanted)], check=True)
            (folder / "complete").touch()
        return python

    def run_sql(self, statements: str) -> str:
        """Runs DuckDB in a process of its own, so that this one stays small, and returns the first row."""
        command = [str(self.python()), "-c", SQL, statements]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def machine() -> dict[str, str | int]:
    """What a reader needs to place the seconds: processor, cores, memory, system."""
    return {
        "processor": first_match(Path("/proc/cpuinfo"), "model name"),
        "processors": len(os.sched_getaffinity(0)),
        "memoryInKilobytes": int(first_match(Path("/proc/meminfo"), "MemTotal").split()[0]),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
    }


def first_match(file: Path, key: str) -> str:
    for line in file.read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "0"


def load_average() -> float:
    return os.getloadavg()[0]


def commit() -> str:
    """The commit that is checked out, with a mark where files differ from it; results, which runs write, do not count."""
    name = git("rev-parse", "--short=12", "HEAD")
    is_dirty = git("status", "--porcelain", "--", ":/", ":(top,exclude)benchmarks/results")
    return f"{name}-dirty" if is_dirty else name or "unknown"


def git(*arguments: str) -> str:
    command = ["git", "-C", str(BENCHMARKS), *arguments]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return result.stdout.strip()
