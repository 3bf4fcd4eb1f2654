/* Giving arrays to ops and comparing what comes out; a wrong value ends the test. */
#ifndef TESTS_SUPPORT_VALUES_H
#define TESTS_SUPPORT_VALUES_H

#include "support/probe.h"

/* An input with the given values; the numbers 1, 2, 3, ... if they are NULL. */
gt_var give(probe *p, const char *name, gt_shape shape, const double *values);
gt_var give_whole(probe *p, const char *name, gt_shape shape, const int32_t *values);

/* The value of v, as doubles, valid until the next call. */
const double *value_of(probe *p, gt_var v);

/* The value of v is `expected`, of that shape: each within tolerance * max(1, |expected|); NaN
 * equals NaN. */
void expect_value(probe *p, gt_var v, gt_shape shape, const double *expected, double tolerance);

/* Evaluating v fails with this status and a message in which all the words occur (NULL ends them).
 */
void expect_failure(probe *p, gt_var v, gt_status status, const char *const *words);

#endif
