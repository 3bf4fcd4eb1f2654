#include "ops/circular.h"
#include "ops/descriptors.h"

GT_UNARY_KERNELS(cos, cos(x))
GT_FAST_CIRCULAR_KERNELS(cos, gt_lane_cos(x), cos(x))

/* -g * sin(x) */
static gt_var cos_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_neg(gt_mul(gt_reverse_cotangent(r), gt_sin(gt_reverse_input(r, 0))));
}

const gt_op gt_op_cos = {
    .name = "cos",
    .latex = "\\cos(#1)",
    .onnx = "Cos",
    .documentation = "The cosine of x in radians.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(cos),
    .reverse = cos_reverse,
};

gt_var gt_cos(gt_var x)
{
    return gt_apply_unary(&gt_op_cos, x);
}
