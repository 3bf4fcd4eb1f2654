/* How much a cell amplifies rounding errors. */
#ifndef GT_CHECK_CONDITIONING_H
#define GT_CHECK_CONDITIONING_H

#include "check/cell_data.h"

/*
 * Measured by computing the sequence and its gradients again from arrays of which every
 * entry is changed by about its last bit. What that changes, several orders of the sums in
 * the forward pass may change as well: chaotic cells amplify it from step to step.
 */
typedef struct gt_conditioning {
    bool measured;
    double *allowed;      /* by array: what rounding may do to the gradient of an array that is
                             differentiated, and to the result that an upstream gradient is of */
    double amplification; /* of the results: their change relative to that of the arrays */
    int64_t step;         /* by which time step */
} gt_conditioning;

/* Measures it, unless it has been. Close it in any case. */
gt_status gt_conditioning_measure(gt_conditioning *conditioning, const gt_cell_problem *data, gt_error *error);
void gt_conditioning_close(gt_conditioning *conditioning);

/* "rounding is amplified 3e+09 times by time step 14". */
const char *gt_conditioning_describe(const gt_conditioning *conditioning, gt_report *report);

#endif
