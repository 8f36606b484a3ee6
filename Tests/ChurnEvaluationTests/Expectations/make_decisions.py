"""Makes decisions.json: calibration, H measure and campaign profits of the predictions in metrics.json, computed in other ways.

    python make_decisions.py

Needs numpy, scipy and hmeasure 0.1.6. Log-odds are fitted by scipy's BFGS, profits are integrated over the acceptance by quadrature with
the best cut found anew at each, errors over bins by walking single rows.
"""

import json
from pathlib import Path

import numpy as np
from hmeasure import h_score
from scipy import integrate, optimize, special, stats

HERE = Path(__file__).resolve().parent
VALUE, OFFER, CONTACT = 200.0, 10.0, 1.0
ACCEPTANCE = stats.beta(6, 14)


def calibration(y, p, w):
    z = special.logit(p)

    def loss(a, b):
        eta = a + b * z
        return np.sum(w * (y * np.logaddexp(0, -eta) + (1 - y) * np.logaddexp(0, eta))) / w.sum()

    both = optimize.minimize(lambda t: loss(*t), [0.0, 1.0], method="BFGS", options={"gtol": 1e-12})
    level = optimize.brentq(lambda a: np.sum(w * (y - special.expit(a + z))), -50, 50, xtol=1e-15)
    return level, both.x[1]


def equal_counts(y, p, w, bins=10):
    """Bins of equal weight; the rows of one probability are spread evenly over the bins that they lie in."""
    total, error = w.sum(), 0.0
    above = np.array([w[p > q].sum() for q in p])
    tied = np.array([w[p == q].sum() for q in p])
    rate = np.array([np.average(y[p == q], weights=w[p == q]) if w[p == q].sum() > 0 else 0 for q in p])
    for b in range(bins):
        low, high = b * total / bins, (b + 1) * total / bins
        part = np.clip(np.minimum(high, above + tied) - np.maximum(low, above), 0, None)
        share = np.divide(part, tied, out=np.zeros_like(part), where=tied > 0)
        error += abs(np.sum(w * share * (rate - p)))
    return error / total


def cuts(y, p, w):
    """The shares of churners and of others, of all customers, above each cut."""
    found = [(0.0, 0.0)]
    for q in sorted(set(p), reverse=True):
        chosen = p >= q
        found.append((np.sum(w[chosen] * y[chosen]) / w.sum(), np.sum(w[chosen] * (1 - y[chosen])) / w.sum()))
    return np.array(found)


def profits(y, p, w):
    points = cuts(y, p, w)

    def best(acceptance):
        gains = (acceptance * (VALUE - OFFER) - CONTACT) * points[:, 0] - (OFFER + CONTACT) * points[:, 1]
        place = int(np.argmax(gains))
        return gains[place], points[place].sum()

    def expected(part):
        edges = np.linspace(0, 1, 4001)
        return sum(
            integrate.quad(lambda g: best(g)[part] * ACCEPTANCE.pdf(g), a, b, epsabs=1e-13)[0]
            for a, b in zip(edges, edges[1:])
            if ACCEPTANCE.cdf(b) - ACCEPTANCE.cdf(a) > 1e-14
        )

    maximum, share = best(ACCEPTANCE.mean())
    return {
        "maximumProfit": maximum,
        "maximumProfitShare": share,
        "expectedMaximumProfit": expected(0),
    }


cases = []
for case in json.loads((HERE / "metrics.json").read_text()):
    y, s = np.array(case["labels"], float), np.array(case["scores"])
    w = np.ones(len(y)) if case.get("weights") is None else np.array(case["weights"])
    if len(y) > 600:
        continue
    found = profits(y, s, w)
    # Any rising function of the scores ranks alike, and hmeasure wants scores in [0, 1].
    ranks = stats.rankdata(s, method="dense") / (len(s) + 1)
    whole = np.all(w == np.round(w))
    repeat = w.astype(int) if whole else None
    found["hMeasure"] = float(h_score(np.repeat(y, repeat).astype(int), np.repeat(ranks, repeat))) if whole else None
    if np.all((s > 0) & (s < 1)):
        found["calibrationIntercept"], found["calibrationSlope"] = calibration(y, s, w)
        found["observedOverExpected"] = np.sum(w * y) / np.sum(w * s)
        found["equalCountError"] = equal_counts(y, s, w)
    cases.append({"name": case["name"], "expected": found})
(HERE / "decisions.json").write_text(json.dumps(cases, indent=1) + "\n")
