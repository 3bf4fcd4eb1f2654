/* The passes over tapes, one file each; every one is a copy of a program through a rewrite. Their order: pipeline.c. */
#ifndef GT_PLAN_REWRITE_PASSES_H
#define GT_PLAN_REWRITE_PASSES_H

#include "plan/rewrite/copy.h"

/* What a user's loop recorded again and again becomes a scan. */
extern const gt_rewrite gt_pass_roll;
/* Dead code, values that do not change in a loop, common subexpressions, identities, views of views. */
extern const gt_rewrite gt_pass_simplify;
/* Long loops are cut into segments, as gt_program.segments says; and those again. */
extern const gt_rewrite gt_pass_segment;
extern const gt_rewrite gt_pass_segment_again;
/* A sum of arrays padded with zeros, each where the others are not, is a concat. */
extern const gt_rewrite gt_pass_join_pads;
/* W @ concat(a, x) becomes a sum of products; rows of a product are the product of rows. */
extern const gt_rewrite gt_pass_split_products;
/* Divisions and signs that can be computed once for a row, a column or a number are not computed for each entry. */
extern const gt_rewrite gt_pass_narrow_ops;
/* Values that a later loop reads are computed again there, where that is cheaper than a stack of them. */
extern const gt_rewrite gt_pass_recompute;
/* Sums over the steps of a scan, such as weight gradients, become one product after it. */
extern const gt_rewrite gt_pass_accumulate;
/* W @ x + U @ a + b becomes U @ a + (W @ x + b), where only a is a state. */
extern const gt_rewrite gt_pass_reorder_sums;
/* Products that no state needs to wait for leave the loop, before it or after it. */
extern const gt_rewrite gt_pass_fission;
/* Products with columns that are looked up become products with the table, where that is less. */
extern const gt_rewrite gt_pass_multiply_tables;
#endif
