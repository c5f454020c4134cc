"""Measures Drumlin's peers on the standard workload and prints one table with ratios.

    python compare.py WORKLOADS [--drumlin drumlin.json] [--commands .build/release] [--output peers.json]

WORKLOADS holds the folders 10000, 100000 and 1000000, each written by workload.py of that size. drumlin.json is what
`Scale` (Benchmarks/Scale) writes; the keys are in Benchmarks/README.md. A ratio is the peer's figure divided by
Drumlin's, so above 1 Drumlin needs less; it is left out where Drumlin's figure is not there.
"""
import argparse
import json
import os
import sys

import course_on_duckdb
import drumlin_commands
import measure
import panes_on_sqlite
import tables_on_disk
import workload_events

LARGE = "1000000"


def progress(text):
    print(text, file=sys.stderr, flush=True)


def measure_peers(workloads):
    """Every peer's figures, as nested dictionaries."""
    peers = {"course_on_duckdb": {}, "panes_on_sqlite": {}}
    small = workload_events.load(os.path.join(workloads, "10000"))
    progress("the course's design on DuckDB")
    course_on_duckdb.check_bulk_state(small)
    for count in (500, 10_000):
        peers["course_on_duckdb"][str(count)] = course_on_duckdb.cost_after(small, count)
    middle = workload_events.load(os.path.join(workloads, "100000"))
    peers["course_on_duckdb"]["100000"] = course_on_duckdb.cost_after(middle, 100_000, sample=100)
    progress("SQLite with triggers")
    large = workload_events.load(os.path.join(workloads, LARGE))
    for count in (10_000, 1_000_000):
        peers["panes_on_sqlite"][str(count)] = panes_on_sqlite.cost_after(large, count)
    progress("tables on disk")
    peers["tables"] = tables_on_disk.measure(os.path.join(workloads, LARGE))
    return peers


def at(figures, *path):
    """The figure at a path of keys, or None."""
    for key in path:
        if not isinstance(figures, dict) or key not in figures:
            return None
        figures = figures[key]
    return figures


def slower_event(drumlin, count):
    """The slower of Drumlin's two medians at a number of events: what an event of either kind costs at most."""
    both = [at(drumlin, kind, str(count), "p50") for kind in ("prediction_us", "feedback_us")]
    return None if None in both else max(both)


def table_rows(drumlin, peers):
    """(figure, unit, Drumlin's, peer, the peer's)"""
    rows = []
    for count, figures in peers["course_on_duckdb"].items():
        # Drumlin's cost does not depend on the number; its smallest measured size stands beside the peer's smaller ones.
        mine = slower_event(drumlin, max(10_000, int(count))) or slower_event(drumlin, 10_000)
        rows.append((f"one event after {int(count):,}", "µs", mine, "course's design, DuckDB", figures["event_ms"] * 1e3))
    for count, figures in peers["panes_on_sqlite"].items():
        rows.append((f"one event after {int(count):,}", "µs", slower_event(drumlin, count), "panes in triggers, SQLite",
                     figures["event_us"]))
    course = peers["course_on_duckdb"]["100000"]
    panes = peers["panes_on_sqlite"][LARGE]
    rows += [
        ("metrics of one day, 100,000 events", "µs", at(drumlin, "metrics_us", "100000") or at(drumlin, "metrics_us", "10000"),
         "join on request, DuckDB", course["metrics_ms"] * 1e3),
        ("metrics of one day, 1,000,000 events", "µs", at(drumlin, "metrics_us", LARGE), "panes in triggers, SQLite",
         panes["metrics_us"]),
        ("point look-up by id", "µs", at(drumlin, "lookup_us"), "SQLite, primary key", panes["lookup_us"]),
    ]
    tables = peers["tables"]
    rows += [("point look-up by id", "µs", at(drumlin, "lookup_us"), name, value) for name, value in tables["lookup_us"].items()]
    for name, value in tables["bytes_per_row"].items():
        kind = "without id" if name.endswith(" without id") else "with id"
        rows.append((f"predictions on disk, {kind}", "B/row", at(drumlin, "bytes_per_row", kind),
                     name.removesuffix(" without id"), value))
    scans = {"where": "mean of a column where another equals", "three": "sums of three columns",
             "metrics": "metrics of every day, 1,000,000 rows"}
    for name, value in tables["scan_ms"].items():
        peer, kind = name.split(", ")
        mine = at(drumlin, "scan_ms", kind)
        rows.append((scans[kind], "ms", mine, peer, value))
    for name, value in tables["load_s"].items():
        rows.append(("1,000,000 predictions and labels from CSV", "s", at(drumlin, "replay_s"), name, value))
    return rows


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def print_table(rows, out=sys.stdout):
    cells = [("figure", "unit", "Drumlin", "peer", "peer's", "ratio")]
    for figure, unit, mine, peer, theirs in rows:
        cells.append((figure, unit, number(mine), peer, number(theirs), number(theirs / mine) if mine else ""))
    widths = [max(len(row[i]) for row in cells) for i in range(6)]
    right = {2, 4, 5}
    for index, row in enumerate(cells):
        print("  ".join(cell.rjust(width) if i in right else cell.ljust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))).rstrip(), file=out)
        if index == 0:
            print("  ".join("-" * width for width in widths), file=out)


def main():
    parser = argparse.ArgumentParser(description="Drumlin beside its peers on the standard workload.")
    parser.add_argument("workloads", help="folder with the workloads 10000, 100000 and 1000000")
    parser.add_argument("--drumlin", metavar="JSON", help="figures that Benchmarks/Scale wrote")
    parser.add_argument("--commands", metavar="FOLDER", help="where the release builds of drumlin and colstat are")
    parser.add_argument("--output", metavar="JSON", help="write every figure here")
    arguments = parser.parse_args()

    drumlin = {}
    if arguments.drumlin:
        with open(arguments.drumlin) as file:
            drumlin.update(json.load(file)["figures"])
    if arguments.commands:
        progress("drumlin replay, colstat")
        drumlin.update(drumlin_commands.measure(arguments.commands, os.path.join(arguments.workloads, LARGE)))
    result = {"machine": measure.machine(), "versions": measure.versions(), "drumlin": drumlin,
              "peers": measure_peers(arguments.workloads)}
    if arguments.output:
        with open(arguments.output, "w") as file:
            json.dump(result, file, indent=1)

    machine = result["machine"]
    print(f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, "
          f"load {' '.join(map(str, machine['load_average']))} at the start of the peers")
    print(", ".join(f"{name} {version}" for name, version in result["versions"].items()))
    print("medians; one thread each; DuckDB's course design in memory, SQLite on a file without waiting for the disk\n")
    print_table(table_rows(drumlin, result["peers"]))
    if "replay_s" in drumlin:
        print(f"\ndrumlin replay: {drumlin['replay_s']:.2f} s, {drumlin['replay_peak_mib']:.0f} MiB at its peak; "
              f"colstat: {drumlin['colstat_ms']:.1f} ms; metrics: {drumlin['metrics_command_ms']:.1f} ms")
        print("oracle: " + "; ".join(drumlin["oracle_report"]))
        sys.exit(1 if drumlin["oracle_differences"] else 0)


if __name__ == "__main__":
    main()
