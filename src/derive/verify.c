#include "derive/verify.h"

#include "check/cell_check.h"
#include "check/gradients.h"
#include "gradtape/dimensions.h"
#include "gradtape/lang.h"

#include <math.h>

/* Slices with whole numbers for bounds may need more than small sizes have. */
enum { EXAMPLES = 4, STEPS = 3, LARGEST_FACTOR = 64, MOST_POINTS = 8 };

/* On the sizes that a cell usually has, times a factor. */
static gt_status compare(const gt_cell *cell, int64_t factor, uint32_t seed, gt_report *report, gt_error *error)
{
    gt_dimensions dimensions;
    gt_cell_problem data = {0};
    gt_status status = gt_dimensions_find(&dimensions, cell, true, error);
    if (status != GT_OK)
        return status;
    gt_dimensions_usual(&dimensions, EXAMPLES);
    for (uint32_t i = 0; i < dimensions.count; i++)
        dimensions.list[i].size *= factor;
    gt_check_problem problem = {
        .dimensions = dimensions.list, .dimension_count = dimensions.count, .examples = EXAMPLES, .steps = STEPS};
    gt_check_options options = gt_check_options_complete(&(gt_check_options){.seed = seed});
    status = gt_cell_data_open(&data, cell, &problem, options.seed, NULL, error);
    if (status == GT_OK)
        status = gt_cell_check_formulas(&data, &options, report, error);
    gt_cell_problem_free(&data);
    return status;
}

/* The first line that the tape refutes, or cannot decide on; NULL: none. */
static const gt_finding *refuted(const gt_report *report)
{
    for (uint32_t i = 0; i < report->finding_count; i++)
        if (report->findings[i].kind == GT_CHECK_FORMULA && report->findings[i].verdict != GT_RIGHT)
            return &report->findings[i];
    return NULL;
}

/* Overflow at this point, on either side: 0 * v is no zero where v is infinite, and says nothing against the line. */
static bool overflows(const gt_finding *wrong)
{
    return wrong->verdict != GT_WRONG || !isfinite(wrong->expected) || !isfinite(wrong->value);
}

static gt_status verdict(const gt_finding *wrong, const char *name, gt_error *error)
{
    if (wrong == NULL)
        return GT_OK;
    if (overflows(wrong))
        return gt_error_set(error, GT_ERROR_NOT_FINITE,
                            "the gradients of %s are not finite, or all rounding, at random numbers, so the line "
                            "'%s' cannot be verified",
                            name, wrong->formula);
    return gt_error_set(error, GT_ERROR_VALUE,
                        "the line '%s' of %s is not what the tape computes, and is not printed; this is a "
                        "fault of gradtape: please report it with the cell",
                        wrong->formula, name);
}

/* With larger sizes while slices need them. */
static gt_status compare_sized(const gt_cell *cell, uint32_t seed, gt_report *report, gt_error *error)
{
    gt_status status = GT_ERROR_SHAPE;
    for (int64_t factor = 1; status == GT_ERROR_SHAPE && factor <= LARGEST_FACTOR; factor *= 4) {
        gt_report_free(report);
        status = compare(cell, factor, seed, report, error);
    }
    return status;
}

/* At another point if the gradients of the first are not finite. */
static gt_status verify_text(const gt_derivation *d, const gt_text *text, gt_error *error)
{
    gt_parsed_cell *parsed = gt_cell_parse(text->bytes, text->count, &(gt_cell_parse_options){.file = "derived"});
    gt_status status = gt_parsed_cell_status(parsed, error);
    gt_report report = {0};
    for (uint32_t seed = 1; status == GT_OK && seed <= MOST_POINTS; seed++) {
        status = compare_sized(gt_parsed_cell_get(parsed), seed, &report, error);
        const gt_finding *wrong = refuted(&report);
        if (wrong == NULL || !overflows(wrong))
            break;
    }
    if (status == GT_OK)
        status = verdict(refuted(&report), d->cell->name, error);
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    return status;
}

static gt_status verify(gt_derivation *d, gt_text *text, gt_error *error)
{
    gt_status status = text->failed || d->no_memory
                           ? gt_error_set(error, GT_ERROR_MEMORY, "no memory to verify the formulas")
                           : verify_text(d, text, error);
    gt_text_free(text);
    return status;
}

gt_status gt_derivation_verify(gt_derivation *derivation, gt_error *error)
{
    gt_text text = {0};
    gt_derivation_explicit(derivation, &text);
    return verify(derivation, &text, error);
}

gt_status gt_derivation_verify_paths(gt_derivation *derivation, gt_error *error)
{
    gt_text text = {0};
    if (gt_derivation_explicit_paths(derivation, &text) || derivation->no_memory)
        return verify(derivation, &text, error);
    gt_text_free(&text);
    return GT_OK;
}
