// ---- equations ---------------------------------------------------------------------------------

// The derivation's lines: what each is the gradient or the value of, and which operations belong to it.
const written = document.querySelector("#p-equations .p-scroll");
const lines = written ? [...written.querySelectorAll("[data-of]")].map((element) => ({ element, of: element.dataset.of, name: element.dataset.name || element.dataset.of, back: element.dataset.name !== undefined })) : [];
// "f" of f⟨2⟩; a formula is no name.
const base = (item) => (/^[^ (⟨]+(?=(⟨\d+⟩)?$)/.exec(item.name) || [""])[0];
const lineOf = (of, back) => lines.find((line) => line.back === back && line.of === of);

// A forward operation belongs to the equation whose name is computed next.
const values = new Map(lines.filter((line) => !line.back).map((line) => [line.of.replace("'", ""), line]));
let nextValue = null;
for (const item of [...order].reverse().filter((item) => !item.backward)) {
  const own = values.get(base(item));
  if (own) nextValue = { line: own, step: item.step };
  item.line = nextValue && nextValue.step === item.step ? nextValue.line : null;
}
// What comes to a gradient belongs to its line: of a state, that of the step that sends it.
const gradientLine = (item) => {
  const target = item.adds.find((each) => each.gets.some((a) => a.value === item || a.sum === item));
  if (!target) return null;
  const own = target.gets.find((a) => a.value === item || a.sum === item), name = base(target);
  if (target.kind === 3 || target.step >= 0 && own.step > target.step) return lineOf(target.kind === 3 ? name.replace(/0$/, "") : name, true);
  return lineOf(name + "'", true) || lineOf(name, true) || lines.find((line) => line.back && line.of.replace(/_\d+$/, "") === name);
};
// Any other belongs to the line of what reads it first.
const readers = new Map();
for (const item of [...order].reverse().filter((item) => item.backward)) {
  item.line = gradientLine(item) || readers.get(item.k) || null;
  for (const k of item.operands) if (item.line) readers.set(k, item.line);
}
// Whether an equation is through with the step of this number.
const ends = (k) => {
  const item = order[k - 1], next = order[k];
  if (!next) return true;
  if (!lines.length) return !/[ (]|^n\d+$/.test(item.name);
  return item.line !== null && (next.line !== item.line || next.step !== item.step);
};

if (written) {
  const panel = make("div", { id: "p-written" }, written);
  document.getElementById("p-equations").remove();
  tabs.set("equations", panel);
  for (const line of lines) line.element.addEventListener("click", () => {
    const own = order.filter((item) => item.line === line), there = own.filter((item) => item.step === moment());
    const item = (there.length ? there : own).pop();
    if (item) select(item);
  });
}
const within = (outer, inner) => {
  const a = outer.getBoundingClientRect(), b = inner.getBoundingClientRect();
  if (b.top < a.top + 40 || b.bottom > a.bottom - 10) outer.scrollTop += b.top - a.top - a.height / 3;
};
let lit = null;
const light = (item) => {
  if (lit) lit.element.classList.remove("p-lit");
  lit = item.line || null;
  if (!lit) return;
  lit.element.classList.add("p-lit");
  if (tab === "equations") within(side, lit.element);
};
const formulaOf = (item) => item.line ? make("div", { class: "p-formula" }, make("button", { class: "p-link", type: "button", onclick: () => { openTab("equations"); show(); } }, item.line.element.querySelector(".label").textContent), " ", item.line.element.querySelector("math").cloneNode(true)) : "";
