#include "ops/lane_functions.h"

#include "ops/vector_math.h"

/* A constant of vector_math_f32.h or vector_math_f64.h, by the type of the list. */
#define LIMIT(NAME) (lanes->dtype == GT_F32 ? (double)GT_##NAME##_F32 : (double)GT_##NAME##_F64)
#define BITS(NAME) (lanes->dtype == GT_F32 ? (uint64_t)GT_##NAME##_F32 : (uint64_t)GT_##NAME##_F64)
#define NUMBER(VALUE) gt_lanes_number(lanes, VALUE)

static gt_lane add(gt_lanes *lanes, gt_lane a, gt_lane b)
{
    return gt_lanes_binary(lanes, GT_LANE_ADD, a, b);
}

static gt_lane sub(gt_lanes *lanes, gt_lane a, gt_lane b)
{
    return gt_lanes_binary(lanes, GT_LANE_SUB, a, b);
}

static gt_lane mul(gt_lanes *lanes, gt_lane a, gt_lane b)
{
    return gt_lanes_binary(lanes, GT_LANE_MUL, a, b);
}

static gt_lane divide(gt_lanes *lanes, gt_lane a, gt_lane b)
{
    return gt_lanes_binary(lanes, GT_LANE_DIV, a, b);
}

static gt_lane sign_bit(gt_lanes *lanes)
{
    return gt_lanes_bits(lanes, BITS(SIGN));
}

gt_lane gt_lanes_neg(gt_lanes *lanes, gt_lane x)
{
    return gt_lanes_binary(lanes, GT_LANE_XOR, x, sign_bit(lanes));
}

gt_lane gt_lanes_abs(gt_lanes *lanes, gt_lane x)
{
    return gt_lanes_binary(lanes, GT_LANE_AND, x, gt_lanes_bits(lanes, BITS(SIGN) - 1));
}

/* ---- polynomials --------------------------------------------------------------------------- */

#define COEFFICIENT(C) C,
#define POLYNOMIAL(NAME)                                                                                               \
    static gt_lane NAME##_polynomial(gt_lanes *lanes, gt_lane x)                                                       \
    {                                                                                                                  \
        static const float f32[] = {GT_##NAME##_POLYNOMIAL_F32(COEFFICIENT, COEFFICIENT)};                             \
        static const double f64[] = {GT_##NAME##_POLYNOMIAL_F64(COEFFICIENT, COEFFICIENT)};                            \
        size_t count = lanes->dtype == GT_F32 ? sizeof f32 / sizeof *f32 : sizeof f64 / sizeof *f64;                   \
        gt_lane p = NUMBER(lanes->dtype == GT_F32 ? (double)f32[0] : f64[0]);                                          \
        for (size_t k = 1; k < count; k++)                                                                             \
            p = gt_lanes_fused(lanes, p, x, NUMBER(lanes->dtype == GT_F32 ? (double)f32[k] : f64[k]));                 \
        return p;                                                                                                      \
    }

POLYNOMIAL(EXP)
POLYNOMIAL(LOG)
POLYNOMIAL(LOG1P)

/* ---- parts of exp -------------------------------------------------------------------------- */

/* x = n log 2 + r */
static gt_lane reduce(gt_lanes *lanes, gt_lane x, gt_lane *n)
{
    gt_lane rounder = NUMBER(LIMIT(ROUNDER));
    *n = sub(lanes, gt_lanes_fused(lanes, x, NUMBER(LIMIT(LOG2E)), rounder), rounder);
    gt_lane r = gt_lanes_fused(lanes, *n, NUMBER(-LIMIT(LOG2_HIGH)), x);
    return gt_lanes_fused(lanes, *n, NUMBER(-LIMIT(LOG2_LOW)), r);
}

static gt_lane expm1_reduced(gt_lanes *lanes, gt_lane r)
{
    return gt_lanes_fused(lanes, mul(lanes, r, r), EXP_polynomial(lanes, r), r);
}

static gt_lane to_exponent(gt_lanes *lanes, gt_lane biased)
{
    return gt_lanes_shift(lanes, GT_LANE_SHIFT_LEFT, biased, (uint32_t)BITS(MANTISSA));
}

static gt_lane power_of_two(gt_lanes *lanes, gt_lane n)
{
    return to_exponent(lanes, add(lanes, n, NUMBER(LIMIT(ROUNDER) + LIMIT(BIAS))));
}

/* p 2^n in two halves */
static gt_lane scale(gt_lanes *lanes, gt_lane p, gt_lane n)
{
    gt_lane origin = NUMBER(LIMIT(ROUNDER) + LIMIT(BIAS));
    gt_lane half = gt_lanes_fused(lanes, n, NUMBER(0.5), origin);
    gt_lane other = add(lanes, sub(lanes, n, sub(lanes, half, origin)), origin);
    return mul(lanes, mul(lanes, p, to_exponent(lanes, half)), to_exponent(lanes, other));
}

/* e^-|x| */
static gt_lane exp_decay(gt_lanes *lanes, gt_lane x)
{
    gt_lane y = gt_lanes_binary(lanes, GT_LANE_OR, x, sign_bit(lanes));
    gt_lane n, r = reduce(lanes, gt_lanes_binary(lanes, GT_LANE_GREATER, NUMBER(LIMIT(EXP_LOW)), y), &n);
    gt_lane p = add(lanes, NUMBER(1), expm1_reduced(lanes, r));
    gt_lane power = power_of_two(lanes, add(lanes, n, NUMBER(LIMIT(SHIFT))));
    return mul(lanes, mul(lanes, p, power), NUMBER(LIMIT(TWO_TO_MINUS_SHIFT)));
}

/* ---- functions ----------------------------------------------------------------------------- */

gt_lane gt_lanes_exp(gt_lanes *lanes, gt_lane x)
{
    gt_lane y = gt_lanes_binary(lanes, GT_LANE_LESSER, NUMBER(LIMIT(EXP_HIGH)), x);
    gt_lane n, r = reduce(lanes, gt_lanes_binary(lanes, GT_LANE_GREATER, NUMBER(LIMIT(EXP_LOW)), y), &n);
    return scale(lanes, add(lanes, NUMBER(1), expm1_reduced(lanes, r)), n);
}

gt_lane gt_lanes_tanh(gt_lanes *lanes, gt_lane x)
{
    gt_lane y = gt_lanes_abs(lanes, x);
    y = gt_lanes_binary(lanes, GT_LANE_LESSER, NUMBER(LIMIT(TANH_ONE)), add(lanes, y, y));
    gt_lane n, r = reduce(lanes, y, &n), power = power_of_two(lanes, n);
    gt_lane t = gt_lanes_fused(lanes, power, expm1_reduced(lanes, r), sub(lanes, power, NUMBER(1)));
    gt_lane value = divide(lanes, t, add(lanes, t, NUMBER(2)));
    return gt_lanes_binary(lanes, GT_LANE_OR, value, gt_lanes_binary(lanes, GT_LANE_AND, x, sign_bit(lanes)));
}

gt_lane gt_lanes_sigmoid(gt_lanes *lanes, gt_lane x)
{
    gt_lane e = exp_decay(lanes, x), one = NUMBER(1);
    return divide(lanes, gt_lanes_select(lanes, GT_LANE_LESS, x, NUMBER(0), e, one), add(lanes, one, e));
}

gt_lane gt_lanes_softplus(gt_lanes *lanes, gt_lane x)
{
    gt_lane e = exp_decay(lanes, x), zero = NUMBER(0);
    gt_lane s = divide(lanes, add(lanes, e, e), add(lanes, NUMBER(2), e));
    gt_lane z = mul(lanes, mul(lanes, s, s), NUMBER(0.25));
    gt_lane logarithm = gt_lanes_fused(lanes, mul(lanes, s, z), LOG1P_polynomial(lanes, z), s);
    return add(lanes, gt_lanes_select(lanes, GT_LANE_GREATER_THAN, x, zero, x, zero), logarithm);
}

/* x as 2^k (1 + f): the bits of x or of its multiple, moved by the distance from sqrt(1/2) to 1. */
static gt_lane split(gt_lanes *lanes, gt_lane x, gt_lane *k)
{
    gt_lane smallest = NUMBER(LIMIT(SMALLEST)), whole = NUMBER(LIMIT(TWO_TO_MANTISSA));
    gt_lane scaled = gt_lanes_select(lanes, GT_LANE_LESS, x, smallest, mul(lanes, x, whole), x);
    gt_lane bits = gt_lanes_binary(lanes, GT_LANE_ADD_BITS, scaled, gt_lanes_bits(lanes, BITS(ONE) - BITS(ROOT_HALF)));
    gt_lane mask = gt_lanes_bits(lanes, (UINT64_C(1) << BITS(MANTISSA)) - 1);
    gt_lane fraction = gt_lanes_binary(lanes, GT_LANE_AND, bits, mask);
    gt_lane moved = gt_lanes_binary(lanes, GT_LANE_ADD_BITS, fraction, gt_lanes_bits(lanes, BITS(ROOT_HALF)));
    gt_lane high = gt_lanes_shift(lanes, GT_LANE_SHIFT_RIGHT, bits, (uint32_t)BITS(MANTISSA));
    gt_lane exponent = gt_lanes_binary(lanes, GT_LANE_OR, high, whole);
    *k = sub(lanes, exponent, NUMBER(LIMIT(TWO_TO_MANTISSA) + LIMIT(BIAS)));
    *k = sub(lanes, *k, gt_lanes_select(lanes, GT_LANE_LESS, x, smallest, NUMBER((double)BITS(MANTISSA)), NUMBER(0)));
    return sub(lanes, moved, NUMBER(1));
}

gt_lane gt_lanes_log(gt_lanes *lanes, gt_lane x)
{
    gt_lane k, f = split(lanes, x, &k), zero = NUMBER(0);
    gt_lane s = divide(lanes, f, add(lanes, NUMBER(2), f)), z = mul(lanes, s, s);
    gt_lane half = mul(lanes, mul(lanes, NUMBER(0.5), f), f);
    gt_lane rest = mul(lanes, z, LOG_polynomial(lanes, z));
    gt_lane low = gt_lanes_fused(lanes, s, add(lanes, half, rest), mul(lanes, k, NUMBER(LIMIT(LOG2_LOW))));
    gt_lane value = gt_lanes_fused(lanes, k, NUMBER(LIMIT(LOG2_HIGH)), sub(lanes, f, sub(lanes, half, low)));
    gt_lane outside = gt_lanes_select(lanes, GT_LANE_EQUAL, x, zero, NUMBER(-INFINITY), NUMBER(NAN));
    gt_lane inside = gt_lanes_select(lanes, GT_LANE_GREATER_THAN, x, NUMBER(LIMIT(GREATEST)), x, value);
    return gt_lanes_select(lanes, GT_LANE_GREATER_THAN, x, zero, inside, outside);
}
