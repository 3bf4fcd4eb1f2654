/*
 * Lowering: from a tape that has been through the passes to a program.
 *
 * Each tape, the outer one and the body of every scan, becomes a block:
 *   order.c    puts its nodes in an order in which element-by-element ops stand
 *              together, and forms groups of them;
 *   storage.c  decides where each value lives, and for how long;
 *   emit.c     writes the instructions.
 */
#ifndef GT_PLAN_LOWER_H
#define GT_PLAN_LOWER_H

#include "base/pool.h"
#include "exec/program.h"
#include "graph/scan.h"
#include "plan/copy.h"

typedef enum gt_item_kind {
    GT_ITEM_NODE,           /* one node by its kernel, or a loop */
    GT_ITEM_GROUP,          /* element-by-element nodes */
    GT_ITEM_SUM_OF_PRODUCTS /* products, and at the end the node that is their sum */
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
    gt_spread *spreads;
} gt_item;

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
} gt_root;

/* Where the value of a node is. */
typedef struct gt_storage {
    bool known;
    bool in_root;       /* address.base is the arena, relative to `root` */
    uint32_t root;      /* in lowering->roots */
    gt_address address;
} gt_storage;

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
    uint32_t first_state; /* of a body: in the machine's table */
    uint32_t *keeping;    /* of a body, for each state: the root of its two values, where it needs one */
    size_t bytes;         /* of the level's part of the arena */
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
} gt_lowering;

/* False on no memory, throughout. */
gt_level *gt_lower_level(gt_lowering *lowering, gt_level *around, gt_tape *tape, gt_scan *scan);
/* A new piece of the level's arena, in use at `item` and as long as something extends it. */
bool gt_lower_root(gt_lowering *lowering, const gt_level *level, size_t bytes, uint32_t item, uint32_t *root);
bool gt_lower_order(gt_lowering *lowering, gt_level *level);
bool gt_lower_storage(gt_lowering *lowering, gt_level *level);
/* Positions in the arena for all roots of a level whose lifetimes are known. */
bool gt_lower_pack(gt_lowering *lowering, gt_level *level);
bool gt_lower_emit(gt_lowering *lowering, gt_level *level, gt_block *block);

/* The left operands of a body's products that are packed before its loop. */
bool gt_lower_packing(gt_lowering *lowering, gt_level *level, gt_level *body, uint32_t loop_item);
const gt_packed *gt_lower_find_packed(const gt_level *body, uint32_t operand, bool transposed);
/* The products of an item that is a product or a sum of products, and the packing before a loop. */
bool gt_lower_emit_products(gt_lowering *lowering, gt_level *level, const gt_item *item, gt_block *block);
bool gt_lower_emit_packing(gt_lowering *lowering, const gt_level *body, gt_block *block);
gt_operand gt_lower_operand(const gt_lowering *lowering, const gt_level *level, uint32_t index);
gt_operand gt_lower_operand_in(const gt_lowering *lowering, uint32_t root, gt_dtype dtype, gt_shape shape);

/* How a group whose result has shape `result` walks over an operand; false if it cannot. */
bool gt_lower_walk(gt_shape operand, gt_shape result, gt_walk *walk);

/* The whole: code for a program. The program's tape must live as long as the code. */
gt_status gt_lower(const gt_program *program, gt_pool *pool, gt_code *code, gt_operand *outputs, gt_error *error);

#endif
