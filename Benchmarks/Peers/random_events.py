"""Small event sets full of what goes wrong, as CSV files for `drumlin replay`, to compare its metrics with the oracle's.

    python random_events.py FOLDER SEED                         writes FOLDER: task.json and the three files
    python random_events.py --check DRUMLIN [SEED …]            replays and compares, for each seed (0 to 19 by default)

Predictions out of order, late or twice in the same words; labels before their prediction, for predictions that never come,
corrected, repeated, withdrawn, with equal times; ties of the score, scores at the threshold, at 0 and at 1.
"""
import csv
import json
import os
import random
import subprocess
import sys
import tempfile

import oracle

HOUR, DAY = 3_600_000_000, 86_400_000_000
START = 1_580_515_200_000_000
WINDOWS = ["60s", "5m", "1h", "1h/5m", "6h/4h", "1d", "1d+6h", "7d/1d", "7d+3d", "cumulative"]


def task(random, kind):
    metrics = [{"name": name, "windows": random.sample(WINDOWS, 3)} for name in oracle.METRICS[kind]]
    result = {"name": "trial", "kind": kind, "metrics": metrics, "features": {"a": "float32", "b": "category"},
              "columns": {"id": "id", "time": "at", "label": "label"}}
    if kind == "binary":
        result["threshold"] = 0.5
        result["columns"]["score"] = "score"
        result["bucketing"] = {"kind": "scoreQuantiles", "count": 8}
    else:
        result["columns"]["prediction"] = "predicted"
    if kind == "multiclass":
        result["classes"] = ["ant", "bee", "cat"]
    return result


def prediction(random, kind):
    if kind == "binary":
        return random.choice([0, 1, 0.5, 0.49999999999999994, 0.25, random.random(), round(random.random(), 1)])
    return random.choice(["ant", "bee", "cat"]) if kind == "multiclass" else round(random.gauss(10, 5), random.choice([0, 2, 12]))


def label(random, kind):
    if kind == "binary":
        return random.choice([0, 1])
    return prediction(random, kind)


def write(folder, seed):
    """Writes one event set; the same for the same seed."""
    numbers = random.Random(seed)
    kind = numbers.choice(["binary", "binary", "multiclass", "regression"])
    spec = task(numbers, kind)
    column = "score" if kind == "binary" else "predicted"
    count = numbers.choice([1, 5, 200, 3_000])
    spread = numbers.choice([HOUR, 3 * DAY, 20 * DAY])
    times = sorted(START + numbers.randrange(spread) for _ in range(count))
    predictions = []
    for index, at in enumerate(times):
        late = numbers.randrange(HOUR) if numbers.random() < 0.1 else 0
        features = [round(numbers.gauss(0, 1), 3) if numbers.random() < 0.9 else "", numbers.choice(["x", "y", ""])]
        predictions.append([f"event-{index}", at - late, prediction(numbers, kind), *features])
        if numbers.random() < 0.03:
            predictions.append(numbers.choice(predictions))
    labels = []
    for name, at, *_ in predictions:
        moment = at + int(numbers.expovariate(1 / numbers.choice([60_000_000, DAY])))
        if numbers.random() < 0.05:
            moment = max(START - HOUR, at - numbers.randrange(2 * HOUR))
        if numbers.random() < 0.8:
            labels.append([name, moment, label(numbers, kind)])
        while numbers.random() < 0.15:
            again = moment + numbers.choice([0, 0, 1, numbers.randrange(DAY)])
            labels.append([name, again, numbers.choice(["", label(numbers, kind), labels[-1][2] if labels else ""])])
    labels += [[f"nobody-{i}", START + i, label(numbers, kind)] for i in range(numbers.randrange(4))]
    labels.sort(key=lambda row: row[1])
    reference = [[prediction(numbers, kind), label(numbers, kind), round(numbers.gauss(0, 1), 3), numbers.choice("xy")]
                 for _ in range(numbers.choice([200, 1_000]))]
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "task.json"), "w") as file:
        json.dump(spec, file, indent=1)
    for name, header, rows in (("predictions", ["id", "at", column, "a", "b"], predictions),
                               ("labels", ["id", "at", "label"], labels),
                               ("reference", [column, "label", "a", "b"], reference)):
        with open(os.path.join(folder, f"{name}.csv"), "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)


def check(drumlin, seed):
    """Replays one event set in two halves of its files' order and compares; the number of differences."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, seed)
        store, answer = os.path.join(folder, "trial.drumlin"), os.path.join(folder, "metrics.csv")
        parts = ["reference", "predictions", "labels"]
        # Labels first on odd seeds: then every label is pending when its prediction comes.
        runs = [parts] if seed % 2 == 0 else [["reference", "labels"], ["predictions"]]
        for run in runs:
            files = [argument for name in run for argument in (f"--{name}", os.path.join(folder, f"{name}.csv"))]
            subprocess.run([drumlin, "replay", store, "--spec", os.path.join(folder, "task.json"), *files],
                           check=True, stdout=subprocess.DEVNULL)
        with open(answer, "w") as file:
            subprocess.run([drumlin, "metrics", store, "--format", "csv"], check=True, stdout=file)
        print(f"seed {seed}:", end=" ", flush=True)
        # A reference of a few hundred rows makes few bins, and a pair of scores that share one counts half.
        return oracle.compare(folder, answer, auc_tolerance=0.01)


def main():
    if len(sys.argv) >= 3 and sys.argv[1] == "--check":
        seeds = [int(text) for text in sys.argv[3:]] or range(20)
        sys.exit(1 if sum(check(sys.argv[2], seed) for seed in seeds) else 0)
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(sys.argv[1], int(sys.argv[2]))


if __name__ == "__main__":
    main()
