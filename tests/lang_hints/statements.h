/* Statements of other languages: loops, conditions, definitions, imports. A table: one line for each; see
 * ../test_lang_hints.c. */
/* clang-format off */
LINE("  for i in range(3):", 6, 12, "the numbers of a loop are written with a colon",
     "write for i in 0:4:")
LINE("  for t in range(T):\n    q = h", 6, 12, "the numbers of a loop are written with a colon",
     "write for t in 0:4:")
LINE("  for (int i = 0; i < 3; i++)", 6, 3, "a loop is written for i in 0:4:",
     "a cell is one time step, which is repeated for each; what is repeated in it stands below, further to the right")
LINE("  if h > 0:", 6, 3, "there is no if in a cell",
     "where(mask, u, v) is u where the mask is not 0, and v elsewhere")
LINE("  while True:", 6, 3, "there are no loops in a cell but repeat 6: and for i in 0:6:",
     "a cell is one time step, which is repeated for each")
LINE("  return h'", 6, 3, "nothing is returned by a cell",
     "the next state is assigned, h' = ..., and a result is declared, output y = ...")
LINE("  return h", 6, 3, "nothing is returned by a cell",
     "the next state is assigned, h' = ..., and a result is declared, output y = ...")
LINE("  def f(x):", 6, 11, "a function is one formula, in one line",
     "write def f(x) = ...")
LINE("  def f(x) = f(x)", 6, 14, "f cannot call itself",
     "a function is a formula of those above it; what is repeated stands behind repeat")
LINE("  def f(u) = W @ u", 6, 14, "a function knows its arguments alone, and W is none of them",
     "write def f(u, W) = ...")
LINE("  def f(gate) = sigmoid(gat)", 6, 25, "a function knows its arguments alone, and gat is none of them",
     "did you mean gate?")
LINE("  def f(u, u) = u", 6, 12, "f has two arguments u",
     NULL)
LINE("  def f(u = 1, v) = u * v", 6, 16, "v needs a number, too: an argument before it may be left out",
     "write v = 1, or move it to the front")
LINE("  def f(u, v = h) = u * v", 6, 16, "what an argument is where it is left out is a number",
     NULL)
LINE("  def tanh(u) = u", 6, 7, "the value of tanh(...) has no name",
     "an equation is written name = tanh(...)")
LINE("  def f(u) = u\n  def f(v) = v", 7, 7, "f is defined already, in line 6",
     "give one of them another name")
LINE("  def f(u) = prev(u)", 6, 14, "a function knows its arguments at this step alone, without prev",
     "give prev(x) to it as an argument")
LINE("  def f(u, v) = u + v\n  q = f(h)", 7, 7, "f takes 2 arguments, not 1",
     NULL)
LINE("  def f(u, v = 2) = u + v\n  q = f(h, 1, 2)", 7, 7, "f takes 2 or fewer arguments, not 3",
     NULL)
LINE("  def f(u, v = 2) = u + v\n  q = f(h, w=2)", 7, 12, "f takes no 'w='",
     NULL)
LINE("  def f(u, v) = u + v\n  q = f(h, u=2)", 7, 14, "u is given twice",
     NULL)
LINE("  def f(u, v) = u @ v\n  q = f(W, h)", 7, 7, "matmul: W is (n_a, n_a+n_x) = (5, 8) but h is (n_a, m) = (5, m) (in f, of line 6)",
     "W.T @ h would fit")
LINE("  def f(u, v) = u @ v\n  def g(u) = f(u, u) + u\n  q = 2 + g(h)", 8, 11, "matmul: h is (n_a, m) = (5, m) but h is (n_a, m) = (5, m) (in g, of line 7)",
     "element by element it is h * h")
LINE("  def forward(self, x, h):\n    q = tanh(h)", 6, 26, "a function is one formula, in one line",
     "write def forward(self) = ...")
LINE("  let q = h", 6, 3, "an equation begins with the name of its value",
     "write q = ..., without let")
LINE("  var q = h", 6, 3, "an equation begins with the name of its value",
     "write q = ..., without var")
LINE("  float q = 2", 6, 3, "an equation begins with the name of its value",
     "write q = ..., without float")
LINE("  import numpy as np", 6, 3, "nothing is imported",
     "all functions are there already: tanh, sigmoid, concat, ...")
LINE("  from math import exp", 6, 3, "nothing is imported",
     "all functions are there already: tanh, sigmoid, concat, ...")
LINE("  class LSTM:", 6, 3, "there are no classes",
     "a cell begins with 'cell NAME'; its equations follow")
LINE("  lambda u: u", 6, 3, "a function is defined by its formula",
     "write def f(u) = ...")
LINE("  function f(u) = u", 6, 3, "a function is defined by its formula",
     "write def f(u) = ...")
LINE("  pass", 6, 3, "there is no pass in a cell",
     "leave the line out")
LINE("  print(h)", 6, 3, "nothing is printed by a cell",
     "output y = u shows a value")
LINE("  tanh(h)", 6, 3, "the value of tanh(...) has no name",
     "an equation is written name = tanh(...)")
LINE("  def f(u) = u @ gate\n  q = f(h)\n  p = f(x) + q", 6, 18, "a function knows its arguments alone, and gate is none of them",
     "write def f(u, gate) = ...")
LINE("  def f(u):\n  q = f(h)", 6, 11, "a function is one formula, in one line",
     "write def f(u) = ...")
