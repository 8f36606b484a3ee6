"""Elastic-net paths of all contestants to the same suboptimality, which is certified by duality."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.lanes import Lane, alternate
from harness.solvers.contestants import Contestants, Solver, outcome_of
from harness.solvers.data import Design
from harness.solvers.fits import SolverLane
from harness.solvers.tolerances import loosest

COUNT = 100
SUBOPTIMALITY = 1e-6
SAME_LAMBDA = 1e-9


@dataclass
class Paths:
    """One design, one alpha, with or without an intercept. Every contestant gets the same lambdas; ours finds its own."""

    contestants: Contestants
    design: Design
    alpha: float
    ratio: float
    intercept: bool
    runs: int
    limit: float

    def __post_init__(self) -> None:
        penalty = {"alpha": self.alpha, "intercept": self.intercept}
        question = penalty | {"question": "lambdas", "count": COUNT, "ratio": self.ratio}
        self.lambdas: list[float] = self.verify(**question)["lambdas"]
        self.penalty = penalty
        self.bounds = [float("-inf")] * COUNT

    def verify(self, **question: Any) -> dict[str, Any]:
        return self.design.verify(self.contestants.environment, **question)

    @property
    def name(self) -> str:
        return f"{self.design.name}-alpha{self.alpha:g}{'' if self.intercept else '-no-intercept'}"

    def write_lambdas(self) -> Path:
        file = self.design.file.with_name(f"{self.design.file.stem}-{self.name}.lambdas.json")
        file.write_text(json.dumps(self.lambdas))
        return file

    def values(self, coefficients: list[list[float]]) -> list[float]:
        """The objective at each lambda; the bounds are raised where these coefficients prove a higher one."""
        found = self.verify(question="bounds", coefficients=coefficients, lambdas=self.lambdas, **self.penalty)
        self.bounds = list(map(max, self.bounds, found["dual"]))
        return found["primal"]

    def suboptimality(self, values: list[float]) -> float:
        return max((value - bound) / bound for value, bound in zip(values, self.bounds, strict=True))

    def reached(self, outcome: dict[str, Any]) -> float:
        """The largest relative suboptimality, or no number where it is not a path of these lambdas."""
        pairs = list(zip(outcome["lambdas"], self.lambdas))
        if len(outcome["coefficients"]) != COUNT or any(abs(a - b) > SAME_LAMBDA * b for a, b in pairs):
            return float("nan")
        return self.suboptimality(self.values(outcome["coefficients"]))

    def run(self, solvers: list[Solver]) -> list[SolverLane]:
        self.raise_bounds(solvers)
        lanes = [self.lane(solver) for solver in solvers]
        alternate(lanes, self.runs, self.limit, self.name, lambda _, output: outcome_of(output))
        for lane in lanes:
            if lane.failure is None:
                lane.verified["suboptimality"] = max(map(self.reached, lane.outcomes))
                if not lane.verified["suboptimality"] <= SUBOPTIMALITY:
                    lane.fail(f"is {lane.verified['suboptimality']:.1e} from the optimum")
        return lanes

    def raise_bounds(self, solvers: list[Solver]) -> None:
        """A tight path of those that can give one: its duality gap is what is known of the optimum."""
        tight = [solver for solver in solvers if solver.tight]
        lanes = [Lane(solver, solver.command(solver.tight)) for solver in tight]
        alternate(lanes, 1, self.limit, f"{self.name} tight", lambda _, output: outcome_of(output))
        found = [self.reached(lane.outcomes[-1]) for lane in lanes if lane.failure is None]
        self.gap = min(found, default=float("inf"))

    def lane(self, solver: Solver) -> SolverLane:
        cache = self.contestants.environment.cache
        job = f"path {self.design.file.stem} {self.name} {self.ratio:g}"
        tolerance = loosest(solver, job, cache, self.limit, self.reached, SUBOPTIMALITY)
        lane = SolverLane(solver, solver.command(tolerance), tolerance=tolerance)
        if tolerance is None:
            lane.fail(f"reaches {SUBOPTIMALITY:.0e} of the optimum at no tolerance")
        return lane
