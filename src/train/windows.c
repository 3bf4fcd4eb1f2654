#include "train/windows.h"

#include "train/lots.h"

gt_windows gt_windows_whole(const int32_t *tokens, int64_t count, int64_t lanes, int64_t steps)
{
    gt_windows windows = {.tokens = tokens, .count = count, .lanes = lanes, .steps = steps};
    if (count < 2)
        return windows;
    if ((count - 1) / lanes < steps)
        return windows;
    windows.lane_length = gt_lots(count - 1, lanes);
    windows.window_count = gt_lots(windows.lane_length, steps);
    windows.whole = true;
    return windows;
}

/*
 * Where a lane begins. Whole lanes end with the text, so that where their lengths do
 * not add up to it some predictions are in two lanes.
 */
static int64_t start_of(const gt_windows *windows, int64_t lane)
{
    int64_t start = lane * windows->lane_length, last = windows->count - 1 - windows->lane_length;
    return windows->whole && start > last ? last : start;
}

int64_t gt_windows_first(const gt_windows *windows, int64_t window)
{
    int64_t first = window * windows->steps, last = windows->lane_length - windows->steps;
    return windows->whole && first > last ? last : first;
}

bool gt_windows_goes_on(const gt_windows *windows, int64_t window)
{
    return window > 0 && gt_windows_first(windows, window) == window * windows->steps;
}

gt_windows gt_windows_all(const int32_t *tokens, int64_t count, int64_t lanes, int64_t steps)
{
    gt_windows windows = {.tokens = tokens, .count = count, .lanes = lanes, .steps = steps};
    windows.lane_length = gt_lots(count - 1, lanes);
    windows.window_count = gt_lots(windows.lane_length, steps);
    return windows;
}

bool gt_windows_counts(const gt_windows *windows, int64_t window, int64_t lane, int64_t t)
{
    int64_t in_lane = gt_windows_first(windows, window) + t;
    return in_lane < windows->lane_length && start_of(windows, lane) + in_lane < windows->count - 1;
}

void gt_windows_fill(const gt_windows *windows, int64_t window, int64_t first, int64_t lanes, int32_t *tokens,
                     int32_t *targets)
{
    for (int64_t t = 0; t < windows->steps; t++)
        for (int64_t lane = first; lane < first + lanes; lane++) {
            int64_t place = start_of(windows, lane) + gt_windows_first(windows, window) + t;
            int64_t out = t * lanes + lane - first;
            bool counts = gt_windows_counts(windows, window, lane, t);
            tokens[out] = counts ? windows->tokens[place] : 0;
            targets[out] = counts ? windows->tokens[place + 1] : 0;
        }
}
