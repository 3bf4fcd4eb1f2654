/* The body of a compiled loop: the instructions of its lanes, one vector at a time. */
#ifndef GT_NATIVE_BODY_H
#define GT_NATIVE_BODY_H

#include "native/registers.h"

/* Writes all of them, for a whole vector or for the lanes of the mask. */
void gt_write_body(gt_registers *r, bool masked);

#endif
