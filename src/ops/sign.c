#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_UNARY_KERNELS(sign, x > 0 ? 1 : x < 0 ? -1 : x)
GT_UNARY_LANES(sign,
               gt_lanes_select(lanes, GT_LANE_GREATER_THAN, x, gt_lanes_number(lanes, 0), gt_lanes_number(lanes, 1),
                               gt_lanes_select(lanes, GT_LANE_LESS, x, gt_lanes_number(lanes, 0),
                                               gt_lanes_number(lanes, -1), x)))

GT_PIECES(sign, a > 0 ? 0 : a < 0 ? 1 : -1, "its operand is above 0", "its operand is below 0")

const gt_op gt_op_sign = {
    .name = "sign",
    .latex = "\\operatorname{sign}(#1)",
    .onnx = "Sign",
    .documentation = "-1, 0 or 1 as x is negative, 0 or positive; its derivative is 0. NaN stays NaN.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .domain = {{.apart = 0.1}},
    .pieces = &sign_pieces,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(sign),
    .lanes = sign_lanes,
};

gt_var gt_sign(gt_var x)
{
    return gt_apply_unary(&gt_op_sign, x);
}
