"""Writes ../sums.json: lists of doubles as bit patterns, and their exact sum rounded once (fractions, checked by fsum)."""
import fractions
import json
import math
import pathlib
import random
import struct

random.seed(7)


def bits(value):
    return "%016x" % struct.unpack("<Q", struct.pack("<d", value))[0]


def any_double():
    while True:
        value = struct.unpack("<d", struct.pack("<Q", random.getrandbits(64)))[0]
        if math.isfinite(value) and abs(value) < 1e300:
            return value


def rounded(values):
    """The nearest double to the exact sum, ties to even: integer division in Python rounds correctly."""
    total = sum((fractions.Fraction(v) for v in values), fractions.Fraction(0))
    try:
        return total.numerator / total.denominator
    except OverflowError:
        return math.inf if total > 0 else -math.inf


tiny, least_normal, largest = 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308
lists = {
    "nothing": [],
    "zeros": [0.0, -0.0],
    "one": [0.1],
    "cancellation": [1e300, 1.0, -1e300, 1e-300, -1.0],
    "cancels to zero": [0.1, 0.2, 0.3, -0.3, -0.2, -0.1],
    "half way, down to even": [1.0, 2.0**-53],
    "half way, up to even": [1.0 + 2.0**-52, 2.0**-53],
    "just above half way": [1.0, 2.0**-53, 2.0**-1074],
    "just below half way": [1.0, 2.0**-53, -(2.0**-1074)],
    "negative, half way": [-1.0, -(2.0**-53), -(2.0**-1074)],
    "subnormal": [tiny] * 7 + [-least_normal, least_normal],
    "borders of the subnormals": [least_normal, -tiny, -tiny],
    "overflow": [largest, largest],
    "negative overflow": [-largest, -largest, -1.0],
    "passes the largest and comes back": [largest, largest, -largest],
    "carries through every digit": [2.0**1000, -(2.0**-1000)],
    "rounds up to a power of two": [2.0**53 - 1, 0.5, 2.0**-60],
    "many equal": [0.1] * 1000,
    "powers of two": [2.0**k for k in range(-1074, 1023, 13)],
    "alternating": [(-1) ** k * math.exp(k / 3) for k in range(200)],
}
for k in range(20):
    lists["any bits %d" % k] = [any_double() for _ in range(random.choice([2, 3, 30, 200]))]
for k in range(10):
    lists["errors %d" % k] = [random.gauss(0, 10.0 ** random.randint(-6, 6)) for _ in range(100)]

result = []
for name, values in lists.items():
    expected = rounded(values)
    if math.isfinite(expected) and "largest" not in name:
        assert math.fsum(values) == expected, name
    result.append({"name": name, "values": [bits(v) for v in values], "sum": bits(expected)})
target = pathlib.Path(__file__).parent.parent / "sums.json"
target.write_text(json.dumps(result) + "\n")
