/* How much rounding does to a gradient that a user's function computes. */
#ifndef GT_CHECK_FUNCTION_ROUNDING_H
#define GT_CHECK_FUNCTION_ROUNDING_H

#include "check/function_call.h"

/* Of one argument's gradient. */
typedef struct gt_function_rounding {
    double deviation; /* of an entry: rounding errors of about this size */
    bool single;      /* as large as those of single precision */
} gt_function_rounding;

/*
 * Measures the rounding errors of a call's result in every array of it: at 25 points on a line
 * through x, and for as many multiples of `second` if the result is linear in it. Differences of high
 * order of these values, as in check/noise.h, leave nothing but rounding. At points that hardly differ
 * the multiples alone tell single precision from double; those further apart see all of it.
 * `arrays` of the result: rounding has array_count entries.
 */
gt_status gt_function_rounding_measure(gt_function_call *call, const double *x, const double *second, bool linear,
                                       const gt_check_array *arrays, uint32_t array_count, uint32_t seed,
                                       gt_function_rounding *rounding, gt_error *error);

/* Whether all of the numbers are floats, and not all of them 0. Doubles of which that is true are rare. */
bool gt_function_is_single(const double *values, size_t count);

#endif
