/*
 * sin and cos for |x| <= GT_TRIGONOMETRY_LIMIT; beyond it, an exact reduction
 * takes a branch. x = n pi / 2 + r with |r| <= pi / 4, and n modulo 4 says which
 * of sin(r) and cos(r) it is, and its sign.
 */

/* Below 2^20 pi / 2: n has at most 20 bits. */
#define GT_TRIGONOMETRY_LIMIT 1647099.0

/* pi / 2 in parts of 33 bits and a rest: a product with n is exact. */
#define GT_HALF_PI_1 0x1.921fb54400000p+0
#define GT_HALF_PI_2 0x1.0b4611a600000p-34
#define GT_HALF_PI_3 0x1.3198a2e000000p-69
#define GT_HALF_PI_4 0x1.b839a252049c1p-104
#define GT_TWO_OVER_PI 0x1.45f306dc9c883p-1

/* a + b rounded, and what the rounding lost. */
/* The whole number nearest to x, for |x| < 2^51. */
GT_LANE double gt_lane_round_f64(double x)
{
    return (x + GT_ROUNDER_F64) - GT_ROUNDER_F64;
}

GT_LANE double gt_lane_two_sum(double a, double b, double *lost)
{
    double sum = a + b, of_b = sum - a;
    *lost = (a - (sum - of_b)) + (b - of_b);
    return sum;
}

/* The one of s and c that quarter n begins with, with its sign. */
GT_LANE double gt_lane_quarter(double n, double s, double c)
{
    uint64_t quarter = gt_lane_bits_f64(n + GT_ROUNDER_F64);
    uint64_t odd = 0 - (quarter & 1), sign = (quarter & 2) << 62;
    return gt_lane_real_f64(((gt_lane_bits_f64(s) & ~odd) | (gt_lane_bits_f64(c) & odd)) ^ sign);
}

/*
 * sin(x + shift pi / 2). r is kept in two parts, high + low, with an error far
 * below its last bit even where x is next to a multiple of pi / 2.
 */
GT_LANE double gt_lane_circular_f64(double x, double shift, const bool fused)
{
    double n = gt_lane_round_f64(x * GT_TWO_OVER_PI);
    double lost_1, lost_2;
    double r = x - n * GT_HALF_PI_1;
    r = gt_lane_two_sum(r, -(n * GT_HALF_PI_2), &lost_1);
    r = gt_lane_two_sum(r, -(n * GT_HALF_PI_3), &lost_2);
    double rest = (lost_1 + lost_2) - n * GT_HALF_PI_4;
    double high = r + rest, low = (r - high) + rest;

    double z = high * high, half = 0.5 * z;
    double p = 0x1.5d942b3ae39cfp-33;
    p = gt_lane_fma_f64(p, z, -0x1.ae5e6a7297cd3p-26, fused);
    p = gt_lane_fma_f64(p, z, 0x1.71de357d62c62p-19, fused);
    p = gt_lane_fma_f64(p, z, -0x1.a01a019c187d7p-13, fused);
    p = gt_lane_fma_f64(p, z, 0x1.111111110f8b4p-7, fused);
    p = gt_lane_fma_f64(p, z, -0x1.5555555555549p-3, fused);
    /* sin(high) + low cos(high) */
    double s = high + gt_lane_fma_f64(high * z, p, low * (1 - half), fused);

    double q = -0x1.8fb147d526befp-37;
    q = gt_lane_fma_f64(q, z, 0x1.1ee9f179585f6p-29, fused);
    q = gt_lane_fma_f64(q, z, -0x1.27e4f812e49fcp-22, fused);
    q = gt_lane_fma_f64(q, z, 0x1.a01a019cbf8fcp-16, fused);
    q = gt_lane_fma_f64(q, z, -0x1.6c16c16c15220p-10, fused);
    q = gt_lane_fma_f64(q, z, 0x1.555555555554cp-5, fused);
    /* cos(high) - low sin(high), the rounding of 1 - z / 2 made up for */
    double w = 1 - half;
    double c = w + (((1 - w) - half) + gt_lane_fma_f64(z * z, q, -(high * low), fused));
    return gt_lane_quarter(n + shift, s, c);
}

/* The same for x from a float, in double, to the precision of float. */
GT_LANE float gt_lane_circular_f32(float x, double shift, const bool fused)
{
    double n = gt_lane_round_f64((double)x * GT_TWO_OVER_PI);
    double r = x - n * GT_HALF_PI_1;
    r = gt_lane_fma_f64(n, -(GT_HALF_PI_2 + GT_HALF_PI_3), r, fused);
    double z = r * r;
    double p = 0x1.6cdab7cd22adfp-19;
    p = gt_lane_fma_f64(p, z, -0x1.a00fa8b826e9bp-13, fused);
    p = gt_lane_fma_f64(p, z, 0x1.111108a5afdf5p-7, fused);
    p = gt_lane_fma_f64(p, z, -0x1.5555554cd178fp-3, fused);
    double q = 0x1.9a04b54d95f9ep-16;
    q = gt_lane_fma_f64(q, z, -0x1.6c0c9446457e0p-10, fused);
    q = gt_lane_fma_f64(q, z, 0x1.55554ac32260bp-5, fused);
    double s = gt_lane_fma_f64(r * z, p, r, fused);
    double c = gt_lane_fma_f64(z * z, q, 1 - 0.5 * z, fused);
    return (float)gt_lane_quarter(n + shift, s, c);
}

/* sin by |x|, which keeps the sign of zero. */
GT_LANE double gt_lane_sin_f64(double x, const bool fused)
{
    uint64_t sign = gt_lane_bits_f64(x) & GT_SIGN_F64;
    double value = gt_lane_circular_f64(gt_lane_absolute_f64(x, fused), 0, fused);
    return gt_lane_real_f64(gt_lane_bits_f64(value) ^ sign);
}

GT_LANE float gt_lane_sin_f32(float x, const bool fused)
{
    uint32_t sign = gt_lane_bits_f32(x) & GT_SIGN_F32;
    float value = gt_lane_circular_f32(gt_lane_absolute_f32(x, fused), 0, fused);
    return gt_lane_real_f32(gt_lane_bits_f32(value) ^ sign);
}

GT_LANE double gt_lane_cos_f64(double x, const bool fused)
{
    return gt_lane_circular_f64(x, 1, fused);
}

GT_LANE float gt_lane_cos_f32(float x, const bool fused)
{
    return gt_lane_circular_f32(x, 1, fused);
}
