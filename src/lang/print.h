/* An expression as source text, with no more parentheses than it needs. */
#ifndef GT_LANG_PRINT_H
#define GT_LANG_PRINT_H

#include "formula/print.h"
#include "lang/ast.h"

/*
 * Writes the expression into text, cut to fit `size` bytes with the NUL (size 0:
 * text may be NULL), and returns the length of the whole, as snprintf. Parsing it
 * gives an equal tree.
 */
size_t gt_lang_print(const gt_lang_expression *expression, char *text, size_t size);

/* The same with `marked` (by its address; NULL: none) between `before` and `after`. */
size_t gt_lang_print_marked(const gt_lang_expression *expression, const gt_lang_expression *marked, const char *before,
                            const char *after, char *text, size_t size);

/* An expression as the printer of formulas sees it. */
extern const gt_formula_reader gt_lang_formula_reader;

#endif
