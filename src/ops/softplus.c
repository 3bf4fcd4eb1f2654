#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_UNARY_KERNELS(softplus, (x > 0 ? x : 0) + log1p(exp(-fabs(x))))
GT_FAST_UNARY_KERNELS(softplus, gt_lane_softplus(x))
GT_UNARY_LANES(softplus, gt_lanes_softplus(lanes, x))

/* g * sigmoid(x) */
static gt_var softplus_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_mul(gt_reverse_cotangent(r), gt_sigmoid(gt_reverse_input(r, 0)));
}

const gt_op gt_op_softplus = {
    .name = "softplus",
    .latex = "\\operatorname{softplus}(#1)",
    .onnx = "Softplus",
    .documentation = "log(1 + exp(x)), without overflow.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(softplus),
    .lanes = softplus_lanes,
    .reverse = softplus_reverse,
};

gt_var gt_softplus(gt_var x)
{
    return gt_apply_unary(&gt_op_softplus, x);
}
