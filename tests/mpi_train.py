"""Training by several processes: as one does, but for rounding; nothing lost when one of them goes.

Usage: mpi_train.py GRADTAPE MPIRUN
"""
import csv
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

GRADTAPE, MPIRUN = os.path.abspath(sys.argv.pop(1)), sys.argv.pop(1)
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_btl_vader_single_copy_mechanism": "none"}
# Large enough for gradients that are summed while others are computed: those of a layer are 0.3 MB.
LAYERS = "--hidden 48 --embedding 48 --layers 3 --batch 5 --steps 6 --dtype f64 --validate-every 5 --dropout 0.2 --seed 3".split()
SMALL = "--hidden 12 --batch 5 --steps 8 --dtype f64 --validate-every 7 --dropout 0.2 --seed 3".split()


class Group(unittest.TestCase):
    def setUp(self):
        self.environment = dict(ENVIRONMENT)
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        generator = random.Random(1)
        for name in ("text", "other"):
            self.write(name, "".join(generator.choice("the cat sat on a mat. ") for _ in range(3000)))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write(text)

    def run_program(self, *arguments):
        return subprocess.run(arguments, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)

    def train(self, count, save, *more):
        launcher = [MPIRUN, "-n", str(count)] if count > 1 else []
        return self.run_program(*launcher, GRADTAPE, "train", "--save", save + ".npz", "--log", save + ".csv", "--quiet", *more)

    def rows(self, name):
        with open(os.path.join(self.folder, name + ".csv"), newline="", encoding="ascii") as file:
            return [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]

    def expect_same_rows(self, name, other):
        a, b = self.rows(name), self.rows(other)
        self.assertEqual([row.keys() for row in a], [row.keys() for row in b])
        self.assertTrue(any("validation" in key for row in a for key in row))
        for row, same in zip(a, b):
            for key in row:
                self.assertAlmostEqual(row[key], same[key], delta=1e-9 * max(1, abs(row[key])), msg=f"{key} of {row}")

    def expect_good(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_text_as_by_one_process(self):
        for count in (1, 2, 3):
            self.expect_good(self.train(count, f"m{count}", "--text", "text", "--iterations", "20", *SMALL))
        self.expect_same_rows("m1", "m2")
        self.expect_same_rows("m1", "m3")
        for count, name in ((1, "m1"), (3, "m2")):  # on another number of processes
            self.expect_good(self.train(count, name, "--resume", "--iterations", "30"))
        self.expect_same_rows("m1", "m2")

    def test_sequences_as_by_one_process(self):
        for count in (1, 2):
            self.expect_good(self.train(count, f"m{count}", "--task", "parity:6", "--examples", "33", "--iterations", "20", *SMALL))
        self.expect_same_rows("m1", "m2")

    def test_the_same_twice(self):
        for name in ("a", "b"):
            self.expect_good(self.train(2, name, "--text", "text", "--iterations", "10", *SMALL))
        self.assertEqual(self.rows("a"), self.rows("b"))

    def test_layers_whose_sums_begin_early(self):
        self.environment["GRADTAPE_OVERLAP"] = "yes"
        for of in (["--text", "text"], ["--task", "parity:6", "--examples", "33"], ["--text", "text", "--engine", "exact"]):
            for count, name in ((1, "m1"), (2, "m2"), (3, "m3"), (3, "again")):
                done = self.train(count, name, "--overwrite", "--json", "--iterations", "10", *LAYERS, *of)
                self.expect_good(done)
                summary = json.loads(done.stdout)
                self.assertEqual(summary["processes"], count)
                early = summary["summed_early"]
                self.assertTrue(0.3 < early < 1 if count > 1 else early == 0, f"{early} of {count} processes, {of}")
            self.expect_same_rows("m1", "m2")
            self.expect_same_rows("m1", "m3")
            self.assertEqual(self.rows("m3"), self.rows("again"))

    def sums(self, overlap):
        """What the command says of its sums, all processes being on one machine."""
        if overlap is not None:
            self.environment["GRADTAPE_OVERLAP"] = overlap
        done = self.run_program(MPIRUN, "-n", "2", GRADTAPE, "train", "--save", "m.npz", "--overwrite", "--text", "text",
                                "--iterations", "2", *LAYERS)
        return done, re.findall("the processes sum [0-9]+ % of their gradients and states while they compute the rest", done.stderr)

    def test_sums_early_where_it_pays_or_is_asked_for(self):
        for overlap, times in ((None, 0), ("yes", 1), ("no", 0)):
            done, said = self.sums(overlap)
            self.expect_good(done)
            self.assertEqual(len(said), times, done.stderr)
        done, _ = self.sums("perhaps")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stderr.count("GRADTAPE_OVERLAP is 'perhaps': it says yes or no, or is not set"), 1, done.stderr)

    def test_the_first_process_chooses(self):
        common = [GRADTAPE, "train", "--save", "m.npz", "--text", "text", "--iterations", "5", "--json", "--quiet", *LAYERS]
        done = self.run_program(MPIRUN, "-n", "1", "-x", "GRADTAPE_OVERLAP=yes", *common, ":", "-n", "1", "-x", "GRADTAPE_OVERLAP=no", *common)
        self.expect_good(done)
        self.assertGreater(json.loads(done.stdout)["summed_early"], 0)

    def test_one_reads_another_text(self):
        common = [GRADTAPE, "train", "--save", "m.npz", "--iterations", "5", "--quiet", *SMALL]
        done = self.run_program(MPIRUN, "-n", "1", *common, "--text", "text", ":", "-n", "1", *common, "--text", "other")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("gradtape train: process 1: the text or data is not what process 0 has", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "m.npz")))

    def test_what_is_wrong_for_all_is_said_once(self):
        done = self.train(2, "m", "--text", "nowhere", *SMALL)
        self.assertNotEqual(done.returncode, 0)
        # The launcher may end the other before it has ended by itself, and then that says so.
        said = [line for line in done.stderr.splitlines() if "gradtape train:" in line and "train: interrupted" not in line]
        self.assertEqual(len(said), 1, done.stderr)
        done = self.train(3, "m", "--text", "text", "--batch", "2", "--steps", "8")
        self.assertEqual(done.stderr.count("a batch of 2 examples cannot be divided among 3 processes"), 1, done.stderr)

    def start_long(self, sizes):
        if sizes is LAYERS:
            self.environment["GRADTAPE_OVERLAP"] = "yes"
        if os.path.exists(os.path.join(self.folder, "m.npz")):
            os.remove(os.path.join(self.folder, "m.npz"))
        run = subprocess.Popen([MPIRUN, "-n", "2", GRADTAPE, "train", "--save", "m.npz", "--text", "text", "--minutes", "5",
                                "--save-every", "0.01", "--quiet", *sizes], cwd=self.folder, env=self.environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(lambda: run.poll() is None and os.killpg(run.pid, signal.SIGKILL))
        deadline = time.monotonic() + 60
        while not os.path.exists(os.path.join(self.folder, "m.npz")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        return run

    def expect_whole_model(self, run, good=False):
        said = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode == 0, good, said)
        deadline = time.monotonic() + 30
        while True:  # the launcher may be gone a moment before the last of its processes
            done = self.train(1, "m", "--resume", "--iterations", "1000000", "--minutes", "0.001")
            if "saves to m.npz" not in done.stderr or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        self.expect_good(done)

    def test_one_is_killed(self):
        for sizes in (SMALL, LAYERS):
            run = self.start_long(sizes)
            children = subprocess.run(["pgrep", "-P", str(run.pid)], capture_output=True, text=True, check=False).stdout.split()
            self.assertEqual(len(children), 2)
            os.kill(int(children[1]), signal.SIGKILL)
            self.expect_whole_model(run)

    def test_all_are_interrupted(self):
        for sizes in (SMALL, LAYERS):
            run = self.start_long(sizes)
            run.send_signal(signal.SIGINT)
            self.expect_whole_model(run)

    def test_one_is_interrupted(self):
        """In the middle of a backward pass, as a rule: the others' sums do not wait for it, and all end."""
        run = self.start_long(LAYERS)
        children = subprocess.run(["pgrep", "-P", str(run.pid)], capture_output=True, text=True, check=False).stdout.split()
        os.kill(int(children[1]), signal.SIGTERM)
        self.expect_whole_model(run, good=True)

    def test_another_mpi(self):
        environment = {**self.environment, "PMI_SIZE": "2"}
        done = subprocess.run([GRADTAPE, "train", "--save", "m.npz", "--text", "text", *SMALL], cwd=self.folder, env=environment,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("a launcher has started 2 processes, each of which finds itself alone", done.stderr)


if __name__ == "__main__":
    unittest.main()
