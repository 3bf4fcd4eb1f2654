/* What the shape rules of several ops ask. A gt_rule function that finds a fault reports it and
 * returns false. */
#ifndef GT_OPS_RULE_H
#define GT_OPS_RULE_H

#include "gradtape/op.h"

/* The op was given `count` attributes. */
bool gt_rule_attributes(const gt_shape_query *query, uint32_t count);
/* 0 <= axis < GT_MAX_RANK */
bool gt_rule_axis(const gt_shape_query *query, int64_t axis);
/* Operand `slot` has the tape's real type; whole numbers. */
bool gt_rule_real(const gt_shape_query *query, uint32_t slot);
bool gt_rule_whole(const gt_shape_query *query, uint32_t slot);
/* Makes `shape` the answer if it is a shape that can be. */
bool gt_rule_answer(gt_shape_query *query, gt_shape shape);
/* *shape becomes (first, axes of operand `slot`...): one column of `first` entries for each index.
 */
bool gt_rule_columns(const gt_shape_query *query, int64_t first, uint32_t slot, gt_shape *shape);

/* A shape in five attributes (rank, sizes) and back; back, anything impossible has rank -1. */
#define GT_SHAPE_ATTRIBUTES 5
void gt_shape_to_attributes(gt_shape shape, int64_t *attributes);
gt_shape gt_shape_from_attributes(const int64_t *attributes);

/* At most GT_MAX_RANK axes, each of size at least 1; there may be too many entries to count. */
bool gt_shape_possible(gt_shape shape);
/* The least rank that shows all sizes other than 1. */
int32_t gt_shape_least_rank(gt_shape shape);
/* Equal sizes and equal rank. */
bool gt_shape_same(gt_shape a, gt_shape b);

#endif
