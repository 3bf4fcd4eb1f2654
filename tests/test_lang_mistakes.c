/* What is said of mistakes in functions of a text's own, rounds, stacks, constants and initial values. */
#include "lang_rows.h"

#define WITH_CELL(line)                                                                                                \
    line "\n"                                                                                                          \
         "cell c\n input x[n]\n state h[n]\n h' = h + x\n"
#define EQUATION(line) "cell c\n input x[n]\n state h[n]\n param R[2][n, n]\n " line "\n h' = h + x\n"
#define DECLARED(line) "cell c\n input x[n]\n state h[n]\n " line "\n h' = h + x\n"

Test(lang_mistakes, functions)
{
    static const row rows[] = {
        {WITH_CELL("def f(u' = u"), "1:7: the name of an argument has no prime"},
        {WITH_CELL("def f'(u) = u"), "1:5: the name of a function has no prime"},
        {WITH_CELL("def f(u') = u"), "1:7: the name of an argument has no prime"},
        {WITH_CELL("def f u = u"),
         "1:1: expected cell and a name, with which a cell begins, not 'def'; write cell and its name"},
        {WITH_CELL("def f(u = u"), "1:11: what an argument is where it is left out is a number"},
        {WITH_CELL("def f(u, v = n) = u"), "1:14: what an argument is where it is left out is a number"},
        {WITH_CELL("def f(u, u) = u"), "1:10: f has two arguments u"},
        {WITH_CELL("def f(u = 1, v) = u"),
         "1:14: v needs a number, too: an argument before it may be left out; write v = 1, or move it to the front"},
        {WITH_CELL("def f(a, b, c, d, e, g, h, i, j, k, l, o, p, q, r, s, t) = a"),
         "1:31: a function has at most 8 arguments"},
        {WITH_CELL("def f(u): return u"), "1:9: a function is one formula, in one line; write def f(u) = ..."},
        {WITH_CELL("def f(u,) = u"), "1:9: expected the name of an argument, not ')'"},
        {WITH_CELL("def = 3"),
         "1:1: expected cell and a name, with which a cell begins, not 'def'; write cell and its name"},
        {WITH_CELL("def f = 3"),
         "1:1: expected cell and a name, with which a cell begins, not 'def'; write cell and its name"},
        {WITH_CELL("def f(1) = u"), "1:7: expected the name of an argument, not '1'"},
    };
    expect_cells(rows, COUNT(rows));
}

Test(lang_mistakes, equations)
{
    static const row rows[] = {
        {EQUATION("s = h\n repeat 1.5:\n  s = tanh(s)"),
         "6:9: the number of rounds is a whole number; it is made of numbers, constants that are numbers, and the "
         "variables of loops"},
        {EQUATION("s = h\n repeat n:\n  s = tanh(s)"),
         "6:9: the number of rounds is a whole number; it is made of numbers, constants that are numbers, and the "
         "variables of loops"},
        {EQUATION("s = h\n repeat 0:\n  s = tanh(s)"), "6:9: the number of rounds is from 1 to 4096, not 0"},
        {EQUATION("s = h\n repeat (2):\n  s = tanh(s)"), ""},
        {EQUATION("s = h\n repeat 5000:\n  s = tanh(s)"), "6:9: the number of rounds is from 1 to 4096, not 5000"},
        {EQUATION("for j in range(3):\n  s = h"),
         "5:11: the numbers of a loop are written with a colon; write for j in 0:4:"},
        {EQUATION("s = h\n for j in 0 3:\n  s = s + j"),
         "6:13: expected : and the number at which the loop ends: 0:4, not '3'; a product needs its *: 0 * 3"},
        {EQUATION("s = h\n for j in 3:2:\n  s = s + j"),
         "6:13: the number at which a loop ends is from 4 to 4099, not 2"},
        {EQUATION("s = h\n for j' in 0:2:\n  s = s + j"),
         "6:6: j' cannot be the variable of a loop: it is something else; choose another name"},
        {EQUATION("s = h\n for x in 0:2:\n  s = s + x"),
         "6:6: x cannot be the variable of a loop: it is something else; choose another name"},
        {EQUATION("s = h\n for j in 0:2:\n  for j in 0:2:\n   s = s + j"),
         "7:7: j cannot be the variable of a loop: it is something else; choose another name"},
        {EQUATION("s = h\n for j in 0:2:\n  j = s"), "7:3: j is the variable of the loop; give the value another name"},
        {EQUATION("s = h\n for j in 0:2:\n  x = s"), "7:3: x is an input and cannot be assigned"},
        {EQUATION("s = h\n for j of 0:2:\n  s = s + j"),
         "6:2: a loop is written for i in 0:4:; a cell is one time step, which is repeated for each; what is repeated "
         "in it stands below, further to the right"},
        {EQUATION("s = h\n repeat 2:\n  output y = s"),
         "7:3: in rounds there are equations alone, and this is there once; move it below the repetition"},
        {EQUATION("s = h\n repeat 2:\n  hidden y = s"),
         "7:3: in rounds there are equations alone, and this is there once; move it below the repetition"},
        {EQUATION("s = h\n repeat 2:\n  const k = 1"),
         "7:3: in rounds there are equations alone, and this is there once; move it above the repetition"},
        {EQUATION("s = h\n repeat 2:\n  def f(u) = u"),
         "7:3: in rounds there are equations alone, and this is there once; move it above the repetition"},
        {EQUATION("s = h\n repeat 2:\n  param W[n]"),
         "7:3: in rounds there are equations alone, and this is there once; move it above the repetition"},
        {EQUATION("s = h\n repeat 2:\n  h' = s"), "7:3: a next value is assigned once, and not in rounds; carry a "
                                                  "value, s = ..., and write h' = s below the repetition"},
        {EQUATION("s = h\n repeat 2:\n"),
         "6:2: there is nothing that is repeated; what is repeated stands in the lines below, further to the right"},
        {EQUATION("s = h\n repeat 2:\nbackward\n dh = dh'"),
         "3:8: state h gets no next value; add an equation h' = ..."},
        {EQUATION("s = R[2] @ h"), "5:8: the index of a stack is from -2 to 1, not 2"},
        {EQUATION("s = R[0.5] @ h"), "5:8: the index of a stack is a whole number; it is made of numbers, constants "
                                     "that are numbers, and the variables of loops"},
        {EQUATION("s = R[x] @ h"), "5:8: the index of a stack is a whole number; it is made of numbers, constants that "
                                   "are numbers, and the variables of loops"},
        {EQUATION("s = R[0 @ h"), "5:8: the index of a stack is a whole number; it is made of numbers, constants that "
                                  "are numbers, and the variables of loops"},
        {EQUATION("s = R @ h"),
         "5:6: R is a stack of 2 arrays, and one of them is meant; write R[0], or R[i] in a loop: for i in 0:2:"},
        {EQUATION("s = R[0, 1] @ h"), "5:9: expected ] behind the index, not ','"},
        {EQUATION("s = floor(h, 1)"), "5:6: floor takes one argument, not 2"},
        {EQUATION("s = layernorm(h, 1)"),
         "5:6: layernorm takes one argument, not 2; it is over the features, the rows: write layernorm(h); over the "
         "examples, axis 1, there is layernorm(u.T).T"},
        {EQUATION("s = layernorm(h, 1.5)"), ""},
        {EQUATION("s = sum(h, axis=0.5)"), "5:18: axis is 0, over the features, or 1, over the examples"},
        {EQUATION("s = sum(h, axis=7)"), "5:18: axis is 0, over the features, or 1, over the examples"},
        {EQUATION("s = softmax(h, axis=0.5)"), "5:22: axis is 0, over the features, or 1, over the examples"},
        {EQUATION("s = softmax(dim=1)"),
         "5:14: softmax takes no 'dim='; it is over the features, the rows, as it is: write softmax(u)"},
        {EQUATION("s = concat(h, dim=1)"),
         "5:16: concat takes no 'dim='; features, the rows, are joined as it is: leave it out"},
        {EQUATION("s = concat(dim=0)"),
         "5:13: concat takes no 'dim='; features, the rows, are joined as it is: leave it out"},
        {EQUATION("s = softmax(tanh(h) + tanh(h) + tanh(h) + tanh(h) + tanh(h), dim=0)"),
         "5:63: softmax takes no 'dim='; it is over the features, the rows, as it is: write softmax(u)"},
        {EQUATION("s = silu()"), "5:6: silu takes 1 argument, not 0"},
        {EQUATION("s = silu(h, 1)"), "5:6: silu takes 1 argument, not 2"},
        {EQUATION("s = silu(h, h"), "5:10: this bracket is never closed"},
        {EQUATION("s = elu(h, a=1, a=2)"), "5:20: a is given twice"},
        {EQUATION("s = elu(h, b=2)"), "5:13: elu takes no 'b='"},
        {EQUATION("s = elu(a=2)"), "5:6: elu takes 1 or more arguments, not 0"},
        {EQUATION("s = arange(x)"), "5:13: arange(n) is of a size: whole numbers and dimensions with + - *"},
        {EQUATION("s = arange(1 - 1)"), "5:13: arange(n) is of a size: whole numbers and dimensions with + - *"},
        {EQUATION("s = arange(n / 2)"), "5:13: arange(n) is of a size: whole numbers and dimensions with + - *"},
        {EQUATION("s = arange(-n)"), "5:13: arange(n) is of a size: whole numbers and dimensions with + - *"},
        {EQUATION("s = prev(2)"), "5:11: prev is of an input or of a state, by its name: prev(x), prev(x, 2); another "
                                  "value is kept in a state of its own: state u_prev[n], and u_prev' = u"},
        {EQUATION("s = prev(h, 0)"), "5:14: prev takes a whole number of steps, from 1 to 64"},
        {EQUATION("s = prev(h, x)"), "5:14: prev takes a whole number of steps, from 1 to 64"},
        {EQUATION("s = prev(h + x)"), "5:13: expected , or ) behind the name, not '+'"},
        {EQUATION("s = h % "), "5:10: expected an expression, not the end of the line"},
        {EQUATION("s = mod(h)"), "5:6: mod takes 2 arguments, not 1"},
    };
    expect_cells(rows, COUNT(rows));
}

Test(lang_mistakes, declarations)
{
    static const row rows[] = {
        {DECLARED("const k = x"), "4:12: x is an input, and the constant k is known before the first step; it is made "
                                  "of numbers, dimensions and constants above it"},
        {DECLARED("const k = 1 + h"), "4:16: h is a state, and the constant k is known before the first step; it is "
                                      "made of numbers, dimensions and constants above it"},
        {DECLARED("const k = arange(n)"), "4:12: the constant k is (n, 1), and must be a number; the sizes of an array "
                                          "stand behind its name: const k[n, k] = ..."},
        {DECLARED("const k[n] = arange(3)"), "4:15: the constant k is (3, 1), and must be (n, 1)"},
        {DECLARED("const k[n] = 1 + (2 + x)"), "4:24: x is an input, and the constant k is known before the first "
                                               "step; it is made of numbers, dimensions and constants above it"},
        {DECLARED("const k[x] = 1"), "4:10: x is an input, and no size"},
        {DECLARED("const k = t"), "4:12: t is a state, and the constant k is known before the first step; it is made "
                                  "of numbers, dimensions and constants above it"},
        {DECLARED("const k = uniform(0, 1)"),
         "4:12: nothing is drawn here; uniform(...) stands in equations, and behind the ~ of a declaration"},
        {DECLARED("const k"), "4:9: expected = and the value of the constant, not the end of the line"},
        {DECLARED("const k[n]"), "4:12: expected = and the value of the constant, not the end of the line; a line goes "
                                 "on only while a bracket is open: ( ... )"},
        {DECLARED("input q[3][n]"), "4:8: a stack is of parameters or of states"},
        {DECLARED("param P[0][n]"), "4:8: the number of arrays of a stack is a whole number from 1 to 64; write "
                                    "P[3][n_a, n_a] for three, and P[0], P[1], P[2] for each"},
        {DECLARED("param P[1.5][n]"), "4:8: the number of arrays of a stack is a whole number from 1 to 64; write "
                                      "P[3][n_a, n_a] for three, and P[0], P[1], P[2] for each"},
        {DECLARED("param P[n][n]"), "4:8: the number of arrays of a stack is a whole number from 1 to 64; write "
                                    "P[3][n_a, n_a] for three, and P[0], P[1], P[2] for each"},
        {DECLARED("param P[2, 2][n]"), "4:8: the number of arrays of a stack is a whole number from 1 to 64; write "
                                       "P[3][n_a, n_a] for three, and P[0], P[1], P[2] for each"},
        {DECLARED("param P[100000][n]"), "4:8: the number of arrays of a stack is a whole number from 1 to 64; write "
                                         "P[3][n_a, n_a] for three, and P[0], P[1], P[2] for each"},
        {DECLARED("state g[2][n] = x"), "4:8: state g_0 gets no next value; add an equation g_0' = ..."},
        {DECLARED("state S[n, m]"), "4:8: state S gets no next value; add an equation S' = ..."},
        {DECLARED("input q[n, k]"),
         "4:11: an input has one size; its columns are the examples; write q[n], with the number of features alone"},
        {DECLARED("input q[n] ~ glorot"), "4:15: an input is no parameter that begins glorot; what check draws for it "
                                          "is normal(deviation), uniform(low, high) or bernoulli(p)"},
        {DECLARED("input q[n] ~ gloro"), "4:15: there is no initializer gloro; did you mean glorot?"},
        {DECLARED("input q[n] ~ normal"), "4:21: expected ( and a number, not the end of the line"},
        {DECLARED("input q[n] ~ normal(x)"), "4:22: x is an input, and no part of an initial value; it is made of "
                                             "numbers, dimensions, and the row i and the column j of an entry, from 0"},
        {DECLARED("param P[n] ~ normal(-1)"), "4:15: a standard deviation is not negative"},
        {DECLARED("param P[n] ~ uniform(1)"), "4:24: expected , and a second number: uniform(low, high), not ')'"},
        {DECLARED("param P[n] ~ uniform(2, 1)"), "4:15: the lower limit comes first"},
        {DECLARED("param P[n] ~ bernoulli(2)"), "4:15: a probability is from 0 to 1"},
        {DECLARED("param P[n] ~ 3"),
         "4:15: expected glorot, orthogonal, normal(deviation) or uniform(low, high), not '3'"},
        {DECLARED("param P[n] = i + q"), "4:19: an initial value knows no q; it is made of numbers, dimensions, and "
                                         "the row i and the column j of an entry, from 0"},
        {DECLARED("param P[n] = x"), "4:15: x is an input, and no part of an initial value; it is made of numbers, "
                                     "dimensions, and the row i and the column j of an entry, from 0"},
        {DECLARED("param P[n] = h'"),
         "4:15: h' is a name of the forward pass, and no part of an initial value; it is made of numbers, dimensions, "
         "and the row i and the column j of an entry, from 0"},
        {DECLARED("param P[n] = log(0)"), "4:15: the number is not finite"},
        {DECLARED("param P[n] = sum(i)"), "4:15: an initial value is a number for each entry, and sum is of arrays; "
                                          "write a formula of the row i and the column j: i == j is the identity"},
    };
    expect_cells(rows, COUNT(rows));
}

/* What is wrong of a name or a size is told where it is, and not once more where it is read. */
Test(lang_mistakes, names_that_are_wrong_elsewhere)
{
    static const row rows[] = {
        {"cell c\n input x[n]\n state h[n], s[n]\n q = s'\n h' = q + x\n",
         "3:14: state s gets no next value; add an equation s' = ..."},
        {"cell c\n input x[n]\n state s[2][n]\n s'[0] = s[1] + x\n s'[1] = s[0]\ndef f(u, v = s[0]) = u\n",
         "6:14: what an argument is where it is left out is a number"},
        {"cell c\n input x[n]\n state s[2][n]\n s'[0] = s[1] + x\n s'[1] = s[0]\ndef f(u, v = ds) = u\n",
         "6:14: what an argument is where it is left out is a number"},
        {"cell c\n input x[n]\n state h[n]\n const k = z\n z = 2 * x\n h' = h * k + z\n",
         "4:12: z is used before it is assigned, in line 5"},
        {"cell c\n input x[n]\n state h[n]\n const i = 2, w[i] = 3\n h' = h + x\n",
         "4:8: i is a dimension and cannot be assigned"},
        {"cell c\n input x[n]\n state h[i]\n const w[i] = i\n h' = h + sum(x) + w\n", ""},
        {"cell c\n input x[n]\n state h[n]\n const w[n] = i'\n h' = h + x + w\n",
         "4:15: there is no name i'; only states have a next value"},
        {"cell c\n input x[n]\n state h[pi]\n h' = h * pi + sum(x)\n",
         "3:10: a size is made of whole numbers and dimension names with + - *"},
        {"cell c\n input x[n]\n state h[n]\n loss l = zz\n h' = h + x\n", "4:11: there is no name zz"},
        {"cell c\n input x[n]\n state h[n]\n q = bernoulli(0.5, zz)\n h' = h + x + q\n", "4:21: there is no name zz"},
        {"cell c\n input x[n]\n state h[n]\n q = uniform(0 1, h)\n h' = h + x + q\n",
         "4:13: uniform draws an array, and has to know the shape of which; write uniform(low, high, u): a number for "
         "each entry of u"},
        {"cell c\n input x[n]\n state h[n]\n q = uniform(0)\n h' = h + x + q\n",
         "4:13: uniform draws an array, and has to know the shape of which; write uniform(low, high, u): a number for "
         "each entry of u"},
        {"cell c\n input x[n]\n state h[n]\n q = uniform(0, 1)\n h' = h + x + q\n",
         "4:13: uniform draws an array, and has to know the shape of which; write uniform(low, high, u): a number for "
         "each entry of u"},
        {"cell c\n input x[n]\n state h[n]\n q = bernoulli((, h)\n h' = h + x + q\n",
         "4:17: expected an expression, not ','"},
        {"cell c\n input x[n]\n state h[n]\n q = bernoulli(0.5, h h)\n h' = h + x + q\n",
         "4:23: expected ) behind the array whose shape it has, not 'h'; a product needs its operator: h * h element "
         "by element, or @ for matrices"},
        {"cell c\n input x[n]\n state h[n]\n q = bernoulli(-1, h)\n h' = h + x + q\n",
         "4:6: a probability is from 0 to 1"},
        {"cell c\n input x[n]\n state h[n]\n q = h[zz:]\n h' = h + x + q\n", "4:8: there is no name zz"},
        {"cell c\n input x[n]\n state h[n]\n q = arange(zz)\n h' = h + x + q\n", "4:13: there is no name zz"},
        {"cell c\n input x[n]\n state h[n]\n q = h[n * n * n * n * n:]\n h' = h + x + q\n",
         "4:8: this bound of a slice is too large"},
        {"cell c\n input x[n]\n state h[n]\n q = (h\n  % 2)\n h' = h + x + q\n",
         "5:3: there is no % in a cell; a comment begins with #; a remainder is written u % v"},
        {"cell c\n input x[n]\n state h[n]\n q = layernorm(h, axis=10)\n h' = h + x + q\n",
         "4:19: layernorm takes no 'axis='; it is over the features, the rows, as it is: write layernorm(h)"},
        {"cell c\n input x[n]\n state h[n]\n q = softmax(dim=0)\n h' = h + x + q\n",
         "4:14: softmax takes no 'dim='; it is over the features, the rows, as it is: write softmax(u)"},
        {"cell c\n input x[n]\n state h[n]\n q = layernorm(h + h, axis=1)\n h' = h + x + q\n",
         "4:23: layernorm takes no 'axis='; it is over the features, the rows: write layernorm(h + h); over the "
         "examples, axis 1, there is layernorm(u.T).T"},
        {"cell c\n input x[n]\n state h[n]\n repeat 2:\n   backward\n h' = h + x\n",
         "5:4: in rounds there are equations alone, and this is there once; move it above the repetition"},
        {"cell c\n input x[n]\n state h[n]\n q = prev(h, 65)\n h' = h + x + q\n",
         "4:14: prev takes a whole number of steps, from 1 to 64"},
        {"cell c\n input x[n]\n state h[n]\n q = prev(h, 64)\n h' = h + x + q\n", ""},
        {"cell c\n input x[n]\n state mask[n] ~ bernoulli(0.5), mask2[n]\n mask2' = mask * x\n h' = mask2\n mask' = "
         "mask\n",
         "5:2: h is no state, so it has no next value; declare it, state h[n], or leave the prime out"},
        {"cell c\n input x[n]\n state mask[n] ~ bernoulli(0.5), mask2[n]\n mask2' = mask * x\n", ""},
        {"cell c\n input x[n]\n state h[n]\n const s = 2\n repeat 2:\n   s = s * x\n h' = h + s\n",
         "6:4: s is assigned twice, first in line 4; give one of them another name"},
        {"cell c\n input x[n]\n state h[n + n_x]\n const w[n] = arange(n_x)\n h' = h + sum(x) + sum(w)\n",
         "4:15: the constant w is (n_x, 1) = (3, 1), and must be (n, 1)"},
        {"cell c\n input x[n]\n param W[n - n]\n state h[n]\n h' = h + x + sum(W)\n", "3:10: a size is at least 1"},
    };
    expect_cells(rows, COUNT(rows));
}

/* A call that ends too early or too late. */
Test(lang_mistakes, calls_that_are_wrong)
{
    static const row rows[] = {
        {"cell c\n input x[n]\n state h[n]\n q = silu(h,\n h' = h + x\n", "4:10: this bracket is never closed"},
        {"cell c\n input x[n]\n state h[n]\n q = leaky_relu(h,\n slope = 2\n h' = h + x\n",
         "4:16: this bracket is never closed"},
        {"cell c\n input x[n]\n state h[n]\n q = silu(h,)\n h' = h + x + q\n", ""},
        {"def f(u v) = u\ncell c\n input x[n]\n state h[n]\n h' = h + x\n",
         "1:9: expected , or ) behind the argument, not 'v'; a product needs its operator: u * v element by element, "
         "or @ for matrices"},
        {"def f(u) = u * 2\ncell c\n input x[n]\n state h[n]\n h' = h.f(x)\n",
         "5:7: functions stand alone, not behind a point; write f(h, x)"},
        {"def f(u) = u * u\ncell c\n input x[n]\n state h[f_u]\n h' = f(h + h) + sum(x)\n", ""},
        {"def f(u) = u * u\ncell c\n input x[n]\n state h[n]\n h' = h + x\n backward\n f_u = dh'\n dh = f_u + 0 * f(h "
         "+ h)\n",
         ""},
    };
    expect_cells(rows, COUNT(rows));
}

/* Of a parameter or a state whose sizes are wrong nothing more is said. */
Test(lang_mistakes, parameters_of_parameters)
{
    static const row rows[] = {
        {"cell c\n input x[n]\n state h[n]\n param a[x] = 1, b[n] = a\n h' = h + x + b\n",
         "4:10: x is an input, and no size"},
        {"cell c\n input x[n]\n state h[n]\n param a[n] = 1, b[x] = a\n h' = h + x + a\n",
         "4:20: x is an input, and no size"},
        {"cell c\n input x[n]\n state h[n] = h0\n param h0[x]\n h' = h + x\n", "4:11: x is an input, and no size"},
        {"cell c\n input x[n]\n state h[x] = h0\n param h0[n]\n h' = x\n", "3:10: x is an input, and no size"},
        {"cell c\n input x[n]\n state h[n] = h0\n param h0[n / 2]\n h' = h + x\n",
         "4:11: a size is made of whole numbers and dimension names with + - *"},
        {"cell c\n input x[n]\n state h[n / 2] = h0\n param h0[n]\n h' = x\n",
         "3:10: a size is made of whole numbers and dimension names with + - *"},
        {"cell c\n input x[n]\n state h[n]\n param a[n / 2] = 1, b[n] = a\n h' = h + x + b\n",
         "4:10: a size is made of whole numbers and dimension names with + - *"},
        {"cell c\n input x[n]\n state h[n]\n param a[n] = 1, b[n / 2] = a\n h' = h + x + a\n",
         "4:20: a size is made of whole numbers and dimension names with + - *"},
        {"cell c\n input x[n]\n state h[h']\n h' = x\n", "3:10: h' cannot be the name of a dimension"},
        {"cell c\n input x[n]\n state h[n] = h0\n param h0[k, v, n]\n h' = h + x\n",
         "3:15: state h begins with h0, which is (k, v, n), and must be (n, 1); declare it with one size, all examples "
         "begin with it: param h0[n]"},
        {"cell c\n input x[n]\n state h[n] = h0\n param h0[n]\n h' = prev(h) + x\n", ""},
        {"cell c\n input x[n]\n state h[n]\n param i[n], a[n] = i * 2\n h' = h + x + a + i\n", ""},
        {"cell c\n input x[n]\n state h[n]\n param a[n] = i * 2, i[n]\n h' = h + x + a + i\n", ""},
        {"cell c\n input x[n]\n state h[n]\n param b[n] ~ normal(1 + i)\n h' = h + x + b\n", ""},
        {"cell c\n input x[n]\n state h[n]\n param b[n] ~ bernoulli(-1)\n h' = h + x + b\n",
         "4:15: a probability is from 0 to 1"},
        {"cell c\n input x[n]\n state h[n]\n param b[n] = 1 / 0\n h' = h + x + b\n", "4:15: the number is not finite"},
        {"cell c\n input x[n]\n state h[n]\n param b[n] ~ normal(1e308 * 10)\n h' = h + x + b\n",
         "4:22: the number is not finite"},
    };
    expect_cells(rows, COUNT(rows));
}
