/*
 * The functions of vector_math.h, written once: as C, where each is an expression of one lane that
 * becomes vector instructions (vector_math.h), and as a recording of lanes (lane_functions.c).
 * Included once for each type and way, with the operations below, REAL, BITS, LANE(name) and
 * LIMIT(NAME) defined. No include guard.
 *
 *     CONTEXT, IN         what every function is handed beside its operands: declared, and passed on
 *     FUNCTION            how a function is declared
 *     NUMBER, WORD        a constant: a number, or the bits of one
 *     ADD SUB MUL DIV     and FMA(a, b, c), a b + c: in one rounding where the processor has that
 *     LESSER, GREATER     a < b ? a : b, a > b ? a : b; so b if either is NaN
 *     SELECT(P, a, b, c, d)      a P b ? c : d, P being LESS, GREATER_THAN or EQUAL
 *     AS_BITS, AS_REAL, AND, OR, ADD_BITS, SHIFT_LEFT, SHIFT_RIGHT      of the bits of an entry
 */

/* The polynomials, by Horner's rule; their coefficients are lists in the headers of the types. */
#define FIRST(C) REAL p = NUMBER(C);
#define NEXT(C) p = FMA(p, x, NUMBER(C));
FUNCTION REAL LANE(exp_polynomial)(REAL x, CONTEXT)
{
    LIMIT(EXP_POLYNOMIAL)(FIRST, NEXT) return p;
}

FUNCTION REAL LANE(log_polynomial)(REAL x, CONTEXT)
{
    LIMIT(LOG_POLYNOMIAL)(FIRST, NEXT) return p;
}

FUNCTION REAL LANE(log1p_polynomial)(REAL x, CONTEXT)
{
    LIMIT(LOG1P_POLYNOMIAL)(FIRST, NEXT) return p;
}
#undef FIRST
#undef NEXT

FUNCTION REAL LANE(absolute)(REAL x, CONTEXT)
{
    return AS_REAL(AND(AS_BITS(x), WORD(LIMIT(SIGN) - 1)));
}

/* The last bits of a biased whole number, moved to the place of the exponent. */
FUNCTION REAL LANE(to_exponent)(REAL biased, CONTEXT)
{
    return AS_REAL(SHIFT_LEFT(AS_BITS(biased), LIMIT(MANTISSA)));
}

/* 2^n for a whole n from -bias + 1 to bias. */
FUNCTION REAL LANE(power_of_two)(REAL n, CONTEXT)
{
    return LANE(to_exponent)(ADD(n, NUMBER(LIMIT(ROUNDER) + LIMIT(BIAS))), IN);
}

/* x = n log 2 + r with |r| <= log(2) / 2; returns r and sets *n. */
FUNCTION REAL LANE(reduce)(REAL x, REAL *n, CONTEXT)
{
    REAL rounder = NUMBER(LIMIT(ROUNDER));
    *n = SUB(FMA(x, NUMBER(LIMIT(LOG2E)), rounder), rounder);
    REAL r = FMA(*n, NUMBER(-LIMIT(LOG2_HIGH)), x);
    return FMA(*n, NUMBER(-LIMIT(LOG2_LOW)), r);
}

/* e^r - 1 for a reduced r, its relative error that of a few roundings of r itself. */
FUNCTION REAL LANE(expm1_reduced)(REAL r, CONTEXT)
{
    return FMA(MUL(r, r), LANE(exp_polynomial)(r, IN), r);
}

/*
 * p 2^n in two halves: n reaches beyond the exponents of the type where the
 * result overflows or is denormal, and only the last multiplication rounds.
 */
FUNCTION REAL LANE(scale)(REAL p, REAL n, CONTEXT)
{
    REAL origin = NUMBER(LIMIT(ROUNDER) + LIMIT(BIAS)); /* as in power_of_two */
    REAL half = FMA(n, NUMBER(0.5), origin);
    REAL other = ADD(SUB(n, SUB(half, origin)), origin);
    return MUL(MUL(p, LANE(to_exponent)(half, IN)), LANE(to_exponent)(other, IN));
}

/* The same for n <= 0, where one power that is far from both ends, and a constant, will do. */
FUNCTION REAL LANE(scale_down)(REAL p, REAL n, CONTEXT)
{
    REAL power = LANE(power_of_two)(ADD(n, NUMBER(LIMIT(SHIFT))), IN);
    return MUL(MUL(p, power), NUMBER(LIMIT(TWO_TO_MINUS_SHIFT)));
}

FUNCTION REAL LANE(exp)(REAL x, CONTEXT)
{
    REAL y = LESSER(NUMBER(LIMIT(EXP_HIGH)), x);
    REAL n, r = LANE(reduce)(GREATER(NUMBER(LIMIT(EXP_LOW)), y), &n, IN);
    return LANE(scale)(ADD(NUMBER(1), LANE(expm1_reduced)(r, IN)), n, IN);
}

/* e^-|x|: at most 1, so that nothing overflows on either side of 0. */
FUNCTION REAL LANE(exp_decay)(REAL x, CONTEXT)
{
    REAL y = AS_REAL(OR(AS_BITS(x), WORD(LIMIT(SIGN))));
    REAL n, r = LANE(reduce)(GREATER(NUMBER(LIMIT(EXP_LOW)), y), &n, IN);
    return LANE(scale_down)(ADD(NUMBER(1), LANE(expm1_reduced)(r, IN)), n, IN);
}

/* t / (t + 2) with t = e^(2|x|) - 1, which is exact to the last bits also near 0. */
FUNCTION REAL LANE(tanh)(REAL x, CONTEXT)
{
    REAL y = LANE(absolute)(x, IN);
    y = LESSER(NUMBER(LIMIT(TANH_ONE)), ADD(y, y));
    REAL n, r = LANE(reduce)(y, &n, IN);
    REAL power = LANE(power_of_two)(n, IN);
    REAL t = FMA(power, LANE(expm1_reduced)(r, IN), SUB(power, NUMBER(1)));
    REAL value = DIV(t, ADD(t, NUMBER(2)));
    return AS_REAL(OR(AS_BITS(value), AND(AS_BITS(x), WORD(LIMIT(SIGN)))));
}

/* 1 / (1 + e^-x); where x < 0, e^x / (1 + e^x), whose relative error is small as well. */
FUNCTION REAL LANE(sigmoid)(REAL x, CONTEXT)
{
    REAL e = LANE(exp_decay)(x, IN), one = NUMBER(1);
    return DIV(SELECT(LESS, x, NUMBER(0), e, one), ADD(one, e));
}

/* max(x, 0) + log(1 + e), e = e^-|x|, and log(1 + e) = 2 atanh(e / (2 + e)). */
FUNCTION REAL LANE(softplus)(REAL x, CONTEXT)
{
    REAL e = LANE(exp_decay)(x, IN), zero = NUMBER(0);
    REAL s = DIV(ADD(e, e), ADD(NUMBER(2), e));
    REAL z = MUL(MUL(s, s), NUMBER(0.25));
    REAL logarithm = FMA(MUL(s, z), LANE(log1p_polynomial)(z, IN), s);
    return ADD(SELECT(GREATER_THAN, x, zero, x, zero), logarithm);
}

/*
 * x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2); returns f and sets *k. The bits of x, or of its
 * multiple if it is denormal, are moved by the distance from sqrt(1/2) to 1.
 */
FUNCTION REAL LANE(split)(REAL x, REAL *k, CONTEXT)
{
    REAL smallest = NUMBER(LIMIT(SMALLEST)), whole = NUMBER(LIMIT(TWO_TO_MANTISSA));
    REAL scaled = SELECT(LESS, x, smallest, MUL(x, whole), x);
    BITS bits = ADD_BITS(AS_BITS(scaled), WORD(LIMIT(ONE) - LIMIT(ROOT_HALF)));
    BITS fraction = AND(bits, WORD((UINT64_C(1) << LIMIT(MANTISSA)) - 1));
    /* k + bias as the last bits of 2^mantissa + k + bias */
    BITS exponent = OR(SHIFT_RIGHT(bits, LIMIT(MANTISSA)), AS_BITS(whole));
    *k = SUB(AS_REAL(exponent), NUMBER(LIMIT(TWO_TO_MANTISSA) + LIMIT(BIAS)));
    *k = SUB(*k, SELECT(LESS, x, smallest, NUMBER(LIMIT(MANTISSA)), NUMBER(0)));
    return SUB(AS_REAL(ADD_BITS(fraction, WORD(LIMIT(ROOT_HALF)))), NUMBER(1));
}

/* log(1 + f) = f - (f^2 / 2 - s (f^2 / 2 + R)) with s = f / (2 + f), where f is exact. */
FUNCTION REAL LANE(log)(REAL x, CONTEXT)
{
    REAL k, f = LANE(split)(x, &k, IN), zero = NUMBER(0);
    REAL s = DIV(f, ADD(NUMBER(2), f)), z = MUL(s, s), half = MUL(MUL(NUMBER(0.5), f), f);
    REAL rest = MUL(z, LANE(log_polynomial)(z, IN));
    REAL low = FMA(s, ADD(half, rest), MUL(k, NUMBER(LIMIT(LOG2_LOW))));
    REAL value = FMA(k, NUMBER(LIMIT(LOG2_HIGH)), SUB(f, SUB(half, low)));
    REAL outside = SELECT(EQUAL, x, zero, NUMBER(-INFINITY), NUMBER(NAN));
    REAL inside = SELECT(GREATER_THAN, x, NUMBER(LIMIT(GREATEST)), x, value);
    return SELECT(GREATER_THAN, x, zero, inside, outside);
}
