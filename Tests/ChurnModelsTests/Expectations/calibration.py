"""Makes calibration.json: what scikit-learn's calibrators say of a small data set with ties, and of the same with weights.

    python calibration.py

Needs numpy, scipy and scikit-learn (made with 2.4.6, 1.17.1 and 1.9.1). Platt's two numbers are scikit-learn's, polished by
scipy's minimiser, as scikit-learn stops at a gradient of 1e-6 or so. Beta calibration is fitted to the same targets, which the
authors' package does not do; by scipy, too.
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression

HERE = Path(__file__).resolve().parent


def targets(labels, weights):
    # scikit-learn takes sums of weights, which depend on their unit; without weights it is the same.
    positive, negative = (labels == 1).sum(), (labels == 0).sum()
    return np.where(labels == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))


def regression(columns, labels, weights, start):
    design, target = np.column_stack(columns + [np.ones(len(labels))]), targets(labels, weights)

    def loss(point):
        z = design @ point
        p = 1 / (1 + np.exp(-z))
        return np.sum(weights * (np.logaddexp(0, z) - target * z)), design.T @ (weights * (p - target))

    point = np.asarray(start, float)
    for _ in range(100):
        p = 1 / (1 + np.exp(-design @ point))
        hessian = (design * (weights * p * (1 - p))[:, None]).T @ design
        point = point - np.linalg.solve(hessian, design.T @ (weights * (p - target)))
    found = minimize(loss, point, jac=True, method="BFGS", options={"gtol": 1e-12})
    return point if np.abs(loss(point)[1]).max() <= np.abs(loss(found.x)[1]).max() else found.x


def case(scores, labels, weights, places):
    sigmoid = _SigmoidCalibration().fit(scores, labels, weights)
    platt = regression([scores], labels, weights, [-sigmoid.a_, -sigmoid.b_])
    assert np.allclose(platt, [-sigmoid.a_, -sigmoid.b_], rtol=1e-3 if (weights == 1).all() else 3e-2), (platt, sigmoid.a_, sigmoid.b_)
    beta = regression([-np.logaddexp(0, -scores), np.logaddexp(0, scores)], labels, weights, [1, 1, 0])
    if beta[0] < 0:
        b, intercept = regression([np.logaddexp(0, scores)], labels, weights, [1, 0])
        beta = [0.0, b, intercept]
    assert beta[1] >= 0
    isotonic = IsotonicRegression(out_of_bounds="clip").fit(scores, labels, weights)
    return {
        "scores": scores.tolist(),
        "labels": labels.tolist(),
        "weights": weights.tolist(),
        "places": places.tolist(),
        "platt": {"slope": platt[0], "intercept": platt[1], "predictions": sigmoid.predict(places).tolist()},
        "beta": {"a": beta[0], "b": beta[1], "intercept": beta[2]},
        "isotonic": {
            "knots": isotonic.X_thresholds_.tolist(),
            "values": isotonic.y_thresholds_.tolist(),
            "predictions": isotonic.predict(places).tolist(),
        },
    }


def main():
    random = np.random.default_rng(20260102)
    scores = np.round(1.5 * random.normal(size=160) - 0.4, 1)
    labels = (random.random(160) < 1 / (1 + np.exp(-0.6 * scores - 0.3))).astype(int)
    places = np.concatenate([np.linspace(-7, 7, 57), scores[:20]])
    weights = random.integers(1, 6, 160) / 2
    cases = [case(scores, labels, np.ones(160), places), case(scores, labels, weights, places)]
    (HERE / "calibration.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
