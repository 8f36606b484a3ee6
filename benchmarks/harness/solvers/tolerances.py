"""The loosest tolerance with which a contestant reaches what is asked for, found by trying, so that none does more."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.environment import BENCHMARKS
from harness.measurement import RunFailed, measure
from harness.solvers.contestants import Solver, outcome_of

Outcome = dict[str, Any]


def loosest(solver: Solver, job: str, cache: Path, limit: float, reaches: Callable[[Outcome], float], most: float) -> str | None:
    """Tries from the loosest on until `reaches` is at most `most`; what was found for a peer is kept in the cache.

    Ours is searched for each time, since it changes from build to build. The timed runs are verified again in any case.
    """
    file = cache / "designs" / "tolerances.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    key = f"{job} {solver.title}"
    if key in kept and solver.name != "churn":
        return kept[key]
    for tolerance in solver.tolerances:
        try:
            _, output = measure(solver.command(tolerance), BENCHMARKS, limit)
        except RunFailed as failure:
            print(f"bench: {solver.title} failed: {failure}", file=sys.stderr)
            return None
        reached = reaches(outcome_of(output))
        print(f"bench: {job} {solver.title} at {tolerance} reaches {reached:.1e}, asked for {most:.1e}", file=sys.stderr)
        if reached <= most:
            kept[key] = tolerance
            file.write_text(json.dumps(kept, indent=2))
            return tolerance
    return None
