"""The formats that tables are compared in: each writes a table, says what it takes, and answers the questions of a plan.

`open` gives what a program keeps between questions; a question with opening included is open, ask, close. Each format
answers in the fastest way that its Python package offers.
"""
import os
import shutil
import sqlite3

import duckdb
import numpy
import pyarrow
import pyarrow.compute as compute
import pyarrow.dataset as dataset
import pyarrow.ipc as ipc
import pyarrow.parquet as parquet

from storage_data import HOUR, by_hour_digest, micros

pyarrow.set_cpu_count(1)
pyarrow.set_io_thread_count(1)


def path_bytes(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


class Format:
    """What every format has: `write`, `open`, `close`, the questions, and what is asked of its file."""

    indexed = False  # whether it can look up a row by its key
    options = None   # what was chosen when the table was written

    def tune(self, table):
        """Chooses how to write a table."""

    def size(self, path):
        return path_bytes(path)

    def prepare_lookup(self, path, plan):
        """Makes what look-ups need beyond the table; its bytes."""
        return 0


class ArrowFormat(Format):
    """Formats that give back Arrow tables. `read(handle, columns, where)` gives the rows for which all of
    `where`, triples of column, operator and value, holds."""

    def column_bytes(self, table, path, scratch):
        """Bytes of each column: those of a file that has only it."""
        found = {}
        for name in table.column_names:
            alone = os.path.join(scratch, "column")
            self.write(table.select([name]), alone)
            found[name] = self.size(alone)
            shutil.rmtree(alone) if os.path.isdir(alone) else os.remove(alone)
        return found

    def close(self, handle):
        pass

    def sum(self, handle, name):
        return compute.sum(self.read(handle, [name])[name]).as_py()

    def mean(self, handle, name):
        return compute.mean(self.read(handle, [name])[name]).as_py()

    def min(self, handle, name):
        return compute.min(self.read(handle, [name])[name]).as_py()

    def max(self, handle, name):
        return compute.max(self.read(handle, [name])[name]).as_py()

    def hour(self, handle, plan):
        rows = self.read(handle, [plan.value], [(plan.time, ">=", plan.hour), (plan.time, "<", plan.hour + HOUR)])
        return compute.mean(rows[plan.value]).as_py()

    def by_hour(self, handle, plan):
        table = self.read(handle, [plan.time, plan.value])
        hours = micros(table, plan.time) // HOUR
        first = hours.min()
        hours -= first
        values = table[plan.value].to_numpy()
        counts = numpy.bincount(hours)
        there = numpy.flatnonzero(counts)
        return by_hour_digest(there, numpy.bincount(hours, weights=values)[there] / counts[there])

    def above(self, handle, plan, threshold):
        rows = self.read(handle, [plan.result], [(plan.value, ">", threshold)])
        return compute.sum(rows[plan.result]).as_py()

    def lookup(self, handle, plan, key):
        return self.read(handle, None, [(plan.key, "=", key)]).num_rows


def literal(column_type, value):
    """A value of a condition as a scalar of its column's type."""
    if pyarrow.types.is_timestamp(column_type):
        return pyarrow.scalar(value, pyarrow.int64()).cast(column_type)
    return pyarrow.scalar(value, column_type)


OPERATORS = {">=": compute.greater_equal, "<": compute.less, ">": compute.greater, "=": compute.equal}


def expression(schema, where):
    found = None
    for name, operator, value in where or []:
        term = OPERATORS[operator](compute.field(name), literal(schema.field(name).type, value))
        found = term if found is None else found & term
    return found


class Parquet(ArrowFormat):
    def __init__(self, codec):
        self.codec = codec

    def write(self, table, path):
        parquet.write_table(table, path, compression=self.codec)

    def column_bytes(self, table, path, scratch):
        metadata = parquet.read_metadata(path)
        found = dict.fromkeys(table.column_names, 0)
        for group in range(metadata.num_row_groups):
            for index in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(index)
                found[chunk.path_in_schema] += chunk.total_compressed_size
        return found

    def open(self, path):
        return parquet.ParquetFile(path), dataset.dataset(path, format="parquet")

    def read(self, handle, columns, where=None):
        file, rows = handle
        if where:
            return rows.to_table(columns=columns, filter=expression(rows.schema, where), use_threads=False)
        return file.read(columns=columns, use_threads=False)


class TunedParquet(Parquet):
    """Each column with the encoding and the level of zstd that are smallest on its first million rows, and groups of
    rows small enough that an hour reads few."""

    GROUP = 262_144

    def __init__(self):
        super().__init__("zstd")

    def tune(self, table):
        self.options = {name: self._best(table.slice(0, 1 << 20), name) for name in table.column_names}

    def write(self, table, path):
        columns = {name: self.options[name] for name in table.column_names}
        parquet.write_table(
            table, path, compression="zstd", row_group_size=self.GROUP, data_page_version="2.0",
            use_dictionary=[name for name, (encoding, _) in columns.items() if encoding == "dictionary"],
            column_encoding={name: encoding for name, (encoding, _) in columns.items() if encoding != "dictionary"},
            compression_level={name: level for name, (_, level) in columns.items()})

    def _best(self, table, name):
        kind = table.schema.field(name).type
        if pyarrow.types.is_string(kind):
            encodings = ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"]
        elif pyarrow.types.is_floating(kind):
            encodings = ["PLAIN", "BYTE_STREAM_SPLIT"]
        else:
            encodings = ["PLAIN", "BYTE_STREAM_SPLIT", "DELTA_BINARY_PACKED"]
        sizes = {}
        for encoding in ["dictionary"] + encodings:
            for level in (1, 9) if pyarrow.types.is_string(kind) else (1, 9, 19):
                sink = pyarrow.BufferOutputStream()
                options = ({"use_dictionary": True} if encoding == "dictionary"
                           else {"use_dictionary": False, "column_encoding": {name: encoding}})
                parquet.write_table(table.select([name]), sink, compression="zstd", compression_level=level,
                                    row_group_size=self.GROUP, data_page_version="2.0", **options)
                sizes[encoding, level] = sink.tell()
        return min(sizes, key=sizes.get)


class ArrowFile(ArrowFormat):
    """An Arrow IPC file, mapped."""

    def __init__(self, codec):
        self.codec = codec

    def write(self, table, path):
        options = ipc.IpcWriteOptions(compression=self.codec, use_threads=False)
        with pyarrow.OSFile(path, "wb") as file, ipc.new_file(file, table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=1 << 18)

    def open(self, path):
        source = pyarrow.memory_map(path)
        reader = ipc.open_file(source)
        return source, reader.schema, None if self.codec else reader.read_all()

    def close(self, handle):
        handle[0].close()

    def read(self, handle, columns, where=None):
        source, schema, table = handle
        needed = schema.names if columns is None else list(dict.fromkeys(columns + [name for name, _, _ in where or []]))
        if table is None:
            fields = sorted(schema.get_field_index(name) for name in needed)
            options = ipc.IpcReadOptions(included_fields=fields, use_threads=False)
            table = ipc.open_file(source, options=options).read_all()
        else:
            table = table.select(needed)
        if where:
            table = table.filter(expression(schema, where))
        return table if columns is None else table.select(columns)


class SQLFormat(Format):
    """Formats that are asked in SQL."""

    def sum(self, handle, name):
        return self.one(handle, f"SELECT sum({name}) FROM {self.table}")

    def mean(self, handle, name):
        return self.one(handle, f"SELECT avg({name}) FROM {self.table}")

    def min(self, handle, name):
        return self.one(handle, f"SELECT min({name}) FROM {self.table}")

    def max(self, handle, name):
        return self.one(handle, f"SELECT max({name}) FROM {self.table}")

    def hour(self, handle, plan):
        low, high = self.instant(plan.hour), self.instant(plan.hour + HOUR)
        return self.one(handle, f"SELECT avg({plan.value}) FROM {self.table} WHERE {plan.time} >= {low} AND {plan.time} < {high}")

    def by_hour(self, handle, plan):
        rows = self.all(handle, f"SELECT {self.hours(plan.time)} AS h, avg({plan.value}) FROM {self.table} GROUP BY h ORDER BY h")
        hours, means = zip(*rows)
        return by_hour_digest(hours, means)

    def above(self, handle, plan, threshold):
        return self.one(handle, f"SELECT sum({plan.result}) FROM {self.table} WHERE {plan.value} > {self.number(threshold)}")

    def one(self, handle, query):
        return self.all(handle, query)[0][0]


class DuckDB(SQLFormat):
    indexed = True
    table = "rows"

    def write(self, table, path):
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute(f"ATTACH '{path}' AS stored (STORAGE_VERSION 'latest')")
            connection.register("incoming", table)
            connection.execute(f"CREATE TABLE stored.{self.table} AS SELECT * FROM incoming")
            connection.execute("CHECKPOINT stored")

    def size(self, path):
        with duckdb.connect(path, read_only=True) as connection:
            used, block = connection.execute("SELECT used_blocks, block_size FROM pragma_database_size()").fetchone()
        return used * block

    def column_bytes(self, table, path, scratch):
        found = {}
        for name in table.column_names:
            alone = os.path.join(scratch, "column.duckdb")
            self.write(table.select([name]), alone)
            found[name] = self.size(alone)
            os.remove(alone)
        return found

    def prepare_lookup(self, path, plan):
        with_index = path + ".index"
        if not os.path.exists(with_index):
            shutil.copy(path, with_index)
            with duckdb.connect(with_index, config={"threads": 1}) as connection:
                connection.execute(f"CREATE UNIQUE INDEX keys ON {self.table} ({plan.key})")
                connection.execute("CHECKPOINT")
        return self.size(with_index) - self.size(path)

    def open(self, path):
        return duckdb.connect(path, read_only=True, config={"threads": 1})

    def open_lookup(self, path):
        return self.open(path + ".index")

    def close(self, handle):
        handle.close()

    def all(self, handle, query):
        return handle.execute(query).fetchall()

    def instant(self, value):
        return f"make_timestamptz({value})"

    def hours(self, name):
        return f"epoch_us({name}) // {HOUR}"

    def number(self, value):
        return f"{value}::FLOAT" if self.narrow else f"{value}::DOUBLE"

    def lookup(self, handle, plan, key):
        return len(handle.execute(f"SELECT epoch_us({plan.time}), * EXCLUDE {plan.time} FROM {self.table} WHERE {plan.key} = ?",
                                  [key]).fetchall())


class SQLite(SQLFormat):
    indexed = True
    table = "rows"

    def write(self, table, path):
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        kinds = ["TEXT" if pyarrow.types.is_string(f.type) else "REAL" if pyarrow.types.is_floating(f.type) else "INTEGER"
                 for f in table.schema]
        connection.execute(f"CREATE TABLE {self.table} ({', '.join(f'{n} {k}' for n, k in zip(table.column_names, kinds))})")
        places = ", ".join("?" * table.num_columns)
        for batch in table.to_batches(max_chunksize=100_000):
            columns = [(c.cast(pyarrow.int64()) if pyarrow.types.is_timestamp(c.type) else c).to_pylist() for c in batch.columns]
            connection.executemany(f"INSERT INTO {self.table} VALUES ({places})", zip(*columns))
        connection.commit()
        connection.close()

    def column_bytes(self, table, path, scratch):
        return None  # a store of rows

    def prepare_lookup(self, path, plan):
        with_index = path + ".index"
        if not os.path.exists(with_index):
            shutil.copy(path, with_index)
            connection = sqlite3.connect(with_index)
            connection.execute(f"CREATE UNIQUE INDEX keys ON {self.table} ({plan.key})")
            connection.commit()
            connection.close()
        return path_bytes(with_index) - path_bytes(path)

    def open(self, path):
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        connection.execute(f"PRAGMA mmap_size = {1 << 33}")
        return connection

    def open_lookup(self, path):
        return self.open(path + ".index")

    def close(self, handle):
        handle.close()

    def all(self, handle, query):
        return handle.execute(query).fetchall()

    def instant(self, value):
        return str(value)

    def hours(self, name):
        return f"{name} / {HOUR}"

    def number(self, value):
        return repr(value)

    def lookup(self, handle, plan, key):
        return len(handle.execute(f"SELECT * FROM {self.table} WHERE {plan.key} = ?", (key,)).fetchall())


class Vortex(ArrowFormat):
    def __init__(self, compact):
        import vortex

        vortex.set_worker_threads(0)
        self.vortex = vortex
        options = vortex.io.VortexWriteOptions
        self.writer = options.compact() if compact else options.default()

    def write(self, table, path):
        self.writer.write(table, path)

    def open(self, path):
        return self.vortex.open(path, memory_map=True)

    def read(self, handle, columns, where=None):
        terms = [self._term(handle, *condition) for condition in where or []]
        chosen = None if not terms else terms[0] if len(terms) == 1 else self.vortex.expr.and_(*terms)
        return handle.to_arrow(columns, expr=chosen).read_all()

    def _term(self, handle, name, operator, value):
        expr = self.vortex.expr
        kind = next(k for n, k in zip(handle.dtype.names(), handle.dtype.fields()) if n == name)
        compare = {">=": expr.gt_eq, "<": expr.lt, ">": expr.gt, "=": expr.eq}[operator]
        return compare(expr.column(name), expr.literal(kind, value))


class Lance(ArrowFormat):
    indexed = True

    def __init__(self):
        import lance

        self.lance = lance

    def write(self, table, path):
        self.lance.write_dataset(table, path)

    def prepare_lookup(self, path, plan):
        with_index = path + ".index"
        if not os.path.exists(with_index):
            shutil.copytree(path, with_index)
            self.lance.dataset(with_index).create_scalar_index(plan.key, "BTREE")
        return path_bytes(with_index) - path_bytes(path)

    def open(self, path):
        return self.lance.dataset(path)

    def open_lookup(self, path):
        return self.open(path + ".index")

    def read(self, handle, columns, where=None):
        return handle.to_table(columns=columns, filter=expression(handle.schema, where))


FORMATS = {
    "parquet zstd": lambda: Parquet("zstd"),
    "parquet tuned": TunedParquet,
    "parquet lz4": lambda: Parquet("lz4"),
    "arrow ipc": lambda: ArrowFile(None),
    "arrow ipc lz4": lambda: ArrowFile("lz4"),
    "arrow ipc zstd": lambda: ArrowFile("zstd"),
    "duckdb": DuckDB,
    "sqlite": SQLite,
    "vortex": lambda: Vortex(compact=False),
    "vortex compact": lambda: Vortex(compact=True),
    "lance": Lance,
}
