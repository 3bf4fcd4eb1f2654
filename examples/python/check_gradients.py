# %% [markdown]
# # Verifying a backward pass written by hand
# A recurrent layer in NumPy, as in many a course: is its gradient right?

# %%
import numpy as np

import gradtape as gt


def rnn(Waa, Wax, x):
    """a' = tanh(Waa a + Wax x): all states (n_a, m, T) from inputs (n_x, m, T)."""
    a, states = np.zeros((Waa.shape[0], x.shape[1])), []
    for t in range(x.shape[2]):
        a = np.tanh(Waa @ a + Wax @ x[:, :, t])
        states.append(a)
    return np.stack(states, axis=2)


def rnn_backward(Waa, Wax, x, da, forgets_the_past=False):
    """da (n_a, m, T): the gradient of the cost with respect to each state by itself."""
    a = rnn(Waa, Wax, x)
    dWaa, dWax, dx, back = np.zeros_like(Waa), np.zeros_like(Wax), np.zeros_like(x), 0
    for t in reversed(range(x.shape[2])):
        dz = (da[:, :, t] + back) * (1 - a[:, :, t] ** 2)
        before = a[:, :, t - 1] if t > 0 else np.zeros_like(dz)
        dWaa += dz @ before.T
        dWax += dz @ x[:, :, t].T
        dx[:, :, t] = Wax.T @ dz
        back = 0 if forgets_the_past else Waa.T @ dz
    return dWaa, dWax, dx


rng = np.random.default_rng(1)
args = rng.normal(size=(4, 4)) / 2, rng.normal(size=(4, 3)), rng.normal(size=(3, 5, 6))

# %%
print(gt.check(rnn, rnn_backward, args).assert_right())

# %% [markdown]
# Without what flows back from the later step it is wrong, and the report says where.

# %%
report = gt.check(rnn, lambda *a: rnn_backward(*a, forgets_the_past=True), args)
print(report)
assert report.verdict == "wrong"

# %% [markdown]
# The same layer is a cell; the tape's gradient is a second witness.

# %%
cell = gt.Cell("cell layer\n  input x[n_x]\n  state a[n_a]\n  param Waa[n_a, n_a], Wax[n_a, n_x]\n"
               "  a' = tanh(Waa @ a + Wax @ x)\n")
Waa, Wax, x = args
da = rng.normal(size=(4, 5, 6))
tape = cell.gradients(x, {"Waa": Waa, "Wax": Wax}, {"a": da})
for name, mine in zip(("dWaa", "dWax", "dx"), rnn_backward(Waa, Wax, x, da)):
    np.testing.assert_allclose(tape[name], mine, rtol=1e-11, atol=1e-13)
print("the tape agrees")
