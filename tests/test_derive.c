/*
 * The derived backward pass of cells: a block that `check` finds right and complete, for every cell
 * of the zoo, for random cells, and for cells that need the rules one by one.
 */
#include "random_axes.h"
#include "random_cells.h"

#include "files.h"

#include "base/utf8.h"
#include "derive/build.h"
#include "derive/verify.h"
#include "gradtape.h"
#include "lang/parsed.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(derive, .timeout = 300);

enum { LARGEST_TEXT = 20000 };

static gt_parsed_cell *parse(const char *text)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s\n%s", error.message, text);
    return parsed;
}

static char *derive(const char *cell, const gt_derive_options *options)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = parse(cell);
    char *text;
    size_t size;
    cr_assert_eq(gt_derive(parsed, options, &text, &size, &error), GT_OK, "%s\n%s", error.message, cell);
    cr_assert_eq(strlen(text), size);
    gt_parsed_cell_free(parsed);
    return text;
}

/* Findings that are not of the formulas are the cell's own: a kink, say. */
static uint32_t wrong_formulas(const gt_report *report, char *words, size_t size)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < report->finding_count; i++) {
        const gt_finding *f = &report->findings[i];
        bool formula = f->kind == GT_CHECK_FORMULA || f->kind == GT_CHECK_BACKWARD;
        if (formula && f->verdict == GT_WRONG && count++ == 0)
            snprintf(words, size, "%s: %s", f->array, f->formula);
    }
    return count;
}

/* The derived cell has a right gradient for every parameter, state and input that has one. */
static void check_derived(const char *cell, const char *derived)
{
    gt_error error = {0};
    gt_report report = {0};
    gt_dimensions dimensions;
    char words[600] = "";
    gt_parsed_cell *parsed = parse(derived);
    cr_assert(gt_parsed_cell_has_backward(parsed));
    cr_assert_eq(gt_dimensions_find(&dimensions, gt_parsed_cell_get(parsed), true, &error), GT_OK);
    gt_dimensions_usual(&dimensions, 4);
    gt_check_problem problem = {
        .dimensions = dimensions.list, .dimension_count = dimensions.count, .examples = 4, .steps = 3};
    gt_check_options options = {.seed = 3, .require_all = true};
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error), GT_OK, "%s\n%s",
                 error.message, cell);
    cr_expect_eq(wrong_formulas(&report, words, sizeof words), 0, "%s\n%s", words, derived);
    cr_expect_gt(report.counts[GT_CHECK_FORMULA].arrays, 0, "%s", derived);
    for (uint32_t i = 0; i < report.remark_count; i++)
        cr_expect(report.remarks[i].kind != GT_REMARK_NOT_VERIFIED && report.remarks[i].kind != GT_REMARK_NOT_READ,
                  "%s: %s\n%s", report.remarks[i].array, report.remarks[i].text, derived);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
}

static void check_cell(const char *cell, bool by_op)
{
    char *derived = derive(cell, &(gt_derive_options){.by_op = by_op});
    check_derived(cell, derived);
    gt_derive_free(derived);
}

Test(derive, everything)
{
    file_bytes file = read_file(GT_FIXTURES "/derive/everything.cell");
    file.bytes[file.size] = '\0';
    for (int by_op = 0; by_op < 2; by_op++)
        gt_derive_free(derive((const char *)file.bytes, &(gt_derive_options){.by_op = by_op == 1}));
    free(file.bytes);
}

/* Each line in turn is spoilt: verification is no formality. */
Test(derive, refuses_what_the_tape_refutes)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = parse(gt_zoo_find("lstm")->text);
    gt_derivation d;
    cr_assert_eq(gt_derivation_open(&d, parsed->file, gt_parsed_cell_tree(parsed), false, &error), GT_OK);
    for (uint32_t i = 0; i < d.line_count; i++) {
        const gt_lang_expression *right = d.lines[i].value;
        d.lines[i].value = gt_build_product(&d, gt_build_number(&d, 1.001), right);
        cr_expect_eq(gt_derivation_verify(&d, &error), GT_ERROR_VALUE, "%s", d.lines[i].name);
        cr_expect(strstr(error.message, d.lines[i].of) != NULL, "%s", error.message);
        d.lines[i].value = right;
    }
    cr_expect_eq(gt_derivation_verify(&d, &error), GT_OK);
    gt_derivation_close(&d);
    gt_parsed_cell_free(parsed);
}

static void check_zoo(bool by_op)
{
    for (uint32_t i = 0; i < gt_zoo_count(); i++)
        check_cell(gt_zoo_at(i)->text, by_op);
}

Test(derive, zoo)
{
    check_zoo(false);
}

Test(derive, zoo_by_op)
{
    check_zoo(true);
}

static void check_random(random_cell_kind kind)
{
    char *text = malloc(LARGEST_TEXT);
    for (uint32_t seed = 1; seed <= 12; seed++) {
        random_cell(kind, seed, text, LARGEST_TEXT);
        check_cell(text, seed % 4 == 0);
    }
    free(text);
}

Test(derive, random_plain)
{
    check_random(RANDOM_CELL_PLAIN);
}

Test(derive, random_smooth)
{
    check_random(RANDOM_CELL_SMOOTH);
}

Test(derive, random_smooth_once)
{
    check_random(RANDOM_CELL_SMOOTH_ONCE);
}

Test(derive, random_kinked)
{
    check_random(RANDOM_CELL_KINKED);
}

Test(derive, random_wild)
{
    check_random(RANDOM_CELL_WILD);
}

/* Cells with a matrix memory, of all forms that arrays of several sizes have. */
Test(derive, random_of_several_sizes)
{
    char *text = malloc(LARGEST_TEXT);
    for (uint32_t seed = 1; seed <= 40; seed++) {
        random_axes_cell(seed, text, LARGEST_TEXT);
        check_cell(text, seed % 4 == 0);
    }
    free(text);
}

/* ---- formulas for the checker ---------------------------------------------------------------- */

#define UNNAMED                                                                                                        \
    "cell unnamed\n"                                                                                                   \
    "  input x[n_x]\n"                                                                                                 \
    "  state a[n_a]\n"                                                                                                 \
    "  param W[n_a, n_a + n_x], b[n_a]\n"                                                                              \
    "  a' = tanh(layernorm(W @ concat(a, x)) + b)\n"                                                                   \
    "backward\n"

/* No slip of the catalogue leads from these formulas to the right ones: those are shown all the same. */
Test(derive, formulas_without_a_named_mistake)
{
    gt_error error = {0};
    gt_report report = {0};
    gt_parsed_cell *parsed = parse(UNNAMED "  dW = W * 2\n  db = cos(b)\n  da = a + sum(a)\n  dx = x * x - 3\n");
    const gt_dimension dimensions[] = {{"n_x", 3}, {"n_a", 5}};
    gt_check_problem problem = {.dimensions = dimensions, .dimension_count = 2, .examples = 4, .steps = 3};
    gt_check_options options = {.seed = 3, .diagnose = gt_diagnose};
    char repaired[4000] = UNNAMED;
    uint32_t unnamed = 0;
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error), GT_OK);
    for (uint32_t i = 0; i < report.finding_count; i++) {
        const gt_finding *f = &report.findings[i];
        if (f->kind != GT_CHECK_FORMULA)
            continue;
        cr_assert(f->diagnosis.repaired != NULL && f->diagnosis.repaired[0] != '\0', "%s", f->array);
        unnamed += f->diagnosis.kind == NULL || f->diagnosis.kind[0] == '\0';
        gt_utf8_append(repaired, sizeof repaired, "  %s\n", f->diagnosis.repaired);
    }
    cr_expect_gt(unnamed, 0);
    check_derived(UNNAMED, repaired);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void expect_refusal(const char *cell, const gt_derive_options *options, gt_status status, const char *words)
{
    gt_error error = {0};
    char *text;
    gt_parsed_cell *parsed = parse(cell);
    cr_expect_eq(gt_derive(parsed, options, &text, NULL, &error), status, "%s", cell);
    cr_expect_null(text);
    cr_expect(strstr(error.message, words) != NULL, "%s", error.message);
    gt_parsed_cell_free(parsed);
}

Test(derive, refusals)
{
    const char *lstm = gt_zoo_find("lstm")->text;
    const char *taken = "cell c\n input x[n]\n state a[n]\n param W[n, n]\n dW = W @ x\n a' = tanh(dW + W @ a)\n";
    const char *given = "cell c\n input x[n]\n state a[n], da[n]\n output y = a\n dy = x * 2\n"
                        " a' = tanh(dy + a)\n da' = da\n";
    const char *infinite = "cell c\n input x[n]\n state a[n]\n a' = x * exp(1000 + 0 * a) * 0\n";
    expect_refusal(lstm, &(gt_derive_options){.form = (gt_derive_form)99}, GT_ERROR_ARGUMENT, "no such form");
    expect_refusal(lstm, &(gt_derive_options){.blank = "dWf"}, GT_ERROR_ARGUMENT, "for documents");
    expect_refusal(lstm, &(gt_derive_options){.form = GT_DERIVE_HTML, .beamer = true}, GT_ERROR_ARGUMENT, "LaTeX");
    expect_refusal(lstm, &(gt_derive_options){.form = GT_DERIVE_HTML, .blank = "dWf,dWx"}, GT_ERROR_ARGUMENT,
                   "no line gives dWx");
    expect_refusal(taken, NULL, GT_ERROR_ARGUMENT, "given to something else");
    expect_refusal(given, NULL, GT_ERROR_ARGUMENT, "given to something else");
    expect_refusal(infinite, NULL, GT_ERROR_NOT_FINITE, "not finite");
}

/* A sum of very many terms is refused in words, not by the end of the stack. */
Test(derive, long_sum)
{
    enum { TERMS = 100000 };
    char *text = malloc(TERMS * 4 + 100);
    size_t used = (size_t)sprintf(text, "cell c\n input x[n]\n state a[n]\n a' = x");
    for (int i = 0; i < TERMS; i++)
        used += (size_t)sprintf(text + used, " + a");
    strcpy(text + used, "\n");
    expect_refusal(text, NULL, GT_ERROR_SIZE, "operations in a row");
    free(text);
}

Test(derive, many_equations)
{
    enum { EQUATIONS = 2001 };
    char *text = malloc(EQUATIONS * 40 + 100);
    size_t used = (size_t)sprintf(text, "cell c\n input x[n]\n state a[n]\n u0 = x\n");
    for (int i = 1; i < EQUATIONS; i++)
        used += (size_t)sprintf(text + used, " u%d = tanh(u%d)\n", i, i - 1);
    sprintf(text + used, " a' = u%d\n", EQUATIONS - 1);
    expect_refusal(text, NULL, GT_ERROR_SIZE, "more than 2000 equations");
    free(text);
}

/* The number of the step is read behind a stop_gradient, which nobody wrote. */
Test(derive, the_number_of_the_step_is_t)
{
    char *text = derive("cell c\n input x[n]\n state h[n]\n h' = h * exp(-t) + stop_gradient(t) * x\n", NULL);
    cr_expect_not_null(strstr(text, "dh' * exp(-t)"), "%s", text);
    cr_expect_not_null(strstr(text, "dh' * stop_gradient(t)"), "what is written stays: %s", text);
    free(text);
}

/* No array is declared with several sizes, but one is made. */
Test(derive, sizes_that_no_array_is_declared_with)
{
    static const char cell[] = "cell c\n input x[n]\n state h[2 * k]\n param W[2 * k, n]\n"
                               " q = softmax(reshape(h + W @ x, 2, k))\n h' = reshape(q, 2 * k)\n";
    char *text = derive(cell, NULL);
    check_derived(cell, text);
    free(text);
    const gt_derive_options numpy = {.form = GT_DERIVE_NUMPY};
    gt_error error = {0};
    gt_parsed_cell *parsed = parse(cell);
    size_t size;
    cr_expect_neq(gt_derive(parsed, &numpy, &text, &size, &error), GT_OK);
    cr_expect_not_null(strstr(error.message, "its arrays have several sizes for each example"), "%s", error.message);
    gt_parsed_cell_free(parsed);
}
