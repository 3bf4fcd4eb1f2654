/* The greatest common divisor. */
#ifndef GT_BASE_DIVISOR_H
#define GT_BASE_DIVISOR_H

#include <stdint.h>

static inline int64_t gt_common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

#endif
