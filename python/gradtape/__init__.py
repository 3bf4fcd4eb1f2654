"""gradtape: reverse-mode automatic differentiation for recurrent networks.

    import gradtape as gt

    cell = gt.Cell("lstm")                             # a file, a text, or a name of gt.zoo()
    p = cell.parameters(n_x=3, n_a=5, seed=1)          # dict of NumPy arrays
    r = cell.run(x, p)                                 # r["a"]: every step; r.final["a"]
    g = cell.gradients(x, p, upstream={"a": da})       # dict: dx, da0, dWf, ...
    cell.check()                                       # the verdict of `gradtape check`
    cell.graph(steps=3, backward=True)                 # an SVG in a notebook

    m = gt.train(cell, x, y, hidden=32)                # any sequences; text=... for a text
    m.predict(x); gt.sample(m, "a prompt")

    gt.compare(["lstm", cell], "adding:200", seeds=5, out="results")    # which is better, and whether by chance

    gt.check(f, vjp, args)                             # a gradient written by hand
    gt.check_function(MyFunction, args)                # the same of a torch.autograd.Function
    gt.torch.Recurrent("lstm", 64, 128, layers=2)      # a cell as an nn.Module
    gt.convert("lstm.safetensors", from_="pytorch", cell="lstm")   # weights of other frameworks

The tape itself: `Tape`, the operations (`gt.tanh`, `gt.sum`, ...: `help(gt.ops)`), `scan`, `grad`,
`jvp`, `Plan`. The manual is docs/python.md, and the headers in include/ for what lies below.
"""
from typing import Any as _Any

from . import ops
from ._cell import Cell, Row, Run, zoo
from ._check import check, check_function
from ._compare import Compared, Comparison, Pair, compare
from ._convert import convert
from ._core import version as __version__
from ._errors import (ArgumentError, CellError, Diagnostic, DTypeError, Error, FileError, FormatError, NotFiniteError,
                      OutOfMemoryError, ShapeError, TapeError, UnboundError, UnsupportedError)
from ._export import export
from ._files import load, save
from ._picture import Picture
from ._report import Report
from ._tape import Plan, Tape, Var, grad, jvp, scan
from ._train import Model, Score, Step, load_model, sample, tasks, train
from .ops import *  # noqa: F401,F403

def __getattr__(name: str) -> _Any:  # torch is imported by those alone who use it
    if name == "torch":
        import importlib

        return importlib.import_module(".torch", __name__)
    raise AttributeError(f"module 'gradtape' has no attribute {name!r}")


_names = ["ArgumentError", "Cell", "CellError", "Compared", "Comparison", "DTypeError", "Diagnostic", "Error", "FileError", "FormatError",
          "NotFiniteError", "OutOfMemoryError", "Pair", "Picture", "Plan", "Report", "Row", "Run", "ShapeError", "Tape",
          "TapeError", "UnboundError", "UnsupportedError", "Var", "check", "check_function", "compare", "convert", "export", "grad", "jvp", "load", "load_model",
          "Model", "ops", "sample", "save", "scan", "Score", "Step", "tasks", "train", "zoo"]
__all__ = _names + ["__version__"]  # not the operations: several have the names of Python's own functions
