/* Applying an op of a scan's body to all steps at once, outside of the scan. */
#ifndef GT_PLAN_LIFT_H
#define GT_PLAN_LIFT_H

#include "plan/rewrite/copy.h"

/*
 * May body node `index` be applied to whole sequences? `varies` says for each
 * body node whether it changes from step to step; what does not is the same
 * for the whole sequence. The op must treat the time axis, which comes last, as
 * one more axis of columns.
 */
bool gt_lift_possible(const gt_tape *body, uint32_t index, const uint8_t *varies);

/* Is the node computed from others, by itself? */
bool gt_lift_computes(const gt_node *node);

/*
 * Sets free[i] for each node that varies, that no carried state reaches, and that can be
 * applied to whole sequences together with all that it is computed from. False: no memory.
 */
bool gt_lift_mark_free(const gt_copy *body, const uint8_t *varies, uint8_t *free);

/*
 * Body node `index` for all `steps` steps: operands[k] is the sequence of input k
 * (its shape with a last axis of `steps`) if that varies, or its value. Returns
 * the sequence of the node.
 */
gt_var gt_lift(const gt_tape *body, uint32_t index, const uint8_t *varies, const gt_var *operands, int64_t steps);

/* The shape of a sequence of values of shape `shape`. */
gt_shape gt_sequence_shape(gt_shape shape, int64_t steps);

#endif
