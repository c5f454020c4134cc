"""Counters kept by triggers in SQLite: the strongest simple peer. It has Drumlin's own idea, a pane an hour of which every
window is a sum, so the work of an event does not grow; what remains is the price of SQL, B-trees and a row store.

On a file in WAL mode without waiting for the disk (`synchronous=OFF`), one transaction an event: what Drumlin's
`.written` promises, and more than its `.buffered`.
"""
import os
import sqlite3
import statistics
import tempfile
import time

from workload_events import DAY, HOUR

SCHEMA = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = OFF;
    CREATE TABLE prediction (id TEXT PRIMARY KEY, at INTEGER, score REAL, class INTEGER, bucket INTEGER, {features}) WITHOUT ROWID;
    CREATE TABLE feedback (id TEXT PRIMARY KEY, at INTEGER, label INTEGER) WITHOUT ROWID;
    CREATE TABLE pane (hour INTEGER, bucket INTEGER, predictions INTEGER, tp INTEGER, fp INTEGER, fn INTEGER, tn INTEGER,
                       PRIMARY KEY (hour, bucket)) WITHOUT ROWID;
    CREATE TRIGGER count_prediction AFTER INSERT ON prediction BEGIN
        INSERT INTO pane VALUES (NEW.at / {hour}, NEW.bucket, 1, 0, 0, 0, 0)
        ON CONFLICT DO UPDATE SET predictions = predictions + 1;
    END;
    CREATE TRIGGER count_label AFTER INSERT ON feedback BEGIN
        UPDATE pane SET tp = tp + (known.class AND NEW.label), fp = fp + (known.class AND NOT NEW.label),
                        fn = fn + (NOT known.class AND NEW.label), tn = tn + (NOT known.class AND NOT NEW.label)
        FROM (SELECT at, class, bucket FROM prediction WHERE id = NEW.id) AS known
        WHERE pane.hour = known.at / {hour} AND pane.bucket = known.bucket;
    END;
"""
METRICS = """
    SELECT bucket, sum(predictions), sum(tp), sum(fp), sum(fn), sum(tn) FROM pane WHERE hour >= ? AND hour < ? GROUP BY bucket
"""


class PaneDesign:
    """One SQLite file with triggers that keep the counters."""

    def __init__(self, workload, folder):
        self.workload = workload
        self.connection = sqlite3.connect(os.path.join(folder, "panes.sqlite"), isolation_level=None)
        self.connection.executescript(
            SCHEMA.format(hour=HOUR, features=", ".join(f"{name} REAL" for name in workload.features)))
        self.insert_prediction = f"INSERT INTO prediction VALUES ({', '.join('?' * (5 + len(workload.features)))})"

    def prediction(self, row):
        workload = self.workload
        score = float(workload.score[row])
        return (workload.ids[row], int(workload.at[row]), score, int(score >= 0.5), int(workload.bucket[row]),
                *workload.feature_rows[row].tolist())

    def feedback(self, row):
        workload = self.workload
        return (workload.label_ids[row], int(workload.label_at[row]), int(workload.label[row]))

    def log(self, arrival):
        is_label, row = arrival
        if is_label:
            self.connection.execute("INSERT INTO feedback VALUES (?, ?, ?)", self.feedback(row))
        else:
            self.connection.execute(self.insert_prediction, self.prediction(row))

    def metrics(self):
        """Confusion counts by bucket of the newest day."""
        newest = self.connection.execute("SELECT max(hour) FROM pane").fetchone()[0]
        first = newest * HOUR // DAY * (DAY // HOUR)
        return self.connection.execute(METRICS, (first, first + DAY // HOUR)).fetchall()


def cost_after(workload, count, sample=2000):
    """Median microseconds of an event, over `sample` events after `count`, of a request for metrics, and of a look-up by id."""
    arrivals = workload.arrivals(count + sample)
    with tempfile.TemporaryDirectory() as folder:
        store = PaneDesign(workload, folder)
        store.connection.execute("BEGIN")
        for arrival in arrivals[:count]:
            store.log(arrival)
        store.connection.execute("COMMIT")
        events = _medians_of(store.log, arrivals[count:])
        asked = _medians_of(lambda _: store.metrics(), range(50))
        ids = [workload.ids[row] for is_label, row in arrivals if not is_label]
        some = [ids[i * 7919 % len(ids)] for i in range(min(2000, len(ids)))]
        looked = _medians_of(
            lambda name: store.connection.execute("SELECT * FROM prediction WHERE id = ?", (name,)).fetchone(), some)
        counted = store.connection.execute("SELECT sum(predictions), sum(tp + fp + fn + tn) FROM pane").fetchone()
        labels = sum(is_label for is_label, _ in arrivals)
        if counted != (len(arrivals) - labels, labels):
            raise AssertionError(f"the triggers counted {counted}, {len(arrivals) - labels} and {labels} were logged")
        store.connection.close()
    return {"event_us": events, "metrics_us": asked, "lookup_us": looked}


def _medians_of(function, arguments):
    spent = []
    for argument in arguments:
        start = time.perf_counter_ns()
        function(argument)
        spent.append((time.perf_counter_ns() - start) / 1e3)
    return statistics.median(spent)
