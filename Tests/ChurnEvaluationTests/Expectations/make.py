"""Makes metrics.json and delong.json: what scikit-learn, or brute force in numpy, says of the same predictions.

    python make.py

Needs numpy and scikit-learn (made with 1.9.1), and for delong.json the Telco file under $CHURN_DATA
(default: ../shared/data beside the package). Each value is computed in another way than the library computes it.
"""

import csv
import json
import math
import os
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score, roc_curve

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("CHURN_DATA", HERE.parents[2].parent / "shared" / "data"))
DEPTHS = (5, 10, 20)


def ece(y, s, w):
    """The textbook sum over ten bins, each bin by its own mask."""
    edges = [b / 10 for b in range(11)]
    total = 0.0
    for b in range(10):
        inside = (s >= edges[b]) & ((s < edges[b + 1]) if b < 9 else (s <= 1))
        mass = w[inside].sum()
        if mass > 0:
            total += mass / w.sum() * abs((w * y)[inside].sum() / mass - (w * s)[inside].sum() / mass)
    return total


def captured(y, s, w, depth):
    """Weight of positives in the top `depth`: walk rows, each with its tied rows' rate of positives."""
    left, found = depth, 0.0
    for i in np.argsort(-s, kind="stable"):
        tied = s == s[i]
        take = min(left, w[i])
        found += take * (w * y)[tied].sum() / w[tied].sum() if w[tied].sum() > 0 else 0
        left -= take
    return found


def metrics(y, s, w=None):
    n, ones = len(y), np.ones(len(y)) if w is None else w
    fpr, tpr, _ = roc_curve(y, s, sample_weight=w, drop_intermediate=False)
    probabilities = bool(((s >= 0) & (s <= 1)).all())
    found = {
        "baseRate": (ones * y).sum() / ones.sum(),
        "auc": roc_auc_score(y, s, sample_weight=w),
        "averagePrecision": average_precision_score(y, s, sample_weight=w),
        "logLoss": log_loss(y, s, sample_weight=w) if probabilities else None,
        "brier": brier_score_loss(y, s, sample_weight=w) if probabilities else None,
        "ks": np.abs(tpr - fpr).max(),
        "ece": ece(y, s, ones) if probabilities else None,
        "lift": {},
        "recall": {},
    }
    for percent in DEPTHS:
        depth = max(1, math.floor(n * percent / 100 + 0.5)) if w is None else ones.sum() * percent / 100
        hits = captured(y, s, ones, depth)
        found["lift"][str(percent)] = hits / depth / found["baseRate"]
        found["recall"][str(percent)] = hits / (ones * y).sum()
    return {"rows": n, "positives": int(y.sum()), "skipped": 0} | found


def metric_cases():
    rng = np.random.default_rng(20240607)

    def case(name, n, digits, weights=None, logits=False):
        p = np.clip(np.round(rng.beta(1.2, 2.5, n), digits), 10.0**-digits, 1 - 10.0**-digits)
        y = (rng.random(n) < 0.2 + 0.6 * p).astype(int)
        y[0], y[1] = 0, 1
        s = np.round(np.log(p / (1 - p)), 4) if logits else p
        w = None
        if weights == "integer":
            w = rng.integers(0, 5, n).astype(float)
        if weights == "real":
            w = np.round(rng.gamma(0.7, 2, n), 6)
        inputs = {"name": name, "labels": y.tolist(), "scores": s.tolist()}
        return inputs | {"weights": None if w is None else w.tolist(), "expected": metrics(y, s, w)}

    return [
        case("no ties", 211, 12),
        case("some ties", 257, 2),
        case("many ties, all on bin edges", 150, 1),
        case("three rows", 3, 2),
        case("integer weights with zeros and ties", 180, 2, "integer"),
        case("real weights and ties", 190, 2, "real"),
        case("scores that are logits", 160, 2, logits=True),
        case("weighted logits", 160, 1, "real", logits=True),
    ]


def telco():
    with open(DATA / "telco" / "Telco-Customer-Churn.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    y = np.array([r["Churn"] == "Yes" for r in rows]).astype(int)
    numeric = ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"]
    four = np.array([[float(r[c].strip() or 0) for c in numeric] for r in rows])
    dummies = []
    for column in rows[0]:
        if column not in numeric + ["customerID", "Churn"]:
            for level in sorted({r[column] for r in rows})[1:]:
                dummies.append([float(r[column] == level) for r in rows])
    return y, four, np.column_stack([four, np.array(dummies).T])


def fitted(x, y):
    z = (x - x.mean(0)) / x.std(0)
    independent = [j for j in range(z.shape[1]) if np.linalg.matrix_rank(z[:, : j + 1]) > np.linalg.matrix_rank(z[:, :j])]
    z = z[:, independent]
    return LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=200).fit(z, y).predict_proba(z)[:, 1]


def delong(y, a, b, clusters):
    """All pairs of a positive and a negative, then Obuchowski's sums over clusters as they are printed."""
    m, n = int(y.sum()), int((1 - y).sum())
    theta, v10, v01 = [], [], []
    for s in (a, b):
        kernel = (s[y == 1][:, None] > s[y == 0][None, :]) + 0.5 * (s[y == 1][:, None] == s[y == 0][None, :])
        theta.append(kernel.mean())
        v10.append(kernel.mean(1))
        v01.append(kernel.mean(0))
    ids = np.unique(clusters)
    pos = [(clusters[y == 1] == k) for k in ids]
    neg = [(clusters[y == 0] == k) for k in ids]
    i, i10, i01 = len(ids), sum(p.any() for p in pos), sum(q.any() for q in neg)

    def cov(r, t):
        x = [[v10[q][p].sum() - p.sum() * theta[q] for p in pos] for q in (r, t)]
        w = [[v01[q][p].sum() - p.sum() * theta[q] for p in neg] for q in (r, t)]
        s10 = i10 / ((i10 - 1) * m) * np.dot(x[0], x[1])
        s01 = i01 / ((i01 - 1) * n) * np.dot(w[0], w[1])
        s11 = i / (i - 1) * (np.dot(x[0], w[1]) + np.dot(x[1], w[0]))
        return s10 / m + s01 / n + s11 / (m * n)

    variance = cov(0, 0) + cov(1, 1) - 2 * cov(0, 1)
    z = (theta[0] - theta[1]) / math.sqrt(variance)
    margin = 1.959963984540054 * math.sqrt(variance)
    return {
        "firstAUC": theta[0],
        "secondAUC": theta[1],
        "firstVariance": cov(0, 0),
        "secondVariance": cov(1, 1),
        "covariance": cov(0, 1),
        "z": z,
        "p": math.erfc(abs(z) / math.sqrt(2)),
        "lower": theta[0] - theta[1] - margin,
        "upper": theta[0] - theta[1] + margin,
    }


def delong_cases():
    y, four, everything = telco()
    a, b = fitted(everything, y), fitted(four, y)
    rng = np.random.default_rng(7)
    rows = np.sort(rng.choice(len(y), 500, replace=False))
    y, a, b = y[rows], np.round(a[rows], 3), np.round(b[rows], 3)
    clusters = rng.integers(0, 180, 500) * 7919
    return {
        "labels": y.tolist(),
        "first": a.tolist(),
        "second": b.tolist(),
        "clusters": clusters.tolist(),
        "independent": delong(y, a, b, np.arange(500)),
        "clustered": delong(y, a, b, clusters),
    }


def write(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write("metrics.json", metric_cases())
    write("delong.json", delong_cases())
