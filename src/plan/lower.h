/*
 * Lowering: from a tape that has been through the passes to a program.
 *
 * Each tape, the outer one and the body of every scan, becomes a block:
 *   sums.c     finds sums of products, which are done as one;
 *   order.c    puts its nodes in an order in which element-by-element ops stand
 *              together, and forms groups of them;
 *   storage.c  decides where each value lives, and for how long;
 *   states.c   gives the states of a loop their memory;
 *   reuse.c    writes values over what nobody needs any more;
 *   reuse_results.c  writes products where a result of the run behind them goes;
 *   concats.c  makes concats of what is written where it belongs;
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
/* A new piece of the level's arena, in use at `item` and as long as something extends it. */
bool gt_lower_root(gt_lowering *lowering, const gt_level *level, size_t bytes, uint32_t item, uint32_t *root);
bool gt_lower_order(gt_lowering *lowering, gt_level *level);
bool gt_lower_find_sums(gt_lowering *lowering, const gt_level *level, gt_sums *sums);
/* Do they differ in their rows alone? */
bool gt_lower_same_columns(gt_shape a, gt_shape b);
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
/* What is read where; before the memory of the level, and of the levels around it, is planned. */
bool gt_lower_find_uses(gt_lowering *lowering, gt_level *level);
bool gt_lower_storage(gt_lowering *lowering, gt_level *level);
/* Is the value written by an instruction of this level, and not a place within another value? */
bool gt_lower_is_computed(const gt_level *level, uint32_t index);
/* Of such a value that another item than a group may be the only one to read: does it have memory at all? */
bool gt_lower_has_value(const gt_level *level, uint32_t index);
size_t gt_lower_bytes(const gt_level *level, uint32_t index);
/* Of a body: is the value written straight into its slot of a stack? */
bool gt_lower_is_in_slot(const gt_level *body, uint32_t index);

/* What the node is a place within, if it needs no instruction; 0 for all others. */
uint32_t gt_lower_view_of(const gt_level *level, uint32_t index);

/* Who reads each value last; after the order and the pieced concats of the level are known. */
bool gt_lower_find_reads(gt_lowering *lowering, gt_level *level);
/* The place of a result of a run if it may be written over an operand of it. */
void gt_lower_reuse_operand(const gt_lowering *lowering, gt_level *level, uint32_t index);
/* Places of the stacks of a scan whose slots may be those of sequences that the loop reads. */
bool gt_lower_reuse_slots(gt_lowering *lowering, gt_level *level, uint32_t scan_node);

/* Places of products, in slots for which something else is meant later; `place` finds those. */
bool gt_lower_reuse_results(gt_lowering *lowering, gt_level *level, bool (*place)(gt_lowering *, gt_level *, uint32_t));

/* Which states of a body are old and new values of which nodes; after what is wanted is known. */
bool gt_lower_find_states(gt_lowering *lowering, gt_level *body);
/* The place of a part of a scan if it is the stack of a state's old or new values, which share memory. */
bool gt_lower_place_shifted(gt_lowering *lowering, gt_level *level, uint32_t part);
/* Where the states' old values are, and the new ones that are written where they are wanted. */
void gt_lower_enter_states(const gt_lowering *lowering, gt_level *body);
bool gt_lower_place_state(gt_level *body, uint32_t index);
/* Room for the old and the new value of every state that has no stack, on the level around the loop. */
bool gt_lower_keep_states(gt_lowering *lowering, gt_level *level, gt_level *body, uint32_t item);
bool gt_lower_emit_states(gt_lowering *lowering, const gt_level *body, gt_loop *loop);
/* The copies of initial values to the stacks of states, before the loop. */
bool gt_lower_emit_initial(gt_lowering *lowering, const gt_level *body, gt_block *block);

/* Concats along the last axis: which need not be made, and which values are written into which. */
bool gt_lower_find_joined(gt_lowering *lowering, gt_level *level);
/* Memory for the concats that values are written into; a place for such a value. */
bool gt_lower_place_joined(gt_lowering *lowering, gt_level *level, bool (*place)(gt_lowering *, gt_level *, uint32_t));
void gt_lower_place_in_home(gt_lowering *lowering, gt_level *level, uint32_t index);
void gt_lower_enter_pieced(gt_lowering *lowering, gt_level *body);
bool gt_lower_emit_pieced(gt_lowering *lowering, const gt_level *body, gt_loop *loop);
/* A concat of which some parts are already in their places. */
bool gt_lower_emit_joined(gt_lowering *lowering, const gt_level *level, uint32_t index, gt_block *block);
/* Positions in the arena for all roots of a level whose lifetimes are known. */
bool gt_lower_pack(gt_lowering *lowering, gt_level *level);
bool gt_lower_emit(gt_lowering *lowering, gt_level *level, gt_block *block);

/* Products of one right operand stand together in the order; see gather_products.c. */
void gt_lower_gather_products(gt_level *level);
/* The node of an item that is one product, with or without an addend; otherwise NULL. */
const gt_node *gt_lower_product_of(const gt_level *level, const gt_item *item);
bool gt_lower_share_right(const gt_level *level, const gt_node *a, const gt_node *b);
/* Moves the item at `from` up to `to`; what it reads is there by then. */
void gt_lower_move_up(gt_level *level, uint32_t from, uint32_t to);
/* Sums that a product can take in passing stand before it, and become a part of it; see row_sums.c. */
void gt_lower_move_row_sums(gt_level *level);
void gt_lower_join_row_sums(gt_block *block);
/* Products of a block that are done together stand together; see stack_products.c. */
bool gt_lower_stack_products(gt_lowering *lowering, gt_block *block);
/* Whether `m` may be moved past the instruction. */
bool gt_lower_may_pass(const gt_multiplication *m, const gt_instruction *i);
bool gt_lower_can_stack(const gt_multiplication *a, const gt_multiplication *b);
bool gt_lower_can_add(const gt_multiplication *a, const gt_multiplication *b);
/* What the products of a loop fetch for the runs behind them. */
bool gt_lower_soon(gt_lowering *lowering, gt_loop *loop);

/* ---- writing a block ---- */

gt_instruction *gt_lower_next_instruction(gt_block *block);
/* An instruction has so many operands. */
void gt_lower_note_operands(gt_code *code, uint32_t count);
/* Into how many pieces an item may be divided that threads do independently; 0: it may not. */
int64_t gt_lower_examples_of(const gt_level *level, const gt_item *item);
bool gt_lower_emit_group(gt_lowering *lowering, gt_level *level, const gt_item *item, gt_block *block);
/* Keeps the steps of a group as they are, for descriptions. */
bool gt_lower_keep_ops(gt_lowering *lowering, gt_group *group);
/* Spans of a group's steps that are compiled, if that can be done; otherwise the group stays as it is. */
bool gt_lower_compile(gt_lowering *lowering, const gt_level *level, gt_group *group);
/* The compiled loops become what the processor can run. */
gt_status gt_lower_finish_loops(gt_lowering *lowering, gt_error *error);
/* Pairs of steps of a group that become one. */
bool gt_lower_fuse(gt_lowering *lowering, gt_group *group);
/* What the steps of a group in strips do, and the tiles of what is spread; after the steps are fused. */
void gt_lower_strips(gt_group *group, uint32_t *tiles);
gt_step_kind gt_lower_step_kind(const gt_op *op);
/* Of a small group: how far ahead what its arrays hold is fetched in a loop. */
void gt_lower_find_aheads(const gt_level *level, gt_group *group);
/* The tiles of a group whose steps and sources are known, and what the processor runs. */
bool gt_lower_tiles(gt_lowering *lowering, const gt_level *level, gt_group *group);

/* The left operands of a body's products that are packed before its loop. */
bool gt_lower_packing(gt_lowering *lowering, gt_level *level, gt_level *body, uint32_t loop_item);
const gt_packed *gt_lower_find_packed(const gt_level *body, uint32_t operand, bool transposed);
/* The products of an item that is a product or a sum of products, and the packing before a loop. */
bool gt_lower_emit_products(gt_lowering *lowering, gt_level *level, const gt_item *item, gt_block *block);
bool gt_lower_emit_packing(gt_lowering *lowering, const gt_level *body, gt_block *block);
/* An instruction that copies a contiguous value. */
bool gt_lower_emit_copy(gt_lowering *lowering, gt_operand from, gt_operand to, gt_block *block);
gt_operand gt_lower_operand(const gt_lowering *lowering, const gt_level *level, uint32_t index);
gt_operand gt_lower_operand_in(const gt_lowering *lowering, uint32_t root, gt_dtype dtype, gt_shape shape);

/* How a group whose result has shape `result` walks over an operand; false if it cannot. */
bool gt_lower_walk(gt_shape operand, gt_shape result, gt_walk *walk);

/* The whole: code for a program. The program's tape must live as long as the code. */
gt_status gt_lower(const gt_program *program, gt_pool *pool, gt_code *code, gt_operand *outputs, gt_error *error);

#endif
