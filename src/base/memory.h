/* All memory of the library is taken and given back here; a test makes every call fail in turn. */
#ifndef GT_BASE_MEMORY_H
#define GT_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Zeroed memory; NULL if there is none and if the product overflows. A count has 64 bits also where
 * a size has 32, and is checked here, once for all: never cast one to size_t on its way. A negative
 * one is too large.
 */
void *gt_memory_new(uint64_t count, size_t size);
/* The sum, or what no memory can be had of where it overflows. */
static inline size_t gt_size_add(size_t a, size_t b)
{
    size_t sum;
    return __builtin_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}
void gt_memory_free(void *memory);
char *gt_memory_text(const char *text); /* a copy; NULL gives NULL */

/*
 * Makes room for `needed` elements in *array, whose capacity is *capacity, by
 * doubling. False on no memory: the array is then as it was.
 */
bool gt_memory_reserve(void **array, size_t *capacity, size_t needed, size_t size);
#define GT_RESERVE(array, capacity, needed) gt_memory_reserve((void **)&(array), &(capacity), (needed), sizeof *(array))

#endif
