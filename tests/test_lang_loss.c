/* loss y = ...: what training adds to the task's loss. */
#include "lang_rows.h"
#include "lang_verdict.h"

#include "gradtape/train.h"

#include <math.h>

#define BEGIN "cell c\n input x[n]\n state h[n]\n param V[n, n]\n"

Test(lang_loss, mistakes)
{
    static const row rows[] = {
        {BEGIN " h' = tanh(V @ h + x)\n loss ponder = 0.1 * mean(h'**2, axis=0)\n", ""},
        {BEGIN " h' = tanh(V @ h + x)\n loss a = sum(h, axis=0)\n hidden y = V @ h'\n loss b = mean(y * x, axis=0)\n",
         ""},
        {BEGIN " loss = V @ h\n h' = loss + x\n", ""}, /* a name as any other */
        {BEGIN " h' = V @ h + x\n loss p = mean(h')\n",
         "6:11: the loss p is (1, 1), and must be a number for each example, (1, m); the mean or the sum over the "
         "features of each example: mean(u, axis=0), sum(u, axis=0)"},
        {BEGIN " h' = V @ h + x\n loss p = h'\n",
         "6:11: the loss p is (n, m), and must be a number for each example, (1, m); the mean or the sum over the "
         "features of each example: mean(u, axis=0), sum(u, axis=0)"},
        {BEGIN " h' = V @ h + x\n loss p = 1\n",
         "6:11: the loss p is one number, and must be a number for each example, (1, m); the mean or the sum over the "
         "features of each example: mean(u, axis=0), sum(u, axis=0)"},
        {BEGIN " h' = V @ h + x\n loss p' = mean(h, axis=0)\n", "6:7: an output has no prime; write loss y = p'"},
        {BEGIN " h' = V @ h + x\nbackward\n loss p = mean(h, axis=0)\n",
         "7:2: outputs belong before the backward block"},
    };
    expect_cells(rows, COUNT(rows));
}

#define BLOCK                                                                                                          \
    BEGIN " h' = tanh(V @ h + x)\n loss p = mean(h'**2, axis=0)\n"                                                     \
          "backward\n ds = dh' + dp * 2 * h' / n\n dz = ds * (1 - h'**2)\n dV = dz @ h.T\n dh = V.T @ dz\n dx = dz\n"

/* A loss is an output with a gradient from outside, so that a block that forgets it, or halves it, is wrong. */
Test(lang_loss, verdicts)
{
    for (uint32_t seed = 1; seed <= 40; seed++)
        cr_expect_eq(check(BLOCK, seed), GT_RIGHT, "seed %u", seed);
    char text[] = BLOCK;
    memcpy(strstr(text, "dp * 2 *"), "dp * 1 *", strlen("dp * 2 *"));
    cr_expect_eq(check(text, 1), GT_WRONG);
}

/* ---- training ------------------------------------------------------------------------------ */

enum { N = 5, T = 4, BATCH = 3 };

/* h counts the steps, and the loss is what it has counted: of an example of k steps k (k + 1) / 2, in two layers. */
Test(lang_loss, is_summed_over_the_steps_of_each_example)
{
    gt_parsed_cell *parsed = parse("cell c\n input x[n_x]\n state h[n_a]\n param w[n_a]\n h' = h + 1 + 0 * w\n"
                                   " hidden y = x * mean(w) + mean(h', axis=0)\n loss count = mean(h', axis=0)\n");
    gt_network network = {.cell = gt_parsed_cell_get(parsed),
                          .layer_count = 2,
                          .embedding = 1,
                          .hidden = 1,
                          .reads_numbers = true,
                          .predicts_numbers = true,
                          .outputs = 1};
    gt_error error = {0};
    double x[N * T] = {0}, y[N * T] = {0}, weights[N * T];
    for (int t = 0; t < T; t++)
        for (int i = 0; i < N; i++)
            weights[t * N + i] = t == T - 1 - i % 2; /* of examples of T and of T - 1 steps, the last */
    cr_expect_eq(gt_network_term_count(&network), 1);
    cr_expect_str_eq(gt_network_term_name(&network, 0), "count");
    cr_expect_null(gt_network_term_name(&network, 1));
    gt_parameters *parameters = gt_parameters_new(GT_F64);
    cr_assert(gt_network_declare(&network, parameters, &error) == GT_OK, "%s", error.message);
    cr_assert(gt_parameters_initialize(parameters, 3) == GT_OK);
    gt_optimizer_options chosen = gt_optimizer_defaults(GT_OPTIMIZER_SGD);
    gt_optimizer *optimizer = gt_optimizer_new(&chosen, parameters, &error);
    const void *const inputs[] = {x};
    gt_train_data data = GT_TRAIN_DATA_INIT;
    data.examples = N, data.steps = T, data.inputs = inputs, data.numbers = y, data.weights = weights;
    gt_train_options options = GT_TRAIN_OPTIONS_INIT;
    options.network = &network, options.parameters = parameters, options.optimizer = optimizer;
    options.training = &data, options.batch = BATCH, options.seed = 7;
    gt_trainer *trainer = gt_trainer_new(&options, &error);
    cr_assert_not_null(trainer, "%s", error.message);
    double sum = 0;
    const int sizes[] = {BATCH, N - BATCH};
    for (int i = 0; i < 2; i++) {
        gt_train_step step;
        cr_assert(gt_trainer_step(trainer, &step, &error) == GT_OK, "%s", error.message);
        cr_expect_eq(step.term_count, 1);
        sum += step.terms[0] * sizes[i];
    }
    cr_expect(fabs(sum - 2 * (3 * 10.0 + 2 * 6)) < 1e-12, "%g", sum); /* all five in one epoch */
    gt_trainer_free(trainer);
    gt_optimizer_free(optimizer);
    gt_parameters_free(parameters);
    gt_parsed_cell_free(parsed);
}

/* Of the loss and the terms together, against numbers. */
Test(lang_loss, gradients)
{
    gt_parsed_cell *parsed = parse("cell c\n input x[n_x]\n state h[n_a]\n param W[n_a, n_a + n_x]\n"
                                   " h' = tanh(W @ concat(h, x))\n loss p = 0.3 * mean(h'**2, axis=0)\n");
    gt_network network = {
        .cell = gt_parsed_cell_get(parsed), .layer_count = 2, .vocabulary = 3, .embedding = 2, .hidden = 4};
    gt_error error = {0};
    gt_tape *tape = gt_tape_new(NULL);
    gt_parameters *set = gt_parameters_new(GT_F64);
    cr_assert(gt_network_declare(&network, set, &error) == GT_OK, "%s", error.message);
    cr_assert(gt_parameters_initialize(set, 3) == GT_OK);
    enum { M = 2 };
    gt_var p[8], initial[2], all[12];
    const void *values[12];
    int32_t tokens[M * T] = {0, 1, 2, 0, 1, 1, 2, 0}, targets[M * T] = {1, 2, 0, 1, 1, 2, 0, 0};
    double zeros[4 * M] = {0};
    gt_parameters_record(set, tape, p);
    gt_network_record_states(&network, tape, M, initial);
    gt_network_pass pass = {.network = &network,
                            .parameters = p,
                            .initial = initial,
                            .tokens = gt_input_i32(tape, "tokens", GT_SHAPE(M, T)),
                            .targets = gt_input_i32(tape, "targets", GT_SHAPE(M, T))};
    cr_assert(gt_network_record(&pass) == GT_OK, "%s", gt_tape_message(tape));
    uint32_t count = gt_parameters_count(set);
    cr_assert_eq(count, 5);
    for (uint32_t i = 0; i < count; i++)
        all[i] = p[i], values[i] = gt_parameters_array(set, i).data;
    all[count] = initial[0], all[count + 1] = initial[1], values[count] = values[count + 1] = zeros;
    all[count + 2] = pass.tokens, values[count + 2] = tokens;
    all[count + 3] = pass.targets, values[count + 3] = targets;
    gt_report report = {0};
    gt_check_options options = GT_CHECK_OPTIONS_INIT;
    cr_assert(gt_check(&pass.total, 1, all, values, count + 4, &options, &report, &error) == GT_OK, "%s",
              error.message);
    cr_expect_eq(report.verdict, GT_RIGHT);
    gt_report_free(&report);
    gt_interpreter *run = gt_interpreter_new(tape);
    for (uint32_t i = 0; i < count + 4; i++)
        gt_interpreter_bind(run, all[i], values[i]);
    gt_var wanted[3] = {pass.loss, pass.terms[0], pass.total};
    cr_assert(gt_interpreter_evaluate(run, wanted, 3) == GT_OK);
    const double *loss = gt_interpreter_value(run, wanted[0]), *term = gt_interpreter_value(run, wanted[1]);
    const double *total = gt_interpreter_value(run, wanted[2]);
    cr_expect(*term > 0 && fabs(*total - (*loss + *term)) < 1e-15);
    gt_interpreter_free(run);
    gt_parameters_free(set);
    gt_tape_free(tape);
    gt_parsed_cell_free(parsed);
}
