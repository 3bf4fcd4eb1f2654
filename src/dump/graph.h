/* A graph from the inside. */
#ifndef GT_DUMP_GRAPH_H
#define GT_DUMP_GRAPH_H

#include "base/pool.h"
#include "gradtape/graph.h"

struct gt_graph {
    const char *title;
    bool all_steps;  /* pictures leave none out */
    bool everything; /* it has all nodes, and is no picture */
    gt_graph_node *nodes;
    size_t node_count, node_capacity;
    gt_graph_edge *edges;
    size_t edge_count, edge_capacity;
    gt_graph_cluster *clusters;
    size_t cluster_count, cluster_capacity;
    gt_dimension *dimensions;
    uint32_t dimension_count;
    gt_pool texts; /* every text above, and the dimensions */
};

/*
 * A copy that lives as long as the graph; NULL on no memory. Of a text that is
 * not UTF-8, all bytes but ASCII become question marks.
 */
const char *gt_graph_text(gt_graph *graph, const char *text);

/* Whether a size of the graph's list is a name, and no expression. */
bool gt_is_size_name(const char *name);

/* False on no memory. */
bool gt_graph_add_node(gt_graph *graph, const gt_graph_node *node);
bool gt_graph_add_edge(gt_graph *graph, gt_graph_edge_kind kind, uint32_t from, uint32_t to, uint32_t slot);
bool gt_graph_add_cluster(gt_graph *graph, const gt_graph_cluster *cluster);

#endif
