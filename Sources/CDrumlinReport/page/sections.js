// The parts of a task's page. Each takes the task's data and returns a section, or null where there is nothing to show.

const NAMES = {_prediction: "prediction", _label: "label"};
const nameOf = column => NAMES[column] || column;
const marksOf = (alerts, test) => (alerts || []).filter(test).map(a => ({
  from: a.start, to: a.left, text: a.message, style: a.kind === "volume" || a.kind === "metric" ? "alert" : "alert",
}));
const isDrift = alert => !["volume", "nulls", "nans", "level", "value", "metric", "violations"].includes(alert.kind);

function section(id, title, note, ...children) {
  return el("section", {id, "aria-labelledby": id + "-title"}, el("h2", {id: id + "-title"}, title),
    note ? el("p.note", null, note) : null, ...children);
}

// MARK: Overview

function facts(pairs) {
  return el("dl.facts", null, pairs.filter(Boolean).map(([name, value, note]) =>
    el("div", null, el("dt", null, name), el(value.length > 13 ? "dd.long" : "dd", null, value, note ? el("small", null, " " + note) : null))));
}

function overview(task, data) {
  const c = task.counts;
  const cumulative = task.series.filter(s => s.window === "cumulative" && !s.slice);
  const labeled = cumulative.length ? cumulative[0].num_labeled[0] : null;
  const all = cumulative.length ? labeled + cumulative[0].num_unlabeled[0] : null;
  const trouble = [];
  if (c.pending) trouble.push(`${count(c.pending)} labels wait for a prediction that has not come`);
  if (c.dropped) trouble.push(`${count(c.dropped)} events were dropped because memory was full`);
  if (c.refused) trouble.push(`${count(c.refused)} events were refused`);
  if (c.expired) trouble.push(`${count(c.expired)} labels came for predictions that are gone`);
  const wrong = data.storage.damages.concat(data.storage.failures, task.failures);
  const version = task.versions.length ? task.versions[task.versions.length - 1] : null;
  const open = task.alerts.filter(a => a.left === null);
  const about = Array.from(new Set(open.map(a => a.subject === null ? "number of predictions" : short(nameOf(a.subject), 30))));
  return section("overview", "Overview", null,
    facts([
      ["Predictions", count(c.predictions), c.late ? `${count(c.late)} late` : null],
      ["Labels", all ? percent(labeled / all) + " in" : count(c.labels), c.corrections ? `${count(c.corrections)} corrected` : null],
      ["From (UTC)", isNumber(task.from) ? day(task.from) : "–"],
      ["To", isNumber(task.to) ? day(task.to) : "–"],
      ["Model", version === null ? "no reference" : "version " + short(version), task.versions.length > 1 ? `of ${task.versions.length}` : null],
      ["Reference", task.reference_rows ? count(task.reference_rows) + " rows" : "none",
        task.reference_role === "training" ? "the model was trained on them: estimates are too good" : null],
      ["Estimates by", task.reference_rows ? task.estimator : "–"],
      ["Alerts", count(task.alerts.length), open.length ? `${count(open.length)} on: ${about.slice(0, 3).join(", ")}${about.length > 3 ? ", …" : ""}` : null],
    ]),
    cumulative.length ? el("div.now", null, el("h3", null, "All of the time together"), facts(cumulative.map(s => {
      const ci = isNumber(s.low[0]) && s.num_unlabeled[0] > 0 ? `${number(s.low[0])} to ${number(s.high[0])}` : null;
      const reference = isNumber(s.reference) ? `reference ${number(s.reference)}` : null;
      return [s.metric, number(s.value[0]), [ci, reference].filter(Boolean).join("; ")];
    }))) : null,
    wrong.length ? el("div.warning", {role: "note"}, el("b", null, "Not all is well with the store:"), el("ul", null, wrong.slice(0, 20).map(w => el("li", null, short(w, 300))))) : null,
    trouble.length ? el("ul.plain", null, trouble.map(t => el("li", null, t))) : null);
}

function findings(task) {
  const list = task.findings;
  const note = list.length
    ? "In the order of time. “Show” zooms all charts to the time around it."
    : "Nothing stands out: no alerts, labels as estimated, features as in the reference.";
  return section("findings", "What to look at first", note, el("ol.findings", null, list.map(f => el("li." + f.kind, null,
    el("div.when", null, el("time", {datetime: day(f.at)}, time(f.at)),
      el("button", {type: "button", "aria-label": "Show the time around " + f.title, onclick: () => showAround(task, f)}, "Show")),
    el("div", null, el("h3", null, short(f.title, 160)), el("p", null, clean(f.text)))))));
}

function showAround(task, finding) {
  const size = task.columns ? task.columns.size : DAY;
  view.zoom(finding.at - 21 * size, finding.at + 22 * size);
  if (task.columns) {
    const starts = task.columns.start;
    const place = Math.max(0, lowerBound(starts, finding.at + 1) - 1);
    if (starts.length) view.select(starts[Math.min(place + (finding.kind === "moved" ? 7 : 0), starts.length - 1)]);
  }
  const targets = {disagreement: "metrics", moved: "columns", violations: "checks"};
  const id = finding.kind === "alert" ? (finding.subject === null ? "volume" : "columns") : targets[finding.kind];
  const target = document.getElementById(id);
  if (!target) return;
  const column = finding.kind === "alert" && finding.subject !== null
    ? Array.from(target.querySelectorAll("[data-column]")).find(n => n.dataset.column === finding.subject) : null;
  if (column && column.closest("details")) column.closest("details").open = true;
  (column || target).scrollIntoView({block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"});
  const heading = (column || target).querySelector("h2, h3");
  if (heading) { heading.tabIndex = -1; heading.focus({preventScroll: true}); }
}

// MARK: Metrics

function metrics(task) {
  const timed = task.series.filter(s => s.size && s.start.length > 0 && s.window !== "cumulative" && !s.window.startsWith("trailing:"));
  const single = task.series.filter(s => !timed.includes(s) && s.window !== "cumulative");
  if (!timed.length && !single.length) return null;
  const unique = list => Array.from(new Set(list));
  const windows = unique(timed.map(s => s.window)), slices = unique(timed.map(s => s.slice)), names = unique(timed.map(s => s.metric));
  const sizes = new Map(timed.map(s => [s.window, s]));
  // Many windows, but not more than one can tell apart.
  const best = windows.slice().sort((a, b) => {
    const score = w => { const n = sizes.get(w).count; return n > 400 ? 400 / n : n / 400; };
    return score(b) - score(a);
  })[0];
  const choice = {window: best, slice: slices.includes(null) ? null : slices[0], metric: names.length > 8 ? names[0] : ""};
  const body = el("div");
  const drawn = [];
  function fill() {
    for (const chart of drawn.splice(0)) { view.charts.delete(chart); seen.unobserve(chart.host); sized.unobserve(chart.host); }
    const shown = names.filter(n => !choice.metric || n === choice.metric);
    body.replaceChildren(...shown.map(name => {
      const own = timed.filter(s => s.metric === name);
      const series = own.find(s => s.window === choice.window && s.slice === choice.slice)
        || own.find(s => s.slice === choice.slice) || own[0];
      const node = metric(task, series);
      for (const host of node.querySelectorAll(".chart")) drawn.push(host.chart);
      return node;
    }));
    redraw();
  }
  const select = (label, key, options) => options.length < 2 ? null : el("label", null, label + " ",
    el("select", {onchange: event => { choice[key] = options[event.target.selectedIndex][0]; fill(); }},
      options.map(([value, text]) => el("option", {selected: value === choice[key]}, short(text)))));
  const controls = [
    select("Window", "window", windows.map(w => [w, `${w} (${count(sizes.get(w).count)} windows)`])),
    select("Segment", "slice", slices.map(s => [s, s === null ? "all predictions" : s])),
    names.length < 2 ? null : select("Metric", "metric", [["", "all of them"]].concat(names.map(n => [n, n]))),
  ].filter(Boolean);
  fill();
  const latest = single.length ? facts(single.map(s => [s.metric + ", " + s.window, number(s.value[0]),
    isNumber(s.low[0]) ? `${number(s.low[0])} to ${number(s.high[0])}` : null])) : null;
  return section("metrics", "Metrics over time",
    "What the labels say now, and what was estimated for predictions without a label when their window closed. Where the labels leave the band, what follows from the features is no longer what it was in the reference, or labels are recorded otherwise; if they are not, believe the labels.",
    controls.length ? el("div.controls", null, controls) : null, latest, body);
}

function metric(task, s) {
  const hasThen = Boolean(s.then_value);
  const open = s.num_unlabeled.map((n, i) => n > 0 ? s.value[i] : null);
  const lines = [];
  if (hasThen) lines.push({name: "estimate for those without a label, at the close", values: s.then_estimate, style: "estimate", dots: false});
  else if (s.estimate.some(isNumber)) lines.push({name: "estimate for those without a label", values: s.estimate, style: "estimate", dots: false});
  if (open.some(isNumber)) lines.push({name: "labels and estimate together, now", values: open, style: "blend", dots: false});
  lines.push({name: "labels that are in now", values: s.labeled, style: "labels"});
  const band = hasThen && s.then_low.some(isNumber)
    ? {name: "95 % interval for all, at the close", low: s.then_low, high: s.then_high, style: "estimate"}
    : s.low.some(isNumber) ? {name: "95 % interval for all", low: s.low, high: s.high, style: "estimate"} : null;
  const total = s.num_labeled.map((n, i) => n + s.num_unlabeled[i]);
  const share = s.num_labeled.map((n, i) => total[i] ? n / total[i] : null);
  const extras = [
    {name: "labels in now", values: share, format: v => percent(v)},
    {name: "predictions", values: total, format: count},
    {name: "median delay of labels", values: s.delay, format: duration},
  ];
  if (s.effective.some(isNumber)) extras.push({name: "effective sample size", values: s.effective, format: v => number(v, 3)});
  if (s.unsupported.some(v => v > 0)) extras.push({name: "without support in the reference", values: s.unsupported, format: v => percent(v)});
  const marks = marksOf(task.alerts, a => a.kind === "metric" && a.subject === s.metric || a.subject === "_label" && !isDrift(a));
  const id = "metric-" + clean(s.metric) + "-" + s.window;
  const title = `${s.metric}${s.slice ? " of " + s.slice : ""}`;
  const items = lines.map(l => [l.style, l.name]);
  if (band) items.splice(1, 0, ["band", band.name]);
  if (isNumber(s.reference)) items.push(["level", "on the reference, " + number(s.reference)]);
  if (marks.length) items.push(["alert", "alert about the labels or the metric"]);
  const coverage = hasThen ? [{name: "labels in when the window closed", values: s.then_share, style: "estimate", dots: false}] : [];
  const columns = ["Window (UTC)", "Labels now", "Labels and estimate, now", "Estimate", "Low", "High", "Labels in", "Predictions"]
    .map((name, i) => ({name, number: i > 0}));
  return el("article", {"aria-label": id},
    el("h3", null, short(title), el("small", null, " · window " + s.window + (s.count > s.start.length ? `, ${count(s.start.length)} of ${count(s.count)} shown: the extremes are among them` : ""))),
    s.error ? el("p.warning", null, short(s.error, 200)) : null,
    legend(items),
    timeChart({label: `${clean(title)} by ${s.window}`, t: s.start, size: s.size, lines, band, marks, extras, height: 230,
      level: {name: "reference", value: s.reference}}),
    el("h4", null, "Share of predictions with a label, now" + (hasThen ? " and when the window closed (dashed)" : "")),
    timeChart({label: `Label coverage by ${s.window}`, t: s.start, size: s.size, height: 84, low: 0, high: 1, format: v => percent(v),
      lines: [...coverage, {name: "labels in now", values: share, style: "labels", dots: false}], marks: []}),
    tableBehind(`${clean(title)} by ${s.window}`, columns, () => s.start.map((t, i) => [
      span(t, s.size), number(s.labeled[i]), number(s.value[i]), number((hasThen ? s.then_estimate : s.estimate)[i]),
      number((hasThen ? s.then_low : s.low)[i]), number((hasThen ? s.then_high : s.high)[i]), percent(share[i]), count(total[i]),
    ])));
}

// MARK: Traffic and alerts

function volume(task) {
  const c = task.columns;
  if (!c) return null;
  const marks = marksOf(task.alerts, a => a.kind === "volume");
  return section("volume", "Predictions over time", `How many there are by ${c.window}.`,
    timeChart({label: "Predictions by " + c.window, t: c.start, size: c.size, height: 130, low: 0, format: count, lines: [],
      bars: {name: "predictions", values: c.rows, style: "volume"}, marks, selects: true}),
    tableBehind("Predictions by " + c.window, [{name: "Window (UTC)"}, {name: "Predictions", number: true}],
      () => c.start.map((t, i) => [span(t, c.size), count(c.rows[i])])));
}

function alerts(task) {
  const note = task.alerts_registered
    ? "By the rules that are registered." : "No rules are registered: these were judged for this report by the standard rules, which task.watch() or \"monitor\": true would register.";
  if (!task.alerts.length) return section("alerts", "Alerts", "None. " + note);
  const columns = [{name: "From (UTC)"}, {name: "Until"}, {name: "About"}, {name: "Kind"}, {name: "What was found", wrap: true}];
  const rows = task.alerts.slice().sort((a, b) => a.start - b.start).map(a => [
    time(a.start), a.left === null ? "it lasts" : time(a.left), a.subject === null ? "all" : short(nameOf(a.subject)), short(a.kind), short(a.message, 300)]);
  return section("alerts", "Alerts", note, lanes(task.alerts), tableOf("Alerts in the order of time", columns, rows));
}

// When which alert was on, a line for each thing that is watched.
function lanes(list) {
  const subjects = Array.from(new Set(list.map(a => a.subject))).slice(0, 40);
  const rows = subjects.map(subject => {
    const own = list.filter(a => a.subject === subject).map(a => ({from: a.start, to: a.left === null ? view.all[1] : a.left, text: a.kind + ": " + a.message, style: isDrift(a) ? "drift" : "alert"}));
    return {subject, own};
  });
  const host = el("div.lanes", {"aria-hidden": "true"});
  const chart = {host, width: 640, isVisible: false, isStale: true, draw() {
    chart.isStale = false;
    const width = chart.width, left = Math.min(150, width * 0.32), right = 12, [from, to] = view.shown;
    const height = rows.length * 22 + 24;
    const x = t => left + (Math.max(from, Math.min(to, t)) - from) / (to - from) * (width - left - right);
    const root = svg("svg", {viewBox: `0 0 ${width} ${height}`, width, height});
    for (const tick of timeTicks(from, to, (width - left - right) / 76)) {
      root.append(svg("line.grid.upright", {x1: x(tick.t), x2: x(tick.t), y1: 0, y2: height - 20}),
        svg("text.tick", {x: Math.min(x(tick.t), width - 18), y: height - 6, "text-anchor": "middle"}, tick.text));
    }
    rows.forEach((row, i) => {
      const y = i * 22 + 12;
      root.append(svg("text.tick.name", {x: left - 8, y: y + 4, "text-anchor": "end"}, row.subject === null ? "predictions" : short(nameOf(row.subject), Math.floor(left / 7))));
      root.append(svg("line.grid", {x1: left, x2: width - right, y1: y, y2: y}));
      for (const a of row.own) {
        if (a.to < from || a.from > to) continue;
        root.append(svg("rect.lane." + a.style, {x: x(a.from), y: y - 5, width: Math.max(4, x(a.to) - x(a.from)), height: 10, rx: 3}, svg("title", null, a.text)));
      }
    });
    host.replaceChildren(root);
  }};
  host.chart = chart;
  view.charts.add(chart);
  seen.observe(host);
  sized.observe(host);
  return host;
}

// MARK: Constraints

function checks(task) {
  if (!task.checks.length) return null;
  const sorted = task.checks.slice().sort((a, b) => b.violations - a.violations);
  const columns = [{name: "Constraint", wrap: true}, {name: "On"}, {name: "Checked", number: true}, {name: "Violations", number: true},
    {name: "Share", number: true}, {name: "First (UTC)"}, {name: "Last"}, {name: "Last value", wrap: true}];
  const rows = sorted.map(c => [short(c.constraint, 100), c.event, count(c.checked), count(c.violations),
    c.checked ? percent(c.violations / c.checked) : "–", c.violations ? time(c.first) : "", c.violations ? time(c.last) : "",
    c.violations ? (c.example === null ? "missing" : short(c.example)) : ""]);
  const bad = sorted.filter(c => c.violations > 0);
  const charts = !task.columns ? [] : bad.filter(c => c.counts.some(n => n > 0)).slice(0, 12).map(c => el("article", null,
    el("h3", null, short(c.constraint, 100), el("small", null, " · " + c.event)),
    timeChart({label: "Violations of " + clean(c.constraint), t: task.columns.start, size: task.columns.size, height: 100, low: 0, format: count, lines: [],
      bars: {name: "violations", values: c.counts, style: "bad"}, marks: marksOf(task.alerts, a => a.kind === "violations" && a.subject === c.constraint), selects: true}),
    tableBehind("Violations of " + short(c.constraint, 60), [{name: "Window (UTC)"}, {name: "Violations", number: true}],
      () => task.columns.start.map((t, i) => [span(t, task.columns.size), count(c.counts[i])]))));
  return section("checks", "Constraints", bad.length ? null : "No event violates any of them.", tableOf("Constraints", columns, rows), ...charts);
}

// MARK: Storage

function storage(data) {
  const s = data.storage;
  const total = s.tables.reduce((n, t) => n + t.bytes + t.index_bytes, 0);
  const columns = [{name: "Table"}, {name: "Rows", number: true}, {name: "Segments", number: true}, {name: "Bytes", number: true},
    {name: "Index", number: true}, {name: "Ratio", number: true}, {name: "Bytes a row", number: true}];
  const sealed = t => t.rows - t.log_rows;
  const rows = s.tables.map(t => [short(t.name), count(t.rows), count(t.segments), bytes(t.bytes), t.index_bytes ? bytes(t.index_bytes) : "–",
    t.bytes ? number(t.raw_bytes / t.bytes, 2) : "–", sealed(t) > 0 && t.bytes ? number(t.bytes / sealed(t), 3) : "–"]);
  const each = s.tables.flatMap(t => t.columns.filter(c => c.bytes > 0).map(c => [t.name, c, t]));
  each.sort((a, b) => b[1].bytes - a[1].bytes);
  return section("storage", "Storage",
    `${bytes(total)} in tables and indexes, ${bytes(s.log_bytes)} in the log. The ratio is that of the values without encoding to what they take.`,
    tableOf("Tables", columns, rows),
    tableBehind("Columns by what they take",
      [{name: "Column"}, {name: "Type"}, {name: "Encoding"}, {name: "Bytes", number: true}, {name: "Ratio", number: true}],
      () => each.map(([table, c]) => [short(table + "." + c.name), c.type, c.encoding || "–", bytes(c.bytes), number(c.raw_bytes / c.bytes, 2)])));
}
