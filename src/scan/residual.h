/*
 * Values of a forward body as the body of its reverse scan sees them.
 *
 * What entered the forward body from outside enters the reverse body the same
 * way. A value that does not change from step to step, and a view of values
 * that are there anyway, is computed again. Everything else is a residual: it
 * is stacked by the forward scan and scanned by the reverse one. (What is
 * better stored and what recomputed is for a planner to decide.)
 */
#ifndef GT_SCAN_RESIDUAL_H
#define GT_SCAN_RESIDUAL_H

#include "grad/replay.h"

typedef struct gt_residuals {
    gt_scan *scan, *back;
    gt_replay *outer; /* the replay of the tape that holds the scan */
    uint32_t scan_node;
    uint32_t limit;   /* body nodes when the reverse scan began */
    uint8_t *how;     /* for each of them, how it is seen */
    uint32_t *link;   /* for what enters the body, its place in the scan's list */
    uint32_t *primal; /* the var on the reverse body, 0: not yet */
    size_t primal_capacity;
    uint32_t *pending; /* a stack of nodes to compute again */
    size_t pending_capacity;
} gt_residuals;

bool gt_residuals_open(gt_residuals *residuals, gt_scan *scan, gt_scan *back, gt_replay *outer, uint32_t scan_node);
void gt_residuals_close(gt_residuals *residuals);

/* The gt_replay.primal function; context is a gt_residuals. */
gt_var gt_residuals_primal(void *context, uint32_t index);

#endif
