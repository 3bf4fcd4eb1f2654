// ---- where we are -----------------------------------------------------------------------------

let step = 0, chosen = null, entry = 0, timer = 0;
const current = () => step > 0 ? order[step - 1] : null;
const shown = () => chosen || current() || order[0];
const moment = () => chosen && chosen.step >= 0 ? chosen.step : moments[step];
const arrived = (item) => !item || item.position <= step;

// ---- the frame --------------------------------------------------------------------------------

// What has words is called by them.
const button = (text, label, action) => make("button", { type: "button", title: label, "aria-label": /[a-z]/.test(text) ? undefined : label, onclick: action }, text);
// One of several: the one that is pressed.
const choices = (label, list, action) => {
  const buttons = list.map(([name, words]) => make("button", { type: "button", "data-name": name, title: words, onclick: () => action(name) }, name));
  const group = make("span", { class: "p-choices", role: "group", "aria-label": label }, ...buttons);
  group.press = (name) => buttons.forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.name === name)));
  return group;
};
const side = document.getElementById("p-side"), picture = document.getElementById("p-picture");
const value = make("div", { id: "p-value" });
const said = make("p", { id: "p-said", "aria-live": "polite" });
const range = (label, min, max, id) => make("input", { type: "range", id, min, max, "aria-label": label, oninput: (event) => go(Number(event.target.value)) });
const forward = range("Forward", 0, turn, "p-forward"), back = range("Backward", turn, last, "p-backward");
const play = button("▶ play", "Play (Space)", () => toggle());
const find = make("input", { id: "p-find", type: "search", list: "p-found", placeholder: "find (/)", "aria-label": "Find a value by its name", onchange: () => search() });
const found = make("datalist", { id: "p-found" }, ...[...named.keys()].filter((name) => !/[ (]/.test(name)).map((name) => make("option", { value: name })));
const grain = make("select", { id: "p-grain", title: "What → and ← go by" }, ...["op", "equation", "time step"].map((name) => make("option", {}, name)));
const keys = [["→ ←", "a step forward, back"], ["Shift → ←", "to the end of the next, last equation"], ["PgDn PgUp", "to the next, last time step"], ["Home End", "to the start, to the end"], ["b", "to the turn, where the loss is"], ["Space", "play, stop"], ["[ ]", "last, next entry"], ["v", "the next view: cell, rolled, unrolled"], ["e", "equations, or the value again"], ["q", "quiz: which formula comes next?"], ["c", "copy a link, a frame, a formula"], ["Esc", "follow the steps again"], ["z", "the whole picture, or at full size"], ["/", "find"], ["?", "these keys"]];
const dialog = (id, title, ...inside) => make("dialog", { id, "aria-label": title }, make("h2", {}, title), ...inside, make("form", { method: "dialog" }, make("button", {}, "close")));
const help = dialog("p-help", "Keys", make("dl", {}, ...keys.flatMap(([key, does]) => [make("dt", {}, key), make("dd", {}, does)])));
const count = make("span", { id: "p-count" });
const bar = make("div", { id: "p-bar", role: "group", "aria-label": "Steps" },
  make("div", { id: "p-buttons" },
    button("|←", "To the start (Home)", () => go(0)), button("←", "Back (←)", () => ahead(-1)), button("→", "Forward (→)", () => ahead(1)), button("→|", "To the end (End)", () => go(last)),
    make("label", {}, "by ", grain), turn < last ? button("⟲ loss", "To the turn (b)", () => go(turn)) : null, play, find, found,
    button("copy", "Copy a link, a frame, a formula (c)", () => offer()), button("?", "Keys (?)", () => help.showModal()), count),
  make("label", { class: "p-row" }, make("span", {}, "forward →"), forward), turn < last ? make("label", { class: "p-row" }, make("span", {}, "← backward"), back) : null);
const boxes = make("section", { id: "p-gradients", "aria-label": "Gradients over time" });
document.getElementById("p-stage").after(bar, said, boxes);
document.body.append(help);
document.body.classList.add("p-live");
side.setAttribute("role", "region");
side.setAttribute("aria-label", "The value");
side.tabIndex = 0;

// What stands on the right: the value, the equations, the quiz.
const tabs = new Map([["value", value]]);
let tab = "value";
const openTab = (name) => {
  tab = tabs.has(name) ? name : "value";
  for (const [each, panel] of tabs) panel.hidden = each !== tab;
  tabBar.press(tab);
};
let tabBar = null;
const buildTabs = () => {
  tabBar = choices("What is shown", [...tabs.keys()].map((name) => [name, name === "value" ? "The value: its numbers, where it comes from, what it adds to" : name === "equations" ? "The derivation (e)" : "The next formula hidden (q)"]), (name) => name === "quiz" ? ask() : (openTab(name), show()));
  tabBar.id = "p-tabs";
  side.replaceChildren(tabBar, ...tabs.values());
  openTab("value");
};
