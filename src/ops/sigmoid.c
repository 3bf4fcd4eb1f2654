#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

/* exp of something negative only: neither side of 0 overflows. */
GT_UNARY_KERNELS(sigmoid, ({
                     real e = exp(-fabs(x));
                     (x < 0 ? e : 1) / (1 + e);
                 }))
GT_FAST_UNARY_KERNELS(sigmoid, gt_lane_sigmoid(x))
GT_UNARY_LANES(sigmoid, gt_lanes_sigmoid(lanes, x))

/* g * y * (1 - y) */
static gt_var sigmoid_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var y = gt_reverse_output(r);
    gt_var slope = gt_mul(y, gt_sub(gt_reverse_number(r, 1.0), y));
    return gt_mul(gt_reverse_cotangent(r), slope);
}

const gt_op gt_op_sigmoid = {
    .name = "sigmoid",
    .label = "σ",
    .latex = "\\sigma(#1)",
    .onnx = "Sigmoid",
    .documentation = "1 / (1 + exp(-x)), accurate also where it is near 0.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_FUNCTION,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(sigmoid),
    .lanes = sigmoid_lanes,
    .reverse = sigmoid_reverse,
};

gt_var gt_sigmoid(gt_var x)
{
    return gt_apply_unary(&gt_op_sigmoid, x);
}
