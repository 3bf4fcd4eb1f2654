"""What a check of derivatives found."""
from __future__ import annotations

import html
from typing import Any, Dict, List

_COLOURS = {"right": "#1a7f37", "wrong": "#cf222e", "undecidable": "#9a6700"}


class Report:
    """A verdict with its findings; `include/gradtape/report.h` is the manual.

    `verdict`: "right", "wrong", "undecidable". `findings`: dicts, the first is the one to mend
    first. `remarks`: what was not verified, or could not be seen. `counts`: by what was compared,
    how much. `precision`: "f32" where what was checked turned out to compute in single precision, in
    which mistakes below 2e-5 of the largest entry are not seen. `text`: all of it in words. In a notebook a report shows itself; `bool(report)` is
    whether the verdict is "right".
    """

    def __init__(self, found: Dict[str, Any], subject: str = "") -> None:
        self.subject = subject
        self.verdict: str = found["verdict"]
        self.summary: str = found["summary"]
        self.complete: bool = found["complete"]
        self.text: str = found["text"]
        self.findings: List[Dict[str, Any]] = found["findings"]
        self.remarks: List[Dict[str, Any]] = found["remarks"]
        self.precision: str = found["precision"]
        self.counts: Dict[str, Dict[str, Any]] = found["counts"]

    def __bool__(self) -> bool:
        return self.verdict == "right"

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}".rstrip() if self.subject else self.text.rstrip()

    def __repr__(self) -> str:
        return f"<Report {self.subject + ': ' if self.subject else ''}{self.summary}>"

    def _repr_html_(self) -> str:
        head, _, rest = str(self).partition("\n")
        colour = _COLOURS.get(self.verdict, "inherit")
        return (f'<div class="gradtape-report"><strong style="color:{colour}">{html.escape(head)}</strong>'
                + (f"<pre>{html.escape(rest)}</pre>" if rest else "") + "</div>")

    def assert_right(self) -> "Report":
        """Raises AssertionError, with the report's words, unless the verdict is "right"."""
        if self.verdict != "right":
            raise AssertionError(str(self))
        return self
