"""Stochastic gradient descent by scikit-learn: averaged, at a constant learning rate, rows in random order."""

from __future__ import annotations

from typing import Any

import numpy as np
import sklearn
from sklearn.linear_model import SGDClassifier

from peers.solver_request import answer, descent_of, parser_of


def fit(matrix: np.ndarray, labels: np.ndarray, options: Any) -> dict[str, Any]:
    model = SGDClassifier(
        loss="log_loss",
        # Its objective is the mean loss + alpha/2 |b|^2.
        alpha=options.l2 / len(labels),
        learning_rate="constant",
        eta0=options.learning_rate,
        average=True,
        max_iter=options.epochs,
        tol=None,
        random_state=1,
    )
    model.fit(matrix, labels)
    return {"iterations": int(model.n_iter_), "coefficients": [float(model.intercept_[0]), *map(float, model.coef_[0])]}


if __name__ == "__main__":
    parser = parser_of("scikit-learn")
    descent_of(parser)
    answer("scikit-learn", sklearn.__version__, parser.parse_args(), "C", fit)
