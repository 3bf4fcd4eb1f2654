#include "ops/circular.h"
#include "ops/descriptors.h"

GT_UNARY_KERNELS(sin, sin(x))
GT_FAST_CIRCULAR_KERNELS(sin, gt_lane_sin(x), sin(x))

/* g * cos(x) */
static gt_var sin_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_mul(gt_reverse_cotangent(r), gt_cos(gt_reverse_input(r, 0)));
}

const gt_op gt_op_sin = {
    .name = "sin",
    .latex = "\\sin(#1)",
    .onnx = "Sin",
    .documentation = "The sine of x in radians.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(sin),
    .reverse = sin_reverse,
};

gt_var gt_sin(gt_var x)
{
    return gt_apply_unary(&gt_op_sin, x);
}
