/*
 * exp, log, tanh and their kin as instructions of lanes: recordings of the text
 * that the fast kernels are made of (vector_math_functions.h), so that the bits
 * are theirs where the processor multiplies and adds with one rounding.
 */
#ifndef GT_OPS_LANE_FUNCTIONS_H
#define GT_OPS_LANE_FUNCTIONS_H

#include "ops/lanes.h"

gt_lane gt_lanes_neg(gt_lanes *lanes, gt_lane x);
gt_lane gt_lanes_abs(gt_lanes *lanes, gt_lane x);
gt_lane gt_lanes_exp(gt_lanes *lanes, gt_lane x);
gt_lane gt_lanes_log(gt_lanes *lanes, gt_lane x);
gt_lane gt_lanes_tanh(gt_lanes *lanes, gt_lane x);
gt_lane gt_lanes_sigmoid(gt_lanes *lanes, gt_lane x);
gt_lane gt_lanes_softplus(gt_lanes *lanes, gt_lane x);

/* ---- for the rules of ops: an expression of `lanes` and x; or a and b; or a, b and c ---------- */

#define GT_UNARY_LANES(NAME, ...)                                                                                      \
    static gt_lane NAME##_lanes(gt_lanes *lanes, const gt_lane *inputs)                                                \
    {                                                                                                                  \
        const gt_lane x = inputs[0];                                                                                   \
        (void)lanes;                                                                                                   \
        return __VA_ARGS__;                                                                                            \
    }

#define GT_BINARY_LANES(NAME, ...)                                                                                     \
    static gt_lane NAME##_lanes(gt_lanes *lanes, const gt_lane *inputs)                                                \
    {                                                                                                                  \
        const gt_lane a = inputs[0], b = inputs[1];                                                                    \
        return __VA_ARGS__;                                                                                            \
    }

#define GT_TERNARY_LANES(NAME, ...)                                                                                    \
    static gt_lane NAME##_lanes(gt_lanes *lanes, const gt_lane *inputs)                                                \
    {                                                                                                                  \
        const gt_lane a = inputs[0], b = inputs[1], c = inputs[2];                                                     \
        return __VA_ARGS__;                                                                                            \
    }

#endif
