/* Cells as text that are right, and what a check says of them. */
#ifndef GT_TESTS_LANG_VERDICT_H
#define GT_TESTS_LANG_VERDICT_H

#include "gradtape.h"

#include <criterion/criterion.h>
#include <string.h>

static inline gt_parsed_cell *parse(const char *text)
{
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_error error = {0};
    cr_assert(gt_parsed_cell_status(parsed, &error) == GT_OK, "%s", error.message);
    return parsed;
}

/* Of a cell whose only dimension is n. */
static inline gt_verdict check(const char *text, uint32_t seed)
{
    gt_parsed_cell *parsed = parse(text);
    gt_check_problem problem = GT_CHECK_PROBLEM_INIT;
    gt_check_options options = GT_CHECK_OPTIONS_INIT;
    gt_report report = {0};
    gt_error error = {0};
    problem.examples = 4;
    problem.steps = 5;
    problem.dimensions = &(gt_dimension){"n", 3};
    problem.dimension_count = 1;
    options.seed = seed;
    cr_assert(gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error) == GT_OK, "%s",
              error.message);
    gt_verdict verdict = report.verdict;
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    return verdict;
}

#endif
