/* state h[n] = h0: states that begin with a parameter. */
#include "lang_rows.h"
#include "lang_verdict.h"

#include <math.h>

#define BEGIN "cell c\n input x[n]\n state h[n] = h0\n param W[n, n], h0[n] = 0.5\n"
#define MADE "there is no parameter h0 for state h to begin with"

Test(lang_begin, mistakes)
{
    static const row rows[] = {
        {BEGIN " h' = tanh(W @ h + x)\n", ""},
        {BEGIN " h' = tanh(W @ h + x + h0)\n", ""},
        {"cell c\n input x[n]\n param h0[n]\n state h[n] = h0, g[n] = h0\n h' = h + x\n g' = g + h\n", ""},
        {"cell c\n input x[n]\n param w[2 * k]\n state S[2, k] = w\n h = x\n S' = S\n output y = h\n", ""},
        {"cell c\n input x[n]\n state h[n] = h0\n h' = h + x\n",
         "3:15: " MADE "; declare it, of the size of the state: param h0[n]"},
        {"cell c\n input x[n]\n state h[n] = h1\n param h0[n]\n h' = h + x + h0\n",
         "3:15: there is no parameter h1 for state h to begin with; did you mean h0?"},
        {"cell c\n input x[n]\n state h[n] = x\n h' = h + x\n",
         "3:15: x is an input, and state h begins with a number, a parameter or a formula of them; declare it, of the "
         "size of the state: "
         "param h0[n]"},
        {"cell c\n input x[n]\n state h[n] = h0\n param h0[k]\n h' = h + x\n",
         "3:15: state h begins with h0, which is (k, 1), and must be (n, 1); declare it with one size, all examples "
         "begin with it: param h0[n]"},
        {"cell c\n input x[n]\n state S[2, k] = S0\n param S0[2, k]\n S' = S\n output y = x\n", ""},
        {"cell c\n input x[n]\n state S[2, k] = S0\n param S0[k, 2]\n S' = S\n output y = x\n",
         "3:18: state S begins with S0, which is (k, 2), and must be (2, k, 1); declare it with one size, all examples "
         "begin with it: param S0[2*k]"},
        {BEGIN " h' = W @ h + x\nbackward\n dh = W.T @ dh'\n dh0 = sum(dh, axis=1)\n",
         "8:2: h0 is read before the first step alone: its gradient is dh there, summed over the examples, and not of "
         "a step; leave dh0 out: it follows from dh"},
        {BEGIN " h' = W @ h + x + h0\nbackward\n dh = W.T @ dh'\n dh0 = sum(dh', axis=1)\n", ""},
    };
    expect_cells(rows, COUNT(rows));
}

#define BLOCK                                                                                                          \
    BEGIN " h' = tanh(W @ h + x + h0)\n"                                                                               \
          "backward\n dz = dh' * (1 - h'**2)\n dW = dz @ h.T\n dh = W.T @ dz\n dx = dz\n dh0 = sum(dz, axis=1)\n"

/* The gradient of the parameter is that of the states at the beginning, and what the step adds; all is verified. */
Test(lang_begin, verdicts)
{
    for (uint32_t seed = 1; seed <= 40; seed++)
        cr_expect_eq(check(BLOCK, seed), GT_RIGHT, "seed %u", seed);
    cr_expect_eq(check(BEGIN " h' = tanh(W @ h + x)\n", 1), GT_RIGHT);
    static const char *const wrong[] = {"dz = dh' * (1 - h'**2)", "dh = W.T @ dz", "dh0 = sum(dz, axis=1)"};
    static const char *const planted[] = {"dz = dh' * (1 + h'**2)", "dh = W @ dz  ", "dh0 = sum(dh, axis=1)"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        char text[] = BLOCK;
        memcpy(strstr(text, wrong[i]), planted[i], strlen(wrong[i]));
        cr_expect_eq(check(text, 1), GT_WRONG, "%s", planted[i]);
    }
}

/* What the sequence gives: h begins with h0 in every example, and h0 gets the sum of their gradients. */
Test(lang_begin, gradients)
{
    enum { N = 2, M = 3, T = 2 };
    static const char text[] = "cell c\n input x[n]\n state h[n] = h0\n param h0[n]\n h' = 2 * h + x\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    double x[N * M * T], begin[N] = {0.5, -3}, given[N * M * T];
    for (int i = 0; i < N * M * T; i++) {
        x[i] = i;
        given[i] = i % 5 - 1.5;
    }
    for (int unrolled = 0; unrolled < 2; unrolled++) {
        gt_tape *tape = gt_tape_new(NULL);
        gt_interpreter *run = gt_interpreter_new(tape);
        gt_var input = gt_input(tape, "x", GT_SHAPE(N, M, T)), h0 = gt_parameter(tape, "h0", GT_SHAPE(N, 1));
        gt_var upstream = gt_input(tape, "dh", GT_SHAPE(N, M, T)), initial = GT_NONE, wanted[2];
        gt_sequence sequence = {.cell = gt_parsed_cell_get(parsed),
                                .unrolled = unrolled != 0,
                                .inputs = &input,
                                .initial = &initial,
                                .parameters = &h0,
                                .states = &wanted[0]};
        cr_assert(gt_sequence_record(&sequence) == GT_OK, "%s", gt_tape_message(tape));
        cr_assert(gt_grad(&wanted[0], &upstream, 1, &h0, 1, &wanted[1]) == GT_OK);
        gt_interpreter_bind(run, input, x);
        gt_interpreter_bind(run, h0, begin);
        gt_interpreter_bind(run, upstream, given);
        cr_assert(gt_interpreter_evaluate(run, wanted, 2) == GT_OK);
        const double *h = gt_interpreter_value(run, wanted[0]), *gradient = gt_interpreter_value(run, wanted[1]);
        for (int i = 0; i < N; i++) {
            double expected = 0;
            for (int j = 0; j < M; j++) {
                cr_expect(fabs(h[i + N * j] - (2 * begin[i] + x[i + N * j])) <= 0);
                expected += 2 * given[i + N * j] + 4 * given[i + N * (j + M)];
            }
            cr_expect(fabs(gradient[i] - expected) <= 1e-12, "%g, not %g", gradient[i], expected);
        }
        gt_interpreter_free(run);
        gt_tape_free(tape);
    }
    gt_parsed_cell_free(parsed);
}

#define FORMULA "cell c\n input x[n]\n state h[n] = "
#define REST "\n param W[n, n], h0[n] = 0.5, g[1] = 2, M[2, n]\n const c = 0.3, D[n] = i / n\n h' = tanh(W @ h + x)\n"

/* Of parameters, constants and sizes alone, of one column or one number. */
Test(lang_begin, formulas)
{
    static const row rows[] = {
        {FORMULA "tanh(h0)" REST, ""},
        {FORMULA "2 * h0 + c * D - n" REST, ""},
        {FORMULA "g" REST, ""},
        {FORMULA "mean(h0, axis=0)" REST, ""},
        {FORMULA "softmax(W @ (h0 * D))" REST, ""},
        {FORMULA "concat(h0[:1], h0[1:])" REST, ""},
        {FORMULA "sum(M, axis=0).T" REST, ""},
        {FORMULA "2 * n" REST, ""},
        {FORMULA "tanh(M)" REST,
         "3:15: state h begins with tanh(M), which is (2, n), and must be (n, 1); a formula of one column, which all "
         "examples begin with, of the sizes of h"},
        {FORMULA "tanh(h0 + x)" REST, "3:25: x is an input, and state h begins with a number, a parameter or a formula "
                                      "of them; declare it, of the size of the "
                                      "state: param h0[n]"},
        {FORMULA "tanh(h)" REST, "3:20: h is a state, and state h begins with a number, a parameter or a formula of "
                                 "them; declare it, of the size of the state: param h0[n]"},
        {FORMULA "h0 + normal(1)" REST,
         "3:20: a state is drawn as a whole, and not in a formula; what a sequence draws stands behind ~: "
         "state h[...] ~ normal(deviation)"},
        {FORMULA "h0 * m" REST, "3:20: m is the number of examples, and state h begins with a number, a parameter or a "
                                "formula of them; did you mean M?"},
        {FORMULA "W @ (h0 + M)" REST, "3:20: add: h0 is (n, 1) but M is (2, n)"},
        {"cell c\n input x[k]\n state S[k, v] = outer(tanh(u), w)\n param u[k], w[v]\n S' = S + outer(x, w)\n", ""},
        {"cell c\n input x[k]\n state S[k, v] = P @ P.T @ Q\n param P[k, k], Q[k, v]\n S' = S + x * Q\n", ""},
        {"cell c\n input x[k]\n state S[k, v] = reshape(u, k, v)\n param u[k * v]\n S' = S * (x * S)\n", ""},
        {"cell c\n input x[k]\n state S[k, v] = outer(w, u)\n param u[k], w[v]\n S' = S * (x * S)\n",
         "3:18: state S begins with outer(w, u), which is (v, k, 1), and must be (k, v, 1); a formula of one column, "
         "which all examples begin with, of the sizes of S"},
    };
    expect_cells(rows, COUNT(rows));
}

Test(lang_begin, verdicts_of_formulas)
{
    static const char *const formulas[] = {
        "tanh(h0)",        "2 * h0 + c * D - n",     "g", "mean(h0, axis=0)",
        "softmax(W @ h0)", "concat(h0[:1], h0[1:])", "D", "sum(M, axis=0).T * h0 / g",
        "exp(-h0**2) @ g"};
    for (size_t i = 0; i < COUNT(formulas); i++) {
        char text[500];
        snprintf(text, sizeof text, FORMULA "%s" REST, formulas[i]);
        for (uint32_t seed = 1; seed <= 4; seed++)
            cr_expect_eq(check(text, seed), GT_RIGHT, "%s, seed %u", formulas[i], seed);
    }
    cr_expect_eq(check("cell c\n input x[n]\n state S[n, 2] = outer(tanh(u), w)\n param u[n], w[2]\n"
                       " S' = tanh(S) + outer(x, w)\n",
                       1),
                 GT_RIGHT);
    cr_expect_eq(check("cell c\n input x[n]\n state S[n, 2] = P @ P.T @ Q\n param P[n, n], Q[n, 2]\n"
                       " S' = tanh(S) + x * Q\n",
                       1),
                 GT_RIGHT);
    cr_expect_eq(check(FORMULA "tanh(W @ h0)" REST "backward\n dz = dh' * (1 - h'**2)\n dW = dz @ h.T\n dh = W.T @ dz\n"
                               " dx = dz\n",
                       1),
                 GT_RIGHT);
    cr_expect_eq(check(FORMULA "tanh(W @ h0)" REST "backward\n dz = dh' * (1 - h'**2)\n dW = dz @ h.T\n dh = W @ dz\n"
                               " dx = dz\n",
                       1),
                 GT_WRONG);
}
