// ---- words ------------------------------------------------------------------------------------

// Four digits; the sign is a glyph of its own.
const format = (x, signed) => {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x), sign = x < 0 ? "−" : signed && x > 0 ? "+" : "";
  if (size === 0) return "0";
  const text = size < 1e-3 || size >= 1e5 ? size.toExponential(3).replace("e-", "e−").replace("e+", "e")
    : size.toPrecision(4);
  return sign + text;
};
const operand = (x) => x < 0 ? "(" + format(x) + ")" : format(x);
const unravel = (k, size) => size.map((n) => { const i = k % n; k = (k - i) / n; return i; });
const ravel = (index, size) => size.reduceRight((k, n, a) => k * n + Math.min(index[a] || 0, n - 1), 0);
const atom = (item) => /[ []/.test(item.name) ? "(" + item.name + ")" : item.name;
// Counted from 1; of one column, the row alone.
const at = (item, k) => {
  if (item.count === 1) return item.name;
  const axes = item.size.length === 2 && item.size[1] === 1 ? 1 : item.size.length;
  return atom(item) + "[" + unravel(k, item.size).slice(0, axes).map((i) => i + 1).join(", ") + "]";
};
const shape = (item) => item.size.length ? item.size.join(" × ") : "one number";
const time = (item) => item.step >= 0 ? " at time step " + (item.step + 1) : "";
const kinds = ["", "an input", "a parameter", "a state before the first step", "a constant", "", "moved numbers"];

const what = (item) => {
  if (item.kind !== OP) return item.backward && item.kind === 1 ? "an upstream gradient: what the loss says about it" : kinds[item.kind] || "a result";
  if (!item.backward) return "computed" + time(item) + " on the way forward";
  const target = item.to >= 0 ? items[item.to] : null;
  if (!target) return "computed" + time(item) + " on the way back";
  const own = target.gets.find((a) => a.sum === item || a.value === item);
  if (!own) return "a part of the local rule that leads to the gradient of " + target.name + time(item);
  const n = target.gets.length, k = target.gets.indexOf(own) + 1;
  if (own.sum === item && k === n) return "the gradient of the loss by " + target.name + (n > 1 ? ", the sum of " + n + " parts" : "") + time(item);
  return own.sum === item ? "the gradient by " + target.name + " as far as it has come: " + k + " of " + n + " parts" : "what comes to the gradient of " + target.name + " through " + through(own);
};
const through = (addend) => addend.by ? addend.by.name : "the loss";

// ---- small pieces of a page -------------------------------------------------------------------

const make = (tag, set, ...inside) => {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(set || {}))
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== undefined) element.setAttribute(key, value === true ? "" : value);
  element.append(...inside.filter((part) => part !== null && part !== undefined));
  return element;
};
const link = (item, text) => make("button", { class: "p-link", type: "button", onclick: () => select(item) }, text || item.name);
