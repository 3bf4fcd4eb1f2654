/* Items while they are put in order: what the files of order/ share. */
#ifndef GT_PLAN_ORDER_ORDERING_H
#define GT_PLAN_ORDER_ORDERING_H

#include "plan/order/order.h"

/* The sums of products of a level, by node; 0 is none. */
typedef struct gt_sums {
    uint32_t *of;     /* of a term: the largest sum around it; of that: itself */
    uint32_t *first;  /* of a sum: its first node in the order of the tape */
    uint32_t *next;   /* of a node of a sum: the node of that sum behind it */
    uint32_t *addend; /* of a sum: what it starts at, if that is in memory by then */
} gt_sums;

/* The list so far. */
typedef struct gt_item_list {
    const gt_level *level;
    gt_item *items;
    uint32_t count;
    uint32_t turn;     /* the first item of the backward half */
    uint32_t *item_of; /* of each node */
} gt_item_list;

/* False on no memory. */
bool gt_order_find_sums(gt_lowering *lowering, const gt_level *level, gt_sums *sums);

/* ---- groups in strips: order_strips.c ---- */

/* An op that is not element by element and may yet stand in a group in strips. */
bool gt_order_is_strip_op(const gt_lowering *lowering, const gt_level *level, uint32_t index);
/* May node `index` join the group of these nodes, in strips? */
bool gt_order_fits_strips(const gt_lowering *lowering, const gt_level *level, const uint32_t *nodes, uint32_t count,
                          uint32_t index);
/* Puts what reads at most one value of the group in front of its first reader, so that it need not wait in a tile. */
void gt_order_sink_in_strips(const gt_level *level, uint32_t *nodes, uint32_t count);
/* Where what nothing of the group reads joins it: behind what it reads, which need not wait either. */
uint32_t gt_order_position_in_strips(const gt_level *level, const gt_item *group, uint32_t index);
bool gt_order_is_in_strips(const gt_level *level, const gt_item *item);

/* ---- groups that take what comes late: join_groups.c ---- */

/* A group in strips, or one that is run op by op; what is compiled may gather more, and is cut to loops afterwards. */
enum { GT_MOST_IN_GROUP = 128, GT_MOST_GATHERED = 1024 };

static inline uint32_t gt_order_most_in_group(const gt_lowering *lowering, bool strips)
{
    return lowering->compiles && !strips ? GT_MOST_GATHERED : GT_MOST_IN_GROUP;
}

/* Puts node `index`, if nothing but the next step or a stack reads it, into the group of what it reads. False on no
 * memory. */
bool gt_order_join_group(gt_lowering *lowering, gt_item_list *list, uint32_t index, bool *joined);
/* Whole groups join the group of what they read. False on no memory. */
bool gt_order_merge_groups(gt_lowering *lowering, gt_item_list *list);

/* ---- moving items ---- */

/* The first item of the half that an item is of: it moves no further up. */
static inline uint32_t gt_order_begin_of_half(const gt_item_list *list, uint32_t item)
{
    return item >= list->turn ? list->turn : 0;
}

/* Writes down that the nodes of the items from `from` to `to` are theirs. */
void gt_order_number_items(const gt_item_list *list, uint32_t from, uint32_t to);
/* Moves the item at `from` up to `to`; what it reads is there by then. */
void gt_order_move_up(const gt_item_list *list, uint32_t from, uint32_t to);
/* Groups that one compiled loop cannot hold become several: cut_groups.c. False on no memory. */
bool gt_order_cut_groups(gt_lowering *lowering, gt_item_list *list);
/* Products of one right operand stand together: gather_products.c. */
void gt_order_gather_products(const gt_item_list *list);
/* Sums that a product can take in passing stand before it: move_row_sums.c. */
void gt_order_move_row_sums(const gt_item_list *list);

#endif
