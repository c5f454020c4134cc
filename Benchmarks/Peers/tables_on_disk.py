"""The predictions table in the formats that others use: bytes a row, scans, point look-ups, metrics from scratch.

Scans run on one thread, over a warm cache, as medians; `where` is the mean of trip_distance at one hour of the day,
`three` the sums of three columns over all rows, `metrics` the confusion counts of every day from a join of predictions
and labels, which is what has to be paid on each request where nothing is kept.
"""
import os
import statistics
import tempfile
import time

import duckdb
import pyarrow.compute as compute
import pyarrow.parquet as parquet

from measure import median_seconds, timed

METRICS = """
    SELECT epoch_us(p.ts) // 86400000000 AS day, count(*), sum((prediction >= 0.5 AND label = 1)::INT),
           sum((prediction >= 0.5 AND label = 0)::INT), sum((prediction < 0.5 AND label = 1)::INT)
    FROM predictions p JOIN labels l USING (id) GROUP BY day
"""


def measure(folder):
    """All figures for one workload folder."""
    predictions = parquet.read_table(os.path.join(folder, "predictions.parquet"))
    figures = {"rows": predictions.num_rows, "bytes_per_row": {}, "scan_ms": {}, "lookup_us": {}, "load_s": {}}
    size = figures["bytes_per_row"]
    size["csv"] = os.path.getsize(os.path.join(folder, "predictions.csv")) / predictions.num_rows
    with tempfile.TemporaryDirectory() as scratch:
        for name, table in (("", predictions), (" without id", predictions.drop_columns(["id"]))):
            for codec in ("lz4", "zstd"):
                path = os.path.join(scratch, f"{codec}.parquet")
                parquet.write_table(table, path, compression=codec)
                size[f"parquet {codec}{name}"] = os.path.getsize(path) / table.num_rows
                if codec == "lz4" and not name:
                    _scan_parquet(path, figures)
            size[f"duckdb{name}"] = _duckdb_bytes(table, os.path.join(scratch, f"table{len(name)}.duckdb")) / table.num_rows
        _duckdb(folder, os.path.join(scratch, "store.duckdb"), predictions["id"], figures)
    return figures


def _scan_parquet(path, figures):
    def where():
        hours = parquet.read_table(path, columns=["trip_distance", "pickup_hour"], use_threads=False,
                                   filters=compute.field("pickup_hour") == 18)
        compute.mean(hours["trip_distance"])

    def three():
        table = parquet.read_table(path, columns=["prediction", "trip_distance", "trip_speed"], use_threads=False)
        for column in table.columns:
            compute.sum(column)

    figures["scan_ms"]["parquet lz4, where"] = median_seconds(where) * 1e3
    figures["scan_ms"]["parquet lz4, three"] = median_seconds(three) * 1e3


def _duckdb_bytes(table, path):
    connection = duckdb.connect(path, config={"threads": 1})
    connection.register("incoming", table)
    connection.execute("CREATE TABLE predictions AS SELECT * FROM incoming")
    connection.execute("CHECKPOINT")
    connection.close()
    return os.path.getsize(path)


def _duckdb(folder, path, ids, figures):
    connection = duckdb.connect(path, config={"threads": 1})

    def load():
        for name in ("predictions", "labels"):
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{os.path.join(folder, name)}.csv')")
        connection.execute("CHECKPOINT")

    figures["load_s"]["duckdb from csv, no counters"] = timed(load)
    ask = lambda query: lambda: connection.execute(query).fetchall()
    scans = figures["scan_ms"]
    scans["duckdb, where"] = median_seconds(
        ask("SELECT avg(trip_distance) FROM predictions WHERE pickup_hour = 18")) * 1e3
    scans["duckdb, three"] = median_seconds(
        ask("SELECT sum(prediction), sum(trip_distance), sum(trip_speed) FROM predictions")) * 1e3
    scans["duckdb, metrics"] = median_seconds(ask(METRICS)) * 1e3
    connection.execute("ALTER TABLE predictions ADD PRIMARY KEY (id)")
    some = [ids[i * 7919 % len(ids)].as_py() for i in range(300)]
    spent = []
    for name in some:
        start = time.perf_counter_ns()
        found = connection.execute("SELECT epoch_us(ts), * EXCLUDE ts FROM predictions WHERE id = ?", [name]).fetchall()
        spent.append((time.perf_counter_ns() - start) / 1e3)
        if len(found) != 1:
            raise AssertionError(f"{len(found)} rows with id {name}")
    figures["lookup_us"]["duckdb, primary key"] = statistics.median(spent)
    connection.close()
