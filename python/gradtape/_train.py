"""Networks of cells: trained on any data, with the trainer of `gradtape train`."""
from __future__ import annotations

import json
import math
import operator
import os
import sys
import zipfile
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from . import _arrays, _core, _train_data
from ._cell import Cell
from ._errors import ArgumentError, FormatError
from ._files import load
from ._tape import budget
from ._threads import pool
from ._train_data import Data

_OPTIMIZERS = {"adam": 0.005, "sgd": 0.5, "adamw": 0.005, "rmsprop": 0.002, "adagrad": 0.02}  # and their usual rates
_SCHEDULES = ("constant", "cosine", "exponential")
_ENGINES = ("planner", "exact", "interpreter")


class Step(NamedTuple):
    """What an iteration did. Losses are bits for classes and tokens, and the mean squared error for numbers."""

    iteration: int  # iterations done, this one included
    epoch: float  # how often the data were read by then
    loss: float  # before the step
    gradient_norm: float
    learning_rate: float
    validation: float  # NaN if nothing was validated here
    accuracy: float  # of the validation; NaN if there is none
    seconds: float
    skipped: Optional[str]  # why no step was taken: a gradient was not finite


class Model:
    """A network of layers of a cell: what `train` returns.

    parameters: {name: array}, copies. history: a Step for each iteration. task: what it predicts.
    ended: how training ended, "iterations", "seconds", "patience" or "stopped".
    """

    def __init__(self, cell: Cell, network: Any, task: str, symbols: Optional[Sequence[str]], dtype: str, layout: str,
                 engine: str, batch: int, threads: Optional[int]) -> None:
        self.cell, self.task, self.layout, self.dtype = cell, task, layout, dtype
        self._network, self._symbols, self._engine, self._batch, self._threads = network, symbols, engine, batch, threads
        self.history: List[Step] = []
        self.ended = ""

    @property
    def parameters(self) -> Dict[str, np.ndarray]:
        numpy_type = _arrays.numpy_dtype(self.dtype)
        return {name: np.frombuffer(entries, numpy_type).reshape(shape, order="F")
                for name, shape, entries in self._network.parameters(False)}

    @property
    def iteration(self) -> int:
        """Iterations done."""
        return self._network.iteration

    @property
    def best(self) -> Optional[Tuple[int, float]]:
        """The iteration of the best validation and its loss."""
        return self._network.best

    @property
    def symbols(self) -> Optional[List[str]]:
        """Of a model of a text: its characters, token by token."""
        return None if self._symbols is None else list(self._symbols)

    def __repr__(self) -> str:
        count = sum(array.size for array in self.parameters.values())
        return f"<Model of {self.cell.name}: {self.task}, {count} parameters, {self.iteration} iterations>"

    def predict(self, x: Any) -> np.ndarray:
        """What the network predicts of x at every step, (outputs, m, T) in the model's layout: numbers, or the
        logits of classes and tokens. The prediction at a step has seen the steps up to it."""
        data = _train_data.inputs_alone(self.cell, x, self.layout, self.dtype)
        rows = {name: shape for name, shape, _ in self._network.parameters(False)}["Wy"][0]
        written = _arrays.empty((rows, data.examples, data.steps), self.dtype)
        self._network.predict(data.native(), min(self._batch, data.examples), written, _ENGINES.index(self._engine),
                              pool(self._threads))
        return _arrays.from_native(written, self.layout)

    def sample(self, prompt: Any = None, *, length: int = 500, temperature: float = 0.8, seed: int = 1) -> Any:
        """Goes on from the prompt: a text for a model of a text, a list of tokens for one of tokens.
        The same seed gives the same, as `gradtape sample` does."""
        if self.task != "lm":
            raise ArgumentError(f"a model that was trained to {self.task} does not write; one of the task lm does")
        if not 0 <= temperature <= 100:
            raise ArgumentError(f"a temperature is from 0 to 100, not {temperature}")
        if not 0 <= operator.index(seed) < 2**32 or operator.index(length) < 1:
            raise ArgumentError("a seed is from 0 to 2^32 - 1, and a length at least 1")
        tokens = self._prompt_tokens(prompt)
        written = self._network.sample(tokens or [self._first_token()], length, temperature, seed, _ENGINES.index(self._engine))
        return written if self._symbols is None else "".join(self._symbols[token] for token in written)

    def _first_token(self) -> int:
        return self._symbols.index("\n") if self._symbols is not None and "\n" in self._symbols else 0

    def _prompt_tokens(self, prompt: Any) -> List[int]:
        if prompt is None or self._symbols is None:
            return [] if prompt is None else [operator.index(token) for token in prompt]
        places = {symbol: token for token, symbol in enumerate(self._symbols)}
        for symbol in prompt:
            if symbol not in places:
                raise ArgumentError(f"{symbol!r} does not occur in the text that the model was trained on")
        return [places[symbol] for symbol in prompt]


# ---- settings --------------------------------------------------------------------------------


class _Settings(NamedTuple):
    """What `train` was told of the optimizer and the run."""

    optimizer: str
    lr: Optional[float]
    lr_factors: Mapping[str, float]
    weight_decay: Optional[float]
    momentum: float
    clip: float
    warmup: int
    schedule: str
    last_lr: float
    decay_iterations: int

    def native(self, iterations: int) -> Tuple[Any, ...]:
        if self.optimizer not in _OPTIMIZERS:
            raise ArgumentError(f"there is no optimizer {self.optimizer!r}: choose of {', '.join(_OPTIMIZERS)}")
        if self.schedule not in ("auto",) + _SCHEDULES:
            raise ArgumentError(f"there is no schedule {self.schedule!r}: choose of auto, {', '.join(_SCHEDULES)}")
        length = self.decay_iterations or iterations
        schedule = ("cosine" if self.schedule == "auto" else self.schedule) if length > 0 else "constant"
        rate = _OPTIMIZERS[self.optimizer] if self.lr is None else self.lr
        return (list(_OPTIMIZERS).index(self.optimizer), _SCHEDULES.index(schedule), rate, self.warmup, length, self.last_lr,
                self.clip, self.momentum, -1.0 if self.weight_decay is None else self.weight_decay,
                [(name, float(factor)) for name, factor in self.lr_factors.items()])


class _Text(NamedTuple):
    symbols: List[str]
    training: np.ndarray
    validation: np.ndarray


def _read_text(text: str, part: float) -> _Text:
    symbols = sorted(set(text))
    places = {symbol: token for token, symbol in enumerate(symbols)}
    tokens = np.fromiter((places[symbol] for symbol in text), np.int32, len(text))
    kept = int(len(text) * part)
    return _Text(symbols, tokens[: len(text) - kept], tokens[len(text) - kept:])


def _stream(tokens: np.ndarray) -> Tuple[Any, ...]:
    return (1, len(tokens), np.ascontiguousarray(tokens), None, None, None, None, True)


# ---- progress --------------------------------------------------------------------------------


class _Progress:
    """A line on stderr: redrawn on a terminal, one a second elsewhere."""

    def __init__(self, verbose: Optional[bool], target: int) -> None:
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._shown = self._terminal if verbose is None else verbose
        self._target, self._last, self._smooth, self._validation = target, -math.inf, math.nan, math.nan

    def update(self, step: Step) -> None:
        self._smooth = step.loss if math.isnan(self._smooth) else 0.98 * self._smooth + 0.02 * step.loss
        if not math.isnan(step.validation):
            self._validation = step.validation
        if not self._shown or step.seconds - self._last < (0.1 if self._terminal else 1):
            return
        self._last = step.seconds
        self._draw(step)

    def _draw(self, step: Step) -> None:
        done = f"{step.iteration}/{self._target}" if self._target else f"{step.iteration}"
        text = f"{done} iterations, loss {self._smooth:.4g}"
        if not math.isnan(self._validation):
            text += f", validation {self._validation:.4g}"
        text += f", {step.seconds:.0f} s"
        sys.stderr.write(f"\r\x1b[K{text}" if self._terminal else text + "\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self._shown and self._terminal:
            sys.stderr.write("\n")


# ---- training --------------------------------------------------------------------------------


def _make_network(cell: Cell, data: Optional[Data], vocabulary: int, dims: Mapping[str, int], hidden: int, layers: int,
                  embedding: int, dropout: float, seed: int, dtype: str) -> Any:
    tokens = data is None or data.tokens is not None
    facts = []
    if data is not None:
        facts = [(row.rows, array.shape[0]) for row, array in zip(cell.inputs, data.inputs or []) if array is not None]
    width = embedding if tokens else facts[0][1]
    given = {"n_x": width, "n_a": hidden, **dims}
    known = dict(cell._cell.dimensions(list(given.items()) if "n_x" in cell.dimensions else
                                       [pair for pair in given.items() if pair[0] != "n_x"], facts, -1))
    named = [(name, size) for name, size in known.items() if name not in ("n_x", "n_a")]
    outputs = 0 if data is None else data.outputs
    if data is not None and data.task == "lm":
        outputs = 0
    return _core.Network(cell._cell, dtype, seed, layers, vocabulary, width, hidden, dropout, named, len(cell.inputs) - 1,
                         not tokens, data is not None and data.numbers is not None, outputs, None, False)


def _validation_data(cell: Cell, validation: Any, data: Data, layout: str, dtype: str) -> Data:
    if not isinstance(validation, tuple) or not 1 <= len(validation) <= 3:
        raise ArgumentError("validation is (x, y), (x, y, lengths), or (x,) where x is what is predicted")
    x, y, lengths = validation + (None,) * (3 - len(validation))
    found = _train_data.read(cell, x, y, task=data.task, lengths=lengths, mask=None, layout=layout, dtype=dtype)
    if data.numbers is None and found.outputs > data.outputs:
        raise ArgumentError(f"validation has {found.outputs} classes, the training data {data.outputs}")
    return found


class _Lesson(NamedTuple):
    """What the extension is given to learn from."""

    task: str
    data: Optional[Data]  # None: a text
    symbols: Optional[List[str]]
    vocabulary: int
    batch: int
    windows: int  # iterations of an epoch
    training: Tuple[Any, ...]
    validating: Optional[Tuple[Any, ...]]


def _lesson_of_text(text: str, validation: Any, batch: int, steps: int, model: Optional[Model]) -> _Lesson:
    read = _read_text(text, 0.05 if validation is None else float(validation))
    if model and read.symbols != model._symbols:
        raise ArgumentError("the text has other characters than the one that the model was trained on")
    if len(read.training) == 0:
        raise ArgumentError("the text is empty")
    validating = _stream(read.validation) if len(read.validation) > 1 else None
    return _Lesson("lm", None, read.symbols, len(read.symbols), batch, _windows(len(read.training), batch, steps),
                   _stream(read.training), validating)


def _lesson_of_sequences(data: Data, checked: Optional[Data], batch: int, model: Optional[Model]) -> _Lesson:
    both = [d for d in (data, checked) if d is not None]
    tokens = [d.tokens for d in both if d.tokens is not None]
    if data.task == "lm":
        tokens += [d.classes for d in both if d.classes is not None]
    vocabulary = max((int(array.max()) + 1 for array in tokens), default=0)
    batch = batch if model else min(batch, data.examples)
    return _Lesson(data.task, data, None, vocabulary, batch, -(-data.examples // batch), data.native(),
                   None if checked is None else checked.native())


def train(cell: Union[str, os.PathLike, Cell, Model], x: Any = None, y: Any = None, *, text: Optional[str] = None,
          task: Optional[str] = None, lengths: Any = None, mask: Any = None, validation: Any = None, hidden: int = 128,
          layers: int = 1, embedding: int = 64, dims: Optional[Mapping[str, int]] = None, dropout: float = 0,
          steps: int = 64, batch: int = 32, iterations: Optional[int] = None, epochs: Optional[float] = None,
          seconds: Optional[float] = None, patience: Optional[int] = None, validate_every: int = 100,
          optimizer: str = "adam", lr: Optional[float] = None, lr_factors: Optional[Mapping[str, float]] = None,
          weight_decay: Optional[float] = None, momentum: float = 0.9, clip: float = 1, warmup: int = 50,
          schedule: str = "auto", last_lr: float = 0.1, decay_iterations: int = 0, seed: int = 1, dtype: Any = "f32",
          layout: Optional[str] = None, engine: str = "planner", threads: Optional[int] = None, memory: Optional[int] = None,
          on_iteration: Optional[Callable[[Step], Any]] = None, verbose: Optional[bool] = None) -> Model:
    """Trains a network of layers of a cell, with the trainer of `gradtape train`, and returns the Model.

        m = gt.train("lstm", text=text, iterations=500)     # a text, character by character
        m = gt.train(cell, x, y, hidden=32)                 # sequences x (n_x, m, T) and what is to be predicted
        m = gt.train(m, x, y, iterations=2000)              # goes on

    cell: what `Cell` takes, a Cell, or a Model to go on with.
    x: sequences of numbers, three axes in the order of `layout` (see Cell); tokens, whole numbers with two
        axes (m, T); or a dict of the cell's inputs by name.
    y and task:
        "classify"  y (m,), whole numbers from 0: the class of each sequence, told at its end
        "tag"       y (m, T), whole numbers from 0: a class at every step
        "regress"   y (k, m, T): numbers at every step; (k, m) or (m,): at the end of each sequence
        "forecast"  no y: x one step later
        "lm"        no y: the token one step later; so is a `text`
    The task follows from y if it is not named. lengths (m,): how many steps of each sequence count;
    mask (m, T): what each step counts.
    validation: (x, y) or (x, y, lengths); of a text the part at its end, 0.05 if None. It is scored every
        `validate_every` iterations; with `patience` training ends after so many that are no better, and the
        model has the parameters of the best.
    steps: through which gradients flow back in a text (sequences are read whole); batch: sequences of an
        iteration, or places of a text read side by side.
    iterations, epochs, seconds: when to stop, whichever comes first; 2000 iterations if none is given.
    lr_factors: {"Wf": 0.1}, learning rates of their own; the other settings are those of `gradtape train --help`.
    memory: most bytes of an iteration's own, for which long loops are cut into segments and computed again.
    on_iteration: called with a Step; training ends if it returns something true.
    verbose: a line of progress on stderr; None: on a terminal.

    The same call gives the same numbers. Ctrl-C raises KeyboardInterrupt whose `model` is what was learnt so far.
    """
    model = cell if isinstance(cell, Model) else None
    source = model.cell if model else cell if isinstance(cell, Cell) else Cell(cell)
    dtype = model.dtype if model else _arrays.dtype_name(dtype)
    layout = _arrays.check_layout(layout or (model.layout if model else source.layout))
    if engine not in _ENGINES:
        raise ArgumentError(f"there is no engine {engine!r}: choose of {', '.join(_ENGINES)}")
    if (x is None) == (text is None):
        raise ArgumentError("give sequences x or a text to learn from")
    if iterations is None and epochs is None and seconds is None:
        iterations = 2000
    batch = model._batch if model else operator.index(batch)
    if batch < 1 or operator.index(validate_every) < 1:
        raise ArgumentError("a batch has at least one example, and validate_every is at least 1")
    settings = _Settings(optimizer, lr, lr_factors or {}, weight_decay, momentum, clip, warmup, schedule, last_lr, decay_iterations)

    if text is not None:
        given = _lesson_of_text(text, validation, batch, steps, model)
    else:
        data = _train_data.read(source, x, y, task=task, lengths=lengths, mask=mask, layout=layout, dtype=dtype)
        checked = None if validation is None else _validation_data(source, validation, data, layout, dtype)
        given = _lesson_of_sequences(data, checked, batch, model)
    if model is None:
        network = _make_network(source, given.data, given.vocabulary, dims or {}, hidden, layers, embedding, dropout, seed, dtype)
        model = Model(source, network, given.task, given.symbols, dtype, layout, engine, given.batch, threads)
    elif model.task != given.task:
        raise ArgumentError(f"the model was trained to {model.task}, not to {given.task}")
    total = _target(iterations, epochs, given.windows)
    run = (iterations or 0, epochs or 0.0, seconds or 0.0, validate_every, patience or 0, bool(patience))
    _run(model, settings.native(total), (given.batch, steps, seed, _ENGINES.index(engine), False, budget(memory)), run, given.training,
         given.validating, total, on_iteration, verbose, threads)
    if patience:
        _restore_best(model)
    return model


def _windows(count: int, batch: int, steps: int) -> int:
    if (count - 1) // batch < steps:
        raise ArgumentError(f"the text has {count} characters to train on, but batch={batch} and steps={steps} need at least "
                            f"{batch * steps + 1}: give more text or smaller numbers")
    return -(-(-(-(count - 1) // batch)) // steps)


def _target(iterations: Optional[int], epochs: Optional[float], windows: int) -> int:
    wanted = [iterations] if iterations else []
    if epochs:
        wanted.append(max(1, math.ceil(epochs * windows)))
    return min(wanted, default=0)


def _restore_best(model: Model) -> None:
    numpy_type = _arrays.numpy_dtype(model.dtype)
    model._network.load([(name, np.frombuffer(entries, numpy_type).reshape(shape, order="F"), model.dtype, shape)
                         for name, shape, entries in model._network.parameters(True)])


def _run(model: Model, optimizer: Any, options: Any, run: Any, training: Any, validating: Any, total: int,
         on_iteration: Optional[Callable[[Step], Any]], verbose: Optional[bool], threads: Optional[int]) -> None:
    progress = _Progress(verbose, total)

    def tell(iteration: int, epoch: float, loss: float, norm: float, rate: float, validation: float, accuracy: float,
             elapsed: float, skipped: Optional[str]) -> bool:
        step = Step(iteration, epoch, loss, norm, rate, validation, accuracy, elapsed, skipped)
        model.history.append(step)
        progress.update(step)
        return bool(on_iteration is not None and on_iteration(step))

    try:
        model.ended = model._network.train(optimizer, options, run, training, validating, tell, pool(threads))
    except KeyboardInterrupt as stopped:
        model.ended = "interrupted"
        stopped.model = model  # type: ignore[attr-defined]
        raise
    finally:
        progress.end()


# ---- sampling --------------------------------------------------------------------------------


def _read_description(path: str) -> Tuple[Dict[str, Any], Optional[str]]:
    """model.json, and the text of the cell if it is there."""
    try:
        with zipfile.ZipFile(path) as file:
            description = json.loads(file.read("model.json"))
            text = file.read("model.cell").decode() if "model.cell" in file.namelist() else None
    except (KeyError, ValueError, zipfile.BadZipFile) as problem:
        raise FormatError(f"{path} is no model of gradtape train: {problem}") from None
    if not isinstance(description, dict) or description.get("version") not in (2, 3) or description.get("ignores_outputs"):
        raise FormatError(f"{path}: models of the versions 2 and 3 are read")
    return description, text


def _describe_network(description: Dict[str, Any], text: Optional[str]) -> Tuple[Cell, Any, Optional[List[str]]]:
    """The cell, a network with zeros of parameters, and the characters of a text."""
    settings = description["settings"]
    cell = Cell(text, cell=description["cell"]) if text else Cell(settings["cell"])
    data = description.get("data")
    symbols = None if data else [chr(symbol) for symbol in description["vocabulary"]]
    reads, predicts, vocabulary, outputs, further = (
        (data["reads_numbers"], data["predicts_numbers"], data["vocabulary"], data["outputs"], data["further_inputs"])
        if data else (False, False, len(symbols or []), 0, 0))
    sizes = [(name, int(size)) for name, size in (pair.split("=") for pair in settings["dims"].split(",") if pair)]
    network = _core.Network(cell._cell, settings["dtype"], 0, settings["layers"], vocabulary, settings["embedding"],
                            settings["hidden"], 0.0, sizes, further, reads, predicts, outputs, None, False)
    return cell, network, symbols


def _kind_of(task: str, predicts_numbers: bool) -> str:
    """What a model of sequences was trained to do; of a task that makes them, what its outputs say."""
    return task if task in _train_data.TASKS else "regress" if predicts_numbers else "tag"


def load_model(path: Any) -> Model:
    """A model that `gradtape train` saved, to predict and to sample (docs/models.md). Of one that was trained
    with patience it has the best parameters."""
    path = os.fspath(path)
    arrays = load(path)
    description, text = _read_description(path)
    try:
        cell, network, symbols = _describe_network(description, text)
        settings, data = description["settings"], description.get("data")
        task = "lm" if symbols is not None else _kind_of(settings["task"], data["predicts_numbers"])
        dtype, engine, batch = settings["dtype"], settings["engine"], settings["batch"]
    except (KeyError, ValueError, TypeError) as problem:
        raise FormatError(f"{path} is no whole model of gradtape train: {problem!r}") from None
    kept = "best/" if any(name.startswith("best/") for name in arrays) else "parameter/"
    network.load([(name[len(kept):], _arrays.ready(array), dtype, array.shape)
                  for name, array in arrays.items() if name.startswith(kept)])
    return Model(cell, network, task, symbols, dtype, "notebook", engine, batch, None)


def sample(model: Any, prompt: Any = None, *, length: int = 500, temperature: float = 0.8, seed: int = 1) -> Any:
    """What a model writes on from a prompt: a Model, or the file of one that `gradtape train` saved.

        gt.sample("c.model.npz", "static int ", temperature=0.6)
    """
    return (model if isinstance(model, Model) else load_model(model)).sample(
        prompt, length=length, temperature=temperature, seed=seed)
