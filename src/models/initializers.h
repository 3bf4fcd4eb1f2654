/* Filling a parameter with its initial numbers. */
#ifndef GT_MODELS_INITIALIZERS_H
#define GT_MODELS_INITIALIZERS_H

#include "gradtape/parameters.h"

/*
 * Whether the initializer can fill an array of this type and shape; otherwise
 * the error says why not.
 */
gt_status gt_initializer_check(gt_initializer initializer, const char *name, gt_dtype dtype, gt_shape shape,
                               gt_error *error);

/*
 * Fills the array. Its numbers depend on seed, name, shape and initializer alone.
 * Errors: no memory for an orthogonal one, and what a formula says of its numbers.
 */
gt_status gt_initializer_fill(gt_initializer initializer, uint64_t seed, const char *name, gt_array array,
                              gt_error *error);

#endif
