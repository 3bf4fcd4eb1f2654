/* The values of one tape during an evaluation. */
#ifndef GT_EXEC_FRAME_H
#define GT_EXEC_FRAME_H

#include "graph/tape.h"

typedef struct gt_frame gt_frame;

/* All arrays have one entry per node, from index 0 (unused) to count. */
struct gt_frame {
    gt_tape *tape;
    uint32_t count;
    const void **data;  /* the value in this evaluation; NULL: not computed */
    void **placed;      /* where the value is to be written, if not into its own memory */
    void **own;         /* memory of the node, kept from evaluation to evaluation */
    const void **bound; /* what the user bound to an input */
    uint8_t *wanted;    /* the outputs depend on the node */
    uint32_t *chain;    /* of a tuple: its first part; of a part: the next; 0 ends it */
    gt_frame **bodies;  /* of a scan: the frame of its body */
};

gt_frame *gt_frame_new(gt_tape *tape);
void gt_frame_free(gt_frame *frame);

/* Makes room for nodes recorded since, and forgets the last evaluation. False on no memory. */
bool gt_frame_begin(gt_frame *frame);

/* Marks, below the nodes already marked as wanted, everything that they depend on. */
void gt_frame_mark(gt_frame *frame);

/* Memory for the value of a node: where it was placed, or its own. NULL on no memory. */
void *gt_frame_memory(gt_frame *frame, uint32_t index);

/* The bytes of a node's value. */
size_t gt_frame_bytes(const gt_frame *frame, uint32_t index);
/* The value as an array; the data must not be written. */
gt_array gt_frame_array(const gt_frame *frame, uint32_t index);

#endif
