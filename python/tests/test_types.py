"""The type hints of the package, and of a program that uses it, by mypy."""
import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest

PACKAGE = pathlib.Path(importlib.util.find_spec("gradtape").origin).parent

PROGRAM = """
import gradtape as gt

t = gt.Tape()
x = t.input("x", (2, 3))
y: gt.Var = gt.tanh(x) @ x.T + 1
plan: gt.Plan = t.plan([y, t.grad(y, x)])
report: gt.Report = gt.Cell("lstm").check(seed=2)
print(plan(), report.verdict.upper(), gt.Cell("rnn").run([[1.0]], {}).final["a"].shape)
"""


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="Debian: mypy")
def test_types(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "mypy", "--ignore-missing-imports", "--cache-dir", os.devnull, "program.py"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "MYPYPATH": str(PACKAGE.parent)})
    assert run.returncode == 0, run.stdout + run.stderr
