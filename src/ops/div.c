#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_BINARY_KERNELS(div, a / b)
GT_BINARY_LANES(div, gt_lanes_binary(lanes, GT_LANE_DIV, a, b))

/* g / b and -(g / b) * y */
static gt_var div_reverse(gt_reverse *r, uint32_t slot)
{
    gt_var share = gt_div(gt_reverse_cotangent(r), gt_reverse_input(r, 1));
    return slot == 0 ? share : gt_neg(gt_mul(share, gt_reverse_output(r)));
}

const gt_op gt_op_div = {
    .name = "div",
    .label = "÷",
    .latex = "\\frac{#1}{#2}",
    .onnx = "Div",
    .documentation = "a / b; b is not 0.",
    .arity = 2,
    .op_class = GT_CLASS_ELEMENTWISE,
    .linear = 1,
    .domain = {{0}, {.apart = 0.3}},
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(div),
    .lanes = div_lanes,
    .reverse = div_reverse,
};

gt_var gt_div(gt_var a, gt_var b)
{
    return gt_apply_binary(&gt_op_div, a, b);
}
