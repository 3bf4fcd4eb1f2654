/*
 * A term of a gradient that is missing is found by the forward equations: slices, joined arrays, sums and
 * means, powers, masks, running sums. With the line as it should read, the cell is right.
 */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(diagnose_terms, .timeout = 120);

#define HALVES                                                                                                         \
    "cell c\n input x[n]\n state h[2 * n]\n p = h[:n] * x\n q = h[n:] * x\n h' = tanh(concat(q, p)) + 0.5 * h\n"       \
    "backward\n dv = dh' * (1 - tanh(concat(q, p))**2)\n dq = dv[:n]\n dp = dv[n:]\n"

static const struct {
    const char *before, *wrong; /* a text up to its last line, and that line */
    const char *repaired;       /* NULL: as long as it is right */
} rows[] = {
    {HALVES, "dh = 0.5 * dh'", "dh = 0.5 * dh' + concat(dp * x, dq * x)"},
    {HALVES, "dh = concat(dp * x, dq * x)", "dh = concat(dp * x, dq * x) + dh' * 0.5"},
    {HALVES, "dx = dp * h[:n]", "dx = dp * h[:n] + dq * h[n:]"},
    {"cell c\n input x[n]\n state h[n + 2]\n p = h[1:-1] * x\n h' = tanh(concat(h[:1], p, h[-1:])) + 0.5 * h**2\n"
     "backward\n dv = dh' * (1 - tanh(concat(h[:1], p, h[-1:]))**2)\n dp = dv[1:-1]\n",
     "dh = dh' * h", NULL},
    {"cell c\n input x[n]\n state h[n + 2]\n p = h[1:-1] * x\n h' = concat(x[:1], p, x[-1:]) + 0.5 * h**2\n"
     "backward\n dp = dh'[1:-1]\n",
     "dh = dh' * h", NULL},
    {"cell c\n input x[n]\n state h[n]\n param W[n, n + n]\n z = W[:, :n] @ x + W[:, n:] @ h\n"
     " h' = tanh(z) + 0.1 * sum(W**2)\nbackward\n dz = dh' * (1 - tanh(z)**2)\n",
     "dW = 0.2 * sum(dh') * W", "dW = 0.2 * sum(dh') * W + concat((dz @ x.T).T, (dz @ h.T).T).T"},
    {"cell c\n input x[n]\n state h[n]\n param W[n, n + n]\n z = W[:, n:] @ x\n h' = tanh(z + h) + 0.1 * sum(W**2)\n"
     "backward\n dz = dh' * (1 - tanh(z + h)**2)\n",
     "dW = 0.2 * sum(dh') * W", NULL},
    {"cell c\n input x[n]\n state h[n]\n s = sum(h, axis=0)\n h' = tanh(h) * x + s\nbackward\n",
     "dh = dh' * x * (1 - tanh(h)**2)", "dh = dh' * x * (1 - tanh(h)**2) + sum(dh', axis=0)"},
    {"cell c\n input x[n]\n state h[n]\n s = mean(h, axis=1)\n h' = tanh(h) * x + s\nbackward\n",
     "dh = dh' * x * (1 - tanh(h)**2)", NULL},
    {"cell c\n input x[n]\n state h[n]\n g = where(x > 0, h, 2 * x)\n h' = tanh(h) + g + cumsum(h)\n"
     "backward\n dg = dh'\n",
     "dh = dh' * (1 - tanh(h)**2) + where(x > 0, dg, 0)", NULL},
    {"cell c\n input x[n]\n state h[n]\n g = mean(h**3)\n h' = tanh(h) + g * x\nbackward\n dg = sum(dh' * x)\n",
     "dh = dh' * (1 - tanh(h)**2)", "dh = dh' * (1 - tanh(h)**2) + dg / n / m * 3 * h**2"},
};

/* The verdict on a text with this last line; *found becomes the finding about it. */
static gt_verdict check(size_t i, const char *line, gt_report *report, const gt_finding **found)
{
    static const gt_dimension sizes[] = {{"n", 3}};
    char text[1024];
    gt_error error = {0};
    gt_check_problem problem = {.dimensions = sizes, .dimension_count = 1, .examples = 4, .steps = 3};
    gt_check_options options = {.seed = 1, .diagnose = gt_diagnose};
    snprintf(text, sizeof text, "%s %s\n", rows[i].before, line);
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s: %s", line, error.message);
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, report, &error), GT_OK, "%s: %s", line,
                 error.message);
    *found = NULL;
    for (uint32_t k = 0; k < report->finding_count; k++)
        if (strcmp(report->findings[k].formula, line) == 0)
            *found = &report->findings[k];
    gt_parsed_cell_free(parsed);
    return report->verdict;
}

Test(diagnose_terms, a_missing_term_is_found)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gt_report report = {0}, again = {0};
        const gt_finding *found, *none;
        cr_expect_eq(check(i, rows[i].wrong, &report, &found), GT_WRONG, "%s", rows[i].wrong);
        cr_assert_not_null(found, "%s%s", rows[i].before, rows[i].wrong);
        const char *repaired = found->diagnosis.repaired;
        cr_expect(repaired[0] != '\0', "%s%s: no repair", rows[i].before, rows[i].wrong);
        if (rows[i].repaired != NULL)
            cr_expect_str_eq(repaired, rows[i].repaired);
        if (repaired[0] != '\0')
            cr_expect_eq(check(i, repaired, &again, &none), GT_RIGHT, "%s", repaired);
        gt_report_free(&again);
        gt_report_free(&report);
    }
}
