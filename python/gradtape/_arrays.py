"""Arrays of the caller's as the library reads them: real, aligned, first index fastest; copied only where they must be.

The library's arrays are column-major, so its (n, m, T) is the same memory as NumPy's or
PyTorch's C-ordered (T, m, n). A layout says in which order the caller's axes are.
"""
from __future__ import annotations

import math
from typing import Any, Dict, Sequence, Tuple

import numpy as np

from ._errors import ArgumentError, DTypeError, NotFiniteError

Shape = Tuple[int, ...]

_TYPES: Dict[str, "np.dtype[Any]"] = {"f64": np.dtype(np.float64), "f32": np.dtype(np.float32), "i32": np.dtype(np.int32)}
_NAMES = {"float64": "f64", "float32": "f32", "double": "f64", "single": "f32", "f64": "f64", "f32": "f32"}


def dtype_name(dtype: Any) -> str:
    """"f64" or "f32" for a name, or for what NumPy takes as one of these types."""
    if isinstance(dtype, str) and dtype in _NAMES:
        return _NAMES[dtype]
    try:
        return _NAMES[np.dtype(dtype).name]
    except (KeyError, TypeError):
        raise DTypeError(f"gradtape computes in float64 (f64) or float32 (f32), not in {dtype!r}") from None


def numpy_dtype(name: str) -> np.dtype:
    return _TYPES[name]


def as_array(name: str, value: Any) -> np.ndarray:
    """The value as a NumPy array of real numbers; the same memory where it has one."""
    if hasattr(value, "detach") and hasattr(value, "numpy"):  # a torch tensor, without importing torch
        value = value.detach().numpy()
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise DTypeError(f"{name} has masked entries: fill them first (numpy.ma.filled)")
    try:
        array = np.asarray(value)
    except ValueError as problem:
        raise DTypeError(f"{name} is no array of numbers: {problem}") from None
    if array.dtype.kind not in "fiub":
        raise DTypeError(f"{name} is an array of {array.dtype}: real numbers are wanted, such as float64")
    return array


def _check_whole(name: str, array: np.ndarray, converted: np.dtype) -> None:
    exact = 2**24 if converted == np.float32 else 2**53
    if array.size and array.dtype.itemsize * 8 > math.log2(exact):
        if int(array.max()) > exact or int(array.min()) < -exact:
            raise DTypeError(f"{name} has whole numbers beyond 2^{int(math.log2(exact))}, which {converted} cannot hold exactly")


def _to_real(name: str, array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if array.dtype.kind in "iu":
        _check_whole(name, array, dtype)
    with np.errstate(over="ignore"):
        converted = array.astype(dtype, order="K")
    if dtype.itemsize < array.dtype.itemsize and array.dtype.kind == "f":
        lost = np.isinf(converted) & np.isfinite(array)
        if lost.any():
            place = tuple(int(i) for i in np.argwhere(lost)[0])
            raise NotFiniteError(f"{name} has {array[place]!r} at {list(place)}: too large for {dtype}")
    return converted


def _to_index(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype.kind == "f":
        raise DTypeError(f"{name} is an array of {array.dtype}: whole numbers are wanted (int32)")
    if array.size and (int(array.max()) > 2**31 - 1 or int(array.min()) < -(2**31)):
        raise DTypeError(f"{name} has whole numbers that do not fit into 32 bits")
    return array.astype(np.int32, order="K")


def convert(name: str, array: np.ndarray, dtype: str) -> np.ndarray:
    """An array of the library's type; the same memory if it is one already."""
    wanted = _TYPES[dtype]
    if array.dtype == wanted and array.dtype.isnative:
        return array
    return _to_index(name, array) if dtype == "i32" else _to_real(name, array, wanted)


def ready(array: np.ndarray) -> np.ndarray:
    """Aligned and with its first index fastest; copied if it is not."""
    return np.require(array, requirements=["F_CONTIGUOUS", "ALIGNED"])


def empty(shape: Shape, dtype: str) -> np.ndarray:
    """A new array for a result, its first index fastest."""
    return np.empty(shape, _TYPES[dtype], order="F")


def same_sizes(a: Sequence[int], b: Sequence[int]) -> bool:
    """Whether two shapes are equal but for axes of size 1 at their ends."""
    short, long = sorted((tuple(a), tuple(b)), key=len)
    return long[: len(short)] == short and all(size == 1 for size in long[len(short):])


# ---- layouts ---------------------------------------------------------------------------------

#: By layout, which of the caller's axes are n, m and T.
LAYOUTS = {"notebook": (0, 1, 2), "time_first": (2, 1, 0), "batch_first": (2, 0, 1)}
_LETTERS = {"notebook": "n m T", "time_first": "T m n", "batch_first": "m T n"}


def check_layout(layout: str) -> str:
    if layout not in LAYOUTS:
        raise ArgumentError(f"there is no layout {layout!r}: choose notebook (n, m, T), time_first (T, m, n) or batch_first (m, T, n)")
    return layout


def axes_text(layout: str, n: str, rank: int) -> str:
    """"(T, m, n_x)", or without T if there are two axes."""
    letters = [n if letter == "n" else letter for letter in _LETTERS[layout].split()]
    return "(" + ", ".join(letters if rank == 3 else [letter for letter in letters if letter != "T"]) + ")"


def to_native(array: np.ndarray, layout: str) -> np.ndarray:
    """The array with axes (n, m, T) or (n, m): a view."""
    if array.ndim == 3:
        return array.transpose(LAYOUTS[layout])
    return array if layout == "notebook" else array.T


def from_native(array: np.ndarray, layout: str) -> np.ndarray:
    """The other way round: a view."""
    if array.ndim == 3:
        return array.transpose(tuple(int(i) for i in np.argsort(LAYOUTS[layout])))
    return array if layout == "notebook" else array.T
