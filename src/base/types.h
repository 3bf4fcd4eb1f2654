/*
 * The number types: a row for each, and what is done by the type of an array that is known only when
 * the program runs.
 */
#ifndef GT_BASE_TYPES_H
#define GT_BASE_TYPES_H

#include "gradtape/base.h"

/* What files call a type stands in io/file_types.h. */
typedef struct gt_type {
    const char *name; /* in messages and options */
    size_t size;      /* bytes of an entry */
    bool real;        /* may be a tape's and is differentiated; else it holds indices and targets */
    double largest;   /* that an entry can be */
    double tolerance; /* of a gradient computed in it, relative to its largest entry: what a check accepts */
} gt_type;

/* The row of a type; of what is none, one without size that is not real. */
const gt_type *gt_type_of(gt_dtype dtype);

static inline bool gt_type_is_real(gt_dtype dtype)
{
    return gt_type_of(dtype)->real;
}

/*
 * The one of two statements that is for this type of real numbers; none for another. Where arithmetic is
 * written for each type, it is chosen by this, so that a type which is added here is missed by the compiler
 * in all those places.
 */
#define GT_FOR_REAL(dtype, IN_F64, IN_F32)                                                                             \
    do {                                                                                                               \
        switch ((gt_dtype)(dtype)) {                                                                                   \
        case GT_F64:                                                                                                   \
            IN_F64;                                                                                                    \
            break;                                                                                                     \
        case GT_F32:                                                                                                   \
            IN_F32;                                                                                                    \
            break;                                                                                                     \
        case GT_I32:                                                                                                   \
            break;                                                                                                     \
        }                                                                                                              \
    } while (0)

#endif
