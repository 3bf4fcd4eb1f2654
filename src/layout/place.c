/* Places across: sweeps in which each slot wants to stand at the median of its neighbours. */
#include "base/memory.h"
#include "layout/inside.h"

#include <math.h>
#include <stdlib.h>

#define SWEEPS 24

typedef struct placing {
    gt_layout *layout;
    double *wanted, *weight, *gap, *x, *work; /* of one layer */
    double *neighbour, *neighbour_weight;     /* of one slot */
} placing;

static uint32_t add_neighbours(placing *p, uint32_t slot, bool below, uint32_t count)
{
    const gt_layout *layout = p->layout;
    const gt_layout_index *index = below ? &layout->below : &layout->above;
    for (uint32_t k = index->first[slot]; k < index->first[slot + 1]; k++) {
        const gt_layout_link *link = &layout->links[index->list[k]];
        double place = below ? layout->slots[link->lower].place + link->lower_port - link->upper_port
                             : layout->slots[link->upper].place + link->upper_port - link->lower_port;
        uint32_t i = count++;
        for (; i > 0 && p->neighbour[i - 1] > place; i--) {
            p->neighbour[i] = p->neighbour[i - 1];
            p->neighbour_weight[i] = p->neighbour_weight[i - 1];
        }
        p->neighbour[i] = place;
        p->neighbour_weight[i] = link->weight;
    }
    return count;
}

/*
 * The weighted median of the neighbours. Of two that weigh the same, their middle; but with one below and
 * one above, the nearer to `place`, so that one of the two lines is straight.
 */
static double median_of(const placing *p, uint32_t count, double weight, bool between, double place)
{
    double sum = 0;
    for (uint32_t i = 0; i + 1 < count; i++) {
        sum += p->neighbour_weight[i];
        if (sum * 2 == weight && between)
            return place - p->neighbour[i] <= p->neighbour[i + 1] - place ? p->neighbour[i] : p->neighbour[i + 1];
        if (sum * 2 == weight)
            return (p->neighbour[i] + p->neighbour[i + 1]) / 2;
        if (sum * 2 > weight)
            return p->neighbour[i];
    }
    return p->neighbour[count - 1];
}

static void want(placing *p, uint32_t slot, uint32_t i, bool below, bool above)
{
    uint32_t lower = below ? add_neighbours(p, slot, true, 0) : 0, count = lower;
    count = above ? add_neighbours(p, slot, false, count) : count;
    double weight = 0;
    for (uint32_t k = 0; k < count; k++)
        weight += p->neighbour_weight[k];
    p->wanted[i] = count == 0 ? p->layout->slots[slot].place
                              : median_of(p, count, weight, lower == 1 && count == 2, p->layout->slots[slot].place);
    p->weight[i] = count == 0 ? 0.01 : weight;
}

static double gap_between(const gt_layout *layout, uint32_t a, uint32_t b)
{
    bool lines = a >= layout->unit_count || b >= layout->unit_count;
    return (layout->slots[a].across + layout->slots[b].across) / 2 +
           (lines ? layout->spacing.lines : layout->spacing.units);
}

static void place_layer(placing *p, uint32_t k, bool below, bool above)
{
    gt_layout *layout = p->layout;
    const uint32_t *list = layout->layers.list + layout->layers.first[k];
    uint32_t count = layout->layers.first[k + 1] - layout->layers.first[k];
    for (uint32_t i = 0; i < count; i++) {
        want(p, list[i], i, below, above);
        if (i + 1 < count)
            p->gap[i] = gap_between(layout, list[i], list[i + 1]);
    }
    gt_layout_separate(p->wanted, p->weight, p->gap, count, p->x, p->work);
    for (uint32_t i = 0; i < count; i++)
        layout->slots[list[i]].place = p->x[i];
}

/* Upward, downward, and by both sides at the end. */
static void place_all(placing *p)
{
    uint32_t count = p->layout->layer_count;
    for (uint32_t k = 0; k < count; k++)
        place_layer(p, k, false, false);
    for (uint32_t i = 0; i < SWEEPS; i++)
        for (uint32_t k = 0; k < count; k++) {
            bool upward = i % 2 == 0, both = i >= SWEEPS / 2;
            place_layer(p, upward ? k : count - 1 - k, upward || both, !upward || both);
        }
}

static double start_of(const gt_layout_slot *slot)
{
    return slot->place - slot->across / 2;
}

static int compare_starts(const void *a, const void *b)
{
    const gt_layout_slot *first = *(gt_layout_slot *const *)a, *second = *(gt_layout_slot *const *)b;
    double x = start_of(first), y = start_of(second);
    return x != y ? (x > y) - (x < y) : (first > second) - (first < second);
}

/* A strip through all layers in which nothing stands is made narrow: what no line holds may have drifted away. */
static bool close_strips(gt_layout *layout)
{
    double end = -INFINITY, shift = 0;
    gt_layout_slot **order = gt_memory_new(layout->slot_count, sizeof(gt_layout_slot *));
    for (uint32_t i = 0; order != NULL && i < layout->slot_count; i++)
        order[i] = &layout->slots[i];
    if (order != NULL)
        qsort(order, layout->slot_count, sizeof *order, compare_starts);
    for (uint32_t i = 0; order != NULL && i < layout->slot_count; i++) {
        double start = start_of(order[i]), far = start + order[i]->across;
        if (i > 0 && start - end > layout->spacing.units)
            shift += start - end - layout->spacing.units;
        end = fmax(end, far);
        order[i]->place -= shift;
    }
    gt_memory_free(order);
    return order != NULL;
}

/* All places begin behind the margin. */
static void shift(gt_layout *layout)
{
    double first = 0, last = 0;
    for (uint32_t i = 0; i < layout->slot_count; i++) {
        const gt_layout_slot *slot = &layout->slots[i];
        double start = slot->place - slot->across / 2, end = slot->place + slot->across / 2;
        first = i == 0 || start < first ? start : first;
        last = i == 0 || end > last ? end : last;
    }
    for (uint32_t i = 0; i < layout->slot_count; i++)
        layout->slots[i].place += layout->spacing.margin - first;
    layout->inner_across = last - first + 2 * layout->spacing.margin;
}

bool gt_layout_place(gt_layout *layout)
{
    uint64_t slots = layout->slot_count, links = layout->link_count;
    double *memory = gt_memory_new(7 * slots + 2 * links, sizeof *memory);
    if (memory == NULL)
        return false;
    placing p = {.layout = layout,
                 .wanted = memory,
                 .weight = memory + slots,
                 .gap = memory + 2 * slots,
                 .x = memory + 3 * slots,
                 .work = memory + 4 * slots,
                 .neighbour = memory + 7 * slots,
                 .neighbour_weight = memory + 7 * slots + links};
    place_all(&p);
    bool done = close_strips(layout);
    shift(layout);
    gt_memory_free(memory);
    return done;
}
