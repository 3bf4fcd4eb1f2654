#include "dump/scene.h"

#include "base/memory.h"

#include <math.h>

#define AROUND 8.0
#define LEGIBLE (10 / GT_FONT_NAME) /* what is smaller on a slide is drawn with less room */

static bool has_row(const gt_scene *scene)
{
    for (size_t i = 0; i < scene->arrangement.region_count; i++)
        if (scene->arrangement.regions[i].row)
            return true;
    return false;
}

static void move(gt_point *at, double x, double y)
{
    at->x += x;
    at->y += y;
}

/* Everything, in the middle and away from the border. */
static void move_all(gt_scene *scene, double x, double y)
{
    for (size_t i = 0; i < scene->drawing.graph->node_count; i++) {
        scene->arrangement.boxes[i].x += x;
        scene->arrangement.boxes[i].y += y;
    }
    for (size_t i = 0; i < scene->frame_count; i++) {
        scene->frames[i].x += x;
        scene->frames[i].y += y;
    }
    for (size_t i = 0; i < scene->line_count; i++)
        move(&scene->lines[i].start, x, y);
    for (size_t i = 0; i < scene->curve_count; i++) {
        move(&scene->curves[i].control[0], x, y);
        move(&scene->curves[i].control[1], x, y);
        move(&scene->curves[i].end, x, y);
    }
}

static bool open_directed(gt_scene *scene, const gt_graph *graph, bool upward, gt_tightness tight)
{
    *scene = (gt_scene){0};
    if (!gt_drawing_open(&scene->drawing, graph) ||
        !gt_arrangement_open(&scene->arrangement, &scene->drawing, upward, tight) || !gt_scene_add_lines(scene) ||
        !gt_scene_add_frames(scene))
        return false;
    double width = upward ? scene->arrangement.across : scene->arrangement.along;
    scene->width = width;
    scene->height = upward ? scene->arrangement.along : scene->arrangement.across;
    if (!gt_scene_add_legend(scene))
        return false;
    move_all(scene, AROUND + (scene->width - width) / 2, AROUND);
    for (uint32_t i = 0; i < scene->legend_count; i++) {
        scene->legend[i].x += AROUND;
        scene->legend[i].y += AROUND;
    }
    scene->width += 2 * AROUND;
    scene->height += 2 * AROUND;
    return true;
}

/* How much larger it may get on a slide. */
static double scale_of(const gt_scene *scene)
{
    return fmin(GT_SLIDE_WIDTH / scene->width, GT_SLIDE_HEIGHT / scene->height);
}

/* What points to the drawing has to follow it. */
static void take(gt_scene *scene, const gt_scene *other)
{
    *scene = *other;
    scene->arrangement.drawing = &scene->drawing;
}

/* In place of what the scene holds, if it fits a slide better. */
static bool try(gt_scene *scene, const gt_graph *graph, bool upward, gt_tightness tight)
{
    gt_scene other;
    bool done = open_directed(&other, graph, upward, tight);
    if (done && scale_of(&other) > scale_of(scene)) {
        gt_scene_close(scene);
        take(scene, &other);
        return true;
    }
    gt_scene_close(&other);
    return done;
}

/* With as much room as leaves names legible on a slide. */
bool gt_scene_open(gt_scene *scene, const gt_graph *graph)
{
    static const gt_tightness tight[] = {{false, false}, {false, true}, {true, false}, {true, true}};
    if (!open_directed(scene, graph, true, tight[0]))
        return false;
    bool row = has_row(scene);
    for (size_t i = 0; i < sizeof tight / sizeof *tight && (i == 0 || scale_of(scene) < LEGIBLE); i++) {
        if (i > 0 && !try(scene, graph, true, tight[i]))
            return false;
        if (!row && !try(scene, graph, false, tight[i]))
            return false;
    }
    return true;
}

void gt_scene_close(gt_scene *scene)
{
    gt_arrangement_close(&scene->arrangement);
    gt_drawing_close(&scene->drawing);
    gt_memory_free(scene->frames);
    gt_memory_free(scene->lines);
    gt_memory_free(scene->curves);
    gt_pool_free(&scene->pool);
}

const char *gt_look_name(gt_look look)
{
    static const char *const names[GT_LOOK_COUNT] = {"operation", "backward", "input",
                                                     "parameter", "state",    "constant"};
    return names[look];
}

const char *gt_look_words(gt_look look)
{
    return look == GT_LOOK_BACKWARD ? "backward, dashed" : gt_look_name(look);
}
