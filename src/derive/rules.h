/* The rules: what reaches an expression is handed on to what it is made of. */
#ifndef GT_DERIVE_RULES_H
#define GT_DERIVE_RULES_H

#include "derive/accumulate.h"

/* Whether a gradient can reach a name through the expression. */
bool gt_derive_flows(gt_derivation *d, gt_expr e);
/* How often what reaches the expression would be written out if it had no name. */
uint32_t gt_derive_reads(gt_derivation *d, gt_expr e);

/* A name, or minus a name: short enough to be written twice. */
bool gt_derive_is_short(gt_expr g);

/*
 * Hands terms on through the right-hand side of an equation. They are one term, unless
 * gt_derive_hands_on_each says that each may go by itself.
 */
void gt_derive_push_equation(gt_derivation *d, uint32_t equation, const gt_derived_term *terms, uint32_t count);
bool gt_derive_hands_on_each(gt_derivation *d, gt_expr e, const gt_derived_term *terms, uint32_t count);

/* `value` as large as what it is the gradient of, `of`: an axis of size 1 is stretched. */
gt_expr gt_derive_stretched(gt_derivation *d, gt_expr value, gt_expr of);

#endif
