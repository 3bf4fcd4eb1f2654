/* Making, copying and comparing expressions. A pool owns all that is made; NULL means no memory. */
#ifndef GT_LANG_COPY_H
#define GT_LANG_COPY_H

#include "lang/ast.h"

/* A copy of the whole tree, places included. */
gt_lang_expression *gt_lang_copy(gt_pool *pool, const gt_lang_expression *expression);

/*
 * A copy of `expression` in which the sub-expression `old` (by its address) is
 * `replacement`, which is not copied. Where `old` does not occur, a plain copy.
 */
gt_lang_expression *gt_lang_copy_with(gt_pool *pool, const gt_lang_expression *expression,
                                      const gt_lang_expression *old, gt_lang_expression *replacement);

/* New expressions with the place of what they stand for. */
gt_lang_expression *gt_lang_new_number(gt_pool *pool, double number, gt_lang_place place);
gt_lang_expression *gt_lang_new_name(gt_pool *pool, const char *name, gt_lang_place place); /* copied */
gt_lang_expression *gt_lang_new_negation(gt_pool *pool, gt_lang_expression *argument);
gt_lang_expression *gt_lang_new_binary(gt_pool *pool, gt_lang_operation operation, gt_lang_expression *left,
                                       gt_lang_expression *right);
gt_lang_expression *gt_lang_new_transpose(gt_pool *pool, gt_lang_expression *argument);
/* With the axis GT_LANG_ALL_AXES, which only sum and mean read. */
gt_lang_expression *gt_lang_new_call(gt_pool *pool, gt_lang_function function, gt_lang_expression *const *arguments,
                                     uint32_t argument_count);

/* The same tree, places and what nobody wrote aside. */
bool gt_lang_equal(const gt_lang_expression *a, const gt_lang_expression *b);

/* A copy of `length` bytes of text, with a NUL behind them. */
char *gt_lang_text(gt_pool *pool, const char *text, size_t length);

#endif
