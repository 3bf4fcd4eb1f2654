/* The worst entry of a wrong formula, written out with its numbers: whatever the formula is made of, they give it. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(diagnose_arithmetic, .timeout = 120);

/* A forward pass with something of each kind to differentiate, and one wrong line of a backward pass. */
#define FORWARD                                                                                                        \
    "cell c\n input x[n_x]\n state h[n_a]\n param W[n_a, n_a + n_x], b[n_a], k[1]\n"                                   \
    " u = concat(h, x)\n z = W @ u + b\n h' = tanh(z) * k\nbackward\n"

static const struct {
    const char *line;     /* of the block, wrong */
    const char *words[3]; /* that the entry written out has in it */
} rows[] = {
    {"dz = dh' * (1 + tanh(z)**2) * k", {"(1 + tanh(z[", "**2) * k = "}},
    {"db = sum(dh', axis=1)", {"sum over k of dh'["}},
    {"db = mean(dh' * k, axis=1)", {"mean over k of (dh' * k)[", ") / 3 = "}},
    {"dk = sum(dh')", {"dk[0, 0] = sum over all of dh' = "}},
    {"dk = sum(u)", {"dk[0, 0] = sum over all of u = ", " + ... (9 in all) = "}},
    {"dk = sum(sum(dh' * z, axis=0), axis=1)", {"sum over k of sum(dh' * z, axis=0)[0, k] = "}},
    {"du = W.T @ dh'", {"sum over k of W[k, ", "] * dh'[k, "}},
    {"dW = dh' @ u.T", {"sum over k of dh'[", ", k] * u["}},
    {"dh = (W.T @ dh')[:n_a] * 1", {"(W.T @ dh')[", " * 1 = ", "sum over k of W[k, "}},
    {"dx = W[:, n_a:].T @ dh'", {"sum over k of W[:, n_a:][k, "}},
    {"du = concat(h, x) * 2", {"* 2 = "}},
    {"dz = concat(dh'[1:], dh'[:1])", {"dz["}},
    {"dz = (dh'.T * 2).T", {"] * 2 = "}},
    {"dz = cumsum(dh')", {"cumsum(dh')["}},
    {"dz = dh' * 0.5 + where(z > 0, k, -dh')", {"where(z[", " > 0, k, -dh'["}},
    {"dz = 3 + 0 * z", {"] = 3 + 0 * z["}},
    {"dz = z", {"dz[", "] = z["}},
    {"dk = k", {"dk[0, 0] = k = "}},
    {"dz = sum(dh', axis=0) + sum(z, axis=1) + W @ u + mean(u)",
     {"sum over k of dh'[k, ", "sum over k of z[", "mean over all of u = ("}},
    {"dz = sum(dh' * k + z * sigmoid(z) + tanh(z)**2 * k + dh' * dh' * dh', axis=0) + z", {"...[0, "}},
};

/* The number at the end of a text's first line. */
static double last_number(const char *text)
{
    char line[2048];
    snprintf(line, sizeof line, "%.*s", (int)strcspn(text, "\n"), text);
    char *equals = strrchr(line, '=');
    return equals != NULL ? strtod(equals + 1, NULL) : NAN;
}

static void expect_number(const char *line, const char *text, double value)
{
    double told = last_number(text);
    cr_expect(fabs(told - value) <= 1e-5 * fabs(value), "%s: %s\nis told to be %g, and is %g", line, text, told, value);
}

static void check(size_t i)
{
    static const gt_dimension sizes[] = {{"n_x", 1}, {"n_a", 2}};
    char text[1024];
    gt_error error = {0};
    gt_report report = {0};
    gt_check_problem problem = {.dimensions = sizes, .dimension_count = 2, .examples = 3, .steps = 2};
    gt_check_options options = {.seed = 1, .diagnose = gt_diagnose, .arithmetic = gt_arithmetic};
    snprintf(text, sizeof text, FORWARD " %s\n", rows[i].line);
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s: %s", rows[i].line, error.message);
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error), GT_OK, "%s",
                 error.message);
    uint32_t written = 0;
    for (uint32_t k = 0; k < report.finding_count; k++) {
        const gt_finding *f = &report.findings[k];
        if (f->arithmetic[0] == '\0')
            continue;
        written++;
        expect_number(rows[i].line, f->arithmetic, f->value);
        if (f->expected_arithmetic[0] != '\0')
            expect_number(f->diagnosis.repaired, f->expected_arithmetic, f->expected);
        for (int w = 0; w < 3 && rows[i].words[w] != NULL; w++)
            cr_expect_not_null(strstr(f->arithmetic, rows[i].words[w]), "%s: no '%s' in: %s", rows[i].line,
                               rows[i].words[w], f->arithmetic);
    }
    cr_expect_eq(written, 1, "%s", rows[i].line);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
}

Test(diagnose_arithmetic, gives_the_entry)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(i);
}
