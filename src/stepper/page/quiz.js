// ---- the quiz ----------------------------------------------------------------------------------

const questions = new Map((data.quiz || []).map(([name, right, ...wrong]) => [name, { right, wrong }]));
const quizPanel = make("div", { id: "p-quiz" });
if (questions.size && lines.length) tabs.set("quiz", quizPanel);
let asked = null, good = 0, all = 0;
const questionOf = (item) => item.backward && item.line && item.line.back ? questions.get(item.line.name) : undefined;
// The same order every time, and not always the same place.
const shuffled = (list, seed) => {
  let x = [...seed].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 65521, 7);
  const mixed = [...list];
  for (let k = mixed.length - 1; k > 0; k--) {
    x = (x * 75 + 74) % 65537;
    [mixed[k], mixed[x % (k + 1)]] = [mixed[x % (k + 1)], mixed[k]];
  }
  return mixed;
};
const forget = () => {
  if (asked) asked.line.element.classList.remove("p-hide");
  asked = null;
};
// Goes to where the next formula is about to be computed, and asks for it.
const ask = () => {
  if (!tabs.has("quiz")) return;
  forget();
  let k = Math.max(step, turn);
  while (k < last && !(questionOf(order[k]) && (k === 0 || order[k - 1].line !== order[k].line))) k++;
  if (k === last) {
    quizPanel.replaceChildren(make("h2", {}, "Quiz"), make("p", {}, "That was the last formula: " + good + " of " + all + " were right."), button("from the turn again", "To the turn", () => { good = all = 0; go(turn); ask(); }));
    openTab("quiz");
    return;
  }
  go(k);
  const item = order[k], { right, wrong } = questionOf(item);
  asked = { line: item.line, item, right, answered: false };
  asked.line.element.classList.add("p-hide");
  const options = shuffled([[right, ""], ...wrong], item.name + item.line.name);
  const told = make("p", { role: "status" });
  const buttons = options.map(([formula, why], n) => make("button", { type: "button", class: "p-option", onclick: () => answer(n) }, n + 1 + ". " + item.line.name + " = " + formula));
  asked.answer = (n) => {
    if (asked.answered || !options[n]) return;
    asked.answered = true;
    const hit = options[n][0] === right;
    all++;
    good += hit ? 1 : 0;
    buttons.forEach((each, m) => {
      each.disabled = true;
      each.classList.add(options[m][0] === right ? "p-true" : m === n ? "p-false" : "p-other");
      each.append(options[m][0] === right ? " ✓" : m === n ? " ✗" : "");
    });
    asked.line.element.classList.remove("p-hide");
    told.textContent = (hit ? "✓ Right. " : "✗ " + (options[n][1] || "No") + ". ") + good + " of " + all + " so far.";
    quizPanel.append(more);
    more.focus();
  };
  const more = make("button", { type: "button", onclick: () => { const k = order.indexOf(item); let to = k + 1; while (!ends(to)) to++; forget(); go(to); ask(); } }, "next formula");
  quizPanel.replaceChildren(make("h2", {}, "Which formula comes next?"), make("p", {}, "Next is computed " + item.line.name + ", " + item.line.element.querySelector(".label").textContent + time(item) + ". One of these is right:"), ...buttons, told);
  openTab("quiz");
};
const answer = (n) => { if (asked && tab === "quiz") asked.answer(n); };
