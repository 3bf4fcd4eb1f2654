/* What an initial value can draw: its name, and how many numbers it takes. */
#ifndef GT_LANG_DRAWS_H
#define GT_LANG_DRAWS_H

#include "base/stream.h"
#include "lang/ast.h"

enum { GT_LANG_MOST_DRAWN = 2 }; /* numbers of a distribution */

typedef struct gt_lang_draw_entry {
    const char *name;
    uint32_t count; /* of its numbers */
} gt_lang_draw_entry;

const gt_lang_draw_entry *gt_lang_draw_at(gt_lang_draw draw); /* NULL past the end */
bool gt_lang_draw_find(const char *name, gt_lang_draw *draw);

/* The initializer of a whole array that draws so. */
gt_initializer gt_lang_draw_initializer(gt_lang_draw draw, const double *numbers);
/* The number that belongs to entry i. */
double gt_lang_draw_number(gt_lang_draw draw, const double *numbers, const gt_stream *stream, uint64_t i);
/* What is wrong with the numbers of a distribution; NULL if nothing is. */
const char *gt_lang_draw_problem(gt_lang_draw draw, const double *numbers);

#endif
