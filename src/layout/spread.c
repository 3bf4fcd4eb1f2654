/* Edges that end at one port stay apart, in the order in which they come. */
#include "base/memory.h"
#include "layout/inside.h"

#include <math.h>

#define BESIDE 10.0 /* at most between two ends */

/* Whether an edge that goes around comes to its end from smaller places. */
static bool comes_from_left(const gt_layout *layout, uint32_t i)
{
    const gt_layout_edge *edge = &layout->edges[i];
    return edge->shift != 0 ? edge->shift > 0 : layout->lines[i].left;
}

/* Where edge `i` comes from, across. */
static double origin_of(const gt_layout *layout, uint32_t i)
{
    const gt_layout_edge *edge = &layout->edges[i];
    const gt_layout_line *line = &layout->lines[i];
    bool within = line->from_channel == line->to_channel && edge->shift == 0;
    if (line->around && !within)
        return comes_from_left(layout, i) ? -1e9 : 1e9;
    if (line->slot_count > 0)
        return layout->slots[line->turned ? line->first_slot : line->first_slot + line->slot_count - 1].place;
    return layout->slots[edge->from].place + edge->from_port;
}

static bool share_port(const gt_layout *layout, uint32_t i, uint32_t k)
{
    return layout->edges[i].to_port == layout->edges[k].to_port && layout->lines[i].to_late == layout->lines[k].to_late;
}

static bool comes_before(const gt_layout *layout, uint32_t i, uint32_t k)
{
    double a = origin_of(layout, i), b = origin_of(layout, k);
    return a < b || (a == b && i < k);
}

/* Edge `i`, among those that enter its unit. */
static void move_end(gt_layout *layout, uint32_t i, const uint32_t *entering, uint32_t count)
{
    const gt_layout_edge *edge = &layout->edges[i];
    uint32_t sharing = 0, before = 0;
    for (uint32_t k = 0; k < count; k++)
        if (share_port(layout, i, entering[k])) {
            sharing++;
            before += comes_before(layout, entering[k], i);
        }
    double step = sharing < 2 ? 0 : fmin(BESIDE, 2 * edge->room / (sharing - 1));
    layout->lines[i].to_port = edge->to_port + (before - (sharing - 1) / 2.0) * step;
}

/* The gutter on whose side the two ends are. */
static void choose_gutter(gt_layout *layout, uint32_t i)
{
    const gt_layout_edge *edge = &layout->edges[i];
    double middle = layout->slots[edge->from].place + edge->from_port + layout->slots[edge->to].place + edge->to_port;
    layout->lines[i].left = edge->shift == 0 && middle < layout->inner_across;
}

bool gt_layout_spread_ends(gt_layout *layout)
{
    gt_layout_index entering;
    if (layout->edge_count == 0)
        return true;
    bool done = gt_layout_index_open(&entering, &layout->edges->to, sizeof *layout->edges / sizeof(uint32_t),
                                     layout->edge_count, layout->unit_count);
    for (uint32_t i = 0; i < layout->edge_count; i++)
        choose_gutter(layout, i);
    for (uint32_t i = 0; done && i < layout->edge_count; i++) {
        uint32_t first = entering.first[layout->edges[i].to], end = entering.first[layout->edges[i].to + 1];
        move_end(layout, i, entering.list + first, end - first);
    }
    gt_layout_index_close(&entering);
    return done;
}
