/* How an edge runs: straight through the layers that it passes, and curved between them; or around. */
#include "base/memory.h"
#include "layout/inside.h"

#include <math.h>

#define CORNER 6.0 /* radius */
#define MOST_CORNERS 6

static bool add_piece(gt_layout_path *path, gt_layout_piece piece)
{
    if (!GT_RESERVE(path->pieces, path->capacity, path->count + 1))
        return false;
    path->pieces[path->count++] = piece;
    return true;
}

static gt_layout_point end_of(const gt_layout_path *path)
{
    return path->count > 0 ? path->pieces[path->count - 1].end : path->start;
}

static bool same_point(gt_layout_point a, gt_layout_point b)
{
    return fabs(a.along - b.along) < 1e-9 && fabs(a.across - b.across) < 1e-9;
}

static bool line_to(gt_layout_path *path, gt_layout_point to)
{
    gt_layout_point at = end_of(path);
    if (same_point(at, to))
        return true;
    gt_layout_piece *last = path->count > 0 ? &path->pieces[path->count - 1] : NULL;
    gt_layout_point before = path->count > 1 ? path->pieces[path->count - 2].end : path->start;
    /* A straight line that goes on is one piece. */
    if (last != NULL && last->straight && before.across == at.across && at.across == to.across) {
        last->control[1] = last->end = to;
        return true;
    }
    return add_piece(path, (gt_layout_piece){.control = {at, to}, .end = to, .straight = true});
}

/* Leaves and arrives along the axis of the layers. */
static bool curve_to(gt_layout_path *path, gt_layout_point to)
{
    gt_layout_point at = end_of(path);
    if (fabs(at.across - to.across) < 0.01)
        return line_to(path, (gt_layout_point){to.along, at.across});
    double middle = (at.along + to.along) / 2;
    return add_piece(path, (gt_layout_piece){.control = {{middle, at.across}, {middle, to.across}}, .end = to});
}

/* ---- from layer to layer ------------------------------------------------------------------- */

/* The side of a layer that faces what stands before it or, `late`, behind it. */
static double side_of(const gt_layout *layout, uint32_t layer, bool late)
{
    return layout->layer_start[layer] + (late ? layout->layer_extent[layer] : 0);
}

static gt_layout_point touch(const gt_layout *layout, uint32_t unit, double port, bool late, double shift)
{
    double half = layout->units[unit].along / 2;
    return (gt_layout_point){gt_layout_middle(layout, unit) + (late ? half : -half),
                             layout->units[unit].place + port + shift};
}

static bool run_through(const gt_layout *layout, uint32_t i, double from, double to, gt_layout_path *path)
{
    const gt_layout_edge *edge = &layout->edges[i];
    const gt_layout_line *line = &layout->lines[i];
    bool upward = !line->turned;
    gt_layout_point end = touch(layout, edge->to, line->to_port, !upward, to);
    path->start = touch(layout, edge->from, line->from_port, upward, from);
    double start_side = side_of(layout, layout->units[edge->from].layer, upward);
    double end_side = side_of(layout, layout->units[edge->to].layer, !upward);
    bool done = line_to(path, (gt_layout_point){start_side, path->start.across});
    for (uint32_t k = 0; done && k < line->slot_count; k++) {
        const gt_layout_slot *slot = &layout->slots[line->first_slot + (upward ? k : line->slot_count - 1 - k)];
        done = curve_to(path, (gt_layout_point){side_of(layout, slot->layer, !upward), slot->place + from}) &&
               line_to(path, (gt_layout_point){side_of(layout, slot->layer, upward), end_of(path).across});
    }
    return done && curve_to(path, (gt_layout_point){end_side, end.across}) &&
           line_to(path, (gt_layout_point){end.along, end_of(path).across});
}

/* ---- around -------------------------------------------------------------------------------- */

static double track_along(const gt_layout *layout, uint32_t channel, uint32_t track)
{
    double start = channel == 0 ? 0 : side_of(layout, channel - 1, true);
    double before = channel == 0 || channel == layout->layer_count ? 3 : layout->spacing.channel / 2;
    return start + before + (track + 0.5) * layout->spacing.track;
}

/* Of a copy that starts at `copy`. */
static double gutter_across(const gt_layout *layout, bool left, uint32_t track, double copy)
{
    double inner = gt_layout_gutter(layout, layout->left_tracks), beside = 6 + track * layout->spacing.track;
    return copy + (left ? inner - beside : inner + layout->inner_across + beside);
}

static double clamp(double value, double most)
{
    return value < most ? value : most;
}

static gt_layout_point towards(gt_layout_point a, gt_layout_point b, double length)
{
    double whole = hypot(b.along - a.along, b.across - a.across);
    double part = whole > 0 ? length / whole : 0;
    return (gt_layout_point){a.along + part * (b.along - a.along), a.across + part * (b.across - a.across)};
}

static double distance(gt_layout_point a, gt_layout_point b)
{
    return hypot(b.along - a.along, b.across - a.across);
}

/* Straight from corner to corner, which are rounded. */
static bool run_along(const gt_layout_point *corner, int count, gt_layout_path *path)
{
    path->start = corner[0];
    for (int k = 1; k + 1 < count; k++) {
        gt_layout_point at = corner[k], before = corner[k - 1], after = corner[k + 1];
        double radius = clamp(clamp(CORNER, distance(before, at) / 2), distance(at, after) / 2);
        gt_layout_point start = towards(at, before, radius), end = towards(at, after, radius);
        gt_layout_piece bend = {.control = {towards(start, at, 0.55 * radius), towards(end, at, 0.55 * radius)},
                                .end = end};
        if (!line_to(path, start) || (radius > 0 && !add_piece(path, bend)))
            return false;
    }
    return line_to(path, corner[count - 1]);
}

static bool run_around(const gt_layout *layout, uint32_t i, double from, double to, gt_layout_path *path)
{
    const gt_layout_edge *edge = &layout->edges[i];
    const gt_layout_line *line = &layout->lines[i];
    gt_layout_point start = touch(layout, edge->from, line->from_port, line->from_late, from);
    gt_layout_point end = touch(layout, edge->to, line->to_port, line->to_late, to);
    double first = track_along(layout, line->from_channel, line->from_track);
    if (line->from_channel == line->to_channel && edge->shift == 0)
        return run_along((gt_layout_point[]){start, {first, start.across}, {first, end.across}, end}, 4, path);
    double last = track_along(layout, line->to_channel, line->to_track);
    /* Between two copies, the gutter is that behind the one on the left; far ones use that at the end. */
    double copy = edge->shift > 0 ? to - gt_layout_across(layout) : to;
    double gutter = gutter_across(layout, line->left, line->gutter_track, copy);
    return run_along(
        (gt_layout_point[MOST_CORNERS]){
            start, {first, start.across}, {first, gutter}, {last, gutter}, {last, end.across}, end},
        MOST_CORNERS, path);
}

/* Only where it starts, or only where it ends. */
static bool run_part(const gt_layout *layout, uint32_t i, double copy, bool start, double until, gt_layout_path *path)
{
    const gt_layout_edge *edge = &layout->edges[i];
    const gt_layout_line *line = &layout->lines[i];
    gt_layout_point at = start ? touch(layout, edge->from, line->from_port, line->from_late, copy)
                               : touch(layout, edge->to, line->to_port, line->to_late, copy);
    double along = start ? track_along(layout, line->from_channel, line->from_track)
                         : track_along(layout, line->to_channel, line->to_track);
    gt_layout_point corner = {along, at.across}, border = {along, until};
    return run_along((gt_layout_point[]){start ? at : border, corner, start ? border : at}, 3, path);
}

bool gt_layout_route(const gt_layout *layout, uint32_t edge, double from, double to, gt_layout_part part, double until,
                     gt_layout_path *path)
{
    path->count = 0;
    if (!layout->lines[edge].around)
        return run_through(layout, edge, from, to, path);
    if (part == GT_LAYOUT_WHOLE)
        return run_around(layout, edge, from, to, path);
    return run_part(layout, edge, part == GT_LAYOUT_START ? from : to, part == GT_LAYOUT_START, until, path);
}

void gt_layout_path_free(gt_layout_path *path)
{
    gt_memory_free(path->pieces);
    *path = (gt_layout_path){0};
}
