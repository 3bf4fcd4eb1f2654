/*
 * Values of formulas whose arrays have several sizes for each example: the rules of lang/check_axes.h and
 * lang/record_axes.h, in numbers. Whether a matrix is shared by the examples is known from the names in its
 * sizes alone, so values carry it with them.
 */
#ifndef GT_DIAGNOSE_VALUE_AXES_H
#define GT_DIAGNOSE_VALUE_AXES_H

#include "diagnose/value.h"
#include "ops/descriptors.h"

uint32_t gt_value_axis_count(gt_value v);
uint32_t gt_value_axis_size(gt_value v, uint32_t axis); /* 1 behind the last */
/* Rows and columns, whose columns are neither the examples nor one. */
bool gt_value_is_shared(gt_value v);
bool gt_value_has_sizes_of(gt_value a, gt_value b);

/* Whether rows and columns alone do not say what these are together. */
bool gt_value_needs_axes(const gt_value *parts, uint32_t count);
bool gt_value_by_axes(gt_arena *arena, const gt_op *op, const gt_value *parts, uint32_t count,
                      const int64_t *attributes, gt_value *result);

/* The last two sizes exchanged, or the last one and the columns of a shared matrix. */
bool gt_value_turned(gt_arena *arena, gt_value v, gt_value *result);
/* A product that is none of rows and columns; left is as it stands there, transposed already. */
bool gt_value_multiply_axes(gt_arena *arena, gt_value left, gt_value right, gt_value *result);
bool gt_value_outer(gt_arena *arena, gt_value u, gt_value v, gt_value *result);
bool gt_value_reshape(gt_arena *arena, const gt_value *parts, uint32_t count, gt_value *result);
/* Along one of several sizes, or over the columns, or all of it. */
bool gt_value_reduce_axes(gt_arena *arena, gt_value u, unsigned axis, bool mean, gt_value *result);
/* Part of the first two sizes. */
bool gt_value_cut(gt_arena *arena, gt_value u, const uint32_t from[2], const uint32_t to[2], gt_value *result);

#endif
