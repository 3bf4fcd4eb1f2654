#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_UNARY_KERNELS(sqrt, sqrt(x))
GT_UNARY_LANES(sqrt, gt_lanes_unary(lanes, GT_LANE_SQRT, x))

/* g / (2 y) */
static gt_var sqrt_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var y = gt_reverse_output(r);
    return gt_div(gt_reverse_cotangent(r), gt_add(y, y));
}

const gt_op gt_op_sqrt = {
    .name = "sqrt",
    .label = "√",
    .latex = "\\sqrt{#1}",
    .onnx = "Sqrt",
    .documentation = "The square root of x > 0; at 0 the value is right and the derivative infinite.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .domain = {{.low = 0.3, .high = 3}},
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(sqrt),
    .lanes = sqrt_lanes,
    .reverse = sqrt_reverse,
};

gt_var gt_sqrt(gt_var x)
{
    return gt_apply_unary(&gt_op_sqrt, x);
}
