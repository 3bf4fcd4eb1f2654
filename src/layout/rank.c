/* Layers: each unit as early as the edges allow, and what nothing stands before close to its first reader. */
#include "base/memory.h"
#include "layout/inside.h"

typedef struct ranking {
    gt_layout *layout;
    uint32_t *lower, *upper; /* the constraints */
    uint32_t count;
    gt_layout_index above;   /* constraints by their lower unit */
    uint32_t *waiting;       /* for each unit, how many of its lower ones have no layer yet */
    uint32_t *order;         /* units, each behind those below it */
    uint32_t *newest, *next; /* lists of constraints by lower unit, while they are gathered */
    bool *seen;
    uint32_t *stack;
} ranking;

/* Whether a chain of constraints leads from unit `a` up to `b`. */
static bool leads_to(ranking *r, uint32_t a, uint32_t b)
{
    uint32_t depth = 0, count = r->layout->unit_count;
    for (uint32_t i = 0; i < count; i++)
        r->seen[i] = false;
    r->stack[depth++] = a;
    r->seen[a] = true;
    while (depth > 0) {
        uint32_t at = r->stack[--depth];
        if (at == b)
            return true;
        for (uint32_t k = r->newest[at]; k != GT_LAYOUT_NONE; k = r->next[k])
            if (!r->seen[r->upper[k]]) {
                r->seen[r->upper[k]] = true;
                r->stack[depth++] = r->upper[k];
            }
    }
    return false;
}

static void gather(ranking *r)
{
    bool ascending = true; /* no circle as long as all lead from smaller numbers to larger ones */
    for (uint32_t i = 0; i < r->layout->unit_count; i++)
        r->newest[i] = GT_LAYOUT_NONE;
    for (uint32_t i = 0; i < r->layout->edge_count; i++) {
        const gt_layout_edge *edge = &r->layout->edges[i];
        bool up = edge->order == GT_LAYOUT_UP;
        uint32_t lower = up ? edge->from : edge->to, upper = up ? edge->to : edge->from;
        if (edge->order == GT_LAYOUT_ANYHOW || lower == upper)
            continue;
        ascending = ascending && lower < upper;
        if (!ascending && leads_to(r, upper, lower))
            continue;
        r->lower[r->count] = lower;
        r->upper[r->count] = upper;
        r->next[r->count] = r->newest[lower];
        r->newest[lower] = r->count++;
    }
}

static void find_layers(ranking *r)
{
    gt_layout_unit *units = r->layout->units;
    uint32_t done = 0, found = 0;
    for (uint32_t k = 0; k < r->count; k++)
        r->waiting[r->upper[k]]++;
    for (uint32_t i = 0; i < r->layout->unit_count; i++) {
        units[i].layer = 0;
        if (r->waiting[i] == 0)
            r->order[found++] = i;
    }
    while (done < found) {
        uint32_t at = r->order[done++];
        for (uint32_t k = r->above.first[at]; k < r->above.first[at + 1]; k++) {
            uint32_t upper = r->upper[r->above.list[k]];
            if (units[upper].layer < units[at].layer + 1)
                units[upper].layer = units[at].layer + 1;
            if (--r->waiting[upper] == 0)
                r->order[found++] = upper;
        }
    }
}

/* What nothing stands before moves up to below its first reader. */
static void pull_sources(ranking *r)
{
    gt_layout_unit *units = r->layout->units;
    for (uint32_t k = 0; k < r->count; k++)
        r->waiting[r->upper[k]]++;
    for (uint32_t i = 0; i < r->layout->unit_count; i++) {
        uint32_t first = GT_LAYOUT_NONE;
        for (uint32_t k = r->above.first[i]; r->waiting[i] == 0 && k < r->above.first[i + 1]; k++) {
            uint32_t layer = units[r->upper[r->above.list[k]]].layer;
            first = layer < first ? layer : first;
        }
        if (first != GT_LAYOUT_NONE)
            units[i].layer = first - 1;
    }
}

/* Places at the border have layers of their own. */
static void set_borders(gt_layout *layout)
{
    uint32_t last = 0;
    bool first = false, at_end = false;
    for (uint32_t i = 0; i < layout->unit_count; i++) {
        first |= layout->units[i].border == GT_LAYOUT_FIRST;
        at_end |= layout->units[i].border == GT_LAYOUT_LAST;
    }
    for (uint32_t i = 0; i < layout->unit_count; i++) {
        gt_layout_unit *unit = &layout->units[i];
        if (unit->border == GT_LAYOUT_FIRST)
            unit->layer = 0;
        else if (first && unit->border == GT_LAYOUT_INSIDE)
            unit->layer++;
        if (unit->border == GT_LAYOUT_INSIDE && unit->layer > last)
            last = unit->layer;
    }
    for (uint32_t i = 0; i < layout->unit_count; i++)
        if (layout->units[i].border == GT_LAYOUT_LAST)
            layout->units[i].layer = last + 1;
    layout->layer_count = layout->unit_count == 0 ? 0 : last + 1 + at_end;
}

/* A layer without units, which sources may have left, is taken out. */
static bool close_gaps(gt_layout *layout)
{
    uint32_t *place = gt_memory_new((uint64_t)layout->layer_count + 1, sizeof *place);
    if (place == NULL)
        return false;
    for (uint32_t i = 0; i < layout->unit_count; i++)
        place[layout->units[i].layer] = 1;
    uint32_t count = 0;
    for (uint32_t k = 0; k < layout->layer_count; k++) {
        bool used = place[k] != 0;
        place[k] = count;
        count += used;
    }
    for (uint32_t i = 0; i < layout->unit_count; i++)
        layout->units[i].layer = place[layout->units[i].layer];
    layout->layer_count = count;
    gt_memory_free(place);
    return true;
}

static bool open_ranking(ranking *r)
{
    uint32_t units = r->layout->unit_count, edges = r->layout->edge_count;
    r->lower = gt_memory_new(edges, sizeof *r->lower);
    r->upper = gt_memory_new(edges, sizeof *r->upper);
    r->next = gt_memory_new(edges, sizeof *r->next);
    r->newest = gt_memory_new(units, sizeof *r->newest);
    r->waiting = gt_memory_new(units, sizeof *r->waiting);
    r->order = gt_memory_new(units, sizeof *r->order);
    r->seen = gt_memory_new(units, sizeof *r->seen);
    r->stack = gt_memory_new(units, sizeof *r->stack);
    return r->lower != NULL && r->upper != NULL && r->next != NULL && r->newest != NULL && r->waiting != NULL &&
           r->order != NULL && r->seen != NULL && r->stack != NULL;
}

static void close_ranking(ranking *r)
{
    gt_layout_index_close(&r->above);
    gt_memory_free(r->lower);
    gt_memory_free(r->upper);
    gt_memory_free(r->next);
    gt_memory_free(r->newest);
    gt_memory_free(r->waiting);
    gt_memory_free(r->order);
    gt_memory_free(r->seen);
    gt_memory_free(r->stack);
}

bool gt_layout_rank(gt_layout *layout)
{
    ranking r = {.layout = layout};
    bool done = open_ranking(&r);
    if (done) {
        gather(&r);
        done = gt_layout_index_open(&r.above, r.lower, 1, r.count, layout->unit_count);
    }
    if (done) {
        find_layers(&r);
        pull_sources(&r);
        set_borders(layout);
        done = close_gaps(layout);
    }
    close_ranking(&r);
    return done;
}
