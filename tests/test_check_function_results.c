/* gt_check_function: results of a wrong size, and what is no function of its arguments. */
#include "waves.h"

static gt_status writes_too_much(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)error;
    right_gradient(x, u, g);
    for (int i = 0; i < *(int *)context; i++)
        g[ENTRIES + i] = i;
    return GT_OK;
}

static gt_status writes_too_little(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    double whole[ENTRIES];
    (void)error;
    right_gradient(x, u, whole);
    copy(g, whole, *(int *)context);
    return GT_OK;
}

static gt_status adds_up(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    double whole[ENTRIES];
    (void)context, (void)error;
    right_gradient(x, u, whole);
    for (int i = 0; i < ENTRIES; i++)
        g[i] += whole[i];
    return GT_OK;
}

Test(check_function_results, a_wrong_number_of_entries_is_a_finding)
{
    int count = 9;
    gt_check_gradient mine = problem_at(1);
    mine.context = &count;
    mine.gradient = writes_too_much;
    gt_report report = check(&mine, 0);
    cr_assert(report.verdict == GT_WRONG && report.finding_count == 1);
    cr_expect_not_null(strstr(text_of(&report), "writes 80 entries, where its result has 71"), "%s", text_of(&report));
    gt_report_free(&report);
    count = S + 10;
    mine.gradient = writes_too_little;
    report = check(&mine, 0);
    cr_assert_eq(report.verdict, GT_WRONG);
    cr_expect_str_eq(report.findings[0].array, "dS");
    cr_expect_not_null(strstr(text_of(&report), "20 of its 30 entries are left as they were"), "%s", text_of(&report));
    gt_report_free(&report);
    mine.gradient = adds_up; /* to the zeros that it is given */
    report = check(&mine, 0);
    cr_expect_eq(report.verdict, GT_RIGHT, "%s", text_of(&report));
    gt_report_free(&report);
}

static gt_status long_result(void *context, const double *x, double *y, gt_error *error)
{
    waves(context, x, y, error);
    y[RESULTS] = y[RESULTS + 1] = 1;
    return GT_OK;
}

Test(check_function_results, so_is_one_of_the_function)
{
    static const plant none = {nothing, "", "", ""};
    gt_check_gradient mine = problem_at(1);
    mine.function = long_result;
    mine.context = (void *)&none;
    gt_report report = check(&mine, 0);
    cr_expect_eq(report.verdict, GT_WRONG);
    cr_expect_not_null(strstr(text_of(&report), "function writes 9 entries"), "%s", text_of(&report));
    gt_report_free(&report);
}

static gt_status not_finite(void *context, const double *x, double *y, gt_error *error)
{
    waves(context, x, y, error);
    y[3] = log(-1 - x[0] * x[0]);
    return GT_OK;
}

static gt_status random_result(void *context, const double *x, double *y, gt_error *error)
{
    static int calls;
    waves(context, x, y, error);
    y[2] += 0.01 * (calls++ % 7);
    return GT_OK;
}

static gt_status random_gradient(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    static int calls;
    (void)context, (void)error;
    right_gradient(x, u, g);
    g[B] *= 1 + 0.01 * (calls++ % 7);
    return GT_OK;
}

Test(check_function_results, what_is_no_function_is_not_right)
{
    static const plant none = {nothing, "", "", ""};
    gt_check_gradient mine = problem_at(1);
    mine.context = (void *)&none;
    mine.function = not_finite;
    gt_report report = check(&mine, 0);
    cr_expect_eq(report.verdict, GT_UNDECIDABLE);
    cr_expect_not_null(strstr(text_of(&report), "y[3] = "), "%s", text_of(&report));
    gt_report_free(&report);
    mine.function = random_result;
    report = check(&mine, 0);
    cr_expect_eq(report.verdict, GT_UNDECIDABLE);
    cr_expect_not_null(strstr(text_of(&report), "called again"), "%s", text_of(&report));
    gt_report_free(&report);
    mine.function = waves;
    mine.gradient = random_gradient;
    report = check(&mine, 0);
    cr_expect_eq(report.verdict, GT_WRONG);
    cr_expect_not_null(strstr(text_of(&report), "called again"), "%s", text_of(&report));
    gt_report_free(&report);
}
