"""Training on any data, with the trainer of the command."""
import csv
import os
import pathlib
import pickle
import signal
import subprocess
import threading

import numpy as np
import pytest

import gradtape as gt
from conftest import SANITIZED, command, run_command

TEXT = "the cell forgets what it was told; a gate opens\n" * 60
TWO_INPUTS = """
cell gated
  input x[n_x]
  input g[1]
  state h[n_a]
  param W[n_a, n_a + n_x], b[n_a]
  h' = g * tanh(W @ concat(h, x) + b) + (1 - g) * h
"""


def small(**more):
    return {"hidden": 12, "embedding": 6, "batch": 4, "steps": 8, "warmup": 5, "iterations": 30, "validate_every": 7, **more}


def sums(rng, m=40, t=8, layout="notebook"):
    """x (2, m, T), and the mean of its first row so far (1, m, T)."""
    x = rng.normal(size=(2, m, t))
    y = np.cumsum(x[:1], axis=2) / np.arange(1, t + 1)
    return x, y


# ---- texts -----------------------------------------------------------------------------------


@pytest.mark.skipif(command() is None or SANITIZED, reason="needs the command of the build folder")
def test_a_text_is_learnt_as_the_command_learns_it(tmp_path):
    (tmp_path / "text").write_text(TEXT)
    arguments = "train --text text --save m.npz --log log.csv --hidden 12 --embedding 6 --batch 4 --steps 8 --warmup 5 " \
        "--iterations 30 --validate-every 7 --quiet"
    run_command(arguments.split(), tmp_path)
    rows = list(csv.DictReader(open(tmp_path / "log.csv")))
    m = gt.train("lstm", text=TEXT, **small())
    assert [float(row["bits_per_character"]) for row in rows] == [step.loss for step in m.history]
    assert [float(row["validation_bits_per_character"] or "nan") for row in rows] == pytest.approx(
        [step.validation for step in m.history], abs=0, nan_ok=True)
    loaded = gt.load_model(tmp_path / "m.npz")
    for name, array in m.parameters.items():
        np.testing.assert_array_equal(array, loaded.parameters[name])
    said = subprocess.run([command(), "sample", "--model", "m.npz", "--prompt", "the ", "--length", "50"], cwd=tmp_path,
                          check=True, capture_output=True, text=True).stdout
    assert said[:-1] == "the " + m.sample("the ", length=50) == "the " + gt.sample(tmp_path / "m.npz", "the ", length=50)


def test_a_text_goes_on_as_if_nothing_had_happened():
    whole = gt.train("gru", text=TEXT, **small(schedule="constant"))
    parts = gt.train("gru", text=TEXT, **small(iterations=11, schedule="constant"))
    parts = gt.train(parts, text=TEXT, **small(schedule="constant"))
    assert [step.loss for step in whole.history] == [step.loss for step in parts.history]
    assert whole.iteration == parts.iteration == 30


@pytest.mark.skipif(command() is None or SANITIZED, reason="needs the command of the build folder")
def test_sequences_are_learnt_as_the_command_learns_them(tmp_path, rng):
    x, y = sums(rng)
    classes = (y[0, :, -1] > 0).astype(np.int32)
    np.savez(tmp_path / "data.npz", x=x, y=classes)
    np.savez(tmp_path / "v.npz", x=x[:, :9], y=classes[:9])
    arguments = "train --data data.npz --validation-data v.npz --task classify --save m.npz --log log.csv --hidden 6 " \
        "--batch 7 --iterations 30 --validate-every 7 --quiet --dtype f64 --dropout 0.2 --patience 9"
    run_command(arguments.split(), tmp_path)
    rows = list(csv.DictReader(open(tmp_path / "log.csv")))
    m = gt.train("lstm", x, classes, validation=(x[:, :9], classes[:9]), hidden=6, batch=7, iterations=30, validate_every=7,
                 dtype="f64", dropout=0.2, patience=9)
    assert [float(row["loss"]) for row in rows] == [step.loss for step in m.history]
    assert [float(row["validation_accuracy"] or "nan") for row in rows] == pytest.approx(
        [step.accuracy for step in m.history], abs=0, nan_ok=True)
    loaded = gt.load_model(tmp_path / "m.npz")
    assert loaded.task == "classify"
    np.testing.assert_array_equal(loaded.predict(x), m.predict(x))
    (tmp_path / "no.npz").write_bytes((tmp_path / "data.npz").read_bytes())
    with pytest.raises(gt.FormatError, match="is no model of gradtape train"):
        gt.load_model(tmp_path / "no.npz")


# ---- sequences -------------------------------------------------------------------------------


@pytest.mark.parametrize("layout, axes", [("notebook", (0, 1, 2)), ("time_first", (2, 1, 0)), ("batch_first", (1, 2, 0))])
def test_numbers_at_every_step_in_every_layout(rng, layout, axes):
    x, y = sums(rng)
    m = gt.train("gru", x.transpose(axes), y.transpose(axes), hidden=16, iterations=300, lr=0.02, layout=layout, dtype="f64")
    assert m.task == "regress"
    predicted = m.predict(x.transpose(axes))
    assert predicted.shape == y.transpose(axes).shape
    assert np.mean((predicted - y.transpose(axes)) ** 2) < 0.1 * np.mean(y**2)
    assert m.history[-1].loss < 0.2 * m.history[0].loss


def test_classes_at_the_ends_of_sequences_of_any_length(rng):
    x, _ = sums(rng, m=60)
    lengths = rng.integers(3, 9, 60)
    ends = np.cumsum(x[0], axis=1)[np.arange(60), lengths - 1]
    y = (ends > 0).astype(int)
    m = gt.train("gru", x, y, lengths=lengths, hidden=16, iterations=300, lr=0.02, validation=(x, y, lengths), patience=20)
    assert m.task == "classify"
    logits = m.predict(x)[:, np.arange(60), lengths - 1]
    assert np.mean(logits.argmax(0) == y) > 0.95
    assert max(step.accuracy for step in m.history if not np.isnan(step.accuracy)) > 0.95


def test_what_a_mask_leaves_out_has_no_influence(rng):
    x, y = sums(rng)
    mask = rng.integers(0, 2, (40, 8))
    other = np.where(mask[None] > 0, y, 1e3)
    a, b = (gt.train("rnn", x, target, mask=mask, hidden=4, iterations=10) for target in (y, other))
    assert [step.loss for step in a.history] == [step.loss for step in b.history]


def test_tags_and_tokens_and_forecasts(rng):
    tokens = rng.integers(0, 5, (30, 9))
    tagged = gt.train("gru", tokens, (tokens % 2), hidden=8, iterations=200, lr=0.02)
    assert tagged.task == "tag" and tagged.history[-1].loss < 0.1
    counting = (np.arange(9) + rng.integers(0, 4, (30, 1))) % 4
    m = gt.train("gru", counting, hidden=8, iterations=200, lr=0.02)
    assert m.task == "lm" and m.history[-1].loss < 0.1
    assert m.sample([1, 2], length=4, temperature=0) == [3, 0, 1, 2]
    wave = np.sin(0.5 * np.arange(20) + rng.uniform(0, 6, (1, 30, 1)))
    assert gt.train("gru", wave, hidden=12, iterations=300, lr=0.02).history[-1].loss < 0.02


def test_further_inputs_have_names(rng):
    x, _ = sums(rng)
    g = rng.integers(0, 2, (1, 40, 8)).astype(float)
    cell = gt.Cell(TWO_INPUTS)
    m = gt.train(cell, {"x": x, "g": g}, x[:1], hidden=6, iterations=20, dtype="f64")
    assert m.predict({"x": x, "g": g}).shape == (1, 40, 8)
    with pytest.raises(gt.ArgumentError, match="has 2 inputs: give a dict of x, g"):
        gt.train(cell, x, x[:1])
    with pytest.raises(gt.ArgumentError, match="the input g of gated is missing"):
        gt.train(cell, {"x": x}, x[:1])


def test_predictions_are_those_of_the_cell(rng):
    x, y = sums(rng)
    m = gt.train("rnn", x, y, hidden=5, iterations=3, dtype="f64")
    p = m.parameters
    inner = {name[len("layer1."):]: array for name, array in p.items() if name.startswith("layer1.")}
    a = m.cell.run(x, inner)["a"]
    expected = np.einsum("kn,nmt->kmt", p["Wy"], a) + p["by"][:, :, None]
    np.testing.assert_allclose(m.predict(x), expected, rtol=1e-12, atol=1e-13)


# ---- the run ---------------------------------------------------------------------------------


def test_the_callback_sees_every_iteration_and_ends_the_run(rng):
    x, y = sums(rng)
    seen = []
    m = gt.train("rnn", x, y, hidden=4, iterations=50, on_iteration=lambda step: seen.append(step) or step.iteration == 6)
    assert m.ended == "stopped" and [step.iteration for step in seen] == [1, 2, 3, 4, 5, 6] and seen == m.history

    def fail(step):
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        gt.train("rnn", x, y, hidden=4, on_iteration=fail)


def test_other_optimizers_and_rates_of_their_own(rng):
    x, y = sums(rng)
    for optimizer in ("sgd", "adamw", "rmsprop", "adagrad"):
        m = gt.train("gru", x, y, hidden=8, iterations=150, optimizer=optimizer, schedule="constant")
        assert m.history[-1].loss < 0.5 * m.history[0].loss, optimizer
    m = gt.train("rnn", x, y, hidden=4, iterations=5, lr_factors={"Waa": 0})
    start = gt.train("rnn", x, y, hidden=4, iterations=1, lr_factors={"Waa": 0})
    np.testing.assert_array_equal(m.parameters["layer1.Waa"], start.parameters["layer1.Waa"])
    with pytest.raises(gt.ArgumentError, match="no parameter Wab.*did you mean Waa"):
        gt.train("rnn", x, y, lr_factors={"Wab": 0.5})


def test_ctrl_c_leaves_the_model(rng):
    x, y = sums(rng)
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt) as stopped:
        gt.train("lstm", x, y, seconds=30)
    assert stopped.value.model.iteration > 0


def test_progress_is_shown_where_it_is_wanted(rng, capsys):
    x, y = sums(rng)
    gt.train("rnn", x, y, hidden=4, iterations=3)
    assert capsys.readouterr().err == ""
    gt.train("rnn", x, y, hidden=4, iterations=3, verbose=True)
    assert "1/3 iterations, loss" in capsys.readouterr().err


@pytest.mark.parametrize("change, words", [
    ({"y": np.zeros((40, 9), int)}, r"y is \(40, 9\), but \(m, T\) = \(40, 8\) is expected"),
    ({"y": np.zeros(39)}, r"y is \(39,\), but \(k, m\) with m = 40 is expected"),
    ({"y": np.full(40, -1)}, "y has the class -1: classes are numbered from 0"),
    ({"y": None}, "^the task classify needs y"),
    ({"lengths": np.full(40, 9)}, "a whole number from 1 to T = 8"),
    ({"x": np.zeros((2, 40))}, r"x is \(2, 40\) of float64: sequences of numbers are \(n, m, T\)"),
    ({"task": "sort"}, "there is no task 'sort': choose of lm"),
    ({"optimizer": "adan"}, "there is no optimizer 'adan'"),
    ({"batch": 0}, "a batch has at least one example"),
    ({"text": "abc"}, "give sequences x or a text"),
])
def test_what_does_not_fit_is_said(rng, change, words):
    x, _ = sums(rng)
    given = {"x": x, "y": np.zeros(40, int), "task": "classify" if "task" not in change else None, **change}
    if "y" in change and change["y"] is not None:
        given["task"] = None
    with pytest.raises(gt.Error, match=words):
        gt.train("rnn", iterations=1, **given)


def test_a_text_that_is_too_short(rng):
    with pytest.raises(gt.ArgumentError, match="batch=32 and steps=64 need at least 2049"):
        gt.train("rnn", text="too short")


def test_losses_of_a_cell_are_told_apart(rng):
    cell = gt.Cell("cell c\n input x[n_x]\n state h[n_a]\n param W[n_a, n_a + n_x]\n h' = tanh(W @ concat(h, x))\n"
                   " loss ponder = 0.5 * mean(h'**2, axis=0)\n")
    x = rng.normal(size=(3, 40, 6))
    model = gt.train(cell, x=x, y=x[0].sum(axis=1), task="regress", hidden=6, iterations=12, batch=8, seed=1, dtype="f64")
    assert all(list(step.terms) == ["ponder"] and 0 < step.terms["ponder"] < 3 for step in model.history)
    assert gt.train("lstm", x=x, y=x[0].sum(axis=1), task="regress", hidden=6, iterations=1).history[0].terms == {}


CELL_WITH_LOSSES = ("cell c\n input x[n_x]\n state h[n_a]\n param W[n_a, n_a + n_x]\n h' = tanh(W @ concat(h, x))\n"
                    " loss squares = mean(x**2, axis=0)\n loss half = 0.5 + 0 * mean(h, axis=0)\n")


def test_losses_of_a_cell_in_validation(rng, capsys):
    x, other = rng.normal(size=(3, 40, 6)), rng.normal(size=(3, 11, 6))  # a last batch that is not full
    lengths = np.array([6, 1, 2, 3, 4, 5, 6, 6, 6, 2, 3])
    model = gt.train(gt.Cell(CELL_WITH_LOSSES), x=x, y=x[0].sum(axis=1), task="regress", hidden=6, iterations=4, batch=4, layers=1,
                     validate_every=2, validation=(other, other[0].sum(axis=1), lengths), dtype="f64", verbose=True)
    squares = np.mean([np.mean(other[:, i, :n]**2, axis=0).sum() for i, n in enumerate(lengths)])
    assert model.history[0].validation_terms == {} and list(model.history[1].validation_terms) == ["squares", "half"]
    for terms in (model.history[1].validation_terms, model.score.terms,
                  model.evaluate(other, other[0].sum(axis=1), lengths=lengths).terms):
        np.testing.assert_allclose([terms["squares"], terms["half"]], [squares, 0.5 * lengths.mean()], rtol=1e-12)
    assert "squares " in capsys.readouterr().err


def test_losses_of_a_cell_of_a_text_are_those_of_a_window():
    text = "to be or not to be, that is the question; " * 9  # of which windows of 7 steps leave a rest
    model = gt.train(gt.Cell(CELL_WITH_LOSSES), text=text, validation=0.27, hidden=5, embedding=3, layers=2, iterations=4,
                     batch=2, steps=7, validate_every=2, dtype="f64")
    assert abs(model.history[1].terms["half"] - 7) < 1e-12  # of two layers
    assert abs(model.history[1].validation_terms["half"] - 7) < 1e-12 and abs(model.score.terms["half"] - 7) < 1e-12
    assert pickle.loads(pickle.dumps(model)).score.terms == model.score.terms
