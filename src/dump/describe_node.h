/* What a node's op says of it. */
#ifndef GT_DUMP_DESCRIBE_NODE_H
#define GT_DUMP_DESCRIBE_NODE_H

#include "dump/graph.h"

/* Label, detail and value of the node that v is. False on no memory. */
bool gt_describe_node(gt_graph *graph, gt_var v, gt_graph_node *node);

/* The values of its entries, as `shape` has them, if they are few and the interpreter has them. False on no memory. */
bool gt_describe_values(gt_graph *graph, const gt_interpreter *values, gt_var v, gt_graph_node *node);

#endif
