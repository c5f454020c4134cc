"""Writes ../metrics.json: rows, and what scikit-learn says of them. Run with scikit-learn 1.9.1."""
import json
import pathlib

import numpy as np
import sklearn
from sklearn import metrics as m

rng = np.random.default_rng(20)


def binary(name, count, positive_share, sharpness, digits):
    label = (rng.random(count) < positive_share).astype(int)
    logit = rng.normal(np.log(positive_share / (1 - positive_share)), 1, count) + sharpness * (label - positive_share)
    score = 1 / (1 + np.exp(-logit))
    if digits is not None:
        score = np.round(score, digits)
    predicted = (score >= 0.5).astype(int)
    expected = {
        "accuracy": m.accuracy_score(label, predicted),
        "precision": m.precision_score(label, predicted, zero_division=np.nan),
        "recall": m.recall_score(label, predicted, zero_division=np.nan),
        "f1": m.f1_score(label, predicted, zero_division=np.nan),
        "logLoss": m.log_loss(label, score, labels=[0, 1]),
        "brier": m.brier_score_loss(label, score),
        "rocAUC": m.roc_auc_score(label, score) if 0 < label.sum() < count else float("nan"),
    }
    return case(name, "binary", label, predicted, score, [], expected)


def multiclass(name, count, classes):
    label = rng.integers(0, classes, count)
    weights = rng.gamma(0.7, 1, (count, classes)) + 2 * np.eye(classes)[label] * rng.random((count, 1))
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    expected = {
        "accuracy": m.accuracy_score(label, predicted),
        "f1_macro": m.f1_score(label, predicted, average="macro"),
        "logLoss": m.log_loss(label, probabilities, labels=list(range(classes))),
    }
    return case(name, "multiclass", label, predicted, probabilities.max(axis=1), probabilities.ravel(), expected)


def regression(name, count, scale):
    label = rng.lognormal(0, 2, count) * scale
    value = label * rng.lognormal(0, 0.3, count)
    expected = {
        "mae": m.mean_absolute_error(label, value),
        "mse": m.mean_squared_error(label, value),
        "rmse": m.root_mean_squared_error(label, value),
    }
    return case(name, "regression", label, np.zeros(count), value, [], expected)


def case(name, kind, label, predicted, score, probabilities, expected):
    return {
        "name": name,
        "kind": kind,
        "labels": [float(x) for x in label],
        "classes": [int(x) for x in predicted],
        "scores": [float(x) for x in score],
        "probabilities": [float(x) for x in probabilities],
        "expected": {k: None if np.isnan(v) else float(v) for k, v in expected.items()},
    }


cases = [
    binary("balanced", 300, 0.5, 2, None),
    binary("rare", 400, 0.05, 3, None),
    binary("rounded to two digits, certain ones among them", 300, 0.3, 6, 2),
    binary("nothing predicted positive", 60, 0.02, 0, None),
    multiclass("three classes", 200, 3),
    multiclass("nine classes, some absent", 25, 9),
    regression("small", 200, 1e-3),
    regression("large", 200, 1e9),
]
target = pathlib.Path(__file__).parent.parent / "metrics.json"
target.write_text(json.dumps({"scikit-learn": sklearn.__version__, "cases": cases}, indent=None) + "\n")
for one in cases:
    print(one["name"], one["expected"])
