"""How near Drumlin's label-free estimates come to the truth, beside NannyML's on the same rows with the same yardstick.

    pip install -r Benchmarks/Peers/requirements-estimation.txt
    swift build -c release --product drumlin
    python Benchmarks/Peers/estimation.py DIRECTORY [--drumlin .build/release/drumlin] [--sets employment,car_price]
        [--methods default,cbpe] [--no-nannyml] [--coverage]

DIRECTORY holds the files NAME_reference.csv (fits) and NAME_analysis.csv (estimated without its labels) of the design's
table; a set whose scores move is made here. Full chunks of 2,000 rows; a cell is the mean over chunks of
|estimate − truth| / SE, SE that chunk's own bootstrap (1,000 resamples, seed = the chunk's index), in brackets the share
of 95 % intervals that hold the truth. Rows are replayed one second apart through the `drumlin` command. --coverage adds
overlapping windows of 500, 2,000 and 5,000 rows without labels and with half of them, taken at random, with estimates
that shrink toward them, too.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import warnings

import numpy as np
import pandas as pd

ROWS, RESAMPLES, START = 2_000, 1_000, 1_600_000_000
SETS = {
    "employment": dict(kind="binary", label="employed", predicted="prediction", score="predicted_probability",
                       leave_out=["id", "year"], metrics=["accuracy", "f1", "rocAUC"]),
    "work_from_home": dict(kind="binary", label="work_home_actual", predicted="y_pred", score="y_pred_proba",
                           leave_out=["id", "timestamp", "period"], metrics=["accuracy", "f1", "rocAUC"]),
    "car_price": dict(kind="regression", label="y_true", predicted="y_pred", leave_out=["id", "timestamp"],
                      metrics=["mae", "rmse"]),
    "credit_card": dict(kind="multiclass", label="y_true", predicted="y_pred", leave_out=["id", "timestamp"],
                        classes=["highstreet_card", "prepaid_card", "upmarket_card"],
                        probabilities="y_pred_proba_{}", metrics=["accuracy", "f1_macro"]),
}
SYNTHETIC = "shifted_score"  # Made here: the scores move, what a score means does not.
SETS[SYNTHETIC] = dict(kind="binary", label="label", predicted="predicted", score="score", leave_out=[],
                       metrics=["accuracy", "f1", "rocAUC"])
METHODS = {
    "default": {},
    "cbpe": {"estimator": "cbpe"},
    "scoreQuantiles(20)": {"bucketing": {"kind": "scoreQuantiles", "count": 20}},
    "constant": {"estimator": "constant"},
    "atc": {"estimator": "atc"},  # Accuracy alone.
    "doc": {"estimator": "doc"},
    "shrinking": {"shrinkTowardLabels": True},  # Toward the labels of the window.
    "pape": {"backtest": "pape"},  # Of the rows of each window, so by `drumlin backtest` alone.
}
NANNYML = {"accuracy": "accuracy", "f1": "f1", "f1_macro": "f1", "rocAUC": "roc_auc", "mae": "mae", "rmse": "rmse"}


def load(directory, name):
    """The reference and the analysis rows of a set."""
    if name != SYNTHETIC:
        return [pd.read_csv(directory / f"{name}_{part}.csv") for part in ("reference", "analysis")]
    generator = np.random.default_rng(1)
    parts = []
    for rows in (20_000, 60_000):
        # In the analysis the logits rise by 1.5 from the first row to the last.
        shift = np.linspace(0, 1.5, rows) if parts else np.zeros(rows)
        feature = generator.normal(size=rows)
        score = 1 / (1 + np.exp(-(1.6 * feature + shift + 0.7 * generator.normal(size=rows))))
        parts.append(pd.DataFrame({
            "feature": feature, "score": score, "predicted": (score >= 0.5).astype(int),
            "label": (generator.random(rows) < 0.1 + 0.75 * score).astype(int)}))
    return parts


# The truth

def measures(name, weights, rows):
    """The metrics of weighted rows."""
    spec = SETS[name]
    total = weights.sum()
    if spec["kind"] == "regression":
        error = np.abs(rows["label"] - rows["predicted"])
        return [(weights * error).sum() / total, np.sqrt((weights * error**2).sum() / total)]
    right = (weights * (rows["label"] == rows["predicted"])).sum()
    if spec["kind"] == "multiclass":
        scores = []
        for one in range(len(spec["classes"])):
            hits = (weights * ((rows["label"] == one) & (rows["predicted"] == one))).sum()
            both = (weights * (rows["label"] == one)).sum() + (weights * (rows["predicted"] == one)).sum()
            if both > 0:
                scores.append(2 * hits / both)
        return [right / total, np.mean(scores)]
    positives = np.bincount(rows["group"], weights=weights * rows["label"])
    negatives = np.bincount(rows["group"], weights=weights * (1 - rows["label"]))
    below = np.cumsum(negatives) - negatives
    hits = (weights * rows["label"] * rows["predicted"]).sum()
    wrong = total - right
    return [right / total, 2 * hits / (2 * hits + wrong),
            (positives * (below + negatives / 2)).sum() / (positives.sum() * negatives.sum())]


def columns(name, table):
    """Label, predicted class or value, and the rank of the score of each row."""
    spec = SETS[name]
    if spec["kind"] == "multiclass":
        place = {one: index for index, one in enumerate(spec["classes"])}
        return {"label": table[spec["label"]].map(place).to_numpy(),
                "predicted": table[spec["predicted"]].map(place).to_numpy()}
    result = {"label": table[spec["label"]].to_numpy(), "predicted": table[spec["predicted"]].to_numpy()}
    if spec["kind"] == "binary":
        result["group"] = np.unique(table[spec["score"]].to_numpy(), return_inverse=True)[1]
    return result


def truth(name, table, first, end):
    rows = columns(name, table.iloc[first:end])
    return measures(name, np.ones(end - first), rows)


def standard_errors(name, table, chunk):
    rows = columns(name, table.iloc[chunk * ROWS:(chunk + 1) * ROWS])
    generator = np.random.default_rng(chunk)
    drawn = [measures(name, np.bincount(generator.integers(0, ROWS, ROWS), minlength=ROWS), rows)
             for _ in range(RESAMPLES)]
    return np.std(drawn, axis=0, ddof=1)


# Drumlin

def specification(name, table, method, windows):
    spec = SETS[name]
    own = [spec["label"], spec["predicted"], *spec["leave_out"]] + ([spec["score"]] if "score" in spec else [])
    own += [spec["probabilities"].format(one) for one in spec.get("classes", [])]
    features = {column: "float64" if pd.api.types.is_numeric_dtype(table[column]) and table[column].dtype != bool
                else "category" for column in table.columns if column not in own}
    task = {"name": name, "kind": spec["kind"], "features": features,
            "columns": {"id": "_id", "time": "_time", "prediction": spec["predicted"], "label": spec["label"]},
            "metrics": [{"name": metric, "windows": windows} for metric in spec["metrics"]],
            **{key: value for key, value in METHODS[method].items() if key != "backtest"}}
    if spec["kind"] == "binary":
        task["columns"]["score"] = spec["score"]
    if spec["kind"] == "multiclass":
        task["classes"] = spec["classes"]
        task["probabilities"] = {one: spec["probabilities"].format(one) for one in spec["classes"]}
    return task


def estimates(drumlin, name, reference, table, method, windows, labeled_share=0.0):
    """The rows of `drumlin metrics` for the analysis rows, one second apart."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "task.json").write_text(json.dumps(specification(name, reference, method, windows)))
        reference.to_csv(folder / "reference.csv", index=False)
        times = START + np.arange(len(table))
        stamped = table.assign(_id=[f"r{row}" for row in range(len(table))],
                               _time=pd.to_datetime(times, unit="s").strftime("%Y-%m-%dT%H:%M:%SZ"))
        stamped.drop(columns=[SETS[name]["label"]]).to_csv(folder / "predictions.csv", index=False)
        arguments = [drumlin, "replay", folder / "store", "--spec", folder / "task.json", "--reference",
                     folder / "reference.csv", "--predictions", folder / "predictions.csv"]
        if labeled_share > 0:
            chosen = np.random.default_rng(0).random(len(table)) < labeled_share
            stamped[chosen][["_id", "_time", SETS[name]["label"]]].to_csv(folder / "labels.csv", index=False)
            arguments += ["--labels", folder / "labels.csv"]
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
        planned = METHODS[method].get("backtest")
        command = ["backtest", folder / "store", "--estimator", planned] if planned else ["metrics", folder / "store"]
        with open(folder / "metrics.csv", "w") as file:
            subprocess.run([drumlin, *command, "--format", "csv"], check=True, stdout=file)
        rows = pd.read_csv(folder / "metrics.csv")
    rows["first"] = (pd.to_datetime(rows["window_start"], utc=True).astype("int64") // 10**9 - START).astype(int)
    rows["end"] = rows["first"] + rows["window_size"].astype(int)
    return rows[(rows["first"] >= 0) & (rows["end"] <= len(table))]


# NannyML

def nannyml(name, reference, table):
    """Value and sampling error of each metric and full chunk."""
    os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"  # It reports its use otherwise.
    import nannyml
    spec = SETS[name]
    metrics = [NANNYML[metric] for metric in spec["metrics"]]
    wanted = reference.columns.drop(spec["leave_out"])
    reference, table = reference[wanted], table[wanted].drop(columns=[spec["label"]])
    common = dict(y_pred=spec["predicted"], y_true=spec["label"], metrics=metrics, chunk_size=ROWS)
    if spec["kind"] == "regression":
        features = [column for column in wanted if column not in (spec["label"], spec["predicted"])]
        estimator = nannyml.DLE(feature_column_names=features, tune_hyperparameters=False, **common)
    else:
        scores = (spec["score"] if spec["kind"] == "binary"
                  else {one: spec["probabilities"].format(one) for one in spec["classes"]})
        estimator = nannyml.CBPE(y_pred_proba=scores, problem_type=f"classification_{spec['kind']}", **common)
    frame = estimator.fit(reference).estimate(table).filter(period="analysis").to_df()
    chunks = len(table) // ROWS
    return [(frame[(metric, "value")].to_numpy()[:chunks], frame[(metric, "sampling_error")].to_numpy()[:chunks])
            for metric in metrics]


# The table

def cells(distances, covered):
    """distances and covered: a column a metric, a row a chunk."""
    distance = "/".join("–" if np.isnan(value) else f"{value:.2f}" for value in np.mean(distances, axis=0))
    known = ["–" if np.isnan(column).any() else f"{column.mean():.2f}" for column in np.array(covered, float).T]
    return f"{distance} [{'/'.join(known)}]"


def print_table(arguments):
    for name in arguments.sets:
        reference, table = load(arguments.directory, name)
        chunks = len(table) // ROWS
        truths = np.array([truth(name, table, chunk * ROWS, (chunk + 1) * ROWS) for chunk in range(chunks)])
        errors = np.array([standard_errors(name, table, chunk) for chunk in range(chunks)])
        spec = SETS[name]
        parts = {name: slice(0, chunks)}
        if name == "credit_card":  # P(label | score) changes after chunk 15, which nobody can see without labels.
            parts = {name: slice(0, chunks), f"{name}, 1–15": slice(0, 15), f"{name}, 16–": slice(15, chunks)}
        results = {}
        if not arguments.no_nannyml:
            found = nannyml(name, reference, table)
            values = np.array([value for value, _ in found]).T
            spread = 1.959964 * np.array([error for _, error in found]).T
            results["NannyML " + ("DLE" if spec["kind"] == "regression" else "CBPE")] = (
                values, values - spread, values + spread)
        for method in arguments.methods:
            if method in ("cbpe", "atc", "doc") and spec["kind"] == "regression" or method == "pape" and spec["kind"] != "binary":
                continue
            rows = estimates(arguments.drumlin, name, reference, table, method, [f"{ROWS}s"])
            own = [rows[rows["metric"] == metric].sort_values("first") for metric in spec["metrics"]]
            results[f"Drumlin {method}"] = tuple(
                np.array([part[column].to_numpy(float) for part in own]).T
                for column in ("value", "ci_low", "ci_high"))
        for part, chosen in parts.items():
            print(f"\n{part}: {'/'.join(spec['metrics'])} over {truths[chosen].shape[0]} chunks")
            for method, (value, low, high) in results.items():
                distance = np.abs(value - truths) / errors
                covered = np.where(np.isnan(low), np.nan, (low <= truths) & (truths <= high))
                print(f"  {method:28} {cells(distance[chosen], covered[chosen])}", flush=True)


def print_coverage(arguments):
    windows = {"500s/250s": 500, "2000s/500s": 2_000, "5000s/1000s": 5_000}
    print("\ncoverage of the 95 % interval, overlapping windows of 500, 2,000 and 5,000 rows pooled")
    for name in arguments.sets:
        reference, table = load(arguments.directory, name)
        for share, method in ((0.0, "default"), (0.5, "default"), (0.5, "shrinking")):
            rows = estimates(arguments.drumlin, name, reference, table, method, list(windows), share)
            answers = {}
            for row in rows.itertuples():
                key = (row.first, row.end)
                if key not in answers:
                    answers[key] = dict(zip(SETS[name]["metrics"], truth(name, table, *key)))
                answers[key][f"in {row.metric}"] = row.ci_low - 1e-9 <= answers[key][row.metric] <= row.ci_high + 1e-9
            texts = []
            for metric in SETS[name]["metrics"]:
                pooled = np.mean([answer[f"in {metric}"] for answer in answers.values()])
                sizes = "/".join(f"{np.mean([a[f'in {metric}'] for k, a in answers.items() if k[1] - k[0] == size]):.2f}"
                                 for size in windows.values())
                texts.append(f"{metric} {pooled:.3f} ({sizes})")
            print(f"  {name}, {method}, {share:.0%} labeled, {len(answers)} windows: {', '.join(texts)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--drumlin", default=".build/release/drumlin")
    parser.add_argument("--sets", default=",".join(SETS), type=lambda text: text.split(","))
    parser.add_argument("--methods", default="default,cbpe,scoreQuantiles(20)", type=lambda text: text.split(","))
    parser.add_argument("--no-nannyml", action="store_true")
    parser.add_argument("--no-table", action="store_true")
    parser.add_argument("--coverage", action="store_true")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    if not arguments.no_table:
        print_table(arguments)
    if arguments.coverage:
        print_coverage(arguments)


if __name__ == "__main__":
    main()
