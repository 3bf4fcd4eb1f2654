/* How far the results of a function are from smooth. */
#ifndef GT_CHECK_NOISE_H
#define GT_CHECK_NOISE_H

#include "gradtape/check.h"

/*
 * The rounding errors of each output, measured: differences of high order over
 * points that lie so close together that nothing but errors is left in them (R. W.
 * Hamming, "Introduction to Applied Numerical Analysis", 1971; J. J. More and S. M.
 * Wild, "Estimating computational noise", 2011), all entries of x moved together along a few
 * random directions. 0 where nothing moves. `scales`: the size of the entries of x,
 * each beside its like.
 */
gt_status gt_noise_measure(const gt_numeric *numeric, const double *scales, uint32_t seed, double *noises,
                           gt_error *error);

/* All of them together, weighted, relative to the results. */
gt_status gt_noise_relative(const gt_numeric *numeric, const double *noises, double *relative, gt_error *error);

#endif
