/* A network with what it is trained with, for the tests of trainers. */
#ifndef GT_TESTS_TRAIN_BENCH_H
#define GT_TESTS_TRAIN_BENCH_H

#include "gradtape/train.h"

#include <criterion/criterion.h>
#include <string.h>

enum { N = 22, T = 6, BATCH = 5, NX = 2, NA = 6 };

/* A network with what it is trained with. */
typedef struct bench {
    gt_network network;
    gt_parameters *parameters;
    gt_optimizer *optimizer;
    double x[NX * N * T], y[N * T], weights[N * T];
    int32_t classes[N * T];
    const void *inputs[1];
    gt_train_data data;
    gt_train_options options;
} bench;

/* y is the mean of the first row so far, or its sign; both are learnt in a hundred steps. */
static inline void fill_data(bench *b)
{
    gt_random random;
    gt_random_seed(&random, 5);
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int t = 0; t < T; t++) {
            int place = t * N + i;
            for (int k = 0; k < NX; k++)
                b->x[place * NX + k] = gt_random_normal(&random);
            sum += b->x[place * NX];
            b->y[place] = sum / (t + 1);
            b->classes[place] = sum > 0;
            b->weights[place] = t == T - 1 - i % 3; /* at the end of a sequence of its own length */
        }
    }
}

static inline void make(bench *b, bool classes, gt_optimizer_kind kind)
{
    gt_error error = {0};
    *b = (bench){.network = {.cell = &gt_cell_gru,
                             .layer_count = 1,
                             .embedding = NX,
                             .hidden = NA,
                             .reads_numbers = true,
                             .predicts_numbers = !classes,
                             .outputs = classes ? 2 : 1}};
    fill_data(b);
    b->parameters = gt_parameters_new(GT_F64);
    cr_assert(gt_network_declare(&b->network, b->parameters, &error) == GT_OK, "%s", error.message);
    cr_assert(gt_parameters_initialize(b->parameters, 3) == GT_OK);
    gt_optimizer_options optimizer = gt_optimizer_defaults(kind);
    optimizer.schedule.rate = kind == GT_OPTIMIZER_SGD ? 0.1 : 0.02;
    b->optimizer = gt_optimizer_new(&optimizer, b->parameters, &error);
    cr_assert_not_null(b->optimizer, "%s", error.message);
    b->inputs[0] = b->x;
    b->data = (gt_train_data)GT_TRAIN_DATA_INIT;
    b->data.examples = N;
    b->data.steps = T;
    b->data.inputs = b->inputs;
    if (classes)
        b->data.classes = b->classes;
    else
        b->data.numbers = b->y;
    b->options = (gt_train_options)GT_TRAIN_OPTIONS_INIT;
    b->options.network = &b->network;
    b->options.parameters = b->parameters;
    b->options.optimizer = b->optimizer;
    b->options.training = b->options.validation = &b->data;
    b->options.batch = BATCH;
    b->options.seed = 7;
}

static inline void drop(bench *b)
{
    gt_optimizer_free(b->optimizer);
    gt_parameters_free(b->parameters);
}

static inline void expect_refused(const bench *b, const char *words)
{
    gt_error error = {0};
    cr_expect_null(gt_trainer_new(&b->options, &error));
    cr_expect_not_null(strstr(error.message, words), "%s", error.message);
    cr_expect_null(gt_trainer_new(&b->options, NULL));
}

#endif
