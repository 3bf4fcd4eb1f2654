"""Tests the table that bench/compare.py writes: verdicts, and the place in the document."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
import compare_peers  # noqa: E402
import compare_table  # noqa: E402

RESULTS = {
    "machine": {"kind": "AVX-512", "text": "a machine"},
    "lstm": {"medium": {"us": 100.0, "rounds": 3, "bound": 0.95, "library bound": 0.98, "oneDNN": 0.97, "PyTorch": 1.5},
             "small": {"us": 10.0, "rounds": 3, "library bound": 0.8, "oneDNN": 1.3}},
    "threads": {"medium": {"us": 50.0, "rounds": 3, "gradtape": 1.9}, "small": {"us": 5.0, "rounds": 3, "gradtape": 1.2}},
    "planning": {"T = 10": {"us": 600.0}, "T = 100000": {"us": 6000.0}},
    "memory": {"medium, T = 1024": {"counted MB": 500, "gradtape MB": 520, "oneDNN MB": 1100}},
    "narrow": {"diagonal": {"ns": 250.0}},
}


class Table(unittest.TestCase):
    def setUp(self):
        self.text = compare_table.table(RESULTS)

    def line(self, start):
        return next(line for line in self.text.split("\n") if line.startswith(start))

    def test_a_goal_at_most(self):
        line = self.line("| LSTM against its GEMM bound")
        self.assertIn("×1.020 (goal ×1.03: hit)", line)       # 1 / 0.98
        self.assertIn("×1.250 (goal ×1.05: **missed**)", line)  # 1 / 0.8
        self.assertEqual(line.count("not measured"), 3)

    def test_a_goal_at_least(self):
        line = self.line("| LSTM against oneDNN")
        self.assertIn("1.30× (goal 1.2×: hit)", line)
        self.assertIn("0.97× (goal level: **missed**)", line)
        self.assertIn("1.90× (goal 1.8×: hit)", self.line("| two threads"))
        self.assertIn("1.20× (goal 1.6×: **missed**)", self.line("| two threads"))

    def test_single_figures(self):
        self.assertIn("0.60 ms, goal 5 ms: hit", self.text)
        self.assertIn("6.00 ms, goal 5 ms: **missed**", self.text)
        self.assertIn("520 MB, goal 600 MB: hit", self.text)
        self.assertIn("250 ns, goal 300 ns: hit", self.text)
        self.assertIn("f64 against its GEMM bound: not measured", self.text)

    def test_the_summary_names_what_was_missed(self):
        self.assertIn("7 goals hit, 4 missed", self.text)
        self.assertIn("two threads, small", self.text.split("missed: ")[1])

    def test_nothing_measured(self):
        self.assertIn("0 goals hit, 0 missed.", compare_table.table({}))


class Document(unittest.TestCase):
    def test_replaces_what_stands_between_the_marks(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "performance.md")
            with open(path, "w") as file:
                file.write("before\n")
            first, second = compare_table.table(RESULTS), compare_table.table({"machine": RESULTS["machine"]})
            for text in (first, second):
                compare_table.write(path, text)
            with open(path) as file:
                document = file.read()
            self.assertTrue(document.startswith("before\n"))
            self.assertEqual(document.count(second), 1)
            self.assertNotIn(first, document)
            self.assertEqual(document.count("## gradtape and its peers"), 1)

    def test_keeps_the_tables_of_other_processors(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "performance.md")
            with open(path, "w") as file:
                file.write("before\n")
            here = compare_table.table(RESULTS)
            there = compare_table.table({"machine": {"kind": "AVX2 without AVX-512", "text": "another machine"}})
            for text in (here, there, here):
                compare_table.write(path, text)
            with open(path) as file:
                document = file.read()
            self.assertEqual((document.count(here), document.count(there)), (1, 1))

    def test_puts_a_new_table_behind_the_others(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "performance.md")
            here = compare_table.table(RESULTS)
            there = compare_table.table({"machine": {"kind": "AVX2 without AVX-512", "text": "another machine"}})
            with open(path, "w") as file:
                file.write("before\n\n" + here + "\n\n## What is missed\n")
            compare_table.write(path, there)
            with open(path) as file:
                document = file.read()
            self.assertEqual(document, "before\n\n" + here + "\n\n" + there + "\n\n## What is missed\n")


class Ratios(unittest.TestCase):
    def test_medians_of_the_ratios_of_rounds(self):
        r = compare_peers.ratios({"a": [10.0, 20.0, 10.0], "b": [20.0, 10.0, 30.0]}, "a")
        self.assertEqual(r, {"us": 10.0, "rounds": 3, "b": 2.0})


if __name__ == "__main__":
    unittest.main()
