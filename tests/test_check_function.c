/* gt_check_function: mistakes in handwritten gradients are found and named, what is right passes. */
#include "waves.h"

static void by_rows(double *g, int rows, int columns)
{
    double kept[ENTRIES];
    copy(kept, g, rows * columns);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            g[j + i * columns] = kept[i + j * rows];
}

static void sign(const double *x, double *g)
{
    (void)x;
    scale(g + W, 12, -1);
}
static void twice(const double *x, double *g)
{
    (void)x;
    scale(g + B, 4, 2);
}
static void half(const double *x, double *g)
{
    (void)x;
    scale(g + C, 4, 0.5);
}
static void mean_of_rows(const double *x, double *g)
{
    (void)x;
    scale(g + W, 12, 0.25);
}
static void sum_of_steps(const double *x, double *g)
{
    (void)x;
    scale(g + S, 30, 5);
}
static void odd_factor(const double *x, double *g)
{
    (void)x;
    scale(g + V, 12, 1.3);
}
static void stored_by_rows(const double *x, double *g)
{
    (void)x;
    by_rows(g + W, 4, 3);
}
static void transposed(const double *x, double *g)
{
    (void)x;
    by_rows(g + Q, 3, 3);
}
static void transposed_and_negated(const double *x, double *g)
{
    transposed(x, g);
    scale(g + Q, 9, -1);
}
static void time_first(const double *x, double *g)
{
    (void)x;
    double kept[30];
    copy(kept, g + S, 30);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            for (int t = 0; t < 5; t++)
                g[S + t + 5 * (j + 3 * i)] = kept[i + 2 * (j + 3 * t)];
}
static void no_rows(const double *x, double *g)
{
    (void)x;
    for (int j = 0; j < 3; j++)
        g[V + 1 + 4 * j] = g[V + 2 + 4 * j] = 0;
}
static void columns_exchanged(const double *x, double *g)
{
    (void)x;
    swap(g + W, g + W + 8, 4);
}
static void gates_exchanged(const double *x, double *g)
{
    (void)x;
    for (int j = 0; j < 3; j++)
        swap(g + V + 4 * j, g + V + 4 * j + 2, 2);
}
static void column_copied(const double *x, double *g)
{
    (void)x;
    copy(g + W + 4, g + W, 4);
}
static void negated_column(const double *x, double *g)
{
    (void)x;
    scale(g + V + 8, 4, -1);
}
static void one_step_missing(const double *x, double *g)
{
    (void)x;
    scale(g + S + 12, 6, 0);
}
static void one_step_late(const double *x, double *g)
{
    (void)x;
    copy(g + S + 6, g + S, 24);
    scale(g + S, 6, 0);
}
static void one_step_early(const double *x, double *g)
{
    (void)x;
    copy(g + S, g + S + 6, 24);
}
static void time_reversed(const double *x, double *g)
{
    (void)x;
    swap(g + S, g + S + 24, 6);
    swap(g + S + 6, g + S + 18, 6);
}
static void exchanged(const double *x, double *g)
{
    (void)x;
    swap(g + W, g + V, 12);
}
static void another(const double *x, double *g)
{
    (void)x;
    copy(g + C, g + B, 4);
}
static void missing(const double *x, double *g)
{
    (void)x;
    scale(g + B, 4, 0);
}
static void decay(const double *x, double *g)
{
    for (int i = 0; i < 12; i++)
        g[W + i] += 0.01 * x[W + i];
}
static void constant_added(const double *x, double *g)
{
    (void)x;
    for (int i = 0; i < 4; i++)
        g[B + i] += 0.125;
}
static void factor_too_many(const double *x, double *g)
{
    for (int i = 0; i < 12; i++)
        g[V + i] *= x[V + i];
}
static void tiny(const double *x, double *g)
{
    (void)x;
    g[Q + 5] *= 1 + 1e-7;
}
static void one_nan(const double *x, double *g)
{
    (void)x;
    g[S + 7] = NAN;
}

static const plant plants[] = {
    {sign, "dW", "wrong sign", "sign"},
    {twice, "db", "constant factor", "2 times"},
    {half, "dc", "constant factor", "half"},
    {mean_of_rows, "dW", "mean for sum", "divided by 4, the number of rows of W"},
    {sum_of_steps, "dS", "mean for sum", "multiplied by 5, the number of time steps of S"},
    {odd_factor, "dV", "constant factor", "1.3 times"},
    {stored_by_rows, "dW", "transposed", "column-major"},
    {transposed, "dQ", "transposed", "it is transposed"},
    {transposed_and_negated, "dQ", "transposed", "sign"},
    {time_first, "dS", "transposed", "axes"},
    {no_rows, "dV", "missing gradient", "rows 1 to 2"},
    {columns_exchanged, "dW", "wrong order", "column 0 and column 2 are exchanged"},
    {gates_exchanged, "dV", "wrong order", "rows 0 to 1 and rows 2 to 3 are exchanged"},
    {column_copied, "dW", "wrong slice", "in place of column 1 stands column 0"},
    {negated_column, "dV", "wrong sign", "column 2"},
    {one_step_missing, "dS", "missing gradient", "time step 2"},
    {one_step_late, "dS", "off by one step", "the step before"},
    {one_step_early, "dS", "off by one step", "the step after"},
    {time_reversed, "dS", "wrong order", "reversed"},
    {exchanged, "dW", "another argument", "the gradients of W and V are exchanged"},
    {another, "dc", "another argument", "where the gradient of c belongs stands that of b"},
    {missing, "db", "missing gradient", "b"},
    {decay, "dW", "extra term", "0.01 times W"},
    {constant_added, "db", "extra term", "0.125"},
    {factor_too_many, "dV", "extra factor", "V"},
    {tiny, "dQ", "", ""},
    {one_nan, "dS", "", ""},
};

Test(check_function, every_mistake_is_named)
{
    for (size_t i = 0; i < sizeof plants / sizeof *plants; i++)
        for (uint32_t seed = 0; seed < 3; seed++) {
            gt_check_gradient mine = problem_at(seed);
            mine.context = (void *)&plants[i];
            gt_report report = check(&mine, seed);
            cr_assert_eq(report.verdict, GT_WRONG, "mistake %zu is %s", i, gt_verdict_name(report.verdict));
            const gt_finding *f = &report.findings[0];
            cr_expect_str_eq(f->array, plants[i].array, "%zu: %s", i, text_of(&report));
            cr_expect_str_eq(f->diagnosis.kind, plants[i].kind, "%zu: %s", i, text_of(&report));
            cr_expect_not_null(strstr(f->diagnosis.text, plants[i].text), "%zu: %s", i, text_of(&report));
            cr_expect_eq(report.precision, GT_F64);
            gt_report_free(&report);
        }
}

Test(check_function, a_right_gradient_is_right)
{
    static const plant none = {nothing, "", "", ""};
    for (uint32_t seed = 0; seed < 50; seed++) {
        gt_check_gradient mine = problem_at(seed);
        mine.context = (void *)&none;
        gt_report report = check(&mine, seed);
        cr_expect_eq(report.verdict, GT_RIGHT, "seed %u: %s", seed, text_of(&report));
        cr_expect(gt_report_complete(&report), "%s", text_of(&report));
        cr_expect_eq(report.counts[GT_CHECK_NUMERIC].entries, ENTRIES);
        gt_report_free(&report);
    }
}

/* Too many entries to compare one by one: what all of them share is named from projections. */
Test(check_function, large_arrays_are_named_by_projections)
{
    static const plant large[] = {{sign, "dW", "wrong sign", "sign"},
                                  {odd_factor, "dV", "constant factor", "1.3 times"},
                                  {missing, "db", "missing gradient", "b"},
                                  {sum_of_steps, "dS", "mean for sum", "number of time steps of S"}};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        gt_check_gradient mine = problem_at(2);
        gt_report report = {0};
        gt_check_options options = {.diagnose = gt_diagnose, .most_entries = 1, .projections = 1};
        mine.context = (void *)&large[i];
        cr_assert_eq(gt_check_function(&mine, &options, &report, NULL), GT_OK);
        cr_assert_eq(report.verdict, GT_WRONG);
        cr_expect_gt(report.counts[GT_CHECK_NUMERIC].projections, 0);
        cr_expect_str_eq(report.findings[0].array, large[i].array);
        cr_expect_str_eq(report.findings[0].diagnosis.kind, large[i].kind, "%s", text_of(&report));
        cr_expect_not_null(strstr(report.findings[0].diagnosis.text, large[i].text), "%s", text_of(&report));
        gt_report_free(&report);
    }
}

/* ---- the cotangent ----------------------------------------------------------------------------- */

static gt_status ignores_cotangent(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    const double ones[RESULTS] = {1, 1, 1, 1, 1, 1, 1};
    double whole[ENTRIES];
    (void)context, (void)error;
    right_gradient(x, ones, whole);
    right_gradient(x, u, g);
    copy(g + B, whole + B, 4);
    return GT_OK;
}

static gt_status squares_cotangent(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    double squares[RESULTS];
    (void)context, (void)error;
    for (int j = 0; j < RESULTS; j++)
        squares[j] = u[j] * u[j];
    right_gradient(x, squares, g);
    return GT_OK;
}

Test(check_function, what_becomes_of_the_cotangent)
{
    gt_check_gradient mine = problem_at(4);
    mine.gradient = ignores_cotangent;
    gt_report report = check(&mine, 1);
    cr_assert_eq(report.verdict, GT_WRONG);
    cr_expect_eq(report.finding_count, 1);
    cr_expect_str_eq(report.findings[0].array, "db");
    cr_expect_str_eq(report.findings[0].diagnosis.kind, "cotangent ignored", "%s", text_of(&report));
    gt_report_free(&report);
    mine.gradient = squares_cotangent;
    report = check(&mine, 1);
    cr_assert_eq(report.verdict, GT_WRONG);
    cr_expect_eq(report.finding_count, 6);
    cr_expect_str_eq(report.findings[5].diagnosis.kind, "cotangent twice", "%s", text_of(&report));
    gt_report_free(&report);
}

/* It is right for the cotangent of the check wherever nothing is clipped. */
static gt_status clips_above(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)error;
    right_gradient(x, u, g);
    for (int i = 0; i < ENTRIES; i++)
        g[i] = fmin(g[i], *(double *)context);
    return GT_OK;
}

Test(check_function, what_is_clipped_is_not_linear)
{
    double limit = 5;
    gt_check_gradient mine = problem_at(2);
    mine.gradient = clips_above;
    mine.context = &limit;
    gt_report report = check(&mine, 0);
    cr_assert_eq(report.verdict, GT_WRONG);
    cr_expect_not_null(strstr(text_of(&report), "not linear"), "%s", text_of(&report));
    gt_report_free(&report);
    limit = 1e9;
    report = check(&mine, 0);
    cr_expect_eq(report.verdict, GT_RIGHT, "%s", text_of(&report));
    gt_report_free(&report);
}

/* ---- structs of older programs -------------------------------------------------------------------------- */

/* A program that was compiled before there were fields behind output_count: what lies there is not read. */
Test(check_function, a_shorter_struct_is_read_as_far_as_it_goes)
{
    static const plant none = {nothing, "", "", ""};
    gt_check_gradient mine = problem_at(1), whole = GT_CHECK_GRADIENT_INIT;
    gt_check_options options = GT_CHECK_OPTIONS_INIT;
    gt_report report = {0};
    cr_expect_eq(whole.size, sizeof whole);
    mine.size = offsetof(gt_check_gradient, jvp);
    mine.context = (void *)&none;
    memset(&mine.jvp, 0x55, sizeof mine - mine.size);
    options.size = offsetof(gt_check_options, second_order);
    memset((char *)&options + options.size, 0x55, sizeof options - options.size);
    cr_assert_eq(gt_check_function(&mine, &options, &report, NULL), GT_OK);
    cr_expect_eq(report.verdict, GT_RIGHT, "%s", text_of(&report));
    cr_expect_eq(report.counts[GT_CHECK_JVP].arrays, 0);
    gt_report_free(&report);
}

/* ---- arguments --------------------------------------------------------------------------------------- */

Test(check_function, arguments_are_refused)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_check_gradient mine = problem_at(1);
    mine.gradient = NULL;
    cr_expect_eq(gt_check_function(&mine, NULL, &report, &error), GT_ERROR_ARGUMENT);
    mine.gradient = planted;
    mine.output_shape = GT_SHAPE(2, 3);
    cr_expect_eq(gt_check_function(&mine, NULL, &report, &error), GT_ERROR_SHAPE);
    mine.output_shape = (gt_shape){0};
    mine.function = NULL;
    cr_expect_eq(gt_check_function(&mine, NULL, &report, &error), GT_ERROR_ARGUMENT);
    double bad[ENTRIES] = {[7] = NAN};
    mine = problem_at(1);
    mine.x = bad;
    cr_expect_eq(gt_check_function(&mine, NULL, &report, &error), GT_ERROR_NOT_FINITE);
    cr_expect_not_null(strstr(error.message, "x[7]"), "%s", error.message);
    gt_report_free(&report);
}
