"""The operations that a tape records, from the library's own list.

Every function takes `Var`s (and numbers, where an operation is element by element) and returns a
`Var`. Arrays are column-major as in the library: the columns of an array are its first axis, and
an axis that a shape does not name has size 1, at the end. So an operand is stretched along its
*last* missing axes, not its first ones as NumPy does it, and `(5,)` is the column `(5, 1)`.

An op of the library without attributes is here by itself, with its name and its documentation;
those with attributes are written out below. `gradtape.ops.names()` lists all.
"""
from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

from . import _core
from ._errors import ArgumentError, DTypeError

Var = Any
Axis = Optional[int]

_OPERANDS = {1: ("x",), 2: ("a", "b"), 3: ("mask", "a", "b")}

#: Ops that are written out below, or are no function of their own: what has attributes.
_WRITTEN_OUT = {
    "input", "fill", "part",  # leaves, and the parts of a split
    "pow", "matmul", "concat", "split", "slice", "pad", "reshape", "broadcast", "sum", "mean", "cumsum",
    "scatter_add",
    "one_hot", "dropout_mask",
}


def number_or_var(value: Any) -> Any:
    """An operand for the extension: a Var, or a float."""
    if isinstance(value, _core.Var):
        return value
    try:
        return float(value)
    except TypeError:
        pass
    raise DTypeError(
        f"an operand is {type(value).__name__}: an array enters a tape by Tape.input or Tape.parameter; "
        "beside a Var, only a number may stand for itself")


def _function(name: str, arity: int, documentation: str) -> Callable[..., Var]:
    names = _OPERANDS.get(arity, ())

    def record(*operands: Any) -> Var:
        if len(operands) != arity:
            raise ArgumentError(f"{name} takes {arity} operand{'s' * (arity != 1)} ({', '.join(names)}), not {len(operands)}")
        return _core.apply(name, [number_or_var(value) for value in operands])

    record.__name__ = record.__qualname__ = name
    record.__doc__ = f"{name}({', '.join(names)}): {documentation}"
    return record


def _generic() -> Dict[str, Callable[..., Var]]:
    return {name: _function(name, arity, documentation)
            for name, arity, _, documentation in _core.ops() if name not in _WRITTEN_OUT}


def names() -> List[str]:
    """The names of all functions here."""
    return sorted(__all__)


# ---- with attributes -------------------------------------------------------------------------


def _axis(axis: Axis, rank: int = 0) -> int:
    """None for all (-1), and the number of an axis from the end if it is negative."""
    if axis is None:
        return -1
    place = operator.index(axis) + (rank if operator.index(axis) < 0 else 0)
    if not 0 <= place < 4:
        raise ArgumentError(f"axis {axis} is none: an array has at most 4, counted from 0")
    return place


def _sizes(shape: Union[int, Sequence[int]]) -> Tuple[int, ...]:
    return (operator.index(shape),) if not hasattr(shape, "__iter__") else tuple(operator.index(size) for size in shape)


def matmul(a: Var, b: Var, *, transpose_a: bool = False, transpose_b: bool = False) -> Var:
    """a @ b. Each operand is read as a matrix: its first axis is the rows, all its other axes together
    the columns, so W (n, k) @ x (k, m, T) is (n, m, T). A transposed operand is not copied for it."""
    return _core.matmul(a, b, bool(transpose_a), bool(transpose_b))


def pow(x: Var, exponent: float) -> Var:
    """x to a constant power; x > 0 unless the exponent is a whole number."""
    return _core.pow(x, float(exponent))


def sum(x: Var, axis: Axis = None) -> Var:
    """The sum over one axis, or over all; summed axes stay, with size 1."""
    return _core.sum(x, _axis(axis, x.ndim))


def mean(x: Var, axis: Axis = None) -> Var:
    """The mean over one axis, or over all; the axes stay, with size 1."""
    return _core.mean(x, _axis(axis, x.ndim))


def cumsum(x: Var, axis: int, reversed: bool = False) -> Var:
    """Along an axis, each entry with the sum of those before it, or of those behind it."""
    return _core.cumsum(x, _axis(axis), bool(reversed))


def concat(parts: Sequence[Var], axis: int = 0) -> Var:
    """Joins arrays along an axis; all other axes must be equal."""
    return _core.concat(list(parts), _axis(axis))


def stack(parts: Sequence[Var]) -> Var:
    """Joins arrays of one shape along a new last axis: T arrays (n, m) give (n, m, T)."""
    return _core.stack(list(parts))


def split(x: Var, sizes: Sequence[int], axis: int = 0) -> List[Var]:
    """Cuts x along an axis into parts of these sizes, which add up to it."""
    return _core.split(x, _axis(axis), _sizes(sizes))


def slice(x: Var, axis: int, start: int, stop: int) -> Var:
    """x[start:stop] along an axis; 0 <= start < stop <= size. x[1:3, :] says the same."""
    return _core.slice(x, _axis(axis), operator.index(start), operator.index(stop))


def pad(x: Var, axis: int, before: int, after: int) -> Var:
    """x with zeros added along an axis."""
    return _core.pad(x, _axis(axis), operator.index(before), operator.index(after))


def reshape(x: Var, shape: Sequence[int]) -> Var:
    """The same numbers in the same order (the first index fastest) under another shape."""
    return _core.reshape(x, _sizes(shape))


def broadcast(x: Var, shape: Sequence[int]) -> Var:
    """x stretched to a shape along its axes of size 1."""
    return _core.broadcast(x, _sizes(shape))


def sum_to(x: Var, shape: Sequence[int]) -> Var:
    """Sums over the axes along which `shape` would have to stretch to become x's."""
    return _core.sum_to(x, _sizes(shape))


def scatter_add(x: Var, indices: Var, columns: int) -> Var:
    """The adjoint of gather: (n, columns) of zeros, with x (n, m, ...) added column by column."""
    return _core.scatter_add(x, indices, operator.index(columns))


def one_hot(indices: Var, classes: int) -> Var:
    """indices i32 (m, ...) -> (classes, m, ...): 1 at the index, 0 elsewhere."""
    return _core.one_hot(indices, operator.index(classes))


def dropout_mask(key: Var, shape: Sequence[int], rate: float, stream: int = 0) -> Var:
    """0 with probability `rate`, 1 / (1 - rate) otherwise; entry i depends on the value of key
    (i32, one element), on stream and on i alone (Philox4x32-10, Salmon et al. 2011)."""
    stream = operator.index(stream)
    if not 0 <= stream < 2**32:
        raise ArgumentError(f"dropout_mask: a stream is from 0 to 2^32 - 1, not {stream}")
    return _core.dropout_mask(key, _sizes(shape), float(rate), stream)


def dropout(x: Var, key: Var, rate: float, stream: int = 0) -> Var:
    """x times a dropout mask of its shape."""
    return x * dropout_mask(key, x.shape, rate, stream)


if TYPE_CHECKING:  # what is made of the library's list below
    def __getattr__(name: str) -> Any: ...

_found = _generic()
globals().update(_found)
__all__ = sorted(set(_found) | (_WRITTEN_OUT - {"input", "fill", "part"}) | {"stack", "sum_to", "dropout"})
