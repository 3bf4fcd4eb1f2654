#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_BINARY_KERNELS(add, a + b)
GT_BINARY_LANES(add, gt_lanes_binary(lanes, GT_LANE_ADD, a, b))

/* g for both */
static gt_var add_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_reverse_cotangent(r);
}

const gt_op gt_op_add = {
    .name = "add",
    .label = "+",
    .latex = "#1 + #2",
    .onnx = "Add",
    .documentation = "a + b.",
    .arity = 2,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_ARITHMETIC,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(add),
    .lanes = add_lanes,
    .reverse = add_reverse,
};

gt_var gt_add(gt_var a, gt_var b)
{
    return gt_apply_binary(&gt_op_add, a, b);
}
