/*
 * The Gaussian error linear unit (Hendrycks and Gimpel 2016, arXiv:1606.08415) in its form with
 * tanh, x / 2 (1 + tanh(w)), which is x sigmoid(2 w) and so loses no digits where x is far below 0.
 */
#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

#define SCALE 1.5957691216057308 /* 2 sqrt(2 / pi) */
#define CUBIC 0.044715

#define ARGUMENT(x) ((real)SCALE * (x + (real)CUBIC * x * x * x))

GT_UNARY_KERNELS(gelu, x / (1 + exp(-ARGUMENT(x))))
GT_FAST_UNARY_KERNELS(gelu, x *gt_lane_sigmoid(ARGUMENT(x)))

static gt_lane times(gt_lanes *lanes, gt_lane a, gt_lane b)
{
    return gt_lanes_binary(lanes, GT_LANE_MUL, a, b);
}

/* The operations of the fast kernel in its order. */
static gt_lane gelu_lane(gt_lanes *lanes, gt_lane x)
{
    gt_lane cube = times(lanes, times(lanes, times(lanes, gt_lanes_number(lanes, CUBIC), x), x), x);
    gt_lane sum = gt_lanes_binary(lanes, GT_LANE_ADD, x, cube);
    return times(lanes, x, gt_lanes_sigmoid(lanes, times(lanes, gt_lanes_number(lanes, SCALE), sum)));
}
GT_UNARY_LANES(gelu, gelu_lane(lanes, x))

/* With s = sigmoid(a (x + c x^3)): g (s + x s (1 - s) a (1 + 3 c x^2)) */
static gt_var gelu_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var x = gt_reverse_input(r, 0), one = gt_reverse_number(r, 1), scale = gt_reverse_number(r, SCALE);
    gt_var square = gt_mul(x, x);
    gt_var inner = gt_add(x, gt_mul(gt_reverse_number(r, CUBIC), gt_mul(square, x)));
    gt_var s = gt_sigmoid(gt_mul(scale, inner));
    gt_var steepness = gt_mul(scale, gt_add(one, gt_mul(gt_reverse_number(r, 3 * CUBIC), square)));
    gt_var bend = gt_mul(gt_mul(x, gt_mul(s, gt_sub(one, s))), steepness);
    return gt_mul(gt_reverse_cotangent(r), gt_add(s, bend));
}

const gt_op gt_op_gelu = {
    .name = "gelu",
    .latex = "\\operatorname{gelu}(#1)",
    .onnx_form = GT_ONNX_GELU,
    .documentation = "x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), the Gaussian error linear unit in its form "
                     "with tanh.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(gelu),
    .lanes = gelu_lanes,
    .reverse = gelu_reverse,
};

gt_var gt_gelu(gt_var x)
{
    return gt_apply_unary(&gt_op_gelu, x);
}
