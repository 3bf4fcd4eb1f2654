/*
 * The order in each layer: sweeps up and down put each slot at the mean of its neighbours'
 * positions, and the order with the fewest crossings is kept; the first one of those, so that what
 * costs no crossing stays in the order given. Units that are `ordered` always do.
 */
#include "base/memory.h"
#include "layout/inside.h"

#include <string.h>

#define MOST_SWEEPS 24
#define PATIENCE 6 /* sweeps without fewer crossings */

typedef struct arrangement {
    gt_layout *layout;
    double *mean;    /* for each slot; negative: it has no neighbours there */
    uint32_t *moved; /* of a layer: slots that have neighbours; then the places of those that are ordered */
    uint32_t *best;  /* layers.list */
} arrangement;

/* Of the positions of the neighbours below, or above. */
static double mean_of(const gt_layout *layout, uint32_t slot, bool below)
{
    const gt_layout_index *index = below ? &layout->below : &layout->above;
    uint32_t start = index->first[slot], end = index->first[slot + 1];
    double sum = 0;
    for (uint32_t k = start; k < end; k++) {
        const gt_layout_link *link = &layout->links[index->list[k]];
        sum += layout->slots[below ? link->lower : link->upper].position;
    }
    return start == end ? -1 : sum / (end - start);
}

/* Slots begin with those of the units. */
static bool is_ordered(const gt_layout *layout, uint32_t slot)
{
    return slot < layout->unit_count && layout->units[slot].ordered;
}

/* By their means; equals stay in order. */
static void sort_by_mean(const double *mean, uint32_t *slots, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        uint32_t slot = slots[i], k = i;
        for (; k > 0 && mean[slots[k - 1]] > mean[slot]; k--)
            slots[k] = slots[k - 1];
        slots[k] = slot;
    }
}

/* Those whose order is given share the places that they have. */
static void keep_order(arrangement *a, uint32_t *list, uint32_t count)
{
    uint32_t *places = a->moved, ordered = 0;
    for (uint32_t i = 0; i < count; i++)
        if (is_ordered(a->layout, list[i]))
            places[ordered++] = i;
    /* Units are numbered in their order. */
    for (uint32_t i = 1; i < ordered; i++)
        for (uint32_t k = i; k > 0 && list[places[k - 1]] > list[places[k]]; k--) {
            uint32_t slot = list[places[k]];
            list[places[k]] = list[places[k - 1]];
            list[places[k - 1]] = slot;
        }
}

/* What has no neighbours keeps its position; the others share theirs. */
static void sweep_layer(arrangement *a, uint32_t k, bool below)
{
    gt_layout *layout = a->layout;
    uint32_t *list = layout->layers.list + layout->layers.first[k];
    uint32_t count = layout->layers.first[k + 1] - layout->layers.first[k], moved = 0;
    for (uint32_t i = 0; i < count; i++) {
        a->mean[list[i]] = mean_of(layout, list[i], below);
        if (a->mean[list[i]] >= 0)
            a->moved[moved++] = list[i];
    }
    sort_by_mean(a->mean, a->moved, moved);
    moved = 0;
    for (uint32_t i = 0; i < count; i++)
        if (a->mean[list[i]] >= 0)
            list[i] = a->moved[moved++];
    keep_order(a, list, count);
    for (uint32_t i = 0; i < count; i++)
        layout->slots[list[i]].position = i;
}

static void sweep(arrangement *a, bool upward)
{
    uint32_t count = a->layout->layer_count;
    for (uint32_t k = 1; k < count; k++)
        sweep_layer(a, upward ? k : count - 1 - k, upward);
}

static void restore(arrangement *a)
{
    gt_layout *layout = a->layout;
    memcpy(layout->layers.list, a->best, layout->slot_count * sizeof *a->best);
    for (uint32_t k = 0; k < layout->layer_count; k++)
        for (uint32_t i = layout->layers.first[k]; i < layout->layers.first[k + 1]; i++)
            layout->slots[layout->layers.list[i]].position = i - layout->layers.first[k];
}

static bool improve(arrangement *a)
{
    gt_layout *layout = a->layout;
    uint64_t fewest, crossings;
    uint32_t since = 0;
    if (!gt_layout_count_crossings(layout, &fewest))
        return false;
    memcpy(a->best, layout->layers.list, layout->slot_count * sizeof *a->best);
    for (uint32_t i = 0; fewest > 0 && i < MOST_SWEEPS && since < PATIENCE; i++, since++) {
        sweep(a, i % 2 == 0);
        if (!gt_layout_count_crossings(layout, &crossings))
            return false;
        if (crossings >= fewest)
            continue;
        fewest = crossings;
        since = 0;
        memcpy(a->best, layout->layers.list, layout->slot_count * sizeof *a->best);
    }
    restore(a);
    return true;
}

bool gt_layout_arrange(gt_layout *layout)
{
    uint32_t count = layout->slot_count;
    arrangement a = {.layout = layout,
                     .mean = gt_memory_new(count, sizeof *a.mean),
                     .moved = gt_memory_new(count, sizeof *a.moved),
                     .best = gt_memory_new(count, sizeof *a.best)};
    bool done = a.mean != NULL && a.moved != NULL && a.best != NULL && improve(&a);
    gt_memory_free(a.mean);
    gt_memory_free(a.moved);
    gt_memory_free(a.best);
    return done;
}
