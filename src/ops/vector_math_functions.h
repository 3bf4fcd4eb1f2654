/*
 * The functions of vector_math.h, included once for each type with REAL, BITS,
 * LANE(name) and LIMIT(NAME) defined. No include guard.
 */

/* The polynomials, by Horner's rule; their coefficients are lists in the headers of the types. */
#define FIRST(C) REAL p = C;
#define NEXT(C) p = LANE(fma)(p, x, C, fused);
GT_LANE REAL LANE(exp_polynomial)(REAL x, const bool fused)
{
    LIMIT(EXP_POLYNOMIAL)(FIRST, NEXT) return p;
}

GT_LANE REAL LANE(log_polynomial)(REAL x, const bool fused)
{
    LIMIT(LOG_POLYNOMIAL)(FIRST, NEXT) return p;
}

GT_LANE REAL LANE(log1p_polynomial)(REAL x, const bool fused)
{
    LIMIT(LOG1P_POLYNOMIAL)(FIRST, NEXT) return p;
}
#undef FIRST
#undef NEXT

/* The whole number nearest to x, for |x| < 2^(mantissa bits - 1). */
GT_LANE REAL LANE(round)(REAL x)
{
    return (x + LIMIT(ROUNDER)) - LIMIT(ROUNDER);
}

/* 2^n for a whole n from -bias + 1 to bias: n's last bits moved to the place of the exponent. */
GT_LANE REAL LANE(power_of_two)(REAL n)
{
    BITS shifted = LANE(bits)(n + (LIMIT(ROUNDER) + LIMIT(BIAS)));
    return LANE(real)(shifted << LIMIT(MANTISSA));
}

GT_LANE REAL LANE(absolute)(REAL x)
{
    return LANE(real)(LANE(bits)(x) & ~LIMIT(SIGN));
}

/* x = n log 2 + r with |r| <= log(2) / 2; returns r and sets *n. */
GT_LANE REAL LANE(reduce)(REAL x, REAL *n, const bool fused)
{
    *n = LANE(fma)(x, LIMIT(LOG2E), LIMIT(ROUNDER), fused) - LIMIT(ROUNDER);
    REAL r = LANE(fma)(*n, -LIMIT(LOG2_HIGH), x, fused);
    return LANE(fma)(*n, -LIMIT(LOG2_LOW), r, fused);
}

/* e^r - 1 for a reduced r, its relative error that of a few roundings of r itself. */
GT_LANE REAL LANE(expm1_reduced)(REAL r, const bool fused)
{
    return LANE(fma)(r * r, LANE(exp_polynomial)(r, fused), r, fused);
}

/*
 * p 2^n in two halves: n reaches beyond the exponents of the type where the
 * result overflows or is denormal, and only the last multiplication rounds.
 */
GT_LANE REAL LANE(scale)(REAL p, REAL n, const bool fused)
{
    const REAL origin = LIMIT(ROUNDER) + LIMIT(BIAS); /* as in power_of_two */
    REAL half = LANE(fma)(n, (REAL)0.5, origin, fused);
    REAL other = (n - (half - origin)) + origin;
    return p * LANE(real)(LANE(bits)(half) << LIMIT(MANTISSA)) * LANE(real)(LANE(bits)(other) << LIMIT(MANTISSA));
}

/* The same for n <= 0, where one power that is far from both ends, and a constant, will do. */
GT_LANE REAL LANE(scale_down)(REAL p, REAL n)
{
    return p * LANE(power_of_two)(n + LIMIT(SHIFT)) * LIMIT(TWO_TO_MINUS_SHIFT);
}

/* e^x for EXP_LOW <= x <= EXP_HIGH. */
GT_LANE REAL LANE(exp_limited)(REAL x, const bool fused)
{
    REAL n, r = LANE(reduce)(x, &n, fused);
    return LANE(scale)(1 + LANE(expm1_reduced)(r, fused), n, fused);
}

GT_LANE REAL LANE(exp)(REAL x, const bool fused)
{
    x = x > LIMIT(EXP_HIGH) ? LIMIT(EXP_HIGH) : x;
    x = x < LIMIT(EXP_LOW) ? LIMIT(EXP_LOW) : x;
    return LANE(exp_limited)(x, fused);
}

/* e^-|x|: at most 1, so that nothing overflows on either side of 0. */
GT_LANE REAL LANE(exp_decay)(REAL x, const bool fused)
{
    REAL y = -LANE(absolute)(x);
    REAL n, r = LANE(reduce)(y < LIMIT(EXP_LOW) ? LIMIT(EXP_LOW) : y, &n, fused);
    return LANE(scale_down)(1 + LANE(expm1_reduced)(r, fused), n);
}

/* t / (t + 2) with t = e^(2|x|) - 1, which is exact to the last bits also near 0. */
GT_LANE REAL LANE(tanh)(REAL x, const bool fused)
{
    REAL y = LANE(absolute)(x);
    y += y;
    y = y > LIMIT(TANH_ONE) ? LIMIT(TANH_ONE) : y;
    REAL n, r = LANE(reduce)(y, &n, fused);
    REAL scale = LANE(power_of_two)(n);
    REAL t = LANE(fma)(scale, LANE(expm1_reduced)(r, fused), scale - 1, fused);
    REAL value = t / (t + 2);
    return LANE(real)(LANE(bits)(value) | (LANE(bits)(x) & LIMIT(SIGN)));
}

/* 1 / (1 + e^-x); where x < 0, e^x / (1 + e^x), whose relative error is small as well. */
GT_LANE REAL LANE(sigmoid)(REAL x, const bool fused)
{
    REAL e = LANE(exp_decay)(x, fused);
    return (x < 0 ? e : 1) / (1 + e);
}

/* max(x, 0) + log(1 + e), e = e^-|x|, and log(1 + e) = 2 atanh(e / (2 + e)). */
GT_LANE REAL LANE(softplus)(REAL x, const bool fused)
{
    REAL e = LANE(exp_decay)(x, fused);
    REAL s = (e + e) / (2 + e);
    REAL z = s * s * (REAL)0.25;
    REAL logarithm = LANE(fma)(s * z, LANE(log1p_polynomial)(z, fused), s, fused);
    return (x > 0 ? x : 0) + logarithm;
}

/*
 * x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), and
 * log(1 + f) = f - (f^2 / 2 - s (f^2 / 2 + R)) with s = f / (2 + f), where f is exact.
 */
GT_LANE REAL LANE(log)(REAL x, const bool fused)
{
    REAL scaled = x < LIMIT(SMALLEST) ? x * LIMIT(TWO_TO_MANTISSA) : x;
    BITS bits = LANE(bits)(scaled) + (LIMIT(ONE) - LIMIT(ROOT_HALF));
    BITS fraction = bits & (((BITS)1 << LIMIT(MANTISSA)) - 1);
    REAL f = LANE(real)(fraction + LIMIT(ROOT_HALF)) - 1;
    /* k + bias as the last bits of 2^mantissa + k + bias */
    BITS exponent = (bits >> LIMIT(MANTISSA)) | LANE(bits)(LIMIT(TWO_TO_MANTISSA));
    REAL k = LANE(real)(exponent) - (LIMIT(TWO_TO_MANTISSA) + LIMIT(BIAS));
    k -= x < LIMIT(SMALLEST) ? (REAL)LIMIT(MANTISSA) : (REAL)0;

    REAL s = f / (2 + f), z = s * s, half = (REAL)0.5 * f * f;
    REAL rest = z * LANE(log_polynomial)(z, fused);
    REAL low = LANE(fma)(s, half + rest, k * LIMIT(LOG2_LOW), fused);
    REAL value = LANE(fma)(k, LIMIT(LOG2_HIGH), f - (half - low), fused);
    REAL outside = x == 0 ? -INFINITY : NAN;
    return x > 0 ? (x > LIMIT(GREATEST) ? x : value) : outside;
}
