/* What vector_math_functions.h needs for float. Polynomials: scripts/minimax.py. */

/* Mantissa bits, the exponent of 1, and the number that makes a sum round to a whole number. */
#define GT_MANTISSA_F32 23
#define GT_BIAS_F32 127
#define GT_ROUNDER_F32 0x1.8p23f
#define GT_SIGN_F32 0x80000000u
#define GT_ROOT_HALF_F32 0x3f3504f3u /* the bits of sqrt(1/2) */
#define GT_ONE_F32 0x3f800000u       /* the bits of 1 */
#define GT_SMALLEST_F32 FLT_MIN
#define GT_GREATEST_F32 FLT_MAX
#define GT_TWO_TO_MANTISSA_F32 0x1p23f
/* log 2 in two parts; a product of the first with a whole number up to 2^15 is exact. */
#define GT_LOG2E_F32 1.44269502f
#define GT_LOG2_HIGH_F32 0.693359375f
#define GT_LOG2_LOW_F32 -0.000212194442f
/* Half the exponents below 1, about, so that 2^(n + SHIFT) is a normal number for n from EXP_LOW on. */
#define GT_SHIFT_F32 64.0f
#define GT_TWO_TO_MINUS_SHIFT_F32 0x1p-64f
/* Beyond these exp is infinite and 0. */
#define GT_EXP_HIGH_F32 89.0f
#define GT_EXP_LOW_F32 -104.0f
/* From here on tanh(x / 2) is 1. */
#define GT_TANH_ONE_F32 20.0f

GT_LANE float gt_lane_real_f32(uint32_t bits)
{
    union {
        uint32_t bits;
        float real;
    } both = {.bits = bits};
    return both.real;
}

GT_LANE uint32_t gt_lane_bits_f32(float real)
{
    union {
        float real;
        uint32_t bits;
    } both = {.real = real};
    return both.bits;
}

/* a * b + c */
GT_LANE float gt_lane_fma_f32(float a, float b, float c, const bool fused)
{
    return fused ? __builtin_fmaf(a, b, c) : a * b + c;
}

/* (e^r - 1 - r) / r^2 for |r| <= log(2) / 2, to 2^-30.5 of (e^r - 1) / r^2 */
#define GT_EXP_POLYNOMIAL_F32(FIRST, NEXT)                                                                             \
    FIRST(0.000195452361f) NEXT(0.00139336858f) NEXT(0.00833392236f) NEXT(0.0416664779f) NEXT(0.166666642f) NEXT(0.5f)

/* (log((1 + s) / (1 - s)) / s - 2) / z, z = s^2 <= (3 - 2 sqrt(2))^2; z times it to 2^-29.2 */
#define GT_LOG_POLYNOMIAL_F32(FIRST, NEXT) FIRST(0.298701376f) NEXT(0.399776012f) NEXT(0.666667759f)

/* (atanh(h) / h - 1) / z, z = h^2 <= 1 / 9; z times it to 2^-27.7 */
#define GT_LOG1P_POLYNOMIAL_F32(FIRST, NEXT)                                                                           \
    FIRST(0.140034258f) NEXT(0.140015244f) NEXT(0.200107172f) NEXT(0.333332092f)
