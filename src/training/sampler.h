/* Writing with a model, one symbol after the other. */
#ifndef GT_TRAINING_SAMPLER_H
#define GT_TRAINING_SAMPLER_H

#include "training/trainer.h"

typedef struct gt_sampler {
    gt_model *model;
    gt_parameters *states;
    gt_runner *runner;
    gt_random random;
    double temperature; /* 0: the most probable symbol */
    double *weights;    /* room for a weight per symbol of the vocabulary */
} gt_sampler;

/* False: *error. Free with gt_sampler_free either way. */
bool gt_sampler_start(gt_sampler *sampler, gt_model *model, double temperature, uint32_t seed, gt_threads *threads,
                      gt_error *error);
void gt_sampler_free(gt_sampler *sampler);
/* Reads a token; *next becomes the one that the model lets follow it. */
gt_status gt_sampler_step(gt_sampler *sampler, int32_t token, int32_t *next, gt_error *error);

/*
 * The place that u (0 <= u < 1) picks among `count` logits made flatter or
 * steeper: with probability softmax(logits / temperature). With temperature 0 the
 * first of the largest. `weights` has room for `count`.
 */
int32_t gt_sampler_pick(const double *logits, int32_t count, double temperature, double u, double *weights);

#endif
