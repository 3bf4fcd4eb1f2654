/* Frames: around steps and bodies of loops, around groups; and the words for steps that are left out. */
#include "base/memory.h"
#include "dump/scene.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define AROUND 4.0 /* a group */

static bool add_frame(gt_scene *scene, gt_frame frame)
{
    if (!GT_RESERVE(scene->frames, scene->frame_capacity, scene->frame_count + 1))
        return false;
    scene->frames[scene->frame_count++] = frame;
    return true;
}

/* A rectangle of the layout, in the picture. */
static gt_frame frame_at(const gt_arrangement *a, double along, double along_extent, double across,
                         double across_extent)
{
    if (a->upward)
        return (gt_frame){
            .x = across, .y = a->along - along - along_extent, .width = across_extent, .height = along_extent};
    return (gt_frame){.x = along, .y = across, .width = along_extent, .height = across_extent};
}

static bool add_cluster_frame(gt_scene *scene, uint32_t cluster)
{
    const gt_arrangement *a = &scene->arrangement;
    const gt_region *region = &a->regions[a->cluster_region[cluster]];
    double inner, start = gt_layout_inner(region->layout, &inner), along = region->before_along + region->after_along;
    if (a->cluster_column[cluster] == GT_GRAPH_NONE)
        return true;
    double across = region->across + (region->row ? gt_column_start(region, a->cluster_column[cluster]) + start
                                                  : -region->before_across);
    double extent =
        region->row ? inner : region->before_across + gt_layout_across(region->layout) + region->after_across;
    gt_frame frame =
        frame_at(a, region->along - region->before_along, along + gt_layout_along(region->layout), across, extent);
    frame.kind = GT_FRAME_CLUSTER;
    frame.of = cluster;
    frame.title = scene->drawing.graph->clusters[cluster].title;
    return add_frame(scene, frame);
}

static bool add_fold(gt_scene *scene, const gt_region *region)
{
    const gt_arrangement *a = &scene->arrangement;
    char words[64];
    snprintf(words, sizeof words, "⋯ %u steps", (unsigned)(region->step_count - region->column_count));
    size_t size = strlen(words) + 1;
    char *copy = gt_pool_new(&scene->pool, size, 1);
    if (copy == NULL)
        return false;
    double across = region->across + gt_column_start(region, region->fold_after) - GT_FOLD_EXTENT;
    gt_frame frame = frame_at(a, region->along, gt_layout_along(region->layout), across, GT_FOLD_EXTENT);
    frame.kind = GT_FRAME_FOLD;
    frame.of = region->first_step;
    frame.title = memcpy(copy, words, size);
    return add_frame(scene, frame);
}

/* Around a forward node and the backward ones that belong to it. */
static bool add_group_frame(gt_scene *scene, uint32_t group)
{
    const gt_drawing *d = &scene->drawing;
    double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    uint32_t count = 0;
    for (uint32_t k = d->members.first[group]; k < d->members.first[group + 1]; k++) {
        const gt_box *box = &scene->arrangement.boxes[d->members.list[k]];
        if (!box->placed)
            continue;
        count++;
        left = fmin(left, box->x - box->width / 2);
        right = fmax(right, box->x + box->width / 2);
        top = fmin(top, box->y - box->height / 2);
        bottom = fmax(bottom, box->y + box->height / 2);
    }
    if (count < 2)
        return true;
    return add_frame(scene, (gt_frame){.kind = GT_FRAME_GROUP,
                                       .of = group,
                                       .title = "",
                                       .x = left - AROUND,
                                       .y = top - AROUND,
                                       .width = right - left + 2 * AROUND,
                                       .height = bottom - top + 2 * AROUND});
}

bool gt_scene_add_frames(gt_scene *scene)
{
    const gt_graph *graph = scene->drawing.graph;
    const gt_arrangement *a = &scene->arrangement;
    for (uint32_t i = 0; i < graph->cluster_count; i++)
        if (!add_cluster_frame(scene, i))
            return false;
    for (size_t i = 0; i < a->region_count; i++)
        if (a->regions[i].fold_after > 0 && !add_fold(scene, &a->regions[i]))
            return false;
    for (uint32_t i = 0; scene->drawing.backward && i < graph->node_count; i++)
        if (!add_group_frame(scene, i))
            return false;
    return true;
}
