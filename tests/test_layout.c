/* Layouts: nothing overlaps, nothing runs through a box, what can stand in order does. */
#include "layout/inside.h"
#include "random_layout.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define GRAPHS 200

static gt_layout *laid_out(random_layout *r, unsigned seed)
{
    make_random_layout(r, seed);
    gt_layout *layout = gt_layout_new(r->units, r->unit_count, r->edges, r->edge_count, &random_spacing);
    cr_assert_not_null(layout);
    return layout;
}

static double start_of(const random_layout *r, uint32_t i)
{
    return r->units[i].place - r->units[i].across / 2;
}

static double end_of(const random_layout *r, uint32_t i)
{
    return r->units[i].place + r->units[i].across / 2;
}

static void check_units(const gt_layout *layout, const random_layout *r, unsigned seed)
{
    for (uint32_t i = 0; i < r->unit_count; i++) {
        double middle = gt_layout_middle(layout, i), half = r->units[i].along / 2;
        cr_assert(start_of(r, i) >= -1e-6 && end_of(r, i) <= gt_layout_across(layout) + 1e-6, "graph %u", seed);
        cr_assert(middle - half >= -1e-6 && middle + half <= gt_layout_along(layout) + 1e-6, "graph %u", seed);
        for (uint32_t k = 0; k < i; k++) {
            bool apart = end_of(r, i) <= start_of(r, k) + 1e-6 || end_of(r, k) <= start_of(r, i) + 1e-6;
            bool layers = fabs(middle - gt_layout_middle(layout, k)) >= half + r->units[k].along / 2;
            cr_assert(apart || layers, "units %u and %u of graph %u overlap", i, k, seed);
        }
    }
}

Test(layout, units_stand_apart)
{
    for (unsigned seed = 0; seed < GRAPHS; seed++) {
        random_layout r;
        gt_layout *layout = laid_out(&r, seed);
        check_units(layout, &r, seed);
        gt_layout_free(layout);
    }
}

/* ---- layers -------------------------------------------------------------------------------- */

/* Without edges that close circles, all are obeyed. */
Test(layout, layers_obey_the_edges)
{
    for (unsigned seed = 0; seed < GRAPHS; seed++) {
        random_layout r;
        make_random_layout(&r, seed);
        for (uint32_t i = 0; i < r.edge_count; i++)
            if (r.edges[i].order != GT_LAYOUT_ANYHOW)
                r.edges[i].order = r.edges[i].from < r.edges[i].to ? GT_LAYOUT_UP : GT_LAYOUT_DOWN;
        for (uint32_t i = 0; i < r.unit_count; i++)
            r.units[i].border = GT_LAYOUT_INSIDE;
        gt_layout *layout = gt_layout_new(r.units, r.unit_count, r.edges, r.edge_count, &random_spacing);
        cr_assert_not_null(layout);
        for (uint32_t i = 0; i < r.edge_count; i++) {
            uint32_t from = r.units[r.edges[i].from].layer, to = r.units[r.edges[i].to].layer;
            cr_assert(r.edges[i].order != GT_LAYOUT_UP || from < to, "edge %u of graph %u", i, seed);
            cr_assert(r.edges[i].order != GT_LAYOUT_DOWN || from > to, "edge %u of graph %u", i, seed);
        }
        gt_layout_free(layout);
    }
}

Test(layout, of_a_circle_the_earlier_edges_hold)
{
    gt_layout_unit units[3] = {{.along = 10, .across = 10}, {.along = 10, .across = 10}, {.along = 10, .across = 10}};
    gt_layout_edge edges[3] = {{.from = 2, .to = 0}, {.from = 0, .to = 1}, {.from = 1, .to = 2}};
    gt_layout *layout = gt_layout_new(units, 3, edges, 3, &random_spacing);
    cr_assert_not_null(layout);
    cr_expect(units[2].layer == 0 && units[0].layer == 1 && units[1].layer == 2);
    gt_layout_free(layout);
}

Test(layout, sources_stand_close_to_their_readers)
{
    gt_layout_unit units[4] = {{.along = 10, .across = 10},
                               {.along = 10, .across = 10},
                               {.along = 10, .across = 10},
                               {.along = 10, .across = 10}};
    gt_layout_edge edges[3] = {{.from = 0, .to = 1}, {.from = 1, .to = 2}, {.from = 3, .to = 2}};
    gt_layout *layout = gt_layout_new(units, 4, edges, 3, &random_spacing);
    cr_assert_not_null(layout);
    cr_expect_eq(units[3].layer, 1);
    gt_layout_free(layout);
}

/* ---- order --------------------------------------------------------------------------------- */

/* Four gates that read one value and are read by one stand as they are given. */
Test(layout, what_costs_no_crossing_stays_in_order)
{
    gt_layout_unit units[10] = {{0}};
    gt_layout_edge edges[12] = {{0}};
    for (uint32_t i = 0; i < 10; i++)
        units[i].along = units[i].across = 20;
    for (uint32_t i = 0; i < 4; i++) {
        edges[i] = (gt_layout_edge){.from = 0, .to = 1 + i, .weight = 1};
        edges[4 + i] = (gt_layout_edge){.from = 1 + i, .to = 5 + i, .weight = 1};
        edges[8 + i] = (gt_layout_edge){.from = 5 + i, .to = 9, .weight = 1};
    }
    gt_layout *layout = gt_layout_new(units, 10, edges, 12, &random_spacing);
    cr_assert_not_null(layout);
    for (uint32_t i = 1; i < 4; i++)
        cr_expect(units[i].place < units[i + 1].place && units[i + 4].place < units[i + 5].place);
    cr_expect(fabs(units[0].place - units[9].place) < 1e-6);
    cr_expect(fabs(units[1].place - units[5].place) < 1e-6);
    gt_layout_free(layout);
}

/* Links that cross, pair by pair. */
static uint64_t crossings_of(const gt_layout *layout)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < layout->link_count; i++)
        for (uint32_t k = 0; k < i; k++) {
            const gt_layout_link *a = &layout->links[i], *b = &layout->links[k];
            if (layout->slots[a->lower].layer != layout->slots[b->lower].layer)
                continue;
            int64_t lower = (int64_t)layout->slots[a->lower].position - layout->slots[b->lower].position;
            int64_t upper = (int64_t)layout->slots[a->upper].position - layout->slots[b->upper].position;
            count += lower * upper < 0;
        }
    return count;
}

Test(layout, crossings_are_counted)
{
    uint64_t total = 0;
    for (unsigned seed = 0; seed < GRAPHS / 4; seed++) {
        random_layout r;
        gt_layout *layout = laid_out(&r, seed);
        uint64_t counted;
        cr_assert(gt_layout_count_crossings(layout, &counted));
        cr_assert_eq(counted, crossings_of(layout), "graph %u", seed);
        total += counted;
        gt_layout_free(layout);
    }
    cr_expect_gt(total, 0);
}

/* ---- places -------------------------------------------------------------------------------- */

static double cost_of(const double *x, const double *wanted, const double *weight, uint32_t count)
{
    double cost = 0;
    for (uint32_t i = 0; i < count; i++)
        cost += weight[i] * (x[i] - wanted[i]) * (x[i] - wanted[i]);
    return cost;
}

static double number(random_layout *r, double most)
{
    return most * below(r, 1000) / 1000;
}

/* No step towards other places that keep the gaps makes it better: the cost is convex. */
Test(layout, places_are_the_nearest_that_keep_the_gaps)
{
    random_layout r = {.state = 7};
    for (int round = 0; round < 300; round++) {
        double wanted[12], weight[12], gap[12], x[12], work[36], other[12];
        uint32_t count = 1 + below(&r, 12);
        for (uint32_t i = 0; i < count; i++) {
            wanted[i] = number(&r, 100);
            weight[i] = 0.1 + number(&r, 3);
            gap[i] = number(&r, 20);
        }
        gt_layout_separate(wanted, weight, gap, count, x, work);
        for (uint32_t i = 0; i + 1 < count; i++)
            cr_assert(x[i + 1] - x[i] >= gap[i] - 1e-9);
        double cost = cost_of(x, wanted, weight, count);
        for (int trial = 0; trial < 50; trial++) {
            other[0] = number(&r, 120) - 20;
            for (uint32_t i = 1; i < count; i++)
                other[i] = other[i - 1] + gap[i - 1] + number(&r, 10);
            for (uint32_t i = 0; i < count; i++)
                other[i] = x[i] + 0.01 * (other[i] - x[i]);
            cr_assert(cost_of(other, wanted, weight, count) >= cost - 1e-9);
        }
    }
}

/* ---- lines --------------------------------------------------------------------------------- */

static gt_layout_point point_at(gt_layout_point start, const gt_layout_piece *piece, double t)
{
    double a = (1 - t) * (1 - t) * (1 - t), b = 3 * t * (1 - t) * (1 - t), c = 3 * t * t * (1 - t), d = t * t * t;
    return (gt_layout_point){
        a * start.along + b * piece->control[0].along + c * piece->control[1].along + d * piece->end.along,
        a * start.across + b * piece->control[0].across + c * piece->control[1].across + d * piece->end.across};
}

/* No box of the copy that starts at `copy` has the point inside. */
static void check_point(const gt_layout *layout, const random_layout *r, gt_layout_point point, double copy,
                        const char *what)
{
    cr_assert(isfinite(point.along) && isfinite(point.across), "%s", what);
    for (uint32_t i = 0; i < r->unit_count; i++) {
        bool along = fabs(point.along - gt_layout_middle(layout, i)) < r->units[i].along / 2 - 1e-6;
        bool across = fabs(point.across - copy - r->units[i].place) < r->units[i].across / 2 - 1e-6;
        cr_assert(!along || !across, "%s runs through unit %u", what, i);
    }
}

static void check_path(const gt_layout *layout, const random_layout *r, const gt_layout_path *path, double pitch,
                       const char *what)
{
    gt_layout_point at = path->start;
    for (size_t k = 0; k < path->count; k++) {
        for (int t = 0; t <= 12; t++)
            for (int copy = -2; copy <= 2; copy++)
                check_point(layout, r, point_at(at, &path->pieces[k], t / 12.0), copy * pitch, what);
        at = path->pieces[k].end;
    }
}

Test(layout, lines_run_through_no_unit)
{
    gt_layout_path path = {0};
    for (unsigned seed = 0; seed < GRAPHS; seed++) {
        random_layout r;
        gt_layout *layout = laid_out(&r, seed);
        double pitch = gt_layout_across(layout);
        for (uint32_t i = 0; i < r.edge_count; i++) {
            char what[64];
            snprintf(what, sizeof what, "edge %u of graph %u", i, seed);
            cr_assert(gt_layout_route(layout, i, 0, r.edges[i].shift * pitch, GT_LAYOUT_WHOLE, 0, &path));
            check_path(layout, &r, &path, pitch, what);
            cr_assert_gt(path.count, 0);
            double end =
                path.pieces[path.count - 1].end.across - r.edges[i].shift * pitch - r.units[r.edges[i].to].place;
            cr_assert(fabs(end - r.edges[i].to_port) <= 8 + 1e-6, "%s ends at %g", what, end);
            if (!layout->lines[i].around)
                continue;
            cr_assert(gt_layout_route(layout, i, 0, 0, GT_LAYOUT_START, pitch, &path));
            check_path(layout, &r, &path, pitch, what);
            cr_assert(gt_layout_route(layout, i, 0, 0, GT_LAYOUT_END, 0, &path));
            check_path(layout, &r, &path, pitch, what);
        }
        gt_layout_free(layout);
    }
    gt_layout_path_free(&path);
}

/* Two lines that lie side by side in a gutter, and come from two places, have tracks of their own. */
Test(layout, lines_around_have_tracks_of_their_own)
{
    uint32_t compared = 0;
    for (unsigned seed = 0; seed < GRAPHS / 4; seed++) {
        random_layout r;
        gt_layout *layout = laid_out(&r, seed);
        for (uint32_t i = 0; i < r.edge_count; i++)
            for (uint32_t k = 0; k < i; k++) {
                const gt_layout_line *a = &layout->lines[i], *b = &layout->lines[k];
                bool one_place = r.edges[i].from == r.edges[k].from && r.edges[i].from_port == r.edges[k].from_port &&
                                 r.edges[i].from_late == r.edges[k].from_late;
                if (r.edges[i].shift != 1 || r.edges[k].shift != 1 || one_place)
                    continue;
                compared++;
                cr_assert(a->gutter_track != b->gutter_track ||
                              fmax(a->from_channel, a->to_channel) < fmin(b->from_channel, b->to_channel) ||
                              fmax(b->from_channel, b->to_channel) < fmin(a->from_channel, a->to_channel),
                          "edges %u and %u of graph %u", i, k, seed);
            }
        gt_layout_free(layout);
    }
    cr_expect_gt(compared, 100);
}

/* The same units and edges: the same layout. */
Test(layout, is_the_same_each_time)
{
    for (unsigned seed = 0; seed < 20; seed++) {
        random_layout a, b;
        gt_layout *first = laid_out(&a, seed), *second = laid_out(&b, seed);
        for (uint32_t i = 0; i < a.unit_count; i++)
            cr_assert(a.units[i].layer == b.units[i].layer &&
                      memcmp(&a.units[i].place, &b.units[i].place, sizeof(double)) == 0);
        gt_layout_free(first);
        gt_layout_free(second);
    }
}

/* What is too long for a place in each layer goes around. */
Test(layout, very_long_edges)
{
    enum { LENGTH = 300 };
    static gt_layout_unit units[LENGTH];
    static gt_layout_edge edges[2 * LENGTH];
    for (uint32_t i = 0; i < LENGTH; i++)
        units[i] = (gt_layout_unit){.along = 10, .across = 10};
    for (uint32_t i = 0; i + 1 < LENGTH; i++) {
        edges[2 * i] = (gt_layout_edge){.from = i, .to = i + 1, .weight = 1};
        edges[2 * i + 1] = (gt_layout_edge){.from = i, .to = LENGTH - 1, .weight = 1};
    }
    gt_layout *layout = gt_layout_new(units, LENGTH, edges, 2 * LENGTH - 2, &random_spacing);
    cr_assert_not_null(layout);
    cr_expect_eq(layout->layer_count, LENGTH);
    cr_expect_lt(layout->slot_count, LENGTH + GT_LAYOUT_LONGEST * GT_LAYOUT_LONGEST);
    gt_layout_free(layout);
}

Test(layout, nothing_at_all)
{
    gt_layout *layout = gt_layout_new(NULL, 0, NULL, 0, &random_spacing);
    cr_assert_not_null(layout);
    cr_expect(gt_layout_along(layout) == 0 && gt_layout_across(layout) == 2 * random_spacing.margin);
    gt_layout_free(layout);
    gt_layout_free(NULL);
}
