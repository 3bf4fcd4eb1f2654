/*
 * Copying to memory that ends with a whole vector: the entries after the last are
 * zeros. What is stored by whole vectors can be loaded at once by whole vectors;
 * after a masked or a narrower store a processor waits.
 */
#ifndef GT_OPS_PADDED_H
#define GT_OPS_PADDED_H

#include "gradtape/op.h"

enum { GT_PADDED_BYTES = 64 }; /* of the longest vector: what is written ends at a multiple of this */

/* inputs[0], of stride 1, to output, for the processor at hand. */
gt_elementwise_f64_kernel *gt_choose_padded_copy_f64(void);
gt_elementwise_f32_kernel *gt_choose_padded_copy_f32(void);

#endif
