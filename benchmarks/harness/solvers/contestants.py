"""Who takes part in the solvers' benchmark: `solver-benchmark` of ChurnKit and its peers, each with its tolerances."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.environment import Environment
from harness.solvers.data import REQUIREMENTS, Design

LABEL = "churned"
FIT_PEERS = {
    "scikit-learn": ("sklearn_solver", ("lbfgs", "newton-cholesky", "newton-cg")),
    "glum": ("glum_solver", ("irls-ls", "lbfgs")),
}
PATH_PEERS = ("glmnet", "skglm", "celer")
# Each with the learning rates that are tried.
DESCENT_PEERS = {
    "scikit-learn": ("sklearn_descent", ("3e-4", "1e-3", "3e-3", "1e-2")),
    "vowpal-wabbit": ("vowpal_wabbit", ("0.003", "0.01", "0.03", "0.1", "0.3")),
}
BOOST_PEERS = {"xgboost": "xgboost_trees"}
# At 20,000 rows of 64 features they take ten seconds and more for a path.
MOST_ROWS = {"skglm": 100_000, "celer": 100_000}
# What to try where it is not `LADDER`, loosest first. glmnet's is relative to the null deviance, and its documented default comes first.
LADDERS = {
    "glmnet": ("1e-7", "3e-8", "1e-8", "1e-9", "1e-10", "1e-12"),
    "skglm": ("1e-5", "3e-6", "1e-6", "1e-7"),
    "celer": ("1e-4", "1e-5", "1e-6", "1e-7"),
}
TIGHT = {"churn": "1e-12", "scikit-learn": "1e-10", "glum": "1e-9", "glmnet": "1e-14"}


# 1e-2, 3e-3, 1e-3, … 1e-12.
LADDER = tuple(f"{digit}e-{power}" for power in range(2, 13) for digit in (3, 1))[1:]


@dataclass(frozen=True)
class Solver:
    """One tool with one of its algorithms: a command that takes `--tolerance` and prints JSON."""

    name: str
    formulation: str
    base: tuple[str, ...]

    @property
    def title(self) -> str:
        name = "ChurnKit" if self.name == "churn" else self.name
        return f"{name} ({self.formulation})" if self.formulation else name

    @property
    def tolerances(self) -> tuple[str, ...]:
        return LADDERS.get(self.name, LADDER)

    @property
    def tight(self) -> str | None:
        return TIGHT.get(self.name)

    def command(self, tolerance: str | None) -> list[str]:
        return [*self.base, *(["--tolerance", tolerance] if tolerance else [])]


@dataclass(frozen=True)
class Descender(Solver):
    """A tool whose one setting is its learning rate."""

    rates: tuple[str, ...]

    def command(self, tolerance: str | None) -> list[str]:
        return [*self.base, "--learning-rate", tolerance or self.rates[0]]


def outcome_of(output: str) -> dict[str, Any]:
    """What a contestant printed: the last line is JSON."""
    return json.loads(output.splitlines()[-1])


@dataclass(frozen=True)
class Contestants:
    """Makes the contestants: where Python is, and our command where it takes part."""

    environment: Environment
    ours: Path | None
    threads: str | None

    @property
    def python(self) -> str:
        return str(self.environment.python(REQUIREMENTS))

    def own(self, job: str, data: Path, *options: str, formulation: str = "") -> list[Solver]:
        if self.ours is None:
            return []
        threads = ("--threads", self.threads) if self.threads else ()
        return [Solver("churn", formulation, (str(self.ours), job, "--data", str(data), *options, *threads))]

    def peer(self, name: str, module: str, data: Path, *options: str, formulation: str = "") -> Solver:
        return Solver(name, formulation, (self.python, "-m", f"peers.{module}", "--data", str(data), *options))

    def fits(self, design: Design, names: list[str], formulations: set[str] | None = None) -> list[Solver]:
        """L2 with a strength of 1 over the sum of losses; ours chooses its solver."""
        options = ("--label", LABEL, "--l2", "1")
        found = self.own("fit", design.file, *options, "--scale", "sum")
        for name in names:
            module, solvers = FIT_PEERS[name]
            for solver in solvers:
                if formulations is None or solver in formulations:
                    extra = (*options, "--solver", solver)
                    found.append(self.peer(name, module, design.file, *extra, formulation=solver))
        return found

    def descents(self, design: Design, names: list[str], epochs: int) -> list[Descender]:
        """Stochastic descent through all rows so many times, at each of a ladder of learning rates."""
        options = ("--label", LABEL, "--l2", "1", "--epochs", str(epochs))
        found = [
            Descender(solver.name, method, solver.base, ("0.5", "1", "2"))
            for method in ("momentum", "adam")
            for solver in self.own("descend", design.file, *options, "--held-out", "0", "--method", method)
        ]
        for name in names:
            module, rates = DESCENT_PEERS[name]
            peer = self.peer(name, module, design.file, *options)
            found.append(Descender(name, "", peer.base, rates))
        return found

    def boosts(self, design: Design, held_out: Design, names: list[str], rounds: int) -> list[Solver]:
        """Boosted trees of six levels, on one thread where no number is given."""
        options = ("--label", LABEL, "--held-out", str(held_out.file), "--rounds", str(rounds))
        options += ("--learning-rate", "0.1", "--max-depth", "6")
        threads = () if self.threads else ("--threads", "1")
        found = self.own("boost", design.file, *options, *threads)
        peers = (*options, "--threads", self.threads or "1")
        return found + [self.peer(name, BOOST_PEERS[name], design.file, *peers) for name in names]

    def paths(
        self, design: Design, names: list[str], alpha: float, ratio: float, intercept: bool, lambdas: Path
    ) -> list[Solver]:
        flag = () if intercept else ("--no-intercept",)
        options = ("--label", LABEL, "--alpha", str(alpha))
        found = self.own("path", design.file, *options, "--count", "100", "--ratio", str(ratio), *flag)
        options = (*options, "--lambdas", str(lambdas), *flag)
        for name in names:
            if name == "glmnet":
                doubles = str(design.doubles(self.environment))
                found.append(Solver(name, "", ("Rscript", "peers/glmnet_path.R", "--data", doubles, *options)))
            else:
                found.append(self.peer(name, f"{name}_path", design.file, *options))
        return found

    def scores(self, design: Design, coefficients: Path) -> list[Solver]:
        options = ("--coefficients", str(coefficients))
        found = self.own("score", design.file, *options)
        found += self.own("score", design.file, *options, "--reasons", formulation="with reasons")
        return [*found, self.peer("scikit-learn", "sklearn_solver", design.file, *options)]
