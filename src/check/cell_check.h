/* The parts of gt_check_cell. */
#ifndef GT_CHECK_CELL_CHECK_H
#define GT_CHECK_CELL_CHECK_H

#include "check/cell_data.h"

/* The tape's gradients rolled, unrolled and planned, and against numbers. Options are complete. */
gt_status gt_cell_check_numeric(const gt_cell_problem *data, const char *stage, const gt_check_options *options,
                                gt_report *report, gt_error *error);

/* The handwritten formulas against the tape. */
gt_status gt_cell_check_formulas(const gt_cell_problem *data, const gt_check_options *options, gt_report *report,
                                 gt_error *error);

/*
 * What the point cannot show: remarks of arrays that are 0 or 1 throughout, and, unless arrays
 * are given, further points until every piece of every op has been seen, at which mistakes are
 * reported, too. A remark for each piece that was not seen at any.
 */
gt_status gt_cell_check_points(const gt_cell_problem *data, const gt_check_problem *problem,
                               const gt_check_options *options, gt_report *report, gt_error *error);

/*
 * The numbers of the point that a finding of these was found at: `seed` is the report's, `point` the finding's. Free
 * the problem in any case.
 */
gt_status gt_cell_point_open(gt_cell_problem *data, const gt_cell *cell, const gt_check_problem *problem, uint32_t seed,
                             uint32_t point, gt_error *error);

/* Gradients in `given`, "dP", "dx", "dS0", against the tape's. */
gt_status gt_cell_check_against(const gt_cell_problem *data, const gt_archive *given, const gt_check_options *options,
                                gt_report *report, gt_error *error);

/* Fills in the sizes of the finding's array, if its rows are of several. */
void gt_finding_find_sizes(gt_finding *finding, const gt_cell_problem *data);

#endif
