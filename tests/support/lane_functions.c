#include "support/lane_functions.h"

#include <float.h>
#include <math.h>

static double sigmoid(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

static long double sigmoid_long(long double x)
{
    return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}

static double softplus(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static long double softplus_long(long double x)
{
    return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}

static double gelu(double x)
{
    return x * sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x));
}

static long double gelu_long(long double x)
{
    return x * sigmoid_long(1.5957691216057308L * (x + 0.044715L * x * x * x));
}

extern const gt_fast_kernels gt_fast_tanh, gt_fast_sigmoid, gt_fast_softplus, gt_fast_gelu, gt_fast_exp, gt_fast_log,
    gt_fast_sin, gt_fast_cos;

const lane_function lane_functions[] = {
    {"tanh", &gt_fast_tanh, tanh, tanhl, 4, 4},
    {"sigmoid", &gt_fast_sigmoid, sigmoid, sigmoid_long, 4, 4},
    {"softplus", &gt_fast_softplus, softplus, softplus_long, 4, 4},
    /* Far below 0 the argument of exp is large, and so is what its rounding does. */
    {"gelu", &gt_fast_gelu, gelu, gelu_long, 400, 3000},
    {"exp", &gt_fast_exp, exp, expl, 4, 4},
    {"log", &gt_fast_log, log, logl, 4, 4},
    {"sin", &gt_fast_sin, sin, sinl, 4, 4},
    {"cos", &gt_fast_cos, cos, cosl, 4, 4},
};
const unsigned lane_function_count = sizeof lane_functions / sizeof *lane_functions;

void lane_run_f32(const lane_function *f, unsigned level, const float *x, float *y, size_t count)
{
    const size_t stride = 1;
    f->kernels->f32[level](&(gt_elementwise_f32){count, &x, &stride, y, NULL});
}

void lane_run_f64(const lane_function *f, unsigned level, const double *x, double *y, size_t count)
{
    const size_t stride = 1;
    f->kernels->f64[level](&(gt_elementwise_f64){count, &x, &stride, y, NULL});
}

double lane_error_f32(float got, double exact)
{
    if (isnan(got) || isnan(exact))
        return isnan(got) && isnan(exact) ? 0 : INFINITY;
    if (!signbit(got) != !signbit(exact))
        return INFINITY;
    if (isinf((float)exact) || isinf(got))
        return got == (float)exact ? 0 : INFINITY;
    int exponent;
    frexp(exact, &exponent);
    if (exact == 0 || exponent < FLT_MIN_EXP)
        exponent = FLT_MIN_EXP;
    return ldexp(fabs(got - exact), FLT_MANT_DIG - exponent);
}

double lane_error_f64(double got, long double exact)
{
    if (isnan(got) || isnan(exact))
        return isnan(got) && isnan(exact) ? 0 : INFINITY;
    if (!signbit(got) != !signbit(exact))
        return INFINITY;
    if (isinf((double)exact) || isinf(got))
        return got == (double)exact ? 0 : INFINITY;
    int exponent;
    frexpl(exact, &exponent);
    if (exact == 0 || exponent < DBL_MIN_EXP)
        exponent = DBL_MIN_EXP;
    return (double)ldexpl(fabsl(got - exact), DBL_MANT_DIG - exponent);
}
