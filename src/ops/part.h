/* One part of a split: the places of its attributes. */
#ifndef GT_OPS_PART_H
#define GT_OPS_PART_H

#include "gradtape/op.h"

enum { GT_PART_INDEX, GT_PART_START, GT_PART_SIZE, GT_PART_AXIS, GT_PART_DROP, GT_PART_ATTRIBUTES };

/* Records the part [start, start + size) of a split along `axis`, without that axis if `drop`. */
gt_var gt_record_part(gt_var split, uint32_t i, int64_t start, int64_t size, int axis, bool drop);

#endif
