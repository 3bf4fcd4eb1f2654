#include "ops/blocks.h"

#include <string.h>

gt_blocks gt_blocks_along(gt_array array, int64_t axis)
{
    gt_blocks blocks = {array.data, gt_dtype_size(array.dtype), (size_t)array.shape.size[axis], 1};
    for (int64_t i = 0; i < axis; i++)
        blocks.inner *= (size_t)array.shape.size[i];
    for (int64_t i = axis + 1; i < GT_MAX_RANK; i++)
        blocks.outer *= (size_t)array.shape.size[i];
    return blocks;
}

void gt_blocks_copy(gt_blocks to, size_t to_start, gt_blocks from, size_t from_start, size_t count)
{
    for (size_t block = 0; block < to.outer; block++)
        memcpy(to.data + (block * to.along + to_start) * to.inner,
               from.data + (block * from.along + from_start) * from.inner, count * to.inner);
}
