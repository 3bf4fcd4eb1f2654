/*
 * A text cut into windows for truncated backpropagation through time: m lanes
 * run through it side by side, each `steps` tokens further from one window to the
 * next, so that the state after a window is the state before the next.
 */
#ifndef GT_CLI_BATCHES_H
#define GT_CLI_BATCHES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gt_batches {
    const int32_t *tokens; /* borrowed */
    int64_t count;         /* of the tokens */
    int64_t lanes, steps;  /* m, T */
    int64_t lane_length;   /* predictions in each lane */
    int64_t windows;       /* windows from the beginning of the lanes to their end */
} gt_batches;

/*
 * For training: as many whole windows as the text has, the rest is left out;
 * windows is 0 if the text is shorter than lanes * steps + 1 tokens.
 */
gt_batches gt_batches_whole(const int32_t *tokens, int64_t count, int64_t lanes, int64_t steps);
/* For validation: every token but the first is predicted once; the last windows are filled up. count >= 2. */
gt_batches gt_batches_all(const int32_t *tokens, int64_t count, int64_t lanes, int64_t steps);

/*
 * Window number `window`: tokens and what follows them, (lanes, steps) column-
 * major. A position beyond the end of its lane holds token 0 in both.
 */
void gt_batches_fill(const gt_batches *batches, int64_t window, int32_t *tokens,
                     int32_t *targets);
/* Whether position `t` of lane `lane` in that window is a prediction, not filling. */
bool gt_batches_counts(const gt_batches *batches, int64_t window, int64_t lane, int64_t t);

#endif
