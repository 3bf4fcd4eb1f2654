#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_BINARY_KERNELS(minimum, a < b || a != a ? a : b)
GT_BINARY_LANES(minimum,
                gt_lanes_select(lanes, GT_LANE_NOT_EQUAL, a, a, a, gt_lanes_binary(lanes, GT_LANE_LESSER, a, b)))

/* g where this operand is the smaller, half of g where both are equal */
static gt_var minimum_reverse(gt_reverse *r, uint32_t slot)
{
    gt_var mine = gt_reverse_input(r, slot), other = gt_reverse_input(r, 1 - slot);
    gt_var twice = gt_add(gt_less(mine, other), gt_less_equal(mine, other));
    gt_var share = gt_mul(gt_reverse_number(r, 0.5), twice);
    return gt_mul(gt_reverse_cotangent(r), share);
}

GT_PIECES(minimum, a < b ? 0 : b < a ? 1 : -1, "its first operand is the smaller", "its second operand is the smaller")

const gt_op gt_op_minimum = {
    .name = "minimum",
    .label = "min",
    .latex = "\\min(#1, #2)",
    .onnx = "Min",
    .documentation = "The smaller of a and b; NaN if either is; where both are equal, each gets "
                     "half of the adjoint.",
    .arity = 2,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_ARITHMETIC,
    .domain = {{.apart = 0.1}, {.apart = 0.1}},
    .pieces = &minimum_pieces,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(minimum),
    .lanes = minimum_lanes,
    .reverse = minimum_reverse,
};

gt_var gt_minimum(gt_var a, gt_var b)
{
    return gt_apply_binary(&gt_op_minimum, a, b);
}
