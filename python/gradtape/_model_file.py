"""Models as the command has them in files (docs/models.md), and as they are pickled: a description, texts, arrays."""
from __future__ import annotations

import json
import math
import zipfile
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from . import _arrays, _core, _layers, _train_data
from ._cell import Cell
from ._errors import FormatError
from ._files import arrays_of, load, rows_of
from ._layers import Layers

SEQUENCES, TEXT = "gradtape sequence model", "gradtape character model"
VERSIONS = (2, 3, 4)


class Content(NamedTuple):
    """All of a model."""

    description: Dict[str, Any]  # model.json
    texts: Dict[str, str]  # the members that have the cells
    arrays: Dict[str, np.ndarray]


class Shape(NamedTuple):
    """What a network reads and predicts: the "data" of a description."""

    reads_numbers: bool
    predicts_numbers: bool
    vocabulary: int
    outputs: int
    further_inputs: int
    at_the_end: bool


def member(place: int) -> str:
    """Where the text of the how many-th cell is."""
    return "model.cell" if place == 0 else f"model.{place + 1}.cell"


def make_network(layers: Layers, settings: Mapping[str, Any], shape: Shape, seed: int) -> Any:
    sizes = [(name, int(size)) for name, size in (pair.split("=") for pair in settings["dims"].split(",") if pair)]
    return _core.Network(layers.cells[0]._cell, settings["dtype"], seed, settings["layers"], shape.vocabulary, settings["embedding"],
                         settings["hidden"], settings["dropout"], sizes, shape.further_inputs, shape.reads_numbers,
                         shape.predicts_numbers, shape.outputs, layers.native(settings["layers"]), shape.at_the_end)


# ---- optimizers ------------------------------------------------------------------------------

OPTIMIZERS = {"adam": (0.005, 0.0), "sgd": (0.5, 0.0), "adamw": (0.005, 0.01), "rmsprop": (0.002, 0.0),
              "adagrad": (0.02, 0.0)}  # and their usual rates and weight decays
SCHEDULES = ("constant", "cosine", "exponential")
ENGINES = ("planner", "exact", "interpreter")


def native_optimizer(settings: Mapping[str, Any]) -> Tuple[Any, ...]:
    """As the extension takes it."""
    length = settings["decay-iterations"]
    schedule = ("cosine" if settings["schedule"] == "auto" else settings["schedule"]) if length > 0 else "constant"
    factors = [(name, float(factor)) for name, factor in (pair.split("=") for pair in settings["lr-factors"].split(",") if pair)]
    kind = {"adam": 0, "sgd": 1, "adamw": 2, "rmsprop": 3, "adagrad": 4}[settings["optimizer"]]  # gt_optimizer_kind
    return (kind, SCHEDULES.index(schedule), settings["lr"], settings["warmup"], length, settings["last-lr"], settings["clip"],
            settings["momentum"], settings["weight-decay"], factors)


# ---- out -------------------------------------------------------------------------------------


def describe(layers: Layers, settings: Mapping[str, Any], target: Mapping[str, Any], source: Mapping[str, Any],
             progress: Tuple[Any, ...], symbols: Optional[List[str]], shape: Shape) -> Dict[str, Any]:
    """model.json. target: how far the run was to go; source: what the data were; progress: of the network."""
    iteration, first, best_iteration, worse, best = progress
    described: Dict[str, Any] = {
        "format": TEXT if symbols is not None else SEQUENCES, "version": 3 if layers.stack is None else 4, "settings": dict(settings),
        "target": dict(target), "text": dict(source),
        "progress": {"iteration": iteration, "best_validation": best if best_iteration > 0 and math.isfinite(best) else None,
                     "best_iteration": best_iteration, "worse": worse, "first": first}}
    if symbols is not None:
        described["vocabulary"] = [ord(symbol) for symbol in symbols]
    else:
        described["data"] = shape._asdict()
        if layers.stack is None:
            del described["data"]["at_the_end"]
    if layers.stack is None:
        described["cell"] = layers.cells[0].name
    else:
        described["cells"] = [cell.name for cell in layers.cells]
    return described


def write(path: str, content: Content) -> None:
    texts = {**content.texts, "model.json": json.dumps(content.description, indent=1)}
    _core.write(path, False, rows_of(content.arrays), texts)


# ---- in --------------------------------------------------------------------------------------


def read(path: str) -> Content:
    arrays = load(path)
    try:
        with zipfile.ZipFile(path) as file:
            description = json.loads(file.read("model.json"))
            texts = {name: file.read(name).decode() for name in file.namelist() if name.startswith("model.") and name.endswith(".cell")}
    except (KeyError, ValueError, zipfile.BadZipFile) as problem:
        raise FormatError(f"{path} is no model of gradtape train: {problem}") from None
    if not isinstance(description, dict) or description.get("version") not in VERSIONS or description.get("ignores_outputs"):
        raise FormatError(f"{path}: models of the versions {VERSIONS[0]} to {VERSIONS[-1]} are read")
    return Content(description, texts, arrays)


def layers_of(content: Content) -> Layers:
    description, texts = content.description, content.texts
    text = description["settings"]["cell"]
    if "cells" in description:
        return _layers.of_text(text, lambda word, place: Cell(texts[member(place)], cell=description["cells"][place]))
    return Layers(text, (Cell(texts["model.cell"], cell=description["cell"]) if "model.cell" in texts else Cell(text),), None)


def shape_of(description: Mapping[str, Any]) -> Shape:
    data = description.get("data")
    if data is None:
        return Shape(False, False, len(description["vocabulary"]), 0, 0, False)
    return Shape(**{"at_the_end": False, **data})


def kind_of(task: str, predicts_numbers: bool) -> str:
    """What a model of sequences was trained to do; of a task that makes them, what that asks for."""
    if task in _train_data.TASKS:
        return task
    kinds = {name: kind for name, _, _, _, kind, _ in _core.tasks()}
    return kinds.get(task.split(":")[0], "regress" if predicts_numbers else "tag")


def restore(network: Any, content: Content) -> None:
    """What was learnt, and what training remembers: the network is as it was."""
    description, settings = content.description, content.description["settings"]
    settings = {"weight-decay": 0.0, "lr-factors": "", **settings}  # older models have none
    p = description["progress"]
    progress = (p["iteration"], p.get("first", 0), p["best_iteration"], p.get("worse", 0), p["best_validation"] or 0.0)
    network.restore(rows_of(content.arrays), native_optimizer(settings), settings["batch"], progress)


def stored(network: Any) -> Dict[str, np.ndarray]:
    return arrays_of(network.store())
