/* Edges as wires: in one region, or in several, from border to border. */
#include "base/memory.h"
#include "dump/arrange.h"

#define MIDDLE 1000000 /* position of the part in the region in which both ends are */

/* An end of an edge on its way to the region in which both ends are. */
typedef struct climber {
    uint32_t region;
    gt_end end;
    uint32_t node;
    uint32_t position; /* of the next part */
} climber;

static bool same_end(gt_end a, gt_end b)
{
    return a.unit == b.unit && a.slot == b.slot && a.column == b.column;
}

/* In a row, the column of an end says nothing: it is one of the template. */
static gt_end plain(gt_end end, const gt_region *region)
{
    if (region->units[end.unit].nested == GT_GRAPH_NONE)
        end.column = 0;
    return end;
}

static bool alike(const gt_graph *graph, const gt_wire *a, const gt_wire *b)
{
    const gt_graph_edge *first = &graph->edges[a->edge], *second = &graph->edges[b->edge];
    return same_end(a->from, b->from) && same_end(a->to, b->to) && a->shift == b->shift &&
           first->kind == second->kind && first->slot == second->slot;
}

/* A row has a wire for all columns; elsewhere each edge has its own. */
static bool find_wire(gt_arrangement *a, gt_region *region, const gt_wire *wire, uint32_t *place)
{
    for (*place = 0; region->row && *place < region->wire_count; ++*place)
        if (alike(a->drawing->graph, &region->wires[*place], wire))
            return true;
    if (!GT_RESERVE(region->wires, region->wire_capacity, region->wire_count + 1))
        return false;
    *place = (uint32_t)region->wire_count;
    region->wires[region->wire_count++] = *wire;
    return true;
}

static bool add_part(gt_arrangement *a, gt_part part)
{
    if (!GT_RESERVE(a->parts, a->part_capacity, a->part_count + 1))
        return false;
    size_t k = a->part_count++;
    for (; k > 0 && a->parts[k - 1].edge == part.edge && a->parts[k - 1].position > part.position; k--)
        a->parts[k] = a->parts[k - 1];
    a->parts[k] = part;
    return true;
}

/* Steps between two nodes of a row, also those that are left out. */
static int32_t shift_between(const gt_arrangement *a, uint32_t from, uint32_t to)
{
    const gt_drawing *d = a->drawing;
    return (int32_t)(d->cluster[to] - d->cluster[from]);
}

static bool wire_within(gt_arrangement *a, uint32_t i, uint32_t at, climber from, climber to, bool steps,
                        uint32_t position)
{
    gt_region *region = &a->regions[at];
    uint32_t from_column = region->row ? from.end.column : 0, to_column = region->row ? to.end.column : 0;
    gt_wire wire = {.from = plain(from.end, region), .to = plain(to.end, region), .edge = i};
    if (steps)
        wire.shift = shift_between(a, from.node, to.node);
    gt_part part = {.edge = i, .region = at, .from_column = from_column, .to_column = to_column, .position = position};
    return find_wire(a, region, &wire, &part.wire) && add_part(a, part);
}

/* ---- across borders ------------------------------------------------------------------------ */

/* Forward lines enter before the first layer and leave behind the last; adjoints the other way round. */
static gt_layout_border side_of(const gt_arrangement *a, uint32_t edge, bool leaving)
{
    const gt_graph *graph = a->drawing->graph;
    return graph->nodes[graph->edges[edge].from].backward == leaving ? GT_LAYOUT_FIRST : GT_LAYOUT_LAST;
}

/* The unit at the border of `region` for lines from `outside`, or out of the slot at `end`. */
static bool find_border(gt_region *region, gt_layout_border side, uint32_t outside, gt_end end, uint32_t *place)
{
    for (*place = 0; *place < region->unit_count; ++*place) {
        const gt_unit *unit = &region->units[*place];
        bool same = outside != GT_GRAPH_NONE ? unit->outside == outside
                                             : unit->outside == GT_GRAPH_NONE && unit->inside_unit == end.unit &&
                                                   unit->inside_slot == end.slot;
        if (unit->border == side && same)
            return true;
    }
    gt_unit unit = {.key = region->units[end.unit].key,
                    .border = side,
                    .nested = GT_GRAPH_NONE,
                    .outside = outside,
                    .inside_unit = end.unit,
                    .inside_slot = end.slot};
    return gt_unit_add(region, &unit, place);
}

/* To the region around; a wire leads to the border on the way. */
static bool climb(gt_arrangement *a, uint32_t i, climber *at, bool leaving, uint32_t outside)
{
    gt_region *region = &a->regions[at->region];
    climber border = {.region = at->region, .node = at->node};
    gt_end end = plain(at->end, region);
    if (!find_border(region, side_of(a, i, leaving), leaving ? GT_GRAPH_NONE : outside, end, &border.end.unit))
        return false;
    border.end.column = at->end.column;
    if (leaving ? !wire_within(a, i, at->region, *at, border, false, at->position++)
                : !wire_within(a, i, at->region, border, *at, false, at->position--))
        return false;
    at->end = (gt_end){.unit = region->unit, .slot = border.end.unit, .column = region->row ? at->end.column : 0};
    at->region = region->parent;
    return true;
}

/* Parents have smaller numbers. */
static bool wire_across(gt_arrangement *a, uint32_t i, climber from, climber to)
{
    uint32_t outside = from.node;
    to.position = 2 * MIDDLE;
    while (from.region != to.region)
        if (from.region > to.region ? !climb(a, i, &from, true, outside) : !climb(a, i, &to, false, outside))
            return false;
    return wire_within(a, i, from.region, from, to, false, MIDDLE);
}

/* ---- steps that are left out --------------------------------------------------------------- */

/* To or from a step that is left out: as the edge of another column runs that is alike. */
static bool wire_half(gt_arrangement *a, uint32_t i, uint32_t at, gt_end end, bool start)
{
    const gt_graph_edge *edge = &a->drawing->graph->edges[i];
    gt_region *region = &a->regions[at];
    int32_t shift = shift_between(a, edge->from, edge->to);
    for (uint32_t k = 0; k < region->wire_count; k++) {
        const gt_wire *wire = &region->wires[k];
        gt_end other = start ? wire->from : wire->to;
        if (wire->shift != shift || other.unit != end.unit || other.slot != end.slot)
            continue;
        return add_part(a, (gt_part){.edge = i,
                                     .region = at,
                                     .wire = k,
                                     .from_column = end.column,
                                     .to_column = end.column,
                                     .part = start ? GT_LAYOUT_START : GT_LAYOUT_END});
    }
    return true;
}

static climber climber_at(const gt_arrangement *a, uint32_t node)
{
    return (climber){.region = gt_region_of(a, node),
                     .node = node,
                     .end = {.unit = a->node_unit[node], .slot = a->node_slot[node], .column = gt_column_of(a, node)}};
}

static bool add_edge(gt_arrangement *a, uint32_t i, bool halves)
{
    const gt_graph_edge *edge = &a->drawing->graph->edges[i];
    climber from = climber_at(a, edge->from), to = climber_at(a, edge->to);
    bool drawn_from = from.end.unit != GT_GRAPH_NONE, drawn_to = to.end.unit != GT_GRAPH_NONE;
    bool one_row = from.region == to.region && a->regions[from.region].row;
    if (!gt_drawing_has_line(a->drawing, i) || (!drawn_from && !drawn_to) || (drawn_from && drawn_to) == halves)
        return true;
    if (halves)
        return !one_row || wire_half(a, i, from.region, drawn_from ? from.end : to.end, drawn_from);
    if (from.region != to.region)
        return wire_across(a, i, from, to);
    return wire_within(a, i, from.region, from, to, one_row, MIDDLE);
}

bool gt_arrange_wires(gt_arrangement *a)
{
    for (int halves = 0; halves < 2; halves++)
        for (uint32_t i = 0; i < a->drawing->graph->edge_count; i++)
            if (!add_edge(a, i, halves))
                return false;
    return true;
}
