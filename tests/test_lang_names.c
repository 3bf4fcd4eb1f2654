/* Names and equations: what a name stands for, what may be assigned, and words of other languages. */
#include "lang_rows.h"

Test(lang_names, time_and_words)
{
    static const row rows[] = {
        {"q = hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh_t", "5:7: a name has at most 48 letters"},
        {"q = x_t", "5:7: there is no name x_t; x is the input of the step"},
        {"q = h_t", "5:7: there is no name h_t; h is the state before the step, and h' the one after it"},
        {"q = W_t", "5:7: there is no name W_t; a name stands for its value at the step: write W"},
        {"q = x[t]", "5:9: a cell is one time step: there is no index of time; x is the input of the step"},
        {"q = h[t-1]", "5:9: a cell is one time step: there is no index of time; h is the state before the step, and "
                       "h' the one after it"},
        {"q = W[t-1]", "5:9: a cell is one time step: there is no index of time; a name stands for its value at the "
                       "step: write W; what is needed at the next step is a state"},
        {"let = h", ""},
        {"let q = h", "5:3: an equation begins with the name of its value; write q = ..., without let"},
        {"let (q) = h", "5:7: expected = behind the name, not '('; a product needs its operator: let * (...) element "
                        "by element, or @ for matrices"},
        {"float q = h", "5:3: an equation begins with the name of its value; write q = ..., without float"},
        {"end", "5:3: a cell has no end; it ends where the next begins, or with the file"},
        {"print(h)", "5:3: nothing is printed by a cell; output y = u shows a value"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_names, equations)
{
    static const row rows[] = {
        {"q' = h\n  r = q",
         "5:3: q is no state, so it has no next value; declare it, state q[n], or leave the prime out"},
        {"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq = h", "5:3: a name has at most 48 letters"},
        {"q = zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "5:7: a name has at most 48 letters"},
        {"q, r = h, x",
         "5:4: an equation gives one name its value; write q = ..., and the next name in a line of its own"},
        {"(q, r) = h",
         "5:3: expected a statement, not '('; an equation begins with the name of its one value: name = ..."},
        {"q = (h + x", "5:7: this bracket is never closed"},
        {"q = h)", "5:8: expected an operator or the end of the line, not ')'; this bracket closes none"},
        {"q = h]", "5:8: expected an operator or the end of the line, not ']'; this bracket closes none"},
        {"q = h = x",
         "5:9: expected an operator or the end of the line, not '='; an equation has one =; to compare, write =="},
        {"q = 0 < h < 1",
         "5:13: comparisons do not chain; a < b and b < c are two comparisons; their product is 1 where both hold"},
        {"q = h:", "5:8: expected an operator or the end of the line, not ':'; no line ends with a colon"},
        {"q = h, x", "5:8: expected an operator or the end of the line, not ','; an equation has one value; arrays are "
                     "joined by concat(u, v)"},
        {"q = h''", "5:9: a name has one prime; h is the state before the step, and h' the one after it"},
        {"q' = h", "5:3: q is no state, so it has no next value; declare it, state q[n], or leave the prime out"},
        {"x' = h", "5:3: x is no state, so it has no next value; x is an input; another value needs another name"},
        {"q = W' @ h", "5:7: there is no name W'; the transpose is written W.T; only a state has a next value"},
        {"r = h\n  q = r'", "6:7: there is no name r'; the transpose is written r.T; only a state has a next value"},
        {"q = n_a' * h", "5:7: there is no name n_a'; n_a is a dimension, and only a state has a next value"},
        {"q = x' + h", "5:7: there is no name x'; x is an input, and only a state has a next value"},
        {"q = dh", "5:7: there is no name dh; did you mean h?"},
        {"q = h0", "5:7: there is no name h0; h is the state before the step, and h' the one after it"},
        {"q = h_prev", "5:7: there is no name h_prev; h is the state before the step, and h' the one after it"},
        {"q = h_next + h", "5:7: there is no name h_next; h is the state before the step, and h' the one after it"},
        {"q = x_next", "5:7: there is no name x_next; x is the input of the step"},
        {"r = h\n  q = r_t", "6:7: there is no name r_t; a name stands for its value at the step: write r"},
        {"q = Wt @ h", "5:7: there is no name Wt; did you mean W?"},
        {"q = h_out", "5:7: there is no name h_out; h is the state before the step, and h' the one after it"},
        {"q--", "5:4: a name is assigned once; there is no --; give the result another name: q_2 = q - 1"},
        {"q[0:2] = h", "5:4: a part of an array cannot be assigned; concat joins parts"},
        {"q = pi * h", ""},
        {"pi = 3\n  q = pi * h", ""},
        {"q = inf * h", "5:7: there is no name inf; numbers are finite: write a large one, such as 1e30"},
        {"q = tanh + h", "5:7: tanh is a function and needs an argument; write tanh(u)"},
        {"q = r + h\n  r = h", "5:7: r is used before it is assigned, in line 6"},
        {"q = q + h", "5:7: q is used in its own equation"},
        {"q = h' + h", "5:7: h' is used before it is assigned, in line 6; the old state is h"},
        {"q = -h.T.T", ""},
        {"q = cell + h", "5:7: cell is a word of the language, not a value"},
        {"q = output", "5:7: output is a word of the language, not a value"},
        {"q = zebra'", "5:7: there is no name zebra'; only states have a next value"},
        {"q = m' * h", "5:7: there is no name m'; m is the number of examples, and only a state has a next value"},
        {"q = (h +\n    q)", "6:5: q is used in its own equation"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_names, what_is_assigned)
{
    static const row rows[] = {
        {"cell c\n input x[n]\n state h[n], hh[n]\n h_new = h + x\n hh' = hh\n",
         "3:8: state h gets no next value; write h' = ... in place of h_new = ..., in line 4"},
        {"cell c\n input x[n]\n state h[n]\n q_new = h + x\n",
         "3:8: state h gets no next value; add an equation h' = ..."},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x "
         "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\n",
         "4:13: a name has at most 48 letters"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\n "
         "99999999999999999999999999999999999999999999999999999999999999999999999999999999\n",
         "5:2: expected a statement, not '999999999999999999999999999999999999999999999999999999999999'"},
        {"cell c\n 99999999999999999999999999999999999999999999999999999999999999999999999999999999\n",
         "1:6: the cell c has no input"},
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
         "5:9: expected the name of the output, not '='; a name stands before the =: output y = ..."},
        {"cell c\n input x[n]\n state h[n]\n param V[2,n]\n h' = h + x\n output y = V @ h'\n output y = h\n",
         "7:9: y is assigned twice, first in line 6; give one of them another name"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n ddh' = dh'\n dx = dh'\n dh = dh'\n",
         "6:2: ddh': only states have a next value"},
        {"cell c\n input x[n]\n state h[n]\n h' = h + x\nbackward\n dx = qqq\n dh = dx\n dx2 = dx\n",
         "6:7: there is no name qqq"},
        {"cell c\n input x[n]\n state h[n]\n q = zz\n h' = h + x\nbackward\n dq = dh'\n dx = dh'\n dh = dh'\n",
         "4:6: there is no name zz"},
    };
    expect_cells(rows, COUNT(rows));
}
