/* The hidden size that gives a network a number of parameters. */
#include "training/model.h"

#define MOST_HIDDEN 65536
#define FAR 0.05 /* how much more than was asked for the smallest network may have */

/* Of the whole network with so many units. */
static bool count_with(gt_model *model, int64_t hidden, int64_t *total, gt_error *error)
{
    model->settings.hidden = hidden;
    return gt_model_make_network(model, error) && gt_network_total(&model->network, total, error) == GT_OK;
}

/* A size with which there are at least so many, or the largest: sizes beyond need not be possible. */
static bool find_bound(gt_model *model, int64_t wanted, int64_t *bound, int64_t *total, gt_error *error)
{
    for (*bound = 1; *bound < MOST_HIDDEN; *bound *= 2) {
        if (!count_with(model, *bound, total, error))
            return false;
        if (*total >= wanted)
            return true;
    }
    return count_with(model, *bound, total, error);
}

/* The smallest size up to `high` with which there are at least so many; there are more of them with every unit. */
static bool find_enough(gt_model *model, int64_t wanted, int64_t high, int64_t *hidden, gt_error *error)
{
    int64_t low = 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2, total;
        if (!count_with(model, middle, &total, error))
            return false;
        if (total < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    *hidden = low;
    return true;
}

static bool refuse_few(const gt_model *model, int64_t wanted, int64_t least, int64_t most, gt_error *error)
{
    gt_error_set(error, GT_ERROR_ARGUMENT,
                 "cell %s has %lld parameters %s: --parameters %lld cannot be reached; say how large it is to be "
                 "with --dims",
                 model->source.cell->name, (long long)most, least == most ? "whatever n_a is" : "at most",
                 (long long)wanted);
    return false;
}

static bool refuse_many(const gt_model *model, int64_t wanted, int64_t total, gt_error *error)
{
    gt_error_set(error, GT_ERROR_ARGUMENT,
                 "cell %s has %lld parameters with one unit already, with all that the data ask for: "
                 "--parameters %lld cannot be reached; ask for more, or give a smaller --embedding or --layers",
                 model->source.cell->name, (long long)total, (long long)wanted);
    return false;
}

bool gt_model_fit(gt_model *model, int64_t wanted, gt_error *error)
{
    int64_t hidden, bound, least, most, above, below;
    if (!count_with(model, 1, &least, error) || !find_bound(model, wanted, &bound, &most, error))
        return false;
    if (most < wanted)
        return refuse_few(model, wanted, least, most, error);
    if ((double)least > (double)wanted * (1 + FAR))
        return refuse_many(model, wanted, least, error);
    if (!find_enough(model, wanted, bound, &hidden, error) || !count_with(model, hidden, &above, error))
        return false;
    if (hidden > 1 && (!count_with(model, hidden - 1, &below, error) || wanted - below <= above - wanted))
        hidden--;
    return count_with(model, hidden, &above, error);
}
