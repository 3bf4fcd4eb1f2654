/*
 * Blocks in which "dft" is the gradient of what goes into ft's sigmoid, with a mistake: it is
 * explained, and repaired, in the names as they are meant there.
 */
#include <criterion/criterion.h>
#include <gradtape.h>

#include "texts.h"

#include <string.h>

typedef struct planted {
    const char *right, *wrong; /* a part of the text, and what stands there in its place */
    const char *array, *kind, *repaired;
} planted;

static const planted cases[] = {
    {"cct * da') * it * (1 - it)", "cct * da') * it", "dit", "missing derivative",
     "dit = (dc' * cct + ot * (1 - tanh(c')**2) * cct * da') * it * (1 - it)"},
    {"da' * tanh(c') * ot * (1 - ot)", "da' * tanh(c') * ot", "dot", "missing derivative",
     "dot = da' * tanh(c') * ot * (1 - ot)"},
    {"dWf  = dft @ z.T", "dWf  = dit @ z.T", "dWf", "swapped gates", "dWf = dft @ z.T"},
    {"dbo  = sum(dot, axis=1)", "dbo  = -sum(dot, axis=1)", "dbo", "wrong sign", "dbo = sum(dot, axis=1)"},
    {"Wi[:, :n_a].T @ dit + Wc", "2 * Wi[:, :n_a].T @ dit + Wc", "da", "constant factor",
     "da = Wf[:, :n_a].T @ dft + Wi[:, :n_a].T @ dit + Wc[:, :n_a].T @ dcct + Wo[:, :n_a].T @ dot"},
    {"dft  = (dc' * c + ot", "dft  = (dc' * c' + ot", "dft", "off by one step",
     "dft = (dc' * c + ot * (1 - tanh(c')**2) * c * da') * ft * (1 - ft)"},
    {"dWo  = dot @ z.T", "dWo  = dot @ z.T / m", "dWo", "mean for sum", "dWo = dot @ z.T"},
    {"dc   = dc' * ft +", "dc   = dc' * it +", "dc", "wrong activation",
     "dc = dc' * ft + ot * (1 - tanh(c')**2) * ft * da'"},
};

static void check(const char *text, gt_report *report)
{
    static const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 4}};
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_not_null(gt_parsed_cell_get(parsed));
    gt_check_problem problem = {.dimensions = sizes, .dimension_count = 2, .examples = 5, .steps = 3};
    gt_check_options options = {.diagnose = gt_diagnose};
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, report, &error), GT_OK, "%s",
                 error.message);
    gt_parsed_cell_free(parsed);
}

static const char *const fixture = GT_FIXTURES "/mistakes/notebook_names.cell";

Test(diagnose_convention, what_is_right_is_right)
{
    char *text = read_text(fixture);
    gt_report report = {0};
    check(text, &report);
    cr_assert_eq(report.verdict, GT_RIGHT);
    gt_report_free(&report);
    free(text);
}

Test(diagnose_convention, mistakes_are_explained_in_the_names_as_they_are_meant)
{
    char *text = read_text(fixture);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *wrong = replaced(text, cases[i].right, cases[i].wrong);
        gt_report report = {0};
        check(wrong, &report);
        cr_assert_eq(report.verdict, GT_WRONG, "%s", cases[i].wrong);
        const gt_finding *first = &report.findings[0];
        cr_expect_str_eq(first->array, cases[i].array);
        cr_expect_str_eq(first->diagnosis.kind, cases[i].kind, "%s: %s (%s)", cases[i].wrong, first->diagnosis.kind,
                         first->diagnosis.text);
        cr_expect_str_eq(first->diagnosis.repaired, cases[i].repaired);
        gt_report_free(&report);
        free(wrong);
    }
    free(text);
}
