/* Entries of arrays whose type is known only when the program runs. A type that is added must be a case in each. */
#ifndef GT_BASE_ENTRY_H
#define GT_BASE_ENTRY_H

#include "gradtape/base.h"

#include <math.h>

/* Entry i as a double. */
static inline double gt_entry_at(const void *data, gt_dtype dtype, int64_t i)
{
    switch (dtype) {
    case GT_F64:
        return ((const double *)data)[i];
    case GT_F32:
        return (double)((const float *)data)[i];
    case GT_I32:
        return (double)((const int32_t *)data)[i];
    }
    return NAN;
}

/* Makes entry i the value, rounded to the type. An i32 takes whole numbers of 32 bits. */
static inline void gt_entry_set(void *data, gt_dtype dtype, int64_t i, double value)
{
    switch (dtype) {
    case GT_F64:
        ((double *)data)[i] = value;
        break;
    case GT_F32:
        ((float *)data)[i] = (float)value;
        break;
    case GT_I32:
        ((int32_t *)data)[i] = (int32_t)value;
        break;
    }
}

/* What an entry would be after that: the value itself, an infinity where it is too large. */
static inline double gt_entry_rounded(gt_dtype dtype, double value)
{
    switch (dtype) {
    case GT_F64:
        return value;
    case GT_F32:
        return (double)(float)value;
    case GT_I32:
        return nearbyint(value);
    }
    return NAN;
}

#endif
