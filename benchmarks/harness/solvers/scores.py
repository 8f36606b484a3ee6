"""Probabilities of a mapped table, with the same coefficients by all."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

from harness.lanes import alternate
from harness.solvers.contestants import Contestants, outcome_of
from harness.solvers.data import Design
from harness.solvers.fits import SolverLane

AGREEMENT = 1e-12


@dataclass(frozen=True)
class Scores:
    """One design without labels. Of the probabilities the sums are compared."""

    contestants: Contestants
    design: Design
    runs: int
    limit: float

    def run(self, seed: int) -> list[SolverLane]:
        numbers = random.Random(seed)
        coefficients = [-1.5, *(numbers.gauss(0, 0.15) for _ in range(self.design.features))]
        file = self.design.file.with_suffix(".coefficients.json")
        file.write_text(json.dumps({"coefficients": coefficients}))
        lanes = [SolverLane(solver, solver.command(None)) for solver in self.contestants.scores(self.design, file)]
        alternate(lanes, self.runs, self.limit, self.design.name, lambda _, output: outcome_of(output))
        ended = [lane for lane in lanes if lane.failure is None]
        for lane in ended[1:]:
            ours, theirs = ended[0].outcomes[-1]["sum"], lane.outcomes[-1]["sum"]
            lane.verified["largestDifference"] = abs(ours - theirs) / abs(ours)
            if not lane.verified["largestDifference"] <= AGREEMENT:
                lane.fail(f"disagrees: the probabilities sum to {theirs!r}, and not {ours!r}")
        return lanes
