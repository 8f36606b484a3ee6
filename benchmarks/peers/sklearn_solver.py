"""L2 and elastic-net fits by scikit-learn, rows in order as its solvers take them; also its probabilities."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

from peers.solver_request import Clock, answer, parser_of, penalties_of

SOLVERS = ("lbfgs", "newton-cholesky", "newton-cg", "saga")
MOST_ITERATIONS = 100_000


def model_of(l1: float, l2: float, solver: str, tolerance: float) -> LogisticRegression:
    """Its penalty is (l1_ratio |b|_1 + (1-l1_ratio)/2 |b|^2) / C."""
    total = l1 + l2
    strength, ratio = (1 / total, l1 / total) if total else (np.inf, 0.0)
    return LogisticRegression(C=strength, l1_ratio=ratio, solver=solver, tol=tolerance, max_iter=MOST_ITERATIONS)


def fit(matrix: np.ndarray, labels: np.ndarray, options: Any) -> dict[str, Any]:
    model = model_of(options.l1, options.l2, options.solver, options.tolerance)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(matrix, labels)
    coefficients = [float(model.intercept_[0]), *map(float, model.coef_[0])]
    status = "; ".join(sorted({str(warning.message).splitlines()[0] for warning in caught})) or "converged"
    return {"status": status, "iterations": int(model.n_iter_[0]), "coefficients": coefficients}


def score(matrix: np.ndarray, _: None, options: Any) -> dict[str, Any]:
    coefficients = np.array(json.loads(options.coefficients.read_text())["coefficients"])
    model = LogisticRegression()
    model.classes_ = np.array([0, 1])
    model.intercept_, model.coef_ = coefficients[:1], coefficients[None, 1:]
    clock = Clock()
    column = model.predict_proba(matrix)[:, 1]
    wall, processor = clock.seconds()
    return {"scoreSeconds": wall, "processorSeconds": processor, "sum": float(column.sum())}


def main() -> None:
    parser = parser_of("scikit-learn")
    penalties_of(parser)
    parser.add_argument("--solver", choices=SOLVERS, default="lbfgs")
    parser.add_argument("--coefficients", type=Path, help="JSON file: probabilities with them, and no fit")
    options = parser.parse_args()
    answer("scikit-learn", sklearn.__version__, options, "C", score if options.coefficients else fit)


if __name__ == "__main__":
    main()
