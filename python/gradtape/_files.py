"""Named arrays in files."""
from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Tuple

import numpy as np

from . import _arrays, _core
from ._errors import ArgumentError

_KINDS = {".npz": False, ".safetensors": True}


def _is_safetensors(path: str) -> bool:
    extension = os.path.splitext(path)[1].lower()
    if extension not in _KINDS:
        raise ArgumentError(f"{path}: the name of a file of arrays ends with .npz or .safetensors")
    return _KINDS[extension]


def arrays_of(rows: List[Tuple[str, str, Tuple[int, ...], Any]]) -> Dict[str, np.ndarray]:
    """What the extension read, by name."""
    return {name: np.frombuffer(entries, _arrays.numpy_dtype(dtype)).reshape(shape, order="F") for name, dtype, shape, entries in rows}


def rows_of(arrays: Mapping[str, Any]) -> List[Tuple[str, np.ndarray, str, Tuple[int, ...]]]:
    """Arrays as the extension takes them: float64, float32 or int32."""
    rows = []
    for name, value in arrays.items():
        array = _arrays.as_array(name, value)
        dtype = "f32" if array.dtype == np.float32 else "i32" if array.dtype.kind in "iub" else "f64"
        array = _arrays.ready(_arrays.convert(name, array, dtype))
        rows.append((name, array, dtype, array.shape))
    return rows


def load(path: Any) -> Dict[str, np.ndarray]:
    """The arrays of an .npz or .safetensors file, by name, in the order of the file; of a .npy file its one
    array under the file's name. What a file is, its first bytes tell.

    Half precision (f16, bf16) becomes float32, booleans and whole numbers int32, or float64 where they
    do not fit and are exact; every header is checked (include/gradtape/archive.h, safetensors.h).
    """
    path = os.fspath(path)
    return arrays_of(_core.read(path))


def save(path: Any, arrays: Mapping[str, Any]) -> None:
    """Writes arrays to an .npz or .safetensors file, as float64, float32 or int32: reading gives the same
    bits. The file is replaced as a whole or not at all."""
    path = os.fspath(path)
    _core.write(path, _is_safetensors(path), rows_of(arrays), {})
