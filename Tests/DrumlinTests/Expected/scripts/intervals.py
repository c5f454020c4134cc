"""Writes ../intervals.json: a reference, a window with some labels, and the estimates and intervals of monitoring.md §4,
computed here from the rows with numpy. Scores take ten values, each a bucket, so that bucketing needs no code."""
import json
import pathlib

import numpy as np

rng = np.random.default_rng(4)
VALUES = np.round(np.arange(0.05, 1, 0.1), 2)
Z = 1.959963984540054


def draw(count, weights):
    score = rng.choice(VALUES, count, p=weights / weights.sum())
    label = (rng.random(count) < 0.1 + 0.75 * score).astype(int)
    return score, label, (score >= 0.5).astype(int)


def counts_of(score, label):
    """By value: the number of rows, and of those labeled 1."""
    rows = np.array([(score == v).sum() for v in VALUES])
    return rows, np.array([((score == v) & (label == 1)).sum() for v in VALUES])


def outcomes(positives, negatives):
    """TN, FP, FN, TP from rows by value and label."""
    predicted = VALUES >= 0.5
    return np.array([negatives[~predicted].sum(), negatives[predicted].sum(),
                     positives[~predicted].sum(), positives[predicted].sum()])


def auc(positives, negatives):
    below = np.cumsum(negatives) - negatives
    return (positives * (below + negatives / 2)).sum() / (positives.sum() * negatives.sum())


def log_loss(label):
    return -np.log(VALUES) if label else -np.log(1 - VALUES)


def estimate(reference, labeled, unlabeled, phi):
    """`reference` and `labeled` are (rows, positives) by value, `unlabeled` is rows by value."""
    n, c = reference
    u = unlabeled
    share = c / n
    smoothed = (c + 0.5) / (n + 1)
    predicted = VALUES >= 0.5
    lp, ln = labeled[1], labeled[0] - labeled[1]
    positives, negatives = lp + u * share, ln + u * (1 - share)
    total, U = labeled[0].sum() + u.sum(), u.sum()
    inflated = u * (1 + u / n)
    result = {}

    # Accuracy: Wilson on the unlabeled share, outward to whole rows.
    right = np.where(predicted, share, 1 - share)
    right_smoothed = np.where(predicted, (c + 0.5) / (n + 1), (n - c + 0.5) / (n + 1))
    known = lp[predicted].sum() + ln[~predicted].sum()
    variance = phi["accuracy"] ** 2 * (inflated * right_smoothed * (1 - right_smoothed)).sum()
    p, tilde = (u * right).sum() / U, (u * right_smoothed).sum() / U
    low, high = wilson(p, tilde * (1 - tilde) * U**2 / variance)
    result["accuracy"] = row((known + (u * right).sum()) / total, np.sqrt(variance) / total,
                             max(known, np.floor(known + U * low)) / total,
                             min(known + U, np.ceil(known + U * high)) / total)

    # Ratios x / (x + y) on the logit scale.
    tn, fp, fn, tp = outcomes(positives, negatives)
    for name, x, y, one, zero in [
        # The change of ln x − ln y by a label 1, and by a label 0, for a predicted 0 and a predicted 1.
        ("precision", tp, fp, (0, 1 / tp), (0, -1 / fp)),
        ("recall", tp, fn, (-1 / fn, 1 / tp), (0, 0)),
        ("f1", 2 * tp, fp + fn, (-1 / (fp + fn), 1 / tp), (0, -1 / (fp + fn))),
    ]:
        difference = np.where(predicted, one[1] - zero[1], one[0] - zero[0])
        error = phi[name] * np.sqrt((inflated * difference**2 * smoothed * (1 - smoothed)).sum())
        value = x / (x + y)
        center = np.log(x / y)
        result[name] = row(value, value * (1 - value) * error, logistic(center - Z * error), logistic(center + Z * error))

    # Losses: all rows of a bucket have one score, so its own score says all.
    for name, if_one, if_zero in [("brier", (1 - VALUES) ** 2, VALUES**2), ("logLoss", log_loss(1), log_loss(0))]:
        known = (lp * if_one + ln * if_zero).sum()
        unknown = (u * (share * if_one + (1 - share) * if_zero)).sum()
        factor = if_one - if_zero
        sample = factor**2 * share * (1 - share) * n / (n - 1)
        added = np.maximum(0, smoothed * (1 - smoothed) - share * (1 - share)) * factor**2
        error = phi[name] * np.sqrt((inflated * (sample + added)).sum())
        if name == "brier":
            p = unknown / U
            low, high = (U * w for w in wilson(p, p * (1 - p) * U**2 / error**2))
        else:
            low, high = unknown * np.exp(-Z * error / unknown), unknown * np.exp(Z * error / unknown)
        result[name] = row((known + unknown) / total, error / total, (known + low) / total, (known + high) / total)

    # AUC.
    P, N = positives.sum(), negatives.sum()
    area = auc(positives, negatives)
    mid_n = (np.cumsum(negatives) - negatives / 2) / N
    mid_p = (np.cumsum(positives) - positives / 2) / P
    h = (mid_n - area) / P - (1 - mid_p - area) / N
    chance = share * (1 - share)
    variance = phi["rocAUC"] ** 2 * ((h**2 * u * chance).sum() + ((u * h) ** 2 * chance / n).sum())
    error = np.sqrt(variance)
    center, scale = np.log(area / (1 - area)), error / (area * (1 - area))
    result["rocAUC"] = row(area, error, logistic(center - Z * scale), logistic(center + Z * scale))
    return result


def truth(score, label):
    rows, positives = counts_of(score, label)
    negatives = rows - positives
    tn, fp, fn, tp = outcomes(positives, negatives)
    return {
        "accuracy": (tn + tp) / rows.sum(), "precision": tp / (tp + fp), "recall": tp / (tp + fn),
        "f1": 2 * tp / (2 * tp + fp + fn), "brier": ((score - label) ** 2).mean(),
        "logLoss": (positives * log_loss(1) + negatives * log_loss(0)).sum() / rows.sum(),
        "rocAUC": auc(positives, negatives),
    }


def wilson(p, n):
    center, half = (p + Z**2 / (2 * n)), Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return (center - half) / (1 + Z**2 / n), (center + half) / (1 + Z**2 / n)


def logistic(x):
    return 1 / (1 + np.exp(-x))


def row(value, error, low, high):
    return {"value": float(value), "error": float(error), "low": float(low), "high": float(high)}


score, label, predicted = draw(2_500, np.array([3, 2, 2, 2, 2, 2, 2, 2, 2, 3.0]))
NAMES = ["accuracy", "precision", "recall", "f1", "brier", "logLoss", "rocAUC"]
ones = dict.fromkeys(NAMES, 1.0)
zero = np.zeros(len(VALUES))
squares = dict.fromkeys(NAMES, 0.0)
for block in range(5):
    inside = np.zeros(len(score), bool)
    inside[block * len(score) // 5 : (block + 1) * len(score) // 5] = True
    rows, _ = counts_of(score[inside], label[inside])
    estimates = estimate(counts_of(score[~inside], label[~inside]), (zero, zero), rows, ones)
    truths = truth(score[inside], label[inside])
    for name in NAMES:
        squares[name] += (estimates[name]["value"] - truths[name]) ** 2 / estimates[name]["error"] ** 2 / 5
phi = {name: max(1.0, float(np.sqrt(squares[name]))) for name in NAMES}

live_score, live_label, live_predicted = draw(600, np.array([1, 1, 1, 2, 3, 3, 3, 2, 1, 1.0]))
is_labeled = np.arange(600) % 4 == 0
expected = estimate(
    counts_of(score, label), counts_of(live_score[is_labeled], live_label[is_labeled]),
    counts_of(live_score[~is_labeled], live_label[~is_labeled])[0], phi)
result = {
    "reference": {"scores": score.tolist(), "labels": label.tolist()},
    "window": {"scores": live_score.tolist(), "labels": live_label.tolist()},
    "overdispersion": phi, "expected": expected,
}
(pathlib.Path(__file__).parent.parent / "intervals.json").write_text(json.dumps(result) + "\n")
print(phi)
print(expected)
