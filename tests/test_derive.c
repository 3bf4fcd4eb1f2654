/*
 * The derived backward pass of cells: a block that `check` finds right and complete, for every cell
 * of the zoo, for random cells, and for cells that need the rules one by one.
 */
#include "random_cells.h"

#include "files.h"

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
    cr_expect_gt(report.counts[GT_CHECK_FORMULA].arrays, 0);
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

Test(derive, zoo)
{
    for (uint32_t i = 0; i < gt_zoo_count(); i++)
        check_cell(gt_zoo_at(i)->text, false);
}

Test(derive, zoo_by_op)
{
    for (uint32_t i = 0; i < gt_zoo_count(); i++)
        check_cell(gt_zoo_at(i)->text, true);
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
