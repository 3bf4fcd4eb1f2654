"""Compares `gradtape flow` with PyTorch's retain_grad: of arrays, and of a trained model on a text.
Usage: flow_torch.py GRADTAPE"""
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
import zipfile

import numpy
import torch

PROGRAM = os.path.abspath(sys.argv.pop())
torch.set_num_threads(1)


def run(*arguments, status=0):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == status, (arguments, done.stdout, done.stderr)
    return done.stdout if status == 0 else done.stderr


def tensor(array):
    return torch.tensor(numpy.asarray(array, dtype=numpy.float64), requires_grad=True)


def lstm_step(p, x, state):
    a, c = state
    z = torch.cat([a, x])
    f, i, o = (torch.sigmoid(p["W" + gate] @ z + p["b" + gate]) for gate in "fio")
    g = torch.tanh(p["Wc"] @ z + p["bc"])
    c = f * c + i * g
    return (o * torch.tanh(c), c), {"f": f, "i": i, "o": o, "g": g}


def gru_step(p, x, state):
    (a,) = state
    z = torch.cat([a, x])
    r, u = (torch.sigmoid(p["W" + gate] @ z + p["b" + gate]) for gate in "ru")
    g = torch.tanh(p["Wc"] @ torch.cat([r * a, x]) + p["bc"])
    return (u * g + (1 - u) * a,), {"r": r, "u": u, "g": g}


CELLS = {"lstm": (lstm_step, ["a", "c"], "fico"), "gru": (gru_step, ["a"], "ruc")}


def unrolled(cell, p, inputs, zero):
    """What the cell hands on at each step, and everything whose gradient is kept."""
    step, states, _ = CELLS[cell]
    state, results, kept = tuple(zero.clone() for _ in states), [], []
    for x in inputs:
        x = x.clone()  # what the layer reads is not what the layer below carries on
        state, values = step(p, x, state)
        values = {**values, **dict(zip(states, state)), "x": x}
        for value in values.values():
            value.retain_grad()
        kept.append(values)
        results.append(state[0])
    return results, kept


class Norms(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def compare(self, flow, kept, parameters):
        series = {each["name"]: each["norm"] for each in flow["gradients"]}
        for name in kept[0]:
            theirs = [0.0 if values[name].grad is None else float(values[name].grad.norm()) for values in kept]
            numpy.testing.assert_allclose(series[name], theirs, rtol=1e-9, atol=1e-14, err_msg=name)
        norms = {each["name"]: each["norm"] for each in flow["parameters"]}
        for name, value in parameters.items():
            numpy.testing.assert_allclose(norms[name], float(value.grad.norm()), rtol=1e-9, err_msg=name)

    def test_of_arrays(self):
        random = numpy.random.default_rng(3)
        n_x, n_a, m, steps = 3, 5, 4, 12
        for cell, (_, states, gates) in CELLS.items():
            arrays = {"W" + gate: random.normal(size=(n_a, n_a + n_x)) for gate in gates}
            arrays.update({"b" + gate: random.normal(size=(n_a, 1)) for gate in gates})
            given = {"x": random.normal(size=(n_x, m, steps)), "d" + states[0]: random.normal(size=(n_a, m, steps))}
            numpy.savez(self.path("in.npz"), **arrays, **given)
            flow = json.loads(run("flow", cell, "--in", self.path("in.npz"), "--json", "--no-triangle", "--no-singular"))["flows"][0]
            p = {name: tensor(array) for name, array in arrays.items()}
            x = [tensor(given["x"][:, :, t]) for t in range(steps)]
            results, kept = unrolled(cell, p, x, torch.zeros(n_a, m, dtype=torch.float64))
            sum((h * torch.tensor(given["d" + states[0]][:, :, t])).sum() for t, h in enumerate(results)).backward()
            self.compare(flow, kept, p)

    def train(self):
        text = "the cat sat on the mat, and the dog sat on the log. " * 20
        with open(self.path("t.txt"), "w", encoding="utf-8") as file:
            file.write(text)
        run("train", "--text", self.path("t.txt"), "--cell", "lstm", "--layers", "2", "--hidden", "6", "--embedding", "4",
            "--iterations", "12", "--steps", "10", "--batch", "3", "--save", self.path("m.npz"))
        with zipfile.ZipFile(self.path("m.npz")) as archive:
            return text, {name[len("parameter/"):-len(".npy")]: numpy.load(io.BytesIO(archive.read(name)))
                          for name in archive.namelist() if name.startswith("parameter/")}

    def test_of_a_model(self):
        text, arrays = self.train()
        tokens = {symbol: k for k, symbol in enumerate(sorted(set(text)))}
        steps, m = 15, 3
        firsts = [(len(text) - steps - 1) * j // (m - 1) for j in range(m)]
        for loss in ("all", "last"):
            p = {name: tensor(array) for name, array in arrays.items()}
            layers = [{name.split(".")[1]: value for name, value in p.items() if name.startswith("layer%d." % k)} for k in (1, 2)]
            read = [torch.tensor([tokens[text[first + t]] for first in firsts]) for t in range(steps)]
            zero = torch.zeros(6, m, dtype=torch.float64)
            below, kept = unrolled("lstm", layers[0], [p["embedding"][:, token] for token in read], zero)
            hidden, above = unrolled("lstm", layers[1], below, zero)
            losses = torch.stack([torch.nn.functional.cross_entropy(
                (p["Wy"] @ h + p["by"]).T, torch.tensor([tokens[text[first + t + 1]] for first in firsts])) for t, h in enumerate(hidden)])
            (losses.mean() if loss == "all" else losses[-1]).backward()
            for layer, values in (("1", kept), ("2", above)):
                flow = json.loads(run("flow", "lstm", "--model", self.path("m.npz"), "--text", self.path("t.txt"), "--layer", layer,
                                      "--steps", str(steps), "--batch", str(m), "--loss", loss, "--json", "--no-triangle",
                                      "--no-singular"))["flows"][0]
                self.assertEqual(flow["label"], "lstm, layer %s of 2, of %s" % (layer, self.path("m.npz")))
                self.compare(flow, values, layers[int(layer) - 1])

    def test_refused(self):
        self.train()
        model, text = ["--model", self.path("m.npz")], ["--text", self.path("t.txt")]
        with open(self.path("other.txt"), "w", encoding="utf-8") as file:
            file.write("the cat sat ÿ on the mat, and more")
        for arguments, words in ((["lstm", *model], "--model and --text go together"), (["lstm", *text], "go together"),
                                 (["gru", *model, *text], "is a model of lstm, not of gru"),
                                 (["lstm", *model, *text, "--layer", "3"], "has 2"),
                                 (["lstm", *model, *text, "--vary", "bf=1"], "do not go with it"),
                                 (["lstm", *model, *text, "--steps", "1000", "--batch", "1", "--compare", "gru"], "do not go with it"),
                                 (["lstm", *model, "--text", self.path("other.txt"), "--steps", "40"], "characters; 40 time steps need 41"),
                                 (["lstm", *model, "--text", self.path("other.txt"), "--steps", "20"], "U+00FF")):
            self.assertIn(words, run("flow", *arguments, status=2))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
