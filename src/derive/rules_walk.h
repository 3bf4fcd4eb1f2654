/* What the rules of operators and of functions share: one equation being walked. */
#ifndef GT_DERIVE_RULES_WALK_H
#define GT_DERIVE_RULES_WALK_H

#include "derive/rules.h"

typedef struct gt_rule_walk {
    gt_derivation *d;
    uint32_t equation;
    gt_expr root; /* the right-hand side of the equation */
} gt_rule_walk;

/* Hands g on to an expression, by the rule of what reads it. */
void gt_rule_push(gt_rule_walk *w, gt_expr e, gt_expr g, const char *rule);
/* To an operand of an operation element by element: what was stretched is summed. */
void gt_rule_push_element(gt_rule_walk *w, gt_expr e, gt_expr operand, gt_expr g, const char *rule);
/* To what is cut: among zeros, or as a piece of a name. */
void gt_rule_push_slice(gt_rule_walk *w, gt_expr e, gt_expr g);
/* Whether a term is A.T @ g with a name A, rows of which are columns of A. */
bool gt_rule_takes_rows(gt_derivation *d, gt_expr term);
/* Each term to each argument of a concat, in slices. */
void gt_rule_push_concat(gt_rule_walk *w, gt_expr e, const gt_derived_term *terms, uint32_t count);
/* To the arguments of a function. */
void gt_rule_push_call(gt_rule_walk *w, gt_expr e, gt_expr g);

/* Arrays of several sizes. To the operands of a product; false: it has rows and columns alone. */
bool gt_rule_push_several(gt_rule_walk *w, gt_expr e, gt_expr g);
void gt_rule_push_outer(gt_rule_walk *w, gt_expr e, gt_expr g);
void gt_rule_push_reshape(gt_rule_walk *w, gt_expr e, gt_expr g);
/* What reaches the entries of a sum or mean, ready to be stretched over them. */
gt_expr gt_rule_along_examples(gt_rule_walk *w, gt_expr e, gt_expr g);
/* What reaches what is transposed. */
gt_expr gt_rule_turned_back(gt_rule_walk *w, gt_expr e, gt_expr g);

/* A part of the forward pass as the block may read it: by a name, or written out if it is short. */
gt_expr gt_rule_value(gt_rule_walk *w, gt_expr e);
/* g as large as e. */
gt_expr gt_rule_full(gt_rule_walk *w, gt_expr g, gt_expr e);
/* A size that the block can read. */
gt_expr gt_rule_size(gt_rule_walk *w, const gt_lang_size *size);
/* Whether a function reads what reaches it twice: softmax, layernorm. */
bool gt_rule_normalises(gt_expr e);

#endif
