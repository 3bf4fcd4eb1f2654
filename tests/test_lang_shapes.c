/* Products, slices and constants: what goes together, and what is said where it does not. */
#include "lang_rows.h"

Test(lang_shapes, products)
{
    static const row rows[] = {
        {"q = h @ b", "5:7: matmul: h is (n_a, m) = (5, m) but b is (n_a, 1) = (5, 1); element by element it is h * b"},
        {"q = b @ x", "5:7: matmul: b is (n_a, 1) = (5, 1) but x is (n_x, m) = (3, m)"},
        {"q = maximum(W, h)", "5:7: maximum: W is (n_a, n_a) = (5, 5) but h is (n_a, m) = (5, m)"},
        {"q = 2 @ h", "5:7: matmul: an operand is a number, not a matrix; a product with a number is written *: 2 * h"},
        {"q = h @ 2", "5:7: matmul: an operand is a number, not a matrix; a product with a number is written *: h * 2"},
        {"q = h @ h", "5:7: matmul: h is (n_a, m) = (5, m) but h is (n_a, m) = (5, m); element by element it is h * h"},
        {"q = b @ h", "5:7: matmul: b is (n_a, 1) = (5, 1) but h is (n_a, m) = (5, m); element by element it is b * h"},
        {"q = x @ W", "5:7: matmul: x is (n_x, m) = (3, m) but W is (n_a, n_a) = (5, 5)"},
        {"q = h @ W",
         "5:7: matmul: h is (n_a, m) = (5, m) but W is (n_a, n_a) = (5, 5); the matrix stands on the left: W @ h"},
        {"q = W @ U.T", "5:7: matmul: W is (n_a, n_a) = (5, 5) but U.T is (n_x, n_a) = (3, 5); W @ U would fit"},
        {"q = U @ W", "5:7: matmul: U is (n_a, n_x) = (5, 3) but W is (n_a, n_a) = (5, 5); U.T @ W would fit"},
        {"q = W.T @ U.T", "5:7: matmul: W.T is (n_a, n_a) = (5, 5) but U.T is (n_x, n_a) = (3, 5); W.T @ U would fit"},
        {"q = W @ b.T", "5:7: matmul: W is (n_a, n_a) = (5, 5) but b.T is (1, n_a) = (1, 5); W @ b would fit"},
        {"q = U @ b.T", "5:7: matmul: U is (n_a, n_x) = (5, 3) but b.T is (1, n_a) = (1, 5)"},
        {"q = W * h", "5:7: multiply: W is (n_a, n_a) = (5, 5) but h is (n_a, m) = (5, m); the product of matrices is "
                      "written @: W @ h"},
        {"q = h * W", "5:7: multiply: h is (n_a, m) = (5, m) but W is (n_a, n_a) = (5, 5); the product of matrices is "
                      "written @, with the matrix on the left: W @ h"},
        {"q = x * U", "5:7: multiply: x is (n_x, m) = (3, m) but U is (n_a, n_x) = (5, 3); the product of matrices is "
                      "written @, with the matrix on the left: U @ x"},
        {"q = U * W", "5:7: multiply: U is (n_a, n_x) = (5, 3) but W is (n_a, n_a) = (5, 5); the product of matrices "
                      "is written @, with the matrix on the left: W @ U"},
        {"q = U * h", "5:7: multiply: U is (n_a, n_x) = (5, 3) but h is (n_a, m) = (5, m); a product of matrices that "
                      "fits is U.T @ h"},
        {"q = U.T * x.T", "5:7: multiply: U.T is (n_x, n_a) = (3, 5) but x.T is (m, n_x) = (m, 3); the product of "
                          "matrices is written @, with the matrix on the left: x.T @ U.T"},
        {"q = W + h", "5:7: add: W is (n_a, n_a) = (5, 5) but h is (n_a, m) = (5, m)"},
        {"q = (W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W) * h",
         "5:7: multiply: the left operand is (n_a, n_a) = (5, 5) but h is (n_a, m) = (5, m); the product of matrices "
         "is written @: u @ v"},
        {"q = W * (h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h + h)",
         "5:7: multiply: W is (n_a, n_a) = (5, 5) but the right operand is (n_a, m) = (5, m); the product of matrices "
         "is written @: u @ v"},
        {"q = (W + W + W + W + W + W) * (h + h + h + h + h + h + h + h + h)",
         "5:7: multiply: W + W + W + W + W + W is (n_a, n_a) = (5, 5) but h + h + h + h + h + h + h + h + h is (n_a, "
         "m) = (5, m); the product of matrices is written @: u @ v"},
        {"q = (W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W + W) @ x",
         "5:7: matmul: the left operand is (n_a, n_a) = (5, 5) but x is (n_x, m) = (3, m)"},
        {"q = x.T @ W", "5:7: matmul: x.T is (m, n_x) = (m, 3) but W is (n_a, n_a) = (5, 5)"},
        {"q = x @ U.T", "5:7: matmul: x is (n_x, m) = (3, m) but U.T is (n_x, n_a) = (3, 5); the examples are columns, "
                        "and the matrix stands on the left: U @ x"},
        {"q = x @ b", "5:7: matmul: x is (n_x, m) = (3, m) but b is (n_a, 1) = (5, 1)"},
        {"q = h @ U", "5:7: matmul: h is (n_a, m) = (5, m) but U is (n_a, n_x) = (5, 3); the examples are columns, and "
                      "the matrix stands on the left: U.T @ h"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_shapes, names_and_slices)
{
    static const row rows[] = {
        {"q = h[0:m]", ""},
        {"q = W[:, 0:m]", ""},
        {"k = 2\n  q = h[0:k]", "6:11: a bound of a slice is made of whole numbers and dimensions with + - *; k is a "
                                "constant; write its number"},
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
        {"q = h[0:2*(n_a/2)]", "5:11: a bound of a slice is made of whole numbers and dimensions with + - *; give the "
                               "part a dimension of its own: of a state h[2 * k], half is h[:k]"},
        {"q = W[:, -(n_a/2):]", "5:12: a bound of a slice is made of whole numbers and dimensions with + - *; give the "
                                "part a dimension of its own: of a state h[2 * k], half is h[:k]"},
        {"q = h[0:n_a/2]", "5:11: a bound of a slice is made of whole numbers and dimensions with + - *; give the part "
                           "a dimension of its own: of a state h[2 * k], half is h[:k]"},
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
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_shapes, indices)
{
    static const row rows[] = {
        {"q = h[:, newaxis]",
         "5:12: a slice needs its colon: an axis is never dropped; nor added: everything is a matrix"},
        {"q = h[None, :]", "5:9: a slice needs its colon: an axis is never dropped; nor added: everything is a matrix"},
        {"q = h[:, np.newaxis]", "5:12: names stand alone, without np.; everything is a matrix; no axis is added"},
        {"q = h[1.5]", "5:9: a slice needs its colon: an axis is never dropped; row i alone is W[i:i+1, :]"},
        {"q = h[2000000000]", "5:9: a slice needs its colon: an axis is never dropped; row i alone is W[i:i+1, :]"},
        {"q = h[-1]", "5:9: a slice needs its colon: an axis is never dropped; the last row alone is h[-1:]"},
        {"q = h[-2]", "5:9: a slice needs its colon: an axis is never dropped; row -2 alone is h[-2:-1]"},
        {"q = h[-n_a]", "5:9: a slice needs its colon: an axis is never dropped; row -n_a alone is h[-n_a:-n_a + 1]"},
        {"q = h[n_a + n_a + n_a + n_a + n_a]",
         "5:9: a slice needs its colon: an axis is never dropped; row i alone is W[i:i+1, :]"},
        {"q = h[n_a]", "5:9: a slice needs its colon: an axis is never dropped; row n_a alone is h[n_a:n_a + 1]"},
        {"q = h[0]", "5:9: a slice needs its colon: an axis is never dropped; row 0 alone is h[0:1]"},
        {"q = h[:, 0]", "5:12: a slice needs its colon: an axis is never dropped; column 0 alone is h[:, 0:1]"},
        {"q = h[0:1, 0:1, 0:1]",
         "5:19: a slice has at most two axes; everything is a matrix: rows are features, columns are examples"},
        {"q = h[0:2:1]", "5:12: a slice has no step; parts are contiguous: W[i:j]; what is taken by steps is a product "
                         "with a mask, or an input"},
        {"q = h[::2]", "5:10: a slice has no step; parts are contiguous: W[i:j]; what is taken by steps is a product "
                       "with a mask, or an input"},
        {"q = h[...]", "5:9: there is no ... in a cell; everything is a matrix: parts are W[i:j, k:l]"},
        {"q = h[]", "5:9: expected : in the slice, not ']'"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_shapes, constants)
{
    static const row rows[] = {
        {"q = h / m", ""},
        {"q = h * n_a ** 0.5", ""},
        {"q = h ** h",
         "5:12: the exponent of ** is not a constant; for positive u, u to the power of v is exp(v * log(u))"},
        {"k = 2\n  q = h ** k", ""},
        {"q = h ** -0.5", ""},
        {"q = h ** (1/0)", ""},
        {"k = 2 @ 3\n  q = h * k",
         "5:7: matmul: an operand is a number, not a matrix; a product with a number is written *: 2 * 3"},
        {"k = n_a @ 3\n  q = k * h",
         "5:7: matmul: an operand is a number, not a matrix; a product with a number is written *: n_a * 3"},
        {"q = sum(3) * h", ""},
        {"q = 3.T * h", ""},
        {"q = softmax(3) * h", ""},
        {"q = where(1, 2, 3) * h", ""},
        {"q = 1 + 2 * 3 - 4 / 5 * h", ""},
        {"q = maximum(1, 2) * h", ""},
    };
    expect_equations(rows, COUNT(rows));
}
