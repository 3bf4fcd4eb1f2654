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
  value.replaceChildren(
    make("h2", {}, item.name), make("p", { class: "p-what" }, what(item) + "."), formulaOf(item),
    item.rule !== item.name ? make("p", { class: "p-equation" }, item.name + " = " + item.rule) : "",
    item.operands.length ? make("p", { class: "p-reads" }, "reads ", ...[...new Set(item.operands)].flatMap((k, n) => k < 0 ? [] : [n ? ", " : "", link(items[k])])) : "",
    hidden ? make("p", { class: "p-note" }, "Not computed yet. ", make("button", { type: "button", onclick: () => go(item.position) }, "go there")) : table(item, null, true),
    hidden ? "" : section("Entry " + at(item, entry), ...parts),
    section(item.backward ? "Where it adds to" : "Its gradient", ...sums(item)),
    hidden ? "" : section("Is it true?", truth(item)));
};
