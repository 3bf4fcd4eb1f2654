#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_UNARY_KERNELS(exp, exp(x))
GT_FAST_UNARY_KERNELS(exp, gt_lane_exp(x))
GT_UNARY_LANES(exp, gt_lanes_exp(lanes, x))

/* g * y */
static gt_var exp_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_mul(gt_reverse_cotangent(r), gt_reverse_output(r));
}

const gt_op gt_op_exp = {
    .name = "exp",
    .latex = "\\exp(#1)",
    .onnx = "Exp",
    .documentation = "e to the power x.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_FUNCTION,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(exp),
    .lanes = exp_lanes,
    .reverse = exp_reverse,
};

gt_var gt_exp(gt_var x)
{
    return gt_apply_unary(&gt_op_exp, x);
}
