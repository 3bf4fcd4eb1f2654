/* From units and wires to a layout. */
#include "base/memory.h"
#include "dump/arrange.h"

#include <math.h>

/* ---- units --------------------------------------------------------------------------------- */

/* By their keys; equals stay in order. */
static bool order_units(gt_region *region)
{
    uint32_t *order = gt_memory_new(region->unit_count, sizeof *order);
    for (uint32_t i = 0; order != NULL && i < region->unit_count; i++) {
        uint32_t k = i;
        for (; k > 0 && region->units[order[k - 1]].key > region->units[i].key; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (uint32_t i = 0; order != NULL && i < region->unit_count; i++)
        region->units[order[i]].place = i;
    gt_memory_free(order);
    return order != NULL;
}

/* What the text gives a name, such as a gate, stands in the order of the text. */
static bool is_named(const gt_arrangement *a, const gt_unit *unit)
{
    const gt_graph_node *node = unit->slot_count > 0 ? &a->drawing->graph->nodes[unit->slots[0].node] : NULL;
    return node != NULL && node->kind == GT_GRAPH_OP && !node->backward && node->name[0] != '\0';
}

static void set_nested_extents(const gt_arrangement *a, gt_region *region)
{
    for (uint32_t i = 0; i < region->unit_count; i++) {
        const gt_unit *unit = &region->units[i];
        gt_layout_unit *extents = &region->layout_units[unit->place];
        extents->border = unit->border;
        extents->ordered = is_named(a, unit);
        if (unit->nested == GT_GRAPH_NONE)
            continue;
        const gt_region *nested = &a->regions[unit->nested];
        extents->along = nested->before_along + gt_layout_along(nested->layout) + nested->after_along;
        extents->across = nested->before_across + gt_region_across(nested) + nested->after_across;
    }
}

/* ---- edges --------------------------------------------------------------------------------- */

static bool is_within(const gt_wire *wire)
{
    return wire->from.unit == wire->to.unit && wire->shift == 0;
}

/* Forward edges make the layers; adjoints where one end has no forward node to stand by. */
static gt_layout_order order_of(const gt_arrangement *a, const gt_region *region, const gt_wire *wire)
{
    const gt_graph_edge *edge = &a->drawing->graph->edges[wire->edge];
    const gt_graph_node *from = &a->drawing->graph->nodes[edge->from], *to = &a->drawing->graph->nodes[edge->to];
    const gt_unit *first = &region->units[wire->from.unit], *second = &region->units[wire->to.unit];
    if (first->border != GT_LAYOUT_INSIDE || second->border != GT_LAYOUT_INSIDE || wire->shift != 0 ||
        edge->kind == GT_GRAPH_NEXT)
        return GT_LAYOUT_ANYHOW;
    if (!from->backward && !to->backward)
        return GT_LAYOUT_UP;
    return from->backward && (!first->forward || !second->forward) ? GT_LAYOUT_DOWN : GT_LAYOUT_ANYHOW;
}

static void set_edge(const gt_arrangement *a, const gt_region *region, const gt_wire *wire, gt_layout_edge *edge)
{
    const gt_graph *graph = a->drawing->graph;
    const gt_graph_edge *e = &graph->edges[wire->edge];
    bool backward = graph->nodes[e->from].backward || graph->nodes[e->to].backward;
    *edge = (gt_layout_edge){.from = region->units[wire->from.unit].place,
                             .to = region->units[wire->to.unit].place,
                             .order = order_of(a, region, wire),
                             .weight = backward ? 1 : 3,
                             .shift = wire->shift,
                             .around = wire->shift != 0 || e->kind == GT_GRAPH_NEXT,
                             .from_late = !graph->nodes[e->from].backward,
                             .to_late = graph->nodes[e->from].backward};
}

/* Those first that make layers. */
static uint32_t set_edges(const gt_arrangement *a, gt_region *region)
{
    uint32_t count = 0;
    for (int order = GT_LAYOUT_UP; order <= GT_LAYOUT_ANYHOW; order++)
        for (size_t i = 0; i < region->wire_count; i++) {
            gt_wire *wire = &region->wires[i];
            if (is_within(wire) || (int)order_of(a, region, wire) != order)
                continue;
            wire->place = count;
            set_edge(a, region, wire, &region->layout_edges[count++]);
        }
    return count;
}

/* ---- ports --------------------------------------------------------------------------------- */

static double port_of(const gt_arrangement *a, const gt_region *region, gt_end end, double *room)
{
    const gt_unit *unit = &region->units[end.unit];
    *room = 0;
    if (unit->border != GT_LAYOUT_INSIDE)
        return 0;
    if (unit->nested == GT_GRAPH_NONE) {
        const gt_slot *slot = &unit->slots[end.slot];
        *room = fmax(slot->core_extent / 2 - 6, 0);
        return slot->offset_across + slot->core_across;
    }
    const gt_region *nested = &a->regions[unit->nested];
    double place = nested->layout_units[nested->units[end.slot].place].place;
    return nested->before_across + gt_column_start(nested, end.column) + place -
           region->layout_units[unit->place].across / 2;
}

/* The slot at an end; NULL for a border and a region. */
static const gt_slot *slot_at(const gt_region *region, gt_end end)
{
    const gt_unit *unit = &region->units[end.unit];
    return unit->slot_count > 0 ? &unit->slots[end.slot] : NULL;
}

/* A slot behind which another stands is touched at its other side; a region where the line goes on inside. */
static void keep_free(const gt_arrangement *a, const gt_region *region, gt_end end, bool *late)
{
    const gt_slot *slot = slot_at(region, end);
    uint32_t nested = region->units[end.unit].nested;
    if (slot != NULL && (slot->covered || slot->covers))
        *late = slot->covers;
    if (nested != GT_GRAPH_NONE)
        *late = a->regions[nested].units[end.slot].border == GT_LAYOUT_LAST;
}

static void choose_sides(const gt_arrangement *a, const gt_region *region, const gt_wire *wire, gt_layout_edge *edge)
{
    uint32_t from = region->layout_units[edge->from].layer, to = region->layout_units[edge->to].layer;
    const gt_slot *first = slot_at(region, wire->from), *second = slot_at(region, wire->to);
    if (!edge->around) {
        bool down = from == to &&
                    (!edge->from_late || (first != NULL && first->covered) || (second != NULL && second->covered));
        edge->from_late = from < to || (from == to && !down);
        edge->to_late = from > to || (from == to && !down);
    }
    bool from_late = edge->from_late, to_late = edge->to_late;
    keep_free(a, region, wire->from, &edge->from_late);
    keep_free(a, region, wire->to, &edge->to_late);
    edge->around |= from == to || from_late != edge->from_late || to_late != edge->to_late;
}

static void set_ports(const gt_arrangement *a, gt_region *region)
{
    for (size_t i = 0; i < region->wire_count; i++) {
        const gt_wire *wire = &region->wires[i];
        double room;
        if (wire->place == GT_GRAPH_NONE)
            continue;
        gt_layout_edge *edge = &region->layout_edges[wire->place];
        edge->from_port = port_of(a, region, wire->from, &room);
        /* A line to another step leaves beside those that stay. */
        edge->from_port += wire->shift > 0 ? room / 2 : wire->shift < 0 ? -room / 2 : 0;
        edge->to_port = port_of(a, region, wire->to, &edge->room);
        choose_sides(a, region, wire, edge);
    }
}

/* ---- within a unit ------------------------------------------------------------------------- */

/* Neighbours in a unit are joined by a straight line; others through the channel beside it. */
static bool are_neighbours(const gt_slot *from, const gt_slot *to)
{
    if (from->lane == to->lane)
        return true;
    bool single = !from->covered && !to->covered && !from->covers && !to->covers;
    return single && (from->lane + 1 == to->lane || to->lane + 1 == from->lane);
}

static uint32_t add_edges_within(const gt_arrangement *a, gt_region *region, uint32_t count)
{
    for (size_t i = 0; i < region->wire_count; i++) {
        gt_wire *wire = &region->wires[i];
        if (!is_within(wire))
            continue;
        const gt_slot *from = slot_at(region, wire->from), *to = slot_at(region, wire->to);
        wire->place = GT_GRAPH_NONE;
        if (from == NULL || to == NULL || (from != to && are_neighbours(from, to)))
            continue;
        wire->place = count;
        gt_layout_edge *edge = &region->layout_edges[count++];
        set_edge(a, region, wire, edge);
        edge->order = GT_LAYOUT_ANYHOW;
        edge->around = true;
        edge->from_late = edge->to_late = !from->backward || !(from->covered || to->covered);
    }
    return count;
}

/* ---- all together --------------------------------------------------------------------------- */

static gt_layout_spacing spacing_of(const gt_arrangement *a, const gt_region *region)
{
    return (gt_layout_spacing){.units = a->tight.across ? 9 : 14,
                               .lines = a->tight.across ? 7 : 9,
                               .channel = a->tight.along ? 12 : 22,
                               .track = a->tight.along || a->tight.across ? 5 : 7,
                               .margin = region->row ? 8 : 0};
}

bool gt_arrange_layout(gt_arrangement *a, gt_region *region)
{
    region->layout_units = gt_memory_new(region->unit_count, sizeof *region->layout_units);
    region->layout_edges = gt_memory_new(region->wire_count, sizeof *region->layout_edges);
    if (region->layout_units == NULL || region->layout_edges == NULL || !order_units(region))
        return false;
    uint32_t units = (uint32_t)region->unit_count, edges = set_edges(a, region);
    set_nested_extents(a, region);
    if (!gt_layout_layers(region->layout_units, units, region->layout_edges, edges) || !gt_arrange_slots(a, region))
        return false;
    edges = add_edges_within(a, region, edges);
    set_ports(a, region);
    gt_layout_spacing spacing = spacing_of(a, region);
    region->layout = gt_layout_new(region->layout_units, units, region->layout_edges, edges, &spacing);
    return region->layout != NULL;
}
