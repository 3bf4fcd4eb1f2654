/*
 * From a tape to a graph, in three passes:
 *   reach.c   finds the nodes that the outputs depend on, bodies of scans included;
 *   tidy.c    decides which of them are shown, and as what;
 *   build.c   makes nodes, edges and clusters of them.
 */
#ifndef GT_DUMP_COLLECT_H
#define GT_DUMP_COLLECT_H

#include "dump/graph.h"
#include "gradtape/op.h"
#include "gradtape/scan.h"

/* One node of a collected tape, or a slice of a leaf at one step (tidy graphs only). */
typedef struct gt_entry {
    gt_var var;
    uint32_t tape;    /* place in the list of tapes */
    uint32_t alias;   /* the entry that is shown in its place; GT_GRAPH_NONE: none */
    uint32_t node;    /* of the graph; GT_GRAPH_NONE: none */
    uint32_t replays; /* for a slice of a leaf: the entry whose shape it has; else GT_GRAPH_NONE */
    int32_t step;
    bool reached;
    bool hidden;
    bool backward;
    bool output;      /* one of the graph's outputs */
    bool read;        /* a reached node reads it */
    const char *name; /* as shown; NULL: not decided */
} gt_entry;

typedef struct gt_collected_tape {
    gt_tape *tape;
    gt_scan *scan;       /* that it is the body of; NULL: the outermost tape */
    uint32_t scan_entry; /* the entry of the scan node */
    uint32_t parent;     /* place of the tape around it */
    uint32_t forward;    /* for the body of a reverse scan: place of the body that it reverses */
    uint32_t first;      /* entry of its first node; the others follow */
    uint32_t count;
    bool has_loop; /* some node belongs to a step, or is a scan whose body is shown */
    uint32_t cluster;
} gt_collected_tape;

typedef struct gt_collection {
    const gt_graph_options *options;
    gt_graph *graph;
    const gt_graph_output *outputs;
    uint32_t output_count;
    gt_collected_tape *tapes;
    size_t tape_count, tape_capacity;
    gt_entry *entries;
    size_t entry_count, entry_capacity;
} gt_collection;

/* False on no memory, as all functions here. */
bool gt_collection_reach(gt_collection *c);
bool gt_collection_tidy(gt_collection *c);
bool gt_collection_build(gt_collection *c);

/* The entry of a node of tape `tape`; GT_GRAPH_NONE for an invalid var. */
uint32_t gt_collection_entry(const gt_collection *c, uint32_t tape, gt_var v);
/* The entry of a node of any collected tape. */
uint32_t gt_collection_find(const gt_collection *c, gt_var v);
/* What is shown in place of entry `i`; GT_GRAPH_NONE if nothing is. */
uint32_t gt_collection_shown(const gt_collection *c, uint32_t i);
/* The tape that is the body of the scan whose node is entry `i`; GT_GRAPH_NONE if it is not shown. */
uint32_t gt_collection_body(const gt_collection *c, uint32_t i);
/* The body var that the part `part` of a scan reads. */
gt_var gt_scan_part_inside(gt_var part);
bool gt_entry_is_leaf(const gt_entry *entry); /* given from outside: it has a role */

#endif
