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
         "3:15: x is an input, and state h begins with a number or a parameter; declare it, of the size of the state: "
         "param h0[n]"},
        {"cell c\n input x[n]\n state h[n] = h0\n param h0[k]\n h' = h + x\n",
         "3:15: state h begins with h0, which is (k, 1), and must be (n, 1); declare it with one size, all examples "
         "begin with it: param h0[n]"},
        {"cell c\n input x[n]\n state S[2, k] = S0\n param S0[2, k]\n S' = S\n output y = x\n",
         "3:18: state S begins with S0, which is (2, k), and must be (2*k, 1); declare it with one size, all examples "
         "begin with it: param S0[2*k]"},
        {"cell c\n input x[n]\n state h[n] = 2 * h0\n param h0[n]\n h' = h + x\n",
         "3:15: an initial value is one number, the same for all entries, or a parameter; a state that begins with "
         "what is learnt: state h[n_a] = h0, and param h0[n_a]"},
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
