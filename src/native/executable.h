/* Memory that the processor executes. */
#ifndef GT_NATIVE_EXECUTABLE_H
#define GT_NATIVE_EXECUTABLE_H

#include "gradtape/base.h"

typedef struct gt_executable {
    void *code; /* NULL for none; at the start of a page */
    size_t bytes;
} gt_executable;

/*
 * Whether code of x86-64 can be made and run here: the processor and the system
 * are of the kind, and the system lets a page that has been written become
 * executable (some are set up not to). Tries it with a page each time.
 */
bool gt_executable_possible(void);

/*
 * Copies `count` bytes, at least one, to pages of their own that are then readable and
 * executable; no page is ever writable and executable at once. On failure
 * GT_ERROR_MEMORY or, where this cannot be done, GT_ERROR_UNSUPPORTED, and *executable is empty.
 */
gt_status gt_executable_make(gt_executable *executable, const uint8_t *bytes, size_t count);
void gt_executable_free(gt_executable *executable); /* empty it may be; it is so afterwards */

#endif
