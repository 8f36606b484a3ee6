"""Logistic regression: ChurnKit's solvers against scikit-learn, glum, glmnet, skglm and celer.

Run it as `script/bench solvers`, which installs what is missing and builds `solver-benchmark`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from harness.environment import BENCHMARKS, Environment, load_average
from harness.page import write_page
from harness.solvers.contestants import BOOST_PEERS, DESCENT_PEERS, FIT_PEERS, MOST_ROWS, PATH_PEERS, REQUIREMENTS, Contestants
from harness.solvers.data import Design, rows_of
from harness.solvers.boosts import Boosts
from harness.solvers.descents import HELD_OUT, Descents
from harness.solvers.fits import Fits
from harness.solvers.paths import Paths
from harness.solvers.recording import lanes_record, print_lanes, write
from harness.solvers.scores import Scores

ROWS = {"fit": "1m", "path": "1m", "scaling": "200k", "score": "10m"}
# Of a design, beyond which --scaling makes a third of the runs.
MOST_BYTES = 10**9
SCALING_SOLVERS = {"lbfgs", "newton-cholesky", "irls-ls"}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench solvers",
        description="Fits the same logistic regressions with ChurnKit and its peers in alternating runs, verifies every "
        "result by numpy alone, and writes medians, ratios and a page with charts.",
        epilog="Without --path, --scaling, --score or --check: L2 fits with C=1 to a gradient of 1e-6 per row. Examples: "
        "script/bench solvers --rows 200k; script/bench solvers --path --alpha 1 --peers glmnet",
    )
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument("--path", action="store_const", dest="part", const="path", help="paths of 100 lambdas")
    parts.add_argument("--descend", action="store_const", dest="part", const="descend", help="stochastic descent")
    parts.add_argument("--boost", action="store_const", dest="part", const="boost", help="boosted trees")
    parts.add_argument("--scaling", action="store_const", dest="part", const="scaling", help="time against size")
    parts.add_argument("--score", action="store_const", dest="part", const="score", help="probabilities")
    parts.add_argument("--check", action="store_const", dest="part", const="check", help="exactness on real data")
    parser.set_defaults(part="fit")
    parser.add_argument("--rows", help="such as 20k, 1m (default: 1m; 10m with --score; 200k for widths of --scaling)")
    parser.add_argument("--features", type=int, default=64, help="features (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default: %(default)s; a third of them in --scaling beyond 1 GB)")
    parser.add_argument("--peers", help="names separated by commas, or none (default: those that manage the size)")
    parser.add_argument("--alpha", type=float, default=0.5, help="share of |b|_1 in a path's penalty (default: .5)")
    parser.add_argument("--ratio", type=float, default=1e-3, help="last lambda / first (default: %(default)s)")
    parser.add_argument("--no-intercept", action="store_true", help="paths without an intercept, which celer needs")
    parser.add_argument("--epochs", type=int, default=5, help="times that --descend goes through the rows (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=100, help="trees of --boost (default: %(default)s)")
    parser.add_argument("--widths", default="16,64,256,1024", help="features of --scaling (default: %(default)s)")
    parser.add_argument("--lengths", default="10k,100k,1m", help="rows of --scaling, up to 10m (default: %(default)s)")
    parser.add_argument("--threads", metavar="N", help="given to `solver-benchmark` as --threads")
    parser.add_argument("--without-ours", action="store_true", help="the peers alone")
    parser.add_argument("--seed", type=int, default=1, help="seed of the data (default: %(default)s)")
    parser.add_argument("--limit", type=float, default=3600, help="seconds after which a run is ended")
    parser.add_argument("--solver-benchmark", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=Path, default=BENCHMARKS / ".cache", help="folder for data and Python packages")
    parser.add_argument("--results", type=Path, default=BENCHMARKS / "results", help="folder for JSON and page")
    options = parser.parse_args()
    check(parser, options)
    return options


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Turns texts into numbers and lists, and says what cannot be."""
    try:
        options.rows = rows_of(options.rows or ROWS.get(options.part, "1m"))
        options.lengths = [rows_of(text) for text in options.lengths.split(",")]
        options.widths = [int(text) for text in options.widths.split(",")]
    except ValueError as error:
        parser.error(str(error))
    if min(options.runs, options.features, options.epochs, options.rounds, *options.widths) < 1:
        parser.error("--runs, --features, --epochs, --rounds and --widths must be at least 1")
    if not (0 < options.alpha <= 1 and 0 < options.ratio < 1):
        parser.error("--alpha must be above 0 and at most 1, --ratio between 0 and 1")
    options.peers = peers_of(parser, options)
    options.cache = options.cache.resolve()
    if options.without_ours:
        options.solver_benchmark = None
        if options.part in ("score", "check", "descend", "boost"):
            parser.error(f"--{options.part} needs ours")
    elif options.solver_benchmark is None:
        parser.error("run it as script/bench solvers")
    else:
        options.solver_benchmark = options.solver_benchmark.resolve()


def peers_of(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[str]:
    known = {"path": PATH_PEERS, "descend": tuple(DESCENT_PEERS), "boost": tuple(BOOST_PEERS)}.get(options.part, tuple(FIT_PEERS))
    lasso = options.alpha == 1 and options.no_intercept
    if options.peers is None:
        manage = [name for name in known if options.rows <= MOST_ROWS.get(name, options.rows)]
        has_r = shutil.which("Rscript") is not None
        return [name for name in manage if (name != "celer" or lasso) and (name != "glmnet" or has_r)]
    names = [name for name in options.peers.split(",") if name and name != "none"]
    if not set(names) <= set(known):
        parser.error(f"--peers takes {', '.join(known)} or none")
    if "celer" in names and not lasso:
        parser.error("celer has no intercept and no elastic net: add --alpha 1 --no-intercept")
    return names


def run_fit(options: argparse.Namespace, contestants: Contestants) -> bool:
    design = Design.make(contestants.environment, options.rows, options.features, options.seed)
    print(f"\nL2, C=1: {design.words}")
    lanes = Fits(contestants, design, options.runs, options.limit).run(contestants.fits(design, options.peers))
    print_lanes(lanes)
    print(f"\nwrote {write('fit', design.name, lanes_record(contestants, design, lanes), options.results)}")
    return all(lane.failure is None for lane in lanes)


def run_path(options: argparse.Namespace, contestants: Contestants) -> bool:
    design = Design.make(contestants.environment, options.rows, options.features, options.seed)
    paths = Paths(contestants, design, options.alpha, options.ratio, not options.no_intercept, options.runs, options.limit)
    print(f"\npath, alpha {options.alpha:g}, 100 lambdas to {options.ratio:g} of the first: {design.words}")
    lambdas = paths.write_lambdas()
    solvers = contestants.paths(design, options.peers, options.alpha, options.ratio, paths.intercept, lambdas)
    lanes = paths.run(solvers)
    print_lanes(lanes)
    print(f"suboptimality is relative to the best bound that duality proves, itself {paths.gap:.1e} below the best path")
    penalty = {"alpha": options.alpha, "ratio": options.ratio, "intercept": paths.intercept}
    contents = penalty | {"provenGap": paths.gap} | lanes_record(contestants, design, lanes)
    print(f"\nwrote {write('path', paths.name, contents, options.results)}")
    return all(lane.failure is None for lane in lanes)


def run_descend(options: argparse.Namespace, contestants: Contestants) -> bool:
    design = Design.make(contestants.environment, options.rows, options.features, options.seed)
    times = "once" if options.epochs == 1 else f"{options.epochs} times"
    print(f"\nstochastic descent, {times} through {design.words}")
    descents = Descents(contestants, design, options.seed, options.epochs, options.runs, options.limit)
    lanes = descents.run(contestants.descents(design, options.peers, options.epochs))
    print_lanes(lanes)
    contents = {"epochs": options.epochs} | lanes_record(contestants, design, lanes)
    name = f"{design.name}-epochs{options.epochs}"
    print(f"\nwrote {write('descend', name, contents, options.results)}")
    return all(lane.failure is None for lane in lanes)


def run_boost(options: argparse.Namespace, contestants: Contestants) -> bool:
    environment = contestants.environment
    design = Design.make(environment, options.rows, options.features, options.seed)
    held_out = Design.make(environment, options.rows, options.features, options.seed, held_out=HELD_OUT)
    print(f"\nboosted trees, {options.rounds} rounds: {design.words}")
    lanes = Boosts(contestants, design, options.runs, options.limit).run(
        contestants.boosts(design, held_out, options.peers, options.rounds)
    )
    print_lanes(lanes)
    contents = {"rounds": options.rounds, "threads": int(options.threads or 1)} | lanes_record(contestants, design, lanes)
    print(f"\nwrote {write('boost', design.name, contents, options.results)}")
    return all(lane.failure is None for lane in lanes)


def run_scaling(options: argparse.Namespace, contestants: Contestants) -> bool:
    sizes = sorted({(options.rows, width) for width in options.widths} | {(rows, options.features) for rows in options.lengths})
    entries, well = [], True
    for rows, features in sizes:
        design = Design.make(contestants.environment, rows, features, options.seed)
        print(f"\nL2, C=1: {design.words}")
        solvers = contestants.fits(design, options.peers, SCALING_SOLVERS)
        runs = options.runs if 8 * rows * features <= MOST_BYTES else max(1, options.runs // 3)
        lanes = Fits(contestants, design, runs, options.limit).run(solvers, tight=False)
        print_lanes(lanes)
        entries.append(lanes_record(contestants, design, lanes))
        well = well and all(lane.failure is None for lane in lanes)
    contents = {"rowsOfWidths": options.rows, "featuresOfLengths": options.features, "sizes": entries}
    print(f"\nwrote {write('scaling', '', contents, options.results)}")
    return well


def run_score(options: argparse.Namespace, contestants: Contestants) -> bool:
    design = Design.make(contestants.environment, options.rows, options.features, options.seed, with_label=False)
    print(f"\nprobabilities: {design.words}")
    lanes = Scores(contestants, design, options.runs, options.limit).run(options.seed)
    print_lanes(lanes)
    print(f"\nwrote {write('score', design.name, lanes_record(contestants, design, lanes), options.results)}")
    return all(lane.failure is None for lane in lanes)


def run_check(options: argparse.Namespace, contestants: Contestants) -> bool:
    data = Path(os.environ.get("CHURN_DATA", BENCHMARKS.parent.parent / "shared" / "data"))
    python = str(contestants.environment.python(REQUIREMENTS))
    command = [python, "-m", "harness.solvers.check", str(options.solver_benchmark), str(data)]
    return subprocess.run(command, cwd=BENCHMARKS, check=False).returncode == 0


PARTS = {
    "fit": run_fit,
    "path": run_path,
    "descend": run_descend,
    "boost": run_boost,
    "scaling": run_scaling,
    "score": run_score,
    "check": run_check,
}


def main() -> int:
    options = arguments()
    contestants = Contestants(Environment(options.cache), options.solver_benchmark, options.threads)
    print(f"bench: load average {load_average():.2f}; a quiet machine has below 0.3", file=sys.stderr)
    well = PARTS[options.part](options, contestants)
    if options.part != "check":
        print(f"wrote {write_page(options.results)}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
