"""Compares formats that store tables: bytes a row and a column, and the time of scans, filters, groups and look-ups.

    python storage.py WORKLOAD_FOLDER|TRIPS.csv … [--formats a,b] [--files FOLDER] [--commands FOLDER] [--output FILE]

A folder that workload.py wrote, or a TLC trip-record file. Every format runs in a process of its own on one core, over
a warm page cache; times are medians of at least 5, of the processor's time of the whole process: what else the machine
does matters less, and on a quiet machine it is the time on the wall, which is kept too. `warm` keeps what a program
keeps between questions (a connection, a mapped file), `opened` opens and closes around each. Every answer is compared
with numpy's. Files are kept in FOLDER (.build/peers/storage) and written again when the peers' versions change.
`--commands` says where the release builds of drumlin, colstat and Columns (Benchmarks/Columns) are: then Drumlin is
among the formats.
"""
import argparse
import dataclasses
import importlib.metadata
import json
import math
import multiprocessing
import os
import pickle
import shutil
import statistics
import sys
import tempfile
import time

import measure
import storage_data
import storage_drumlin
import storage_report

LIMIT_SECONDS = 1800
QUESTIONS = ("sum", "mean", "min", "max", "sum_packed", "sum_measured", "hour", "by_hour", "above_1", "above_50")
PACKAGES = ("pyarrow", "duckdb", "vortex-data", "pylance")


def versions():
    found = {"python": sys.version.split()[0]}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def spent(function):
    """Nanoseconds of processor time and of the clock on the wall that one call took."""
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    function()
    return time.process_time_ns() - cpu, time.perf_counter_ns() - wall


def median_ms(function):
    """Medians of at least 5 calls after one that is not counted, of up to 25 where they are short."""
    function()
    calls = []
    while len(calls) < 5 or (len(calls) < 25 and sum(wall for _, wall in calls) < 500_000_000):
        calls.append(spent(function))
    return [statistics.median(times) / 1e6 for times in zip(*calls)]


def ask(form, handle, question, plan):
    columns = {"sum_packed": plan.packed, "sum_measured": plan.measured}
    if question in ("sum", "mean", "min", "max"):
        return getattr(form, question)(handle, plan.value)
    if question in columns:
        return form.sum(handle, columns[question])
    if question.startswith("above"):
        return form.above(handle, plan, plan.thresholds[question == "above_50"])
    return getattr(form, question)(handle, plan)


def agree(question, found, expected):
    if not math.isclose(found, expected, rel_tol=1e-6):
        raise AssertionError(f"{question}: {found} instead of {expected}")


def prepare(name, table, folder):
    """Writes the file of a format where it is missing: the format, the file, and what writing it told."""
    form, path = make(name, table), os.path.join(folder, name.replace(" ", "-"))
    if os.path.exists(path + ".json"):
        with open(path + ".json") as file:
            figures = json.load(file)
        if figures.pop("versions") == versions():
            return form, path, figures
    for old in (path, path + ".index"):
        shutil.rmtree(old) if os.path.isdir(old) else os.path.exists(old) and os.remove(old)
    form.tune(table)
    seconds = spent(lambda: form.write(table, path))[0] / 1e9
    figures = {"bytes": form.size(path), "write_rows_per_s": len(table) / seconds, "options": form.options}
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        figures["column_bytes"] = form.column_bytes(table, path, scratch)
    with open(path + ".json", "w") as file:
        json.dump({"versions": versions(), **figures}, file, indent=1)
    return form, path, figures


def make(name, table):
    from storage_formats import FORMATS

    form = FORMATS[name]()
    form.narrow = "float" in {str(field.type) for field in table.schema}
    return form


def measure_format(name, source, folder, expected, plan, pipe):
    """Everything of one format, in a process of its own."""
    measure.pin()
    table = load(source)[0]
    form, path, figures = prepare(name, table, folder)
    rows = len(table)
    del table
    handle = form.open(path)
    figures.update(rows=rows, warm_ms={}, opened_ms={}, warm_wall_ms={}, opened_wall_ms={})
    for question in QUESTIONS:
        agree(question, ask(form, handle, question, plan), expected[question])
        figures["warm_ms"][question], figures["warm_wall_ms"][question] = median_ms(lambda: ask(form, handle, question, plan))
    form.close(handle)

    def opened(question):
        handle = form.open(path)
        ask(form, handle, question, plan)
        form.close(handle)

    for question in QUESTIONS:
        figures["opened_ms"][question], figures["opened_wall_ms"][question] = median_ms(lambda: opened(question))
    if plan.key and form.indexed:
        figures["index_bytes"] = form.prepare_lookup(path, plan)
        handle = form.open_lookup(path)
        figures["lookup_us"] = statistics.median(lookups(form, handle, plan))
        form.close(handle)

        def opened_lookup(key):
            handle = form.open_lookup(path)
            form.lookup(handle, plan, key)
            form.close(handle)

        figures["lookup_opened_us"] = statistics.median(spent(lambda: opened_lookup(key))[0] / 1e3 for key in plan.keys[:9])
    pipe.send(figures)


def lookups(form, handle, plan):
    times = []
    for key in plan.keys:
        start = time.process_time_ns()
        found = form.lookup(handle, plan, key)
        times.append((time.process_time_ns() - start) / 1e3)
        if found != 1:
            raise AssertionError(f"{found} rows with the key {key}")
    return times[len(times) // 10:]


def load(source):
    return storage_data.workload(source) if os.path.isdir(source) else storage_data.trips(source)


def described(source, folder):
    """The plan, the answers and the entropies of a table, computed once."""
    kept = os.path.join(folder, "described.pickle")
    if not os.path.exists(kept):
        table, plan = load(source)
        found = plan, len(table), storage_data.answers(table, plan), storage_data.entropies(table, plan)
        with open(os.path.join(folder, "plan.json"), "w") as file:
            json.dump({"rows": len(table), **dataclasses.asdict(plan)}, file, indent=1)
        with open(kept, "wb") as file:
            pickle.dump(found, file)
    with open(kept, "rb") as file:
        return pickle.load(file)


def measure_table(source, files, formats, commands):
    name = os.path.basename(os.path.normpath(source)) if os.path.isdir(source) else "trips"
    folder = os.path.join(files, name)
    os.makedirs(folder, exist_ok=True)
    plan, rows, expected, entropies = described(source, folder)
    result = {"rows": rows, "columns": entropies, "plan": {"hour": plan.hour, "thresholds": plan.thresholds}, "expected": expected, "formats": {}}
    context = multiprocessing.get_context("spawn")
    for format_name in formats:
        print(f"{name}: {format_name}", file=sys.stderr, flush=True)
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=measure_format, args=(format_name, source, folder, expected, plan, theirs))
        process.start()
        theirs.close()
        try:
            if ours.poll(LIMIT_SECONDS):
                result["formats"][format_name] = ours.recv()
        except EOFError:
            pass
        process.join(5)
        process.kill()
        if format_name not in result["formats"]:
            print(f"{name}: {format_name} failed, it is left out", file=sys.stderr, flush=True)
    if commands:
        print(f"{name}: drumlin", file=sys.stderr, flush=True)
        for form, figures in storage_drumlin.figures(commands, source, load(source)[0], plan, folder).items():
            for question, answer in figures.pop("answers", {}).items():
                agree(f"{name}, {form}, {question}", answer, expected[question])
            result["formats"][form] = figures
    return name, result


def available():
    from storage_formats import FORMATS

    packages = {"vortex": "vortex-data", "vortex compact": "vortex-data", "lance": "pylance"}
    there = versions()
    for name, package in packages.items():
        if there[package] is None:
            print(f"{name} is left out: the package {package} does not install here", file=sys.stderr)
    return [name for name in FORMATS if there.get(packages.get(name, "pyarrow"))]


def main():
    parser = argparse.ArgumentParser(description="Formats for tables side by side.")
    parser.add_argument("tables", nargs="+", metavar="TABLE", help="a workload folder, or a trip-record file")
    parser.add_argument("--formats", help="names, separated by commas; all by default")
    parser.add_argument("--files", default=".build/peers/storage", help="where the formats' files are kept")
    parser.add_argument("--commands", metavar="FOLDER", help="where the release builds of drumlin, colstat and Columns are")
    parser.add_argument("--output", metavar="JSON", help="write every figure here, and the tables beside it as Markdown")
    arguments = parser.parse_args()

    formats = arguments.formats.split(",") if arguments.formats else available()
    result = {"machine": measure.machine(), "versions": versions(), "tables": {}}
    for source in arguments.tables:
        name, figures = measure_table(source, os.path.abspath(arguments.files), formats, arguments.commands)
        result["tables"][name] = figures
    report = storage_report.markdown(result)
    if arguments.output:
        with open(arguments.output, "w") as file:
            json.dump(result, file, indent=1)
        with open(os.path.splitext(arguments.output)[0] + ".md", "w") as file:
            file.write(report)
    print(report)


if __name__ == "__main__":
    main()
