"""The tape: record what is computed; differentiate, run and plan it."""
from __future__ import annotations

import operator
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from . import _arrays, _core, _threads, ops
from ._errors import ArgumentError, DTypeError, ShapeError, TapeError, UnboundError

Values = Mapping[Union["Var", str], Any]


class Var(_core.Var):
    """One value on a tape: a shape, a type, and what it is computed from. It holds no numbers.

    `+ - * / ** @`, comparisons (1 where they hold, 0 elsewhere) and `x[1:3, :]` record operations;
    `==` compares handles, `gradtape.equal` records. Numbers may stand beside a Var; arrays enter
    a tape by `Tape.input` and `Tape.parameter`.
    """

    __slots__ = ()
    __array_ufunc__ = None  # array + var is refused by __radd__, with words

    @property
    def tape(self) -> "Tape":
        """The tape that it is on; of a var inside a scan, the tape around it."""
        return self._root

    @property
    def value(self) -> np.ndarray:
        """Its value, by the interpreter, from the values that the tape's inputs were given."""
        return self.tape.evaluate(self)

    def named(self, name: str) -> "Var":
        """Gives it a name for messages and pictures, and returns it."""
        return self._rename(name)

    @property
    def T(self) -> "Var":
        return ops.transpose(self)  # type: ignore[attr-defined]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def sum(self, axis: Optional[int] = None) -> "Var":
        return ops.sum(self, axis)

    def mean(self, axis: Optional[int] = None) -> "Var":
        return ops.mean(self, axis)

    def reshape(self, *shape: Any) -> "Var":
        return ops.reshape(self, shape[0] if len(shape) == 1 else shape)

    def __repr__(self) -> str:
        name = f" {self.name}" if self.name else ""
        return f"<Var{name} {self.shape} {self.dtype}: {self.op}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Var) and (self._place, self.index) == (other._place, other.index)

    def __hash__(self) -> int:
        return hash((self._place, self.index))

    def __bool__(self) -> bool:
        raise TapeError("a Var holds no numbers, so it is neither true nor false: use gradtape.where, or its .value")

    def __add__(self, other: Any) -> "Var":
        return ops.add(self, other)  # type: ignore[attr-defined]

    def __radd__(self, other: Any) -> "Var":
        return ops.add(other, self)  # type: ignore[attr-defined]

    def __sub__(self, other: Any) -> "Var":
        return ops.sub(self, other)  # type: ignore[attr-defined]

    def __rsub__(self, other: Any) -> "Var":
        return ops.sub(other, self)  # type: ignore[attr-defined]

    def __mul__(self, other: Any) -> "Var":
        return ops.mul(self, other)  # type: ignore[attr-defined]

    def __rmul__(self, other: Any) -> "Var":
        return ops.mul(other, self)  # type: ignore[attr-defined]

    def __truediv__(self, other: Any) -> "Var":
        return ops.div(self, other)  # type: ignore[attr-defined]

    def __rtruediv__(self, other: Any) -> "Var":
        return ops.div(other, self)  # type: ignore[attr-defined]

    def __pow__(self, exponent: Any) -> "Var":
        if isinstance(exponent, Var):
            return ops.exp(exponent * ops.log(self))  # type: ignore[attr-defined]
        return ops.pow(self, ops.number_or_var(exponent))

    def __matmul__(self, other: Any) -> "Var":
        _refuse_array(other)
        return ops.matmul(self, other)

    def __rmatmul__(self, other: Any) -> "Var":
        _refuse_array(other)
        return ops.matmul(other, self)

    def __neg__(self) -> "Var":
        return ops.neg(self)  # type: ignore[attr-defined]

    def __abs__(self) -> "Var":
        return ops.abs(self)  # type: ignore[attr-defined]

    def __lt__(self, other: Any) -> "Var":
        return ops.less(self, other)  # type: ignore[attr-defined]

    def __le__(self, other: Any) -> "Var":
        return ops.less_equal(self, other)  # type: ignore[attr-defined]

    def __gt__(self, other: Any) -> "Var":
        return ops.greater(self, other)  # type: ignore[attr-defined]

    def __ge__(self, other: Any) -> "Var":
        return ops.greater_equal(self, other)  # type: ignore[attr-defined]

    def __iter__(self):  # without it, Python would try x[0], x[1], ...
        raise TypeError("a Var is not iterable: cut it with gradtape.split")

    def __getitem__(self, key: Any) -> "Var":
        """x[a:b], x[:, a:b], x[:, -1]: slices without a step, and whole numbers, whose axis goes."""
        keys = key if isinstance(key, tuple) else (key,)
        if len(keys) > len(self.shape):
            raise ShapeError(f"{len(keys)} indices for {self!r}, which has {len(self.shape)} axes")
        result: Var = self
        kept: List[Optional[int]] = list(self.shape)
        for axis, part in enumerate(keys):
            start, stop, kept[axis] = _range(part, self.shape[axis])
            if (start, stop) != (0, self.shape[axis]):
                result = ops.slice(result, axis, start, stop)
        shape = tuple(size for size in kept if size is not None)
        return result if shape == result.shape else ops.reshape(result, shape)


def _refuse_array(other: Any) -> None:
    if not isinstance(other, Var):
        raise DTypeError(f"@ with {type(other).__name__}: an array enters a tape by Tape.input or Tape.parameter")


def _range(part: Any, size: int) -> Tuple[int, int, Optional[int]]:
    """Where an index begins and ends, and what is left of the axis."""
    if isinstance(part, slice):
        start, stop, step = part.indices(size)
        if step != 1:
            raise ArgumentError("a slice of a Var has no step")
        return start, stop, stop - start
    place = operator.index(part)
    if not -size <= place < size:
        raise IndexError(f"index {place} is out of range for an axis of {size}")
    return place % size, place % size + 1, None


_core.set_var_class(Var)


class Tape(_core.Tape):
    """Records what is computed, never how; see `include/gradtape/tape.h`.

        t = gt.Tape()
        W = t.parameter("W", numpy.ones((2, 3)))
        x = t.input("x", [[0.1], [0.2], [0.3]])
        y = gt.sum(gt.tanh(W @ x))
        dW = t.grad(y, W)
        print(y.value, dW.value)

    An input is made from an array, which is its value until another is given, or from a shape.
    A recording that is refused raises and leaves the tape as it was. One thread at a time uses a
    tape; a plan may be run by several.
    """

    def __new__(cls, dtype: Any = "f64") -> "Tape":
        tape = super().__new__(cls, _arrays.dtype_name(dtype))
        tape._values = {}
        return tape

    _values: Dict[int, np.ndarray]  # by the index of an input: a Var would keep the tape alive

    def _leaf(self, kind: str, name: str, value: Any, dtype: str) -> Var:
        if isinstance(value, tuple) and all(isinstance(size, (int, np.integer)) for size in value):
            return super().input(kind, name, dtype, tuple(int(size) for size in value))
        array = _arrays.ready(_arrays.convert(name, _arrays.as_array(name, value), dtype))
        leaf = super().input(kind, name, dtype, array.shape)
        self._values[leaf.index] = array
        return leaf

    def input(self, name: str, value: Any, dtype: Any = None) -> Var:  # type: ignore[override]
        """A value supplied when the tape is run: an array, or a tuple that is its shape. Whole numbers
        for gather, one_hot and cross_entropy have dtype="i32"."""
        wanted = "i32" if dtype is not None and str(np.dtype(dtype) if dtype != "i32" else "int32") == "int32" else self.dtype
        return self._leaf("input", name, value, wanted)

    def parameter(self, name: str, value: Any) -> Var:
        """The same in the tape's type, drawn and reported as a parameter."""
        return self._leaf("parameter", name, value, self.dtype)

    def state(self, name: str, value: Any) -> Var:
        """The same, drawn and reported as an initial state."""
        return self._leaf("state", name, value, self.dtype)

    def constant(self, value: float) -> Var:
        """A scalar constant."""
        return super().constant(float(value))

    def fill(self, shape: Sequence[int], value: float) -> Var:
        """An array filled with one number."""
        return super().fill(tuple(shape), float(value))

    # ---- derivatives -------------------------------------------------------------------------

    def grad(self, outputs: Any, wrt: Any, cotangents: Any = None) -> Any:
        """Vector-Jacobian products, recorded on the tape: for each of `wrt` the sum over the outputs of
        J.T cotangent. A cotangent that is absent is ones, so that a scalar loss gives its gradient.
        One Var for one, a list for a list."""
        return grad(outputs, wrt, cotangents)

    def jvp(self, outputs: Any, inputs: Any, tangents: Any) -> Any:
        """Jacobian-vector products, recorded on the tape. One Var for one output, a list for a list."""
        return jvp(outputs, inputs, tangents)

    # ---- running -----------------------------------------------------------------------------

    def _given(self, values: Optional[Values]) -> Dict[int, np.ndarray]:
        given = dict(self._values)
        for key, value in (values or {}).items():
            leaf = key if isinstance(key, Var) else self._find(key)
            if leaf._root is not self:
                raise TapeError(f"{leaf!r} belongs to another tape")
            given[leaf.index] = _read(leaf, value)
        return given

    def _find(self, name: str) -> Var:
        found = [leaf for leaf in self.leaves if leaf.name == name]
        if len(found) != 1:
            near = _core.nearest(str(name), [leaf.name for leaf in self.leaves])
            hint = f"; did you mean {near!r}?" if near and near != name else ""
            raise ArgumentError(f"the tape has {len(found)} inputs of the name {name!r}{hint}")
        return found[0]

    @property
    def leaves(self) -> List[Var]:
        """Its inputs, parameters and states."""
        return self._all_leaves()

    def evaluate(self, outputs: Any, values: Optional[Values] = None, *, check_finite: bool = False) -> Any:
        """The values of one Var or of a list, by the interpreter: the reference for everything faster.

        values: arrays by input, or by an input's name, in place of those that it was made with.
        check_finite: a NaN or an infinity raises NotFiniteError, which says where it arose.
        """
        one, listed = _listed(outputs)
        inputs = _core.needed(listed)
        results = [_arrays.empty(v.shape, v.dtype) for v in listed]
        _core.interpret(self, listed, results, inputs, _bound(inputs, self._given(values)), bool(check_finite))
        return results[0] if one else results

    def plan(self, outputs: Any, *, threads: Optional[int] = None, exact: bool = False, memory: Optional[int] = None) -> "Plan":
        """A fast program for these values, to be called with the inputs' arrays.

        threads: None for as many as there are cores, 1 for none but the caller's. exact: the
        interpreter's bits, and slower. memory: most bytes that a run takes for values, for which long loops are
        cut into segments and computed again; the results' own arrays are not counted.
        """
        return Plan(outputs, threads=threads, exact=exact, memory=memory)

    def graph(self, outputs: Any, *, title: str = "", everything: bool = False) -> Any:
        """What the outputs depend on, as a picture."""
        from ._picture import Picture

        _, listed = _listed(outputs)
        return Picture(listed, [""] * len(listed), title, everything, [])


def budget(memory: Optional[int]) -> int:
    """A memory budget as the library takes it: 0 is none."""
    if memory is None:
        return 0
    if not 1 <= int(memory) < 2**62:
        raise ArgumentError(f"memory is {memory}; a budget is a number of bytes, at least 1, or None for as many as it takes")
    return int(memory)


def _listed(outputs: Any) -> Tuple[bool, List[Var]]:
    one = isinstance(outputs, Var)
    listed = [outputs] if one else list(outputs)
    for v in listed:
        if not isinstance(v, Var):
            raise TypeError(f"expected a Var, not {type(v).__name__}")
    return one, listed


def _read(leaf: Var, value: Any) -> np.ndarray:
    """The value as an array that the library reads where it lies."""
    name = leaf.name or "the input"
    array = _arrays.as_array(name, value)
    if not _arrays.same_sizes(array.shape, leaf.shape):
        raise ShapeError(f"{name} is {array.shape}, but on the tape it is {leaf.shape}")
    return _arrays.ready(_arrays.convert(name, array, leaf.dtype))


def _bound(inputs: Sequence[Var], given: Mapping[int, np.ndarray]) -> List[np.ndarray]:
    missing = [leaf.name or repr(leaf) for leaf in inputs if leaf.index not in given]
    if missing:
        raise UnboundError(f"no value for {', '.join(missing)}")
    return [given[leaf.index] for leaf in inputs]


class Plan:
    """A fast program: immutable, and may be run by several threads at once.

    `plan(values)` takes arrays by input or name, in place of those that the inputs were made with,
    reads them where they lie, and returns one array for one output, a list for a list. Values agree
    with the interpreter's to rounding.
    """

    def __init__(self, outputs: Any, *, threads: Optional[int] = None, exact: bool = False, memory: Optional[int] = None) -> None:
        self._one, self._outputs = _listed(outputs)
        if not self._outputs:
            raise ArgumentError("a plan needs an output")
        self._tape = self._outputs[0].tape
        self._inputs = _core.needed(self._outputs)
        self._plan = _core.Plan(self._outputs, self._inputs, None if exact else _threads.pool(threads), bool(exact), 0, budget(memory))

    @property
    def inputs(self) -> List[Var]:
        """What it needs a value for."""
        return list(self._inputs)

    @property
    def bytes(self) -> int:
        """Of memory for values that one run takes."""
        return self._plan.bytes

    def __call__(self, values: Optional[Values] = None) -> Any:
        arrays = _bound(self._inputs, self._tape._given(values))
        results = [_arrays.empty(v.shape, v.dtype) for v in self._outputs]
        self._plan.run(arrays, results)
        return results[0] if self._one else results


# ---- derivatives -----------------------------------------------------------------------------


def grad(outputs: Any, wrt: Any, cotangents: Any = None) -> Any:
    """As Tape.grad."""
    _, of = _listed(outputs)
    one, by = _listed(wrt)
    weights: List[Any] = [None] * len(of) if cotangents is None else [cotangents] if isinstance(cotangents, Var) else list(cotangents)
    gradients = _core.grad(of, weights, by)
    return gradients[0] if one else gradients


def jvp(outputs: Any, inputs: Any, tangents: Any) -> Any:
    """As Tape.jvp."""
    one, of = _listed(outputs)
    results = _core.jvp(of, _listed(inputs)[1], _listed(tangents)[1])
    return results[0] if one else results


# ---- loops -----------------------------------------------------------------------------------


def _flatten(tree: Any) -> Tuple[List[Var], List[str], Callable[[Sequence[Any]], Any]]:
    """The vars of a Var, a sequence or a dict, their names, and how it is put together again."""
    if tree is None:
        return [], [], lambda parts: None
    if isinstance(tree, Var):
        return [tree], [tree.name], lambda parts: parts[0]
    if isinstance(tree, dict):
        keys = list(tree)
        return _listed(tree.values())[1], [str(key) for key in keys], lambda parts: dict(zip(keys, parts))
    kind = list if isinstance(tree, list) else tuple
    listed = _listed(tree)[1]
    return listed, [v.name for v in listed], lambda parts: kind(parts)


def scan(step: Callable[..., Any], initial: Any, inputs: Any = None, *, steps: Optional[int] = None,
         reverse: bool = False) -> Tuple[Any, Any]:
    """A loop over time as one node of the tape, recorded once: (finals, stacks).

    step(states, slices) -> (next states, values to keep), called once, with the states before a
    step and one slice of every input along its last axis. initial and inputs are a Var, a tuple or
    a dict of them, or None; states, slices and results have the same form. Vars from outside are
    the same at all steps. finals: the states after the last step; stacks: the values to keep, along
    a new last axis. The convention is that of jax.lax.scan, with time as the last axis.

    steps: needed only without inputs. reverse: the last step first; slices keep their places.
    """
    before, before_names, rebuild = _flatten(initial)
    sequences, sequence_names, rebuild_slices = _flatten(inputs)
    if not before and not sequences:
        raise ArgumentError("scan: a loop needs a state or an input")
    if steps is None and not sequences:
        raise ArgumentError("scan: without inputs it needs steps=")
    count = operator.index(steps) if steps is not None else (sequences[0].shape or (1,))[-1]
    tape = max(before + sequences, key=lambda v: v._depth)._tape
    loop = _core.Scan(tape, count, bool(reverse))
    states = [loop.carry(name or "state", v) for name, v in zip(before_names, before)]
    slices = [loop.input(name or "x", v) for name, v in zip(sequence_names, sequences)]
    answer = step(rebuild(states), rebuild_slices(slices))
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise ArgumentError("scan: step returns a pair, (next states, values to keep); the second may be None")
    after, kept = _flatten(answer[0])[0], _flatten(answer[1])
    if len(after) != len(states):
        raise ArgumentError(f"scan: there are {len(states)} states, but step returns {len(after)} next ones")
    for state, v in zip(states, after):
        loop.next(state, v)
    kept_inside = [v if v._tape is loop.body else loop.invariant(v) for v in kept[0]]
    loop.end()
    return rebuild([loop.final(state) for state in states]), kept[2]([loop.stack(v) for v in kept_inside])
