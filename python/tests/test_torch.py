"""Functions of torch tensors."""
import numpy as np
import pytest

import gradtape as gt

torch = pytest.importorskip("torch", reason="Debian: python3-torch")


class Dense(torch.autograd.Function):
    """tanh(W x), with its gradient by hand."""

    factor = 1.0

    @staticmethod
    def forward(ctx, W, x, exponent):
        y = torch.tanh(W @ x) ** exponent
        ctx.save_for_backward(W, x, y)
        return y

    @staticmethod
    def backward(ctx, dy):
        W, x, y = ctx.saved_tensors
        slope = dy * (1 - y**2) * Dense.factor
        return slope @ x.T, W.T @ slope, None


@pytest.fixture
def args():
    torch.manual_seed(1)
    return torch.randn(3, 4, dtype=torch.float64), torch.randn(4, 2), 1


def test_a_function_of_torch_is_checked(args, monkeypatch):
    report = gt.check_function(Dense, args)
    assert report.verdict == "right" and report.subject == "Dense" and report.counts["numeric"]["entries"] == 20
    monkeypatch.setattr(Dense, "factor", 2.0)
    report = gt.check_function(Dense, args)
    assert report.verdict == "wrong" and {f["of"] for f in report.findings} == {"W", "x"}
    with pytest.raises(gt.ArgumentError, match="no floating-point tensor"):
        gt.check_function(Dense, (1, torch.tensor([1])))


def test_functions_of_tensors(args):
    def f(W, x):
        assert isinstance(W, torch.Tensor) and W.dtype == torch.float64
        return torch.tanh(W @ x)

    def back(W, x, dy):
        slope = dy * (1 - torch.tanh(W @ x) ** 2)
        return slope @ x.T, W.T @ slope

    assert gt.check(f, back, args[:2]).verdict == "right"
    assert gt.check(f, lambda W, x, dy: (back(W, x, dy)[0], back(W, x, dy)[1] * 3), args[:2]).verdict == "wrong"


def test_tensors_are_arrays(args):
    cell = gt.Cell("lstm", layout="time_first")
    p = {name: torch.from_numpy(a).requires_grad_() for name, a in cell.parameters(n_x=3, n_a=5).items()}
    x = torch.randn(6, 4, 3, dtype=torch.float64)
    np.testing.assert_array_equal(cell.run(x, p)["a"], cell.run(x.numpy(), {n: a.detach().numpy() for n, a in p.items()})["a"])


def test_torch_is_not_imported_unasked():
    import subprocess
    import sys

    code = "import gradtape, sys; gradtape.Cell('lstm').check(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# ---- Recurrent -------------------------------------------------------------------------------


def sizes_of(name):
    cell = gt.Cell(name)
    n_x = 4 if cell.inputs[0].rows == "n_a" else 3
    return cell, n_x, {n: 5 for n in cell.dimensions if n not in ("n_x", "n_a", "n_y")}


@pytest.mark.parametrize("name", gt.zoo())
def test_gradcheck_passes_for_the_zoo(name):
    if sum(not row.drawn for row in gt.Cell(name).inputs) > 1:
        with pytest.raises(gt.Error, match="a layer reads one input"):
            gt.torch.Recurrent(name, 3, 4)
        return
    if name == "lif":
        pytest.skip("a spike has another derivative than that of numbers")
    torch.manual_seed(3)
    _, n_x, dims = sizes_of(name)
    rnn = gt.torch.Recurrent(name, n_x, 4, dims=dims, dtype=torch.float64).eval()  # with nothing drawn
    with torch.no_grad():
        for p in rnn.parameters():
            p.add_(0.3 * torch.randn_like(p))
    x = torch.randn(3, 2, n_x, dtype=torch.float64, requires_grad=True)
    initial = [torch.randn(1, 2, rnn._engines[0].size(s.rows), dtype=torch.float64) for s in rnn.cell.states]
    initial = [v.requires_grad_(s.name != "t") for v, s in zip(initial, rnn.cell.states)]  # a clock has no gradient
    parameters = list(rnn.parameters())

    def f(x, *rest):
        outputs, states = rnn(x, rest[:len(initial)])
        return (outputs, *(states if isinstance(states, tuple) else (states,)))

    assert torch.autograd.gradcheck(f, (x, *initial, *parameters))


PEERS = {"lstm": torch.nn.LSTM, "gru_after": torch.nn.GRU, "rnn": torch.nn.RNN}


def peers(name, dtype, layers=1, bidirectional=False, batch_first=False, bias=True):
    theirs = PEERS[name](3, 5, layers, bidirectional=bidirectional, batch_first=batch_first, bias=bias).to(dtype)
    mine = gt.torch.Recurrent.from_torch(theirs)
    assert mine.cell.name == name and all(p.dtype == dtype for p in mine.parameters())
    return mine, theirs


def run_both(mine, theirs, x, initial=None, loss=None):
    results = []
    for module in (mine, theirs):
        leaf = x.clone().requires_grad_()
        start = None if initial is None else [h.clone().requires_grad_() for h in initial]
        given = None if start is None else tuple(start) if len(start) > 1 else start[0]
        outputs, states = module(leaf, given)
        states = states if isinstance(states, tuple) else (states,)
        weights = [torch.linspace(-1, 1, v.numel(), dtype=v.dtype).reshape(v.shape) for v in (outputs, *states)]
        sum((w * v).sum() for w, v in zip(weights, (outputs, *states))).backward()
        results.append([outputs, *states, leaf.grad] + [h.grad for h in start or []])
    return results


@pytest.mark.parametrize("dtype, tolerance", [(torch.float64, 1e-12), (torch.float32, 2e-6)], ids=["f64", "f32"])
@pytest.mark.parametrize("options", [{}, {"layers": 2}, {"layers": 2, "bidirectional": True}, {"batch_first": True}, {"bias": False}], ids=str)
@pytest.mark.parametrize("name", PEERS)
def test_it_is_torch_s_own_with_its_weights(name, options, dtype, tolerance):
    torch.manual_seed(4)
    mine, theirs = peers(name, dtype, **options)
    x = torch.randn(6, 4, 3, dtype=dtype)
    places = options.get("layers", 1) * (2 if options.get("bidirectional") else 1)
    batch = 6 if options.get("batch_first") else 4
    initial = [torch.randn(places, batch, 5, dtype=dtype) for _ in mine.cell.states]
    for given in (None, initial):
        mine.zero_grad(), theirs.zero_grad()
        for a, b in zip(*run_both(mine, theirs, x, given)):
            scale = max(1.0, float(b.abs().max()))
            assert a.shape == b.shape and float((a - b).abs().max()) <= tolerance * scale
        last = f"_l{options.get('layers', 1) - 1}"
        ours = mine.layer1.Waa.grad if name == "rnn" else mine.layer1.Wf.grad if name == "lstm" else mine.layer1.Ug.grad
        hh = theirs.weight_hh_l0.grad
        expected = hh if name == "rnn" else hh[5:10] if name == "lstm" else hh[10:]
        ours = ours[:, :5]
        assert float((ours - expected).abs().max()) <= 4 * tolerance * max(1.0, float(expected.abs().max())), last


def test_lengths_and_packed_sequences_are_torch_s():
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    torch.manual_seed(5)
    mine, theirs = peers("lstm", torch.float64, layers=2, bidirectional=True)
    x, lengths = torch.randn(6, 4, 3, dtype=torch.float64), torch.tensor([2, 6, 1, 4])
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    expected, (h, c) = theirs(packed)
    expected, _ = pad_packed_sequence(expected)
    answer, (mine_h, mine_c) = mine(packed)
    answer, answered = pad_packed_sequence(answer)
    torch.testing.assert_close(answer, expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(mine_h, h, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(mine_c, c, rtol=1e-12, atol=1e-12)
    assert answered.tolist() == lengths.tolist()
    padded, states = mine(x, lengths=lengths)
    torch.testing.assert_close(padded, expected, rtol=1e-12, atol=1e-12)
    gradients = []
    for module, given in ((mine, {"lengths": lengths}), (theirs, None)):
        leaf = x.clone().requires_grad_()
        outputs = module(leaf, **given)[0] if given else pad_packed_sequence(module(pack_padded_sequence(leaf, lengths, enforce_sorted=False))[0])[0]
        (outputs**2).sum().backward()
        gradients.append(leaf.grad)
    torch.testing.assert_close(*gradients, rtol=1e-11, atol=1e-12)


def test_a_module_is_a_module(tmp_path):
    import copy
    import pickle

    torch.manual_seed(6)
    rnn = gt.torch.Recurrent("mgu", 3, 5, layers=2)
    names = list(rnn.state_dict())
    assert names[:2] == ["layer1.Wf", "layer1.bf"] and all(p.dtype == torch.float32 for p in rnn.parameters())
    assert (rnn.layer1.Wf[:, :5] != rnn.layer2.Wf[:, :5]).any()
    x = torch.randn(4, 2, 3)
    expected = rnn(x)[0]
    for other in (copy.deepcopy(rnn), pickle.loads(pickle.dumps(rnn))):
        assert torch.equal(other(x)[0], expected)
        with torch.no_grad():
            other.layer1.Wf.zero_()
        assert torch.equal(rnn(x)[0], expected) and not torch.equal(other(x)[0], expected)
    fresh = gt.torch.Recurrent("mgu", 3, 5, layers=2, seed=7)
    torch.save(rnn.state_dict(), tmp_path / "rnn.pt")
    fresh.load_state_dict(torch.load(tmp_path / "rnn.pt"))
    assert torch.equal(fresh(x)[0], expected)
    torch.testing.assert_close(rnn.double()(x.double())[0].float(), expected, rtol=1e-5, atol=1e-6)


def test_it_learns():
    torch.manual_seed(7)
    rnn, head = gt.torch.Recurrent("lstm", 1, 8), torch.nn.Linear(8, 1)
    parameters = [*rnn.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, 0.03)
    x = torch.randn(12, 32, 1)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = ((head(rnn(x)[0][-1]) - x[0]) ** 2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        losses.append(float(loss))
    assert losses[-1] < 0.3 * losses[0]


def test_several_calls_before_a_backward_and_again():
    rnn = gt.torch.Recurrent("gru", 3, 5, dtype=torch.float64)
    x, y = (torch.randn(4, 2, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    (rnn(x)[0].sum() + 2 * rnn(y)[0].sum()).backward()
    both = x.grad.clone(), y.grad.clone()
    x.grad = y.grad = None
    loss = rnn(x)[0].sum()
    loss.backward(retain_graph=True)
    torch.testing.assert_close(x.grad, both[0])
    loss.backward()
    torch.testing.assert_close(x.grad, 2 * both[0])
    second = torch.autograd.grad(rnn(y)[0].sum(), y, create_graph=True)[0]
    with pytest.raises(gt.UnsupportedError, match="second derivatives"):
        second.sum().backward()
    torch.testing.assert_close(second, both[1] / 2)
    with torch.no_grad():
        assert not rnn(x)[0].requires_grad
    outputs = rnn(x)[0]
    outputs[0, 0, 0].backward()
    assert x.grad is not None


def test_parameters_are_read_where_they_lie():
    for dtype in (torch.float32, torch.float64):
        rnn = gt.torch.Recurrent("lstm", 3, 5).to(dtype)
        tensors = [torch.randn(4, 2, 3, dtype=dtype), *[torch.randn(2, 5, dtype=dtype)] * 2, *rnn.parameters()]
        forms = rnn._engines[0].program(False, tensors, ()).forms
        assert [f.name for f in forms] == ["x", "a0", "c0", *rnn._engines[0].parameters]
        assert all(form.laid_out(t) is t for form, t in zip(forms, tensors))
        turned = torch.randn(2, 4, 3, dtype=dtype).transpose(0, 1)
        copy = forms[0].laid_out(turned)
        assert copy is not turned and copy.is_contiguous() and torch.equal(copy, turned)


def test_what_it_refuses():
    rnn = gt.torch.Recurrent("lstm", 3, 5, layers=2)
    x = torch.randn(4, 2, 3)
    for bad, error, words in [
        (lambda: rnn(x.double()), gt.DTypeError, "float64 and the parameters torch.float32"),
        (lambda: rnn(x.to(torch.int64)), gt.DTypeError, "int64"),
        (lambda: rnn(x[0]), gt.ShapeError, "2 axes"), (lambda: rnn(x[..., :2]), gt.ShapeError, "n_x = 3"),
        (lambda: rnn(x[:0]), gt.ShapeError, "none of them 0"), (lambda: rnn(x.numpy()), TypeError, "tensor"),
        (lambda: rnn(x, torch.zeros(2, 2, 5)), gt.ArgumentError, "2 states, but initial has 1"),
        (lambda: rnn(x, (torch.zeros(1, 2, 5),) * 2), gt.ShapeError, r"\(2, 2, 5\) is wanted"),
        (lambda: rnn(x, lengths=[1, 5]), gt.ShapeError, "from 1 to 4"), (lambda: rnn(x, lengths=[1]), gt.ShapeError, "2 whole"),
        (lambda: rnn(x.to("meta")), gt.ArgumentError, "on the CPU"),
        (lambda: gt.torch.Recurrent("lstm", 3, 5, dtype=torch.float16), gt.DTypeError, "float16"),
        (lambda: gt.torch.Recurrent("sru", 3, 5), gt.ArgumentError, "n_a = 5 rows, but gets 3"),
        (lambda: gt.torch.Recurrent("projected_lstm", 3, 5), gt.ArgumentError, "n_c"),
        (lambda: gt.torch.Recurrent("lstm", 3, 5, layers=0), gt.ArgumentError, "layers"),
        (lambda: gt.torch.Recurrent("lstm", 3, 5, dropout=1), gt.ArgumentError, "dropout"),
        (lambda: gt.torch.Recurrent.from_torch(torch.nn.RNN(3, 5, nonlinearity="relu")), gt.ArgumentError, "no counterpart"),
        (lambda: gt.torch.Recurrent.from_torch(torch.nn.LSTM(3, 5, proj_size=2)), gt.ArgumentError, "proj_size"),
        (lambda: gt.torch.Recurrent.from_torch(torch.nn.Linear(3, 5)), gt.ArgumentError, "Linear has no counterpart"),
    ]:
        with pytest.raises(error, match=words):
            bad()


def test_what_the_document_shows_of_torch_is_true(tmp_path, monkeypatch):
    import os
    import pathlib
    import re

    text = (pathlib.Path(os.environ.get("GRADTAPE_SOURCE", pathlib.Path(__file__).parents[2])) / "docs/python.md").read_text()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ugrnn.cell").write_text(re.search(r"```\n(# Update gate.*?)```", text, re.S).group(1))
    torch.manual_seed(1)
    exec(re.search(r"```python\n(import torch.*?)```", text, re.S).group(1), {})
