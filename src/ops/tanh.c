#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_UNARY_KERNELS(tanh, tanh(x))
GT_FAST_UNARY_KERNELS(tanh, gt_lane_tanh(x))
GT_UNARY_LANES(tanh, gt_lanes_tanh(lanes, x))

/* g * (1 - y * y) */
static gt_var tanh_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var y = gt_reverse_output(r);
    gt_var slope = gt_sub(gt_reverse_number(r, 1.0), gt_mul(y, y));
    return gt_mul(gt_reverse_cotangent(r), slope);
}

const gt_op gt_op_tanh = {
    .name = "tanh",
    .latex = "\\tanh(#1)",
    .onnx = "Tanh",
    .documentation = "The hyperbolic tangent of x.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_FUNCTION,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(tanh),
    .lanes = tanh_lanes,
    .reverse = tanh_reverse,
};

gt_var gt_tanh(gt_var x)
{
    return gt_apply_unary(&gt_op_tanh, x);
}
