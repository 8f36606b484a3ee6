"""Makes standard-errors.json: what statsmodels says of a small data set, and numpy where statsmodels has no such estimator.

    python make.py

Needs numpy and statsmodels (made with 2.4.6 and 0.15.0). statsmodels multiplies a clustered covariance by
G/(G-1) * (n-1)/(n-k) or by nothing; ours is G/(G-1) alone, so it is asked for nothing and the factor is put in here.
"""

import json
from pathlib import Path

import numpy as np
import statsmodels.api as sm

HERE = Path(__file__).resolve().parent
L2 = 2.5


def fitted(result, errors):
    return {
        "coefficients": [float(value) for value in np.asarray(result.params)],
        "standardErrors": [float(value) for value in errors],
        "logLikelihood": float(result.llf),
    }


def penalised(design, labels, strength):
    """Newton's method in five lines; the covariance is H^-1 I H^-1 with H = I + strength on all but the intercept."""
    point, ridge = np.zeros(design.shape[1]), strength * np.diag([0.0] + [1.0] * (design.shape[1] - 1))
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ point))
        information = (design * (p * (1 - p))[:, None]).T @ design
        point = point - np.linalg.solve(information + ridge, design.T @ (p - labels) + ridge @ point)
    inverse = np.linalg.inv(information + ridge)
    return {
        "coefficients": point.tolist(),
        "standardErrors": np.sqrt(np.diag(inverse @ information @ inverse)).tolist(),
        "logLikelihood": float(np.sum(np.where(labels == 1, np.log(p), np.log1p(-p)))),
    }


def main():
    random = np.random.default_rng(20260101)
    rows, groups = 60, 12
    clusters = np.concatenate([np.arange(groups), random.integers(0, groups, rows - groups)])
    columns = np.round(random.normal(size=(rows, 3)) + 0.6 * random.normal(size=groups)[clusters][:, None], 3)
    odds = -0.4 + columns @ [0.9, -0.5, 0.0] + 0.8 * random.normal(size=groups)[clusters]
    labels = (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(float)
    weights = random.integers(1, 5, rows) / 2
    design = sm.add_constant(columns)

    options = {"maxiter": 100, "tol": 1e-14}
    model = sm.GLM(labels, design, family=sm.families.Binomial()).fit(**options)
    factor = groups / (groups - 1)
    clustered = sm.GLM(labels, design, family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}, **options)
    weighted = sm.GLM(labels, design, family=sm.families.Binomial(), var_weights=weights).fit(cov_type="HC0", **options)
    weighted_clustered = sm.GLM(labels, design, family=sm.families.Binomial(), var_weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}, **options)

    found = {
        "columns": columns.T.tolist(),
        "labels": [bool(label) for label in labels],
        "weights": weights.tolist(),
        "clusters": clusters.tolist(),
        "l2Strength": L2,
        "model": fitted(model, model.bse),
        "penalisedModel": penalised(design, labels, L2),
        "clustered": fitted(clustered, clustered.bse * np.sqrt(factor)),
        "sandwich": fitted(weighted, weighted.bse),
        "weightedClustered": fitted(weighted_clustered, weighted_clustered.bse * np.sqrt(factor)),
    }
    # The formulas by hand: statsmodels and they must say the same before either is an expectation.
    ones, members = np.ones(rows), (clusters[:, None] == np.arange(groups)).astype(float)
    for name, result, w, sums in [
        ("clustered", clustered, ones, members), ("sandwich", weighted, weights, np.eye(rows)),
        ("weightedClustered", weighted_clustered, weights, members),
    ]:
        p = 1 / (1 + np.exp(-design @ result.params))
        bread = np.linalg.inv((design * (w * p * (1 - p))[:, None]).T @ design)
        scores = sums.T @ (design * (w * (p - labels))[:, None])
        covariance = (factor if sums is members else 1) * bread @ scores.T @ scores @ bread
        assert np.allclose(np.sqrt(np.diag(covariance)), found[name]["standardErrors"], rtol=1e-10), name
    text = json.dumps(found)
    (HERE / "standard-errors.json").write_text(text.replace(', "', ',\n "') + "\n")


main()
