/* What a check has not verified or could not see is said; further points are looked at until it is. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(check_complete, .timeout = 120);

static const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 5}};

/* The remark that says `words`; NULL if there is none. */
static const gt_remark *remark_with(const gt_report *report, gt_remark_kind kind, const char *words)
{
    for (uint32_t i = 0; i < report->remark_count; i++)
        if (report->remarks[i].kind == kind && strstr(report->remarks[i].text, words) != NULL)
            return &report->remarks[i];
    return NULL;
}

typedef struct checked {
    gt_parsed_cell *parsed;
    gt_report report;
    char summary[400], text[4000];
} checked;

static checked check(const char *text, gt_check_problem problem, gt_check_options options)
{
    checked c = {0};
    gt_error error = {0};
    c.parsed = gt_cell_parse(text, strlen(text), &(gt_cell_parse_options){.file = "mine.cell"});
    cr_assert_eq(gt_parsed_cell_status(c.parsed, &error), GT_OK, "%s", error.message);
    problem.dimensions = sizes;
    problem.dimension_count = 2;
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(c.parsed), &problem, &options, &c.report, &error), GT_OK, "%s",
                 error.message);
    gt_report_summary(&c.report, c.summary, sizeof c.summary);
    gt_report_format(&c.report, c.text, sizeof c.text);
    return c;
}

static checked plainly(const char *text)
{
    return check(text, (gt_check_problem){0}, (gt_check_options){.seed = 1});
}

static void end(checked c)
{
    gt_report_free(&c.report);
    gt_parsed_cell_free(c.parsed);
}

static void expect_summary(checked c, const char *summary)
{
    cr_expect_str_eq(c.summary, summary, "%s", c.text);
    end(c);
}

#define SMALL                                                                                                          \
    "cell small\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x], U[n_a, n_a], b[n_a]\n"                           \
    "  u  = W @ x + U @ h + b\n  h' = tanh(u)\n"
#define WHOLE "backward\n  du = dh' * (1 - h'**2)\n  dW = du @ x.T\n  dU = du @ h.T\n  db = sum(du, axis=1)\n"

/* ---- what a block leaves out ----------------------------------------------------------------- */

Test(check_complete, a_block_that_defines_everything)
{
    checked c = plainly(SMALL WHOLE "  dh = U.T @ du\n  dx = W.T @ du\n");
    cr_expect(gt_report_complete(&c.report), "%s", c.text);
    cr_expect_eq(c.report.remark_count, 0, "%s", c.text);
    expect_summary(c, "right");
}

Test(check_complete, gradients_that_no_formula_defines)
{
    expect_summary(plainly(SMALL WHOLE "  dh = U.T @ du\n"), "right, but dx is not verified");
    expect_summary(plainly(SMALL WHOLE), "right, but dx and dh are not verified");
    checked c = plainly(SMALL "backward\n");
    cr_expect_not(gt_report_complete(&c.report));
    expect_summary(c, "right, but dx, dh, dW, dU and db are not verified");
    expect_summary(plainly(SMALL), "right"); /* nothing was claimed to be there */
}

Test(check_complete, all_may_be_required)
{
    checked c = check(SMALL WHOLE, (gt_check_problem){0}, (gt_check_options){.seed = 1, .require_all = true});
    cr_expect_eq(c.report.verdict, GT_WRONG);
    cr_expect_eq(c.report.finding_count, 2);
    cr_expect_str_eq(c.report.findings[0].array, "dx");
    cr_expect_str_eq(c.report.findings[1].array, "dh");
    cr_expect_not_null(strstr(c.text, "missing"), "%s", c.text);
    end(c);
    c = check(SMALL WHOLE "  dh = U.T @ du\n  dx = W.T @ du\n", (gt_check_problem){0},
              (gt_check_options){.seed = 1, .require_all = true});
    cr_expect_eq(c.report.verdict, GT_RIGHT, "%s", c.text);
    end(c);
}

Test(check_complete, a_gradient_that_is_zero_needs_no_formula)
{
    checked c = plainly("cell clocked\n  input x[n_a], k[1]\n  state h[n_a]\n  h' = where(k, x, h)\n"
                        "backward\n  dx = dh' * where(k, 1, 0)\n  dh = dh' * where(k, 0, 1)\n");
    expect_summary(c, "right");
}

/* ---- locals that nothing reads ---------------------------------------------------------------- */

static void expect_meant(const char *formula, const char *meant, const char *judged)
{
    char text[1000];
    snprintf(text, sizeof text, "%s%s  dx = W.T @ du\n  %s\n", SMALL, WHOLE, formula);
    checked c = plainly(text);
    const gt_remark *remark = remark_with(&c.report, GT_REMARK_NOT_READ, meant);
    cr_assert_not_null(remark, "%s: expected '%s' in\n%s", formula, meant, c.text);
    cr_expect_not_null(strstr(remark->text, judged), "%s", remark->text);
    cr_expect_eq(remark->place.line, 13);
    end(c);
}

Test(check_complete, a_name_that_was_meant_to_be_a_gradient)
{
    expect_meant("dh_prev = U.T @ du", "did you mean dh, the gradient of h?", "has the right values");
    expect_meant("dh_prev = U @ du", "did you mean dh,", "would be wrong as that");
    expect_meant("dht = 2 * U.T @ du", "did you mean dh,", "would be wrong as that");
    expect_meant("DH = U.T @ du", "did you mean dh,", "has the right values");
    expect_meant("back = U.T @ du", "did you mean dh,", "has the right values");
    expect_meant("idle = du * 3", "no gradient of the cell", "it was not verified");
}

/* It is a number where it is read, and there is nothing to verify in it. */
Test(check_complete, a_constant_is_no_name_that_nothing_reads)
{
    char text[1000];
    snprintf(text, sizeof text, "%s%s  two = 1 + 1\n  dx = two * W.T @ du / two\n", SMALL, WHOLE);
    checked c = plainly(text);
    cr_expect_null(remark_with(&c.report, GT_REMARK_NOT_READ, "two"), "%s", c.text);
    cr_expect_eq(c.report.verdict, GT_RIGHT, "%s", c.text);
    end(c);
}

/* ---- what no point of the usual kind shows ----------------------------------------------------- */

static const char mask[] = "cell mask\n  input x[n_x], k[1]\n  state h[n_a]\n  param W[n_a, n_x], b[n_a]\n"
                           "  h' = where(k, tanh(W @ x + b), h)\n"
                           "backward\n  dz = dh' * where(k, 1, 0) * (1 - tanh(W @ x + b)**2)\n  dW = dz @ x.T\n"
                           "  db = sum(dz, axis=1)\n  dx = W.T @ dz\n  dh = %s * where(k, 0, 1)\n";

static checked check_mask(const char *factor)
{
    char text[1000];
    snprintf(text, sizeof text, mask, factor);
    return plainly(text);
}

Test(check_complete, a_branch_is_sought_until_it_is_taken)
{
    expect_summary(check_mask("dh'"), "right");
    checked c = check_mask("5 * dh'");
    cr_assert_eq(c.report.verdict, GT_WRONG, "%s", c.text);
    cr_expect_str_eq(c.report.findings[0].array, "dh");
    cr_expect_eq(c.report.findings[0].place.line, 11);
    end(c);
}

static const char clip[] =
    "cell clip\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_x], U[n_a, n_a]\n"
    "  p = W @ x + U @ tanh(h)\n  h' = minimum(maximum(p, -9), 9)\n"
    "backward\n  dp = %s\n  dW = dp @ x.T\n  dU = dp @ tanh(h).T\n  dh = (U.T @ dp) * (1 - tanh(h)**2)\n"
    "  dx = W.T @ dp\n";

Test(check_complete, a_clip_that_ordinary_numbers_do_not_reach)
{
    char text[1000];
    snprintf(text, sizeof text, clip, "dh' * where(p > -9, 1, 0) * where(p < 9, 1, 0)");
    expect_summary(plainly(text), "right");
    snprintf(text, sizeof text, clip, "dh'");
    checked c = plainly(text);
    cr_assert_eq(c.report.verdict, GT_WRONG, "%s", c.text);
    cr_expect_str_eq(c.report.findings[0].array, "dp");
    cr_expect_not_null(strstr(c.text, "at a further point"), "%s", c.text);
    end(c);
}

Test(check_complete, a_branch_that_cannot_be_reached_is_named)
{
    checked c = plainly("cell far\n  input x[n_a]\n  state h[n_a]\n  p = tanh(x + h)\n"
                        "  h' = where(p > 2, 3 * p, p)\n");
    const gt_remark *remark = remark_with(&c.report, GT_REMARK_NOT_SEEN, "its mask is not 0");
    cr_assert_not_null(remark, "%s", c.text);
    cr_expect_str_eq(remark->array, "h'");
    cr_expect_eq(remark->place.line, 0); /* there is no backward block, so no table of places */
    expect_summary(c, "right, but not everything could be seen");
}

/* A formula that overflows where the branch is taken says nothing of the branch, and is not wrong. */
Test(check_complete, a_formula_that_overflows_at_a_further_point)
{
    static const char text[] =
        "cell far\n  input x[n_a]\n  state h[n_a]\n  s = sigmoid(x + h)\n  h' = s + relu(x - 800)\n"
        "backward\n  ds = dh'\n  dp = ds * exp(-x - h) / (1 + exp(-x - h))**2\n"
        "  dx = dp + dh' * where(x > 800, 1, 0)\n  dh = dp\n";
    checked c = plainly(text);
    cr_expect_eq(c.report.verdict, GT_RIGHT, "%s", c.text);
    end(c);
}

/* ---- points that hide -------------------------------------------------------------------------- */

static checked check_small(gt_check_problem problem)
{
    return check(SMALL WHOLE "  dh = U.T @ du\n  dx = W.T @ du\n", problem, (gt_check_options){.seed = 1});
}

Test(check_complete, one_example_and_one_step)
{
    checked c = check_small((gt_check_problem){.examples = 1});
    cr_expect_not_null(remark_with(&c.report, GT_REMARK_NOT_SEEN, "one example"), "%s", c.text);
    expect_summary(c, "right, but not everything could be seen");
    c = check_small((gt_check_problem){.steps = 1});
    cr_expect_not_null(remark_with(&c.report, GT_REMARK_NOT_SEEN, "one time step"), "%s", c.text);
    expect_summary(c, "right, but not everything could be seen");
}

static void add(gt_archive *archive, const char *name, double *entries, gt_shape shape)
{
    cr_assert_eq(gt_archive_add(archive, name, (gt_array){entries, GT_F64, shape}, NULL), GT_OK);
}

Test(check_complete, a_point_of_ones_own)
{
    double zeros[25] = {0}, one[] = {1}, eye[25] = {0};
    for (int i = 0; i < 5; i++)
        eye[6 * i] = 2;
    gt_archive *at = gt_archive_new();
    add(at, "U", eye, GT_SHAPE(5, 5));
    add(at, "b", zeros, GT_SHAPE(5, 1));
    checked c = check_small((gt_check_problem){.at = at});
    cr_expect_not_null(remark_with(&c.report, GT_REMARK_NOT_SEEN, "U is its own transpose"), "%s", c.text);
    cr_expect_not_null(remark_with(&c.report, GT_REMARK_NOT_SEEN, "b is 0 at every step"), "%s", c.text);
    expect_summary(c, "right, but not everything could be seen");
    gt_error error = {0};
    gt_report report = {0};
    add(at, "dW", one, GT_SHAPE(1));
    gt_parsed_cell *parsed = gt_cell_parse(SMALL, strlen(SMALL), NULL);
    gt_check_problem problem = {.dimensions = sizes, .dimension_count = 2, .at = at};
    cr_expect_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, NULL, &report, &error), GT_ERROR_ARGUMENT);
    cr_expect_not_null(strstr(error.message, "'dW' is a gradient"), "%s", error.message);
    problem.given = at;
    cr_expect_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, NULL, &report, &error), GT_ERROR_ARGUMENT);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    gt_archive_free(at);
}

/* A mistake that the usual point does not show is seen at one's own. */
Test(check_complete, a_point_of_ones_own_shows_a_mistake)
{
    static const char text[] =
        "cell far\n  input x[n_a]\n  state h[n_a]\n  p = x + h\n  h' = where(p > 40000, 3 * p, tanh(p))\n"
        "backward\n  dp = dh' * where(p > 40000, 4, 1 - h'**2)\n  dx = dp\n  dh = dp\n";
    expect_summary(plainly(text), "right, but not everything could be seen");
    double x[5 * 10 * 7];
    for (int i = 0; i < 350; i++)
        x[i] = i % 3 == 0 ? 50000 + i : 0.01 * (i % 17) - 0.05;
    gt_archive *at = gt_archive_new();
    add(at, "x", x, GT_SHAPE(5, 10, 7));
    checked c = check(text, (gt_check_problem){.at = at}, (gt_check_options){.seed = 1});
    cr_expect_eq(c.report.verdict, GT_WRONG, "%s", c.text);
    cr_expect_str_eq(c.report.findings[0].array, "dp", "%s", c.text);
    end(c);
    gt_archive_free(at);
}

/*
 * What explains a mistake on the samples of a diagnosis, where k is any number, does not at this point,
 * where it is 0 or 1: the local e, with which three formulas are right, is not to blame.
 */
Test(check_complete, no_explanation_makes_a_right_formula_wrong)
{
    static const char text[] =
        "cell skipping\n  input x[n_x], k[1]\n  state h[n_a]\n  param W[n_a, n_x]\n  g = tanh(W @ x + h)\n"
        "  h' = where(k, g, h)\n"
        "backward\n  e = k * dh' * (1 - g**2)\n  dW = e @ x.T\n  dx = W.T @ e\n  dh = e + 2 * (1 - k) * dh'\n";
    double k[10 * 7];
    for (int i = 0; i < 70; i++)
        k[i] = i % 3 == 0;
    gt_archive *at = gt_archive_new();
    add(at, "k", k, GT_SHAPE(1, 10, 7));
    checked c = check(text, (gt_check_problem){.at = at}, (gt_check_options){.seed = 1, .diagnose = gt_diagnose});
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < c.report.finding_count; i++) {
        if (c.report.findings[i].verdict != GT_WRONG)
            continue;
        cr_expect_str_eq(c.report.findings[i].array, "dh", "%s", c.text);
        wrong++;
    }
    cr_expect_eq(wrong, 1, "%s", c.text);
    end(c);
    gt_archive_free(at);
}

/* ---- names in another sense -------------------------------------------------------------------- */

#define GATED                                                                                                          \
    "cell gated\n  input xt[n_x]\n  state h[n_a]\n  param Wf[n_a, n_x], Wg[n_a, n_a]\n"                                \
    "  ft = sigmoid(Wf @ xt)\n  gt = tanh(Wg @ h)\n  h' = ft * h + (1 - ft) * gt\n"
#define BACK(dft, dgt, dWg)                                                                                            \
    GATED "backward\n  dft = " dft "\n  dgt = " dgt "\n  dWf = dft @ xt.T\n  dWg = " dWg                               \
          "\n  dxt = Wf.T @ dft\n  dh  = dh' * ft + Wg.T @ dgt\n"

static const char before[] = BACK("dh' * (h - gt) * ft * (1 - ft)", "dh' * (1 - ft) * (1 - gt**2)", "dgt @ h.T");

Test(check_complete, gradients_before_the_activation_are_right)
{
    checked c = plainly(before);
    cr_assert_eq(c.report.verdict, GT_RIGHT, "%s", c.text);
    cr_assert_eq(c.report.remark_count, 1, "%s", c.text);
    cr_expect_eq(c.report.remarks[0].kind, GT_REMARK_CONVENTION);
    cr_expect_not_null(strstr(c.report.remarks[0].text, "dft and dgt are the gradients of what goes into"));
    cr_expect(gt_report_complete(&c.report));
    end(c);
}

Test(check_complete, one_name_alone_in_the_other_sense)
{
    checked c = plainly(GATED "backward\n  dft = dh' * (h - gt) * ft * (1 - ft)\n  dWf = dft @ xt.T\n"
                              "  dxt = Wf.T @ dft\n  dgt = dh' * (1 - ft)\n"
                              "  dWg = (dgt * (1 - gt**2)) @ h.T\n"
                              "  dh = dh' * ft + Wg.T @ (dgt * (1 - gt**2))\n");
    cr_assert_eq(c.report.verdict, GT_RIGHT, "%s", c.text);
    cr_assert_eq(c.report.remark_count, 1, "%s", c.text);
    cr_expect_str_eq(c.report.remarks[0].text, "here dft is the gradient of what goes into ft's sigmoid");
    end(c);
}

/* A mistake in such a block is one finding, and the names keep their sense. */
Test(check_complete, a_mistake_beside_names_in_the_other_sense)
{
    checked c = plainly(BACK("dh' * (h - gt) * ft * (1 - ft)", "dh' * (1 - ft) * (1 - gt**2)", "dgt @ h.T * 2"));
    cr_assert_eq(c.report.finding_count, 1, "%s", c.text);
    cr_expect_str_eq(c.report.findings[0].array, "dWg");
    end(c);
    c = plainly(BACK("dh' * (h - gt) * ft * (1 - ft)", "dh' * (1 - ft) * (1 - gt)", "dgt @ h.T"));
    cr_assert_eq(c.report.finding_count, 1, "%s", c.text);
    cr_expect_str_eq(c.report.findings[0].array, "dgt");
    end(c);
}

/* Only what goes through that activation counts: here two read the input. */
Test(check_complete, an_argument_that_others_read_as_well)
{
    checked c = plainly("cell shared\n  input x[n_a]\n  state h[n_a]\n  f = sigmoid(x)\n  h' = f * h + tanh(x)\n"
                        "backward\n  df = dh' * h * f * (1 - f)\n  dh = dh' * f\n"
                        "  dx = df + dh' * (1 - tanh(x)**2)\n");
    cr_assert_eq(c.report.verdict, GT_RIGHT, "%s", c.text);
    cr_assert_eq(c.report.remark_count, 1, "%s", c.text);
    cr_expect_str_eq(c.report.remarks[0].text, "here df is the gradient of what goes into f's sigmoid");
    end(c);
}

/* By rule dN is the gradient of N; a derivative that is there once too often is then a mistake. */
Test(check_complete, a_derivative_too_many_is_no_convention)
{
    checked c = plainly(GATED "backward\n  dft = dh' * (h - gt) * ft * (1 - ft)\n"
                              "  dWf = (dft * ft * (1 - ft)) @ xt.T\n  dxt = Wf.T @ (dft * ft * (1 - ft))\n"
                              "  dgt = dh' * (1 - ft)\n  dWg = (dgt * (1 - gt**2)) @ h.T\n"
                              "  dh = dh' * ft + Wg.T @ (dgt * (1 - gt**2))\n");
    cr_assert_eq(c.report.finding_count, 1, "%s", c.text);
    cr_expect_str_eq(c.report.findings[0].array, "dft");
    end(c);
}
