/* Lines: the parts of an edge in the regions that it runs through, one after the other. */
#include "base/memory.h"
#include "dump/scene.h"

#include <math.h>

static gt_point in_picture(const gt_scene *scene, const gt_region *region, gt_layout_point at)
{
    const gt_arrangement *a = &scene->arrangement;
    double along = region->along + at.along, across = region->across + at.across;
    return a->upward ? (gt_point){across, a->along - along} : (gt_point){along, across};
}

static gt_point end_of(const gt_scene *scene, const gt_line *line)
{
    return line->count > 0 ? scene->curves[line->first + line->count - 1].end : line->start;
}

static bool add_curve(gt_scene *scene, gt_line *line, gt_curve curve)
{
    if (!GT_RESERVE(scene->curves, scene->curve_capacity, scene->curve_count + 1))
        return false;
    scene->curves[scene->curve_count++] = curve;
    line->count++;
    return true;
}

/* Straight on, if that is any way. */
static bool line_to(gt_scene *scene, gt_line *line, gt_point to)
{
    gt_point at = end_of(scene, line);
    if (hypot(to.x - at.x, to.y - at.y) < 0.01)
        return true;
    return add_curve(scene, line, (gt_curve){.control = {at, to}, .end = to, .straight = true});
}

static bool add_path(gt_scene *scene, gt_line *line, const gt_region *region, const gt_layout_path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        const gt_layout_piece *piece = &path->pieces[i];
        gt_curve curve = {.straight = piece->straight, .end = in_picture(scene, region, piece->end)};
        for (int k = 0; k < 2; k++)
            curve.control[k] = in_picture(scene, region, piece->control[k]);
        if (!add_curve(scene, line, curve))
            return false;
    }
    return true;
}

/* ---- ends at boxes ------------------------------------------------------------------------- */

/* How far the outline of a node is from its middle, upright or sideways, where a line meets it `off` from there. */
static double reach(const gt_scene *scene, uint32_t node, bool upright, double off)
{
    const gt_box *box = &scene->arrangement.boxes[node];
    double half = (upright ? box->core_height : box->core_width) / 2;
    double other = (upright ? box->core_width : box->core_height) / 2;
    bool round = gt_look_of(&scene->drawing.graph->nodes[node]) == GT_LOOK_INPUT;
    if (!round || fabs(off) >= other)
        return half;
    return half * sqrt(1 - off * off / (other * other));
}

/* The point of a node's outline that is level with a point before it or behind it. */
static gt_point touch(const gt_scene *scene, uint32_t node, gt_point from)
{
    const gt_box *box = &scene->arrangement.boxes[node];
    double x = box->x + box->core_x, y = box->y + box->core_y;
    if (scene->arrangement.upward)
        return (gt_point){from.x, y + copysign(reach(scene, node, true, from.x - x), from.y - y)};
    return (gt_point){x + copysign(reach(scene, node, false, from.y - y), from.x - x), from.y};
}

/* ---- one edge ------------------------------------------------------------------------------ */

/* Where the steps that are left out stand: before a column, or behind it. */
static double fold_side(const gt_region *region, const gt_part *part)
{
    double start = gt_column_start(region, part->from_column);
    bool behind = part->from_column < region->fold_after;
    return behind ? start + gt_layout_across(region->layout) + 4 : start - 4;
}

static bool route(const gt_scene *scene, const gt_part *part, gt_layout_path *path)
{
    const gt_region *region = &scene->arrangement.regions[part->region];
    double until = part->part == GT_LAYOUT_WHOLE ? 0 : fold_side(region, part);
    return gt_layout_route(region->layout, region->wires[part->wire].place, gt_column_start(region, part->from_column),
                           gt_column_start(region, part->to_column), part->part, until, path);
}

/* From box to box within a unit. */
static bool add_straight(gt_scene *scene, gt_line *line, const gt_graph_edge *edge)
{
    const gt_box *from = &scene->arrangement.boxes[edge->from], *to = &scene->arrangement.boxes[edge->to];
    double dx = to->x - from->x, dy = to->y - from->y;
    bool sideways = fabs(dx) / (from->width + to->width) > fabs(dy) / (from->height + to->height);
    gt_point end;
    if (sideways) {
        line->start = (gt_point){from->x + copysign(from->width / 2, dx), (from->y + to->y) / 2};
        end = (gt_point){to->x - copysign(to->width / 2, dx), line->start.y};
    } else {
        line->start = (gt_point){(from->x + to->x) / 2, from->y + copysign(from->height / 2, dy)};
        end = (gt_point){line->start.x, to->y - copysign(to->height / 2, dy)};
    }
    return line_to(scene, line, end);
}

static bool add_part(gt_scene *scene, gt_line *line, const gt_part *part, gt_layout_path *path)
{
    const gt_graph_edge *edge = &scene->drawing.graph->edges[part->edge];
    const gt_region *region = &scene->arrangement.regions[part->region];
    if (region->wires[part->wire].place == GT_GRAPH_NONE)
        return add_straight(scene, line, edge);
    if (!route(scene, part, path))
        return false;
    gt_point start = in_picture(scene, region, path->start);
    if (line->count > 0) {
        if (!line_to(scene, line, start))
            return false;
    } else {
        line->start = part->part == GT_LAYOUT_END ? start : touch(scene, edge->from, start);
        if (!line_to(scene, line, start))
            return false;
    }
    return add_path(scene, line, region, path);
}

/* The parts of one edge, which follow one another. */
static bool add_line(gt_scene *scene, const gt_part *parts, size_t count, gt_layout_path *path)
{
    uint32_t edge = parts[0].edge;
    const gt_graph_edge *e = &scene->drawing.graph->edges[edge];
    gt_line line = {.edge = edge, .look = gt_line_look_of(&scene->drawing, e), .first = scene->curve_count};
    for (size_t i = 0; i < count; i++)
        if (!add_part(scene, &line, &parts[i], path))
            return false;
    const gt_region *region = &scene->arrangement.regions[parts[0].region];
    bool within = region->wires[parts[0].wire].place == GT_GRAPH_NONE;
    if (!within && parts[count - 1].part != GT_LAYOUT_START &&
        !line_to(scene, &line, touch(scene, e->to, end_of(scene, &line))))
        return false;
    if (!GT_RESERVE(scene->lines, scene->line_capacity, scene->line_count + 1))
        return false;
    scene->lines[scene->line_count++] = line;
    return true;
}

bool gt_scene_add_lines(gt_scene *scene)
{
    const gt_arrangement *a = &scene->arrangement;
    gt_layout_path path = {0};
    bool done = true;
    for (size_t i = 0, end; done && i < a->part_count; i = end) {
        for (end = i + 1; end < a->part_count && a->parts[end].edge == a->parts[i].edge;)
            end++;
        done = add_line(scene, &a->parts[i], end - i, &path);
    }
    gt_layout_path_free(&path);
    return done;
}
