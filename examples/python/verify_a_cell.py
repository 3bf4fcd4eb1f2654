# %% [markdown]
# # From an equation to a verified, drawn cell
# The cells of this file run as a notebook (Jupytext, VS Code), or as a script.

# %%
import numpy as np

import gradtape as gt

text = """
# Minimal gated unit (Zhou et al. 2016, arXiv:1603.09420)
cell unit
  input x[n_x]
  state h[n_a]
  param Wf[n_a, n_a + n_x], bf[n_a] = 1
  param Wg[n_a, n_a + n_x], bg[n_a]

  f  = sigmoid(Wf @ concat(h, x) + bf)
  g  = tanh(Wg @ concat(f * h, x) + bg)
  h' = (1 - f) * h + f * g
"""
cell = gt.Cell(text)
cell

# %% [markdown]
# Its gradient needs no formula: it is the tape replayed backward. It is right:

# %%
report = cell.check().assert_right()
print(report)

# %% [markdown]
# A sequence of 8 examples and 20 steps, in PyTorch's order of axes (T, m, n).

# %%
rng = np.random.default_rng(1)
x = rng.normal(size=(20, 8, 3))
p = cell.parameters(n_x=3, n_a=6, seed=1)
run = cell.run(x, p, layout="time_first")
assert run["h"].shape == (20, 8, 6)

# %% [markdown]
# The gradient of a loss is the loss's own gradient, sent back through the cell. Descending along it
# teaches the cell to remember the sign of the first input.

# %%
target = np.sign(x[0, :, 0])
initially = None
for iteration in range(300):
    h = cell.run(x, p, layout="time_first")["h"]
    error = h[-1, :, 0] - target
    loss = np.mean(error**2)
    initially = loss if initially is None else initially
    upstream = np.zeros_like(h)
    upstream[-1, :, 0] = 2 * error / len(error)
    g = cell.gradients(x, p, {"h": upstream}, layout="time_first")
    for name in p:
        p[name] -= 0.3 * g["d" + name]
print(f"loss {initially:.3f}, then {loss:.3f}")
assert loss < 0.2 * initially

# %% [markdown]
# And this is what was computed.

# %%
picture = cell.graph(steps=2, backward=True)
picture
