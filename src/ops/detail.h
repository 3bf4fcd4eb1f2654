/* What attributes of several ops say, in pictures. */
#ifndef GT_OPS_DETAIL_H
#define GT_OPS_DETAIL_H

#include "gradtape/op.h"

/* Attributes axis, start, stop: "[0:5]", along the second axis "[:, 0:5]". */
void gt_detail_range(gt_var v, char *text, size_t size);
/* Attributes axis, before: where x stands in the result, the same way. */
void gt_detail_padding(gt_var v, char *text, size_t size);
/* Of a part of a split: which range it is. */
void gt_detail_part(gt_var v, char *text, size_t size);
/* Attribute 0: the axes that are reduced, bit by bit: "axis 0", "axes 0, 1". */
void gt_detail_axes(gt_var v, char *text, size_t size);

#endif
