"""Writes ../metrics.json: rows, and what scikit-learn says of them. Run with scikit-learn 1.5.2.
None where scikit-learn warns that a metric is undefined, or gives 0 for a zero denominator of mcc or NaN for kappa."""
import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics as m

rng = np.random.default_rng(20)


def known(function, *arguments, **options):
    """What scikit-learn says, NaN where it warns or cannot."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return function(*arguments, **options)
        except (UserWarning, RuntimeWarning, ValueError):
            return float("nan")


def correlation(label, predicted):
    alike = len(set(label)) < 2 or len(set(predicted)) < 2
    return float("nan") if alike else m.matthews_corrcoef(label, predicted)


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
        "specificity": known(m.recall_score, label, predicted, pos_label=0),
        "fbeta:0.5": m.fbeta_score(label, predicted, beta=0.5, zero_division=np.nan),
        "fbeta:2": m.fbeta_score(label, predicted, beta=2, zero_division=np.nan),
        "balancedAccuracy": known(m.balanced_accuracy_score, label, predicted),
        "mcc": correlation(label, predicted),
        "cohenKappa": known(m.cohen_kappa_score, label, predicted),
        "expectedCalibrationError": float(np.abs(np.bincount(
            np.minimum(9, (score * 10).astype(int)), weights=label - score, minlength=10)).sum() / count),
        "averagePrecision": known(m.average_precision_score, label, score),
        "business_value:2,-5,-1,0.5": float((m.confusion_matrix(label, predicted, labels=[0, 1])
                                             * np.array([[0.5, -5], [-1, 2]])).sum()),
        **confusion(label, predicted, ["0", "1"]),
        "rocAUC": m.roc_auc_score(label, score) if 0 < label.sum() < count else float("nan"),
    }
    return case(name, "binary", label, predicted, score, [], expected)


def confusion(label, predicted, names):
    counts = m.confusion_matrix(label, predicted, labels=range(len(names)))
    return {f"confusion:actual={a},predicted={p}": float(counts[i, j])
            for i, a in enumerate(names) for j, p in enumerate(names)}


def multiclass(name, count, classes):
    label = rng.integers(0, classes, count)
    weights = rng.gamma(0.7, 1, (count, classes)) + 2 * np.eye(classes)[label] * rng.random((count, 1))
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    expected = {
        "accuracy": m.accuracy_score(label, predicted),
        "f1_macro": m.f1_score(label, predicted, average="macro"),
        "precision_macro": known(m.precision_score, label, predicted, average="macro"),
        "recall_macro": known(m.recall_score, label, predicted, average="macro"),
        "balancedAccuracy": known(m.balanced_accuracy_score, label, predicted),
        **{f"{one}_micro": function(label, predicted, average="micro") for one, function in (
            ("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score))},
        "precision_weighted": known(m.precision_score, label, predicted, average="weighted"),
        # A class without labels has no weight: what scikit-learn warns of changes nothing.
        "recall_weighted": m.recall_score(label, predicted, average="weighted", zero_division=0),
        "f1_weighted": known(m.f1_score, label, predicted, average="weighted"),
        "precision:class=class 1": known(m.precision_score, label, predicted, labels=[1], average="macro"),
        "recall:class=class 1": known(m.recall_score, label, predicted, labels=[1], average="macro"),
        "f1:class=class 1": known(m.f1_score, label, predicted, labels=[1], average="macro"),
        "mcc": correlation(label, predicted),
        "cohenKappa": known(m.cohen_kappa_score, label, predicted),
        "confusion:actual=class 0,predicted=class 1": float(((label == 0) & (predicted == 1)).sum()),
        "logLoss": m.log_loss(label, probabilities, labels=list(range(classes))),
    }
    return case(name, "multiclass", label, predicted, probabilities.max(axis=1), probabilities.ravel(), expected)


def regression(name, count, scale, level=0):
    label = rng.lognormal(0, 2, count) * scale
    value = label * rng.lognormal(0, 0.3, count)
    label, value = label + level, value + level
    expected = {
        "mae": m.mean_absolute_error(label, value),
        "mse": m.mean_squared_error(label, value),
        "rmse": m.root_mean_squared_error(label, value),
        "msle": m.mean_squared_log_error(label, value),
        "rmsle": m.root_mean_squared_log_error(label, value),
        "mape": m.mean_absolute_percentage_error(label, value),
        "meanError": float((label - value).mean()),
        "r2": m.r2_score(label, value),
        "abs_error_quantile:0.5": float(np.quantile(np.abs(label - value), 0.5, method="inverted_cdf")),
        "abs_error_quantile:0.95": float(np.quantile(np.abs(label - value), 0.95, method="inverted_cdf")),
    }
    if level > 0:  # Logarithms of a high level have lost the digits of small differences.
        del expected["msle"], expected["rmsle"]
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
    regression("small differences at a high level", 200, 1e-4, 1e6),
]
target = pathlib.Path(__file__).parent.parent / "metrics.json"
target.write_text(json.dumps({"scikit-learn": sklearn.__version__, "cases": cases}, indent=None) + "\n")
for one in cases:
    print(one["name"], one["expected"])
