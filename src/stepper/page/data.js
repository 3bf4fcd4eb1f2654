// Steps through a tape with its numbers. What is computed when, and what adds to what, stands in the
// page's data; names and formulas stand in its table of steps. No library, no request, no storage.
const data = JSON.parse(document.getElementById("p-data").textContent);
const OP = 0, HIDDEN = 6, BACKWARD = 8;
const ELEMENTWISE = 1, MATRIX_PRODUCT = 3, REDUCTION = 4;

const decode = (text) => {
  const bytes = atob(text), view = new DataView(new ArrayBuffer(bytes.length));
  for (let k = 0; k < bytes.length; k++) view.setUint8(k, bytes.charCodeAt(k));
  return Float64Array.from({ length: bytes.length / 8 }, (_, k) => view.getFloat64(8 * k, true));
};
const numbers = decode(data.numbers), derivatives = decode(data.derivatives), errors = decode(data.errors);
const rows = [...document.querySelectorAll("#p-steps tbody tr")];
let offset = 0;
const items = data.items.map(([node, kind, step, shape, op, to, ...operands], k) => {
  const size = data.shapes[shape], count = size.reduce((a, b) => a * b, 1);
  const row = rows[k] ? rows[k].cells : null, name = row ? row[0].textContent.trim() : data.names[k];
  const item = { k, node, kind: kind % BACKWARD, backward: kind >= BACKWARD, step, size, to, operands, count,
    op: data.ops[op], name, rule: (row && row[1].textContent.trim()) || name,
    values: numbers.subarray(offset, offset + count), adds: [], gets: [] };
  offset += count;
  return item;
});
const order = items.filter((item) => item.kind === OP && item.node >= 0);
order.forEach((item, k) => { item.position = k + 1; });
// What is given is there from the start; what only moves numbers, as soon as they are.
const position = (item) => {
  if (item.position === undefined)
    item.position = item.kind === HIDDEN ? item.operands.reduce((most, k) => k < 0 ? most : Math.max(most, position(items[k])), 0) : 0;
  return item.position;
};
items.forEach(position);
const last = order.length, turn = order.filter((item) => !item.backward).length;
const nodes = new Map(items.filter((item) => item.node >= 0).map((item) => [item.node, item]));
data.addends.forEach(([target, by, value, sum]) => {
  const addend = { target: items[target], by: items[by], value: items[value], sum: items[sum], step: by < 0 ? -1 : items[by].step };
  addend.target.gets.push(addend);
  for (const part of new Set([value, sum])) if (part >= 0) items[part].adds.push(addend.target);
});
let first = 0;
const given = data.given.map(([name, kind, leaf, gradient]) => {
  const array = { name, kind, leaf: items[leaf], gradient: items[gradient], first };
  first += array.leaf ? array.leaf.count : 0;
  return array;
});
const named = new Map();
for (const item of items) if (!named.has(item.name)) named.set(item.name, item);
// The time step of each place: that of the last item before it that has one.
const moments = [0];
order.forEach((item, k) => moments.push(item.step >= 0 ? item.step : moments[k]));
