/* Arrays for a check of a cell, from an archive that was opened. */
#ifndef GT_PROBLEM_LOAD_H
#define GT_PROBLEM_LOAD_H

#include "gradtape/problem.h"

/*
 * Loads those arrays of an archive that was opened whose names are the cell's or those of
 * results and gradients of it (P and dP, S and dS), after their shapes were compared: before
 * gt_check_cell with `given` or `at`. An array that cannot be meant, such as one that is much too
 * large, or a result in float16, is an error; names that mean nothing are left alone.
 */
gt_status gt_cell_problem_load(const gt_cell *cell, gt_archive *given, gt_error *error);

#endif
