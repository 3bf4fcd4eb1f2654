/* A layout from the inside. */
#ifndef GT_LAYOUT_INSIDE_H
#define GT_LAYOUT_INSIDE_H

#include "layout/layout.h"

#define GT_LAYOUT_NONE UINT32_MAX

enum { GT_LAYOUT_LONGEST = 48 }; /* layers: an edge that is longer goes around */

/*
 * What stands in a layer: units, then places where edges pass. An edge from layer to layer
 * is a chain of links from its lower unit through its places to its upper one.
 */
typedef struct gt_layout_slot {
    uint32_t layer;
    uint32_t position; /* in its layer */
    double across;     /* extent */
    double place;
} gt_layout_slot;

typedef struct gt_layout_link {
    uint32_t lower, upper; /* slots of adjacent layers */
    double lower_port, upper_port;
    double weight;
} gt_layout_link;

/* Numbers sorted by a key: those of key k are list[first[k]] to list[first[k + 1] - 1]. */
typedef struct gt_layout_index {
    uint32_t *first, *list;
} gt_layout_index;

typedef struct gt_layout_line {
    bool turned; /* its lower end is the one where it ends */
    bool around;
    bool from_late, to_late;
    uint32_t first_slot; /* the places where it passes; from the lower end to the upper one */
    uint32_t slot_count;
    double from_port, to_port; /* with the room between edges that share a port */
    /* of what goes around: */
    uint32_t from_channel, to_channel; /* channel k is before layer k */
    bool left;                         /* which gutter */
    uint32_t from_track, to_track, gutter_track;
} gt_layout_line;

struct gt_layout {
    gt_layout_unit *units;
    gt_layout_edge *edges;
    uint32_t unit_count, edge_count;
    uint32_t layer_count;
    gt_layout_line *lines; /* for each edge */
    gt_layout_slot *slots;
    uint32_t slot_count;
    gt_layout_link *links;
    uint32_t link_count;
    gt_layout_index layers;       /* slots by layer, in their order */
    gt_layout_index below, above; /* links by their upper slot, by their lower one */
    uint32_t left_tracks, right_tracks;
    uint32_t *channel_tracks; /* for each channel; layer_count + 1 */
    double *layer_start;      /* along; layer_count */
    double *layer_extent;
    gt_layout_spacing spacing;
    double inner_across; /* without gutters */
};

/* All false on no memory. */
bool gt_layout_rank(gt_layout *layout);
bool gt_layout_make_slots(gt_layout *layout);
bool gt_layout_arrange(gt_layout *layout); /* the order in each layer */
bool gt_layout_place(gt_layout *layout);
bool gt_layout_spread_ends(gt_layout *layout);
bool gt_layout_find_tracks(gt_layout *layout);

/* keys[i] < key_count. */
bool gt_layout_index_open(gt_layout_index *index, const uint32_t *keys, size_t key_stride, uint32_t count,
                          uint32_t key_count);
void gt_layout_index_close(gt_layout_index *index);

/* How many pairs of links cross, with the slots' present positions. False on no memory. */
bool gt_layout_count_crossings(const gt_layout *layout, uint64_t *crossings);

/*
 * The places x nearest to the wanted ones, by the sum of weighted squares, with x[i + 1] - x[i] at
 * least gap[i]. `work` holds 3 * count numbers.
 */
void gt_layout_separate(const double *wanted, const double *weight, const double *gap, uint32_t count, double *x,
                        double *work);

double gt_layout_gutter(const gt_layout *layout, uint32_t tracks); /* its width */

#endif
