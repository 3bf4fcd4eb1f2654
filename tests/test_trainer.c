/* Training through the public interface: any data, any task, the same numbers again. */
#include "train_bench.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

TestSuite(trainer, .timeout = 300);

static gt_trainer *start(const bench *b)
{
    gt_error error = {0};
    gt_trainer *trainer = gt_trainer_new(&b->options, &error);
    cr_assert_not_null(trainer, "%s", error.message);
    return trainer;
}

static gt_train_score score(gt_trainer *trainer, int64_t *confusion)
{
    gt_error error = {0};
    gt_train_score found;
    cr_assert(gt_trainer_validate(trainer, &found, confusion, &error) == GT_OK, "%s", error.message);
    return found;
}

/* ---- tasks --------------------------------------------------------------------------------- */

Test(trainer, learns_numbers_at_every_step)
{
    bench b;
    make(&b, false, GT_OPTIMIZER_ADAM);
    gt_trainer *trainer = start(&b);
    cr_expect_eq(gt_trainer_epoch(trainer), (N + BATCH - 1) / BATCH);
    double before = score(trainer, NULL).loss, variance = 0;
    for (int i = 0; i < N * T; i++)
        variance += b.y[i] * b.y[i] / (N * T);
    gt_train_run run = GT_TRAIN_RUN_INIT;
    gt_error error = {0};
    run.iterations = 400;
    cr_assert_eq(gt_trainer_run(trainer, &run, &error), GT_TRAIN_ITERATIONS, "%s", error.message);
    gt_train_score after = score(trainer, NULL);
    cr_expect(after.loss < before / 5 && after.loss < variance / 5, "%g, %g at first, %g", after.loss, before,
              variance);
    cr_expect(after.weight == N * T && isnan(after.accuracy));
    gt_trainer_free(trainer);
    drop(&b);
}

Test(trainer, learns_classes_at_the_ends_of_sequences)
{
    bench b;
    make(&b, true, GT_OPTIMIZER_RMSPROP);
    b.data.weights = b.weights;
    gt_trainer *trainer = start(&b);
    gt_train_run run = GT_TRAIN_RUN_INIT;
    gt_error error = {0};
    run.iterations = 300;
    cr_assert_eq(gt_trainer_run(trainer, &run, &error), GT_TRAIN_ITERATIONS, "%s", error.message);
    int64_t confusion[4] = {0};
    gt_train_score after = score(trainer, confusion);
    cr_expect(after.accuracy >= 0.9 && after.loss < 0.6, "%g right, %g bits", after.accuracy, after.loss);
    cr_expect_eq(confusion[0] + confusion[1] + confusion[2] + confusion[3], N);
    cr_expect(fabs((double)(confusion[0] + confusion[3]) / N - after.accuracy) < 1e-12);
    cr_expect(after.weight == N);
    gt_train_score again;
    int64_t counted[4] = {0};
    cr_assert(gt_train_evaluate(&b.options, &b.data, &again, counted, &error) == GT_OK, "%s", error.message);
    cr_expect(again.loss == after.loss && again.accuracy == after.accuracy && again.weight == after.weight);
    cr_expect(memcmp(counted, confusion, sizeof counted) == 0);
    b.options.batch = 0;
    cr_expect(gt_train_evaluate(&b.options, &b.data, &again, NULL, &error) == GT_ERROR_ARGUMENT);
    gt_trainer_free(trainer);
    drop(&b);
}

/* What does not count may be anything: the same losses to the last bit. */
Test(trainer, what_has_no_weight_has_no_influence)
{
    double losses[2];
    for (int run = 0; run < 2; run++) {
        bench b;
        make(&b, false, GT_OPTIMIZER_ADAM);
        b.data.weights = b.weights;
        for (int i = 0; run == 1 && i < N * T; i++)
            if (b.weights[i] == 0)
                b.y[i] = 1000;
        gt_trainer *trainer = start(&b);
        gt_train_step step;
        gt_error error = {0};
        for (int i = 0; i < 20; i++)
            cr_assert(gt_trainer_step(trainer, &step, &error) == GT_OK, "%s", error.message);
        losses[run] = step.loss;
        gt_trainer_free(trainer);
        drop(&b);
    }
    cr_expect(losses[0] == losses[1], "%.17g %.17g", losses[0], losses[1]);
}

/* ---- the order ----------------------------------------------------------------------------- */

/* With a rate of 0 the losses of an epoch add up to that of all examples: each is there once. */
Test(trainer, an_epoch_has_every_example_once)
{
    bench b;
    make(&b, false, GT_OPTIMIZER_ADAM);
    gt_optimizer_free(b.optimizer);
    gt_optimizer_options still = gt_optimizer_defaults(GT_OPTIMIZER_SGD);
    still.schedule.rate = 0;
    gt_error error = {0};
    b.optimizer = b.options.optimizer = gt_optimizer_new(&still, b.parameters, &error);
    gt_trainer *trainer = start(&b);
    double expected = score(trainer, NULL).loss, first = 0;
    for (int epoch = 0; epoch < 3; epoch++) {
        double sum = 0;
        for (int i = 0; i < 5; i++) {
            gt_train_step step;
            cr_assert(gt_trainer_step(trainer, &step, &error) == GT_OK, "%s", error.message);
            sum += step.loss * (i < 4 ? BATCH : N % BATCH) / N;
            cr_expect(i > 0 || step.loss != first, "two epochs begin alike");
            first = i == 0 ? step.loss : first;
        }
        cr_expect(fabs(sum - expected) <= 1e-12 * expected, "%g, not %g", sum, expected);
    }
    gt_trainer_free(trainer);
    drop(&b);
}

/* ---- going on ------------------------------------------------------------------------------ */

typedef struct recorded {
    double losses[40], validations[40];
    int64_t count, stop_at;
} recorded;

static int record(void *context, const gt_train_event *event)
{
    recorded *r = context;
    r->losses[event->iteration - 1] = event->step.loss;
    r->validations[event->iteration - 1] = event->score.loss;
    r->count = event->iteration;
    return event->iteration == r->stop_at;
}

static gt_train_end run_to(gt_trainer *trainer, recorded *r, int64_t stop_at)
{
    gt_train_run run = GT_TRAIN_RUN_INIT;
    gt_error error = {0};
    run.iterations = 30;
    run.validate_every = 4;
    run.on_iteration = record;
    run.context = r;
    r->stop_at = stop_at;
    return gt_trainer_run(trainer, &run, &error);
}

Test(trainer, goes_on_as_if_nothing_had_happened)
{
    bench whole, parts;
    recorded a = {.count = 0}, c = {.count = 0};
    make(&whole, true, GT_OPTIMIZER_ADAMW);
    make(&parts, true, GT_OPTIMIZER_ADAMW);
    whole.network.dropout = parts.network.dropout = 0.3;
    gt_trainer *trainer = start(&whole);
    cr_expect_eq(run_to(trainer, &a, 0), GT_TRAIN_ITERATIONS);
    gt_trainer_free(trainer);
    trainer = start(&parts);
    cr_expect_eq(run_to(trainer, &c, 13), GT_TRAIN_STOPPED);
    cr_expect_eq(gt_trainer_iteration(trainer), 13);
    gt_trainer_free(trainer);
    parts.options.iteration = 13;
    trainer = start(&parts);
    cr_expect_eq(run_to(trainer, &c, 0), GT_TRAIN_ITERATIONS);
    gt_trainer_free(trainer);
    cr_assert_eq(c.count, 30);
    for (int i = 0; i < 30; i++) {
        cr_expect(a.losses[i] == c.losses[i], "iteration %d: %.17g %.17g", i + 1, a.losses[i], c.losses[i]);
        cr_expect((i + 1) % 4 != 0 || a.validations[i] == c.validations[i]);
        cr_expect((i + 1) % 4 == 0 || isnan(a.validations[i]));
    }
    drop(&whole);
    drop(&parts);
}

static bool interrupt_now(void *context)
{
    (void)context;
    return true;
}

Test(trainer, is_interrupted_with_nothing_changed)
{
    bench b;
    make(&b, false, GT_OPTIMIZER_ADAM);
    b.options.engine = GT_ENGINE_INTERPRETER;
    b.options.interrupt = interrupt_now;
    gt_trainer *trainer = start(&b);
    gt_train_step step;
    gt_train_run run = GT_TRAIN_RUN_INIT;
    gt_error error = {0};
    double before = ((double *)gt_parameters_array(b.parameters, 0).data)[0];
    cr_expect_eq(gt_trainer_step(trainer, &step, &error), GT_ERROR_INTERRUPTED);
    cr_expect_eq(gt_trainer_run(trainer, &run, &error), GT_TRAIN_INTERRUPTED);
    cr_expect(gt_trainer_iteration(trainer) == 0 && ((double *)gt_parameters_array(b.parameters, 0).data)[0] == before);
    gt_trainer_free(trainer);
    drop(&b);
}

/* ---- the end ------------------------------------------------------------------------------- */

/* A rate that is far too high makes it worse; the best parameters are those of the first validations. */
Test(trainer, patience_ends_a_run_and_the_best_is_kept)
{
    bench b;
    make(&b, false, GT_OPTIMIZER_ADAM);
    gt_optimizer_free(b.optimizer);
    gt_optimizer_options wild = gt_optimizer_defaults(GT_OPTIMIZER_SGD);
    wild.schedule.rate = 3;
    gt_error error = {0};
    b.optimizer = b.options.optimizer = gt_optimizer_new(&wild, b.parameters, &error);
    gt_parameters *kept = gt_parameters_new(GT_F64);
    cr_assert(gt_network_declare(&b.network, kept, &error) == GT_OK);
    gt_trainer *trainer = start(&b);
    gt_train_run run = GT_TRAIN_RUN_INIT;
    run.iterations = 1000;
    run.validate_every = 1;
    run.patience = 6;
    run.kept = kept;
    cr_assert_eq(gt_trainer_run(trainer, &run, &error), GT_TRAIN_PATIENCE, "%s", error.message);
    cr_expect(run.worse == 6 && run.best_iteration == gt_trainer_iteration(trainer) - 6);
    for (uint32_t i = 0; i < gt_parameters_count(kept); i++) {
        gt_array from = gt_parameters_array(kept, i);
        memcpy(gt_parameters_array(b.parameters, i).data, from.data,
               (size_t)gt_shape_count(from.shape) * sizeof(double));
    }
    cr_expect(score(trainer, NULL).loss == run.best);
    gt_trainer_free(trainer);
    gt_parameters_free(kept);
    drop(&b);
}

Test(trainer, gives_up_where_no_gradient_is_finite)
{
    bench b;
    make(&b, false, GT_OPTIMIZER_ADAM);
    for (int i = 0; i < N * T; i++)
        b.y[i] = INFINITY;
    gt_trainer *trainer = start(&b);
    gt_train_run run = GT_TRAIN_RUN_INIT;
    gt_error error = {0};
    cr_expect_eq(gt_trainer_run(trainer, &run, &error), GT_TRAIN_FAILED);
    cr_expect(error.status == GT_ERROR_NOT_FINITE && strstr(error.message, "given up after 10 iterations") != NULL,
              "%s", error.message);
    cr_expect_eq(gt_optimizer_steps(b.optimizer), 0);
    gt_trainer_free(trainer);
    drop(&b);
}

/* ---- predictions --------------------------------------------------------------------------- */

Test(trainer, predicts_what_it_is_scored_by)
{
    bench b;
    make(&b, false, GT_OPTIMIZER_ADAM);
    gt_trainer *trainer = start(&b);
    double predictions[N * T], sum = 0;
    gt_error error = {0};
    cr_assert(gt_train_predict(&b.options, &b.data, predictions, &error) == GT_OK, "%s", error.message);
    for (int i = 0; i < N * T; i++)
        sum += (predictions[i] - b.y[i]) * (predictions[i] - b.y[i]);
    cr_expect(fabs(sum / (N * T) - score(trainer, NULL).loss) < 1e-12);
    gt_trainer_free(trainer);
    drop(&b);
}

/* ---- what does not fit --------------------------------------------------------------------- */

Test(trainer, says_what_is_wrong_with_the_data)
{
    bench b;
    make(&b, true, GT_OPTIMIZER_ADAM);
    b.classes[3 * N + 4] = 2;
    expect_refused(&b, "the training data: the class of example 4 at step 3 is 2; it must be from 0 to 1");
    b.classes[3 * N + 4] = 1;
    b.weights[2] = -1;
    b.data.weights = b.weights;
    expect_refused(&b, "the weight of example 2 at step 0 is -1");
    memset(b.weights, 0, sizeof b.weights);
    expect_refused(&b, "nothing is to be predicted");
    b.data.weights = NULL;
    b.data.inputs = NULL;
    expect_refused(&b, "the input x is missing");
    b.data.inputs = b.inputs;
    b.data.classes = NULL;
    expect_refused(&b, "the classes that the network is to predict are missing");
    b.data.classes = b.classes;
    b.data.examples = 0;
    expect_refused(&b, "0 examples of 6 steps");
    b.data.examples = N;
    b.options.batch = 0;
    expect_refused(&b, "a batch has at least one example");
    b.options.batch = BATCH;
    b.options.optimizer = NULL;
    expect_refused(&b, "a trainer needs a network");
    drop(&b);
}
