/* Functions, as they are called: those of other languages, points, axes, and how many arguments. */
#include "lang_rows.h"

Test(lang_calls, functions_of_other_languages)
{
    static const row rows[] = {
        {"q = np.dot(W, h # what\n  + h)", "5:7: there is no function dot; write u @ v"},
        {"q = torch.cat([h, x], [h, x])", "5:7: there is no function cat; write concat(h, x)"},
        {"q = torch.cat((h, x))", "5:7: there is no function cat; write concat(h, x)"},
        {"q = foo.stack((h), x)", "5:7: there is no function stack; write concat(foo, (h), x)"},
        {"q = np.concatenate(((h), (x)), axis=0)", "5:7: there is no function concatenate; write concat((h), (x))"},
        {"q = torch.cat(dim=1)", "5:7: there is no function cat; write concat(u, v)"},
        {"q = torch.dot(h, x, h, x, h)", "5:7: there is no function dot; write u @ v"},
        {"q = hstack(h, x, h, x, h)", "5:7: there is no function hstack; write concat(u, v): one above the other: "
                                      "features can be joined, examples cannot"},
        {"q = np.dot()", "5:7: there is no function dot; write u @ v"},
        {"q = np.dot(, h)", "5:7: there is no function dot; write u @ v"},
        {"q = np.dot(W,\n\t\t  h   +  h)", "5:7: there is no function dot; write W @ (h + h)"},
        {"q = np.dot(W,\r\t\th)", "5:7: there is no function dot; write W @ h"},
        {"q = np.dot(W, # matrix\n h)", "5:7: there is no function dot; write W @ h"},
        {"q = mish(h[0:1])", "5:7: there is no function mish; write h[0:1] * tanh(softplus(h[0:1]))"},
        {"q = mish(tanh(h))", "5:7: there is no function mish; write tanh(h) * tanh(softplus(tanh(h)))"},
        {"q = mish((h) + x)", "5:7: there is no function mish; write ((h) + x) * tanh(softplus((h) + x))"},
        {"q = clamp(h + 1, h - 1, 2 * h)",
         "5:7: there is no function clamp; write minimum(maximum(h + 1, h - 1), 2 * h)"},
        {"q = mish(h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h)",
         "5:7: there is no function mish; write u * tanh(softplus(u))"},
        {"q = selu(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)",
         "5:7: there is no function selu; write 1.0507009874 * where(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa > 0, "
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, 1.6732632423 * "
         "(exp(minimum(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, 0)) - 1))"},
        {"q = concat(h, x, h, x)", ""},
        {"q = torch.cat([h, x]; 1)", "5:7: there is no function cat; write concat([h, x], 1)"},
        {"q = np.matmul(W, h, out=None, casting=x)", "5:7: there is no function matmul; write W @ h"},
        {"q = np.dot(W, h\t+\th)", "5:7: there is no function dot; write W @ (h + h)"},
        {"q = np.dot(W, h\r+ h)", "5:7: there is no function dot; write W @ (h + h)"},
        {"q = selu(h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h)",
         "5:7: there is no function selu; write 1.0507009874 * where(u > 0, u, 1.6732632423 * (exp(minimum(u, 0)) - "
         "1))"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_calls, calls_and_points)
{
    static const row rows[] = {
        {"q = h(t)", "5:7: h is no function; h is the state before the step, and h' the one after it"},
        {"q = h(t - 1)", "5:7: h is no function; h is the state before the step, and h' the one after it"},
        {"q = x(t-1)", "5:7: x is no function; x is the input of the step"},
        {"q = h(tx)", "5:7: h is no function; a product needs its operator: h * tx"},
        {"q = W(h)", "5:7: W is no function; a product needs its operator: W @ h"},
        {"q = W(h + h)", "5:7: W is no function; a product needs its operator: W @ (h + h)"},
        {"q = W(h, x)", "5:7: W is no function; a product needs its operator: W @ (...)"},
        {"q = W()", "5:7: W is no function; a product needs its operator: W @ (...)"},
        {"q = W(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)",
         "5:7: W is no function; a product needs its operator: W @ (...)"},
        {"q = b(h)", "5:7: b is no function; a product needs its operator: b * h"},
        {"q = φ(h)", "5:7: there is no function φ; functions have names: tanh, sigmoid, relu, softplus, exp, ..."},
        {"q = h.tanh()", "5:7: functions stand alone, not behind a point; write tanh(h)"},
        {"q = np.tanh(h)", "5:7: functions stand alone, without np.; write tanh(h)"},
        {"q = h.frobnicate()", "5:7: there is no function frobnicate; docs/cells.md has a table of all functions"},
        {"q = W.mT @ h", "5:7: only .T, the transpose, can follow a point; write W.T"},
        {"q = W.H @ h", "5:7: only .T, the transpose, can follow a point; write W.T"},
        {"q = W.shape", "5:7: only .T, the transpose, can follow a point; sizes are the dimensions of the "
                        "declarations, such as n_a; m is the number of examples"},
        {"q = np.pi * h", "5:7: names stand alone, without np.; write pi"},
        {"q = np.foo", "5:7: names stand alone, without np.; write foo"},
        {"q = np.", "5:7: only .T, the transpose, can follow a point"},
        {"q = torch.nn.functional.mish(h)", "5:7: there is no function mish; write h * tanh(softplus(h))"},
        {"q = torch.nn.3", "5:7: names stand alone, without torch.; write nn"},
        {"q = torch.nn.", "5:7: names stand alone, without torch.; write nn"},
        {"q = σ(h)", "5:7: there is no function sigma; write sigmoid(h)"},
        {"q = np.(", "5:7: only .T, the transpose, can follow a point"},
        {"q = W..T", "5:7: only .T, the transpose, can follow a point"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_calls, axes_and_counts)
{
    static const row rows[] = {
        {"q = sum(h,\n    axis=0,\n    keepdims=True) + h", ""},
        {"q = sum(h,\n  r = h", "5:10: this bracket is never closed"},
        {"q = concat(h, x, axis=1)",
         "5:20: concat takes no 'axis='; the examples, axis 1, cannot be joined; concat(u, v) joins the features"},
        {"q = concat(h, x, axis=0)",
         "5:20: concat takes no 'axis='; features, the rows, are joined as it is: leave it out"},
        {"q = concat(h, x, dim=1)",
         "5:20: concat takes no 'dim='; features, the rows, are joined as it is: leave it out"},
        {"q = softmax(h, axis=0) + softmax(h, axis=1)", ""},
        {"q = softmax(axis=1)", "5:7: softmax takes one argument, not 0; write softmax(u)"},
        {"q = softmax(h + h + h + h + h + h + h + h + h + h + h + h + h + h, axis=1)", ""},
        {"q = softmax(h, axis=2)", "5:7: softmax is over axis 0, the features, or 1, the examples"},
        {"q = layernorm(h + h + h + h + h + h + h + h + h + h + h + h + h + h, axis=1)",
         "5:72: layernorm takes no 'axis='; it is over the features, the rows: write layernorm(u); over the examples, "
         "axis "
         "1, there is layernorm(u.T).T"},
        {"q = layernorm(h, 1e-3)", ""},
        {"q = layernorm(h, 1 / n_a)", ""},
        {"q = layernorm(h, x)",
         "5:20: the eps of layernorm is a number, and x is (n_x, m) = (3, m); layernorm(u) is of "
         "one array; its gain and its shift are written behind it: g * layernorm(u) + b"},
        {"q = layernorm(h, 1e-5 * h)", "5:20: the eps of layernorm is a number, and 1e-05 * h is (n_a, m) = (5, m); "
                                       "layernorm(u) is of one array; its "
                                       "gain and its shift are written behind it: g * layernorm(u) + b"},
        {"q = layernorm(h, zz)", "5:20: there is no name zz"},
        {"q = softmax(h + h, axis=10)", "5:27: axis is 0, over the features, or 1, over the examples"},
        {"q = layernorm(h, axis=0)",
         "5:20: layernorm takes no 'axis='; it is over the features, the rows, as it is: write layernorm(h)"},
        {"q = layernorm(h, axis=1)", "5:20: layernorm takes no 'axis='; it is over the features, the rows: write "
                                     "layernorm(h); over the examples, axis 1, there is layernorm(u.T).T"},
        {"q = softmax(h, dim=-1)",
         "5:18: softmax takes no 'dim='; it is over the features, the rows, as it is: write softmax(h)"},
        {"q = tanh(h, axis=0)", "5:15: tanh takes no 'axis='; leave it out"},
        {"q = tanh(h, axix=0)", "5:15: tanh takes no 'axix='"},
        {"q = sum(h, dim=0)", "5:14: sum takes no 'dim='; write axis=0 for the sum over the features, the rows, and "
                              "axis=1 over the examples, the columns; the axis is kept"},
        {"q = sum(h, axis=0, keepdim=True)",
         "5:22: sum takes no 'keepdim='; write axis=0 for the sum over the features, the rows, and axis=1 over the "
         "examples, the columns; the axis is kept"},
        {"q = sum(h, foo=1)", "5:14: sum takes no 'foo='"},
        {"q = sum(h, axis=0, keepdims=1)",
         "5:31: sums and means always keep their axis: keepdims=True; leave it out: an axis of size 1 stretches"},
        {"q = softmax(h, 0)",
         "5:7: softmax takes one argument, not 2; it is over the features, the rows, as it is: write softmax(h)"},
        {"q = softmax(h, 1)", "5:7: softmax takes one argument, not 2; it is over the features, the rows: write "
                              "softmax(h); over the examples, axis 1, there is softmax(u.T).T"},
        {"q = layernorm(h, 1)", "5:7: layernorm takes one argument, not 2; it is over the features, the rows: write "
                                "layernorm(h); over the examples, axis 1, there is layernorm(u.T).T"},
        {"q = maximum(h, x, h)", "5:7: maximum takes two arguments, not 3; write maximum(u, maximum(v, w))"},
        {"q = where(h, x)",
         "5:7: where takes three arguments, not 2; where(mask, u, v) is u where the mask is not 0, and v elsewhere"},
        {"q = maximum(h)",
         "5:7: maximum takes two arguments, not 1; it is of two arrays, element by element: write maximum(u, v)"},
        {"q = sum()", "5:7: sum takes one argument, not 0; write sum(u)"},
        {"q = sum(h, n_a)", "5:7: sum takes one argument, not 2; write sum(u, axis=0) over the features, axis=1 over "
                            "the examples, sum(u) over both"},
        {"q = tanh(h, x)", "5:7: tanh takes one argument, not 2"},
        {"q = concat()", "5:7: concat takes at least one argument, not 0; write concat(u)"},
    };
    expect_equations(rows, COUNT(rows));
}
