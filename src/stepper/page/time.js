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
  cells.forEach((cell, t) => { if (cell.classList.contains("p-full") !== full.has(t)) cell.classList.toggle("p-full"); });
  line.lastChild.textContent = there.length + " of " + parts.length + (parts.length === 1 ? " part" : " parts");
});
