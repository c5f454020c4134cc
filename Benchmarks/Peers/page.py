"""Makes one page of a benchmark's rounds: what was measured, on what, how, how sure, beside whom, and against the last release.

    python page.py ROUND.json … [--storage storage.json] [--release Benchmarks/Released/VERSION.json]
                   [--version VERSION] [--revision HASH] --output FOLDER

A ROUND is what compare.py writes; several rounds give medians with their spread. Writes FOLDER/bench.md and
FOLDER/bench.json, prints the page, and ends with status 1 where a figure is worse than that of the release: all of its
rounds are worse than all of the release's, its median by more than a tenth, and, where a peer stands beside it, its ratio to the peer, too:
a machine that is slower as a whole slows the peers as well. Bytes and memory do not depend on the machine: there two per cent count.
"""
import argparse
import datetime
import json
import os
import statistics
import sys

import compare

# Figures of Drumlin alone: where they are in a round, what they are called, their unit, and whether more is better.
ALONE = [
    (("replay_s",), "replay of 1,000,000 predictions and their labels", "s", False),
    (("replay_peak_mib",), "memory of that process at its peak", "MiB", False),
    (("colstat_ms",), "colstat of that store", "ms", False),
    (("metrics_command_ms",), "drumlin metrics of that store", "ms", False),
    (("bytes_per_row", "with id"), "disk: a prediction of 12 features, with its id", "B", False),
    (("bytes_per_row", "without id"), "disk: the same without its id", "B", False),
    (("bytes_per_row", "whole store"), "disk: all of the store, labels, index and metrics included", "B", False),
    (("seal_ms",), "sealing 1,000,000 predictions", "ms", False),
    (("open_ms",), "opening that store", "ms", False),
    (("append_us",), "appending a row to a table of one's own", "µs", False),
    (("find_us", "known"), "finding the row of an id", "µs", False),
]
SIZED = {"MiB", "B", "B/row"}


class Figure:
    """One figure over the rounds."""

    def __init__(self, unit, values, more=False):
        self.unit, self.values, self.more = unit, [value for value in values if value is not None], more

    @property
    def median(self):
        return statistics.median(self.values) if self.values else None

    def json(self):
        return {"unit": self.unit, "median": self.median, "least": min(self.values), "greatest": max(self.values),
                "rounds": len(self.values)}

    def text(self):
        if not self.values:
            return "–"
        median = f"{compare.number(self.median)} {self.unit}"
        if len(self.values) == 1 or min(self.values) == max(self.values):
            return median
        return f"{median} ({compare.number(min(self.values))} to {compare.number(max(self.values))})"


def collect(rounds):
    """Figures by name: Drumlin's alone, its events by their number, and pairs with a peer."""
    alone = {}
    for path, name, unit, more in ALONE:
        figure = Figure(unit, [compare.at(each["drumlin"], *path) for each in rounds], more)
        if figure.values:
            alone[name] = figure
    growth = {}
    for kind, title in (("prediction_us", "prediction"), ("feedback_us", "label"), ("metrics_us", "metrics of a day")):
        counts = sorted({count for each in rounds for count in each["drumlin"].get(kind, {})}, key=int)
        for count in counts:
            values = [each["drumlin"].get(kind, {}).get(count) for each in rounds]
            if kind == "metrics_us":
                growth[(title, "median", count)] = Figure("µs", values)
                continue
            for share, label in (("p50", "median"), ("p99", "99 %"), ("p999", "99.9 %")):
                growth[(title, label, count)] = Figure("µs", [value and value.get(share) for value in values])
    pairs = {}
    for each in rounds:
        for figure, unit, mine, peer, theirs in compare.table_rows(each["drumlin"], each["peers"]):
            pair = pairs.setdefault((figure, peer), (Figure(unit, []), Figure(unit, [])))
            if mine is not None and theirs is not None:
                pair[0].values.append(mine)
                pair[1].values.append(theirs)
    pairs = {key: pair for key, pair in pairs.items() if pair[0].values}
    return alone, growth, pairs


def named(alone, growth, pairs):
    """All of Drumlin's figures by one name each, as the file of a release has them."""
    figures = {name: figure.json() for name, figure in alone.items()}
    for (title, label, count), figure in growth.items():
        if figure.values:
            figures[f"{title} after {int(count):,} events, {label}"] = figure.json()
    for (name, peer), (mine, theirs) in pairs.items():
        ratios = [b / a for a, b in zip(mine.values, theirs.values)]
        figures[f"{name} / {peer}"] = mine.json() | {"peer": theirs.json(), "ratio": statistics.median(ratios)}
    return figures


def regressions(figures, release):
    """(name, then, now) of what is worse than it was."""
    found = []
    for name, figure in figures.items():
        before = release["figures"].get(name)
        # The longest waits of a run are the machine's more than ours.
        if before is None or before["unit"] != figure["unit"] or name.endswith("99.9 %"):
            continue
        allowed = 1.02 if figure["unit"] in SIZED else 1.1
        is_worse = figure["least"] > before["greatest"] and figure["median"] > allowed * before["median"]
        if is_worse and "ratio" in figure and "ratio" in before and figure["unit"] not in SIZED:
            is_worse = figure["ratio"] < before["ratio"] / allowed
        if is_worse:
            found.append((name, before, figure))
    return found


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def storage_section(path):
    """The tables of storage.py, as it writes them beside its JSON."""
    markdown = os.path.splitext(path)[0] + ".md"
    if not os.path.exists(markdown):
        return []
    # A page may be made of an older run of storage.py: it says so.
    day = datetime.datetime.fromtimestamp(os.path.getmtime(path), datetime.timezone.utc)
    with open(markdown) as file:
        return ["", "## Formats for tables", "", f"A run of its own, {day:%Y-%m-%d %H:%M} UTC.", "", file.read().strip()]


def page(arguments, rounds, parts, figures, release):
    alone, growth, pairs = parts
    machine, versions = rounds[0]["machine"], rounds[0]["versions"]
    loads = [each["machine"]["load_average"][0] for each in rounds]
    lines = [
        f"# Drumlin {arguments.version}, measured", "",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}; load at the start of the "
        f"rounds {', '.join(map(str, loads))}. "
        f"Revision {arguments.revision}. " + ", ".join(f"{name} {version}" for name, version in versions.items()) + ".",
        "",
        "**Method.** The standard workload: predictions with 12 features over 60 days, labels after two days on average, 4 metrics in 3 windows, "
        f"20 buckets; the same bytes everywhere. {len(rounds)} round{'s' if len(rounds) > 1 else ''}, each of all figures, Drumlin's and the peers' in turn, in "
        "processes of their own, one thread each, nothing waiting for the disk. A figure is the median of the rounds' medians, in parentheses the least "
        "and the greatest of them. Ratios are formed within a round, and are what to look at: absolute figures are those of this machine. Peers are driven from Python and pay a few microseconds a call for "
        "it, as somebody who logs from Python does.",
        "", "## What an event costs as they become more", "",
    ]
    counts = sorted({count for _, _, count in growth}, key=int)
    rows = []
    for title, label in dict.fromkeys((title, label) for title, label, _ in growth):
        cells = [growth.get((title, label, count)) for count in counts]
        medians = [cell.median for cell in cells if cell and cell.values]
        rows.append([f"{title}, {label}"] + [cell.text() if cell else "–" for cell in cells]
                    + [f"× {medians[-1] / medians[0]:.2f}" if len(medians) > 1 else "–"])
    lines += table(["a call"] + [f"after {int(count):,}" for count in counts] + ["growth"], rows)
    lines += ["", "## Memory, disk and commands", ""]
    lines += table(["figure", "Drumlin"], [[name, figure.text()] for name, figure in alone.items()])
    lines += ["", "## Beside others", "", "Above 1 Drumlin needs less.", ""]
    lines += table(
        ["figure", "Drumlin", "peer", "the peer's", "ratio"],
        [[name, mine.text(), peer, theirs.text(), compare.number(figures[f"{name} / {peer}"]["ratio"])]
         for (name, peer), (mine, theirs) in pairs.items()])
    if arguments.storage:
        lines += storage_section(arguments.storage)
    lines += ["", "## Against the last release", ""]
    if release is None:
        lines.append("There is none to compare with.")
        return lines, []
    worse = regressions(figures, release)
    same = release["machine"]["cpu"] == machine["cpu"] and release["machine"]["cores"] == machine["cores"]
    lines.append(f"Release {release['version']}, on " + ("this machine." if same else "another machine: only ratios and sizes are of use."))
    if worse:
        lines += [""] + table(
            ["worse than it was", "then", "now"],
            [[name, f"{compare.number(then['median'])} {then['unit']}", f"{compare.number(now['median'])} {now['unit']}"]
             for name, then, now in worse])
    else:
        lines.append(f"None of {sum(name in release['figures'] for name in figures)} figures is worse than it was.")
    return lines, worse


def main():
    parser = argparse.ArgumentParser(description="One page of a benchmark's rounds.")
    parser.add_argument("rounds", nargs="+", help="what compare.py --output wrote, once a round")
    parser.add_argument("--storage", help="what storage.py --output wrote")
    parser.add_argument("--release", help="the figures of the release to compare with")
    parser.add_argument("--version", default="of this revision")
    parser.add_argument("--revision", default="unknown")
    parser.add_argument("--output", required=True, help="folder for bench.md and bench.json")
    arguments = parser.parse_args()
    rounds = []
    for path in arguments.rounds:
        with open(path) as file:
            rounds.append(json.load(file))
    release = None
    if arguments.release and os.path.exists(arguments.release):
        with open(arguments.release) as file:
            release = json.load(file)
    parts = collect(rounds)
    figures = named(*parts)
    lines, worse = page(arguments, rounds, parts, figures, release)
    text = "\n".join(lines) + "\n"
    os.makedirs(arguments.output, exist_ok=True)
    with open(os.path.join(arguments.output, "bench.md"), "w") as file:
        file.write(text)
    with open(os.path.join(arguments.output, "bench.json"), "w") as file:
        json.dump({"version": arguments.version, "revision": arguments.revision, "machine": rounds[0]["machine"],
                   "versions": rounds[0]["versions"], "rounds": len(rounds), "figures": figures}, file, indent=1)
    print(text, end="")
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
