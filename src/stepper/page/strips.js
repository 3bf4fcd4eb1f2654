// ---- numbers in the picture --------------------------------------------------------------------

// Value | gradient, in the lower part of a node: an entry above the line is positive, below it negative,
// the darker the larger. Of many entries neighbours share a place, and the largest shows.
const PLACES = 12, LEVELS = 3, THICK = 9;
const drawing = (tag, set, ...inside) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(set)) element.setAttribute(key, value);
  element.append(...inside);
  return element;
};
const coarse = (values) => {
  if (values.length <= PLACES) return [...values];
  return Array.from({ length: PLACES }, (_, k) => values.subarray(Math.floor(k * values.length / PLACES), Math.floor((k + 1) * values.length / PLACES))
    .reduce((most, x) => Math.abs(x) > Math.abs(most) ? x : most, 0));
};
const heat = (values, x, y, width) => {
  const list = coarse(values), each = width / list.length, half = THICK / 2, parts = new Map();
  const largest = list.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  list.forEach((v, k) => {
    const level = largest > 0 ? Math.ceil(LEVELS * Math.abs(v) / largest) : 0;
    if (level === 0) return;
    const kind = (v > 0 ? "p-above" : "p-below") + " p-level" + level;
    parts.set(kind, (parts.get(kind) || "") + "M" + (x + k * each).toFixed(1) + " " + (v > 0 ? y : y + half) + "h" + Math.max(each - 0.6, 0.6).toFixed(1) + "v" + half + "h-" + Math.max(each - 0.6, 0.6).toFixed(1) + "z");
  });
  return [...[...parts].map(([kind, d]) => drawing("path", { class: kind, d })), drawing("path", { class: "p-middle", d: "M" + x + " " + (y + half) + "h" + width })];
};
// The gradient as far as it has come; NULL: none has.
const adjoint = (item) => {
  const there = item.gets.filter((a) => a.sum && arrived(a.sum) && a.sum.count === item.count);
  return there.length ? there[there.length - 1].sum : null;
};
const strip = (there, item) => {
  const has = item && arrived(item), gradient = has && item.gets.length ? adjoint(item) : null;
  const key = has ? item.k + "," + (gradient ? gradient.k : "") : "";
  if (there.key === key) return;
  there.key = key;
  if (!there.strip) {
    const box = there.element.querySelector(".box").getBBox(), inset = there.element.querySelector("rect.box") || !there.element.classList.contains("node") ? 4 : 9;
    there.place = { x: box.x + inset, y: box.y + box.height - THICK - 2, width: box.width - 2 * inset };
    there.strip = drawing("g", { class: "p-strips" });
    there.element.append(there.strip);
  }
  const { x, y, width } = there.place, both = has && item.gets.length > 0, part = both ? (width - 4) / 2 : width;
  there.strip.replaceChildren(...(has ? heat(item.values, x, y, part) : []), ...(gradient ? heat(gradient.values, x + part + 4, y, part) : []),
    ...(both ? [drawing("path", { class: "p-between", d: "M" + (x + part + 2) + " " + y + "v" + THICK })] : []));
};
