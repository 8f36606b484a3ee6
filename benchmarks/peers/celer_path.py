"""A lasso path by celer. Its logistic regression has no intercept and no square in the penalty."""

from __future__ import annotations

from typing import Any

import celer
import numpy as np
from celer import celer_path

from peers.solver_request import answer, lambdas_in, parser_of, path_of


def work(matrix: np.ndarray, labels: np.ndarray, options: Any) -> dict[str, Any]:
    if options.alpha != 1 or not options.no_intercept:
        raise SystemExit("celer: logistic regression without an intercept and with alpha 1 alone")
    lambdas = lambdas_in(options)
    # Its objective is the sum of losses, not their mean.
    _, found, _ = celer_path(
        matrix,
        2 * labels - 1,
        pb="logreg",
        alphas=lambdas * len(labels),
        tol=options.tolerance,
        max_iter=1_000,
        use_PN=options.solver == "prox-newton",
    )
    coefficients = [[0.0, *column] for column in found.T.tolist()]
    return {"status": "ended", "lambdas": lambdas.tolist(), "coefficients": coefficients}


def main() -> None:
    parser = parser_of("celer")
    path_of(parser)
    parser.add_argument("--solver", choices=("prox-newton", "coordinate-descent"), default="prox-newton")
    answer("celer", celer.__version__, parser.parse_args(), "F", work)


if __name__ == "__main__":
    main()
