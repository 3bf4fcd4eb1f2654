/* Comparisons of what is exactly equal: there the function that reads them may jump. */
#ifndef GT_CHECK_TIES_H
#define GT_CHECK_TIES_H

#include "gradtape/interpreter.h"

bool gt_is_comparison(gt_var v);
/* Whether some entries of both operands, which have been evaluated, are equal; a scalar operand goes with all. */
bool gt_is_tie(const gt_interpreter *run, gt_var comparison);

#endif
