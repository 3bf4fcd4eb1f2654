"""Recurrent cells: run, differentiated, verified and drawn."""
from __future__ import annotations

import operator
import os
import re
from collections import Counter, OrderedDict
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from . import _arrays, _core
from ._errors import ArgumentError, CellError, Diagnostic, FileError, ShapeError
from ._picture import Picture
from ._report import Report
from ._tape import Plan, Tape, Var, grad

Arrays = Mapping[str, Any]
_MOST_PLANS = 16
_LARGEST_FILE = 1 << 20


class Row(NamedTuple):
    """One row of a cell's tables: sizes as they are written, "n_a + n_x"."""

    name: str
    rows: str
    columns: Optional[str]
    constant: float  # of a state: what it starts from if nobody says
    output_only: bool  # a parameter that only outputs read
    begins_with: Optional[str]  # of a state: the formula of parameters that it starts from; None: the constant
    drawn: bool  # an input or a state that training draws, and whose mean is taken where it is not given


def zoo() -> List[str]:
    """The names of the cells from the literature that `Cell` knows."""
    return sorted(_core.zoo())


def _read_file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            text = file.read(_LARGEST_FILE + 1)
    except OSError as problem:
        raise FileError(f"{path}: {problem.strerror}") from problem
    if len(text) > _LARGEST_FILE:
        raise FileError(f"{path} is larger than {_LARGEST_FILE} bytes: is it a cell?")
    return text


def _find_text(source: Any) -> Tuple[bytes, str]:
    """The text that is meant, and what it is called in messages."""
    if isinstance(source, os.PathLike):
        return _read_file(os.fspath(source)), os.fspath(source)
    if not isinstance(source, str):
        raise TypeError(f"a cell is a file, a text, or a name of the zoo, not {type(source).__name__}")
    if "\n" in source:
        return source.encode("utf-8", "surrogatepass"), "cell"
    if re.fullmatch(r"\w+", source):
        texts = _core.zoo()
        if source not in texts:
            near = _core.nearest(source, list(texts))
            hint = f"did you mean {near!r}?" if near else f"a cell of your own is a file, such as {source}.cell"
            raise ArgumentError(f"there is no cell {source!r}; {hint}")
        return texts[source].encode(), source + ".cell"
    return _read_file(source), source


class Run:
    """What a cell computed: `run["h"]`, every step of a state or an output; `run.final["h"]`, a state after the last.

    Arrays are in the layout that was asked for, and the caller's own.
    """

    def __init__(self, steps: Dict[str, np.ndarray], final: Dict[str, np.ndarray]) -> None:
        self._steps = steps
        self.final = final

    def __getitem__(self, name: str) -> np.ndarray:
        return self._steps[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)

    def __contains__(self, name: object) -> bool:
        return name in self._steps

    def keys(self):
        return self._steps.keys()

    def items(self):
        return self._steps.items()

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in self._steps.items())
        return f"<Run: {shapes}>"


class _Problem(NamedTuple):
    """Arrays of one call, checked against the cell's tables and each other; the library's axes."""

    dimensions: Dict[str, int]
    examples: int
    steps: Optional[int]  # None: the inputs have two axes, which is one step
    with_outputs: bool
    dtype: str
    arrays: Dict[str, np.ndarray]  # inputs, parameters, initial states "h0", upstream gradients "dh"


class Cell:
    """A recurrent cell: a file in the cell language, its text, or the name of one of `gradtape.zoo()`.

        cell = gt.Cell("ugrnn.cell")
        p = cell.parameters(n_x=3, n_a=5, seed=1)
        r = cell.run(x, p)                       # x (n_x, m, T); r["h"] (n_a, m, T), r.final["h"] (n_a, m)
        g = cell.gradients(x, p, upstream={"h": dh})

    layout: the order of the axes of sequences and states.
        "notebook"     (n, m, T) and (n, m), one example a column, as the library has them
        "time_first"   (T, m, n) and (m, n), as PyTorch has them
        "batch_first"  (m, T, n) and (m, n)
    A C-ordered array in "time_first" is the library's own memory, and so is a Fortran-ordered one in
    "notebook": those are read where they lie. Results are always views of the library's order.

    threads: as many as there are cores, if None.
    set: constants of the cell in place of what its text says: {"dt": 0.05}.
    memory: most bytes of a call's own, for which long sequences are cut into segments and computed again.

    Raises CellError for a text with mistakes, with file, line, column and hints.
    """

    def __init__(self, source: Any, *, cell: Optional[str] = None, layout: str = "notebook",
                 threads: Optional[int] = None, set: Optional[Mapping[str, float]] = None,
                 memory: Optional[int] = None) -> None:
        text, file = _find_text(source)
        self.layout = _arrays.check_layout(layout)
        self._threads, self._memory = threads, memory
        self._cell = _core.Cell(text, file, cell, [("n_x", 3), ("n_a", 5), ("n_y", 2)],
                                [(name, float(value)) for name, value in (set or {}).items()])
        #: Mistakes and warnings of its text.
        self.diagnostics = [Diagnostic(*row) for row in self._cell.diagnostics]
        if self._cell.error is not None:
            raise CellError(_cell_message(self._cell.error, self.diagnostics, file), file, self.diagnostics)
        self.text = self._cell.text.decode("utf-8", "replace")
        self.file = file
        self._which = cell
        #: Its tables.
        self.inputs, self.states, self.parameter_rows, self.outputs = (
            [Row(*row) for row in table] for table in self._cell.tables)
        self._plans: "OrderedDict[Any, Tuple[Plan, List[str]]]" = OrderedDict()

    def __reduce__(self):  # a cell is its text
        return _unpickle, (self.text, self.file, self._which, self.layout, self._threads, self._memory)

    def __copy__(self) -> "Cell":
        return self

    def __deepcopy__(self, memo: Any) -> "Cell":
        return self  # it never changes

    @property
    def name(self) -> str:
        return self._cell.name

    @property
    def documentation(self) -> str:
        """The comment above it, with its source."""
        return self._cell.documentation

    @property
    def has_backward(self) -> bool:
        """Whether its text has a handwritten backward pass, for `check`."""
        return self._cell.has_backward

    @property
    def dimensions(self) -> List[str]:
        """The names of the sizes in its tables."""
        return [name for name, _ in self._cell.dimensions([], [], 0)]

    def _named(self, dimensions: Mapping[str, int]) -> List[Tuple[str, int]]:
        """Sizes that the caller gives, checked."""
        known = self.dimensions
        for name in dimensions:
            if name not in known:
                near = _core.nearest(name, known)
                raise ArgumentError(f"{self.name} has no dimension {name!r}; " + (f"did you mean {near!r}?" if near else f"it has {', '.join(known)}"))
        pairs = [(name, operator.index(size)) for name, size in dimensions.items()]
        for name, size in pairs:
            if not 1 <= size < 2**31:
                raise ArgumentError(f"a size is from 1 to 2^31 - 1, not {name}={size}")
        return pairs

    def _sized(self, dimensions: Mapping[str, int], other_than: int) -> Dict[str, int]:
        """A size for every name: the one that is given, or the usual one, which is not other_than."""
        return dict(self._cell.dimensions(self._named(dimensions), [], other_than))

    def __repr__(self) -> str:
        def table(rows: Sequence[Row]) -> str:
            return ", ".join(f"{row.name}[{row.rows}{', ' + row.columns if row.columns else ''}]" for row in rows)

        return (f"<Cell {self.name}: inputs {table(self.inputs)}; states {table(self.states)}; "
                f"parameters {table(self.parameter_rows) or 'none'}; outputs {table(self.outputs) or 'none'}>")

    # ---- parameters --------------------------------------------------------------------------

    def parameters(self, *, seed: int = 0, dtype: Any = "f64", outputs: Optional[bool] = None, **dimensions: int) -> Dict[str, np.ndarray]:
        """New parameters, initialised as the cell says: {name: array (rows, columns)}.

        dimensions: a size for each name, n_x=3, n_a=5. outputs: with those that only outputs read;
        None: if all sizes that they need are given. The same seed gives the same numbers as
        gt_parameters_initialize does.
        """
        pairs = self._named(dimensions)
        rows = [row for row in self.parameter_rows if not row.output_only]
        if outputs or (outputs is None and not self._missing(self.parameter_rows, dimensions)):
            rows = self.parameter_rows
        missing = self._missing(rows, dimensions)
        if missing:
            raise ArgumentError(f"{self.name} needs a size for {', '.join(missing)}: parameters({', '.join(name + '=...' for name in missing)})")
        seed = operator.index(seed)
        if not 0 <= seed < 2**64:
            raise ArgumentError(f"a seed is from 0 to 2^64 - 1, not {seed}")
        name_of_type = _arrays.dtype_name(dtype)
        made = self._cell.parameters(pairs, len(rows) == len(self.parameter_rows), name_of_type, seed)
        numpy_type = _arrays.numpy_dtype(name_of_type)
        return {name: np.frombuffer(entries, numpy_type).reshape(shape, order="F") for name, shape, entries in made}

    @staticmethod
    def _missing(rows: Sequence[Row], dimensions: Mapping[str, int]) -> List[str]:
        names: Dict[str, None] = {}
        for row in rows:
            names.update(dict.fromkeys(re.findall(r"[A-Za-z_]\w*", f"{row.rows} {row.columns or ''}")))
        return [name for name in names if name not in dimensions]

    # ---- running -----------------------------------------------------------------------------

    def run(self, x: Any, parameters: Arrays, *, initial: Optional[Arrays] = None, dtype: Any = None,
            layout: Optional[str] = None) -> Run:
        """The states and outputs at every step.

        x: the input, (n_x, m, T) or, for one step, (n_x, m), in the layout; {name: array} for a cell
        with several. parameters: by name; without any that only outputs read, outputs are left out. A size
        that no array has by itself (n_h, of arrays of n_h * n_k rows) stands among them: {"n_h": 4, ...}.
        initial: by state, (n, m) each; where absent, what the cell says. dtype: to compute in; None:
        float32 if all arrays are, else float64.

        Raises ShapeError with the shape that was expected, and the layout that the array seems to be in.
        """
        layout = _arrays.check_layout(layout or self.layout)
        problem = self._read(x, parameters, initial, None, dtype, layout)
        finals = [f"{row.name} after the last step" for row in self.states]
        results = self._compute(problem, [], False)
        steps = {name: _arrays.from_native(array, layout) for name, array in results.items() if name not in finals}
        return Run(steps, {row.name: _arrays.from_native(results[name], layout) for row, name in zip(self.states, finals)})

    def gradients(self, x: Any, parameters: Arrays, upstream: Arrays, *, initial: Optional[Arrays] = None,
                  dtype: Any = None, layout: Optional[str] = None) -> Dict[str, np.ndarray]:
        """The gradients of sum over S of sum(upstream[S] * S): {"dx": ..., "dh0": ..., "dW": ...}.

        upstream: by state or output S, the gradient of the cost with respect to S at every step by
        itself, of S's shape, or of its first steps (zero at later ones); what flows back from later
        steps is added here. Everything else as for run. The gradient is the tape's, replayed backward.
        """
        layout = _arrays.check_layout(layout or self.layout)
        if not upstream:
            names = ", ".join(repr(row.name) for row in self.states + self.outputs)
            raise ArgumentError(f"there is nothing to differentiate: upstream has no gradient, of {names}; "
                                f"for the gradient of sum({self.states[0].name}) it is ones of the shape of {self.states[0].name}")
        problem = self._read(x, parameters, initial, upstream, dtype, layout)
        gradients = self._compute(problem, list(upstream), True)
        parameter_names = {"d" + row.name for row in self.parameter_rows}
        return {name: array if name in parameter_names else _arrays.from_native(array, layout)
                for name, array in gradients.items()}

    def flow(self, x: Any, parameters: Arrays, upstream: Arrays, *, initial: Optional[Arrays] = None,
             layout: Optional[str] = None, triangles: bool = True, singular: bool = True) -> Dict[str, Any]:
        """Where the gradient goes, as `gradtape flow CELL --in FILE --json` says it of these arrays, in float64;
        they are those of gradients().

        "gradients": of each state, value and input its "name", "kind", "norm" at every step, "entries" (units,
        steps) and "decades_each_step_back", the slope, or None. "parameters": by which paths the gradient of each comes, as
        shares that add up to 1: "within_a_step", "through_alone" by state, "through_several";
        "loss_at_step_by_use_at_step" (steps, steps) unless triangles is false. "singular_values" (steps, entries
        of all states): those of the last states by the states after each step, of the first example; None
        if singular is false.
        """
        problem = self._read(x, parameters, initial, upstream, np.float64, _arrays.check_layout(layout or self.layout))
        rows = [(name, array, "f64", array.shape) for name, array in problem.arrays.items()]
        found = _core.flow(self._cell, rows, not triangles, not singular)
        steps = found["T"]
        for each in found["gradients"]:
            each["norm"] = np.array(each["norm"])
            each["entries"] = np.array(each["entries"]).reshape((-1, steps), order="F")
        for each in found["parameters"]:
            shares = each["loss_at_step_by_use_at_step"]
            each["loss_at_step_by_use_at_step"] = None if shares is None else np.array(shares).reshape(steps, steps)
        count, values = found.pop("singular_count"), found["singular_values"]
        found["singular_values"] = None if values is None else np.array(values).reshape(steps, count)
        return found

    # ---- verifying ---------------------------------------------------------------------------

    def check(self, *, against: Optional[Arrays] = None, at: Optional[Arrays] = None, examples: int = 10, steps: int = 7,
              seed: int = 1, tolerance: float = 1e-9, require_all: bool = False, layout: Optional[str] = None,
              progress: Optional[Callable[[str, float], Any]] = None, **dimensions: int) -> Report:
        """Verifies the cell as `gradtape check` does, in float64, over one step and over a sequence: the
        tape's gradients against numeric derivatives with error bars, and the formulas of a handwritten
        backward pass, if its text has one, against the tape. The report names the likely mistake.

        against: arrays computed elsewhere, by the names of `gradients` ("dWf", "dx", "dh0"), with those
        that they were computed from ("x", parameters, "h0", and the upstream gradients "dh", "dy" of the
        states and outputs): each gradient is compared with the tape's. at: arrays to check at, in place
        of random ones. require_all: a gradient that is missing is wrong, not a remark. dimensions: sizes
        for the cell's names (n_x=3, n_a=5, n_y=2; others small). progress(stage, done) is called now and
        then, done from 0 to 1; what it raises stops the check.
        """
        layout = _arrays.check_layout(layout or self.layout)
        if against is not None and at is not None:
            raise ArgumentError("check: the arrays to compare with tell the point already: give against or at")
        given = self._known_arrays(against if against is not None else at or {}, layout, against is not None)
        sizes = self._sized({**self._solve(given, "notebook"), **dimensions}, 0)
        for row in self.inputs:
            shape = given[row.name].shape if row.name in given else (0, examples, steps)
            examples, steps = (shape + (1,))[1:3]
        rows = [(name, array, "f32" if array.dtype == np.float32 else "f64", array.shape) for name, array in given.items()]
        found = self._cell.check(
            list(sizes.items()), operator.index(examples), operator.index(steps), rows if against is not None else None,
            rows if at is not None else None, operator.index(seed) % 2**32, float(tolerance), bool(require_all), progress)
        return Report(found, self.name)

    def _known_arrays(self, arrays: Arrays, layout: str, gradients: bool) -> Dict[str, np.ndarray]:
        """Arrays of a check, in the library's order of axes."""
        sequences = [row.name for row in self.inputs] + ["d" + row.name for row in self.states + self.outputs]
        moved = sequences + [row.name + "0" for row in self.states]
        names = moved + [row.name for row in self.parameter_rows]
        if gradients:
            moved += ["d" + row.name for row in self.inputs] + ["d" + row.name + "0" for row in self.states]
            moved += [row.name for row in self.states + self.outputs]
            names = moved + [row.name for row in self.parameter_rows] + ["d" + row.name for row in self.parameter_rows]
        given: Dict[str, np.ndarray] = {}
        _collect(given, arrays, names, "{}", "array")
        for name, array in given.items():
            if name in moved and array.ndim in (2, 3):
                array = _arrays.to_native(array, layout)
            given[name] = _arrays.ready(_arrays.convert(name, array, "f32" if array.dtype == np.float32 else "f64"))
        return given

    def derive(self, as_: str = "cell", *, by: str = "equation", notation: str = "d", fragment: bool = False,
               beamer: bool = False, blank: Optional[str] = None) -> str:
        """The backward pass of a time step as a person would write it, each line verified against the tape,
        as `gradtape derive` prints it: as_ is "cell" (a `backward` block), "numpy", "torch", "c", "latex",
        "markdown" or "html".

        by: "equation", or "op" for a line for every operation. fragment: without what stands around it. Of
        documents, which are the last three: notation "d", "partial" or "bar"; beamer, slides in LaTeX; blank,
        lines to leave out, "dWf,dc", with a solution at the end.
        """
        def place(value: str, values: Sequence[str], what: str) -> int:
            if value not in values:
                raise ArgumentError(f"derive: {what} is one of {', '.join(values)}, not {value!r}")
            return values.index(value)
        return self._cell.derive(place(as_, ("cell", "numpy", "torch", "c", "latex", "markdown", "html"), "as_"),
                                 place(notation, ("d", "partial", "bar"), "notation"),
                                 place(by, ("equation", "op"), "by") == 1, bool(fragment), bool(beamer), blank)

    # ---- drawing -----------------------------------------------------------------------------

    def _shown_sizes(self, sizes: Dict[str, int], examples: int) -> List[Tuple[str, int]]:
        """The names, and what else the tables write: "4 n_a", "n_a+n_x"."""
        named = list(sizes.items())
        shown = named + [("m", examples)]
        for row in self.inputs + self.states + self.parameter_rows + self.outputs:
            for text in (row.rows, row.columns):
                if text and any(sign in text for sign in "+-*"):
                    shown.append((text.replace(" ", "").replace("*", " "), _core.evaluate_size(text, named)))
        return shown

    def graph(self, *, steps: Optional[int] = None, backward: bool = False, everything: bool = False, **dimensions: int) -> Picture:
        """What the cell computes, as a picture: without steps the body of the loop, with steps the loop
        unrolled. backward: the gradients next to it. everything: each node of the tape. docs/graph.md
        says how to read it."""
        examples, unrolled = 10, steps is not None
        sizes = self._sized(dimensions, examples)
        arrays = {row.name: np.empty((_core.evaluate_size(row.rows, list(sizes.items())),
                                      _core.evaluate_size(row.columns or "1", list(sizes.items())))) for row in self.parameter_rows}
        problem = _Problem(sizes, examples, operator.index(steps) if steps is not None else 4, bool(self.outputs), "f64", arrays)
        recorded = self._record(problem, unrolled, drawn=True)
        shown = [self.states[0].name] + [row.name for row in self.outputs]
        outputs, names = [recorded.results[name] for name in shown], list(shown)
        if backward:
            cotangents = [recorded.tape.input("d" + name, v.shape) for name, v in zip(shown, outputs)]
            gradients = grad(outputs, recorded.leaves, cotangents)
            names += ["d" + leaf.name for leaf in recorded.leaves]
            outputs = outputs + gradients
        title = self.name + (f", {steps} time step{'s' * (steps != 1)}" if unrolled else "") + (", backward" if backward else "")
        return Picture(outputs, names, title, everything, self._shown_sizes(sizes, examples))

    # ---- reading arrays ----------------------------------------------------------------------

    def _read(self, x: Any, parameters: Arrays, initial: Optional[Arrays], upstream: Optional[Arrays], dtype: Any,
              layout: str) -> _Problem:
        given: Dict[str, np.ndarray] = {}
        told = {name: value for name, value in parameters.items()
                if name in self.dimensions and name not in {row.name for row in self.parameter_rows}}
        parameters = {name: value for name, value in parameters.items() if name not in told}
        _collect(given, self._named_inputs(x), [row.name for row in self.inputs], "{}", "input")
        _collect(given, parameters, [row.name for row in self.parameter_rows], "{}", "parameter")
        self._check_beginnings(initial or {})
        _collect(given, initial or {}, [row.name for row in self.states], "{}0", "state")
        _collect(given, upstream or {}, [row.name for row in self.states + self.outputs], "d{}", "state or output")
        with_outputs = self._wants_outputs(given)
        self._check_presence(given, with_outputs)
        name = _arrays.dtype_name(dtype) if dtype is not None else \
            "f32" if all(array.dtype == np.float32 for array in given.values()) else "f64"
        dimensions, examples, steps = self._check_shapes(given, layout, told)
        native = {}
        for key, array in given.items():
            moved = array if key in parameters else _arrays.to_native(array, layout)
            native[key] = _arrays.ready(_arrays.convert(key, moved, name))
        for row in self.states:
            if row.begins_with is None and not row.drawn and row.name + "0" not in native:
                shape = (_core.evaluate_size(row.rows, list(dimensions.items())), examples)
                native[row.name + "0"] = np.full(shape, row.constant, _arrays.numpy_dtype(name), order="F")
        return _Problem(dimensions, examples, steps, with_outputs, name, native)

    def _check_beginnings(self, initial: Arrays) -> None:
        for row in self.states:
            if row.begins_with is not None and row.name in initial:
                raise ArgumentError(f"the state {row.name} of {self.name} begins with {row.begins_with}: give the parameters, and no initial value")

    def _named_inputs(self, x: Any) -> Arrays:
        if isinstance(x, Mapping):
            return x
        given = self._given_inputs()
        if len(given) != 1:
            raise ArgumentError(f"{self.name} has {len(given)} inputs: give a dict of {', '.join(row.name for row in given)}")
        return {given[0].name: x}

    def _given_inputs(self) -> List[Row]:
        return [row for row in self.inputs if not row.drawn]

    def _wants_outputs(self, given: Mapping[str, np.ndarray]) -> bool:
        """Outputs are left out only where nothing of them was given."""
        if not self.outputs:
            return False
        needed = [row.name for row in self.parameter_rows if row.output_only]
        return not needed or any(name in given for name in needed + ["d" + row.name for row in self.outputs])

    def _check_presence(self, given: Mapping[str, np.ndarray], with_outputs: bool) -> None:
        for row in self._given_inputs():
            if row.name not in given:
                raise ArgumentError(f"the input {row.name} of {self.name} is missing")
        for row in self.parameter_rows:
            if row.name not in given and (with_outputs or not row.output_only):
                raise ArgumentError(f"the parameter {row.name} of {self.name}, ({row.rows}, {row.columns or '1'}), is missing")

    def _check_shapes(self, given: Mapping[str, np.ndarray], layout: str, told: Mapping[str, int]) -> Tuple[Dict[str, int], int, Optional[int]]:
        dimensions = self._solve(given, layout, told)
        sizes = _Sizes(self, dimensions, layout)
        for row in self.parameter_rows:
            if row.name in given:
                sizes.check_parameter(row, given[row.name])
        for row in self.inputs:
            if row.name in given:
                sizes.check_sequence(row.name, row, given[row.name], whole=True)
        for row in self.states:
            if row.begins_with is None and row.name + "0" in given:
                sizes.check_state(row, given[row.name + "0"])
        for row in self.states + self.outputs:
            if "d" + row.name in given:
                sizes.check_sequence("d" + row.name, row, given["d" + row.name], whole=False)
        if not sizes.examples:
            raise ArgumentError(f"{self.name} has no input, so nothing says how many examples there are")
        return dimensions, sizes.examples, sizes.steps

    def _solve(self, given: Mapping[str, np.ndarray], layout: str, told: Optional[Mapping[str, int]] = None) -> Dict[str, int]:
        """The dimensions that the arrays tell: parameters first, whose shapes have one order, and of those what most say."""
        facts = [fact for row in self.parameter_rows if row.name in given
                 for fact in zip((row.rows, row.columns or "1"), given[row.name].shape)]
        said = Counter(facts)
        known = self._cell.dimensions(list(self._named(told or {})), sorted(facts, key=lambda fact: -said[fact]), -1)
        others = [(row.name, row) for row in self.inputs] + [(row.name + "0", row) for row in self.states if row.begins_with is None]
        facts = [(row.rows, _arrays.to_native(given[name], layout).shape[0])
                 for name, row in others if name in given and given[name].ndim in (2, 3)]
        return dict(self._cell.dimensions(known, facts, -1))

    # ---- recording ---------------------------------------------------------------------------

    def _compute(self, problem: _Problem, upstream: List[str], differentiate: bool) -> Dict[str, np.ndarray]:
        key = (problem.dtype, differentiate, problem.steps,
               tuple((name, array.shape) for name, array in sorted(problem.arrays.items())))
        if key not in self._plans:
            self._plans[key] = self._plan(problem, upstream, differentiate)
            while len(self._plans) > _MOST_PLANS:
                self._plans.popitem(last=False)
        plan, names = self._plans[key]
        needed = {leaf.name for leaf in plan.inputs}
        results = plan({name: array for name, array in problem.arrays.items() if name in needed})
        # One step without an axis of time: as it came, so it goes.
        return {name: a[:, :, 0] if problem.steps is None and a.ndim == 3 else a for name, a in zip(names, results)}

    def _plan(self, problem: _Problem, upstream: List[str], differentiate: bool) -> Tuple[Plan, List[str]]:
        recorded = self._record(problem)
        if not differentiate:
            named = {**recorded.results, **{f"{row.name} after the last step": v for row, v in zip(self.states, recorded.finals)}}
        else:
            of = [recorded.results[name] for name in upstream]
            cotangents = [self._cotangent(recorded, problem, name) for name in upstream]
            named = dict(zip(("d" + leaf.name for leaf in recorded.leaves), grad(of, recorded.leaves, cotangents)))
        return Plan(list(named.values()), threads=self._threads, memory=self._memory), list(named)

    def _cotangent(self, recorded: "_Recorded", problem: _Problem, name: str) -> Var:
        """The upstream gradient as an input; zeros behind one that has fewer steps."""
        from . import ops

        array, result = problem.arrays["d" + name], recorded.results[name]
        v = recorded.tape.input("d" + name, (array.shape + (1,))[:3])
        missing = result.shape[2] - v.shape[2]
        return ops.pad(v, 2, 0, missing) if missing else v

    def _record(self, problem: _Problem, unrolled: bool = False, drawn: bool = False) -> "_Recorded":
        tape = Tape(problem.dtype)
        columns = (problem.examples, problem.steps or 1)

        def size(text: str) -> int:
            return _core.evaluate_size(text, list(problem.dimensions.items()))

        # What is drawn and not given is None, and the cell takes its mean, unless it is to be shown.
        inputs = [tape.input(row.name, (size(row.rows), *columns)) if row.name in problem.arrays or drawn or not row.drawn else None
                  for row in self.inputs]
        initial = [tape.state(row.name + "0", (size(row.rows), problem.examples))
                   if row.begins_with is None and (row.name + "0" in problem.arrays or drawn or not row.drawn) else None
                   for row in self.states]
        parameters = {row.name: tape.parameter(row.name, problem.arrays[row.name].shape)
                      for row in self.parameter_rows if row.name in problem.arrays}
        states, finals, outputs = self._cell.record(
            inputs, initial, [parameters.get(row.name) for row in self.parameter_rows], list(problem.dimensions.items()),
            problem.with_outputs, unrolled, False)
        results = dict(zip((row.name for row in self.states + self.outputs), states + outputs))
        return _Recorded(tape, [v for v in inputs + initial if v is not None] + list(parameters.values()), results, finals)


def _unpickle(text: str, file: str, which: Optional[str], layout: str, threads: Optional[int], memory: Optional[int]) -> Cell:
    cell = Cell(text if "\n" in text else text + "\n", cell=which, layout=layout, threads=threads, memory=memory)
    cell.file = file
    return cell


class _Recorded(NamedTuple):
    """A cell's sequence on a tape."""

    tape: Tape
    leaves: List[Var]  # inputs, initial states, parameters
    results: Dict[str, Var]  # states and outputs at every step
    finals: List[Var]


def _cell_message(error: str, diagnostics: Sequence[Diagnostic], file: str) -> str:
    """All mistakes with their hints, a line each."""
    lines = []
    for d in diagnostics:
        if d.error:
            lines.append(f"{file}:{d.line}:{d.column}: {d.message}" + (f" ({d.hint})" if d.hint else ""))
    return "\n".join(lines) or error


def _collect(given: Dict[str, np.ndarray], arrays: Arrays, names: Sequence[str], form: str, what: str) -> None:
    """Adds arrays by the names that they have in a problem; one that the cell does not know is refused."""
    for name, value in arrays.items():
        if name not in names:
            near = _core.nearest(str(name), list(names))
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(names)}" if names else "there is none"
            raise ArgumentError(f"{name!r} is no {what} of the cell: {hint}")
        given[form.format(name)] = _arrays.as_array(form.format(name), value)


class _Sizes:
    """Compares shapes with what a cell's tables say, and learns m and T from the first sequence."""

    def __init__(self, cell: Cell, dimensions: Mapping[str, int], layout: str) -> None:
        self.cell, self.dimensions, self.layout = cell, list(dimensions.items()), layout
        self.examples = 0
        self.steps: Optional[int] = None

    def _value(self, size: str, name: str) -> int:
        unknown = [n for n in re.findall(r"[A-Za-z_]\w*", size) if n not in dict(self.dimensions)]
        if unknown:
            raise ShapeError(f"nothing tells {', '.join(unknown)}, which {name} needs")
        return _core.evaluate_size(size, self.dimensions)

    def check_parameter(self, row: Row, array: np.ndarray) -> None:
        expected = (self._value(row.rows, row.name), self._value(row.columns or "1", row.name))
        if not _arrays.same_sizes(array.shape, expected) or array.ndim > 2:
            turned = "; this looks transposed" if array.shape[::-1] == expected else ""
            raise ShapeError(f"{row.name} is {array.shape}, but {self.cell.name} has ({row.rows}, {row.columns or '1'}) = {expected}{turned}")

    def check_state(self, row: Row, array: np.ndarray) -> None:
        rows = self._value(row.rows, row.name)
        if array.ndim != 2 or _arrays.to_native(array, self.layout).shape != (rows, self.examples):
            self._refuse(row.name + "0", row, array, rows, 2)

    def check_sequence(self, name: str, row: Row, array: np.ndarray, whole: bool) -> None:
        """whole: it has all steps; an upstream gradient may have fewer."""
        rows = self._value(row.rows, name)
        if not self.examples:
            self._learn(name, row, array, rows)
        if not self._fits(array, rows, self.layout, whole):
            self._refuse(name, row, array, rows, 2 if self.steps is None else 3)

    def _learn(self, name: str, row: Row, array: np.ndarray, rows: int) -> None:
        if array.ndim not in (2, 3) or array.size == 0 or _arrays.to_native(array, self.layout).shape[0] != rows:
            self._refuse(name, row, array, rows, 3 if array.ndim != 2 else 2)
        native = _arrays.to_native(array, self.layout).shape
        self.examples = native[1]
        self.steps = native[2] if array.ndim == 3 else None

    def _fits(self, array: np.ndarray, rows: int, layout: str, whole: bool) -> bool:
        if array.ndim != (2 if self.steps is None else 3):
            return False
        native = _arrays.to_native(array, layout).shape
        if native[:2] != (rows, self.examples):
            return False
        return self.steps is None or native[2] == self.steps or (not whole and 0 < native[2] < self.steps)

    def _seem(self, array: np.ndarray, rows: int) -> List[str]:
        """The other layouts in which the array's axes may be."""
        found: Dict[str, str] = {}
        for layout in _arrays.LAYOUTS:
            if layout == self.layout or array.ndim not in (2, 3):
                continue
            native = _arrays.to_native(array, layout).shape
            sizes = (rows, self.examples or native[1], self.steps or native[-1])
            if native == sizes[: array.ndim]:
                found.setdefault(_arrays.axes_text(layout, "n", array.ndim), layout)
        return list(found.values())

    def _refuse(self, name: str, row: Row, array: np.ndarray, rows: int, rank: int) -> None:
        sizes = _arrays.axes_text(self.layout, row.rows, rank)
        known = [f"{row.rows} = {rows}"] + ([f"m = {self.examples}"] if self.examples else [])
        known += [f"T = {self.steps}"] if self.steps and rank == 3 else []
        text = f"{name} is {array.shape}, but {self.cell.name} expects {sizes} with {', '.join(known)}"
        seem = self._seem(array, rows)
        if array.size == 0:
            text += "; a size of 0 is none"
        elif seem:
            text += f"; this looks like {' or '.join(_arrays.axes_text(layout, row.rows, array.ndim) for layout in seem)}: " \
                    f"pass layout={' or '.join(map(repr, seem))}"
        elif array.ndim not in (2, 3):
            text += f"; it has {array.ndim} ax{'is' if array.ndim == 1 else 'es'}"
        raise ShapeError(text)
