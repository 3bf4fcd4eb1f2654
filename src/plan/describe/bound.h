/*
 * The matrix products that a computation cannot do without.
 *
 * No program for a recurrent cell is faster than nothing but its matrix
 * products, each done for as many time steps at once as the recurrence allows.
 * A bound lists them, found on the tape of the outputs (values and gradients):
 *
 *   - a product that no state has to wait for is one product over all steps, and
 *     so is a sum of products over the steps, such as a weight gradient;
 *   - a product in a cycle of the recurrence is done once a step;
 *   - W @ concat(a, x) counts as two products, one with each part of W;
 *   - products that share their right operand count as one with its left operands
 *     stacked, and a sum of products as one with its inner sizes joined.
 *
 * For an LSTM these are six: the input projection, the recurrent product, their
 * adjoints, and the two weight gradients. Timing them is up to the caller;
 * gt_bound_multiply does each by the library's kernels.
 *
 *     gt_bound *bound = gt_bound_new(outputs, count, &error);
 *     for (uint32_t i = 0; i < gt_bound_count(bound); i++)
 *         printf("%s\n", gt_bound_at(bound, i)->text);
 *     gt_bound_free(bound);
 */
#ifndef GT_PLAN_BOUND_H
#define GT_PLAN_BOUND_H

#include "gradtape/tape.h"

typedef struct gt_bound gt_bound;

/* output (rows, columns) = left (rows, inner) @ right (inner, columns), `times` times one after the other. */
typedef struct gt_bound_product {
    gt_dtype dtype; /* GT_F32 or GT_F64 */
    int64_t rows, inner, columns;
    int64_t times;                          /* of a recurrence; 1 for all steps at once */
    bool left_transposed, right_transposed; /* as it lies in memory */
    bool left_fixed, right_fixed;           /* the same matrix every time */
    const char *text;                       /* "(Wf, Wi, Wc, Wo) @ a"; it belongs to the bound */
} gt_bound_product;

/* The products of what the outputs need. NULL on an error, as of gt_plan_new. */
gt_bound *gt_bound_new(const gt_var *outputs, uint32_t output_count, gt_error *error);
void gt_bound_free(gt_bound *bound); /* NULL is allowed */
uint32_t gt_bound_count(const gt_bound *bound);
const gt_bound_product *gt_bound_at(const gt_bound *bound, uint32_t i); /* NULL past the end */
/* Multiplications and additions of the product, all times together. */
double gt_bound_flops(const gt_bound_product *product);

typedef enum gt_multiplier {
    GT_MULTIPLIER_OWN,   /* the library's kernels, the operands as they lie */
    GT_MULTIPLIER_PACKED /* the same; a fixed left operand is packed once for all times */
} gt_multiplier;

/* Bytes of workspace that gt_bound_multiply needs, aligned to 64; 0: none. */
size_t gt_bound_workspace(const gt_bound_product *product, gt_multiplier multiplier);
/*
 * Does the product, all times. Matrices are contiguous and column-major, as
 * `product` says; `times` of them follow one another, but for a fixed operand.
 */
void gt_bound_multiply(const gt_bound_product *product, gt_multiplier multiplier, const void *left, const void *right,
                       void *output, void *workspace);

#endif
