/*
 * Sums over axes, for sum and mean. Attribute 0: the axes, bit by bit;
 * attribute 1: the rank of the result.
 *
 * Sums are pairwise (Higham, "The accuracy of floating point summation", 1993):
 * the error grows with the logarithm of the number of terms, also in f32. The
 * order of the additions depends on the shapes alone.
 */
#ifndef GT_OPS_REDUCE_H
#define GT_OPS_REDUCE_H

#include "gradtape/op.h"

enum { GT_REDUCE_AXES, GT_REDUCE_RANK, GT_REDUCE_ATTRIBUTES };

bool gt_reduce_shape(gt_shape_query *query);
/* output = the sum of x over the axes along which the output has size 1, divided by divisor. */
void gt_reduce(gt_array x, gt_array output, double divisor);
/* The same for planned programs, vectorised for this processor or for the given level of it (levels.h). */
void gt_reduce_fast(gt_array x, gt_array output, double divisor);
void gt_reduce_fast_at(unsigned level, gt_array x, gt_array output, double divisor);
/* The attribute for one axis or GT_ALL_AXES; 0, which the shape rule refuses, for any other number.
 */
int64_t gt_reduce_axes(int axis);

#endif
