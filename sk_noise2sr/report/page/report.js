"use strict";
const get = (id) => document.getElementById(id);
const page = JSON.parse(get("data").textContent);
const [height, width] = page.shape;
const images = {};

const COLOURS = {
  grey: ["000000", "ffffff"],
  viridis: ["440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"],
  inferno: ["000004", "1b0c41", "4a0c6b", "781c6d", "a52c60", "cf4446", "ed6925", "fb9b06", "fcffa4"],
  cividis: ["00224e", "123570", "3b496c", "575d6d", "707173", "8a8678", "a59c74", "c3b369", "fee838"],
  "grey, inverted": ["ffffff", "000000"],
};
const SIGNED = ["2166ac", "67a9cf", "f7f7f7", "ef8a62", "b2182b"];

// A table of 256 colours, packed as ImageData has them.
function table(anchors) {
  const bytes = new Uint8ClampedArray(1024).fill(255);
  for (let i = 0; i < 256; i++) {
    const place = (i / 255) * (anchors.length - 1), left = Math.min(Math.floor(place), anchors.length - 2);
    for (let c = 0; c < 3; c++) {
      const [a, b] = [0, 1].map((k) => parseInt(anchors[left + k].slice(2 * c, 2 * c + 2), 16));
      bytes[4 * i + c] = a + (place - left) * (b - a);
    }
  }
  return new Uint32Array(bytes.buffer);
}

// Undo what sk_noise2sr/report/_packed.py does: differences of numbers of two bytes, 0 for none.
async function unpack({ shape, low, step, data }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const values = new Float32Array(planes.length / 2), n = values.length;
  for (let i = 0, code = 0; i < n; i++) {
    code = (code + planes[i] + 256 * planes[n + i]) & 0xffff;
    values[i] = code ? low + step * (code - 1) : NaN;
  }
  return { values, height: shape[0], width: shape[1] };
}

function paint(canvas, image, low, high, colours) {
  canvas.width = image.width;
  canvas.height = image.height;
  const context = canvas.getContext("2d"), pixels = context.createImageData(image.width, image.height);
  const packed = new Uint32Array(pixels.data.buffer), factor = 255 / (high - low || 1);
  for (let i = 0; i < packed.length; i++) {
    const level = Math.round((image.values[i] - low) * factor);
    packed[i] = level >= 0 ? colours[Math.min(level, 255)] : level < 0 ? colours[0] : 0; // NaN: clear
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

const painted = { noisy: document.createElement("canvas"), denoised: document.createElement("canvas") };

function repaint() {
  const colours = table(COLOURS[get("colours").value]), choice = get("scale").value;
  const [from, to] = ["low", "high"].map((id) => get(id).value / 100);
  for (const name of ["noisy", "denoised"]) {
    const [low, high] = page.ranges[choice === "own" ? name : choice];
    paint(painted[name], images[name], low + from * (high - low), low + to * (high - low), colours);
  }
  compose();
  for (const draw of panels) draw(colours);
}

function compose() {
  const share = get("split").value / 100, edge = Math.round(share * width);
  const context = get("view").getContext("2d");
  context.drawImage(painted.denoised, 0, 0);
  if (edge) context.drawImage(painted.noisy, 0, 0, edge, height, 0, 0, edge, height);
  get("handle").style.left = `${100 * share}%`;
}

// Panels: residual, evidence, error bars, Fourier transforms.
const panels = [];

function addPanel(parent, { name, title, caption, range, signed, places }) {
  const figure = document.createElement("figure"), frame = document.createElement("div");
  const canvas = document.createElement("canvas"), words = document.createElement("figcaption");
  const strong = document.createElement("b");
  strong.textContent = title;
  words.append(strong, ` ${caption}`);
  frame.append(canvas);
  figure.append(frame, words);
  parent.append(figure);
  const image = images[name];
  if (places && places.length) frame.append(rings(places, image));
  panels.push((colours) => paint(canvas, image, ...range, signed ? table(SIGNED) : colours));
}

const svg = (name, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  return element;
};

function rings(places, image) {
  const drawn = svg("svg", { viewBox: `0 0 ${image.width} ${image.height}` });
  for (const [row, column] of places) {
    drawn.append(svg("circle", { cx: column + 0.5, cy: row + 0.5, r: image.width / 40 }));
  }
  return drawn;
}

// The line profile.
let line = [0, height / 2, width, height / 2];

function at(image, x, y) {
  const column = Math.min(Math.max(Math.floor(x), 0), image.width - 1);
  return image.values[Math.min(Math.max(Math.floor(y), 0), image.height - 1) * image.width + column];
}

function sample(image, mean) {
  const [x0, y0, x1, y1] = line, length = Math.hypot(x1 - x0, y1 - y0), n = Math.ceil(length) + 1;
  const across = +get("across").value, side = [(y0 - y1) / length || 0, (x1 - x0) / length || 0];
  return Array.from({ length: n }, (_, i) => {
    const share = i / (n - 1 || 1), x = x0 + share * (x1 - x0), y = y0 + share * (y1 - y0);
    let total = 0;
    for (let k = 0; k < across; k++) {
      const off = k - (across - 1) / 2;
      total += at(image, x + off * side[0], y + off * side[1]);
    }
    return [share * length * page.pixel, total / across];
  });
}

function drawProfile() {
  const [x0, y0, x1, y1] = line;
  for (const [key, value] of Object.entries({ x1: x0, y1: y0, x2: x1, y2: y1 })) {
    get("drawn").setAttribute(key, value);
  }
  const series = [["noisy", sample(images.noisy)], ["denoised", sample(images.denoised)]];
  if (images.error) {
    const error = sample(images.error), middle = series[1][1];
    const edge = (sign) => middle.map(([x, y], i) => [x, y + 2 * sign * error[i][1]]);
    series.unshift(["band", [...edge(1), ...edge(-1).reverse()]]);
  }
  plot(get("profile"), series, page.unit);
}

function ticks(low, high) {
  const power = 10 ** Math.floor(Math.log10((high - low) / 3 || 1));
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => (high - low) / s <= 5);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

function plot(target, series, label) {
  const wide = target.clientWidth, high = target.clientHeight, left = 64, bottom = 36, top = 8;
  const points = series.flatMap(([, data]) => data).filter(([, y]) => Number.isFinite(y));
  if (!points.length) return;
  const span = (k) => points.reduce(([a, b], p) => [Math.min(a, p[k]), Math.max(b, p[k])], [1 / 0, -1 / 0]);
  let [[minX, maxX], [minY, maxY]] = [span(0), span(1)];
  if (minY === maxY) [minY, maxY] = [minY - 1, maxY + 1];
  const px = (x) => left + ((x - minX) / (maxX - minX || 1)) * (wide - left - 12);
  const py = (y) => high - bottom - ((y - minY) / (maxY - minY)) * (high - bottom - top);
  const text = (words, attributes) => {
    const element = svg("text", attributes);
    element.textContent = words;
    return element;
  };
  const short = (value) => String(+value.toPrecision(6));
  target.replaceChildren();
  for (const y of ticks(minY, maxY)) {
    target.append(svg("path", { class: "grid", d: `M${left},${py(y)}H${wide - 12}` }));
    target.append(text(short(y), { x: left - 6, y: py(y) + 4, "text-anchor": "end" }));
  }
  for (const x of ticks(minX, maxX)) {
    target.append(text(short(x), { x: px(x), y: high - bottom + 16, "text-anchor": "middle" }));
  }
  target.append(text(label, { x: wide - 12, y: high - 4, "text-anchor": "end" }));
  for (const [name, data] of series) {
    const known = data.filter(([, y]) => Number.isFinite(y));
    const d = "M" + known.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join("L");
    target.append(svg("path", { class: name, d }));
  }
}

// What the reader does.
const place = (event) => {
  const box = get("view").getBoundingClientRect();
  const x = ((event.clientX - box.left) / box.width) * width;
  const y = ((event.clientY - box.top) / box.height) * height;
  return [Math.min(Math.max(x, 0), width), Math.min(Math.max(y, 0), height)];
};

function listenToLine(stage) {
  let start = null, tapped = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest("#handle")) return;
    start = place(event);
    if (event.pointerType !== "touch") stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    read(x, y);
    if (start && event.pointerType !== "touch") draw(start, [x, y]);
  });
  stage.addEventListener("pointercancel", () => (start = null));
  stage.addEventListener("pointerup", (event) => {
    if (!start) return;
    const end = place(event), moved = Math.hypot(end[0] - start[0], end[1] - start[1]) > width / 100;
    if (!moved && tapped) draw(tapped, end);
    tapped = moved || tapped ? null : end;
    start = null;
    if (tapped) get("reading").textContent = "Tap the other end of the line.";
  });
}

function draw(from, to) {
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 2) return;
  line = [...from, ...to];
  drawProfile();
}

function read(x, y) {
  const words = ["noisy", "denoised"].map((name) => `${name} ${at(images[name], x, y).toPrecision(4)}`);
  const [row, column] = [y, x].map((side, i) => Math.min(Math.floor(side), page.shape[i] - 1) + page.origin[i]);
  get("reading").textContent = `row ${row}, column ${column}: ${words.join(", ")}`;
}

function listenToHandle(handle) {
  handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    get("split").value = (100 * place(event)[0]) / width;
    compose();
  });
}

function fit() {
  for (const id of ["stage", "split"]) {
    get(id).style.maxWidth = `${Math.round((0.8 * innerHeight * width) / height)}px`;
  }
  drawProfile();
  if (page.loss) plot(get("loss"), [["denoised", page.loss]], "step");
}

async function start() {
  for (const name in page.images) images[name] = await unpack(page.images[name]);
  const { denoised, residual } = images;
  images.noisy = { ...denoised, values: denoised.values.map((value, i) => value + residual.values[i]) };
  const view = get("view");
  [view.width, view.height] = [width, height];
  get("overlay").setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const name in COLOURS) get("colours").add(new Option(name));
  get("band-key").hidden = !images.error;
  if (page.bar) {
    const [share, label] = page.bar, bar = get("bar");
    bar.hidden = false;
    bar.style.width = `${100 * share}%`;
    bar.querySelector("b").textContent = label;
  }
  for (const panel of page.panels) addPanel(get(panel.group), panel);
  for (const id of ["colours", "scale"]) get(id).addEventListener("change", repaint);
  for (const id of ["low", "high"]) get(id).addEventListener("input", repaint);
  get("split").addEventListener("input", compose);
  get("across").addEventListener("change", drawProfile);
  listenToLine(get("stage"));
  listenToHandle(get("handle"));
  addEventListener("resize", fit);
  repaint();
  fit();
  document.body.dataset.ready = "yes";
}

start();
