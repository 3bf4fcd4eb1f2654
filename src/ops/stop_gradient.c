#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_UNARY_KERNELS(stop_gradient, x)
GT_UNARY_LANES(stop_gradient, x)

const gt_op gt_op_stop_gradient = {
    .name = "stop_gradient",
    .label = "stop",
    .latex = "\\operatorname{stop}(#1)",
    .onnx = "Identity",
    .documentation = "x itself, through which no gradient flows.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(stop_gradient),
    .lanes = stop_gradient_lanes,
};

gt_var gt_stop_gradient(gt_var x)
{
    return gt_apply_unary(&gt_op_stop_gradient, x);
}
