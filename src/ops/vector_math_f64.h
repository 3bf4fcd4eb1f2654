/* Lines of polynomials, on which formatting goes back and forth. */
/* clang-format off */
/* What vector_math_functions.h needs for double; see vector_math_f32.h. */
#define GT_MANTISSA_F64 52
#define GT_BIAS_F64 1023
#define GT_ROUNDER_F64 0x1.8p52
#define GT_SIGN_F64 0x8000000000000000u
#define GT_ROOT_HALF_F64 0x3fe6a09e667f3bcdu
#define GT_ONE_F64 0x3ff0000000000000u
#define GT_SMALLEST_F64 DBL_MIN
#define GT_GREATEST_F64 DBL_MAX
#define GT_TWO_TO_MANTISSA_F64 0x1p52
#define GT_LOG2E_F64 0x1.71547652b82fep+0
#define GT_LOG2_HIGH_F64 0x1.62e42fefa3800p-1
#define GT_LOG2_LOW_F64 0x1.ef35793c76730p-45
/* As in float. */
#define GT_SHIFT_F64 512.0
#define GT_TWO_TO_MINUS_SHIFT_F64 0x1p-512
#define GT_EXP_HIGH_F64 710.0
#define GT_EXP_LOW_F64 -746.0
#define GT_TANH_ONE_F64 40.0

GT_LANE double gt_lane_real_f64(uint64_t bits)
{
    union {
        uint64_t bits;
        double real;
    } both = {.bits = bits};
    return both.real;
}

GT_LANE uint64_t gt_lane_bits_f64(double real)
{
    union {
        double real;
        uint64_t bits;
    } both = {.real = real};
    return both.bits;
}

/* a * b + c */
GT_LANE double gt_lane_fma_f64(double a, double b, double c, const bool fused)
{
    return fused ? __builtin_fma(a, b, c) : a * b + c;
}

/* (e^r - 1 - r) / r^2 for |r| <= log(2) / 2, to 2^-61.5 of (e^r - 1) / r^2 */
#define GT_EXP_POLYNOMIAL_F64(FIRST, NEXT)                                                         \
    FIRST(0x1.1f28424794ca5p-29) NEXT(0x1.af5f02a76411ep-26) NEXT(0x1.27e509c3085e4p-22)           \
    NEXT(0x1.71ddf8239ad96p-19) NEXT(0x1.a01a01929c6b6p-16) NEXT(0x1.a01a01affd5b1p-13)            \
    NEXT(0x1.6c16c16c19c68p-10) NEXT(0x1.111111110f65ep-7) NEXT(0x1.555555555554fp-5)              \
    NEXT(0x1.5555555555559p-3) NEXT(0.5)

/* (log((1 + s) / (1 - s)) / s - 2) / z, z = s^2 <= (3 - 2 sqrt(2))^2; z times it to 2^-58.5 */
#define GT_LOG_POLYNOMIAL_F64(FIRST, NEXT)                                                         \
    FIRST(0x1.2efa69a1c3e0fp-3) NEXT(0x1.39a2e189608edp-3) NEXT(0x1.746632c27ee33p-3)              \
    NEXT(0x1.c71c5248c2fcbp-3) NEXT(0x1.249249419cdfbp-2) NEXT(0x1.9999999980438p-2)               \
    NEXT(0x1.5555555555591p-1)

/* (atanh(h) / h - 1) / z, z = h^2 <= 1 / 9; z times it to 2^-59.4 */
#define GT_LOG1P_POLYNOMIAL_F64(FIRST, NEXT)                                                       \
    FIRST(0x1.5c729b7aebd8ap-4) NEXT(0x1.55b77d1896b35p-5) NEXT(0x1.efd6e542dd4dcp-5)              \
    NEXT(0x1.1067dacb3333ep-4) NEXT(0x1.3b1dd9d7fd772p-4) NEXT(0x1.745cb41305e8fp-4)               \
    NEXT(0x1.c71c741beaaecp-4) NEXT(0x1.249249208d6a3p-3) NEXT(0x1.99999999a0734p-3)               \
    NEXT(0x1.5555555555535p-2)
