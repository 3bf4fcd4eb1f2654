/* gt_check_function: mistakes in handwritten gradients are found and named, what is right passes. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/*
 * y_j = sum over i of a_ij sin(x_i + b_ij): every entry of every argument matters to every
 * result, and no two alike.
 */
enum { W = 0, V = 12, B = 24, C = 28, Q = 32, S = 41, ENTRIES = 71, RESULTS = 7 };

static const gt_check_array arguments[] = {{"W", {2, {4, 3, 1, 1}}}, {"V", {2, {4, 3, 1, 1}}},
                                           {"b", {1, {4, 1, 1, 1}}}, {"c", {1, {4, 1, 1, 1}}},
                                           {"Q", {2, {3, 3, 1, 1}}}, {"S", {3, {2, 3, 5, 1}}}};

static double amplitude(int i, int j)
{
    return sin(3.7 * i + 1.3 * j) + 0.2;
}

static double phase(int i, int j)
{
    return cos(2.9 * i - 0.7 * j);
}

static gt_status waves(void *context, const double *x, double *y, gt_error *error)
{
    (void)context, (void)error;
    for (int j = 0; j < RESULTS; j++) {
        y[j] = 0;
        for (int i = 0; i < ENTRIES; i++)
            y[j] += amplitude(i, j) * sin(x[i] + phase(i, j));
    }
    return GT_OK;
}

static void right_gradient(const double *x, const double *u, double *g)
{
    for (int i = 0; i < ENTRIES; i++) {
        g[i] = 0;
        for (int j = 0; j < RESULTS; j++)
            g[i] += u[j] * amplitude(i, j) * cos(x[i] + phase(i, j));
    }
}

/* ---- mistakes -------------------------------------------------------------------------------- */

static void scale(double *g, int count, double k)
{
    for (int i = 0; i < count; i++)
        g[i] *= k;
}

static void copy(double *to, const double *from, int count)
{
    memmove(to, from, (size_t)count * sizeof *to);
}

static void swap(double *a, double *b, int count)
{
    for (int i = 0; i < count; i++) {
        double kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static void by_rows(double *g, int rows, int columns)
{
    double kept[ENTRIES];
    copy(kept, g, rows * columns);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            g[j + i * columns] = kept[i + j * rows];
}

static void nothing(const double *x, double *g)
{
    (void)x, (void)g;
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

/* What is planted, and which kind in which array should be named, with a part of its text. */
typedef struct plant {
    void (*apply)(const double *x, double *g);
    const char *array, *kind, *text;
} plant;

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

static gt_status planted(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)error;
    right_gradient(x, u, g);
    ((const plant *)context)->apply(x, g);
    return GT_OK;
}

static const double *point(uint32_t seed)
{
    static double x[ENTRIES];
    gt_random random;
    gt_random_seed(&random, seed);
    for (int i = 0; i < ENTRIES; i++)
        x[i] = gt_random_normal(&random);
    return x;
}

static gt_check_gradient problem_at(uint32_t seed)
{
    return (gt_check_gradient){.function = waves,
                               .gradient = planted,
                               .arrays = arguments,
                               .array_count = 6,
                               .x = point(seed),
                               .output_count = RESULTS};
}

static gt_report check(const gt_check_gradient *mine, uint32_t seed)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_check_options options = {.seed = seed, .diagnose = gt_diagnose};
    cr_assert_eq(gt_check_function(mine, &options, &report, &error), GT_OK, "%s", error.message);
    return report;
}

static const char *text_of(const gt_report *report)
{
    static char text[8000];
    gt_report_format(report, text, sizeof text);
    return text;
}

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

/* ---- results of another size -------------------------------------------------------------------- */

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

Test(check_function, a_wrong_number_of_entries_is_a_finding)
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

Test(check_function, so_is_one_of_the_function)
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

/* ---- what no number can be compared with --------------------------------------------------------- */

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

Test(check_function, what_is_no_function_is_not_right)
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

/* ---- functions that are not smooth ----------------------------------------------------------------------- */

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

Test(check_function, what_is_not_smooth_is_undecidable_with_a_reason)
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

/* ---- points that show nothing ---------------------------------------------------------------------- */

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

Test(check_function, points_that_show_nothing_are_remarked)
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

/* ---- Jacobian-vector products ------------------------------------------------------------------------ */

typedef enum jvp_mistake { JVP_RIGHT, JVP_SIGN, JVP_NO_B, JVP_IGNORES, JVP_ORDER, JVP_LONG, JVP_BENT } jvp_mistake;

static gt_status waves_jvp(void *context, const double *x, const double *v, double *dy, gt_error *error)
{
    jvp_mistake mistake = *(const jvp_mistake *)context;
    (void)error;
    for (int j = 0; j < RESULTS; j++) {
        dy[j] = 0;
        for (int i = 0; i < ENTRIES; i++)
            if (mistake != JVP_NO_B || i < B || i >= C)
                dy[j] += (mistake == JVP_IGNORES ? 1 : v[i]) * amplitude(i, j) * cos(x[i] + phase(i, j));
    }
    if (mistake == JVP_SIGN)
        scale(dy, RESULTS, -1);
    if (mistake == JVP_ORDER)
        swap(dy + 1, dy + 4, 1);
    if (mistake == JVP_LONG)
        dy[RESULTS] = 1;
    if (mistake == JVP_BENT)
        dy[0] += v[W] * v[S];
    return GT_OK;
}

static gt_status right_product(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)context, (void)error;
    right_gradient(x, u, g);
    return GT_OK;
}

static gt_report check_jvp(jvp_mistake mistake, bool with_gradient)
{
    gt_check_gradient mine = problem_at(3);
    mine.gradient = with_gradient ? right_product : NULL;
    mine.jvp = waves_jvp;
    mine.context = &mistake;
    return check(&mine, 5);
}

Test(check_function, a_right_jacobian_vector_product_is_right)
{
    for (int with = 0; with < 2; with++) {
        gt_report report = check_jvp(JVP_RIGHT, with == 1);
        cr_expect_eq(report.verdict, GT_RIGHT, "%s", text_of(&report));
        cr_expect_eq(report.counts[GT_CHECK_JVP].arrays, 6);
        cr_expect_eq(report.counts[GT_CHECK_TRANSPOSE].arrays, with == 1 ? 6 : 0);
        gt_report_free(&report);
    }
}

Test(check_function, a_wrong_jacobian_vector_product_is_wrong)
{
    static const struct {
        jvp_mistake mistake;
        const char *kind, *text;
    } list[] = {{JVP_SIGN, "wrong sign", "a tangent in W alone"},
                {JVP_NO_B, "missing gradient", "what the tangent of b does is missing"},
                {JVP_IGNORES, "cotangent ignored", "the tangent is ignored"},
                {JVP_ORDER, "wrong order", "row 1 and row 4 are exchanged"},
                {JVP_LONG, "", "jvp writes 8 entries"},
                {JVP_BENT, "", "not linear in the tangent"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        gt_report report = check_jvp(list[i].mistake, true);
        cr_assert_eq(report.verdict, GT_WRONG, "%zu", i);
        cr_expect_str_eq(report.findings[0].diagnosis.kind, list[i].kind, "%s", text_of(&report));
        cr_expect_not_null(strstr(text_of(&report), list[i].text), "%s", text_of(&report));
        gt_report_free(&report);
    }
}

/* A function that no number tells anything of: the two products still contradict each other. */
static gt_status rough(void *context, const double *x, double *y, gt_error *error)
{
    waves(context, x, y, error);
    for (int j = 0; j < RESULTS; j++)
        y[j] += 1e-4 * sin(1e12 * x[0]);
    return GT_OK;
}

Test(check_function, products_are_each_others_transpose)
{
    jvp_mistake mistakes[] = {JVP_RIGHT, JVP_ORDER};
    for (int i = 0; i < 2; i++) {
        gt_check_gradient mine = problem_at(3);
        mine.function = rough;
        mine.gradient = right_product;
        mine.jvp = waves_jvp;
        mine.context = &mistakes[i];
        gt_report report = check(&mine, 5);
        cr_expect_eq(report.verdict, i == 0 ? GT_UNDECIDABLE : GT_WRONG, "%s", text_of(&report));
        cr_expect_eq(report.counts[GT_CHECK_TRANSPOSE].wrong, i == 0 ? 0 : 6, "%s", text_of(&report));
        gt_report_free(&report);
    }
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
