/*
 * Values of the element-by-element ops against long double arithmetic, in both
 * types, for large and small arguments, infinities and NaN.
 */
#include "support/values.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

/* ---- one operand --------------------------------------------------------------------------- */

static long double reference_neg(long double x)
{
    return -x;
}

static long double reference_sigmoid(long double x)
{
    return x > 0 ? 1 / (1 + expl(-x)) : expl(x) / (1 + expl(x));
}

static long double reference_softplus(long double x)
{
    return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}

static long double reference_gelu(long double x)
{
    return x * reference_sigmoid(1.5957691216057308L * (x + 0.044715L * x * x * x));
}

static long double reference_relu(long double x)
{
    if (isnan(x))
        return x;
    return x > 0 ? x : 0;
}

static long double reference_sign(long double x)
{
    if (isnan(x))
        return x;
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static long double reference_same(long double x)
{
    return x;
}

static const struct unary {
    const char *name;
    gt_var (*record)(gt_var);
    long double (*reference)(long double);
    double units; /* in the last place that it may be off; 0: 4 */
} unary[] = {
    {"neg", gt_neg, reference_neg, 0},
    {"tanh", gt_tanh, tanhl, 0},
    {"sigmoid", gt_sigmoid, reference_sigmoid, 0},
    {"relu", gt_relu, reference_relu, 0},
    {"softplus", gt_softplus, reference_softplus, 0},
    {"gelu", gt_gelu, reference_gelu, 1000}, /* exp of a large number that is rounded */
    {"exp", gt_exp, expl, 0},
    {"log", gt_log, logl, 0},
    {"sqrt", gt_sqrt, sqrtl, 0},
    {"abs", gt_abs, fabsl, 0},
    {"sign", gt_sign, reference_sign, 0},
    {"floor", gt_floor, floorl, 0},
    {"sin", gt_sin, sinl, 0},
    {"cos", gt_cos, cosl, 0},
    {"stop_gradient", gt_stop_gradient, reference_same, 0},
};

static const double arguments[] = {
    0,    -0.0, 1e-300, -1e-300, 1e-30, -1e-30, 1e-9,  -1e-9, 0.1,   -0.1,     0.5,       -0.5, 1,
    -1,   1.5,  -1.5,   3,       -3,    10,     -10,   17,    -17,   36.5,     -36.5,     40,   -40,
    87,   -87,  88.6,   -88.6,   100,   -100,   104,   -104,  500,   -500,     709,       -709, 710,
    -710, 740,  -740,   1000,    -1000, 1e10,   -1e10, 1e30,  -1e30, INFINITY, -INFINITY, NAN,
};
enum { ARGUMENTS = sizeof arguments / sizeof arguments[0] };

static void expect_unary(const struct unary *u, gt_dtype dtype)
{
    probe *p = probe_new(dtype);
    gt_var y = u->record(give(p, "x", GT_SHAPE(ARGUMENTS), arguments));
    const double *values = value_of(p, y);
    for (int i = 0; i < ARGUMENTS; i++) {
        bool wide = dtype == GT_F64;
        long double x = wide ? arguments[i] : (double)(float)arguments[i], exact = u->reference(x);
        double expected = wide ? (double)exact : (double)(float)exact;
        /* Units in the last place; below the normal range, of the smallest number. */
        double units = u->units > 0 ? u->units : 4, half = units / 2;
        double allowed = wide ? units * DBL_EPSILON * fabs(expected) + half * DBL_TRUE_MIN
                              : units * (double)FLT_EPSILON * fabs(expected) + half * (double)FLT_TRUE_MIN;
        bool good = isnan(expected)   ? isnan(values[i])
                    : isinf(expected) ? values[i] == expected
                                      : fabs(values[i] - expected) <= allowed;
        cr_expect(good, "%s(%g) in %s is %.17g, not %.17g", u->name, (double)x, gt_dtype_name(dtype), values[i],
                  expected);
    }
    probe_free(p);
}

Test(ops_elementwise, one_operand)
{
    for (size_t i = 0; i < sizeof unary / sizeof unary[0]; i++) {
        expect_unary(&unary[i], GT_F64);
        expect_unary(&unary[i], GT_F32);
    }
}

/* ---- two operands -------------------------------------------------------------------------- */

static double add(double a, double b)
{
    return a + b;
}

static double sub(double a, double b)
{
    return a - b;
}

static double mul(double a, double b)
{
    return a * b;
}

static double divide(double a, double b)
{
    return a / b;
}

static double maximum(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : fmax(a, b);
}

static double minimum(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : fmin(a, b);
}

static double less(double a, double b)
{
    return isless(a, b) ? 1 : 0;
}

static double less_equal(double a, double b)
{
    return islessequal(a, b) ? 1 : 0;
}

static double greater(double a, double b)
{
    return isgreater(a, b) ? 1 : 0;
}

static double greater_equal(double a, double b)
{
    return isgreaterequal(a, b) ? 1 : 0;
}

static double equal(double a, double b)
{
    return isnan(a) || isnan(b) || islessgreater(a, b) ? 0 : 1;
}

static double not_equal(double a, double b)
{
    return 1 - equal(a, b);
}

static const struct binary {
    const char *name;
    gt_var (*record)(gt_var, gt_var);
    double (*reference)(double, double);
} binary[] = {
    {"add", gt_add, add},
    {"sub", gt_sub, sub},
    {"mul", gt_mul, mul},
    {"div", gt_div, divide},
    {"maximum", gt_maximum, maximum},
    {"minimum", gt_minimum, minimum},
    {"less", gt_less, less},
    {"less_equal", gt_less_equal, less_equal},
    {"greater", gt_greater, greater},
    {"greater_equal", gt_greater_equal, greater_equal},
    {"equal", gt_equal, equal},
    {"not_equal", gt_not_equal, not_equal},
};

/* Every pair of these: one down, one across. In f32 these numbers and their results are exact
 * enough. */
static const double operands[] = {0, 1, -1, 2.5, -2.5, 0.375, 1048576, -1048576, INFINITY, -INFINITY, NAN};
enum { OPERANDS = sizeof operands / sizeof operands[0] };

static void expect_binary(const struct binary *b, gt_dtype dtype)
{
    probe *p = probe_new(dtype);
    double expected[OPERANDS * OPERANDS];
    for (int j = 0; j < OPERANDS; j++)
        for (int i = 0; i < OPERANDS; i++) {
            double exact = b->reference(operands[i], operands[j]);
            expected[i + j * OPERANDS] = dtype == GT_F64 ? exact : (double)(float)exact;
        }
    gt_var x = give(p, "x", GT_SHAPE(OPERANDS, 1), operands), y = give(p, "y", GT_SHAPE(1, OPERANDS), operands);
    expect_value(p, b->record(x, y), GT_SHAPE(OPERANDS, OPERANDS), expected, 0);
    probe_free(p);
}

Test(ops_elementwise, two_operands)
{
    for (size_t i = 0; i < sizeof binary / sizeof binary[0]; i++) {
        expect_binary(&binary[i], GT_F64);
        expect_binary(&binary[i], GT_F32);
    }
}

/* ---- the others ---------------------------------------------------------------------------- */

Test(ops_elementwise, where)
{
    probe *p = probe_new(GT_F64);
    gt_var mask = give(p, "mask", GT_SHAPE(2, 3), (double[]){0, 1, -0.0, -2, NAN, 1e-300});
    gt_var a = give(p, "a", GT_SHAPE(1, 3), (double[]){1, 2, 3}), b = give(p, "b", GT_SHAPE(2), (double[]){-1, NAN});
    expect_value(p, gt_where(mask, a, b), GT_SHAPE(2, 3), (double[]){-1, 1, -1, 2, 3, 3}, 0);
    probe_free(p);
}

static void expect_power(gt_dtype dtype, double x, double exponent, double expected, double tolerance)
{
    probe *p = probe_new(dtype);
    expect_value(p, gt_pow(give(p, "x", GT_SHAPE(1), &x), exponent), GT_SHAPE(1), &expected, tolerance);
    probe_free(p);
}

Test(ops_elementwise, pow)
{
    for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++) {
        expect_power(dtype, -2, 3, -8, 0);
        expect_power(dtype, -2, 2, 4, 0);
        expect_power(dtype, -2, -1, -0.5, 0);
        expect_power(dtype, 0, 0, 1, 0);
        expect_power(dtype, -7, 0, 1, 0);
        expect_power(dtype, 0, 2, 0, 0);
        expect_power(dtype, 0, -1, INFINITY, 0);
        expect_power(dtype, 9, 0.5, 3, 0);
        expect_power(dtype, -9, 0.5, NAN, 0);
        expect_power(dtype, NAN, 2, NAN, 0);
        expect_power(dtype, 2, 10, 1024, 0);
        /* odd, and not a float */
        expect_power(dtype, -1, 16777217, -1, 0);
    }
    expect_power(GT_F64, 1.7, 2.3, (double)powl(1.7L, 2.3L), 1e-15);
    expect_power(GT_F32, 1.5, 2.3, (double)powl(1.5L, 2.3L), 1e-7);
}

Test(ops_elementwise, every_op_has_been_here)
{
    static const char *const others[] = {"where", "pow"};
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        const gt_op *op = gt_op_at(i);
        bool found = op->op_class != GT_CLASS_ELEMENTWISE;
        for (size_t k = 0; k < sizeof unary / sizeof unary[0]; k++)
            found = found || strcmp(unary[k].name, op->name) == 0;
        for (size_t k = 0; k < sizeof binary / sizeof binary[0]; k++)
            found = found || strcmp(binary[k].name, op->name) == 0;
        for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
            found = found || strcmp(others[k], op->name) == 0;
        cr_expect(found, "%s has no test of its values here", op->name);
    }
}

/* ---- derivatives where there is none ------------------------------------------------------- */

static void expect_derivative(gt_var (*record)(gt_var), double x, double expected)
{
    probe *p = probe_new(GT_F64);
    gt_var input = give(p, "x", GT_SHAPE(1), &x), y = record(input), gradient;
    cr_assert_eq(gt_grad(&y, NULL, 1, &input, 1, &gradient), GT_OK);
    expect_value(p, gradient, GT_SHAPE(1), &expected, 0);
    probe_free(p);
}

static gt_var square(gt_var x)
{
    return gt_pow(x, 2);
}

static gt_var zeroth(gt_var x)
{
    return gt_pow(x, 0);
}

static gt_var first(gt_var x)
{
    return gt_pow(x, 1);
}

Test(ops_elementwise, derivatives_at_kinks)
{
    expect_derivative(gt_relu, 0, 0);
    expect_derivative(gt_abs, 0, 0);
    expect_derivative(gt_sign, 0, 0);
    expect_derivative(gt_sqrt, 0, INFINITY);
    expect_derivative(square, 0, 0);
    expect_derivative(zeroth, 0, 0);
    expect_derivative(first, 0, 1);
    expect_derivative(gt_sigmoid, 1000, 0);
    expect_derivative(gt_softplus, -1000, 0);
    expect_derivative(gt_softplus, 1000, 1);
    expect_derivative(gt_tanh, 1000, 0);
}

Test(ops_elementwise, equal_maxima_share)
{
    const double a[] = {1, 2, 3}, b[] = {3, 2, 1};
    probe *p = probe_new(GT_F64);
    gt_var inputs[] = {give(p, "a", GT_SHAPE(3), a), give(p, "b", GT_SHAPE(3), b)}, gradients[2];
    gt_var y = gt_maximum(inputs[0], inputs[1]);
    cr_assert_eq(gt_grad(&y, NULL, 1, inputs, 2, gradients), GT_OK);
    expect_value(p, gradients[0], GT_SHAPE(3), (double[]){0, 0.5, 1}, 0);
    expect_value(p, gradients[1], GT_SHAPE(3), (double[]){1, 0.5, 0}, 0);
    y = gt_minimum(inputs[0], inputs[1]);
    cr_assert_eq(gt_grad(&y, NULL, 1, inputs, 2, gradients), GT_OK);
    expect_value(p, gradients[0], GT_SHAPE(3), (double[]){1, 0.5, 0}, 0);
    probe_free(p);
}

/* What blocks a gradient does so for its own operand only. */
Test(ops_elementwise, stop_gradient)
{
    double x = 3;
    probe *p = probe_new(GT_F64);
    gt_var input = give(p, "x", GT_SHAPE(1), &x), gradient;
    gt_var y = gt_mul(gt_stop_gradient(input), input);
    cr_assert_eq(gt_grad(&y, NULL, 1, &input, 1, &gradient), GT_OK);
    expect_value(p, gradient, GT_SHAPE(1), &x, 0);
    probe_free(p);
}

/* ---- constants ----------------------------------------------------------------------------- */

Test(ops_elementwise, constants_are_one_node)
{
    probe *p = probe_new(GT_F32);
    gt_var a = gt_constant(p->tape, 0.1), b = gt_constant(p->tape, 0.1), c = gt_constant(p->tape, 0.2);
    cr_expect_eq(a.index, b.index);
    cr_expect_neq(a.index, c.index);
    expect_value(p, a, GT_SCALAR, (double[]){(double)0.1f}, 0);
    gt_var fill = gt_fill(p->tape, GT_SHAPE(2, 1, 2), -3);
    expect_value(p, fill, GT_SHAPE(2, 1, 2), (double[]){-3, -3, -3, -3}, 0);
    cr_expect_eq(gt_tape_node_count(p->tape), 3);
    probe_free(p);
}
