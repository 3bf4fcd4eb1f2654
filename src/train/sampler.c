/* Writing with a network, one token after the other. */
#include "base/entry.h"
#include "base/memory.h"
#include "train/trainer.h"

#include <math.h>

struct gt_sampler {
    gt_parameters *states;
    gt_runner *runner;
    gt_random random;
    double temperature;
    double *weights; /* room for a weight of each token, and for its logit */
};

static gt_status start(gt_sampler *sampler, const gt_network *network, const gt_parameters *parameters,
                       gt_engine engine, gt_threads *threads, gt_error *error)
{
    if (gt_network_is_bidirectional(network))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "the network does not write: a layer reads in both directions, and needs what is not yet "
                            "written");
    if (network->reads_numbers || network->further_inputs > 0 || network->predicts_numbers ||
        gt_runner_outputs(network) > network->vocabulary)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "the network does not write: it has to read tokens and predict "
                            "tokens");
    sampler->weights = gt_memory_new((uint64_t)network->vocabulary * 2, sizeof *sampler->weights);
    if (sampler->weights == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory to run the model");
    sampler->states = gt_trainer_fresh_states(network, parameters, 1, error);
    if (sampler->states == NULL)
        return GT_ERROR_MEMORY;
    const gt_runner_form form = {
        .network = network,
        .parameters = parameters,
        .states = sampler->states,
        .kind = GT_RUNNER_PREDICT,
        .steady = true,
        .lanes = 1,
        .steps = 1,
        .engine = engine,
        .threads = threads,
    };
    sampler->runner = gt_runner_new(&form, error);
    return sampler->runner != NULL ? GT_OK : GT_ERROR_MEMORY;
}

gt_sampler *gt_sampler_new(const gt_network *network, const gt_parameters *parameters, double temperature,
                           uint32_t seed, gt_engine engine, gt_threads *threads, gt_error *error)
{
    gt_sampler *sampler = gt_memory_new(1, sizeof *sampler);
    if (sampler == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to run the model");
        return NULL;
    }
    sampler->temperature = temperature;
    gt_random_seed(&sampler->random, seed);
    if (start(sampler, network, parameters, engine, threads, error) == GT_OK)
        return sampler;
    gt_sampler_free(sampler);
    return NULL;
}

void gt_sampler_free(gt_sampler *sampler)
{
    if (sampler == NULL)
        return;
    gt_runner_free(sampler->runner);
    gt_parameters_free(sampler->states);
    gt_memory_free(sampler->weights);
    gt_memory_free(sampler);
}

void gt_sampler_reseed(gt_sampler *sampler, uint32_t seed)
{
    gt_random_seed(&sampler->random, seed);
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
    int32_t count = (int32_t)gt_runner_outputs(runner->form.network);
    runner->tokens[0] = token;
    gt_status status = gt_runner_evaluate(runner, error);
    if (status != GT_OK)
        return status;
    gt_runner_carry(runner, sampler->states);
    double *logits = sampler->weights + count;
    const void *values = gt_runner_value(runner, runner->pass.logits);
    gt_dtype dtype = gt_var_dtype(runner->pass.logits);
    for (int32_t i = 0; i < count; i++) {
        logits[i] = gt_entry_at(values, dtype, i);
        if (!isfinite(logits[i]))
            return gt_error_set(error, GT_ERROR_NOT_FINITE,
                                "the model's output is not finite: it was trained badly or its "
                                "parameters are too large");
    }
    *next = gt_sampler_pick(logits, count, sampler->temperature, gt_random_uniform(&sampler->random), sampler->weights);
    return GT_OK;
}
