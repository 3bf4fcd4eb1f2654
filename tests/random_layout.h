/* Random graphs for the tests of layouts. */
#ifndef GT_TESTS_RANDOM_LAYOUT_H
#define GT_TESTS_RANDOM_LAYOUT_H

#include "layout/layout.h"

#include <stdlib.h>

#define MOST_UNITS 60
#define MOST_EDGES 160

static const gt_layout_spacing random_spacing = {.units = 14, .lines = 9, .channel = 20, .track = 7, .margin = 3};

typedef struct random_layout {
    gt_layout_unit units[MOST_UNITS];
    gt_layout_edge edges[MOST_EDGES];
    uint32_t unit_count, edge_count;
    unsigned state;
} random_layout;

static inline uint32_t below(random_layout *r, uint32_t count)
{
    r->state = r->state * 1103515245u + 12345u;
    return (r->state >> 8) % count;
}

/* Edges of all kinds; most lead from a smaller number to a larger one, but circles occur. */
static inline void add_random_edge(random_layout *r)
{
    uint32_t a = below(r, r->unit_count), b = below(r, r->unit_count);
    bool swap = a > b && below(r, 8) > 0;
    gt_layout_edge *edge = &r->edges[r->edge_count];
    *edge = (gt_layout_edge){.from = swap ? b : a,
                             .to = swap ? a : b,
                             .room = 8,
                             .order = below(r, 3) > 0 ? GT_LAYOUT_UP : (gt_layout_order)below(r, 3),
                             .weight = 1 + below(r, 3),
                             .around = below(r, 5) == 0};
    edge->from_port = (below(r, 3) - 1.0) * r->units[edge->from].across / 4;
    edge->to_port = (below(r, 3) - 1.0) * r->units[edge->to].across / 4;
    if (edge->around) {
        edge->shift = (int32_t)below(r, 5) - 2;
        edge->from_late = below(r, 2) == 0;
        edge->to_late = below(r, 2) == 0;
    }
    r->edge_count += edge->from != edge->to;
}

static inline void make_random_layout(random_layout *r, unsigned seed)
{
    *r = (random_layout){.state = seed * 2654435761u + 1};
    r->unit_count = 1 + below(r, MOST_UNITS);
    for (uint32_t i = 0; i < r->unit_count; i++)
        r->units[i] = (gt_layout_unit){.along = 10 + below(r, 40), .across = 10 + below(r, 90)};
    if (seed % 3 == 0 && r->unit_count > 4) {
        r->units[r->unit_count - 1] = (gt_layout_unit){.border = GT_LAYOUT_LAST};
        r->units[r->unit_count - 2] = (gt_layout_unit){.border = GT_LAYOUT_FIRST};
    }
    for (uint32_t i = below(r, MOST_EDGES); i > 0; i--)
        add_random_edge(r);
}

#endif
