#include "dump/arrange.h"

#include "base/memory.h"

/* ---- places in the picture ----------------------------------------------------------------- */

/* Where the layouts of regions start, from the outermost inwards. */
static void place_regions(gt_arrangement *a)
{
    a->along = gt_layout_along(a->regions[0].layout);
    a->across = gt_layout_across(a->regions[0].layout);
    for (size_t i = 1; i < a->region_count; i++) {
        gt_region *region = &a->regions[i], *parent = &a->regions[region->parent];
        uint32_t place = parent->units[region->unit].place;
        const gt_layout_unit *unit = &parent->layout_units[place];
        region->along =
            parent->along + gt_layout_middle(parent->layout, place) - unit->along / 2 + region->before_along;
        region->across = parent->across + unit->place - unit->across / 2 + region->before_across;
    }
}

static void place_boxes(gt_arrangement *a)
{
    for (uint32_t i = 0; i < a->drawing->graph->node_count; i++) {
        if (a->node_unit[i] == GT_GRAPH_NONE)
            continue;
        const gt_region *region = &a->regions[gt_region_of(a, i)];
        const gt_unit *unit = &region->units[a->node_unit[i]];
        const gt_slot *slot = &unit->slots[a->node_slot[i]];
        double along = region->along + gt_layout_middle(region->layout, unit->place) + slot->offset_along;
        double across = region->across + gt_column_start(region, gt_column_of(a, i)) +
                        region->layout_units[unit->place].place + slot->offset_across;
        gt_box *box = &a->boxes[i];
        box->placed = true;
        box->x = a->upward ? across : along;
        box->y = a->upward ? a->along - along : across;
    }
}

/* ---- all together -------------------------------------------------------------------------- */

static bool open_tables(gt_arrangement *a)
{
    const gt_graph *graph = a->drawing->graph;
    size_t clusters = graph->cluster_count, nodes = graph->node_count;
    a->boxes = gt_memory_new(nodes, sizeof *a->boxes);
    a->cluster_region = gt_memory_new(clusters, sizeof *a->cluster_region);
    a->cluster_column = gt_memory_new(clusters, sizeof *a->cluster_column);
    a->node_unit = gt_memory_new(nodes, sizeof *a->node_unit);
    a->node_slot = gt_memory_new(nodes, sizeof *a->node_slot);
    return a->boxes != NULL && a->cluster_region != NULL && a->cluster_column != NULL && a->node_unit != NULL &&
           a->node_slot != NULL && gt_buckets_open(&a->clustered, a->drawing->cluster, nodes, (uint32_t)clusters);
}

bool gt_arrangement_open(gt_arrangement *a, const gt_drawing *drawing, bool upward, gt_tightness tight)
{
    *a = (gt_arrangement){.drawing = drawing, .upward = upward, .tight = tight};
    if (!open_tables(a) || !gt_boxes_make(a->boxes, drawing, upward, upward ? tight.along : tight.across, &a->pool) ||
        !gt_arrange_regions(a) || !gt_arrange_units(a) || !gt_arrange_wires(a))
        return false;
    for (size_t i = a->region_count; i-- > 0;)
        if (!gt_arrange_layout(a, &a->regions[i]))
            return false;
    place_regions(a);
    place_boxes(a);
    return true;
}

static void close_region(gt_region *region)
{
    for (size_t i = 0; i < region->unit_count; i++)
        gt_memory_free(region->units[i].slots);
    gt_memory_free(region->units);
    gt_memory_free(region->wires);
    gt_memory_free(region->layout_units);
    gt_memory_free(region->layout_edges);
    gt_layout_free(region->layout);
}

void gt_arrangement_close(gt_arrangement *a)
{
    for (size_t i = 0; i < a->region_count; i++)
        close_region(&a->regions[i]);
    gt_memory_free(a->regions);
    gt_memory_free(a->boxes);
    gt_memory_free(a->cluster_region);
    gt_memory_free(a->cluster_column);
    gt_memory_free(a->node_unit);
    gt_memory_free(a->node_slot);
    gt_memory_free(a->parts);
    gt_buckets_close(&a->clustered);
    gt_pool_free(&a->pool);
}
