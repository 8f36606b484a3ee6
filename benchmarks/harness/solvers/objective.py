"""Penalised logistic regression in plain numpy, to verify what the solvers give: losses, gradients, duality gaps.

Coefficients are rows `[intercept, b1, ...]`, many at once. With z = intercept + X b and p = 1 / (1 + exp(-z)) the loss of
a row is log(1 + exp(z)) - y z and its derivative p - y.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

Batch = tuple[np.ndarray, np.ndarray]
ROWS = 8_192


def batches_of(file: str, label: str) -> Iterator[Batch]:
    """The features and labels of a mapped Arrow file, some rows at a time, so that the work stays in the cache."""
    with pa.memory_map(file) as source:
        reader = pa.ipc.open_file(source)
        for place in range(reader.num_record_batches):
            batch = reader.get_batch(place)
            for start in range(0, batch.num_rows, ROWS):
                part = batch.slice(start, ROWS)
                labels = part.column(part.schema.get_field_index(label)).to_numpy().astype(np.float64)
                yield part.drop_columns([label]).to_tensor().to_numpy(), labels


def probabilities(predictors: np.ndarray) -> np.ndarray:
    tail = np.exp(-np.abs(predictors))
    return np.where(predictors >= 0, 1, tail) / (1 + tail)


def predictors_of(matrix: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    return matrix @ coefficients[:, 1:].T + coefficients[:, 0]


@dataclass(frozen=True)
class Sums:
    """Over all rows, for each of the coefficients: the loss, and the gradient by the rows' label, 0 and 1.

    `residuals` is 2 x k, `gradients` is 2 x k x p: sums of p - y, and of (p - y) x, over the rows of each label.
    """

    rows: int
    losses: np.ndarray
    residuals: np.ndarray
    gradients: np.ndarray


def sums_of(batches: Iterable[Batch], coefficients: np.ndarray) -> Sums:
    count, features = coefficients.shape[0], coefficients.shape[1] - 1
    rows, losses = 0, np.zeros(count)
    residuals, gradients = np.zeros((2, count)), np.zeros((2, count, features))
    for matrix, labels in batches:
        predictors = predictors_of(matrix, coefficients)
        losses += (np.logaddexp(0, predictors) - labels[:, None] * predictors).sum(axis=0)
        difference = probabilities(predictors) - labels[:, None]
        for label in (0, 1):
            of_label = labels == label
            residuals[label] += difference[of_label].sum(axis=0)
            gradients[label] += difference[of_label].T @ matrix[of_label]
        rows += len(labels)
    return Sums(rows, losses, residuals, gradients)


def violations(sums: Sums, coefficients: np.ndarray, l1: float, l2: float) -> np.ndarray:
    """The largest element of the smallest subgradient of sum of losses + l1 |b|_1 + l2/2 |b|^2, the intercept's included."""
    b = coefficients[:, 1:]
    gradient = sums.gradients.sum(axis=0) + l2 * b
    at_zero = np.maximum(np.abs(gradient) - l1, 0)
    elements = np.where(b == 0, at_zero, np.abs(gradient + l1 * np.sign(b)))
    return np.maximum(elements.max(axis=1), np.abs(sums.residuals.sum(axis=0)))


def penalties(coefficients: np.ndarray, lambdas: np.ndarray, alpha: float) -> np.ndarray:
    b = coefficients[:, 1:]
    return lambdas * (alpha * np.abs(b).sum(axis=1) + (1 - alpha) / 2 * (b * b).sum(axis=1))


@dataclass(frozen=True)
class Bounds:
    """Of mean loss + lambda (alpha |b|_1 + (1-alpha)/2 |b|^2), for each of the coefficients: its value, and a value
    that no coefficients can get below."""

    primal: np.ndarray
    dual: np.ndarray


def bounds_of(
    file: str, label: str, coefficients: np.ndarray, lambdas: np.ndarray, alpha: float, intercept: bool
) -> Bounds:
    """Fenchel's dual at u = s (p - y): -mean f*(u) - g*(-X'u / n), with f*(u) = q log q + (1-q) log(1-q) for q = y + u.

    An intercept asks for sum u = 0: the rows of the label with the larger sum are scaled down to it. Without a square in
    the penalty, g* asks for |X'u / n| <= lambda: all are scaled down to that.
    """
    sums = sums_of(batches_of(file, label), coefficients)
    primal = sums.losses / sums.rows + penalties(coefficients, lambdas, alpha)

    scales = np.ones((2, len(coefficients)))
    if intercept:
        sizes = np.abs(sums.residuals)
        scales = np.minimum(1, sizes[::-1] / np.maximum(sizes, 1e-300))
    gradient = np.abs((scales[:, :, None] * sums.gradients).sum(axis=0)) / sums.rows
    if alpha == 1:
        factor = np.minimum(1, lambdas / gradient.max(axis=1))
        scales, conjugate = scales * factor, np.zeros(len(coefficients))
    else:
        excess = np.maximum(gradient - (lambdas * alpha)[:, None], 0)
        conjugate = (excess**2).sum(axis=1) / (2 * lambdas * (1 - alpha))

    entropies = np.zeros(len(coefficients))
    for matrix, labels in batches_of(file, label):
        p = probabilities(predictors_of(matrix, coefficients))
        of_label = labels.astype(int)
        # q = y + s (p - y): for y = 0 it is s p, for y = 1 it is 1 - s (1 - p).
        small = scales[of_label] * np.where(labels[:, None] == 0, p, 1 - p)
        entropies += (small * np.log(np.maximum(small, 1e-300)) + (1 - small) * np.log1p(-small)).sum(axis=0)
    return Bounds(primal, -entropies / sums.rows - conjugate)


def lambdas_of(file: str, label: str, alpha: float, count: int, ratio: float, intercept: bool) -> np.ndarray:
    """Log-spaced from the smallest lambda under which all coefficients are 0, down to `ratio` times it."""
    rows = positives = 0
    for _, labels in batches_of(file, label):
        rows, positives = rows + len(labels), positives + labels.sum()
    rate, features = positives / rows, next(batches_of(file, label))[0].shape[1]
    start = np.zeros((1, features + 1))
    start[0, 0] = np.log(rate / (1 - rate)) if intercept else 0
    gradient = sums_of(batches_of(file, label), start).gradients.sum(axis=0)
    return np.geomspace(1, ratio, count) * np.abs(gradient).max() / rows / alpha
