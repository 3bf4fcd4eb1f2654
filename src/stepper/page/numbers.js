// ---- numbers ----------------------------------------------------------------------------------

const ROWS = 40, COLUMNS = 16;
// A table of one or two axes, as much as is around the entry; of a third axis, time, the part that the entry is in.
const table = (item, marked, press, around = entry) => {
  const height = item.size[0] || 1, width = item.size[1] || 1, area = height * width, inside = around % area;
  const offset = item.count > area ? Math.floor(around / area) * area : 0;
  const top = Math.floor(inside % height / ROWS) * ROWS, left = Math.floor(Math.floor(inside / height) / COLUMNS) * COLUMNS;
  const bottom = Math.min(height, top + ROWS), right = Math.min(width, left + COLUMNS);
  const largest = item.values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  const body = make("tbody");
  for (let i = top; i < bottom; i++) {
    const row = make("tr");
    for (let j = left; j < right; j++) {
      const k = offset + i + j * height, x = item.values[k], pressed = press && k === entry;
      const cell = make("td", { class: (marked && marked(i, j) ? "p-marked" : ""), style: "--p-heat:" + (Math.abs(x) / largest * 0.45).toFixed(2) });
      cell.classList.add(x < 0 ? "p-minus" : "p-plus");
      cell.append(press ? make("button", { type: "button", "aria-pressed": String(pressed), tabindex: pressed ? 0 : -1, "aria-label": at(item, k) + " = " + format(x), onclick: () => pick(k) }, format(x, true)) : format(x, true));
      row.append(cell);
    }
    body.append(row);
  }
  const more = bottom - top < height || right - left < width ? make("p", { class: "p-note" }, "rows " + (top + 1) + " to " + bottom + " of " + height + ", columns " + (left + 1) + " to " + right + " of " + width + ": around the entry") : "";
  const plane = item.count > area ? make("p", { class: "p-note" }, "time step " + (offset / area + 1) + " of " + item.count / area) : "";
  return make("div", { class: "p-scroll" }, make("table", { class: "p-numbers" }, make("caption", {}, item.name + ", " + shape(item)), body), plane, more);
};

// ---- arithmetic -------------------------------------------------------------------------------

const MANY = 10;
const join = (parts, sign) => parts.slice(0, MANY).join(sign) + (parts.length > MANY ? sign + "… (" + parts.length + " in all)" : "");
const equation = (...sides) => make("div", { class: "p-equation" }, ...sides.map((text, k) => make("div", {}, (k ? "= " : "") + text)));

const elementwise = (item, inputs) => {
  const index = unravel(entry, item.size), label = item.op[1], places = inputs.map((each) => ravel(index, each.size));
  const write = (list) => list.length === 1 && /^[^a-zA-Zα-ωΑ-Ω|]{1,2}$/.test(label) ? label + list[0]
    : list.length === 2 && !/[a-zA-Zα-ωΑ-Ω|]/.test(label) ? list.join(" " + (label === "⊙" ? "·" : label) + " ") : label + "(" + list.join(", ") + ")";
  return [equation(at(item, entry), write(inputs.map((each, k) => at(each, places[k]))),
    write(inputs.map((each, k) => inputs.length > 1 && k ? operand(each.values[places[k]]) : format(each.values[places[k]]))), format(item.values[entry]))];
};
// Why the transpose: which index runs, and where it stands in each factor.
const product = (item, [a, b]) => {
  const [i, j] = unravel(entry, [item.size[0] || 1, item.size[1] || 1]), turnedA = item.op[4] === 1, turnedB = item.op[5] === 1;
  const rowsA = a.size[0] || 1, rowsB = b.size[0] || 1, inner = turnedA ? rowsA : a.count / rowsA;
  const left = (k) => turnedA ? k + i * rowsA : i + k * rowsA, right = (k) => turnedB ? j + k * rowsB : k + j * rowsB;
  const terms = Array.from({ length: inner }, (_, k) => format(a.values[left(k)]) + " · " + operand(b.values[right(k)]));
  const form = (name, turned, free, leads) => name + "[" + (turned !== leads ? free + ", k" : "k, " + free) + "]";
  const words = "Σ over k of " + form(atom(a), turnedA, i + 1, true) + " · " + form(atom(b), turnedB, j + 1, false);
  const why = turnedB ? "each entry of the gradient is a row of " + a.name + " times a row of " + b.name + ", summed over the examples."
    : "forward, column " + (i + 1) + " of " + a.name + " carried this entry into every row of the result; back, it collects from all of them.";
  return [equation(at(item, entry), words, join(terms, " + "), format(item.values[entry])),
    turnedA || turnedB ? make("p", { class: "p-note" }, "Why the transpose: " + why) : "",
    table(a, (r, c) => (turnedA ? c : r) === i, false, left(0)), table(b, (r, c) => (turnedB ? r : c) === j, false, right(0))];
};
const reduction = (item, [x]) => {
  const index = unravel(entry, x.size.map((n, axis) => item.op[4] >> axis & 1 ? 1 : n)), parts = [];
  for (let k = 0; k < x.count; k++)
    if (unravel(k, x.size).every((at, axis) => item.op[4] >> axis & 1 || at === index[axis])) parts.push(x.values[k]);
  const text = item.op[0] === "sum" ? join(parts.map((v, k) => k ? operand(v) : format(v)), " + ") : item.op[0] + "(" + join(parts.map((v) => format(v)), ", ") + ")";
  return [equation(at(item, entry), text, format(item.values[entry]))];
};
// The sum of an entry and all before it along an axis; in reverse, and of all behind it.
const cumulative = (item, [x]) => {
  const index = unravel(entry, x.size), axis = item.op[4], length = x.size[axis] || 1, parts = [];
  for (let k = item.op[5] ? index[axis] : 0; k < (item.op[5] ? length : index[axis] + 1); k++)
    parts.push(x.values[ravel(index.map((at, i) => i === axis ? k : at), x.size)]);
  return [equation(at(item, entry), join(parts.map((v, k) => k ? operand(v) : format(v)), " + "), format(item.values[entry]))];
};
const softmax = (item, [x]) => {
  const height = x.size[0] || 1, start = entry - entry % height, column = Array.from(x.values.subarray(start, start + height));
  return [equation(at(item, entry), "exp(" + format(x.values[entry]) + ") / (" + join(column.map((v) => "exp(" + format(v) + ")"), " + ") + ")", format(item.values[entry]))];
};
const moved = (item, inputs) => {
  const [name, , , , axis, start] = item.op, index = unravel(entry, item.size);
  let from = inputs[0], k = entry;
  if (name === "slice") { index[axis] += start; k = ravel(index, from.size); }
  else if (name === "concat") {
    let which = 0;
    while (which < inputs.length - 1 && index[axis] >= (inputs[which].size[axis] || 1)) index[axis] -= inputs[which++].size[axis] || 1;
    from = inputs[which];
    k = ravel(index, from.size);
  } else if (name === "transpose") k = ravel([index[1], index[0]], from.size);
  else if (name === "broadcast") k = ravel(index, from.size);
  else if (name !== "reshape") return [];
  return [equation(at(item, entry), at(from, k), format(item.values[entry])), make("p", { class: "p-note" }, "Nothing is computed: the number is moved.")];
};
const arithmetic = (item) => {
  const inputs = item.operands.map((k) => items[k]);
  if (item.kind !== OP && item.kind !== HIDDEN || !inputs.length || inputs.includes(undefined)) return [];
  const kind = item.op[3];
  if (kind === ELEMENTWISE) return elementwise(item, inputs);
  if (kind === MATRIX_PRODUCT && item.size.length <= 2) return product(item, inputs);
  if (kind === REDUCTION) return reduction(item, inputs);
  if (item.op[0] === "cumsum") return cumulative(item, inputs);
  return item.op[0] === "softmax" ? softmax(item, inputs) : moved(item, inputs);
};
