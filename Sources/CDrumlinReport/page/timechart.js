// Charts over time. All of them show the same stretch of time; dragging over one, or its keys, changes it for all.

const view = {
  all: [0, 1], shown: [0, 1], charts: new Set(), selected: null, onSelect: new Set(),
  zoom(from, to) {
    const least = Math.max(2 * view.step, 2);
    if (to - from < least) { const middle = (from + to) / 2; from = middle - least / 2; to = middle + least / 2; }
    view.shown = [Math.max(view.all[0], from), Math.min(view.all[1], to)];
    if (view.shown[1] <= view.shown[0]) view.shown = view.all.slice();
    redraw();
  },
  reset() { view.shown = view.all.slice(); redraw(); },
  select(t) { view.selected = t; for (const f of view.onSelect) f(t); redraw(); },
  step: 60,
};

let isDue = false;
function redraw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    for (const chart of view.charts) if (chart.isVisible) chart.draw(); else chart.isStale = true;
    const zoomed = view.shown[0] > view.all[0] || view.shown[1] < view.all[1];
    for (const node of document.querySelectorAll("[data-zoom]")) {
      node.textContent = zoomed ? time(Math.round(view.shown[0])) + " to " + time(Math.round(view.shown[1])) : "all of the time";
    }
    for (const node of document.querySelectorAll("[data-reset]")) node.disabled = !zoomed;
  });
}

const seen = new IntersectionObserver(entries => {
  for (const entry of entries) {
    const chart = entry.target.chart;
    chart.isVisible = entry.isIntersecting;
    if (chart.isVisible && chart.isStale) chart.draw();
  }
}, {rootMargin: "300px"});
const sized = new ResizeObserver(entries => {
  for (const entry of entries) {
    const chart = entry.target.chart;
    if (Math.abs(chart.width - entry.contentRect.width) < 1) continue;
    chart.width = entry.contentRect.width;
    if (chart.isVisible) chart.draw(); else chart.isStale = true;
  }
});

function ticks(low, high, wanted) {
  const raw = (high - low) / Math.max(1, wanted);
  const unit = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 2.5, 5, 10].map(m => m * unit).find(s => s >= raw) || unit * 10;
  const result = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) result.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return result;
}

// Times at which people look: round minutes, hours, days, Mondays, first days of months and years.
function timeTicks(from, to, wanted) {
  const raw = (to - from) / Math.max(1, wanted);
  const steps = [60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, DAY, 2 * DAY, 7 * DAY, 14 * DAY];
  const step = steps.find(s => s >= raw);
  const result = [];
  if (step) {
    const offset = step % (7 * DAY) === 0 ? 4 * DAY : 0;
    for (let t = Math.ceil((from - offset) / step) * step + offset; t <= to; t += step) {
      const date = new Date(t * 1000);
      result.push({t, text: step < DAY && t % DAY !== 0 ? two(date.getUTCHours()) + ":" + two(date.getUTCMinutes())
        : date.getUTCDate() + " " + MONTHS[date.getUTCMonth()]});
    }
    return result;
  }
  const months = [1, 2, 3, 6, 12, 24, 60, 120].find(m => m * 30.5 * DAY >= raw) || 240;
  const first = new Date(from * 1000);
  let month = Math.floor((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months;
  for (;; month += months) {
    const t = Date.UTC(Math.floor(month / 12), month % 12) / 1000;
    if (t > to) return result;
    if (t < from) continue;
    const year = Math.floor(month / 12);
    result.push({t, text: month % 12 === 0 || months >= 12 ? String(year) : MONTHS[month % 12] + (result.length ? "" : " " + year)});
  }
}

// Of many points in a column of pixels the first, the lowest, the highest and the last are drawn.
function path(t, values, x, y, first, end, gap, pixels) {
  const isDense = end - first > 3 * pixels;
  let text = "", pen = false, last = -Infinity, column = -1, group = [];
  const point = (i) => {
    text += (pen ? "L" : "M") + x(t[i]).toFixed(1) + " " + y(values[i]).toFixed(1);
    pen = true;
  };
  const flush = () => {
    if (!group.length) return;
    let [low, high] = [group[0], group[0]];
    for (const i of group) { if (values[i] < values[low]) low = i; if (values[i] > values[high]) high = i; }
    for (const i of Array.from(new Set([group[0], low, high, group[group.length - 1]])).sort((a, b) => a - b)) point(i);
    group = [];
  };
  for (let i = first; i < end; i += 1) {
    if (!isNumber(values[i])) { flush(); pen = false; continue; }
    if (t[i] - last > gap) { flush(); pen = false; }
    last = t[i];
    if (!isDense) { point(i); continue; }
    const at = Math.floor(x(t[i]));
    if (at !== column) { flush(); column = at; }
    group.push(i);
  }
  flush();
  return text;
}

// spec: {label, t, size, lines: [{name, values, style, format}], band: {name, low, high, style}, bars: {name, values, style},
//        level: {name, value}, marks: [{from, to, text, style}], low, high, format, height, selects}
function timeChart(spec) {
  const host = el("div.chart", {tabindex: 0, role: "group", "aria-roledescription": "chart", "aria-label":
    spec.label + ". Arrow keys read the values, plus and minus zoom, Escape shows all" + (spec.selects ? ", Enter selects the window." : ".")});
  const tip = el("div.tip", {"aria-hidden": "true", hidden: true});
  const chart = {host, spec, width: 640, isVisible: false, isStale: true, draw};
  host.chart = chart;
  view.charts.add(chart);
  seen.observe(host);
  sized.observe(host);
  const height = spec.height || 200;
  const pad = {left: 52, right: 12, top: spec.marks && spec.marks.length ? 18 : 8, bottom: 22};
  const step = typicalStep(spec.t, spec.size);
  const half = spec.bars ? step / 2 : Math.min(spec.size || 0, step) / 2;
  const at = i => spec.t[i] + half;
  let scale = null, cursor = -1, drag = null, overlay = null;

  function draw() {
    chart.isStale = false;
    const width = chart.width || host.clientWidth || 640;
    const [from, to] = view.shown;
    const centers = spec.t.map((_, i) => at(i));
    const first = Math.max(0, lowerBound(spec.t, from - step) - 1), end = Math.min(spec.t.length, lowerBound(spec.t, to) + 1);
    const inside = values => values ? values.slice(first, end) : [];
    const lists = spec.lines.map(l => inside(l.values));
    if (spec.band) lists.push(inside(spec.band.low), inside(spec.band.high));
    if (spec.bars) lists.push(inside(spec.bars.values), [0]);
    if (spec.level && isNumber(spec.level.value)) lists.push([spec.level.value]);
    const found = extent(lists) || [0, 1];
    let [low, high] = found;
    if (isNumber(spec.low)) low = Math.min(low, spec.low);
    if (isNumber(spec.high)) high = Math.max(high, spec.high);
    if (high <= low) { const d = Math.abs(high) * 0.1 || 1; low -= d; high += d; }
    const room = (high - low) * 0.06;
    if (!(spec.low === low || spec.bars)) low -= room;
    high += room;
    const inner = {x: pad.left, y: pad.top, w: Math.max(20, width - pad.left - pad.right), h: height - pad.top - pad.bottom};
    const x = t => inner.x + (t - from) / (to - from) * inner.w;
    const y = v => inner.y + (high - v) / (high - low) * inner.h;
    scale = {x, y, inner, invert: px => from + (px - inner.x) / inner.w * (to - from)};
    const clip = "clip" + (chart.number = chart.number || ++clips);
    const root = svg("svg", {viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true", focusable: "false"},
      svg("clipPath", {id: clip}, svg("rect", {x: inner.x, y: 0, width: inner.w, height})));
    const format = spec.format || number;
    for (const v of ticks(low, high, Math.max(2, inner.h / 40))) {
      root.append(svg("line.grid", {x1: inner.x, x2: inner.x + inner.w, y1: y(v), y2: y(v)}),
        svg("text.tick", {x: inner.x - 6, y: y(v) + 3.5, "text-anchor": "end"}, format(v)));
    }
    for (const tick of timeTicks(from, to, inner.w / 76)) {
      root.append(svg("line.grid.upright", {x1: x(tick.t), x2: x(tick.t), y1: inner.y, y2: inner.y + inner.h}));
      const half = tick.text.length * 3.1;
      const place = Math.min(Math.max(x(tick.t), inner.x + half - 8), width - half - 1);
      root.append(svg("text.tick", {x: place, y: height - 6, "text-anchor": "middle"}, tick.text));
    }
    const plot = svg("g", {"clip-path": `url(#${clip})`});
    root.append(plot);
    if (spec.selects && isNumber(view.selected)) {
      plot.append(svg("rect.selected", {x: x(view.selected), y: inner.y,
        width: Math.max(2, x(view.selected + (spec.size || step)) - x(view.selected)), height: inner.h}));
    }
    if (spec.band) drawBand(plot, centers, first, end, x, y, inner);
    if (spec.bars) drawBars(plot, first, end, x, y, inner);
    if (spec.level && isNumber(spec.level.value)) {
      plot.append(svg("line.level", {x1: inner.x, x2: inner.x + inner.w, y1: y(spec.level.value), y2: y(spec.level.value)}));
    }
    for (const line of spec.lines) {
      plot.append(svg("path.line." + line.style, {d: path(centers, line.values, x, y, first, end, step * 1.6, inner.w)}));
      if (end - first <= inner.w / 7 && line.dots !== false) {
        for (let i = first; i < end; i += 1) {
          const previous = line.values[i - 1], next = line.values[i + 1];
          if (!isNumber(line.values[i])) continue;
          if (line.dots !== true && isNumber(previous) && isNumber(next) && end - first > 60) continue;
          plot.append(svg("circle.dot." + line.style, {cx: x(centers[i]), cy: y(line.values[i]), r: 2.4}));
        }
      }
    }
    for (const mark of spec.marks || []) {
      if (mark.from > to || (mark.to || mark.from) < from) continue;
      const left = x(mark.from), right = isNumber(mark.to) ? x(mark.to) : left;
      plot.append(svg("line.mark." + mark.style, {x1: left, x2: left, y1: 10, y2: inner.y + inner.h}),
        svg("path.flag." + mark.style, {d: `M${left - 5} 2h10l-5 9z`}));
      if (right > left + 1) plot.append(svg("line.lasting." + mark.style, {x1: left, x2: right, y1: 3, y2: 3}));
    }
    overlay = svg("g.overlay");
    root.append(overlay);
    host.replaceChildren(root, tip);
    if (cursor >= 0) show(cursor, false);
  }

  function drawBand(plot, centers, first, end, x, y, inner) {
    const {low, high} = spec.band;
    const dense = Math.max(1, Math.ceil((end - first) / (2 * inner.w)));
    let run = [];
    const flush = () => {
      if (run.length === 1) {
        const [a, l, h] = run[0];
        plot.append(svg("line.whisker." + spec.band.style, {x1: x(a), x2: x(a), y1: y(l), y2: y(h)}));
      } else if (run.length > 1) {
        const top = run.map(p => x(p[0]).toFixed(1) + " " + y(p[2]).toFixed(1));
        const bottom = run.slice().reverse().map(p => x(p[0]).toFixed(1) + " " + y(p[1]).toFixed(1));
        plot.append(svg("path.band." + spec.band.style, {d: "M" + top.concat(bottom).join("L") + "Z"}));
      }
      run = [];
    };
    for (let i = first; i < end; i += dense) {
      let l = Infinity, h = -Infinity;
      for (let j = i; j < Math.min(end, i + dense); j += 1) {
        if (!isNumber(low[j]) || !isNumber(high[j])) continue;
        l = Math.min(l, low[j]);
        h = Math.max(h, high[j]);
      }
      if (l > h || (run.length && centers[i] - run[run.length - 1][0] > 1.6 * step * dense)) flush();
      if (l <= h) run.push([centers[i], l, h]);
    }
    flush();
  }

  function drawBars(plot, first, end, x, y, inner) {
    const {values, style} = spec.bars;
    const base = y(0);
    if (end - first > inner.w) {
      plot.append(svg("path.bars." + style, {d: path(spec.t, values, x, y, first, end, Infinity, inner.w)
        + `L${x(spec.t[end - 1]).toFixed(1)} ${base.toFixed(1)}L${x(spec.t[first]).toFixed(1)} ${base.toFixed(1)}Z`}));
      return;
    }
    let d = "";
    for (let i = first; i < end; i += 1) {
      if (!isNumber(values[i])) continue;
      const left = x(spec.t[i]), right = x(spec.t[i] + step), width = Math.max(0.8, (right - left) * 0.86);
      d += `M${(left + (right - left - width) / 2).toFixed(1)} ${base.toFixed(1)}v${(y(values[i]) - base).toFixed(1)}h${width.toFixed(1)}V${base.toFixed(1)}z`;
    }
    plot.append(svg("path.bars." + style, {d}));
  }

  function rowsAt(i) {
    const format = spec.format || number;
    const rows = spec.lines.map(l => [l.name, (l.format || format)(l.values[i]), l.style, isNumber(l.values[i])]);
    if (spec.band && isNumber(spec.band.low[i])) rows.push([spec.band.name, format(spec.band.low[i]) + " to " + format(spec.band.high[i]), spec.band.style, true]);
    if (spec.bars) rows.push([spec.bars.name, format(spec.bars.values[i]), spec.bars.style, true]);
    for (const extra of spec.extras || []) rows.push([extra.name, extra.format(extra.values[i]), "none", isNumber(extra.values[i])]);
    return rows.filter(r => r[3]);
  }
  function marksAt(i) {
    return (spec.marks || []).filter(m => m.from >= spec.t[i] && m.from < spec.t[i] + (spec.size || step));
  }

  function show(i, isSpoken) {
    if (!scale || i < 0 || i >= spec.t.length) return;
    cursor = i;
    const {x, y, inner} = scale;
    const px = x(at(i));
    overlay.replaceChildren(svg("line.cursor", {x1: px, x2: px, y1: inner.y, y2: inner.y + inner.h}));
    for (const line of spec.lines) {
      if (isNumber(line.values[i])) overlay.append(svg("circle.dot.now." + line.style, {cx: px, cy: y(line.values[i]), r: 4}));
    }
    const title = span(spec.t[i], spec.size), rows = rowsAt(i), marks = marksAt(i);
    tip.replaceChildren(el("b", null, title), el("dl", null, rows.map(r => [el("dt." + r[2], null, r[0]), el("dd", null, r[1])])),
      ...marks.slice(0, 4).map(m => el("p", null, short(m.text, 160))));
    tip.hidden = false;
    const room = host.clientWidth - tip.offsetWidth - 4;
    tip.style.left = Math.max(0, Math.min(px + 12 > room ? px - tip.offsetWidth - 12 : px + 12, room)) + "px";
    if (isSpoken) document.getElementById("live").textContent = clean(title + ": " + rows.map(r => r[0] + " " + r[1]).concat(marks.map(m => m.text)).join("; "));
  }
  function hide() {
    cursor = -1;
    tip.hidden = true;
    if (overlay) overlay.replaceChildren();
  }
  const indexAt = event => nearest(spec.t, scale.invert(event.clientX - host.getBoundingClientRect().left) - half);

  host.addEventListener("pointermove", event => {
    if (!scale || !spec.t.length) return;
    if (drag && Math.abs(event.clientX - drag.x) > 4) {
      const left = host.getBoundingClientRect().left, {inner} = scale;
      const [a, b] = [drag.x - left, event.clientX - left].sort((p, q) => p - q);
      drag.isMoved = true;
      hide();
      overlay.replaceChildren(svg("rect.brush", {x: Math.max(inner.x, a), y: inner.y, width: Math.max(0, Math.min(b, inner.x + inner.w) - Math.max(inner.x, a)), height: inner.h}));
      return;
    }
    if (!drag) show(indexAt(event), false);
  });
  host.addEventListener("pointerdown", event => {
    if (event.button !== 0 || !scale) return;
    drag = {x: event.clientX, isMoved: false};
    if (event.pointerType === "mouse") { host.setPointerCapture(event.pointerId); event.preventDefault(); host.focus({preventScroll: true}); }
  });
  host.addEventListener("pointerup", event => {
    const was = drag;
    drag = null;
    if (!was || !scale) return;
    if (was.isMoved) {
      const left = host.getBoundingClientRect().left;
      const [a, b] = [was.x - left, event.clientX - left].sort((p, q) => p - q);
      overlay.replaceChildren();
      view.zoom(scale.invert(a), scale.invert(b));
    } else if (spec.t.length) {
      const i = indexAt(event);
      show(i, false);
      if (spec.selects) view.select(spec.t[i]);
    }
  });
  host.addEventListener("pointercancel", () => { drag = null; if (overlay) overlay.replaceChildren(); });
  host.addEventListener("pointerleave", () => { if (!drag && document.activeElement !== host) hide(); });
  host.addEventListener("blur", hide);
  host.addEventListener("dblclick", () => view.reset());
  host.addEventListener("keydown", event => {
    const last = spec.t.length - 1;
    if (last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const [from, to] = view.shown, big = Math.max(1, Math.round(spec.t.length / 20));
    const now = cursor < 0 ? nearest(spec.t, (from + to) / 2) : cursor;
    const width = to - from, middle = cursor < 0 ? (from + to) / 2 : at(cursor);
    const moves = {ArrowRight: 1, ArrowLeft: -1, PageDown: big, PageUp: -big, Home: -Infinity, End: Infinity};
    if (event.key in moves) {
      const next = cursor < 0 && Math.abs(moves[event.key]) === 1 ? now : Math.max(0, Math.min(last, now + moves[event.key]));
      if (at(next) < from || at(next) > to) { cursor = next; view.zoom(at(next) - width / 2, at(next) + width / 2); }
      if (chart.isStale || !scale) draw();
      show(next, true);
    } else if (event.key === "+" || event.key === "=") view.zoom(middle - width / 4, middle + width / 4);
    else if (event.key === "-") view.zoom(middle - width, middle + width);
    else if (event.key === "Escape") { hide(); view.reset(); }
    else if (event.key === "Enter" && spec.selects) view.select(spec.t[now]);
    else return;
    event.preventDefault();
  });
  return host;
}
let clips = 0;

// How far one window is from the next.
function typicalStep(t, size) {
  let least = Infinity;
  for (let i = 1; i < t.length; i += 1) least = Math.min(least, t[i] - t[i - 1]);
  return Number.isFinite(least) && least > 0 ? least : size || DAY;
}

function legend(items) {
  return el("ul.legend", null, items.map(([style, text]) => el("li", null, el("span.key." + style, {"aria-hidden": "true"}), text)));
}
