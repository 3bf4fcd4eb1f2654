# %% [markdown]
# # Training a cell of one's own, on numbers and on a text
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

# %% [markdown]
# Which of two numbers has the larger sum? Sequences of different lengths, an answer for each.

# %%
rng = np.random.default_rng(1)
x = rng.normal(size=(2, 400, 20))  # (n_x, m, T)
lengths = rng.integers(10, 21, 400)
sums = np.cumsum(x, axis=2)[:, np.arange(400), lengths - 1]
y = (sums[0] > sums[1]).astype(int)
model = gt.train(cell, x[:, :300], y[:300], lengths=lengths[:300], hidden=16, lr=0.02, iterations=400,
                 validation=(x[:, 300:], y[300:], lengths[300:]))
scores = [step for step in model.history if not np.isnan(step.validation)]
print(f"{scores[-1].accuracy:.0%} right of sequences that it has not seen")
assert scores[-1].accuracy > 0.85

# %% [markdown]
# The same cell on a text; the loss is in bits for each character.

# %%
words = "the cell forgets what it was told; a gate opens and closes.\n" * 100
writer = gt.train(cell, text=words, hidden=48, embedding=16, batch=8, steps=30, iterations=300, lr=0.01)
print(f"{writer.history[-1].loss:.2f} bits a character")
print(gt.sample(writer, "the cell ", length=60, temperature=0.3))
assert writer.history[-1].loss < 1
