/*
 * One slip in a step's backward pass: the arrays that the whole loop makes of it are wrong, and the
 * sentence says which slip it is. What is in no catalogue is not explained.
 */
#include "asked_arrays.h"

TestSuite(diagnose_step, .timeout = 300);

typedef struct slip {
    const char *cell, *right, *wrong; /* a piece of its block, and what stands there instead */
    const char *kind, *says;          /* NULL: nothing is claimed */
} slip;

static void expect_all(const slip *slips, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slips[i].says == NULL)
            expect_nothing(slips[i].cell, slips[i].right, slips[i].wrong);
        else
            expect(slips[i].cell, right_loop, slips[i].right, slips[i].wrong, slips[i].kind, slips[i].says);
}
#define EXPECT_ALL(slips) expect_all(slips, sizeof slips / sizeof *slips)

/* The derivative of an activation, in all the ways in which it is written wrongly. */
Test(diagnose_step, derivatives_of_activations)
{
    static const slip slips[] = {
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * (1 - i)", "missing derivative",
         "the derivative of sigmoid in the equation of i is 1 - i; it should be i * (1 - i)"},
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g", "missing derivative",
         "the derivative of sigmoid in the equation of i is missing"},
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * i * (1 - i) * i * (1 - i)", "derivative twice",
         "the derivative of sigmoid in the equation of i is applied twice"},
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * f * (1 - i)", "wrong activation",
         "the derivative of sigmoid in the equation of i is f * (1 - i); it should be i * (1 - i)"},
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * i * (1 - f)", "wrong activation",
         "the derivative of sigmoid in the equation of i is i * (1 - f); it should be i * (1 - i)"},
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * (1 - i**2)", "wrong activation",
         "the derivative of sigmoid in the equation of i is 1 - i**2; it should be i * (1 - i)"},
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * i * (1 + i)", "wrong sign",
         "the derivative of sigmoid in the equation of i is i * (1 + i); it should be i * (1 - i)"},
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * i**2", "f for 1 - f",
         "the derivative of sigmoid in the equation of i is i**2; it should be i * (1 - i)"},
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * i - i", "parentheses",
         "the derivative of sigmoid in the equation of i lacks its parentheses: dy * y * 1 - y for dy * y * (1 - y)"},
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = s * g * i * 1 - i", "parentheses",
         "the derivative of sigmoid in the equation of i lacks its parentheses: dy * y * 1 - y for dy * y * (1 - y)"},
        {"lstm", "di_z = s * g * i * (1 - i)", "di_z = i - i * s * g", "parentheses",
         "the derivative of sigmoid in the equation of i lacks its parentheses: y - y * dy for y * (1 - y) * dy"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * g", "wrong activation",
         "the derivative of tanh in the equation of g is g; it should be 1 - g**2"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * (1 - g)", "wrong power",
         "the derivative of tanh in the equation of g is 1 - g; it should be 1 - g**2"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * (1 - i**2)", "wrong activation",
         "the derivative of tanh in the equation of g is 1 - i**2; it should be 1 - g**2"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * (1 - g * i)", "wrong activation",
         "the derivative of tanh in the equation of g is 1 - g * i; it should be 1 - g**2"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * g * (1 - g)", "wrong activation",
         "the derivative of tanh in the equation of g is g * (1 - g); it should be 1 - g**2"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * (1 + g**2)", "wrong sign",
         "the derivative of tanh in the equation of g is 1 + g**2; it should be 1 - g**2"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * (1 - g)**2", "parentheses",
         "the derivative of tanh in the equation of g is (1 - g)**2; it should be 1 - g**2"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * 1 - g**2", "parentheses",
         "the derivative of tanh in the equation of g lacks its parentheses: dy * 1 - y**2 for dy * (1 - y**2)"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = 1 - g**2 * s * i", "parentheses",
         "the derivative of tanh in the equation of g lacks its parentheses: 1 - y**2 * dy for (1 - y**2) * dy"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * (1 - g**2) * (1 - g**2)", "derivative twice",
         "the derivative of tanh in the equation of g is applied twice"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i", "missing derivative",
         "the derivative of tanh in the equation of g is missing"},
        {"lstm", "(1 - tanh(c')**2) * da'", "(1 - tanh(c)**2) * da'", "old state for new",
         "the derivative of tanh in the equation of a' is taken at c; it should be at c'"},
        {"lstm", "(1 - tanh(c')**2) * da'", "(1 - tanh(tanh(c'))**2) * da'", "wrong argument",
         "the derivative of tanh in the equation of a' is taken at its value, as if tanh were applied twice: the value "
         "was given where what goes into it belongs"},
        {"rnn", "dy_z = y * (dy - sum(dy * y, axis=0))", "dy_z = y * dy", "softmax",
         "the derivative of the softmax lacks the term of the sum: y * dy for y * (dy - sum(dy * y))"},
        {"rnn", "dy_z = y * (dy - sum(dy * y, axis=0))", "dy_z = y * dy - sum(dy * y, axis=0)", "parentheses",
         "the derivative of the softmax lacks its parentheses: y * dy - sum(dy * y) for y * (dy - sum(dy * y))"},
        {"rnn", "dy_z = y * (dy - sum(dy * y, axis=0))", "dy_z = dy", NULL, NULL},
    };
    EXPECT_ALL(slips);
}

/* What is handed back along a path: its sign, its size, its matrix. */
Test(diagnose_step, what_goes_back_along_a_path)
{
    static const slip slips[] = {
        {"lstm", "s    = dc' + o", "s    = o", "missing state path",
         "dc', what reaches the new c from after the step, is not added"},
        {"lstm", "s    = dc' + o", "s    = -dc' + o", "wrong sign",
         "the sign of dc', what reaches the new c from after the step, is wrong"},
        {"lstm", "s    = dc' + o", "s    = 2 * dc' + o", "constant factor",
         "2 times dc', what reaches the new c from after the step, is added"},
        {"rnn", "da_y = da' + Wya", "da_y = Wya", "missing state path",
         "da', what reaches the new a from after the step, is not added"},
        {"rnn", "da_y = da' + Wya", "da_y = -da' + Wya", "wrong sign",
         "the sign of da', what reaches the new a from after the step, is wrong"},
        {"lstm", "dc   = s * f", "dc   = 0 * s * f", "missing state path",
         "what reaches c through the equation of c' is missing"},
        {"lstm", "dc   = s * f", "dc   = -s * f", "wrong sign",
         "the sign of what reaches c through the equation of c' is wrong"},
        {"lstm", "dc   = s * f", "dc   = s * f / m", "mean for sum",
         "what reaches c through the equation of c' is divided by m = 5"},
        {"lstm", "dc   = s * f", "dc   = 3 * s * f", "constant factor",
         "what reaches c through the equation of c' is 3 times what it should be"},
        {"lstm", "dc   = s * f", "dc   = s * i", "wrong activation",
         "in the derivative of the equation of c', i is used; it should be f"},
        {"lstm", "dc   = s * f", "dc   = s", NULL, NULL},
        {"rnn", "da   = Waa.T @ da_z", "da   = -Waa.T @ da_z", "wrong sign",
         "the sign of what reaches a through Waa @ a is wrong"},
        {"rnn", "da   = Waa.T @ da_z", "da   = Waa @ da_z", "transposed",
         "Waa is not transposed in what reaches a through Waa @ a"},
        {"rnn", "da   = Waa.T @ da_z", "da   = Waa.T @ da_z / m", "mean for sum",
         "what reaches a through Waa @ a is divided by m = 5"},
        {"rnn", "da   = Waa.T @ da_z", "da   = 2 * Waa.T @ da_z", "constant factor",
         "what reaches a through Waa @ a is 2 times what it should be"},
        {"lstm", "+ Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T", "+ 2 * Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T",
         "constant factor", "what reaches a through Wi @ z is 2 times what it should be"},
        {"lstm", "+ Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T", "+ Wi[:, :n_a].T @ di_z / m + Wc[:, :n_a].T", "mean for sum",
         "what reaches a through Wi @ z is divided by m = 5"},
        {"lstm", "+ Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T", "+ Wc[:, :n_a].T", "missing state path",
         "what reaches a through Wi @ z is missing"},
        {"lstm", "+ Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T", "+ Wi[:, n_x:].T @ di_z + Wc[:, :n_a].T", "wrong slice",
         "the wrong columns of Wi are used in what reaches a through Wi @ z"},
        {"lstm", "+ Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T", "+ Wi[:, :n_a] @ di_z + Wc[:, :n_a].T", "transposed",
         "Wi is not transposed in what reaches a through Wi @ z"},
        {"lstm", "+ Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T", "+ Wi[:, :n_a].T @ df_z + Wc[:, :n_a].T", "swapped gates",
         "in what reaches a through Wi @ z the gradient of what goes into f is used; it should be that of i"},
        {"lstm", "+ Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T", "+ Wf[:, :n_a].T @ di_z + Wc[:, :n_a].T", "swapped gates",
         "Wf is used in what reaches a through Wi @ z; it should be Wi"},
        {"lstm", "da   = Wf[:, :n_a].T @ df_z + Wi[:, :n_a].T @ di_z",
         "da   = Wi[:, :n_a].T @ df_z + Wf[:, :n_a].T @ di_z", "swapped gates",
         "Wi and Wf are exchanged in what reaches a through Wi @ z"},
        {"lstm", "da   = Wf[:, :n_a].T @ df_z + Wi", "da   = Wf[:, n_x:].T @ df_z + Wi", "wrong slice",
         "the wrong columns of Wf are used in what reaches a through Wf @ z"},
        {"lstm", "da   = Wf[:, :n_a].T @ df_z + Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T @ dg_z + Wo[:, :n_a].T @ do_z",
         "da   = Wf[:, n_x:].T @ df_z + Wi[:, n_x:].T @ di_z + Wc[:, n_x:].T @ dg_z + Wo[:, n_x:].T @ do_z",
         "wrong slice", "the wrong columns of Wo are used in what reaches a through Wo @ z, and in all others like it"},
        {"lstm", "da   = Wf[:, :n_a].T @ df_z + Wi[:, :n_a].T @ di_z + Wc[:, :n_a].T @ dg_z + Wo[:, :n_a].T @ do_z",
         "da   = Wf[:, :n_a] @ df_z + Wi[:, :n_a] @ di_z + Wc[:, :n_a] @ dg_z + Wo[:, :n_a] @ do_z", "transposed",
         "Wo is not transposed in what reaches a through Wo @ z, and in all others like it"},
        {"lstm", "da   = Wf[:, :n_a].T @ df_z + Wi[:, :n_a].T @ di_z + Wc",
         "da   = Wf[:, :n_a].T @ di_z + Wi[:, :n_a].T @ df_z + Wc", "swapped gates",
         "Wi and Wf are exchanged in what reaches a through Wi @ z"},
        {"lstm", "dx   = Wf[:, n_a:].T @ df_z + Wi", "dx   = Wf[:, n_a:].T @ df_z - Wi", "wrong sign",
         "the sign of what reaches x through Wi @ z is wrong"},
        {"lstm", "s    = dc' + o * (1", "s    = dc' + i * (1", "wrong activation",
         "in the derivative of the equation of a', i is used; it should be o"},
        {"lstm", "s    = dc' + o * (1", "s    = dc' + (1", NULL, NULL},
        {"gru", "da   = da' * (1 - u) + dra", "da   = da' * u + dra", "f for 1 - f",
         "in the derivative of the equation of a', u is used; it should be 1 - u"},
        {"gru", "da   = da' * (1 - u) + dra", "da   = da' * (1 - r) + dra", "swapped gates",
         "in the derivative of the equation of a', 1 - r is used; it should be 1 - u"},
        {"gru", "da   = da' * (1 - u) + dra", "da   = dra", "missing state path",
         "what reaches a through the equation of a' is missing"},
        {"gru", "+ dra * r + Wr", "+ dra + Wr", NULL, NULL},
        {"gru", "+ dra * r + Wr", "+ dra * u + Wr", "wrong activation",
         "in the derivative of the equation of zr, u is used; it should be r"},
        {"gru", "+ dra * r + Wr", "+ Wr", "missing state path", "what reaches a through the equation of zr is missing"},
        {"peephole", "+ pf * df_z + pi", "+ pi * df_z + pi", "swapped gates",
         "in the derivative of the equation of f, pi is used; it should be pf"},
        {"peephole", "+ pf * df_z + pi", "- pf * df_z + pi", "wrong sign",
         "the sign of what reaches c through the equation of f is wrong"},
    };
    EXPECT_ALL(slips);
}

/* One value for another. */
Test(diagnose_step, one_value_for_another)
{
    static const slip slips[] = {
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * f * (1 - g**2)", "wrong activation",
         "in the derivative of the equation of c', f is used; it should be i"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * (1 - i) * (1 - g**2)", NULL, NULL},
        {"lstm", "do_z = da' * tanh(c') * o", "do_z = da' * c' * o", "wrong name",
         "in the derivative of the equation of a', c' is used; it should be tanh(c')"},
        {"lstm", "do_z = da' * tanh(c') * o", "do_z = da' * tanh(c) * o", NULL, NULL},
        {"lstm", "do_z = da' * tanh(c') * o", "do_z = da' * g * o", "wrong activation",
         "in the derivative of the equation of a', g is used; it should be tanh(c')"},
        {"lstm", "(1 - tanh(c')**2) * da'", "(1 - c'**2) * da'", "wrong argument",
         "in the derivative of the equation of a', c' is used; it should be tanh(c')"},
        {"lstm", "(1 - tanh(c')**2) * da'", "(1 - a'**2) * da'", "wrong activation",
         "in the derivative of the equation of a', a' is used; it should be tanh(c')"},
        {"gru", "dg_z = da' * u * (1", "dg_z = da' * (1 - u) * (1", "f for 1 - f",
         "in the derivative of the equation of a', 1 - u is used; it should be u"},
        {"gru", "dg_z = da' * u * (1", "dg_z = da' * r * (1", "wrong activation",
         "in the derivative of the equation of a', r is used; it should be u"},
        {"gru", "du_z = da' * (g - a) * u", "du_z = da' * (g + a) * u", "wrong sign",
         "the sign of what reaches 1 - u through the equation of a' is wrong"},
        {"gru", "du_z = da' * (g - a) * u", "du_z = da' * (g - a') * u", "off by one step",
         "in the derivative of the equation of a', a' is used; it should be a"},
        {"gru", "du_z = da' * (g - a) * u", "du_z = da' * g * u", "missing term",
         "what reaches 1 - u through the equation of a' is missing"},
        {"gru", "dr_z = dra * a * r", "dr_z = dra * a' * r", "off by one step",
         "in the derivative of the equation of zr, a' is used; it should be a"},
        {"gru", "dWc  = dg_z @ zr.T", "dWc  = dg_z @ z.T", "wrong name",
         "in the derivative of the equation of g, z is used; it should be zr"},
        {"rnn", "dWaa = da_z @ a.T", "dWaa = da_z @ a'.T", "off by one step",
         "in the derivative of the equation of a', a' is used; it should be a"},
        {"rnn", "dWya = dy_z @ a'.T", "dWya = dy_z @ a.T", "old state for new",
         "in the derivative of the equation of y, a is used; it should be a'"},
        {"rnn", "dWaa = da_z @ a.T", "dWaa = da_y @ a.T", "swapped gates",
         "in what reaches Waa through Waa @ a the gradient of a' itself is used; it should be that of what goes into "
         "a'"},
        {"rnn", "dba  = sum(da_z, axis=1)", "dba  = sum(da_y, axis=1)", NULL, NULL},
        {"lstm", "dWf  = df_z @ z.T", "dWf  = di_z @ z.T", "swapped gates", "gates are swapped: the gradient of Wi"},
        {"mgu", "dg_z = da' * f * (1", "dg_z = da' * (1 - f) * (1", "f for 1 - f",
         "in the derivative of the equation of a', 1 - f is used; it should be f"},
        {"mgu", "df_z = (da' * (g - a) + dfa * a)", "df_z = (da' * (g - a) + dfa)", NULL, NULL},
        {"mgu", "df_z = (da' * (g - a) + dfa * a)", "df_z = (da' * (g - a))", "missing term",
         "what reaches f through the equation of zf is missing"},
        {"peephole", "dpo  = sum(do_z * c', axis=1)", "dpo  = sum(do_z * c, axis=1)", "old state for new",
         "in the derivative of the equation of o, c is used; it should be c'"},
        {"peephole", "dpf  = sum(df_z * c, axis=1)", "dpf  = sum(df_z * c', axis=1)", "off by one step",
         "in the derivative of the equation of f, c' is used; it should be c"},
    };
    EXPECT_ALL(slips);
}
