#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_BINARY_KERNELS(sub, a - b)
GT_BINARY_LANES(sub, gt_lanes_binary(lanes, GT_LANE_SUB, a, b))

/* g and -g */
static gt_var sub_reverse(gt_reverse *r, uint32_t slot)
{
    gt_var g = gt_reverse_cotangent(r);
    return slot == 0 ? g : gt_neg(g);
}

const gt_op gt_op_sub = {
    .name = "sub",
    .label = "−",
    .latex = "#1 - #2",
    .onnx = "Sub",
    .documentation = "a - b.",
    .arity = 2,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_ARITHMETIC,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(sub),
    .lanes = sub_lanes,
    .reverse = sub_reverse,
};

gt_var gt_sub(gt_var a, gt_var b)
{
    return gt_apply_binary(&gt_op_sub, a, b);
}
