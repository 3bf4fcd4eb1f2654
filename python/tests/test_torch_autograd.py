"""Recurrent and torch's autograd: calls that wait for their backward calls, and what they keep."""
import gc
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import gradtape as gt

torch = pytest.importorskip("torch", reason="Debian: python3-torch")


def module(name="gru", **options):
    torch.manual_seed(1)
    rnn = gt.torch.Recurrent(name, 3, 5, dtype=torch.float64, **options)
    return rnn, torch.randn(6, 4, 3, dtype=torch.float64, requires_grad=True)


def gradients(loss, leaves, **options):
    return torch.autograd.grad(loss, leaves, allow_unused=True, **options)


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a, b))


def programs(rnn):
    return list(rnn._engines[0]._programs.items())


def test_calls_wait_in_any_order():
    rnn, _ = module()
    xs = [torch.randn(6, 4, 3, dtype=torch.float64, requires_grad=True) for _ in range(20)]
    alone = [gradients(rnn(x)[0].pow(2).sum(), [x, *rnn.parameters()]) for x in xs]
    losses = [rnn(x)[0].pow(2).sum() for x in xs]
    for i in [3, 19, 0, 7, 12, 1, *range(8, 12), 2, 4, 5, 6, *range(13, 19)]:
        assert same(gradients(losses[i], [xs[i], *rnn.parameters()]), alone[i])
    assert len(programs(rnn)) == 1  # one plan, and as many workspaces as wait


def test_backward_again_and_again():
    rnn, x = module("lstm")
    leaves = [x, *rnn.parameters()]
    outputs, (h, c) = rnn(x)
    first = gradients(outputs.sum(), leaves, retain_graph=True)
    other = rnn(x)[0]
    for _ in range(3):
        assert same(gradients(outputs.sum(), leaves, retain_graph=True), first)
    assert same(gradients(other.sum(), leaves), first)
    rows = [gradients(outputs[t].sum(), leaves, retain_graph=True) for t in range(6)]
    for whole, parts in zip(first, zip(*rows)):
        torch.testing.assert_close(sum(parts), whole, rtol=1e-12, atol=1e-12)
    gradients(c.sum() + h.sum(), leaves)
    with pytest.raises(RuntimeError, match="second time"):
        gradients(outputs.sum(), leaves)


@pytest.mark.parametrize("of", ["outputs", "h", "c", "all"])
def test_what_has_no_cotangent(of):
    """Zeros stand for it: the gradients are those of the peer, which knows what is not there."""
    torch.manual_seed(2)
    theirs = torch.nn.LSTM(3, 5).double()
    mine = gt.torch.Recurrent.from_torch(theirs)
    found = []
    for rnn in (mine, theirs):
        x = torch.linspace(-1, 1, 72, dtype=torch.float64).reshape(6, 4, 3).requires_grad_()
        outputs, (h, c) = rnn(x)
        chosen = {"outputs": outputs, "h": h, "c": c}
        sum(v.sin().sum() for v in (chosen.values() if of == "all" else [chosen[of]])).backward()
        found.append(x.grad)
    torch.testing.assert_close(*found, rtol=1e-12, atol=1e-13)


def test_without_gradients_nothing_is_kept():
    rnn, x = module()
    with torch.no_grad():
        alone = rnn(x)
    frozen = gt.torch.Recurrent("gru", 3, 5, dtype=torch.float64).requires_grad_(False)
    assert not alone[0].requires_grad and not frozen(x.detach())[0].requires_grad
    with torch.inference_mode():
        assert torch.equal(rnn(x)[0], alone[0])
    (key, forward), = programs(rnn)
    assert key.wanted == () and not forward.gradients
    kept = rnn(x)
    assert torch.equal(kept[0], alone[0]) and torch.equal(kept[1], alone[1])
    assert [key.wanted for key, _ in programs(rnn)] == [(), (True, False) + (True,) * 6]
    assert forward.core.bytes < programs(rnn)[1][1].core.bytes
    only = gradients(rnn(x.detach())[0].sum(), list(rnn.parameters()))
    assert same(only, gradients(kept[0].sum(), list(rnn.parameters())))


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="no /proc")
def test_workspaces_are_given_back():
    """Of calls whose backward call never comes, too, and after errors."""
    rnn, _ = module("lstm")
    x = torch.randn(100, 32, 3, dtype=torch.float64, requires_grad=True)
    size = 0
    for i in range(90):
        outputs = rnn(x)[0]
        if i % 3 == 0:
            outputs.sum().backward()
        if i == 30:
            gc.collect()
            size = resident_bytes()
    assert resident_bytes() - size < 4 * programs(rnn)[0][1].core.bytes


def test_a_change_in_place_is_noticed():
    rnn, x = module()
    x.requires_grad_(False)
    outputs = rnn(x)[0]
    x.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        outputs.sum().backward()
    outputs = rnn(x)[0]
    with torch.no_grad():
        next(rnn.parameters()).add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        outputs.sum().backward()
    outputs = rnn(x)[0]
    expected = gradients(outputs.sum(), list(rnn.parameters()), retain_graph=True)
    again = rnn(x)[0]
    (again * 1).mul_(3)
    again.mul_(1)  # the outputs are the caller's
    assert same(gradients(again.sum(), list(rnn.parameters())), expected)


def test_checkpoints_and_hooks_on_what_is_saved():
    from torch.utils.checkpoint import checkpoint

    rnn, x = module()
    expected = gradients(rnn(x)[0].sum(), [x, *rnn.parameters()])
    checkpoint(lambda v: rnn(v)[0], x).sum().backward()
    assert torch.equal(x.grad, expected[0])
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.clone(), lambda t: t.clone()):
        outputs = rnn(x)[0]
    assert same(gradients(outputs.sum(), [x, *rnn.parameters()]), expected)


def test_calls_of_several_threads():
    rnn, _ = module("lstm")
    xs = [torch.randn(6, 4, 3, dtype=torch.float64, requires_grad=True) for _ in range(4)]
    expected = [gradients(rnn(x)[0].pow(2).sum(), [x])[0] for x in xs]
    wrong = []

    def work(i):
        for _ in range(20):
            if not torch.equal(gradients(rnn(xs[i])[0].pow(2).sum(), [xs[i]])[0], expected[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


class Watched:
    """A plan of the extension: while one of its calls runs, nothing but a released lock lets another thread run."""

    def __init__(self, core, count):
        self.core, self.count, self.released = core, count, set()

    def watch(self, name, *arguments):
        before = self.count[0]
        result = getattr(self.core, name)(*arguments)
        if self.count[0] > before:
            self.released.add(name)
        return result

    def forward(self, *arguments):
        return self.watch("forward", *arguments)

    def backward(self, *arguments):
        return self.watch("backward", *arguments)


def test_the_interpreter_lock_is_released():
    rnn = gt.torch.Recurrent("lstm", 64, 128, threads=1)
    x = torch.randn(100, 32, 64, requires_grad=True)
    rnn(x)[0].sum().backward()
    (_, program), = programs(rnn)
    count, done = [0], threading.Event()
    program.core = Watched(program.core, count)

    def add_up():
        while not done.is_set():
            count[0] += 1

    thread = threading.Thread(target=add_up)
    thread.start()
    try:
        for _ in range(200):  # a busy machine may leave the other thread aside for a while
            rnn(x)[0].sum().backward()
            if len(program.core.released) == 2:
                break
    finally:
        done.set()
        thread.join()
    assert program.core.released == {"forward", "backward"}


FORK = """
import os, sys, torch
import gradtape as gt
torch.set_num_threads(1)
torch.manual_seed(1)
rnn = gt.torch.Recurrent("lstm", 32, 64, threads=2)
x = torch.randn(40, 16, 32, requires_grad=True)
loss = rnn(x)[0].sum()
expected = gt.torch.Recurrent("lstm", 32, 64, threads=1)(x)[0]
child = os.fork()
if child == 0:
    loss.backward()
    again = torch.autograd.grad(rnn(x)[0].sum(), x)[0]
    os._exit(0 if torch.allclose(x.grad, again, atol=1e-6) and torch.allclose(rnn(x)[0], expected, atol=1e-6) else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_call_may_be_finished_in_a_forked_child():
    assert subprocess.run([sys.executable, "-c", FORK], timeout=100).returncode == 0


def test_a_copy_of_the_module_shares_its_programs():
    import copy

    rnn, x = module()
    loss = rnn(x)[0].sum()
    other = copy.deepcopy(rnn)
    with torch.no_grad():
        next(other.parameters()).zero_()
    assert not same(gradients(other(x)[0].sum(), [x]), gradients(loss, [x]))
    assert len(programs(rnn)) == len(programs(other)) == 1


# ---- parameters that are not as they were made ---------------------------------------------------


def test_parameters_of_other_forms():
    rnn, x = module("rnn")
    expected = gradients(rnn(x)[0].sum(), [x, *rnn.parameters()])
    with torch.no_grad():
        for p in rnn.parameters():
            p.data = p.data.clone(memory_format=torch.contiguous_format)  # row-major: copied for a call
    assert same(gradients(rnn(x)[0].sum(), [x, *rnn.parameters()]), expected)
    rnn.layer1.Waa.data = rnn.layer1.Waa.data[:, :3]
    with pytest.raises(gt.ShapeError, match=r"Waa is \(5, 3\); \(5, 5\) is wanted"):
        rnn(x)
    rnn, x = module("rnn")
    rnn.layer1.ba.data = rnn.layer1.ba.data.float()
    with pytest.raises(gt.DTypeError, match="ba is torch.float32"):
        rnn(x)
    rnn, x = module("rnn")
    rnn.layer1.ba = torch.nn.Parameter(rnn.layer1.ba.detach().to("meta"))
    with pytest.raises(gt.ArgumentError, match="ba is on meta"):
        rnn(x)


def test_inputs_of_other_forms():
    rnn, x = module()
    expected = rnn(x)[0]
    shifted = torch.from_numpy(bytearray_view(x)).requires_grad_()
    assert shifted.data_ptr() % 8 != 0 and torch.equal(rnn(shifted)[0], expected)
    negated = torch.complex(torch.zeros_like(x), -x).detach().conj().imag
    assert negated.is_neg() and torch.equal(rnn(negated)[0], expected)
    turned = x.detach().transpose(0, 2).contiguous().transpose(0, 2)
    assert not turned.is_contiguous() and torch.equal(rnn(turned)[0], expected)
    weights = torch.randn(5, 4, 6, dtype=torch.float64).permute(2, 1, 0)
    torch.testing.assert_close(gradients((rnn(x)[0] * weights).sum(), [x]), gradients((rnn(x)[0] * weights.contiguous()).sum(), [x]))


def bytearray_view(x):
    import numpy as np

    place = np.zeros(x.numel() * 8 + 4, np.uint8)[4:]
    array = place.view(np.float64).reshape(x.shape)
    array[...] = x.detach().numpy()
    return array


# ---- options -------------------------------------------------------------------------------------


def test_dropout_between_layers():
    rnn, x = module(layers=2, dropout=0.5)
    first, second = rnn(x)[0], rnn(x)[0]
    assert not torch.equal(first, second)
    rnn.eval()
    assert torch.equal(rnn(x)[0], rnn(x)[0])
    one, x = module(layers=1, dropout=0.9)
    assert torch.equal(one(x)[0], one(x)[0])
    rnn.train()
    torch.manual_seed(3)
    loss = rnn(x)[0].sum()
    torch.manual_seed(3)
    torch.testing.assert_close(loss, rnn(x)[0].sum())
    loss.backward()
    assert x.grad is not None


def test_dimensions_of_the_cell():
    rnn = gt.torch.Recurrent("projected_lstm", 3, 5, dims={"n_c": 7}, layers=2, bidirectional=True, batch_first=True)
    x = torch.randn(4, 6, 3, requires_grad=True)
    outputs, (a, c) = rnn(x)
    assert outputs.shape == (4, 6, 10) and a.shape == (4, 4, 5) and c.shape == (4, 4, 7)
    torch.testing.assert_close(outputs[:, -1, :5], a[2])
    torch.testing.assert_close(outputs[:, 0, 5:], a[3])
    (outputs.sum() + c.sum()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in [x, *rnn.parameters()])


@pytest.mark.parametrize("options", [{}, {"batch_first": True}, {"bidirectional": True}], ids=str)
def test_lengths_with_their_gradients(options):
    """Each example alone, without padding, gives the same."""
    rnn, x = module("lstm", layers=2, **options)
    x = x.detach().transpose(0, 1).contiguous() if options.get("batch_first") else x.detach()
    x.requires_grad_()
    lengths = [2, 6, 1, 4]
    places = 2 * (2 if rnn.bidirectional else 1)
    initial = [torch.randn(places, 4, 5, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    outputs, states = rnn(x, initial, lengths=lengths)
    found = gradients(outputs.sin().sum() + sum(s.cos().sum() for s in states), [x, *initial, *rnn.parameters()])
    loss = torch.zeros((), dtype=torch.float64)
    for i, length in enumerate(lengths):
        alone = x[i:i + 1, :length] if rnn.batch_first else x[:length, i:i + 1]
        outputs, states = rnn(alone, [s[:, i:i + 1] for s in initial])
        loss = loss + outputs.sin().sum() + sum(s.cos().sum() for s in states)
    for a, b in zip(found, gradients(loss, [x, *initial, *rnn.parameters()])):
        torch.testing.assert_close(a, b, rtol=1e-11, atol=1e-12)


def test_a_learnt_initial_state_gets_its_gradient():
    text = "cell begin\n input x[n_x]\n state h[n_a] = h0\n param W[n_a, n_x], h0[n_a] ~ normal(0.5)\n h' = tanh(0.5 * h + W @ x)\n"
    layer = gt.torch.Recurrent(gt.Cell(text), 3, 5, layers=2, bidirectional=True, dtype=torch.float64)
    x = torch.randn(6, 4, 3, dtype=torch.float64)
    y, last = layer(x)
    y.sum().backward()
    given = torch.stack([getattr(layer, name).h0.detach().t().expand(4, 5) for name in
                         ("layer1", "layer1_reverse", "layer2", "layer2_reverse")]).clone().requires_grad_()
    again, _ = layer(x, given)
    assert torch.equal(again, y)
    again.sum().backward()
    torch.testing.assert_close(layer.layer2_reverse.h0.grad[:, 0], given.grad[3].sum(0))
    torch.testing.assert_close(layer.layer1.h0.grad[:, 0], given.grad[0].sum(0))


def test_what_a_state_begins_with_is_computed_of_parameters():
    text = ("cell begin\n input x[n_x]\n state h[n_a] = tanh(V @ h0 + c * D), S[n_a, 2] = outer(u, w), k[n_a] = D\n"
            " param W[n_a, n_x], V[n_a, n_a], h0[n_a] ~ normal(0.5), u[n_a] ~ normal(1), w[2] ~ normal(1)\n const c = 0.3, D[n_a] = i / n_a\n"
            " h' = tanh(0.5 * h + W @ x + S @ w + k)\n S' = 0.5 * S + outer(h, w)\n k' = 0.5 * k\n")
    layer = gt.torch.Recurrent(gt.Cell(text), 3, 5, layers=2, bidirectional=True, dtype=torch.float64)
    x = torch.randn(6, 4, 3, dtype=torch.float64)
    y, _ = layer(x)
    y.sum().backward()
    names = ("layer1", "layer1_reverse", "layer2", "layer2_reverse")

    def beginnings(one):
        column = torch.arange(5, dtype=torch.float64)[:, None] / 5
        return torch.tanh(one.V @ one.h0 + 0.3 * column), (one.u @ one.w.T).reshape(-1, 1), column

    found = {name: parameter.grad.clone() for name, parameter in layer.named_parameters()}
    layer.zero_grad()
    given = [torch.stack([column.t().expand(4, -1) for column in columns])
             for columns in zip(*(beginnings(getattr(layer, name)) for name in names))]
    again, _ = layer(x, given)
    torch.testing.assert_close(again, y, rtol=1e-12, atol=1e-12)
    again.sum().backward()
    for name, parameter in layer.named_parameters():
        torch.testing.assert_close(found[name], parameter.grad, rtol=1e-10, atol=1e-12)
    with torch.no_grad():
        torch.testing.assert_close(layer(x)[0], y)


DRAWS = ("cell c\n input x[n_x]\n state h[n_a], k[n_a] ~ bernoulli(0.75), q[2] = 3\n param W[n_a, n_x], U[n_a, n_a]\n"
         " s = bernoulli(0.6, h)\n h' = s * tanh(W @ dropout(x, 0.5) + U @ (k * h)) + normal(0.1, h)\n q' = q\n")


def test_a_cell_draws_in_training_and_takes_means_in_eval():
    cell = gt.Cell(DRAWS)
    layer = gt.torch.Recurrent(cell, 3, 5, layers=2, bidirectional=True, dtype=torch.float64)
    x = torch.randn(6, 4, 3, dtype=torch.float64)
    torch.manual_seed(3)
    first, states = layer(x)
    second, _ = layer(x)
    torch.manual_seed(3)
    again, _ = layer(x)
    assert torch.equal(first, again) and not torch.equal(first, second)
    assert set(states[1].unique().tolist()) == {0.0, 1.0} and (states[2] == 3).all()
    assert not torch.equal(states[1][0], states[1][1]) and not torch.equal(states[1][0], states[1][2])
    layer.eval()
    mean, states = layer(x)
    assert torch.equal(mean, layer(x)[0]) and (states[1] == 0.75).all()
    one = gt.torch.Recurrent(cell, 3, 5, dtype=torch.float64).eval()
    p = {name: parameter.detach().numpy() for name, parameter in one.layer1.named_parameters()}
    torch.testing.assert_close(one(x)[0], torch.from_numpy(cell.run(x.numpy().transpose(2, 1, 0), p)["h"].transpose(2, 1, 0).copy()))


def test_gradients_are_those_of_what_was_drawn():
    cell = gt.Cell(DRAWS)
    layer = gt.torch.Recurrent(cell, 3, 5, dtype=torch.float64)
    x = torch.randn(6, 4, 3, dtype=torch.float64, requires_grad=True)
    lengths = torch.tensor([6, 2, 5, 6])
    torch.manual_seed(5)
    outputs, states = layer(x, lengths=lengths)
    (outputs.sin().sum() + states[0].cos().sum()).backward()
    torch.manual_seed(5)
    drawn = layer._engines[0].draw(x, int(torch.randint(2**63 - 1, ())))  # the same, to run the equations by torch
    assert sorted(drawn) == ["bernoulli_1", "bernoulli_2", "k", "normal_1"]
    names = {row.name: drawn[row.name] for row in cell.inputs if row.drawn}
    assert 0.3 < float(drawn["bernoulli_1"].mean()) < 0.9 and abs(float(drawn["normal_1"].std()) - 0.1) < 0.03
    numpy = {"x": x.detach().numpy().transpose(2, 1, 0), **{name: t.numpy().transpose(2, 1, 0) for name, t in names.items()}}
    p = {name: parameter.detach().numpy() for name, parameter in layer.layer1.named_parameters()}
    run = cell.run(numpy, p, initial={"k": drawn["k"].numpy().T, "h": np.zeros((5, 4)), "q": np.full((2, 4), 3.0)})
    h = run["h"].transpose(2, 1, 0)
    counts = (np.arange(6)[:, None] < lengths.numpy())[:, :, None]
    torch.testing.assert_close(outputs.detach(), torch.from_numpy(h * counts))
    last = lengths.numpy() - 1
    dh = np.cos(h * counts) * counts
    for i in range(4):
        dh[last[i], i] -= np.sin(h[last[i], i])
    expected = cell.gradients(numpy, p, {"h": dh.transpose(2, 1, 0)},
                              initial={"k": drawn["k"].numpy().T, "h": np.zeros((5, 4)), "q": np.full((2, 4), 3.0)})
    for name in p:
        torch.testing.assert_close(getattr(layer.layer1, name).grad, torch.from_numpy(expected["d" + name].copy()), rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(x.grad, torch.from_numpy(expected["dx"].transpose(2, 1, 0).copy()), rtol=1e-10, atol=1e-12)


def test_zoneout_draws():
    layer = gt.torch.Recurrent("zoneout_lstm", 3, 5)
    x = torch.randn(6, 4, 3)
    states = [torch.full((1, 4, 5), 0.5)] * len(layer.cell.states)
    torch.manual_seed(1)
    one, _ = layer(x, tuple(states) if len(states) > 1 else states[0])
    other, _ = layer(x, tuple(states) if len(states) > 1 else states[0])
    assert not torch.equal(one, other)
    one.sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in layer.parameters())
