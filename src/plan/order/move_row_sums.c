/*
 * The gradient of a bias is the sum of all columns of what is also the left
 * operand of a weight's gradient: `d` in d @ xᵀ and in sum(d). That product reads
 * d from far anyway, so it adds up the rows in passing; see left_sums in
 * exec/product.h. Done by itself such a sum waits for memory.
 *
 * Before memory is planned, the sum moves to the front of the products; among
 * the instructions it becomes a part of one: code/join_row_sums.c.
 */
#include "plan/order/ordering.h"

#include "ops/descriptors.h"
#include "ops/reduce.h"

/* How far a sum moves at most: planning stays proportional to the tape. */
enum { FARTHEST = 64 };

/* What the item adds up along all axes but the first; 0 if it does something else. */
static uint32_t summed_by(const gt_level *level, const gt_item *item)
{
    const gt_node *node = gt_level_node(level, item->nodes[0]);
    if (item->kind != GT_ITEM_NODE || node->op != &gt_op_sum)
        return 0;
    uint32_t x = gt_node_inputs(level->tape, node)[0];
    gt_shape shape = gt_node_shape(level->tape, node), from = gt_level_shape(level, x);
    bool rows = (gt_node_attributes(level->tape, node)[GT_REDUCE_AXES] & 1) == 0;
    return rows && gt_shape_count(shape) == from.size[0] ? gt_level_array_of(level, x) : 0;
}

static bool multiplies(const gt_level *level, const gt_node *product, uint32_t array)
{
    const uint32_t *inputs = gt_node_inputs(level->tape, product);
    return gt_node_attributes(level->tape, product)[0] == 0 && gt_level_array_of(level, inputs[0]) == array;
}

static bool is_view(const gt_level *level, const gt_item *item)
{
    return item->kind == GT_ITEM_NODE && gt_level_node(level, item->nodes[0])->op->op_class == GT_CLASS_VIEW;
}

/*
 * The first of the products that stand before the item at `from` and share a right operand with one of `array`. The
 * views that they look at stand between them.
 */
static uint32_t position_before_products(const gt_item_list *list, uint32_t from, uint32_t array)
{
    const gt_level *level = list->level;
    uint32_t position = from;
    const gt_node *found = NULL;
    uint32_t begin = gt_order_begin_of_half(list, from);
    for (uint32_t i = from; i > begin && from - i < FARTHEST; i--) {
        const gt_node *product = gt_order_product_of(level, &list->items[i - 1]);
        if (found != NULL && product == NULL && is_view(level, &list->items[i - 1]))
            continue;
        if (found != NULL && (product == NULL || !gt_order_share_right(level, product, found)))
            break;
        if (product == NULL || (found == NULL && !multiplies(level, product, array)))
            continue;
        found = product;
        position = i - 1;
    }
    return position;
}

void gt_order_move_row_sums(const gt_item_list *list)
{
    const gt_level *level = list->level;
    for (uint32_t i = 1; i < list->count; i++) {
        uint32_t array = summed_by(level, &list->items[i]);
        if (array == 0)
            continue;
        uint32_t x = gt_node_inputs(level->tape, gt_level_node(level, list->items[i].nodes[0]))[0];
        uint32_t position = position_before_products(list, i, array);
        bool there = gt_level_enters(level, x) || list->item_of[x] < position;
        if (there && position < i)
            gt_order_move_up(list, i, position);
    }
}
