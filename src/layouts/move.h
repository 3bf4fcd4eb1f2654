/* Moving a gate's part from one array to another. */
#ifndef GT_LAYOUTS_MOVE_H
#define GT_LAYOUTS_MOVE_H

#include "layouts/describe.h"

/* A region with the array that it lies in; data NULL: zeros. */
typedef struct gt_layout_part {
    const gt_layout_region *region; /* NULL: there is no such part */
    void *data;
} gt_layout_part;

/* to = from, or from + second if there is one; zeros where there is neither. */
void gt_layout_move(gt_dtype dtype, gt_layout_part to, gt_layout_part from, gt_layout_part second);

/* A copy of a matrix with its axes turned round. */
void gt_layout_transpose(gt_dtype dtype, const void *from, void *to, int64_t rows, int64_t columns);

#endif
