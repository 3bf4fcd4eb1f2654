"""Data of the caller's as a trainer reads them: which task they are, and arrays of the library's order."""
from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from . import _arrays
from ._cell import Cell
from ._errors import ArgumentError, ShapeError

TASKS = ("lm", "classify", "tag", "regress", "forecast")


class Data(NamedTuple):
    """What the extension takes, and the sizes that follow from it."""

    task: str
    examples: int
    steps: int
    tokens: Optional[np.ndarray]  # (m, T)
    inputs: Optional[List[Optional[np.ndarray]]]  # (rows, m, T) by the cell's table
    classes: Optional[np.ndarray]  # (m, T)
    numbers: Optional[np.ndarray]  # (outputs, m, T)
    weights: Optional[np.ndarray]  # (m, T)
    outputs: int  # classes, or rows of the numbers; 0: the vocabulary

    @property
    def at_the_end(self) -> bool:
        """Whether one step of each sequence counts, at most: what is predicted is told once."""
        return self.steps == 1 or (self.weights is not None and bool(((self.weights > 0).sum(axis=1) <= 1).all()))

    def native(self) -> Tuple[Any, ...]:
        return (self.examples, self.steps, self.tokens, self.inputs, self.classes, self.numbers, self.weights, False)


def find_task(task: Optional[str], x: Any, y: Any) -> str:
    """The task that is meant: what is given of y says it."""
    if task is not None and task not in TASKS:
        raise ArgumentError(f"there is no task {task!r}: choose of {', '.join(TASKS)}")
    if task is not None:
        return task
    if y is None:
        return "lm" if x.dtype.kind in "iub" else "forecast"
    if y.dtype.kind in "iub":
        return "tag" if y.ndim == 2 else "classify"
    return "regress"


def _two_axes(name: str, array: np.ndarray, layout: str, shape: Tuple[int, int]) -> np.ndarray:
    """(m, T) in the library's order, from the layout's order of these two axes."""
    native = array if layout != "time_first" else array.T
    if native.shape != shape:
        m, t = shape
        want = f"(T, m) = ({t}, {m})" if layout == "time_first" else f"(m, T) = ({m}, {t})"
        raise ShapeError(f"{name} is {array.shape}, but {want} is expected")
    return native


def _last_steps(lengths: Any, mask: Any, layout: str, m: int, t: int) -> Tuple[Optional[np.ndarray], np.ndarray]:
    """What each step counts, or None for all alike; and the last step of each example."""
    if lengths is not None and mask is not None:
        raise ArgumentError("give lengths or a mask, not both")
    if mask is not None:
        counts = _two_axes("mask", _arrays.as_array("mask", mask), layout, (m, t)).astype(np.float64)
        if not (counts >= 0).all():
            raise ArgumentError("mask is what each step counts: 0 and more")
        steps = np.arange(t) * (counts > 0)
        return counts, steps.max(axis=1)
    if lengths is None:
        return None, np.full(m, t - 1)
    length = _arrays.as_array("lengths", lengths)
    if length.shape != (m,) or length.dtype.kind not in "iu" or length.min() < 1 or length.max() > t:
        raise ShapeError(f"lengths is {length.shape} of {length.dtype}; it has a whole number from 1 to T = {t} for each of the {m} examples")
    return (np.arange(t)[None, :] < length[:, None]).astype(np.float64), length - 1


def _at_the_end(values: np.ndarray, ends: np.ndarray, t: int, weights: Optional[np.ndarray]) -> Tuple[np.ndarray, np.ndarray]:
    """Targets (..., m) put where sequences end, with weights that are 1 there alone."""
    m = len(ends)
    spread = np.zeros(values.shape + (t,), values.dtype)
    spread[..., np.arange(m), ends] = values
    only = np.zeros((m, t))
    only[np.arange(m), ends] = 1 if weights is None else weights[np.arange(m), ends]
    return spread, only


def _read_classes(y: np.ndarray, per_step: bool, layout: str, ends: np.ndarray, m: int, t: int,
                  weights: Optional[np.ndarray]) -> Tuple[np.ndarray, Optional[np.ndarray], int]:
    if y.dtype.kind not in "iub":
        raise ArgumentError(f"y is an array of {y.dtype}: classes are whole numbers from 0")
    if per_step:
        y = _two_axes("y", y, layout, (m, t))
    elif y.shape != (m,):
        raise ShapeError(f"y is {y.shape}, but a class for each of the {m} examples is expected")
    counted = y if not per_step or weights is None else y[weights > 0]
    if counted.size and counted.min() < 0:
        raise ArgumentError(f"y has the class {counted.min()}: classes are numbered from 0")
    outputs = int(counted.max()) + 1 if counted.size else 1
    y = np.where((y >= 0) & (y < outputs), y, 0)
    if not per_step:
        y, weights = _at_the_end(y, ends, t, weights)
    return y, weights, max(outputs, 2)


def _read_numbers(y: np.ndarray, layout: str, ends: np.ndarray, m: int, t: int,
                  weights: Optional[np.ndarray]) -> Tuple[np.ndarray, Optional[np.ndarray]]:
    if y.ndim == 3:
        native = _arrays.to_native(y, layout)
        if native.shape[1:] != (m, t):
            raise ShapeError(f"y is {y.shape}, but {_arrays.axes_text(layout, 'k', 3)} with m = {m}, T = {t} is expected")
        return native, weights
    native = y.reshape(1, -1) if y.ndim == 1 else y if layout == "notebook" else y.T
    if native.ndim != 2 or native.shape[1] != m:
        raise ShapeError(f"y is {y.shape}, but {_arrays.axes_text(layout, 'k', 2)} with m = {m} is expected; "
                         f"with a target for each step it has three axes, {_arrays.axes_text(layout, 'k', 3)}")
    return _at_the_end(native, ends, t, weights)


def _read_inputs(cell: Cell, x: Any, layout: str) -> Tuple[Optional[np.ndarray], Dict[str, np.ndarray], int, int]:
    """Tokens (m, T) or None, the arrays (rows, m, T) of inputs by name, m and T."""
    given = {name: _arrays.as_array(name, value) for name, value in cell._named_inputs(x).items()}
    names = [row.name for row in cell._given_inputs()]
    for name in given:
        if name not in names:
            raise ArgumentError(f"{cell.name} has no input {name!r}; it has {', '.join(names)}")
    for name in names:
        if name not in given:
            raise ArgumentError(f"the input {name} of {cell.name} is missing")
    first, tokens = given[names[0]], None
    if first.ndim == 2 and first.dtype.kind in "iub":
        tokens = first.T if layout == "time_first" else first
        m, t = tokens.shape
        del given[names[0]]
    elif first.ndim == 3:
        m, t = _arrays.to_native(first, layout).shape[1:]
    else:
        raise ShapeError(f"{names[0]} is {first.shape} of {first.dtype}: sequences of numbers are {_arrays.axes_text(layout, 'n', 3)}, "
                         "tokens are whole numbers with two axes")
    native = {}
    for name, array in given.items():
        if array.ndim != 3 or _arrays.to_native(array, layout).shape[1:] != (m, t):
            raise ShapeError(f"{name} is {array.shape}, but {_arrays.axes_text(layout, 'n', 3)} with m = {m}, T = {t} is expected")
        native[name] = _arrays.to_native(array, layout)
    if m < 1 or t < 1:
        raise ShapeError(f"{names[0]} is {first.shape}: there is no example or no step in it")
    return tokens, native, m, t


def _shift(tokens: Optional[np.ndarray], inputs: Dict[str, np.ndarray], first: str, task: str, steps: int,
           weights: Optional[np.ndarray]) -> Tuple[Any, ...]:
    """What follows each step is what is to be predicted; the last step has nothing behind it."""
    if steps < 2:
        raise ShapeError(f"the task {task} predicts what follows, which a single step does not have")
    target = tokens[:, 1:] if tokens is not None else inputs[first][:, :, 1:]
    earlier = {name: array[:, :, :-1] for name, array in inputs.items()}
    return target, (None if tokens is None else tokens[:, :-1]), earlier, (None if weights is None else weights[:, 1:])


def _own(name: str, array: Optional[np.ndarray], dtype: str) -> Optional[np.ndarray]:
    return None if array is None else _arrays.ready(_arrays.convert(name, array, dtype))


def read(cell: Cell, x: Any, y: Any, *, task: Optional[str], lengths: Any, mask: Any, layout: str, dtype: str) -> Data:
    """Sequences with what is to be predicted of them; y None and task None: the inputs alone."""
    tokens, inputs, m, t = _read_inputs(cell, x, layout)
    y = None if y is None else _arrays.as_array("y", y)
    first = cell.inputs[0].name
    task = find_task(task, tokens if tokens is not None else inputs[first], y)
    weights, ends = _last_steps(lengths, mask, layout, m, t)
    classes = numbers = None
    outputs = 0
    if task in ("lm", "forecast"):
        if y is not None:
            raise ArgumentError(f"the task {task} predicts x itself: leave y out, or name another task")
        if (task == "lm") != (tokens is not None):
            raise ArgumentError("the task lm needs tokens, the task forecast numbers")
        target, tokens, inputs, weights = _shift(tokens, inputs, first, task, t, weights)
        classes, numbers = (target, None) if task == "lm" else (None, target)
        outputs = 0 if task == "lm" else target.shape[0]
        t -= 1
    elif y is None:
        raise ArgumentError(f"the task {task} needs y, what is to be predicted")
    elif task == "regress":
        numbers, weights = _read_numbers(y, layout, ends, m, t, weights)
        outputs = numbers.shape[0]
    else:
        classes, weights, outputs = _read_classes(y, task == "tag", layout, ends, m, t, weights)
    listed = [None if row.name not in inputs else _own(row.name, inputs[row.name], dtype) for row in cell._given_inputs()]
    return Data(task, m, t, _own("x", tokens, "i32"), listed, _own("y", classes, "i32"), _own("y", numbers, dtype),
                _own("mask", weights, "f64"), outputs)


def inputs_alone(cell: Cell, x: Mapping[str, Any], layout: str, dtype: str, lengths: Any = None) -> Data:
    tokens, inputs, m, t = _read_inputs(cell, x, layout)
    weights, _ = _last_steps(lengths, None, layout, m, t)
    listed = [None if row.name not in inputs else _own(row.name, inputs[row.name], dtype) for row in cell._given_inputs()]
    return Data("", m, t, _own("x", tokens, "i32"), listed, None, None, _own("lengths", weights, "f64"), 0)
