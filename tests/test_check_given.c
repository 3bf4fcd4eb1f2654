/* What a check draws as the cell says, and points of one's own. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(check_given, .timeout = 120);

enum { N = 3, EXAMPLES = 2, STEPS = 3 };

static gt_status check(const char *text, const gt_archive *at, gt_report *report, gt_error *error)
{
    static const gt_dimension sizes[] = {{"n", N}};
    const gt_check_problem problem = {
        .dimensions = sizes, .dimension_count = 1, .examples = EXAMPLES, .steps = STEPS, .at = at};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_parsed_cell_status(parsed, error), GT_OK, "%s\n%s", error->message, text);
    gt_status status = gt_check_cell(gt_parsed_cell_get(parsed), &problem, NULL, report, error);
    gt_parsed_cell_free(parsed);
    return status;
}

/* Masks of all and of nothing, and numbers of every law, stay what they are said to be. */
Test(check_given, inputs_are_drawn_as_the_cell_says)
{
    static const char *const laws[] = {
        "bernoulli(0)", "bernoulli(1)", "bernoulli(0.01)", "normal(0.5)", "uniform(0.1, 1)", "normal(1 / n)",
    };
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        char text[300];
        gt_report report = {0};
        gt_error error = {0};
        snprintf(text, sizeof text,
                 "cell c\n input x[n], k[n] ~ %s\n state h[n]\n param W[n, n]\n h' = tanh(W @ h + k * x)\n"
                 "backward\n dz = dh' * (1 - h'**2)\n dW = dz @ h.T\n dh = W.T @ dz\n dx = dz * k\n",
                 laws[i]);
        cr_expect_eq(check(text, NULL, &report, &error), GT_OK, "%s: %s", laws[i], error.message);
        cr_expect_neq(report.verdict, GT_WRONG, "%s", laws[i]);
        gt_report_free(&report);
    }
}

/* ---- points --------------------------------------------------------------------------------------- */

static const char *const cell = "cell c\n input x[n]\n state h[n]\n param W[n, n]\n h' = tanh(W @ h + x)\n"
                                "backward\n dz = dh' * (1 - h'**2)\n dW = dz @ h.T\n dh = W.T @ dz\n dx = dz\n";
static double numbers[N * EXAMPLES * STEPS];

static gt_archive *point_with(const char *name, gt_shape shape)
{
    gt_error error = {0};
    gt_archive *archive = gt_archive_new();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        numbers[i] = 0.3 + 0.1 * (double)(i % 7);
    cr_assert_eq(gt_archive_add(archive, name, (gt_array){numbers, GT_F64, shape}, &error), GT_OK, "%s", error.message);
    return archive;
}

static void expect_at(const char *name, gt_shape shape, gt_status expected, const char *words)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_archive *archive = point_with(name, shape);
    cr_expect_eq(check(cell, archive, &report, &error), expected, "%s: %s", name, error.message);
    cr_expect_not_null(strstr(error.message, words), "expected: %s\nbut it said: %s", words, error.message);
    cr_expect(expected != GT_OK || report.verdict == GT_RIGHT, "%s", name);
    gt_report_free(&report);
    gt_archive_free(archive);
}

Test(check_given, a_point_of_ones_own)
{
    expect_at("W", GT_SHAPE(N, N), GT_OK, "");
    expect_at("x", GT_SHAPE(N, EXAMPLES, STEPS), GT_OK, "");
    expect_at("h0", GT_SHAPE(N, EXAMPLES), GT_OK, "");
    expect_at("dh", GT_SHAPE(N, EXAMPLES, STEPS), GT_OK, "");
}

Test(check_given, arrays_that_are_none_of_the_cell)
{
    expect_at("dW", GT_SHAPE(N, N), GT_ERROR_ARGUMENT, "the array 'dW' is a gradient: a point has none");
    expect_at("WW", GT_SHAPE(N, N), GT_ERROR_ARGUMENT, "the array 'WW' is no array of c; did you mean 'W'?");
    expect_at("something_else_altogether", GT_SHAPE(N, N), GT_ERROR_ARGUMENT,
              "the array 'something_else_altogether' is no array of c");
    expect_at("W", GT_SHAPE(N, N + 1), GT_ERROR_SHAPE, "W");
}
