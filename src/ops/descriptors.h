/* The descriptors of all ops, and how an op's public function records it. */
#ifndef GT_OPS_DESCRIPTORS_H
#define GT_OPS_DESCRIPTORS_H

#include "gradtape/op.h"
#include "gradtape/ops.h"

#define GT_OP(NAME) extern const gt_op gt_op_##NAME;
#include "ops/list.h"
#undef GT_OP

static inline gt_var gt_apply_unary(const gt_op *op, gt_var x)
{
    return gt_apply(op, &x, 1, NULL, 0);
}

static inline gt_var gt_apply_binary(const gt_op *op, gt_var a, gt_var b)
{
    const gt_var inputs[] = {a, b};
    return gt_apply(op, inputs, 2, NULL, 0);
}

/* A number on the tape of a reverse rule. */
static inline gt_var gt_reverse_number(gt_reverse *r, double value)
{
    return gt_constant(gt_reverse_tape(r), value);
}

#endif
