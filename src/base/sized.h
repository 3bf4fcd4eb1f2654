/* Structs of a user's that begin with their size: an older program knows fewer fields. */
#ifndef GT_BASE_SIZED_H
#define GT_BASE_SIZED_H

#include <string.h>

/* Copies what the program knows of; what it does not is 0. A size of 0 is that of this library. */
static inline void gt_take_sized(void *to, const void *from, size_t size)
{
    size_t given;
    memcpy(&given, from, sizeof given);
    memset(to, 0, size);
    memcpy(to, from, given == 0 || given > size ? size : given);
}

#endif
