/* Attribute 0: the exponent, a real number. */
#include "ops/descriptors.h"
#include "ops/fast_kernels.h"
#include "ops/rule.h"
#include "ops/vector_math.h"

#include <math.h>

/* Computed in double also for f32: a whole exponent then stays whole, and so keeps its sign rule.
 */
static inline double power(double x, double exponent)
{
    return exponent == 2 ? x * x : pow(x, exponent);
}

static void pow_f64(const gt_elementwise_f64 *run)
{
    double exponent = gt_unpack_double(run->attributes[0]);
    for (size_t i = 0; i < run->count; i++)
        run->output[i] = power(run->inputs[0][i * run->strides[0]], exponent);
}

static void pow_f32(const gt_elementwise_f32 *run)
{
    double exponent = gt_unpack_double(run->attributes[0]);
    for (size_t i = 0; i < run->count; i++)
        run->output[i] = (float)power(run->inputs[0][i * run->strides[0]], exponent);
}

/* ---- fast ---------------------------------------------------------------------------------- */

/* An exponent and what the result's sign and domain depend on. */
typedef struct power_of {
    double exponent;
    bool whole;
    uint64_t odd_sign; /* the sign bit if the exponent is an odd number */
} power_of;

static power_of describe(double exponent)
{
    bool whole = floor(exponent) == exponent;
    bool odd = whole && fabs(fmod(exponent, 2)) == 1;
    return (power_of){exponent, whole, odd ? GT_SIGN_F64 : 0};
}

/* exp(p log|x|) with the sign after; double leaves a float only its own rounding. */
GT_LANE float power_lane(float x, const power_of p, const bool fused)
{
    uint64_t sign = gt_lane_bits_f64(x) & p.odd_sign;
    double logarithm = gt_lane_log_f64(gt_lane_absolute_f64(x, fused), fused);
    double value = gt_lane_exp_f64(p.exponent * logarithm, fused);
    value = !p.whole && x < 0 && x >= -FLT_MAX ? (double)NAN : value;
    return (float)gt_lane_real_f64(gt_lane_bits_f64(value) | sign);
}

GT_LANE void power_loop(const float *x, float *output, size_t count, const power_of p, const bool fused,
                        const size_t width)
{
    GT_VECTOR_LOOP(float, gt_index_f32, power_lane(x[i], p, fused), x += whole);
}

GT_LANE void square_loop_f32(const float *x, float *output, size_t count, const size_t width)
{
    GT_VECTOR_LOOP(float, gt_index_f32, x[i] * x[i], x += whole);
}

GT_LANE void square_loop_f64(const double *x, double *output, size_t count, const size_t width)
{
    GT_VECTOR_LOOP(double, gt_index_f64, x[i] * x[i], x += whole);
}

/*
 * In f64 only the square is fast: exp(p log x) would lose the last digits. In
 * f32 two doubles at a time would be slower than libm.
 */
#define POW_LEVEL(LEVEL, NAME)                                                                                         \
    GT_TARGET_##LEVEL static void pow_##LEVEL##_f64(const gt_elementwise_f64 *run)                                     \
    {                                                                                                                  \
        if (gt_unpack_double(run->attributes[0]) == 2 && run->strides[0] == 1)                                         \
            square_loop_f64(run->inputs[0], run->output, run->count, GT_WIDTH_##LEVEL);                                \
        else                                                                                                           \
            pow_f64(run);                                                                                              \
    }                                                                                                                  \
    GT_TARGET_##LEVEL static void pow_##LEVEL##_f32(const gt_elementwise_f32 *run)                                     \
    {                                                                                                                  \
        double exponent = gt_unpack_double(run->attributes[0]);                                                        \
        if (exponent == 2 && run->strides[0] == 1)                                                                     \
            square_loop_f32(run->inputs[0], run->output, run->count, GT_WIDTH_##LEVEL);                                \
        else if (exponent == 0 || !isfinite(exponent) || run->strides[0] == 0 || GT_WIDTH_##LEVEL < 32)                \
            pow_f32(run);                                                                                              \
        else                                                                                                           \
            power_loop(run->inputs[0], run->output, run->count, describe(exponent), GT_FUSED_##LEVEL,                  \
                       GT_WIDTH_##LEVEL);                                                                              \
    }
GT_AT_EVERY_LEVEL(POW_LEVEL, pow)

GT_FAST_TABLE(pow)

static bool pow_shape(gt_shape_query *query)
{
    return gt_rule_attributes(query, 1) && gt_shape_rule_elementwise(query);
}

/* g * p * x ** (p - 1) */
static gt_var pow_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    double exponent = gt_unpack_double(gt_reverse_attribute(r, 0));
    gt_var g = gt_reverse_cotangent(r), x = gt_reverse_input(r, 0);
    if (exponent == 0)
        return GT_NONE;
    if (exponent == 1)
        return g;
    gt_var power = exponent == 2 ? x : gt_pow(x, exponent - 1);
    return gt_mul(g, gt_mul(gt_reverse_number(r, exponent), power));
}

const gt_op gt_op_pow = {
    .name = "pow",
    .label = "xᵖ",
    .onnx = "Pow",
    .onnx_form = GT_ONNX_POWER,
    .documentation = "x to a constant power; x > 0 unless the exponent is a whole number. 0 to the "
                     "power 0 is 1.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .domain = {{.low = 0.3, .high = 2}},
    .shape = pow_shape,
    .run_f64 = pow_f64,
    .run_f32 = pow_f32,
    .fast_f64 = pow_fast_f64,
    .fast_f32 = pow_fast_f32,
    .choose_f64 = pow_choose_f64,
    .choose_f32 = pow_choose_f32,
    .reverse = pow_reverse,
};

gt_var gt_pow(gt_var x, double exponent)
{
    const int64_t attributes[] = {gt_pack_double(exponent)};
    return gt_apply(&gt_op_pow, &x, 1, attributes, 1);
}
