"""The course's design on DuckDB, written anew from its description: tables for predictions and feedback, a window
for each distinct prediction time (of each registered size), counters for each window and bucket, a join on request.

A window starts at a prediction's time and covers its size from there. A prediction or a feedback is counted in every
window that covers the prediction's time; so each event updates as many rows as there were distinct prediction times
within the longest window, and that number grows with the traffic. In memory, one transaction an event: kinder to the
design than a file would be, because no commit waits for a disk.
"""
import statistics
import time

import duckdb
import numpy as np
import pyarrow as pa

from workload_events import BUCKET_COUNT, DAY, WINDOW_SIZES

SCHEMA = """
    CREATE TABLE prediction (id VARCHAR PRIMARY KEY, event_at BIGINT, score DOUBLE, class TINYINT, bucket SMALLINT, {features});
    CREATE TABLE feedback (id VARCHAR PRIMARY KEY, event_at BIGINT, label TINYINT);
    CREATE TABLE time_window (size BIGINT, start_at BIGINT, end_at BIGINT, PRIMARY KEY (size, start_at));
    CREATE TABLE counter (size BIGINT, start_at BIGINT, end_at BIGINT, bucket SMALLINT, predictions BIGINT, labeled BIGINT,
                          PRIMARY KEY (size, start_at, bucket));
"""
ADD_WINDOW = "INSERT INTO time_window VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
COUNT_PREDICTION = """
    INSERT INTO counter SELECT size, start_at, end_at, $bucket, 1, 0 FROM time_window WHERE start_at <= $at AND end_at > $at
    ON CONFLICT DO UPDATE SET predictions = predictions + 1
"""
COUNT_LABEL = """
    UPDATE counter SET labeled = labeled + 1 FROM (SELECT event_at, bucket FROM prediction WHERE id = $id) AS known
    WHERE start_at <= known.event_at AND end_at > known.event_at AND counter.bucket = known.bucket
"""
METRICS = """
    SELECT count(*) AS labeled, avg((class = label)::DOUBLE), sum((class = 1 AND label = 1)::BIGINT),
           sum((class = 1 AND label = 0)::BIGINT), sum((class = 0 AND label = 1)::BIGINT)
    FROM prediction JOIN feedback USING (id) WHERE prediction.event_at >= $start AND prediction.event_at < $end
"""
UNLABELED = "SELECT bucket, predictions - labeled FROM counter WHERE size = $size AND start_at = $start"


class CourseDesign:
    """One store of the course's design, and what happens in it at each event."""

    def __init__(self, workload):
        self.workload = workload
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        self.connection.execute(SCHEMA.format(features=", ".join(f"{name} FLOAT" for name in workload.features)))
        self.insert_prediction = f"INSERT INTO prediction VALUES ({', '.join('?' * (5 + len(workload.features)))})"

    def log_prediction(self, row):
        workload, execute = self.workload, self.connection.execute
        at, bucket, score = int(workload.at[row]), int(workload.bucket[row]), float(workload.score[row])
        execute("BEGIN")
        execute(self.insert_prediction,
                [workload.ids[row], at, score, int(score >= 0.5), bucket, *workload.feature_rows[row].tolist()])
        for size in WINDOW_SIZES.values():
            execute(ADD_WINDOW, [size, at, at + size])
        execute(COUNT_PREDICTION, {"bucket": bucket, "at": at})
        execute("COMMIT")

    def log_feedback(self, row):
        workload, execute = self.workload, self.connection.execute
        execute("BEGIN")
        execute("INSERT INTO feedback VALUES (?, ?, ?)",
                [workload.label_ids[row], int(workload.label_at[row]), int(workload.label[row])])
        execute(COUNT_LABEL, {"id": workload.label_ids[row]})
        execute("COMMIT")

    def log(self, arrival):
        is_label, row = arrival
        self.log_feedback(row) if is_label else self.log_prediction(row)

    def metrics(self):
        """The four metrics and the unlabeled rows by bucket of the newest window of a day, as when somebody asks."""
        start = self.connection.execute("SELECT max(start_at) FROM time_window WHERE size = ?", [DAY]).fetchone()[0]
        self.connection.execute(METRICS, {"start": start, "end": start + DAY}).fetchone()
        self.connection.execute(UNLABELED, {"size": DAY, "start": start}).fetchall()

    def load_after(self, arrivals):
        """The state after `arrivals`, written set by set rather than event by event (faster, and the same rows)."""
        workload = self.workload
        rows = np.array([row for is_label, row in arrivals if not is_label], dtype=np.int64)
        label_rows = np.array([row for is_label, row in arrivals if is_label], dtype=np.int64)
        score = workload.score[rows]
        prediction = pa.table({
            "id": [workload.ids[row] for row in rows], "event_at": workload.at[rows], "score": score,
            "class": (score >= 0.5).astype(np.int8), "bucket": workload.bucket[rows].astype(np.int16),
            **{name: workload.feature_rows[rows, i] for i, name in enumerate(workload.features)}})
        feedback = pa.table({"id": [workload.label_ids[row] for row in label_rows],
                             "event_at": workload.label_at[label_rows], "label": workload.label[label_rows].astype(np.int8)})
        self._insert("prediction", prediction)
        self._insert("feedback", feedback)
        starts = np.unique(workload.at[rows])
        labeled = workload.label_row[label_rows]
        for size in WINDOW_SIZES.values():
            ends = starts + size
            self._insert("time_window", pa.table(
                {"size": np.full(len(starts), size), "start_at": starts, "end_at": ends}))
            for bucket in range(BUCKET_COUNT + 1):
                counts = _counts(starts, ends, workload.at[rows[workload.bucket[rows] == bucket]])
                labels = _counts(starts, ends, workload.at[labeled[workload.bucket[labeled] == bucket]])
                kept = counts > 0
                self._insert("counter", pa.table({
                    "size": np.full(kept.sum(), size), "start_at": starts[kept], "end_at": ends[kept],
                    "bucket": np.full(kept.sum(), bucket, dtype=np.int16),
                    "predictions": counts[kept], "labeled": labels[kept]}))

    def _insert(self, table, rows):
        self.connection.register("incoming", rows)
        self.connection.execute(f"INSERT INTO {table} SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def counters(self):
        """All counters, to compare two states."""
        return self.connection.execute("SELECT * FROM counter ORDER BY ALL").fetchall()


def _counts(starts, ends, times):
    times = np.sort(times)
    return np.searchsorted(times, ends) - np.searchsorted(times, starts)


def check_bulk_state(workload, count=300):
    """The state that `load_after` writes is the one that `count` single events leave."""
    arrivals = workload.arrivals(count)
    single, bulk = CourseDesign(workload), CourseDesign(workload)
    for arrival in arrivals:
        single.log(arrival)
    bulk.load_after(arrivals)
    if single.counters() != bulk.counters():
        raise AssertionError("the course's design: counters loaded as sets differ from counters kept event by event")


def cost_after(workload, count, sample=200):
    """Median milliseconds of an event, over `sample` events after `count`, and of one request for metrics."""
    arrivals = workload.arrivals(count + sample)
    store = CourseDesign(workload)
    store.load_after(arrivals[:count])
    spent = []
    for arrival in arrivals[count:]:
        start = time.perf_counter_ns()
        store.log(arrival)
        spent.append((time.perf_counter_ns() - start) / 1e6)
    asked = []
    for _ in range(15):
        start = time.perf_counter_ns()
        store.metrics()
        asked.append((time.perf_counter_ns() - start) / 1e6)
    return {"event_ms": statistics.median(spent), "metrics_ms": statistics.median(asked),
            "windows": store.connection.execute("SELECT count(*) FROM time_window").fetchone()[0]}
