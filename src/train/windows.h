/*
 * A text cut into windows for truncated backpropagation through time: m lanes
 * run through it side by side, each `steps` tokens further from one window to the
 * next, so that the state after a window is the state before the next.
 */
#ifndef GT_TRAIN_WINDOWS_H
#define GT_TRAIN_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gt_windows {
    const int32_t *tokens; /* borrowed */
    int64_t count;         /* of the tokens */
    int64_t lanes, steps;  /* m, T */
    int64_t lane_length;   /* predictions in each lane */
    int64_t window_count;  /* windows from the beginning of the lanes to their end */
    bool whole;            /* every window is full */
} gt_windows;

/*
 * For training: every token but the first is predicted at least once, and every
 * window is full. Where the windows of a lane do not add up to it, the last one ends
 * with the lane: it begins inside of the one before, where no state was kept, and
 * starts anew. window_count is 0 if the text is shorter than lanes * steps + 1 tokens.
 */
gt_windows gt_windows_whole(const int32_t *tokens, int64_t count, int64_t lanes, int64_t steps);
/* For validation: every token but the first is predicted once; the last windows are filled up. count >= 2. */
gt_windows gt_windows_all(const int32_t *tokens, int64_t count, int64_t lanes, int64_t steps);

/* The place in its lane at which a window begins. */
int64_t gt_windows_first(const gt_windows *windows, int64_t window);
/* Whether it begins where the one before ended, so that the states go on. */
bool gt_windows_goes_on(const gt_windows *windows, int64_t window);

/*
 * Window number `window` of `lanes` lanes from `first` on: tokens and what follows them, (lanes, steps)
 * column-major. A position beyond the end of its lane holds token 0 in both.
 */
void gt_windows_fill(const gt_windows *windows, int64_t window, int64_t first, int64_t lanes, int32_t *tokens,
                     int32_t *targets);
/* Whether position `t` of lane `lane` in that window is a prediction, not filling. */
bool gt_windows_counts(const gt_windows *windows, int64_t window, int64_t lane, int64_t t);

#endif
