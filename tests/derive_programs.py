#!/usr/bin/env python3
"""The programs that `gradtape derive` writes compute what `gradtape grad` computes.

Usage: derive_programs.py --gradtape PROGRAM --fixtures FOLDER FORM
"""
import argparse
import ast
import os
import re
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

import numpy as np

TOLERANCE = 1e-12  # of the largest entry
DIMENSIONS = {"n_x": 3, "n_a": 4, "n_y": 2, "n_c": 5, "n_s": 3, "n_r": 2, "n_u": 2, "n_d": 3, "m": 3, "T": 4}


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Arrays:
    """Random inputs of a cell, and what `gradtape grad` makes of them."""

    def __init__(self, options, cell, steps=DIMENSIONS["T"]):
        self.text = open(cell).read() if os.path.exists(cell) else run(options.gradtape, "cells", "--show", cell)
        self.name = re.search(r"^\s*cell (\w+)", self.text, re.M).group(1)
        self.constants = {name: int(number) for name, number in re.findall(r"\b(\w+) = (\d+)\b(?![.])", self.text)}
        self.shapes = {role: [] for role in ("input", "state", "param")}
        for role, rest in re.findall(r"^\s*(input|state|param)\b(.*)$", self.text, re.M):
            for name, stacked, size in re.findall(r"(\w+)(?:\[([^]]*)\])?\[([^]]*)\]", rest):
                self.shapes[role] += [(f"{name}_{k}", size) for k in range(self.size(stacked))] if stacked else [(name, size)]
        # What is drawn at a step is an input.
        for kind in ("bernoulli", "normal", "uniform"):
            for number, of in enumerate(re.findall(rf"^\s*\w+\s*= {kind}\(.*, (\w+)\)", self.text, re.M), 1):
                self.shapes["input"].append((f"{kind}_{number}", dict(self.shapes["state"])[of]))
        # What a cell reads of the step before is a state.
        for name, size in self.shapes["input"]:
            if f"prev({name})" in self.text:
                self.shapes["state"].append((name + "_prev", size))
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
        self.outputs = re.findall(r"^\s*(?:output|hidden) (\w+)", self.text, re.M)
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
        return eval(text, {}, self.constants | DIMENSIONS)

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
    if cell == "lstm":
        check_notebook(module)
    return len(arguments)


def check_notebook(module):
    """The derived LSTM gives the digits that the teaching notebook prints for its exercise lstm_backward."""
    random = np.random.RandomState(1)
    x, a0 = random.randn(3, 10, 7), random.randn(5, 10)
    p = {}
    for gate in "fioc":
        p["W" + gate], p["b" + gate] = random.randn(5, 8), random.randn(5, 1)
    p.update(Wy=np.zeros((2, 5)), by=np.zeros((2, 1)))
    a, c, y, caches = module["lstm_forward"](x, a0, np.zeros((5, 10)), **p)
    da = np.zeros_like(a)
    da[:, :, :4] = random.randn(5, 10, 4)  # what comes later has no cost there
    gradients = module["lstm_backward"](da, np.zeros_like(c), np.zeros_like(y), caches)
    found = dict(zip("dx da0 dc0 dWf dbf dWi dbi dWc dbc dWo dbo".split(), gradients))
    np.testing.assert_allclose(found["dx"][1][2][:4], [0.00218254, 0.28205375, -0.48292508, -0.43281115], atol=5e-9)
    for name, place, printed in (("da0", (2, 3), 0.3127703102572603), ("dWf", (3, 1), -0.08098023109383466),
                                 ("dWi", (1, 2), 0.4051243309298186), ("dWc", (3, 1), -0.07937467355121491),
                                 ("dWo", (1, 2), 0.03894877576298697)):
        assert abs(found[name][place] - printed) <= 1e-14, f"{name}: {found[name][place]}, not {printed}"


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
    if not re.search(r"\b(stop_gradient|straight)\b", a.text):  # which finite differences know nothing of
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


def check_latex(options, cell):
    """pdflatex takes every document, and none of its lines is wider than the page."""
    count = 0
    variants = [[], ["--notation", "partial"], ["--notation", "bar", "--by", "op"]]
    if subprocess.run(["kpsewhich", "beamer.cls", "pgfmath.sty"], stdout=subprocess.PIPE).stdout.count(b"\n") == 2:
        variants.append(["--beamer"])
    for variant in variants if cell in ("lstm", "slstm") else variants[len(cell) % 3:][:1]:
        with tempfile.TemporaryDirectory() as folder:
            with open(folder + "/cell.tex", "w") as file:
                file.write(run(options.gradtape, "derive", cell, "--as", "latex", *variant))
            done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "cell.tex"], cwd=folder,
                                  stdout=subprocess.PIPE, text=True, errors="replace")
            assert done.returncode == 0, f"{cell} {variant}: {done.stdout[-1500:]}"
            for width in re.findall(r"^Overfull \\[hv]box \(([0-9.]+)pt", done.stdout, re.M):
                assert float(width) <= 5, f"{cell} {variant}: a box is {width} pt too wide"
            count += 1
    return count


class MathML:
    """A formula read from MathML: its operations and numbers, every name being a name."""

    SIGNS = {"+": "+", "\u2212": "-", "\u2299": "*", "\u00b7": "*", "\u2062": "@"}
    STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2}

    def __init__(self, elements):
        self.items = list(elements)

    @classmethod
    def tree(cls, elements):
        reader = cls(elements)
        result = reader.sum(1)
        assert not reader.items, f"what is left: {reader.items[0].tag} {reader.items[0].text}"
        return result

    def sign(self):
        return self.items[0].text if self.items and self.items[0].tag == "mo" else None

    def take(self):
        return self.items.pop(0)

    def sum(self, strength):
        if strength > 2:
            return self.factor()
        left = self.sum(strength + 1)
        while self.STRENGTH.get(self.SIGNS.get(self.sign())) == strength:
            operation = self.SIGNS[self.take().text]
            left = (operation, left, self.sum(strength + 1))
        return left

    def factor(self):
        if self.sign() == "\u2212":
            self.take()
            return ("neg", self.factor())
        value = self.atom(self.take())
        while self.sign() == "[":
            while self.take().text != "]":
                pass
            value = ("slice", value)
        return value

    def atom(self, e):
        parts = list(e)
        if e.tag == "mn":
            return float(e.text)
        if e.tag == "mfrac" and parts[0][0].text != "\u2202":
            return ("/", self.tree(parts[0]), self.tree(parts[1]))
        if e.tag == "msup" and len(parts) == 2 and parts[1].text == "\u22a4":
            return ("T", self.tree(parts[0]))
        if e.tag == "msup" and parts[0].tag == "mrow":
            return ("**", self.tree(parts[0]), self.tree(parts[1]))
        if e.tag == "msqrt":
            return ("call", self.tree(parts[0]))
        if e.tag == "msub" and parts[0].text in ("\u2211", "mean") and self.items and self.items[0].tag == "mrow":
            return ("call", *self.arguments(self.take()))
        if e.tag == "mi" and self.sign() == "\u2061":
            self.take()
            return ("call", *self.arguments(self.take()))
        if e.tag == "mrow" and parts[0].text == "(":
            return self.tree(parts[1:-1])
        if e.tag == "mrow" and parts[0].text == "[" and parts[1].tag == "mtable":
            return ("call", *(self.tree(row[0]) for row in parts[1]))
        if e.tag == "mrow" and parts[0].text == "[":
            at = next(i for i, part in enumerate(parts) if part.tag == "mo" and part.text in "<>=\u2264\u2265\u2260")
            return ("compare", self.tree(parts[1:at]), self.tree(parts[at + 1:-1]))
        if e.tag == "mrow" and parts[0].text == "|":
            return ("call", self.tree(parts[1:-1]))
        return "name"  # msub, msubsup, mi, and a gradient

    def arguments(self, e):
        lists, current = [], []
        for part in list(e)[1:-1]:
            if part.tag == "mo" and part.text == ",":
                lists.append(current)
                current = []
            else:
                current.append(part)
        return [self.tree(part) for part in lists + [current]]


def language(text):
    """The same of a formula in the cell language, which is Python's but for the primes."""
    names = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**"}

    def tree(e):
        if isinstance(e, ast.Constant):
            return float(f"{e.value:.6g}")
        if isinstance(e, ast.BinOp):
            return (names[type(e.op)], tree(e.left), tree(e.right))
        if isinstance(e, ast.UnaryOp):
            return ("neg", tree(e.operand))
        if isinstance(e, ast.Attribute):
            return ("T", tree(e.value))
        if isinstance(e, ast.Subscript):
            return ("slice", tree(e.value))
        if isinstance(e, ast.Call):
            return ("call", *(tree(part) for part in e.args))
        if isinstance(e, ast.Compare):
            return ("compare", tree(e.left), tree(e.comparators[0]))
        return "name"

    return tree(ast.parse(text.replace("'", "_next").strip(), mode="eval").body)


def check_html(options, cell):
    """The page is XML, and each formula of one row reads back as the line of the block that it stands for."""
    count = 0
    block = run(options.gradtape, "derive", cell, "--fragment").splitlines()[1:]
    lines = [line.split("#")[0].split(" = ", 1)[1] for line in block if " = " in line]
    for notation in ("d", "partial", "bar"):
        page = run(options.gradtape, "derive", cell, "--as", "html", "--notation", notation)
        root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))
        found = {e[0].text: e[1][0] for e in root.iter("div") if e.get("class") == "line"}
        for number, line in enumerate(lines, 1):
            formula = list(found[f"(B{number})"])
            if formula[0].tag == "mtable":
                continue
            equals = next(i for i, e in enumerate(formula) if e.tag == "mo" and e.text == "=")
            expected, got = language(line), MathML.tree(formula[equals + 1:])
            assert got == expected, f"{cell} (B{number}): {line}\n{got}\n{expected}"
            count += 1
    return count


FORMS = {"numpy": check_numpy, "torch": check_torch, "c": check_c, "latex": check_latex, "html": check_html}


def can_be_written(options, cell):
    """False: it has arrays of several sizes or, for PyTorch, of constants, which programs do not know, and says so."""
    done = subprocess.run([options.gradtape, "derive", cell, "--as", options.form], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, check=False)
    assert done.returncode == 0 or re.search("arrays have several sizes for each example|has no type and no device", done.stderr), done.stderr
    return done.returncode == 0


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
    cells = [name for name in cells if can_be_written(options, name)]
    assert len(cells) >= (33 if options.form in ("latex", "html") else 26), f"only {len(cells)} cells were found"
    cells.append(os.path.join(options.fixtures, "derive", "everything.cell"))
    count = sum(FORMS[options.form](options, cell) for cell in cells)
    print(f"{options.form}: {count} comparisons, {len(cells)} cells")


if __name__ == "__main__":
    sys.exit(main())
