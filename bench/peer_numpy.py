"""One training step of an LSTM in NumPy, gate by gate and step by step, on request.

Usage: peer_numpy.py n_x n_a m T f32|f64, then requests as in peer.py.
"""
import sys

import numpy as np

import peer

begin = peer.status_bytes("VmRSS:")

n_x, n_a, m, T = (int(s) for s in sys.argv[1:5])
dtype = np.float64 if sys.argv[5] == "f64" else np.float32
rng = np.random.RandomState(1)


def draw(*shape):
    return (0.1 * rng.randn(*shape)).astype(dtype)


W = {gate: draw(n_a, n_a + n_x) for gate in "fico"}
b = {gate: draw(n_a, 1) for gate in "fico"}
x = draw(T, n_x, m)
a0, c0 = draw(n_a, m), draw(n_a, m)
upstream = draw(T, n_a, m)


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def step():
    a, c, kept = a0, c0, []
    for t in range(T):
        z = np.concatenate([a, x[t]])
        f = sigmoid(W["f"] @ z + b["f"])
        i = sigmoid(W["i"] @ z + b["i"])
        g = np.tanh(W["c"] @ z + b["c"])
        o = sigmoid(W["o"] @ z + b["o"])
        before, c = c, f * c + i * g
        th = np.tanh(c)
        a = o * th
        kept.append((z, f, i, g, o, before, th))
    dW = {gate: np.zeros_like(W[gate]) for gate in W}
    db = {gate: np.zeros_like(b[gate]) for gate in b}
    dx = np.empty_like(x)
    da, dc = np.zeros_like(a0), np.zeros_like(c0)
    for t in reversed(range(T)):
        z, f, i, g, o, before, th = kept[t]
        da = da + upstream[t]
        s = dc + da * o * (1 - th**2)
        d = {"o": da * th * o * (1 - o), "c": s * i * (1 - g**2), "i": s * g * i * (1 - i), "f": s * before * f * (1 - f)}
        dz = 0
        for gate in W:
            dW[gate] += d[gate] @ z.T
            db[gate] += d[gate].sum(axis=1, keepdims=True)
            dz = dz + W[gate].T @ d[gate]
        da, dx[t], dc = dz[:n_a], dz[n_a:], s * f
    return dx, da, dc, dW, db


peer.answer(step, begin)
