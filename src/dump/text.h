/* A text that grows. */
#ifndef GT_DUMP_TEXT_H
#define GT_DUMP_TEXT_H

#include "gradtape/base.h"

typedef struct gt_text {
    char *bytes; /* ends with a zero byte that is not counted; NULL: nothing yet */
    size_t count, capacity;
    bool failed; /* no memory: the text is not complete */
} gt_text;

void gt_text_print(gt_text *text, const char *format, ...) GT_PRINTF(2, 3);
void gt_text_put(gt_text *text, const char *bytes, size_t count);
void gt_text_free(gt_text *text);

#endif
