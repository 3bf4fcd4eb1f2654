/* What may be meant where shapes do not go together. */
#ifndef GT_LANG_CHECK_HINTS_H
#define GT_LANG_CHECK_HINTS_H

#include "lang/meaning.h"

#define GT_LANG_WORDS 48 /* of the text of an operand */

/* An operand in its own words if they are short. */
const char *gt_lang_words(const gt_lang_expression *e, const char *otherwise, char text[GT_LANG_WORDS]);
/* Whether two sizes go together element by element, and the size of the result. */
bool gt_lang_stretch(const gt_lang_size *a, const gt_lang_size *b, gt_lang_size *size);

/* Hints for the error just reported: of a @ b, of an operation element by element, of a product with a number. */
void gt_lang_hint_matmul(gt_lang_checker *c, const gt_lang_expression *a, const gt_lang_shape *left,
                         const gt_lang_expression *b, const gt_lang_shape *right);
void gt_lang_hint_elements(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *left,
                           const gt_lang_shape *right);
void gt_lang_hint_number(gt_lang_checker *c, const gt_lang_expression *e);

#endif
