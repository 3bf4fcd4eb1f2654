// Steps through a tape with its numbers. What is computed when, and what adds to what, stands in the
// page's data; names and formulas stand in its table of steps. No library, no request, no storage.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("p-data").textContent);
  const OP = 0, HIDDEN = 6, BACKWARD = 8;
  const ELEMENTWISE = 1, MATRIX_PRODUCT = 3, REDUCTION = 4;

  // ---- the data ---------------------------------------------------------------------------------

  const decode = (text) => {
    const bytes = atob(text), view = new DataView(new ArrayBuffer(bytes.length));
    for (let k = 0; k < bytes.length; k++) view.setUint8(k, bytes.charCodeAt(k));
    return Float64Array.from({ length: bytes.length / 8 }, (_, k) => view.getFloat64(8 * k, true));
  };
  const numbers = decode(data.numbers), derivatives = decode(data.derivatives), errors = decode(data.errors);
  const rows = [...document.querySelectorAll("#p-steps tbody tr")];
  let place = 0;
  const items = data.items.map(([node, kind, step, shape, op, to, ...operands], k) => {
    const size = data.shapes[shape], count = size.reduce((a, b) => a * b, 1);
    const row = rows[k] ? rows[k].cells : null, name = row ? row[0].textContent.trim() : data.names[k];
    const item = { k, node, kind: kind % BACKWARD, backward: kind >= BACKWARD, step, size, to, operands, count,
      op: data.ops[op], name, rule: (row && row[1].textContent.trim()) || name,
      values: numbers.subarray(place, place + count), adds: [], gets: [] };
    place += count;
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
  data.addends.forEach(([target, by, value, sum, step]) => {
    const addend = { target: items[target], by: items[by], value: items[value], sum: items[sum], step };
    addend.target.gets.push(addend);
    for (const part of new Set([value, sum])) if (part >= 0) items[part].adds.push(addend.target);
  });
  let first = 0;
  const given = data.given.map(([name, kind, leaf, gradient]) => {
    const array = { name, kind, leaf: items[leaf], gradient: items[gradient], first };
    first += array.leaf ? array.leaf.count : 0;
    return array;
  });

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

  // ---- where we are -----------------------------------------------------------------------------

  let step = 0, chosen = null, entry = 0, timer = 0;
  const current = () => step > 0 ? order[step - 1] : null;
  const shown = () => chosen || current() || order[0];
  const arrived = (item) => !item || item.position <= step;

  // ---- the frame --------------------------------------------------------------------------------

  // What has words is called by them.
  const button = (text, label, action) => make("button", { type: "button", title: label, "aria-label": /[a-z]/.test(text) ? undefined : label, onclick: action }, text);
  const side = document.getElementById("p-side"), picture = document.getElementById("p-picture");
  const said = make("p", { id: "p-said", "aria-live": "polite" });
  const range = (label, min, max, id) => make("input", { type: "range", id, min, max, "aria-label": label, oninput: (event) => go(Number(event.target.value)) });
  const forward = range("Forward", 0, turn, "p-forward"), back = range("Backward", turn, last, "p-backward");
  const play = button("▶ play", "Play (Space)", () => toggle());
  const find = make("input", { id: "p-find", type: "search", list: "p-found", placeholder: "find (/)", "aria-label": "Find a value by its name", onchange: () => search() });
  const found = make("datalist", { id: "p-found" }, ...[...new Set(items.map((item) => item.name))].filter((name) => !/[ (]/.test(name)).map((name) => make("option", { value: name })));
  const keys = [["→ ←", "a step forward, back"], ["Shift → ←", "to the next, last name"], ["PgDn PgUp", "to the next, last time step"], ["Home End", "to the start, to the end"], ["b", "to the turn, where the loss is"], ["Space", "play, stop"], ["[ ]", "last, next entry"], ["Esc", "follow the steps again"], ["z", "the whole picture, or at full size"], ["/", "find"], ["?", "these keys"]];
  const help = make("dialog", { id: "p-help", "aria-label": "Keys" }, make("h2", {}, "Keys"), make("dl", {}, ...keys.flatMap(([key, does]) => [make("dt", {}, key), make("dd", {}, does)])), make("form", { method: "dialog" }, make("button", {}, "close")));
  const count = make("span", { id: "p-count" });
  const bar = make("div", { id: "p-bar", role: "group", "aria-label": "Steps" },
    make("div", { id: "p-buttons" }, button("|←", "To the start (Home)", () => go(0)), button("←", "A step back (←)", () => go(step - 1)), button("→", "A step forward (→)", () => go(step + 1)), button("→|", "To the end (End)", () => go(last)),
      turn < last ? button("⟲ loss", "To the turn (b)", () => go(turn)) : null, play, find, found, button("?", "Keys (?)", () => help.showModal()), count),
    make("label", { class: "p-row" }, make("span", {}, "forward →"), forward), turn < last ? make("label", { class: "p-row" }, make("span", {}, "← backward"), back) : null);
  const boxes = make("section", { id: "p-gradients", "aria-label": "Gradients over time" });
  document.getElementById("p-stage").after(bar, said, boxes);
  document.body.append(help);
  document.body.classList.add("p-live");
  side.setAttribute("role", "region");
  side.setAttribute("aria-label", "The value");
  side.tabIndex = 0;
  for (const details of document.querySelectorAll("main > details")) details.open = false;

  // ---- the picture ------------------------------------------------------------------------------

  const svg = picture.querySelector("svg"), drawn = new Map(), lines = [];
  for (const [node, item] of nodes) {
    const element = document.getElementById("n" + node);
    if (!element) continue;
    drawn.set(item, element);
    element.addEventListener("click", () => select(item));
  }
  for (let k = 0; k < data.edges.length; k += 3) {
    const element = document.getElementById("e" + data.edges[k]);
    if (element) lines.push([element, nodes.get(data.edges[k + 1]), nodes.get(data.edges[k + 2])]);
  }
  const paint = (item) => {
    const reads = new Set(item.operands);
    for (const [each, element] of drawn) {
      element.classList.toggle("p-todo", !arrived(each));
      element.classList.toggle("p-now", each === item);
      element.classList.toggle("p-read", reads.has(each.k));
    }
    for (const [element, from, to] of lines) {
      element.classList.toggle("p-todo", !arrived(from) || !arrived(to));
      element.classList.toggle("p-into", to === item);
    }
    const element = drawn.get(item);
    if (!element || !svg) return;
    const box = element.getBoundingClientRect(), frame = picture.getBoundingClientRect();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || timer !== 0;
    if (box.left < frame.left + 40 || box.right > frame.right - 40 || box.top < frame.top + 30 || box.bottom > frame.bottom - 30)
      picture.scrollBy({ left: box.left + box.width / 2 - frame.left - frame.width / 2, top: box.top + box.height / 2 - frame.top - frame.height / 2, behavior: calm ? "instant" : "smooth" });
  };

  // ---- numbers ----------------------------------------------------------------------------------

  const MOST = 24;
  // A table of one or two axes; of a third axis, time, the part that the entry is in.
  const table = (item, marked, press) => {
    const height = item.size[0] || 1, width = item.size[1] || 1, area = height * width;
    const offset = item.count > area ? Math.floor(entry / area) * area : 0;
    const largest = item.values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
    const body = make("tbody");
    for (let i = 0; i < Math.min(height, 200); i++) {
      const row = make("tr");
      for (let j = 0; j < Math.min(width, MOST); j++) {
        const k = offset + i + j * height, x = item.values[k], pressed = press && k === entry;
        const cell = make("td", { class: (marked && marked(i, j) ? "p-marked" : ""), style: "--p-heat:" + (Math.abs(x) / largest * 0.45).toFixed(2) });
        cell.classList.add(x < 0 ? "p-minus" : "p-plus");
        cell.append(press ? make("button", { type: "button", "aria-pressed": String(pressed), tabindex: pressed ? 0 : -1, "aria-label": at(item, k) + " = " + format(x), onclick: () => pick(k) }, format(x, true)) : format(x, true));
        row.append(cell);
      }
      body.append(row);
    }
    const more = width > MOST || height > 200 ? make("p", { class: "p-note" }, "the first " + Math.min(height, 200) + " × " + Math.min(width, MOST) + " of them") : "";
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
      table(a, (r, c) => (turnedA ? c : r) === i), table(b, (r, c) => (turnedB ? r : c) === j)];
  };
  const reduction = (item, [x]) => {
    const index = unravel(entry, x.size.map((n, axis) => item.op[4] >> axis & 1 ? 1 : n)), parts = [];
    for (let k = 0; k < x.count; k++)
      if (unravel(k, x.size).every((at, axis) => item.op[4] >> axis & 1 || at === index[axis])) parts.push(x.values[k]);
    const text = item.op[0] === "sum" ? join(parts.map((v, k) => k ? operand(v) : format(v)), " + ") : item.op[0] + "(" + join(parts.map((v) => format(v)), ", ") + ")";
    return [equation(at(item, entry), text, format(item.values[entry]))];
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
    return item.op[0] === "softmax" ? softmax(item, inputs) : moved(item, inputs);
  };

  // ---- where it adds to -------------------------------------------------------------------------

  const sum = (target) => {
    const n = target.gets.length, come = target.gets.filter((a) => arrived(a.sum)).length;
    const same = (part) => part && part.count === target.count;
    const list = target.gets.map((a) => {
      const there = arrived(a.sum), value = same(a.value) && entry < target.count ? format(a.value.values[entry], true) : "";
      return make("li", { class: there ? "p-there" : "p-missing" }, there ? "✓ " : "… ", "through ", a.by ? link(a.by) : "the loss", a.step >= 0 ? " at t = " + (a.step + 1) : "", ": ", a.value ? link(a.value) : "", there && value ? " = " + value : there ? "" : ", still to come");
    });
    const done = target.gets.filter((a) => arrived(a.sum)).pop();
    return make("div", {}, make("p", {}, "The gradient of ", link(target), n > 1 ? " is a sum (+=): " + target.name + " is read in " + n + " places, and each of them has its part. " + come + " of " + n + " have arrived." : " has one part."),
      make("ol", {}, ...list), done && same(done.sum) && entry < target.count ? make("p", { class: "p-equation" }, "so far, entry " + at(target, entry) + ": " + format(done.sum.values[entry])) : "");
  };
  const sums = (item) => {
    const targets = item.backward ? [...new Set(item.adds)] : item.gets.length ? [item] : [];
    if (!targets.length && item.backward && item.to >= 0 && items[item.to].gets.length) targets.push(items[item.to]);
    return targets.slice(0, 4).map(sum);
  };

  // ---- is it true -------------------------------------------------------------------------------

  const truth = (item) => {
    const array = given.find((each) => each.leaf === item || each.gradient === item);
    if (!array || !array.gradient) return null;
    if (!derivatives.length) return make("p", { class: "p-note" }, "There is no numeric derivative in this page: it would have taken long to compute.");
    const k = array.first + entry, exact = array.gradient.values[entry], numeric = derivatives[k], error = errors[k];
    const largest = array.gradient.values.reduce((most, x) => Math.max(most, Math.abs(x)), 1), difference = Math.abs(exact - numeric);
    const good = difference <= 2 * error + 1e-9 * largest;
    return make("div", { class: good ? "p-true" : "p-false" }, make("p", { class: "p-equation" }, "by the tape: " + format(exact) + ", by differences: " + format(numeric) + " ± " + format(error)),
      make("p", {}, (good ? "✓ They agree: " : "✗ They do not agree: ") + "the difference is " + format(difference) + "."));
  };

  // ---- the panel --------------------------------------------------------------------------------

  const section = (title, ...inside) => inside.filter((part) => part).length ? make("section", {}, make("h3", {}, title), ...inside) : "";
  const panel = (item) => {
    entry = Math.min(entry, item.count - 1);
    const hidden = !arrived(item), parts = arithmetic(item);
    side.replaceChildren(
      make("h2", {}, item.name), make("p", { class: "p-what" }, what(item) + "."),
      item.rule !== item.name ? make("p", { class: "p-equation" }, item.name + " = " + item.rule) : "",
      item.operands.length ? make("p", { class: "p-reads" }, "reads ", ...[...new Set(item.operands)].flatMap((k, n) => k < 0 ? [] : [n ? ", " : "", link(items[k])])) : "",
      hidden ? make("p", { class: "p-note" }, "Not computed yet. ", make("button", { type: "button", onclick: () => go(item.position) }, "go there")) : table(item, null, true),
      hidden ? "" : section("Entry " + at(item, entry), ...parts),
      section(item.backward ? "Where it adds to" : "Its gradient", ...sums(item)),
      hidden ? "" : section("Is it true?", truth(item)),
      !drawn.has(item) && item.node >= 0 && item.kind === OP ? make("p", { class: "p-note" }, "It is in a time step that the picture leaves out.") : "");
  };

  // ---- gradients over time ----------------------------------------------------------------------

  const strips = given.filter((array) => array.gradient && array.leaf.gets.length).map((array) => {
    // An initial state and an input have parts in no step of their own.
    const steps = new Set(array.leaf.gets.map((a) => a.step));
    const cells = Array.from({ length: array.kind === "parameter" ? data.steps : 0 }, (_, t) => make("span", { class: steps.has(t) ? "p-box" : "p-box p-none", title: array.name + " at t = " + (t + 1) }));
    const line = make("div", { class: "p-strip" }, link(array.gradient, "d" + array.name), make("span", { class: "p-boxes", "aria-hidden": "true" }, ...cells), make("span", { class: "p-part" }));
    return { array, cells, line, parts: array.leaf.gets };
  });
  boxes.append(make("h2", {}, "Gradients, filled from the last time step to the first"), ...strips.map((strip) => strip.line));
  const fill = () => strips.forEach(({ cells, line, parts }) => {
    const there = parts.filter((a) => arrived(a.sum)), full = new Set(there.map((a) => a.step));
    cells.forEach((cell, t) => cell.classList.toggle("p-full", full.has(t)));
    line.lastChild.textContent = there.length + " of " + parts.length + (parts.length === 1 ? " part" : " parts");
  });

  // ---- going ------------------------------------------------------------------------------------

  const sentence = (item) => step === 0 ? "Nothing is computed yet; inputs and parameters are given."
    : "Step " + step + " of " + last + ", " + (step <= turn ? "forward" : "backward") + time(item) + ": " + item.name + (item.rule !== item.name ? " = " + item.rule : "") + ", " + what(item) + ".";
  let written = "";
  const remember = () => {
    const item = chosen;
    const hash = "#step=" + step + (item ? "&item=" + item.k : "") + (entry ? "&entry=" + entry : "");
    if (hash === written) return;
    written = hash;
    // A sandboxed frame has no history to write to.
    try { history.replaceState(null, "", hash); } catch (refused) { /* then there is no link to this place */ }
  };
  const recall = () => {
    const read = new URLSearchParams(location.hash.slice(1)), whole = (name) => Math.max(0, parseInt(read.get(name), 10) || 0);
    step = Math.min(whole("step"), last);
    chosen = read.has("item") ? items[whole("item")] || null : null;
    entry = whole("entry");
  };
  const show = () => {
    const item = shown(), now = current();
    panel(item);
    paint(item);
    fill();
    forward.value = Math.min(step, turn);
    back.value = Math.max(step, turn);
    for (const [input, side] of [[forward, "forward"], [back, "backward"]]) input.setAttribute("aria-valuetext", "step " + input.value + " of " + last + " " + side);
    count.textContent = step + " / " + last;
    said.textContent = sentence(now);
    rows.forEach((row, k) => row.classList.toggle("p-now", items[k] === item));
    remember();
  };
  const go = (to) => {
    const wanted = Math.max(0, Math.min(last, to));
    if (wanted === last) stop();
    step = wanted;
    chosen = null;
    show();
  };
  const select = (item) => { chosen = item; show(); };
  const pick = (k) => {
    entry = k;
    chosen = shown();
    show();
    const pressed = side.querySelector("[aria-pressed=true]");
    if (pressed) pressed.focus({ preventScroll: true });
  };
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = "▶ play"; };
  const toggle = () => {
    if (timer) return stop();
    if (step === last) step = 0;
    play.textContent = "■ stop";
    timer = setInterval(() => go(step + 1), 700);
  };
  const search = () => {
    const text = find.value.trim().toLowerCase();
    const hit = text && (items.find((item) => item.name.toLowerCase() === text) || items.find((item) => item.name.toLowerCase().includes(text)));
    if (hit) select(hit);
    said.textContent = hit ? "Found " + hit.name + ": " + what(hit) + "." : "Nothing is called " + find.value + ".";
  };
  const skip = (direction, wanted) => {
    let to = step + direction;
    while (to > 0 && to < last && !wanted(order[to - 1])) to += direction;
    go(to);
  };
  const named = (item) => !/[ (]|^n\d+$/.test(item.name);
  const jump = (direction) => {
    const from = current() ? current().step : -1;
    skip(direction, (item) => item.step !== from && item.step >= 0);
  };
  const actions = {
    ArrowRight: (shift) => shift ? skip(1, named) : go(step + 1), ArrowLeft: (shift) => shift ? skip(-1, named) : go(step - 1),
    PageDown: () => jump(1), PageUp: () => jump(-1), Home: () => go(0), End: () => go(last), b: () => go(turn), " ": () => toggle(),
    "/": () => find.focus(), "?": () => help.showModal(), z: () => picture.classList.toggle("p-whole"), Escape: () => { chosen = null; show(); },
    "[": () => pick(Math.max(0, entry - 1)), "]": () => pick(Math.min(shown().count - 1, entry + 1)),
  };
  document.addEventListener("keydown", (event) => {
    const own = event.target.closest("button, summary"), typing = event.target === find;
    if (event.ctrlKey || event.altKey || event.metaKey || help.open || typing && event.key !== "Escape" || own && event.key === " ") return;
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) return;
    event.preventDefault();
    if (typing) find.blur();
    action(event.shiftKey);
  });
  document.querySelector("#p-steps tbody").addEventListener("click", (event) => {
    const row = rows.indexOf(event.target.closest("tr"));
    if (row >= 0) select(items[row]);
  });
  addEventListener("hashchange", () => { if (location.hash !== written) { recall(); show(); } });
  recall();
  show();
})();
