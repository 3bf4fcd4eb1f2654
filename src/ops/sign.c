#include "ops/descriptors.h"
#include "ops/kernels.h"

GT_EXACT_UNARY_KERNELS(sign, x > 0 ? 1 : x < 0 ? -1 : x)

const gt_op gt_op_sign = {
    .name = "sign",
    .latex = "\\operatorname{sign}(#1)",
    .onnx = "Sign",
    .documentation =
        "-1, 0 or 1 as x is negative, 0 or positive; its derivative is 0. NaN stays NaN.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .domain = {{.apart = 0.1}},
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(sign),
};

gt_var gt_sign(gt_var x)
{
    return gt_apply_unary(&gt_op_sign, x);
}
