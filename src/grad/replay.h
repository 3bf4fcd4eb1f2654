/*
 * The reverse replay: one walk backward over a range of nodes that records
 * adjoints. gt_grad walks a tape and records on the same tape; the reverse rule
 * of a scan walks the body and records on the body of the reverse scan.
 */
#ifndef GT_GRAD_REPLAY_H
#define GT_GRAD_REPLAY_H

#include "graph/reverse.h"
#include "graph/tape.h"

/* Takes the memory for the arrays, zeroed, and links the chains. False (error on the target) on no memory. */
bool gt_replay_open(gt_replay *replay, gt_tape *source, gt_tape *target, uint32_t limit);
void gt_replay_close(gt_replay *replay);

/* Marks as needed every node that depends on a marked one through ops that pass a gradient. */
void gt_replay_mark_needed(const gt_tape *tape, uint32_t limit, uint8_t *needed);

/* Adds a contribution to the adjoint of source node `index`, summed to its shape. GT_NONE adds nothing. */
void gt_replay_add(gt_replay *replay, uint32_t index, gt_var contribution);

/* Walks from limit to 1, calling the reverse rules. */
void gt_replay_run(gt_replay *replay);

#endif
