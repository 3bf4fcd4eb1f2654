/* What a node's op says of it. */
#ifndef GT_DUMP_DESCRIBE_NODE_H
#define GT_DUMP_DESCRIBE_NODE_H

#include "dump/graph.h"

/* Label, detail and value of the node that v is. False on no memory. */
bool gt_describe_node(gt_graph *graph, gt_var v, gt_graph_node *node);

#endif
