/* What no trainer can be made of, and what it says: one thing after the other is wrong. */
#include "train_bench.h"

#include <math.h>

/* One thing is wrong with what is otherwise right. */
#define REFUSED(words, ...)                                                                                            \
    do {                                                                                                               \
        bench wrong = right;                                                                                           \
        wrong.data.inputs = wrong.inputs;                                                                              \
        wrong.options.network = &wrong.network;                                                                        \
        wrong.options.training = &wrong.data;                                                                          \
        wrong.options.validation = NULL;                                                                               \
        __VA_ARGS__;                                                                                                   \
        expect_refused(&wrong, words);                                                                                 \
    } while (0)

Test(trainer_refusals, options_that_are_refused)
{
    bench right;
    make(&right, true, GT_OPTIMIZER_ADAM);
    REFUSED("a trainer needs a network", wrong.options.network = NULL);
    REFUSED("a trainer needs a network", wrong.options.parameters = NULL);
    REFUSED("a trainer needs a network", wrong.options.optimizer = NULL);
    REFUSED("a trainer needs a network", wrong.options.training = NULL);
    REFUSED("at least one example", wrong.options.batch = 0);
    REFUSED("neither is negative", wrong.options.iteration = -1);
    REFUSED("at most 10^15 iterations", wrong.options.iteration = INT64_MAX);
    REFUSED("neither is negative", wrong.options.first = -1);
    REFUSED("neither is negative", wrong.options.first = 1);
    drop(&right);
}

Test(trainer_refusals, data_that_are_refused)
{
    bench right;
    static int32_t tokens[N * T];
    make(&right, true, GT_OPTIMIZER_ADAM);
    REFUSED("there must be one of each", wrong.data.examples = 0);
    REFUSED("there must be one of each", wrong.data.steps = 0);
    REFUSED("too many examples", wrong.data.examples = INT64_MAX / 2);
    REFUSED("too many examples", wrong.data.examples = (int64_t)1 << 57);
    REFUSED("a stream is one sequence", wrong.data.stream = true; wrong.options.steps = 2);
    REFUSED("a stream is read and predicted token by token", wrong.data.stream = true; wrong.options.steps = 2;
            wrong.data.examples = 1);
    REFUSED("reads numbers, not tokens", wrong.data.tokens = tokens);
    REFUSED("the input x is missing", wrong.data.inputs = NULL);
    REFUSED("the input x is missing", wrong.inputs[0] = NULL);
    REFUSED("classes that the network is to predict are missing", wrong.data.classes = NULL);
    REFUSED("it must be from 0 to 1", wrong.classes[3] = -1; wrong.data.classes = wrong.classes);
    REFUSED("it must be from 0 to 1", wrong.classes[3] = 2; wrong.data.classes = wrong.classes);
    REFUSED("finite and not negative", wrong.weights[3] = NAN; wrong.data.weights = wrong.weights);
    REFUSED("all weights are 0", memset(wrong.weights, 0, sizeof wrong.weights); wrong.data.weights = wrong.weights);
    drop(&right);
    make(&right, false, GT_OPTIMIZER_ADAM);
    REFUSED("numbers that the network is to predict are missing", wrong.data.numbers = NULL);
    drop(&right);
}

Test(trainer_refusals, predictions_that_are_refused)
{
    bench b;
    double predictions[2 * N * T];
    gt_error error = {0};
    make(&b, true, GT_OPTIMIZER_ADAM);
    cr_assert_eq(gt_train_predict(&b.options, &b.data, predictions, &error), GT_OK, "%s", error.message);
    gt_train_options options = b.options;
    options.network = NULL;
    cr_expect_neq(gt_train_predict(&options, &b.data, predictions, &error), GT_OK);
    options = b.options;
    options.parameters = NULL;
    cr_expect_neq(gt_train_predict(&options, &b.data, predictions, &error), GT_OK);
    options = b.options;
    options.batch = 0;
    cr_expect_neq(gt_train_predict(&options, &b.data, predictions, &error), GT_OK);
    gt_train_data stream = b.data;
    stream.stream = true;
    cr_expect_neq(gt_train_predict(&b.options, &stream, predictions, &error), GT_OK);
    cr_expect_null(gt_sampler_new(&b.network, b.parameters, 1, 1, GT_ENGINE_PLANNER, NULL, &error));
    cr_expect(error.message[0] != '\0');
    drop(&b);
}
