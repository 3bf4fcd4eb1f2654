/*
 * A level: one tape that is being lowered, the outer one or the body of a scan. The
 * phases of lowering come one after the other (lower.c). Each takes levels with the
 * results of those before it, which are const, and returns its own.
 */
#ifndef GT_PLAN_ORDER_LEVEL_H
#define GT_PLAN_ORDER_LEVEL_H

#include "base/pool.h"
#include "exec/code.h"
#include "graph/scan.h"
#include "plan/rewrite/copy.h"
#include "plan/rewrite/uses.h"

typedef struct gt_level gt_level;

/* What the phases make of a level; each knows the type of its own result and of those before it. */
typedef struct gt_order gt_order;   /* order/order.h */
typedef struct gt_states gt_states; /* memory/memory.h, as those that follow */
typedef struct gt_joins gt_joins;
typedef struct gt_last_reads gt_last_reads;
typedef struct gt_places gt_places;
typedef struct gt_division gt_division;
typedef struct gt_loop_memory gt_loop_memory;

struct gt_level {
    /* What it is, and what is wanted of it: level.c. */
    gt_tape *tape;
    const gt_scan *scan;    /* of a body */
    const gt_level *around; /* of a body */
    uint32_t scan_node;     /* of a body: its scan on the level around */
    uint32_t number, depth;
    bool
        shared; /* by all threads, which divide each of its items: the outer level, and bodies of loops over segments */
    uint32_t count;                /* nodes */
    const uint32_t *chain;         /* of a tuple: its first part; of a part: the next */
    const gt_level *const *bodies; /* of wanted scan nodes */
    const uint8_t *wanted;
    const uint8_t *backward;  /* of the outer level of a plan in halves, for each node: see rewrite/halves.h */
    const uint8_t *carried;   /* of a body, for each state: it is needed */
    const uint32_t *stack_of; /* of a body, for each node: its stack, a part on the level around; 0: none */
    const gt_uses *uses;

    /* What the phases found, in their order. */
    const gt_order *order;
    const gt_states *states; /* of a body */
    const gt_joins *joins;
    const gt_last_reads *reads;
    const gt_places *places;
    const gt_division *division; /* of the body of a loop on a shared level; NULL: it is not divided */
    const gt_loop_memory *loop;  /* of a body */
    size_t bytes;                /* of its part of the arena, when all values have their positions */
};

/* A piece of the arena while some values live in it; in time, positions of items in the block. */
typedef struct gt_buffer {
    size_t bytes, offset;
    uint32_t output; /* 1 + the output in whose memory it is, the user's; 0: in the arena */
    uint32_t level;
    uint32_t begin, end;
} gt_buffer;

/* What is shared by all levels. */
typedef struct gt_lowering {
    gt_pool *pool;     /* what the code keeps */
    gt_pool scratch;   /* what is forgotten afterwards */
    gt_level **levels; /* a level stands before those of its scans */
    size_t level_count, level_capacity;
    gt_buffer *buffers; /* memory/buffers.c makes them, memory/arena.c gives them their offsets */
    size_t buffer_count, buffer_capacity;
    uint32_t pointer_count; /* of the machine's table, so far: gt_lower_take_pointers */
    uint32_t *holders;      /* of each memory that levels share: a node; empty between levels: memory/buffers.c */
    size_t shared_buffers;  /* so many of these are buffers, the others pointers */
    const gt_level *held;   /* the level for whose bodies these are */
    gt_code *code;
    const gt_program *program;
    bool compiles;                           /* machine code can be run here */
    gt_encoder encoder;                      /* of the compiled loops and products */
    struct gt_known_product *known_products; /* whose functions it has: code/compile_products.c */
} gt_lowering;

static inline bool gt_lower_chooses(const gt_lowering *lowering, uint32_t choice)
{
    return (lowering->program->choices & choice) != 0;
}

/* The first of so many pointers of the machine's table. */
static inline uint32_t gt_lower_take_pointers(gt_lowering *lowering, uint32_t count)
{
    lowering->pointer_count += count;
    return lowering->pointer_count - count;
}

/* The levels of the program with what is wanted of them, and who reads what. Or an error. */
bool gt_level_find_all(gt_lowering *lowering, gt_error *error);

/* ---- nodes ---- */

static inline const gt_node *gt_level_node(const gt_level *level, uint32_t index)
{
    return gt_tape_node(level->tape, index);
}

static inline const uint32_t *gt_level_inputs(const gt_level *level, uint32_t index)
{
    return gt_node_inputs(level->tape, gt_level_node(level, index));
}

static inline gt_shape gt_level_shape(const gt_level *level, uint32_t index)
{
    return gt_node_shape(level->tape, gt_level_node(level, index));
}

/* An input of the program, or what a scan gives its body. */
static inline bool gt_level_enters(const gt_level *level, uint32_t index)
{
    return gt_level_node(level, index)->role != GT_ROLE_NONE;
}

/* Is it the outer one, or the body of a loop over segments? What stands there is done for many steps at once. */
bool gt_level_has_loops(const gt_level *level);
/* Is it the body of a loop that threads divide as a whole, or that one of them does? */
static inline bool gt_level_is_divided(const gt_level *level)
{
    return level->scan != NULL && !level->shared && level->around->shared;
}

size_t gt_level_bytes(const gt_level *level, uint32_t index);
/* Is the node an address within the value of another one, and how far in? */
bool gt_level_is_address(const gt_level *level, uint32_t index, uint32_t *of, size_t *offset);
/* What the node is an address within, if it needs no instruction; 0 for all others. */
uint32_t gt_level_view_of(const gt_level *level, uint32_t index);
/* The value whose entries are all that the node looks at, in their order: it itself, if it looks at none. */
uint32_t gt_level_array_of(const gt_level *level, uint32_t index);
/* Is the value written by an instruction of this level, and no address within another value? */
bool gt_level_is_computed(const gt_level *level, uint32_t index);
/* Do they differ in their rows alone? */
bool gt_level_same_columns(gt_shape a, gt_shape b);
/* How a group whose result has shape `result` walks over an operand; false if it cannot. */
bool gt_level_walk(gt_shape operand, gt_shape result, gt_walk *walk);

#endif
