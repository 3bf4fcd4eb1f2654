"""The recurrent networks of the notebook, written in NumPy by hand: values and gradients."""
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(axis=0))
    return e / e.sum(axis=0)


def zeros_like(p):
    return {"d" + name: np.zeros_like(a) for name, a in p.items()}


def rnn(x, p, a0, da, dy):
    """x (n_x, m, T), a0 (n_a, m), da (n_a, m, T), dy (n_y, m, T) -> values, gradients."""
    T = x.shape[2]
    a, ys = [a0], []
    for t in range(T):
        a.append(np.tanh(p["Waa"] @ a[-1] + p["Wax"] @ x[:, :, t] + p["ba"]))
        ys.append(softmax(p["Wya"] @ a[-1] + p["by"]))
    g, dx, back = zeros_like(p), np.zeros_like(x), np.zeros_like(a0)
    for t in reversed(range(T)):
        dz_y = ys[t] * (dy[:, :, t] - (dy[:, :, t] * ys[t]).sum(axis=0))
        g["dWya"] += dz_y @ a[t + 1].T
        g["dby"] += dz_y.sum(axis=1, keepdims=True)
        dz = (da[:, :, t] + back + p["Wya"].T @ dz_y) * (1 - a[t + 1] ** 2)
        g["dWaa"] += dz @ a[t].T
        g["dWax"] += dz @ x[:, :, t].T
        g["dba"] += dz.sum(axis=1, keepdims=True)
        dx[:, :, t] = p["Wax"].T @ dz
        back = p["Waa"].T @ dz
    return {"a": np.stack(a[1:], 2), "y": np.stack(ys, 2)}, {**g, "dx": dx, "da0": back}


def lstm_step(x, a, c, p):
    z = np.concatenate([a, x])
    f, i, o = (sigmoid(p["W" + n] @ z + p["b" + n]) for n in "fio")
    g = np.tanh(p["Wc"] @ z + p["bc"])
    c_next = f * c + i * g
    a_next = o * np.tanh(c_next)
    return a_next, c_next, softmax(p["Wy"] @ a_next + p["by"]), (z, f, i, o, g, c, c_next, a_next)


def lstm_step_back(cache, y, ha, hc, dy, p, g):
    """Adds to g; returns the gradients of x, of the old a and of the old c."""
    z, f, i, o, gate, c, c_next, a_next = cache
    dz_y = y * (dy - (dy * y).sum(axis=0))
    g["dWy"] += dz_y @ a_next.T
    g["dby"] += dz_y.sum(axis=1, keepdims=True)
    h = ha + p["Wy"].T @ dz_y
    s = hc + h * o * (1 - np.tanh(c_next) ** 2)
    slopes = {"o": h * np.tanh(c_next) * o * (1 - o), "c": s * i * (1 - gate ** 2),
              "i": s * gate * i * (1 - i), "f": s * c * f * (1 - f)}
    dz = 0
    for n, slope in slopes.items():
        g["dW" + n] += slope @ z.T
        g["db" + n] += slope.sum(axis=1, keepdims=True)
        dz = dz + p["W" + n].T @ slope
    return dz[len(c):], dz[:len(c)], s * f


def lstm(x, p, a0, c0, da, dc, dy):
    T = x.shape[2]
    a, c, states, cells, ys, caches = a0, c0, [], [], [], []
    for t in range(T):
        a, c, y, cache = lstm_step(x[:, :, t], a, c, p)
        for rows, value in zip((states, cells, ys, caches), (a, c, y, cache)):
            rows.append(value)
    g, dx = zeros_like(p), np.zeros_like(x)
    back_a, back_c = np.zeros_like(a0), np.zeros_like(c0)
    for t in reversed(range(T)):
        dx[:, :, t], back_a, back_c = lstm_step_back(
            caches[t], ys[t], da[:, :, t] + back_a, dc[:, :, t] + back_c, dy[:, :, t], p, g)
    values = {"a": np.stack(states, 2), "c": np.stack(cells, 2), "y": np.stack(ys, 2)}
    return values, {**g, "dx": dx, "da0": back_a, "dc0": back_c}
