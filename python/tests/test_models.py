"""Models: layers of several cells, what the command makes and reads, files, copies."""
import copy
import csv
import json
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import gradtape as gt
from conftest import SANITIZED, command, needs_archives, run_command

needs_command = pytest.mark.skipif(command() is None or SANITIZED, reason="needs the command of the build folder")
TEXT = "the cell forgets what it was told; a gate opens\n" * 60


def numbers(rows, column):
    return [float(row[column] or "nan") for row in rows]


def log_of(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def same(a, b):
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


# ---- layers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("task, kind", [("adding:12", "regress"), ("parity:9", "classify"), ("dyck:1:10", "tag")])
@needs_command
def test_a_task_is_learnt_as_the_command_learns_it(tmp_path, task, kind):
    layers = "bi(lstm 7), gru" if kind != "regress" else "bi(gru)"
    run_command(["train", "--task", task, "--cell", layers, "--hidden", "5", "--examples", "90", "--iterations", "20",
                 "--validate-every", "6", "--seed", "3", "--optimizer", "adamw", "--lr-factors", "Wy=0.5", "--save", "m.npz", "--log", "log.csv",
                 "--dtype", "f64", "--quiet"], tmp_path)
    m = gt.train(layers, task=task, hidden=5, examples=90, iterations=20, validate_every=6, seed=3, optimizer="adamw",
                 lr_factors={"Wy": 0.5}, dtype="f64")
    rows = log_of(tmp_path / "log.csv")
    assert numbers(rows, "loss") == [step.loss for step in m.history]
    assert numbers(rows, "validation_loss") == pytest.approx([s.validation for s in m.history], abs=0, nan_ok=True)
    told = json.loads(run_command(["train", "--resume", "--save", "m.npz", "--iterations", "21", "--json", "--quiet"], tmp_path).stdout)
    m = gt.train(m, task=task, iterations=21)
    assert told["validation_loss"] == m.score.loss
    if kind == "regress":
        assert told["validation_rmse"] == m.score.rmse and m.score.confusion is None
    else:
        assert told["validation_accuracy"] == m.score.accuracy and told["confusion"] == m.score.confusion.tolist()
    assert m.task == kind and m.layers == layers and m.baseline > 0 and m.optimum == 0
    same(m.parameters, gt.load_model(tmp_path / "m.npz").parameters)


@needs_command
@needs_archives
def test_an_archive_is_learnt_as_the_command_learns_it(tmp_path, rng):
    x, lengths = rng.normal(size=(2, 40, 8)), rng.integers(3, 9, 40)
    y = (np.cumsum(x[0], axis=1)[np.arange(40), lengths - 1] > 0).astype(np.int32)
    np.savez(tmp_path / "data.npz", x=x, y=y, lengths=lengths.astype(np.int32))
    run_command("train --data data.npz --task classify --cell bi(gru) --validation 0.25 --hidden 6 --iterations 12 --batch 8 "
                "--validate-every 5 --save m.npz --log log.csv --quiet".split(), tmp_path)
    read = gt.train("bi(gru)", data=tmp_path / "data.npz", task="classify", validation=0.25, hidden=6, iterations=12, batch=8, validate_every=5)
    given = gt.train("bi(gru)", x[:, :30], y[:30], lengths=lengths[:30], validation=(x[:, 30:], y[30:], lengths[30:]), hidden=6, iterations=12,
                     batch=8, validate_every=5)
    rows = log_of(tmp_path / "log.csv")
    assert numbers(rows, "loss") == [step.loss for step in read.history] == [step.loss for step in given.history]
    assert numbers(rows, "validation_accuracy") == pytest.approx([s.accuracy for s in read.history], abs=0, nan_ok=True)
    assert numbers(rows, "validation_loss") == pytest.approx([s.validation for s in given.history], abs=0, nan_ok=True)
    assert read._source == given._source  # the same hash: either goes on with the other's data


@needs_archives
def test_a_model_is_evaluated_on_other_data(tmp_path, rng):
    x, y = rng.normal(size=(2, 30, 6)), rng.integers(0, 3, (30, 6))
    m = gt.train("bi(gru)", x, y, validation=(x, y), hidden=4, iterations=30, validate_every=10)
    np.savez(tmp_path / "v.npz", x=x, y=y.astype(np.int32))
    told, read = m.evaluate(x, y), m.evaluate(data=tmp_path / "v.npz")
    assert told[:2] == m.score[:2] == read[:2] and m.history[-1].validation == told.loss
    found = m.predict(x).argmax(0)
    expected = [[int(np.sum((y == true) & (found == k))) for k in range(3)] for true in range(3)]
    assert told.confusion.tolist() == expected and np.trace(told.confusion) == pytest.approx(180 * told.accuracy)
    with pytest.raises(gt.ArgumentError, match="the model learnt from sequences"):
        m.evaluate(text="abc")
    writer = gt.train("gru", text=TEXT, hidden=6, batch=4, steps=8, iterations=10, validation=0.0)
    assert 0 < writer.evaluate(text=TEXT[:300]).loss < 6 and writer.score is None
    assert np.isnan(writer.evaluate(text=TEXT[:300]).accuracy)


def test_both_directions_learn_what_one_cannot(rng):
    tokens = rng.integers(0, 2, (120, 6))
    y = np.repeat(tokens[:, -1:], 6, axis=1)  # at every step the last token
    settings = {"hidden": 8, "iterations": 150, "lr": 0.02, "embedding": 4}
    assert gt.train("bi(gru)", tokens, y, **settings).history[-1].loss < 0.05
    assert gt.train("gru, gru", tokens, y, **settings).history[-1].loss > 0.3


def test_predictions_in_both_directions_are_those_of_torch(rng):
    torch = pytest.importorskip("torch")
    x, y = rng.normal(size=(3, 12, 7)), rng.normal(size=(2, 12, 7))
    lengths = rng.integers(2, 8, 12)
    m = gt.train("bi(lstm 5), bi(gru_after 4)", x, y, lengths=lengths, iterations=3, dtype="f64")
    p = m.parameters
    read = torch.from_numpy(x.transpose(2, 1, 0))
    for layer, cell, n in ((1, "lstm", 5), (2, "gru_after", 4)):
        arrays = {name.replace(f"layer{layer}", "layer1"): a for name, a in p.items() if name.startswith(f"layer{layer}")}
        module = (torch.nn.LSTM if cell == "lstm" else torch.nn.GRU)(read.shape[2], n, bidirectional=True).double()
        module.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in gt.convert(arrays, to="pytorch", cell=cell).items()})
        packed = torch.nn.utils.rnn.pack_padded_sequence(read, lengths, enforce_sorted=False)
        read, _ = torch.nn.utils.rnn.pad_packed_sequence(module(packed)[0], total_length=7)
    expected = (read.detach().numpy() @ p["Wy"].T + p["by"][:, 0]).transpose(2, 1, 0)
    found = m.predict(x, lengths=lengths)
    for i, length in enumerate(lengths):
        np.testing.assert_allclose(found[:, i, :length], expected[:, i, :length], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("source, task, words", [
    ("bi(gru)", "sine:9", "the task forecast predicts what follows, and a layer in both directions"),
    ("bi(gru", "parity", r"the \) of bi\(, which holds one layer, is missing at the end of bi\(gru"),
    ("gru, grv", "parity", "there is no cell 'grv'; did you mean 'gru'"),
    ("gru", "paritet", "there is no task 'paritet'; did you mean parity"),
    ("gru", "parity:0", "a size of parity is a whole number from 1"),
    ("gru", "tag", "the task tag is learnt from sequences: give x and y, or data"),
])
def test_what_does_not_fit_is_said(source, task, words):
    with pytest.raises(gt.Error, match=words):
        gt.train(source, task=task, iterations=1)


@needs_archives
def test_data_and_sequences_exclude_each_other(tmp_path, rng):
    with pytest.raises(gt.ArgumentError, match="give sequences x or a text"):
        gt.train("gru", rng.normal(size=(1, 2, 3)), task="forecast", data="a.npz")
    with pytest.raises(gt.ArgumentError, match="say with task what is to be predicted"):
        gt.train("gru", data="a.npz")
    with pytest.raises(gt.FileError, match="none.npz"):
        gt.train("gru", data=tmp_path / "none.npz", task="tag")
    with pytest.raises(gt.ArgumentError, match="makes its sequences: leave --data out"):
        gt.train("gru", data="a.npz", task="adding:9")
    with pytest.raises(gt.ArgumentError, match="y, lengths and mask go with x"):
        gt.train("gru", y=np.zeros(3, int), task="parity")


def test_tasks_are_listed():
    assert "two marked numbers" in gt.tasks()["adding[:T]"] and len(gt.tasks()) >= 8


# ---- files -----------------------------------------------------------------------------------


def members(path):
    with zipfile.ZipFile(path) as file:
        found = {name: file.read(name) for name in file.namelist()}
    return {**found, "model.json": json.loads(found["model.json"])}


@needs_command
@pytest.mark.parametrize("cell", ["gru", "bi(lstm 6), gru"])
def test_a_saved_model_is_that_of_the_command(tmp_path, cell):
    run_command(["train", "--task", "dyck:1:9", "--cell", cell, "--hidden", "5", "--examples", "80", "--iterations", "20", "--validate-every", "6",
                 "--patience", "9", "--save", "theirs.npz", "--quiet"], tmp_path)
    m = gt.train(cell, task="dyck:1:9", hidden=5, examples=80, iterations=20, validate_every=6, patience=9)
    m.save(tmp_path / "mine.npz")
    assert members(tmp_path / "mine.npz") == members(tmp_path / "theirs.npz")


@needs_command
def test_a_saved_model_of_a_text_is_that_of_the_command(tmp_path):
    (tmp_path / "text").write_text(TEXT)
    run_command("train --text text --save theirs.npz --cell gru --hidden 6 --batch 4 --steps 8 --iterations 10 --quiet".split(), tmp_path)
    gt.train("gru", text=TEXT, hidden=6, batch=4, steps=8, iterations=10).save(tmp_path / "mine.npz")
    mine, theirs = members(tmp_path / "mine.npz"), members(tmp_path / "theirs.npz")
    assert mine["model.json"]["text"].pop("files") == [] and theirs["model.json"]["text"].pop("files") == ["text"]
    assert mine == theirs
    run_command("train --resume --text text --save mine.npz --iterations 15 --log log.csv --quiet".split(), tmp_path)
    run_command("sample --model mine.npz --length 5".split(), tmp_path)
    m = gt.train(gt.load_model(tmp_path / "theirs.npz"), text=TEXT, iterations=15)
    assert [step.loss for step in m.history] == numbers(log_of(tmp_path / "log.csv"), "bits_per_character")


@needs_command
@needs_archives
def test_the_command_goes_on_with_a_model_of_python(tmp_path):
    m = gt.train("bi(gru 4), rnn", task="parity:8", hidden=5, examples=60, iterations=10, lr=0.01, schedule="constant")
    m.save(tmp_path / "m.npz")
    run_command("train --resume --save m.npz --iterations 25 --log log.csv --quiet".split(), tmp_path)
    again = gt.train(m, task="parity:8", iterations=25)
    assert [step.loss for step in again.history[10:]] == numbers(log_of(tmp_path / "log.csv"), "loss")


@needs_archives
def test_what_is_loaded_goes_on_where_it_was(tmp_path, rng):
    x, y = rng.normal(size=(2, 20, 6)), rng.normal(size=(1, 20, 6))
    cell = gt.Cell("cell mine\n input x[n_x]\n state h[n_a]\n param W[n_a, n_a + n_x]\n h' = tanh(W @ concat(h, x))\n")
    m = gt.train(cell, x, y, hidden=4, iterations=9, optimizer="rmsprop", lr_factors={"W": 0.5}, batch=6, seed=4)
    m.save(tmp_path / "m.npz")
    copies = [gt.load_model(tmp_path / "m.npz"), pickle.loads(pickle.dumps(m)), copy.deepcopy(m)]
    m = gt.train(m, x, y, iterations=17)
    for other in copies:
        assert other.iteration == 9 and other.cell.name == "mine"
        other = gt.train(other, x, y, iterations=17)
        assert [step.loss for step in other.history[-8:]] == [step.loss for step in m.history[-8:]]
        same(other.parameters, m.parameters)


def test_a_copy_has_a_history_of_its_own(rng):
    x, y = rng.normal(size=(2, 20, 6)), rng.normal(size=(1, 20, 6))
    m = gt.train("gru", x, y, hidden=4, iterations=5)
    twin = copy.deepcopy(m)
    gt.train(twin, x, y, iterations=8)
    assert len(m.history) == 5 == m.iteration and len(twin.history) == 8 == twin.iteration
    assert not np.array_equal(m.parameters["Wy"], twin.parameters["Wy"])


@pytest.mark.skipif(SANITIZED, reason="a process is started")
def test_another_process_takes_a_model(tmp_path, rng):
    x, y = rng.normal(size=(2, 6, 5)), rng.normal(size=(1, 6, 5))
    m = gt.train("bi(gru 3)", x, y, iterations=3)
    (tmp_path / "given").write_bytes(pickle.dumps((m, m.cell, x)))
    program = "import pickle, sys; m, cell, x = pickle.load(open(sys.argv[1], 'rb')); pickle.dump((m.predict(x), cell.name), open(sys.argv[2], 'wb'))"
    subprocess.run([sys.executable, "-c", program, tmp_path / "given", tmp_path / "answer"], check=True)
    predicted, name = pickle.loads((tmp_path / "answer").read_bytes())
    np.testing.assert_array_equal(predicted, m.predict(x))
    assert name == "gru"


def test_other_data_begin_anew(rng):
    x, y = rng.normal(size=(2, 20, 6)), rng.normal(size=(1, 20, 6))
    m = gt.train("gru", x, y, validation=(x, y), hidden=4, iterations=6, validate_every=2)
    assert m.best[0] > 0 and m._network.progress[1] == 0
    gt.train(m, x[:, :9], y[:, :9], iterations=8)
    assert m._network.progress[1] == 6 and m.best is None


@needs_archives
def test_the_best_parameters_are_beside_the_last(tmp_path, rng):
    x, y = rng.normal(size=(2, 20, 6)), rng.normal(size=(1, 20, 6))
    v = rng.normal(size=(2, 20, 6)), rng.normal(size=(1, 20, 6))  # nothing to be learnt: it gets worse
    m = gt.train("gru", x, y, validation=v, hidden=24, iterations=200, validate_every=5, patience=3, lr=0.03)
    assert m.ended == "patience" and m.best[0] < m.iteration
    m.save(tmp_path / "m.npz")
    arrays = gt.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(arrays["best/Wy"], m.parameters["Wy"])
    assert not np.array_equal(arrays["parameter/Wy"], arrays["best/Wy"])
    same(gt.load_model(tmp_path / "m.npz").parameters, m.parameters)


@needs_archives
def test_a_damaged_description_is_refused(tmp_path, rng):
    m = gt.train("bi(gru 3)", rng.normal(size=(2, 6, 5)), rng.normal(size=(1, 6, 5)), iterations=2)
    with pytest.raises(gt.ArgumentError, match="ends with .npz"):
        m.save(tmp_path / "m.model")
    content = m._content()
    progress, settings = content.description["progress"], content.description["settings"]
    for change in ({"version": 9}, {"settings": {}}, {"progress": None}, {"data": {"no": 1}}, {"cells": ["lstm"]}, {"cells": 3},
                   {"progress": {**progress, "iteration": -5}}, {"settings": {**settings, "cell": "bi(gru 4)"}},
                   {"settings": {**settings, "optimizer": "adan"}}, {"settings": {**settings, "batch": 0}}):
        changed = content._replace(description={**content.description, **change})
        gt._model_file.write(str(tmp_path / "bad.npz"), changed)
        with pytest.raises(gt.Error):
            gt.load_model(tmp_path / "bad.npz")
