#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_UNARY_KERNELS(log, log(x))
GT_FAST_UNARY_KERNELS(log, gt_lane_log(x))
GT_UNARY_LANES(log, gt_lanes_log(lanes, x))

/* g / x */
static gt_var log_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_div(gt_reverse_cotangent(r), gt_reverse_input(r, 0));
}

const gt_op gt_op_log = {
    .name = "log",
    .latex = "\\log(#1)",
    .onnx = "Log",
    .documentation = "The natural logarithm of x > 0.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .domain = {{.low = 0.3, .high = 3}},
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(log),
    .lanes = log_lanes,
    .reverse = log_reverse,
};

gt_var gt_log(gt_var x)
{
    return gt_apply_unary(&gt_op_log, x);
}
