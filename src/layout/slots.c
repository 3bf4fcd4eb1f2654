/* What stands in the layers: units, and a place for each edge that passes one. */
#include "base/memory.h"
#include "layout/inside.h"

/* Whether an edge has to go around, though it may not have been meant to. */
static void set_line(const gt_layout *layout, uint32_t i)
{
    const gt_layout_edge *edge = &layout->edges[i];
    gt_layout_line *line = &layout->lines[i];
    uint32_t from = layout->units[edge->from].layer, to = layout->units[edge->to].layer;
    uint32_t span = from < to ? to - from : from - to;
    *line = (gt_layout_line){.turned = from > to,
                             .around = edge->around || span == 0 || span > GT_LAYOUT_LONGEST,
                             .from_late = edge->around ? edge->from_late : from <= to,
                             .to_late = edge->around ? edge->to_late : from >= to,
                             .from_port = edge->from_port,
                             .to_port = edge->to_port};
    line->slot_count = line->around ? 0 : span - 1;
    line->from_channel = from + line->from_late;
    line->to_channel = to + line->to_late;
}

static bool count_slots(gt_layout *layout)
{
    uint64_t slots = layout->unit_count, links = 0;
    for (uint32_t i = 0; i < layout->edge_count; i++) {
        gt_layout_line *line = &layout->lines[i];
        set_line(layout, i);
        line->first_slot = (uint32_t)slots;
        slots += line->slot_count;
        links += line->around ? 0 : line->slot_count + 1;
    }
    if (links >= UINT32_MAX || slots >= UINT32_MAX)
        return false;
    layout->slot_count = (uint32_t)slots;
    layout->slots = gt_memory_new(slots, sizeof *layout->slots);
    layout->links = gt_memory_new(links, sizeof *layout->links);
    return layout->slots != NULL && layout->links != NULL;
}

/* Long edges want to be straight where they pass. */
static double weight_of(const gt_layout *layout, double weight, uint32_t lower, uint32_t upper)
{
    uint32_t passing = (lower >= layout->unit_count) + (upper >= layout->unit_count);
    return weight * (passing == 2 ? 8 : passing == 1 ? 2 : 1);
}

static void link_up(gt_layout *layout, uint32_t i)
{
    const gt_layout_edge *edge = &layout->edges[i];
    const gt_layout_line *line = &layout->lines[i];
    uint32_t lower = line->turned ? edge->to : edge->from, last = line->turned ? edge->from : edge->to;
    double port = line->turned ? edge->to_port : edge->from_port;
    double last_port = line->turned ? edge->from_port : edge->to_port;
    uint32_t layer = layout->units[lower].layer;
    for (uint32_t k = 0; k <= line->slot_count; k++) {
        bool end = k == line->slot_count;
        uint32_t upper = end ? last : line->first_slot + k;
        if (!end)
            layout->slots[upper].layer = ++layer;
        layout->links[layout->link_count++] = (gt_layout_link){.lower = lower,
                                                               .upper = upper,
                                                               .lower_port = port,
                                                               .upper_port = end ? last_port : 0,
                                                               .weight = weight_of(layout, edge->weight, lower, upper)};
        lower = upper;
        port = 0;
    }
}

/* Slots of each layer, in the order of units; where an edge passes, it stands like its lower end. */
static bool order_slots(gt_layout *layout)
{
    uint32_t count = layout->slot_count;
    uint32_t *key = gt_memory_new(count, sizeof *key), *layer = gt_memory_new(count, sizeof *layer);
    gt_layout_index by_key = {0};
    for (uint32_t i = 0; key != NULL && i < layout->unit_count; i++)
        key[i] = i;
    for (uint32_t i = 0; key != NULL && i < layout->edge_count; i++)
        for (uint32_t k = 0; k < layout->lines[i].slot_count; k++)
            key[layout->lines[i].first_slot + k] =
                layout->lines[i].turned ? layout->edges[i].to : layout->edges[i].from;
    bool done = key != NULL && layer != NULL && gt_layout_index_open(&by_key, key, 1, count, layout->unit_count);
    for (uint32_t i = 0; done && i < count; i++)
        layer[i] = layout->slots[by_key.list[i]].layer;
    done = done && gt_layout_index_open(&layout->layers, layer, 1, count, layout->layer_count);
    for (uint32_t i = 0; done && i < count; i++)
        layout->layers.list[i] = by_key.list[layout->layers.list[i]];
    for (uint32_t k = 0; done && k < layout->layer_count; k++)
        for (uint32_t i = layout->layers.first[k]; i < layout->layers.first[k + 1]; i++)
            layout->slots[layout->layers.list[i]].position = i - layout->layers.first[k];
    gt_layout_index_close(&by_key);
    gt_memory_free(key);
    gt_memory_free(layer);
    return done;
}

bool gt_layout_make_slots(gt_layout *layout)
{
    if (!count_slots(layout))
        return false;
    for (uint32_t i = 0; i < layout->unit_count; i++) {
        layout->slots[i].layer = layout->units[i].layer;
        layout->slots[i].across = layout->units[i].across;
    }
    for (uint32_t i = 0; i < layout->edge_count; i++)
        if (!layout->lines[i].around)
            link_up(layout, i);
    size_t stride = sizeof *layout->links / sizeof(uint32_t);
    return order_slots(layout) &&
           gt_layout_index_open(&layout->below, &layout->links->upper, stride, layout->link_count,
                                layout->slot_count) &&
           gt_layout_index_open(&layout->above, &layout->links->lower, stride, layout->link_count, layout->slot_count);
}
