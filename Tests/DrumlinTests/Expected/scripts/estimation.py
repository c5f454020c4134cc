"""Writes ../estimation.json: of each full chunk of 2,000 analysis rows the true accuracy, f1 and AUC, and the bootstrap
standard error of each (1,000 resamples, seed = the chunk's index). Usage: estimation.py DIRECTORY-OF-CSV-FILES"""
import json
import pathlib
import sys

import numpy as np
import pandas as pd

DATASETS = {
    "employment": ("employed", "prediction", "predicted_probability"),
    "work_from_home": ("work_home_actual", "y_pred", "y_pred_proba"),
}
ROWS, RESAMPLES = 2_000, 1_000


def measures(weights, label, predicted, group):
    """Accuracy, f1 and AUC of weighted rows; `group` numbers the distinct scores in ascending order."""
    positives = np.bincount(group, weights=weights * label)
    negatives = np.bincount(group, weights=weights * (1 - label))
    below = np.cumsum(negatives) - negatives
    true_positives = (weights * (label & predicted)).sum()
    wrong = (weights * (label != predicted)).sum()
    return (
        1 - wrong / weights.sum(),
        2 * true_positives / (2 * true_positives + wrong),
        (positives * (below + negatives / 2)).sum() / (positives.sum() * negatives.sum()),
    )


result = {}
for name, (label_column, class_column, score_column) in DATASETS.items():
    table = pd.read_csv(pathlib.Path(sys.argv[1]) / f"{name}_analysis.csv")
    chunks = []
    for chunk in range(len(table) // ROWS):
        rows = table.iloc[chunk * ROWS : (chunk + 1) * ROWS]
        label = rows[label_column].to_numpy().astype(int)
        predicted = rows[class_column].to_numpy().astype(int)
        group = np.unique(rows[score_column].to_numpy(), return_inverse=True)[1]
        generator = np.random.default_rng(chunk)
        resampled = [
            measures(np.bincount(generator.integers(0, ROWS, ROWS), minlength=ROWS), label, predicted, group)
            for _ in range(RESAMPLES)
        ]
        truth = measures(np.ones(ROWS), label, predicted, group)
        chunks.append({"truth": [float(x) for x in truth], "error": np.std(resampled, axis=0, ddof=1).tolist()})
    result[name] = chunks
    print(name, len(chunks), chunks[0])
(pathlib.Path(__file__).parent.parent / "estimation.json").write_text(json.dumps(result) + "\n")
