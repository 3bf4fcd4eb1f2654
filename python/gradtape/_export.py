"""ONNX models, for other programs to run."""
from __future__ import annotations

import json
import operator
import os
from typing import Any, Mapping, Optional

import numpy as np

from . import _arrays, _core
from ._cell import Cell
from ._errors import ArgumentError
from ._files import rows_of
from ._tape import Var
from ._train import Model, load_model


def _cell_model(cell: Cell, parameters: Optional[Mapping[str, Any]], dtype: Any, seed: int, opset: int, scans: bool,
                title: Optional[str], dimensions: Mapping[str, int]) -> bytes:
    outputs = cell._cell.handed_on >= 0
    if parameters is None:
        parameters = cell.parameters(seed=seed, dtype="f32" if dtype is None else dtype, outputs=outputs, **dimensions)
    names = [row.name for row in cell.parameter_rows if outputs or not row.output_only]
    missing = [name for name in names if name not in parameters]
    if missing:
        raise ArgumentError(f"{cell.name} needs the parameters {', '.join(missing)}")
    rows = rows_of({name: parameters[name] for name in names})
    facts = {name: np.asarray(array) for name, array, _, _ in rows}
    sizes = cell._solve(facts, "notebook", dict(cell._named(dimensions)))
    name = _core_dtype(dtype, rows)
    return cell._cell.export(list(sizes.items()), rows, name, opset, scans, title)


def _trained_model(model: Model, opset: int, scans: bool, title: Optional[str]) -> bytes:
    symbols = model.symbols
    vocabulary = None if symbols is None else json.dumps([ord(symbol) for symbol in symbols], separators=(",", ":"))
    return model._network.export(opset, scans, title, vocabulary)


def _core_dtype(dtype: Any, rows: Any) -> str:
    if dtype is not None:
        return _arrays.dtype_name(dtype)
    return "f32" if rows and all(row[2] == "f32" for row in rows) else "f64"


def export(what: Any, path: Any = None, *, parameters: Optional[Mapping[str, Any]] = None, opset: int = 17,
           scans: bool = False, title: Optional[str] = None, dtype: Any = None, seed: int = 0, **dimensions: int) -> bytes:
    """An ONNX model of a cell over a sequence, of a trained network, or of values of a tape; written to `path`,
    if one is given.

    what: a Cell, or what makes one (a file, a text, a name of the zoo); a Model, or the .npz file of one;
    or {name: Var}, values of one tape.
    parameters: the cell's, by name; None: new ones of these dimensions (n_x=3, n_a=5) and this seed.
    dtype: of the model; None: float32 for new parameters, else that of the parameters.

    Arrays have their axes in reverse order, which is the same memory: the input is (steps, examples, n_x), with
    both numbers open, as in PyTorch. A cell has its input and its initial states ("a0") as inputs, and gives what
    it hands on ("a", or its output) at every step and its states after the last one ("a_final"). Where the cell is
    exactly ONNX's LSTM, GRU or RNN it is written as that, unless `scans`; otherwise as a Scan.
    A network has "tokens" (int32) or the inputs of its cell, and gives "logits" or "predictions".
    Of a tape, the inputs are its leaves, under their names, and all sizes are fixed.

    opset: version of the operators, 13 to 21. The manual is include/gradtape/onnx.h.
    """
    opset = operator.index(opset)
    if isinstance(what, Mapping):
        if not what or not all(isinstance(v, Var) for v in what.values()):
            raise ArgumentError("a mapping of names to vars of one tape is wanted")
        model = _core.export_tape(list(what.values()), list(what), opset)
    elif isinstance(what, Model) or str(what).endswith(".npz"):
        if parameters is not None or dimensions or dtype is not None:
            raise ArgumentError("a model has its own parameters: parameters, dtype and dimensions are for cells")
        model = _trained_model(what if isinstance(what, Model) else load_model(what), opset, bool(scans), title)
    else:
        cell = what if isinstance(what, Cell) else Cell(what)
        model = _cell_model(cell, parameters, dtype, seed, opset, bool(scans), title, dimensions)
    if path is not None:
        _core.replace(os.fspath(path), model)
    return model
