#include "base/memory.h"
#include "layout/inside.h"

#include <math.h>

/* Of channel `k`, before layer `k`: the outer ones are there for what goes around alone. */
static double channel_extent(const gt_layout *layout, uint32_t k)
{
    uint32_t tracks = layout->channel_tracks[k];
    bool outer = k == 0 || k == layout->layer_count;
    return tracks * layout->spacing.track + (!outer ? layout->spacing.channel : tracks > 0 ? 6 : 0);
}

static void place_layers(gt_layout *layout)
{
    double at = 0;
    for (uint32_t i = 0; i < layout->unit_count; i++) {
        double *extent = &layout->layer_extent[layout->units[i].layer];
        *extent = fmax(*extent, layout->units[i].along);
    }
    for (uint32_t k = 0; k < layout->layer_count; k++) {
        layout->layer_start[k] = at + channel_extent(layout, k);
        at = layout->layer_start[k] + layout->layer_extent[k];
    }
    layout->layer_start[layout->layer_count] = at + channel_extent(layout, layout->layer_count);
}

static bool lay_out(gt_layout *layout)
{
    if (!gt_layout_rank(layout))
        return false;
    uint64_t layers = layout->layer_count;
    layout->lines = gt_memory_new(layout->edge_count, sizeof *layout->lines);
    layout->channel_tracks = gt_memory_new(layers + 1, sizeof *layout->channel_tracks);
    layout->layer_start = gt_memory_new(layers + 1, sizeof *layout->layer_start);
    layout->layer_extent = gt_memory_new(layers + 1, sizeof *layout->layer_extent);
    if (layout->lines == NULL || layout->channel_tracks == NULL || layout->layer_start == NULL ||
        layout->layer_extent == NULL)
        return false;
    if (!gt_layout_make_slots(layout) || !gt_layout_arrange(layout) || !gt_layout_place(layout) ||
        !gt_layout_spread_ends(layout) || !gt_layout_find_tracks(layout))
        return false;
    for (uint32_t i = 0; i < layout->slot_count; i++)
        layout->slots[i].place += gt_layout_gutter(layout, layout->left_tracks);
    for (uint32_t i = 0; i < layout->unit_count; i++)
        layout->units[i].place = layout->slots[i].place;
    place_layers(layout);
    return true;
}

bool gt_layout_layers(gt_layout_unit *units, uint32_t unit_count, gt_layout_edge *edges, uint32_t edge_count)
{
    gt_layout layout = {.units = units, .unit_count = unit_count, .edges = edges, .edge_count = edge_count};
    return gt_layout_rank(&layout);
}

gt_layout *gt_layout_new(gt_layout_unit *units, uint32_t unit_count, gt_layout_edge *edges, uint32_t edge_count,
                         const gt_layout_spacing *spacing)
{
    gt_layout *layout = gt_memory_new(1, sizeof *layout);
    if (layout == NULL)
        return NULL;
    *layout = (gt_layout){
        .units = units, .unit_count = unit_count, .edges = edges, .edge_count = edge_count, .spacing = *spacing};
    if (lay_out(layout))
        return layout;
    gt_layout_free(layout);
    return NULL;
}

void gt_layout_free(gt_layout *layout)
{
    if (layout == NULL)
        return;
    gt_layout_index_close(&layout->layers);
    gt_layout_index_close(&layout->below);
    gt_layout_index_close(&layout->above);
    gt_memory_free(layout->lines);
    gt_memory_free(layout->slots);
    gt_memory_free(layout->links);
    gt_memory_free(layout->channel_tracks);
    gt_memory_free(layout->layer_start);
    gt_memory_free(layout->layer_extent);
    gt_memory_free(layout);
}

double gt_layout_along(const gt_layout *layout)
{
    return layout->layer_start[layout->layer_count];
}

double gt_layout_across(const gt_layout *layout)
{
    return layout->inner_across + gt_layout_gutter(layout, layout->left_tracks) +
           gt_layout_gutter(layout, layout->right_tracks);
}

double gt_layout_inner(const gt_layout *layout, double *extent)
{
    *extent = layout->inner_across;
    return gt_layout_gutter(layout, layout->left_tracks);
}

double gt_layout_middle(const gt_layout *layout, uint32_t unit)
{
    uint32_t layer = layout->units[unit].layer;
    return layout->layer_start[layer] + layout->layer_extent[layer] / 2;
}
