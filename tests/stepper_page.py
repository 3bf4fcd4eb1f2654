"""
Tests the pages of `gradtape graph CELL --steps T -o FILE.html` without a browser: what is in them, that
nothing points outside, and that their numbers are those of `gradtape grad`. Usage: stepper_page.py GRADTAPE
"""
import base64
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import numpy

PROGRAM = os.path.abspath(sys.argv.pop())
LONGEST_PROGRAM = 64000


def run(*arguments, status=0):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done.stdout if status == 0 else done.stderr


class Parser(html.parser.HTMLParser):
    """Scripts by their type, rows of the table of steps, and all that could ask for something."""

    def __init__(self):
        super().__init__()
        self.scripts, self.addresses, self.ids, self.rows = [], [], [], []
        self.inside = None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "script":
            self.scripts.append([attributes.get("type"), ""])
        if tag in ("iframe", "object", "embed", "img", "form", "base"):
            self.addresses.append(tag)
        for name, value in attributes.items():
            if name in ("src", "href", "srcset", "action", "data", "xlink:href") and value != "data:,":
                self.addresses.append(value)
            if name.startswith("on"):
                self.addresses.append(name)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        self.inside = tag
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, text):
        if self.inside == "script":
            self.scripts[-1][1] += text
        if self.inside in ("th", "td") and self.rows:
            self.rows[-1][-1] += text.strip()


class Page:
    def __init__(self, text):
        self.text = text
        self.parser = Parser()
        self.parser.feed(text)
        (kind, document), (_, self.program) = self.parser.scripts
        assert kind == "application/json"
        self.data = json.loads(document)
        self.numbers = self.decode("numbers")
        self.places = numpy.concatenate([[0], numpy.cumsum([self.count(k) for k in range(len(self.data["items"]))])])
        names = [row[0] for row in self.parser.rows[1:]]
        self.names = names + [self.data["names"][str(k)] for k in range(len(names), len(self.data["items"]))]

    def decode(self, name):
        return numpy.frombuffer(base64.b64decode(self.data[name], validate=True), "<f8")

    def shape(self, item):
        return self.data["shapes"][self.data["items"][item][3]]

    def count(self, item):
        return int(numpy.prod(self.shape(item), dtype=int))

    def entries(self, item):
        return self.numbers[self.places[item]:self.places[item + 1]]

    def value(self, item):
        return self.entries(item).reshape(self.shape(item), order="F")


class Pages(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def page(self, *arguments):
        run("graph", *arguments, "-o", self.path("page.html"))
        with open(self.path("page.html"), encoding="utf-8") as file:
            return Page(file.read())

    def check_addends(self, page):
        """What adds to a gradient adds up, in the order in which it says so, to what is shown as the sum."""
        targets = {}
        for target, _by, value, total in page.data["addends"]:
            targets.setdefault(target, []).append((value, total))
        self.assertTrue(targets)
        for target, parts in targets.items():
            so_far = None
            for value, total in parts:
                self.assertGreaterEqual(min(value, total), 0, page.names[target])
                self.assertEqual(page.count(total), page.count(target), page.names[target])
                if page.count(value) != page.count(target):  # a bias: its part is summed over examples
                    so_far = page.entries(total)
                    continue
                so_far = page.entries(value) if so_far is None else so_far + page.entries(value)
                numpy.testing.assert_array_equal(so_far, page.entries(total), page.names[target])

    def check_given(self, page, has_spikes=False):
        """Every parameter's last sum is its gradient, and that agrees with numeric derivatives where there are any."""
        derivatives, errors, first = page.decode("derivatives"), page.decode("errors"), 0
        last = {target: total for target, _by, _value, total in page.data["addends"]}
        for name, _kind, leaf, gradient in page.data["given"]:
            exact = page.value(gradient).ravel(order="F")
            if leaf in last:
                numpy.testing.assert_array_equal(page.value(last[leaf]).ravel(order="F"), exact, name)
            if derivatives.size == 0:  # it would have taken long
                continue
            numeric = derivatives[first:first + exact.size]
            allowed = 2 * errors[first:first + exact.size] + 1e-9 * max(1, abs(exact).max())
            if has_spikes or name == "t0":  # a surrogate gradient; a clock, through which none flows
                first += exact.size
                continue
            self.assertTrue((abs(numeric - exact) <= allowed).all(), name)
            self.assertTrue((errors[first:first + exact.size] < 1e-6).all(), name)
            first += exact.size
        self.assertIn(derivatives.size, (0, first))

    def test_every_cell(self):
        for cell in [cell["name"] for cell in json.loads(run("cells", "--json"))["cells"]]:
            with self.subTest(cell):
                page = self.page(cell, "--steps", "3", "--backward")
                self.assertEqual(page.places[-1], page.numbers.size)
                self.assertTrue(numpy.isfinite(page.numbers).all())
                self.assertEqual(page.parser.addresses, [])
                self.assertEqual(len(page.parser.ids), len(set(page.parser.ids)))
                self.check_addends(page)
                self.check_given(page, has_spikes=cell == "lif")

    def test_views(self):
        """What stands for an item in the loop's body has its name."""
        page = self.page("lstm", "--steps", "3", "--backward")
        drawn = {key: dict(re.findall(prefix + r'n(\d+)" class="node[^>]*>.*?<tspan class="name">([^<]*)', page.text))
                 for key, prefix in (("cell", 'id="c-'), ("rolled", 'id="r-'))}
        for key, names in drawn.items():
            self.assertIn("f⟨t⟩", names.values(), key)
            compared = 0
            for k, of in enumerate(page.data["views"][key]["of"]):
                kind = page.data["items"][k][1]
                if str(of) in names and kind == 0 and re.fullmatch(r"\w+⟨\d⟩", page.names[k]) and "_z" not in page.names[k]:
                    self.assertEqual(names[str(of)], re.sub(r"\d", "t", page.names[k]))
                    compared += 1
            self.assertEqual(compared, 3 * 8, key)
        self.assertNotIn("rolled", self.page("lstm", "--steps", "3").data["views"])

    def test_wrong_answers_are_wrong(self):
        """In place of the right formula each of the quiz's others is refuted by the checker."""
        for cell in ("rnn", "gru"):
            derived = run("derive", cell).splitlines()
            questions = self.page(cell, "--steps", "2", "--backward").data["quiz"]
            lines = [line for line in derived[derived.index("backward") + 1:] if " = " in line]
            self.assertEqual([question[0] for question in questions], [line.split()[0] for line in lines])
            for name, right, *wrong in questions:
                self.assertEqual(len({right} | {formula for formula, _why in wrong}), 4)
                place = next(i for i, line in enumerate(derived) if i > derived.index("backward") and line.split()[0] == name)
                self.assertEqual(derived[place].split("=", 1)[1].split("#")[0].strip(), right)
                for formula, _why in wrong:
                    with open(self.path("mine.cell"), "w", encoding="utf-8") as file:
                        file.write("\n".join(derived[:place] + ["  " + name + " = " + formula] + derived[place + 1:]) + "\n")
                    done = subprocess.run([PROGRAM, "check", self.path("mine.cell")], capture_output=True, text=True, check=False)
                    self.assertIn(done.returncode, (1, 2), (name, formula, done.stdout))
            self.assertTrue(sum(why != "" for _name, _right, *wrong in questions for _formula, why in wrong) > 2 * len(questions))

    def test_lines_say_what_they_are(self):
        page = self.page("lstm", "--steps", "2", "--backward")
        lines = re.findall(r'<div class="line" data-of="([^"]*)"(?: data-name="([^"]*)")? data-latex="([^"]*)" data-numpy="([^"]*)"', page.text)
        self.assertEqual(len(lines), 8 + 20)
        self.assertIn(("f_z", "df_z", "\\mathrm{d}f_{z} = \\mathrm{d}c_{t} \\odot c_{t-1} \\odot f \\odot \\left(1 - f\\right)",
                       "df_z = s_c * c * f * (1 - f)"), lines)

    def test_nothing_points_outside(self):
        page = self.page("lstm", "--steps", "3", "--backward")
        self.assertEqual([found for found in re.findall(r"url\(([^)]*)", page.text) if not found.startswith("#")], [])
        self.assertEqual(re.findall(r"https?://(?!www\.w3\.org/)[^\s\"']*", page.text), [])
        self.assertIn("default-src 'none'", page.text)
        self.assertNotRegex(page.program, r"fetch\(|XMLHttpRequest|localStorage|import\(|eval\(|innerHTML")
        self.assertLess(len(page.program.encode()), LONGEST_PROGRAM)

    def test_same_bytes(self):
        arguments = ["gru", "--steps", "2", "--backward"]
        self.assertEqual(self.page(*arguments).text, self.page(*arguments).text)
        self.assertNotEqual(self.page(*arguments).text, self.page(*arguments, "--seed", "2").text)

    def test_gradients_of_grad(self):
        random = numpy.random.default_rng(3)
        shapes = {"x": (3, 4, 2), "a0": (5, 4), "Wf": (5, 8), "Wi": (5, 8), "Wc": (5, 8), "Wo": (5, 8), "bf": (5, 1),
                  "bi": (5, 1), "bc": (5, 1), "bo": (5, 1), "Wy": (2, 5), "by": (2, 1), "da": (5, 4, 2)}
        numpy.savez(self.path("in.npz"), **{name: random.standard_normal(shape) for name, shape in shapes.items()})
        run("grad", "lstm", "--in", self.path("in.npz"), "--out", self.path("out.npz"), "--engine", "interpreter")
        page = self.page("lstm", "--in", self.path("in.npz"), "--backward")
        self.assertEqual((page.data["steps"], page.data["examples"]), (2, 4))
        compared = 0
        with numpy.load(self.path("out.npz")) as out:
            for name, _kind, _leaf, gradient in page.data["given"]:
                numpy.testing.assert_allclose(page.value(gradient), out["d" + name].reshape(page.shape(gradient)),
                                              rtol=1e-13, atol=1e-15, err_msg=name)
                compared += 1
        self.assertEqual(compared, 13)
        self.check_addends(page)
        self.check_given(page)

    def test_digits_of_the_notebook(self):
        """The last sums are what the teaching notebook prints for its exercise lstm_backward, from its own draws."""
        draw = numpy.random.RandomState(1).randn
        arrays = {"x": draw(3, 10, 7)[:, :, :4], "a0": draw(5, 10)}
        for gate in "fioc":
            arrays["W" + gate], arrays["b" + gate] = draw(5, 8), draw(5, 1)
        arrays["da"] = draw(5, 10, 4)
        numpy.savez(self.path("in.npz"), **arrays)
        page = self.page("lstm", "--in", self.path("in.npz"), "--backward")
        last = {target: total for target, _by, _value, total in page.data["addends"]}
        found = {name: page.value(last[leaf]) for name, _kind, leaf, _gradient in page.data["given"] if leaf in last}
        printed = {("a0", 2, 3): 0.3127703102572603, ("Wf", 3, 1): -0.08098023109383466, ("Wi", 1, 2): 0.4051243309298186,
                   ("Wc", 3, 1): -0.07937467355121491, ("Wo", 1, 2): 0.03894877576298697, ("bf", 4, 0): -0.15745657,
                   ("bi", 4, 0): -0.50848333, ("bc", 4, 0): -0.42510818, ("bo", 4, 0): -0.17958196}
        for (name, *index), digits in printed.items():
            self.assertAlmostEqual(found[name][tuple(index)], digits, delta=1e-8, msg=name)

    def test_forward_only(self):
        page = self.page("gru", "--steps", "2")
        self.assertEqual(page.data["addends"], [])
        self.assertFalse(any(item[1] >= 8 for item in page.data["items"]))

    def test_without_a_program_it_says_all(self):
        page = self.page("lstm", "--steps", "2", "--backward")
        self.assertIn("<svg", page.text)
        self.assertIn("<math", page.text)
        rows = {row[0]: row for row in page.parser.rows}
        self.assertEqual(rows["c⟨2⟩"][1], "f⟨2⟩ ⊙ c⟨1⟩ + i⟨2⟩ ⊙ g⟨2⟩")
        self.assertEqual(rows["dWf"][1], "dWf[1 of 2] + df_z⟨1⟩ @ z⟨1⟩ᵀ")
        self.assertEqual(rows["df⟨2⟩"][1], "dc⟨2⟩ ⊙ c⟨1⟩")
        self.assertEqual(rows["s_a⟨1⟩[2 of 3]"][1], "da⟨1⟩ + slice(dz⟨2⟩)")
        shown = [float(number) for number in rows["c⟨1⟩"][2].rstrip(" …").split()]
        numpy.testing.assert_allclose(shown, page.value(page.names.index("c⟨1⟩")).ravel()[:3], rtol=1e-3)

    def test_names_cannot_end_the_data(self):
        # A name in the cell language has no such letters; a file's name and its remarks do.
        path = self.path("x.cell")
        with open(path, "w", encoding="utf-8") as file:
            file.write("# </script><script>alert(1)</script>\ncell unit\n  input x[n_x]\n  state a[n_a]\n"
                       "  param W[n_a, n_x]\n  a' = tanh(W @ x + a)\n")
        page = self.page(path, "--steps", "2", "--backward")
        self.assertEqual(len(page.parser.scripts), 2)
        self.assertNotIn("alert", page.text)

    def test_sizes(self):
        self.assertLess(len(self.page("lstm", "--steps", "4", "--backward").text.encode()), 250000)
        self.assertLess(len(self.page("lstm", "--steps", "50", "--backward").text.encode()), 1000000)
        self.assertIn("a large page", run("graph", "lstm", "--steps", "60", "--backward", "-o", self.path("large.html")))
        message = run("graph", "lstm", "--steps", "50", "--dims", "n_a=60", "--backward", "-o", self.path("big.html"),
                      status=2)
        self.assertRegex(message, r"would have at least \d+\.\d MB.*fewer time steps")
        self.assertFalse(os.path.exists(self.path("big.html")))

    def train(self, layers):
        text = "to be or not to be, that is the question. " * 12
        with open(self.path("text.txt"), "w", encoding="utf-8") as file:
            file.write(text)
        run("train", "--text", self.path("text.txt"), "--cell", "lstm", "--layers", str(layers), "--hidden", "6", "--embedding", "4",
            "--iterations", "20", "--batch", "4", "--steps", "16", "--save", self.path("m.npz"), "--overwrite")
        return text

    def test_numbers_of_a_model(self):
        """The last layer over the beginning of a text, and what the loss sends there, computed anew."""
        def sigmoid(u):
            return 1 / (1 + numpy.exp(-u))
        for layers in (1, 2):
            text = self.train(layers)
            page = self.page("lstm", "--model", self.path("m.npz"), "--text", self.path("text.txt"), "--steps", "3", "--backward")
            with numpy.load(self.path("m.npz")) as file:
                model = {name: file[name].astype(float) for name in file.files if name.startswith("parameter/")}
            tokens = [sorted(set(text)).index(letter) for letter in text[:4]]
            x = [model["parameter/embedding"][:, token] for token in tokens[:3]]
            for layer in range(1, layers + 1):
                inputs, x, a, c = x, [], numpy.zeros(6), numpy.zeros(6)
                for step in inputs:
                    p = {gate: model[f"parameter/layer{layer}.W{gate}"] @ numpy.concatenate([a, step])
                         + model[f"parameter/layer{layer}.b{gate}"][:, 0] for gate in "fico"}
                    c = sigmoid(p["f"]) * c + sigmoid(p["i"]) * numpy.tanh(p["c"])
                    a = sigmoid(p["o"]) * numpy.tanh(c)
                    x.append(a)
            for t in range(3):
                logits = model["parameter/Wy"] @ x[t] + model["parameter/by"][:, 0]
                error = numpy.exp(logits) / numpy.exp(logits).sum()
                error[tokens[t + 1]] -= 1
                for name, expected in (("x", inputs[t]), ("a", x[t]), ("da", model["parameter/Wy"].T @ error / 3)):
                    numpy.testing.assert_allclose(page.value(page.names.index(f"{name}⟨{t + 1}⟩")).ravel(), expected, atol=1e-12)
            self.check_given(page)

    def test_models_that_do_not_fit(self):
        self.train(1)
        model = ["--model", self.path("m.npz"), "--text", self.path("text.txt")]
        page = ["--steps", "3", "-o", self.path("a.html")]
        self.page("lstm", *model, "--steps", "3")
        self.assertIn("a model of lstm, not of gru", run("graph", "gru", *model, *page, status=2))
        self.assertIn("go together", run("graph", "lstm", *model[:2], *page, status=2))
        self.assertIn("go together", run("graph", "lstm", *model[2:], *page, status=2))
        self.assertIn("do not go with it", run("graph", "lstm", *model, "--in", "a.npz", *page, status=2))
        self.assertIn("--layer 2", run("graph", "lstm", *model, "--layer", "2", *page, status=2))
        self.assertIn("only an .html page", run("graph", "lstm", *model, "--steps", "3", "-o", self.path("a.svg"), status=2))
        self.assertFalse(os.path.exists(self.path("a.html")))

    def test_what_is_refused(self):
        self.assertIn("--steps 3", run("graph", "lstm", "--backward", "-o", self.path("a.html"), status=2))
        self.assertIn("only an .html page shows numbers",
                      run("graph", "lstm", "--in", "a.npz", "-o", self.path("a.svg"), status=2))


if __name__ == "__main__":
    unittest.main()
