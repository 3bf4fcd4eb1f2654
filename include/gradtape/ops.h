/*
 * gradtape/ops.h: the primitive operations.
 *
 * Every function records one node (or says how many) and returns its var. On
 * an error it returns an invalid var and the tape keeps the first message.
 *
 * Broadcasting. In element-by-element ops an axis of size 1 stretches to the
 * size of the other operands; no other sizes mix. The adjoint of stretching is
 * a sum, which the reverse replay applies for every op.
 */
#ifndef GRADTAPE_OPS_H
#define GRADTAPE_OPS_H

#include "gradtape/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- element by element -------------------------------------------------------------------- */

GT_API gt_var gt_add(gt_var a, gt_var b);
GT_API gt_var gt_sub(gt_var a, gt_var b);
GT_API gt_var gt_mul(gt_var a, gt_var b);
GT_API gt_var gt_div(gt_var a, gt_var b); /* b != 0 */
GT_API gt_var gt_neg(gt_var x);
/* x ** exponent with a constant exponent; x > 0 unless the exponent is a whole number. */
GT_API gt_var gt_pow(gt_var x, double exponent);
GT_API gt_var gt_tanh(gt_var x);
GT_API gt_var gt_sigmoid(gt_var x);  /* 1 / (1 + exp(-x)), accurate for large |x| */
GT_API gt_var gt_relu(gt_var x);     /* max(x, 0); the derivative at 0 is 0 */
GT_API gt_var gt_softplus(gt_var x); /* log(1 + exp(x)), without overflow */
GT_API gt_var gt_gelu(gt_var x);     /* x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) */
GT_API gt_var gt_exp(gt_var x);
GT_API gt_var gt_log(gt_var x);   /* x > 0 */
GT_API gt_var gt_sqrt(gt_var x);  /* x > 0 (at 0 the value is right and the derivative infinite) */
GT_API gt_var gt_floor(gt_var x); /* the greatest whole number not above it; the derivative is 0 */
GT_API gt_var gt_abs(gt_var x);   /* the derivative at 0 is 0 */
GT_API gt_var gt_sign(gt_var x);  /* -1, 0 or 1; the derivative is 0 */
GT_API gt_var gt_sin(gt_var x);
GT_API gt_var gt_cos(gt_var x);
/* The greater, the smaller; a NaN in either gives NaN; where equal, each gets half the adjoint. */
GT_API gt_var gt_maximum(gt_var a, gt_var b);
GT_API gt_var gt_minimum(gt_var a, gt_var b);
/* 1 where the comparison holds and 0 elsewhere, in the tape's type; the derivative is 0. */
GT_API gt_var gt_less(gt_var a, gt_var b);
GT_API gt_var gt_less_equal(gt_var a, gt_var b);
GT_API gt_var gt_greater(gt_var a, gt_var b);
GT_API gt_var gt_greater_equal(gt_var a, gt_var b);
GT_API gt_var gt_equal(gt_var a, gt_var b);
GT_API gt_var gt_not_equal(gt_var a, gt_var b);
/* a where mask is not 0, b elsewhere; the derivative with respect to the mask is 0. */
GT_API gt_var gt_where(gt_var mask, gt_var a, gt_var b);
/* x itself, through which no gradient flows. */
GT_API gt_var gt_stop_gradient(gt_var x);

/* ---- down each column (axis 0) ------------------------------------------------------------- */

/* softmax over axis 0: exp(x - max) / sum(exp(x - max)) of each column, that is of each example. */
GT_API gt_var gt_softmax(gt_var x);
/* log(softmax(x)), without ever forming a softmax that underflows. */
GT_API gt_var gt_log_softmax(gt_var x);
/*
 * The negative log-likelihood in nats of integer targets under softmax(logits),
 * position by position. logits (V, m, ...), targets GT_I32 (m, ...) with values
 * 0 <= target < V; the result is (1, m, ...). A target out of range is an error
 * when the tape is run.
 */
GT_API gt_var gt_cross_entropy(gt_var logits, gt_var targets);
/* The same with each position multiplied by its weight, weights (1, m, ...): two nodes. */
GT_API gt_var gt_cross_entropy_weighted(gt_var logits, gt_var targets, gt_var weights);

/* ---- matrix products ----------------------------------------------------------------------- */

/*
 * a @ b. Each operand is read as a matrix: its first axis is the rows, all its
 * other axes together are the columns, so W (n, k) @ X (k, m, T) is (n, m, T):
 * one product for all time steps.
 */
GT_API gt_var gt_matmul(gt_var a, gt_var b);
/*
 * op(a) @ op(b), where op transposes if its flag is set; nothing is copied for
 * it. An a that is not transposed has one column axis, unless b is transposed:
 * then all column axes of both are summed over and must be equal, as in the
 * weight gradient G (n, m, T) @ X (k, m, T).T = (n, k). An a that is transposed,
 * and the b beside it if that is transposed too, have one column axis.
 */
GT_API gt_var gt_matmul_transposed(gt_var a, bool transpose_a, gt_var b, bool transpose_b);
/* (n, m) -> (m, n). */
GT_API gt_var gt_transpose(gt_var x);

/* ---- shape --------------------------------------------------------------------------------- */

/* Joins arrays along `axis` (0 to 3); all other axes must be equal. count >= 1. */
GT_API gt_var gt_concat(const gt_var *parts, uint32_t count, int axis);
/* Joins arrays of one shape along a new last axis: T arrays (n, m) give (n, m, T). */
GT_API gt_var gt_stack(const gt_var *parts, uint32_t count);
/*
 * Cuts x along `axis` into `count` parts of the given sizes, which must add up
 * to the axis, and writes their vars to parts (all invalid on an error). One
 * node for the cut and one for each part; the adjoint is one concat.
 */
GT_API gt_status gt_split(gt_var x, int axis, const int64_t *sizes, uint32_t count, gt_var *parts);
/* The inverse of gt_stack: x (n, m, T) gives T vars (n, m). count must equal the last axis. */
GT_API gt_status gt_unstack(gt_var x, gt_var *parts, uint32_t count);
/* x[start:stop] along `axis`; 0 <= start < stop <= size. */
GT_API gt_var gt_slice(gt_var x, int axis, int64_t start, int64_t stop);
/* x with `before` and `after` zeros added along `axis`: the adjoint of gt_slice. */
GT_API gt_var gt_pad(gt_var x, int axis, int64_t before, int64_t after);
/* The same numbers in the same (column-major) order under another shape. */
GT_API gt_var gt_reshape(gt_var x, gt_shape shape);
/* x stretched to shape along its axes of size 1. */
GT_API gt_var gt_broadcast(gt_var x, gt_shape shape);

/* ---- sums ---------------------------------------------------------------------------------- */

#define GT_ALL_AXES (-1)
/* The sum or mean over one axis, kept with size 1, or over GT_ALL_AXES (every axis kept, size 1). */
GT_API gt_var gt_sum(gt_var x, int axis);
GT_API gt_var gt_mean(gt_var x, int axis);
/* Along an axis, each entry with the sum of those before it; reversed: of those behind it. The shape is x's. */
GT_API gt_var gt_cumsum(gt_var x, int axis, bool reversed);
/* Sums over the axes along which `shape` would have to stretch to become x's: undoes broadcasting. */
GT_API gt_var gt_sum_to(gt_var x, gt_shape shape);

/* ---- tables -------------------------------------------------------------------------------- */

/*
 * Columns of table (n, V) by indices GT_I32 (m, ...): (n, m, ...). An index
 * outside 0 <= index < V is an error when the tape is run. Used for embeddings.
 */
GT_API gt_var gt_gather(gt_var table, gt_var indices);
/* The adjoint of gt_gather: a (n, columns) array of zeros, with x (n, m, ...) added column by column. */
GT_API gt_var gt_scatter_add(gt_var x, gt_var indices, int64_t columns);
/* indices GT_I32 (m, ...) -> (classes, m, ...), 1 at the index and 0 elsewhere. */
GT_API gt_var gt_one_hot(gt_var indices, int64_t classes);

/* ---- random -------------------------------------------------------------------------------- */

/*
 * 0 with probability `rate` (0 <= rate < 1) and 1 / (1 - rate) otherwise, in the
 * given shape. Entry i depends on the value of `key` (GT_I32, one element), on
 * `stream` and on i alone (Philox4x32-10, Salmon et al. 2011), so the mask is
 * the same whether a sequence is rolled or unrolled. Give every use on a tape
 * a stream of its own, and every step and iteration another key.
 */
GT_API gt_var gt_dropout_mask(gt_var key, gt_shape shape, double rate, uint32_t stream);
/* x times such a mask: two nodes. */
GT_API gt_var gt_dropout(gt_var x, gt_var key, double rate, uint32_t stream);

#ifdef __cplusplus
}
#endif
#endif
