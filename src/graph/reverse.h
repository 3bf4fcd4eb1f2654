/* The state of a reverse replay, as the reverse rules that it calls see it; grad/replay.h walks it. */
#ifndef GT_GRAPH_REVERSE_H
#define GT_GRAPH_REVERSE_H

#include "gradtape/op.h"

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

/* The "adjoint" of a tuple: some part of it has one. */
#define GT_REPLAY_REACHED UINT32_MAX

gt_var gt_replay_adjoint(const gt_replay *replay, uint32_t index); /* GT_NONE if there is none */
gt_var gt_replay_primal(gt_replay *replay, uint32_t index);

/* One rule being called. */
struct gt_reverse {
    gt_replay *replay;
    uint32_t node;
    /* A position in the chain of parts: rules read them in order. */
    uint32_t part_place, part_node;
};

/* ---- the parts of a tuple, for the reverse rules of tuples --------------------------------- */

/* The nodes that read the tuple whose rule runs, in the order in which they were recorded. */
uint32_t gt_reverse_part_count(const gt_reverse *r);
/* The adjoint of the i-th; GT_NONE if none reached it. */
gt_var gt_reverse_part_cotangent(gt_reverse *r, uint32_t i);
int64_t gt_reverse_part_attribute(gt_reverse *r, uint32_t i, uint32_t place);

const gt_op *gt_reverse_part_op(gt_reverse *r, uint32_t i);

#endif
