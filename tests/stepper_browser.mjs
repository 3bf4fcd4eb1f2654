// Pages of `gradtape graph CELL --steps T --backward -o FILE.html` in a real browser: that they ask for
// nothing and print nothing, that a step back undoes a step, that keys are enough, that nothing overlaps.
// Usage: node stepper_browser.mjs GRADTAPE FOLDER [WORDS], where FOLDER has playwright-core and axe-core;
// with WORDS only the checks whose names have them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [gradtape, modules, words = ""] = process.argv.slice(2);
const load = createRequire(path.join(modules, "package.json"));
const { chromium } = load("playwright-core");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "stepper-"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
let checks = 0;

const write = (cell, ...options) => {
  const file = path.join(folder, path.basename(cell) + options.join("") + ".html");
  execFileSync(gradtape, ["graph", cell, ...options, "-o", file]);
  return file;
};
// A page that must be quiet.
const open = async (file, { hash = "", ...options } = {}) => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, reducedMotion: "reduce", ...options });
  page.loud = [];
  page.on("console", (message) => page.loud.push(message.text()));
  page.on("pageerror", (error) => page.loud.push(error.message));
  page.on("request", (request) => { if (!/^(file|data|about):/.test(request.url())) page.loud.push(request.url()); });
  await page.goto(pathToFileURL(file) + hash);
  return page;
};
const close = async (page) => {
  assert.deepEqual(page.loud, []);
  await page.close();
};
// All that a reader sees of a place.
const look = () => [document.querySelector("#p-side").innerText, document.querySelector("#p-count").innerText,
  document.querySelector("#p-said").innerText, document.querySelector("#p-gradients").innerHTML,
  [...document.querySelectorAll("#p-picture .p-view:not([hidden]) [id]")].map((e) => e.id + [...e.classList].sort()).join()].join("\n");
const place = (page) => page.locator("#p-count").innerText();
const check = async (name, work) => {
  if (!name.includes(words)) return;
  await work();
  checks++;
  console.log("ok", name);
};

try {
  const lstm = write("lstm", "--steps", "3", "--backward");

  await check("to the end and back, by keys, in every cell of the zoo", async () => {
    const { cells } = JSON.parse(execFileSync(gradtape, ["cells", "--json"]));
    assert.ok(cells.length > 20);
    for (const { name } of cells) {
      const page = await open(write(name, "--steps", "3", "--backward"));
      const last = Number((await place(page)).split(" / ")[1]);
      // Keys as a browser sends them are slow; the first steps are taken by these, the rest by events.
      const wrong = await page.evaluate(([look, last]) => {
        const see = eval("(" + look + ")"), seen = [see()], wrong = [];
        const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        for (let k = 1; k <= last; k++) {
          press("ArrowRight");
          seen.push(see());
          if (!document.querySelector("#p-value section")) wrong.push("no arithmetic at " + k);
          if (/NaN|undefined|null/.test(seen[k])) wrong.push("nothing at " + k);
        }
        for (let k = last - 1; k >= 0; k--) {
          press("ArrowLeft");
          if (see() !== seen[k]) wrong.push("another page at " + k);
        }
        if (new Set(seen).size !== last + 1) wrong.push("two places look alike");
        return wrong;
      }, [look.toString(), last]).catch((error) => [error.message]);
      assert.deepEqual(wrong, [], name);
      await close(page);
    }
  });

  await check("keys", async () => {
    const page = await open(lstm);
    const press = async (key) => { await page.keyboard.press(key); return place(page); };
    assert.equal(await press("ArrowRight"), "1 / 210");
    assert.equal(await press("End"), "210 / 210");
    assert.equal(await press("Home"), "0 / 210");
    const turn = await press("b");
    assert.match(await page.locator("#p-said").innerText(), /forward at time step 3: y⟨3⟩/);
    assert.notEqual(await press("PageDown"), turn);
    assert.match(await page.locator("#p-said").innerText(), /time step 2/);
    await press("Space");
    assert.match(await page.locator("#p-buttons").innerText(), /stop/);
    await press("Space");
    await press("/");
    await page.keyboard.type("dWf");
    await press("Enter");
    assert.equal(await page.locator("#p-value h2").innerText(), "dWf");
    await press("Escape");
    await press("Escape");
    await press("?");
    assert.ok(await page.locator("#p-help").isVisible());
    await press("Escape");
    assert.ok(!await page.locator("#p-help").isVisible());
    await close(page);
  });

  await check("numbers and sums of an entry", async () => {
    const page = await open(lstm, { hash: "#step=210" });
    await page.evaluate(() => { document.querySelector(".p-strip .p-link").click(); });
    await page.locator("#p-gradients").getByText("dWf", { exact: true }).click();
    const text = await page.locator("#p-side").innerText();
    assert.match(text, /3 of 3 have arrived/);
    assert.match(text, /They agree/);
    const parts = [...text.matchAll(/✓ through .* = ([+−]?)([\d.]+(?:e−?\d+)?)$/gm)].map(([, sign, size]) => (sign === "−" ? -1 : 1) * Number(size.replace("−", "-")));
    const total = text.match(/so far, entry .*: (−?)([\d.]+(?:e−?\d+)?)/);
    assert.equal(parts.length, 3);
    const sum = (total[1] ? -1 : 1) * Number(total[2].replace("−", "-"));
    assert.ok(Math.abs(parts.reduce((a, b) => a + b) - sum) <= 2e-3 * Math.max(...parts.map(Math.abs)));
    await close(page);
  });

  await check("an equation at a time, with its line lit", async () => {
    const page = await open(lstm, { hash: "#tab=equations" });
    const names = [];
    for (let k = 0; k < 8; k++) {
      await page.keyboard.press("Shift+ArrowRight");
      names.push((await page.locator("#p-said").innerText()).match(/: (\S+) =/)[1]);
    }
    assert.deepEqual(names, ["z⟨1⟩", "f⟨1⟩", "i⟨1⟩", "g⟨1⟩", "o⟨1⟩", "c⟨1⟩", "a⟨1⟩", "y⟨1⟩"]);
    assert.equal(await page.locator(".p-lit .label").innerText(), "(F8)");
    await page.keyboard.press("Shift+ArrowLeft");
    assert.match(await page.locator("#p-said").innerText(), /a⟨1⟩ =/);
    // Each line of the derivation is lit at some step, and each step back has one.
    const seen = await page.evaluate(() => {
      const seen = new Set(), press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      let without = 0;
      press("Home");
      for (let k = 0; k < 210; k++) {
        press("ArrowRight");
        const lit = document.querySelector(".p-lit .label");
        if (lit) seen.add(lit.textContent); else without++;
      }
      return { without, missing: [...document.querySelectorAll("[data-of] .label")].map((e) => e.textContent).filter((label) => !seen.has(label)) };
    });
    assert.deepEqual(seen, { without: 0, missing: [] });
    // By the chosen grain the arrow goes as far.
    await page.keyboard.press("Home");
    await page.locator("#p-grain").selectOption("equation");
    await page.locator("h1").click();
    await page.keyboard.press("ArrowRight");
    assert.match(await page.locator("#p-said").innerText(), /z⟨1⟩ =/);
    await page.locator("#p-written [data-of=Wf]").click();
    assert.match(await page.locator("#p-value h2").textContent(), /^dWf/);
    await close(page);
  });

  await check("the three views keep place and selection, in every cell of the zoo", async () => {
    const { cells } = JSON.parse(execFileSync(gradtape, ["cells", "--json"]));
    for (const { name } of cells) {
      const page = await open(write(name, "--steps", "3", "--backward"));
      const wrong = await page.evaluate(() => {
        const wrong = [], press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        const place = () => ["#p-value", "#p-count", "#p-said"].map((id) => document.querySelector(id).textContent).join();
        const last = Number(document.querySelector("#p-count").textContent.split(" / ")[1]);
        for (let k = 1; k <= last; k++) {
          press("ArrowRight");
          if (last > 60 && k % Math.ceil(last / 40) !== 0) continue;
          const before = place(), said = document.querySelector("#p-said").textContent;
          for (let v = 0; v < 3; v++) {
            press("v");
            const view = document.querySelector(".p-view:not([hidden])"), now = view.querySelectorAll("[id].p-now");
            if (place() !== before) wrong.push("another place in " + view.dataset.view + " at " + k);
            if (now.length !== 1) wrong.push(now.length + " current nodes in " + view.dataset.view + " at " + k + ": " + said);
            // Forward, a node that stands for a name has it.
            const words = now[0] && now[0].querySelector(".name"), own = said.match(/ forward.*?: (\S+?)⟨\d+⟩ =/);
            if (own && words && !own[1].includes("_z") && words.textContent.split("⟨")[0] !== own[1]) wrong.push(words.textContent + " for " + own[1]);
          }
        }
        return wrong.slice(0, 5);
      });
      assert.deepEqual(wrong, [], name);
      await close(page);
    }
  });

  await check("strips have an entry's sign where it is", async () => {
    const page = await open(lstm, { hash: "#step=210" });
    await page.keyboard.press("/");
    await page.keyboard.type("g⟨2⟩");
    await page.keyboard.press("Enter");
    const seen = await page.evaluate(() => {
      const entries = [...document.querySelectorAll("#p-value .p-numbers td")].map((cell) => cell.textContent);
      const node = document.querySelector("[data-view=unrolled] .p-now .p-strips");
      const bars = (kind, from, to) => [...node.querySelectorAll(kind)].flatMap((path) => path.getAttribute("d").match(/M[\d.]+/g)).filter((m) => { const x = Number(m.slice(1)); return x >= from && x < to; }).length;
      const middle = node.querySelectorAll(".p-middle"), between = Number(node.querySelector(".p-between").getAttribute("d").match(/M([\d.]+)/)[1]);
      return { strips: middle.length, plus: bars(".p-above", 0, between), minus: bars(".p-below", 0, between), entries };
    });
    assert.equal(seen.strips, 2);
    assert.equal(seen.plus, seen.entries.filter((text) => text.startsWith("+")).length);
    assert.equal(seen.minus, seen.entries.filter((text) => text.startsWith("−")).length);
    await close(page);
  });

  await check("what is copied", async () => {
    const page = await open(lstm, { hash: "#step=120&view=rolled" });
    const seen = await page.evaluate(look);
    await page.keyboard.press("c");
    const [link, frame, latex, numpy] = await page.locator("#p-copying input").evaluateAll((list) => list.map((field) => field.value));
    assert.match(frame, /^<iframe src="[^"\/]+\.html#step=120&amp;view=rolled" /);
    assert.match(latex, /^\\mathrm\{d\}c_\{t\} = .*\\tanh/);
    assert.match(numpy, /^s_c = dc_next \+ .*np\.tanh\(c_next\)/);
    await page.getByLabel("Copy a link to this place").click();
    assert.match(await page.locator("#p-copying").innerText(), /copied|Ctrl C/);
    await close(page);
    const again = await open(lstm, { hash: new URL(link).hash });
    assert.equal(await again.evaluate(look), seen);
    await close(again);
  });

  await check("a link by names, as other pages write it", async () => {
    for (const [hash, name, pressed] of [["#name=dWf&entry=3,2", "dWf", "dWf[3, 2]"], ["#name=df_z&t=2&entry=4,1", "df_z⟨2⟩", "(df_z⟨2⟩)[4]"], ["#name=c&t=3", "c⟨3⟩", "c⟨3⟩[1]"], ["#name=s_c&t=1", "dc⟨1⟩", "dc⟨1⟩[1]"]]) {
      const page = await open(lstm, { hash });
      assert.equal(await page.locator("#p-value h2").innerText(), name);
      assert.equal((await page.locator("#p-value [aria-pressed=true]").getAttribute("aria-label")).split(" = ")[0].replace(/[()]/g, ""), pressed.replace(/[()]/g, ""));
      await close(page);
    }
  });

  await check("the quiz", async () => {
    const page = await open(lstm);
    await page.keyboard.press("q");
    let asked = 0;
    for (; await page.locator(".p-option").count() > 0; asked++) {
      assert.equal(await page.locator(".p-option").count(), 4);
      const hidden = page.locator(".p-hide .formula");
      assert.equal(await hidden.count(), 1);
      assert.equal(await hidden.evaluate((e) => getComputedStyle(e).visibility), "hidden");
      await page.keyboard.press(String(1 + asked % 4));
      assert.equal(await page.locator(".p-option.p-true").count(), 1);
      assert.match(await page.locator("#p-quiz [role=status]").innerText(), /^(✓ Right\. |✗ )/);
      await page.keyboard.press("Enter");
    }
    assert.ok(asked >= 17, String(asked));
    assert.match(await page.locator("#p-quiz").innerText(), new RegExp("of " + asked + " were right"));
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".p-hide").count(), 0);
    await close(page);
  });

  await check("a link leads back to its place, in another page and after reloading", async () => {
    const page = await open(lstm, { hash: "#step=120&entry=3" });
    assert.equal(await place(page), "120 / 210");
    await page.keyboard.press("ArrowRight");
    const seen = await page.evaluate(look), hash = new URL(page.url()).hash;
    await close(page);
    const again = await open(lstm, { hash });
    assert.equal(await again.evaluate(look), seen);
    await close(again);
    for (const odd of ["#step=-4", "#step=99999&item=99999&entry=1e9", "#step=x&item=__proto__", "#%"]) {
      const page = await open(lstm, { hash: odd });
      assert.match(await place(page), /^\d+ \/ 210$/);
      await close(page);
    }
  });

  await check("in a sandboxed frame, where there is no history", async () => {
    const file = path.join(folder, "frame.html");
    fs.writeFileSync(file, '<!doctype html><title>frame</title><iframe sandbox="allow-scripts" width="900" height="600" src="' + path.basename(lstm) + '#step=4"></iframe>');
    const page = await open(file);
    const frame = page.frames()[1];
    await frame.locator("h1").click(); // keys belong to the page that has the focus
    await page.keyboard.press("ArrowRight");
    assert.equal(await frame.locator("#p-count").innerText(), "5 / 210");
    // The link that is offered there leads to the same place.
    await page.keyboard.press("v");
    await page.keyboard.press("c");
    const link = await frame.getByLabel("a link to this place", { exact: true }).inputValue();
    await frame.getByLabel("Copy a link to this place").click();
    assert.match(await frame.locator("#p-copying").innerText(), /copied|Ctrl C/);
    const seen = await frame.evaluate(look);
    await close(page);
    const again = await open(lstm, { hash: new URL(link).hash, viewport: { width: 900, height: 600 } });
    assert.equal(await again.evaluate(look), seen);
    await close(again);
  });

  await check("as large as it is, a page has room: at twice the size, and printed", async () => {
    const page = await open(lstm, { hash: "#step=150", viewport: { width: 640, height: 360 } });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    assert.ok(!await page.locator("#p-bar").isVisible());
    assert.ok(await page.locator("[data-view=unrolled] svg").isVisible());
    await close(page);
  });

  await check("without JavaScript there are the picture, the derivation and all steps", async () => {
    const page = await open(lstm, { javaScriptEnabled: false });
    for (const part of ["[data-view=unrolled] svg", "#p-equations math >> nth=0", "#p-steps"])
      assert.ok(await page.locator(part).isVisible(), part);
    assert.ok(await page.locator("#p-steps tbody tr").count() > 210);
    await close(page);
  });

  await check("nothing overlaps or is cut off, at 320, 1280 and 1920 pixels", async () => {
    for (const width of [320, 1280, 1920]) {
      const page = await open(lstm, { hash: "#step=150", viewport: { width, height: 720 } });
      const found = await page.evaluate(() => {
        const box = (id) => document.getElementById(id).getBoundingClientRect();
        const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
        const parts = ["p-picture", "p-side", "p-said", "p-gradients"].map(box);
        return { wide: document.documentElement.scrollWidth - innerWidth,
          apart: parts.every((a, i) => parts.every((b, j) => i === j || apart(a, b))) };
      });
      assert.deepEqual(found, { wide: 0, apart: true }, String(width));
      await close(page);
    }
  });

  const axe = fs.readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
  // What axe-core says of a page around a frame, and that it is no wider than a small screen.
  const lookAround = async (file) => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open(file, { colorScheme });
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run({ exclude: [["iframe"]] }, { iframes: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
      assert.deepEqual(violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200), v.nodes[0].failureSummary]), [], colorScheme);
      await page.close();
    }
    const page = await open(file, { viewport: { width: 320, height: 640 } });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    await close(page);
  };

  await check("the report of a check opens at the gradient that should have come out", async () => {
    const cell = path.join(folder, "mine.cell"), file = path.join(folder, "report.html");
    const text = execFileSync(gradtape, ["derive", "lstm"], { encoding: "utf8" });
    fs.writeFileSync(cell, text.replace("g * i * (1 - i)", "g * i * (1 - f)"));
    assert.throws(() => execFileSync(gradtape, ["check", cell, "--html", file]));
    const page = await open(file);
    assert.match(await page.locator("#wrong h2").innerText(), /di_z is wrong, line/);
    assert.match(await page.locator("h1").innerText(), /lstm: wrong/);
    const expected = await page.locator("#wrong dt:text-is('it should be') + dd").innerText();
    const [, i, j] = (await page.locator("#wrong dt:text-is('entry') + dd").innerText()).match(/\[(\d+), (\d+)\]/).map(Number);
    const step = Number.parseInt(await page.locator("#wrong dt:text-is('time step') + dd").innerText(), 10);
    const frame = page.frameLocator("iframe");
    assert.equal(await frame.locator("#p-side h2").first().innerText(), "di_z⟨" + (step + 1) + "⟩");
    const pressed = await frame.locator("[aria-pressed=true][aria-label^='di_z']").getAttribute("aria-label");
    assert.ok(pressed.startsWith("di_z⟨" + (step + 1) + "⟩[" + (i + 1) + ", " + (j + 1) + "] = "), pressed);
    const shown = Number(pressed.split(" = ")[1].replace("−", "-").replace("e−", "e-"));
    assert.ok(Math.abs(shown - Number(expected)) < 1e-3 * Math.abs(shown), pressed + ", not " + expected);
    await close(page);
    await lookAround(file);
  });

  await check("a map of a flow leads to its steps", async () => {
    const file = path.join(folder, "flow.html");
    execFileSync(gradtape, ["flow", "lstm", "--steps", "4", "--loss", "all", "-o", file]);
    const page = await open(file), frame = page.frameLocator("iframe");
    for (const [name, t, title] of [["c", 2, "dc⟨2⟩"], ["f", 3, "df⟨3⟩"], ["a", 1, "s_a⟨1⟩"], ["x", 4, "dx⟨4⟩"]]) {
      // By events: a page that still scrolls to its frame can swallow a press between down and up.
      await page.locator("svg [data-name=" + name + "][data-t='" + t + "']").dispatchEvent("click");
      await frame.locator("#p-side h2", { hasText: title }).first().waitFor();
    }
    await page.locator("table [data-name=i]").first().focus();
    await page.keyboard.press("Enter");
    await frame.locator("#p-side h2", { hasText: "di⟨1⟩" }).first().waitFor();
    await close(page);
    await lookAround(file);
  });

  await check("axe-core finds nothing, in both themes, at several places", async () => {
    for (const colorScheme of ["light", "dark"])
      for (const [hash, ...keys] of [[""], ["#step=100"], ["#step=210"], ["#step=100&tab=equations&view=rolled"], ["#step=90&view=cell", "q", "2"], ["", "c"]]) {
        const page = await open(lstm, { hash, colorScheme });
        for (const key of keys) await page.keyboard.press(key);
        // By the debugger, which the page's policy does not stop.
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
        assert.deepEqual(violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200), v.nodes[0].failureSummary]), [], colorScheme + hash);
        await page.close();
      }
  });
  assert.ok(checks > 0, "no check is called " + words);
  console.log(checks + " checks passed");
} finally {
  await browser.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
