"""Tests `gradtape flow`: its formats, that they agree, and what it refuses. Usage: flow_command.py GRADTAPE"""
import csv
import io
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

DOCUMENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs")
PROGRAM = os.path.abspath(sys.argv.pop())


def run(*arguments, status=0):
    done = subprocess.run([PROGRAM, "flow", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done.stdout if status == 0 else done.stderr


class Formats(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def read(self, name, *arguments):
        run(*arguments, "-o", self.path(name))
        with open(self.path(name), newline="") as file:
            return file.read()

    def test_json_and_csv_have_the_same_numbers(self):
        arguments = ["lstm", "--steps", "7"]
        document = json.loads(self.read("f.json", *arguments))
        self.assertEqual((document["command"], document["version"]), ("flow", 1))
        flow = document["flows"][0]
        rows = list(csv.DictReader(io.StringIO(self.read("f.csv", *arguments))))
        for series in flow["gradients"]:
            norms = [float(r["value"]) for r in rows if r["what"] == "norm" and r["name"] == series["name"]]
            self.assertEqual(norms, series["norm"])
            for t in range(7):
                squares = sum(unit[t] ** 2 for unit in series["entries"]) * flow["m"]
                self.assertAlmostEqual(math.sqrt(squares), series["norm"][t], delta=1e-12 * (1 + series["norm"][t]))
        for parameter in flow["parameters"]:
            parts = parameter["within_a_step"] + sum(parameter["through_alone"].values()) + parameter["through_several"]
            self.assertAlmostEqual(parts, 1, delta=1e-9)
        self.assertEqual(len(flow["singular_values"]), 7)
        self.assertEqual(json.loads(run(*arguments, "--json")), document)

    def test_each_map_leads_to_its_steps(self):
        for arguments in (["lstm", "--steps", "4"], ["gru", "--steps", "3", "--loss", "all"], ["mgu", "--vary", "bf=0,3", "--steps", "2"]):
            text = self.read("f.html", *arguments)
            pages = re.findall(r'<script type="application/json" id="steps-(\d+)">(.*?)</script>', text)
            self.assertEqual(len(pages), 2 if "--vary" in arguments else 1)
            for number, page in pages:
                page = json.loads(page)
                self.assertEqual(page.count('id="p-data">\n{'), 1)
                links = re.findall(r'data-view="%s" data-name="(\w+)" data-t="(\d+)"' % number, text)
                self.assertGreater(len(links), 10)
                for name, t in links:
                    names = ["<th>%s%s⟨%s⟩<" % (before, name, t) for before in ("s_", "d")]
                    self.assertTrue(any(each in page for each in names), (name, t))

    def test_says_why_there_are_no_steps(self):
        text = self.read("f.html", "lstm", "--steps", "60", "--dims", "n_a=40,n_x=40", "--batch", "30", "--no-singular", "--no-triangle")
        self.assertIn("cannot be stepped through here", text)
        self.assertNotIn("data-view", text)

    def test_the_picture_is_one_document(self):
        for arguments in (["lstm"], ["gru", "--compare", "rnn,lstm"], ["lstm", "--vary", "bf=0,1,3"],
                          ["minlstm", "--dims", "n_a=40", "--steps", "3", "--loss", "all"]):
            text = self.read("f.svg", *arguments)
            root = xml.etree.ElementTree.fromstring(text)
            self.assertTrue(root.tag.endswith("svg"))
            self.assertNotIn("nan", text.replace("nance", ""))
            self.assertEqual(text, run(*arguments, "-o", "-"))

    def document(self, first, last):
        """The commands of docs/teaching.md from one that starts so to one that starts so, run in the folder."""
        with open(os.path.join(DOCUMENTS, "teaching.md"), encoding="utf-8") as file:
            lines = [line[2:-1] for line in file if line.startswith("$ ")]
        begin = next(k for k, line in enumerate(lines) if line.startswith(first))
        end = next(k for k, line in enumerate(lines) if k >= begin and line.startswith(last))
        for line in lines[begin:end + 1]:
            words = line.replace("gradtape ", PROGRAM + " ", 1) if line.startswith("gradtape ") else line
            done = subprocess.run(words, shell=True, cwd=self.folder.name, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, (line, done.stderr))

    def compare_pictures(self, name, shown, numbers):
        """The same words; and, where the way there was the same on every machine, the same drawing."""
        words = []
        for path in (self.path(name), os.path.join(DOCUMENTS, "pictures", shown)):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            labels = re.findall(r"<text[^>]*>([^<]*)</text>", text)
            words.append([label for label in labels if numbers or not re.search(r"every|stays|1e", label)])
            if numbers:
                words[-1].append(re.sub(r"[\d.]+", "", text))
        self.assertEqual(words[0], words[1])

    def test_pictures_of_the_documents(self):
        self.document("gradtape flow lstm --vary bf=0,1,3", "gradtape flow lstm --vary bf=0,1,3")
        self.compare_pictures("forget-bias.svg", "lstm-forget-bias.svg", True)
        self.document("awk", "gradtape flow lstm --model brackets.npz")
        self.compare_pictures("brackets.svg", "lstm-brackets.svg", False)
        flow = json.loads(run("lstm", "--model", self.path("brackets.npz"), "--text", self.path("brackets.txt"), "--batch", "1",
                              "--steps", "11", "--loss", "last", "--json"))["flows"][0]
        slopes = {each["name"]: each["decades_each_step_back"] for each in flow["gradients"]}
        self.assertLess(slopes["a"], -0.02, "what the document says of a")
        self.assertGreater(slopes["c"], -0.02, "what the document says of c")

    def test_the_page_asks_for_nothing(self):
        text = re.sub(r'<script type="application/json".*?</script>', "", self.read("f.html", "lstm", "--vary", "bf=0,1,3", "--steps", "3"))
        self.assertTrue(text.startswith("<!doctype html>"))
        self.assertIn("default-src 'none'", text)
        self.assertEqual(re.findall(r'<link[^>]*>', text), ['<link rel="icon" href="data:,">'])
        for word in ("<img", "src=", "@import", "fetch("):
            self.assertNotIn(word, text)
        self.assertEqual(text.count("http"), text.count("http://www.w3.org/2000/svg") + text.count("http-equiv"))
        self.assertIn("lstm, bf = 3", text)

    def test_a_larger_forget_bias_keeps_the_gradient(self):
        flows = json.loads(run("lstm", "--vary", "bf=0,1,3", "--steps", "30", "--json"))["flows"]
        slopes = [next(s for s in flow["gradients"] if s["name"] == "c")["decades_each_step_back"] for flow in flows]
        self.assertLess(slopes[0], slopes[1])
        self.assertLess(slopes[1], slopes[2])

    def test_the_loss(self):
        last, every = (json.loads(run("rnn", "--loss", loss, "--json"))["flows"][0] for loss in ("last", "all"))
        rows = [[any(row) for row in flow["parameters"][-1]["loss_at_step_by_use_at_step"]] for flow in (last, every)]
        self.assertEqual(rows, [[False] * 19 + [True], [True] * 20])

    def test_the_table_names_everything(self):
        text = run("lstm", "--compare", "gru")
        for word in ("lstm: T = 20", "gru: T = 20", "halves every", "through a", "Wf", "singular values"):
            self.assertIn(word, text)

    def test_names_do_no_harm(self):
        cell = self.path("h.cell")
        with open(cell, "w") as file:
            file.write("cell h\ninput x[n]\nstate h[n]\nparam W[n, n]\nh' = tanh(W @ h + x)\n")
        xml.etree.ElementTree.fromstring(run(cell, "--dims", "n=2", "-o", "-"))


class Refused(unittest.TestCase):
    def test_messages(self):
        for arguments, words in (
                (["lstm", "--vary", "bq=1"], "has no parameter 'bq'; it has Wf, bf"),
                (["lstm", "--vary", "bf"], "--vary bf=0,1,3"),
                (["lstm", "--vary", "bf=1,x"], "--vary bf=0,1,3"),
                (["lstm", "--vary", "bf=nan"], "--vary bf=0,1,3"),
                (["lstm", "--vary", "bf=1", "--compare", "gru"], "do not go together"),
                (["lstm", "--compare", "gru,,rnn"], "a name is missing"),
                (["lstm", "--compare", "nothing"], "nothing"),
                (["lstm", "-o", "f.bmp"], ".html, .svg, .csv or .json"),
                (["lstm", "--model", "m.npz", "--text", "t", "u", "-o", "f.bmp"], ".html, .svg, .csv or .json"),
                (["lstm", "--dims", "n_a=5000", "--steps", "500"], "take fewer steps"),
                (["lstm", "--dims", "n_a=400"], "512 at most"),
                (["lstm", "--in", "missing.npz"], "missing.npz")):
            self.assertIn(words, run(*arguments, status=2), arguments)


if __name__ == "__main__":
    unittest.main()
