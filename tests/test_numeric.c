/* The numeric derivatives by which everything else is checked: right values, honest error bars. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

typedef double scalar_function(double);

static gt_status call_scalar(void *context, const double *x, double *y, gt_error *error)
{
    (void)error;
    *y = (*(scalar_function **)context)(*x);
    return GT_OK;
}

static double square(double x)
{
    return x * x;
}

static double wave(double x)
{
    return sin(3 * x) * exp(-x);
}

static double steep(double x)
{
    return tanh(40 * x);
}

static double linear(double x)
{
    return 3 * x + 1;
}

static double constant(double x)
{
    (void)x;
    return 7;
}

static double hinge(double x)
{
    return x < 0 ? 0 : x;
}

static double bent(double x)
{
    return exp(x) + 0.01 * fabs(x - 0.5);
}

static double nothing(double x)
{
    (void)x;
    return NAN;
}

static void differentiate(scalar_function *f, double x, double enough, double *value, double *error)
{
    double one = 1;
    gt_numeric n = {
        .function = call_scalar, .context = &f, .x = &x, .input_count = 1, .output_count = 1, .enough = enough};
    cr_assert_eq(gt_numeric_directional(&n, &one, value, error, NULL), GT_OK);
}

/* The value is right to within twice its error bar, and the error bar is small enough to be of use.
 */
static void expect(scalar_function *f, double x, double derivative, double useful)
{
    double value, error;
    differentiate(f, x, useful, &value, &error);
    cr_expect(fabs(value - derivative) <= 2 * error + 1e-15, "at %g: %.17g +- %.3g, should be %.17g", x, value, error,
              derivative);
    cr_expect(error <= useful, "at %g: the error bar %.3g is no use", x, error);
}

Test(numeric, smooth_functions)
{
    for (double x = -2; x <= 2; x += 0.37) {
        expect(square, x, 2 * x, 2e-12);
        expect(linear, x, 3, 2e-12);
        expect(constant, x, 0, 1e-12);
        expect(exp, x, exp(x), 4e-12);
        expect(wave, x, (3 * cos(3 * x) - sin(3 * x)) * exp(-x), 9e-12);
        expect(steep, x / 50, 40 / square(cosh(0.8 * x)), 2e-11);
    }
}

/* Steps that leave the domain are not used: at 0.01 all but the shortest do. */
Test(numeric, near_the_edge_of_the_domain)
{
    expect(log, 0.01, 100, 1e-4);
    expect(sqrt, 0.02, 0.5 / sqrt(0.02), 1e-6);
}

/* At a kink a central difference converges, quickly and to nothing. */
Test(numeric, kinks_have_large_error_bars)
{
    double value, error;
    differentiate(hinge, 0, 0, &value, &error);
    cr_expect(error >= 0.49, "%g +- %g", value, error);
    differentiate(fabs, 0, 0, &value, &error);
    cr_expect(error >= 0.99, "%g +- %g", value, error);
    differentiate(bent, 0.5, 0, &value, &error);
    cr_expect(error >= 0.0099, "%g +- %g", value, error);
    expect(hinge, 0.1, 1, 1e-10);
    expect(hinge, -0.1, 0, 1e-10);
}

Test(numeric, nothing_finite)
{
    double value = 0, error = 0;
    differentiate(nothing, 1, 0, &value, &error);
    cr_expect(isnan(value) && isnan(error));
}

/* y = (x0 x1, sin(x2), x0 + x1 + x2) */
static gt_status three_by_three(void *context, const double *x, double *y, gt_error *error)
{
    (void)context;
    (void)error;
    y[0] = x[0] * x[1];
    y[1] = sin(x[2]);
    y[2] = x[0] + x[1] + x[2];
    return GT_OK;
}

Test(numeric, jacobian_is_column_major)
{
    const double x[3] = {2, -3, 0.4};
    const double exact[9] = {-3, 0, 1, 2, 0, 1, 0, cos(0.4), 1};
    double values[9], errors[9];
    gt_numeric n = {.function = three_by_three, .x = x, .input_count = 3, .output_count = 3};
    cr_assert_eq(gt_numeric_jacobian(&n, values, errors, NULL), GT_OK);
    gt_comparison c = gt_compare(exact, values, errors, 9, 1, 1e-11);
    cr_expect_eq(c.agreement, GT_AGREES, "entry %zu: %.17g", c.worst, values[c.worst]);
    const double direction[3] = {1, 0.5, -2};
    cr_assert_eq(gt_numeric_directional(&n, direction, values, errors, NULL), GT_OK);
    for (int i = 0; i < 3; i++) {
        double product = exact[i] * 1 + exact[i + 3] * 0.5 + exact[i + 6] * -2;
        cr_expect(fabs(values[i] - product) <= 2 * errors[i] && errors[i] < 1e-10);
    }
}

static gt_status refuse(void *context, const double *x, double *y, gt_error *error)
{
    (void)x;
    (void)y;
    int *calls = context;
    return ++*calls == 3 ? gt_error_set(error, GT_ERROR_VALUE, "the third call") : GT_OK;
}

Test(numeric, errors)
{
    int calls = 0;
    double x = 1, direction = 1, value, uncertainty;
    gt_error error = {0};
    gt_numeric n = {.function = refuse, .context = &calls, .x = &x, .input_count = 1, .output_count = 1};
    cr_expect_eq(gt_numeric_directional(&n, &direction, &value, &uncertainty, &error), GT_ERROR_VALUE);
    cr_expect_str_eq(error.message, "the third call");
    cr_expect_eq(calls, 3);
    direction = 0;
    cr_expect_eq(gt_numeric_directional(&n, &direction, &value, &uncertainty, &error), GT_ERROR_ARGUMENT);
    direction = NAN;
    cr_expect_eq(gt_numeric_directional(&n, &direction, &value, &uncertainty, NULL), GT_ERROR_ARGUMENT);
}

static gt_agreement verdict(double exact, double value, double error)
{
    return gt_compare(&exact, &value, &error, 1, 1.0, 1e-9).agreement;
}

Test(numeric, verdicts)
{
    cr_expect_eq(verdict(1, 1, 0), GT_AGREES);
    cr_expect_eq(verdict(1, 1 + 1e-10, 1e-12), GT_AGREES);
    cr_expect_eq(verdict(1, 1.001, 1e-8), GT_DIFFERS);
    cr_expect_eq(verdict(-1, 1, 1e-8), GT_DIFFERS);
    cr_expect_eq(verdict(0, 1, 1e-8), GT_DIFFERS);
    cr_expect_eq(verdict(1, 1, 0.5), GT_UNDECIDED);
    cr_expect_eq(verdict(1, 1.1, 0.5), GT_UNDECIDED);
    cr_expect_eq(verdict(NAN, 1, 1e-12), GT_DIFFERS);
    cr_expect_eq(verdict(NAN, 1, 0.5), GT_DIFFERS);
    cr_expect_eq(verdict(INFINITY, 1, INFINITY), GT_DIFFERS);
    cr_expect_eq(verdict(1, NAN, 1e-12), GT_UNDECIDED);
    cr_expect_eq(verdict(1, 1, NAN), GT_UNDECIDED);
    cr_expect_eq(verdict(1, NAN, NAN), GT_UNDECIDED);
    cr_expect_eq(verdict(1, INFINITY, 1e-12), GT_DIFFERS);
    cr_expect_eq(verdict(1, 1, INFINITY), GT_UNDECIDED);
    cr_expect_eq(gt_compare(NULL, NULL, NULL, 0, 1.0, 1e-9).agreement, GT_AGREES);

    const double exact[4] = {1, 2, 3, 4}, values[4] = {1, 2.5, NAN, 4}, errors[4] = {0, 0, 0, 0};
    gt_comparison c = gt_compare(exact, values, errors, 4, 1.0, 1e-9);
    cr_expect(c.agreement == GT_DIFFERS && c.worst == 1 && c.difference == 0.5);
}
