// ---- going ------------------------------------------------------------------------------------

const sentence = (item) => step === 0 ? "Nothing is computed yet; inputs and parameters are given."
  : "Step " + step + " of " + last + ", " + (step <= turn ? "forward" : "backward") + time(item) + ": " + item.name + (item.rule !== item.name ? " = " + item.rule : "") + ", " + what(item) + ".";
// The address: view, step, value and entry. Other pages can also say name=dWf, t=2 and entry=3,1, from 1.
const place = () => "#step=" + step + (view.name !== "unrolled" ? "&view=" + view.name : "") + (tab === "equations" ? "&tab=equations" : "") +
  (chosen ? "&item=" + chosen.k : "") + (entry ? "&entry=" + entry : "");
let address = "";
const remember = () => {
  const hash = place();
  if (hash === address) return;
  address = hash;
  // A sandboxed frame has no history to write to.
  try { history.replaceState(null, "", hash); } catch (refused) { /* then there is no link to this place */ }
};
// By its name in the cell or in the derivation, at a time step.
const lookup = (name, t) => named.get(name + "⟨" + t + "⟩") || named.get(name) ||
  order.filter((item) => item.backward && item.line && item.line.name === name && (item.step === t - 1 || !t)).pop();
const recall = () => {
  const read = new URLSearchParams((location.hash || data.start || "").slice(1)), whole = (name) => Math.max(0, parseInt(read.get(name), 10) || 0);
  const called = read.has("name") ? lookup(read.get("name"), whole("t")) : null;
  chosen = called || (read.has("item") ? items[whole("item")] || null : null);
  step = Math.min(chosen && !read.has("step") ? chosen.position : whole("step"), last);
  const [i, j] = (read.get("entry") || "").split(",").map((text) => Math.max(1, parseInt(text, 10) || 1) - 1);
  entry = called && j !== undefined ? ravel([i, j], called.size) : whole("entry");
  look(read.get("view") || "unrolled");
  openTab(read.get("tab") === "equations" ? "equations" : "value");
};
let marked = null;
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
  if (marked) marked.classList.remove("p-now");
  marked = rows[item.k];
  if (marked) marked.classList.add("p-now");
  light(item);
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
  const pressed = value.querySelector("[aria-pressed=true]");
  if (pressed) pressed.focus({ preventScroll: true });
};
const stop = () => { clearInterval(timer); timer = 0; play.textContent = "▶ play"; };
const toggle = () => {
  if (timer) return stop();
  if (step === last) step = 0;
  play.textContent = "■ stop";
  timer = setInterval(() => ahead(1), 700);
};
const search = () => {
  const text = find.value.trim().toLowerCase();
  const hit = text && (items.find((item) => item.name.toLowerCase() === text) || items.find((item) => item.name.toLowerCase().includes(text)));
  if (hit) select(hit);
  said.textContent = hit ? "Found " + hit.name + ": " + what(hit) + "." : "Nothing is called " + find.value + ".";
};
const skip = (direction, wanted) => {
  let to = step + direction;
  while (to > 0 && to < last && !wanted(order[to - 1], to)) to += direction;
  go(to);
};
const jump = (direction) => {
  const from = current() ? current().step : -1;
  skip(direction, (item) => item.step !== from && item.step >= 0);
};
const byEquation = (direction) => skip(direction, (item, k) => ends(k));
const ahead = (direction) => grain.value === "op" ? go(step + direction) : grain.value === "equation" ? byEquation(direction) : jump(direction);
const nextView = () => {
  const list = ["cell", "rolled", "unrolled"].filter((name) => views.has(name));
  look(list[(list.indexOf(view.name) + 1) % list.length]);
  show();
};
const actions = {
  ArrowRight: (shift) => shift ? byEquation(1) : ahead(1), ArrowLeft: (shift) => shift ? byEquation(-1) : ahead(-1),
  PageDown: () => jump(1), PageUp: () => jump(-1), Home: () => go(0), End: () => go(last), b: () => go(turn), " ": () => toggle(),
  "/": () => find.focus(), "?": () => help.showModal(), z: () => { view.frame.classList.toggle("p-whole"); show(); }, Escape: () => { chosen = null; forget(); openTab("value"); show(); },
  "[": () => pick(Math.max(0, entry - 1)), "]": () => pick(Math.min(shown().count - 1, entry + 1)),
  v: nextView, e: () => { openTab(tab === "equations" ? "value" : "equations"); show(); }, q: () => ask(), c: () => offer(),
};
for (let k = 1; k <= 4; k++) actions[k] = () => answer(k - 1);
document.addEventListener("keydown", (event) => {
  const own = event.target instanceof Element && event.target.closest("button, summary, select"), typing = event.target === find, open = document.querySelector("dialog[open]");
  if (event.ctrlKey || event.altKey || event.metaKey || open || typing && event.key !== "Escape" || own && event.key === " " || event.target === grain) return;
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
addEventListener("hashchange", () => { if (location.hash !== address) { recall(); show(); } });
for (const details of document.querySelectorAll("main > details")) details.open = false;
buildTabs();
recall();
show();
