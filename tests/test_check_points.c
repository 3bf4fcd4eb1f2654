/*
 * What the point at which a cell is checked cannot show: sizes of one, values that are 0 or 1, branches
 * that it does not take. They are remarks, and branches are looked for at further points.
 */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(check_points, .timeout = 120);

#define HEAD "cell c\n input x[n]\n state h[n]\n"

typedef struct point {
    int64_t n, examples, steps;
} point;
static const point usual = {3, 2, 3};

static gt_report check(const char *text, point p)
{
    gt_report report = {0};
    gt_error error = {0};
    const gt_dimension sizes[] = {{"n", p.n}};
    const gt_check_problem problem = {
        .dimensions = sizes, .dimension_count = 1, .examples = p.examples, .steps = p.steps};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, NULL, &report, &error), GT_OK, "%s",
                 error.message);
    gt_parsed_cell_free(parsed);
    return report;
}

/* The remark about `array` with these words; NULL words: there is none about it. */
static void expect_remark(const gt_report *report, const char *array, const char *words)
{
    for (uint32_t i = 0; i < report->remark_count; i++)
        if (strcmp(report->remarks[i].array, array) == 0) {
            cr_expect(words != NULL && strstr(report->remarks[i].text, words) != NULL, "%s: %s", array,
                      report->remarks[i].text);
            return;
        }
    cr_expect_null(words, "there is no remark about %s", array);
}

Test(check_points, sizes_of_one)
{
    static const char text[] = HEAD " param W[n, n]\n h' = tanh(W @ h + x)\n";
    gt_report report = check(text, (point){3, 1, 1});
    cr_expect_eq(report.verdict, GT_RIGHT);
    expect_remark(&report, "m", "there is one example");
    expect_remark(&report, "T", "there is one time step");
    expect_remark(&report, "W", NULL);
    gt_report_free(&report);
    report = check(text, (point){1, 2, 2});
    expect_remark(&report, "m", NULL);
    expect_remark(&report, "T", NULL);
    expect_remark(&report, "W", "is its own transpose");
    gt_report_free(&report);
}

Test(check_points, values_that_show_nothing)
{
    gt_report report = check(HEAD " zero = 0 * x\n one = exp(zero)\n h' = one * tanh(h + x) + zero * h\n", usual);
    cr_expect_eq(report.verdict, GT_RIGHT);
    expect_remark(&report, "zero", "is 0 at every step");
    expect_remark(&report, "one", "is 1 at every step");
    expect_remark(&report, "x", NULL);
    gt_report_free(&report);
}

/* ---- branches ------------------------------------------------------------------------------ */

#define BRANCH HEAD " q = relu(x - 9)\n h' = tanh(h) + q\nbackward\n dh = dh' * (1 - tanh(h)**2)\n"

static bool has_finding(const gt_report *report, const char *words)
{
    for (uint32_t i = 0; i < report->finding_count; i++)
        if (report->findings[i].verdict == GT_WRONG && strstr(report->findings[i].text, words) != NULL)
            return true;
    return false;
}

/* A block that is right where the first point is and wrong in the other branch is found wrong there. */
Test(check_points, a_mistake_in_the_other_branch)
{
    gt_report report = check(BRANCH " dx = dh' * where(x > 9, 1, 0)\n", usual);
    cr_expect_eq(report.verdict, GT_RIGHT);
    gt_report_free(&report);
    report = check(BRANCH " dx = dh' * where(x > 9, 2, 0)\n", usual);
    cr_expect_eq(report.verdict, GT_WRONG);
    cr_expect(has_finding(&report, "at a further point (seed"));
    gt_report_free(&report);
}

/* With an output, which the block must tell, too. */
Test(check_points, a_mistake_in_the_other_branch_of_an_output)
{
    static const char text[] = HEAD " param V[n, n]\n q = relu(x - 9)\n h' = tanh(h) + x\n output y = V @ q\nbackward\n"
                                    " dh = dh' * (1 - tanh(h)**2)\n dV = dy @ q.T\n"
                                    " dx = dh' + %s * (V.T @ dy) * where(x > 9, 1, 0)\n";
    for (int wrong = 0; wrong < 2; wrong++) {
        char made[600];
        snprintf(made, sizeof made, text, wrong == 1 ? "2" : "1");
        gt_report report = check(made, usual);
        cr_expect_eq(report.verdict, wrong == 1 ? GT_WRONG : GT_RIGHT);
        gt_report_free(&report);
    }
}

/* A branch that nothing takes is told, and where it overflows no further point is believed. */
Test(check_points, branches_that_cannot_be_seen)
{
    gt_report report = check(HEAD " q = where(x > 10**7, 2 * x, x)\n h' = tanh(h + q)\n", usual);
    cr_expect_eq(report.verdict, GT_RIGHT);
    cr_expect_gt(report.remark_count, 0);
    gt_report_free(&report);
    report =
        check(HEAD " q = where(x > 30, exp(exp(x)), x)\n h' = tanh(h) + q\nbackward\n dh = dh' * (1 - tanh(h)**2)\n"
                   " dx = dh' * where(x > 30, 0, 1)\n",
              usual);
    cr_expect_eq(report.verdict, GT_RIGHT, "what overflows says nothing");
    cr_expect_gt(report.remark_count, 0);
    gt_report_free(&report);
}

/* ---- where sequences begin ----------------------------------------------------------------------- */

/* The first step of a sequence is special where the cell asks for its number. */
#define FIRST                                                                                                          \
    HEAD " param W[n, n]\n g = tanh(W @ x)\n h' = where(t == 0, g, g + h)\nbackward\n"                                 \
         " q = dh' * (1 - g**2)\n dW = q @ x.T\n dx = W.T @ q\n dh = "

Test(check_points, a_mistake_in_the_first_step)
{
    gt_report report = check(FIRST "where(t > 0, dh', 0)\n", usual);
    cr_expect_eq(report.verdict, GT_RIGHT);
    cr_expect_eq(report.remark_count, 0, "the number of the step has no gradient that a block would define");
    gt_report_free(&report);
    report = check(FIRST "dh'\n", usual);
    cr_expect_eq(report.verdict, GT_WRONG);
    cr_expect(has_finding(&report, "where the states begin as the cell says"));
    cr_expect_eq(report.findings[0].point, 1);
    gt_report_free(&report);
}

/* Nothing is claimed where the beginning is a kink, for which a formula may have another derivative than the tape. */
Test(check_points, a_kink_at_the_beginning)
{
    static const char *const right[] = {
        HEAD " h' = tanh(abs(h) + x)\nbackward\n q = dh' * (1 - h'**2)\n dx = q\n dh = q * (2 * (h >= 0) - 1)\n",
        HEAD " h' = tanh(elu(h, 2) + x)\nbackward\n q = dh' * (1 - h'**2)\n dx = q\n"
             " dh = q * where(h >= 0, 1, 2 * exp(minimum(h, 0)))\n",
        HEAD " h' = tanh(norm(h) * x)\nbackward\n q = dh' * (1 - h'**2)\n dx = q * norm(h)\n"
             " dh = sum(q * x, axis=0) * h / maximum(norm(h), 0.000001)\n",
    };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        gt_report report = check(right[i], usual);
        cr_expect_eq(report.verdict, GT_RIGHT, "%s", right[i]);
        gt_report_free(&report);
    }
}

/* ---- masks --------------------------------------------------------------------------------------- */

Test(check_points, a_mask_that_the_cell_says_to_draw)
{
    static const char text[] = "cell c\n input x[n], k[1]%s\n state h[n]\n h' = where(k, tanh(x), h)\n"
                               "backward\n dx = k * dh' * (1 - tanh(x)**2)\n dh = %s(1 - k) * dh'\n";
    static const struct {
        const char *draw, *factor;
        gt_verdict verdict;
        const char *remark;
    } rows[] = {{" ~ bernoulli(0.5)", "", GT_RIGHT, "no number can tell dk"},
                {" ~ bernoulli(0.5)", "1.0001 * ", GT_WRONG, "no number can tell dk"},
                {" ~ uniform(0, 1)", "", GT_WRONG, NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char made[400];
        snprintf(made, sizeof made, text, rows[i].draw, rows[i].factor);
        gt_report report = check(made, (point){3, 10, 3});
        cr_expect_eq(report.verdict, rows[i].verdict, "%s", made);
        expect_remark(&report, "dk", rows[i].remark);
        gt_report_free(&report);
    }
}
