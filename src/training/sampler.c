#include "training/sampler.h"

#include <math.h>
#include <stdlib.h>

bool gt_sampler_start(gt_sampler *sampler, gt_model *model, double temperature, uint32_t seed, gt_threads *threads,
                      gt_error *error)
{
    *sampler = (gt_sampler){.model = model, .temperature = temperature};
    gt_random_seed(&sampler->random, seed);
    /* Logits behind the weights. */
    sampler->weights = calloc((size_t)model->vocabulary.count * 2, sizeof *sampler->weights);
    sampler->states = gt_parameters_new(gt_parameters_dtype(model->parameters));
    if (sampler->weights == NULL || sampler->states == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to run the model");
        return false;
    }
    if (gt_network_declare_states(&model->network, 1, sampler->states, error) != GT_OK)
        return false;
    gt_parameters_initialize(sampler->states, 0);
    sampler->runner = gt_runner_new(model, GT_RUNNER_PREDICT, sampler->states, 1, 1, threads, error);
    return sampler->runner != NULL;
}

void gt_sampler_free(gt_sampler *sampler)
{
    gt_runner_free(sampler->runner);
    gt_parameters_free(sampler->states);
    free(sampler->weights);
    *sampler = (gt_sampler){0};
}

static int32_t find_largest(const double *logits, int32_t count)
{
    int32_t largest = 0;
    for (int32_t i = 1; i < count; i++)
        if (logits[i] > logits[largest])
            largest = i;
    return largest;
}

int32_t gt_sampler_pick(const double *logits, int32_t count, double temperature, double u, double *weights)
{
    int32_t largest = find_largest(logits, count);
    if (temperature == 0)
        return largest;
    double total = 0;
    for (int32_t i = 0; i < count; i++) {
        weights[i] = exp((logits[i] - logits[largest]) / temperature);
        total += weights[i];
    }
    double left = u * total;
    for (int32_t i = 0; i < count; i++) {
        left -= weights[i];
        if (left < 0)
            return i;
    }
    return largest; /* rounding ate the rest */
}

gt_status gt_sampler_step(gt_sampler *sampler, int32_t token, int32_t *next, gt_error *error)
{
    gt_runner *runner = sampler->runner;
    int32_t count = (int32_t)sampler->model->vocabulary.count;
    runner->tokens[0] = token;
    gt_status status = gt_runner_evaluate(runner, error);
    if (status != GT_OK)
        return status;
    gt_runner_carry(runner, sampler->states);
    double *logits = sampler->weights + count;
    for (int32_t i = 0; i < count; i++) {
        logits[i] = gt_runner_number(runner, runner->pass.logits, i);
        if (!isfinite(logits[i]))
            return gt_error_set(error, GT_ERROR_NOT_FINITE,
                                "the model's output is not finite: it was trained badly or its "
                                "parameters are too large");
    }
    *next = gt_sampler_pick(logits, count, sampler->temperature, gt_random_uniform(&sampler->random), sampler->weights);
    return GT_OK;
}
