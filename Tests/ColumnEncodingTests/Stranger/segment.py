"""A second reader of Drumlin's segments and index runs, written from Format.md alone and with nothing but Python's own
library: it shares no line, no habit and no mistake with the one in Swift.

    python3 segment.py FILE.seg|FILE.idx …      every zone map and value, every entry, one a line

Slow and plain on purpose: what it does is what the page says. Values are printed as `null`, whole numbers in decimals,
floats by their bits in hexadecimal, all else as bytes in hexadecimal.
"""
import math
import struct
import sys

MASK64 = (1 << 64) - 1
VECTOR = 1024
BLOCK = 65536


class Damage(Exception):
    pass


def require(condition, message):
    if not condition:
        raise Damage(message)


# Checksum

P1, P2, P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P4, P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def _rotate(value, count):
    return ((value << count) | (value >> (64 - count))) & MASK64


def _round(accumulator, lane):
    return _rotate((accumulator + lane * P2) & MASK64, 31) * P1 & MASK64


def xxh64(data, seed=0):
    position, length = 0, len(data)
    if length >= 32:
        lanes = [(seed + P1 + P2) & MASK64, (seed + P2) & MASK64, seed, (seed - P1) & MASK64]
        for position in range(0, length - 31, 32):
            lanes = [_round(lane, word) for lane, word in zip(lanes, struct.unpack_from("<4Q", data, position))]
        position += 32
        result = sum(_rotate(lane, count) for lane, count in zip(lanes, (1, 7, 12, 18))) & MASK64
        for lane in lanes:
            result = ((result ^ _round(0, lane)) * P1 + P4) & MASK64
    else:
        result = (seed + P5) & MASK64
    result = (result + length) & MASK64
    while position + 8 <= length:
        result = (_rotate(result ^ _round(0, struct.unpack_from("<Q", data, position)[0]), 27) * P1 + P4) & MASK64
        position += 8
    if position + 4 <= length:
        result = (_rotate(result ^ (struct.unpack_from("<I", data, position)[0] * P1 & MASK64), 23) * P2 + P3) & MASK64
        position += 4
    for byte in data[position:]:
        result = _rotate(result ^ (byte * P5 & MASK64), 11) * P1 & MASK64
    result = (result ^ (result >> 33)) * P2 & MASK64
    result = (result ^ (result >> 29)) * P3 & MASK64
    return result ^ (result >> 32)


# LZ4 blocks

def lz4_block(data, size):
    """LZ4 Block Format Description."""
    out, at = bytearray(), 0

    def extended(length, at):
        while length >= 15:
            byte = data[at]
            at += 1
            length += byte
            if byte != 255:
                break
        return length, at

    while True:
        token = data[at]
        literals, at = extended(token >> 4, at + 1)
        require(at + literals <= len(data), "LZ4 literals beyond the frame")
        out += data[at:at + literals]
        at += literals
        if at == len(data):
            break
        distance = data[at] | data[at + 1] << 8
        length, at = extended(token & 15, at + 2)
        require(0 < distance <= len(out), "LZ4 match before the frame")
        for _ in range(length + 4):
            out.append(out[-distance])
    require(len(out) == size, "LZ4 frame of another length")
    return bytes(out)


# Reading

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, count):
        require(0 <= count <= len(self.data) - self.at, "bytes beyond the end")
        self.at += count
        return self.data[self.at - count:self.at]

    def rest(self):
        return self.bytes(len(self.data) - self.at)

    def done(self):
        require(self.at == len(self.data), "bytes left over")

    def number(self, width):
        return int.from_bytes(self.bytes(width), "little")

    def u8(self):
        return self.number(1)

    def words(self, count, width):
        raw = self.bytes(count * width)
        return [int.from_bytes(raw[i:i + width], "little") for i in range(0, len(raw), width)]

    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.u8()
            value |= (byte & 127) << shift
            if byte < 128:
                require(value <= MASK64, "varint beyond 64 bits")
                return value
        raise Damage("varint of more than 10 bytes")

    def zigzag(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def counted(self):
        return self.bytes(self.varint())

    def text(self):
        try:
            return self.counted().decode("utf-8")
        except UnicodeDecodeError as problem:
            raise Damage(str(problem)) from None


# Types

TYPES = {1: "bool", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "uint8", 7: "uint16", 8: "uint32", 9: "uint64",
         10: "float32", 11: "float64", 12: "string", 13: "bytes", 14: "timestamp", 15: "uuid", 16: "vector"}
WIDTHS = {"bool": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8,
          "float32": 4, "float64": 8, "timestamp": 8, "uuid": 16}
SIGNED = {"int8", "int16", "int32", "int64", "timestamp"}
TEXTS = {"string", "bytes"}


class Column:
    def __init__(self, reader):
        self.name = reader.text()
        self.type = TYPES[reader.u8()]
        dimension = reader.varint()
        flags = reader.u8()
        require(flags < 4, f"flags of the column {self.name}")
        self.nullable = flags & 1 == 1
        self.id = reader.varint() if flags & 2 else None  # else its position
        self.width = 4 * dimension if self.type == "vector" else WIDTHS.get(self.type)

    def shape(self):
        if self.type in TEXTS:
            return Shape("text", 0)
        if self.type in ("uuid", "vector"):
            return Shape("block", self.width)
        if self.type == "bool":
            return Shape("bit", 1)
        return Shape("word", self.width, self.type)

    def canonical(self, value):
        if value is None:
            return "null"
        if isinstance(value, bytes):
            return value.hex()
        if self.type in SIGNED:
            half = 1 << (8 * self.width - 1)
            return str((value ^ half) - half)
        if self.type in ("float32", "float64"):
            return f"{value:0{2 * self.width}x}"
        return str(value)


class Shape:
    def __init__(self, kind, width, type=None):
        self.kind, self.width, self.type = kind, width, type
        self.mask = (1 << 8 * width) - 1


COUNT = Shape("word", 4)
BIT = Shape("bit", 1)


# Pages. A node gives a list: whole numbers of bits and words, bytes of blocks and texts.

def page(data, rows, column, source, validity):
    """The values of a page. `source` gives the column at a position and its values in the same block, `validity` its
    validity."""
    reader = Reader(data)
    flags = reader.u8()
    require(flags in (0, 1, 3), f"page flags {flags}")
    if flags == 3:
        valid = validity(reader.varint())
    else:
        valid = node(reader.counted(), rows, BIT) if flags else [1] * rows
    values = reader.rest()
    if values[:1] == b"\x30":
        values = derived(Reader(values[1:]), rows, column.shape(), source)
    else:
        values = node(values, rows, column.shape())
    return [value if bit else None for value, bit in zip(values, valid)]


def node(data, n, shape):
    reader = Reader(data)
    code = reader.u8()
    require(code in NODES, f"node {code}")
    values = NODES[code](reader, n, shape)
    reader.done()
    require(len(values) == n, f"node {code}: {len(values)} values instead of {n}")
    return values


def vectors(n):
    return (n + VECTOR - 1) // VECTOR


def byte_source(reader, size):
    code = reader.u8()
    if code == 12:
        return reader.bytes(size)
    require(code == 13, f"byte source {code}")
    counts = reader.words((size + 65535) // 65536, 4)
    out = b""
    for count in counts:
        raw = min(65536, size - len(out))
        frame = reader.bytes(count)
        out += frame if count == raw else lz4_block(frame, raw)
    return out


def plain(reader, n, shape):
    raw = byte_source(reader, n * shape.width)
    pieces = [raw[i:i + shape.width] for i in range(0, len(raw), shape.width)]
    return pieces if shape.kind == "block" else [int.from_bytes(piece, "little") for piece in pieces]


def constant(reader, n, shape):
    if shape.kind == "text":
        return [reader.rest()] * n
    raw = reader.bytes(shape.width)
    return [raw if shape.kind == "block" else int.from_bytes(raw, "little")] * n


def unpack(reader, n, widths):
    """BitPacking of every vector."""
    out = []
    for vector, width in enumerate(widths):
        m = min(VECTOR, n - vector * VECTOR)
        lane_bits = 32 if width <= 32 else 64
        lanes = VECTOR // lane_bits
        slots = (m + lanes - 1) // lanes
        word_count = (slots * width + lane_bits - 1) // lane_bits
        words = reader.words(word_count * lanes, lane_bits // 8)
        # A lane as one long number: word j of lane l is word j · L + l.
        lane = [sum(words[j * lanes + l] << (j * lane_bits) for j in range(word_count)) for l in range(lanes)]
        out += [lane[i % lanes] >> (i // lanes * width) & ((1 << width) - 1) for i in range(m)]
    return out


def bit_packed(reader, n, shape):
    widths = reader.words(vectors(n), 1)
    bases = reader.words(vectors(n), shape.width)
    return [bases[i // VECTOR] + packed & shape.mask for i, packed in enumerate(unpack(reader, n, widths))]


def delta(reader, n, shape):
    widths = reader.words(vectors(n), 1)
    firsts = reader.words(vectors(n), shape.width)
    steps = reader.words(vectors(n), shape.width)
    out = []
    for i, packed in enumerate(unpack(reader, n, widths)):
        vector = i // VECTOR
        out.append(firsts[vector] if i % VECTOR == 0 else out[-1] + steps[vector] + packed & shape.mask)
    return out


def run_length(reader, n, shape):
    runs = reader.varint()
    lengths = node(reader.counted(), runs, COUNT)
    values = node(reader.rest(), runs, shape)
    return [value for value, length in zip(values, lengths) for _ in range(length)]


def dictionary(reader, n, shape):
    distinct = reader.varint()
    values = node(reader.counted(), distinct, shape)
    return [values[number] for number in node(reader.rest(), n, COUNT)]


def patches(reader, width):
    count = reader.varint()
    rows = reader.words(count, 2)
    return list(zip(rows, reader.words(count, width)))


def patched_with(values, exceptions):
    for row, value in exceptions:
        values[row] = value
    return values


def to_signed(value, width):
    half = 1 << (8 * width - 1)
    return (value ^ half) - half


def decimal(reader, n, shape):
    exponent = reader.u8()
    exceptions = patches(reader, shape.width)
    values = []
    for digits in node(reader.rest(), n, Shape("word", shape.width)):
        quotient = float(to_signed(digits, shape.width)) / 10.0 ** exponent
        values.append(float_bits(quotient, shape.width))
    return patched_with(values, exceptions)


def float_bits(value, width):
    """The bits of a double, or of the float32 nearest to it."""
    try:
        return int.from_bytes(struct.pack("<d" if width == 8 else "<f", value), "little")
    except OverflowError:
        return 0x7F800000 if value > 0 else 0xFF800000


def narrowed(reader, n, shape):
    return [float_bits(struct.unpack("<f", bits.to_bytes(4, "little"))[0], 8)
            for bits in node(reader.rest(), n, Shape("word", 4, "float32"))]


def bitmap(reader, n, shape):
    raw = reader.bytes((n + 7) // 8)
    return [raw[i // 8] >> i % 8 & 1 for i in range(n)]


def plain_text(reader, n, shape):
    size = reader.varint()
    starts = reader.words(vectors(n), 4)
    lengths = node(reader.counted(), n, COUNT)
    heap = byte_source(reader, size)
    out, at = [], 0
    for i, length in enumerate(lengths):
        if i % VECTOR == 0:
            require(at == starts[i // VECTOR], "text start")
        out.append(heap[at:at + length])
        at += length
    require(at == size, "text heap")
    return out


def fsst(reader, n, shape):
    symbols = [reader.bytes(length) for length in reader.words(reader.u8(), 1)]
    sizes = reader.words(vectors(n), 4)
    out = []
    for codes in node(reader.rest(), n, shape):
        codes, text = iter(codes), bytearray()
        for code in codes:
            require(code < len(symbols) or code == 255, "fsst code")
            text += bytes([next(codes)]) if code == 255 else symbols[code]
        out.append(bytes(text))
    found = [sum(map(len, out[i:i + VECTOR])) for i in range(0, n, VECTOR)]
    require(found == sizes, "fsst sizes")
    return out


def alphabet(reader, n, shape):
    longest, first, optional = reader.u8(), reader.u8(), reader.u8()
    alphabets = []
    for _ in range(longest):
        size = reader.u8() or 256
        alphabets.append(reader.bytes(size))
    may_miss = [first <= p < first + optional for p in range(longest)]
    radix = [len(letters) + miss for letters, miss in zip(alphabets, may_miss)]
    groups, product = [], 1
    for p in range(longest):
        if radix[p] == 1:
            continue
        if not groups or product * radix[p] > 1 << 62:
            groups.append([])
            product = 1
        groups[-1].append(p)
        product *= radix[p]
    # A position of radix 1 has the digit 0 in every row.
    digits = [[0] * longest for _ in range(n)]
    for group in groups:
        for row, number in enumerate(node(reader.counted(), n, Shape("word", 8))):
            for p in reversed(group):
                number, digits[row][p] = divmod(number, radix[p])
            require(number == 0, "alphabet number")
    out = []
    for row in digits:
        letters = [alphabets[p][digit - may_miss[p]:][:1] for p, digit in enumerate(row) if not (may_miss[p] and digit == 0)]
        out.append(b"".join(letters))
    return out


def patched(reader, n, shape):
    exceptions = patches(reader, shape.width)
    return patched_with(node(reader.rest(), n, shape), exceptions)


def scaled(reader, n, shape):
    offset, factor = reader.words(2, shape.width)
    return [offset + factor * to_signed(child, shape.width) & shape.mask
            for child in node(reader.rest(), n, Shape("word", shape.width))]


class Bits:
    """Bits of some bytes, the lowest of the first byte first."""

    def __init__(self, data):
        self.value, self.count, self.at = int.from_bytes(data, "little"), 8 * len(data), 0

    def one(self):
        require(self.at < self.count, "bits beyond the end")
        self.at += 1
        return self.value >> self.at - 1 & 1


def huffman(reader, n, shape):
    low = reader.u8()
    base = reader.number(shape.width)
    symbols = reader.varint()
    require(1 <= symbols <= 4096, "huffman symbols")
    halves = reader.bytes((symbols + 1) // 2)
    lengths = [halves[i // 2] >> 4 * (i % 2) & 15 for i in range(symbols)]
    codes, code = {}, 0
    for length in range(1, 13):
        for symbol in range(symbols):
            if lengths[symbol] == length:
                codes[length, code] = symbol
                code += 1
        code *= 2
    require(sum(2 ** -length for length in lengths if length) == 1, "huffman lengths")
    counts = reader.words(4 * vectors(n), 2)
    streams = [Bits(reader.bytes(count)) for count in counts]

    def symbol(stream):
        code = length = 0
        while (length, code) not in codes:
            code, length = code << 1 | stream.one(), length + 1
        return codes[length, code]

    found = [symbol(streams[i // VECTOR * 4 + i % VECTOR % 4]) for i in range(n)]
    packed = unpack(reader, n, [low] * vectors(n))
    return [base + (high << low) + bits & shape.mask for high, bits in zip(found, packed)]


def ascending(reader, n, shape):
    widths = reader.words(vectors(n), 1)
    bases = reader.words(vectors(n), shape.width)
    counts = reader.words(vectors(n), 2)
    packed = unpack(reader, n, widths)
    steps = [Bits(reader.bytes(count)) for count in counts]
    out = []
    for i, low in enumerate(packed):
        vector = i // VECTOR
        while not steps[vector].one():
            pass
        place = steps[vector].at - 1
        out.append(bases[vector] + (place - i % VECTOR << widths[vector]) + low & shape.mask)
    return out


def printed(reader, n, shape):
    lowest, highest = reader.u8(), reader.u8()
    exceptions = patches(reader, 8)
    out = []
    for bits in node(reader.rest(), n, Shape("word", 4, "float32")):
        f = struct.unpack("<f", bits.to_bytes(4, "little"))[0]
        if not abs(f * 10.0 ** highest) < 2.0 ** 50:
            out.append(0)
            continue
        for exponent in range(lowest, highest + 1):
            q = round(f * 10.0 ** exponent) / 10.0 ** exponent
            if float_bits(q, 4) == bits:
                break
        out.append(float_bits(q, 8))
    return patched_with(out, exceptions)


def sparse(reader, n, shape):
    usual = reader.number(shape.width)
    count = reader.varint()
    rows = node(reader.counted(), count, COUNT)
    return patched_with([usual] * n, zip(rows, node(reader.rest(), count, shape)))


def split(reader, n, shape):
    low = reader.u8()
    left = node(reader.counted(), n, COUNT)
    return [(a << low) + b & shape.mask for a, b in zip(left, node(reader.rest(), n, Shape("word", shape.width)))]


def sequence(reader, n, shape):
    first, step = reader.words(2, shape.width)
    return [first + i * step + to_signed(child, shape.width) & shape.mask
            for i, child in enumerate(node(reader.rest(), n, Shape("word", shape.width)))]


def differences(reader, n, shape):
    firsts = reader.words(vectors(n), shape.width)
    out = []
    for i, child in enumerate(node(reader.rest(), n, Shape("word", shape.width))):
        out.append(firsts[i // VECTOR] if i % VECTOR == 0 else out[-1] + child & shape.mask)
    return out


def components(reader, n, shape):
    kind = reader.u8()
    require(kind in (0, 1), "components")
    width, order = (4, "little") if kind == 0 else (8, "big")
    parts = [node(reader.counted(), n, Shape("word", width)) for _ in range(shape.width // width)]
    return [b"".join(part.to_bytes(width, order) for part in row) for row in zip(*parts)]


def patched_text(reader, n, shape):
    count = reader.varint()
    rows = reader.words(count, 2)
    exceptions = node(reader.counted(), count, shape)
    return patched_with(node(reader.rest(), n, shape), zip(rows, exceptions))


def cased(reader, n, shape):
    capitals = node(reader.counted(), n, BIT)
    return [text.upper() if bit else text for bit, text in zip(capitals, node(reader.rest(), n, shape))]


NODES = {1: plain, 2: constant, 3: bit_packed, 4: delta, 5: run_length, 6: dictionary, 7: decimal, 8: narrowed, 9: bitmap,
         10: plain_text, 11: alphabet, 14: patched, 15: scaled, 16: huffman, 17: ascending, 18: printed, 19: sparse, 20: split,
         21: sequence, 22: differences, 23: components, 32: fsst, 33: patched_text, 34: cased}


# Derived columns

def wrapped(value):
    """Cut to 64 bits, signed."""
    return to_signed(value & MASK64, 8)


class Source:
    """The three ways to read a column that others follow from."""

    def __init__(self, column, values):
        self.column = column
        self.is_float = column.type in ("float32", "float64")
        self.values = [0 if value is None else value for value in values]

    def integer(self, row):
        value = self.values[row]
        return to_signed(value, self.column.width) if self.column.type in SIGNED else value

    def number(self, row):
        if self.is_float:
            code = "<f" if self.column.width == 4 else "<d"
            return struct.unpack(code, self.values[row].to_bytes(self.column.width, "little"))[0]
        return float(wrapped(self.integer(row)))

    def digits(self, row, exponent):
        if not self.is_float:
            return self.integer(row)
        product = self.number(row) * 10.0 ** exponent
        return round(product) if abs(product) < 2.0 ** 50 else 0


def divided(a, b):
    """IEEE 754's division; a NaN means nothing here."""
    if b != 0:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b)


def derived(reader, n, shape, source):
    sources = [Source(*source(reader.varint())) for _ in range(reader.varint())]
    is_float = shape.type in ("float32", "float64")

    def from_double(value):
        return float_bits(value, shape.width)

    def from_integer(value):
        return from_double(float(value)) if is_float else value & shape.mask

    def rest(width):
        exceptions = patches(reader, shape.width)
        residuals = [0] * n
        if width:
            residuals = [to_signed(word, width) for word in node(reader.rest(), n, Shape("word", width))]
        reader.done()
        return exceptions, residuals

    relation = reader.u8()
    if relation == 1:
        flags, constant, divisor = reader.u8(), reader.zigzag(), reader.varint()
        require(flags < 4, "flags of a sum")
        terms = [(each, reader.u8(), reader.zigzag()) for each in sources]
        exceptions, residuals = rest(8 if flags & 2 else 0)

        def value(row):
            total = constant + residuals[row] + sum(k * each.digits(row, e) for each, e, k in terms)
            total = wrapped(total)
            total = wrapped(abs(total)) if flags & 1 else total
            return from_double(divided(float(total), float(divisor))) if is_float else total // divisor & shape.mask
    elif relation == 2:
        operation = reader.u8()
        exceptions, _ = rest(0)
        operations = {0: lambda a, b: a + b, 1: lambda a, b: a - b, 2: lambda a, b: abs(a - b), 3: lambda a, b: a * b,
                      4: divided, 5: lambda a, b: a}
        require(operation in operations, f"operation {operation}")

        def value(row):
            return from_double(operations[operation](sources[0].number(row), sources[-1].number(row)))
    elif relation == 3:
        operation, exponent = reader.u8(), reader.u8()
        exceptions, residuals = rest(4)
        require(operation < 2, f"operation {operation}")

        def value(row):
            r, power = float(residuals[row]), 10.0 ** exponent if exponent < 255 else 1.0
            x = float(sources[0].digits(row, exponent)) if exponent < 255 else sources[0].number(row)
            return from_double(divided(x, r * power) if operation == 0 else divided(x * r, power))
    elif relation == 4:
        count = reader.varint()
        limits = node(reader.counted(), count, Shape("word", 8, "float64"))
        limits = [struct.unpack("<d", bits.to_bytes(8, "little"))[0] for bits in limits]
        steps = node(reader.counted(), count + 1, shape)
        exceptions, _ = rest(0)

        def value(row):
            number = sources[0].number(row)
            return steps[sum(not number < limit for limit in limits)]
    else:
        require(relation == 5, f"relation {relation}")
        offset, unit, period, start = reader.zigzag(), reader.varint(), reader.varint(), reader.zigzag()
        exceptions, _ = rest(0)

        def value(row):
            quotient = wrapped(sources[0].integer(row) + offset) // unit
            return from_integer(wrapped((quotient % period if period else quotient) + start))

    return patched_with([value(row) for row in range(n)], exceptions)


# Segments

MAGIC = b"DRUMLSEG"


class ZoneMap:
    def __init__(self, reader, column):
        flags = reader.u8()
        self.rows, self.nulls, self.nans, self.trues = (reader.varint() for _ in range(4))
        self.minimum = self._bound(reader, column) if flags & 1 else None
        self.maximum = self._bound(reader, column) if flags & 2 else None
        self.minimum_is_exact, self.maximum_is_exact = bool(flags & 4), bool(flags & 8)
        self.sum = reader.zigzag() if flags & 16 else None
        self.real_sum = struct.unpack("<d", reader.bytes(8))[0] if flags & 32 else None
        require(flags < 64, f"zone map flags {flags}")

    def check(self, column, values):
        """The real sum is within its bound of the exact one."""
        if self.real_sum is not None:
            code = "<f" if column.width == 4 else "<d"
            floats = [struct.unpack(code, v.to_bytes(column.width, "little"))[0] for v in values if v is not None]
            magnitude = math.fsum(map(abs, floats)) if max(map(abs, floats), default=0) < 1e300 else math.inf
            if magnitude < math.inf:
                # fsum rounds once.
                error = abs(self.real_sum - math.fsum(floats))
                require(error <= magnitude * (2.0 ** -46 + 2.0 ** -52), f"real sum of {column.name}")

    def _bound(self, reader, column):
        if column.type == "bool":
            return reader.u8()
        if column.type in SIGNED:
            return reader.zigzag() & (1 << 8 * column.width) - 1
        if column.type in TEXTS:
            return reader.counted()
        if column.type in ("float32", "float64"):
            return reader.number(column.width)
        return reader.varint()

    def line(self, column):
        def bound(value, is_exact):
            return "-" if value is None else column.canonical(value) + ("" if is_exact else "?")

        return (f"rows {self.rows} nulls {self.nulls} nans {self.nans} trues {self.trues} "
                f"minimum {bound(self.minimum, self.minimum_is_exact)} maximum {bound(self.maximum, self.maximum_is_exact)} "
                f"sum {'-' if self.sum is None else self.sum}")


class Page:
    def __init__(self, reader, column):
        self.offset, self.byte_count, self.raw = reader.varint() * 64, reader.varint(), reader.varint()
        self.checksum, self.encoding = reader.number(8), reader.text()
        self.zone = ZoneMap(reader, column)
        self.vectors = [ZoneMap(reader, column) for _ in range(reader.varint())]


def row_set(reader):
    """Runs of rows: of each the first, and the one behind the last."""
    runs, end = [], 0
    for _ in range(reader.varint()):
        first = end + reader.varint()
        end = first + reader.varint()
        runs.append((first, end))
    return runs


class Segment:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        require(len(self.data) >= 64 + 24 and self.data[:8] == MAGIC and self.data[-8:] == MAGIC, "not a segment")
        header = Reader(self.data[:64])
        header.bytes(8)
        require(header.number(2) == 1, "major version")
        header.bytes(6)
        features = header.number(8)
        require(features == 0, f"reader features {features:x}")
        require(xxh64(self.data[:56]) == int.from_bytes(self.data[56:64], "little"), "checksum of the header")
        checksum, size = struct.unpack("<QQ", self.data[-24:-8])
        require(size <= min(1 << 28, len(self.data) - 64 - 24), "size of the footer")
        footer = self.data[-24 - size:-24]
        require(xxh64(footer, int.from_bytes(MAGIC, "little")) == checksum, "checksum of the footer")
        self._footer(Reader(footer))

    def _footer(self, reader):
        self.table = reader.text()
        self.columns = [Column(reader) for _ in range(reader.varint())]
        self.indexed = [reader.varint() for _ in range(reader.varint())]
        self.first_row, self.rows = reader.number(8), reader.varint()
        blocks = (self.rows + BLOCK - 1) // BLOCK
        self.pages = [[Page(reader, column) for _ in range(blocks)] for column in self.columns]
        self.gone = []
        for _ in range(reader.varint()):
            code, payload = reader.varint(), Reader(reader.counted())
            if code == 1:
                self.gone = row_set(payload)
                payload.done()
        reader.done()

    def page_bytes(self, position, block):
        record = self.pages[position][block]
        require(record.offset + record.byte_count <= len(self.data), "page beyond the end")
        data = self.data[record.offset:record.offset + record.byte_count]
        require(xxh64(data, record.offset) == record.checksum, f"checksum of the page at {record.offset}")
        return data

    def values(self, position, block, is_source=False):
        rows = min(BLOCK, self.rows - block * BLOCK)

        def source(other):
            require(other < len(self.columns) and not is_source, f"source {other}")
            return self.columns[other], self.values(other, block, is_source=True)

        def validity(other):
            require(other < len(self.columns), f"validity of {other}")
            reader = Reader(self.page_bytes(other, block))
            require(reader.u8() == 1, f"validity of {other}, which keeps none")
            bits = node(reader.counted(), rows, BIT)
            require(reader.u8() != 48, f"validity of {other}, which is derived")
            return bits

        return page(self.page_bytes(position, block), rows, self.columns[position], source, validity)

    def lines(self):
        yield f"table {self.table}, first row {self.first_row}, {self.rows} rows"
        for first, end in self.gone:
            yield f"gone {first} to {end}"
        for position, column in enumerate(self.columns):
            indexed = ", indexed" if position in self.indexed else ""
            yield f"column {column.name} {column.type}{'?' if column.nullable else ''}{indexed}"
            for block, record in enumerate(self.pages[position]):
                yield "block " + record.zone.line(column)
                for zone in record.vectors:
                    yield "vector " + zone.line(column)
                values = self.values(position, block)
                record.zone.check(column, values)
                for value in values:
                    yield column.canonical(value)


# Index runs

class IndexRun:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        header = Reader(self.data[:64])
        require(header.bytes(8) == b"DRUMLIDX" and header.number(2) == 2, "not an index run")
        self.bucket_bits, self.row_bits, width = header.words(3, 1)
        header.bytes(3)
        self.first, self.end, self.count, checksum = header.words(4, 8)
        require(xxh64(self.data[:56]) == int.from_bytes(self.data[56:64], "little"), "checksum of the header")
        self.entry_bits = 32 - self.bucket_bits + self.row_bits
        reader = Reader(self.data)
        reader.bytes(64)
        pieces = []
        directory = self._packed(reader, (1 << self.bucket_bits) + 1, width, pieces)
        self.entries = self._packed(reader, self.count, self.entry_bits, pieces)
        checksums = reader.rest()
        require(xxh64(checksums, int.from_bytes(b"DRUMLIDX", "little")) == checksum, "checksum of the checksums")
        require(checksums == b"".join(piece.to_bytes(8, "little") for piece in pieces), "checksum of a piece")
        self.starts = [(k * self.count >> self.bucket_bits) + number - (1 << width - 1) for k, number in enumerate(directory)]

    def _packed(self, reader, count, width, pieces):
        """Numbers without gaps; the checksums of their pieces are added to `pieces`."""
        start, size = reader.at, (count * width + 63) // 64 * 8
        raw = reader.bytes(size)
        for offset in range(0, size, 4096):
            pieces.append(xxh64(raw[offset:offset + 4096], start + offset))

        def number(i):
            first, end = i * width // 8, ((i + 1) * width + 7) // 8
            return int.from_bytes(raw[first:end], "little") >> i * width % 8 & (1 << width) - 1

        return [number(i) for i in range(count)]

    def candidates(self, key, position):
        """Rows that may have a key."""
        value = xxh64(key, position) >> 32
        bucket = value >> 32 - self.bucket_bits
        low = value & (1 << 32 - self.bucket_bits) - 1
        entries = self.entries[self.starts[bucket]:self.starts[bucket + 1]]
        return [self.first + (entry & (1 << self.row_bits) - 1) for entry in entries if entry >> self.row_bits == low]

    def lines(self):
        require(self.starts[0] == 0 and self.starts[-1] == self.count, "directory")
        yield f"run of rows {self.first} to {self.end}, {self.count} entries"
        for bucket, (start, end) in enumerate(zip(self.starts, self.starts[1:])):
            require(0 <= start <= end <= self.count, f"bucket {bucket}")
            for entry in self.entries[start:end]:
                value = bucket << 32 - self.bucket_bits | entry >> self.row_bits
                yield f"{value:08x} {self.first + (entry & (1 << self.row_bits) - 1)}"


if __name__ == "__main__":
    for path in sys.argv[1:]:
        try:
            content = IndexRun(path) if path.endswith(".idx") else Segment(path)
            sys.stdout.writelines(line + "\n" for line in content.lines())
        except (Damage, OSError) as problem:
            sys.exit(f"{path}: {problem}")
