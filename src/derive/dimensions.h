/* Where a program finds the sizes that its formulas read. */
#ifndef GT_DERIVE_DIMENSIONS_H
#define GT_DERIVE_DIMENSIONS_H

#include "derive/derivation.h"

/* A size of an array that tells a dimension: dimension = (size - rest) / factor. */
typedef struct gt_derive_source {
    const char *dimension;
    const gt_lang_declaration *array;
    int axis;
    int64_t factor;
    gt_lang_size rest; /* made of dimensions that stand before it in the list */
} gt_derive_source;

/*
 * Sources of all dimensions of the cell, in an order in which they can be computed; *count of them.
 * Dimensions that no array tells are left out. NULL on no memory.
 */
const gt_derive_source *gt_derive_find_dimensions(gt_derivation *d, uint32_t *count);

#endif
