"""Boosted trees: the same rounds with the same settings and threads, by the system's library and by XGBoost's package."""

from __future__ import annotations

from dataclasses import dataclass

from harness.lanes import alternate
from harness.solvers.contestants import Contestants, Solver, outcome_of
from harness.solvers.data import Design
from harness.solvers.fits import SolverLane

# By how much held-out losses may differ: versions of the library do not grow the same trees.
DIFFERENCE = 5e-3


@dataclass(frozen=True)
class Boosts:
    """One design, on which all grow so many trees."""

    contestants: Contestants
    design: Design
    runs: int
    limit: float

    def run(self, solvers: list[Solver]) -> list[SolverLane]:
        lanes = [SolverLane(solver, solver.command(None)) for solver in solvers]
        alternate(lanes, self.runs, self.limit, self.design.name, lambda _, output: outcome_of(output))
        losses = [lane.outcomes[-1]["heldOutLoss"] for lane in lanes if lane.failure is None]
        for lane in lanes:
            if lane.failure is not None:
                continue
            lane.verified["heldOutLoss"] = lane.outcomes[-1]["heldOutLoss"]
            if lane.contestant.name == "churn" and losses[0] > (1 + DIFFERENCE) * min(losses):
                lane.fail(f"left a held-out loss of {losses[0]:.5f}, the best {min(losses):.5f}")
        return lanes
