"""Writes ../classes.json: what scikit-learn's isotonic maps, one a class and made to sum to one, and NannyML's CBPE expect
of rows of three classes without labels."""
import json
import os
import pathlib

import numpy as np
import pandas as pd
import sklearn
from sklearn.isotonic import IsotonicRegression

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
import nannyml

CLASSES = ["a", "b", "c"]


def rows(count, shift, seed):
    """The model's probabilities are overconfident; its class is not always the likeliest."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(count, 3)) * 1.5 + np.array([0.4, 0.0, -0.6]) + shift
    given = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    given = np.round(np.maximum(given, 0.002), 3)
    true = np.exp(0.6 * logits + np.array([0.0, 0.2, 0.0]))
    true /= true.sum(axis=1, keepdims=True)
    label = np.array([rng.choice(3, p=row) for row in true])
    predicted = np.where(rng.random(count) < 0.05, rng.integers(0, 3, count), given.argmax(axis=1))
    return given, predicted, label


reference, live = rows(3_000, 0.0, 1), rows(1_000, np.array([0.8, 0.0, -0.4]), 2)
chances = np.column_stack([
    IsotonicRegression(out_of_bounds="clip").fit(reference[0][:, one], reference[2] == one).predict(live[0][:, one])
    for one in range(3)])
chances /= chances.sum(axis=1, keepdims=True)
confusion = np.array([[chances[live[1] == predicted, label].sum() for predicted in range(3)] for label in range(3)])
f1 = np.mean([2 * confusion[one, one] / (confusion[one].sum() + confusion[:, one].sum()) for one in range(3)])
clipped = np.clip(live[0], 2.0**-52, 1 - 2.0**-52)


def frame(part, with_label):
    given, predicted, label = part
    table = pd.DataFrame({f"p{name}": given[:, one] for one, name in enumerate(CLASSES)})
    table["predicted"] = [CLASSES[one] for one in predicted]
    if with_label:
        table["label"] = [CLASSES[one] for one in label]
    return table


estimator = nannyml.CBPE(
    y_pred="predicted", y_true="label", y_pred_proba={name: f"p{name}" for name in CLASSES},
    problem_type="classification_multiclass", metrics=["accuracy", "f1"], chunk_number=1)
found = estimator.fit(frame(reference, True)).estimate(frame(live, False)).filter(period="analysis").to_df()
(pathlib.Path(__file__).parent.parent / "classes.json").write_text(json.dumps({
    "scikit-learn": sklearn.__version__, "nannyml": nannyml.__version__,
    "reference": {"probabilities": reference[0].ravel().tolist(), "predicted": reference[1].tolist(),
                  "labels": reference[2].tolist()},
    "live": {"probabilities": live[0].ravel().tolist(), "predicted": live[1].tolist(), "labels": live[2].tolist()},
    "confusion": confusion.ravel().tolist(), "accuracy": float(np.trace(confusion) / 1_000), "f1Macro": float(f1),
    "logLoss": float(-(chances * np.log(clipped)).sum() / 1_000),
    "cbpe": {metric: float(found[(metric, "value")].iloc[0]) for metric in ("accuracy", "f1")},
}) + "\n")
