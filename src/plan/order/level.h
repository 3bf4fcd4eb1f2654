/*
 * A level: one tape being lowered, the outer one or the body of a scan. Its nodes become
 * items, things that the code does one after the other: see docs/planner.md.
 */
#ifndef GT_PLAN_ORDER_LEVEL_H
#define GT_PLAN_ORDER_LEVEL_H

#include "base/pool.h"
#include "exec/program.h"
#include "graph/scan.h"
#include "plan/rewrite/copy.h"

typedef enum gt_item_kind {
    GT_ITEM_NODE,           /* one node by its kernel, or a loop */
    GT_ITEM_GROUP,          /* element-by-element nodes */
    GT_ITEM_SUM_OF_PRODUCTS /* products, and at the end the node that is their sum, with or without an addend */
} gt_item_kind;

/* An operand of a group that it cannot walk over: it is spread to the full shape first. */
typedef struct gt_spread {
    uint32_t node, slot;
    uint32_t root;
    struct gt_spread *next; /* of the same item */
} gt_spread;

/* Something that the block does. */
typedef struct gt_item {
    gt_item_kind kind;
    uint32_t *nodes;
    uint32_t count;
    uint32_t addend;    /* of a sum of products: the node that it starts at; 0: none */
    bool strips;         /* a group that goes through whole columns */
    gt_spread *spreads;
} gt_item;

/* The sums of products of a level, by node; 0 is none. */
typedef struct gt_sums {
    uint32_t *of;       /* of a term: the largest sum around it; of that: itself */
    uint32_t *first;    /* of a sum: its first node in the order of the tape */
    uint32_t *next;     /* of a node of a sum: the node of that sum behind it */
    uint32_t *addend;   /* of a sum: what it starts at, if that is in memory by then */
} gt_sums;

/* A left operand that does not change in a loop: packed once on the level around. */
typedef struct gt_packed {
    uint32_t operand;   /* the body node that is packed */
    bool transposed;
    uint32_t root;
    struct gt_packed *next;
} gt_packed;

/* A piece of the arena while some values live in it. Positions are places of items in the block. */
typedef struct gt_root {
    size_t bytes, offset;
    uint32_t level;
    uint32_t begin, end;
    bool several;       /* more than one value at a time */
} gt_root;

/* The last item that reads a value, and the last of its nodes that does. */
typedef struct gt_last_read {
    bool read;
    bool aligned;       /* all nodes of that item read it entry by entry, as they write their results */
    uint32_t item, place;
} gt_last_read;

/* Where the value of a node is. */
typedef struct gt_storage {
    bool known;
    bool in_root;       /* address.base is the arena, relative to `root` */
    uint32_t root;      /* in lowering->roots */
    gt_address address;
} gt_storage;

#define GT_NO_ROOT UINT32_MAX

typedef struct gt_level gt_level;

/* One tape being lowered. */
struct gt_level {
    gt_tape *tape;
    gt_level *around;
    gt_scan *scan;        /* of a body */
    uint32_t number, depth;
    uint32_t region;      /* of a body: its root on the level around */
    uint32_t loop_item;   /* of a body: the place of its loop on the level around */
    uint32_t count;       /* nodes */
    uint8_t *wanted;
    uint8_t *kept;        /* the value is needed outside of its group */
    uint8_t *carried;     /* of a body, for each state: it is needed */
    uint32_t *chain;      /* of a tuple: its first part; of a part: the next */
    gt_storage *storage;
    gt_item *items;
    uint32_t item_count;
    uint32_t *item_of;    /* the item of each node */
    gt_level **bodies;    /* of scan nodes */
    uint32_t *slots;      /* of a body, for each node: its stack part on the level around, 0: none */
    gt_packed *packed;    /* of a body */
    uint32_t first_state; /* of a body: in the machine's table; first the old values, then the new ones */
    uint32_t *keeping;    /* of a body, for each state: the root of its two values, where it needs one */
    uint32_t *shifted;    /* of a body, for each state: the root of its stack of one slot more, or GT_NO_ROOT */
    uint8_t *added;       /* of a body, for each state: a sum over steps, which has one place */
    uint32_t *state_of;   /* of a body, for each node: the state + 1 of which it is the old or the new value */
    uint32_t *home;       /* for each node: the concat that it is written into, or 0 */
    size_t *home_offset;  /* and where in it */
    uint32_t *piece_count; /* for each node: how many values are written into it */
    uint32_t *owner;      /* for each node: what it is a view of, or itself */
    uint32_t *place_of;   /* for each node: its place in its item */
    gt_last_read *last_read; /* for each node that is no view */
    uint8_t *overwritten; /* for each node: its memory has been given to another value */
    uint8_t *pieced;      /* for each node: a concat that is never made, since only loops read it, step by step */
    uint32_t *piece_place; /* of a body, for each node: a slice of such a concat: the place in the table + 1 */
    size_t bytes;         /* of the level's part of the arena */
    int64_t examples;     /* of the body of an outermost loop: how many are independent of each other; 0: none */
    uint8_t *divided;     /* for each item: it is done by examples */
};

typedef struct gt_lowering {
    gt_pool *pool;        /* what the code keeps */
    gt_pool scratch;      /* what is forgotten afterwards */
    gt_root *roots;
    size_t root_count, root_capacity;
    gt_level **levels;
    size_t level_count, level_capacity;
    gt_code *code;
    const gt_program *program;
    bool compiles;        /* compiled loops can be run here */
    gt_encoder loops;     /* the compiled loops */
} gt_lowering;

static inline const gt_node *gt_level_node(const gt_level *level, uint32_t index)
{
    return gt_tape_node(level->tape, index);
}

static inline gt_shape gt_level_shape(const gt_level *level, uint32_t index)
{
    return gt_node_shape(level->tape, gt_level_node(level, index));
}

static inline bool gt_lower_chooses(const gt_lowering *lowering, uint32_t choice)
{
    return (lowering->program->choices & choice) != 0;
}

/* False on no memory, throughout. */
gt_level *gt_lower_level(gt_lowering *lowering, gt_level *around, gt_tape *tape, gt_scan *scan);
/* Marks what the outputs of the program need of the outer tape; what the wanted parts of a scan need of its body. */
void gt_lower_mark_program(const gt_lowering *lowering, gt_level *level);
void gt_lower_mark_body(gt_level *body, uint32_t scan_node);

/* ---- nodes ---- */

size_t gt_lower_bytes(const gt_level *level, uint32_t index);
/* Is the node an address within the value of another one, and how far in? */
bool gt_lower_is_address(const gt_level *level, uint32_t index, uint32_t *of, size_t *offset);
/* What the node is a place within, if it needs no instruction; 0 for all others. */
uint32_t gt_lower_view_of(const gt_level *level, uint32_t index);
/* Is the value written by an instruction of this level, and not a place within another value? */
bool gt_lower_is_computed(const gt_level *level, uint32_t index);
/* Do they differ in their rows alone? */
bool gt_lower_same_columns(gt_shape a, gt_shape b);
/* How a group whose result has shape `result` walks over an operand; false if it cannot. */
bool gt_lower_walk(gt_shape operand, gt_shape result, gt_walk *walk);

/* ---- items ---- */

bool gt_lower_order(gt_lowering *lowering, gt_level *level);
bool gt_lower_find_sums(gt_lowering *lowering, const gt_level *level, gt_sums *sums);
/* An op that is not element by element and may yet stand in a group in strips; see order_strips.c. */
bool gt_lower_is_strip_op(const gt_lowering *lowering, const gt_level *level, uint32_t index);
/* May node `index` join the group of these nodes, in strips? */
bool gt_lower_fits_strips(const gt_lowering *lowering, const gt_level *level, const uint32_t *nodes, uint32_t count,
                          uint32_t index);
/* Puts what reads at most one value of the group in front of its first reader, so that it need not wait in a tile. */
void gt_lower_sink_in_strips(const gt_level *level, uint32_t *nodes, uint32_t count);
/* Where what nothing of the run reads joins it: behind what it reads, which need not wait either. */
uint32_t gt_lower_place_in_strips(const gt_level *level, const gt_item *run, uint32_t index);
bool gt_lower_is_in_strips(const gt_level *level, const gt_item *item);
/* Products of one right operand stand together in the order; see gather_products.c. */
void gt_lower_gather_products(gt_level *level);
/* The node of an item that is one product, with or without an addend; otherwise NULL. */
const gt_node *gt_lower_product_of(const gt_level *level, const gt_item *item);
bool gt_lower_share_right(const gt_level *level, const gt_node *a, const gt_node *b);
/* Moves the item at `from` up to `to`; what it reads is there by then. */
void gt_lower_move_up(gt_level *level, uint32_t from, uint32_t to);
/* Sums that a product can take in passing stand before it; they become a part of it later: see code/join_row_sums.c. */
void gt_lower_move_row_sums(gt_level *level);

#endif
