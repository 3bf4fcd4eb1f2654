#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_BINARY_KERNELS(mul, a *b)
GT_BINARY_LANES(mul, gt_lanes_binary(lanes, GT_LANE_MUL, a, b))

/* g times the other operand */
static gt_var mul_reverse(gt_reverse *r, uint32_t slot)
{
    return gt_mul(gt_reverse_cotangent(r), gt_reverse_input(r, 1 - slot));
}

const gt_op gt_op_mul = {
    .name = "mul",
    .label = "⊙",
    .latex = "#1 \\odot #2",
    .onnx = "Mul",
    .documentation = "a * b.",
    .arity = 2,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_ARITHMETIC,
    .linear = 1 | 2,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(mul),
    .lanes = mul_lanes,
    .reverse = mul_reverse,
};

gt_var gt_mul(gt_var a, gt_var b)
{
    return gt_apply_binary(&gt_op_mul, a, b);
}
