/*
 * Where everything of a drawing stands. A picture consists of regions: the outermost one, the body
 * of each scan, and the row of steps of each unrolled loop. In a region stand units: the groups of
 * the drawing, regions inside, and places at the border where lines come from outside. The steps of
 * a row are one template, laid out once and drawn as often as there are columns: its units and their
 * slots are the union over the steps, matched by signatures.
 */
#ifndef GT_DUMP_ARRANGE_H
#define GT_DUMP_ARRANGE_H

#include "dump/box.h"
#include "layout/layout.h"

/* A place in a unit: of one node in each column that has it. */
typedef struct gt_slot {
    uint64_t signature;
    uint32_t node;    /* the first that was found */
    uint32_t used_by; /* the last column that has it, counted from 1 */
    bool backward;
    int32_t origin_slot;
    double across, along; /* extents */
    double core_across;   /* where the node itself is in its box */
    double core_extent;
    double offset_across, offset_along; /* of its middle, from the middle of the unit */
    uint32_t lane;
    bool covered, covers; /* another stands after it, or before it, in its lane */
} gt_slot;

typedef struct gt_unit {
    double key; /* units are laid out in this order */
    uint64_t signature;
    uint32_t used_by;
    bool forward;                      /* it holds a forward node */
    uint32_t nested;                   /* the region that stands here, or GT_GRAPH_NONE */
    gt_layout_border border;           /* a place at the border: */
    uint32_t outside;                  /* of lines from this node; or */
    uint32_t inside_unit, inside_slot; /* of lines out of this slot */
    gt_slot *slots;
    size_t slot_count, slot_capacity;
    uint32_t place; /* in the layout */
} gt_unit;

/* An end of a wire. Of a unit that is a region: a unit at its border, and the column. */
typedef struct gt_end {
    uint32_t unit, slot, column;
} gt_end;

/* What the edges of a region have in common that run alike in each column. */
typedef struct gt_wire {
    gt_end from, to;
    int32_t shift;  /* columns */
    uint32_t edge;  /* the first of them */
    uint32_t place; /* in the layout; GT_GRAPH_NONE: straight, within a unit */
} gt_wire;

typedef struct gt_region {
    uint32_t cluster; /* the scan that it is the body of, or whose steps it holds; or GT_GRAPH_NONE */
    bool row;
    uint32_t parent, unit; /* where it stands: a unit of another region */
    uint32_t first_step;   /* a row: its first cluster */
    uint32_t step_count, column_count;
    uint32_t fold_after; /* columns, then steps that are left out; 0: none are */
    gt_unit *units;
    size_t unit_count, unit_capacity;
    gt_wire *wires;
    size_t wire_count, wire_capacity;
    gt_layout_unit *layout_units;
    gt_layout_edge *layout_edges;
    gt_layout *layout;
    double before_along, after_along, before_across, after_across; /* room around the layout */
    double along, across;                                          /* where the layout starts, in the picture */
} gt_region;

/* A part of an edge, in one region. */
typedef struct gt_part {
    uint32_t edge, region, wire, from_column, to_column;
    gt_layout_part part;
    uint32_t position; /* among those of its edge, which follow one another, from start to end */
} gt_part;

/* Where room is saved. */
typedef struct gt_tightness {
    bool along, across;
} gt_tightness;

typedef struct gt_arrangement {
    const gt_drawing *drawing;
    gt_box *boxes;
    bool upward; /* layers from below to above; else from left to right */
    gt_tightness tight;
    gt_region *regions;
    size_t region_count, region_capacity;
    uint32_t *cluster_region, *cluster_column; /* GT_GRAPH_NONE: a step that is left out; the last: no cluster */
    uint32_t *node_unit, *node_slot;           /* GT_GRAPH_NONE: not drawn */
    gt_buckets clustered;                      /* nodes by cluster */
    gt_part *parts;
    size_t part_count, part_capacity;
    gt_pool pool;
    double along, across; /* extents of the picture */
} gt_arrangement;

#define GT_FOLD_EXTENT 74.0 /* room for the words about steps that are left out */

/* All false on no memory. Close it in any case. */
bool gt_arrangement_open(gt_arrangement *a, const gt_drawing *drawing, bool upward, gt_tightness tight);
void gt_arrangement_close(gt_arrangement *a);

/* Whether a step is left out of a row of so many. */
bool gt_step_is_left_out(const gt_graph *graph, uint32_t step, uint32_t step_count);

bool gt_arrange_regions(gt_arrangement *a);                   /* regions and their columns */
bool gt_arrange_units(gt_arrangement *a);                     /* units and slots */
bool gt_arrange_wires(gt_arrangement *a);                     /* wires, and parts of edges */
bool gt_arrange_layout(gt_arrangement *a, gt_region *region); /* of one region */
bool gt_arrange_slots(gt_arrangement *a, gt_region *region);  /* within its units */
uint64_t *gt_signatures(const gt_drawing *drawing);           /* for each node; NULL on no memory */
bool gt_unit_add(gt_region *region, const gt_unit *unit, uint32_t *place);

uint32_t gt_region_of(const gt_arrangement *a, uint32_t node);
uint32_t gt_column_of(const gt_arrangement *a, uint32_t node);
/* Where a column starts across, from the start of the layout. */
double gt_column_start(const gt_region *region, uint32_t column);
double gt_region_across(const gt_region *region); /* with all columns, without what is around */

#endif
