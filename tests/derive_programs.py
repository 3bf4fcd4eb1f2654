#!/usr/bin/env python3
"""The programs that `gradtape derive` writes compute what `gradtape grad` computes.

Usage: derive_programs.py --gradtape PROGRAM --fixtures FOLDER FORM
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

TOLERANCE = 1e-12  # of the largest entry
DIMENSIONS = {"n_x": 3, "n_a": 4, "n_y": 2, "n_c": 5, "m": 3, "T": 4}


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Arrays:
    """Random inputs of a cell, and what `gradtape grad` makes of them."""

    def __init__(self, options, cell, steps=DIMENSIONS["T"]):
        self.text = open(cell).read() if os.path.exists(cell) else run(options.gradtape, "cells", "--show", cell)
        self.name = re.search(r"^\s*cell (\w+)", self.text, re.M).group(1)
        self.shapes = {role: [] for role in ("input", "state", "param")}
        for role, rest in re.findall(r"^\s*(input|state|param)\b(.*)$", self.text, re.M):
            self.shapes[role] += re.findall(r"(\w+)\[([^]]*)\]", rest)
        # Outputs are read off the result.
        random = np.random.default_rng(len(self.text))
        self.given = {}
        for name, size in self.shapes["input"]:
            self.given[name] = random.standard_normal((self.size(size), DIMENSIONS["m"], steps))
        for name, size in self.shapes["state"]:
            # A normaliser stays positive.
            self.given[name + "0"] = np.abs(random.standard_normal((self.size(size), DIMENSIONS["m"]))) + 0.1
            self.given["d" + name] = random.standard_normal((self.size(size), DIMENSIONS["m"], steps))
        for name, size in self.shapes["param"]:
            sizes = [self.size(part) for part in size.split(",")]
            self.given[name] = 0.5 * random.standard_normal((sizes + [1])[:2])
        self.outputs = re.findall(r"^\s*output (\w+)", self.text, re.M)
        with tempfile.TemporaryDirectory() as folder:
            given, found = folder + "/in.npz", folder + "/out.npz"
            for name in self.outputs:
                np.savez(given, **self.given)
                run(options.gradtape, "grad", cell, "--in", given, "--out", found)
                self.given["d" + name] = random.standard_normal(np.load(found)[name].shape)
            np.savez(given, **self.given)
            run(options.gradtape, "grad", cell, "--in", given, "--out", found)
            self.found = dict(np.load(found))

    def size(self, text):
        return eval(text, {}, DIMENSIONS)

    def names(self, role):
        return [name for name, _ in self.shapes[role]]

    def compare(self, name, value):
        expected = self.found[name]
        assert value.shape == expected.shape, f"{self.name}: {name} is {value.shape}, not {expected.shape}"
        error = np.max(np.abs(value - expected)) / max(1.0, np.max(np.abs(expected)))
        assert error <= TOLERANCE, f"{self.name}: {name} is off by {error:.2g} of its largest entry"


def check_numpy(options, cell):
    a = Arrays(options, cell)
    module = {}
    exec(run(options.gradtape, "derive", cell, "--as", "numpy"), module)
    states = a.names("state")
    arguments = a.names("input") + [s + "0" for s in states] + a.names("param")
    *results, caches = module[a.name + "_forward"](*(a.given[name] for name in arguments))
    for name, value in zip(states + a.outputs, results, strict=True):
        a.compare(name, value)
    upstream = [a.given["d" + name] for name in states + a.outputs]
    gradients = module[a.name + "_backward"](*upstream, caches)
    for name, value in zip(arguments, gradients, strict=True):
        a.compare("d" + name, value)
    return len(arguments)


def check_torch(options, cell):
    """gradcheck compares the Function with finite differences; values at the first step are gradtape's."""
    import torch

    a = Arrays(options, cell)
    module = {}
    exec(run(options.gradtape, "derive", cell, "--as", "torch"), module)
    function = module["".join(part.capitalize() for part in a.name.split("_"))]
    states = a.names("state")
    arguments = [a.given[name][:, :, 0] for name in a.names("input")]
    arguments += [a.given[name] for name in [s + "0" for s in states] + a.names("param")]
    tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in arguments]
    results = function.apply(*tensors)
    results = results if isinstance(results, tuple) else (results,)
    for name, value in zip(states + a.outputs, results, strict=True):
        error = np.max(np.abs(value.detach().numpy() - a.found[name][:, :, 0]))
        assert error <= TOLERANCE * max(1.0, np.max(np.abs(a.found[name]))), f"{a.name}: {name} is off by {error:.2g}"
    if "stop_gradient" not in a.text:  # which finite differences know nothing of
        assert torch.autograd.gradcheck(function.apply, tensors, eps=1e-6, atol=1e-6), a.name
    return len(tensors)


MAIN = r"""
#include <stdio.h>
#include <stdlib.h>

static const double *take(size_t count)
{
    double *array = malloc(count * sizeof *array);
    if (array == NULL || fread(array, sizeof *array, count, stdin) != count)
        exit(3);
    return array;
}

static void give(const double *array, size_t count)
{
    if (fwrite(array, sizeof *array, count, stdout) != count)
        exit(4);
}

int main(void)
{
    NAME s = {0};
    FILL
    NAME_place(&s, malloc(NAME_place(&s, NULL) * sizeof(double)));
    NAME_forward(&s);
    NAME_backward(&s);
    GIVE
}
"""


def member(name):
    """What a struct calls it: a word of C gets a _ behind it."""
    return name + "_" if name in ("do", "if", "for", "int") else name


def check_c(options, cell):
    """One step, by a program that reads and writes bytes."""
    a = Arrays(options, cell, steps=1)
    given = [(name, name) for name in a.names("input")]
    given += [(name, name + "0") for name in a.names("state")]
    given += [(name, name) for name in a.names("param")]
    given += [(f"d{name}_next", "d" + name) for name in a.names("state")]
    given += [("d" + name, "d" + name) for name in a.outputs]
    wanted = [(name + "_next", name) for name in a.names("state")] + [(name, name) for name in a.outputs]
    wanted += [("d" + name, "d" + array) for name, array in given if "d" + array in a.found]
    code = run(options.gradtape, "derive", cell, "--as", "c")
    sizes = [name for name in DIMENSIONS if re.search(rf"size_t .*\b{name}\b.*;", code)]
    fill = [f"s.{name} = {DIMENSIONS[name]};" for name in sizes]
    if "size_t" in code and re.search(r"\bexamples;", code):
        fill.append(f"s.examples = {DIMENSIONS['m']};")
    fill += [f"s.{member(name)} = take({a.given[array].size});" for name, array in given]
    give = [f"give(s.{member(name)}, {a.found[array].size});" for name, array in wanted]
    main = MAIN.replace("NAME", a.name).replace("FILL", "\n    ".join(fill)).replace("GIVE", "\n    ".join(give))
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/program.c", "w") as file:
            file.write(code + main)
        run(*options.compiler, "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-o", folder + "/program",
            folder + "/program.c", "-lm")
        data = b"".join(a.given[array].tobytes(order="F") for _, array in given)
        result = subprocess.run([folder + "/program"], input=data, stdout=subprocess.PIPE, check=True).stdout
    values = np.frombuffer(result)
    for _, array in wanted:
        shape = a.found[array].shape
        count = a.found[array].size
        a.compare(array, values[:count].reshape(shape, order="F"))
        values = values[count:]
    assert len(values) == 0
    return len(wanted)


FORMS = {"numpy": check_numpy, "torch": check_torch, "c": check_c}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gradtape", required=True)
    parser.add_argument("--fixtures", required=True)
    parser.add_argument("--compiler", default="cc", help="with its arguments")
    parser.add_argument("form", choices=FORMS)
    options = parser.parse_args()
    options.compiler = options.compiler.split()
    cells = [line.split()[0] for line in run(options.gradtape, "cells").splitlines()[1:] if line[:1].isalpha()]
    cells = [name for name in cells if subprocess.run([options.gradtape, "cells", "--show", name],
                                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0]
    assert len(cells) >= 24, f"only {len(cells)} cells were found"
    cells.append(os.path.join(options.fixtures, "derive", "everything.cell"))
    count = sum(FORMS[options.form](options, cell) for cell in cells)
    print(f"{options.form}: {count} gradients of {len(cells)} cells")


if __name__ == "__main__":
    sys.exit(main())
