"""Durable single inserts in SQLite (WAL, synchronous=FULL), from 1 thread and from 64, beside Drumlin's.

    durable_on_sqlite.py WORKLOAD [--drumlin .build-bench/release/Durability] [--output FILE]

With --drumlin it runs that first, in the same folder of the same disk (DRUMLIN_SCRATCH), and prints one table. A transaction
holds one row of a prediction: id, time, score and twelve numbers. Each thread has a connection of its own; a writer that
finds the database locked waits for it, as SQLite has one writer at a time.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time

COLUMNS = ["id TEXT PRIMARY KEY", "at INTEGER", "score REAL"] + [f"f{i} REAL" for i in range(12)]


def connect(path):
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def insert(path, number, deadline, counts, latencies):
    connection = connect(path)
    statement = f"INSERT INTO predictions VALUES ({', '.join('?' * len(COLUMNS))})"
    step = 0
    while time.perf_counter() < deadline:
        start = time.perf_counter()
        connection.execute(statement, [f"t{number}-{step}", step, 0.5] + [float(i) for i in range(12)])
        latencies[number].append(time.perf_counter() - start)
        step += 1
    counts[number] = step
    connection.close()


def measure(folder, threads, seconds=3.0):
    path = os.path.join(folder, f"sqlite-{threads}.db")
    connection = connect(path)
    connection.execute(f"CREATE TABLE predictions ({', '.join(COLUMNS)})")
    connection.close()
    counts, latencies = [0] * threads, [[] for _ in range(threads)]
    start = time.perf_counter()
    workers = [
        threading.Thread(target=insert, args=(path, number, start + seconds, counts, latencies))
        for number in range(threads)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    elapsed = time.perf_counter() - start
    every = sorted(x for list_ in latencies for x in list_)
    return {
        "rate": sum(counts) / elapsed,
        "p50_us": every[len(every) // 2] * 1e6,
        "p99_us": every[int(len(every) * 0.99)] * 1e6,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workload")
    parser.add_argument("--drumlin")
    parser.add_argument("--output")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="durable-", dir=os.environ.get("DRUMLIN_SCRATCH"))
    result = {}
    try:
        if arguments.drumlin:
            output = os.path.join(folder, "drumlin.json")
            environment = dict(os.environ, DRUMLIN_SCRATCH=folder)
            subprocess.run(
                [arguments.drumlin, arguments.workload, output, "only=group"], check=True, env=environment,
                stdout=subprocess.DEVNULL)
            with open(output) as file:
                result["drumlin"] = json.load(file)["figures"]
        result["sqlite"] = {str(threads): measure(folder, threads) for threads in (1, 64)}
    finally:
        shutil.rmtree(folder)
    print("| durable single events a second | 1 thread | 64 threads | p50 µs | p99 µs |")
    print("|---|---|---|---|---|")
    if "drumlin" in result:
        figures = result["drumlin"]
        print(f"| bare write and fdatasync | {figures['fdatasync_4k']:,.0f} | | | |")
        print(
            f"| Drumlin, `.durable` | {figures['durable_1']:,.0f} | {figures['durable_64']:,.0f} "
            f"| {figures['durable_64_p50']:,.0f} | {figures['durable_64_p99']:,.0f} |")
        print(f"| Drumlin, 1,000 tasks without threads | | {figures['durable_tasks']:,.0f} | | |")
    one, many = result["sqlite"]["1"], result["sqlite"]["64"]
    print(
        f"| SQLite, WAL, FULL | {one['rate']:,.0f} | {many['rate']:,.0f} | {many['p50_us']:,.0f} "
        f"| {many['p99_us']:,.0f} |")
    if arguments.output:
        with open(arguments.output, "w") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
