/* Nodes of the tree as they are put together: how deep they are, and the chains of operators. */
#ifndef GT_LANG_CHAIN_H
#define GT_LANG_CHAIN_H

#include "lang/ast.h"

/* Notes that `child`, which is already an argument or a bound of `node`, is below it. */
void gt_lang_deepen(gt_lang_expression *node, const gt_lang_expression *child);

/* Gives a GT_LANG_BINARY, whose arguments are there, its chain. False on no memory. */
bool gt_lang_enchain(gt_pool *pool, gt_lang_expression *node);

/* How deep the tree is where each left operand is a level, too: for what recurs into them. */
uint32_t gt_lang_height(const gt_lang_expression *expression);

#endif
