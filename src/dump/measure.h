/* How wide a text is, in DejaVu Sans, which pictures ask for; Verdana, which stands in for it, is as wide. */
#ifndef GT_DUMP_MEASURE_H
#define GT_DUMP_MEASURE_H

#include <stdbool.h>

/* In the unit of `size`, the size of the font. What the table lacks counts as very wide. */
double gt_text_width(const char *text, double size, bool bold);

#endif
