"""Tests `gradtape check --html` and --no-repair: what the page says, and that its arithmetic is true.
Usage: check_page.py GRADTAPE FIXTURES"""
import base64
import html.parser
import json
import math
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy

FIXTURES = os.path.abspath(sys.argv.pop())
PROGRAM = os.path.abspath(sys.argv.pop())
# What is planted in the LSTM, and what the formula then reads.
SLIPS = [("dc' + o", "dc' - o"), ("dWf  = df_z @ z.T", "dWf  = df_z @ z.T * 2"), ("dbo  = sum(do_z, axis=1)", "dbo  = mean(do_z, axis=1)"),
         ("s * g * i * (1 - i)", "s * g * i * (1 - f)"), ("Wi[:, :n_a].T @ di_z", "Wi[:, :n_a] @ di_z"), ("dc   = s * f", "dc   = cos(s)")]


def run(*arguments, status=0, folder="."):
    done = subprocess.run([PROGRAM, "check", *arguments], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout


class Words(html.parser.HTMLParser):
    """What a reader sees, and every address in the page."""

    def __init__(self, text):
        super().__init__()
        self.words, self.addresses, self.frame, self.style = [], [], None, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.style = tag in ("style", "script")
        self.addresses += [values[name] for name in ("src", "href", "action") if name in values]
        self.frame = values.get("srcdoc", self.frame)

    def handle_data(self, data):
        if not self.style:
            self.words.append(data)

    def handle_endtag(self, tag):
        self.style = False

    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


def numbers_of(line):
    """The last part of "a = b = 1 * 2 = 2", and the one before it, which has no names."""
    parts = line.split(" = ")
    shown = parts[-2] if len(parts) > 2 else None
    return shown, float(parts[-1])


def opens_at(frame):
    """The name of the item at which the frame opens, the entry there, and its number."""
    data = json.loads(re.search(r'id="p-data">\n(.*?)</script>', frame, re.DOTALL).group(1))
    item, entry = map(int, re.fullmatch(r"#item=(\d+)&entry=(\d+)", data["start"]).groups())
    sizes = [math.prod(data["shapes"][each[3]]) for each in data["items"]]
    name = re.findall(r"<tr><th>([^<]*)<td>", frame.split('id="p-steps"')[1])[item].strip()
    numbers = struct.unpack("<%dd" % sum(sizes), base64.b64decode(data["numbers"]))
    return name, entry, numbers[sum(sizes[:item]) + entry]


class Pages(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, text):
        with open(os.path.join(self.folder.name, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder.name, name), encoding="utf-8") as file:
            return file.read()

    def plant(self, right, written):
        with open(os.path.join(FIXTURES, "backward", "lstm.cell"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn(right, text)
        self.write("mine.cell", text.replace(right, written))

    def page(self, *arguments, status=1):
        run(*arguments, "--html", "page.html", status=status, folder=self.folder.name)
        words = Words(self.read("page.html"))
        for address in words.addresses + (Words(words.frame).addresses if words.frame else []):
            self.assertIn(address[:6], ("data:,",), address)
        return words

    def test_arithmetic_gives_the_entry(self):
        for right, written in SLIPS:
            self.plant(right, written)
            document = json.loads(run("mine.cell", "--json", status=1, folder=self.folder.name))
            for finding in document["findings"]:
                for key, value in (("arithmetic", "value"), ("expected_arithmetic", "expected")):
                    if not finding[key]:
                        self.assertEqual((key, finding["diagnosis"] is not None and finding["diagnosis"]["repaired"] is not None),
                                         ("expected_arithmetic", False), finding)
                        continue
                    lines = finding[key].split("\n")
                    want = finding["worst"][value]
                    self.assertAlmostEqual(numbers_of(lines[0])[1], want, delta=1e-5 * (1 + abs(want)), msg=lines[0])
                    for line in lines:
                        self.evaluate(line)

    def evaluate(self, line):
        shown, result = numbers_of(line)
        if shown is None or "..." in shown or re.search(r"\[|sum over", shown):
            return
        given = {name: getattr(math, name) for name in ("cos", "sin", "tanh", "exp")}
        self.assertAlmostEqual(eval(shown, {"__builtins__": {}}, given), result, delta=5e-3 * (1 + abs(result)), msg=line)

    def test_opens_at_the_wrong_line(self):
        self.plant(*SLIPS[3])
        words = self.page("mine.cell")
        text = words.text()
        for expected in ("di_z is wrong , line 21", "di_z = s * g * i * (1 - f)", "should read di_z = s * g * i * (1 - i)",
                         "gate i", "line 21, from column 27: f ", "time step", "gradtape check mine.cell --dims n_x=3,n_a=5"):
            self.assertIn(expected, text)
        self.assertLess(text.index("di_z is wrong"), text.index("All formulas"))
        self.assertEqual(text.count("✗ wrong"), 1)
        self.assertEqual(text.count("✓ right"), 11 + 3)
        self.assertEqual(opens_at(words.frame)[0], "di_z⟨4⟩")

    def test_same_numbers_are_stepped_through(self):
        self.plant(*SLIPS[1])
        finding = json.loads(run("mine.cell", "--json", status=1, folder=self.folder.name))["findings"][0]
        frame = self.page("mine.cell").frame
        name, entry, number = opens_at(frame)
        self.assertEqual(name, "df_z⟨%d⟩ @ z⟨%d⟩ᵀ" % (2 * (finding["worst"]["step"] + 1,)))
        self.assertEqual(entry, finding["worst"]["index"][0] + finding["worst"]["index"][1] * finding["shape"][0])
        self.assertAlmostEqual(number, finding["worst"]["expected"], delta=1e-12)

    def test_nothing_is_given_away(self):
        for right, written in SLIPS[2:4]:
            self.plant(right, written)
            words = self.page("mine.cell", "--no-repair", "--junit", "report.xml")
            printed = run("mine.cell", "--no-repair", "--all", status=1, folder=self.folder.name)
            document = json.loads(run("mine.cell", "--no-repair", "--json", status=1, folder=self.folder.name))
            for text in (words.text(), printed, self.read("report.xml")):
                self.assertNotIn("should read", text)
                self.assertNotIn("likely", text)
            for finding in document["findings"]:
                self.assertIsNone(finding["diagnosis"])
                self.assertIsNone(finding["expected_arithmetic"])
                self.assertTrue(finding["arithmetic"])
            self.assertTrue('<details id="p-equations"' not in words.frame and '<tr><th>dWf' not in words.frame)

    def test_right_and_refused(self):
        with open(os.path.join(FIXTURES, "backward", "lstm.cell"), encoding="utf-8") as file:
            text = file.read()
        self.write("right.cell", text)
        words = self.page("right.cell", status=0).text()
        self.assertIn("Right: its tape and its formulas agree with numbers", words)
        self.assertNotIn("✗", words)
        self.write("broken.cell", text.replace("df_z @ z.T", "df_z @ zz.T"))
        words = self.page("broken.cell", status=2).text()
        self.assertIn("could not be checked", words)
        self.assertIn("zz", words)

    def test_hints_of_shapes_are_kept_back(self):
        self.plant("dWf  = df_z @ z.T", "dWf  = df_z @ z")
        for options, given in (([], True), (["--no-repair"], False)):
            done = subprocess.run([PROGRAM, "check", "mine.cell", "--json", "--html", "page.html", "--junit", "r.xml", *options], capture_output=True,
                                  text=True, check=False, cwd=self.folder.name)
            self.assertEqual(done.returncode, 2)
            for text in (done.stdout, done.stderr, self.read("page.html"), self.read("r.xml")):
                self.assertEqual("z.T would fit" in text, given, text)
                self.assertIn("df_z is (n_a, m)", text)

    def test_names_are_words(self):
        self.plant(*SLIPS[0])
        os.rename(os.path.join(self.folder.name, "mine.cell"), os.path.join(self.folder.name, "a<b> 'c'.cell"))
        words = self.page("a<b> 'c'.cell")
        self.assertIn("gradtape check 'a<b> '\\''c'\\''.cell'", words.text())

    def test_no_input_is_overwritten(self):
        self.plant(*SLIPS[0])
        before = self.read("mine.cell")
        run("mine.cell", "--html", "mine.cell", status=2, folder=self.folder.name)
        self.assertEqual(self.read("mine.cell"), before)
        self.write("page.html", "old")
        os.mkdir(os.path.join(self.folder.name, "closed"))
        run("mine.cell", "--html", "closed/none/page.html", status=2, folder=self.folder.name)
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["closed", "mine.cell", "page.html"])

    def test_on_stdout(self):
        self.plant(*SLIPS[0])
        text = run("mine.cell", "--html", "-", status=1, folder=self.folder.name)
        self.assertTrue(text.startswith("<!doctype html>"))
        self.assertTrue(text.rstrip().endswith("</html>"))

    def test_arrays_from_elsewhere(self):
        random = numpy.random.default_rng(1)
        arrays = {"x": random.normal(size=(3, 4, 5)), "a0": random.normal(size=(2, 4)), "Waa": random.normal(size=(2, 2)),
                  "Wax": random.normal(size=(2, 3)), "ba": random.normal(size=(2, 1)), "Wya": random.normal(size=(2, 2)),
                  "by": random.normal(size=(2, 1)), "da": random.normal(size=(2, 4, 5))}
        path = os.path.join(self.folder.name, "in.npz")
        numpy.savez(path, **arrays)
        done = subprocess.run([PROGRAM, "grad", "rnn", "--in", path, "--out", path + ".out.npz"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        with numpy.load(path + ".out.npz") as given:
            mine = {name: given[name] for name in given.files if name.startswith("d")}
        mine["dWax"] = mine["dWax"] * 2
        numpy.savez(path, **arrays, **{name: value for name, value in mine.items() if name != "da"})
        text = self.page("rnn", "--against", "in.npz").text()
        self.assertIn("dWax is wrong", text)
        self.assertRegex(text, r"what it should be dWax\[\d, \d\] = .*\(t = 0\) \+ .*\(t = 4\) = ")
        self.assertIn("dWaa ✓ right", text)
        self.assertIn("dWax ✗ wrong", text)
        self.assertIn("gradtape check rnn --against in.npz", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
