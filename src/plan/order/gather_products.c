/*
 * Products of one right operand stand together in the order of a block, before
 * memory is planned, so that they can be done as one: see stack_products.c.
 */
#include "ops/descriptors.h"
#include "plan/order/ordering.h"

/* How far a product moves at most: planning stays proportional to the tape. */
enum { FARTHEST = 64 };

/* The node of an item that is one product, with or without an addend; otherwise NULL. */
const gt_node *gt_order_product_of(const gt_level *level, const gt_item *item)
{
    const gt_node *node = gt_level_node(level, item->nodes[0]);
    bool one = item->kind == GT_ITEM_NODE || (item->kind == GT_ITEM_SUM_OF_PRODUCTS && item->count == 2);
    return one && node->op == &gt_op_matmul ? node : NULL;
}

bool gt_order_share_right(const gt_level *level, const gt_node *a, const gt_node *b)
{
    return gt_node_inputs(level->tape, a)[1] == gt_node_inputs(level->tape, b)[1] &&
           gt_node_attributes(level->tape, a)[1] == gt_node_attributes(level->tape, b)[1] &&
           gt_shape_equal(gt_node_shape(level->tape, a), gt_node_shape(level->tape, b));
}

static bool is_there(const gt_item_list *list, uint32_t node, uint32_t position)
{
    return gt_level_enters(list->level, node) || list->item_of[node] < position;
}

static bool inputs_are_there(const gt_item_list *list, const gt_node *node, uint32_t position)
{
    for (uint32_t k = 0; k < node->input_count; k++)
        if (!is_there(list, gt_node_inputs(list->level->tape, node)[k], position))
            return false;
    return true;
}

/* A view, which may come as soon as what it looks at. */
static bool is_view(const gt_level *level, uint32_t node)
{
    return gt_level_node(level, node)->op->op_class == GT_CLASS_VIEW;
}

/* Whether all that the product reads is there before the item at `position`, or can be. */
static bool can_be_ready(const gt_item_list *list, const uint32_t *reads, uint32_t count, uint32_t position)
{
    for (uint32_t k = 0; k < count; k++) {
        bool view =
            is_view(list->level, reads[k]) && inputs_are_there(list, gt_level_node(list->level, reads[k]), position);
        if (!view && !is_there(list, reads[k], position))
            return false;
    }
    return true;
}

void gt_order_number_items(const gt_item_list *list, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i <= to; i++)
        for (uint32_t n = 0; n < list->items[i].count; n++)
            list->item_of[list->items[i].nodes[n]] = i;
    /* Parts come with their tuples. */
    for (uint32_t i = from; i <= to; i++)
        for (uint32_t part = list->level->chain[list->items[i].nodes[0]]; part != 0; part = list->level->chain[part])
            list->item_of[part] = i;
}

void gt_order_move_up(const gt_item_list *list, uint32_t from, uint32_t to)
{
    const gt_item moved = list->items[from];
    for (uint32_t i = from; i > to; i--)
        list->items[i] = list->items[i - 1];
    list->items[to] = moved;
    gt_order_number_items(list, to, from);
}

/* Moves the product at `from`, and the views that it reads, up to `to`. */
static void move_product(const gt_item_list *list, const uint32_t *reads, uint32_t count, uint32_t from, uint32_t to)
{
    for (uint32_t k = 0; k < count; k++)
        if (!is_there(list, reads[k], to))
            gt_order_move_up(list, list->item_of[reads[k]], to++);
    gt_order_move_up(list, from, to);
}

static void move_to_its_like(const gt_item_list *list, uint32_t from)
{
    const gt_level *level = list->level;
    const gt_item *item = &list->items[from];
    const gt_node *product = gt_order_product_of(level, item);
    uint32_t reads[3], count = 0;
    for (; product != NULL && count < product->input_count; count++)
        reads[count] = gt_node_inputs(level->tape, product)[count];
    if (item->addend != 0)
        reads[count++] = item->addend;
    uint32_t begin = gt_order_begin_of_half(list, from);
    for (uint32_t i = from; product != NULL && i > begin && from - i < FARTHEST; i--) {
        const gt_node *other = gt_order_product_of(level, &list->items[i - 1]);
        if (other == NULL || !gt_order_share_right(level, product, other))
            continue;
        if (can_be_ready(list, reads, count, i))
            move_product(list, reads, count, from, i);
        return;
    }
}

void gt_order_gather_products(const gt_item_list *list)
{
    for (uint32_t i = 1; i < list->count; i++)
        move_to_its_like(list, i);
}
