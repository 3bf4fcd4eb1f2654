/* Mistakes in derived blocks of cells whose arrays have several sizes: each is named, and what is proposed is right. */
#include "texts.h"

#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(diagnose_several, .timeout = 200);

typedef struct slip {
    const char *cell, *right, *written, *kind, *repaired;
} slip;

/* The last words of a row are what the repaired line ends with. */
static const slip slips[] = {
    {"linear_attention", "outer(q, dy_3)", "outer(dy_3, q)", "transposed", "dS' + outer(q, dy_3)"},
    {"linear_attention", "s_S.T @ k", "s_S @ k", "transposed", "dS_1 = s_S.T @ k"},
    {"mamba", "outer(dy_2, y_3)", "outer(y_3, dy_2)", "transposed", "dS' + outer(dy_2, y_3)"},
    {"mamba", "dS        = s * S_1", "dS        = s", "missing derivative", "dS = s * exp(-dt * exp(A))"},
    {"mamba", "sum(dS_2 * exp(A), axis=1)", "sum(dS_2 * exp(A), axis=0)", "missing batch sum", "axis=1)"},
    {"gla", "sum(Wa2.T @ da_2, axis=0)", "(Wa2.T @ da_2)", "missing batch sum",
     "da_3 = reshape(sum(Wa2.T @ da_2, axis=0), n_r)"},
    {"gla", "reshape(sum(Wa2.T @ da_2, axis=0), n_r)", "sum(Wa2.T @ da_2, axis=0)", "wrong sizes",
     "da_3 = reshape(sum(Wa2.T @ da_2, axis=0), n_r)"},
    {"gla", "dS   = s * a", "dS   = s", "missing factor", "dS = s * a"},
    {"gla", "dba  = sum(da_2, axis=2)", "dba  = mean(da_2, axis=2)", "mean for sum", "dba = sum(da_2, axis=2)"},
    {"gla", "Wa1.T @ da_3 + ", "", "missing term", "+ Wa1.T @ da_3"},
    {"retnet", "dy_2   = reshape(dy_1, n_h, n_v)", "dy_2   = dy_1", "wrong sizes", "reshape(dy_1, n_h, n_v)"},
    {"mlstm", "h_5   = sum(n' * q, axis=1)", "h_5   = n' * q", "missing batch sum", "h_5 = sum(n' * q, axis=1)"},
    {"gated_deltanet", "D.T @ dS_2", "2 * (D.T @ dS_2)", "constant factor", "D.T @ dS_2"},
    {"rwkv7", "dp_3    = sum(dp * v, axis=1)", "dp_3    = sum(dp * v, axis=0)", "missing batch sum",
     "dp_3 = sum(dp * v, axis=1)"},
};

static char *with_slip(const slip *s)
{
    char *text = NULL, *result;
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(gt_zoo_find(s->cell)->text, strlen(gt_zoo_find(s->cell)->text), NULL);
    cr_assert_eq(gt_derive(parsed, NULL, &text, NULL, &error), GT_OK, "%s", error.message);
    cr_assert_not_null(strstr(text, s->right), "%s has no %s", s->cell, s->right);
    result = replaced(text, s->right, s->written);
    gt_derive_free(text);
    gt_parsed_cell_free(parsed);
    return result;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* Of a text that is refused for its shapes, too. */
Test(diagnose_several, one_of_each)
{
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        gt_error error = {0};
        gt_report words = {0};
        gt_diagnosis list[4];
        uint32_t count = 0;
        char *text = with_slip(&slips[i]);
        gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
        cr_assert_eq(gt_diagnose_cell(parsed, &words, list, 4, &count, &error), GT_OK, "%s", error.message);
        cr_assert_geq(count, 1, "%s: %s", slips[i].cell, slips[i].written);
        cr_expect_str_eq(list[0].kind, slips[i].kind, "%s: %s: %s, %s", slips[i].cell, slips[i].written, list[0].kind,
                         list[0].text);
        cr_expect(ends_with(list[0].repaired, slips[i].repaired), "%s: %s", slips[i].cell, list[0].repaired);
        gt_report_free(&words);
        gt_parsed_cell_free(parsed);
        free(text);
    }
}

/* A local of the wrong sizes is what is wrong, and nothing is said of what reads it. */
Test(diagnose_several, a_local_of_other_sizes)
{
    static const gt_dimension sizes[] = {{"n_x", 2}, {"n_h", 3}, {"n_k", 4}, {"n_a", 3}, {"n_r", 2}};
    gt_error error = {0};
    gt_report report = {0};
    char *text = with_slip(&slips[sizeof slips / sizeof *slips - 1]);
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_check_problem problem = {.dimensions = sizes, .dimension_count = 5, .examples = 4, .steps = 2};
    gt_check_options options = {.diagnose = gt_diagnose};
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error), GT_OK, "%s",
                 error.message);
    cr_expect_eq(report.verdict, GT_WRONG);
    cr_assert_eq(report.finding_count, 1);
    cr_expect_str_eq(report.findings[0].array, "dp_3");
    cr_expect_eq(report.findings[0].pattern, GT_PATTERN_SHAPE);
    cr_expect_eq(report.findings[0].expected_shape.size[0], 3);
    cr_expect_str_eq(report.findings[0].diagnosis.repaired, "dp_3 = sum(dp * v, axis=1)");
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    free(text);
}
