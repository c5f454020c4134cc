"""The tables that storage formats are compared on, the questions asked of them, and what each column's entropy is."""
import os
from dataclasses import dataclass

import numpy
import pyarrow
import pyarrow.compute as compute
import pyarrow.csv as csv
import pyarrow.parquet as parquet

HOUR = 3_600_000_000
VECTOR = 1024


@dataclass
class Plan:
    """One table and what is asked of it. Times are µs."""

    name: str
    time: str
    value: str          # summed, averaged by the hour; the column of the filter that is not sorted
    packed: str         # small whole numbers
    measured: str       # floats with all their bits
    result: str         # summed where `value` is above a threshold
    key: str | None     # unique text, or None
    hour: int = 0       # the hour [hour, hour + 1 h) that is asked for
    thresholds: tuple = ()  # of `value`: 1 % and 50 % of the rows lie above
    keys: tuple = ()        # known keys to look up


def workload(folder):
    """The predictions of a workload folder, in memory, and their plan."""
    table = parquet.read_table(os.path.join(folder, "predictions.parquet")).combine_chunks()
    plan = Plan(os.path.basename(os.path.normpath(folder)), "ts", "trip_distance", "pu_location", "prediction", "trip_speed", "id")
    return table, _ask(table, plan)


def trips(path):
    """The trip records of a TLC file: whole numbers as int64, amounts as float64, an empty field is null."""
    table = csv.read_csv(path, convert_options=csv.ConvertOptions(strings_can_be_null=True)).combine_chunks()
    micros = [pyarrow.field(f.name, pyarrow.timestamp("us", "UTC") if pyarrow.types.is_timestamp(f.type) else f.type)
              for f in table.schema]
    table = pyarrow.table([column.cast(pyarrow.timestamp("us")).cast(field.type) if pyarrow.types.is_timestamp(field.type) else column
                           for column, field in zip(table.columns, micros)], schema=pyarrow.schema(micros))
    plan = Plan("trips", "lpep_pickup_datetime", "trip_distance", "PULocationID", "total_amount", "total_amount", None)
    return table, _ask(table, plan)


def _ask(table, plan):
    times = micros(table, plan.time)
    plan.hour = int(numpy.median(times)) // HOUR * HOUR
    values = table[plan.value].to_numpy()
    # Values have two digits after the point: half a digit more, so that no rounding decides what lies above.
    plan.thresholds = tuple(round(float(numpy.quantile(values, q)), 2) + 0.005 for q in (0.99, 0.5))
    if plan.key:
        rows = (numpy.arange(1000) * 7919 + 13) * 104729 % len(table)
        plan.keys = tuple(table[plan.key].take(pyarrow.array(rows)).to_pylist())
    return plan


def micros(table, name):
    """A column of times as int64 numbers."""
    column = table[name].combine_chunks() if isinstance(table[name], pyarrow.ChunkedArray) else table[name]
    return column.cast(pyarrow.int64()).to_numpy(zero_copy_only=False)


def answers(table, plan):
    """What every format has to answer, computed with numpy in double precision."""
    def column(name):
        return table[name].to_numpy().astype(numpy.float64)

    value, packed, measured = column(plan.value), column(plan.packed), column(plan.measured)
    times, result = micros(table, plan.time), column(plan.result)
    inside = value[(times >= plan.hour) & (times < plan.hour + HOUR)]
    hours = times // HOUR - times.min() // HOUR
    counts = numpy.bincount(hours)
    sums = numpy.bincount(hours, weights=value)
    return {
        "sum": value.sum(), "mean": value.mean(), "min": value.min(), "max": value.max(), "sum_packed": packed.sum(),
        "sum_measured": measured.sum(), "hour": inside.mean(),
        # One number that depends on every mean and on which hour it is of.
        "by_hour": by_hour_digest(numpy.nonzero(counts)[0], sums[counts > 0] / counts[counts > 0]),
        "above_1": result[value > plan.thresholds[0]].sum(), "above_50": result[value > plan.thresholds[1]].sum(),
    }


def by_hour_digest(hours, means):
    """Hours counted from the first, ascending, and their means as one number."""
    hours = numpy.asarray(hours, dtype=numpy.float64)
    return float((numpy.asarray(means) * (1 + (hours - hours[0]))).sum())


def entropies(table, plan):
    """For each column its distinct values and its order-0 bytes a value."""
    found = {}
    for name in table.column_names:
        column = table[name]
        kind = column.type
        valid = column.drop_null().combine_chunks()
        nulls = _entropy_of_counts([column.null_count, len(valid)]) / 8
        if pyarrow.types.is_string(kind):
            value = _text_entropy(valid)
        elif pyarrow.types.is_timestamp(kind):
            # Times in order are their differences.
            value = _number_entropy(numpy.diff(valid.cast(pyarrow.int64()).to_numpy(), prepend=0))
        else:
            value = _number_entropy(valid.to_numpy())
        found[name] = {"distinct": len(compute.unique(valid)), "entropy": nulls + value * len(valid) / max(1, len(column)),
                       "type": str(kind)}
    return found


def _entropy_of_counts(counts):
    """Bits a value of a static code for values with these counts."""
    counts = numpy.asarray([c for c in counts if c], dtype=numpy.float64)
    shares = counts / counts.sum()
    return float(-(shares * numpy.log2(shares)).sum())


def _number_entropy(values):
    """Bytes a value of the best two-part code: high bits in a static entropy code together with the list of those that
    occur, low bits as they are. Without low bits it is the empirical order-0 entropy with its table."""
    width = values.dtype.itemsize * 8
    bits = numpy.sort(values).view(f"u{values.dtype.itemsize}")
    if values.dtype.kind == "f":
        # Ascending where the floats are: neighbours share their high bits.
        sign = bits >> numpy.array(width - 1, bits.dtype)
        bits = numpy.where(sign == 1, ~bits, bits | (numpy.array(1, bits.dtype) << numpy.array(width - 1, bits.dtype)))
    elif values.dtype.kind == "i":
        bits = bits ^ (numpy.array(1, bits.dtype) << numpy.array(width - 1, bits.dtype))
    best = float(width)
    for low in range(0, width):
        high = bits >> numpy.array(low, bits.dtype)
        edges = numpy.flatnonzero(numpy.concatenate(([True], high[1:] != high[:-1], [True])))
        counts = numpy.diff(edges)
        code = _entropy_of_counts(counts) + low + len(counts) * (width - low) / len(values)
        best = min(best, code)
        if len(counts) == 1:
            break
    return best / 8


def _text_entropy(texts):
    """Bytes a text: as a whole from a list of the texts, or by the entropy of each position's characters."""
    lengths = compute.binary_length(texts).to_numpy()
    counts = compute.value_counts(texts)
    whole = _entropy_of_counts(counts.field("counts").to_numpy()) / 8
    distinct = counts.field("values")
    whole += (compute.sum(compute.binary_length(distinct)).as_py() + len(distinct)) / len(texts)
    if lengths.min() != lengths.max():
        return whole
    characters = numpy.frombuffer(texts.buffers()[2], dtype=numpy.uint8)[: int(lengths.sum())].reshape(len(texts), -1)
    return min(whole, sum(_entropy_of_counts(numpy.bincount(position)) for position in characters.T) / 8)
