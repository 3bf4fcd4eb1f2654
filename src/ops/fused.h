/*
 * Two ops of arithmetic in one pass over the entries, with the bits of one after
 * the other. They are no ops of the tape: only plans use them, for runs.
 */
#ifndef GT_OPS_FUSED_H
#define GT_OPS_FUSED_H

#include "gradtape/op.h"

/*
 * second(first(a, b), c) as an op of a, b and c; or, swapped, second(c, first(a, b)).
 * NULL if there is none: both must be add, sub or mul.
 */
const gt_op *gt_op_fused(const gt_op *first, const gt_op *second, bool swapped);

#endif
