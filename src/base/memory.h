/* All memory of the library is taken and given back here; a test makes every call fail in turn. */
#ifndef GT_BASE_MEMORY_H
#define GT_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* NULL on no memory and on a product that overflows. The memory of the first is zero. */
void *gt_memory_new(size_t count, size_t size);
void gt_memory_free(void *memory);
char *gt_memory_text(const char *text); /* a copy; NULL gives NULL */

/*
 * Makes room for `needed` elements in *array, whose capacity is *capacity, by
 * doubling. False on no memory: the array is then as it was.
 */
bool gt_memory_reserve(void **array, size_t *capacity, size_t needed, size_t size);
#define GT_RESERVE(array, capacity, needed)                                                        \
    gt_memory_reserve((void **)&(array), &(capacity), (needed), sizeof *(array))

#endif
