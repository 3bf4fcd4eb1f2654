"""One training step in PyTorch, on request.

Usage: peer_torch.py lstm|gru|rnn|composed n_x n_a m T f32|f64, then requests as in peer.py.
"composed" is an LSTM written step by step in PyTorch's own primitives; the others are
nn.LSTM, nn.GRU and nn.RNN.
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


def composed_step():
    W, b = state(n_a + n_x, 4 * n_a), state(4 * n_a)
    h0, c0 = state(m, n_a), state(m, n_a)
    leaves = [x, W, b, h0, c0]

    def step():
        for leaf in leaves:
            leaf.grad = None
        h, c, outputs = h0, c0, []
        for t in range(T):
            f, i, g, o = torch.addmm(b, torch.cat([h, x[t]], 1), W).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            outputs.append(h)
        torch.stack(outputs).backward(upstream)

    return step


peer.answer(composed_step() if kind == "composed" else module_step(), begin)
