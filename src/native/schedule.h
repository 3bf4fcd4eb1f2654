/*
 * The order of the instructions of a loop's body. A processor looks ahead over
 * some hundred instructions at most, fewer than an activation after another one
 * takes: so chains that do not depend on each other are done side by side.
 */
#ifndef GT_NATIVE_SCHEDULE_H
#define GT_NATIVE_SCHEDULE_H

#include "native/compile.h"

/*
 * Puts the instructions of loop->lanes into `scheduled`, in an order in which at most about `live` values
 * are needed at a time. False on no memory.
 */
bool gt_schedule_loop(const gt_compiled_loop *loop, uint32_t live, gt_lanes *scheduled);

#endif
