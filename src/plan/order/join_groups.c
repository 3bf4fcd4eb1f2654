/*
 * What comes late joins the group of what it reads, though products stand behind that by now: the
 * values that pass between them need not be stored then. A node joins if nothing else reads it, a
 * whole group if it reads nothing that comes behind the other one.
 */
#include "plan/order/ordering.h"

#include <string.h>

#define NO_ITEM UINT32_MAX

/* Of what the node reads, the last item; `own` does not count. */
static uint32_t last_item_read(const gt_item_list *list, uint32_t index, uint32_t own, uint32_t last)
{
    const gt_level *level = list->level;
    for (uint32_t k = 0; k < gt_level_node(level, index)->input_count; k++) {
        uint32_t input = gt_level_inputs(level, index)[k], item = list->item_of[input];
        if (!gt_level_enters(level, input) && item != own && (last == NO_ITEM || item > last))
            last = item;
    }
    return last;
}

/* ---- single nodes -------------------------------------------------------------------------- */

/* Does the node read values of the group as they are written, entry by entry? */
static bool fits_group(const gt_lowering *lowering, const gt_item_list *list, const gt_item *group, uint32_t index)
{
    const gt_level *level = list->level;
    const gt_node *node = gt_tape_node(level->tape, index);
    bool room = group->kind == GT_ITEM_GROUP && group->count < gt_order_most_in_group(lowering, group->strips);
    if (room && group->strips)
        return gt_order_fits_strips(lowering, level, group->nodes, group->count, index);
    bool fits = room && gt_shape_equal(gt_level_shape(level, group->nodes[0]), gt_level_shape(level, index));
    for (uint32_t k = 0; k < node->input_count && fits; k++) {
        uint32_t input = gt_node_inputs(level->tape, node)[k];
        bool inside = !gt_level_enters(level, input) && &list->items[list->item_of[input]] == group;
        fits = !inside || gt_shape_equal(gt_level_shape(level, input), gt_level_shape(level, index));
    }
    return fits;
}

bool gt_order_join_group(gt_lowering *lowering, gt_item_list *list, uint32_t index, bool *joined)
{
    const gt_level *level = list->level;
    *joined = false;
    if (level->scan == NULL || level->uses->reads[index] > 0)
        return true;
    uint32_t number = last_item_read(list, index, NO_ITEM, NO_ITEM);
    if (number == NO_ITEM || !fits_group(lowering, list, &list->items[number], index))
        return true;
    gt_item *group = &list->items[number];
    uint32_t *nodes = gt_pool_new(&lowering->scratch, group->count + 1, sizeof *nodes);
    if (nodes == NULL)
        return false;
    uint32_t at = group->strips ? gt_order_position_in_strips(level, group, index) : group->count;
    memcpy(nodes, group->nodes, at * sizeof *nodes);
    nodes[at] = index;
    memcpy(nodes + at + 1, group->nodes + at, (group->count - at) * sizeof *nodes);
    group->nodes = nodes;
    group->count++;
    list->item_of[index] = number;
    *joined = true;
    return true;
}

/* ---- groups -------------------------------------------------------------------------------- */

/* The nodes of two groups as those of one; *fits says whether they can be. NULL on no memory. */
static uint32_t *join_nodes(gt_lowering *lowering, const gt_level *level, const gt_item *a, const gt_item *b,
                            bool *fits)
{
    uint32_t count = a->count, *nodes = gt_pool_new(&lowering->scratch, count + b->count, sizeof *nodes);
    if (nodes == NULL)
        return NULL;
    memcpy(nodes, a->nodes, count * sizeof *nodes);
    bool strips = a->strips || b->strips;
    *fits = strips || gt_shape_equal(gt_level_shape(level, a->nodes[0]), gt_level_shape(level, b->nodes[0]));
    *fits &= count + b->count <= gt_order_most_in_group(lowering, strips);
    for (uint32_t n = 0; n < b->count; n++) {
        *fits = *fits && (!strips || gt_order_fits_strips(lowering, level, nodes, count, b->nodes[n]));
        nodes[count++] = b->nodes[n];
    }
    return nodes;
}

/* The group that all of item `i` could be done in, among those from `begin` on; NO_ITEM: none. */
static uint32_t group_of_reads(const gt_item_list *list, uint32_t i, uint32_t begin)
{
    const gt_item *item = &list->items[i];
    uint32_t last = NO_ITEM;
    for (uint32_t n = 0; n < item->count && item->kind == GT_ITEM_GROUP; n++)
        last = last_item_read(list, item->nodes[n], i, last);
    return last != NO_ITEM && last >= begin && list->items[last].kind == GT_ITEM_GROUP ? last : NO_ITEM;
}

/* False on no memory. */
static bool merge(gt_lowering *lowering, const gt_item_list *list, uint32_t to, uint32_t from, bool *merged)
{
    gt_item *group = &list->items[to];
    const gt_item *late = &list->items[from];
    uint32_t *nodes = join_nodes(lowering, list->level, group, late, merged);
    if (nodes == NULL || !*merged)
        return nodes != NULL;
    group->nodes = nodes;
    group->count += late->count;
    group->strips |= late->strips;
    if (group->strips)
        gt_order_sink_in_strips(list->level, group->nodes, group->count);
    gt_order_number_items(list, to, to);
    return true;
}

bool gt_order_merge_groups(gt_lowering *lowering, gt_item_list *list)
{
    uint32_t count = 0, turn = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        turn = i == list->turn ? count : turn;
        uint32_t to = group_of_reads(list, i, i >= list->turn ? turn : 0);
        bool merged = false;
        if (to != NO_ITEM && !merge(lowering, list, to, i, &merged))
            return false;
        if (merged)
            continue;
        list->items[count] = list->items[i];
        gt_order_number_items(list, count, count);
        count++;
    }
    list->turn = list->turn == list->count ? count : turn;
    list->count = count;
    return true;
}
