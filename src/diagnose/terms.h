/* The reverse replay as formulas (terms.c), from the inside. */
#ifndef GT_DIAGNOSE_TERMS_H
#define GT_DIAGNOSE_TERMS_H

#include "diagnose/search.h"

enum { GT_MOST_TERMS_OF_ONE = 32 };

/* What reaches the rows (axis 0) or columns (axis 1) from to to - 1 alone. */
typedef struct gt_slice_piece {
    struct gt_slice_piece *next;
    const gt_expression *term;
    unsigned axis;
    uint32_t from, to;
} gt_slice_piece;

/* The terms of one adjoint; those of sums are handed on one by one. */
typedef struct gt_adjoint {
    const gt_expression *terms[GT_MOST_TERMS_OF_ONE];
    uint32_t count;
    bool through_state;
    gt_slice_piece *pieces; /* of slices of it */
} gt_adjoint;

typedef struct gt_terms {
    gt_search *search;
    gt_arena *arena;
    gt_adjoint *of_name; /* per name */
    bool limited;        /* only names that the equation at hand may read */
} gt_terms;

/* A formula that is NULL, or has no value, makes what is made of it NULL: such a term is left out. */

/* ---- terms_adjoint.c ---- */

bool gt_terms_value(gt_terms *r, const gt_expression *f, gt_value *value);
const gt_expression *gt_terms_binary(gt_terms *r, gt_expression_kind kind, const gt_expression *a,
                                     const gt_expression *b);
const gt_expression *gt_terms_unary(gt_terms *r, gt_expression_kind kind, const gt_expression *a);
/* A size as the question has it, or as a number. */
const gt_expression *gt_terms_size(gt_terms *r, uint32_t size);

/* The whole adjoint as one formula. */
const gt_expression *gt_terms_whole(gt_terms *r, const gt_adjoint *a);
/* The term may be missing somewhere. */
void gt_terms_remember(gt_terms *r, const gt_expression *term, bool through_state);
/* Adds a term to the adjoint of f, with broadcasting undone. */
void gt_terms_add(gt_terms *r, gt_adjoint *to, const gt_expression *term, const gt_expression *f);

/* Hands an adjoint, or one term, on to f and to what f is made of. */
void gt_terms_push(gt_terms *r, const gt_expression *f, const gt_adjoint *a);
void gt_terms_push_one(gt_terms *r, const gt_expression *f, const gt_expression *term, bool through_state);
/* Every term through a function of one formula. */
void gt_terms_push_each(gt_terms *r, const gt_expression *f, const gt_adjoint *a, gt_expression_kind kind);

/* ---- terms_rules.c ---- */

/* What the operands of f get. value: what stands for f where it is the whole of an equation. */
void gt_terms_push_inside(gt_terms *r, const gt_expression *f, const gt_expression *value, const gt_adjoint *a);

/* ---- terms_calls.c ---- */

void gt_terms_push_call(gt_terms *r, const gt_expression *f, const gt_expression *value, const gt_adjoint *a);

/* ---- terms_axes.c; g is the adjoint ---- */

/* Products of arrays of several sizes. False: it is none. */
bool gt_terms_push_several(gt_terms *r, const gt_expression *f, const gt_expression *g);
void gt_terms_push_outer(gt_terms *r, const gt_expression *f, const gt_expression *g);
void gt_terms_push_reshape(gt_terms *r, const gt_expression *f, const gt_expression *g, bool through);

/* ---- terms_slices.c ---- */

void gt_terms_push_slice(gt_terms *r, const gt_expression *f, const gt_expression *g);
/* What reached slices of the name becomes a term of it. */
void gt_terms_join_pieces(gt_terms *r, uint32_t name);

#endif
