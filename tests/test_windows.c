/* A text cut into windows for training and for validation. */
#include "train/windows.h"

#include <criterion/criterion.h>

enum { MOST = 100, LANES = 3, STEPS = 4 };

/* How often each token is what is to be predicted, over all windows. */
static void count_targets(const gt_windows *windows, int *seen)
{
    int32_t in[LANES * STEPS], out[LANES * STEPS], last[LANES] = {0};
    for (int64_t window = 0; window < windows->window_count; window++) {
        gt_windows_fill(windows, window, 0, windows->lanes, in, out);
        for (int lane = 0; lane < LANES; lane++) {
            if (gt_windows_goes_on(windows, window))
                cr_assert(in[lane] == last[lane], "window %d", (int)window);
            for (int t = 0; t < STEPS; t++) {
                int place = t * LANES + lane;
                cr_assert(gt_windows_counts(windows, window, lane, t));
                cr_assert(out[place] == in[place] + 1 && (t == 0 || in[place] == out[place - LANES]));
                seen[out[place]]++;
            }
            last[lane] = out[(STEPS - 1) * LANES + lane];
        }
    }
}

/* Each lane is one stretch of the text, and every window is full; nothing of the text is left out. */
Test(windows, training_windows_are_the_text_in_lanes)
{
    int32_t tokens[MOST];
    for (int i = 0; i < MOST; i++)
        tokens[i] = i;
    for (int count = LANES * STEPS + 1; count <= MOST; count++) {
        gt_windows windows = gt_windows_whole(tokens, count, LANES, STEPS);
        int seen[MOST] = {0};
        count_targets(&windows, seen);
        bool even = (count - 1) % (LANES * STEPS) == 0;
        for (int i = 1; i < count; i++)
            cr_expect(even ? seen[i] == 1 : seen[i] >= 1, "token %d of %d is seen %d times", i, count, seen[i]);
    }
    cr_expect(gt_windows_whole(tokens, 12, LANES, STEPS).window_count == 0);
    cr_expect(gt_windows_whole(tokens, 13, LANES, STEPS).window_count == 1);
    cr_expect(gt_windows_whole(tokens, 0, LANES, STEPS).window_count == 0);
}

Test(windows, validation_predicts_every_token_but_the_first_once)
{
    int32_t tokens[64], in[64], out[64];
    for (int i = 0; i < 64; i++)
        tokens[i] = 100 + i;
    for (int64_t count = 2; count <= 64; count++)
        for (int64_t lanes = 1; lanes <= 5; lanes++)
            for (int64_t steps = 1; steps <= 7; steps++) {
                gt_windows windows = gt_windows_all(tokens, count, lanes, steps);
                int seen[64] = {0}, total = 0;
                for (int64_t window = 0; window < windows.window_count; window++) {
                    gt_windows_fill(&windows, window, 0, windows.lanes, in, out);
                    for (int64_t i = 0; i < lanes * steps; i++) {
                        if (!gt_windows_counts(&windows, window, i % lanes, i / lanes)) {
                            cr_assert(in[i] == 0 && out[i] == 0);
                            continue;
                        }
                        cr_assert(out[i] == in[i] + 1 && out[i] < 100 + count);
                        seen[out[i] - 100]++;
                        total++;
                    }
                }
                cr_assert(total == count - 1);
                for (int64_t i = 1; i < count; i++)
                    cr_assert(seen[i] == 1);
            }
}
