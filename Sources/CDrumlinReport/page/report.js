// Puts the page together.

const data = JSON.parse(document.getElementById("data").textContent);

function header() {
  const name = data.path.split("/").filter(Boolean).pop() || data.path;
  document.title = clean(name) + " – Drumlin report";
  const s = data.storage;
  const wrong = s.damages.length + s.failures.length;
  const trouble = data.tasks.reduce((n, t) => n + t.failures.length + (t.counts.dropped ? 1 : 0), 0);
  const health = wrong ? ["bad", `${wrong} damage${wrong > 1 ? "s" : ""} or failure${wrong > 1 ? "s" : ""}`]
    : trouble ? ["warn", "see the overview"] : ["good", "whole, nothing lost"];
  document.getElementById("header").replaceChildren(
    el("div.title", null, el("h1", null, short(name)), el("p", null, "Drumlin report · made " + time(data.made_at) + " UTC · ", el("code", null, short(data.path, 120)))),
    el("p.health." + health[0], null, el("span", {"aria-hidden": "true"}, health[0] === "good" ? "✓ " : "! "), "Store: " + health[1]));
}

function navigation(task, parts) {
  const tasks = data.tasks.length < 2 ? null : el("label", null, "Task ", el("select", {onchange: e => show(data.tasks[e.target.selectedIndex])},
    data.tasks.map(t => el("option", {selected: t === task}, short(t.name)))));
  return el("nav.bar", {"aria-label": "Report"}, tasks, el("b.task", null, data.tasks.length < 2 ? short(task.name) : null),
    el("ul", null, parts.map(p => el("li", null, el("a", {href: "#" + p.id}, p.querySelector("h2").textContent)))),
    el("span.zoom", null, el("span", {"data-zoom": true}, "all of the time"), " ",
      el("button", {type: "button", "data-reset": true, disabled: true, onclick: () => view.reset()}, "Show all")));
}

function show(task) {
  for (const chart of view.charts) { seen.unobserve(chart.host); sized.unobserve(chart.host); }
  view.charts.clear();
  view.onSelect.clear();
  view.selected = null;
  const times = task.series.filter(s => s.size && !s.window.startsWith("trailing:")).flatMap(s => s.start.length ? [s.start[0], s.start[s.start.length - 1] + s.size] : []);
  if (task.columns && task.columns.start.length) times.push(task.columns.start[0], task.columns.start[task.columns.start.length - 1] + task.columns.size);
  if (isNumber(task.from)) times.push(task.from);
  const range = extent([times]) || [0, DAY];
  view.all = range[1] > range[0] ? range : [range[0], range[0] + DAY];
  view.shown = view.all.slice();
  view.step = task.columns ? Math.min(task.columns.size, ...task.series.filter(s => s.size).map(s => s.size)) : 60;
  const parts = [overview(task, data), findings(task), metrics(task), volume(task), columns(task), buckets(task), alerts(task), checks(task), storage(data)].filter(Boolean);
  document.getElementById("content").replaceChildren(navigation(task, parts), ...parts);
  const starts = task.columns ? task.columns.start : [];
  if (starts.length) view.select(starts[lastWhole(task)]);
  redraw();
}

// The last window that has closed, else the last.
function lastWhole(task) {
  const c = task.columns;
  const clock = isNumber(task.clock) ? task.clock : Infinity;
  for (let i = c.start.length - 1; i >= 0; i -= 1) if (c.start[i] + c.size <= clock && c.rows[i] > 0) return i;
  return c.start.length - 1;
}

header();
if (data.tasks.length) show(data.tasks[0]);
else document.getElementById("content").replaceChildren(el("p", null, "The store has no task yet."), storage(data));
document.getElementById("footer").replaceChildren(
  el("p", null, "Charts: drag to zoom, double-click to show all, click to select a window; with the keys, arrows read values, + and − zoom, Enter selects, Escape shows all. All times are UTC. The page loads nothing."));
// On paper all charts are shown, as wide as it is.
const PAPER = 700;
addEventListener("beforeprint", () => {
  for (const chart of view.charts) {
    chart.screenWidth = chart.width;
    chart.width = Math.min(chart.width, PAPER);
    chart.draw();
  }
});
addEventListener("afterprint", () => {
  for (const chart of view.charts) { chart.width = chart.screenWidth || chart.width; chart.draw(); }
});
