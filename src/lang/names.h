/* Which names a cell has given, also one that is still being read; of no cell, NULL, nothing is found. */
#ifndef GT_LANG_NAMES_H
#define GT_LANG_NAMES_H

#include "lang/ast.h"

/* Where an expression, which may be NULL, reads the name first; NULL if it does not. */
const gt_lang_expression *gt_lang_find_name(const gt_lang_expression *expression, const char *name);

/* NULL if there is none. The name has this length. */
const gt_lang_declaration *gt_lang_find_declaration(const gt_lang_cell *cell, const char *name, size_t length);
/* The first constant of that name, a number or an array; NULL if there is none. */
gt_lang_equation *gt_lang_find_constant(const gt_lang_cell *cell, const char *name);

/* Whether the name is given to anything, dimensions included. */
bool gt_lang_has_name(const gt_lang_cell *cell, const char *name);
/* Whether it is the name of a dimension. */
bool gt_lang_has_dimension(const gt_lang_cell *cell, const char *name);
/* Whether it is the name of a dimension or of a constant. */
bool gt_lang_has_number(const gt_lang_cell *cell, const char *name);

#endif
