/* Declarations, whole cells. A table: one line for each; see ../test_lang_hints.c. */
/* clang-format off */
LINE("  const q = 2", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  output = h", 6, 10, "expected the name of the output, not '='",
     "a name stands before the =: output y = ...")
LINE("  output y h", 6, 12, "expected = behind the name, not 'h'",
     "an equation is written y = ...")
LINE("  output y = V", 6, 14, "the output y is (n_a, n_x) = (5, 3), and must have a column for each of the m examples",
     NULL)
OWN("  output h = h", 6, 10, "h is a state and cannot be assigned",
     "its next value is h': write h' = ...")
OWN("  output h' = h", 6, 10, "an output has no prime",
     "write output y = h'")
LINE("  output x = h", 6, 10, "x is an input and cannot be assigned",
     NULL)
LINE("  output y[n_y] = h", 6, 11, "a part of an array cannot be assigned; concat joins parts",
     NULL)
LINE("  input y", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  param P", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  param P = 3", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  param P[2", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  param P[n_a", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  param P[n_a; n_x]", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  param P(n_a, n_x)", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  param P(n_a)", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  param P{n_a}", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  param P[n_a][n_x]", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  param P: n_a", 6, 3, "declarations come before the equations",
     "move it above line 5")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = banana, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "an initial value knows no banana",
     "it is made of numbers, dimensions, and the row i and the column j of an entry, from 0")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param b[n_a] = banana, W[n_a, n_x], U[n_a, n_a]\n  h' = tanh(W @ x + U @ h + b)\n", 4, 18, "an initial value knows no banana",
     "it is made of numbers, dimensions, and the row i and the column j of an entry, from 0")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] ~ banana, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "there is no initializer banana",
     "glorot, orthogonal, identity, normal(deviation), uniform(low, high), or = for numbers and formulas")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] ~ xavier, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "there is no initializer xavier",
     "write ~ glorot")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] ~ kaiming, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "there is no initializer kaiming",
     "write ~ glorot, or ~ normal(deviation)")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] ~ normal(0, 1), U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 31, "normal takes one number, the standard deviation",
     "the mean is 0: write normal(deviation)")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] ~ uniform(0.1), U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 34, "expected , and a second number: uniform(low, high), not ')'",
     NULL)
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] ~ zeros, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "there is no initializer zeros",
     "write = 0")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = glorot, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "a distribution stands behind ~, and a constant behind =",
     "write ~ in place of =")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = orthogonal, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "a distribution stands behind ~, and a constant behind =",
     "write ~ in place of =")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = zeros, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "there is no initializer zeros",
     "write = 0")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = normal(0.1), U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "a distribution stands behind ~, and a constant behind =",
     "write ~ in place of =")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = [1, 2], U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "an initial value is one number, the same for all entries",
     NULL)
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = sqrt(n_aa), U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 28, "an initial value knows no n_aa",
     "did you mean n_a?")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = U, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "an initial value knows the parameters above it, and not U",
     NULL)
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = sum(i), U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "an initial value is a number for each entry, and sum is of arrays",
     "write a formula of the row i and the column j: i == j is the identity")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = i @ j, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 25, "an initial value is a number for each entry, and @ is of arrays",
     "write a formula of the row i and the column j: i == j is the identity")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = i.T, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 24, "an initial value is a number for each entry, and .T is of arrays",
     "write a formula of the row i and the column j: i == j is the identity")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = log(uniform(2, 1)), U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 27, "the lower limit comes first",
     NULL)
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] ~ bernoulli(2), U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "a probability is from 0 to 1",
     NULL)
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] ~ eye, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "there is no initializer eye",
     "write ~ identity")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x], b[n_a] ~ identity, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 31, "identity is of a matrix, and b has one size",
     "a vector begins with = and a number, or a formula of the row i")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = 1 +, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 26, "expected an expression, not ','",
     NULL)
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a n_x], U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 15, "sizes have a comma between them",
     "write a comma before n_x")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 21, "names of one line have a comma between them",
     "write a comma before U")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x]; U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 20, "names of one line have a comma between them",
     NULL)
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x],\n  param U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 21, "expected a name, not the end of the line",
     "leave the comma out; each line of declarations begins with its word")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_x, n_a], U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 5, 13, "matmul: W is (n_x, n_a) = (3, 5) but x is (n_x, m) = (3, m)",
     "W.T @ x would fit")
WHOLE("cell c\n  input x[batch, n_x]\n  state h[n_a]\n  param W[n_a, n_x], U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 2, 16, "an input has one size; its columns are the examples",
     "write x[n_x], with the number of features alone")
WHOLE("cell c\n  input x[3]\n  state h[5]\n  param W[5, 3], h0[5]\n  h' = tanh(W @ x + h + h0)\n", 4, 18, "h0 is the name of the initial value of state h, which is declared in line 3",
     "if h begins with it write state h[...] = h0; otherwise give one of the two another name")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x], h0[n_a] = 0.5\n  h' = tanh(W @ x + h + h0)\n", 4, 22, "h0 is the name of the initial value of state h, which is declared in line 3",
     "if h begins with it write state h[...] = h0; otherwise give one of the two another name")
WHOLE("cell c\n  input x[n_x], h0[n_a]\n  state h[n_a]\n  param W[n_a, n_x]\n  h' = tanh(W @ x + h + h0)\n", 2, 17, "h0 is the name of the initial value of state h, which is declared in line 3",
     "give one of the two another name")
WHOLE("class c\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\n", 1, 1, "expected cell and a name, with which a cell begins, not 'class'",
     "write cell and its name")
WHOLE("Cell c\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\n", 1, 1, "expected cell and a name, with which a cell begins, not 'Cell'",
     "write cell and its name")
WHOLE("  input x[n_x]\n  state h[n_x]\n  h' = h + x\n", 1, 3, "a cell begins with its name, and there is none above",
     "write cell NAME in a line above this one")
WHOLE("cell 9bad\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\n", 1, 6, "the name of a cell has letters, digits and _, and begins with no digit, not '9bad'",
     NULL)
WHOLE("cell my-cell\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\n", 1, 8, "nothing stands behind the name of a cell, which has letters, digits and _",
     "join the words of a name with _, as in my_2")
WHOLE("cell my cell\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\n", 1, 9, "nothing stands behind the name of a cell, which has letters, digits and _",
     "join the words of a name with _, as in my_2")
WHOLE("cell\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\n", 1, 5, "expected the name of the cell, not the end of the line",
     NULL)
WHOLE("cell \"c\"\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\n", 1, 6, "the name of a cell has letters, digits and _, and begins with no digit, not '\"c\"'",
     NULL)
WHOLE("cell c(x, h)\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\n", 1, 7, "nothing stands behind the name of a cell, which has letters, digits and _",
     "write cell c")
WHOLE("cell c\n  Input x[n_x]\n  state h[n_x]\n  h' = h + x\n", 2, 3, "there is no word Input in a cell",
     "write input")
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  parameter W[n_x, n_x]\n  h' = W @ h + x\n", 4, 3, "there is no word parameter in a cell",
     "write param")
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  params W[n_x, n_x]\n  h' = W @ h + x\n", 4, 3, "there is no word params in a cell",
     "write param")
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  weight W[n_x, n_x]\n  h' = W @ h + x\n", 4, 3, "there is no word weight in a cell",
     "write param")
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\nbackwards\n  dx = dh'\n", 5, 1, "the backward pass begins with the word backward",
     "write backward")
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\nbackward:\n  dx = dh'\n", 5, 9, "no line ends with a colon",
     NULL)
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\nbackward\n  dx = dh\n", 6, 8, "there is no name dh",
     "the gradient that reaches h' from outside is dh'")
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\nbackward\n  dx = dh_next\n", 6, 8, "there is no name dh_next",
     "the gradient that reaches h' from outside is dh'")
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  h' = h + x\nbackward\n  dh = dh' + dh\n", 6, 14, "dh is used in its own equation",
     NULL)
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  h\xE2\x80\x99 = h + x\nbackward\n  dx = dh\xE2\x80\x99\n", 4, 4, "\xE2\x80\x99 (U+2019) is a typographic apostrophe",
     "write the prime of the keyboard, as in h' (\xE2\x80\x99 is there 2 times)")
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  h' = h\n     + x\n", 5, 6, "expected a statement, not '+'",
     "a line goes on only while a bracket is open: ( ... )")
WHOLE("cell c\n  input x[n_x]\n  state h[n_x]\n  h' = h +\n     x\n", 4, 11, "expected an expression, not the end of the line",
     "a line goes on only while a bracket is open: ( ... )")
WHOLE("cell c\n  input x[n_x] # in\n  state h[n_x] // out\n  h' = h + x\n", 3, 16, "there is no // in a cell",
     "a comment begins with #; a quotient is rounded down by floor(u / v)")
WHOLE("from torch import nn\n\nclass Cell(nn.Module):\n    def forward(self, x, h):\n        return torch.tanh(self.W(x) + self.U(h))\n", 1, 1, "expected cell and a name, with which a cell begins, not 'from'",
     "a cell is 'cell NAME', its input, state and param lines and its equations; 'gradtape new NAME' writes one")
WHOLE("h' = tanh(W @ x + b)\n", 1, 1, "expected cell and a name, with which a cell begins, not 'h''",
     "a cell is 'cell NAME', its input, state and param lines and its equations; 'gradtape new NAME' writes one")
