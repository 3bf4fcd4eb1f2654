#include "cli/train/batches.h"

gt_batches gt_batches_whole(const int32_t *tokens, int64_t count, int64_t lanes, int64_t steps)
{
    gt_batches batches = {.tokens = tokens, .count = count, .lanes = lanes, .steps = steps};
    if (count < 2)
        return batches;
    batches.windows = (count - 1) / lanes / steps;
    batches.lane_length = batches.windows * steps;
    return batches;
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
    int64_t in_lane = window * batches->steps + t;
    return in_lane < batches->lane_length &&
           lane * batches->lane_length + in_lane < batches->count - 1;
}

void gt_batches_fill(const gt_batches *batches, int64_t window, int32_t *tokens, int32_t *targets)
{
    for (int64_t t = 0; t < batches->steps; t++)
        for (int64_t lane = 0; lane < batches->lanes; lane++) {
            int64_t place = lane * batches->lane_length + window * batches->steps + t;
            int64_t out = t * batches->lanes + lane;
            bool counts = gt_batches_counts(batches, window, lane, t);
            tokens[out] = counts ? batches->tokens[place] : 0;
            targets[out] = counts ? batches->tokens[place + 1] : 0;
        }
}
