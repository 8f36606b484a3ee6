"""Verifies coefficients with numpy alone: `python -m harness.solvers.verify FILE.arrow < REQUEST.json`, as JSON.

The request names the question: `losses` per row, `gradients` of an L2 fit, the `lambdas` of a path, `bounds` of the objectives on a path.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

from harness.solvers.designs import LABEL
from harness.solvers.objective import batches_of, bounds_of, lambdas_of, sums_of, violations


def answer(file: str, request: dict[str, Any]) -> dict[str, Any]:
    if request["question"] == "lambdas":
        keys = ("alpha", "count", "ratio", "intercept")
        return {"lambdas": lambdas_of(file, LABEL, *(request[key] for key in keys)).tolist()}
    coefficients = np.array(request["coefficients"], dtype=np.float64)
    if request["question"] == "losses":
        sums = sums_of(batches_of(file, LABEL), coefficients)
        return {"losses": (sums.losses / sums.rows).tolist()}
    if request["question"] == "gradients":
        sums = sums_of(batches_of(file, LABEL), coefficients)
        found = violations(sums, coefficients, 0, request["l2"])
        return {"rows": sums.rows, "gradients": found.tolist()}
    lambdas = np.array(request["lambdas"])
    bounds = bounds_of(file, LABEL, coefficients, lambdas, request["alpha"], request["intercept"])
    return {"primal": bounds.primal.tolist(), "dual": bounds.dual.tolist()}


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1], json.load(sys.stdin))))
