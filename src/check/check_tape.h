/* The gradients of a tape as outputs of their own. */
#ifndef GT_CHECK_CHECK_TAPE_H
#define GT_CHECK_CHECK_TAPE_H

#include "gradtape/check.h"

/*
 * As gt_check, but of the gradients: they are recorded, and differentiated once more by the inputs
 * and by the cotangents. Findings are of kind GT_CHECK_SECOND.
 */
gt_status gt_check_tape_second(const gt_var *outputs, uint32_t output_count, const gt_var *inputs,
                               const void *const *values, uint32_t input_count, const gt_check_options *options,
                               gt_report *report, gt_error *error);

#endif
