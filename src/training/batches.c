#include "training/batches.h"

gt_batches gt_batches_whole(const int32_t *tokens, int64_t count, int64_t lanes, int64_t steps)
{
    gt_batches batches = {.tokens = tokens, .count = count, .lanes = lanes, .steps = steps};
    if (count < 2)
        return batches;
    if ((count - 1) / lanes < steps)
        return batches;
    batches.lane_length = (count - 1 + lanes - 1) / lanes;
    batches.windows = (batches.lane_length + steps - 1) / steps;
    batches.whole = true;
    return batches;
}

/*
 * Where a lane begins. Whole lanes end with the text, so that where their lengths do
 * not add up to it some predictions are in two lanes.
 */
static int64_t start_of(const gt_batches *batches, int64_t lane)
{
    int64_t start = lane * batches->lane_length, last = batches->count - 1 - batches->lane_length;
    return batches->whole && start > last ? last : start;
}

int64_t gt_batches_first(const gt_batches *batches, int64_t window)
{
    int64_t first = window * batches->steps, last = batches->lane_length - batches->steps;
    return batches->whole && first > last ? last : first;
}

bool gt_batches_goes_on(const gt_batches *batches, int64_t window)
{
    return window > 0 && gt_batches_first(batches, window) == window * batches->steps;
}

gt_batches gt_batches_all(const int32_t *tokens, int64_t count, int64_t lanes, int64_t steps)
{
    gt_batches batches = {.tokens = tokens, .count = count, .lanes = lanes, .steps = steps};
    batches.lane_length = (count - 1 + lanes - 1) / lanes;
    batches.windows = (batches.lane_length + steps - 1) / steps;
    return batches;
}

bool gt_batches_counts(const gt_batches *batches, int64_t window, int64_t lane, int64_t t)
{
    int64_t in_lane = gt_batches_first(batches, window) + t;
    return in_lane < batches->lane_length && start_of(batches, lane) + in_lane < batches->count - 1;
}

void gt_batches_fill(const gt_batches *batches, int64_t window, int32_t *tokens, int32_t *targets)
{
    for (int64_t t = 0; t < batches->steps; t++)
        for (int64_t lane = 0; lane < batches->lanes; lane++) {
            int64_t place = start_of(batches, lane) + gt_batches_first(batches, window) + t;
            int64_t out = t * batches->lanes + lane;
            bool counts = gt_batches_counts(batches, window, lane, t);
            tokens[out] = counts ? batches->tokens[place] : 0;
            targets[out] = counts ? batches->tokens[place + 1] : 0;
        }
}
