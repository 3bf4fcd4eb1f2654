#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *gt_memory_new(uint64_t count, size_t size)
{
    if (count > SIZE_MAX)
        return NULL;
    /* One byte at least, so that NULL always means no memory. */
    return count == 0 ? calloc(1, 1) : calloc((size_t)count, size);
}

void gt_memory_free(void *memory)
{
    free(memory);
}

char *gt_memory_text(const char *text)
{
    if (text == NULL)
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

bool gt_memory_reserve(void **array, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity)
        return true;
    size_t larger = *capacity < 8 ? 8 : *capacity;
    while (larger < needed) {
        if (larger > SIZE_MAX / 2)
            return false;
        larger *= 2;
    }
    if (larger > SIZE_MAX / size)
        return false;
    void *memory = realloc(*array, larger * size);
    if (memory == NULL)
        return false;
    *array = memory;
    *capacity = larger;
    return true;
}
