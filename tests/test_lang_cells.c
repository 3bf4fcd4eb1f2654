/* Whole cells: headings, declarations, sizes, initial values and backward blocks. */
#include "lang_rows.h"

Test(lang_cells, headings_and_comments)
{
    static const row rows[] = {
        {"", "1:1: there is no cell in this text"},
        {"\n\n\014\n", "4:1: there is no cell in this text"},
        {"# a\n", "2:1: there is no cell in this text"},
        {"h = 3\ncell c\n", "1:1: expected cell and a name, with which a cell begins, not 'h'; a cell is 'cell NAME', "
                            "its input, state and param lines and its equations; 'gradtape new NAME' writes one"},
        {"cell\n", "1:5: expected the name of the cell, not the end of the line"},
        {"cell 3\n input x[n]\n",
         "1:6: the name of a cell has letters, digits and _, and begins with no digit, not '3'"},
        {"cell c:\n input x[n]\n state h[n]\n h' = h + x\n",
         "1:7: nothing stands behind the name of a cell, which has letters, digits and _; write cell c"},
        {"cell c {\n input x[n]\n state h[n]\n h' = h + x\n}\n",
         "1:8: there are no braces in a cell; expressions have parentheses ( ), sizes have brackets [ ]"},
        {"cell c(x, h)\n input x[n]\n state h[n]\n h' = h + x\n",
         "1:7: nothing stands behind the name of a cell, which has letters, digits and _; write cell c"},
        {"cell c\nbackward\n", "1:6: the cell c has no input"},
        {"cell c\n state h[n]\n h' = h\n", "1:6: the cell c has no input"},
        {"cell c\n input x[n]\n q = x\n", "1:6: the cell c has no state"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x # end", ""},
        {"#\n#   about  \n# it\n\ncell c\n input x[n]\n state h[n]\n h' = h + x\n", ""},
        {"# about it\ncell c\n input x[n]\n state h[n]\n h' = h + x\n", ""},
        {"\357\273\277cell c\n input x[n]\n state h[n]\n h' = h + x\n", ""},
        {"cell 3aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n input x[n]\n",
         "1:6: the name of a cell has letters, digits and _, and begins with no digit, not "
         "'3aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"},
        {"# a\014b\ncell c\n input x[n]\n state h[n]\n h' = h + x\n", ""},
        {";\ncell c\n input x[n]\n state h[n]\n h' = h + x\n",
         "1:1: one statement per line, without ;; a cell is 'cell NAME', its input, state and param lines and its "
         "equations; 'gradtape new NAME' writes one"},
        {"cell c\n input x[n]\n state h[n]\n h' = h_{",
         "4:9: there are no braces in a cell; expressions have parentheses ( ), sizes have brackets [ ]"},
    };
    expect_cells(rows, COUNT(rows));
}

Test(lang_cells, sizes)
{
    static const row rows[] = {
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
         "x[a0+a1+a2+a3+a4+a5+a6+a7+a8+a9+a10+a11+a12+a13+a14+a15+a16+a17+a18+a19+a20+a21+a22+a23+a24+a25+a26+a27+a28+"
         "a29+a30+a31+a32+a33+a34+a35+a36+a37+a38+a39]\n state h[n]\n h' = h\n",
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
        {"cell c\n input x[n, n]\n state h[n]\n h' = h\n",
         "2:11: an input has one size; its columns are the examples; write x[n], with the number of "
         "features alone"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n, n, n]\n h' = h + x\n",
         "4:17: a parameter has at most 3 sizes"},
        {"cell c\n input x[]\n state h[n]\n h' = h\n", "2:8: x needs a size; write x[n]"},
        {"cell c\n input x\n state h[n]\n h' = h\n", "2:8: x needs a size; write x[n]"},
        {"cell c\n input x[n]\n state h[n]\n param b[n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n "
         "+ n + n + n + n, n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n, n, n]\n "
         "h' = h + x\n",
         "4:177: a parameter has at most 3 sizes"},
        {"cell c\n input n[n]\n state h[n]\n h' = h\n", "2:10: n is an input, and no size"},
        {"cell c\n input x[n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n, m]\n state h[n]\n h' = h\n",
         "2:71: an input has one size; its columns are the examples"},
        {"cell c\n input x[m, n]\n state h[n]\n h' = h + x\n",
         "2:11: an input has one size; its columns are the examples; write x[n], with the number of "
         "features alone"},
        {"cell c\n input x0[a0], x1[a1], x2[a2], x3[a3], x4[a4], x5[a5], x6[a6], x7[a7], x8[a8], x9[a9], x10[a10], "
         "x11[a11], x12[a12], x13[a13], x14[a14], x15[a15], x16[a16], x17[a17], x18[a18], x19[a19]\n state h[n]\n q = "
         "concat(x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17, x18, x19)\n h' = h + "
         "sum(q)\n",
         "4:6: the size of this array is too complicated"},
        {"cell c\n input x0[a0], x1[a1], x2[a2], x3[a3], x4[a4], x5[a5], x6[a6], x7[a7], x8[a8], x9[a9], x10[a10], "
         "x11[a11], x12[a12], x13[a13], x14[a14], x15[a15], x16[a16], x17[a17], x18[a18], x19[a19]\n state h[n]\n q = "
         "h[a0+a1+a2+a3+a4+a5+a6+a7:a8+a9+a10+a11+a12+a13+a14+a15]\n h' = h\n",
         "4:6: the bounds of this slice are too complicated"},
        {"cell c\n input x0[a0], x1[a1], x2[a2], x3[a3], x4[a4], x5[a5], x6[a6], x7[a7], x8[a8], x9[a9], x10[a10], "
         "x11[a11], x12[a12], x13[a13], x14[a14], x15[a15], x16[a16], x17[a17], x18[a18], x19[a19]\n state h[n]\n q = "
         "h[-1-a0-a1-a2-a3-a4-a5-a6:]\n h' = h\n",
         "4:8: this bound of a slice is too complicated"},
        {"cell c\n input x0[a0], x1[a1], x2[a2], x3[a3], x4[a4], x5[a5], x6[a6], x7[a7], x8[a8], x9[a9], x10[a10], "
         "x11[a11], x12[a12], x13[a13], x14[a14], x15[a15], x16[a16], x17[a17], x18[a18], x19[a19]\n state h[a0 + a1 + "
         "a2 + a3 + a4]\n q = h[:a8+a9+a10+a11+a12+a13+a14+a15]\n h' = h\n",
         "4:6: the bounds of this slice are too complicated"},
        {"cell c\n input x[-((0-4294967296)*2147483648)]\n state h[n]\n h' = h\n",
         "2:12: the size is too large or too complicated"},
        {"cell c\n input x[(a+b+c+d+e)*(f+g+i+j+k)]\n state h[n]\n h' = h\n",
         "2:10: the size is too large or too complicated"},
        {"cell c\n input x[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa + "
         "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb + cccccccccccccccccccccccccccccccccccccccccccccccc + "
         "dddddddddddddddddddddddddddddddddddddddddddddddd + eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee + "
         "ffffffffffffffffffffffffffffffffffffffffffffffff]\n state h[n]\n q = x[1:1]\n h' = h\n",
         "4:6: the slice of the rows is empty: there are "
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa+bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb+"
         "cccccccccccccccccccccccccccccccccccccccccccccccc+dddddddddddd of them"},
        {"cell c\n input x[a*b*d*e*f]\n state h[n]\n h' = h + x\n", "2:10: the size is too large or too complicated"},
        {"cell c\n input x[a*b*d]\n state h[n]\n h' = h + x\n", "4:7: add: h is (n, m) but x is (a*b*d, m)"},
        {"cell c\n input x[(0-4294967296)*2147483648*a + (0-4294967296)*b + 5]\n state h[n]\n h' = h\n", ""},
    };
    expect_cells(rows, COUNT(rows));
}

Test(lang_cells, initial_values)
{
    static const row rows[] = {
        {"cell c\n input x[n]\n state h[n] = foo\n h' = h + x\n",
         "3:15: there is no parameter foo for state h to begin with; declare it, of the size of the state: param "
         "h0[n]"},
        {"cell c\n input x[n]\n state h[n] ~ glorot\n h' = h + x\n",
         "3:15: a state is no parameter that begins glorot; what a sequence draws for it is normal(deviation), "
         "uniform(low, high) or bernoulli(p)"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] ~ xavier\n h' = W @ h + x\n",
         "4:18: there is no initializer xavier; write ~ glorot"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] ~ normal(-1)\n h' = W @ h + x\n",
         "4:18: a standard deviation is not negative"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] ~ uniform(2, 1)\n h' = W @ h + x\n",
         "4:18: the lower limit comes first"},
        {"cell c\n input x[n]\n state h[n] = 1e999\n h' = h + x\n", "3:15: the number is too large"},
        {"cell c\n input x[n]\n state h[n] = 1/0\n h' = h + x\n", "3:15: the number is not finite"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] ~ glorot(1)\n h' = W @ h + x\n",
         "4:25: glorot takes no numbers; write ~ glorot; a deviation of your own is ~ normal(deviation)"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] = glorot\n h' = W @ h + x\n",
         "4:18: a distribution stands behind ~, and a constant behind =; write ~ in place of ="},
        {"cell c\n input x[n]\n state h[n] =\n h' = h + x\n",
         "3:14: expected an expression, not the end of the line; a line goes on only while a bracket is open: ( ... )"},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n] ~\n h' = W @ h + x\n",
         "4:17: expected glorot, orthogonal, normal(deviation) or uniform(low, high), not the end of the line; a line "
         "goes on only while a bracket is open: ( ... )"},
        {"cell c\n input x[n] = 1\n state h[n]\n h' = h + x\n",
         "2:13: an input has no initial value; what check draws for it stands behind ~: x[...] ~ bernoulli(0.5)"},
        {"cell c\n input x[n]\n state h[n]\n param h0[n]\n h' = h + x + h0\n",
         "4:8: h0 is the name of the initial value of state h, which is declared in line 3; if h begins with it "
         "write state h[...] = h0; otherwise give one of the two another name"},
    };
    expect_cells(rows, COUNT(rows));
}

Test(lang_cells, declarations)
{
    static const row rows[] = {
        {"cell c\n input x[n]\n h' = x\n state h[n]\n",
         "4:2: declarations come before the equations; move it above line 3"},
        {"cell c\n input x[n], x[n]\n state h[n]\n h' = h + x\n", "2:14: x is declared twice, first in line 2"},
        {"cell c\n input m[n]\n state h[n]\n h' = h + m\n", ""},
        {"cell c\n input x[n]\n state h[n]\n m = h + x\n h' = m\n", ""},
        {"cell c\n input x[n]\n state h[n]\n param n0[n]\n h' = h + x + n0\n", ""},
        {"cell c\n input x[n]\n state h[n]\n param q0[n]\n q = h\n h' = q + x + q0\n", ""},
        {"cell c\n input x[n], x0[n]\n state h[n]\n h' = h + x + x0\n", ""},
        {"cell c\n input x[n]\n state h[n]\n param W[n, n], W0[n, n]\n h' = W @ h + W0 @ x\n", ""},
        {"cell c\n input x[n]\n y[n]\n state h[n]\n h' = h + x\n",
         "3:3: y is not declared by this line, nor assigned; each line of declarations begins with its word: input, "
         "state or param"},
        {"cell c\n input x[n] y[n]\n state h[n]\n h' = h + x + y\n",
         "2:13: names of one line have a comma between them; write a comma before y"},
        {"cell c\n input x[n]; y[n]\n state h[n]\n h' = h + x + y\n",
         "2:12: names of one line have a comma between them"},
    };
    expect_cells(rows, COUNT(rows));
}

Test(lang_cells, backward_blocks)
{
    static const row rows[] = {
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n e = dh'\n dx = e'\n dh = dh'\n",
         "7:7: there is no name e'; e is a name of the backward block, and only a state has a next value"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dx = dh'\nbackward\n dh = dh'\n",
         "7:1: the cell has a backward block already"},
        {"cell c\n input x[n]\n state h[n]\nbackward\n dx = dh'\n",
         "3:8: state h gets no next value; add an equation h' = ..."},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n m = dh'\n dx = m\n dh = m\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dn = dh'\n dx = dn\n dh = dn\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n d = dh'\n dx = d\n dh = d\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x / m\nbackward\n dm = dh'\n dx = dm / m\n dh = dm\n", ""},
        {"cell c\n input x[n]\n state h[n]\n k = 2\n h' = k * h + x\nbackward\n dk = 3\n dx = dh'\n dh = k * dh'\n",
         ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dx = 3\n dh = dh'\n", ""},
        {"cell c\n input x[n]\n state h[n]\n k = 2\n j = k * 3\n h' = j * h + x\nbackward\n l = k + j\n dx = dh' * (l "
         "- 7)\n dh = j * dh'\n",
         ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dx = (dh' # what comes\n\t + 0) * 2\n dh = dh'\n",
         ""},
        {"cell c\r input x[n]\r state h[n]\r h' = h + x\rbackward\r dx = (dh' # what\r + 0) * 2\r dh = dh'\r", ""},
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
        {"cell c\n input x[n]\n state h[n]\n k = 2\n h' = k * h + x\nbackward\n k2 = k * 2\n q = n + m\n dx = dh' * "
         "(k2 - 3) * q / q\n dh = k * dh'\n",
         ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n one = 1\n two = one + one\n dx = dh' * two - dh'\n "
         "dh = dh' * one\n",
         ""},
        {"cell c\n input x[n]\n state h[n]\n a = h\n b = a + x\n h' = b\nbackward\n e = dh'\n dx = e\n dh = e\n", ""},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\n output y = h\nbackward\n dy2 = dy\n dx = dh'\n dh = dh' + "
         "dy\n",
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

Test(lang_cells, what_there_can_be_at_most)
{
    expect_repeated("cell c\n state h[n]\n input x[n]", ", x%d[n]", 255, "\n h' = h + x + x0\n", "");
    expect_repeated("cell c\n state h[n]\n input x[n]", ", x%d[n]", 256, "\n h' = h + x + x0\n",
                    "3:2199: a cell has at most 256 inputs, states or parameters");
    expect_repeated(BEGIN, " output y%d = h\n", 256, END, "");
    expect_repeated(BEGIN, " output y%d = h\n", 257, END, "260:9: a cell has at most 256 outputs");
    expect_repeated("cell c\n input x[n]\n state h[n]\n param W[n, n]", ", b%d[a%d]", 254, "\n" END, "");
    expect_repeated("cell c\n input x[n]\n state h[n]\n param W[n, n]", ", b%d[a%d + c%d]", 128, "\n" END,
                    "4:2112: a cell has at most 256 dimensions");
    expect_repeated(BEGIN " h' = ", "(", 300, "h\n", "4:263: the expression nests more than 256 levels deep");
    expect_repeated(BEGIN " h' = ", "-", 300, "h\n", "4:263: the expression nests more than 256 levels deep");
    expect_repeated(BEGIN " h' = x", " + h", 5000, "\n", "");
}

/* What stands behind the last error that is told is not read in vain. */
Test(lang_cells, errors_are_told_up_to_a_number)
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
