/*
 * Verdicts that once were wrong: right cells whose functions are smooth only once, narrow,
 * oscillating, chaotic, badly scaled, at a kink or beyond the numbers. More seeds:
 * bench-alarms --cells 40 --sizes 16,32,10,7 FILE.cell.
 */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(verdicts, .timeout = 120);

typedef struct subject {
    const char *file;
    int64_t n_x, n_a, examples, steps; /* 0: 3, 5, 10, 7 */
    uint32_t first, seeds;
    bool right; /* else it may also be undecidable */
} subject;

static char *read_cell(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/verdicts/%s.cell", GT_FIXTURES, name);
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 14);
    cr_assert(file != NULL && text != NULL && fread(text, 1, (1 << 14) - 1, file) > 0, "%s", path);
    fclose(file);
    return text;
}

static gt_report check(const subject *s, const gt_archive *at, uint32_t seed)
{
    char *text = read_cell(s->file);
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_error error = {0};
    gt_report report = {0};
    const gt_dimension sizes[] = {{"n_x", s->n_x > 0 ? s->n_x : 3}, {"n_a", s->n_a > 0 ? s->n_a : 5}};
    gt_check_problem problem = {
        .dimensions = sizes, .dimension_count = 2, .examples = s->examples, .steps = s->steps, .at = at};
    gt_check_options options = {.seed = seed, .diagnose = gt_diagnose};
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s: %s", s->file, error.message);
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error), GT_OK, "%s: %s",
                 s->file, error.message);
    gt_parsed_cell_free(parsed);
    free(text);
    return report;
}

static void expect(const subject *s, const gt_report *report, uint32_t seed)
{
    char text[2000];
    gt_report_format(report, text, sizeof text);
    if (s->right)
        cr_expect_eq(report->verdict, GT_RIGHT, "%s, seed %u: %s", s->file, seed, text);
    else
        cr_expect_neq(report->verdict, GT_WRONG, "%s, seed %u: %s", s->file, seed, text);
}

static void check_all(const subject *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (uint32_t seed = list[i].first; seed < list[i].first + list[i].seeds; seed++) {
            gt_report report = check(&list[i], NULL, seed);
            expect(&list[i], &report, seed);
            gt_report_free(&report);
        }
}
#define CHECK_ALL(list) check_all(list, sizeof list / sizeof *list)

Test(verdicts, smooth_once)
{
    static const subject list[] = {
        {"rnn_softsign", 0, 0, 0, 0, 1, 40, true},  {"rnn_elu", 0, 0, 0, 0, 1, 40, true},
        {"relu2", 0, 0, 0, 0, 1, 40, true},         {"lstm_softsign", 16, 32, 0, 0, 1, 2, true},
        {"lstm_softsign", 0, 0, 3, 3, 1, 20, true}, {"rwkv4", 0, 4, 3, 3, 1, 10, true},
    };
    CHECK_ALL(list);
}

Test(verdicts, narrow_and_oscillating)
{
    static const subject list[] = {
        {"sin_30", 0, 0, 3, 3, 1, 20, false},
        {"bump_narrow", 0, 0, 3, 3, 1, 20, false},
        {"sin4", 0, 0, 4, 15, 1, 10, false},
        {"sin6", 0, 0, 4, 15, 1, 10, false},
        {"tanh_plus_small_fast", 0, 0, 3, 3, 1, 20, false},
    };
    CHECK_ALL(list);
}

Test(verdicts, projections_and_kinks)
{
    static const subject list[] = {
        {"attn", 0, 0, 0, 0, 112, 1, true},
        {"attn", 0, 0, 0, 0, 194, 1, true},
        {"projections_sru", 0, 24, 5, 3, 102, 1, true},
        {"counter", 0, 0, 3, 5, 1, 10, false},
        {"ln", 0, 0, 3, 3, 1, 10, false},
        {"relu", 0, 0, 3, 3, 1, 10, false},
        {"where_inactive_log", 0, 0, 3, 3, 1, 10, false},
        {"sqrt_of_relu", 0, 0, 3, 3, 1, 10, false},
    };
    CHECK_ALL(list);
}

/* ---- what is said -------------------------------------------------------------------------- */

static bool says(const gt_report *report, const char *words)
{
    for (uint32_t i = 0; i < report->finding_count; i++)
        if (strstr(report->findings[i].text, words) != NULL)
            return true;
    return false;
}

Test(verdicts, reasons_are_given)
{
    static const struct {
        subject s;
        const char *words;
    } list[] = {
        {{"counter", 0, 0, 3, 5, 1, 1, false}, "stop_gradient"}, {{"sqrt_of_relu", 0, 0, 3, 3, 1, 1, false}, "sqrt"},
        {{"sin6", 0, 0, 4, 15, 1, 1, false}, "rounding"},        {{"explode", 0, 0, 3, 6, 1, 1, false}, "explodes"},
        {{"explode", 0, 0, 3, 6, 1, 1, false}, "time step"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        gt_report report = check(&list[i].s, NULL, 1);
        cr_expect_eq(report.verdict, GT_UNDECIDABLE, "%s", list[i].s.file);
        cr_expect(says(&report, list[i].words), "%s: %s", list[i].s.file,
                  report.finding_count > 0 ? report.findings[0].text : "no finding");
        gt_report_free(&report);
    }
}

/* ---- scales -------------------------------------------------------------------------------- */

enum { N_X = 3, N_A = 4, EXAMPLES = 3, STEPS = 3 };

static void add_normal(gt_archive *archive, const char *name, gt_shape shape, double deviation, gt_random *random)
{
    double entries[100];
    for (int64_t k = 0; k < gt_shape_count(shape); k++)
        entries[k] = deviation * gt_random_normal(random);
    cr_assert_eq(gt_archive_add(archive, name, (gt_array){entries, GT_F64, shape}, NULL), GT_OK);
}

/* lstm_softsign with parameters, inputs and states of any size. */
static void check_scale(const char *what, double matrices, double biases, double x, bool right)
{
    static const char *const gates = "fico";
    const subject s = {"lstm_softsign", N_X, N_A, EXAMPLES, STEPS, 0, 0, right};
    for (uint32_t seed = 1; seed <= 10; seed++) {
        gt_archive *at = gt_archive_new();
        gt_random random;
        gt_random_seed(&random, seed);
        for (int k = 0; k < 4; k++) {
            const char names[2][3] = {{'W', gates[k], '\0'}, {'b', gates[k], '\0'}};
            add_normal(at, names[0], GT_SHAPE(N_A, N_A + N_X), matrices, &random);
            add_normal(at, names[1], GT_SHAPE(N_A), biases, &random);
        }
        add_normal(at, "x", GT_SHAPE(N_X, EXAMPLES, STEPS), x, &random);
        gt_report report = check(&s, at, seed);
        char text[2000];
        gt_report_format(&report, text, sizeof text);
        cr_expect(right ? report.verdict == GT_RIGHT : report.verdict != GT_WRONG, "%s, seed %u: %s", what, seed, text);
        gt_report_free(&report);
        gt_archive_free(at);
    }
}

Test(verdicts, all_scales)
{
    check_scale("usual", 0.4, 0.3, 1, true);
    check_scale("small parameters", 4e-9, 3e-9, 1, true);
    check_scale("small matrices", 4e-9, 0.3, 1, true);
    check_scale("small inputs", 0.4, 0.3, 1e-8, true);
    check_scale("large inputs", 0.4e-8, 0.3, 1e8, true);
    check_scale("large arguments", 0.4, 0.3, 1e8, false);
    check_scale("all matrices 0", 0, 0.3, 1, true);
    check_scale("all parameters 0", 0, 0, 1, false);
}

/* ---- arrays from elsewhere ----------------------------------------------------------------- */

/* A tanh network in a chaotic regime, its sums taken from the end: rounding is not gradtape's. */
enum { UNITS = 30, INPUTS = 2, COLUMNS = 4, LENGTH = 100 };

typedef struct reservoir {
    double Waa[UNITS * UNITS], Wax[UNITS * INPUTS], ba[UNITS];
    double x[INPUTS * COLUMNS * LENGTH], da[UNITS * COLUMNS * LENGTH], a[UNITS * COLUMNS * (LENGTH + 1)];
    double dWaa[UNITS * UNITS], dWax[UNITS * INPUTS], dba[UNITS];
    double dx[INPUTS * COLUMNS * LENGTH], da0[UNITS * COLUMNS];
} reservoir;

static double add_from_the_end(const double *weights, int stride, const double *values, int count)
{
    double sum = 0;
    for (int j = count; j-- > 0;)
        sum += weights[j * stride] * values[j];
    return sum;
}

static void run_column(reservoir *r, int t, int column)
{
    const double *a = r->a + (t * COLUMNS + column) * UNITS, *x = r->x + (t * COLUMNS + column) * INPUTS;
    double *next = r->a + ((t + 1) * COLUMNS + column) * UNITS;
    for (int i = 0; i < UNITS; i++)
        next[i] = tanh(add_from_the_end(r->Wax + i, UNITS, x, INPUTS) + add_from_the_end(r->Waa + i, UNITS, a, UNITS) +
                       r->ba[i]);
}

static void run_column_backward(reservoir *r, int t, int column)
{
    const double *a = r->a + (t * COLUMNS + column) * UNITS, *x = r->x + (t * COLUMNS + column) * INPUTS;
    const double *next = r->a + ((t + 1) * COLUMNS + column) * UNITS;
    double d[UNITS], *carried = r->da0 + column * UNITS;
    for (int i = 0; i < UNITS; i++) {
        d[i] = (r->da[(t * COLUMNS + column) * UNITS + i] + carried[i]) * (1 - next[i] * next[i]);
        r->dba[i] += d[i];
        for (int j = 0; j < UNITS; j++)
            r->dWaa[i + UNITS * j] += d[i] * a[j];
        for (int j = 0; j < INPUTS; j++)
            r->dWax[i + UNITS * j] += d[i] * x[j];
    }
    for (int j = 0; j < INPUTS; j++)
        r->dx[(t * COLUMNS + column) * INPUTS + j] = add_from_the_end(r->Wax + UNITS * j, 1, d, UNITS);
    for (int j = 0; j < UNITS; j++)
        carried[j] = add_from_the_end(r->Waa + UNITS * j, 1, d, UNITS);
}

static void run_reservoir(reservoir *r, double radius)
{
    gt_random random;
    gt_random_seed(&random, 1);
    memset(r, 0, sizeof *r);
    for (int k = 0; k < UNITS * UNITS; k++)
        r->Waa[k] = radius / sqrt(UNITS) * gt_random_normal(&random);
    for (int k = 0; k < UNITS * INPUTS; k++)
        r->Wax[k] = 0.1 * gt_random_normal(&random);
    gt_random_fill_normal(&random, GT_SHAPE(INPUTS * COLUMNS * LENGTH), r->x);
    gt_random_fill_normal(&random, GT_SHAPE(UNITS * COLUMNS * LENGTH), r->da);
    for (int t = 0; t < LENGTH; t++)
        for (int column = 0; column < COLUMNS; column++)
            run_column(r, t, column);
    for (int t = LENGTH; t-- > 0;)
        for (int column = COLUMNS; column-- > 0;)
            run_column_backward(r, t, column);
}

static gt_verdict check_reservoir(reservoir *r)
{
    const struct {
        const char *name;
        double *entries;
        gt_shape shape;
    } arrays[] = {
        {"x", r->x, GT_SHAPE(INPUTS, COLUMNS, LENGTH)},   {"Waa", r->Waa, GT_SHAPE(UNITS, UNITS)},
        {"Wax", r->Wax, GT_SHAPE(UNITS, INPUTS)},         {"ba", r->ba, GT_SHAPE(UNITS)},
        {"da", r->da, GT_SHAPE(UNITS, COLUMNS, LENGTH)},  {"dWaa", r->dWaa, GT_SHAPE(UNITS, UNITS)},
        {"dWax", r->dWax, GT_SHAPE(UNITS, INPUTS)},       {"dba", r->dba, GT_SHAPE(UNITS)},
        {"dx", r->dx, GT_SHAPE(INPUTS, COLUMNS, LENGTH)}, {"da0", r->da0, GT_SHAPE(UNITS, COLUMNS)},
    };
    gt_archive *given = gt_archive_new();
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        cr_assert_eq(
            gt_archive_add(given, arrays[i].name, (gt_array){arrays[i].entries, GT_F64, arrays[i].shape}, NULL), GT_OK);
    const gt_dimension sizes[] = {{"n_x", INPUTS}, {"n_a", UNITS}};
    gt_check_problem problem = {
        .dimensions = sizes, .dimension_count = 2, .examples = COLUMNS, .steps = LENGTH, .given = given};
    gt_report report = {0};
    gt_error error = {0};
    gt_check_options options = {.most_entries = 1}; /* projections: many entries are no matter here */
    cr_assert_eq(gt_check_cell(gt_cell_find("rnn"), &problem, &options, &report, &error), GT_OK, "%s", error.message);
    gt_verdict verdict = report.verdict;
    gt_report_free(&report);
    gt_archive_free(given);
    return verdict;
}

Test(verdicts, arrays_of_a_chaotic_network)
{
    static reservoir r;
    run_reservoir(&r, 0.5);
    cr_expect_eq(check_reservoir(&r), GT_RIGHT);
    r.dba[3] *= 1.001;
    cr_expect_eq(check_reservoir(&r), GT_WRONG);
    run_reservoir(&r, 2);
    cr_expect_neq(check_reservoir(&r), GT_WRONG);
}
