/* bernoulli(p, u) and its like in equations, dropout, states that are drawn: what the language says, and verdicts. */
#include "lang_rows.h"
#include "lang_verdict.h"

#include <math.h>

#define BEGIN "cell c\n input x[n]\n state h[n]\n param b[n]\n"
Test(lang_random, mistakes)
{
    static const row rows[] = {
        {BEGIN " h' = h * bernoulli(0.5, h) + normal(0.1, x) * uniform(1 / n, 1, x) + b\n", ""},
        {BEGIN " h' = dropout(tanh(h + b), 0.2) + dropout(x, p=0.1)\n", ""},
        {"cell c\n input x[n]\n state h[n], k[n] ~ bernoulli(1 - p)\n const p = 0.1\n h' = k * h + x\n", ""},
        {"def noisy(u, s = 0.1) = u + normal(s, u)\ncell c\n input x[n]\n state h[n]\n h' = noisy(h) + noisy(x, s=1)\n",
         ""},
        {BEGIN " repeat 2:\n  s = h * bernoulli(0.5, h)\n h' = s + x + b\n", ""},
        {BEGIN " bernoulli_1 = b + x\n h' = h * bernoulli(0.5, h) + bernoulli_1\n", ""}, /* another name is found */
        {BEGIN " h' = h * bernoulli(0.5) + b + x\n",
         "5:20: bernoulli draws an array, and has to know the shape of which; write bernoulli(p, u): a number for each "
         "entry of u"},
        {BEGIN " h' = h + uniform(0, 1) + b + x\n",
         "5:18: uniform draws an array, and has to know the shape of which; write uniform(low, high, u): a number for "
         "each entry of u"},
        {BEGIN " h' = h + normal(0, 1) + b + x\n",
         "5:21: a draw is for each of the m examples, and has the shape of an array of theirs, not of a number; the "
         "last argument says the shape: bernoulli(p, u), normal(deviation, u)"},
        {BEGIN " h' = h * bernoulli(0.5, b) + x\n",
         "5:26: a draw is for each of the m examples, and has the shape of an array of theirs, not of (n, 1); the last "
         "argument says the shape: bernoulli(p, u), normal(deviation, u)"},
        {BEGIN " h' = h * bernoulli(1.5, h) + b + x\n", "5:11: a probability is from 0 to 1"},
        {BEGIN " h' = h * bernoulli(b, h) + x\n", "5:21: b is a parameter, and no part of an initial value; it is made "
                                                  "of numbers, dimensions, and the row i and "
                                                  "the column j of an entry, from 0"},
        {BEGIN " h' = h * bernoulli(1 / (i + 1), h) + b + x\n",
         "5:26: what is drawn is drawn by one law for all entries, without i"},
        {BEGIN " h' = h + b + x\nbackward\n dh = dh' * bernoulli(0.5, h)\n",
         "7:13: what is drawn is drawn in the forward pass; give it a name there, k = bernoulli(...), and write k "
         "here"},
        {BEGIN " const k = bernoulli(0.5, h)\n h' = h + b + x\n",
         "5:12: nothing is drawn here; bernoulli(...) stands in equations, and behind the ~ of a declaration"},
        {"cell c\n input x[n]\n state h[n], k[n] ~ bernoulli(0.5)\n k' = 1 - k\n h' = k * h + x\n",
         "4:2: k is drawn once for each sequence, and keeps its value; leave the line out; what is drawn at each step "
         "is written in an equation: bernoulli(p, u)"},
        {"cell c\n input x[n]\n state h[n] ~ orthogonal\n h' = h + x\n",
         "3:15: a state is no parameter that begins orthogonal; what a sequence draws for it is normal(deviation), "
         "uniform(low, high) or bernoulli(p)"},
    };
    expect_cells(rows, COUNT(rows));
}

/* ---- verdicts ------------------------------------------------------------------------------ */

#define BLOCK                                                                                                          \
    "cell c\n input x[n]\n state h[n], s[n] ~ bernoulli(0.9)\n param W[n, n]\n"                                        \
    " u = tanh(W @ dropout(h, 0.1) + s * x)\n k = bernoulli(0.05, h)\n h' = k * h + (1 - k) * u\n"                     \
    "backward\n dz = dh' * (1 - k) * (1 - u**2)\n dW = dz @ (h * bernoulli_1 / 0.9).T\n"                               \
    " dh = dh' * k + W.T @ dz * bernoulli_1 / 0.9\n dx = dz * s\n"

/* A block that forgets a mask is found, though nearly all of the law's entries are alike. */
Test(lang_random, verdicts)
{
    for (uint32_t seed = 1; seed <= 40; seed++)
        cr_expect_eq(check(BLOCK, seed), GT_RIGHT, "seed %u", seed);
    static const char *const right[] = {"dh' * (1 - k) * (1 - u**2)",
                                        "(h * bernoulli_1 / 0.9)",
                                        "dh = dh' * k + ",
                                        "W.T @ dz * bernoulli_1 /",
                                        "dx = dz * s",
                                        "dx = dz * s"};
    static const char *const planted[] = {"dh' *           (1 - u**2)",
                                          "(h               / 0.9)",
                                          "dh = dh'     + ",
                                          "W.T @ dz               /",
                                          "dx = dz    ",
                                          "dx = dz * k"};
    for (size_t i = 0; i < COUNT(right); i++)
        for (uint32_t seed = 1; seed <= 5; seed++) {
            char text[] = BLOCK;
            memcpy(strstr(text, right[i]), planted[i], strlen(right[i]));
            cr_expect_eq(check(text, seed), GT_WRONG, "%s, seed %u", planted[i], seed);
        }
}

/* ---- where nobody draws --------------------------------------------------------------------- */

/* Bernoulli is its probability, uniform the middle, normal 0, and dropout(u, p) is u. */
Test(lang_random, means)
{
    enum { N = 2, M = 3, T = 2 };
    gt_parsed_cell *parsed = parse(
        "cell c\n input x[n]\n state h[n], k[n] ~ bernoulli(1 / n)\n param b[n]\n"
        " h' = h + dropout(x, 0.2)\n output y = x * bernoulli(0.25, x) + uniform(1, 4, x) * (k + normal(3, h)) + b\n");
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    cr_expect_eq(cell->input_count, 5);
    cr_expect_eq(gt_cell_given_inputs(cell), 1);
    double x[N * M * T], b[N] = {1, -2}, zeros[N * M] = {0};
    for (int i = 0; i < N * M * T; i++)
        x[i] = i;
    for (int unrolled = 0; unrolled < 2; unrolled++) {
        gt_tape *tape = gt_tape_new(NULL);
        gt_interpreter *run = gt_interpreter_new(tape);
        gt_var inputs[5] = {gt_input(tape, "x", GT_SHAPE(N, M, T))}, initial[2] = {gt_state(tape, "h", GT_SHAPE(N, M))};
        gt_var parameter = gt_parameter(tape, "b", GT_SHAPE(N, 1)), wanted[2], states[2];
        gt_sequence sequence = {.cell = cell,
                                .unrolled = unrolled != 0,
                                .with_outputs = true,
                                .inputs = inputs,
                                .initial = initial,
                                .parameters = &parameter,
                                .states = states,
                                .outputs = &wanted[1]};
        cr_assert(gt_sequence_record(&sequence) == GT_OK, "%s", gt_tape_message(tape));
        wanted[0] = states[0];
        gt_interpreter_bind(run, inputs[0], x);
        gt_interpreter_bind(run, initial[0], zeros);
        gt_interpreter_bind(run, parameter, b);
        cr_assert(gt_interpreter_evaluate(run, wanted, 2) == GT_OK);
        const double *h = gt_interpreter_value(run, wanted[0]), *y = gt_interpreter_value(run, wanted[1]);
        for (int i = 0; i < N * M * T; i++) {
            double sum = i < N * M ? x[i] : x[i] + x[i - N * M];
            cr_expect(fabs(h[i] - sum) <= 1e-14, "%g, not %g", h[i], sum);
            cr_expect(fabs(y[i] - (x[i] * 0.25 + 2.5 * 0.5 + b[i % N])) <= 1e-14, "%g", y[i]);
        }
        gt_interpreter_free(run);
        gt_tape_free(tape);
    }
    gt_parsed_cell_free(parsed);
}
