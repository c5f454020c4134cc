// Columns and buckets beside the reference, for the window that is selected.

// The bar for all other values is left out where there are none.
function withoutOthers(column) {
  if (!column.bars || !(column.bars.values || column.bars.texts)) return;
  const n = column.reference.length - 1;
  if (column.reference[n] > 0 || column.counts.some(c => c[n] > 0)) return;
  column.bars.isWhole = true;
  column.reference = column.reference.slice(0, n);
  column.counts = column.counts.map(c => c.slice(0, n));
}

// The text of each bar.
function barNames(bars) {
  if (bars.texts) return bars.texts.map(t => short(t, 30)).concat(bars.isWhole ? [] : "others");
  if (bars.values) return bars.values.map(v => number(v, 6)).concat(bars.isWhole ? [] : "others");
  return Array.from({length: bars.count}, (_, i) => {
    const low = bars.from + i * bars.width;
    return i === bars.count - 1 ? `${number(low)} and more` : (i === 0 ? "up to " : `${number(low)} to `) + number(low + bars.width);
  });
}
function shares(counts) {
  const sum = counts ? counts.reduce((a, b) => a + b, 0) : 0;
  return sum > 0 ? counts.map(n => n / sum) : null;
}

// Bars of the window before an outline of the reference.
function histogram(names, reference, now, ends) {
  const width = 240, height = 86, base = height - 14, n = names.length;
  const top = Math.max(0.001, ...(reference || []), ...(now || []));
  const bar = width / n;
  const y = v => base - v / top * (base - 4);
  const root = svg("svg.histogram", {viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false", preserveAspectRatio: "none"});
  let outline = `M0 ${base}`;
  names.forEach((name, i) => {
    const mine = now ? now[i] : 0, other = reference ? reference[i] : 0;
    const group = svg("g", null, svg("title", null, `${name}: ${percent(mine)} now, ${percent(other)} in the reference`),
      svg("rect.hit", {x: i * bar, y: 0, width: bar, height: base}));
    if (mine > 0) group.append(svg("rect.bar", {x: i * bar + bar * 0.08, y: y(mine), width: bar * 0.84, height: base - y(mine)}));
    root.append(group);
    outline += `L${(i * bar).toFixed(1)} ${y(other).toFixed(1)}L${((i + 1) * bar).toFixed(1)} ${y(other).toFixed(1)}`;
  });
  if (reference) root.append(svg("path.outline", {d: outline + `L${width} ${base}`}));
  root.append(svg("line.axis", {x1: 0, x2: width, y1: base, y2: base}));
  const each = n <= 7 && names.every(name => name.length <= 6);
  return el("div.bars", null, root, el(each ? "div.ends.each" : "div.ends", {"aria-hidden": "true"},
    (each ? names : ends).map(text => el("span", null, text))));
}
function endsOf(bars) {
  if (bars.values) return [number(bars.values[0], 6), number(bars.values[bars.values.length - 1], 6)];
  if (bars.texts) return [short(bars.texts[0] || "", 18), bars.isWhole ? short(bars.texts[bars.texts.length - 1] || "", 18) : "others"];
  return [number(bars.from), number(bars.from + bars.width * (bars.count - 1)) + " +"];
}

// The bar whose share has changed most, in words.
function greatest(names, reference, now) {
  if (!reference || !now) return "";
  let place = 0;
  now.forEach((v, i) => { if (Math.abs(v - reference[i]) > Math.abs(now[place] - reference[place])) place = i; });
  return `${names[place]}: ${percent(now[place])}, reference ${percent(reference[place])}`;
}

function windowPicker(c, onPick) {
  const starts = c.start;
  const label = el("output.window", {"aria-live": "polite"});
  const range = el("input", {type: "range", min: 0, max: starts.length - 1, step: 1, "aria-label": "Window that is shown beside the reference",
    oninput: () => view.select(starts[Number(range.value)])});
  const step = by => () => {
    const place = Math.max(0, Math.min(starts.length - 1, Number(range.value) + by));
    view.select(starts[place]);
  };
  view.onSelect.add(t => {
    const place = nearest(starts, t);
    range.value = String(place);
    label.textContent = span(starts[place], c.size) + " · " + count(c.rows[place]) + " predictions";
    range.setAttribute("aria-valuetext", label.textContent);
    onPick(place);
  });
  return el("div.controls.picker", null, el("button", {type: "button", onclick: step(-1), "aria-label": "Window before"}, "‹"), range,
    el("button", {type: "button", onclick: step(1), "aria-label": "Next window"}, "›"), label);
}

function columns(task) {
  const c = task.columns;
  if (!c || !c.columns.length) return null;
  const body = el("div.multiples");
  const updates = [];
  const ranked = c.columns;
  // What people look for first: features that moved, then the others.
  const order = ranked.slice().sort((a, b) => b.drifted - a.drifted || b.movement - a.movement);
  for (const column of order) {
    withoutOthers(column);
    const note = el("p.change");
    const place = el("div");
    const state = column.drifted ? `${column.drifted} of ${column.compared} windows beyond the limit` : column.compared ? "within its limit throughout" : "not compared";
    const names = column.bars ? barNames(column.bars) : null;
    const reference = column.bars ? shares(column.reference) : null;
    updates.push(i => {
      const now = column.bars ? shares(column.counts[i]) : null;
      const moved = isNumber(column.distance[i]) ? `PSI ${number(column.distance[i], 2)}, limit ${number(column.limit[i], 2)}` : "not compared in this window";
      const above = isNumber(column.distance[i]) && column.distance[i] > column.limit[i];
      note.replaceChildren(el(above ? "b" : "span", null, moved), names ? ". " + greatest(names, reference, now) : "");
      place.replaceChildren(names ? histogram(names, reference, now, endsOf(column.bars)) : el("p.note", null, "no distribution of this type"));
    });
    const summary = el("article.multiple" + (column.drifted ? ".moved" : ""), {"data-column": column.name},
      el("h3", null, short(nameOf(column.name), 32), el("small", null, column.kind === "feature" ? "" : " · " + column.kind)), place, note, el("p.state", null, state));
    const detail = el("details", null, el("summary", null, "Over time"));
    let isMade = false;
    detail.addEventListener("toggle", () => {
      if (!detail.open || isMade) return;
      isMade = true;
      detail.append(columnOverTime(task, column));
      redraw();
    });
    summary.append(detail);
    body.append(summary);
  }
  const picker = windowPicker(c, i => { for (const update of updates) update(i); });
  const moved = order.filter(x => x.drifted);
  const missing = ranked.filter(x => x.missing.some(v => v > 0));
  const others = ranked.some(x => x.compared_with && x.compared_with.endsWith("windows before"));
  return section("columns", "Features and other columns",
    `Bars are the selected window, the outline is the reference${others ? " (where it lacks the column, the first windows)" : ""}. PSI is the population stability index, by ${c.window}; its limit is what parts of the reference differ by among themselves, at least 0.1. Those that moved most come first.`
      + (c.count > c.start.length ? ` The newest ${count(c.start.length)} of ${count(c.count)} windows are shown.` : ""),
    ranking(task, moved.length ? moved : order.slice(0, 5)), picker, body, missing.length ? missingShares(task, missing) : null,
    tableBehind("Columns, the one that moved most first",
      [{name: "Column"}, {name: "Kind"}, {name: "Windows beyond the limit", number: true}, {name: "Compared", number: true}, {name: "Mean distance in limits", number: true},
        {name: "Moved from (UTC)"}, {name: "Mean, reference", number: true}, {name: "Mean, last", number: true}, {name: "Compared with"}],
      () => order.map(x => [short(nameOf(x.name)), x.kind, count(x.drifted), count(x.compared), number(x.movement, 3),
        x.moved_from === null ? "" : time(c.start[x.moved_from]), number(x.reference_mean), number(x.mean.filter(isNumber).pop()), x.compared_with || "–"])));
}

// How far the columns that moved were from the reference, one line each.
function ranking(task, list) {
  const c = task.columns;
  const shown = list.slice(0, 6);
  const lines = shown.map((column, i) => ({name: nameOf(column.name), style: "rank" + i, dots: false,
    values: column.distance.map((d, j) => isNumber(d) && column.limit[j] > 0 ? d / column.limit[j] : null)}));
  return el("article", null, el("h3", null, "Distance from the reference, in limits"),
    legend(lines.map(l => [l.style, short(l.name, 32)]).concat([["level", "the limit"]])),
    timeChart({label: "Distance from the reference in limits", t: c.start, size: c.size, lines, low: 0, height: 180, format: v => number(v, 3),
      level: {name: "limit", value: 1}, marks: marksOf(task.alerts, a => isDrift(a) || a.kind === "value" || a.kind === "nulls"), selects: true}),
    tableBehind("Distance from the reference in limits", [{name: "Window (UTC)"}].concat(lines.map(l => ({name: l.name, number: true}))),
      () => c.start.map((t, i) => [span(t, c.size), ...lines.map(l => number(l.values[i], 3))])));
}

function columnOverTime(task, column) {
  const c = task.columns;
  const marks = marksOf(task.alerts, a => a.subject === column.name);
  const parts = [];
  if (column.distance.some(isNumber)) {
    parts.push(el("h4", null, "PSI and its limit"), timeChart({label: "PSI of " + clean(column.name), t: c.start, size: c.size, height: 110, low: 0, marks, selects: true,
      lines: [{name: "limit", values: column.limit, style: "limit", dots: false}, {name: "PSI", values: column.distance, style: "labels", dots: false}]}));
  }
  if (column.mean.some(isNumber)) {
    parts.push(el("h4", null, "Mean"), timeChart({label: "Mean of " + clean(column.name), t: c.start, size: c.size, height: 90, marks: [], selects: true,
      level: {name: "reference", value: column.reference_mean}, lines: [{name: "mean", values: column.mean, style: "labels", dots: false}]}));
  }
  parts.push(tableBehind(clean(nameOf(column.name)) + " by " + c.window,
    [{name: "Window (UTC)"}, {name: "PSI", number: true}, {name: "Limit", number: true}, {name: "Missing", number: true}, {name: "Mean", number: true}],
    () => c.start.map((t, i) => [span(t, c.size), number(column.distance[i]), number(column.limit[i]), percent(column.missing[i]), number(column.mean[i])])));
  if (column.bars) {
    const names = barNames(column.bars), reference = shares(column.reference) || [];
    parts.push(tableBehind(clean(nameOf(column.name)) + ": shares in the selected window",
      [{name: "Value"}, {name: "Reference", number: true}, {name: "Window", number: true}], () => {
        const i = nearest(c.start, isNumber(view.selected) ? view.selected : c.start[c.start.length - 1]);
        const now = shares(column.counts[i]) || [];
        return names.map((name, j) => [name, percent(reference[j]), percent(now[j])]);
      }));
  }
  return el("div.overtime", null, parts);
}

function missingShares(task, list) {
  const c = task.columns;
  const shown = list.slice().sort((a, b) => (extent([b.missing]) || [0, 0])[1] - (extent([a.missing]) || [0, 0])[1]).slice(0, 12);
  return el("article.missing", null, el("h3", null, "Share of missing values"),
    el("div.multiples.wide", null, shown.map(column => el("div", null, el("h4", null, short(nameOf(column.name), 40),
      el("small", null, ` · reference ${percent(column.reference_missing)}`)),
      timeChart({label: "Missing share of " + clean(column.name), t: c.start, size: c.size, height: 84, low: 0, format: v => percent(v, 2), selects: true,
        level: {name: "reference", value: column.reference_missing}, marks: marksOf(task.alerts, a => a.kind === "nulls" && a.subject === column.name),
        lines: [{name: "missing", values: column.missing, style: "labels", dots: false}]})))),
    tableBehind("Share of missing values", [{name: "Window (UTC)"}].concat(shown.map(x => ({name: nameOf(x.name), number: true}))),
      () => c.start.map((t, i) => [span(t, c.size), ...shown.map(x => percent(x.missing[i]))])));
}

function buckets(task) {
  const b = task.buckets, c = task.columns;
  if (!b || !c || b.labels.length < 2) return null;
  const place = el("div.wide-bars");
  const reference = shares(b.reference);
  const note = el("p.change");
  view.onSelect.add(t => {
    const i = nearest(c.start, t), now = shares(b.counts[i]);
    note.textContent = now ? `${span(c.start[i], c.size)}: ${greatest(b.labels.map(l => clean(l)), reference, now)} (the bucket that changed most)` : "No predictions in this window.";
    place.replaceChildren(histogram(b.labels.map(l => clean(l)), reference, now, [short(b.labels[0], 24), short(b.labels[b.labels.length - 1], 24)]));
  });
  return section("buckets", "Buckets", `Predictions are estimated by what the reference rows of their bucket turned out to be: ${clean(b.name)}. Bars are the selected window, the outline is the reference.`,
    legend([["bar", "selected window"], ["outline", "reference"]]), place, note,
    el("h3", null, "Distance of the buckets' shares from the reference (PSI)"),
    timeChart({label: "Distance of the buckets from the reference", t: c.start, size: c.size, height: 110, low: 0, selects: true, marks: [],
      lines: [{name: "PSI", values: b.distance, style: "labels", dots: false}]}),
    tableBehind("Buckets, reference and selected window", [{name: "Bucket"}, {name: "Reference", number: true}, {name: "Window", number: true}], () => {
      const i = nearest(c.start, isNumber(view.selected) ? view.selected : c.start[c.start.length - 1]);
      const now = shares(b.counts[i]) || [];
      return b.labels.map((label, j) => [short(label), percent(reference ? reference[j] : null), percent(now[j])]);
    }));
}
