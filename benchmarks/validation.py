"""What validation costs: five folds against one fit, and AUC with DeLong's variance against scikit-learn's AUC alone.

Run it as `script/bench validation`, which builds `validation-benchmark`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
from pathlib import Path
from typing import Any

from harness.environment import BENCHMARKS, Environment
from harness.recording import FORMAT, circumstances, print_aligned, write_json
from harness.solvers.contestants import REQUIREMENTS
from harness.solvers.data import rows_of

MAKE = """import sys, numpy
random = numpy.random.default_rng(1)
count = int(sys.argv[1])
labels = random.random(count) < 0.2
scores = 1 / (1 + numpy.exp(-(random.normal(size=count) + labels - 1.5)))
scores.astype("<f8").tofile(sys.argv[2])
labels.astype("u1").tofile(sys.argv[3])"""
PEER = """import json, sys, time, numpy
from sklearn.metrics import roc_auc_score
scores, labels = numpy.fromfile(sys.argv[1], "<f8"), numpy.fromfile(sys.argv[2], "u1")
start = time.perf_counter()
auc = roc_auc_score(labels, scores)
print(json.dumps({"seconds": time.perf_counter() - start, "auc": auc}))"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench validation",
        description="Times five-fold validation of a logistic regression against one fit, and AUC with DeLong's variance against "
        "roc_auc_score, in alternating runs.",
    )
    parser.add_argument("--rows", default="1m", help="of the fit (default: %(default)s)")
    parser.add_argument("--predictions", default="10m", help="of the AUC (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default: %(default)s)")
    parser.add_argument("--benchmark", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, default=BENCHMARKS / ".cache", help="folder for data and Python packages")
    parser.add_argument("--results", type=Path, default=BENCHMARKS / "results", help="folder for JSON")
    return parser.parse_args()


def lines(*command: object) -> list[dict[str, float]]:
    output = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def folds(options: argparse.Namespace) -> dict[str, Any]:
    runs = lines(options.benchmark.resolve(), "folds", "--rows", rows_of(options.rows), "--runs", options.runs)
    return {
        "rows": rows_of(options.rows),
        "features": 64,
        "fitSeconds": [run["fit"] for run in runs],
        "validationSeconds": [run["validation"] for run in runs],
        "ratio": statistics.median(run["validation"] / run["fit"] for run in runs),
        "auc": runs[0]["auc"],
    }


def area(options: argparse.Namespace, environment: Environment) -> dict[str, Any]:
    python = environment.python(REQUIREMENTS)
    folder = options.cache / "validation"
    folder.mkdir(parents=True, exist_ok=True)
    count = rows_of(options.predictions)
    scores, labels = folder / f"{count}.scores", folder / f"{count}.labels"
    if not labels.exists():
        subprocess.run([str(python), "-c", MAKE, str(count), str(scores), str(labels)], check=True)
    ours, theirs = [], []
    for _ in range(options.runs):
        ours += lines(options.benchmark.resolve(), "area", "--scores", scores, "--labels", labels)
        theirs += lines(python, "-c", PEER, scores, labels)
    if abs(ours[0]["auc"] - theirs[0]["auc"]) > 1e-12:
        raise SystemExit(f"the AUCs differ: {ours[0]['auc']} and {theirs[0]['auc']}")
    return {
        "predictions": count,
        "delongSeconds": [run["seconds"] for run in ours],
        "rocAucScoreSeconds": [run["seconds"] for run in theirs],
        "ratio": statistics.median(run["seconds"] for run in ours) / statistics.median(run["seconds"] for run in theirs),
        "auc": ours[0]["auc"],
        "standardError": ours[0]["standardError"],
    }


def main() -> None:
    options = arguments()
    options.cache = options.cache.resolve()
    environment = Environment(options.cache)
    result = {"format": FORMAT, "folds": folds(options), "area": area(options, environment)} | circumstances()
    five, auc = result["folds"], result["area"]

    def seconds(runs: list[float]) -> str:
        return f"{statistics.median(runs):.2f}"

    five_seconds, fit_seconds = seconds(five["validationSeconds"]), seconds(five["fitSeconds"])
    our_seconds, their_seconds = seconds(auc["delongSeconds"]), seconds(auc["rocAucScoreSeconds"])
    print_aligned(
        [
            ("", "median s", "against", "median s", "ratio"),
            ("five folds", five_seconds, "one fit", fit_seconds, f"{five['ratio']:.2f}"),
            ("AUC with DeLong", our_seconds, "roc_auc_score", their_seconds, f"{auc['ratio']:.3f}"),
        ]
    )
    print(f"\nwrote {write_json(result, options.results / 'validation.json')}")


if __name__ == "__main__":
    main()
