"""Weights of other frameworks: against torch's modules, and against the formulas of Keras and ONNX."""
import warnings

import numpy as np
import pytest

import gradtape as gt

N_X, N_A, BATCH, STEPS = 3, 5, 4, 6
CELLS = {"pytorch": ["lstm", "gru_after", "rnn"], "keras": ["lstm", "gru_after", "gru", "rnn"],
         "onnx": ["lstm", "gru_after", "gru", "rnn", "peephole_lstm"]}
PAIRS = [(framework, cell) for framework, cells in CELLS.items() for cell in cells]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def network(cell, layers, directions, rng, dtype=np.float64):
    """Our arrays of so many layers, all entries random."""
    arrays, n_x = {}, N_X
    for layer in range(1, layers + 1):
        for direction in ("", "_reverse")[:directions]:
            made = gt.Cell(cell).parameters(n_x=n_x, n_a=N_A, outputs=False)
            arrays.update({f"layer{layer}{direction}.{n}": rng.normal(size=a.shape).astype(dtype) for n, a in made.items()})
        n_x = N_A * directions
    return arrays


def same(mine, others):
    assert sorted(mine) == sorted(others)
    for name, array in mine.items():
        assert array.dtype == others[name].dtype and array.shape == others[name].shape and array.tobytes() == others[name].tobytes(), name


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["f64", "f32"])
@pytest.mark.parametrize("layers, directions", [(1, 1), (1, 2), (3, 1), (2, 2)])
@pytest.mark.parametrize("framework, cell", PAIRS)
def test_there_and_back_gives_the_same_bits(framework, cell, layers, directions, dtype, rng):
    mine = network(cell, layers, directions, rng, dtype)
    for array in mine.values():
        array.flat[:3] = np.array([-0.0, np.nan, 0.0], dtype)
    theirs = gt.convert(mine, cell=cell, to=framework)
    same(gt.convert(theirs, cell=cell, from_=framework, layers=True), mine)
    if layers == directions == 1:
        same(gt.convert(theirs, cell=cell, from_=framework), {n[len("layer1."):]: a for n, a in mine.items()})


# ---- numbers ---------------------------------------------------------------------------------


def run_ours(cell, weights, x):
    return gt.Cell(cell).run(x, {n: w for n, w in weights.items()})


@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float32", 2e-6)])
@pytest.mark.parametrize("bidirectional, layers", [(False, 1), (True, 2)])
@pytest.mark.parametrize("cell, module", [("lstm", "LSTM"), ("gru_after", "GRU"), ("rnn", "RNN")])
def test_torch(cell, module, bidirectional, layers, dtype, tolerance):
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)
    theirs = getattr(torch.nn, module)(N_X, N_A, layers, bidirectional=bidirectional).to(getattr(torch, dtype))
    x = torch.randn(STEPS, BATCH, N_X, dtype=getattr(torch, dtype))
    mine = gt.torch.Recurrent.from_torch(theirs)
    np.testing.assert_allclose(mine(x)[0].detach(), theirs(x)[0].detach(), atol=tolerance, rtol=0)
    # Our weights in a new module of theirs; its second bias is zero.
    again = getattr(torch.nn, module)(N_X, N_A, layers, bidirectional=bidirectional).to(getattr(torch, dtype))
    weights = gt.convert(mine.state_dict(), cell=cell, to="pytorch")
    again.load_state_dict({n: torch.from_numpy(w.copy()) for n, w in weights.items()})
    np.testing.assert_allclose(again(x)[0].detach(), theirs(x)[0].detach(), atol=tolerance, rtol=0)
    if not bidirectional:
        ours = gt.convert(theirs.state_dict(), from_="pytorch", cell=cell)
        answer = run_ours(cell, ours, x.numpy().transpose(2, 1, 0))
        np.testing.assert_allclose(answer[gt.Cell(cell).states[0].name].transpose(2, 1, 0), theirs(x)[0].detach(), atol=tolerance, rtol=0)


def keras(cell, kernel, recurrent, bias, x):
    """keras.layers.LSTM, GRU and SimpleRNN: h at all steps, (T, m, n). x is (T, m, n_x)."""
    n = recurrent.shape[0]
    h = c = np.zeros((x.shape[1], n))
    steps = []
    for x_t in x:
        if cell == "rnn":
            h = np.tanh(x_t @ kernel + h @ recurrent + bias)
        elif cell == "lstm":
            i, f, g, o = np.split(x_t @ kernel + h @ recurrent + bias, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            on_x = x_t @ kernel + (bias[0] if cell == "gru_after" else bias)
            on_h = h @ recurrent + bias[1] if cell == "gru_after" else np.concatenate([h @ recurrent[:, : 2 * n], np.zeros_like(h)], 1)
            z, r = (sigmoid(a + b) for a, b in zip(np.split(on_x, 3, 1)[:2], np.split(on_h, 3, 1)[:2]))
            inside = r * on_h[:, 2 * n:] if cell == "gru_after" else (r * h) @ recurrent[:, 2 * n:]
            h = z * h + (1 - z) * np.tanh(on_x[:, 2 * n:] + inside)
        steps.append(h)
    return np.stack(steps)


@pytest.mark.parametrize("cell", CELLS["keras"])
def test_keras(cell, rng):
    gates = {"lstm": 4, "rnn": 1}.get(cell, 3)
    bias = rng.normal(size=(2, gates * N_A) if cell == "gru_after" else gates * N_A)
    theirs = {"x/kernel:0": rng.normal(size=(N_X, gates * N_A)), "x/recurrent_kernel:0": rng.normal(size=(N_A, gates * N_A)), "x/bias:0": bias}
    x = rng.normal(size=(STEPS, BATCH, N_X))
    mine = run_ours(cell, gt.convert(theirs, from_="keras", cell=cell), x.transpose(2, 1, 0))["a"]
    np.testing.assert_allclose(mine.transpose(2, 1, 0), keras(cell, *theirs.values(), x), atol=1e-12)


def onnx(cell, W, R, B, P, x):
    """The operators LSTM, GRU and RNN: Y of one direction, (T, m, n)."""
    n = R.shape[2]
    h = c = np.zeros((x.shape[1], n))
    wb, rb = np.split(B[0], 2)
    steps = []
    for x_t in x:
        on_x, on_h = x_t @ W[0].T + wb, h @ R[0].T + rb
        if cell == "rnn":
            h = np.tanh(on_x + on_h)
        elif cell.startswith("gru"):
            z, r = (sigmoid(a + b) for a, b in zip(np.split(on_x, 3, 1)[:2], np.split(on_h, 3, 1)[:2]))
            inside = r * on_h[:, 2 * n:] if cell == "gru_after" else (r * h) @ R[0, 2 * n:].T + rb[2 * n:]
            h = (1 - z) * np.tanh(on_x[:, 2 * n:] + inside) + z * h
        else:
            i, o, f, g = np.split(on_x + on_h, 4, axis=1)
            p_i, p_o, p_f = np.split(P[0], 3)
            old, c = c, sigmoid(f + p_f * c) * c + sigmoid(i + p_i * c) * np.tanh(g)
            h = sigmoid(o + p_o * c) * np.tanh(c)
        steps.append(h)
    return np.stack(steps)


@pytest.mark.parametrize("cell", CELLS["onnx"])
def test_onnx(cell, rng):
    gates = {"rnn": 1}.get(cell, 3 if cell.startswith("gru") else 4)
    theirs = {"W": rng.normal(size=(1, gates * N_A, N_X)), "R": rng.normal(size=(1, gates * N_A, N_A)), "B": rng.normal(size=(1, 2 * gates * N_A))}
    P = np.zeros((1, 3 * N_A))
    if cell == "peephole_lstm":
        P = theirs["P"] = rng.normal(size=P.shape)
    x = rng.normal(size=(STEPS, BATCH, N_X))
    mine = run_ours(cell, gt.convert(theirs, from_="onnx", cell=cell), x.transpose(2, 1, 0))["a"]
    np.testing.assert_allclose(mine.transpose(2, 1, 0), onnx(cell, theirs["W"], theirs["R"], theirs["B"], P, x), atol=1e-12)


# ---- names -----------------------------------------------------------------------------------


def test_a_sum_is_all_that_changes(rng):
    theirs = {"weight_ih_l0": rng.normal(size=(20, 3)), "weight_hh_l0": rng.normal(size=(20, 5)),
              "bias_ih_l0": rng.normal(size=20), "bias_hh_l0": rng.normal(size=20)}
    back = gt.convert(gt.convert(theirs, from_="pytorch", cell="lstm"), to="pytorch", cell="lstm")
    same({n: back[n] for n in ("weight_ih_l0", "weight_hh_l0")}, {n: theirs[n] for n in ("weight_ih_l0", "weight_hh_l0")})
    np.testing.assert_array_equal(back["bias_ih_l0"], theirs["bias_ih_l0"] + theirs["bias_hh_l0"])
    assert not back["bias_hh_l0"].any()
    # The two biases stay two where both sides have two.
    keras_gru = {"gru/kernel": rng.normal(size=(3, 15)), "gru/recurrent_kernel": rng.normal(size=(5, 15)), "gru/bias": rng.normal(size=(2, 15))}
    both = gt.convert(keras_gru, from_="keras", to="pytorch", cell="gru_after")
    assert sorted(both["bias_hh_l0"]) == sorted(keras_gru["gru/bias"][1])


def test_names_of_keras(rng):
    def layer(name, n_x):
        return {f"{name}/kernel:0": rng.normal(size=(n_x, 20)), f"{name}/recurrent_kernel:0": rng.normal(size=(5, 20)), f"{name}/bias:0": rng.normal(size=20)}

    theirs = {**layer("bidirectional_1/backward_lstm_1/lstm_cell_5", 10), **layer("bidirectional/forward_lstm/lstm_cell_1", 3),
              **layer("bidirectional/backward_lstm/lstm_cell_2", 3), **layer("bidirectional_1/forward_lstm_1/lstm_cell_4", 10)}
    mine = gt.convert(theirs, from_="keras", cell="lstm")
    assert sorted({n.split(".")[0] for n in mine}) == ["layer1", "layer1_reverse", "layer2", "layer2_reverse"]
    np.testing.assert_array_equal(mine["layer2_reverse.Wi"][:, 5:], theirs["bidirectional_1/backward_lstm_1/lstm_cell_5/kernel:0"][:, :5].T)


def test_a_module_inside_a_module_and_a_whole_network(rng):
    theirs = {"embedding.weight": rng.normal(size=(7, 3)), "rnn.weight_ih_l0": rng.normal(size=(20, 3)), "rnn.weight_hh_l0": rng.normal(size=(20, 5)),
              "rnn.bias_ih_l0": rng.normal(size=20), "rnn.bias_hh_l0": np.zeros(20), "linear.weight": rng.normal(size=(7, 5)), "linear.bias": rng.normal(size=7)}
    mine = gt.convert(theirs, from_="pytorch", cell="lstm")
    assert mine["embedding"].shape == (3, 7) and mine["Wy"].shape == (7, 5) and mine["by"].shape == (7, 1) and "layer1.Wf" in mine
    same(gt.convert(mine, to="pytorch", cell="lstm", prefix="rnn."), theirs)
    # As it stands in a model file, whose state and optimizer are not weights.
    model = {"parameter/" + n: a for n, a in mine.items()}
    model.update({"state/layer1.a": np.ones((5, 2)), "optimizer/steps": np.array(3.0)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same(gt.convert(model, to="pytorch", cell="lstm", prefix="rnn."), theirs)
    for framework in ("keras", "onnx"):
        same(gt.convert(gt.convert(mine, to=framework, cell="lstm"), from_=framework, cell="lstm"), mine)
    two = {**{n.replace("rnn.", "a."): w for n, w in theirs.items()}, **{n.replace("rnn.", "b."): w for n, w in theirs.items() if n.startswith("rnn.")}}
    with pytest.raises(gt.ShapeError, match="'b.weight_ih_l0'"):
        gt.convert(two, from_="pytorch", cell="lstm")
    with pytest.warns(UserWarning, match="a.weight_hh_l0"):
        assert "layer1.Wf" in gt.convert(two, from_="pytorch", cell="lstm", prefix="b.")


def test_what_does_not_fit_is_listed(rng):
    good = {"weight_ih_l0": rng.normal(size=(20, 3)), "weight_hh_l0": rng.normal(size=(20, 5)), "bias_ih_l0": np.zeros(20), "bias_hh_l0": np.zeros(20)}
    bad = {**good, "weight_hr_l0": np.ones((2, 5)), "bias_ih_l0": np.zeros(21)}
    with pytest.raises(gt.ShapeError) as caught:
        gt.convert(bad, from_="pytorch", cell="lstm")
    for words in ("bias_ih_l0 (21,): (20) was expected", "weight_hr_l0 (2, 5): means nothing", "weight_ih, weight_hh, bias_ih, bias_hh"):
        assert words in str(caught.value)
    for change, error, words in [
        ({"weight_ih_l0": None}, gt.ShapeError, "weight_ih_l0|tell no sizes"),
        ({"weight_hh_l0": np.ones((20, 6))}, gt.ShapeError, r"\(24, 3\) was expected"),
        ({"weight_ih_l0": np.ones((20, 3), "f4")}, gt.DTypeError, "f32.*f64|f64.*f32"),
        ({"bias_ih_l0": np.zeros(20, "i4")}, gt.DTypeError, "whole numbers"),
        ({"weight_ih_l2": np.ones((20, 5)), "weight_hh_l2": np.ones((20, 5))}, gt.ShapeError, "layer 2"),
        ({"weight_ih_l999999": np.ones((20, 5))}, gt.ArgumentError, "999999"),
    ]:
        arrays = {n: a for n, a in {**good, **change}.items() if a is not None}
        with pytest.raises(error, match=words):
            gt.convert(arrays, from_="pytorch", cell="lstm")
    for options, words in [({"from_": "pytorch"}, "which cell"), ({"from_": "pytorch", "cell": "mgu"}, "'mgu' has no layout"),
                           ({"from_": "pytorch", "cell": "gru"}, "PyTorch has no layer"), ({"from_": "jax"}, "'jax'"), ({"to": "keras", "cell": "lstm"}, "none of the arrays")]:
        with pytest.raises(gt.ArgumentError, match=words):
            gt.convert(good, **options)
    with pytest.warns(UserWarning, match="weight_hr_l0"):
        assert "Wf" in gt.convert({**good, "weight_hr_l0": np.ones((2, 5))}, from_="pytorch", cell="lstm", partial=True)
    wide = network("rnn", 1, 1, rng)
    wide.update({f"layer2.{n}": rng.normal(size=s) for n, s in {"Waa": (7, 7), "Wax": (7, 5), "ba": (7, 1)}.items()})
    assert gt.convert(wide, to="keras", cell="rnn")["layer2/kernel"].shape == (5, 7)
    with pytest.raises(gt.ShapeError, match="layer 2 has 7 units"):
        gt.convert(wide, to="pytorch", cell="rnn")
