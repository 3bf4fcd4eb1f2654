/*
 * What reaches each name of the forward pass, collected while the equations are
 * walked from the last to the first, and the lines that are made of it.
 */
#ifndef GT_DERIVE_ACCUMULATE_H
#define GT_DERIVE_ACCUMULATE_H

#include "derive/build.h"

/* What reaches a part of the rows and columns of a name alone. */
typedef struct gt_derive_piece {
    struct gt_derive_piece *next;
    gt_derived_term term;
    gt_build_range ranges[2]; /* of rows, of columns */
} gt_derive_piece;

/* By the place of its symbol. */
typedef struct gt_derive_name {
    gt_derived_term *terms;
    uint32_t count;
    size_t capacity;
    gt_derive_piece *pieces;
    bool flows; /* a gradient can reach what it is computed from */
} gt_derive_name;

/* NULL if it is no forward name. */
gt_derive_name *gt_derive_name_of(gt_derivation *d, const char *name);

void gt_derive_add_term(gt_derivation *d, gt_derive_name *to, gt_derived_term term);
void gt_derive_add_piece(gt_derivation *d, gt_derive_name *to, gt_derived_term term, const gt_build_range ranges[2]);

/* The pieces of a name as terms, put side by side where they fill it, among zeros where not. */
void gt_derive_join_pieces(gt_derivation *d, const char *name, gt_derive_name *of);
/* Zeros around what reaches a part of `whole`. */
gt_expr gt_derive_pad(gt_derivation *d, gt_expr whole, gt_expr value, const gt_build_range ranges[2]);

/* All terms as one expression; a factor that stands in front of each is taken out. */
gt_expr gt_derive_combine(gt_derivation *d, const gt_derived_term *terms, uint32_t count);

/*
 * A new line; its name, which is then known, as an expression. terms are copied; value is what they
 * are together.
 */
gt_expr gt_derive_add_line(gt_derivation *d, gt_derived_line line);
/* "d" and the name, in the pool. */
const char *gt_derive_gradient_name(gt_derivation *d, const char *of);
/* A name that is not taken, nor that of its gradient: the first of base + ending, then with numbers behind. */
const char *gt_derive_new_name(gt_derivation *d, const char *base, const char *ending);

#endif
