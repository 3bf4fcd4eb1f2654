#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_UNARY_KERNELS(relu, x <= 0 ? 0 : x)
GT_UNARY_LANES(relu,
               gt_lanes_select(lanes, GT_LANE_LESS_EQUAL, x, gt_lanes_number(lanes, 0), gt_lanes_number(lanes, 0), x))

/* g where y > 0 */
static gt_var relu_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var positive = gt_greater(gt_reverse_output(r), gt_reverse_number(r, 0.0));
    return gt_mul(gt_reverse_cotangent(r), positive);
}

GT_PIECES(relu, a > 0 ? 0 : a < 0 ? 1 : -1, "its operand is above 0", "its operand is below 0")

const gt_op gt_op_relu = {
    .name = "relu",
    .latex = "\\operatorname{relu}(#1)",
    .onnx = "Relu",
    .documentation = "The greater of x and 0; its derivative at 0 is 0. NaN stays NaN.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_ARITHMETIC,
    .domain = {{.apart = 0.1}},
    .pieces = &relu_pieces,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(relu),
    .lanes = relu_lanes,
    .reverse = relu_reverse,
};

gt_var gt_relu(gt_var x)
{
    return gt_apply_unary(&gt_op_relu, x);
}
