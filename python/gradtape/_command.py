"""The command `gradtape`, for what is done in processes of its own."""
from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sysconfig
from typing import Any, Callable, Dict, Optional, Sequence

from . import _core
from ._errors import ArgumentError, UnsupportedError


def find() -> str:
    """Its file: that of the environment's GRADTAPE_PROGRAM, the one that was installed with this package, or that of PATH."""
    named = os.environ.get("GRADTAPE_PROGRAM")
    if named:
        return named
    beside = [pathlib.Path(sysconfig.get_path("scripts"))] + [parent / "bin" for parent in pathlib.Path(__file__).resolve().parents]
    for folder in beside:
        if os.access(folder / "gradtape", os.X_OK) and (folder / "gradtape").is_file():
            return str(folder / "gradtape")
    found = shutil.which("gradtape")
    if found is None:
        raise UnsupportedError("this needs the command gradtape, which is neither beside the package nor in PATH: install it, "
                               "or name its file in the environment, GRADTAPE_PROGRAM")
    return found


def _start(arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    """In a process group of its own: a signal of the terminal's is passed on by us, once."""
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}  # messages are not to be wrapped
    program = find()
    try:
        return subprocess.Popen([program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=environment, process_group=0)
    except OSError as problem:
        raise UnsupportedError(f"the command {program} cannot be started: {problem.strerror}") from None


def _wait(process: "subprocess.Popen[bytes]", meanwhile: Optional[Callable[[], None]]) -> "tuple[str, str]":
    while True:
        try:
            written, said = process.communicate(timeout=None if meanwhile is None else 0.2)
            return written.decode("utf-8", "replace"), said.decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            if meanwhile is not None:
                meanwhile()
        except BaseException:  # Ctrl-C, above all: it ends in order, and keeps what is done
            process.send_signal(signal.SIGINT)
            process.communicate()
            raise


def _words(name: str, said: str) -> str:
    """A message in the words of a call: `lr` for `--lr`, without the way to the command's help."""
    said = re.sub(r"\nSee 'gradtape [\w ]+ --help'\.", "", said.strip().removeprefix(f"gradtape {name}: "))
    said = re.sub(r"--(validation|test)-data", r"\1", said)
    return re.sub(r"--([a-z][a-z-]*)", lambda option: option[1].replace("-", "_"), said)


def run(name: str, arguments: Sequence[str], meanwhile: Optional[Callable[[], None]] = None) -> "tuple[str, str]":
    """What `gradtape NAME ARGUMENTS` writes, and what it says on stderr; `meanwhile` is called now and then until it
    ends. What it refuses is an exception with its words."""
    process = _start([name, *arguments])
    written, said = _wait(process, meanwhile)
    words = _words(name, said)
    if process.returncode in (0, 1):  # 1: a verdict is bad
        return written, words
    if process.returncode < 0:
        words = f"gradtape {name} was ended by the signal {signal.Signals(-process.returncode).name}"
    raise (UnsupportedError if "which this build lacks" in words else ArgumentError)(words)


def run_json(name: str, arguments: Sequence[str], meanwhile: Optional[Callable[[], None]] = None) -> Dict[str, Any]:
    """The same with --json, read."""
    written, said = run(name, [*arguments, "--json"], meanwhile)
    if not written:
        raise ArgumentError(said or f"gradtape {name} wrote nothing")
    told = json.loads(written)
    if told.get("command") != name or told.get("version") != 1:
        raise UnsupportedError(f"{find()} is the command of another version than this package, {_core.version}: install both anew")
    return told
