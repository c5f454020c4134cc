"""The events of a standard workload (a folder written by workload.py) as numpy arrays, in order of arrival."""
import json
import os
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as parquet

BUCKET_COUNT = 20
THRESHOLD = 0.5
HOUR, DAY = 3_600_000_000, 86_400_000_000
WINDOW_SIZES = {"1h": HOUR, "1d": DAY, "7d": 7 * DAY}


@dataclass
class Workload:
    """Predictions in time order, labels in arrival order; times in microseconds since the Unix epoch."""

    folder: str
    features: list[str]
    ids: list[str]
    at: np.ndarray
    score: np.ndarray
    bucket: np.ndarray
    feature_rows: np.ndarray
    """One row a prediction, one column a feature, float32."""
    label_ids: list[str]
    label_at: np.ndarray
    label: np.ndarray
    label_row: np.ndarray
    """For each label the row of its prediction."""

    def arrivals(self, count):
        """The first `count` events as (is_label, row), merged by time, a prediction before a label of the same time."""
        times = np.concatenate([self.at, self.label_at])
        is_label = np.repeat([False, True], [len(self.at), len(self.label_at)])
        row = np.concatenate([np.arange(len(self.at)), np.arange(len(self.label_at))])
        order = np.lexsort((is_label, times))[:count]
        return list(zip(is_label[order].tolist(), row[order].tolist()))


def bucket_edges(reference_scores):
    """Inner edges of equal-count buckets of the score, with the threshold among them."""
    quantiles = np.quantile(reference_scores, np.arange(1, BUCKET_COUNT) / BUCKET_COUNT)
    nearest = np.argmin(np.abs(quantiles - THRESHOLD))
    quantiles[nearest] = THRESHOLD
    return np.unique(quantiles)


def load(folder):
    """Reads a workload folder."""
    with open(os.path.join(folder, "task.json")) as file:
        features = list(json.load(file)["features"])
    predictions = parquet.read_table(os.path.join(folder, "predictions.parquet"))
    labels = parquet.read_table(os.path.join(folder, "labels.parquet"))
    reference = parquet.read_table(os.path.join(folder, "reference.parquet"), columns=["prediction"])
    score = predictions["prediction"].to_numpy().astype(np.float64)
    edges = bucket_edges(reference["prediction"].to_numpy().astype(np.float64))
    ids, label_ids = predictions["id"].to_pylist(), labels["id"].to_pylist()
    row_of = dict(zip(ids, range(len(ids))))
    return Workload(
        folder=folder,
        features=features,
        ids=ids,
        at=predictions["ts"].to_numpy().astype("datetime64[us]").astype(np.int64),
        score=score,
        bucket=np.searchsorted(edges, score, side="right"),
        feature_rows=np.stack([predictions[name].to_numpy() for name in features], axis=1),
        label_ids=label_ids,
        label_at=labels["ts"].to_numpy().astype("datetime64[us]").astype(np.int64),
        label=labels["label"].to_numpy().astype(np.int64),
        label_row=np.array([row_of[name] for name in label_ids], dtype=np.int64),
    )
