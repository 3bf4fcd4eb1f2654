"""The layers of a network: one cell, or several from below, as they are written for the command."""
from __future__ import annotations

import os
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import _core
from ._cell import Cell
from ._errors import ArgumentError


class Layers(NamedTuple):
    text: str  # as it is written: "lstm", "bi(lstm 128), gru 64"
    cells: Tuple[Cell, ...]  # the different ones, in the order in which they come up
    stack: Optional[List[Tuple[int, int, bool]]]  # place among the cells, units or 0, both directions; None: one cell

    @property
    def bidirectional(self) -> bool:
        return any(both for _, _, both in self.stack or [])

    def native(self, times: int) -> Optional[List[Tuple[Any, int, bool]]]:
        """As the extension takes them, so many times one above the other."""
        return None if self.stack is None else [(self.cells[place]._cell, units, both) for place, units, both in self.stack * times]

    def dimensions(self, given: Dict[str, int], facts: Sequence[Tuple[str, int]]) -> List[Tuple[str, int]]:
        """The sizes that the cells name besides n_x and n_a."""
        names = dict.fromkeys(name for cell in self.cells for name in cell.dimensions)
        for name in given:
            if name not in names and name not in ("n_x", "n_a"):
                self.cells[0]._named({name: 1})  # says what is wrong
        found: Dict[str, int] = {}
        for place, cell in enumerate(self.cells):
            known = {name: size for name, size in given.items() if name in cell.dimensions}
            found.update(dict(cell._cell.dimensions(list(known.items()), list(facts) if place == 0 else [], -1)))
        return [(name, size) for name, size in found.items() if name not in ("n_x", "n_a")]


def _is_one_cell(text: str) -> bool:
    return "\n" in text or re.search(r"[,()\s]", text) is None or os.path.exists(text)


def of_text(text: str, find: Callable[[str, int], Cell]) -> Layers:
    """Layers as `gt_layers_read` reads them; find(word, place) makes a cell that did not come up yet."""
    cells: Dict[str, Cell] = {}
    stack = []
    for word, units, both in _core.read_layers(text):
        if word not in cells:
            cells[word] = find(word, len(cells))
        stack.append((list(cells).index(word), units, both))
    return Layers(text, tuple(cells.values()), stack)


def read(source: Any) -> Layers:
    """What `train` takes for a cell: a Cell, what `Cell` takes, or layers."""
    if isinstance(source, Layers):
        return source
    if isinstance(source, str) and not _is_one_cell(source):
        return of_text(source, lambda word, place: Cell(word))
    cell = source if isinstance(source, Cell) else Cell(source)
    name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else cell.name
    return Layers(cell.name if "\n" in name else name, (cell,), None)


def refuse_the_future(layers: Layers, task: str) -> None:
    """What follows is not to be seen by what predicts it."""
    if layers.bidirectional and task in ("lm", "forecast"):
        raise ArgumentError(f"the task {task} predicts what follows, and a layer in both directions, bi( ), would see it: "
                            "give layers in one direction")
