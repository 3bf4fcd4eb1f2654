"""ONNX models: what onnx.checker says of them, and that onnxruntime computes the same numbers.

onnxruntime comes from npm (scripts/install-onnxruntime): ONNXRUNTIME is the folder of its module. Without
it, or without python3-onnx, what needs it is skipped, and says so.
"""
import json
import os
import pathlib
import shutil
import subprocess

import numpy as np
import pytest
from conftest import SIZES, run_command

import gradtape as gt

HERE = pathlib.Path(__file__).parent
LAYERS = {"lstm": "LSTM", "gru_after": "GRU", "gru": "GRU", "rnn": "RNN", "peephole_lstm": "LSTM"}
#: (steps, examples): both are open in the model.
LENGTHS = [(6, 4), (1, 1), (9, 2)]

def check(model):
    """The parsed model, if there is something to parse it with."""
    onnx = pytest.importorskip("onnx", reason="Debian's python3-onnx is not here")
    parsed = onnx.load_from_string(model)
    onnx.checker.check_model(parsed, full_check=True)
    return parsed


@pytest.fixture(scope="session")
def runtime():
    node = shutil.which("node")
    # Not what a sanitizer preloads: it would be loaded into node, too.
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    environment.setdefault("ONNXRUNTIME", "onnxruntime-node")
    found = node and subprocess.run([node, "-e", "require(process.env.ONNXRUNTIME)"], env=environment, capture_output=True).returncode == 0
    if not found:
        pytest.skip("onnxruntime-node is not here (scripts/install-onnxruntime FOLDER): numbers are not compared with it")

    def run(folder, model, feeds):
        """What the model gives for each of the feeds, arrays by name."""
        (folder / "model.onnx").write_bytes(model)
        rows = [{n: {"type": str(a.dtype), "dims": a.shape, "data": a.ravel().tolist()} for n, a in given.items()} for given in feeds]
        (folder / "inputs.json").write_text(json.dumps(rows))
        done = subprocess.run([node, HERE / "onnx_run.js", folder], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return [{n: np.array(o["data"]).reshape(o["dims"]) for n, o in answer.items()} for answer in json.loads((folder / "outputs.json").read_text())]

    return run


def make(name, rng, dtype):
    """A cell, its sizes and random parameters of those that are exported."""
    cell = gt.Cell(name)
    sizes = {n: SIZES.get(n, 4) for n in cell.dimensions}
    made = cell.parameters(**sizes, outputs=cell._cell.handed_on >= 0)
    return cell, sizes, {n: (rng.normal(size=a.shape) * 0.5).astype(dtype) for n, a in made.items()}


def rows(text, sizes):
    """What "n_h * n_k" comes to."""
    return int(np.prod([sizes[part.strip()] if part.strip() in sizes else int(part) for part in str(text).split("*")]))


def compare(runtime, folder, model, cell, sizes, parameters, rng, dtype, tolerance):
    feeds, expected = [], []
    for steps, examples in LENGTHS:
        inputs = [row for row in cell.inputs if not row.drawn]  # a model has the mean of what is drawn
        given = {i.name: rng.normal(size=(rows(i.rows, sizes), examples, steps)).astype(dtype) for i in inputs}
        initial = {s.name: rng.normal(size=(rows(s.rows, sizes), examples)).astype(dtype) for s in cell.states}
        feeds.append({**{n: a.T for n, a in given.items()}, **{n + "0": a.T for n, a in initial.items()}})
        expected.append(cell.run(given, parameters, initial=initial))
    for answer, run in zip(runtime(folder, model, feeds), expected):
        assert len(answer) == 1 + len(cell.states)
        for name, array in answer.items():
            wanted = run.final[name[: -len("_final")]] if name.endswith("_final") else run[name]
            assert array.shape == wanted.T.shape
            np.testing.assert_allclose(array, wanted.T, rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("name", gt.zoo())
def test_every_cell_of_the_zoo_is_a_good_model(name, rng):
    cell, sizes, parameters = make(name, rng, "f4")
    operators = [node.op_type for node in check(gt.export(cell, parameters=parameters)).graph.node]
    assert (LAYERS.get(name, "Scan") in operators) and ("Scan" in operators) == (name not in LAYERS)
    scans = check(gt.export(cell, parameters=parameters, scans=True, title="mine"))
    assert "Scan" in [node.op_type for node in scans.graph.node] and scans.graph.name == "mine"
    for value in list(scans.graph.input) + list(scans.graph.output):
        sizes_of = [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        assert sizes_of[-2] == "examples" and (len(sizes_of) == 2 or sizes_of[0] == "steps")


@pytest.mark.parametrize("scans", [False, True], ids=["layers", "scans"])
@pytest.mark.parametrize("name", gt.zoo())
def test_every_cell_of_the_zoo_gives_the_same_numbers(name, scans, rng, runtime, tmp_path):
    if scans and name not in LAYERS:
        pytest.skip("it is a scan already")
    cell, sizes, parameters = make(name, rng, "f4")
    model = gt.export(cell, parameters=parameters, scans=scans)
    compare(runtime, tmp_path, model, cell, sizes, parameters, rng, "f4", 1e-5)


@pytest.mark.parametrize("opset", [13, 15, 17, 18, 21])
def test_versions_of_the_operators(opset, rng, runtime, tmp_path):
    cell, sizes, parameters = make("layernorm_lstm", rng, "f4")  # has sums and means
    compare(runtime, tmp_path, gt.export(cell, parameters=parameters, opset=opset), cell, sizes, parameters, rng, "f4", 1e-5)


def test_double_precision(rng, runtime, tmp_path):
    for name in ("mgu", "layernorm_lstm"):
        cell, sizes, parameters = make(name, rng, "f8")
        compare(runtime, tmp_path, gt.export(cell, parameters=parameters), cell, sizes, parameters, rng, "f8", 1e-12)


def test_a_cell_that_is_almost_a_layer_is_a_scan(rng, runtime, tmp_path):
    """Another function in one place is another cell; other names are not."""
    rnn = "cell mine\n  input x[n_x]\n  state a[n_a]\n  param U[n_a, n_a], V[n_a, n_x], b[n_a]\n  u  = V @ x + b\n  z  = U @ a + u\n  a' = tanh(z)\n"
    text = rnn.replace("tanh", "sigmoid")
    cell, sizes, parameters = make(text, rng, "f4")
    model = gt.export(cell, parameters=parameters)
    assert "Scan" in [node.op_type for node in check(model).graph.node]
    compare(runtime, tmp_path, model, cell, sizes, parameters, rng, "f4", 1e-5)
    cell, sizes, parameters = make(rnn, rng, "f4")
    model = gt.export(cell, parameters=parameters)
    assert "RNN" in [node.op_type for node in check(model).graph.node]
    compare(runtime, tmp_path, model, cell, sizes, parameters, rng, "f4", 1e-5)


BEGINNINGS = [
    "cell mine\n  input x[n_x]\n  state h[n_a] = tanh(V @ h0)\n  param W[n_a, n_a], U[n_a, n_x], V[n_a, n_a], h0[n_a]\n"
    "  h' = tanh(W @ h + U @ x)\n",
    "cell mine\n  input x[n_x]\n  state S[n_k, n_v] = outer(u, v)\n  param K[n_k, n_x], V[n_v, n_x], u[n_k], v[n_v]\n"
    "  S' = 0.9 * S + outer(K @ x, V @ x)\n  output y = S'.T @ (K @ x)\n",
]


@pytest.mark.parametrize("text", BEGINNINGS)
def test_a_state_begins_with_its_formula(text, rng, runtime, tmp_path):
    cell, _, parameters = make(text, rng, "f4")
    x = rng.normal(size=(SIZES.get("n_x", 4), 2, 5)).astype("f4")
    run = cell.run({"x": x}, parameters)
    (answer,) = runtime(tmp_path, gt.export(cell, parameters=parameters), [{"x": x.T}])
    assert len(answer) > 1
    for name, array in answer.items():
        wanted = run.final[name[: -len("_final")]] if name.endswith("_final") else run[name]
        np.testing.assert_allclose(array, wanted.T, rtol=1e-5, atol=1e-5, err_msg=name)


# ---- ops -------------------------------------------------------------------------------------


def values_of_every_op(t, rng):
    """{name: var}: every op that can be exported, with broadcasting and several ranks."""
    def given(name, shape, low=-2.0, high=2.0):
        return t.input(name, rng.uniform(low, high, size=shape).astype("f4"))

    x, y, row, column = given("x", (3, 4, 2)), given("y", (3, 4, 2)), given("row", (1, 4)), given("column", (3,))
    positive, matrix, other = given("positive", (3, 4), 0.5, 2), given("matrix", (5, 3)), given("other", (4, 3))
    index = t.input("index", rng.integers(0, 4, size=(4, 2)), dtype="i32")
    equal = gt.maximum(x, y)
    values = {
        "add": x + row, "sub": x - column, "mul": x * y, "div": column / positive, "neg": -x, "pow": gt.pow(positive, 2.5), "square": gt.pow(x, 2),
        "less": x < y, "less_equal": gt.less_equal(x, equal), "greater": x > row, "greater_equal": gt.greater_equal(x, equal),
        "equal": gt.equal(x, equal), "not_equal": gt.not_equal(x, equal), "where": gt.where(x > 0, x, column), "where_number": gt.where(x, y, row),
        "maximum": equal, "minimum": gt.minimum(x, row), "matmul": matrix @ x, "matmul_transposed": gt.matmul(matrix, other, transpose_b=True),
        "matmul_left": gt.matmul(matrix, given("tall", (5, 2)), transpose_a=True), "matmul_vector": matrix @ column, "transpose": gt.transpose(matrix),
        "softmax": gt.softmax(x), "log_softmax": gt.log_softmax(x), "concat": gt.concat([x, y], 1), "stack": gt.stack([matrix, matrix * 2]),
        "concat_ranks": gt.concat([positive, x[:, :, 0]], 2), "slice": gt.slice(x, 1, 1, 3), "part": gt.split(x, [1, 2])[1], "pad": gt.pad(x, 1, 2, 1),
        "cumsum": gt.cumsum(x, 0), "cumsum_reversed": gt.cumsum(x, 1, reversed=True),
        "reshape": gt.reshape(x, (4, 6)), "broadcast": gt.broadcast(row, (3, 4)), "sum": gt.sum(x, 0), "sum_all": gt.sum(x), "mean": gt.mean(x, 1),
        "sum_to": gt.sum_to(x, (3, 1)), "gather": gt.gather(given("table", (5, 4)), index), "one_hot": gt.one_hot(index, 4),
        "fill": t.fill((3, 4), 1.25), "constant": t.constant(0.1) + row,
    }
    for name in ("tanh", "sigmoid", "relu", "softplus", "gelu", "exp", "abs", "sign", "floor", "sin", "cos", "stop_gradient"):
        values[name] = getattr(gt, name)(x)
    for name in ("log", "sqrt"):
        values[name] = getattr(gt, name)(positive)
    values["backward_final"], values["backward_stack"] = gt.scan(
        lambda s, u: (gt.tanh(s + u * column), s * 2), positive, given("steps", (3, 4, 5)), reverse=True)
    return values


def test_every_op(rng, runtime, tmp_path):
    from gradtape import _core

    t = gt.Tape("f4")
    values = values_of_every_op(t, rng)
    used = {v.op for v in values.values()} | {"input", "split", "scan", "final"}
    assert {name for name, _, _, _ in _core.ops()} - used == {"cross_entropy", "scatter_add", "dropout_mask"}
    model = gt.export(values)
    check(model)
    feeds = {leaf.name: leaf.value.T for leaf in t._all_leaves()}
    answer, = runtime(tmp_path, model, [feeds])
    for name, v in values.items():
        assert answer[name].shape == v.value.T.shape, name
        np.testing.assert_allclose(answer[name], v.value.T, rtol=1e-5, atol=1e-5, err_msg=name)


# ---- what is refused -------------------------------------------------------------------------


def test_what_cannot_be_exported():
    t = gt.Tape()
    x, key = t.input("x", np.ones((3, 4, 2))), t.input("key", [1], dtype="i32")
    with pytest.raises(gt.ArgumentError, match="no operator for dropout_mask"):
        gt.export({"y": gt.dropout(x, key, 0.5)})
    with pytest.raises(gt.ArgumentError, match="sums over the examples of every step"):
        gt.export({"y": gt.matmul(x, x, transpose_b=True)})
    for opset in (12, 22):
        with pytest.raises(gt.ArgumentError, match=f"version {opset} of ONNX's operators"):
            gt.export({"y": x}, opset=opset)
    for what in ({}, {"y": 1.0}):
        with pytest.raises(gt.ArgumentError, match="names to vars"):
            gt.export(what)
    with pytest.raises(gt.ArgumentError, match="n_x"):
        gt.export("lstm", n_a=5)
    with pytest.raises(gt.ArgumentError, match="Wi"):
        gt.export("lstm", parameters={"Wf": np.ones((5, 8))})
    counts = "cell counts\n  input x[n]\n  state h[n]\n  h' = tanh(x + h / m)\n"
    with pytest.raises(gt.ArgumentError, match="number of examples"):
        gt.export(counts, n=3)


def test_the_file_is_replaced_as_a_whole(tmp_path):
    model = gt.export("lstm", tmp_path / "lstm.onnx", n_x=3, n_a=5)
    assert (tmp_path / "lstm.onnx").read_bytes() == model == gt.export("lstm", n_x=3, n_a=5)
    with pytest.raises(gt.FileError):
        gt.export("lstm", tmp_path / "nowhere/lstm.onnx", n_x=3, n_a=5)


# ---- trained models --------------------------------------------------------------------------


@pytest.mark.parametrize("cell, more", [("lstm", []), ("gru_after", []), ("mgu", []), ("projected_lstm", ["--dims", "n_c=7"]), ("sru", [])])
def test_a_trained_model(cell, more, rng, runtime, tmp_path):
    (tmp_path / "text").write_text("the cat sat on the mat; " * 20)
    os.chdir(tmp_path)
    options = "--text text --hidden 5 --embedding 5 --layers 2 --batch 2 --steps 8 --iterations 2 --dropout 0.1 --save model.npz"
    run_command(["train", "--cell", cell, *options.split(), *more], tmp_path)
    run_command(["export", "model.npz", "-o", "model.onnx"], tmp_path)
    model = (tmp_path / "model.onnx").read_bytes()
    assert len(gt.export("model.npz")) > 0.9 * len(model)  # but for one row of metadata the same
    assert gt.export(gt.load_model("model.npz"), scans=True) != gt.export("model.npz") or cell not in LAYERS
    parsed = check(model)
    assert json.loads(dict((p.key, p.value) for p in parsed.metadata_props)["vocabulary"]) == sorted(map(ord, set((tmp_path / "text").read_text())))
    p = {n[len("parameter/"):]: a for n, a in gt.load("model.npz").items() if n.startswith("parameter/")}
    one = gt.Cell(cell)
    handed_on = one._cell.handed_on
    sizes = {"n_a": 5, "n_c": 7, "n_x": 5}
    feeds, expected = [], []
    for steps, examples in LENGTHS:
        tokens = rng.integers(0, p["embedding"].shape[1], size=(steps, examples)).astype("i4")
        initial = {f"layer{k}.{s.name}": rng.normal(size=(rows(s.rows, sizes), examples)).astype("f4") for k in (1, 2) for s in one.states}
        x, wanted = p["embedding"][:, tokens.T], {}
        for k in (1, 2):
            run = one.run(x, {n.split(".")[1]: a for n, a in p.items() if n.startswith(f"layer{k}.")}, initial={s.name: initial[f"layer{k}.{s.name}"] for s in one.states})
            wanted.update({f"layer{k}.{s.name}_final": run.final[s.name].T for s in one.states})
            x = run[one.outputs[handed_on].name if handed_on >= 0 else one.states[0].name]
        wanted["logits"] = np.einsum("vn,nmt->tmv", p["Wy"], x) + p["by"][:, 0]
        feeds.append({"tokens": tokens, **{n + "0": a.T for n, a in initial.items()}})
        expected.append(wanted)
    for answer, wanted in zip(runtime(tmp_path, model, feeds), expected):
        assert sorted(answer) == sorted(wanted)
        for name, array in answer.items():
            np.testing.assert_allclose(array, wanted[name], rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("at_the_end", [False, True], ids=["every step", "the end"])
@pytest.mark.parametrize("scans", [False, True], ids=["layers", "scans"])
def test_layers_in_both_directions(at_the_end, scans, rng, runtime, tmp_path):
    x, y = rng.normal(size=(3, 12, 7)), rng.normal(size=(2, 12) if at_the_end else (2, 12, 7))
    m = gt.train("bi(lstm 4), mgu 5, bi(gru)", x, y, hidden=3, iterations=2)
    model = gt.export(m, scans=scans)
    used = [node.op_type for node in check(model).graph.node]
    assert "Scan" in used and (scans or used.count("LSTM") == used.count("GRU") == 2)
    feeds, expected = [], []
    for steps, examples in LENGTHS:
        given = rng.normal(size=(3, examples, steps)).astype("f4")
        states = {"layer1.a": 4, "layer1.c": 4, "layer1_reverse.a": 4, "layer1_reverse.c": 4, "layer2.a": 5, "layer3.a": 3, "layer3_reverse.a": 3}
        feeds.append({"x": given.T, **{n + "0": np.zeros((examples, rows), "f4") for n, rows in states.items()}})
        expected.append(m.predict(given).T)
    for answer, wanted in zip(runtime(tmp_path, model, feeds), expected):
        assert sorted(answer) == sorted(["predictions", *(n + "_final" for n in states)])
        np.testing.assert_allclose(answer["predictions"], wanted, rtol=1e-5, atol=1e-5)
