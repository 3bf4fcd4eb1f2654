/*
 * The order of a block.
 *
 * Nodes come in the order of the tape, in which every node follows its inputs.
 * Element-by-element nodes of one shape gather in an open group. A node that is
 * not element by element goes in front of the open group if it does not depend
 * on it, and otherwise closes it: so the products of all gates come first, and
 * the gates' arithmetic is one group. What sums columns stands in the group, too,
 * with what is element by element before and after it: see order_strips.c.
 *
 * Needs: the levels, with what is wanted of them and who reads it.
 * Leaves: items in order, and which values something outside of their group reads.
 */
#include "plan/order/ordering.h"

#include "base/memory.h"
#include "ops/descriptors.h"

#include <string.h>

typedef struct ordering {
    gt_lowering *lowering;
    const gt_level *level;
    gt_item_list list;
    uint32_t open[GT_MOST_GATHERED];
    uint32_t open_count;
    bool open_strips; /* the group goes through whole columns */
    uint8_t *in_open; /* of each node */
    gt_sums sums;
} ordering;

static bool append(ordering *o, gt_item_kind kind, const uint32_t *nodes, uint32_t count)
{
    const gt_level *level = o->level;
    gt_item *item = &o->list.items[o->list.count];
    item->nodes = gt_pool_new(&o->lowering->scratch, count, sizeof *nodes);
    if (item->nodes == NULL)
        return false;
    memcpy(item->nodes, nodes, count * sizeof *nodes);
    item->count = count;
    item->kind = kind;
    item->strips = kind == GT_ITEM_GROUP && gt_order_is_in_strips(level, item);
    if (item->strips)
        gt_order_sink_in_strips(level, item->nodes, count);
    for (uint32_t i = 0; i < count; i++)
        o->list.item_of[nodes[i]] = o->list.count;
    o->list.count++;
    return true;
}

static bool close_group(ordering *o)
{
    uint32_t count = o->open_count;
    for (uint32_t i = 0; i < count; i++)
        o->in_open[o->open[i]] = 0;
    o->open_count = 0;
    bool alone = count == 1 && gt_tape_node(o->level->tape, o->open[0])->op->op_class != GT_CLASS_ELEMENTWISE;
    return count == 0 || append(o, alone ? GT_ITEM_NODE : GT_ITEM_GROUP, o->open, count);
}

static bool depends_on_open(const ordering *o, uint32_t index)
{
    const gt_node *node = gt_tape_node(o->level->tape, index);
    for (uint32_t k = 0; k < node->input_count; k++)
        if (o->in_open[gt_node_inputs(o->level->tape, node)[k]])
            return true;
    return false;
}

/* A view that moves no number is in front of the group only if what it looks at is. */
static bool is_group_op(const gt_node *node)
{
    return node->op->op_class == GT_CLASS_ELEMENTWISE && node->input_count <= 4;
}

/* Its shape is that of the whole group; a result of the group that it stretches must be complete first. */
static bool fits_entries(const ordering *o, uint32_t index)
{
    const gt_node *node = gt_tape_node(o->level->tape, index);
    bool fits = !o->open_strips && node->op->op_class == GT_CLASS_ELEMENTWISE &&
                gt_shape_equal(gt_level_shape(o->level, o->open[0]), gt_level_shape(o->level, index));
    for (uint32_t k = 0; k < node->input_count && fits; k++) {
        uint32_t input = gt_node_inputs(o->level->tape, node)[k];
        fits = !o->in_open[input] || gt_shape_equal(gt_level_shape(o->level, input), gt_level_shape(o->level, index));
    }
    return fits;
}

static bool fits_strips(const ordering *o, uint32_t index)
{
    return gt_order_fits_strips(o->lowering, o->level, o->open, o->open_count, index);
}

static bool add_to_group(ordering *o, uint32_t index)
{
    bool entries = o->open_count == 0 || fits_entries(o, index), fits = entries || fits_strips(o, index);
    if ((!fits || o->open_count >= gt_order_most_in_group(o->lowering, o->open_strips || !entries)) && !close_group(o))
        return false;
    bool alone = o->open_count == 0;
    o->open_strips = alone ? !is_group_op(gt_tape_node(o->level->tape, index)) : o->open_strips || !entries;
    o->open[o->open_count++] = index;
    o->in_open[index] = 1;
    return true;
}

/* A sum joins the group, or begins one; rows are cut and joined in it where they are of the group. */
static bool is_in_group(const ordering *o, uint32_t index)
{
    const gt_node *node = gt_tape_node(o->level->tape, index);
    if (!gt_order_is_strip_op(o->lowering, o->level, index))
        return false;
    bool begins = o->open_count == 0 && node->op->op_class == GT_CLASS_REDUCTION;
    bool joins = node->op->op_class == GT_CLASS_REDUCTION || depends_on_open(o, index);
    return begins || (o->open_count > 0 && o->open_count < gt_order_most_in_group(o->lowering, true) && joins &&
                      fits_strips(o, index));
}

static bool append_op(ordering *o, uint32_t index)
{
    bool joined = false;
    bool done = depends_on_open(o, index) || gt_order_join_group(o->lowering, &o->list, index, &joined);
    return done && (joined || add_to_group(o, index));
}

/* ---- sums of products ---------------------------------------------------------------------- */

/* The nodes of a sum, in the order of the tape; whether one of its products waits for the open group. */
static uint32_t *terms_of(ordering *o, uint32_t index, uint32_t *count, bool *waits)
{
    const gt_sums *sums = &o->sums;
    uint32_t n = 0;
    for (uint32_t i = sums->first[index]; i != 0; i = sums->next[i])
        n++;
    uint32_t *nodes = gt_pool_new(&o->lowering->scratch, n, sizeof *nodes);
    *count = n;
    *waits = false;
    n = 0;
    for (uint32_t i = sums->first[index]; i != 0 && nodes != NULL; i = sums->next[i]) {
        nodes[n++] = i;
        *waits |= gt_tape_node(o->level->tape, i)->op == &gt_op_matmul && depends_on_open(o, i);
    }
    return nodes;
}

static bool append_products(ordering *o, const uint32_t *nodes, uint32_t count, uint32_t addend)
{
    gt_item_kind kind = count > 1 ? GT_ITEM_SUM_OF_PRODUCTS : GT_ITEM_NODE;
    if (!append(o, kind, nodes, count))
        return false;
    o->list.items[o->list.count - 1].addend = addend;
    return true;
}

static bool append_sum(ordering *o, uint32_t index)
{
    uint32_t count, addend = o->sums.addend[index];
    bool waits;
    const uint32_t *nodes = terms_of(o, index, &count, &waits);
    if (nodes == NULL)
        return false;
    /* Products that could go in front of the group do not wait for it: then the addition is one more of its ops. */
    if (addend != 0 && o->in_open[addend] && !waits)
        return append_products(o, nodes, count - 1, 0) && add_to_group(o, index);
    return (!waits || close_group(o)) && append_products(o, nodes, count, addend);
}

/* ---- the order ----------------------------------------------------------------------------- */

static bool order_node(ordering *o, uint32_t index)
{
    const gt_level *level = o->level;
    const gt_node *node = gt_level_node(level, index);
    if (node->op->op_class == GT_CLASS_PART) {
        /* It comes with its tuple. */
        o->list.item_of[index] = o->list.item_of[gt_level_inputs(level, index)[0]];
        return true;
    }
    if (o->sums.of[index] != 0)
        return o->sums.of[index] != index || append_sum(o, index);
    if (is_group_op(node))
        return append_op(o, index);
    if (is_in_group(o, index))
        return add_to_group(o, index);
    return (!depends_on_open(o, index) || close_group(o)) && append(o, GT_ITEM_NODE, &index, 1);
}

/* Nothing is in a group or a sum with what is of the other half. */
static bool order_half(ordering *o, bool backward)
{
    const gt_level *level = o->level;
    for (uint32_t i = 1; i <= level->count; i++) {
        bool in_half = level->backward == NULL || level->backward[i] == backward;
        if (level->wanted[i] && in_half && !gt_level_enters(level, i) && !order_node(o, i))
            return false;
    }
    return close_group(o);
}

static bool order_all(ordering *o)
{
    bool forward = order_half(o, false);
    o->list.turn = o->list.count;
    return forward && (o->level->backward == NULL || order_half(o, true));
}

/* ---- what follows from the order ------------------------------------------------------------- */

static void find_positions(const gt_item_list *list, uint32_t *position_of)
{
    for (uint32_t i = 0; i < list->count; i++)
        for (uint32_t position = 0; position < list->items[i].count; position++)
            position_of[list->items[i].nodes[position]] = position;
}

/* Which values of groups are read by something else than their group. */
static void mark_kept(const gt_item_list *list, uint8_t *kept)
{
    const gt_level *level = list->level;
    for (uint32_t i = 1; i <= level->count; i++) {
        kept[i] |= level->uses->leaves[i] > 0;
        for (uint32_t k = 0; k < gt_level_node(level, i)->input_count && level->wanted[i]; k++) {
            uint32_t input = gt_level_inputs(level, i)[k];
            bool inside =
                list->item_of[input] == list->item_of[i] && list->items[list->item_of[i]].kind == GT_ITEM_GROUP;
            kept[input] |= !inside;
        }
    }
}

static const gt_order *result(gt_pool *pool, const gt_item_list *list)
{
    size_t count = (size_t)list->level->count + 1;
    gt_order *order = gt_pool_new(pool, 1, sizeof *order);
    uint32_t *position_of = gt_pool_new(pool, count, sizeof *position_of);
    uint8_t *kept = gt_pool_new(pool, count, sizeof *kept);
    if (order == NULL || position_of == NULL || kept == NULL)
        return NULL;
    find_positions(list, position_of);
    mark_kept(list, kept);
    *order = (gt_order){list->items, list->count, list->turn, list->item_of, position_of, kept};
    return order;
}

const gt_order *gt_order_find(gt_lowering *lowering, const gt_level *level)
{
    gt_pool *pool = &lowering->scratch;
    size_t count = (size_t)level->count + 1;
    ordering o = {.lowering = lowering, .level = level, .in_open = gt_pool_new(pool, count, 1)};
    o.list = (gt_item_list){.level = level,
                            .items = gt_pool_new(pool, count, sizeof *o.list.items),
                            .item_of = gt_pool_new(pool, count, sizeof *o.list.item_of)};
    if (o.in_open == NULL || o.list.items == NULL || o.list.item_of == NULL ||
        !gt_order_find_sums(lowering, level, &o.sums) || !order_all(&o) || !gt_order_merge_groups(lowering, &o.list) ||
        (lowering->compiles && !gt_order_cut_groups(lowering, &o.list)))
        return NULL;
    if (gt_lower_chooses(lowering, GT_CHOICE_STACK_PRODUCTS))
        gt_order_gather_products(&o.list);
    if (gt_level_has_loops(level) && gt_lower_chooses(lowering, GT_CHOICE_SUM_WITH_PRODUCTS))
        gt_order_move_row_sums(&o.list);
    return result(pool, &o.list);
}

bool gt_order_is_stored(const gt_level *level, uint32_t index)
{
    const gt_item *item = gt_order_item(level, index);
    bool in_tile = item->kind == GT_ITEM_GROUP && !level->order->kept[index];
    bool term = item->kind == GT_ITEM_SUM_OF_PRODUCTS && item->nodes[item->count - 1] != index;
    return !in_tile && !term;
}
