#!/usr/bin/env python3
"""Opens pages of `drumlin report` in a headless Chromium, as people would use them.

    report.py --drumlin PROGRAM [--store STORE] [--pictures FOLDER]

Without --store it makes two stores of its own: the example of the README, and one with ten thousand windows, hostile names
and missing values. Ends with 0 where there is no Chromium, and says so. CHROMIUM names one that is not on the path.
"""

import argparse
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import browser

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SIZES = [(1280, 900), (390, 844)]
SCHEMES = ["light", "dark"]
PAINT_LIMIT = 1_000  # ms
SIZE_LIMIT = 2_000_000
HOSTILE = ["</script><script>window.taken=1</script>", "\"><img src=x onerror=\"window.taken=1\">", "a\u202egnp.exe",
           "<b>&amp;'`${window.taken=1}", "tab\tand \u0007 bell"]

passed, failed = 0, 0


def check(condition, what):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print("FAILED  " + what, flush=True)


# --- stores

def quickstart(program, folder):
    example = os.path.join(ROOT, "Examples", "Quickstart")
    store = os.path.join(folder, "quickstart.drumlin")
    files = [os.path.join(example, name) for name in ("task.json", "reference.csv", "predictions.csv", "labels.csv")]
    run(program, "replay", store, "--spec", files[0], "--reference", files[1], "--predictions", files[2], "--labels", files[3])
    return store


def hostile(program, folder, windows=10_000):
    """Ten thousand minutes with one to three predictions each; what happens changes in the middle."""
    import csv
    import json
    import random
    chance = random.Random(7)
    names = HOSTILE[:3] + ["plain"]
    store = os.path.join(folder, "hostile.drumlin")

    def row(moved):
        value = chance.gauss(3 if moved else 0, 1)
        score = min(0.999, max(0.001, 0.5 + 0.2 * value))
        label = int(chance.random() < (1 - score if moved else score))
        return [value, chance.choice(HOSTILE[:2] if moved else HOSTILE), "" if chance.random() < (0.5 if moved else 0.1) else value * 2,
                chance.randrange(5)], score, label

    def write(name, header, rows):
        with open(os.path.join(folder, name), "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)

    reference = [row(False) for _ in range(3_000)]
    write("r.csv", ["score", "label"] + names, [[s, l] + f for f, s, l in reference])
    predictions, labels, number = [], [], 0
    start = 1_704_067_200
    for minute in range(windows):
        for _ in range(1 + minute % 3):
            features, score, label = row(windows // 2 <= minute < windows * 3 // 4)
            at = start + minute * 60 + 10 * (number % 6)
            predictions.append([f"<i>{number}</i>", at * 1_000_000, score] + features)
            if number % 4:
                labels.append([f"<i>{number}</i>", (at + 3_600) * 1_000_000, label])
            number += 1
    labels.sort(key=lambda label: label[1])
    write("p.csv", ["id", "at", "score"] + names, predictions)
    write("l.csv", ["id", "at", "label"], labels)
    with open(os.path.join(folder, "t.json"), "w", encoding="utf-8") as file:
        json.dump({
            "name": "hostile", "kind": "binary", "columns": {"id": "id", "time": "at", "score": "score", "label": "label"},
            "features": {names[0]: "float64", names[1]: "category", names[2]: "float32", "plain": "int8"},
            "metrics": [{"name": "accuracy", "windows": ["1m", "1h", "cumulative"]}, {"name": "f1", "windows": ["1h"]}],
            "constraints": [{"column": names[0], "max": 2}, {"column": names[1], "one_of": HOSTILE[:3]}],
            "segments": ["plain", [names[1]]]}, file)
    run(program, "replay", store, "--spec", os.path.join(folder, "t.json"), *sum(
        [["--" + option, os.path.join(folder, file)] for option, file in
         (("reference", "r.csv"), ("predictions", "p.csv"), ("labels", "l.csv"))], []))
    return store


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


# --- what a page has to do

CONTRAST = """(() => {
  const probe = document.createElement("i"); document.body.append(probe);
  const rgb = name => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map(Number); };
  const light = c => { const [r, g, b] = c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(rgb(a)), light(rgb(b))].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const bad = [];
  for (const back of ["paper", "card"]) {
    for (const text of ["ink", "soft", "labels", "estimate", "blend", "good", "bad", "warn", "alert", "rank0", "rank1", "rank2", "rank3", "rank4", "rank5"])
      if (ratio(text, back) < 4.5) bad.push(`${text} on ${back}: ${ratio(text, back).toFixed(2)}`);
  }
  for (const mark of ["drift", "focus"]) if (ratio(mark, "paper") < 3) bad.push(`${mark}: ${ratio(mark, "paper").toFixed(2)}`);
  probe.remove();
  return bad;
})()"""

# Charts without a table in the same article or section, and tables that are empty when opened.
TABLES = """(async () => {
  const bad = [];
  for (const chart of document.querySelectorAll(".chart, .histogram, .lanes")) {
    const home = chart.closest("details .overtime, article:not(.multiple), section");
    if (!home.querySelector("details.table, table")) bad.push("no table behind " + (chart.getAttribute("aria-label") || chart.getAttribute("class")));
  }
  for (const details of document.querySelectorAll("details")) details.open = true;
  await new Promise(r => setTimeout(r, 300));
  for (const details of document.querySelectorAll("details")) details.open = true;
  await new Promise(r => setTimeout(r, 300));
  for (const details of document.querySelectorAll("details.table")) {
    if (!details.querySelector("tbody tr") || !details.querySelector("caption") || !details.querySelector("th[scope=col]")) bad.push("empty: " + details.textContent.slice(0, 60));
  }
  for (const details of document.querySelectorAll("details")) details.open = false;
  return bad;
})()"""

NAMELESS = """Array.from(document.querySelectorAll("button, select, input, a[href], [tabindex='0']")).filter(n => {
  const label = n.closest("label");
  return !(n.getAttribute("aria-label") || n.textContent.trim() || (label && label.textContent.trim()));
}).map(n => n.outerHTML.slice(0, 80))"""


def looks(page, name, width):
    check(page.faults() == [], f"{name}: {page.faults()[:3]}")
    overflow = page.run("document.documentElement.scrollWidth")
    check(overflow <= width, f"{name}: {overflow} px wide on a screen of {width}")
    check(page.run("window.taken === undefined"), f"{name}: text of the data was run")
    bad = page.run(CONTRAST)
    check(bad == [], f"{name}: too little contrast: {bad}")
    # Text may not lie on other text: headings of the sections one below the other.
    tops = page.run("Array.from(document.querySelectorAll('section')).map(s => s.getBoundingClientRect()).map(r => [r.top, r.bottom])")
    check(all(a[1] <= b[0] + 1 for a, b in zip(tops, tops[1:])), f"{name}: sections overlap")
    page.run("document.querySelector('#metrics .chart').scrollIntoView({block: 'center', behavior: 'instant'}); 0")
    page.settle()
    check(page.run("document.querySelectorAll('#metrics .chart svg path.line').length > 0"), f"{name}: no line is drawn")


def works(page, name):
    bad = page.run(TABLES)
    check(bad == [], f"{name}: {bad[:3]}")
    check(page.run(NAMELESS) == [], f"{name}: controls without a name: {page.run(NAMELESS)[:3]}")
    check(page.run("Array.from(document.querySelectorAll('[id]')).every((n, i, all) => all.findIndex(m => m.id === n.id) === i)"),
          f"{name}: an id twice")

    # Every control is reached with the tabulator, in the order of the page.
    page.run("document.activeElement.blur(); scrollTo(0, 0); window.reached = new Set();"
             "addEventListener('focusin', e => reached.add(e.target)); 0")
    wanted = ("Array.from(document.querySelectorAll('a[href], button, select, input, .chart, summary, .scroll'))"
              ".filter(n => !n.disabled && !n.hidden && n.checkVisibility())")
    for _ in range(page.run(wanted + ".length") + 5):
        page.key("Tab")
    missed = page.run(wanted + ".filter(n => !reached.has(n)).map(n => n.outerHTML.slice(0, 90))")
    check(missed == [], f"{name}: not reached with the keyboard: {missed[:4]}")

    # With the keys: values, zoom, selection.
    page.run("document.querySelector('#volume .chart').focus(); 0")
    before = page.run("view.shown[1] - view.shown[0]")
    page.key("ArrowRight")
    page.settle()
    said = page.run("document.getElementById('live').textContent")
    check("predictions" in said, f"{name}: the arrow keys say '{said}'")
    check(page.run("!document.querySelector('#volume .tip').hidden"), f"{name}: the keys show no value")
    page.key("+", "Equal", "+")
    page.settle()
    check(page.run("view.shown[1] - view.shown[0]") < before * 0.6, f"{name}: plus does not zoom")
    page.key("Home")
    page.key("Enter")
    page.settle()
    check(page.run("view.selected === data.tasks[0].columns.start[0]"), f"{name}: Enter does not select the first window")
    page.key("Escape")
    page.settle()
    check(page.run("view.shown[1] - view.shown[0]") == before, f"{name}: Escape does not show all")

    # With the mouse: values, zoom by dragging, all again.
    page.run("document.querySelector('#metrics .chart').scrollIntoView({block: 'center', behavior: 'instant'}); 0")
    page.settle()
    left, top, width, height = page.run(
        "(() => { const r = document.querySelector('#metrics .chart').getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()")
    y = top + height / 2
    page.mouse("mouseMoved", left + width * 0.5, y)
    page.settle()
    check(page.run("!document.querySelector('#metrics .tip').hidden && document.querySelector('#metrics .tip dd') !== null"),
          f"{name}: nothing shows under the mouse")
    page.mouse("mousePressed", left + width * 0.5, y, buttons=1)
    for part in (0.55, 0.6, 0.65, 0.7):
        page.mouse("mouseMoved", left + width * part, y, buttons=1)
    page.mouse("mouseReleased", left + width * 0.7, y)
    page.settle()
    ratio = page.run("view.shown[1] - view.shown[0]") / before
    check(0.15 < ratio < 0.3, f"{name}: dragging a fifth zooms to {ratio:.2f}")
    check(page.run("Array.from(document.querySelectorAll('[data-reset]')).every(b => !b.disabled)"), f"{name}: no way back")
    page.run("document.querySelector('[data-reset]').click(); 0")
    page.settle()
    check(page.run("view.shown[1] - view.shown[0]") == before, f"{name}: Show all does not")

    # Windows, slices and findings can be chosen.
    for place in range(page.run("document.querySelectorAll('#metrics select').length")):
        count = page.run(f"document.querySelectorAll('#metrics select')[{place}].options.length")
        for option in range(min(count, 4)):
            page.run(f"(() => {{ const s = document.querySelectorAll('#metrics select')[{place}]; s.selectedIndex = {option};"
                     "s.dispatchEvent(new Event('change')); })()")
            page.settle()
        check(page.run("document.querySelectorAll('#metrics .chart').length > 0"), f"{name}: select {place} leaves no chart")
    for place in range(page.run("document.querySelectorAll('.findings button').length")):
        page.run(f"document.querySelectorAll('.findings button')[{place}].click()")
        page.settle()
    page.run("view.reset(); document.querySelector('.picker button').click(); 0")
    page.settle()
    check(page.faults() == [], f"{name}: {page.faults()[:3]}")
    pdf = page.call("Page.printToPDF", printBackground=True, timeout=120)["data"]
    check(len(pdf) > 20_000, f"{name}: nothing is printed")


def speed(page, name, html):
    """The best of three first paints, in ms, and how long a redraw of all that is in view takes."""
    paints = []
    for _ in range(3):
        page.open("file://" + html)
        paints.append(page.run("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    redraw = page.run("(async () => { let t = 0; for (let i = 0; i < 10; i++) { const a = performance.now();"
                      "for (const c of view.charts) if (c.isVisible) c.draw(); t += performance.now() - a; } return t / 10; })()")
    everything = page.run("(() => { const a = performance.now(); for (const c of view.charts) c.draw(); return performance.now() - a; })()")
    print(f"{name}: {os.path.getsize(html):,} bytes, first paint {min(paints):.0f} ms, "
          f"a redraw {redraw:.1f} ms, of all {everything:.0f} ms", flush=True)
    check(min(paints) <= PAINT_LIMIT or os.environ.get("CI"), f"{name}: the first paint takes {min(paints):.0f} ms")


def inspect(chromium, program, store, pictures):
    name = os.path.basename(store)
    with tempfile.TemporaryDirectory() as folder, browser.Browser(chromium) as session:
        html = os.path.join(folder, "report.html")
        before = sorted(os.walk(store))
        run(program, "report", store, "-o", html)
        check(sorted(os.walk(store)) == before, f"{name}: the report left something in the store")
        check(os.path.getsize(html) <= SIZE_LIMIT, f"{name}: {os.path.getsize(html):,} bytes")
        for width, height in SIZES:
            for scheme in SCHEMES:
                page = session.page(width, height, scheme)
                page.open("file://" + html)
                what = f"{name} {width} {scheme}"
                looks(page, what, width)
                if pictures:
                    full = page.run("document.documentElement.scrollHeight")
                    page.call("Emulation.setDeviceMetricsOverride", width=width, height=full + 40, deviceScaleFactor=1, mobile=False)
                    page.settle()
                    page.screenshot(os.path.join(pictures, what.replace(" ", "-") + ".png"))
                    page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
                    page.settle()
                if scheme == "light":
                    works(page, what)
                page.close()
        page = session.page(*SIZES[0])
        speed(page, name, html)
        page.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--drumlin", required=True)
    parser.add_argument("--store", action="append", default=[])
    parser.add_argument("--pictures")
    options = parser.parse_args()
    chromium = browser.find()
    if not chromium:
        print("skipped: no Chromium is here to look at pages of drumlin report (apt-get install chromium)")
        return 0
    if options.pictures:
        os.makedirs(options.pictures, exist_ok=True)
    program = os.path.abspath(options.drumlin)
    with tempfile.TemporaryDirectory() as folder:
        for store in options.store or [quickstart(program, folder), hostile(program, folder)]:
            inspect(chromium, program, os.path.abspath(store), options.pictures)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
