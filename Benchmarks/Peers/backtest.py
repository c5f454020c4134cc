"""How long a back-test of label-free estimates takes, beside NannyML's CBPE on the same rows, metrics and number of chunks.

    pip install -r Benchmarks/Peers/requirements-estimation.txt
    swift build -c release --product drumlin
    python Benchmarks/Peers/backtest.py WORKLOAD [--drumlin .build/release/drumlin] [--repetitions 5]

WORKLOAD is a folder of the standard workload (`Scripts/peers.sh workload 1000000`). Its predictions are replayed without labels
into a store with the reference rows; then `drumlin backtest` estimates five metrics by the calibrated score, over as many windows
as NannyML gets chunks, from the files, a process each time: with the epoch's own buckets ("after fitting"), and with buckets that it has to fit
anew ("with fitting", a store whose task has other ones). NannyML gets the rows as data frames in memory. Medians of wall time.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time
import warnings

METRICS = {"accuracy": "accuracy", "precision": "precision", "recall": "recall", "f1": "f1", "rocAUC": "roc_auc"}


def store(drumlin, workload, folder, estimator):
    """A store with the predictions and the reference of the workload, and no labels."""
    specification = json.loads((workload / "task.json").read_text())
    specification.pop("bucketing", None)
    specification["estimator"] = estimator
    specification["metrics"] = [{"name": "accuracy", "windows": ["1h"]}]
    path = folder / f"{estimator}.json"
    path.write_text(json.dumps(specification))
    result = folder / f"{estimator}.drumlin"
    subprocess.run(
        [drumlin, "replay", result, "--spec", path, "--reference", workload / "reference.csv",
         "--predictions", workload / "predictions.csv"], check=True, stdout=subprocess.DEVNULL)
    return result


def timed(repetitions, body):
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return statistics.median(times), min(times), max(times)


def backtest(drumlin, path, threads, window):
    arguments = [drumlin, "backtest", path, "--estimator", "cbpe", "--window", window, "--threads", str(threads),
                 "--format", "csv"]
    for metric in METRICS:
        arguments += ["--metric", metric]
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def nannyml(workload, repetitions, chunks):
    os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
    import pandas as pd
    warnings.filterwarnings("ignore")
    import nannyml

    reference = pd.read_csv(workload / "reference.csv")
    analysis = pd.read_csv(workload / "predictions.csv")
    for frame in (reference, analysis):
        frame["predicted"] = (frame["prediction"] >= 0.5).astype(int)

    def fitted():
        return nannyml.CBPE(
            y_pred="predicted", y_pred_proba="prediction", y_true="label", metrics=list(METRICS.values()),
            problem_type="classification_binary", chunk_number=chunks).fit(reference)

    estimator = fitted()
    after = timed(repetitions, lambda: estimator.estimate(analysis))
    whole = timed(1, lambda: fitted().estimate(analysis))
    return after, whole


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", type=pathlib.Path)
    parser.add_argument("--drumlin", default=".build/release/drumlin")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--window", default="6d", help="6d cuts the workload into ten, as NannyML does by itself")
    parser.add_argument("--no-nannyml", action="store_true")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        own = store(options.drumlin, options.workload, folder, "cbpe")
        other = store(options.drumlin, options.workload, folder, "calibratedResiduals")
        chunks = len(set(line.split(",")[5] for line in backtest(options.drumlin, own, 1, options.window).splitlines()[1:]))
        for threads in (1, 2):
            rows.append((f"drumlin, {threads} thread(s), after fitting",
                         timed(options.repetitions, lambda: backtest(options.drumlin, own, threads, options.window))))
        rows.append(("drumlin, 1 thread(s), with fitting",
                     timed(options.repetitions, lambda: backtest(options.drumlin, other, 1, options.window))))
    if not options.no_nannyml:
        after, whole = nannyml(options.workload, options.repetitions, chunks)
        rows += [("NannyML CBPE, after fitting", after), ("NannyML CBPE, with fitting", whole)]
    print(f"{len(METRICS)} metrics, {chunks} windows\n")
    print("| what | median s | range |\n|---|---|---|")
    for label, (median, low, high) in rows:
        print(f"| {label} | {median:.3f} | {low:.3f}–{high:.3f} |")


if __name__ == "__main__":
    main()
