/*
 * Expressions put together with the simplifications that a person makes without a
 * word: signs to the front, products in a row, no ones and no double transposes.
 * All are identities of the real numbers, whatever the operands are.
 *
 * Trees are shared and never changed. NULL stands for lack of memory, which the
 * derivation remembers.
 */
#ifndef GT_DERIVE_BUILD_H
#define GT_DERIVE_BUILD_H

#include "derive/derivation.h"

typedef const gt_lang_expression *gt_expr;

gt_expr gt_build_number(gt_derivation *d, double number);
gt_expr gt_build_name(gt_derivation *d, const char *name);
/* A size as an expression: n_a + 2 * n_x. */
gt_expr gt_build_size(gt_derivation *d, const gt_lang_size *size);

/* As it is, without any simplification. */
gt_expr gt_build_joined(gt_derivation *d, gt_lang_operation operation, gt_expr a, gt_expr b);
gt_expr gt_build_negation(gt_derivation *d, gt_expr a);
gt_expr gt_build_sum(gt_derivation *d, gt_expr a, gt_expr b);
gt_expr gt_build_difference(gt_derivation *d, gt_expr a, gt_expr b);
gt_expr gt_build_product(gt_derivation *d, gt_expr a, gt_expr b); /* element by element */
gt_expr gt_build_quotient(gt_derivation *d, gt_expr a, gt_expr b);
gt_expr gt_build_matmul(gt_derivation *d, gt_expr a, gt_expr b);
gt_expr gt_build_transpose(gt_derivation *d, gt_expr a);
gt_expr gt_build_power(gt_derivation *d, gt_expr a, gt_expr exponent);
gt_expr gt_build_comparison(gt_derivation *d, gt_lang_operation operation, gt_expr a, gt_expr b);
gt_expr gt_build_call(gt_derivation *d, gt_lang_function function, gt_expr a);
gt_expr gt_build_call_of(gt_derivation *d, gt_lang_function function, gt_expr const *a, uint32_t count);
/* sum or mean along an axis, or GT_LANG_ALL_AXES. */
gt_expr gt_build_reduction(gt_derivation *d, gt_lang_function function, gt_expr a, int axis);
gt_expr gt_build_outer(gt_derivation *d, gt_expr u, gt_expr v);
/* Under these sizes; what has them stays as it is. */
gt_expr gt_build_reshape(gt_derivation *d, gt_expr a, const gt_lang_size *sizes, uint32_t count);

/* From and to along an axis; the whole axis is no slice. */
typedef struct gt_build_range {
    gt_lang_size from, to;
} gt_build_range;
gt_expr gt_build_slice(gt_derivation *d, gt_expr a, unsigned axis, const gt_build_range *range);

/* ---- looking ------------------------------------------------------------------------------- */

gt_lang_shape gt_build_shape(gt_derivation *d, gt_expr a);
/* The size along an axis as slices count them: behind the last of several sizes are the columns. */
gt_lang_size gt_build_size_along(const gt_lang_shape *shape, unsigned axis);
bool gt_build_is_number(gt_expr a, double number);
bool gt_build_is_binary(gt_expr a, gt_lang_operation operation);
bool gt_build_is_negative(gt_expr a);
/* A copy of `formula` in which the names u and v are those expressions. */
gt_expr gt_build_put_in(gt_derivation *d, gt_expr formula, gt_expr u, gt_expr v);

#endif
