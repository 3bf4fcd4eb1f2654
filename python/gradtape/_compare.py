"""Cells compared on tasks, by the command `gradtape compare`: its processes, its folder, its table."""
from __future__ import annotations

import math
import operator
import os
import pathlib
import sys
import time
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from . import _arrays, _command, _layers
from ._cell import Cell
from ._errors import ArgumentError


class Compared(NamedTuple):
    """A cell on a task: a row of the table. NaN where there is nothing to tell."""

    task: str
    rank: int  # 1: the smallest mean loss; cells of which a run diverged come last
    cell: str
    hidden: int
    parameters: int  # of the whole network
    learning_rate: float  # of those to choose from the one with the smallest mean loss in validation
    runs: int  # one for each seed
    diverged: int  # of these
    unit: str  # of the losses: "bits", or "mse"
    loss: float  # the mean over the seeds, of the data that `data` of the Comparison says
    loss_interval: float  # half of its 95 % interval, by Student's t
    accuracy: float
    accuracy_interval: float
    difference_to_best: float
    p_to_best: float  # of a paired t-test over the seeds, corrected for all pairs of the task (Holm)
    baseline: float  # always predicting the same
    baseline_accuracy: float
    optimum: float
    check: str  # the verdict of `Cell.check`
    losses: Tuple[float, ...]  # by seed
    terms: Dict[str, Tuple[float, float]]  # the losses that the cell declares: mean and interval
    per_second: float  # sequences, or characters of a text; it depends on the machine


class Pair(NamedTuple):
    """Two cells of a task and whether they differ."""

    task: str
    better: str
    worse: str
    difference: float
    p: float
    p_holm: float  # corrected for all pairs of the task


class Comparison:
    """What `compare` returns. rows: a Compared for each cell on each task, the best of a task first. pairs: a Pair for
    any two cells of a task. folder: where all is kept; report: the page in it. data: what the losses are of, "test" or
    "validation" sequences. str(comparison): the table as `gradtape compare` prints it."""

    def __init__(self, told: Mapping[str, Any], folder: pathlib.Path) -> None:
        self.folder, self.report = folder, folder / "report.html"
        self.data: str = told["tasks"][0]["data"]
        speeds = {(one["task"], one["cell"]): _number(one["per_second"]) for one in told["speeds"]}
        self.rows: List[Compared] = [_row(task, place, row, speeds) for task in told["tasks"] for place, row in enumerate(task["rows"])]
        self.pairs: List[Pair] = [Pair(task["task"], pair["better"], pair["worse"], *(_number(pair[key]) for key in Pair._fields[3:]))
                                  for task in told["tasks"] for pair in task["pairs"]]
        self._text = (folder / "table.txt").read_text(encoding="utf-8")

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        best = [f"{row.cell} is best on {row.task}" for row in self.rows if row.rank == 1]
        return f"<Comparison of {len({row.cell for row in self.rows})} cells: {', '.join(best)}>"

    def to_dict(self) -> Dict[str, List[Any]]:
        """The rows as columns, a list for each: `pandas.DataFrame(comparison.to_dict())`. Each loss that a cell declares
        has two, its mean and the interval, NaN for cells without it."""
        plain = [name for name in Compared._fields if name not in ("losses", "terms")]
        columns: Dict[str, List[Any]] = {name: [getattr(row, name) for row in self.rows] for name in plain}
        for term in dict.fromkeys(name for row in self.rows for name in row.terms):
            for place, column in enumerate((term, f"{term}_interval")):
                columns[column] = [row.terms.get(term, (math.nan, math.nan))[place] for row in self.rows]
        return columns


def _number(value: Optional[float]) -> float:
    return math.nan if value is None else float(value)


def _estimate(told: Mapping[str, Any]) -> Tuple[float, float]:
    return _number(told["mean"]), _number(told["interval"])


def _row(task: Mapping[str, Any], place: int, row: Mapping[str, Any], speeds: Mapping[Tuple[str, str], float]) -> Compared:
    return Compared(
        task["task"], place + 1, row["cell"], row["hidden"], row["parameters"], row["learning_rate"], row["runs"], row["diverged"],
        task["unit"], *_estimate(row["loss"]), *_estimate(row["accuracy"]), _number(row["difference_to_best"]), _number(row["p_to_best"]),
        _number(task["baseline"]["mean"]), _number(task["baseline_accuracy"]["mean"]), _number(task["optimum"]), row["check"],
        tuple(_number(loss) for loss in row["losses"]), {name: _estimate(term) for name, term in row["terms"].items()},
        speeds[task["task"], row["cell"]])


# ---- what the command is told ----------------------------------------------------------------


def _keep(path: pathlib.Path, text: str, what: str) -> str:
    """Writes a text into the folder, whole or not at all; what is there already stays."""
    data = text.encode("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        if path.read_bytes() != data:
            raise ArgumentError(f"{path} has {what} of another comparison: give out another folder, or remove this one")
        return str(path)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(data)
    os.replace(beside, path)
    return str(path)


def _cell(source: Any, folder: pathlib.Path) -> str:
    """A cell, or layers, as an operand of the command; a text is kept in the folder, as <name>.cell."""
    layers = _layers.read(source)  # says what is wrong with it
    if isinstance(source, (str, os.PathLike)) and "\n" not in os.fspath(source):
        return os.fspath(source)
    path = _keep(folder / "cells" / f"{layers.cells[0].name}.cell", layers.cells[0].text, "the text of a cell")
    which = source._which if isinstance(source, Cell) else None
    return path if which is None else f"{path}:{which}"


def _several(value: Any) -> List[Any]:
    return [value] if isinstance(value, (str, Mapping)) or not hasattr(value, "__iter__") else list(value)


def _pairs(values: Mapping[str, Any], kind: type) -> str:
    return ",".join(f"{name}={repr(kind(value)).removesuffix('.0')}" for name, value in values.items())


def _options(settings: Mapping[str, Any]) -> List[str]:
    """--NAME VALUE of what is given."""
    return [word for name, value in settings.items() if value is not None for word in ("--" + name.replace("_", "-"), str(value))]


# ---- progress --------------------------------------------------------------------------------


class _Progress:
    """How many of the runs are done, in a line on stderr: redrawn on a terminal, elsewhere when there is one more."""

    def __init__(self, folder: pathlib.Path, arguments: Sequence[str]) -> None:
        self._runs = folder / "runs"
        listed, _ = _command.run("compare", [*arguments, "--list"])
        self._before, self._wanted = self._count(), len(listed.splitlines())
        self._start, self._shown = time.monotonic(), -1
        self._terminal = sys.stderr is not None and sys.stderr.isatty()

    def _count(self) -> int:
        return sum(path.suffix == ".json" for path in self._runs.iterdir()) if self._runs.is_dir() else 0

    def __call__(self) -> None:
        done = min(self._count() - self._before, self._wanted)
        if sys.stderr is None or (done == self._shown and not self._terminal):
            return
        self._shown = done
        text = f"{done} of {self._wanted} runs, {time.monotonic() - self._start:.0f} s"
        sys.stderr.write(f"\r\x1b[K{text}" if self._terminal else text + "\n")
        sys.stderr.flush()

    def end(self) -> None:
        self()
        if self._terminal:
            sys.stderr.write("\n")


# ---- the comparison --------------------------------------------------------------------------


def compare(cells: Any, task: Union[str, Sequence[str], None] = None, *, out: Any, text: Optional[str] = None, data: Any = None,
            validation: Any = None, test: Any = None, seeds: int = 5, seed: int = 1, parameters: Optional[int] = None,
            lr: Union[float, Sequence[float], None] = None, set: Union[Mapping[str, float], Sequence[Mapping[str, float]]] = (),
            iterations: Optional[int] = None, epochs: Optional[float] = None, jobs: int = 1, threads: int = 1,
            hidden: Optional[int] = None, layers: Optional[int] = None, embedding: Optional[int] = None,
            dims: Optional[Mapping[str, int]] = None, dropout: Optional[float] = None, examples: Optional[int] = None,
            steps: Optional[int] = None, batch: Optional[int] = None, validate_every: Optional[int] = None,
            optimizer: Optional[str] = None, lr_factors: Optional[Mapping[str, float]] = None, weight_decay: Optional[float] = None,
            momentum: Optional[float] = None, clip: Optional[float] = None, warmup: Optional[int] = None,
            schedule: Optional[str] = None, last_lr: Optional[float] = None, decay_iterations: Optional[int] = None,
            dtype: Any = None, engine: Optional[str] = None, verbose: Optional[bool] = None) -> Comparison:
    """Trains every cell on every task with every learning rate and every seed, each as `train` does, and says which is
    better, and whether that may be chance: `gradtape compare`, which does it in processes of its own.

        c = gt.compare(["lstm", "gru", cell], "adding:200", parameters=50000, lr=[1e-3, 3e-3], seeds=5, out="results")
        print(c); c.rows[0].cell; c.to_dict()

    cells: a list of what `train` takes for a cell: names, files, texts, Cells, layers as "bi(lstm), gru".
        Texts and Cells are kept in the folder, as cells/NAME.cell.
    task: one of `gt.tasks()`, or several; or what is to be predicted of `data`, the name of an .npz archive: classify,
        tag, regress, forecast or lm. Or a `text`, which is kept in the folder, too.
    out: the folder in which everything is kept (docs/experiment.md). The same call goes on where another ended, however
        it ended; more cells, tasks, rates and seeds can be asked for later, and what is done stays.
    validation: the part at the end of data or text, 0.05, or of data the name of another archive; learning rates are
        chosen by it. test: the archive that the losses are of; a task makes sequences for that.
    seeds: runs of each cell on each task, with `seed` and those that follow it. parameters: about how many each network
        is to have, for which `hidden` is found. lr: learning rates to choose from.
    set: constants of the cells that have them, {"dt": 0.1}, or several: such a cell is compared once with each.
    jobs: runs at the same time, each with `threads` threads. All else is as in `train`, for all runs.
    verbose: a line of progress on stderr; None: on a terminal.

    Ctrl-C ends the runs that are under way, and keeps those that are done.
    """
    folder = pathlib.Path(os.fspath(out))
    if isinstance(cells, (str, os.PathLike, Cell)):
        cells = [cells]
    arguments = [_cell(cell, folder) for cell in cells]
    for one in [] if task is None else _several(task):
        arguments += ["--task", one]
    for one in _several(set) if set else []:
        arguments += ["--set", _pairs(one, float)]
    if text is not None:
        arguments += ["--text", _keep(folder / "text.txt", text, "the text")]
    archive = isinstance(validation, (str, os.PathLike))
    arguments += _options({
        "out": folder, "data": None if data is None else os.fspath(data), "test_data": None if test is None else os.fspath(test),
        "validation_data" if archive else "validation": os.fspath(validation) if archive else validation,
        "seeds": operator.index(seeds), "seed": operator.index(seed), "parameters": parameters,
        "lr": None if lr is None else ",".join(repr(float(rate)) for rate in _several(lr)),
        "iterations": iterations, "epochs": epochs, "jobs": operator.index(jobs), "threads": operator.index(threads), "hidden": hidden,
        "layers": layers, "embedding": embedding, "dims": _pairs(dims, int) if dims else None, "dropout": dropout, "examples": examples,
        "steps": steps, "batch": batch, "validate_every": validate_every, "optimizer": optimizer,
        "lr_factors": _pairs(lr_factors, float) if lr_factors else None,
        "weight_decay": weight_decay, "momentum": momentum, "clip": clip, "warmup": warmup, "schedule": schedule, "last_lr": last_lr,
        "decay_iterations": decay_iterations, "dtype": None if dtype is None else _arrays.dtype_name(dtype), "engine": engine})
    shown = sys.stderr is not None and sys.stderr.isatty() if verbose is None else verbose
    progress = _Progress(folder, arguments) if shown else None
    try:
        told = _command.run_json("compare", arguments, progress)
    finally:
        if progress is not None:
            progress.end()
    return Comparison(told, folder)
