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
 * applied to whole sequences together with all that it is computed from. A state whose next
 * value is such a node, or always the same, is one itself: its old values are that sequence, a step later
 * (gt_lift_shifted). False: no memory.
 */
bool gt_lift_mark_free(const gt_copy *body, const uint8_t *varies, uint8_t *free);

/*
 * Sets kept[k] for each wanted state on whose old value the next value of such a state depends, and waited[i] for
 * each node on which one does. The next values of all others may be made after the loop.
 */
void gt_lift_mark_kept(const gt_copy *body, uint8_t *kept, uint8_t *waited);

/*
 * Body node `index` for all `steps` steps: operands[k] is the sequence of input k
 * (its shape with a last axis of `steps`) if that varies, or its value. Returns
 * the sequence of the node.
 */
gt_var gt_lift(const gt_tape *body, uint32_t index, const uint8_t *varies, const gt_var *operands, int64_t steps);

/* The old values of a state at all steps, which begins with `initial` and has these new values. */
gt_var gt_lift_shifted(gt_var initial, gt_var sequence, gt_direction direction);
/* What the state is after the last step. */
gt_var gt_lift_last(gt_var sequence, gt_direction direction);

/* The shape of a sequence of values of shape `shape`. */
gt_shape gt_sequence_shape(gt_shape shape, int64_t steps);

#endif
