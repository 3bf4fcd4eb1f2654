"""Networks of cells: trained on any data, with the trainer of `gradtape train`."""
from __future__ import annotations

import math
import operator
import os
import sys
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from . import _arrays, _core, _layers, _model_file, _train_data
from ._cell import Cell
from ._errors import ArgumentError, FormatError
from ._layers import Layers
from ._model_file import ENGINES, OPTIMIZERS, SCHEDULES, Content, Shape
from ._tape import budget
from ._threads import pool
from ._train_data import TASKS, Data


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
    terms: Dict[str, float]  # the losses that the cell declares, which are added to the task's in nats
    validation_terms: Dict[str, float]  # the same of the validation; empty if nothing was validated here


class Score(NamedTuple):
    """How well a model predicts, each prediction counted by its weight."""

    loss: float  # bits for classes and tokens, and the mean squared error for numbers
    accuracy: float  # the part that is right; NaN without classes, and of a text
    rmse: float  # the root of the loss for numbers; NaN for classes
    confusion: Optional[np.ndarray]  # of at most 1000 classes: how often each class (row) was taken for which (column)
    terms: Dict[str, float]  # the losses that the cell declares: sums over the steps, the mean of the sequences


def _read_score(told: Tuple[float, float, Any, Dict[str, float]], numbers: bool) -> Score:
    loss, accuracy, counts, terms = told
    size = 0 if counts is None else math.isqrt(len(counts) // 8)
    confusion = None if counts is None else np.frombuffer(counts, np.int64).reshape(size, size)
    return Score(loss, accuracy, math.sqrt(loss) if numbers else math.nan, confusion, terms)


class Model:
    """A network of layers of cells: what `train` returns. It can be saved, copied and pickled, and goes on from there.

    parameters: {name: array}, copies; of the best validation if it was trained with patience. history: a Step for each
    iteration. score: of the validation at the end of training, or None. task: what it predicts. ended: how training ended, "iterations", "seconds", "patience" or "stopped".
    baseline, optimum: the losses of always predicting the same, and of a perfect prediction, where `train` was
    given data or a task that makes them; else NaN.
    """

    def __init__(self, layers: Layers, network: Any, task: str, symbols: Optional[Sequence[str]], shape: Shape,
                 settings: Dict[str, Any], layout: str, threads: Optional[int]) -> None:
        self.task, self.layout = task, layout
        self._layers, self._network, self._symbols, self._shape = layers, network, symbols, shape
        self._settings, self._threads = settings, threads
        self._target: Dict[str, Any] = {"iterations": 0, "epochs": 0.0, "minutes": 0.0}
        self._source: Dict[str, Any] = {"files": [], "hash": "0" * 16, "training": 0, "validation": 0}
        self.history: List[Step] = []
        self.ended = ""
        self.score: Optional[Score] = None
        self.baseline = self.optimum = math.nan

    @property
    def cell(self) -> Cell:
        """That of the first layer."""
        return self._layers.cells[0]

    @property
    def layers(self) -> str:
        """The layers as they were written: "lstm", "bi(lstm 128), gru 64"."""
        return self._layers.text

    @property
    def dtype(self) -> str:
        return self._settings["dtype"]

    @property
    def _batch(self) -> int:
        return self._settings["batch"]

    @property
    def _engine(self) -> str:
        return self._settings["engine"]

    @property
    def parameters(self) -> Dict[str, np.ndarray]:
        numpy_type = _arrays.numpy_dtype(self.dtype)
        return {name: np.frombuffer(entries, numpy_type).reshape(shape, order="F")
                for name, shape, entries in self._network.parameters(True)}

    # ---- in files ----------------------------------------------------------------------------

    def _content(self) -> Content:
        description = _model_file.describe(self._layers, self._settings, self._target, self._source, self._network.progress,
                                           None if self._symbols is None else list(self._symbols), self._shape)
        texts = {_model_file.member(place): cell.text for place, cell in enumerate(self._layers.cells)}
        return Content(description, texts, _model_file.stored(self._network))

    def save(self, path: Any) -> None:
        """Writes the model as the command does (.npz, docs/models.md): for `load_model`, for `gradtape sample`, `export`,
        `flow` and `convert`, and for `gradtape train --resume`, which goes on with the same losses."""
        path = os.fspath(path)
        if not path.endswith(".npz"):
            raise ArgumentError(f"{path}: the name of a model file ends with .npz")
        _model_file.write(path, self._content())

    def __reduce__(self) -> Any:
        return _unpickle, (self._content(), (self.history, self.ended, self.score, self.baseline, self.optimum), self.layout, self._threads)

    # ---- what it is --------------------------------------------------------------------------

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
        what = self.cell.name if self._layers.stack is None else self._layers.text
        return f"<Model of {what}: {self.task}, {count} parameters, {self.iteration} iterations>"

    def predict(self, x: Any, *, lengths: Any = None) -> np.ndarray:
        """What the network predicts of x at every step, (outputs, m, T) in the model's layout: numbers, or the
        logits of classes and tokens. The prediction at a step has seen the steps up to it; with layers in both directions
        all steps, up to the lengths (m,) of the sequences if they are given."""
        data = _train_data.inputs_alone(self.cell, x, self.layout, self.dtype, lengths)
        rows = {name: shape for name, shape, _ in self._network.parameters(False)}["Wy"][0]
        written = _arrays.empty((rows, data.examples, data.steps), self.dtype)
        self._network.predict(data.native(), min(self._batch, data.examples), written, ENGINES.index(self._engine),
                              pool(self._threads))
        return _arrays.from_native(written, self.layout)

    def evaluate(self, x: Any = None, y: Any = None, *, data: Any = None, text: Optional[str] = None, lengths: Any = None,
                 mask: Any = None) -> Score:
        """How well the model predicts other sequences, those of an archive, or a text: as `train` takes them."""
        if sum(one is not None for one in (x, data, text)) != 1:
            raise ArgumentError("give sequences x, or data, the name of an archive, or a text")
        if (text is not None) != (self._symbols is not None):
            raise ArgumentError(f"the model learnt from {'sequences' if self._symbols is None else 'a text'}")
        if text is not None:
            given = _stream(np.array(self._prompt_tokens(text), np.int32))
        elif data is not None:
            sets = _core.Datasets(self.cell._cell, self.dtype, self.task, data, None, 0.0, 1, 0, self._layers.bidirectional)
            given = (sets, 0)
        else:
            given = _train_data.read(self.cell, x, y, task=self.task, lengths=lengths, mask=mask, layout=self.layout, dtype=self.dtype).native()
        told = self._network.evaluate(given, self._batch, self._settings["steps"], ENGINES.index(self._engine), pool(self._threads))
        return _read_score(told, self._shape.predicts_numbers)

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
        written = self._network.sample(tokens or [self._first_token()], length, temperature, seed, ENGINES.index(self._engine))
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


def _unpickle(content: Content, told: Tuple[Any, ...], layout: str, threads: Optional[int]) -> Model:
    model = _model_of(content, layout, threads)
    model.history, model.ended, model.score, model.baseline, model.optimum = told
    return model


# ---- settings --------------------------------------------------------------------------------


def _check_choice(what: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ArgumentError(f"there is no {what} {value!r}: choose of {', '.join(choices)}")


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
        self._target, self._last = target, -math.inf
        self._smooth: Dict[str, float] = {}  # of each loss of the cell by its name, of the task's under ""
        self._validation: Dict[str, float] = {}

    def update(self, step: Step) -> None:
        for name, value in {**step.terms, "": step.loss}.items():
            self._smooth[name] = 0.98 * self._smooth[name] + 0.02 * value if name in self._smooth else value
        if not math.isnan(step.validation):
            self._validation = {**step.validation_terms, "": step.validation}
        if not self._shown or step.seconds - self._last < (0.1 if self._terminal else 1):
            return
        self._last = step.seconds
        self._draw(step)

    def _draw(self, step: Step) -> None:
        done = f"{step.iteration}/{self._target}" if self._target else f"{step.iteration}"
        text = f"{done} iterations"
        for name in ("", *step.terms):
            text += f", {name or 'loss'} {self._smooth[name]:.4g}"
            if name in self._validation:
                text += f", validation {self._validation[name]:.4g}"
        text += f", {step.seconds:.0f} s"
        sys.stderr.write(f"\r\x1b[K{text}" if self._terminal else text + "\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self._shown and self._terminal:
            sys.stderr.write("\n")


# ---- training --------------------------------------------------------------------------------


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

    task: str  # what is to be predicted
    named: str  # the task as the command would be told: "adding:200"; "" of a text
    symbols: Optional[List[str]]
    shape: Shape
    rows: Sequence[int]  # of the cell's inputs; 0: tokens
    examples: int  # or tokens of a text
    validation_examples: int
    steps: int
    training: Tuple[Any, ...]
    validating: Optional[Tuple[Any, ...]]
    part: float  # that was kept for validation
    hash: Optional[int]  # None: of these arrays
    baseline: float = math.nan
    optimum: float = math.nan

    def batch_of(self, batch: int) -> int:
        return batch if self.symbols is not None else min(batch, self.examples)

    def windows(self, batch: int, steps: int) -> int:
        """Iterations of an epoch."""
        return _windows(self.examples, batch, steps) if self.symbols is not None else -(-self.examples // batch)


def _lesson_of_text(text: str, validation: Any, model: Optional[Model]) -> _Lesson:
    part = 0.05 if validation is None else float(validation)
    read = _read_text(text, part)
    symbols = read.symbols
    if model and not set(symbols) <= set(model._symbols or []):
        raise ArgumentError("the text has other characters than the one that the model was trained on")
    if len(read.training) == 0:
        raise ArgumentError("the text is empty")
    codes = np.array([ord(symbol) for symbol in symbols], np.int32)
    hashed = _core.hash_text(codes[read.training], codes[read.validation])
    if model and symbols != model._symbols:  # the model's tokens
        places = np.array([model._symbols.index(symbol) for symbol in symbols], np.int32)
        read, symbols = _Text(list(model._symbols), places[read.training], places[read.validation]), list(model._symbols)
    validating = _stream(read.validation) if len(read.validation) > 1 else None
    return _Lesson("lm", "", symbols, Shape(False, False, len(symbols), 0, 0, False), (0,), len(read.training),
                   len(read.validation), 0, _stream(read.training), validating, part, hashed)


def _lesson_of_arrays(layers: Layers, data: Data, checked: Optional[Data]) -> _Lesson:
    both = [d for d in (data, checked) if d is not None]
    tokens = [d.tokens for d in both if d.tokens is not None]
    if data.task == "lm":
        tokens += [d.classes for d in both if d.classes is not None]
    vocabulary = max((int(array.max()) + 1 for array in tokens), default=0)
    rows = [0 if array is None else array.shape[0] for array in data.inputs or []]
    shape = Shape(data.tokens is None, data.numbers is not None, vocabulary, vocabulary if data.task == "lm" else data.outputs,
                  len(layers.cells[0]._given_inputs()) - 1, data.at_the_end)
    return _Lesson(data.task, data.task, None, shape, rows, data.examples, 0 if checked is None else checked.examples, data.steps,
                   data.native(), None if checked is None else checked.native(), 0.05, None)


def _lesson_of_task(layers: Layers, task: str, data: Any, validation: Any, examples: int, seed: int, dtype: str) -> _Lesson:
    """An archive, or a task that makes its sequences, read or made by the library as for the command."""
    if data is None and task in TASKS:
        raise ArgumentError(f"the task {task} is learnt from sequences: give x and y, or data, the name of an .npz archive")
    if isinstance(validation, tuple):
        raise ArgumentError("validation of data is the name of an archive, or the part of the data that is kept for it")
    part = 0.05 if validation is None or not isinstance(validation, (int, float)) else float(validation)
    archive = validation if isinstance(validation, (str, os.PathLike)) else None
    sets = _core.Datasets(layers.cells[0]._cell, dtype, task, data, archive, part, operator.index(examples), seed, layers.bidirectional)
    told = sets.describe()
    shape = Shape(told["reads_numbers"], told["predicts_numbers"], told["vocabulary"], told["outputs"],
                  len(layers.cells[0]._given_inputs()) - 1, told["at_the_end"])
    validating = (sets, 1) if told["validation_examples"] > 0 else None
    return _Lesson(told["kind"], task, None, shape, told["rows"], told["examples"], told["validation_examples"], told["steps"],
                   (sets, 0), validating, part, told["hash"], told["baseline"][0], told["optimum"])


def _new_model(layers: Layers, given: _Lesson, settings: Dict[str, Any], dims: Mapping[str, int], layout: str,
               threads: Optional[int]) -> Model:
    if given.shape.reads_numbers:
        settings["embedding"] = given.rows[0]
    rows = layers.cells[0].inputs
    facts = [(row.rows, size) for row, size in zip(rows, given.rows) if size > 0]
    sizes = layers.dimensions({"n_x": settings["embedding"], "n_a": settings["hidden"], **dims}, facts)
    settings["dims"] = ",".join(f"{name}={size}" for name, size in sizes)
    network = _model_file.make_network(layers, settings, given.shape, settings["seed"])
    return Model(layers, network, given.task, given.symbols, given.shape, settings, layout, threads)


def train(cell: Union[str, os.PathLike, Cell, Model], x: Any = None, y: Any = None, *, text: Optional[str] = None,
          data: Any = None, task: Optional[str] = None, examples: Optional[int] = None, lengths: Any = None, mask: Any = None,
          validation: Any = None, hidden: int = 128, layers: int = 1, embedding: int = 64,
          dims: Optional[Mapping[str, int]] = None, dropout: float = 0, steps: Optional[int] = None, batch: int = 32,
          iterations: Optional[int] = None, epochs: Optional[float] = None, seconds: Optional[float] = None,
          patience: Optional[int] = None, validate_every: Optional[int] = None,
          optimizer: str = "adam", lr: Optional[float] = None, lr_factors: Optional[Mapping[str, float]] = None,
          weight_decay: Optional[float] = None, momentum: float = 0.9, clip: float = 1, warmup: int = 50,
          schedule: str = "auto", last_lr: float = 0.1, decay_iterations: int = 0, seed: Optional[int] = None, dtype: Any = "f32",
          layout: Optional[str] = None, engine: str = "planner", threads: Optional[int] = None, memory: Optional[int] = None,
          on_iteration: Optional[Callable[[Step], Any]] = None, verbose: Optional[bool] = None) -> Model:
    """Trains a network of layers of a cell, with the trainer of `gradtape train`, and returns the Model.

        m = gt.train("lstm", text=text, iterations=500)     # a text, character by character
        m = gt.train(cell, x, y, hidden=32)                 # sequences x (n_x, m, T) and what is to be predicted
        m = gt.train("bi(lstm 64), gru", data="train.npz", task="tag")      # sequences of an archive
        m = gt.train("gru", task="adding:200")              # sequences that a task makes: `gt.tasks()`
        m = gt.train(m, x, y, iterations=2000)              # goes on

    cell: what `Cell` takes, a Cell, layers from below, "bi(lstm 128), gru 64", of which bi( ) reads in both directions
        and a number is the layer's `hidden`, or a Model to go on with, with its own settings.
    x: sequences of numbers, three axes in the order of `layout` (see Cell); tokens, whole numbers with two
        axes (m, T); or a dict of the cell's inputs by name.
    y and task:
        "classify"  y (m,), whole numbers from 0: the class of each sequence, told at its end
        "tag"       y (m, T), whole numbers from 0: a class at every step
        "regress"   y (k, m, T): numbers at every step; (k, m) or (m,): at the end of each sequence
        "forecast"  no y: x one step later
        "lm"        no y: the token one step later; so is a `text`
    The task follows from y if it is not named. data: the name of an .npz archive with x, y, lengths or mask, and further
    inputs by name, as docs/training.md has them; with a task of `gt.tasks()` neither x nor data are given, and `examples` of
    its sequences, 10000, are made. lengths (m,): how many steps of each sequence count;
    mask (m, T): what each step counts.
    validation: (x, y) or (x, y, lengths); of a text and of data the part at its end, 0.05 if None, or of data the
        name of another archive. It is scored every `validate_every` iterations, 100; with `patience` training ends after so many that are no better, and the
        model has the parameters of the best.
    steps: through which gradients flow back in a text, 64 (sequences are read whole); batch: sequences of an
        iteration, or places of a text read side by side.
    iterations, epochs, seconds: when to stop, whichever comes first; 2000 iterations if none is given.
    lr_factors: {"Wf": 0.1}, learning rates of their own; the other settings are those of `gradtape train --help`.
    memory: most bytes of an iteration's own, for which long loops are cut into segments and computed again.
    on_iteration: called with a Step; training ends if it returns something true.
    verbose: a line of progress on stderr; None: on a terminal.

    The same call gives the same numbers. Ctrl-C raises KeyboardInterrupt whose `model` is what was learnt so far.
    """
    model = cell if isinstance(cell, Model) else None
    of = model._layers if model else _layers.read(cell)
    source = of.cells[0]
    dtype = model.dtype if model else _arrays.dtype_name(dtype)
    layout = _arrays.check_layout(layout or (model.layout if model else source.layout))
    for what, value, choices in (("engine", engine, ENGINES), ("optimizer", optimizer, tuple(OPTIMIZERS)), ("schedule", schedule, ("auto",) + SCHEDULES)):
        _check_choice(what, value, choices)
    if iterations is None and epochs is None and seconds is None:
        iterations = 2000
    settings = dict(model._settings) if model else {
        "cell": of.text, "dims": "", "hidden": operator.index(hidden), "layers": operator.index(layers), "embedding": operator.index(embedding),
        "dtype": dtype, "bytes": False, "engine": engine, "steps": 64, "batch": operator.index(batch), "dropout": float(dropout), "seed": 1,
        "validation": 0.05, "validate-every": 100, "optimizer": optimizer, "lr": float(OPTIMIZERS[optimizer][0] if lr is None else lr),
        "momentum": float(momentum), "clip": float(clip), "warmup": operator.index(warmup), "schedule": schedule, "last-lr": float(last_lr),
        "decay-iterations": operator.index(decay_iterations),
        "weight-decay": float(OPTIMIZERS[optimizer][1] if weight_decay is None else weight_decay), "task": "", "examples": 10000,
        "lr-factors": ",".join(f"{name}={float(factor):.17g}" for name, factor in (lr_factors or {}).items())}
    for name, value in (("steps", steps), ("seed", seed), ("validate-every", validate_every), ("examples", examples)):
        if value is not None:
            settings[name] = operator.index(value)
    if settings["batch"] < 1 or settings["validate-every"] < 1:
        raise ArgumentError("a batch has at least one example, and validate_every is at least 1")

    given = _find_lesson(of, model, x, y, text, data, task, lengths, mask, validation, settings, layout, dtype)
    if model is not None and model.task != given.task:
        raise ArgumentError(f"the model was trained to {model.task}, not to {given.task}")
    if model is None:
        settings.update(task=given.named, validation=given.part, batch=given.batch_of(settings["batch"]))
        if given.symbols is None:
            settings["steps"] = given.steps
        total = _target(iterations, epochs, given.windows(settings["batch"], settings["steps"]))
        settings["decay-iterations"] = settings["decay-iterations"] or total
        model = _new_model(of, given, settings, dims or {}, layout, threads)
    total = _target(iterations, epochs, given.windows(settings["batch"], settings["steps"]))
    model._settings = settings
    model._target = {"iterations": iterations or 0, "epochs": float(epochs or 0), "minutes": (seconds or 0.0) / 60}
    model.baseline, model.optimum = given.baseline, given.optimum
    other = _note_source(model, given)
    run = (iterations or 0, epochs or 0.0, seconds or 0.0, settings["validate-every"], patience or 0, bool(patience))
    _run(model, _model_file.native_optimizer(settings),
         (settings["batch"], settings["steps"], settings["seed"], ENGINES.index(settings["engine"]), other, budget(memory)), run,
         given.training, given.validating, total, on_iteration, verbose, threads)
    return model


def _find_lesson(layers: Layers, model: Optional[Model], x: Any, y: Any, text: Optional[str], data: Any, task: Optional[str],
                 lengths: Any, mask: Any, validation: Any, settings: Dict[str, Any], layout: str, dtype: str) -> _Lesson:
    if sum(one is not None for one in (x, text, data)) > 1 or (x is None and text is None and data is None and task is None):
        raise ArgumentError("give sequences x or a text to learn from; or data, the name of an archive; or a task that makes its sequences")
    if text is not None:
        _layers.refuse_the_future(layers, "lm")
        return _lesson_of_text(text, validation, model)
    if x is not None:
        read = _train_data.read(layers.cells[0], x, y, task=task, lengths=lengths, mask=mask, layout=layout, dtype=dtype)
        _layers.refuse_the_future(layers, read.task)
        checked = None if validation is None else _validation_data(layers.cells[0], validation, read, layout, dtype)
        return _lesson_of_arrays(layers, read, checked)
    if task is None:
        raise ArgumentError("say with task what is to be predicted of the data: classify, tag, regress, forecast or lm")
    if y is not None or lengths is not None or mask is not None:
        raise ArgumentError("y, lengths and mask go with x: data and tasks have their own")
    return _lesson_of_task(layers, task, data, validation, settings["examples"], settings["seed"], dtype)


def _note_source(model: Model, given: _Lesson) -> bool:
    """Keeps what the data are; whether they are others than those before."""
    hashed = model._network.hash(given.training, given.validating) if given.hash is None else given.hash
    before, model._source = model._source, {"files": [], "hash": f"{hashed:016x}", "training": given.examples,
                                            "validation": given.validation_examples}
    return model.iteration > 0 and before["hash"] != model._source["hash"]


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


def _run(model: Model, optimizer: Any, options: Any, run: Any, training: Any, validating: Any, total: int,
         on_iteration: Optional[Callable[[Step], Any]], verbose: Optional[bool], threads: Optional[int]) -> None:
    progress = _Progress(verbose, total)

    def tell(iteration: int, epoch: float, loss: float, norm: float, rate: float, validation: float, accuracy: float,
             elapsed: float, skipped: Optional[str], terms: Dict[str, float], validation_terms: Dict[str, float]) -> bool:
        step = Step(iteration, epoch, loss, norm, rate, validation, accuracy, elapsed, skipped, terms, validation_terms)
        model.history.append(step)
        progress.update(step)
        return bool(on_iteration is not None and on_iteration(step))

    try:
        model.ended = model._network.train(optimizer, options, run, training, validating, tell, pool(threads))
        told = model._network.score
        model.score = None if told is None else _read_score(told, model._shape.predicts_numbers)
    except KeyboardInterrupt as stopped:
        model.ended = "interrupted"
        stopped.model = model  # type: ignore[attr-defined]
        raise
    finally:
        progress.end()


# ---- in files --------------------------------------------------------------------------------


def _model_of(content: Content, layout: str, threads: Optional[int]) -> Model:
    description = content.description
    settings = {"weight-decay": 0.0, "task": "", "examples": 10000, "lr-factors": "", **description["settings"]}  # of version 2
    layers, shape = _model_file.layers_of(content), _model_file.shape_of(description)
    symbols = [chr(symbol) for symbol in description["vocabulary"]] if description.get("data") is None else None
    network = _model_file.make_network(layers, settings, shape, 0)
    _model_file.restore(network, content)
    task = "lm" if symbols is not None else _model_file.kind_of(settings["task"], shape.predicts_numbers)
    model = Model(layers, network, task, symbols, shape, settings, layout, threads)
    model._target, model._source = dict(description["target"]), dict(description["text"])
    return model


def load_model(path: Any) -> Model:
    """A model that `Model.save` or `gradtape train` saved (docs/models.md): to predict and to sample, and for `train`
    to go on with. Of one that was trained with patience it predicts by the best parameters."""
    path = os.fspath(path)
    content = _model_file.read(path)
    try:
        return _model_of(content, "notebook", None)
    except (KeyError, ValueError, TypeError, AttributeError) as problem:
        raise FormatError(f"{path} is no whole model of gradtape train: {problem!r}") from None


def tasks() -> Dict[str, str]:
    """The tasks that make their sequences for `train`, by how they are written: what each tests. `gradtape tasks`
    tells more."""
    return {form: f"{tests} ({source})" for _, form, tests, source, _, _ in _core.tasks()}


# ---- sampling --------------------------------------------------------------------------------


def sample(model: Any, prompt: Any = None, *, length: int = 500, temperature: float = 0.8, seed: int = 1) -> Any:
    """What a model writes on from a prompt: a Model, or the file of one that `gradtape train` saved.

        gt.sample("c.model.npz", "static int ", temperature=0.6)
    """
    return (model if isinstance(model, Model) else load_model(model)).sample(
        prompt, length=length, temperature=temperature, seed=seed)
