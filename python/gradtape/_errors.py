"""The exceptions. Their words are the library's: what is wrong, where, and what to do."""
from __future__ import annotations

from typing import NamedTuple, Optional, Sequence


class Error(Exception):
    """What every exception of gradtape is; `status` is the library's name for it."""

    status: str = "error"


class ArgumentError(Error, ValueError):
    """An argument is outside of what is documented."""


class ShapeError(Error, ValueError):
    """Shapes do not fit together."""


class DTypeError(Error, TypeError):
    """Element types do not fit together."""


class TapeError(Error, ValueError):
    """A var of another tape, or a tape that another thread uses."""


class UnboundError(Error, LookupError):
    """An input has no value."""


class NotFiniteError(Error, ArithmeticError):
    """A NaN or an infinity where finite numbers were asked for."""


class FileError(Error, OSError):
    """The operating system refused: open, read, write."""


class FormatError(Error, ValueError):
    """A file's contents are not what its format says."""


class UnsupportedError(Error, NotImplementedError):
    """This build lacks what this needs."""


class OutOfMemoryError(Error, MemoryError):
    """No memory."""


class Diagnostic(NamedTuple):
    """One mistake in a cell's text. Lines and columns count from 1, columns in bytes."""

    error: bool
    line: int
    column: int
    message: str
    hint: Optional[str]


class CellError(FormatError):
    """A cell's text has mistakes: all of them are in `diagnostics`; `line` and `column` are those of the first."""

    def __init__(self, message: str, file: str = "", diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.file = file
        self.diagnostics = list(diagnostics)
        first = next((d for d in self.diagnostics if d.error), None)
        self.line = first.line if first else 0
        self.column = first.column if first else 0
        self.hints = [d.hint for d in self.diagnostics if d.hint]

    def __reduce__(self):  # an exception with arguments of its own is copied by them
        return CellError, (self.args[0], self.file, self.diagnostics)


_CLASSES = {
    "bad argument": ArgumentError,
    "shape mismatch": ShapeError,
    "type mismatch": DTypeError,
    "not a var of this tape": TapeError,
    "size limit exceeded": ArgumentError,
    "out of memory": OutOfMemoryError,
    "input without a value": UnboundError,
    "value out of range": ArgumentError,
    "value not finite": NotFiniteError,
    "file error": FileError,
    "bad file contents": FormatError,
    "not supported by this build": UnsupportedError,
}


def error_of(status: str, message: str) -> Error:
    """The exception for a status of the library; called by the extension."""
    error = _CLASSES.get(status, Error)(message)
    error.status = status
    return error
