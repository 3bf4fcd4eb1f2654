/* Entries of arrays whose type is known only when the program runs. */
#ifndef GT_BASE_ENTRY_H
#define GT_BASE_ENTRY_H

#include "gradtape/base.h"

#include <math.h>

/* Entry i as a double. A type that is added must be a case here, or compilers complain. */
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

#endif
