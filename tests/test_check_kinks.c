/* Checks at points where a function has no derivative, or where nothing can be decided. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>

static gt_status hinge(void *context, const double *x, double *y, gt_error *error)
{
    (void)context;
    (void)error;
    *y = fmax(x[0], 0);
    return GT_OK;
}

/* The derivative at the kink is whatever the context points to. */
static gt_status hinge_gradient(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)error;
    g[0] = u[0] * (x[0] == 0 ? *(double *)context : x[0] > 0);
    return GT_OK;
}

static gt_report check_hinge(double at, double derivative)
{
    gt_report report = {0};
    gt_check_array array = {"x", GT_SHAPE(1)};
    gt_check_gradient mine = {.function = hinge,
                              .gradient = hinge_gradient,
                              .context = &derivative,
                              .arrays = &array,
                              .array_count = 1,
                              .x = &at,
                              .output_count = 1};
    cr_assert_eq(gt_check_function(&mine, NULL, &report, NULL), GT_OK);
    return report;
}

Test(check_kinks, a_kink_is_reported_as_one)
{
    double derivatives[] = {0, 0.5, 1};
    for (int i = 0; i < 3; i++) {
        gt_report report = check_hinge(0, derivatives[i]);
        cr_expect_eq(report.verdict, GT_UNDECIDABLE);
        cr_assert_eq(report.finding_count, 1);
        const gt_finding *f = &report.findings[0];
        cr_expect(f->kink);
        double low = fmin(f->left, f->right), high = fmax(f->left, f->right);
        cr_expect(fabs(low * high) <= 1e-9 && high - low >= 1e-3, "%g and %g", f->left, f->right);
        gt_report_free(&report);
    }
}

Test(check_kinks, beyond_both_slopes_of_a_kink_is_wrong)
{
    double derivatives[] = {-0.1, 1.1, 7};
    for (int i = 0; i < 3; i++) {
        gt_report report = check_hinge(0, derivatives[i]);
        cr_expect_eq(report.verdict, GT_WRONG, "%g", derivatives[i]);
        gt_report_free(&report);
    }
}

/* Steps that would cross a kink nearby are not used. */
Test(check_kinks, near_a_kink_all_is_decided)
{
    for (double at = 0.05; at > 1e-5; at /= 3) {
        gt_report report = check_hinge(at, 0);
        cr_expect_eq(report.verdict, GT_RIGHT, "at %g: %s", at, gt_verdict_name(report.verdict));
        gt_report_free(&report);
        report = check_hinge(-at, 0);
        cr_expect_eq(report.verdict, GT_RIGHT, "at %g: %s", -at, gt_verdict_name(report.verdict));
        gt_report_free(&report);
    }
}

/* One output of one number, with its right gradient. */
typedef struct scalar {
    double (*value)(double);
    double (*slope)(double);
} scalar;

static gt_status scalar_value(void *context, const double *x, double *y, gt_error *error)
{
    (void)error;
    *y = ((scalar *)context)->value(*x);
    return GT_OK;
}

static gt_status scalar_gradient(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)error;
    *g = *u * ((scalar *)context)->slope(*x);
    return GT_OK;
}

static gt_verdict check_scalar(scalar f, double at)
{
    gt_report report = {0};
    gt_check_array array = {"x", GT_SHAPE(1)};
    gt_check_gradient mine = {.function = scalar_value,
                              .gradient = scalar_gradient,
                              .context = &f,
                              .arrays = &array,
                              .array_count = 1,
                              .x = &at,
                              .output_count = 1};
    cr_assert_eq(gt_check_function(&mine, NULL, &report, NULL), GT_OK);
    gt_verdict verdict = report.verdict;
    gt_report_free(&report);
    return verdict;
}

static double root_slope(double x)
{
    return 0.5 / sqrt(x);
}

static double inverse(double x)
{
    return 1 / x;
}

/* Something like single precision: far more noise than the rounding of doubles. */
static double coarse(double x)
{
    return (double)(float)sin(x);
}

/* A rough surface on a smooth one. */
static double rough(double x)
{
    return sin(x) + 1e-5 * sin(1e12 * x);
}

/* Right gradients where no number can tell: undecidable, and never wrong. */
Test(check_kinks, ill_conditioned_functions_are_undecidable)
{
    for (double x = 0.1; x < 2; x += 0.17) {
        cr_expect_neq(check_scalar((scalar){coarse, cos}, x), GT_WRONG, "coarse at %g", x);
        cr_expect_neq(check_scalar((scalar){rough, cos}, x), GT_WRONG, "rough at %g", x);
    }
    cr_expect_eq(check_scalar((scalar){sin, cos}, 0.3), GT_RIGHT);
    cr_expect_eq(check_scalar((scalar){sqrt, root_slope}, 0.01), GT_RIGHT);
    /* Steps are relative to what is moved. */
    cr_expect_eq(check_scalar((scalar){sqrt, root_slope}, 1e-18), GT_RIGHT);
    cr_expect_eq(check_scalar((scalar){log, inverse}, 1e-14), GT_RIGHT);
}

/* Entries that a clip holds at most points around the one at hand have no rounding errors to speak of. */
Test(check_kinks, a_clip_is_no_rounding)
{
    static const char text[] = "cell clipped\n input x[n_x]\n state h[n_a]\n param W[n_a, n_x], U[n_a, n_a]\n"
                               " h' = minimum(maximum(3 * (W @ x + U @ h), -1), 1)\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    for (uint32_t seed = 1; seed <= 12; seed++) {
        gt_report report = {0};
        const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 5}};
        const gt_check_problem problem = {.dimensions = sizes, .dimension_count = 2};
        const gt_check_options options = {.seed = seed};
        cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, NULL), GT_OK);
        cr_expect_eq(report.verdict, GT_RIGHT, "seed %u: %s", (unsigned)seed,
                     report.finding_count > 0 ? report.findings[0].text : "");
        gt_report_free(&report);
    }
    gt_parsed_cell_free(parsed);
}
