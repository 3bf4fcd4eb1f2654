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

    def __init__(self, f: Callable[..., Any], vjp: Any, jvp: Any, args: Sequence[Any], names: Sequence[str]) -> None:
        self.f, self.vjp, self.jvp, self.names = f, vjp, jvp, names
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

    def tangent(self, x: bytes, tangent: bytes) -> bytes:
        arrays = [self._as_given(i, array) for i, array in enumerate(self.split(x, self.values))]
        tangents = [self._as_given(i, array) for i, array in enumerate(self.split(tangent, self.values))]
        names = [f"the change of result {i}" for i in range(len(self.outputs))]
        return self.join(_tuple_of(self.jvp(*arrays, *tangents)), self.outputs, names, "jvp")


def _tensor(array: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(array))


def check(f: Callable[..., Any], vjp: Optional[Callable[..., Any]], args: Sequence[Any], *, jvp: Optional[Callable[..., Any]] = None,
          names: Optional[Sequence[str]] = None, seed: int = 1, tolerance: float = 1e-9) -> Report:
    """Verifies derivatives that were written by hand against numeric ones with error bars.

    f(*args): an array, or a tuple of them. vjp(*args, *cotangents): for each argument the gradient of
    the sum of cotangents times results, of its shape; None is zero. jvp(*args, *tangents): the change of
    the results along a change of the arguments; either may be absent. args: arrays of real numbers, or
    torch tensors (then the functions are given tensors), which are checked in float64.

    The report says for each argument and entry what was given and what it should be, and what the
    mistake may be; what computes in single precision inside is noticed. The error bars, and what is
    compared, are described at gt_check_function in include/gradtape/check.h; a kink is said to be one.
    What f, vjp or jvp raise goes through. What is random in f must be drawn before.
    """
    args = tuple(args)
    if not args:
        raise ArgumentError("check: there is no argument to differentiate by")
    names = list(names) if names is not None else _argument_names(f, len(args))
    if len(names) != len(args):
        raise ArgumentError(f"check: {len(names)} names for {len(args)} arguments")
    function = _Function(f, vjp, jvp, args, [str(name) for name in names])
    rows = [(str(name), array.shape) for name, array in zip(names, function.values)]
    x = np.concatenate([array.ravel(order="F") for array in function.values]).tobytes()
    count = sum(array.size for array in function.outputs)
    shape = function.outputs[0].shape if len(function.outputs) == 1 and function.outputs[0].ndim <= 4 else ()
    found = _core.check_function(function.value, vjp and function.gradient, jvp and function.tangent, x, rows, count, shape,
                                 int(seed) % 2**32, float(tolerance))
    return Report(found, getattr(f, "__name__", ""))


def check_function(function: Any, args: Sequence[Any], *, seed: int = 1, tolerance: float = 1e-9) -> Report:
    """Verifies the `backward` of a torch.autograd.Function, as `check`: its arguments that are floating-point
    tensors are differentiated by, at the tensors' values in float64; other arguments are handed on.
    """
    import torch

    places = [i for i, value in enumerate(args) if isinstance(value, torch.Tensor) and value.is_floating_point()]
    if not places:
        raise ArgumentError("check_function: there is no floating-point tensor to differentiate by")

    def apply(tensors: Sequence[Any]) -> Any:
        given = list(args)
        for place, tensor in zip(places, tensors):
            given[place] = tensor
        return function.apply(*given)

    def f(*tensors: Any) -> Any:
        with torch.no_grad():
            return apply(tensors)

    def vjp(*given: Any) -> Any:
        leaves = [tensor.detach().requires_grad_() for tensor in given[: len(places)]]
        results = _tuple_of(apply(leaves))
        cotangents = given[len(places):]
        pairs = [(y, d) for y, d in zip(results, cotangents) if y.requires_grad]
        if not pairs:
            return tuple(None for _ in leaves)
        return torch.autograd.grad([y for y, _ in pairs], leaves, [d for _, d in pairs], allow_unused=True)

    names = _argument_names(function.forward, len(args) + 1)[1:]  # without ctx
    report = check(f, vjp, [args[place] for place in places], names=[names[place] for place in places], seed=seed, tolerance=tolerance)
    report.subject = function.__name__
    return report
