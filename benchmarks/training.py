"""Training on feature tables of growing size within a bound of memory.

Run it as `script/bench training`, which builds `churn`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from harness.environment import BENCHMARKS, Environment, load_average
from harness.measurement import measure
from harness.recording import FORMAT, circumstances, print_aligned, write_json
from harness.solvers.contestants import REQUIREMENTS
from harness.solvers.data import rows_of

CUSTOMERS = 20_000
# 64 features.
FEATURES = (
    "features: {families: [counts, amounts, rhythm, recencies], windows: [30d, 90d, 180d, 365d],"
    " include: [active_days_30d, active_days_90d, active_days_365d]}\n"
)
HEADINGS = ("rows", "GB", "wall s", "CPU s", "own MB", "resident MB", "s a million rows", "epochs", "test log loss")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench training",
        description="Trains on feature tables of 64 features, copies of a simulated world's rows, and writes time and memory.",
    )
    parser.add_argument("--rows", default="1m,5m,20m", help="such as 1m,20m (default: %(default)s); 20m take 11 GB of disk")
    parser.add_argument("--memory", default="1GB", help="given to `churn train`, or none (default: %(default)s)")
    parser.add_argument("--model", default="sgd", help="kind of model (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=3600, help="seconds after which a run is ended")
    parser.add_argument("--churn", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, default=BENCHMARKS / ".cache", help="folder for data and Python packages")
    parser.add_argument("--results", type=Path, default=BENCHMARKS / "results", help="folder for JSON")
    return parser.parse_args()


def world(options: argparse.Namespace) -> Path:
    """A simulated world with its study and its table of features."""
    folder = options.cache / "training"
    if not (folder / "base.arrow").exists():
        folder.mkdir(parents=True, exist_ok=True)
        churn = str(options.churn.resolve())
        simulate = [churn, "simulate", "--customers", str(CUSTOMERS), "--seed", "1", "-o", "world"]
        shutil.rmtree(folder / "world", ignore_errors=True)
        subprocess.run(simulate, cwd=folder, check=True, stderr=subprocess.DEVNULL)
        study = folder / "world" / "study.yaml"
        lines = study.read_text().splitlines(keepends=True)
        study.write_text("".join(FEATURES if line.startswith("features:") else line for line in lines))
        subprocess.run([churn, "features", "world/study.yaml", "-o", "base.arrow", "-q"], cwd=folder, check=True)
    return folder


def table(folder: Path, rows: int, base: int, python: Path) -> tuple[Path, int]:
    copies = max(1, round(rows / base))
    path = folder / f"{copies}.arrow"
    if not path.exists():
        print(f"bench: making {path.name}", file=sys.stderr)
        command = [str(python), "-m", "harness.tiled_table", str(folder / "base.arrow"), str(path), str(copies)]
        subprocess.run(command, cwd=BENCHMARKS, check=True)
    return path, copies * base


def main() -> int:
    options = arguments()
    options.cache = options.cache.resolve()
    python = Environment(options.cache).python(REQUIREMENTS)
    folder = world(options)
    count = "from pyarrow import ipc; import sys; print(ipc.open_file(sys.argv[1]).read_all().num_rows)"
    base = int(subprocess.check_output([str(python), "-c", count, str(folder / "base.arrow")]))
    print(f"bench: load average {load_average():.2f}; a quiet machine has below 0.3", file=sys.stderr)
    lines, entries = [HEADINGS], []
    for size in options.rows.split(","):
        path, rows = table(folder, rows_of(size), base, python)
        with tempfile.TemporaryDirectory() as registry:
            command = [str(options.churn.resolve()), "train", "world/study.yaml", "--from", str(path), "--name", "m"]
            command += ["--model", options.model, "--registry", registry, "--format", "json", "-q"]
            command += [] if options.memory == "none" else ["--memory", options.memory]
            run, text = measure(command, folder, options.limit)
        result = json.loads(text)
        entry: dict[str, Any] = {"rows": rows, "bytes": path.stat().st_size} | run.as_json()
        entry |= {"epochs": result["certificate"]["iterations"], "testLogLoss": result["metrics"]["test"]["logLoss"]}
        entries.append(entry)
        lines.append(
            (
                f"{rows:,}",
                f"{entry['bytes'] / 1e9:.1f}",
                f"{run.wallSeconds:.1f}",
                f"{run.processor_seconds:.1f}",
                f"{run.peakMemoryInKilobytes * 1024 / 1e6:.0f}",
                f"{run.maximumResidentInKilobytes * 1024 / 1e6:.0f}",
                f"{run.wallSeconds / rows * 1e6:.2f}",
                f"{entry['epochs']}",
                f"{entry['testLogLoss']:.5f}",
            )
        )
    print_aligned(lines)
    contents = {"model": options.model, "memory": options.memory, "sizes": entries}
    result = {"format": FORMAT, "benchmark": "training"} | circumstances() | contents
    print(f"\nwrote {write_json(result, options.results / f'training-{options.model}-{options.memory}.json')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
