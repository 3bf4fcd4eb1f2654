/* One layer in the layout of a framework: its arrays, and where in them each gate's parts lie. */
#ifndef GT_LAYOUTS_DESCRIBE_H
#define GT_LAYOUTS_DESCRIBE_H

#include "layouts/tables.h"

/* What is said of a layer and one of its directions. */
typedef struct gt_layout_sizes {
    int64_t hidden, input;              /* n, n_x */
    int64_t direction_count, direction; /* D; 0, or 1 for the reverse one */
} gt_layout_sizes;

typedef struct gt_layout_array {
    const char *name; /* without its layer */
    gt_shape shape;
    bool optional;
} gt_layout_array;

/* A matrix in an array: entry (i, j) is at base + i * row_stride + j * column_stride, column-major. */
typedef struct gt_layout_region {
    gt_layout_kind kind;
    char gate;
    uint32_t array;
    int64_t rows, columns;
    int64_t base, row_stride, column_stride;
    bool negated;
} gt_layout_region;

enum { GT_LAYOUT_ARRAYS = 16, GT_LAYOUT_REGIONS = GT_LAYOUT_GATES * GT_LAYOUT_KINDS };

typedef struct gt_layout {
    gt_layout_array arrays[GT_LAYOUT_ARRAYS];
    gt_layout_region regions[GT_LAYOUT_REGIONS];
    uint32_t array_count, region_count;
} gt_layout;

void gt_layout_describe(gt_framework framework, const gt_layout_cell *cell, const gt_layout_sizes *sizes,
                        gt_layout *layout);

/* NULL: the layout has no such part. */
const gt_layout_region *gt_layout_find(const gt_layout *layout, gt_layout_kind kind, char gate);

#endif
