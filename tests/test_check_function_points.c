/* gt_check_function: functions that are not smooth, and points that show nothing. */
#include "waves.h"

/* One entry at 0, the others not: a step, a kink, and functions that are smooth once or twice. */
typedef double scalar_function(double x);

static double step(double x)
{
    return x > 0 ? x + 1 : x;
}
static double kinked(double x)
{
    return fabs(x) + x;
}
static double softsign(double x)
{
    return x / (1 + fabs(x));
}
static double smooth_once(double x)
{
    return x > 0 ? x * x : 0;
}
static double cube(double x)
{
    return fabs(x * x * x);
}
static double slope_of_step(double x)
{
    (void)x;
    return 1;
}
static double slope_of_kinked(double x)
{
    return x > 0 ? 2 : x < 0 ? 0 : 1;
}
static double slope_of_softsign(double x)
{
    return 1 / ((1 + fabs(x)) * (1 + fabs(x)));
}
static double slope_of_smooth_once(double x)
{
    return x > 0 ? 2 * x : 0;
}
static double slope_of_cube(double x)
{
    return 3 * x * fabs(x);
}

typedef struct rough_case {
    scalar_function *value, *slope;
    bool decided; /* also at 0 */
    const char *text;
} rough_case;

static gt_status value_of_all(void *context, const double *x, double *y, gt_error *error)
{
    (void)error;
    for (int i = 0; i < 4; i++)
        y[i] = ((const rough_case *)context)->value(x[i]);
    return GT_OK;
}

static gt_status slope_of_all(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)error;
    for (int i = 0; i < 4; i++)
        g[i] = u[i] * ((const rough_case *)context)->slope(x[i]);
    return GT_OK;
}

Test(check_function_points, what_is_not_smooth_is_undecidable_with_a_reason)
{
    static const rough_case cases[] = {{step, slope_of_step, false, "jumps"},
                                       {kinked, slope_of_kinked, false, "a kink"},
                                       {softsign, slope_of_softsign, true, ""},
                                       {smooth_once, slope_of_smooth_once, true, ""},
                                       {cube, slope_of_cube, true, ""}};
    static const gt_check_array one = {"x", {1, {4, 1, 1, 1}}};
    double x[4] = {0.7, -0.4, 0, 1.3};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int at_zero = 0; at_zero < 2; at_zero++) {
            gt_check_gradient mine = {.function = value_of_all,
                                      .gradient = slope_of_all,
                                      .context = (void *)&cases[i],
                                      .arrays = &one,
                                      .array_count = 1,
                                      .x = x,
                                      .output_count = 4};
            x[2] = at_zero == 1 ? 0 : 0.2;
            gt_report report = check(&mine, 1);
            bool decided = at_zero == 0 || cases[i].decided;
            cr_expect_eq(report.verdict, decided ? GT_RIGHT : GT_UNDECIDABLE, "%zu: %s", i, text_of(&report));
            if (!decided)
                cr_expect_not_null(strstr(text_of(&report), cases[i].text), "%s", text_of(&report));
            gt_report_free(&report);
        }
}

static gt_status product(void *context, const double *x, double *y, gt_error *error)
{
    (void)context, (void)error;
    for (int i = 0; i < 3; i++)
        y[i] = x[i] * x[3 + i];
    return GT_OK;
}

/* The first gradient lacks its factor. */
static gt_status half_product(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)context, (void)error;
    for (int i = 0; i < 3; i++) {
        g[i] = u[i];
        g[3 + i] = u[i] * x[i];
    }
    return GT_OK;
}

Test(check_function_points, points_that_show_nothing_are_remarked)
{
    static const gt_check_array factors[] = {{"p", {1, {3, 1, 1, 1}}}, {"q", {1, {3, 1, 1, 1}}}};
    double x[6] = {0, 0, 0, 1, 1, 1};
    char summary[200];
    gt_check_gradient mine = {
        .function = product, .gradient = half_product, .arrays = factors, .array_count = 2, .x = x, .output_count = 3};
    gt_report report = check(&mine, 0);
    cr_expect_eq(report.verdict, GT_RIGHT);
    cr_expect_not(gt_report_complete(&report));
    cr_expect_eq(report.remark_count, 3); /* p is 0, q is 1, and nothing moves with q */
    cr_expect_str_eq(gt_report_summary(&report, summary, sizeof summary), "right, but not everything could be seen");
    gt_report_free(&report);
    for (int i = 0; i < 6; i++)
        x[i] = 0.3 + i;
    report = check(&mine, 0);
    cr_expect_eq(report.verdict, GT_WRONG);
    cr_expect_eq(report.remark_count, 0);
    gt_report_free(&report);
}
