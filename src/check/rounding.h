/* How much rounding may have done to a handwritten formula. */
#ifndef GT_CHECK_ROUNDING_H
#define GT_CHECK_ROUNDING_H

#include "check/formulas.h"

/*
 * Evaluates formula i at step t in single precision too, from the same values. What
 * that changes, times 2^-29, is what rounding in double precision may have changed:
 * little, unless the formula subtracts what is nearly equal. *rounding becomes the
 * largest such change; 0 if the formula cannot be evaluated so.
 */
gt_status gt_formulas_rounding(gt_formulas *formulas, uint32_t i, int64_t t, double *rounding, gt_error *error);

#endif
