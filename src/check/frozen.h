/*
 * stop_gradient is meant to have another derivative than the function that it
 * computes. To verify what flows around it, its values stay as they are while
 * everything else is varied.
 */
#ifndef GT_CHECK_FROZEN_H
#define GT_CHECK_FROZEN_H

#include "check/forward.h"

typedef struct gt_frozen {
    gt_var *nodes;
    double **values;
    uint32_t count;
    bool in_loop; /* there is one in a loop's body, which cannot be held */
} gt_frozen;

/*
 * Turns every stop_gradient that the outputs need into an input with the value it
 * has at the forward's x. The forward must be interpreted. End it in any case.
 */
gt_status gt_frozen_begin(gt_frozen *frozen, gt_forward *forward, gt_error *error);
/* Makes them ops again and frees all. */
void gt_frozen_end(gt_frozen *frozen);

#endif
