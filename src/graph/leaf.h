/* What the leaf ops need from the tape beyond the public interface. */
#ifndef GT_GRAPH_LEAF_H
#define GT_GRAPH_LEAF_H

#include "gradtape/tape.h"

void gt_node_set_role(gt_var v, gt_role role);
/*
 * Where the node index of the scalar constant with these bits is kept, 0 if it
 * has none yet; NULL on no memory (then the error is on the tape).
 */
uint32_t *gt_tape_constant(gt_tape *tape, int64_t bits);

#endif
