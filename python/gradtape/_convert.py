"""Weights in the layouts of other frameworks."""
from __future__ import annotations

import warnings
from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy as np

from . import _core
from ._errors import ArgumentError, ShapeError
from ._files import load, rows_of, arrays_of

_FRAMEWORKS = ("gradtape", "pytorch", "keras", "onnx")


def _listed(misfits: List[Tuple[str, Optional[Tuple[int, ...]], str]]) -> str:
    return "".join(f"\n  {name} {'is missing' if shape is None else shape}: {reason}" for name, shape, reason in misfits)


def convert(arrays: Any, *, from_: str = "gradtape", to: str = "gradtape", cell: Optional[str] = None,
            prefix: Optional[str] = None, layers: bool = False, partial: bool = False) -> Dict[str, np.ndarray]:
    """The weights of recurrent layers in another layout, by name.

    arrays: by name, NumPy's or torch's (a `state_dict()`), or the path of an .npz or .safetensors file.
    from_, to: "gradtape", "pytorch", "keras" or "onnx". cell: "lstm", "gru_after" (torch.nn.GRU, Keras's GRU
    with reset_after), "gru" (Keras's without), "rnn", or "peephole_lstm" (ONNX).
    prefix: what stands before the other framework's names ("encoder.rnn."); before those of one module
    of PyTorch it is found. layers: "layer1." before gradtape's names of a single layer, too.
    partial: leave out arrays whose names mean nothing; a warning lists them.

    Where a gate has two biases there and one here it becomes their sum, and on the way back the first
    gets all of it; nothing else is computed, so that the way there and back gives the same bits. Names,
    shapes and orders: include/gradtape/convert.h. ShapeError lists all arrays that do not fit.
    """
    for framework in (from_, to):
        if framework not in _FRAMEWORKS:
            raise ArgumentError(f"there is no framework {framework!r}: choose one of {', '.join(_FRAMEWORKS)}")
    given: Mapping[str, Any] = arrays if isinstance(arrays, Mapping) else load(arrays)
    misfits: List[Tuple[str, Optional[Tuple[int, ...]], str]] = []
    try:
        rows = _core.convert(rows_of(given), from_, to, cell, prefix, layers, partial, misfits)
    except ShapeError as problem:
        raise ShapeError(f"{problem}{_listed(misfits) if len(misfits) > 1 else ''}") from None
    if misfits:
        warnings.warn(f"these arrays were left out:{_listed(misfits)}", stacklevel=2)
    return arrays_of(rows)
