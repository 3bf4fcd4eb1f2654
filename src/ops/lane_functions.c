#include "ops/lane_functions.h"

#include "base/types.h"
#include "ops/vector_math.h"

gt_lane gt_lanes_neg(gt_lanes *lanes, gt_lane x)
{
    uint64_t sign = 0;
    GT_FOR_REAL(lanes->dtype, sign = GT_SIGN_F64, sign = GT_SIGN_F32);
    return gt_lanes_binary(lanes, GT_LANE_XOR, x, gt_lanes_bits(lanes, sign));
}

/* ---- the functions of vector_math_functions.h, as recordings ---------------------------------- */

#define CONTEXT gt_lanes *lanes
#define IN lanes
#define FUNCTION static
#define REAL gt_lane
#define BITS gt_lane
#define NUMBER(VALUE) gt_lanes_number(lanes, (double)(VALUE))
#define WORD(VALUE) gt_lanes_bits(lanes, (VALUE))
#define ADD(a, b) gt_lanes_binary(lanes, GT_LANE_ADD, (a), (b))
#define SUB(a, b) gt_lanes_binary(lanes, GT_LANE_SUB, (a), (b))
#define MUL(a, b) gt_lanes_binary(lanes, GT_LANE_MUL, (a), (b))
#define DIV(a, b) gt_lanes_binary(lanes, GT_LANE_DIV, (a), (b))
#define FMA(a, b, c) gt_lanes_fused(lanes, (a), (b), (c))
#define LESSER(a, b) gt_lanes_binary(lanes, GT_LANE_LESSER, (a), (b))
#define GREATER(a, b) gt_lanes_binary(lanes, GT_LANE_GREATER, (a), (b))
#define SELECT(PREDICATE, a, b, c, d) gt_lanes_select(lanes, GT_LANE_##PREDICATE, (a), (b), (c), (d))
#define AS_BITS(x) (x)
#define AS_REAL(x) (x)
#define AND(a, b) gt_lanes_binary(lanes, GT_LANE_AND, (a), (b))
#define OR(a, b) gt_lanes_binary(lanes, GT_LANE_OR, (a), (b))
#define ADD_BITS(a, b) gt_lanes_binary(lanes, GT_LANE_ADD_BITS, (a), (b))
#define SHIFT_LEFT(a, places) gt_lanes_shift(lanes, GT_LANE_SHIFT_LEFT, (a), (uint32_t)(places))
#define SHIFT_RIGHT(a, places) gt_lanes_shift(lanes, GT_LANE_SHIFT_RIGHT, (a), (uint32_t)(places))

#define LANE(NAME) NAME##_lanes_f32
#define LIMIT(NAME) GT_##NAME##_F32
#include "ops/vector_math_functions.h"
#undef LANE
#undef LIMIT

#define LANE(NAME) NAME##_lanes_f64
#define LIMIT(NAME) GT_##NAME##_F64
#include "ops/vector_math_functions.h"
#undef LANE
#undef LIMIT

/* The recording for the type of the list. */
#define RECORDING(NAME, FUNCTION_NAME)                                                                                 \
    gt_lane NAME(gt_lanes *lanes, gt_lane x)                                                                           \
    {                                                                                                                  \
        GT_FOR_REAL(lanes->dtype, return FUNCTION_NAME##_lanes_f64(x, lanes),                                          \
                    return FUNCTION_NAME##_lanes_f32(x, lanes));                                                       \
        return x;                                                                                                      \
    }
RECORDING(gt_lanes_abs, absolute)
RECORDING(gt_lanes_exp, exp)
RECORDING(gt_lanes_log, log)
RECORDING(gt_lanes_tanh, tanh)
RECORDING(gt_lanes_sigmoid, sigmoid)
RECORDING(gt_lanes_softplus, softplus)
