"""Writes ../trees.json: an isotonic calibration, and regression trees grown best split first, by scikit-learn 1.5.2."""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.isotonic import IsotonicRegression
from sklearn.tree import DecisionTreeRegressor

rng = np.random.default_rng(7)
score = np.round(rng.random(400), 2)
label = (rng.random(400) < 0.1 + 0.7 * score**2).astype(float)
calibrated = IsotonicRegression(y_min=0, y_max=1).fit(score, label).predict(score)

inputs = np.round(rng.normal(size=(500, 3)), 1)
target = np.round(np.where(inputs[:, 0] > 0.3, 2 * inputs[:, 1], -inputs[:, 2]) + 0.3 * rng.normal(size=500), 6)
trees = []
for leaves, minimum in ((2, 20), (5, 20), (12, 40), (40, 5)):
    tree = DecisionTreeRegressor(max_leaf_nodes=leaves, min_samples_leaf=minimum, random_state=0).fit(inputs, target)
    fitted = tree.predict(inputs)
    trees.append({"leaves": leaves, "minimum": minimum, "leafCount": int(tree.get_n_leaves()), "fitted": fitted.tolist()})
(pathlib.Path(__file__).parent.parent / "trees.json").write_text(json.dumps({
    "scikit-learn": sklearn.__version__, "scores": score.tolist(), "labels": label.tolist(),
    "calibrated": calibrated.tolist(), "inputs": inputs.ravel().tolist(), "target": target.tolist(), "trees": trees,
}) + "\n")
