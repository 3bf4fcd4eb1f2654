/* A table: one line for each. */
/* clang-format off */
/*
 * What people type who know NumPy, PyTorch, MATLAB or a paper, and the one message that they get:
 * the text, where, what is wrong, and what to write instead. See tests/test_lang_hints.c.
 *
 * LINE stands in a cell with input x, state h, parameters W, U, V and b, and z = concat(h, x);
 * OWN is the same without an equation for h'; WHOLE is all of the text.
 */
LINE("  q = np.dot(W, z)", 6, 7, "there is no function dot",
     "write W @ z")
LINE("  q = np.tanh(h)", 6, 7, "functions stand alone, without np.",
     "write tanh(h)")
LINE("  q = torch.sigmoid(h)", 6, 7, "functions stand alone, without torch.",
     "write sigmoid(h)")
LINE("  q = F.relu(h)", 6, 7, "functions stand alone, without F.",
     "write relu(h)")
LINE("  q = jnp.tanh(h)", 6, 7, "functions stand alone, without jnp.",
     "write tanh(h)")
LINE("  q = nn.functional.relu(h)", 6, 7, "functions stand alone, without nn.",
     "write relu(h)")
LINE("  q = torch.nn.functional.softplus(h)", 6, 7, "functions stand alone, without torch.",
     "write softplus(h)")
LINE("  q = math.exp(h)", 6, 7, "functions stand alone, without math.",
     "write exp(h)")
LINE("  q = np.linalg.norm(h)", 6, 7, "functions stand alone, without np.",
     "write norm(h)")
LINE("  q = tf.nn.relu(h)", 6, 7, "functions stand alone, without tf.",
     "write relu(h)")
LINE("  q = np.matmul(W, z)", 6, 7, "there is no function matmul",
     "write W @ z")
LINE("  q = h.dot(U)", 6, 7, "there is no function dot",
     "write h @ U")
LINE("  q = h.sum(axis=0)", 6, 7, "functions stand alone, not behind a point",
     "write sum(h, axis=0)")
LINE("  q = W.transpose()", 6, 7, "there is no function transpose",
     "write W.T")
LINE("  q = W.t()", 6, 7, "there is no function t",
     "write W.T")
LINE("  q = h.shape", 6, 7, "only .T, the transpose, can follow a point",
     "sizes are the dimensions of the declarations, such as n_a; m is the number of examples")
LINE("  q = h.mean()", 6, 7, "functions stand alone, not behind a point",
     "write mean(h)")
LINE("  q = W * z", 6, 7, "multiply: W is (n_a, n_a+n_x) = (5, 8) but z is (n_a+n_x, m) = (8, m)",
     "the product of matrices is written @: W @ z")
LINE("  q = W * x", 6, 7, "multiply: W is (n_a, n_a+n_x) = (5, 8) but x is (n_x, m) = (3, m)",
     "the product of matrices is written @; for these it does not fit either")
LINE("  q = U * h", 6, 7, "multiply: U is (n_a, n_a) = (5, 5) but h is (n_a, m) = (5, m)",
     "the product of matrices is written @: U @ h")
LINE("  q = W z", 6, 9, "expected an operator or the end of the line, not 'z'",
     "the product of a matrix is written W @ z")
LINE("  q = W x + b", 6, 9, "expected an operator or the end of the line, not 'x'",
     "the product of a matrix is written W @ x")
LINE("  q = 2 h", 6, 9, "expected an operator or the end of the line, not 'h'",
     "a product needs its *: 2 * h")
LINE("  q = 2h", 6, 7, "a name cannot begin with a digit, and a product needs its *",
     "write 2 * h")
LINE("  q = h @ 2", 6, 7, "matmul: an operand is a number, not a matrix",
     "a product with a number is written *: h * 2")
LINE("  q = h @ h", 6, 7, "matmul: h is (n_a, m) = (5, m) but h is (n_a, m) = (5, m)",
     "element by element it is h * h")
LINE("  q = b @ h", 6, 7, "matmul: b is (n_a, 1) = (5, 1) but h is (n_a, m) = (5, m)",
     "element by element it is b * h")
LINE("  q = h @ U", 6, 7, "matmul: h is (n_a, m) = (5, m) but U is (n_a, n_a) = (5, 5)",
     "the matrix stands on the left: U @ h")
LINE("  q = x @ V", 6, 7, "matmul: x is (n_x, m) = (3, m) but V is (n_a, n_x) = (5, 3)",
     "the matrix stands on the left: V @ x")
LINE("  q = W @ h", 6, 7, "matmul: W is (n_a, n_a+n_x) = (5, 8) but h is (n_a, m) = (5, m)",
     "W.T @ h would fit")
OWN("  h\xE2\x80\x99 = tanh(W @ z + b)", 6, 4, "\xE2\x80\x99 (U+2019) is a typographic apostrophe",
     "write the prime of the keyboard, as in h'")
OWN("  h\xE2\x80\xB2 = tanh(W @ z + b)", 6, 4, "\xE2\x80\xB2 (U+2032) is a typographic prime",
     "write the prime of the keyboard, as in h'")
OWN("  h\xE2\x80\x98 = tanh(W @ z + b)", 6, 4, "\xE2\x80\x98 (U+2018) is a quotation mark",
     "write the prime of the keyboard, as in h'")
OWN("  h` = tanh(W @ z + b)", 6, 4, "a ` is no prime",
     "write the prime of the keyboard, as in h'")
OWN("  h\" = tanh(W @ z + b)", 6, 4, "there are no strings in a cell",
     "a comment begins with #")
OWN("  h^t = h", 6, 4, "a power is written **, as in x**2",
     NULL)
LINE("  q = h \xE2\x88\x92 b", 6, 9, "\xE2\x88\x92 (U+2212) is a typographic minus",
     "write -")
LINE("  q = h \xC3\x97 b", 6, 9, "\xC3\x97 (U+00D7) is a multiplication sign",
     "write * element by element, and @ for the product of matrices")
LINE("  q = h \xC2\xB7 b", 6, 9, "\xC2\xB7 (U+00B7) is a multiplication dot",
     "write * element by element, and @ for the product of matrices")
LINE("  q = h \xE2\x8A\x99 b", 6, 9, "\xE2\x8A\x99 (U+2299) is the product element by element",
     "write *")
LINE("  q = h \xE2\x88\x98 b", 6, 9, "\xE2\x88\x98 (U+2218) is the product element by element",
     "write *")
LINE("  q = h \xE2\x80\x93 b", 6, 9, "\xE2\x80\x93 (U+2013) is a dash",
     "write -")
LINE("  q = h \xE2\x80\x94 b", 6, 9, "\xE2\x80\x94 (U+2014) is a dash",
     "write -")
LINE("  q = \xE2\x80\x9Ch\xE2\x80\x9D", 6, 7, "\xE2\x80\x9C (U+201C) is a quotation mark",
     "there are no strings in a cell; a comment begins with #")
LINE("  q = \xCF\x83(h)", 6, 7, "there is no function sigma",
     "write sigmoid(h)")
LINE("  q = \xCF\x86(h)", 6, 7, "there is no function \xCF\x86",
     "functions have names: tanh, sigmoid, relu, softplus, exp, ...")
LINE("  q = h\xC2\xB2 ", 6, 8, "\xC2\xB2 (U+00B2) is a superscript",
     "a power is written **, as in h**2")
LINE("  q = W\xC2\xB7z", 6, 8, "\xC2\xB7 (U+00B7) is a multiplication dot",
     "write * element by element, and @ for the product of matrices")
LINE("  q = h / \xE2\x88\x9An_a", 6, 11, "\xE2\x88\x9A (U+221A) is a root",
     "write sqrt(u)")
LINE("  q = h \xC3\xB7 2", 6, 9, "\xC3\xB7 (U+00F7) is a division sign",
     "write /")
LINE("  q = h \xE2\x89\xA4 0", 6, 9, "\xE2\x89\xA4 (U+2264) is a comparison",
     "write <=")
LINE("  q = h \xE2\x89\xA5 0", 6, 9, "\xE2\x89\xA5 (U+2265) is a comparison",
     "write >=")
LINE("  q = h \xE2\x89\xA0 0", 6, 9, "\xE2\x89\xA0 (U+2260) is a comparison",
     "write !=")
LINE("  q = h \xE2\x86\x90 2", 6, 9, "\xE2\x86\x90 (U+2190) is an arrow",
     "an equation has one =; to compare, write ==")
LINE("  q \xE2\x86\x90 h", 6, 5, "\xE2\x86\x90 (U+2190) is an arrow",
     "write =")
LINE("  q = [h; x]", 6, 7, "there are no lists in a cell",
     "write concat(h, x)")
LINE("  q = [h, x]", 6, 7, "there are no lists in a cell",
     "write concat(h, x)")
LINE("  q = \xEF\xBC\x88h\xEF\xBC\x89", 6, 7, "\xEF\xBC\x88 (U+FF08) is a full-width bracket",
     "write (")
LINE("  q = h\xEF\xBC\x8Cx", 6, 8, "\xEF\xBC\x8C (U+FF0C) is a full-width comma",
     "an equation has one value; arrays are joined by concat(u, v)")
LINE("  q\xE2\x80\x8B = h", 6, 4, "an invisible character",
     "delete it and write the line anew")
LINE("  \xCE\xB1 = tanh(h)", 6, 3, "\xCE\xB1: a name has the letters from a to z, digits and _",
     "write alpha")
LINE("  q = \xCE\xB1 * h", 6, 7, "\xCE\xB1: a name has the letters from a to z, digits and _",
     "write alpha")
LINE("  h\xE1\xB5\x97 = h", 6, 3, "h\xE1\xB5\x97: a name has the letters from a to z, digits and _",
     NULL)
LINE("  h\xE2\x82\x81 = h", 6, 3, "h\xE2\x82\x81: a name has the letters from a to z, digits and _",
     "write h_1")
LINE("  \xC4\x89 = h", 6, 3, "\xC4\x89: a name has the letters from a to z, digits and _",
     NULL)
LINE("  \xC3\xA9 = 1", 6, 3, "\xC3\xA9: a name has the letters from a to z, digits and _",
     NULL)
LINE("  q = swish(h)", 6, 7, "there is no function swish",
     "write silu(h)")
LINE("  q = selu(h)", 6, 7, "there is no function selu",
     "write 1.0507009874 * where(h > 0, h, 1.6732632423 * (exp(minimum(h, 0)) - 1))")
LINE("  q = hardtanh(h)", 6, 7, "there is no function hardtanh",
     "write minimum(maximum(h, -1), 1)")
LINE("  q = hard_sigmoid(h)", 6, 7, "there is no function hard_sigmoid",
     "write hardsigmoid(h)")
LINE("  q = softsign(h)", 6, 7, "there is no function softsign",
     "write h / (1 + abs(h))")
LINE("  q = mish(h)", 6, 7, "there is no function mish",
     "write h * tanh(softplus(h))")
LINE("  q = relu6(h)", 6, 7, "there is no function relu6",
     "write minimum(relu(h), 6)")
LINE("  q = ceil(h)", 6, 7, "there is no function ceil",
     "write -floor(-h)")
LINE("  q = dropout(h)", 6, 7, "there is no function dropout",
     "dropout belongs to training: gradtape train --dropout 0.2")
LINE("  q = ger(h, b)", 6, 7, "there is no function ger",
     "write outer(h, b): a matrix for each example; the sum over the examples is u @ v.T")
LINE("  q = inner(h, b)", 6, 7, "there is no function inner",
     "write sum(h * b, axis=0): of each example")
LINE("  q = eye(n_a)", 6, 7, "there is no function eye",
     "the identity times u is u; a parameter may begin as ~ identity")
LINE("  q = identity(n_a)", 6, 7, "there is no function identity",
     "the identity times u is u; a parameter may begin as ~ identity")
LINE("  q = zeros(n_a)", 6, 7, "there is no function zeros",
     "write 0: a number stretches to any shape")
LINE("  q = ones(n_a)", 6, 7, "there is no function ones",
     "write 1: a number stretches to any shape")
LINE("  q = ones(n_a, m)", 6, 7, "there is no function ones",
     "write 1: a number stretches to any shape")
LINE("  q = zeros_like(h)", 6, 7, "there is no function zeros_like",
     "write 0: a number stretches to any shape")
LINE("  q = ones_like(h)", 6, 7, "there is no function ones_like",
     "write 1: a number stretches to any shape")
LINE("  q = full(n_a, 1)", 6, 7, "there is no function full",
     "write 1: a number stretches to any shape")
LINE("  q = view(h, n_a)", 6, 7, "there is no function view",
     "write reshape(u, n_h, n_k) of u[n_h * n_k]; the examples stay")
LINE("  q = cat(h, x)", 6, 7, "there is no function cat",
     "write concat(h, x)")
LINE("  q = cat([h, x])", 6, 7, "there is no function cat",
     "write concat(h, x)")
LINE("  q = concat([h, x])", 6, 14, "there are no lists in a cell",
     "write concat(h, x)")
LINE("  q = concat([h, x], axis=0)", 6, 14, "there are no lists in a cell",
     "write concat(h, x)")
LINE("  q = concat(h, x, axis=0)", 6, 20, "concat takes no 'axis='",
     "features, the rows, are joined as it is: leave it out")
LINE("  q = concat(h, x, axis=1)", 6, 20, "concat takes no 'axis='",
     "the examples, axis 1, cannot be joined; concat(u, v) joins the features")
LINE("  q = concat(h, x, dim=0)", 6, 20, "concat takes no 'dim='",
     "features, the rows, are joined as it is: leave it out")
LINE("  q = concat((h, x))", 6, 14, "there are no tuples in a cell",
     "write concat(h, x)")
LINE("  q = torch.cat([h, x], dim=1)", 6, 7, "there is no function cat",
     "write concat(h, x)")
LINE("  q = concatenate((h, x))", 6, 7, "there is no function concatenate",
     "write concat(h, x)")
LINE("  q = hstack(h, x)", 6, 7, "there is no function hstack",
     "write concat(h, x): one above the other: features can be joined, examples cannot")
LINE("  q = vstack(h, x)", 6, 7, "there is no function vstack",
     "write concat(h, x)")
LINE("  q = stack(h, x)", 6, 7, "there is no function stack",
     "write concat(h, x)")
LINE("  q = np.vstack((h, x))", 6, 7, "there is no function vstack",
     "write concat(h, x)")
LINE("  q = einsum(\"ij,jk->ik\", W, z)", 6, 7, "there is no function einsum",
     "products are written W @ u, S @ u, outer(u, v) and u * v, sums sum(u, axis=0)")
LINE("  q = matmul(W, z)", 6, 7, "there is no function matmul",
     "write W @ z")
LINE("  q = dot(W, z)", 6, 7, "there is no function dot",
     "write W @ z")
LINE("  q = mm(W, z)", 6, 7, "there is no function mm",
     "write W @ z")
LINE("  q = bmm(W, z)", 6, 7, "there is no function bmm",
     "write W @ z")
LINE("  q = clip(h, -1, 1)", 6, 7, "there is no function clip",
     "write minimum(maximum(h, -1), 1)")
LINE("  q = clamp(h, -1, 1)", 6, 7, "there is no function clamp",
     "write minimum(maximum(h, -1), 1)")
LINE("  q = sum(h, axis=2)", 6, 7, "axis is 0, over the features, or 1, over the examples",
     NULL)
LINE("  q = sum(h, dim=0)", 6, 14, "sum takes no 'dim='",
     "write axis=0 for the sum over the features, the rows, and axis=1 over the examples, the columns; the axis is kept")
LINE("  q = sum(h, dim=1, keepdim=True)", 6, 14, "sum takes no 'dim='",
     "write axis=0 for the sum over the features, the rows, and axis=1 over the examples, the columns; the axis is kept")
LINE("  q = sum(h, keepdims=False)", 6, 23, "sums and means always keep their axis: keepdims=True",
     "leave it out: an axis of size 1 stretches")
LINE("  q = sum(h, axis=0, keepdims=False)", 6, 31, "sums and means always keep their axis: keepdims=True",
     "leave it out: an axis of size 1 stretches")
LINE("  q = sum(h, axis=[0, 1])", 6, 19, "axis is 0, over the features, or 1, over the examples",
     "over both it is left out: sum(u)")
LINE("  q = sum(h, axis=(0, 1))", 6, 19, "axis is 0, over the features, or 1, over the examples",
     "over both it is left out: sum(u)")
LINE("  q = sum(h, axis=None)", 6, 19, "axis is 0, over the features, or 1, over the examples",
     "over both it is left out: sum(u)")
LINE("  q = sum(h, axis)", 6, 7, "sum takes one argument, not 2",
     "write sum(u, axis=0) over the features, axis=1 over the examples, sum(u) over both")
LINE("  q = sum(h, b)", 6, 7, "sum takes one argument, not 2",
     "write sum(u, axis=0) over the features, axis=1 over the examples, sum(u) over both")
LINE("  q = sum(h, x, b)", 6, 7, "sum takes one argument, not 3",
     "write sum(u, axis=0) over the features, axis=1 over the examples, sum(u) over both")
LINE("  q = softmax(h, dim=0)", 6, 18, "softmax takes no 'dim='",
     "it is over the features, the rows, as it is: write softmax(h)")
LINE("  q = softmax(h, dim=-1)", 6, 18, "softmax takes no 'dim='",
     "it is over the features, the rows, as it is: write softmax(h)")
LINE("  q = softmax(h, 0)", 6, 7, "softmax takes one argument, not 2",
     "it is over the features, the rows, as it is: write softmax(h)")
LINE("  q = softmax(h, 1)", 6, 7, "softmax takes one argument, not 2",
     "it is over the features, the rows: write softmax(h); over the examples, axis 1, there is softmax(u.T).T")
LINE("  q = log_softmax(h)", 6, 7, "there is no function log_softmax",
     "write log(softmax(h))")
LINE("  q = h // 2", 6, 9, "there is no // in a cell",
     "a comment begins with #; nothing is rounded")
LINE("  q = h ^ 2", 6, 9, "a power is written **, as in x**2",
     NULL)
LINE("  q = h**b", 6, 10, "the exponent of ** is not a constant",
     "for positive u, u to the power of v is exp(v * log(u))")
LINE("  q = 2**h", 6, 10, "the exponent of ** is not a constant",
     "for positive u, u to the power of v is exp(v * log(u))")
LINE("  q = e**h", 6, 7, "there is no name e",
     "write exp(1)")
LINE("  q = np.pi * h", 6, 7, "names stand alone, without np.",
     "write pi")
LINE("  q = inf", 6, 7, "there is no name inf",
     "numbers are finite: write a large one, such as 1e30")
LINE("  q = True", 6, 7, "there is no name True",
     "write 1")
LINE("  q = None", 6, 7, "there is no name None",
     "leave it out, or write 0")
LINE("  for i in range(3):", 6, 12, "the numbers of a loop are written with a colon",
     "write for i in 0:4:")
LINE("  for t in range(T):\n    q = h", 6, 12, "the numbers of a loop are written with a colon",
     "write for t in 0:4:")
LINE("  for (int i = 0; i < 3; i++)", 6, 3, "a loop is written for i in 0:4:",
     "a cell is one time step, which is repeated for each; what is repeated in it stands below, further to the right")
LINE("  if h > 0:", 6, 3, "there is no if in a cell",
     "where(mask, u, v) is u where the mask is not 0, and v elsewhere")
LINE("  q = h if h > 0 else b", 6, 9, "expected an operator or the end of the line, not 'if'",
     "where(mask, u, v) is u where the mask is not 0, and v elsewhere")
LINE("  q = h > 0 \? h : b", 6, 13, "there is no \?: in a cell",
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
LINE("  const q = 2", 6, 3, "declarations come before the equations",
     "move it above line 5")
LINE("  float q = 2", 6, 3, "an equation begins with the name of its value",
     "write q = ..., without float")
LINE("  import numpy as np", 6, 3, "nothing is imported",
     "all functions are there already: tanh, sigmoid, concat, ...")
LINE("  from math import exp", 6, 3, "nothing is imported",
     "all functions are there already: tanh, sigmoid, concat, ...")
LINE("  class LSTM:", 6, 3, "there are no classes",
     "a cell begins with 'cell NAME'; its equations follow")
LINE("  lambda u: u", 6, 3, "there are no functions to define",
     "a cell begins with 'cell NAME'; its equations follow")
LINE("  q = lambda u: u", 6, 14, "expected an operator or the end of the line, not 'u'",
     "a product needs its operator: lambda * u element by element, or @ for matrices")
LINE("  pass", 6, 3, "there is no pass in a cell",
     "leave the line out")
LINE("  q = self.W @ z", 6, 7, "names stand alone, without self.",
     "write W")
LINE("  self.q = h", 6, 3, "a name has no point",
     "write q = ...")
LINE("  q = h[::2]", 6, 10, "a slice has no step",
     "parts are contiguous: W[i:j]; what is taken by steps is a product with a mask, or an input")
LINE("  q = h[-1]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "the last row alone is h[-1:]")
LINE("  q = h[0]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "row 0 alone is h[0:1]")
LINE("  q = h[0, :]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "row 0 alone is h[0:1]")
LINE("  q = h[:, 0]", 6, 12, "a slice needs its colon: an axis is never dropped",
     "column 0 alone is h[:, 0:1]")
LINE("  q = h[:, -1]", 6, 12, "a slice needs its colon: an axis is never dropped",
     "the last column alone is h[:, -1:]")
LINE("  q = h[i]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "row i alone is h[i:i + 1]")
LINE("  q = h[0, 0]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "row 0 alone is h[0:1]")
LINE("  q = h[...]", 6, 9, "there is no ... in a cell",
     "everything is a matrix: parts are W[i:j, k:l]")
LINE("  q = h[None, :]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "nor added: everything is a matrix")
LINE("  q = h[1:n_a:2]", 6, 14, "a slice has no step",
     "parts are contiguous: W[i:j]; what is taken by steps is a product with a mask, or an input")
LINE("  q = h[:, :, 0]", 6, 15, "a slice has at most two axes",
     "everything is a matrix: rows are features, columns are examples")
LINE("  q = h_t", 6, 7, "there is no name h_t",
     "h is the state before the step, and h' the one after it")
LINE("  q = h_{t-1}", 6, 7, "h_{t-1}: a name has no subscript",
     "h is the state before the step, and h' the one after it")
LINE("  q = h[t-1]", 6, 9, "a cell is one time step: there is no index of time",
     "h is the state before the step, and h' the one after it")
LINE("  q = h[t]", 6, 9, "a cell is one time step: there is no index of time",
     "h is the state before the step, and h' the one after it")
LINE("  q = V @ x_t", 6, 11, "there is no name x_t",
     "x is the input of the step")
LINE("  q = V @ xt", 6, 11, "there is no name xt",
     "x is the input of the step")
LINE("  q = U @ h_prev", 6, 11, "there is no name h_prev",
     "h is the state before the step, and h' the one after it")
LINE("  q = x[t]", 6, 9, "a cell is one time step: there is no index of time",
     "x is the input of the step")
LINE("  q = h(t-1)", 6, 7, "h is no function",
     "h is the state before the step, and h' the one after it")
LINE("  q := h", 6, 5, "an equation is written with =",
     "write = in place of :=")
LINE("  q <- h", 6, 5, "an equation is written with =",
     "write q = ...")
LINE("  q == h", 6, 5, "an equation is written with =",
     "write q = ...")
LINE("  q = = h", 6, 7, "expected an expression, not '='",
     "a name stands before the =, and an expression behind it")
LINE("  q = h;", 6, 8, "one statement per line, without ;",
     NULL)
LINE("  q = h; p = h", 6, 8, "one statement per line, without ;",
     NULL)
LINE("  q = h // comment", 6, 9, "there is no // in a cell",
     "a comment begins with #; nothing is rounded")
LINE("  q = h -- comment", 6, 12, "there is no name comment",
     NULL)
LINE("  // comment", 6, 3, "there is no // in a cell",
     "a comment begins with #; nothing is rounded")
LINE("  /* comment */", 6, 3, "there is no /* in a cell",
     "a comment begins with #")
LINE("  q = h /* c */", 6, 9, "there is no /* in a cell",
     "a comment begins with #")
LINE("  % comment", 6, 3, "there is no % in a cell",
     "a comment begins with #; a remainder is written u % v")
LINE("  q = h % comment", 6, 11, "there is no name comment",
     NULL)
LINE("  \"\"\"doc\"\"\"", 6, 3, "there are no strings in a cell",
     "a comment begins with #")
LINE("  'doc'", 6, 3, "there are no strings in a cell",
     "a comment begins with #")
LINE("  \"doc\"", 6, 3, "there are no strings in a cell",
     "a comment begins with #")
LINE("  q = h \\\n    + b", 6, 9, "a line goes on while a bracket is open; no \\ is needed",
     "put the expression in parentheses, without the \\")
LINE("  a' = h", 6, 3, "a is no state, so it has no next value",
     "declare it, state a[n], or leave the prime out")
LINE("  q' = h", 6, 3, "q is no state, so it has no next value",
     "declare it, state q[n], or leave the prime out")
LINE("  x' = x", 6, 3, "x is no state, so it has no next value",
     "x is an input; another value needs another name")
LINE("  W' = W", 6, 3, "W is no state, so it has no next value",
     "W is a parameter; another value needs another name")
LINE("  b' = b", 6, 3, "b is no state, so it has no next value",
     "b is a parameter; another value needs another name")
OWN("  h = tanh(W @ z + b)", 6, 3, "h is a state and cannot be assigned",
     "its next value is h': write h' = ...")
OWN("  h' = tanh(W @ z + b)\n  h' = h", 7, 3, "h' is assigned twice, first in line 6",
     "give one of them another name")
OWN("  h'' = h", 6, 5, "a name has one prime",
     "h is the state before the step, and h' the one after it")
OWN("  h ' = tanh(h)", 6, 5, "a prime belongs directly behind the name of a state",
     NULL)
LINE("  q = h''", 6, 9, "a name has one prime",
     "h is the state before the step, and h' the one after it")
LINE("  q = h ' + b", 6, 9, "a prime belongs directly behind the name of a state",
     NULL)
LINE("  q = W'", 6, 7, "there is no name W'",
     "the transpose is written W.T; only a state has a next value")
LINE("  q = W' @ h", 6, 7, "there is no name W'",
     "the transpose is written W.T; only a state has a next value")
LINE("  q = x'", 6, 7, "there is no name x'",
     "x is an input, and only a state has a next value")
LINE("  q = W^T @ h", 6, 8, "the transpose is not written ^T",
     "write W.T")
LINE("  q = W^T", 6, 8, "the transpose is not written ^T",
     "write W.T")
LINE("  q = W.H", 6, 7, "only .T, the transpose, can follow a point",
     "write W.T")
LINE("  q = (h", 6, 7, "this bracket is never closed",
     NULL)
LINE("  q = h)", 6, 8, "expected an operator or the end of the line, not ')'",
     "this bracket closes none")
LINE("  q = h + ", 6, 11, "expected an expression, not the end of the line",
     "a line goes on only while a bracket is open: ( ... )")
LINE("  q = * h", 6, 7, "expected an expression, not '*'",
     NULL)
LINE("  q = h * / b", 6, 11, "expected an expression, not '/'",
     NULL)
LINE("  q = h b", 6, 9, "expected an operator or the end of the line, not 'b'",
     "a product needs its operator: h * b element by element, or @ for matrices")
LINE("  q = 3(h)", 6, 8, "expected an operator or the end of the line, not '('",
     "a product needs its *: 3 * (...)")
LINE("  q = h(3)", 6, 7, "h is no function",
     "a product needs its operator: h * 3")
LINE("  q = (h)(b)", 6, 10, "expected an operator or the end of the line, not '('",
     "a product needs its operator: u * (...) element by element, or @ for matrices")
LINE("  q = W(z)", 6, 7, "W is no function",
     "a product needs its operator: W @ z")
LINE("  q = U h + b", 6, 9, "expected an operator or the end of the line, not 'h'",
     "the product of a matrix is written U @ h")
LINE("  q = -", 6, 8, "expected an expression, not the end of the line",
     "a line goes on only while a bracket is open: ( ... )")
LINE("  q", 6, 4, "expected = behind the name, not the end of the line",
     NULL)
LINE("  q h", 6, 5, "expected = behind the name, not 'h'",
     "an equation is written q = ...")
LINE("  q =", 6, 6, "expected an expression, not the end of the line",
     "a line goes on only while a bracket is open: ( ... )")
LINE("  = h", 6, 3, "expected a statement, not '='",
     "a name stands before the =, and an expression behind it")
LINE("  q, p = h, h", 6, 4, "an equation gives one name its value",
     "write q = ..., and the next name in a line of its own")
LINE("  q = p = h", 6, 9, "expected an operator or the end of the line, not '='",
     "an equation has one =; to compare, write ==")
LINE("  q = h, b", 6, 8, "expected an operator or the end of the line, not ','",
     "an equation has one value; arrays are joined by concat(u, v)")
LINE("  (q) = h", 6, 3, "expected a statement, not '('",
     "an equation begins with the name of its one value: name = ...")
LINE("  q += h", 6, 5, "a name is assigned once; there is no +=",
     "give the result another name: q_2 = q + ...")
LINE("  q[0] = h", 6, 4, "a part of an array cannot be assigned; concat joins parts",
     NULL)
LINE("  q = sigmoid", 6, 7, "sigmoid is a function and needs an argument",
     "write sigmoid(u)")
LINE("  q = sigmoid h", 6, 15, "expected an operator or the end of the line, not 'h'",
     "write sigmoid(h)")
LINE("  q = sigmoid[h]", 6, 14, "the argument of sigmoid stands in parentheses ( )",
     "write sigmoid(h)")
LINE("  q = sigmoid{h}", 6, 14, "there are no braces in a cell",
     "expressions have parentheses ( ), sizes have brackets [ ]")
LINE("  q = {h}", 6, 7, "there are no braces in a cell",
     "expressions have parentheses ( ), sizes have brackets [ ]")
LINE("  q = h and b", 6, 9, "expected an operator or the end of the line, not 'and'",
     "a product of masks is 1 where both hold: (u > 0) * (v > 0)")
LINE("  q = h or b", 6, 9, "expected an operator or the end of the line, not 'or'",
     "the greater of two masks is 1 where either holds: maximum(u > 0, v > 0)")
LINE("  q = not h", 6, 11, "expected an operator or the end of the line, not 'h'",
     "a product needs its operator: not * h element by element, or @ for matrices")
LINE("  q = !h", 6, 7, "there is no ! in a cell",
     "1 - mask is 1 where the mask is 0")
LINE("  q = ~h", 6, 7, "expected an expression, not '~'",
     "1 - mask is 1 where the mask is 0")
LINE("  q = h & b", 6, 9, "there is no & in a cell",
     "a product of masks is 1 where both hold: (u > 0) * (v > 0)")
LINE("  q = h | b", 6, 9, "there is no | in a cell",
     "the magnitude is abs(u); the greater of two masks is 1 where either holds: maximum(u > 0, v > 0)")
LINE("  q = |h|", 6, 7, "there is no | in a cell",
     "the magnitude is abs(u); the greater of two masks is 1 where either holds: maximum(u > 0, v > 0)")
LINE("  q = h && b", 6, 9, "there is no && in a cell",
     "a product of masks is 1 where both hold: (u > 0) * (v > 0)")
LINE("  q = h || b", 6, 9, "there is no || in a cell",
     "the greater of two masks is 1 where either holds: maximum(u > 0, v > 0)")
LINE("  q = h < b < 1", 6, 13, "comparisons do not chain",
     "a < b and b < c are two comparisons; their product is 1 where both hold")
LINE("  q = 0 < h < 1", 6, 13, "comparisons do not chain",
     "a < b and b < c are two comparisons; their product is 1 where both hold")
LINE("  q = h => 0", 6, 9, "there is no => in a cell",
     "write >=")
LINE("  q = h =< 0", 6, 9, "there is no =< in a cell",
     "write <=")
LINE("  q = h <> 0", 6, 9, "there is no <> in a cell",
     "write !=")
LINE("  q = h = 0", 6, 9, "expected an operator or the end of the line, not '='",
     "an equation has one =; to compare, write ==")
LINE("  q = $h$", 6, 7, "there is no $ in a cell",
     "formulas are written as NumPy has them")
LINE("  q = \\sigma(h)", 6, 7, "there is no \\ in a cell",
     "formulas are written as NumPy has them: tanh(u), sigmoid(u), u * v, W @ u")
LINE("  q = \\Tanh(h)", 6, 7, "there is no \\ in a cell",
     "formulas are written as NumPy has them: tanh(u), sigmoid(u), u * v, W @ u")
LINE("  q = h @@ b", 6, 9, "there is no @@ in a cell",
     "the product of matrices is @")
LINE("  q = h .* b", 6, 9, "there is no .* in a cell",
     "* is element by element; the product of matrices is @")
LINE("  q = h.*b", 6, 8, "there is no .* in a cell",
     "* is element by element; the product of matrices is @")
LINE("  q = h ./ b", 6, 9, "there is no ./ in a cell",
     "/ is element by element")
LINE("  q = h.^2", 6, 8, "there is no .^ in a cell",
     "a power is written **, as in h**2")
LINE("  q = h *. b", 6, 10, "expected an expression, not '.'",
     NULL)
LINE("  q = Tanh(h)", 6, 7, "there is no function Tanh",
     "did you mean tanh\?")
LINE("  q = TANH(h)", 6, 7, "there is no function TANH",
     "did you mean tanh\?")
LINE("  q = Sigmoid(h)", 6, 7, "there is no function Sigmoid",
     "did you mean sigmoid\?")
LINE("  q = sigm(h)", 6, 7, "there is no function sigm",
     "write sigmoid(h)")
LINE("  q = sgm(h)", 6, 7, "there is no function sgm",
     "did you mean sum\?")
LINE("  q = ReLU(h)", 6, 7, "there is no function ReLU",
     "did you mean relu\?")
LINE("  q = th(h)", 6, 7, "there is no function th",
     "write tanh(h)")
LINE("  q = tan(h)", 6, 7, "there is no function tan",
     "write sin(h) / cos(h)")
LINE("  q = arctan(h)", 6, 7, "there is no function arctan",
     "the functions are those of docs/cells.md; none is close to this one")
LINE("  q = sinh(h)", 6, 7, "there is no function sinh",
     "write (exp(h) - exp(-h)) / 2")
LINE("  q = erf(h)", 6, 7, "there is no function erf",
     "the functions are those of docs/cells.md; none is close to this one")
LINE("  q = exp2(h)", 6, 7, "there is no function exp2",
     "write exp(log(2) * h)")
LINE("  q = expm1(h)", 6, 7, "there is no function expm1",
     "write exp(h) - 1")
LINE("  q = log2(h)", 6, 7, "there is no function log2",
     "write log(h) / log(2)")
LINE("  q = log10(h)", 6, 7, "there is no function log10",
     "write log(h) / log(10)")
LINE("  q = rsqrt(h)", 6, 7, "there is no function rsqrt",
     "write h**-0.5")
LINE("  q = neg(h)", 6, 7, "there is no function neg",
     "write -h")
LINE("  q = add(h, b)", 6, 7, "there is no function add",
     "write h + b")
LINE("  q = sub(h, b)", 6, 7, "there is no function sub",
     "write h - b")
LINE("  q = mul(h, b)", 6, 7, "there is no function mul",
     "write h * b")
LINE("  q = div(h, 2)", 6, 7, "there is no function div",
     "write h / 2")
LINE("  q = max(h, 0)", 6, 7, "there is no function max",
     "write maximum(h, 0): there is no maximum along an axis")
LINE("  q = max(h)", 6, 7, "there is no function max",
     "write maximum(u, v): there is no maximum along an axis")
LINE("  q = amax(h)", 6, 7, "there is no function amax",
     "there is no maximum along an axis; maximum(u, v) is of two arrays, element by element")
LINE("  q = argmax(h)", 6, 7, "there is no function argmax",
     "there is no maximum along an axis; maximum(u, v) is of two arrays, element by element")
LINE("  q = min(h, 1)", 6, 7, "there is no function min",
     "write minimum(h, 1): there is no minimum along an axis")
LINE("  q = std(h)", 6, 7, "there is no function std",
     "write sqrt(mean((h - mean(h, axis=0))**2, axis=0) + 1e-5)")
LINE("  q = var(h)", 6, 7, "there is no function var",
     "write mean((h - mean(h, axis=0))**2, axis=0)")
LINE("  q = prod(h)", 6, 7, "there is no function prod",
     "sums and means over an axis are sum(u, axis=0) and mean(u, axis=0); there is no other reduction")
LINE("  q = cumsum(h, axis=0)", 6, 17, "cumsum takes no 'axis='",
     "it is over the features, the rows, as it is: write cumsum(h)")
LINE("  q = cumprod(h)", 6, 7, "there is no function cumprod",
     "sums and means over an axis are sum(u, axis=0) and mean(u, axis=0); there is no other reduction")
LINE("  q = norm(h, axis=0)", 6, 15, "norm takes no 'axis='",
     NULL)
LINE("  q = normalize(h)", 6, 7, "there is no function normalize",
     "write h / sqrt(sum(h**2, axis=0) + 1e-12)")
LINE("  q = batchnorm(h)", 6, 7, "there is no function batchnorm",
     "layernorm(u) is of each example; nothing is of the batch")
LINE("  q = batch_norm(h)", 6, 7, "there is no function batch_norm",
     "layernorm(u) is of each example; nothing is of the batch")
LINE("  q = layer_norm(h)", 6, 7, "there is no function layer_norm",
     "write layernorm(h): its gain and its shift are written behind it: g * layernorm(u) + b")
LINE("  q = LayerNorm(h)", 6, 7, "there is no function LayerNorm",
     "write layernorm(h): its gain and its shift are written behind it: g * layernorm(u) + b")
LINE("  q = Linear(h)", 6, 7, "there is no function Linear",
     "write v @ u + w")
LINE("  q = linear(h, W, b)", 6, 7, "there is no function linear",
     "write W @ h + b")
LINE("  q = chunk(h, 2)", 6, 7, "there is no function chunk",
     "parts are slices: u[:n_a] and u[n_a:]")
LINE("  q = split(h, 2)", 6, 7, "there is no function split",
     "parts are slices: u[:n_a] and u[n_a:]")
LINE("  q = squeeze(h)", 6, 7, "there is no function squeeze",
     "everything stays a matrix: parts are slices, u[:n, :], and u.T is the transpose")
LINE("  q = unsqueeze(h)", 6, 7, "there is no function unsqueeze",
     "everything stays a matrix: parts are slices, u[:n, :], and u.T is the transpose")
LINE("  q = expand(h)", 6, 7, "there is no function expand",
     "write h: an axis of size 1 stretches by itself")
LINE("  q = repeat(h)", 6, 7, "there is no function repeat",
     "write h: an axis of size 1 stretches by itself")
LINE("  q = tile(h)", 6, 7, "there is no function tile",
     "write h: an axis of size 1 stretches by itself")
LINE("  q = roll(h, 1)", 6, 7, "there is no function roll",
     "write concat(u[-1:], u[:-1]): by one feature")
LINE("  q = flip(h)", 6, 7, "there is no function flip",
     "nothing reverses the features")
LINE("  q = diag(b)", 6, 7, "there is no function diag",
     "a diagonal matrix times u is d * u")
LINE("  q = trace(U)", 6, 7, "there is no function trace",
     "there is no linear algebra but the product, W @ u")
LINE("  q = inv(U)", 6, 7, "there is no function inv",
     "there is no linear algebra but the product, W @ u")
LINE("  q = solve(U, h)", 6, 7, "there is no function solve",
     "there is no linear algebra but the product, W @ u")
LINE("  q = tril(U)", 6, 7, "there is no function tril",
     "there is no linear algebra but the product, W @ u")
LINE("  q = fabs(h)", 6, 7, "there is no function fabs",
     "write abs(h)")
LINE("  q = absolute(h)", 6, 7, "there is no function absolute",
     "write abs(h)")
LINE("  q = array(h)", 6, 7, "there is no function array",
     "write h")
LINE("  q = asarray(h)", 6, 7, "there is no function asarray",
     "write h")
LINE("  q = tensor(h)", 6, 7, "there is no function tensor",
     "write h")
LINE("  q = randn(n_a)", 6, 7, "there is no function randn",
     "nothing in a cell is random; a parameter begins as ~ normal(0.1) or ~ uniform(-0.1, 0.1)")
LINE("  q = rand(n_a)", 6, 7, "there is no function rand",
     "nothing in a cell is random; a parameter begins as ~ normal(0.1) or ~ uniform(-0.1, 0.1)")
LINE("  q = random(n_a)", 6, 7, "there is no function random",
     "nothing in a cell is random; a parameter begins as ~ normal(0.1) or ~ uniform(-0.1, 0.1)")
LINE("  q = detach(h)", 6, 7, "there is no function detach",
     "write stop_gradient(h)")
LINE("  q = len(h)", 6, 7, "there is no function len",
     "sizes are the dimensions of the declarations, such as n_a; m is the number of examples")
LINE("  q = size(h)", 6, 7, "there is no function size",
     "sizes are the dimensions of the declarations, such as n_a; m is the number of examples")
LINE("  q = shape(h)", 6, 7, "there is no function shape",
     "sizes are the dimensions of the declarations, such as n_a; m is the number of examples")
LINE("  q = float(h)", 6, 7, "there is no function float",
     "write h: there are no types: all is real")
LINE("  q = int(h)", 6, 7, "there is no function int",
     "write h: there are no types: all is real")
LINE("  q = print(h)", 6, 7, "there is no function print",
     "nothing is printed; output y = u shows a value")
LINE("  print(h)", 6, 3, "nothing is printed by a cell",
     "output y = u shows a value")
LINE("  tanh(h)", 6, 3, "the value of tanh(...) has no name",
     "an equation is written name = tanh(...)")
LINE("  q = tanh()", 6, 7, "tanh takes one argument, not 0",
     "write tanh(u)")
LINE("  q = tanh(h, b)", 6, 7, "tanh takes one argument, not 2",
     NULL)
LINE("  q = maximum(h)", 6, 7, "maximum takes two arguments, not 1",
     "it is of two arrays, element by element: write maximum(u, v)")
LINE("  q = maximum(h, b, 0)", 6, 7, "maximum takes two arguments, not 3",
     "write maximum(u, maximum(v, w))")
LINE("  q = where(h > 0)", 6, 7, "where takes three arguments, not 1",
     "where(mask, u, v) is u where the mask is not 0, and v elsewhere")
LINE("  q = where(h > 0, h)", 6, 7, "where takes three arguments, not 2",
     "where(mask, u, v) is u where the mask is not 0, and v elsewhere")
LINE("  q = concat()", 6, 7, "concat takes at least one argument, not 0",
     "write concat(u)")
LINE("  q = tanh(h", 6, 11, "this bracket is never closed",
     NULL)
LINE("  q = tanh h", 6, 12, "expected an operator or the end of the line, not 'h'",
     "write tanh(h)")
LINE("  q = 1e", 6, 7, "this is no number",
     "numbers are written 12, 0.5 or 1e-3")
LINE("  q = 1e-", 6, 7, "this is no number",
     "numbers are written 12, 0.5 or 1e-3")
LINE("  q = 1.2.3", 6, 7, "this is no number",
     "numbers are written 12, 0.5 or 1e-3")
LINE("  q = 0x10", 6, 7, "this is no number",
     "numbers are written 12, 0.5 or 1e-3")
LINE("  q = 1_000", 6, 7, "this is no number",
     "numbers are written 12, 0.5 or 1e-3")
LINE("  q = 1,5", 6, 8, "expected an operator or the end of the line, not ','",
     "an equation has one value; arrays are joined by concat(u, v)")
LINE("  q = 1e400", 6, 7, "the number is too large",
     NULL)
LINE("  q = 5f", 6, 7, "a name cannot begin with a digit, and a product needs its *",
     "write 5 * f")
LINE("  q = 1j", 6, 7, "a name cannot begin with a digit, and a product needs its *",
     "write 1 * j")
LINE("  q = h.t", 6, 7, "only .T, the transpose, can follow a point",
     "write h.T")
LINE("  q = h.tanh()", 6, 7, "functions stand alone, not behind a point",
     "write tanh(h)")
LINE("  q = h.sigmoid()", 6, 7, "functions stand alone, not behind a point",
     "write sigmoid(h)")
LINE("  q = h * ", 6, 11, "expected an expression, not the end of the line",
     "a line goes on only while a bracket is open: ( ... )")
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
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x] = U, U[n_a, n_a]\n  h' = tanh(W @ x + U @ h)\n", 4, 23, "U is a parameter, and no part of an initial value",
     "it is made of numbers, dimensions, and the row i and the column j of an entry, from 0")
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
     "give one of the two another name")
WHOLE("cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x], h0[n_a] = 0.5\n  h' = tanh(W @ x + h + h0)\n", 4, 22, "h0 is the name of the initial value of state h, which is declared in line 3",
     "give one of the two another name")
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
     "a comment begins with #; nothing is rounded")
WHOLE("from torch import nn\n\nclass Cell(nn.Module):\n    def forward(self, x, h):\n        return torch.tanh(self.W(x) + self.U(h))\n", 1, 1, "expected cell and a name, with which a cell begins, not 'from'",
     "a cell is 'cell NAME', its input, state and param lines and its equations; 'gradtape new NAME' writes one")
WHOLE("h' = tanh(W @ x + b)\n", 1, 1, "expected cell and a name, with which a cell begins, not 'h''",
     "a cell is 'cell NAME', its input, state and param lines and its equations; 'gradtape new NAME' writes one")
