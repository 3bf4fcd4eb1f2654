"""Pictures of what is computed."""
from __future__ import annotations

import os
from typing import Any, List, Sequence, Tuple

from . import _core


class Picture:
    """The graph of some values. It shows itself in a notebook; `save("lstm.svg")` writes a file,
    `render("dot")` gives the bytes. "png" and "pdf" need
    Graphviz's `dot`.
    """

    def __init__(self, outputs: Sequence[Any], names: List[str], title: str, everything: bool,
                 dimensions: List[Tuple[str, int]]) -> None:
        self._arguments = (list(outputs), names, title, bool(everything), dimensions)

    def render(self, format: str = "svg") -> bytes:
        """"svg", "png", "pdf", "dot" or "json"."""
        return _core.graph(*self._arguments, format)

    def save(self, path: Any) -> None:
        """Writes the format that the path's extension names."""
        path = os.fspath(path)
        image = self.render(os.path.splitext(path)[1][1:].lower() or "svg")
        with open(path, "wb") as file:
            file.write(image)

    def _repr_svg_(self) -> str:
        return self.render("svg").decode("utf-8")

    def __str__(self) -> str:
        return self.render("dot").decode("utf-8")
