/*
 * The Jacobian of one step, between a state before it and one after it, as a sum over paths: each a
 * product of diagonal matrices, for what is element by element, and of the cell's own matrices.
 */
#ifndef GT_DERIVE_JACOBIAN_H
#define GT_DERIVE_JACOBIAN_H

#include "derive/derivation.h"

typedef struct gt_path_factor {
    const gt_lang_expression *value;
    bool diagonal;
    struct gt_path_factor *next; /* to the right of it */
} gt_path_factor;

typedef struct gt_path {
    const char *to, *from;         /* a next state and a state: "c'", "a" */
    const gt_path_factor *factors; /* NULL: the identity */
    bool negative, direct;         /* direct: through no matrix */
    uint32_t equation;             /* the one that reads the state */
    struct gt_path *next;
} gt_path;

/*
 * All paths to the state `from`, in the order of the equations that read it. *complete becomes whether they
 * are: what goes through a softmax or a sum is no such product, and very many are left out. NULL: none.
 */
const gt_path *gt_derive_find_paths(gt_derivation *d, const char *from, bool *complete);

#endif
