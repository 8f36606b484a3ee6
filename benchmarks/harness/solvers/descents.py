"""Stochastic descent: rows a second of each tool, at the learning rate that leaves it the lowest loss of held-out rows."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from harness.environment import BENCHMARKS
from harness.lanes import alternate
from harness.measurement import RunFailed, measure
from harness.solvers.contestants import Contestants, Descender, outcome_of
from harness.solvers.data import Design
from harness.solvers.fits import SolverLane
from harness.solvers.recording import medians_of

HELD_OUT = 200_000
# Of the optimum's loss of held-out rows: what ours must not be beyond. Peers are what they are.
EXCESS = 1e-3


@dataclass(frozen=True)
class Descents:
    """One design, gone through by all so many times; rows that come behind it are held out from all."""

    contestants: Contestants
    design: Design
    seed: int
    epochs: int
    runs: int
    limit: float

    def losses(self, coefficients: list[list[float]]) -> list[float]:
        environment = self.contestants.environment
        held_out = Design.make(environment, self.design.rows, self.design.features, self.seed, held_out=HELD_OUT)
        return held_out.verify(environment, question="losses", coefficients=coefficients)["losses"]

    def optimum(self) -> float:
        """The held-out loss of an exact fit."""
        command = self.contestants.fits(self.design, [])[0].command("1e-10")
        _, output = measure(command, BENCHMARKS, self.limit)
        return self.losses([outcome_of(output)["coefficients"]])[0]

    def best_rate(self, solver: Descender, optimum: float) -> str | None:
        excesses = {}
        for rate in solver.rates:
            try:
                _, output = measure(solver.command(rate), BENCHMARKS, self.limit)
            except RunFailed as failure:
                print(f"bench: {solver.title} failed: {failure}", file=sys.stderr)
                return None
            excesses[rate] = self.losses([outcome_of(output)["coefficients"]])[0] / optimum - 1
            print(f"bench: {solver.title} at rate {rate}: held-out loss {excesses[rate]:+.1e} of the optimum's", file=sys.stderr)
        return min(excesses, key=lambda rate: excesses[rate])

    def run(self, solvers: list[Descender]) -> list[SolverLane]:
        optimum = self.optimum()
        lanes = []
        for solver in solvers:
            rate = self.best_rate(solver, optimum)
            lane = SolverLane(solver, solver.command(rate), tolerance=f"rate {rate}")
            if rate is None:
                lane.fail("did not end")
            lanes.append(lane)
        alternate(lanes, self.runs, self.limit, self.design.name, lambda _, output: outcome_of(output))
        for lane in lanes:
            if lane.failure is not None:
                continue
            losses = self.losses([run["coefficients"] for run in lane.outcomes])
            lane.verified["excessLoss"] = max(losses) / optimum - 1
            lane.verified["rowsPerSecond"] = self.epochs * self.design.rows / (medians_of(lane)["workSeconds"] or 1)
            if lane.contestant.name == "churn" and not lane.verified["excessLoss"] <= EXCESS:
                lane.fail(f"left a held-out loss of {lane.verified['excessLoss']:+.1e} of the optimum's")
        return lanes
