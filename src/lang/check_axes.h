/*
 * Shapes of arrays that have several sizes for each example (S[n_k, n_v]), and of
 * parameters that have one more (W[n_h, n_k, n_x]).
 *
 * A vector is a column, so what has fewer sizes lacks the last ones, which are
 * then 1: u[n_k] * S[n_k, n_v] scales the rows of S. A parameter A[n_k, n_v] beside
 * arrays of the examples is one such array, the same for all of them.
 */
#ifndef GT_LANG_CHECK_AXES_H
#define GT_LANG_CHECK_AXES_H

#include "lang/meaning.h"

uint32_t gt_lang_axis_count(const gt_lang_shape *shape);
/* The size along an axis; 1 behind the last. */
gt_lang_size gt_lang_axis_size(const gt_lang_shape *shape, uint32_t axis);
/* Whether both have the same sizes along the axes from `from` up to, but without, `to`. */
bool gt_lang_same_sizes(const gt_lang_shape *a, const gt_lang_shape *b, uint32_t from, uint32_t to);
/* Whether its columns are the m examples. */
bool gt_lang_has_examples(const gt_lang_shape *shape);
/* Whether its columns are neither the examples nor one: a matrix that all examples share. */
bool gt_lang_is_shared_matrix(const gt_lang_shape *shape);
/* Whether two operands need more than rows and columns to go together. */
bool gt_lang_needs_axes(const gt_lang_shape *a, const gt_lang_shape *b);

/* Makes the shape of these sizes and columns. False if it is too complicated, which is reported at the place. */
bool gt_lang_make_shape(gt_lang_checker *c, gt_lang_place place, const gt_lang_size *sizes, uint32_t count,
                        gt_lang_size columns, gt_lang_shape *shape);

/*
 * What two operands of an operation are together, element by element (the one at `operand`, and all
 * before it together), or as a product; the form is noted. False if they do not go together.
 */
bool gt_lang_stretch_axes(gt_lang_checker *c, const gt_lang_expression *e, uint32_t operand, const gt_lang_shape *a,
                          const gt_lang_shape *b, gt_lang_shape *shape);
bool gt_lang_multiply_axes(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *left,
                           const gt_lang_shape *right, gt_lang_shape *shape);
/* The last two sizes exchanged. */
bool gt_lang_transpose_axes(gt_lang_checker *c, gt_lang_place place, const gt_lang_shape *of, gt_lang_shape *shape);
/* Whether one of the last two sizes is 1, so that exchanging them moves nothing. */
bool gt_lang_is_line(const gt_lang_shape *shape);

/* With another size along one axis. */
bool gt_lang_resize_axis(gt_lang_checker *c, gt_lang_place place, const gt_lang_shape *of, uint32_t axis,
                         gt_lang_size size, gt_lang_shape *shape);
/* Without an axis along which was summed: it is 1, and the last one is gone. */
bool gt_lang_sum_axis(gt_lang_checker *c, gt_lang_place place, const gt_lang_shape *of, uint32_t axis,
                      gt_lang_shape *shape);
/*
 * Summed over its columns. What has no examples any more is as a parameter of these sizes, of which
 * the last are its columns.
 */
bool gt_lang_sum_columns(gt_lang_checker *c, gt_lang_place place, const gt_lang_shape *of, gt_lang_shape *shape);

/* outer(u, v) and reshape(u, sizes...); errors are reported, and the shape is then not known. */
gt_lang_shape gt_lang_check_outer(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *shapes);
gt_lang_shape gt_lang_check_reshape(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *shape);

#endif
