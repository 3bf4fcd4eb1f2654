/*
 * Where the boxes of a picture stand, and how the lines between them run.
 *
 * A layout knows units, boxes with an extent along the axis of the layers and one across
 * it, and edges between them. It gives each unit a layer (rank.c), an order within the
 * layer (order.c) and a place across (place.c); edges run through free places between the
 * units of the layers that they cross, or around, through the channels between layers and a
 * gutter beside all of them (tracks.c), and never through a unit (route.c).
 *
 * A layout may stand in a row several times, one copy to a column: an edge with a shift leads to the copy
 * that many columns further on. The same units and edges give the same layout.
 */
#ifndef GT_LAYOUT_LAYOUT_H
#define GT_LAYOUT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a unit stands that is no box but a place at the border, for edges from outside. */
typedef enum gt_layout_border { GT_LAYOUT_INSIDE = 0, GT_LAYOUT_FIRST, GT_LAYOUT_LAST } gt_layout_border;

typedef struct gt_layout_unit {
    double along, across; /* extents */
    gt_layout_border border;
    bool ordered; /* in a layer those that are stand in the order given, whatever lines cross */
    /* what comes of it */
    uint32_t layer;
    double place; /* of its middle, across */
} gt_layout_unit;

/* What an edge says of the layers of its ends. */
typedef enum gt_layout_order {
    GT_LAYOUT_UP = 0, /* `from` stands in an earlier layer */
    GT_LAYOUT_DOWN,   /* `to` does */
    GT_LAYOUT_ANYHOW
} gt_layout_order;

typedef struct gt_layout_edge {
    uint32_t from, to;         /* units */
    double from_port, to_port; /* where it starts and ends: offsets across from the middle of the unit */
    double room;               /* how far from to_port its end may move aside, to stay apart from others */
    gt_layout_order order;     /* left out where it would close a circle; of two, the earlier edge holds */
    double weight;             /* how much it wants to be short and straight */
    bool around;               /* not from layer to layer, but through channels and a gutter: */
    bool from_late, to_late;   /* which side of the units it touches: that towards later layers? */
    int32_t shift;             /* from a copy of the layout to the one so many columns further on */
} gt_layout_edge;

typedef struct gt_layout_point {
    double along, across;
} gt_layout_point;

/* A piece of a path: a cubic Bézier curve. */
typedef struct gt_layout_piece {
    gt_layout_point control[2], end;
    bool straight;
} gt_layout_piece;

typedef struct gt_layout_path {
    gt_layout_point start;
    gt_layout_piece *pieces;
    size_t count, capacity;
} gt_layout_path;

/* Distances, in the unit of the extents. */
typedef struct gt_layout_spacing {
    double units;   /* between two units of a layer */
    double lines;   /* between a unit and a line that passes, and between two of these */
    double channel; /* between two layers, without what goes around */
    double track;   /* for each line in a channel or a gutter */
    double margin;  /* on both sides of all units, within the gutters */
} gt_layout_spacing;

typedef struct gt_layout gt_layout;

/*
 * Lays out; the arrays are borrowed, as long as the layout lives, and the results in the
 * units are written. Units of one layer stand in the order given, as far as that costs no
 * crossings. NULL on no memory.
 */
gt_layout *gt_layout_new(gt_layout_unit *units, uint32_t unit_count, gt_layout_edge *edges, uint32_t edge_count,
                         const gt_layout_spacing *spacing);
void gt_layout_free(gt_layout *layout); /* NULL is allowed */

/* Only the units' layers, which depend on no extents. False on no memory. */
bool gt_layout_layers(gt_layout_unit *units, uint32_t unit_count, gt_layout_edge *edges, uint32_t edge_count);

double gt_layout_along(const gt_layout *layout);  /* from the first layer's start to the last one's end */
double gt_layout_across(const gt_layout *layout); /* with the gutters on both sides; starts at 0 */
/* Where what lies between the gutters starts across, and its extent. */
double gt_layout_inner(const gt_layout *layout, double *extent);
double gt_layout_middle(const gt_layout *layout, uint32_t unit); /* of a unit, along */

typedef enum gt_layout_part { GT_LAYOUT_WHOLE = 0, GT_LAYOUT_START, GT_LAYOUT_END } gt_layout_part;

/*
 * How edge `edge` runs, from a copy that starts at `from` across to one at `to`. A part of
 * an edge that goes around leads straight from its start to `until` across, or from there to its end.
 * The path is emptied before; false on no memory.
 */
bool gt_layout_route(const gt_layout *layout, uint32_t edge, double from, double to, gt_layout_part part, double until,
                     gt_layout_path *path);
void gt_layout_path_free(gt_layout_path *path);

#endif
