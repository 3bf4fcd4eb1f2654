/* The parts of build.c. A gt_builder is one graph being made of a collection. */
#ifndef GT_DUMP_BUILD_H
#define GT_DUMP_BUILD_H

#include "dump/name.h"
#include "dump/sources.h"

typedef struct gt_builder {
    gt_collection *c;
    gt_graph *graph;
    gt_sources sources;
} gt_builder;

/* Edges between entries; gt_build_nodes then numbers them anew. All return false on no memory. */
bool gt_build_edges(gt_builder *b);
bool gt_build_clusters(gt_builder *b);
bool gt_build_nodes(gt_builder *b);
bool gt_build_outputs(gt_builder *b);

#endif
