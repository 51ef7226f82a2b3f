"use strict";
const maps = JSON.parse(document.getElementById("maps").textContent);
const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
const SHORT = 11; // the least height in pixels at which a name can be read
const NAMED = 20; // pixels at the top of a tile for its name
const DEEPEST = 3; // levels that are drawn into one tile

function size(bytes) {
  let power = 0;
  while (bytes >= 1024 && power < units.length - 1) { bytes /= 1024; power++; }
  return `${power && bytes < 100 ? bytes.toFixed(1) : Math.round(bytes)} ${units[power]}`;
}

// Squarified treemaps (Bruls, Huizing, van Wijk 2000): rows of tiles as square as can be.
function squarify(parts, area) {
  const total = parts.reduce((sum, part) => sum + part.size, 0);
  const scale = area.width * area.height / (total || 1);
  const placed = [];
  let { left, top, width, height } = area;
  let rest = parts.filter((part) => part.size > 0);
  while (rest.length && width > 0 && height > 0) {
    const side = Math.min(width, height);
    let count = 0, worst = Infinity, sum = 0;
    while (count < rest.length) {
      const larger = sum + rest[count].size * scale;
      const first = rest[0].size * scale, last = rest[count].size * scale;
      const ratio = Math.max(side * side * first / larger ** 2, larger ** 2 / (side * side * last));
      if (ratio > worst) break;
      worst = ratio; sum = larger; count++;
    }
    const thick = sum / side;
    let along = 0;
    for (const part of rest.slice(0, count)) {
      const long = part.size * scale / thick;
      placed.push(width >= height
        ? { part, left, top: top + along, width: thick, height: long }
        : { part, left: left + along, top, width: long, height: thick });
      along += long;
    }
    if (width >= height) { left += thick; width -= thick; } else { top += thick; height -= thick; }
    rest = rest.slice(count);
  }
  return placed;
}

function place(element, box, hue) {
  element.style.left = `${box.left}px`;
  element.style.top = `${box.top}px`;
  element.style.width = `${box.width}px`;
  element.style.height = `${box.height}px`;
  element.style.setProperty("--hue", hue);
  return element;
}

const field = document.getElementById("treemap");
const path = document.getElementById("path");
let chosen = 0, way = [];

function open(to) { way = to; draw(); }

function drawPath() {
  path.replaceChildren();
  way.forEach((block, depth) => {
    if (depth) path.append(" › ");
    if (depth === way.length - 1) { path.append(`${block.name} · ${size(block.size)}`); return; }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = block.name;
    button.addEventListener("click", () => open(way.slice(0, depth + 1)));
    path.append(button);
  });
}

function tile(box, hue) {
  const { part } = box;
  const element = document.createElement(part.parts.length ? "button" : "div");
  const words = `${part.name}, ${size(part.size)}${part.about ? `, ${part.about}` : ""}`;
  element.className = "tile";
  element.title = words;
  if (part.parts.length) {
    element.type = "button";
    element.setAttribute("aria-label", words);
    element.addEventListener("click", () => open([...way, part]));
  }
  if (box.height > SHORT * 1.6 && box.width > 30) {
    const name = document.createElement("span");
    name.textContent = `${part.name} ${size(part.size)}`;
    element.append(name);
  }
  return place(element, box, hue);
}

function draw() {
  drawPath();
  field.replaceChildren();
  const block = way[way.length - 1];
  const area = { left: 0, top: 0, width: field.clientWidth, height: field.clientHeight };
  squarify(block.parts.length ? block.parts : [block], area).forEach((box, index) => {
    const hue = Math.round(index * 137.5) % 360;
    field.append(tile(box, hue));
    nest(box, hue, DEEPEST);
  });
}

// What is in a tile, drawn into it as far as there is room.
function nest(box, hue, deep) {
  const inside = { left: box.left + 3, top: box.top + NAMED, width: box.width - 6, height: box.height - NAMED - 3 };
  if (!deep || inside.width < 40 || inside.height < 20) return;
  for (const inner of squarify(box.part.parts, inside)) {
    if (inner.width < 3 || inner.height < 3) continue;
    const element = document.createElement("div");
    element.className = "inner";
    element.setAttribute("aria-hidden", "true");
    if (inner.width > 36 && inner.height > SHORT + 3) element.textContent = inner.part.name;
    field.append(place(element, inner, hue));
    nest(inner, hue, deep - 1);
  }
}

function choose(index) {
  chosen = index;
  for (const button of document.querySelectorAll("[data-map]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.map) === chosen));
  }
  open([maps[chosen].whole]);
}

function key(row, column) {
  const cell = row.cells[column];
  return cell.dataset.key === undefined ? cell.textContent : Number(cell.dataset.key);
}

function sort(table, column) {
  const headers = [...table.tHead.rows[0].cells];
  const up = headers[column].getAttribute("aria-sort") !== "ascending";
  headers.forEach((header) => header.removeAttribute("aria-sort"));
  headers[column].setAttribute("aria-sort", up ? "ascending" : "descending");
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  const rows = [...table.tBodies[0].rows].map((row) => [key(row, column), row]);
  rows.sort((a, b) => compare(a[0], b[0]) * (up ? 1 : -1));
  table.tBodies[0].append(...rows.map(([, row]) => row));
}

for (const table of document.querySelectorAll("table")) {
  [...table.tHead.rows[0].cells].forEach((header, column) => {
    header.firstElementChild.addEventListener("click", () => sort(table, column));
  });
}
for (const input of document.querySelectorAll("[data-table]")) {
  const rows = document.querySelector(`table[data-name="${input.dataset.table}"]`).tBodies[0].rows;
  input.addEventListener("input", () => {
    const word = input.value.toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(word);
  });
}
if (maps.length) {
  for (const button of document.querySelectorAll("[data-map]")) {
    button.addEventListener("click", () => choose(Number(button.dataset.map)));
  }
  choose(0);
  let timer;
  addEventListener("resize", () => { clearTimeout(timer); timer = setTimeout(draw, 100); });
}
