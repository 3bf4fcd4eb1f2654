"""Cells: run, differentiated, verified and drawn."""
import json
import pickle
import subprocess

import numpy as np
import pytest

import gradtape as gt
import handwritten
from conftest import SANITIZED, make, run_command
from gradtape import _arrays

EQUAL = {"rtol": 1e-12, "atol": 1e-13}


def same(given, expected):
    assert given.keys() == expected.keys()
    for name in given:
        np.testing.assert_allclose(given[name], expected[name], err_msg=name, **EQUAL)


# ---- numbers ---------------------------------------------------------------------------------


def test_rnn_is_what_is_written_by_hand(rng):
    cell, p, x = make("rnn", rng)
    a0, da, dy = rng.normal(size=(5, 4)), rng.normal(size=(5, 4, 6)), rng.normal(size=(2, 4, 6))
    values, gradients = handwritten.rnn(x, p, a0, da, dy)
    run = cell.run(x, p, initial={"a": a0})
    same(dict(run.items()), values)
    np.testing.assert_array_equal(run.final["a"], run["a"][:, :, -1])
    same(cell.gradients(x, p, {"a": da, "y": dy}, initial={"a": a0}), gradients)


def test_lstm_is_what_is_written_by_hand(rng):
    cell, p, x = make("lstm", rng)
    a0, c0 = rng.normal(size=(2, 5, 4))
    da, dc, dy = rng.normal(size=(5, 4, 6)), rng.normal(size=(5, 4, 6)), rng.normal(size=(2, 4, 6))
    values, gradients = handwritten.lstm(x, p, a0, c0, da, dc, dy)
    same(dict(cell.run(x, p, initial={"a": a0, "c": c0}).items()), values)
    same(cell.gradients(x, p, {"a": da, "c": dc, "y": dy}, initial={"a": a0, "c": c0}), gradients)


def on_the_interpreter(cell, p, x, upstream):
    """The same sequence, recorded by hand and run by the interpreter."""
    problem = cell._read(x, p, None, upstream, None, "notebook")
    recorded = cell._record(problem)
    cotangents = [recorded.tape.input("d" + name, upstream[name]) for name in upstream]
    gradients = gt.grad([recorded.results[name] for name in upstream], recorded.leaves, cotangents)
    given = {name: a for name, a in problem.arrays.items() if name not in {"d" + n for n in upstream}}
    values = recorded.tape.evaluate(list(recorded.results.values()) + gradients, given)
    names = list(recorded.results) + ["d" + leaf.name for leaf in recorded.leaves]
    return dict(zip(names, values))


@pytest.mark.parametrize("name", gt.zoo())
def test_the_zoo_runs_as_on_the_interpreter(name, rng):
    cell, p, x = make(name, rng)
    run = cell.run(x, p)
    upstream = {n: rng.normal(size=a.shape) for n, a in run.items()}
    expected = on_the_interpreter(cell, p, x, upstream)
    gradients = cell.gradients(x, p, upstream)
    for n, a in {**dict(run.items()), **gradients}.items():
        np.testing.assert_allclose(a, expected[n], rtol=1e-9, atol=1e-11, err_msg=n)
    assert set(gradients) == {"d" + row.name for row in cell.inputs} | {f"d{s.name}0" for s in cell.states} | {"d" + n for n in p}


BEGIN = """cell begin
  input x[n_x]
  state h[n_a] = h0
  param W[n_a, n_x], h0[n_a]
  h' = tanh(0.5 * h + W @ x)
"""


def test_a_state_begins_with_a_parameter(rng):
    cell = gt.Cell(BEGIN)
    p = cell.parameters(n_x=3, n_a=5, seed=1)
    p["h0"] = rng.normal(size=(5, 1))
    x, dh = rng.normal(size=(3, 4, 6)), rng.normal(size=(5, 4, 6))
    assert cell.states[0].begins_with == "h0"
    one = cell.run(x[:, :, :1], p)["h"][:, :, 0]
    np.testing.assert_allclose(one, np.tanh(0.5 * p["h0"] + p["W"] @ x[:, :, 0]), **EQUAL)
    plain = gt.Cell(BEGIN.replace("h0\n", "0\n", 1).replace(", h0[n_a]", ""))
    h0 = np.repeat(p.pop("h0"), 4, axis=1)
    expected = plain.gradients(x, p, {"h": dh}, initial={"h": h0})
    p["h0"] = h0[:, :1]
    found = cell.gradients(x, p, {"h": dh})
    np.testing.assert_allclose(found["dh0"], expected["dh0"].sum(axis=1, keepdims=True), rtol=1e-12)
    np.testing.assert_allclose(found["dW"], expected["dW"], rtol=1e-12)
    with pytest.raises(gt.ArgumentError, match="the state h of begin begins with h0: give the parameters"):
        cell.run(x, p, initial={"h": h0})


def plainly_truncated(h0, p, x, dh):
    """dW of a loop that hands nothing down from step to step."""
    h, dW = np.repeat(h0, x.shape[1], axis=1), 0
    for t in range(x.shape[2]):
        h = np.tanh(0.5 * h + p["W"] @ x[:, :, t])
        dW = dW + (dh[:, :, t] * (1 - h**2)) @ x[:, :, t].T
    return dW


def test_a_state_begins_with_a_formula(rng):
    cell = gt.Cell(BEGIN.replace("= h0\n", "= tanh(2 * h0)\n", 1))
    p = cell.parameters(n_x=3, n_a=5, seed=1)
    p["h0"] = rng.normal(size=(5, 1))
    x, dh = rng.normal(size=(3, 4, 6)), rng.normal(size=(5, 4, 6))
    assert cell.states[0].begins_with == "tanh(2 * h0)"
    plain = {**p, "h0": np.tanh(2 * p["h0"])}
    np.testing.assert_allclose(cell.run(x, p)["h"], gt.Cell(BEGIN).run(x, plain)["h"], rtol=1e-13)
    found, expected = cell.gradients(x, p, {"h": dh}), gt.Cell(BEGIN).gradients(x, plain, {"h": dh})
    np.testing.assert_allclose(found["dh0"], expected["dh0"] * 2 * (1 - plain["h0"]**2), rtol=1e-12)
    np.testing.assert_allclose(found["dW"], expected["dW"], rtol=1e-12)
    assert cell.check().verdict == "right"
    given = {"x": x, **p, "dh": dh}
    assert cell.check(against={**given, **found}).verdict == "right"
    for dh0 in (expected["dh0"], -found["dh0"]):  # without what the formula does
        assert cell.check(against={**given, **found, "dh0": dh0}).verdict == "wrong"
    truncated = plainly_truncated(plain["h0"], p, x, dh)
    report = cell.check(against={**given, "dW": truncated})
    assert report.verdict == "wrong" and "step" in str(report)


def test_what_is_drawn_is_its_mean_unless_it_is_given(rng):
    cell = gt.Cell("cell c\n input x[n_x]\n state h[n_a], k[n_a] ~ bernoulli(0.25)\n param W[n_a, n_x]\n"
                   " s = bernoulli(0.5, h)\n h' = s * h + k * (W @ x)\n")
    p, x = cell.parameters(n_x=3, n_a=5, seed=1), rng.normal(size=(3, 4, 6))
    assert [row.drawn for row in cell.inputs] == [False, True] and [row.drawn for row in cell.states] == [False, True]
    means = {"x": x, "bernoulli_1": np.full((5, 4, 6), 0.5)}
    np.testing.assert_allclose(cell.run(x, p)["h"], cell.run(means, p, initial={"k": np.full((5, 4), 0.25)})["h"], rtol=1e-12)
    ones = {"x": x, "bernoulli_1": np.ones((5, 4, 6))}
    np.testing.assert_allclose(cell.run(ones, p, initial={"k": np.ones((5, 4))})["h"],
                               np.cumsum(np.einsum("ij,jmt->imt", p["W"], x), axis=2), rtol=1e-9, atol=1e-12)
    dh = rng.normal(size=(5, 4, 6))
    found, expected = cell.gradients(x, p, {"h": dh}), cell.gradients(means, p, {"h": dh}, initial={"k": np.full((5, 4), 0.25)})
    np.testing.assert_allclose(found["dW"], expected["dW"], rtol=1e-12)
    assert cell.check().verdict == "right"
    assert "bernoulli_1" in str(cell.graph()) and "k0" in str(cell.graph())


def test_fewer_upstream_steps_are_zeros_behind(rng):
    cell, p, x = make("lstm", rng)
    da = rng.normal(size=(5, 4, 2))
    padded = np.zeros((5, 4, 6))
    padded[:, :, :2] = da
    same(cell.gradients(x, p, {"a": da}), cell.gradients(x, p, {"a": padded}))


def test_one_step_has_two_axes(rng):
    cell, p, x = make("lstm", rng)
    run, whole = cell.run(x[:, :, 0], p), cell.run(x, p)
    for name in ("a", "c", "y"):
        assert run[name].shape == whole[name].shape[:2]
        np.testing.assert_allclose(run[name], whole[name][:, :, 0], **EQUAL)
    da = rng.normal(size=(5, 4))
    one = cell.gradients(x[:, :, 0], p, {"a": da})
    assert one["dx"].shape == (3, 4)
    same({n: np.squeeze(a) for n, a in one.items()},
         {n: np.squeeze(a) for n, a in cell.gradients(x[:, :, :1], p, {"a": da[:, :, None]}).items()})


def test_single_precision_is_asked_for_or_found(rng):
    cell, p, x = make("lstm", rng)
    small = {n: a.astype(np.float32) for n, a in p.items()}
    assert cell.run(x.astype(np.float32), small)["a"].dtype == np.float32
    assert cell.run(x, small)["a"].dtype == np.float64
    assert cell.run(x, p, dtype="f32")["a"].dtype == np.float32
    np.testing.assert_allclose(cell.run(x, p, dtype="f32")["a"], cell.run(x, p)["a"], atol=1e-5)
    with pytest.raises(gt.NotFiniteError, match="Wf.*too large for float32"):
        cell.run(x, {**p, "Wf": p["Wf"] * 1e300}, dtype="f32")
    with pytest.raises(gt.DTypeError, match="int64"):
        cell.run(x, p, dtype=np.int64)


def test_outputs_are_left_out_without_their_parameters(rng):
    cell, p, x = make("lstm", rng)
    del p["Wy"], p["by"]
    assert list(cell.run(x, p)) == ["a", "c"]
    with pytest.raises(gt.ArgumentError, match="parameter Wy of lstm.*missing"):
        cell.gradients(x, p, {"y": np.ones((2, 4, 6))})


# ---- layouts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("layout, order", [("time_first", (2, 1, 0)), ("batch_first", (1, 2, 0))])
def test_layouts_are_the_same_numbers(layout, order, rng):
    cell, p, x = make("lstm", rng)
    a0, da = rng.normal(size=(5, 4)), rng.normal(size=(5, 4, 6))
    run, g = cell.run(x, p, initial={"a": a0}), cell.gradients(x, p, {"a": da}, initial={"a": a0})
    other = gt.Cell("lstm", layout=layout)
    moved = other.run(np.ascontiguousarray(x.transpose(order)), p, initial={"a": a0.T})
    for name in run:
        np.testing.assert_array_equal(moved[name], run[name].transpose(order))
        np.testing.assert_array_equal(moved.final["a"], run.final["a"].T)
    turned = other.gradients(x.transpose(order), p, {"a": da.transpose(order)}, initial={"a": a0.T})
    np.testing.assert_array_equal(turned["dx"], g["dx"].transpose(order))
    np.testing.assert_array_equal(turned["da0"], g["da0"].T)
    np.testing.assert_array_equal(turned["dWf"], g["dWf"])


def test_the_library_s_own_memory_is_not_copied(rng):
    time_first = rng.normal(size=(6, 4, 3))
    assert np.shares_memory(_arrays.ready(_arrays.to_native(time_first, "time_first")), time_first)
    notebook = np.asfortranarray(rng.normal(size=(3, 4, 6)))
    assert np.shares_memory(_arrays.ready(_arrays.to_native(notebook, "notebook")), notebook)
    cell, p, x = make("lstm", rng)
    assert gt.Cell("lstm", layout="time_first").run(x.transpose(2, 1, 0), p)["a"].flags.c_contiguous


@pytest.mark.parametrize("shape, words", [
    ((6, 4, 3), r"n_x = 3.*looks like \(T, m, n_x\) or \(m, T, n_x\): pass layout='time_first' or 'batch_first'"),
    ((4, 3), r"looks like \(m, n_x\): pass layout='time_first'"),
    ((3, 4, 0), "a size of 0 is none"),
    ((3,), "it has 1 axis"),
    ((3, 4, 6, 1), "it has 4 axes"),
    ((), "it has 0 axes"),
    ((2, 4, 6), r"x is \(2, 4, 6\), but lstm expects \(n_x, m, T\) with n_x = 3$"),
])
def test_a_shape_in_another_order_is_recognised(shape, words, rng):
    cell, p, _ = make("lstm", rng)
    with pytest.raises(gt.ShapeError, match=words):
        cell.run(np.zeros(shape), p)


def test_states_and_upstream_gradients_fit(rng):
    cell, p, x = make("lstm", rng)
    with pytest.raises(gt.ShapeError, match=r"a0 is \(4, 5\).*looks like \(m, n_a\)"):
        cell.run(x, p, initial={"a": np.zeros((4, 5))})
    with pytest.raises(gt.ShapeError, match=r"da is \(6, 4, 5\).*T = 6; this looks like \(T, m, n_a\)"):
        cell.gradients(x, p, {"a": np.zeros((6, 4, 5))})
    with pytest.raises(gt.ShapeError, match=r"da is \(5, 4, 7\)"):
        cell.gradients(x, p, {"a": np.zeros((5, 4, 7))})
    with pytest.raises(gt.ShapeError, match=r"Wf is \(8, 5\), but lstm has \(n_a, n_a \+ n_x\) = \(5, 8\); this looks transposed"):
        cell.run(x, {**p, "Wf": p["Wf"].T})
    with pytest.raises(gt.ArgumentError, match="nothing to differentiate.*'a', 'c', 'y'"):
        cell.gradients(x, p, {})


# ---- cells and their parameters --------------------------------------------------------------


def test_a_cell_is_a_file_a_text_or_a_name(tmp_path):
    text = "# Mine.\ncell mine\n  input x[n]\n  state h[n] = 0.5\n  h' = tanh(x + h)\n"
    file = tmp_path / "mine.cell"
    file.write_text(text)
    for source in (text, str(file), file):
        cell = gt.Cell(source)
        assert cell.name == "mine" and cell.documentation == "Mine." and cell.text == text
        np.testing.assert_allclose(cell.run(np.zeros((2, 3, 1)), {})["h"], np.tanh(0.5))
    assert gt.Cell(text + "cell other\n  input x[n]\n  state h[n]\n  h' = x + h\n", cell="other").name == "other"
    with pytest.raises(gt.ArgumentError, match="there is no cell 'lsmt'; did you mean 'lstm'"):
        gt.Cell("lsmt")
    with pytest.raises(gt.FileError, match="nothing.cell: No such file"):
        gt.Cell(str(tmp_path / "nothing.cell"))
    with pytest.raises(gt.FileError, match="directory"):
        gt.Cell(tmp_path)
    with pytest.raises(TypeError, match="a file, a text, or a name"):
        gt.Cell(7)


def test_mistakes_in_a_text_have_places_and_hints():
    with pytest.raises(gt.CellError, match=r"cell:4:17: there is no name hh .*did you mean h") as caught:
        gt.Cell("cell a\n  input x[n]\n  state h[n]\n  h' = tanh(x + hh)\n")
    error = caught.value
    assert (error.file, error.line, error.column) == ("cell", 4, 17) and error.hints == ["did you mean h?"]
    assert error.diagnostics[0].error and "hh" in error.diagnostics[0].message
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) and copy.diagnostics == error.diagnostics


def test_parameters_are_those_of_the_library(rng):
    cell = gt.Cell("lstm")
    p = cell.parameters(n_x=3, n_a=5, n_y=2, seed=1)
    assert {n: a.shape for n, a in p.items()}["Wf"] == (5, 8)
    assert (p["bf"] == 1).all() and not p["bi"].any() and p["Wf"].std() > 0
    again = cell.parameters(n_x=3, n_a=5, n_y=2, seed=1)
    assert all((p[n] == again[n]).all() for n in p) and p["Wf"].flags.writeable
    assert (cell.parameters(n_x=3, n_a=5, n_y=2, seed=2)["Wf"] != p["Wf"]).any()
    assert cell.parameters(n_x=3, n_a=5, dtype="float32")["Wf"].dtype == np.float32
    assert "Wy" not in cell.parameters(n_x=3, n_a=5)
    with pytest.raises(gt.ArgumentError, match="needs a size for n_x: parameters"):
        cell.parameters(n_a=5)
    with pytest.raises(gt.ArgumentError, match="needs a size for n_y"):
        cell.parameters(n_a=5, n_x=3, outputs=True)
    with pytest.raises(gt.ArgumentError, match="no dimension 'n_b'"):
        cell.parameters(n_a=5, n_x=3, n_b=1)
    with pytest.raises(gt.Error):
        cell.parameters(n_x=-1, n_a=5)
    with pytest.raises((gt.Error, OverflowError)):
        cell.parameters(n_x=2**62, n_a=2**62)
    with pytest.raises(TypeError):
        cell.parameters(n_x=3.5, n_a=5)


# ---- checks and pictures ---------------------------------------------------------------------


def test_a_right_cell_is_right():
    report = gt.Cell("lstm").check().assert_right()
    assert report.verdict == "right" and report and report.complete
    assert report.counts["numeric"]["entries"] > 100 and report.counts["formula"]["arrays"] > 10
    assert "right" in report._repr_html_() and str(report).startswith("lstm: right")


def test_a_wrong_formula_is_found():
    text = gt.Cell("lstm").text.replace("df_z = s * c * f * (1 - f)", "df_z = s * c * f")
    report = gt.Cell(text).check()
    assert report.verdict == "wrong" and not report
    finding = report.findings[0]
    assert finding["array"] == "df_z" and finding["place"][0] == "cell" and "1 - f" in finding["diagnosis"]["repaired"]
    with pytest.raises(AssertionError, match="df_z"):
        report.assert_right()


@pytest.mark.parametrize("layout, order", [("notebook", (0, 1, 2)), ("time_first", (2, 1, 0))])
def test_arrays_computed_elsewhere(layout, order, rng):
    cell, p, x = make("lstm", rng)
    da = rng.normal(size=(5, 4, 6))
    g = cell.gradients(x, p, {"a": da})
    turn = (lambda a: a.transpose(order) if a.ndim == 3 else a)
    mine = {"x": x, "da": da, **p, **g}
    other = gt.Cell("lstm", layout=layout)
    moved = {n: turn(a) if n in ("x", "da", "dx") else a.T if layout != "notebook" and n in ("da0", "dc0") else a for n, a in mine.items()}
    assert other.check(against=moved).verdict == "right"
    report = other.check(against={**moved, "dWf": -g["dWf"]})
    assert report.verdict == "wrong" and report.findings[0]["array"] == "dWf"
    assert "sign" in report.findings[0]["diagnosis"]["text"]
    with pytest.raises(gt.ArgumentError, match="'dWg' is no array of the cell"):
        cell.check(against={**mine, "dWg": 1})


def test_a_check_at_a_point(rng):
    cell, p, x = make("lstm", rng)
    assert cell.check(at={"x": x, **p}).verdict == "right"
    with pytest.raises(gt.ArgumentError, match="give against or at"):
        cell.check(at={"x": x}, against={"x": x})


def test_progress_is_told_and_may_stop_a_check():
    stages = []
    gt.Cell("lstm").check(steps=30, examples=20, progress=lambda stage, done: stages.append((stage, done)))
    assert stages and all(0 <= done <= 1 for _, done in stages)

    def stop(stage, done):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        gt.Cell("lstm").check(steps=30, examples=20, progress=stop)


def test_graphs_are_drawn():
    picture = gt.Cell("lstm").graph(steps=2, backward=True)
    assert "digraph" in picture.render("dot").decode() and "dWf" in picture.render("dot").decode()
    with pytest.raises(gt.ArgumentError):
        picture.render("gif")


def test_graphs_show_themselves(tmp_path):
    assert gt.Cell("rnn").graph()._repr_svg_().rstrip().endswith("</svg>")
    gt.Cell("rnn").graph(steps=3).save(tmp_path / "rnn.svg")
    assert (tmp_path / "rnn.svg").read_text().rstrip().endswith("</svg>")


@pytest.mark.skipif(SANITIZED, reason="dot has less memory than a sanitizer takes")
def test_graphs_are_drawn_by_graphviz(tmp_path):
    try:
        subprocess.run(["dot", "-V"], capture_output=True, check=True)
        gt.Cell("rnn").graph().save(tmp_path / "rnn.png")
    except (OSError, subprocess.CalledProcessError, gt.UnsupportedError):
        pytest.skip("without Graphviz's dot there are no .png files")
    assert (tmp_path / "rnn.png").read_bytes().startswith(b"\x89PNG")


def test_flow(tmp_path):
    """Where the gradient goes: the numbers of the command, and norms that are those of the gradients."""
    cell = gt.Cell("gru")
    p = cell.parameters(n_x=3, n_a=4, n_y=2, seed=2)
    random = np.random.default_rng(3)
    x, da = random.normal(size=(3, 5, 6)), random.normal(size=(4, 5, 6))
    flow = cell.flow(x, p, upstream={"a": da})
    gradients = cell.gradients(x, p, upstream={"a": da})
    series = {each["name"]: each for each in flow["gradients"]}
    np.testing.assert_allclose(series["x"]["norm"], np.linalg.norm(gradients["dx"].reshape(-1, 6), axis=0), rtol=1e-12)
    assert series["a"]["entries"].shape == (4, 6) and flow["singular_values"].shape == (6, 4)
    norms = {each["name"]: each["norm"] for each in flow["parameters"]}
    for name, value in gradients.items():
        if name[1:] in norms:
            np.testing.assert_allclose(norms[name[1:]], np.linalg.norm(value), rtol=1e-12)
    np.savez(tmp_path / "in.npz", x=x, da=da, **p)
    run_command(["flow", "gru", "--in", "in.npz", "-o", "flow.json"], tmp_path)
    said = json.loads((tmp_path / "flow.json").read_text())["flows"][0]
    for mine, theirs in zip(flow["gradients"], said["gradients"]):
        assert (mine["name"], mine["kind"]) == (theirs["name"], theirs["kind"])
        np.testing.assert_array_equal(mine["norm"], theirs["norm"])
        np.testing.assert_array_equal(mine["entries"], theirs["entries"])
        assert mine["decades_each_step_back"] == theirs["decades_each_step_back"]
    for mine, theirs in zip(flow["parameters"], said["parameters"]):
        np.testing.assert_array_equal(mine.pop("loss_at_step_by_use_at_step"), theirs.pop("loss_at_step_by_use_at_step"))
        assert mine == theirs
    np.testing.assert_array_equal(flow["singular_values"], said["singular_values"])
    short = cell.flow(x, p, upstream={"a": da}, triangles=False, singular=False, initial={"a": np.ones((4, 5))})
    assert short["singular_values"] is None and short["parameters"][0]["loss_at_step_by_use_at_step"] is None
    with pytest.raises(gt.ArgumentError, match="upstream"):
        cell.flow(x, p, upstream={})


def test_derive():
    """The derived backward pass as text, and as NumPy that computes what the tape computes."""
    cell = gt.Cell("gru")
    assert gt.Cell(cell.derive()).check(require_all=True).verdict == "right"
    module = {}
    exec(cell.derive("numpy"), module)
    p = cell.parameters(n_x=3, n_a=4, n_y=2, seed=2)
    random = np.random.default_rng(3)
    x, da, dy = random.normal(size=(3, 5, 6)), random.normal(size=(4, 5, 6)), random.normal(size=(2, 5, 6))
    expected = cell.gradients(x, p, upstream={"a": da, "y": dy})
    *_, caches = module["gru_forward"](x, np.zeros((4, 5)), **p)
    found = module["gru_backward"](da, dy, caches)
    for name, value in zip(["dx", "da0"] + ["d" + row.name for row in cell.parameter_rows], found):
        np.testing.assert_allclose(value, expected[name], rtol=1e-11, atol=1e-12)
    assert "\\bar" not in cell.derive("latex") and "overline" in cell.derive("latex", notation="bar")
    with pytest.raises(gt.ArgumentError, match="as_ is one of"):
        cell.derive("pascal")
    with pytest.raises(gt.ArgumentError, match="did you mean dWr"):
        cell.derive("html", blank="dWx")
    with pytest.raises(gt.CellError):
        gt.Cell("cell c\n input x[n]\n state a[n]\n a' = b\n")


def test_constants_are_set():
    text = "cell c\n input x[n]\n state h[n]\n const dt = 0.1, k = 2\n h' = h + dt * k * x\n"
    cell = gt.Cell(text, set={"dt": 0.05})
    assert "const dt = 0.05, k = 2" in cell.text
    x = np.ones((3, 1, 1))
    np.testing.assert_allclose(cell.run(x, {})["h"], 0.1 * x)
    np.testing.assert_allclose(pickle.loads(pickle.dumps(cell)).run(x, {})["h"], 0.1 * x)
    np.testing.assert_allclose(gt.Cell(text).run(x, {})["h"], 0.2 * x)
    with pytest.raises(gt.CellError, match="the cell c has no constant dtt to be set"):
        gt.Cell(text, set={"dtt": 1})
    with pytest.raises((TypeError, ValueError)):
        gt.Cell(text, set={"dt": "x"})


def test_arrays_of_several_sizes(rng):
    """A gated memory of each head, beside einsum; n_h, which no array has by itself, is told."""
    text = """cell c
  input x[n_x]
  state S[n_h, n_k, n_v]
  param Wk[n_h, n_k, n_x], Wv[n_h, n_v, n_x], g[1]
  S' = sigmoid(g) * S + outer(Wk @ x, Wv @ x)
  hidden y = reshape(S'.T @ (Wk @ x), n_h * n_v)
"""
    cell = gt.Cell(text)
    p = {"Wk": rng.normal(size=(6, 4)), "Wv": rng.normal(size=(4, 4)), "g": rng.normal(size=(1, 1))}
    x = rng.normal(size=(4, 5, 3))
    run = cell.run(x, {**p, "n_h": 2})
    S = np.zeros((2, 3, 2, 5))
    for t in range(3):
        k = (p["Wk"] @ x[:, :, t]).reshape(2, 3, 5)
        v = (p["Wv"] @ x[:, :, t]).reshape(2, 2, 5)
        S = S / (1 + np.exp(-p["g"][0, 0])) + np.einsum("hkm,hvm->hkvm", k, v)
        np.testing.assert_allclose(run["S"][:, :, t].reshape(S.shape), S, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(run["y"][:, :, t], np.einsum("hkvm,hkm->hvm", S, k).reshape(4, 5), rtol=1e-12, atol=1e-12)
    assert set(cell.gradients(x, {**p, "n_h": 2}, {"y": run["y"]})) == {"dx", "dS0", "dWk", "dWv", "dg"}
    with pytest.raises(gt.ShapeError, match="n_h"):
        cell.run(x, p)
