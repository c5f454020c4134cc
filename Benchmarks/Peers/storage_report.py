"""The figures of storage.py as tables in Markdown. A ratio is the peer's figure divided by Drumlin's."""

QUESTION_TITLES = {
    "sum": "sum", "mean": "mean", "min": "min", "max": "max", "sum_packed": "sum, small integers", "sum_measured": "sum, full floats",
    "hour": "one hour", "by_hour": "mean by hour", "above_1": "filter 1 %", "above_50": "filter 50 %",
}
SUBJECT = "drumlin"


def markdown(result):
    machine = result["machine"]
    lines = [f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, "
             f"load {' '.join(map(str, machine['load_average']))} at the start; "
             + ", ".join(f"{name} {version}" for name, version in result["versions"].items() if version),
             "One core, warm page cache, medians of processor time."]
    for name, table in result["tables"].items():
        lines += ["", f"## {name}: {table['rows']:,} rows", ""] + _sizes(table) + _columns(table)
        lines += _times(table, "warm_ms", "Milliseconds, warm handles")
        lines += _times(table, "opened_ms", "Milliseconds, opening included")
        lines += _lookups(table) + _others(table)
    return "\n".join(lines) + "\n"


def _number(value, digits=3):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.{digits}g}"


def _table(header, rows):
    return ["| " + " | ".join(header) + " |", "|" + " --- |" + " ---: |" * (len(header) - 1)] + [
        "| " + " | ".join(row) + " |" for row in rows] + [""]


def _peers(table):
    return {name: figures for name, figures in table["formats"].items() if not name.startswith(SUBJECT)}


def _sizes(table):
    rows = []
    mine = table["formats"].get(SUBJECT, {}).get("bytes")
    for name, figures in sorted(table["formats"].items(), key=lambda item: item[1].get("bytes", 0)):
        if "bytes" in figures:
            index = figures.get("index_bytes")
            rows.append([name, f"{figures['bytes'] / table['rows']:.2f}",
                         f"{figures['bytes'] / mine:.2f}" if mine else "",
                         f"{index / table['rows']:.2f}" if index else "", _number(figures.get("write_rows_per_s"))])
    return _table(["format", "bytes a row", "÷ Drumlin", "index, bytes a row", "rows written a second"], rows)


def _columns(table):
    """Every column in the smallest peer, in the peer that is smallest for it, and in Drumlin, beside its entropy."""
    peers = {name: f["column_bytes"] for name, f in _peers(table).items() if f.get("column_bytes")}
    if not peers:
        return []
    rows_there, facts = table["rows"], table["columns"]
    smallest = min(peers, key=lambda name: table["formats"][name]["bytes"])
    mine = [name for name, f in table["formats"].items() if name not in _peers(table) and f.get("column_bytes")]
    names = list(facts) + [c for name in mine for c in table["formats"][name]["column_bytes"] if c not in facts]
    lines, totals = [], {}
    for column in dict.fromkeys(names):
        best = min(peers, key=lambda name: peers[name].get(column, 0)) if column in facts else ""
        values = [facts.get(column, {}).get("entropy"), _per_row(peers[smallest].get(column), rows_there),
                  _per_row(peers[best].get(column), rows_there) if best else None]
        values += [_per_row(table["formats"][name]["column_bytes"].get(column), rows_there) for name in mine]
        for place, value in enumerate(values):
            totals[place] = totals.get(place, 0) + (value or 0)
        cells = ["" if value is None else f"{value:.4f}" for value in values]
        about = facts.get(column, {"type": "", "distinct": None})
        lines.append([column, about["type"], "" if about["distinct"] is None else f"{about['distinct']:,}",
                      *cells[:3], best, *cells[3:]])
    sums = [f"{totals[place]:.3f}" for place in sorted(totals)]
    lines.append(["all", "", "", *sums[:3], "", *sums[3:]])
    return ["Bytes a value:", ""] + _table(["column", "type", "distinct", "entropy", smallest, "best peer", "which", *mine], lines)


def _per_row(count, rows):
    return None if count is None else count / rows


def _times(table, key, title):
    rows = []
    questions = [q for q in QUESTION_TITLES if any(q in f.get(key, {}) for f in table["formats"].values())]
    for name, figures in table["formats"].items():
        if key in figures:
            rows.append([name] + [_number(figures[key].get(q)) for q in questions])
    fastest = {}
    for q in questions:
        peers = {name: f[key][q] for name, f in _peers(table).items() if q in f.get(key, {})}
        if peers:
            best = min(peers, key=peers.get)
            fastest[q] = best, peers[best]
    rows.append(["fastest peer"] + [f"{fastest[q][0]} {_number(fastest[q][1])}" if q in fastest else "" for q in questions])
    for name, figures in table["formats"].items():
        if name.startswith(SUBJECT) and key in figures:
            rows.append([f"ratio, {name}"] + [
                f"{fastest[q][1] / figures[key][q]:.2f}" if q in fastest and figures[key].get(q) else "" for q in questions])
    return [title + ":", ""] + _table(["format"] + [QUESTION_TITLES[q] for q in questions], rows)


def _lookups(table):
    titles = {"lookup_us": "warm", "lookup_opened_us": "opening included", "lookup_number_us": "its row number alone",
              "lookup_many_us": "many at once, row numbers", "lookup_unknown_us": "unknown id"}
    there = {name: figures for name, figures in table["formats"].items() if "lookup_us" in figures}
    keys = [key for key in titles if any(key in figures for figures in there.values())]
    lines = [[name] + [_number(figures.get(key)) for key in keys] for name, figures in there.items()]
    return ["Microseconds for all columns of one row by its id:", ""] + _table(
        ["format"] + [titles[key] for key in keys], lines) if lines else []


def _others(table):
    """What only Drumlin's driver measures."""
    lines = []
    for name, figures in table["formats"].items():
        for key, title in (("open_ms", "ms to open"), ("memory_bytes", "bytes of anonymous memory")):
            if key in figures:
                lines.append([f"{name}, {title}", _number(figures[key])])
        for column, speed in figures.get("decode_gb_per_s", {}).items():
            lines.append([f"{name}, GB/s of {column} decoded into memory", _number(speed)])
    return _table(["figure", ""], lines) if lines else []
