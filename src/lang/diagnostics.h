/* The list of what is wrong with a text. */
#ifndef GT_LANG_DIAGNOSTICS_H
#define GT_LANG_DIAGNOSTICS_H

#include "gradtape/lang.h"
#include "lang/ast.h"

#define GT_LANG_MAX_ERRORS 64 /* after which a text is not read further */

typedef struct gt_lang_diagnostics {
    gt_pool *pool; /* of the messages */
    gt_diagnostic *list;
    size_t count, capacity;
    uint32_t error_count;
    bool dropped; /* the last one, for there are enough: hints to it are, too */
    bool no_memory;
} gt_lang_diagnostics;

/* Adds an error. On no memory it is counted, and no_memory is set. */
void gt_lang_error(gt_lang_diagnostics *diagnostics, gt_lang_place place, const char *format, ...) GT_PRINTF(3, 4);
/* The same for what is only doubtful. */
void gt_lang_warning(gt_lang_diagnostics *diagnostics, gt_lang_place place, const char *format, ...) GT_PRINTF(3, 4);
/* Gives the last one a hint: what to do. */
void gt_lang_hint(gt_lang_diagnostics *diagnostics, const char *format, ...) GT_PRINTF(2, 3);

/* Whether reading further is of no use. */
bool gt_lang_enough(const gt_lang_diagnostics *diagnostics);

/* In the order of their places. */
void gt_lang_sort(gt_lang_diagnostics *diagnostics);
/* Frees the list; the messages belong to the pool. */
void gt_lang_diagnostics_free(gt_lang_diagnostics *diagnostics);

#endif
