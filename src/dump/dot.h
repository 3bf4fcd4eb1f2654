/*
 * A graph as a description for Graphviz: what is drawn and how. Parameters and
 * constants are drawn next to each use, so that their edges do not tangle; a
 * backward node stands in the group of the forward node that it belongs to.
 */
#ifndef GT_DUMP_DOT_H
#define GT_DUMP_DOT_H

#include "dump/buckets.h"
#include "dump/fold.h"
#include "dump/text.h"

typedef struct gt_drawing {
    const gt_graph *graph;
    uint32_t *group;      /* for each node, the node that its group is named after */
    uint32_t *cluster;    /* for each node, the cluster that it is drawn in, or GT_GRAPH_NONE */
    gt_buckets members;   /* nodes by group */
    gt_buckets entering;  /* edges by the group of their end */
    gt_buckets clustered; /* nodes by cluster; the last bucket: those outside of all */
    bool *is_first;       /* for each node: its step begins here */
    uint32_t *proxy;      /* for each edge: the number of the small node at its start, or GT_GRAPH_NONE */
    gt_fold fold;         /* what of the forward pass is written into labels of the backward half */
    bool in_time;         /* several steps side by side, each drawn upward; else from left to right */
    bool backward;        /* there is a backward half */
    gt_text *text;
} gt_drawing;

/* Appends the description. False on no memory. */
bool gt_graph_describe(const gt_graph *graph, gt_text *text);

/* Whether a node is drawn next to each of its uses instead of once. */
bool gt_drawn_at_uses(const gt_graph_node *node);

void gt_draw_node(const gt_drawing *d, uint32_t node);
void gt_draw_proxy(const gt_drawing *d, uint32_t edge);
void gt_draw_edges(const gt_drawing *d);
void gt_draw_legend(const gt_drawing *d);
/* With <, >, & and " as HTML entities, for labels that are HTML. */
void gt_draw_text(gt_text *text, const char *words);

#endif
