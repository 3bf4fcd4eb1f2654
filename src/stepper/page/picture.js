// ---- the picture, in three views ---------------------------------------------------------------

// Views of the body have a node for each item of every step: the one that stands for it.
const openView = (frame) => {
  const name = frame.dataset.view, own = name === "unrolled" ? data : data.views[name], prefix = { cell: "c-", rolled: "r-", unrolled: "" }[name];
  const elements = new Map(), lines = [], by = new Map(), carried = new Map();
  for (const element of frame.querySelectorAll("[id]")) {
    const node = Number(element.id.slice(prefix.length + 1)), words = element.querySelector(".name");
    if (element.id[prefix.length] === "n")
      elements.set(node, { element, node, backward: element.classList.contains("backward"), name: words ? words.textContent : "", state: -1, key: "" });
  }
  for (let k = 0; k < own.edges.length; k += 3) {
    const element = document.getElementById(prefix + "e" + own.edges[k]);
    if (element) lines.push({ element, from: own.edges[k + 1], to: own.edges[k + 2], state: -1 });
  }
  const view = { name, frame, elements, lines, stands: own.of, time: -1, items: new Map() };
  if (own.of) {
    own.of.forEach((node, k) => {
      const there = elements.get(node), key = node * (data.steps + 1) + items[k].step;
      if (there && there.backward === items[k].backward && !by.has(key)) by.set(key, items[k]);
    });
    for (let k = 0; k < own.carried.length; k += 2) carried.set(own.carried[k + 1], own.carried[k]);
  }
  // What a node is worth at a time step. A carried state is what it was after the step before, or on the
  // way back after the step behind.
  const worth = (node, time) => by.get(node * (data.steps + 1) + time) || by.get(node * (data.steps + 1) - 1);
  const at = ({ node, backward, name }, time) => {
    const from = carried.get(node), beside = backward ? time + 1 : time - 1;
    return worth(node, time) || from !== undefined && beside >= 0 && beside < data.steps && worth(from, beside) ||
      named.get(name.replace("⟨t⟩", "⟨" + (time + 1) + "⟩").replace("⟨t−1⟩", time ? "⟨" + time + "⟩" : "0"));
  };
  view.fill = (time) => {
    if (view.time === time) return;
    view.time = own.of ? time : view.time;
    for (const there of elements.values()) view.items.set(there.node, own.of ? at(there, time) : nodes.get(there.node));
  };
  for (const there of elements.values()) there.element.addEventListener("click", (event) => {
    const item = view.items.get(there.node);
    event.stopPropagation();
    if (item) select(item);
  });
  return view;
};
const views = new Map([...picture.querySelectorAll(".p-view")].map((frame) => [frame.dataset.view, openView(frame)]));
let view = views.get("unrolled");
// A cell has few nodes: all of it is seen at once.
if (views.has("cell")) views.get("cell").frame.classList.add("p-whole");
const when = make("span", { id: "p-when" });
const viewBar = choices("View", [["cell", "One step, forward (v)"], ["rolled", "The body of the loop, forward and backward (v)"], ["unrolled", "All time steps (v)"]].filter(([name]) => views.has(name)), (name) => { look(name); show(); });
document.querySelector("header").append(make("div", { id: "p-views" }, when, viewBar));
const look = (name) => {
  view = views.get(name) || views.get("unrolled");
  for (const each of views.values()) each.frame.hidden = each !== view;
  viewBar.press(view.name);
};

// What is written in the box of another has none of its own: "1 − g²" is in that of the product.
const firstReader = new Map();
for (const item of order) for (const k of item.operands) if (!firstReader.has(k)) firstReader.set(k, item);
const standIn = (item) => {
  for (let each = item; each && each.step === item.step; each = firstReader.get(each.k)) {
    const node = view.stands ? view.stands[each.k] : each.node;
    if (view.elements.has(node)) return node;
  }
  return -1;
};

const TODO = 1, NOW = 2, READ = 4;
const mark = (thing, state) => {
  if (thing.state === state) return;
  thing.state = state;
  thing.element.classList.toggle("p-todo", (state & TODO) !== 0);
  thing.element.classList.toggle("p-now", (state & NOW) !== 0);
  thing.element.classList.toggle("p-read", (state & READ) !== 0);
};
const paint = (item) => {
  const reads = new Set(item.operands), stands = standIn(item);
  view.fill(moment());
  for (const there of view.elements.values()) {
    const each = view.items.get(there.node), is = there.node === stands;
    mark(there, (each && arrived(each) || is && arrived(item) ? 0 : TODO) | (is ? NOW : 0) | (each && reads.has(each.k) ? READ : 0));
    strip(there, each);
  }
  for (const line of view.lines) {
    const from = view.items.get(line.from), to = view.items.get(line.to);
    mark(line, (arrived(from) && arrived(to) ? 0 : TODO) | (line.to === stands ? READ : 0));
  }
  when.textContent = view.stands ? "at t = " + (moment() + 1) + " of " + data.steps : stands < 0 && item.step >= 0 ? "t = " + (item.step + 1) + " is left out here" : "";
  const there = view.elements.get(stands);
  if (!there || view.frame.classList.contains("p-whole")) return;
  const box = there.element.getBoundingClientRect(), frame = picture.getBoundingClientRect();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || timer !== 0;
  if (box.left < frame.left + 40 || box.right > frame.right - 40 || box.top < frame.top + 30 || box.bottom > frame.bottom - 30)
    picture.scrollBy({ left: box.left + box.width / 2 - frame.left - frame.width / 2, top: box.top + box.height / 2 - frame.top - frame.height / 2, behavior: calm ? "instant" : "smooth" });
};
