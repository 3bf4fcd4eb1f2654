/*
 * What is drawn of a graph, before anything has a place. A parameter or a constant is drawn joined
 * to each op that reads it, so that no lines tangle; a backward node stands in the group of the
 * forward node that it belongs to; what a label says is not drawn.
 */
#ifndef GT_DUMP_DRAWING_H
#define GT_DUMP_DRAWING_H

#include "dump/buckets.h"
#include "dump/fold.h"

typedef struct gt_drawing {
    const gt_graph *graph;
    gt_fold fold;         /* what of the forward pass is written into labels of the backward half */
    uint32_t *group;      /* for each node, the node that its group is named after */
    uint32_t *cluster;    /* for each node, the cluster that it is drawn in, or GT_GRAPH_NONE */
    bool *shown;          /* for each node: it has a box of its own */
    bool *joined;         /* for each edge: its start is drawn joined to its end */
    bool *sums;           /* for each node: it is a sum over steps, and adds to itself */
    gt_buckets joined_to; /* joined edges by their end; the last bucket: all others */
    gt_buckets members;   /* nodes by group */
    bool in_time;         /* several steps side by side */
    bool backward;        /* there is a backward half */
} gt_drawing;

/* False on no memory. Close it in any case. */
bool gt_drawing_open(gt_drawing *drawing, const gt_graph *graph);
void gt_drawing_close(gt_drawing *drawing);

/* Whether an edge is a line between two boxes. */
bool gt_drawing_has_line(const gt_drawing *drawing, uint32_t edge);

/* How a node looks. */
typedef enum gt_look {
    GT_LOOK_OP = 0,
    GT_LOOK_BACKWARD,
    GT_LOOK_INPUT,
    GT_LOOK_PARAMETER,
    GT_LOOK_STATE,
    GT_LOOK_CONSTANT,
    GT_LOOK_COUNT
} gt_look;
gt_look gt_look_of(const gt_graph_node *node);

/* How a line looks. */
typedef enum gt_line_look {
    GT_LINE_VALUE = 0,
    GT_LINE_STATE, /* from step to step, and into a loop */
    GT_LINE_NEXT,  /* to the next step of a loop */
    GT_LINE_READ,  /* the backward half reads a value */
    GT_LINE_ADJOINT,
    GT_LINE_ADJOINT_STATE,
    GT_LINE_ADJOINT_NEXT,
    GT_LINE_COUNT
} gt_line_look;
gt_line_look gt_line_look_of(const gt_drawing *drawing, const gt_graph_edge *edge);

#endif
