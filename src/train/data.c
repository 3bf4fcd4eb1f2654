/* Data compared with the network that reads them: every mistake is found before the first iteration. */
#include "train/feed.h"

#include <math.h>

#define MOST_NUMBERS ((int64_t)1 << 56)

static gt_status check_tokens(const gt_train_data *data, const int32_t *tokens, int64_t below, const char *what,
                              const char *kind, gt_error *error)
{
    for (int64_t t = 0; t < data->steps; t++)
        for (int64_t i = 0; i < data->examples; i++) {
            int32_t token = tokens[t * data->examples + i];
            if (token < 0 || token >= below)
                return gt_error_set(error, GT_ERROR_VALUE,
                                    "%s: the %s of example %lld at step %lld is %d; it must be from 0 to %lld", what,
                                    kind, (long long)i, (long long)t, (int)token, (long long)(below - 1));
        }
    return GT_OK;
}

static gt_status check_weights(const gt_train_data *data, const char *what, gt_error *error)
{
    double total = 0;
    for (int64_t t = 0; data->weights != NULL && t < data->steps; t++)
        for (int64_t i = 0; i < data->examples; i++) {
            double weight = data->weights[t * data->examples + i];
            if (!(weight >= 0 && isfinite(weight)))
                return gt_error_set(error, GT_ERROR_VALUE,
                                    "%s: the weight of example %lld at step %lld is %g; it must be finite and not "
                                    "negative",
                                    what, (long long)i, (long long)t, weight);
            total += weight;
        }
    if (data->weights != NULL && total == 0)
        return gt_error_set(error, GT_ERROR_VALUE, "%s: nothing is to be predicted: all weights are 0", what);
    return GT_OK;
}

static gt_status check_sizes(const gt_train_data *data, const char *what, gt_error *error)
{
    int64_t entries;
    if (data->examples < 1 || data->steps < 1)
        return gt_error_set(error, GT_ERROR_SIZE, "%s: %lld examples of %lld steps; there must be one of each", what,
                            (long long)data->examples, (long long)data->steps);
    if (__builtin_mul_overflow(data->examples, data->steps, &entries) || entries > MOST_NUMBERS)
        return gt_error_set(error, GT_ERROR_SIZE, "%s: too many examples", what);
    if (data->stream && data->examples != 1)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s: a stream is one sequence, not %lld", what,
                            (long long)data->examples);
    return GT_OK;
}

/* The arrays that the network reads. */
static gt_status check_inputs(const gt_train_data *data, const gt_network *network, const char *what, gt_error *error)
{
    if (network->reads_numbers ? data->tokens != NULL : data->tokens == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s: the network reads %s", what,
                            network->reads_numbers ? "numbers, not tokens" : "tokens");
    for (uint32_t i = network->reads_numbers ? 0 : 1; i < gt_cell_given_inputs(network->cell); i++)
        if (data->inputs == NULL || data->inputs[i] == NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "%s: the input %s is missing", what,
                                network->cell->inputs[i].name);
    return data->tokens == NULL ? GT_OK : check_tokens(data, data->tokens, network->vocabulary, what, "token", error);
}

gt_status gt_train_data_check(const gt_train_data *data, const gt_network *network, bool with_targets, const char *what,
                              gt_error *error)
{
    gt_status status = gt_network_check(network, error);
    if (status == GT_OK)
        status = check_sizes(data, what, error);
    if (status == GT_OK)
        status = check_inputs(data, network, what, error);
    if (status != GT_OK || !with_targets)
        return status;
    if (data->stream && gt_network_is_bidirectional(network))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "%s: a layer in both directions would see the tokens that are to be predicted: a stream is "
                            "for layers in one direction",
                            what);
    if (data->stream && (network->reads_numbers || network->further_inputs > 0 || network->predicts_numbers ||
                         gt_runner_outputs(network) < network->vocabulary))
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s: a stream is read and predicted token by token", what);
    if (data->stream)
        return GT_OK;
    if (network->predicts_numbers ? data->numbers == NULL : data->classes == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s: the %s that the network is to predict are missing", what,
                            network->predicts_numbers ? "numbers" : "classes");
    if (!network->predicts_numbers)
        status = check_tokens(data, data->classes, gt_runner_outputs(network), what, "class", error);
    return status == GT_OK ? check_weights(data, what, error) : status;
}
