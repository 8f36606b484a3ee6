"""An elastic-net path by skglm, from lambda to lambda with the last solution as start; it is compiled before it is timed."""

from __future__ import annotations

from typing import Any

import numpy as np
import skglm
from skglm.datafits import Logistic
from skglm.penalties import L1, L1_plus_L2
from skglm.solvers import AndersonCD, ProxNewton

from peers.solver_request import Clock, answer, lambdas_in, parser_of, path_of

SOLVERS = {"prox-newton": ProxNewton, "anderson-cd": AndersonCD}
MOST_ITERATIONS = 1_000
ROWS_TO_COMPILE = 1_000


def path(matrix: np.ndarray, signs: np.ndarray, lambdas: np.ndarray, options: Any) -> list[list[float]]:
    intercept = not options.no_intercept
    solver = SOLVERS[options.solver](tol=options.tolerance, max_iter=MOST_ITERATIONS, fit_intercept=intercept)
    start = np.zeros(matrix.shape[1] + intercept)
    predictors = np.zeros(len(signs))
    found = []
    for strength in lambdas:
        penalty = L1(strength) if options.alpha == 1 else L1_plus_L2(strength, options.alpha)
        start, *_ = solver.solve(matrix, signs, Logistic(), penalty, start, predictors)
        predictors = matrix @ start[: matrix.shape[1]] + (start[-1] if intercept else 0)
        slopes = start[: matrix.shape[1]].tolist()
        found.append([float(start[-1]) if intercept else 0.0, *slopes])
    return found


def work(matrix: np.ndarray, labels: np.ndarray, options: Any) -> dict[str, Any]:
    lambdas, signs = lambdas_in(options), 2 * labels - 1
    few = slice(0, ROWS_TO_COMPILE)
    path(np.asfortranarray(matrix[few]), signs[few], lambdas[:3], options)
    clock = Clock()
    coefficients = path(matrix, signs, lambdas, options)
    wall, processor = clock.seconds()
    times = {"fitSeconds": wall, "processorSeconds": processor}
    return times | {"status": "ended", "lambdas": lambdas.tolist(), "coefficients": coefficients}


def main() -> None:
    parser = parser_of("skglm")
    path_of(parser)
    parser.add_argument("--solver", choices=list(SOLVERS), default="prox-newton")
    answer("skglm", skglm.__version__, parser.parse_args(), "F", work)


if __name__ == "__main__":
    main()
