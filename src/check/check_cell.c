/* gt_check_cell: a cell's tape against numbers, its handwritten formulas against the tape. */
#include "base/sized.h"
#include "check/cell_check.h"

#include "check/gradients.h"

static gt_status check_arguments(const gt_cell *cell, const gt_check_problem *problem, gt_error *error)
{
    if (cell == NULL || problem == NULL || problem->examples < 0 || problem->steps < 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "check: a cell is needed, and numbers of examples and steps above 0");
    if (problem->given != NULL && problem->at != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "check: arrays to compare with tell the point already; there cannot be another");
    if (cell->input_count == 0 || cell->state_count == 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "check: the cell %s has no input or no state", cell->name);
    return GT_OK;
}

static gt_status check_one_step(const gt_cell_problem *data, const gt_check_options *options, gt_report *report,
                                gt_error *error)
{
    gt_cell_problem first = {0};
    gt_status status = gt_cell_data_first_step(&first, data, error);
    if (status == GT_OK)
        status = gt_cell_check_numeric(&first, "one step", options, report, error);
    gt_cell_problem_free(&first);
    return status;
}

/* A pass that is not finite is reported without entries. */
static bool is_finite(const gt_report *report)
{
    for (uint32_t i = 0; i < report->finding_count; i++)
        if (report->findings[i].kind <= GT_CHECK_FORMS && report->findings[i].entry_count == 0)
            return false;
    return true;
}

static gt_status check_at(const gt_cell *cell, const gt_check_problem *problem, const gt_check_options *options,
                          gt_report *report, gt_error *error)
{
    gt_cell_problem data = {0};
    gt_status status = gt_cell_data_open(&data, cell, problem, options->seed, NULL, error);
    if (status == GT_OK)
        status = check_one_step(&data, options, report, error);
    bool finite = is_finite(report);
    if (status == GT_OK && finite && data.steps > 1)
        status = gt_cell_check_numeric(&data, "the whole sequence", options, report, error);
    finite = is_finite(report);
    if (status == GT_OK && finite && problem->given != NULL)
        status = gt_cell_check_against(&data, problem->given, options, report, error);
    if (status == GT_OK && finite && cell->handwritten != NULL && (data.with_outputs || cell->output_count == 0))
        status = gt_cell_check_formulas(&data, options, report, error);
    if (status == GT_OK && finite && report->verdict != GT_WRONG)
        status = gt_cell_check_points(&data, problem, options, report, error);
    for (uint32_t i = 0; i < report->finding_count; i++)
        gt_finding_find_sizes(&report->findings[i], &data);
    gt_cell_problem_free(&data);
    return status;
}

/* Undecided for no fault of the cell: the point happened to lie at a kink. */
static bool is_unlucky(const gt_report *report)
{
    for (uint32_t i = 0; i < report->finding_count; i++)
        if (report->findings[i].kink)
            return report->verdict == GT_UNDECIDABLE;
    return false;
}

gt_status gt_check_cell(const gt_cell *cell, const gt_check_problem *given, const gt_check_options *options,
                        gt_report *report, gt_error *error)
{
    enum { MOST_POINTS = 3 };
    gt_check_problem taken, *problem = given != NULL ? &taken : NULL;
    if (given != NULL)
        gt_take_sized(&taken, given, sizeof taken);
    gt_status status = check_arguments(cell, problem, error);
    if (status != GT_OK)
        return status;
    gt_check_options o = gt_check_options_complete(options);
    bool random = problem->given == NULL && problem->at == NULL;
    uint32_t points = 1;
    status = check_at(cell, problem, &o, report, error);
    for (; status == GT_OK && random && is_unlucky(report) && points < MOST_POINTS; points++) {
        gt_report_free(report);
        o.seed++;
        status = check_at(cell, problem, &o, report, error);
    }
    report->seed = o.seed;
    report->points = points;
    return status;
}
