"""Recurrent cells as modules of PyTorch.

    rnn = gt.torch.Recurrent("ugrnn.cell", 64, 128, layers=2)
    outputs, states = rnn(x)                 # x (T, batch, 64), as for torch.nn.LSTM

Design. A layer is one plan in two halves (include/gradtape/plan.h): the forward call runs its forward half and
the backward call its backward half, on the tensors' own memory and on a workspace in between that is given back
to a pool then, or when torch frees the graph. Several calls may wait for their backward calls, each with
a workspace. A second backward call (retain_graph) computes the forward half again, since the first has written over
what it reads. Where no gradient is wanted, a forward program runs that keeps nothing.
"""
from __future__ import annotations

import math
import operator
from collections import OrderedDict
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from . import _arrays, _core, _threads
from ._cell import Cell
from ._convert import convert
from ._errors import ArgumentError, DTypeError, ShapeError, UnsupportedError
from ._tape import Tape, Var, budget, grad

_DTYPES = {torch.float32: "f32", torch.float64: "f64"}
_MOST_PROGRAMS = 32


class _Key(NamedTuple):
    """What one layer's programs depend on."""

    dtype: str
    examples: int
    steps: int
    whole: bool  # all states at every step are wanted, not only after the last
    draws: bool  # what the cell draws at each step is given, behind x; else its means are taken
    wanted: Tuple[bool, ...]  # of x, what is drawn, initial states, parameters: the gradients; (): a forward program alone


class _Form(NamedTuple):
    """How a tensor lies that the library reads where it is: (T, m, n) for its (n, m, T), a parameter as it is."""

    name: str
    shape: Tuple[int, ...]
    stride: Tuple[int, ...]
    dtype: torch.dtype

    @classmethod
    def of(cls, v: Var, parameter: bool) -> "_Form":
        stride = tuple(math.prod(v.shape[:axis]) for axis in range(len(v.shape)))  # first index fastest
        shape, stride = (v.shape, stride) if parameter else (v.shape[::-1], stride[::-1])
        return cls(v.name, shape, stride, torch.float32 if v.dtype == "f32" else torch.float64)

    def laid_out(self, tensor: torch.Tensor) -> torch.Tensor:
        """The tensor itself, or a copy that lies like this."""
        if tensor.shape != self.shape or tensor.dtype is not self.dtype or not tensor.is_cpu:
            self._refuse(tensor)
        if tensor.stride() == self.stride and not tensor.is_neg() and tensor.data_ptr() % tensor.element_size() == 0:
            return tensor
        return torch.empty_strided(self.shape, self.stride, dtype=self.dtype).copy_(tensor.detach())

    def _refuse(self, tensor: torch.Tensor) -> None:
        if tensor.dtype is not self.dtype:
            raise DTypeError(f"{self.name} is {tensor.dtype}, but the input {self.dtype}: both are to be float32, or float64 (.double())")
        if not tensor.is_cpu:
            raise ArgumentError(f"gradtape computes on the CPU: {self.name} is on {tensor.device}")
        raise ShapeError(f"{self.name} is {tuple(tensor.shape)}; {self.shape} is wanted")


def _laid_out(tensors: Sequence[torch.Tensor], forms: Sequence[_Form]) -> Tuple[List[torch.Tensor], List[int]]:
    """Tensors that the library can read where they lie, to be held while it does, and where that is."""
    held = [form.laid_out(tensor) for form, tensor in zip(forms, tensors)]
    return held, [tensor.data_ptr() for tensor in held]


class _Program:
    """One plan of a layer: from its leaves (x, initial states, parameters) to results, and back to gradients."""

    def __init__(self, leaves: List[Var], results: List[Var], wanted: Sequence[bool], threads: Optional[int], first_parameter: int, memory: Optional[int]) -> None:
        cotangents, gradients = [], []
        if wanted:
            cotangents = [v.tape.input(f"d {i}", v.shape) for i, v in enumerate(results)]
            gradients = grad(results, [leaf for leaf, w in zip(leaves, wanted) if w], cotangents)
        self.first_parameter = first_parameter
        self.forms = [_Form.of(v, i >= first_parameter) for i, v in enumerate(leaves)]
        self.result_forms = [_Form.of(v, False) for v in results]
        self.results = [(v.shape, v.dtype) for v in results]
        self.gradients = [(v.shape, v.dtype) for v in gradients]
        self.core = _core.Plan(results + gradients, leaves + cotangents, _threads.pool(threads), False, len(cotangents), budget(memory))
        self._zeros: Dict[int, torch.Tensor] = {}

    def run(self, tensors: Sequence[torch.Tensor]) -> List[torch.Tensor]:
        """The results, and nothing is kept."""
        held, addresses = _laid_out(tensors, self.forms)
        results = [_arrays.empty(*one) for one in self.results]
        self.core.run(addresses, results)
        return [torch.from_numpy(array.T) for array in results]

    def forward(self, tensors: Sequence[torch.Tensor]) -> Tuple[List[torch.Tensor], Any]:
        """The results, and what waits for `backward`."""
        held, addresses = _laid_out(tensors, self.forms)
        results = [_arrays.empty(*one) for one in self.results]
        waiting = self.core.forward(addresses, results)
        return [torch.from_numpy(array.T) for array in results], waiting

    def backward(self, waiting: Any, tensors: Sequence[torch.Tensor], cotangents: Sequence[Optional[torch.Tensor]]) -> List[np.ndarray]:
        """The gradients, in the library's order. Where `waiting` has been used, the forward half is run again."""
        held, addresses = _laid_out(tensors, self.forms)
        given, more = _laid_out([self._zero(i) if d is None else d for i, d in enumerate(cotangents)], self.result_forms)
        gradients = [_arrays.empty(*one) for one in self.gradients]
        for array in gradients:
            array.fill(0)  # one that depends on no cotangent is 0, which the backward half does not write
        self.core.backward(waiting, addresses + more, gradients, len(self.results))
        return gradients

    def _zero(self, result: int) -> torch.Tensor:
        if result not in self._zeros:
            form = self.result_forms[result]
            self._zeros[result] = torch.zeros(form.shape, dtype=form.dtype)
        return self._zeros[result]


class _Engine:
    """The programs of one layer: made when they are wanted, shared by copies of the module."""

    def __init__(self, cell: Cell, dimensions: Mapping[str, int], parameters: Sequence[str], threads: Optional[int], memory: Optional[int] = None) -> None:
        self.cell, self.dimensions, self.parameters, self.threads = cell, dict(dimensions), list(parameters), threads
        self.memory = memory
        self.handed_on = cell._cell.handed_on
        self.state_rows = [self.size(s.rows) for s in cell.states]
        self._programs: "OrderedDict[_Key, _Program]" = OrderedDict()
        self._beginnings: Dict[int, "_Beginning"] = {}

    def means(self) -> List[float]:
        """What states begin with that is no formula, and those that are drawn where nobody draws."""
        return self.cell._cell.means(list(self.dimensions.items()))

    def draw(self, x: torch.Tensor, seed: int) -> Dict[str, torch.Tensor]:
        """By name: inputs (T, m, n) and states (m, n)."""
        told = self.cell._cell.draw(list(self.dimensions.items()), x.shape[1], x.shape[0], _DTYPES[x.dtype], seed)
        return {name: torch.frombuffer(entries, dtype=x.dtype).reshape(shape[::-1]) for name, shape, entries in told}

    def beginning(self, state: int) -> "_Beginning":
        if state not in self._beginnings:
            self._beginnings[state] = _Beginning(self, state)
        return self._beginnings[state]

    def __deepcopy__(self, memo: Any) -> "_Engine":
        return self

    def __reduce__(self):
        return _Engine, (self.cell, self.dimensions, self.parameters, self.threads, self.memory)

    def size(self, text: str) -> int:
        return _core.evaluate_size(text, list(self.dimensions.items()))

    def parameter_vars(self, tape: Tape) -> Dict[str, Var]:
        rows = {r.name: r for r in self.cell.parameter_rows}
        return {n: tape.parameter(n, (self.size(rows[n].rows), self.size(rows[n].columns or "1"))) for n in self.parameters}

    def record(self, key: _Key) -> Tuple[List[Var], List[Var]]:
        """Inputs, initial states and parameters; and the results: what is handed on, and the states."""
        cell, tape = self.cell, Tape(key.dtype)
        inputs = [tape.input(row.name, (self.size(row.rows), key.examples, key.steps)) if key.draws or not row.drawn else None
                  for row in cell.inputs]
        leaves = [v for v in inputs if v is not None]
        begins = [tape.state(s.name + "0", (self.size(s.rows), key.examples)) for s in cell.states]
        named = self.parameter_vars(tape)
        states, finals, outputs = cell._cell.record(
            inputs, begins, [named.get(r.name) for r in cell.parameter_rows], list(self.dimensions.items()),
            self.handed_on >= 0, False, False)
        sequence = outputs[self.handed_on] if self.handed_on >= 0 else states[0]
        return leaves + begins + list(named.values()), [sequence] + (states if key.whole else finals)

    def program(self, whole: bool, tensors: Sequence[torch.Tensor], wanted: Tuple[bool, ...]) -> _Program:
        x = tensors[0]
        first_parameter = len(tensors) - len(self.parameters)
        draws = first_parameter > 1 + len(self.cell.states)
        key = _Key(_DTYPES[x.dtype], x.shape[1], x.shape[0], whole, draws, wanted)
        found = self._programs.get(key)
        if found is None:
            found = self._programs[key] = _Program(*self.record(key), wanted, self.threads, first_parameter, self.memory)
            while len(self._programs) > _MOST_PROGRAMS:
                self._programs.popitem(last=False)
        return found


class _Beginning:
    """What a state begins with that is computed of parameters, (1, n), as a layer that reads nothing else."""

    def __init__(self, engine: _Engine, state: int) -> None:
        self._engine, self._state = engine, state
        self._programs: Dict[Any, _Program] = {}

    def program(self, whole: bool, tensors: Sequence[torch.Tensor], wanted: Tuple[bool, ...]) -> _Program:
        dtype = _DTYPES[tensors[0].dtype]
        if (dtype, wanted) not in self._programs:
            engine, tape = self._engine, Tape(dtype)
            named = engine.parameter_vars(tape)
            column = engine.cell._cell.begin(tape, self._state, [named.get(r.name) for r in engine.cell.parameter_rows],
                                             list(engine.dimensions.items()))
            self._programs[dtype, wanted] = _Program(list(named.values()), [column], wanted, engine.threads, 0, engine.memory)
        return self._programs[dtype, wanted]


class _Last(torch.autograd.Function):
    """A gradient that depends on `sources`, in a way that cannot be differentiated again."""

    @staticmethod
    def forward(ctx: Any, gradient: torch.Tensor, *sources: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        return gradient.clone()

    @staticmethod
    def backward(ctx: Any, *unused: Any) -> Any:
        raise UnsupportedError("a gradient of Recurrent has no gradient itself: second derivatives are those of "
                               "gradtape's tape (gt.Tape, gt.grad), not yet of its module for torch")


class _Layer(torch.autograd.Function):
    """One layer over a sequence: (what it hands on, states) from (x, initial states, parameters)."""

    @staticmethod
    def forward(ctx: Any, engine: _Engine, whole: bool, *tensors: torch.Tensor) -> Any:  # type: ignore[override]
        ctx.set_materialize_grads(False)
        ctx.program = engine.program(whole, tensors, tuple(ctx.needs_input_grad[2:]))
        ctx.save_for_backward(*tensors)
        results, ctx.waiting = ctx.program.forward(tensors)
        return tuple(results)

    @staticmethod
    def backward(ctx: Any, *cotangents: Optional[torch.Tensor]) -> Any:
        tensors = ctx.saved_tensors
        if all(d is None for d in cotangents):
            return (None,) * (2 + len(tensors))
        found = iter(ctx.program.backward(ctx.waiting, tensors, cotangents))
        gradients: List[Optional[torch.Tensor]] = []
        for i, wanted in enumerate(ctx.needs_input_grad[2:]):
            array = next(found) if wanted else None
            gradients.append(None if array is None else torch.from_numpy(array if i >= ctx.program.first_parameter else array.T))
        if torch.is_grad_enabled():  # create_graph=True: what follows would take them for constants
            sources = [t for t in (*tensors, *cotangents) if t is not None and t.requires_grad]
            gradients = [g if g is None else _Last.apply(g, *sources) for g in gradients]
        return (None, None, *gradients)


def _run_layer(engine: Any, whole: bool, tensors: Sequence[torch.Tensor]) -> Sequence[torch.Tensor]:
    if torch.is_grad_enabled() and any(t.requires_grad for t in tensors):
        return _Layer.apply(engine, whole, *tensors)
    return engine.program(whole, tensors, ()).run(tensors)


class _Parameters(nn.Module):
    """The parameters of one layer and direction, under the cell's names."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__()
        for name, array in arrays.items():
            # Column-major, so that the library reads it where it lies; the strides stay with it.
            self.register_parameter(name, nn.Parameter(torch.from_numpy(np.ascontiguousarray(array.T)).t()))


class Recurrent(nn.Module):
    """Layers of a recurrent cell, with the interface of torch.nn.LSTM.

    cell: a file in the cell language, its text, a name of the zoo, or a gradtape.Cell. n_x, n_a: sizes
    of the input and of the hidden state; dims: sizes for the cell's other names. dropout: between
    layers, in training. threads: of a call; None for as many as there are cores.
    memory: most bytes of a layer's own in a call; long sequences are computed again in segments for it.

    Parameters are `layer1.Wf`, ..., and `layer1_reverse.Wf`, ..., with the cell's names, shapes and
    initialisers; `seed` as for gradtape.Cell.parameters. Those that only an output layer reads are left out.

    forward(x, initial=None, lengths=None) -> (outputs, states). x: (T, batch, n_x), with batch_first
    (batch, T, n_x), or a PackedSequence; lengths: of each sequence, behind which outputs are zero.
    outputs: what the last layer hands on, its hidden state, at every step; both directions one after
    the other. states: for each state of the cell (layers * directions, batch, n) after the last step,
    a tensor if the cell has one state, else a tuple; `initial` has the same form.

    What the cell draws (bernoulli, normal, uniform, dropout in its equations, states behind ~) is drawn anew in each
    call in training, by a number of torch's generator (torch.manual_seed), for each layer and direction; in eval()
    its means are taken. A drawn state that `initial` gives is not drawn.

    On the CPU, in float32 or float64. Gradients are exact; a second derivative raises an error that
    says so. A second backward pass (retain_graph) takes a forward pass more; see this module's documentation.
    """

    def __init__(self, cell: Any, n_x: int, n_a: int, *, layers: int = 1, bidirectional: bool = False,
                 batch_first: bool = False, dropout: float = 0.0, dims: Optional[Mapping[str, int]] = None,
                 seed: int = 0, dtype: Optional[torch.dtype] = None, threads: Optional[int] = None, memory: Optional[int] = None) -> None:
        super().__init__()
        self.cell = cell if isinstance(cell, Cell) else Cell(cell)
        self.n_x, self.n_a, self.layers = operator.index(n_x), operator.index(n_a), operator.index(layers)
        self.bidirectional, self.batch_first, self.dropout = bool(bidirectional), bool(batch_first), float(dropout)
        given = self.cell._given_inputs()
        if len(given) != 1 or not self.cell.states:
            raise ArgumentError(f"{self.cell.name} has {len(given)} inputs and {len(self.cell.states)} states: a layer reads one input and has a state")
        if self.layers < 1 or not 0 <= self.dropout < 1:
            raise ArgumentError("layers is at least 1, and dropout from 0 to below 1")
        dtype = torch.get_default_dtype() if dtype is None else dtype
        if dtype not in _DTYPES:
            raise DTypeError(f"Recurrent computes in float32 or float64, not in {dtype}")
        self._engines: List[_Engine] = []
        size = self.n_x
        for layer in range(1, self.layers + 1):
            for direction in self._directions():
                name = f"layer{layer}{direction}"
                made = self._make(size, dict(dims or {}), seed, name, _DTYPES[dtype])
                self.add_module(name, _Parameters(made))
                self._engines.append(_Engine(self.cell, self._sizes, list(made), threads, memory))
            size = self._engines[-1].size(self._handed_on_rows()) * len(self._directions())

    def _directions(self) -> Tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    def _handed_on_rows(self) -> str:
        place = self.cell._cell.handed_on
        return self.cell.outputs[place].rows if place >= 0 else self.cell.states[0].rows

    def _make(self, n_x: int, dims: Dict[str, int], seed: int, name: str, dtype: str) -> Dict[str, np.ndarray]:
        """New parameters of a layer whose input has n_x rows; sets the sizes that they have."""
        place = self.cell._cell.handed_on
        sizes = {**{n: s for n, s in {"n_x": n_x, "n_a": self.n_a}.items() if n in self.cell.dimensions}, **dims}
        if place < 0:
            made = self.cell.parameters(seed=_seed_of(seed, name), dtype=dtype, outputs=False, **sizes)
        else:
            made = self.cell.parameters(seed=_seed_of(seed, name), dtype=dtype, outputs=True, **sizes)
        rows = _core.evaluate_size(self.cell.inputs[0].rows, list(sizes.items()))
        if rows != n_x:
            raise ArgumentError(f"{name}: the input of {self.cell.name} has {self.cell.inputs[0].rows} = {rows} rows, but gets {n_x}")
        self._sizes = sizes
        return made

    @classmethod
    def from_torch(cls, module: nn.RNNBase, *, threads: Optional[int] = None) -> "Recurrent":
        """The same network as an nn.LSTM, an nn.GRU or an nn.RNN with tanh, with copies of its weights: the cells
        `lstm`, `gru_after` and `rnn`. Their two biases are one here, but for the candidate of a GRU."""
        kinds = {"LSTM": "lstm", "GRU": "gru_after", "RNN_TANH": "rnn"}
        mode = getattr(module, "mode", "")
        if mode not in kinds or module.proj_size:
            raise ArgumentError(f"{type(module).__name__} has no counterpart here: nn.LSTM, nn.GRU and nn.RNN(nonlinearity='tanh') have, without proj_size")
        name = kinds[mode]
        made = cls(name, module.input_size, module.hidden_size, layers=module.num_layers, bidirectional=module.bidirectional,
                   batch_first=module.batch_first, dropout=module.dropout, dtype=module.weight_ih_l0.dtype, threads=threads)
        weights = convert(module.state_dict(), from_="pytorch", cell=name, layers=True)
        with torch.no_grad():
            for key, parameter in made.named_parameters():
                parameter.copy_(torch.from_numpy(weights[key]))
        return made.train(module.training)

    # ---- running -----------------------------------------------------------------------------

    def forward(self, x: Any, initial: Any = None, lengths: Any = None) -> Any:  # noqa: D102
        packed = x if isinstance(x, PackedSequence) else None
        if packed is not None:
            x, lengths = pad_packed_sequence(x)
        elif self.batch_first and isinstance(x, torch.Tensor) and x.dim() == 3:
            x = x.transpose(0, 1)
        self._check_tensor("x", x, 3)
        if x.shape[2] != self.n_x or 0 in x.shape:
            order = "(batch, T, n_x)" if self.batch_first and packed is None else "(T, batch, n_x)"
            raise ShapeError(f"x has {x.shape[2]} features in {x.shape[0]} steps of {x.shape[1]} examples: {order} with n_x = {self.n_x} is wanted, none of them 0")
        lengths = self._check_lengths(lengths, x)
        draws = [self._draw(place, x) for place in range(len(self._engines))]
        outputs, states = self._run_layers(x, self._check_initial(initial, x, draws), lengths, draws)
        answer = tuple(rows[0].unsqueeze(0) if len(rows) == 1 else torch.stack(rows) for rows in zip(*states))
        if packed is not None:
            outputs = pack_padded_sequence(outputs, lengths, enforce_sorted=False) if packed.sorted_indices is not None \
                else pack_padded_sequence(outputs, lengths)
        elif self.batch_first:
            outputs = outputs.transpose(0, 1)
        return outputs, answer if len(answer) > 1 else answer[0]

    def _run_layers(self, x: torch.Tensor, initial: List[List[torch.Tensor]], lengths: Optional[torch.Tensor],
                    draws: Sequence[Mapping[str, torch.Tensor]]) -> Any:
        states, turned = [], self._turn(x, lengths) if self.bidirectional else None
        for layer in range(self.layers):
            handed_on = []
            for d, direction in enumerate(self._directions()):
                place = layer * len(self._directions()) + d
                sequence = x if d == 0 else _take_steps(x, turned)
                result, last = self._run_one(place, f"layer{layer + 1}{direction}", sequence, initial[place], lengths, draws[place])
                handed_on.append(result if d == 0 else _take_steps(result, turned))
                states.append(last)
            x = handed_on[0] if len(handed_on) == 1 else torch.cat(handed_on, 2)
            if lengths is not None:
                x = x * (torch.arange(x.shape[0])[:, None, None] < lengths[None, :, None])
            if self.dropout and layer + 1 < self.layers:
                x = nn.functional.dropout(x, self.dropout, self.training)
        return x, states

    def _run_one(self, place: int, name: str, x: torch.Tensor, initial: List[torch.Tensor], lengths: Optional[torch.Tensor],
                 draws: Mapping[str, torch.Tensor]) -> Any:
        engine = self._engines[place]
        drawn = [draws[row.name] for row in self.cell.inputs if row.name in draws]
        result, *states = _run_layer(engine, lengths is not None, (x, *drawn, *initial, *self._parameters_of(engine, name)))
        if lengths is not None:  # the state after the last step of each sequence
            states = [s.gather(0, (lengths - 1)[None, :, None].expand(1, -1, s.shape[2]))[0] for s in states]
        return result, states

    @staticmethod
    def _turn(x: torch.Tensor, lengths: Optional[torch.Tensor]) -> torch.Tensor:
        """(T, batch): which step stands where when every sequence is reversed within its length."""
        steps = torch.arange(x.shape[0])[:, None].expand(-1, x.shape[1])
        if lengths is None:
            return steps.flip(0)
        return torch.where(steps < lengths, lengths - 1 - steps, steps)

    # ---- checking ----------------------------------------------------------------------------

    def _check_tensor(self, name: str, tensor: Any, rank: int) -> None:
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"{name} is {type(tensor).__name__}: a tensor is wanted")
        parameter = next(iter(self._modules["layer1"]._parameters.values()), None)
        wanted = parameter.dtype if parameter is not None else tensor.dtype
        if tensor.is_cpu and tensor.dtype is wanted and wanted in _DTYPES and tensor.dim() == rank and (parameter is None or parameter.is_cpu):
            return
        if tensor.device.type != "cpu" or (parameter is not None and parameter.device.type != "cpu"):
            raise ArgumentError(f"gradtape computes on the CPU: {name} is on {tensor.device}"
                                + ("" if parameter is None else f" and the parameters on {parameter.device}"))
        if tensor.dtype not in _DTYPES or wanted not in _DTYPES or tensor.dtype != wanted:
            raise DTypeError(f"{name} is {tensor.dtype} and the parameters {wanted}: both are to be float32, or float64 (.double())")
        if tensor.dim() != rank:
            raise ShapeError(f"{name} has {tensor.dim()} axes; {rank} are wanted")

    def _check_lengths(self, lengths: Any, x: torch.Tensor) -> Optional[torch.Tensor]:
        if lengths is None:
            return None
        lengths = torch.as_tensor(lengths, dtype=torch.int64).detach().cpu()
        if lengths.shape != (x.shape[1],) or int(lengths.min()) < 1 or int(lengths.max()) > x.shape[0]:
            raise ShapeError(f"lengths are {x.shape[1]} whole numbers from 1 to {x.shape[0]}, one for each example")
        return lengths

    def _begin(self, place: int, x: torch.Tensor) -> List[torch.Tensor]:
        """What a layer and direction starts from: the cell's constants, and what is computed of its parameters."""
        layer, d = divmod(place, len(self._directions()))
        name, engine = f"layer{layer + 1}{self._directions()[d]}", self._engines[place]
        means = engine.means()
        return [x.new_full((x.shape[1], size), means[i]) if s.begins_with is None
                else _run_layer(engine.beginning(i), False, self._parameters_of(engine, name))[0].expand(x.shape[1], size)
                for i, (s, size) in enumerate(zip(self.cell.states, engine.state_rows))]

    def _parameters_of(self, engine: _Engine, name: str) -> List[torch.Tensor]:
        module = self._modules[name]
        return [module._parameters[n] if n in module._parameters else getattr(module, n) for n in engine.parameters]

    def _draw(self, place: int, x: torch.Tensor) -> Dict[str, torch.Tensor]:
        """In training, what the cell draws for a call of a layer and direction, by a number of torch's generator."""
        if not self.training or not any(row.drawn for row in self.cell.inputs + self.cell.states):
            return {}
        return self._engines[place].draw(x, int(torch.randint(2**63 - 1, ())))

    def _check_initial(self, initial: Any, x: torch.Tensor, draws: Sequence[Mapping[str, torch.Tensor]]) -> List[List[torch.Tensor]]:
        """For each layer and direction the initial states (batch, n)."""
        rows = self.cell.states
        if initial is None:
            begun = [self._begin(place, x) for place in range(len(self._engines))]
            return [[drawn.get(s.name, state) for s, state in zip(rows, states)] for drawn, states in zip(draws, begun)]
        given = (initial,) if isinstance(initial, torch.Tensor) else tuple(initial)
        if len(given) != len(rows):
            raise ArgumentError(f"{self.cell.name} has {len(rows)} states, but initial has {len(given)}")
        for tensor, s, size in zip(given, rows, self._engines[0].state_rows):
            self._check_tensor("the initial state " + s.name, tensor, 3)
            if tensor.shape != (len(self._engines), x.shape[1], size):
                raise ShapeError(f"the initial state {s.name} is {tuple(tensor.shape)}; ({len(self._engines)}, {x.shape[1]}, {size}) is wanted: layers and directions, batch, {s.rows}")
        if len(self._engines) == 1:  # a view, whose gradient is one, too
            return [[tensor.squeeze(0) for tensor in given]]
        return [list(tensors) for tensors in zip(*(tensor.unbind(0) for tensor in given))]

    def extra_repr(self) -> str:
        more = "".join(f", {name}" for name in ("bidirectional", "batch_first") if getattr(self, name))
        return f"{self.cell.name}, {self.n_x}, {self.n_a}, layers={self.layers}{more}" + (f", dropout={self.dropout}" if self.dropout else "")


def _take_steps(x: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """The steps of (T, batch, n) in an order of (T, batch)."""
    return x.gather(0, order[:, :, None].expand(-1, -1, x.shape[2]))


def _seed_of(seed: int, name: str) -> int:
    """Another stream of random numbers for every layer: FNV-1a of the name, as for parameters of the library."""
    number = 0xCBF29CE484222325
    for byte in name.encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return (operator.index(seed) + number) % 2**64
