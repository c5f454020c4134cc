"""Timing that all peers share: medians over repetitions, and what machine and versions they were taken on."""
import os
import platform
import statistics
import time


def timed(function):
    """Seconds that one call took."""
    start = time.perf_counter_ns()
    function()
    return (time.perf_counter_ns() - start) / 1e9


def median_seconds(function, repetitions=7):
    """The median of `repetitions` calls, after one that is not counted."""
    function()
    return statistics.median(timed(function) for _ in range(repetitions))


def pin():
    """Keeps this process, and those it starts, on one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def machine():
    """What the figures of a run depend on."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as file:
            model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model)
    except OSError:
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_average": [round(value, 2) for value in os.getloadavg()],
    }


def versions():
    """The peers' versions."""
    import sqlite3

    import duckdb
    import numpy
    import pyarrow

    return {
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "sqlite": sqlite3.sqlite_version,
        "pyarrow": pyarrow.__version__,
        "numpy": numpy.__version__,
    }
