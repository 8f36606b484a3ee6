"""L2 fits of all contestants to the same gradient, in turn; each gradient is verified and all coefficients compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.lanes import Lane, alternate
from harness.solvers.contestants import Contestants, Solver, outcome_of
from harness.solvers.data import Design
from harness.solvers.tolerances import loosest

# The largest element of the gradient of the sum of losses, per row.
GRADIENT = 1e-6
# Differences of coefficients. At that gradient they are relative to the largest coefficient, because one near zero is not
# known better; at a tight tolerance to each coefficient, or to `FLOOR` times the largest where it is smaller than that.
LOOSE_AGREEMENT, TIGHT_AGREEMENT = 1e-4, 1e-6
# A gradient per row that counts as tight: L-BFGS does not get there, because its objective stops to move in the last digits.
TIGHT_GRADIENT = 1e-10
FLOOR = 1e-3


@dataclass
class SolverLane(Lane):
    """The runs of one solver with the tolerance that it needs, and what was verified of them."""

    tolerance: str | None = None
    verified: dict[str, float] = field(default_factory=dict)


def relative_difference(theirs: list[float], ours: list[float], floor: float) -> float:
    floor *= max(map(abs, ours))
    return max(abs(a - b) / max(abs(b), floor) for a, b in zip(theirs, ours, strict=True))


@dataclass(frozen=True)
class Fits:
    """One design, fitted by all."""

    contestants: Contestants
    design: Design
    runs: int
    limit: float

    def gradients(self, coefficients: list[list[float]]) -> list[float]:
        """The largest element of each gradient, per row, by numpy."""
        answer = self.design.verify(self.contestants.environment, question="gradients", l2=1, coefficients=coefficients)
        return [gradient / answer["rows"] for gradient in answer["gradients"]]

    def lane(self, solver: Solver) -> SolverLane:
        def reached(outcome: dict[str, Any]) -> float:
            return self.gradients([outcome["coefficients"]])[0]

        tolerance = loosest(
            solver, f"fit {self.design.file.stem}", self.contestants.environment.cache, self.limit, reached, GRADIENT
        )
        lane = SolverLane(solver, solver.command(tolerance), tolerance=tolerance)
        if tolerance is None:
            lane.fail(f"reaches a gradient of {GRADIENT:.0e} per row at no tolerance")
        return lane

    def run(self, solvers: list[Solver], tight: bool = True) -> list[SolverLane]:
        lanes = [self.lane(solver) for solver in solvers]
        alternate(lanes, self.runs, self.limit, self.design.name, lambda _, output: outcome_of(output))
        self.verify(lanes)
        if tight:
            self.compare_tight(lanes)
        return lanes

    def verify(self, lanes: list[SolverLane]) -> None:
        """Every run's gradient, and the last run's coefficients against those of the first lane."""
        ended = [lane for lane in lanes if lane.failure is None]
        for lane in ended:
            lane.verified["gradientPerRow"] = max(self.gradients([run["coefficients"] for run in lane.outcomes]))
            if not lane.verified["gradientPerRow"] <= GRADIENT:
                lane.fail(f"left a gradient of {lane.verified['gradientPerRow']:.1e} per row")
        self.compare(ended, [lane.outcomes[-1] for lane in ended], "largestDifference", LOOSE_AGREEMENT, floor=1)

    def compare_tight(self, lanes: list[SolverLane]) -> None:
        """Once more, as tight as each gets: the coefficients of those that do get there must be the same."""
        ended = [lane for lane in lanes if lane.failure is None and lane.contestant.tight]
        again = [Lane(lane.contestant, lane.contestant.command(lane.contestant.tight)) for lane in ended]
        alternate(again, 1, self.limit, f"{self.design.name} tight", lambda _, output: outcome_of(output))
        tight = []
        for lane, other in zip(ended, again):
            if other.failure is None:
                gradient = self.gradients([other.outcomes[-1]["coefficients"]])[0]
                lane.verified["tightGradientPerRow"] = gradient
                if gradient <= TIGHT_GRADIENT:
                    tight.append((lane, other.outcomes[-1]))
                elif lane.contestant.name == "churn":
                    lane.fail(f"left a gradient of {gradient:.1e} per row when it should be tight")
        kept, outcomes = [lane for lane, _ in tight], [outcome for _, outcome in tight]
        self.compare(kept, outcomes, "largestTightDifference", TIGHT_AGREEMENT, FLOOR)

    def compare(
        self, lanes: list[SolverLane], outcomes: list[dict[str, Any]], key: str, most: float, floor: float
    ) -> None:
        if not lanes:
            return
        reference = outcomes[0]["coefficients"]
        for lane, outcome in list(zip(lanes, outcomes))[1:]:
            lane.verified[key] = relative_difference(outcome["coefficients"], reference, floor)
            if not lane.verified[key] <= most and lane.failure is None:
                lane.fail(f"disagrees: coefficients differ by {lane.verified[key]:.1e}")
