"""Windowed metrics by brute force, from the CSV files that `drumlin replay` reads: the answer that Drumlin's must equal.

    python oracle.py FOLDER > expected.csv                      every metric and window of FOLDER/task.json
    python oracle.py FOLDER --all-metrics                       every metric that is known here, in the task's windows
    python oracle.py FOLDER --compare metrics.csv               against `drumlin metrics STORE --format csv`

FOLDER holds task.json, predictions.csv and labels.csv. Nothing is kept from one event to the next and nothing is shared
with Drumlin: labels are joined to their predictions by id, each window is cut from the joined rows, each metric is
computed from its definition. Of two predictions with one id the first stays, of an id's labels the one with the
greatest time (the later in the file where times are equal), and an empty label withdraws it; a label delivered again in the
same words changes nothing. Labels whose prediction never came are left out. Windows have a row where they hold a
prediction; a metric without labels, or with a zero denominator, is empty.
"""
import argparse
import csv
import json
import math
import os
import re
import sys
from datetime import datetime, timezone

import numpy as np

UNITS = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
SMALLEST_PROBABILITY = sys.float_info.epsilon


# Reading

def microseconds(text):
    """ISO 8601 (UTC where no zone is given) or an integer of microseconds."""
    try:
        return int(text)
    except ValueError:
        time = datetime.fromisoformat(text)
        time = time if time.tzinfo else time.replace(tzinfo=timezone.utc)
        difference = time - datetime(1970, 1, 1, tzinfo=timezone.utc)
        return (difference.days * 86_400 + difference.seconds) * 1_000_000 + difference.microseconds


def rows(path, names):
    """The named columns of a CSV file, row by row; None for a name that is None."""
    with open(path, newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        at = [None if name is None else header.index(name) for name in names]
        for row in reader:
            yield [None if index is None else row[index] for index in at]


class Joined:
    """Predictions in time order with the label that counts, or NaN."""

    def __init__(self, folder, task):
        columns = task["columns"]
        self.kind = task["kind"]
        classes = {name: index for index, name in enumerate(task.get("classes", []))}
        number = (lambda text: classes[text]) if self.kind == "multiclass" else float
        row_of, at, score, predicted = {}, [], [], []
        names = [columns["id"], columns["time"], columns.get("score"), columns.get("prediction")]
        for name, time, scored, given in rows(os.path.join(folder, "predictions.csv"), names):
            if name in row_of:
                continue
            row_of[name] = len(at)
            at.append(microseconds(time))
            value = float(scored) if scored is not None else math.nan
            score.append(value)
            if given is not None:
                predicted.append(number(given))
            else:
                predicted.append(float(value >= task.get("threshold", 0.5)))
        delivered = set()
        label, label_at = [math.nan] * len(at), [None] * len(at)
        for name, time, text in rows(os.path.join(folder, "labels.csv"), [columns["id"], columns["time"], columns["label"]]):
            row = row_of.get(name)
            if row is None:
                continue
            time = microseconds(time)
            if (row, time, text) in delivered:
                continue
            delivered.add((row, time, text))
            if label_at[row] is None or time >= label_at[row]:
                label_at[row] = time
                label[row] = number(text) if text else math.nan
        order = np.argsort(np.array(at, dtype=np.int64), kind="stable")
        self.at = np.array(at, dtype=np.int64)[order]
        self.score = np.array(score)[order]
        self.predicted = np.array(predicted, dtype=np.float64)[order]
        self.label = np.array(label)[order]


# Windows

def span(text):
    number, unit = re.fullmatch(r"(\d+)([smhd])", text).groups()
    return int(number) * UNITS[unit]


def shape(text):
    """(size, slide, offset) in microseconds of a tumbling or sliding window, however its spans are written; else the text."""
    match = re.fullmatch(r"(\d+[smhd])(?:/(\d+[smhd]))?(?:\+(\d+[smhd]))?", text)
    if match is None:
        return text
    size = span(match[1])
    return size, span(match[2]) if match[2] else size, span(match[3]) if match[3] else 0


def windows(text, at):
    """(start, end) of every window that holds a prediction; (None, None) for the cumulative one; None for other kinds."""
    if text == "cumulative":
        return [(None, None)] if len(at) else []
    if isinstance(shape(text), str):
        return None
    size, slide, offset = shape(text)
    last = (at - offset) // slide
    steps = np.unique(np.concatenate([last - back for back in range((size + slide - 1) // slide)]))
    found = []
    for step in steps.tolist():
        start = step * slide + offset
        if np.searchsorted(at, start + size) > np.searchsorted(at, start):
            found.append((start, start + size))
    return found


# Metrics, each from the labeled rows of a window: (label, predicted class or value, score) -> value or None

def ratio(numerator, denominator):
    return None if denominator == 0 else float(numerator) / float(denominator)


def confusion(label, predicted, of=1):
    true, positive = label == of, predicted == of
    return (true & positive).sum(), (~true & positive).sum(), (true & ~positive).sum()


def accuracy(label, predicted, score):
    return ratio((label == predicted).sum(), len(label))


def precision(label, predicted, score):
    tp, fp, _ = confusion(label, predicted)
    return ratio(tp, tp + fp)


def recall(label, predicted, score):
    tp, _, fn = confusion(label, predicted)
    return ratio(tp, tp + fn)


def f1(label, predicted, score):
    tp, fp, fn = confusion(label, predicted)
    return ratio(2 * tp, 2 * tp + fp + fn)


def f1_macro(label, predicted, score):
    """Over the classes that occur as label or prediction, as scikit-learn does without `labels`."""
    counts = [confusion(label, predicted, of) for of in np.union1d(label, predicted)]
    return ratio(math.fsum(2 * tp / (2 * tp + fp + fn) for tp, fp, fn in counts), len(counts))


def brier(label, predicted, score):
    return ratio(math.fsum(((score - label) ** 2).tolist()), len(label))


def log_loss(label, predicted, score):
    clipped = np.clip(score, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return ratio(-math.fsum(np.where(label == 1, np.log(clipped), np.log1p(-clipped)).tolist()), len(label))


def roc_auc(label, predicted, score):
    """The share of (positive, negative) pairs that the score puts in order, ties counting half."""
    _, tied = np.unique(score, return_inverse=True)
    positive = np.bincount(tied, weights=label == 1)
    negative = np.bincount(tied, weights=label != 1)
    below = np.concatenate([[0], np.cumsum(negative)[:-1]])
    return ratio((positive * (below + negative / 2)).sum(), positive.sum() * negative.sum())


def mse(label, predicted, score):
    return ratio(math.fsum(((predicted - label) ** 2).tolist()), len(label))


def rmse(label, predicted, score):
    value = mse(label, predicted, score)
    return None if value is None else math.sqrt(value)


def mae(label, predicted, score):
    return ratio(math.fsum(np.abs(predicted - label).tolist()), len(label))


METRICS = {
    "binary": {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1, "brier": brier,
               "logLoss": log_loss, "rocAUC": roc_auc},
    "multiclass": {"accuracy": accuracy, "f1_macro": f1_macro},
    "regression": {"mae": mae, "mse": mse, "rmse": rmse},
}


def expected(folder, all_metrics=False):
    """Rows (metric, window, start, end, value, labeled, unlabeled, half a pair's share) and the (metric, window) left out."""
    with open(os.path.join(folder, "task.json")) as file:
        task = json.load(file)
    joined = Joined(folder, task)
    known = METRICS[task["kind"]]
    asked = [(metric["name"], window) for metric in task["metrics"] for window in metric["windows"]]
    if all_metrics:
        asked = [(name, window) for name in known for window in dict.fromkeys(window for _, window in asked)]
    found, left_out = [], []
    for name, window in asked:
        spans = windows(window, joined.at) if name in known else None
        if spans is None:
            left_out.append((name, window))
            continue
        for start, end in spans:
            rows_in = slice(None) if start is None else slice(*np.searchsorted(joined.at, [start, end]).tolist())
            label = joined.label[rows_in]
            labeled = ~np.isnan(label)
            value = None
            if labeled.any():
                value = known[name](label[labeled], joined.predicted[rows_in][labeled], joined.score[rows_in][labeled])
            positives = (label == 1).sum()
            half_pair = 0.5 / max(1, positives * (labeled.sum() - positives))
            found.append((name, window, start, end, value, int(labeled.sum()), int((~labeled).sum()), half_pair))
    return found, left_out


# Writing and comparing

def iso(time):
    if time is None:
        return ""
    seconds, rest = divmod(time, 1_000_000)
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:06d}Z" if rest else f"{text}Z"


def write(found, file):
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["metric", "window", "window_start", "window_end", "labeled_value", "num_labeled", "num_unlabeled"])
    for name, window, start, end, value, labeled, unlabeled, _ in found:
        writer.writerow([name, window, iso(start), iso(end), "" if value is None else repr(value), labeled, unlabeled])


def compare(folder, path, tolerance=1e-12, auc_tolerance=1 / 2048, out=sys.stdout):
    """Compares a CSV of `drumlin metrics` with what is expected; prints each difference (20 at most) and a summary.

    Values agree within `tolerance`, relative; the area under the curve, which Drumlin bins, within `auc_tolerance`,
    absolute, and one pair that shares a bin, which in a small window is more. Counts agree exactly, and neither side
    has a row more.
    """
    found, left_out = expected(folder)
    theirs = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            start = microseconds(row["window_start"]) if row["window_start"] else None
            theirs.setdefault((row["metric"], shape(row["window"]), start), []).append(row)
    differences, worst = [], {}
    for name, window, start, end, value, labeled, unlabeled, half_pair in found:
        place = f"{name} {window} {iso(start)}"
        matches = theirs.pop((name, shape(window), start), [])
        if len(matches) != 1:
            differences.append(f"{place}: {len(matches)} rows, expected 1")
            continue
        row = matches[0]
        counts = (int(row["num_labeled"]), int(row["num_unlabeled"]))
        if counts != (labeled, unlabeled):
            differences.append(f"{place}: labeled, unlabeled {counts}, expected {(labeled, unlabeled)}")
        if end is not None and microseconds(row["window_end"]) != end:
            differences.append(f"{place}: ends {row['window_end']}, expected {iso(end)}")
        got = float(row["labeled_value"]) if row["labeled_value"] else None
        if (got is None) != (value is None):
            differences.append(f"{place}: labeled value {got}, expected {value}")
        elif got is not None:
            error = abs(got - value)
            error = error if name == "rocAUC" or value == 0 else error / abs(value)
            worst[name] = max(worst.get(name, 0), error)
            if not error <= (auc_tolerance + half_pair if name == "rocAUC" else tolerance):
                differences.append(f"{place}: labeled value {got!r}, expected {value!r}, error {error:.3g}")
    for (name, window, start), matches in theirs.items():
        if (name, window) not in {(metric, shape(other)) for metric, other in left_out}:
            window = matches[0]["window"]
            differences.append(f"{name} {window} {iso(start)}: {len(matches)} rows that are not expected")
    for difference in differences[:20]:
        print(difference, file=out)
    for name, error in worst.items():
        print(f"{name}: greatest {'absolute' if name == 'rocAUC' else 'relative'} error {error:.3g}", file=out)
    for name, window in left_out:
        print(f"{name} {window}: not known here, not compared", file=out)
    print(f"{len(found)} rows compared, {len(differences)} differences", file=out)
    return len(differences)


def main():
    parser = argparse.ArgumentParser(description="Windowed metrics by brute force, to compare Drumlin's with.")
    parser.add_argument("folder", help="task.json, predictions.csv, labels.csv")
    parser.add_argument("--compare", metavar="CSV", help="the output of `drumlin metrics STORE --format csv`")
    parser.add_argument("--tolerance", type=float, default=1e-12, help="relative (default 1e-12)")
    parser.add_argument("--auc-tolerance", type=float, default=1 / 2048, help="absolute, for the binned rocAUC (default 1/2048)")
    parser.add_argument("--all-metrics", action="store_true", help="every metric known here, not only the task's")
    arguments = parser.parse_args()
    if arguments.compare:
        sys.exit(1 if compare(arguments.folder, arguments.compare, arguments.tolerance, arguments.auc_tolerance) else 0)
    found, left_out = expected(arguments.folder, arguments.all_metrics)
    for name, window in left_out:
        print(f"{name} {window}: not known here", file=sys.stderr)
    write(found, sys.stdout)


if __name__ == "__main__":
    main()
