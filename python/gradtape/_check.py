"""Gradients written by hand, verified."""
from __future__ import annotations

import inspect
from typing import Any, Callable, List, Optional, Sequence, Tuple

import numpy as np

from . import _arrays, _core
from ._errors import ArgumentError, ShapeError
from ._report import Report


def _argument_names(function: Callable[..., Any], count: int) -> List[str]:
    try:
        names = [p.name for p in inspect.signature(function).parameters.values()
                 if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        names = []
    return names[:count] if len(names) >= count else [f"argument {i}" for i in range(count)]


def _tuple_of(value: Any) -> Tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


class _Function:
    """f and its gradient as functions of all numbers in one row, which is what the library checks."""

    def __init__(self, f: Callable[..., Any], vjp: Callable[..., Any], args: Sequence[Any], names: Sequence[str]) -> None:
        self.f, self.vjp, self.names = f, vjp, names
        arrays = [_arrays.as_array(name, value) for name, value in zip(names, args)]
        self.values = [_arrays.convert(name, array, "f64") for name, array in zip(names, arrays)]
        for name, array in zip(names, self.values):
            if array.ndim > 4:
                raise ShapeError(f"{name} has {array.ndim} axes; at most 4 can be checked")
            if array.size == 0:
                raise ShapeError(f"{name} is empty: {array.shape}")
        self.like = list(args)
        self.outputs = [_arrays.as_array("the function's result", value) for value in _tuple_of(self.call(self.values))]
        if sum(array.size for array in self.outputs) == 0:
            raise ShapeError("the function's result is empty")

    def call(self, arrays: Sequence[np.ndarray]) -> Any:
        return self.f(*[self._as_given(i, array) for i, array in enumerate(arrays)])

    def _as_given(self, place: int, array: np.ndarray) -> Any:
        """A tensor for a tensor, an array for anything else."""
        given = self.like[place]
        if hasattr(given, "detach") and hasattr(given, "numpy"):
            return _tensor(array)
        return array

    def split(self, row: bytes, arrays: Sequence[np.ndarray]) -> List[np.ndarray]:
        numbers, parts, start = np.frombuffer(row), [], 0
        for array in arrays:
            parts.append(numbers[start:start + array.size].reshape(array.shape, order="F").copy(order="K"))
            start += array.size
        return parts

    @staticmethod
    def join(values: Sequence[Any], arrays: Sequence[np.ndarray], names: Sequence[str], what: str) -> bytes:
        if len(values) != len(arrays):
            raise ShapeError(f"{what}: {len(values)} arrays in place of {len(arrays)}")
        rows = []
        for value, array, name in zip(values, arrays, names):
            given = np.zeros(array.shape) if value is None else _arrays.convert(name, _arrays.as_array(name, value), "f64")
            if given.shape != array.shape:
                raise ShapeError(f"{what}: {name} is {given.shape}, but {array.shape} is wanted")
            rows.append(given.ravel(order="F"))
        return np.concatenate(rows).tobytes()

    def value(self, x: bytes) -> bytes:
        names = [f"result {i}" for i in range(len(self.outputs))]
        return self.join(_tuple_of(self.call(self.split(x, self.values))), self.outputs, names, "the function")

    def gradient(self, x: bytes, cotangent: bytes) -> bytes:
        arrays = [self._as_given(i, array) for i, array in enumerate(self.split(x, self.values))]
        cotangents: List[Any] = self.split(cotangent, self.outputs)
        if any(hasattr(value, "detach") for value in self.like):
            cotangents = [_tensor(array) for array in cotangents]
        answer = self.vjp(*arrays, *cotangents)
        return self.join(_tuple_of(answer), self.values, ["the gradient of " + name for name in self.names], "vjp")


def _tensor(array: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(array))


def check(f: Callable[..., Any], vjp: Callable[..., Any], args: Sequence[Any], *, names: Optional[Sequence[str]] = None,
          seed: int = 1, tolerance: float = 1e-9) -> Report:
    """Verifies a gradient that was written by hand against numeric derivatives with error bars.

    f(*args): an array, or a tuple of them. vjp(*args, *cotangents): for each argument the gradient of
    the sum of cotangents times results, of its shape; None is zero. args: arrays of real numbers, or
    torch tensors (then f and vjp are given tensors), which are checked in float64.

    The report says for each argument and entry what was given and what it should be; the derivative
    of include/gradtape/check.h is believed only with an error bar, and a kink is said to be one.
    An exception of f or vjp goes through.
    """
    args = tuple(args)
    if not args:
        raise ArgumentError("check: there is no argument to differentiate by")
    names = list(names) if names is not None else _argument_names(f, len(args))
    if len(names) != len(args):
        raise ArgumentError(f"check: {len(names)} names for {len(args)} arguments")
    function = _Function(f, vjp, args, [str(name) for name in names])
    rows = [(str(name), array.shape) for name, array in zip(names, function.values)]
    x = np.concatenate([array.ravel(order="F") for array in function.values]).tobytes()
    count = sum(array.size for array in function.outputs)
    found = _core.check_function(function.value, function.gradient, x, rows, count, int(seed) % 2**32, float(tolerance))
    return Report(found, getattr(f, "__name__", ""))
