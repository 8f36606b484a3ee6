"""L2 fits by glum, columns in order as its products of matrices take them."""

from __future__ import annotations

import warnings
from typing import Any

import glum
import numpy as np
from glum import GeneralizedLinearRegressor

from peers.solver_request import answer, parser_of, penalties_of

SOLVERS = ("irls-ls", "irls-cd", "lbfgs")
MOST_ITERATIONS = 10_000


def fit(matrix: np.ndarray, labels: np.ndarray, options: Any) -> dict[str, Any]:
    """Its objective is mean loss + alpha (l1_ratio |b|_1 + (1-l1_ratio)/2 |b|^2)."""
    total = options.l1 + options.l2
    model = GeneralizedLinearRegressor(
        family="binomial",
        alpha=total / len(labels),
        l1_ratio=options.l1 / total if total else 0,
        solver=options.solver,
        gradient_tol=options.tolerance,
        max_iter=MOST_ITERATIONS,
        scale_predictors=False,
        copy_X=False,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(matrix, labels)
    coefficients = [float(model.intercept_), *map(float, model.coef_)]
    status = "; ".join(sorted({str(warning.message).splitlines()[0] for warning in caught})) or "converged"
    return {"status": status, "iterations": int(model.n_iter_), "coefficients": coefficients}


def main() -> None:
    parser = parser_of("glum")
    penalties_of(parser)
    parser.add_argument("--solver", choices=SOLVERS, default="irls-ls")
    answer("glum", glum.__version__, parser.parse_args(), "F", fit)


if __name__ == "__main__":
    main()
