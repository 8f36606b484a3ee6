"""Whether every solver of ours is exact: `python -m harness.solvers.check SOLVER-BENCHMARK DATA-FOLDER`.

Each is run at a tolerance of 1e-12 on real churn data and on a wide design, and compared with scikit-learn (with skglm for
L1 on the wide design): the largest difference of coefficients, and the subgradient per row, recomputed by numpy. Exits with 1
where one is too large.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from harness.solvers.designs import LABEL, write_design
from harness.solvers.fits import FLOOR
from harness.solvers.objective import probabilities, sums_of, violations
from harness.solvers.tables import TABLES, table_of, wide_table
from peers.skglm_path import path
from peers.sklearn_solver import model_of

TOLERANCE = "1e-12"
MOST_DIFFERENCE, MOST_VIOLATION = 1e-6, 1e-8
REFERENCE_TOLERANCE, MOST_PASSES, MOST_STEPS = 1e-9, 2_000, 50
LIMIT = 600
HEADINGS = f"{'data':<10} {'penalty':<14} {'solver':<18} {'seconds':>8} {'difference':>11} {'subgradient':>12}"


@dataclass(frozen=True)
class Penalty:
    """Of the sum of losses."""

    words: str
    l1: float
    l2: float

    @property
    def solvers(self) -> tuple[str, ...]:
        return ("coordinateDescent",) if self.l1 else ("newton", "lbfgs", "coordinateDescent")


PENALTIES = (
    Penalty("L2, C=1", 0, 1),
    Penalty("L2, C=.01", 0, 100),
    Penalty("L1, C=.01", 100, 0),
    Penalty("elastic net", 50, 50),
    Penalty("none", 0, 0),
)
# Its columns are rare: what suits z-scored ones would leave nothing. Without a penalty it has no solution.
WIDE_PENALTIES = (
    Penalty("L2, C=1", 0, 1),
    Penalty("L2, C=.01", 0, 100),
    Penalty("L1, C=1", 1, 0),
    Penalty("elastic net", 1, 1),
)


@dataclass(frozen=True)
class Question:
    matrix: np.ndarray
    labels: np.ndarray
    penalty: Penalty

    def violation(self, coefficients: np.ndarray) -> float:
        """The largest element of the subgradient, per row."""
        row = coefficients[None, :]
        sums = sums_of([(self.matrix, self.labels)], row)
        return float(violations(sums, row, self.penalty.l1, self.penalty.l2)[0]) / len(self.labels)

    def reference(self) -> np.ndarray:
        """scikit-learn's Newton, or a solver of sparse coefficients, finished by Newton steps on the columns that it kept."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.finish(self.by_skglm() if self.solver_of_reference == "skglm" else self.by_sklearn())

    @property
    def solver_of_reference(self) -> str:
        """saga needs too many passes where there are more columns than rows."""
        if self.penalty.l1 == 0:
            return "newton-cholesky"
        return "saga" if self.matrix.shape[0] > self.matrix.shape[1] else "skglm"

    def by_sklearn(self) -> np.ndarray:
        model = model_of(self.penalty.l1, self.penalty.l2, self.solver_of_reference, REFERENCE_TOLERANCE)
        model.set_params(max_iter=MOST_PASSES)
        model.fit(self.matrix, self.labels)
        return np.array([model.intercept_[0], *model.coef_[0]])

    def by_skglm(self) -> np.ndarray:
        total = self.penalty.l1 + self.penalty.l2
        settings = {"solver": "prox-newton", "tolerance": REFERENCE_TOLERANCE, "no_intercept": False}
        options = SimpleNamespace(alpha=self.penalty.l1 / total, **settings)
        lambdas = np.array([total / len(self.labels)])
        return np.array(path(np.asfortranarray(self.matrix), 2 * self.labels - 1, lambdas, options)[0])

    def finish(self, coefficients: np.ndarray) -> np.ndarray:
        """Newton steps with signs and zeros kept; the steps are given up where they do not make the subgradient smaller."""
        best, least = coefficients, self.violation(coefficients)
        kept = np.flatnonzero(np.append(1, coefficients[1:]))
        design = np.column_stack([np.ones(len(self.labels)), self.matrix])[:, kept]
        is_slope = kept > 0
        current = coefficients.copy()
        for _ in range(MOST_STEPS):
            p = probabilities(design @ current[kept])
            slope = self.penalty.l2 * current[kept] + self.penalty.l1 * np.sign(coefficients[kept])
            gradient = design.T @ (p - self.labels) + slope * is_slope
            hessian = (design.T * (p * (1 - p))) @ design + self.penalty.l2 * np.diag(is_slope.astype(float))
            current = current.copy()
            current[kept] -= np.linalg.solve(hessian, gradient)
            found = self.violation(current)
            if not found < least:
                break
            best, least = current, found
        return best


def run_ours(command: str, file: Path, solver: str, penalty: Penalty) -> np.ndarray:
    options = ["--l1", f"{penalty.l1:g}", "--l2", f"{penalty.l2:g}", "--scale", "sum"]
    options += ["--solver", solver, "--tolerance", TOLERANCE]
    whole = [command, "fit", "--data", str(file), "--label", LABEL, *options]
    result = subprocess.run(whole, check=True, capture_output=True, text=True, timeout=LIMIT)
    return np.array(json.loads(result.stdout.splitlines()[-1])["coefficients"])


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    scale = np.maximum(np.abs(theirs), FLOOR * np.abs(theirs).max())
    return float((np.abs(ours - theirs) / scale).max())


def check_design(command: str, name: str, matrix: np.ndarray, labels: np.ndarray, file: Path) -> bool:
    """All penalties and solvers on one design; whether all were close enough."""
    write_design(file, matrix, labels)
    well = True
    for penalty in WIDE_PENALTIES if name == "wide" else PENALTIES:
        question = Question(matrix, labels, penalty)
        start = time.perf_counter()
        reference = question.reference()
        line = f"{name:<10} {penalty.words:<14}"
        violation = question.violation(reference)
        print(f"{line} {question.solver_of_reference:<18} {time.perf_counter() - start:8.2f} {'':>11} {violation:12.1e}", flush=True)
        for solver in penalty.solvers:
            start = time.perf_counter()
            try:
                ours = run_ours(command, file, solver, penalty)
            except (subprocess.SubprocessError, ValueError, LookupError) as error:
                print(f"{line} {solver:<18} failed: {error} {getattr(error, 'stderr', '') or ''}", flush=True)
                well = False
                continue
            apart, violation = difference(ours, reference), question.violation(ours)
            # Not "greater than", so that what is no number fails too.
            close = apart <= MOST_DIFFERENCE and violation <= MOST_VIOLATION
            figures = f"{time.perf_counter() - start:8.2f} {apart:11.1e} {violation:12.1e}"
            print(f"{line} {solver:<18} {figures}{'' if close else '  TOO LARGE'}", flush=True)
            well = well and close
    return well


def main(command: str, data: Path) -> int:
    print(HEADINGS)
    well = True
    with tempfile.TemporaryDirectory(prefix="solvers-") as folder:
        for name, (file, *_) in TABLES.items():
            if not (data / file).exists():
                print(f"{name:<10} skipped: there is no {file} in the folder of CHURN_DATA")
                continue
            well = check_design(command, name, *table_of(name, data), Path(folder) / f"{name}.arrow") and well
        well = check_design(command, "wide", *wide_table(), Path(folder) / "wide.arrow") and well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
