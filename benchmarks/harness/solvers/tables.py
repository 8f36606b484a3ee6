"""Real churn data and a wide design as matrices, for `check`: one-hot, z-scored, without aliased columns."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

# File, label, what the label is for a churner, and columns that are left out.
TABLES = {
    "Telco": ("telco/Telco-Customer-Churn.csv", "Churn", "Yes", {"customerID"}),
    "mlc_churn": ("mlc-churn/mlc_churn.csv", "churn", "yes", {"state", "area_code"}),
    "SaaS": ("saas/saas_churn.csv", "churned", "1.0", set()),
}
ALIASED = 1e-9
WIDE_ROWS, WIDE_DUMMIES, WIDE_COUNTS = 2_000, 2_400, 600


def numbers(cells: list[str]) -> np.ndarray | None:
    """A column of numbers, blanks being 0, or nothing where a cell is none."""
    try:
        return np.array([float(cell) if cell.strip() else 0.0 for cell in cells])
    except ValueError:
        return None


def columns_of(cells: list[str]) -> list[np.ndarray]:
    """A number as it is, any other column as one of 0 and 1 for each value but the first in the order of bytes."""
    column = numbers(cells)
    if column is not None:
        return [column]
    values = sorted(set(cells), key=str.encode)
    return [np.array([float(cell == value) for cell in cells]) for value in values[1:]]


def without_aliases(matrix: np.ndarray) -> np.ndarray:
    """Drops each column that is a combination of those before it (and of the intercept, since all are centred)."""
    kept: list[int] = []
    basis = np.empty((len(matrix), 0))
    for place, column in enumerate(matrix.T):
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        size = np.linalg.norm(rest)
        if size > ALIASED * max(np.linalg.norm(column), 1):
            kept.append(place)
            basis = np.column_stack([basis, rest / size])
    return matrix[:, kept]


def table_of(name: str, data: Path) -> tuple[np.ndarray, np.ndarray]:
    file, label, churned, left_out = TABLES[name]
    with (data / file).open(newline="", encoding="utf-8") as stream:
        header, *rows = csv.reader(stream)
    cells = dict(zip(header, map(list, zip(*rows))))
    columns = [column for name in header if name not in left_out | {label} for column in columns_of(cells[name])]
    matrix = np.column_stack([column for column in columns if np.ptp(column) > 0])
    matrix = without_aliases((matrix - matrix.mean(axis=0)) / matrix.std(axis=0))
    return matrix, np.array([float(cell == churned) for cell in cells[label]])


def wide_table(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """More columns than rows: dummies of 4 to 60 rows each and small counts, few of which have an effect."""
    random = np.random.default_rng(seed)
    matrix = np.zeros((WIDE_ROWS, WIDE_DUMMIES + WIDE_COUNTS))
    for place in range(WIDE_DUMMIES):
        matrix[random.choice(WIDE_ROWS, random.integers(4, 61), replace=False), place] = 1
    matrix[:, WIDE_DUMMIES:] = random.poisson(random.uniform(0.02, 0.5, WIDE_COUNTS), (WIDE_ROWS, WIDE_COUNTS))
    effects = np.where(random.random(matrix.shape[1]) < 0.05, random.standard_normal(matrix.shape[1]), 0)
    predictors = matrix @ effects
    predictors -= predictors.mean() + 1.2
    return matrix, (random.random(WIDE_ROWS) < 1 / (1 + np.exp(-predictors))).astype(float)
