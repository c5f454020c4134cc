"use strict";
// Text, numbers, times and elements. All text of the data comes in through textContent, never as markup.

const NS = "http://www.w3.org/2000/svg";
const DAY = 86400;

// What cannot be seen, or turns the text around it, is shown by its code.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
function clean(text) {
  return String(text).replace(HIDDEN, c => "\\u{" + c.charCodeAt(0).toString(16) + "}");
}
function short(text, limit = 60) {
  const all = Array.from(clean(text));
  return all.length > limit ? all.slice(0, limit - 1).join("") + "…" : all.join("");
}

// el("p.note", {title: "…"}, "text", child, …): a class after the dot, attributes, children; null children are left out.
function make(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : clean(value));
  }
  for (const child of children.flat(2)) {
    if (child === null || child === undefined) continue;
    node.append(child instanceof Node ? child : document.createTextNode(clean(child)));
  }
  return node;
}
function split(tag) {
  const [name, ...classes] = tag.split(".");
  return [name, classes.join(" ")];
}
function el(tag, attributes, ...children) {
  const [name, classes] = split(tag);
  const node = document.createElement(name);
  if (classes) node.className = classes;
  return make(node, attributes, children);
}
function svg(tag, attributes, ...children) {
  const [name, classes] = split(tag);
  const node = document.createElementNS(NS, name);
  if (classes) node.setAttribute("class", classes);
  return make(node, attributes, children);
}

const isNumber = v => typeof v === "number" && Number.isFinite(v);

// Four digits that count, thousands apart, nothing behind the point that says nothing.
function number(v, digits = 4) {
  if (!isNumber(v)) return "–";
  if (v === 0) return "0";
  const size = Math.abs(v);
  if (size >= 1e9 || size < 1e-4) return v.toExponential(2).replace("e+", "e");
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  const text = v.toFixed(Math.min(places, 10));
  const [whole, rest] = text.split(".");
  const part = rest ? rest.replace(/0+$/, "") : "";
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? "." + part : "");
}
const count = v => isNumber(v) ? String(Math.round(v)).replace(/\B(?=(\d{3})+$)/g, ",") : "–";
const percent = (v, digits = 3) => isNumber(v) ? number(v * 100, digits) + " %" : "–";
function bytes(v) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (v >= 999.5 && unit < 4) { v /= 1000; unit += 1; }
  return number(v, 3) + " " + units[unit];
}
function duration(seconds) {
  if (!isNumber(seconds)) return "–";
  const units = [["d", DAY], ["h", 3600], ["min", 60], ["s", 1]];
  const place = units.findIndex(u => seconds >= u[1]);
  if (place < 0) return number(seconds, 2) + " s";
  const first = Math.floor(seconds / units[place][1]);
  const next = units[place + 1];
  const rest = next ? Math.floor((seconds - first * units[place][1]) / next[1]) : 0;
  return first + " " + units[place][0] + (rest ? " " + rest + " " + next[0] : "");
}

// All times are UTC.
const two = v => String(v).padStart(2, "0");
function day(t) { return new Date(t * 1000).toISOString().slice(0, 10); }
function time(t) {
  if (!isNumber(t)) return "–";
  const text = new Date(t * 1000).toISOString();
  return t % DAY === 0 ? text.slice(0, 10) : text.slice(0, 10) + " " + text.slice(11, t % 60 === 0 ? 16 : 19);
}
function span(start, size) {
  if (!size) return time(start);
  if (size === DAY && start % DAY === 0) return time(start) + ", " + WEEKDAYS[new Date(start * 1000).getUTCDay()];
  return size % DAY === 0 && start % DAY === 0
    ? time(start) + " to " + time(start + size - DAY) : time(start) + " to " + time(start + size);
}
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

// The first place in ascending values that is at or above v.
function lowerBound(values, v) {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < v) low = middle + 1; else high = middle;
  }
  return low;
}
function nearest(values, v) {
  const place = lowerBound(values, v);
  if (place === 0) return 0;
  if (place === values.length) return place - 1;
  return values[place] - v < v - values[place - 1] ? place : place - 1;
}

function extent(lists) {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) for (const v of list) {
    if (!isNumber(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : null;
}

// A table behind a chart, made when it is opened, a thousand rows at a time.
const PAGE = 1000;
function tableOf(caption, columns, rows) {
  const body = el("tbody");
  let shown = 0;
  const more = el("button.more", {type: "button", onclick: () => add()});
  function add() {
    const end = Math.min(rows.length, shown + PAGE);
    for (; shown < end; shown += 1) {
      const cells = rows[shown];
      body.append(el("tr", null, cells.map((cell, i) =>
        i === 0 ? el(columns[i].wrap ? "th.wrap" : "th", {scope: "row"}, cell)
          : el(columns[i].number ? "td.number" : columns[i].wrap ? "td.wrap" : "td", null, cell))));
    }
    more.hidden = shown >= rows.length;
    more.textContent = "Show more rows: " + count(rows.length - shown) + " are left";
  }
  const head = columns.map(c => el(c.number ? "th.number" : "th", {scope: "col"}, c.name));
  const table = el("table", null, el("caption", null, caption), el("thead", null, el("tr", null, head)), body);
  add();
  return el("div.scroll", {tabindex: 0, role: "region", "aria-label": caption}, table, more);
}
function tableBehind(caption, columns, rows) {
  const details = el("details.table", null, el("summary", null, "Table: " + clean(caption)));
  let isMade = false;
  details.addEventListener("toggle", () => {
    if (!details.open || isMade) return;
    isMade = true;
    details.append(tableOf(caption, columns, rows()));
  });
  return details;
}
