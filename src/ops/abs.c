#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_UNARY_KERNELS(abs, fabs(x))
GT_UNARY_LANES(abs, gt_lanes_abs(lanes, x))

/* g * sign(x) */
static gt_var abs_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_mul(gt_reverse_cotangent(r), gt_sign(gt_reverse_input(r, 0)));
}

GT_PIECES(abs, a > 0 ? 0 : a < 0 ? 1 : -1, "its operand is above 0", "its operand is below 0")

const gt_op gt_op_abs = {
    .name = "abs",
    .label = "|·|",
    .latex = "\\left|#1\\right|",
    .onnx = "Abs",
    .documentation = "The absolute value of x; its derivative at 0 is 0.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_ARITHMETIC,
    .domain = {{.apart = 0.1}},
    .pieces = &abs_pieces,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(abs),
    .lanes = abs_lanes,
    .reverse = abs_reverse,
};

gt_var gt_abs(gt_var x)
{
    return gt_apply_unary(&gt_op_abs, x);
}
