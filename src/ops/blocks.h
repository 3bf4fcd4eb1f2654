/*
 * Arrays cut along one axis, for the ops that move entries. Around an axis an
 * array is `outer` blocks, each of `along` slices of `inner` bytes. Entries are
 * moved as bytes, so these work for every type.
 */
#ifndef GT_OPS_BLOCKS_H
#define GT_OPS_BLOCKS_H

#include "gradtape/base.h"

typedef struct gt_blocks {
    char *data;
    size_t inner; /* bytes of one slice within one block */
    size_t along;
    size_t outer;
} gt_blocks;

gt_blocks gt_blocks_along(gt_array array, int64_t axis);
/* Copies `count` slices of every block: from slice from_start on to slice to_start on. */
void gt_blocks_copy(gt_blocks to, size_t to_start, gt_blocks from, size_t from_start, size_t count);

#endif
