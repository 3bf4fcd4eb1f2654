/*
 * Slots within a unit: the forward node first, then the backward ones, side by side. Where one leads to the next
 * and lines can reach both, they stand in one lane, in the direction in which adjoints flow.
 */
#include "base/memory.h"
#include "dump/arrange.h"

#include <math.h>

#define BETWEEN 10.0 /* two slots */
#define FRAME 4.0    /* around several */
#define MOST_ABREAST 3

/* A layer that is wider has slots behind one another. */
#define WIDEST_UPWARD 1200.0
#define WIDEST_RIGHTWARD 640.0

/* ---- extents ------------------------------------------------------------------------------- */

static void measure(const gt_arrangement *a, gt_slot *slot, const gt_box *box)
{
    double across = a->upward ? box->width : box->height, along = a->upward ? box->height : box->width;
    slot->across = fmax(slot->across, across);
    slot->along = fmax(slot->along, along);
    if (slot->core_extent == 0) {
        slot->core_across = a->upward ? box->core_x : box->core_y;
        slot->core_extent = a->upward ? box->core_width : box->core_height;
    }
}

static void measure_all(const gt_arrangement *a, gt_region *region)
{
    for (uint32_t i = 0; i < a->drawing->graph->node_count; i++)
        if (a->node_unit[i] != GT_GRAPH_NONE && &a->regions[gt_region_of(a, i)] == region)
            measure(a, &region->units[a->node_unit[i]].slots[a->node_slot[i]], &a->boxes[i]);
}

/* ---- lanes --------------------------------------------------------------------------------- */

/* The layers of a unit and of the one at the other end of a wire, as they are without extents. */
static bool can_reach(const gt_region *region, const gt_wire *wire, bool start, bool covered)
{
    uint32_t layer = region->layout_units[region->units[(start ? wire->from : wire->to).unit].place].layer;
    uint32_t other = region->layout_units[region->units[(start ? wire->to : wire->from).unit].place].layer;
    return wire->shift != 0 || (covered ? other <= layer : other >= layer);
}

/* Whether all lines of a slot but that to its companion touch it at the side that is free. */
static bool is_reached(const gt_region *region, uint32_t unit, uint32_t slot, uint32_t companion, bool covered)
{
    for (size_t i = 0; i < region->wire_count; i++) {
        const gt_wire *wire = &region->wires[i];
        bool start = wire->from.unit == unit && wire->from.slot == slot;
        bool end = wire->to.unit == unit && wire->to.slot == slot;
        bool within = wire->from.unit == wire->to.unit && wire->shift == 0;
        uint32_t other = start ? wire->to.slot : wire->from.slot;
        if ((!start && !end) || (within && other == companion))
            continue;
        if (within || !can_reach(region, wire, start, covered))
            return false;
    }
    return true;
}

/* The one slot that reads this one in the unit; GT_GRAPH_NONE if there is none, or several are. */
static uint32_t reader_of(const gt_region *region, uint32_t unit, uint32_t slot)
{
    uint32_t reader = GT_GRAPH_NONE;
    for (size_t i = 0; i < region->wire_count; i++) {
        const gt_wire *wire = &region->wires[i];
        if (wire->from.unit != unit || wire->to.unit != unit || wire->from.slot != slot || wire->shift != 0)
            continue;
        if (reader != GT_GRAPH_NONE && reader != wire->to.slot)
            return GT_GRAPH_NONE;
        reader = wire->to.slot;
    }
    return reader;
}

/* Pairs of slots, one behind the other. */
static void pair_slots(gt_region *region, uint32_t place)
{
    gt_unit *unit = &region->units[place];
    for (uint32_t i = 0; i < unit->slot_count; i++) {
        gt_slot *slot = &unit->slots[i];
        uint32_t reader = slot->backward ? reader_of(region, place, i) : GT_GRAPH_NONE;
        if (reader == GT_GRAPH_NONE || reader == i || !unit->slots[reader].backward || unit->slots[reader].covered ||
            unit->slots[reader].covers || slot->covered)
            continue;
        if (!is_reached(region, place, i, reader, false) || !is_reached(region, place, reader, i, true))
            continue;
        slot->covers = true;
        unit->slots[reader].covered = true;
        unit->slots[reader].lane = i; /* for now, the slot that stands in front */
    }
}

/* Of all units in a layer, with their slots abreast. */
static double width_of_layer(const gt_region *region, uint32_t layer)
{
    double across = 0;
    for (size_t i = 0; i < region->unit_count; i++) {
        const gt_unit *unit = &region->units[i];
        for (size_t k = 0; region->layout_units[unit->place].layer == layer && k < unit->slot_count; k++)
            across += unit->slots[k].across + BETWEEN;
    }
    return across;
}

/* In a row, steps have less room. */
static bool is_crowded(const gt_arrangement *a, const gt_region *region, uint32_t place)
{
    double widest = (a->upward ? WIDEST_UPWARD : WIDEST_RIGHTWARD) / region->column_count;
    return width_of_layer(region, region->layout_units[region->units[place].place].layer) > widest;
}

/* Forward slots, then backward ones by the input that they are for. */
static bool comes_before(const gt_slot *a, const gt_slot *b)
{
    if (a->backward != b->backward)
        return b->backward;
    return a->backward && (uint32_t)a->origin_slot < (uint32_t)b->origin_slot;
}

static void sort_slots(const gt_unit *unit, uint32_t *order)
{
    for (uint32_t i = 0; i < unit->slot_count; i++) {
        uint32_t k = i;
        for (; k > 0 && comes_before(&unit->slots[i], &unit->slots[order[k - 1]]); k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
}

static void number_lanes(gt_unit *unit, const uint32_t *order)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < unit->slot_count; k++)
        if (!unit->slots[order[k]].covered)
            unit->slots[order[k]].lane = count++;
    for (uint32_t k = 0; k < unit->slot_count; k++)
        if (unit->slots[k].covered)
            unit->slots[k].lane = unit->slots[unit->slots[k].lane].lane;
}

/* ---- places -------------------------------------------------------------------------------- */

static double lane_along(const gt_unit *unit, uint32_t lane)
{
    double along = 0;
    for (uint32_t i = 0; i < unit->slot_count; i++)
        if (unit->slots[i].lane == lane)
            along += unit->slots[i].along + (unit->slots[i].covered ? BETWEEN + 2 : 0);
    return along;
}

static double lane_across(const gt_unit *unit, uint32_t lane)
{
    double across = 0;
    for (uint32_t i = 0; i < unit->slot_count; i++)
        across = unit->slots[i].lane == lane ? fmax(across, unit->slots[i].across) : across;
    return across;
}

/* What covers stands behind the middle, towards later layers; what is covered before it. */
static void place_slot(gt_unit *unit, gt_slot *slot, double middle)
{
    double half = lane_along(unit, slot->lane) / 2;
    slot->offset_across = middle;
    slot->offset_along = slot->covers ? half - slot->along / 2 : slot->covered ? slot->along / 2 - half : 0;
}

static void place_slots(gt_unit *unit, gt_layout_unit *extents, bool framed)
{
    uint32_t lanes = 0;
    double across = 0, along = 0, frame = framed && unit->slot_count > 1 ? FRAME : 0;
    for (uint32_t i = 0; i < unit->slot_count; i++)
        lanes = unit->slots[i].lane + 1 > lanes ? unit->slots[i].lane + 1 : lanes;
    for (uint32_t lane = 0; lane < lanes; lane++) {
        across += (lane > 0 ? BETWEEN : 0) + lane_across(unit, lane);
        along = fmax(along, lane_along(unit, lane));
    }
    double at = -across / 2;
    for (uint32_t lane = 0; lane < lanes; lane++) {
        double extent = lane_across(unit, lane);
        for (uint32_t i = 0; i < unit->slot_count; i++)
            if (unit->slots[i].lane == lane)
                place_slot(unit, &unit->slots[i], at + extent / 2);
        at += extent + BETWEEN;
    }
    extents->across = across + 2 * frame;
    extents->along = along + 2 * frame;
}

bool gt_arrange_slots(gt_arrangement *a, gt_region *region)
{
    uint32_t *order = gt_memory_new(a->drawing->graph->node_count, sizeof *order);
    if (order == NULL)
        return false;
    measure_all(a, region);
    for (uint32_t i = 0; i < region->unit_count; i++) {
        gt_unit *unit = &region->units[i];
        if (unit->slot_count == 0)
            continue;
        if (unit->slot_count > MOST_ABREAST && is_crowded(a, region, i))
            pair_slots(region, i);
        sort_slots(unit, order);
        number_lanes(unit, order);
        place_slots(unit, &region->layout_units[unit->place], a->drawing->backward);
    }
    gt_memory_free(order);
    return true;
}
