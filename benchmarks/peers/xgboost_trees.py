"""Boosted trees by XGBoost's own package: histograms, made straight from the rows."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import xgboost

from peers.solver_request import answer, parser_of, read


def fit(matrix: np.ndarray, labels: np.ndarray, options: Any) -> dict[str, Any]:
    started, processor = time.perf_counter(), time.process_time()
    settings = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "eta": options.learning_rate,
        "max_depth": options.max_depth,
        "max_bin": 256,
        "base_score": float(np.mean(labels)),
        "nthread": options.threads,
    }
    rows = xgboost.QuantileDMatrix(matrix, labels, max_bin=256, nthread=options.threads)
    model = xgboost.train(settings, rows, options.rounds)
    times = {"fitSeconds": time.perf_counter() - started, "processorSeconds": time.process_time() - processor}
    unseen, truth = read(options.held_out, options.label, "C")
    probabilities = np.clip(model.inplace_predict(unseen).astype(float), 1e-15, 1 - 1e-15)
    loss = -np.mean(np.where(truth == 1, np.log(probabilities), np.log1p(-probabilities)))
    return times | {"iterations": options.rounds, "heldOutLoss": float(loss)}


if __name__ == "__main__":
    parser = parser_of("xgboost")
    parser.add_argument("--held-out", required=True, help="Arrow file of rows that are not trained on")
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--max-depth", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    answer("xgboost", xgboost.__version__, parser.parse_args(), "C", fit)
