/*
 * The reverse replay: one walk backward over a range of nodes that records
 * adjoints. gt_grad walks a tape and records on the same tape; the reverse rule
 * of a scan walks the body and records on the body of the reverse scan.
 */
#ifndef GT_GRAPH_REPLAY_H
#define GT_GRAPH_REPLAY_H

#include "graph/tape.h"

typedef struct gt_replay gt_replay;

struct gt_replay {
    gt_tape *source; /* whose nodes are walked */
    gt_tape *target; /* where adjoints are recorded */
    uint32_t limit;  /* nodes 1 to limit are walked */
    /* One entry per node of the source, from index 0 (unused) to limit: */
    uint32_t *adjoint; /* the node on the target, 0: none (a symbolic zero) */
    uint8_t *needed;   /* the node depends on something whose gradient is asked for */
    uint32_t *chain;   /* of a tuple: its first part; of a part: the next part; 0 ends it */
    /* The value of a node of the source as a var of the target; NULL where both are one tape. */
    gt_var (*primal)(void *context, uint32_t index);
    void *context;
};

/* Takes the memory for the arrays, zeroed, and links the chains. False (error on the target) on no memory. */
bool gt_replay_open(gt_replay *replay, gt_tape *source, gt_tape *target, uint32_t limit);
void gt_replay_close(gt_replay *replay);

/* Marks as needed every node that depends on a marked one through ops that pass a gradient. */
void gt_replay_mark_needed(const gt_tape *tape, uint32_t limit, uint8_t *needed);

/* Adds a contribution to the adjoint of source node `index`, summed to its shape. GT_NONE adds nothing. */
void gt_replay_add(gt_replay *replay, uint32_t index, gt_var contribution);
gt_var gt_replay_adjoint(const gt_replay *replay, uint32_t index); /* GT_NONE if there is none */
gt_var gt_replay_primal(gt_replay *replay, uint32_t index);

/* Walks from limit to 1, calling the reverse rules. */
void gt_replay_run(gt_replay *replay);

/* One rule being called. */
struct gt_reverse {
    gt_replay *replay;
    uint32_t node;
    /* A position in the chain of parts: rules read them in order. */
    uint32_t part_place, part_node;
};

#endif
