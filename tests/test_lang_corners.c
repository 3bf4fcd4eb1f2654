/*
 * What the cell language says of single equations and of whole cells, right and wrong: the first
 * error, with its place and its hint, or none.
 */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

typedef struct row {
    const char *text, *expected; /* "" if it is right */
} row;

static void expect(const char *text, size_t size, const char *expected)
{
    gt_error error = {0};
    static const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 5}};
    const gt_cell_parse_options options = {.file = "c", .dimensions = sizes, .dimension_count = 2};
    gt_parsed_cell *parsed = gt_cell_parse(text, size, &options);
    cr_assert_not_null(parsed);
    gt_status status = gt_parsed_cell_status(parsed, &error);
    const char *said = status == GT_OK ? "" : error.message + strlen("c:");
    cr_expect_eq(status, *expected == '\0' ? GT_OK : GT_ERROR_FORMAT);
    cr_expect_str_eq(said, expected, "%s\nsays:     %s\nexpected: %s", text, said, expected);
    cr_expect_eq(gt_parsed_cell_get(parsed) != NULL, *expected == '\0');
    gt_parsed_cell_free(parsed);
}

/* Each as line 5 of a cell. */
static void expect_equations(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[2048];
        int size = snprintf(text, sizeof text,
                            "cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_a], U[n_a, "
                            "n_x], b[n_a]\n  %s\n"
                            "  h' = tanh(W @ h + U @ x + b)\n",
                            rows[i].text);
        cr_assert(size < (int)sizeof text);
        expect(text, (size_t)size, rows[i].expected);
    }
}

static void expect_cells(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(rows[i].text, strlen(rows[i].text), rows[i].expected);
}

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

Test(lang_corners, functions_of_other_languages)
{
    static const row rows[] = {
        {"q = torch.cat([h, x], [h, x])", "5:7: there is no function cat; write concat(h, x)"},
        {"q = torch.cat((h, x))", "5:7: there is no function cat; write concat(h, x)"},
        {"q = foo.stack((h), x)", "5:7: there is no function stack; write concat(foo, (h), x)"},
        {"q = np.concatenate(((h), (x)), axis=0)", "5:7: there is no function concatenate; write concat((h), (x))"},
        {"q = torch.cat(dim=1)", "5:7: there is no function cat; write concat(u, v)"},
        {"q = torch.dot(h, x, h, x, h)", "5:7: there is no function dot; write u @ v"},
        {"q = hstack(h, x, h, x, h)", "5:7: there is no function hstack; write concat(u, v): one "
                                      "above the other: features can be joined, examples cannot"},
        {"q = np.dot()", "5:7: there is no function dot; write u @ v"},
        {"q = np.dot(, h)", "5:7: there is no function dot; write u @ v"},
        {"q = np.dot(W,\n\t\t  h   +  h)", "5:7: there is no function dot; write W @ (h + h)"},
        {"q = np.dot(W,\r\t\th)", "5:7: there is no function dot; write W @ h"},
        {"q = np.dot(W, # matrix\n h)", "5:7: there is no function dot; write W @ h"},
        {"q = silu(h[0:1])", "5:7: there is no function silu; write h[0:1] * sigmoid(h[0:1])"},
        {"q = silu(tanh(h))", "5:7: there is no function silu; write tanh(h) * sigmoid(tanh(h))"},
        {"q = silu((h) + x)", "5:7: there is no function silu; write ((h) + x) * sigmoid((h) + x)"},
        {"q = clamp(h + 1, h - 1, 2 * h)",
         "5:7: there is no function clamp; write minimum(maximum(h + 1, h - 1), 2 * h)"},
        {"q = silu(h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + "
         "h + h)",
         "5:7: there is no function silu; write u * sigmoid(u)"},
        {"q = elu(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)",
         "5:7: there is no function elu; write where(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa > 0, "
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, "
         "exp(minimum(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, 0)) - 1)"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, time_and_words)
{
    static const row rows[] = {
        {"q = hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh_t", "5:7: a name has at most 48 letters"},
        {"q = x_t", "5:7: there is no name x_t; x is the input of the step"},
        {"q = h_t", "5:7: there is no name h_t; h is the state before the step, and h' the one after it"},
        {"q = W_t", "5:7: there is no name W_t"},
        {"q = x[t]", "5:9: a cell is one time step: there is no index of time; x is the input of the step"},
        {"q = h[t-1]", "5:9: a cell is one time step: there is no index of time; h is the state "
                       "before the step, and h' the one after it"},
        {"q = W[t-1]", "5:9: a cell is one time step: there is no index of time; a name stands for its value at "
                       "the step: write W; what is needed at the next step is a state"},
        {"let = h", ""},
        {"let q = h", "5:3: an equation begins with the name of its value; write q = ..., without let"},
        {"let (q) = h", "5:7: expected = behind the name, not '('; a product needs its operator: "
                        "let * (...) element by element, or @ for matrices"},
        {"float q = h", "5:3: an equation begins with the name of its value; write q = ..., without float"},
        {"end", "5:3: a cell has no end; it ends where the next begins, or with the file"},
        {"print(h)", "5:3: nothing is printed by a cell; output y = u shows a value"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, calls_and_points)
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
        {"q = φ(h)", "5:7: there is no function φ; functions have names: tanh, sigmoid, relu, "
                     "softplus, exp, ..."},
        {"q = h.tanh()", "5:7: functions stand alone, not behind a point; write tanh(h)"},
        {"q = np.tanh(h)", "5:7: functions stand alone, without np.; write tanh(h)"},
        {"q = h.frobnicate()", "5:7: there is no function frobnicate; docs/cells.md has a table of all functions"},
        {"q = W.mT @ h", "5:7: only .T, the transpose, can follow a point; write W.T"},
        {"q = W.H @ h", "5:7: only .T, the transpose, can follow a point; write W.T"},
        {"q = W.shape", "5:7: only .T, the transpose, can follow a point; sizes are the dimensions "
                        "of the declarations, such as n_a; m is the number of examples"},
        {"q = np.pi * h", "5:7: names stand alone, without np.; write 3.141592653589793"},
        {"q = np.foo", "5:7: names stand alone, without np.; write foo"},
        {"q = np.", "5:7: only .T, the transpose, can follow a point"},
        {"q = torch.nn.functional.silu(h)", "5:7: there is no function silu; write h * sigmoid(h)"},
        {"q = torch.nn.3", "5:7: names stand alone, without torch.; write nn"},
        {"q = torch.nn.", "5:7: names stand alone, without torch.; write nn"},
        {"q = σ(h)", "5:7: there is no function sigma; write sigmoid(h)"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, axes_and_counts)
{
    static const row rows[] = {
        {"q = concat(h, x, axis=1)", "5:20: concat takes no 'axis='; the examples, axis 1, cannot "
                                     "be joined; concat(u, v) joins the features"},
        {"q = concat(h, x, axis=0)",
         "5:20: concat takes no 'axis='; features, the rows, are joined as it is: leave it out"},
        {"q = concat(h, x, dim=1)",
         "5:20: concat takes no 'dim='; features, the rows, are joined as it is: leave it out"},
        {"q = softmax(h, axis=0)", "5:18: softmax takes no 'axis='; it is over the features, the "
                                   "rows, as it is: write softmax(h)"},
        {"q = softmax(h, axis=1)",
         "5:18: softmax takes no 'axis='; it is over the features, the rows: write softmax(h); "
         "over the examples, axis 1, there is softmax(u.T).T"},
        {"q = softmax(axis=1)", "5:15: softmax takes no 'axis='; it is over the features, the rows: write softmax(u); "
                                "over the examples, axis 1, there is softmax(u.T).T"},
        {"q = softmax(h + h + h + h + h + h + h + h + h + h + h + h + h + h, axis=1)",
         "5:70: softmax takes no 'axis='; it is over the features, the rows: write softmax(u); "
         "over the examples, axis 1, there is softmax(u.T).T"},
        {"q = softmax(h + h, axis=10)", "5:22: softmax takes no 'axis='; it is over the features, "
                                        "the rows, as it is: write softmax(h + h)"},
        {"q = layernorm(h, axis=0)", "5:20: layernorm takes no 'axis='; it is over the features, "
                                     "the rows, as it is: write layernorm(h)"},
        {"q = layernorm(h, axis=1)",
         "5:20: layernorm takes no 'axis='; it is over the features, the rows: write layernorm(h); "
         "over the examples, axis 1, there is layernorm(u.T).T"},
        {"q = softmax(h, dim=-1)", "5:18: softmax takes no 'dim='; it is over the features, the "
                                   "rows, as it is: write softmax(h)"},
        {"q = tanh(h, axis=0)", "5:15: tanh takes no 'axis='; leave it out"},
        {"q = tanh(h, axix=0)", "5:15: tanh takes no 'axix='"},
        {"q = sum(h, dim=0)", "5:14: sum takes no 'dim='; write axis=0 for the sum over the features, the rows, and "
                              "axis=1 over the examples, the columns; the axis is kept"},
        {"q = sum(h, axis=0, keepdim=True)",
         "5:22: sum takes no 'keepdim='; write axis=0 for the sum over the features, the rows, and "
         "axis=1 over the examples, the columns; the axis is kept"},
        {"q = sum(h, foo=1)", "5:14: sum takes no 'foo='"},
        {"q = sum(h, axis=0, keepdims=1)",
         "5:31: sums and means always keep their axis: keepdims=True; leave it out: an axis of "
         "size 1 stretches"},
        {"q = softmax(h, 0)", "5:7: softmax takes one argument, not 2; it is over the features, "
                              "the rows, as it is: write softmax(h)"},
        {"q = softmax(h, 1)", "5:7: softmax takes one argument, not 2; it is over the features, the rows: write "
                              "softmax(h); over the examples, axis 1, there is softmax(u.T).T"},
        {"q = layernorm(h, 1)", "5:7: layernorm takes one argument, not 2; it is over the features, the rows: write "
                                "layernorm(h); over the examples, axis 1, there is layernorm(u.T).T"},
        {"q = maximum(h, x, h)", "5:7: maximum takes two arguments, not 3; write maximum(u, maximum(v, w))"},
        {"q = where(h, x)", "5:7: where takes three arguments, not 2; where(mask, u, v) is u where "
                            "the mask is not 0, and v elsewhere"},
        {"q = maximum(h)", "5:7: maximum takes two arguments, not 1; it is of two arrays, element "
                           "by element: write maximum(u, v)"},
        {"q = sum()", "5:7: sum takes one argument, not 0; write sum(u)"},
        {"q = sum(h, n_a)", "5:7: sum takes one argument, not 2; write sum(u, axis=0) over the "
                            "features, axis=1 over the examples, sum(u) over both"},
        {"q = tanh(h, x)", "5:7: tanh takes one argument, not 2"},
        {"q = concat()", "5:7: concat takes at least one argument, not 0; write concat(u)"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, names_and_slices)
{
    static const row rows[] = {
        {"q = r + h\n  r = h", "5:7: r is used before it is assigned, in line 6"},
        {"q = q + h", "5:7: q is used in its own equation"},
        {"q = h' + h", "5:7: h' is used before it is assigned, in line 6; the old state is h"},
        {"q = h[0:m]", ""},
        {"q = W[:, 0:m]", ""},
        {"k = 2\n  q = h[0:k]", "6:11: a bound of a slice is made of whole numbers and dimensions with + - *"},
        {"k = 2\n  q = h[0:k+1]", "6:11: a bound of a slice is made of whole numbers and dimensions with + - *"},
        {"k = 2\n  q = h[0:-k]", "6:11: a bound of a slice is made of whole numbers and dimensions with + - *"},
        {"q = h[0:z]", "5:11: there is no name z"},
        {"q = h[z:2]", "5:9: there is no name z"},
        {"q = h[0:h]", "5:11: a bound of a slice is made of whole numbers and dimensions with + - *"},
        {"q = h[sum(h):2]", "5:9: a bound of a slice is made of whole numbers and dimensions with + - *"},
        {"q = h[0:1e16]", "5:11: this bound of a slice is too large"},
        {"q = h[0:9e15*9e15]", "5:11: this bound of a slice is too large"},
        {"q = h[0:1.5]", "5:11: a bound of a slice is made of whole numbers and dimensions with + - *"},
        {"q = h[-999999999999999*999999999999999:]", "5:9: this bound of a slice is too large"},
        {"q = h[0:n_a/2]", "5:11: a bound of a slice is made of whole numbers and dimensions with + - *"},
        {"q = h[0:a0*b0+a1*b1+a2*b2+a3*b3+a4*b4+a5*b5+a6*b6+a7*b7+a8*b8]", "5:11: there is no name a0"},
        {"q = 3[0:1]", "5:7: a number has no slices"},
        {"k = 2\n  q = k[0:1]", "6:7: a number has no slices"},
        {"q = h[-n_a-1:]", "5:7: the slice of the rows is beyond the end: there are n_a of them"},
        {"q = h[0:n_a+1]", "5:7: the slice of the rows is beyond the end: there are n_a of them"},
        {"q = h[2:2]", "5:7: the slice of the rows is empty: there are n_a of them"},
        {"q = h[2:1]", "5:7: the slice of the rows is empty: there are n_a of them"},
        {"q = concat(h, 2)", "5:17: concat joins arrays, and this is a number"},
        {"q = concat(2, h)", "5:14: concat joins arrays, and this is a number"},
        {"q = concat(h, b)", "5:7: concat: h is (n_a, m) = (5, m) but b is (n_a, 1) = (5, 1)"},
        {"q = -h.T.T", ""},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, products)
{
    static const row rows[] = {
        {"q = 2 @ h", "5:7: matmul: an operand is a number, not a matrix; a product with a number "
                      "is written *: 2 * h"},
        {"q = h @ 2", "5:7: matmul: an operand is a number, not a matrix; a product with a number "
                      "is written *: h * 2"},
        {"q = h @ h", "5:7: matmul: h is (n_a, m) = (5, m) but h is (n_a, m) = (5, m); element by "
                      "element it is h * h"},
        {"q = b @ h", "5:7: matmul: b is (n_a, 1) = (5, 1) but h is (n_a, m) = (5, m); element by "
                      "element it is b * h"},
        {"q = x @ W", "5:7: matmul: x is (n_x, m) = (3, m) but W is (n_a, n_a) = (5, 5)"},
        {"q = h @ W", "5:7: matmul: h is (n_a, m) = (5, m) but W is (n_a, n_a) = (5, 5); the "
                      "matrix stands on the left: W @ h"},
        {"q = W @ U.T", "5:7: matmul: W is (n_a, n_a) = (5, 5) but U.T is (n_x, n_a) = (3, 5); u @ v.T would fit"},
        {"q = U @ W", "5:7: matmul: U is (n_a, n_x) = (5, 3) but W is (n_a, n_a) = (5, 5); U.T @ W would fit"},
        {"q = W.T @ U.T", "5:7: matmul: W.T is (n_a, n_a) = (5, 5) but U.T is (n_x, n_a) = (3, 5); "
                          "u @ v.T would fit"},
        {"q = W @ b.T", "5:7: matmul: W is (n_a, n_a) = (5, 5) but b.T is (1, n_a) = (1, 5); u @ v.T would fit"},
        {"q = U @ b.T", "5:7: matmul: U is (n_a, n_x) = (5, 3) but b.T is (1, n_a) = (1, 5)"},
        {"q = W * h", "5:7: multiply: W is (n_a, n_a) = (5, 5) but h is (n_a, m) = (5, m); the "
                      "product of matrices is written @: W @ h"},
        {"q = h * W", "5:7: multiply: h is (n_a, m) = (5, m) but W is (n_a, n_a) = (5, 5); the "
                      "product of matrices is written @, with the matrix on the left: W @ h"},
        {"q = x * U", "5:7: multiply: x is (n_x, m) = (3, m) but U is (n_a, n_x) = (5, 3); the "
                      "product of matrices is written @, with the matrix on the left: U @ x"},
        {"q = U * W", "5:7: multiply: U is (n_a, n_x) = (5, 3) but W is (n_a, n_a) = (5, 5); the "
                      "product of matrices is written @, with the matrix on the left: W @ U"},
        {"q = U * h", "5:7: multiply: U is (n_a, n_x) = (5, 3) but h is (n_a, m) = (5, m); a "
                      "product of matrices that fits is U.T @ h"},
        {"q = U.T * x.T", "5:7: multiply: U.T is (n_x, n_a) = (3, 5) but x.T is (m, n_x) = (m, 3); the product of "
                          "matrices is written @, with the matrix on the left: x.T @ U.T"},
        {"q = W + h", "5:7: add: W is (n_a, n_a) = (5, 5) but h is (n_a, m) = (5, m)"},
        {"q = (W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W) * h",
         "5:7: multiply: the left operand is (n_a, n_a) = (5, 5) but h is (n_a, m) = (5, m); the "
         "product of matrices is written @: u @ v"},
        {"q = W * (h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h)",
         "5:7: multiply: W is (n_a, n_a) = (5, 5) but the right operand is (n_a, m) = (5, m); the "
         "product of matrices is written @: u @ v"},
        {"q = (W + W + W + W + W + W) * (h + h + h + h + h + h + h + h + h)",
         "5:7: multiply: W + W + W + W + W + W is (n_a, n_a) = (5, 5) but h + h + h + h + h + h + "
         "h + h + h is (n_a, m) = (5, m); the product of matrices is written @: u @ v"},
        {"q = (W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W) @ x",
         "5:7: matmul: the left operand is (n_a, n_a) = (5, 5) but x is (n_x, m) = (3, m)"},
        {"q = x.T @ W", "5:7: matmul: x.T is (m, n_x) = (m, 3) but W is (n_a, n_a) = (5, 5)"},
        {"q = x @ U.T", "5:7: matmul: x is (n_x, m) = (3, m) but U.T is (n_x, n_a) = (3, 5); the "
                        "examples are columns, and the matrix stands on the left: v.T @ u"},
        {"q = x @ b", "5:7: matmul: x is (n_x, m) = (3, m) but b is (n_a, 1) = (5, 1)"},
        {"q = h @ U", "5:7: matmul: h is (n_a, m) = (5, m) but U is (n_a, n_x) = (5, 3); the "
                      "examples are columns, and the matrix stands on the left: U.T @ h"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, tokens)
{
    static const row rows[] = {
        {"q = np.dot(1e300 * h, W)", "5:7: there is no function dot; write (1e300 * h) @ W"},
        {"q = 2E3 * h", ""},
        {"q = h\t \t", ""},
        {"q = h_{t-1}", "5:7: h_{t-1}: a name has no subscript; h is the state before the step, "
                        "and h' the one after it"},
        {"q = h_{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}", "5:7: a name has at most 48 letters"},
        {"q = h_{", "5:9: there are no braces in a cell; expressions have parentheses ( ), sizes "
                    "have brackets [ ]"},
        {"q = \"h\"", "5:7: there are no strings in a cell; a comment begins with #"},
        {"q = \"\"\"h\n h\"\"\"", "5:7: there are no strings in a cell; a comment begins with #"},
        {"q = \"h", "5:7: there are no strings in a cell; a comment begins with #"},
        {"q = '''h\n  r = h", "5:7: a prime belongs directly behind the name of a state"},
        {"q = 'h'", "5:7: there are no strings in a cell; a comment begins with #"},
        {"\"\"\"says\n  what\"\"\"\n  q = h", "5:3: there are no strings in a cell; a comment begins with #"},
        {"\"\"\"says", "5:3: there are no strings in a cell; a comment begins with #"},
        {"q = h; r = h", "5:8: one statement per line, without ;"},
        {"q = h + \\\n  h", "5:11: a line goes on while a bracket is open; no \\ is needed; put "
                            "the expression in parentheses, without the \\"},
        {"q = $h$", "5:7: there is no $ in a cell; formulas are written as NumPy has them"},
        {"q = h # a\n", ""},
        {"q = h^2", "5:8: a power is written **, as in x**2"},
        {"q = W^T @ h", "5:8: the transpose is not written ^T; write W.T"},
        {"q = W^-1 @ h", "5:8: a power is written **, as in x**2"},
        {"q = h && x", "5:9: there is no && in a cell; a product of masks is 1 where both hold: (u "
                       "> 0) * (v > 0)"},
        {"q = !h", "5:7: there is no ! in a cell; 1 - mask is 1 where the mask is 0"},
        {"q = h % 2", "5:9: there is no % in a cell; a comment begins with #; nothing has a remainder"},
        {"q = h // 2", "5:9: there is no // in a cell; a comment begins with #; nothing is rounded"},
        {"q := h", "5:5: an equation is written with =; write = in place of :="},
        {"q += h", "5:5: a name is assigned once; there is no +=; give the result another name: "
                   "q_2 = q + ..."},
        {"q++", "5:4: expected = behind the name, not '+'"},
        {"q = 1e999 * h", "5:7: the number is too large"},
        {"q = 1.2.3 * h", "5:10: expected an operator or the end of the line, not '.3'; a product "
                          "needs its *: 1.2 * .3"},
        {"q = 2h", "5:7: a name cannot begin with a digit, and a product needs its *; write 2 * h"},
        {"q = 0x1F * h", "5:7: this is no number; numbers are written 12, 0.5 or 1e-3"},
        {"q = .5 * h", ""},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, indices)
{
    static const row rows[] = {
        {"q = h[:, newaxis]", "5:12: a slice needs its colon: an axis is never dropped; nor added: "
                              "everything is a matrix"},
        {"q = h[None, :]", "5:9: a slice needs its colon: an axis is never dropped; nor added: "
                           "everything is a matrix"},
        {"q = h[:, np.newaxis]", "5:12: names stand alone, without np.; everything is a matrix; no axis is added"},
        {"q = h[1.5]", "5:9: a slice needs its colon: an axis is never dropped; row i alone is W[i:i+1, :]"},
        {"q = h[2000000000]", "5:9: a slice needs its colon: an axis is never dropped; row i alone is W[i:i+1, :]"},
        {"q = h[-1]", "5:9: a slice needs its colon: an axis is never dropped; the last row alone is h[-1:]"},
        {"q = h[-2]", "5:9: a slice needs its colon: an axis is never dropped; row -2 alone is h[-2:-2 + 1]"},
        {"q = h[-n_a]", "5:9: a slice needs its colon: an axis is never dropped; row -n_a alone is "
                        "h[-n_a:-n_a + 1]"},
        {"q = h[n_a + n_a + n_a + n_a + n_a]",
         "5:9: a slice needs its colon: an axis is never dropped; row i alone is W[i:i+1, :]"},
        {"q = h[n_a]", "5:9: a slice needs its colon: an axis is never dropped; row n_a alone is h[n_a:n_a + 1]"},
        {"q = h[0]", "5:9: a slice needs its colon: an axis is never dropped; row 0 alone is h[0:1]"},
        {"q = h[:, 0]", "5:12: a slice needs its colon: an axis is never dropped; column 0 alone is h[:, 0:1]"},
        {"q = h[0:1, 0:1, 0:1]", "5:19: a slice has at most two axes; everything is a matrix: rows "
                                 "are features, columns are examples"},
        {"q = h[0:2:1]", "5:12: a slice has no step; parts are contiguous: W[i:j]; what is taken "
                         "by steps is a product with a mask, or an input"},
        {"q = h[::2]", "5:10: a slice has no step; parts are contiguous: W[i:j]; what is taken by "
                       "steps is a product with a mask, or an input"},
        {"q = h[...]", "5:9: this is no number; numbers are written 12, 0.5 or 1e-3"},
        {"q = h[]", "5:9: expected : in the slice, not ']'"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, equations)
{
    static const row rows[] = {
        {"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq = h", "5:3: a name has at most 48 letters"},
        {"q = zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "5:7: a name has at most 48 letters"},
        {"q, r = h, x", "5:4: an equation gives one name its value; write q = ..., and the next "
                        "name in a line of its own"},
        {"(q, r) = h", "5:3: expected a statement, not '('"},
        {"q = (h + x", "5:7: this bracket is never closed"},
        {"q = h)", "5:8: expected an operator or the end of the line, not ')'; this bracket closes none"},
        {"q = h]", "5:8: expected an operator or the end of the line, not ']'; this bracket closes none"},
        {"q = h = x", "5:9: expected an operator or the end of the line, not '='; an equation has "
                      "one =; to compare, write =="},
        {"q = 0 < h < 1", "5:13: comparisons do not chain; a < b and b < c are two comparisons; "
                          "their product is 1 where both hold"},
        {"q = h:", "5:8: expected an operator or the end of the line, not ':'; no line ends with a colon"},
        {"q = h, x", "5:8: expected an operator or the end of the line, not ','; an equation has "
                     "one value; arrays are joined by concat(u, v)"},
        {"q = h''", "5:9: a name has one prime; h is the state before the step, and h' the one after it"},
        {"q' = h", "5:3: q is no state, so it has no next value; declare it, state q[n], or leave "
                   "the prime out"},
        {"x' = h", "5:3: x is no state, so it has no next value; x is an input; another value "
                   "needs another name"},
        {"q = W' @ h", "5:7: there is no name W'; the transpose is written W.T; only a state has a next value"},
        {"r = h\n  q = r'", "6:7: there is no name r'; the transpose is written r.T; only a state has a next value"},
        {"q = n_a' * h", "5:7: there is no name n_a'; n_a is a dimension, and only a state has a next value"},
        {"q = x' + h", "5:7: there is no name x'; x is an input, and only a state has a next value"},
        {"q = dh", "5:7: there is no name dh; did you mean h?"},
        {"q = h0", "5:7: there is no name h0; did you mean h?"},
        {"q = h_prev", "5:7: there is no name h_prev; h is the state before the step, and h' the one after it"},
        {"q = h_next + h", "5:7: there is no name h_next"},
        {"q = x_next", "5:7: there is no name x_next"},
        {"q = pi * h", "5:7: there is no name pi; write 3.141592653589793"},
        {"q = inf * h", "5:7: there is no name inf; numbers are finite: write a large one, such as 1e30"},
        {"q = tanh + h", "5:7: tanh is a function and needs an argument; write tanh(u)"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, constants)
{
    static const row rows[] = {
        {"q = cell + h", "5:7: cell is a word of the language, not a value"},
        {"q = output", "5:7: output is a word of the language, not a value"},
        {"q = zebra'", "5:7: there is no name zebra'; only states have a next value"},
        {"q = h / m", ""},
        {"q = h * n_a ** 0.5", ""},
        {"q = h ** h", "5:12: the exponent of ** is not a constant; for positive u, u to the power "
                       "of v is exp(v * log(u))"},
        {"k = 2\n  q = h ** k", ""},
        {"q = h ** -0.5", ""},
        {"q = h ** (1/0)", ""},
        {"k = 2 @ 3\n  q = h * k", "5:7: matmul: an operand is a number, not a matrix; a product "
                                   "with a number is written *: 2 * 3"},
        {"k = n_a @ 3\n  q = k * h", "5:7: matmul: an operand is a number, not a matrix; a product "
                                     "with a number is written *: n_a * 3"},
        {"q = sum(3) * h", ""},
        {"q = 3.T * h", ""},
        {"q = softmax(3) * h", ""},
        {"q = where(1, 2, 3) * h", ""},
        {"q = 1 + 2 * 3 - 4 / 5 * h", ""},
        {"q = maximum(1, 2) * h", ""},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, characters)
{
    static const row rows[] = {
        {"q = h\342\200\203+ x", "5:7: add: h is (n_a, m) = (5, m) but x is (n_x, m) = (3, m)"},
        {"q = h\341\232\200+ h", ""},
        {"q = h\342\200\257+ h", ""},
        {"q = h\342\201\237+ h", ""},
        {"q = h\302\255+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h\342\200\217+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h\342\200\252+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h\342\201\246+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h\342\200\215+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h\330\234", "5:7: h\330\234: a name has the letters from a to z, digits and _"},
        {"q = h − h", "5:9: − (U+2212) is a typographic minus; write -"},
        {"q = W × h", "5:9: × (U+00D7) is a multiplication sign; write * element by element, and @ "
                      "for the product of matrices"},
        {"q = h ∘ h", "5:9: ∘ (U+2218) is the product element by element; write *"},
        {"q = h · h", "5:9: · (U+00B7) is a multiplication dot; write * element by element, and @ "
                      "for the product of matrices"},
        {"q = α * h", "5:7: α: a name has the letters from a to z, digits and _; write alpha"},
        {"q = h ≤ 0", "5:9: ≤ (U+2264) is a comparison; write <="},
        {"q = √h", "5:7: √ (U+221A) is a root; write sqrt(u)"},
        {"q = h²", "5:8: ² (U+00B2) is a superscript; a power is written **, as in h**2"},
        {"q = h′", "5:8: ′ (U+2032) is a typographic prime; write the prime of the keyboard, as in h'"},
        {"q = h’ + h’", "5:8: ’ (U+2019) is a typographic apostrophe; write the prime of the "
                        "keyboard, as in h' (’ is there 2 times)"},
        {"q = h – h", "5:9: – (U+2013) is a dash; write -"},
        {"q = “h”", "5:7: “ (U+201C) is a quotation mark; there are no strings in a cell; a "
                    "comment begins with #"},
        {"q = h ＋ h", "5:9: ＋ (U+FF0B) is a full-width +; write +"},
        {"q = 🙂", "5:7: 🙂: a name has the letters from a to z, digits and _"},
        {"q = \377 h", "5:1: this line is not UTF-8"},
        {"q = \001h", "5:7: a control character; delete it"},
        {"q = h\013+ h", "5:8: a control character; delete it"},
        {"\014  q = h", ""},
        {"q = \177", "5:7: a control character; delete it"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, cells)
{
    static const row rows[] = {
        {"", "1:1: there is no cell in this text"},
        {"\n\n\014\n", "4:1: there is no cell in this text"},
        {"# a\n", "2:1: there is no cell in this text"},
        {"h = 3\ncell c\n", "1:1: expected cell and a name, with which a cell begins, not 'h'; a cell is 'cell NAME', "
                            "its input, state and param lines and its equations; 'gradtape new NAME' writes one"},
        {"cell\n", "1:5: expected the name of the cell, not the end of the line"},
        {"cell 3\n input x[n]\n", "1:6: expected the name of the cell, not '3'; a product needs "
                                  "its operator: cell * 3 element by element, or @ for matrices"},
        {"cell c:\n input x[n]\n state h[n]\n h' = h + x\n",
         "1:7: nothing stands behind the name of a cell, which has letters, digits and _; write "
         "cell c"},
        {"cell c {\n input x[n]\n state h[n]\n h' = h + x\n}\n",
         "1:8: there are no braces in a cell; expressions have parentheses ( ), sizes have "
         "brackets [ ]"},
        {"cell c(x, h)\n input x[n]\n state h[n]\n h' = h + x\n",
         "1:7: nothing stands behind the name of a cell, which has letters, digits and _; write "
         "cell c"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dx = dh'\nbackward\n dh = "
         "dh'\n",
         "7:1: the cell has a backward block already"},
        {"cell c\n input x[n]\n state h[n]\nbackward\n dx = dh'\n",
         "3:8: state h gets no next value; add an equation h' = ..."},
        {"cell c\nbackward\n", "1:6: the cell c has no input"},
        {"cell c\n input x[n]\n h' = x\n state h[n]\n",
         "4:2: declarations come before the equations; move it above line 3"},
        {"cell c\n state h[n]\n h' = h\n", "1:6: the cell c has no input"},
        {"cell c\n input x[n]\n q = x\n", "1:6: the cell c has no state"},
        {"cell c\n input x[n]\n state h[n]\n param W[h, n]\n h' = h + x\n", "4:10: h is a state, and no size"},
        {"cell c\n input x[n]\n state h[n]\n param W[2*h+1, x]\n h' = h + x\n", "4:12: h is a state, and no size"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, 2*x]\n h' = h + x\n", "4:15: x is an input, and no size"},
        {"cell c\n input x[0]\n state h[n]\n h' = h\n", "2:10: a size is at least 1"},
        {"cell c\n input x[n - 2*n]\n state h[n]\n h' = h\n", "2:10: a size is at least 1"},
        {"cell c\n input x[1.5]\n state h[n]\n h' = h\n",
         "2:10: a size is made of whole numbers and dimension names with + - *"},
        {"cell c\n input x[1e16]\n state h[n]\n h' = h\n", "2:10: the size is too large or too complicated"},
        {"cell c\n input x[999999999999999*999999999999999*9]\n state h[n]\n h' = h\n",
         "2:10: the size is too large or too complicated"},
        {"cell c\n input x[9000000000*1000000000+9000000000*1000000000]\n state h[n]\n h' = h\n",
         "2:10: the size is too large or too complicated"},
        {"cell c\n input x[-(-9000000000*1000000000-9000000000*24854775)]\n state h[n]\n h' = h\n",
         "2:12: the size is too large or too complicated"},
        {"cell c\n input x[a*b*c*d*e*f*g]\n state h[n]\n h' = h\n", "2:10: the size is too large or too complicated"},
        {"cell c\n input "
         "x[a0+a1+a2+a3+a4+a5+a6+a7+a8+a9+a10+a11+a12+a13+a14+a15+a16+a17+a18+a19+a20+a21+a22+a23+"
         "a24+a25+a26+a27+a28+a29+a30+a31+a32+a33+a34+a35+a36+a37+a38+a39]\n state h[n]\n h' = h\n",
         "2:10: the size is too large or too complicated"},
        {"cell c\n input x[tanh(n)]\n state h[n]\n h' = h\n",
         "2:10: a size is made of whole numbers and dimension names with + - *"},
        {"cell c\n input x[n[0:1]]\n state h[n]\n h' = h\n",
         "2:10: a size is made of whole numbers and dimension names with + - *"},
        {"cell c\n input x[n.T]\n state h[n]\n h' = h\n",
         "2:10: a size is made of whole numbers and dimension names with + - *"},
        {"cell c\n input x[n/2]\n state h[n]\n h' = h\n",
         "2:10: a size is made of whole numbers and dimension names with + - *"},
        {"cell c\n input x[n - n + 1]\n state h[n]\n h' = h + x\n", ""},
        {"cell c\n input x[2*n*k + 3]\n state h[n*k]\n h' = h + x\n", "4:7: add: h is (k*n, m) but x is (2*k*n+3, m)"},
        {"cell c\n input x[(a+b)*(a-b)]\n state h[a*a]\n h' = x\n",
         "4:7: the next value of state h is (a*a-b*b, m), and must be (a*a, m)"},
        {"cell c\n input x[n]\n state h[n] = foo\n h' = h + x\n",
         "3:15: an initial value is made of numbers alone; what depends on sizes is ~ glorot or ~ "
         "orthogonal"},
        {"cell c\n input x[n]\n state h[n] ~ glorot\n h' = h + x\n",
         "3:13: a state begins with a constant: h[...] = 0"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] ~ xavier\n h' = W @ h + x\n",
         "4:18: there is no initializer xavier; write ~ glorot"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] ~ normal(-1)\n h' = W @ h + x\n",
         "4:18: a standard deviation is not negative"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] ~ uniform(2, 1)\n h' = W @ h + x\n",
         "4:18: the lower limit comes first"},
        {"cell c\n input x[n]\n state h[n] = 1e999\n h' = h + x\n", "3:15: the number is too large"},
        {"cell c\n input x[n]\n state h[n] = 1/0\n h' = h + x\n", "3:15: the number is not finite"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] ~ glorot(1)\n h' = W @ h + x\n",
         "4:25: expected ), not '1'"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] = glorot\n h' = W @ h + x\n",
         "4:18: a distribution stands behind ~, and a constant behind =; write ~ in place of ="},
        {"cell c\n input x[n]\n state h[n] =\n h' = h + x\n",
         "3:14: expected an expression, not the end of the line; a line goes on only while a "
         "bracket is open: ( ... )"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] ~\n h' = W @ h + x\n",
         "4:17: expected glorot, orthogonal, normal(deviation) or uniform(low, high), not the end "
         "of the line; a line goes on only while a bracket is open: ( ... )"},
        {"cell c\n input x[n] = 1\n state h[n]\n h' = h + x\n", "2:13: an input has no initial value"},
        {"cell c\n input x[n, n]\n state h[n]\n h' = h\n",
         "2:11: an input or a state has one size; its columns are the examples; write x[n], with "
         "the number of features alone"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n, n]\n h' = h + x\n",
         "4:14: a parameter has at most two sizes"},
        {"cell c\n input x[]\n state h[n]\n h' = h\n", "2:10: expected an expression, not ']'"},
        {"cell c\n input x\n state h[n]\n h' = h\n", "2:8: x needs a size; write x[n]"},
        {"cell c\n input x[n]\n state h[n]\n param b[n + n + n + n + n + n + n + n + n + n + n + n "
         "+ n + n + n + n + n + n + n + n + n, n + n + n + n + n + n + n + n + n + n + n + n + n + "
         "n + n + n + n + n + n + n + n, n]\n h' = h + x\n",
         "4:174: a parameter has at most two sizes"},
        {"cell c\n input x[n]\n state h[n]\n param h0[n]\n h' = h + x + h0\n",
         "4:8: h0 is the name of the initial value of state h, which is declared in line 3; give "
         "one of the two another name"},
        {"cell c\n input x[n], x[n]\n state h[n]\n h' = h + x\n", "2:14: x is declared twice, first in line 2"},
        {"cell c\n input n[n]\n state h[n]\n h' = h\n", "2:10: n is an input, and no size"},
        {"cell c\n input m[n]\n state h[n]\n h' = h + m\n", ""},
        {"cell c\n input x[n]\n state h[n]\n m = h + x\n h' = m\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n m = dh'\n dx = m\n dh = m\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dn = dh'\n dx = dn\n dh = dn\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n d = dh'\n dx = d\n dh = d\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x / m\nbackward\n dm = dh'\n dx = dm / m\n "
         "dh = dm\n",
         ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n ddh' = dh'\n dx = dh'\n dh = "
         "dh'\n",
         "6:2: ddh': only states have a next value"},
        {"cell c\n input x[n]\n state h[n]\n k = 2\n h' = k * h + x\nbackward\n dk = 3\n dx = "
         "dh'\n dh = k * dh'\n",
         ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dx = 3\n dh = dh'\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dx = qqq\n dh = dx\n dx2 = "
         "dx\n",
         "6:7: there is no name qqq"},
        {"cell c\n input x[n]\n state h[n]\n k = 2\n j = k * 3\n h' = j * h + x\nbackward\n l = k "
         "+ j\n dx = dh' * (l - 7)\n dh = j * dh'\n",
         ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dx = (dh' # what comes\n\t + "
         "0) * 2\n dh = dh'\n",
         ""},
        {"cell c\r input x[n]\r state h[n]\r h' = h + x\rbackward\r dx = (dh' # what\r + 0) * 2\r "
         "dh = dh'\r",
         ""},
        {"cell c\n input x[n]\n state h[n], hh[n]\n h_new = h + x\n hh' = hh\n",
         "3:8: state h gets no next value; write h' = ... in place of h_new = ..., in line 4"},
        {"cell c\n input x[n]\n state h[n]\n q_new = h + x\n",
         "3:8: state h gets no next value; add an equation h' = ..."},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x "
         "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\n",
         "4:13: a name has at most 48 letters"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\n "
         "99999999999999999999999999999999999999999999999999999999999999999999999999999999\n",
         "5:2: expected a statement, not "
         "'999999999999999999999999999999999999999999999999999999999999'"},
        {"cell c\n "
         "99999999999999999999999999999999999999999999999999999999999999999999999999999999\n",
         "1:6: the cell c has no input"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x # end", ""},
        {"#\n#   about  \n# it\n\ncell c\n input x[n]\n state h[n]\n h' = h + x\n", ""},
        {"# about it\ncell c\n input x[n]\n state h[n]\n h' = h + x\n", ""},
        {"\357\273\277cell c\n input x[n]\n state h[n]\n h' = h + x\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\n h' = h\n",
         "5:2: h' is assigned twice, first in line 4; give one of them another name"},
        {"cell c\n input x[n]\n state h[n]\n h = h + x\n",
         "4:2: h is a state and cannot be assigned; its next value is h': write h' = ..."},
        {"cell c\n input x[n]\n state h[n]\n x = h\n h' = x\n", "4:2: x is an input and cannot be assigned"},
        {"cell c\n input x[k]\n state h[n]\n h' = x\n", "4:7: the next value of state h is (k, m), and must be (n, m)"},
        {"cell c\n input x[k]\n state h[n]\n h' = 3 + sum(x)\n",
         "4:7: the next value of state h is (1, 1), and must be (n, m)"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\n output y = 3\n",
         "5:13: the output y is a number, and must have a column for each of the m examples"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\n output y = h.T\n",
         "5:13: the output y is (m, n), and must have a column for each of the m examples"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\n output = 3\n",
         "5:9: expected the name of the output, not '='; a name stands before the =: output y = "
         "..."},
        {"cell c\n input x[n]\n state h[n]\n param V[2,n]\n h' = h + x\n output y = V @ h'\n "
         "output y = h\n",
         "7:9: y is assigned twice, first in line 6; give one of them another name"},
    };
    expect_cells(rows, COUNT(rows));
}

/* ---- more of both -------------------------------------------------------------------------- */

Test(lang_corners, more_equations)
{
    static const row rows[] = {
        {"q = h’ # and h’", "5:8: ’ (U+2019) is a typographic apostrophe; write the prime of the keyboard, as in h'"},
        {"q = h’ − h", "5:8: ’ (U+2019) is a typographic apostrophe; write the prime of the keyboard, as in h'"},
        {"q = h’ − h’ × h", "5:8: ’ (U+2019) is a typographic apostrophe; write the prime of the "
                            "keyboard, as in h' (’ is there 2 times)"},
        {"q = h’‘", "5:8: ’ (U+2019) is a typographic apostrophe; write the prime of the keyboard, as in h'"},
        {"q = αβγδεζηθικλμνξ", "5:7: αβγδεζηθικλμνξ: a name has the letters from a to z, digits and _"},
        {"q = h + \\\t\n  h", "5:11: a line goes on while a bracket is open; no \\ is needed; put "
                              "the expression in parentheses, without the \\"},
        {"q = 2hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
         "5:7: this is no number; numbers are written 12, 0.5 or 1e-3"},
        {"q = m' * h", "5:7: there is no name m'; m is the number of examples, and only a state "
                       "has a next value"},
        {"q = (h +\n    q)", "6:5: q is used in its own equation"},
        {"q = concat(h, x, h, x)", ""},
        {"q = torch.cat([h, x]; 1)", "5:7: there is no function cat; write concat([h, x], 1)"},
        {"q = np.matmul(W, h, out=None, casting=x)", "5:7: there is no function matmul; write W @ h"},
        {"q = np.dot(W, h\t+\th)", "5:7: there is no function dot; write W @ (h + h)"},
        {"q = np.dot(W, h\r+ h)", "5:7: there is no function dot; write W @ (h + h)"},
        {"q = elu(h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h * h)",
         "5:7: there is no function elu; write where(u > 0, u, exp(minimum(u, 0)) - 1)"},
        {"; q = h", "5:3: one statement per line, without ;"},
        {"q = _{t}", "5:7: _{t}: a name has no subscript"},
        {"q = np.(", "5:7: only .T, the transpose, can follow a point"},
        {"q = W..T", "5:7: only .T, the transpose, can follow a point"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_corners, more_cells)
{
    static const row rows[] = {
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward:", "5:9: no line ends with a colon"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward: dx = dh'\n",
         "5:9: expected an operator or the end of the line, not ':'; no line ends with a colon"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackprop:\n dx = dh'\n dh = dh'\n",
         "5:1: the backward pass begins with the word backward; write backward"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\ngradients\n dx = dh'\n dh = dh'\n",
         "5:1: the backward pass begins with the word backward; write backward"},
        {"cell c\n input x[n]\n state h[n]\n gradient = h + x\n h' = gradient\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dx = dh'\n input z[n]\n",
         "7:2: declarations come before the equations; move it above line 4"},
        {"cell c\n input x[n]\n state h[n]\nbackward\n input z[n]\n",
         "3:8: state h gets no next value; add an equation h' = ..."},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n output y = h\n",
         "6:2: outputs belong before the backward block"},
        {"cell 3aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n input "
         "x[n]\n",
         "1:6: the name of a cell has letters, digits and _, and begins with no digit, not "
         "'3aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"},
        {"# a\014b\ncell c\n input x[n]\n state h[n]\n h' = h + x\n", ""},
        {";\ncell c\n input x[n]\n state h[n]\n h' = h + x\n",
         "1:1: one statement per line, without ;; a cell is 'cell NAME', its input, state and "
         "param lines and its equations; 'gradtape new NAME' writes one"},
        {"cell c\n input x[n]\n state h[n]\n h' = h_{",
         "4:9: there are no braces in a cell; expressions have parentheses ( ), sizes have "
         "brackets [ ]"},
        {"cell c\n input x[n]\n state h[n]\n param n0[n]\n h' = h + x + n0\n", ""},
        {"cell c\n input x[n]\n state h[n]\n param q0[n]\n q = h\n h' = q + x + q0\n", ""},
        {"cell c\n input x[n], x0[n]\n state h[n]\n h' = h + x + x0\n", ""},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n], W0[n, n]\n h' = W @ h + W0 @ x\n", ""},
        {"cell c\n input x[n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n, m]\n "
         "state h[n]\n h' = h\n",
         "2:71: an input or a state has one size; its columns are the examples"},
        {"cell c\n input x[m, n]\n state h[n]\n h' = h + x\n",
         "2:11: an input or a state has one size; its columns are the examples; write x[n], with "
         "the number of features alone"},
        {"cell c\n input x[n]\n y[n]\n state h[n]\n h' = h + x\n",
         "3:3: a part of an array cannot be assigned; concat joins parts"},
        {"cell c\n input x[n] y[n]\n state h[n]\n h' = h + x + y\n",
         "2:13: names of one line have a comma between them; write a comma before y"},
        {"cell c\n input x[n]; y[n]\n state h[n]\n h' = h + x + y\n",
         "2:12: names of one line have a comma between them"},
        {"cell c\n input x0[a0], x1[a1], x2[a2], x3[a3], x4[a4], x5[a5], x6[a6], x7[a7], x8[a8], "
         "x9[a9], x10[a10], x11[a11], x12[a12], x13[a13], x14[a14], x15[a15], x16[a16], x17[a17], "
         "x18[a18], x19[a19]\n state h[n]\n q = concat(x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, "
         "x10, x11, x12, x13, x14, x15, x16, x17, x18, x19)\n h' = h + sum(q)\n",
         "4:6: the size of this array is too complicated"},
        {"cell c\n input x0[a0], x1[a1], x2[a2], x3[a3], x4[a4], x5[a5], x6[a6], x7[a7], x8[a8], "
         "x9[a9], x10[a10], x11[a11], x12[a12], x13[a13], x14[a14], x15[a15], x16[a16], x17[a17], "
         "x18[a18], x19[a19]\n state h[n]\n q = "
         "h[a0+a1+a2+a3+a4+a5+a6+a7:a8+a9+a10+a11+a12+a13+a14+a15]\n h' = h\n",
         "4:6: the bounds of this slice are too complicated"},
        {"cell c\n input x0[a0], x1[a1], x2[a2], x3[a3], x4[a4], x5[a5], x6[a6], x7[a7], x8[a8], "
         "x9[a9], x10[a10], x11[a11], x12[a12], x13[a13], x14[a14], x15[a15], x16[a16], x17[a17], "
         "x18[a18], x19[a19]\n state h[n]\n q = h[-1-a0-a1-a2-a3-a4-a5-a6:]\n h' = h\n",
         "4:8: this bound of a slice is too complicated"},
        {"cell c\n input x0[a0], x1[a1], x2[a2], x3[a3], x4[a4], x5[a5], x6[a6], x7[a7], x8[a8], "
         "x9[a9], x10[a10], x11[a11], x12[a12], x13[a13], x14[a14], x15[a15], x16[a16], x17[a17], "
         "x18[a18], x19[a19]\n state h[a0 + a1 + a2 + a3 + a4]\n q = "
         "h[:a8+a9+a10+a11+a12+a13+a14+a15]\n h' = h\n",
         "4:6: the bounds of this slice are too complicated"},
        {"cell c\n input x[-((0-4294967296)*2147483648)]\n state h[n]\n h' = h\n",
         "2:12: the size is too large or too complicated"},
        {"cell c\n input x[(a+b+c+d+e)*(f+g+i+j+k)]\n state h[n]\n h' = h\n",
         "2:10: the size is too large or too complicated"},
        {"cell c\n input x[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa + "
         "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb + "
         "cccccccccccccccccccccccccccccccccccccccccccccccc + "
         "dddddddddddddddddddddddddddddddddddddddddddddddd + "
         "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee + "
         "ffffffffffffffffffffffffffffffffffffffffffffffff]\n state h[n]\n q = x[1:1]\n h' = h\n",
         "4:6: the slice of the rows is empty: there are "
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa+"
         "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb+"
         "cccccccccccccccccccccccccccccccccccccccccccccccc+dddddddddddd of them"},
        {"cell c\n input x[a*b*d*e]\n state h[n]\n h' = h + x\n", "2:10: the size is too large or too complicated"},
        {"cell c\n input x[a*b*d]\n state h[n]\n h' = h + x\n", "4:7: add: h is (n, m) but x is (a*b*d, m)"},
        {"cell c\n input x[(0-4294967296)*2147483648*a + (0-4294967296)*b + 5]\n state h[n]\n h' = "
         "h\n",
         ""},
        {"cell c\r input x[n]\r state h[n]\r q = h’ # h’\r h' = h + x’\r",
         "4:7: ’ (U+2019) is a typographic apostrophe; write the prime of the keyboard, as in h' "
         "(’ is there 2 times)"},
        {"cell c\n input x[n]\n state h[n]\n k = 2\n h' = k * h + x\nbackward\n k2 = k * 2\n q = n "
         "+ m\n dx = dh' * (k2 - 3) * q / q\n dh = k * dh'\n",
         ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n one = 1\n two = one + one\n dx "
         "= dh' * two - dh'\n dh = dh' * one\n",
         ""},
        {"cell c\n input x[n]\n state h[n]\n a = h\n b = a + x\n h' = b\nbackward\n e = dh'\n dx = "
         "e\n dh = e\n",
         ""},
        {"cell c\n input x[n]\n state h[n]\n q = zz\n h' = h + x\nbackward\n dq = dh'\n dx = dh'\n "
         "dh = dh'\n",
         "4:6: there is no name zz"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\n output y = h\nbackward\n dy2 = dy\n dx = "
         "dh'\n dh = dh' + dy\n",
         ""},
    };
    expect_cells(rows, COUNT(rows));
}

/* ---- limits -------------------------------------------------------------------------------- */

/* `head`, then `part` with the numbers 0, 1, ... in place of its %d, then `tail`. */
static void expect_repeated(const char *head, const char *part, int count, const char *tail, const char *expected)
{
    static char text[1 << 16];
    size_t size = 0;
    size += (size_t)snprintf(text, sizeof text, "%s", head);
    for (int i = 0; i < count; i++)
        for (const char *c = part; *c != '\0'; c++)
            if (c[0] == '%' && c[1] == 'd')
                size += (size_t)snprintf(text + size, sizeof text - size, "%d", i), c++;
            else
                text[size++] = *c;
    size += (size_t)snprintf(text + size, sizeof text - size, "%s", tail);
    cr_assert_lt(size, sizeof text);
    expect(text, size, expected);
}

#define BEGIN "cell c\n input x[n]\n state h[n]\n"
#define END " h' = h + x\n"

Test(lang_corners, what_there_can_be_at_most)
{
    expect_repeated("cell c\n state h[n]\n input x[n]", ", x%d[n]", 63, "\n h' = h + x + x0\n", "");
    expect_repeated("cell c\n state h[n]\n input x[n]", ", x%d[n]", 64, "\n h' = h + x + x0\n",
                    "3:508: a cell has at most 64 inputs, states or parameters");
    expect_repeated(BEGIN, " output y%d = h\n", 64, END, "");
    expect_repeated(BEGIN, " output y%d = h\n", 65, END, "68:9: a cell has at most 64 outputs");
    expect_repeated("cell c\n input x[n]\n state h[n]\n param W[n, n]", ", b%d[a%d]", 62, "\n" END, "");
    expect_repeated("cell c\n input x[n]\n state h[n]\n param W[n, n]", ", b%d[a%d + c%d]", 32, "\n" END,
                    "4:493: a cell has at most 64 dimensions");
    expect_repeated(BEGIN " h' = ", "(", 300, "h\n", "4:263: the expression nests more than 256 levels deep");
    expect_repeated(BEGIN " h' = ", "-", 300, "h\n", "4:263: the expression nests more than 256 levels deep");
    expect_repeated(BEGIN " h' = x", " + h", 5000, "\n", "");
}

/* What stands behind the last error that is told is not read in vain. */
Test(lang_corners, errors_are_told_up_to_a_number)
{
    static char text[1 << 16];
    size_t size = (size_t)snprintf(text, sizeof text, "%s", BEGIN), count = 0, errors = 0;
    for (int i = 0; i < 200; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, " q%d = z\n", i);
    gt_parsed_cell *parsed = gt_cell_parse(text, size, NULL);
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(parsed, &count);
    for (size_t i = 0; i < count; i++)
        errors += list[i].severity == GT_SEVERITY_ERROR;
    cr_expect_eq(errors, 64, "%zu", errors);
    gt_parsed_cell_free(parsed);
}
