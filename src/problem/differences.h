/* Gradients by differences, a second way for small problems. */
#ifndef GT_PROBLEM_DIFFERENCES_H
#define GT_PROBLEM_DIFFERENCES_H

#include "gradtape/problem.h"

/*
 * Adds to results all gradients by central differences of the forward pass
 * (two widths, Richardson's extrapolation: exact up to the fourth order). Entry
 * by entry, so it takes a while: for small arrays, and for GT_F64 only.
 */
gt_status gt_cell_problem_differences(gt_cell_problem *problem, gt_archive *results, gt_error *error);

#endif
