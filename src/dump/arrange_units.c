/* Units and their slots: of a row, the union over its columns. */
#include "base/memory.h"
#include "dump/arrange.h"

#include <math.h>

bool gt_unit_add(gt_region *region, const gt_unit *unit, uint32_t *place)
{
    if (!GT_RESERVE(region->units, region->unit_capacity, region->unit_count + 1))
        return false;
    *place = (uint32_t)region->unit_count;
    region->units[region->unit_count++] = *unit;
    return true;
}

/* The unit of that signature which this column has not used; GT_GRAPH_NONE if there is none. */
static uint32_t find_unit(const gt_region *region, uint64_t signature, uint32_t column)
{
    for (uint32_t i = 0; region->row && i < region->unit_count; i++)
        if (region->units[i].signature == signature && region->units[i].used_by <= column)
            return i;
    return GT_GRAPH_NONE;
}

static uint32_t find_slot(const gt_unit *unit, uint64_t signature, uint32_t column)
{
    for (uint32_t i = 0; i < unit->slot_count; i++)
        if (unit->slots[i].signature == signature && unit->slots[i].used_by <= column)
            return i;
    return GT_GRAPH_NONE;
}

typedef struct filling {
    gt_arrangement *a;
    const uint64_t *signature;
    uint32_t *group_unit; /* for each group, its unit */
    double key;           /* of the unit before, in this column */
} filling;

/* A unit that an earlier column lacks stands behind the one that it follows here. */
static bool place_unit(filling *f, gt_region *region, uint32_t group, uint32_t column)
{
    uint32_t found = find_unit(region, f->signature[group], column);
    if (found == GT_GRAPH_NONE) {
        double key = column == 0 ? group : nextafter(f->key, INFINITY);
        gt_unit unit = {
            .key = key, .signature = f->signature[group], .nested = GT_GRAPH_NONE, .outside = GT_GRAPH_NONE};
        if (!gt_unit_add(region, &unit, &found))
            return false;
    }
    region->units[found].used_by = column + 1;
    f->key = region->units[found].key;
    f->group_unit[group] = found;
    return true;
}

static bool place_node(filling *f, gt_unit *unit, uint32_t node, uint32_t column)
{
    const gt_graph_node *at = &f->a->drawing->graph->nodes[node];
    uint32_t found = find_slot(unit, f->signature[node], column);
    if (found == GT_GRAPH_NONE) {
        if (!GT_RESERVE(unit->slots, unit->slot_capacity, unit->slot_count + 1))
            return false;
        found = (uint32_t)unit->slot_count++;
        unit->slots[found] = (gt_slot){
            .signature = f->signature[node], .node = node, .backward = at->backward, .origin_slot = at->origin_slot};
        unit->forward |= !at->backward;
    }
    unit->slots[found].used_by = column + 1;
    f->a->node_slot[node] = found;
    return true;
}

/* The nodes of one cluster, or of none. */
static bool fill(filling *f, uint32_t bucket)
{
    const gt_drawing *d = f->a->drawing;
    gt_buckets *clustered = &f->a->clustered;
    for (uint32_t k = clustered->first[bucket]; k < clustered->first[bucket + 1]; k++) {
        uint32_t node = clustered->list[k], group = d->group[node];
        uint32_t column = gt_column_of(f->a, node);
        gt_region *region = &f->a->regions[gt_region_of(f->a, node)];
        if (!d->shown[node] || column == GT_GRAPH_NONE)
            continue;
        if (f->group_unit[group] == GT_GRAPH_NONE && !place_unit(f, region, group, column))
            return false;
        f->a->node_unit[node] = f->group_unit[group];
        if (!place_node(f, &region->units[f->group_unit[group]], node, column))
            return false;
    }
    return true;
}

/* A region stands where its first node would. */
static bool nest(gt_arrangement *a, uint32_t i)
{
    double key = INFINITY;
    gt_region *region = &a->regions[i];
    for (size_t k = 0; k < region->unit_count; k++)
        key = fmin(key, region->units[k].key);
    gt_unit unit = {.key = isfinite(key) ? key : 0, .forward = true, .nested = i, .outside = GT_GRAPH_NONE};
    return gt_unit_add(&a->regions[region->parent], &unit, &region->unit);
}

bool gt_arrange_units(gt_arrangement *a)
{
    const gt_graph *graph = a->drawing->graph;
    uint64_t *signature = gt_signatures(a->drawing);
    filling f = {.a = a, .signature = signature, .group_unit = gt_memory_new(graph->node_count, sizeof *f.group_unit)};
    bool done = signature != NULL && f.group_unit != NULL;
    for (size_t i = 0; done && i < graph->node_count; i++)
        f.group_unit[i] = a->node_unit[i] = a->node_slot[i] = GT_GRAPH_NONE;
    for (uint32_t bucket = 0; done && bucket <= graph->cluster_count; bucket++)
        done = fill(&f, bucket);
    for (uint32_t i = (uint32_t)a->region_count; done && i-- > 1;)
        done = nest(a, i);
    gt_memory_free(signature);
    gt_memory_free(f.group_unit);
    return done;
}
