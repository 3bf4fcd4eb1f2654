/* The parts of a tuple, for the reverse rules of tuples. */
#ifndef GT_GRAPH_PARTS_H
#define GT_GRAPH_PARTS_H

#include "gradtape/op.h"

/* The nodes that read the tuple whose rule runs, in the order in which they were recorded. */
uint32_t gt_reverse_part_count(const gt_reverse *r);
/* The adjoint of the i-th; GT_NONE if none reached it. */
gt_var gt_reverse_part_cotangent(gt_reverse *r, uint32_t i);
int64_t gt_reverse_part_attribute(gt_reverse *r, uint32_t i, uint32_t place);

const gt_op *gt_reverse_part_op(gt_reverse *r, uint32_t i);

#endif
