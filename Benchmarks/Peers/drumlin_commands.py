"""What the built commands do on a workload folder, measured from outside: time, memory, bytes, and that the answer is right."""
import io
import json
import os
import statistics
import subprocess
import tempfile
import time

import oracle


def _run(arguments, output=None):
    """Seconds and peak resident MiB of one process, which must succeed."""
    start = time.perf_counter_ns()
    process = subprocess.Popen(arguments, stdout=output or subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = (time.perf_counter_ns() - start) / 1e9
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: exit status {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def _folder_bytes(path):
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


def measure(binaries, workload):
    """Replays the workload into a new store with `drumlin`, looks at it with `colstat`, compares it with the oracle."""
    drumlin, colstat = os.path.join(binaries, "drumlin"), os.path.join(binaries, "colstat")
    with open(os.path.join(workload, "task.json")) as file:
        task = json.load(file)["name"]
    with tempfile.TemporaryDirectory() as scratch:
        store = os.path.join(scratch, "bench.drumlin")
        files = [part for name in ("reference", "predictions", "labels")
                 for part in (f"--{name}", os.path.join(workload, f"{name}.csv"))]
        seconds, peak = _run([drumlin, "replay", store, "--spec", os.path.join(workload, "task.json"), *files])
        table = os.path.join(store, task, "predictions")
        columns = json.loads(subprocess.check_output([colstat, "columns", table, "--json"]))
        rows = max(column["rows"] for column in columns)
        encoded = sum(column["encoded_bytes"] for column in columns)
        of_id = sum(column["encoded_bytes"] for column in columns if column["column"] == "_id")
        answer = os.path.join(scratch, "metrics.csv")
        with open(answer, "w") as file:
            metrics_seconds, _ = _run([drumlin, "metrics", store, "--format", "csv"], file)
        report = io.StringIO()
        differences = oracle.compare(workload, answer, out=report)
        return {
            "rows": rows,
            "replay_s": seconds,
            "replay_peak_mib": peak,
            "colstat_ms": statistics.median(_run([colstat, store])[0] * 1e3 for _ in range(9)),
            "metrics_command_ms": metrics_seconds * 1e3,
            "bytes_per_row": {"with id": encoded / rows, "without id": (encoded - of_id) / rows,
                              "whole store": _folder_bytes(store) / rows},
            "columns": {column["column"]: column["encoded_bytes"] / rows for column in columns},
            "oracle_differences": differences,
            "oracle_report": report.getvalue().splitlines(),
        }
