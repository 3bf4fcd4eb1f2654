"""One training step in PyTorch, on request.

Usage: peer_torch.py lstm|gru|rnn|composed|mgu|layernorm_lstm n_x n_a m T f32|f64, then requests as in peer.py.
"composed" is an LSTM written step by step in PyTorch's own primitives, and so are "mgu" and "layernorm_lstm",
which torch.nn does not have; the others are nn.LSTM, nn.GRU and nn.RNN.
"""
import os
import sys

import torch

import peer

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
begin = peer.status_bytes("VmRSS:")
kind = sys.argv[1]
n_x, n_a, m, T = (int(s) for s in sys.argv[2:6])
dtype = torch.float64 if sys.argv[6] == "f64" else torch.float32
torch.manual_seed(1)
x = torch.randn(T, m, n_x, dtype=dtype, requires_grad=True)
upstream = torch.randn(T, m, n_a, dtype=dtype)


def state(*shape):
    return (0.1 * torch.randn(*shape, dtype=dtype)).requires_grad_()


def module_step():
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[kind](n_x, n_a).to(dtype)
    states = (state(1, m, n_a), state(1, m, n_a)) if kind == "lstm" else state(1, m, n_a)
    leaves = [x, *layer.parameters(), *(states if kind == "lstm" else [states])]

    def step():
        for leaf in leaves:
            leaf.grad = None
        y, _ = layer(x, states)
        y.backward(upstream)

    return step


def composed_step(cell, states, parameters):
    """cell(x[t], states, parameters) gives the next states, of which the first is the hidden one."""
    leaves = [x, *states, *parameters]

    def step():
        for leaf in leaves:
            leaf.grad = None
        now, outputs = states, []
        for t in range(T):
            now = cell(x[t], now, parameters)
            outputs.append(now[0])
        torch.stack(outputs).backward(upstream)

    return step


def lstm(x, states, parameters):
    (h, c), (W, b) = states, parameters
    f, i, g, o = torch.addmm(b, torch.cat([h, x], 1), W).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def mgu(x, states, parameters):
    (h,), (Wf, bf, Wg, bg) = states, parameters
    f = torch.sigmoid(torch.addmm(bf, torch.cat([h, x], 1), Wf))
    g = torch.tanh(torch.addmm(bg, torch.cat([f * h, x], 1), Wg))
    return ((1 - f) * h + f * g,)


def layernorm_lstm(x, states, parameters):
    (h, c), (U, gu, W, gw, b, gc, bc) = states, parameters
    normal = torch.nn.functional.layer_norm
    f, i, o, g = (normal(h @ U, (4 * n_a,), gu, b) + normal(x @ W, (4 * n_a,), gw)).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(normal(c, (n_a,), gc, bc)), c


def composed(kind):
    rows, gates = n_a + n_x, 4 * n_a
    shapes = {
        "composed": (lstm, 2, [(rows, gates), (gates,)]),
        "mgu": (mgu, 1, [(rows, n_a), (n_a,), (rows, n_a), (n_a,)]),
        "layernorm_lstm": (layernorm_lstm, 2, [(n_a, gates), (gates,), (n_x, gates), (gates,), (gates,), (n_a,), (n_a,)]),
    }
    cell, states, parameters = shapes[kind]
    return composed_step(cell, tuple(state(m, n_a) for _ in range(states)), [state(*shape) for shape in parameters])


peer.answer(module_step() if kind in ("lstm", "gru", "rnn") else composed(kind), begin)
