/* What the tests share that ask about arrays which a loop over the steps has computed, with a mistake in it. */
#ifndef GT_TESTS_ASKED_ARRAYS_H
#define GT_TESTS_ASKED_ARRAYS_H

#include <criterion/criterion.h>
#include <gradtape.h>

#include "check/report.h"
#include "support/array_mutants.h"
#include "texts.h"

#include <string.h>

static const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 4}, {"n_y", 2}};
static const array_mutant right_loop = {.slip = LOOP_RIGHT};

typedef struct asked {
    gt_parsed_cell *parsed, *wrong; /* the cell, and the one whose block was evaluated */
    gt_report report;
} asked;

/* The arrays of a loop with a mistake, and of a block in which `piece` was replaced (NULL: nothing). */
static inline void ask(asked *a, const char *cell, const gt_dimension *dimensions, int64_t steps, array_mutant mutant,
                       const char *piece, const char *by)
{
    gt_error error = {0};
    char *text = backward_text(cell, NULL, NULL), *changed = piece != NULL ? replaced(text, piece, by) : NULL;
    *a = (asked){.parsed = gt_cell_parse(text, strlen(text), NULL)};
    a->wrong = changed != NULL ? gt_cell_parse(changed, strlen(changed), NULL) : NULL;
    array_setting setting = {.cell = gt_parsed_cell_get(a->wrong != NULL ? a->wrong : a->parsed),
                             .dimensions = dimensions,
                             .dimension_count = 3,
                             .examples = 5,
                             .steps = steps,
                             .seed = 3};
    cr_assert_not_null(setting.cell, "%s", changed != NULL ? changed : text);
    gt_archive *archive = array_mutant_make(&setting, &mutant);
    gt_check_problem problem = {
        .dimensions = dimensions, .dimension_count = 3, .examples = 5, .steps = steps, .given = archive};
    gt_check_options options = {.diagnose = gt_diagnose};
    cr_assert_eq(gt_check_cell(gt_parsed_cell_get(a->parsed), &problem, &options, &a->report, &error), GT_OK, "%s",
                 error.message);
    gt_archive_free(archive);
    free(changed);
    free(text);
}

static inline void done(asked *a)
{
    gt_report_free(&a->report);
    gt_parsed_cell_free(a->parsed);
    gt_parsed_cell_free(a->wrong);
}

/* All wrong arrays have the first explanation, and it says so. */
static inline void expect(const char *cell, array_mutant mutant, const char *piece, const char *by, const char *kind,
                          const char *says)
{
    asked a;
    ask(&a, cell, sizes, 6, mutant, piece, by);
    cr_assert_eq(a.report.verdict, GT_WRONG, "%s: %s", cell, says);
    const gt_diagnosis *first = &a.report.findings[0].diagnosis;
    cr_expect_str_eq(first->kind, kind, "%s: %s", first->kind, first->text);
    cr_expect(strstr(first->text, says) != NULL, "%s: not \"%s\"", first->text, says);
    cr_expect_eq(gt_report_explained(&a.report, 0), a.report.finding_count, "%s", first->text);
    cr_expect(!gt_report_said_before(&a.report, 0));
    for (uint32_t i = 1; i < a.report.finding_count; i++)
        cr_expect(gt_report_said_before(&a.report, i));
    done(&a);
}

/* Something is wrong, and nothing is claimed of it. */
static inline void expect_nothing(const char *cell, const char *piece, const char *by)
{
    asked a;
    ask(&a, cell, sizes, 6, right_loop, piece, by);
    cr_assert_eq(a.report.verdict, GT_WRONG, "%s", by);
    for (uint32_t i = 0; i < a.report.finding_count; i++)
        cr_expect_str_eq(a.report.findings[i].diagnosis.kind, "", "%s: %s", by, a.report.findings[i].diagnosis.text);
    done(&a);
}

#endif
