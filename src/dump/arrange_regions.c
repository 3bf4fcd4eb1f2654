/* Regions: the outermost, bodies of scans, rows of steps. */
#include "base/memory.h"
#include "dump/scene.h"

/* What is drawn of a long row. */
enum { FIRST_STEPS = 3, LAST_STEPS = 2, LONGEST_ROW = 6 };

#define FRAME 10.0
#define TITLE 22.0

static uint32_t add_region(gt_arrangement *a, gt_region region)
{
    if (!GT_RESERVE(a->regions, a->region_capacity, a->region_count + 1))
        return GT_GRAPH_NONE;
    a->regions[a->region_count] = region;
    return (uint32_t)a->region_count++;
}

static uint32_t region_of_cluster(const gt_arrangement *a, uint32_t cluster)
{
    return cluster == GT_GRAPH_NONE ? 0 : a->cluster_region[cluster];
}

/* A frame with a title above. */
static void leave_room(const gt_arrangement *a, gt_region *region)
{
    region->before_along = region->after_along = FRAME;
    region->before_across = region->after_across = region->row ? 0 : FRAME;
    *(a->upward ? &region->after_along : &region->before_across) = TITLE;
}

static bool add_scan(gt_arrangement *a, uint32_t cluster)
{
    gt_region region = {.cluster = cluster,
                        .parent = region_of_cluster(a, a->drawing->graph->clusters[cluster].parent),
                        .column_count = 1};
    leave_room(a, &region);
    a->cluster_region[cluster] = add_region(a, region);
    return a->cluster_region[cluster] != GT_GRAPH_NONE;
}

/* The row that a step belongs to; steps of one loop follow one another. */
static bool add_step(gt_arrangement *a, uint32_t cluster)
{
    const gt_graph *graph = a->drawing->graph;
    uint32_t parent = graph->clusters[cluster].parent;
    gt_region *last = &a->regions[a->region_count - 1];
    bool begins = !last->row || last->cluster != parent;
    if (begins) {
        gt_region region = {
            .cluster = parent, .row = true, .parent = region_of_cluster(a, parent), .first_step = cluster};
        leave_room(a, &region);
        if (add_region(a, region) == GT_GRAPH_NONE)
            return false;
        last = &a->regions[a->region_count - 1];
    }
    last->step_count++;
    a->cluster_region[cluster] = (uint32_t)a->region_count - 1;
    return true;
}

bool gt_step_is_left_out(const gt_graph *graph, uint32_t step, uint32_t step_count)
{
    return !graph->all_steps && step_count > LONGEST_ROW && step >= FIRST_STEPS && step + LAST_STEPS < step_count;
}

static void number_columns(gt_arrangement *a, gt_region *row)
{
    const gt_graph *graph = a->drawing->graph;
    for (uint32_t i = 0; i < row->step_count; i++)
        a->cluster_column[row->first_step + i] =
            gt_step_is_left_out(graph, i, row->step_count) ? GT_GRAPH_NONE : row->column_count++;
    row->fold_after = row->column_count < row->step_count ? FIRST_STEPS : 0;
}

/* Of the steps of its loop, which follow one another in the list of clusters. */
static bool is_left_out(const gt_graph *graph, uint32_t cluster)
{
    const gt_graph_cluster *clusters = graph->clusters;
    uint32_t first = cluster, end = cluster + 1;
    while (first > 0 && clusters[first - 1].kind == GT_GRAPH_STEP &&
           clusters[first - 1].parent == clusters[cluster].parent)
        first--;
    while (end < graph->cluster_count && clusters[end].kind == GT_GRAPH_STEP &&
           clusters[end].parent == clusters[cluster].parent)
        end++;
    return clusters[cluster].kind == GT_GRAPH_STEP && gt_step_is_left_out(graph, cluster - first, end - first);
}

uint32_t gt_drawn_count(const gt_graph *graph)
{
    uint32_t count = 0, last = GT_GRAPH_NONE;
    bool left_out = false;
    for (size_t i = 0; i < graph->node_count; i++) {
        uint32_t cluster = graph->nodes[i].cluster;
        if (cluster != last)
            left_out = cluster != GT_GRAPH_NONE && is_left_out(graph, cluster);
        last = cluster;
        count += !left_out;
    }
    return count;
}

bool gt_arrange_regions(gt_arrangement *a)
{
    const gt_graph *graph = a->drawing->graph;
    if (add_region(a, (gt_region){.cluster = GT_GRAPH_NONE, .parent = GT_GRAPH_NONE, .column_count = 1}) ==
        GT_GRAPH_NONE)
        return false;
    for (uint32_t i = 0; i < graph->cluster_count; i++)
        if (graph->clusters[i].kind == GT_GRAPH_SCAN ? !add_scan(a, i) : !add_step(a, i))
            return false;
    for (size_t i = 0; i < a->region_count; i++)
        if (a->regions[i].row)
            number_columns(a, &a->regions[i]);
    return true;
}

uint32_t gt_region_of(const gt_arrangement *a, uint32_t node)
{
    return region_of_cluster(a, a->drawing->cluster[node]);
}

uint32_t gt_column_of(const gt_arrangement *a, uint32_t node)
{
    uint32_t cluster = a->drawing->cluster[node];
    return cluster == GT_GRAPH_NONE ? 0 : a->cluster_column[cluster];
}

double gt_column_start(const gt_region *region, uint32_t column)
{
    bool behind = region->fold_after > 0 && column >= region->fold_after;
    return column * gt_layout_across(region->layout) + (behind ? GT_FOLD_EXTENT : 0);
}

double gt_region_across(const gt_region *region)
{
    return gt_column_start(region, region->column_count - 1) + gt_layout_across(region->layout);
}
