/*
 * The order of a level: its wanted nodes become items, things that the code does
 * one after the other.
 */
#ifndef GT_PLAN_ORDER_ORDER_H
#define GT_PLAN_ORDER_ORDER_H

#include "plan/order/level.h"

typedef enum gt_item_kind {
    GT_ITEM_NODE,           /* one node by its kernel, or a loop */
    GT_ITEM_GROUP,          /* element-by-element nodes */
    GT_ITEM_SUM_OF_PRODUCTS /* products, and at the end the node that is their sum, with or without an addend */
} gt_item_kind;

typedef struct gt_item {
    gt_item_kind kind;
    uint32_t *nodes;
    uint32_t count;
    uint32_t addend; /* of a sum of products: the node that it starts at; 0: none */
    bool strips;     /* a group that goes through whole columns */
} gt_item;

/* The result of the phase. */
struct gt_order {
    const gt_item *items;
    uint32_t item_count;
    uint32_t turn;               /* the first item of the backward half; item_count where there is none */
    const uint32_t *item_of;     /* the item of each node */
    const uint32_t *position_of; /* of each node: its position among those of its item */
    const uint8_t *kept;         /* of each node: its value is needed outside of its group */
};

/* NULL on no memory. */
const gt_order *gt_order_find(gt_lowering *lowering, const gt_level *level);

static inline const gt_item *gt_order_item(const gt_level *level, uint32_t index)
{
    return &level->order->items[level->order->item_of[index]];
}

/* Has a computed value memory? Not within its group alone, nor as a term of a sum of products, of which there is the
 * sum. */
bool gt_order_is_stored(const gt_level *level, uint32_t index);
/* The node of an item that is one product, with or without an addend; otherwise NULL. */
const gt_node *gt_order_product_of(const gt_level *level, const gt_item *item);
/* Two products, which multiply one array and are of one shape: they can be done as one. */
bool gt_order_share_right(const gt_level *level, const gt_node *a, const gt_node *b);

#endif
