#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_UNARY_KERNELS(neg, -x)
GT_UNARY_LANES(neg, gt_lanes_neg(lanes, x))

/* -g */
static gt_var neg_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_neg(gt_reverse_cotangent(r));
}

const gt_op gt_op_neg = {
    .name = "neg",
    .label = "−",
    .latex = "-#1",
    .onnx = "Neg",
    .documentation = "-x.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_ARITHMETIC,
    .linear = 1,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(neg),
    .lanes = neg_lanes,
    .reverse = neg_reverse,
};

gt_var gt_neg(gt_var x)
{
    return gt_apply_unary(&gt_op_neg, x);
}
