"""Comparisons: what the command does, with rows for a program."""
import csv
import math
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import gradtape as gt
from conftest import SANITIZED, command, has_archives, run_command

SMALL = dict(embedding=3, hidden=5, examples=40, iterations=12)
HEAD = " input x[n_x]\n state h[n_a]\n param W[n_a, n_a + n_x]\n h' = tanh(W @ concat(h, x))\n"


@pytest.fixture(autouse=True)
def program(monkeypatch):
    if command() is None or not has_archives():
        pytest.skip("the command is not here, or cannot keep results")
    monkeypatch.setenv("GRADTAPE_PROGRAM", command())


def test_rows_are_those_of_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ponders = gt.Cell("cell ponders\n" + HEAD + " loss half = 0.5 + 0 * mean(h, axis=0)\n")
    c = gt.compare(["lstm", ponders, "bi(gru 4), rnn"], ["adding:6", "parity:4"], seeds=2, lr=[0.01, 0.003], out="one", **SMALL)
    run_command(["compare", "lstm", "one/cells/ponders.cell", "bi(gru 4), rnn", "--task", "adding:6", "--task", "parity:4", "--seeds", 2,
                 "--lr", "0.01,0.003", "--out", "two", "--embedding", 3, "--hidden", 5, "--examples", 40, "--iterations", 12, "--quiet"], tmp_path)
    assert str(c) == (tmp_path / "two/table.txt").read_text()
    with open("two/table.csv", newline="") as file:
        expected = list(csv.DictReader(file))
    columns = c.to_dict()
    assert set(columns) == set(expected[0]) - {"runs"} | {"runs", "per_second"}
    for place, row in enumerate(expected):
        for name, text in row.items():
            value = columns[name][place]
            assert text == value if isinstance(value, str) else (math.isnan(value) if text == "" else float(text) == value), name
    assert len(c.rows) == 6 and len(c.pairs) == 6 and c.data == "test" and c.report.exists()
    row = next(row for row in c.rows if row.cell == "ponders" and row.task == "adding:6")
    assert row.terms == {"half": (3.0, 0.0)} and abs(np.mean(row.losses) - row.loss) < 1e-12 and row.per_second > 0
    assert repr(c).startswith("<Comparison of 3 cells: ")


def test_texts_and_cells_of_a_file(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    text = "to be or not to be; " * 60
    two = "cell one\n" + HEAD + "cell two\n" + HEAD
    for _ in range(2):  # the second time all is there
        c = gt.compare(["cell own\n" + HEAD, gt.Cell(two, cell="two")], text=text, out="t", seeds=1, batch=2, steps=10, verbose=True, set=(),
                       validation=0.2, dropout=0.1, optimizer="sgd", lr=0.1, dtype="f64", **SMALL)
        assert sorted(row.cell for row in c.rows) == ["own", "two"] and c.rows[0].unit == "bits" and c.data == "validation"
    assert "2 of 2 runs" in capfd.readouterr().err
    with pytest.raises(gt.ArgumentError, match="text.txt has the text of another comparison"):
        gt.compare("rnn", text=text + "!", out="t", seeds=1, **SMALL)
    with pytest.raises(gt.ArgumentError, match="own.cell has the text of a cell of another comparison"):
        gt.compare("cell own\n" + HEAD + " output y = h\n", text=text, out="t", seeds=1, **SMALL)


def test_archives_and_constants(tmp_path, monkeypatch, rng):
    monkeypatch.chdir(tmp_path)
    x = rng.normal(size=(2, 30, 5))
    gt.save("data.npz", {"x": x, "y": x.sum(axis=0, keepdims=True)})
    c = gt.compare("ltc", "regress", data="data.npz", validation="data.npz", test="data.npz", set=[{"dt": 0.1}, {"dt": 0.5}], out="r", seeds=1,
                   epochs=2, hidden=4, lr_factors={"W": 0.5}, jobs=2)
    assert sorted(row.cell for row in c.rows) == ["ltc(dt=0.1)", "ltc(dt=0.5)"]


def test_a_wrong_gradient_is_told(tmp_path):
    wrong = "cell wrong\n" + HEAD + " backward\n  dz = dh' * (1 - h'**2)\n  dW = dz @ concat(h, x).T\n  dx = 0 * x\n  dh = W[:, :n_a].T @ dz\n"
    c = gt.compare(wrong, "adding:4", out=tmp_path / "r", seeds=1, **SMALL)
    assert c.rows[0].check == "wrong"


@pytest.mark.parametrize("given, kind, words", [
    (dict(cells=["lstmm"]), gt.ArgumentError, "did you mean 'lstm'"),
    (dict(cells="cell a\n input x[n_x]\n state h[n_a]\n h' = x + y\n"), gt.CellError, "there is no name y"),
    (dict(cells=[]), gt.ArgumentError, "^CELL is missing"),
    (dict(lr=[0.1, 0.1]), gt.ArgumentError, "^lr has 0.1 twice$"),
    (dict(optimizer="adamm"), gt.ArgumentError, "^optimizer expects .*; did you mean 'adam'.$"),
    (dict(task=None), gt.ArgumentError, "give what to learn from: a task"),
    (dict(set={"q": 1}), gt.ArgumentError, "^set q=1 fits none of the cells"),
    (dict(last_lr=2), gt.ArgumentError, "^last_lr expects"),
])
def test_what_is_refused(tmp_path, given, kind, words):
    with pytest.raises(kind, match=words):
        gt.compare(**{"cells": "lstm", "task": "adding:4", "out": tmp_path / "r", "seeds": 1, **SMALL, **given})


def test_without_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADTAPE_PROGRAM", str(tmp_path / "none"))
    with pytest.raises(gt.UnsupportedError, match="none cannot be started: No such file"):
        gt.compare("lstm", "adding:4", out=tmp_path / "r")
    monkeypatch.delenv("GRADTAPE_PROGRAM")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    with pytest.raises(gt.UnsupportedError, match="neither beside the package nor in PATH"):
        gt.compare("lstm", "adding:4", out=tmp_path / "r")
    program = tmp_path / "gradtape"
    program.write_text("#!/bin/sh\necho '{\"command\": \"compare\", \"version\": 7}'\n")
    program.chmod(0o755)
    with pytest.raises(gt.UnsupportedError, match="of another version"):
        gt.compare("lstm", "adding:4", out=tmp_path / "r")


@pytest.mark.skipif(SANITIZED, reason="it starts Python")
def test_ctrl_c_keeps_what_is_done(tmp_path):
    script = "import gradtape as gt\ngt.compare('lstm', 'adding:200', seeds=50, iterations=40, hidden=16, examples=64, out='r')\n"
    process = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    runs, end = tmp_path / "r/runs", time.monotonic() + 60
    while not (runs.is_dir() and any(path.suffix == ".json" for path in runs.iterdir())) and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in said and process.returncode != 0
    names = [path.name for path in runs.iterdir()]
    assert any(name.endswith(".json") for name in names) and not any(name.endswith(".claim") for name in names)
