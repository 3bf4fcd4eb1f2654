/* uthash with the library's memory, and with failures that can be handled. */
#ifndef GT_BASE_HASH_H
#define GT_BASE_HASH_H

#include "base/memory.h"

/*
 * After HASH_ADD the element's `added` member says whether it is in the table:
 * on no memory uthash leaves it out and calls this.
 */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((element)->added = false)
#define uthash_malloc(size) gt_memory_new(1, (size))
#define uthash_free(memory, size) gt_memory_free(memory)
#include <uthash.h>

#endif
