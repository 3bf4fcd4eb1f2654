/* Where the values of a level live, and for how long: the phases behind the order, and their results. */
#ifndef GT_PLAN_MEMORY_MEMORY_H
#define GT_PLAN_MEMORY_MEMORY_H

#include "plan/order/order.h"

/* All that make something: NULL, or false, on no memory. */

/* ---- states.c: the states that a loop carries -------------------------------------------------- */

struct gt_states {
    const uint32_t *of;     /* for each node of the body: the state + 1 of which it is the old or the new value */
    const uint8_t *shifted; /* for each state: its old and new values share one stack, of one slot more */
    const uint8_t *added;   /* for each state: a sum over steps, which is added to where it is */
    uint32_t pointer;       /* the first in the machine's table: of the old values, then of the new ones */
};

const gt_states *gt_states_find(gt_lowering *lowering, const gt_level *body);

/* ---- concats.c: concats along the last axis ------------------------------------------------------ */

struct gt_joins {
    const uint32_t *into;    /* for each node: the concat that it is written into, or 0 */
    const size_t *offset;    /* and where in it */
    const uint32_t *parts;   /* for each node: how many values are written into it */
    const uint8_t *pieced;   /* for each node: a concat that is never made, since only loops read it, step by step */
    const uint32_t *pointer; /* of a body, for each node: a slice of such a concat: its pointer in the table + 1 */
};

const gt_joins *gt_joins_find(gt_lowering *lowering, const gt_level *level);

/* ---- last_reads.c: who reads a value last -------------------------------------------------------------- */

/* The last item that reads a value, and the position in it of the last of its nodes that does. */
typedef struct gt_last_read {
    bool read;
    bool aligned; /* all nodes of that item read it entry by entry, as they write their results */
    uint32_t item, position;
} gt_last_read;

struct gt_last_reads {
    const uint32_t *owner;    /* for each node: what it is a view of, or itself */
    const gt_last_read *last; /* for each node that is no view */
};

/* Of what is read at the end, or later. */
#define GT_FOR_EVER UINT32_MAX

const gt_last_reads *gt_last_reads_find(gt_lowering *lowering, const gt_level *level);

/* ---- places.c: where each value lives -------------------------------------------------------------- */

typedef struct gt_storage {
    bool known;
    bool in_buffer; /* address.base is the arena, relative to `buffer` */
    uint32_t buffer;
    gt_address address;
} gt_storage;

/* An operand of a group that it cannot walk over: it is spread to the full shape first. */
typedef struct gt_spread {
    uint32_t node, slot;
    uint32_t buffer;
    struct gt_spread *next; /* of the same item */
} gt_spread;

struct gt_places {
    const gt_storage *storage;     /* of each node */
    gt_spread *const *spreads;     /* of each item */
    uint32_t *const *state_stacks; /* of a scan node, for each state of its body that is shifted: the buffer */
};

/* With the results so far of the levels within. */
const gt_places *gt_places_find(gt_lowering *lowering, const gt_level *level);
/* Does the value have memory at all? Not if only its own group reads it. */
bool gt_places_has_value(const gt_level *level, uint32_t index);
/* Of a body: is the value written straight into its slot of a stack? */
bool gt_places_is_in_slot(const gt_level *body, uint32_t index);
/* Of a state that is shifted: the old values, or the new ones, in the stack that they share. */
gt_storage gt_places_of_state(const gt_level *body, uint32_t k, bool old);
/* The new value of state k that has no stack: its pointer in the machine's table. */
uint32_t gt_places_next_pointer(const gt_level *body, uint32_t k);

/* ---- divide.c: what threads may divide among themselves ------------------------------------------- */

struct gt_division {
    int64_t batch;                     /* how many pieces are independent of each other */
    int64_t unit;                      /* a thread takes a multiple of so many */
    const uint8_t *divided;            /* for each item: it is done for each of them by itself */
    uint32_t narrow[GT_NARROW_LEVELS]; /* as of a loop */
};

/* Of the body of a loop on a shared level. *division is NULL if nothing is independent. */
bool gt_division_find(gt_lowering *lowering, const gt_level *body, const gt_division **division);

/* ---- loop_memory.c: what a loop has on the level around it ------------------------------------------- */

/* A left operand of products that does not change in a loop: packed once before it. */
typedef struct gt_packed {
    uint32_t operand; /* a node of the body */
    bool transposed;
    uint32_t buffer;
    struct gt_packed *next;
} gt_packed;

struct gt_loop_memory {
    const gt_carrying *carrying; /* of each state */
    const uint32_t *kept;        /* of each state that is neither in a stack nor needless: the buffer of its values */
    const gt_packed *packed;
    uint32_t region; /* the buffer of what lives within one step */
};

/* When all values of the body have their positions in its region. */
const gt_loop_memory *gt_loop_memory_find(gt_lowering *lowering, const gt_level *body);
const gt_packed *gt_loop_memory_find_packed(const gt_level *body, uint32_t operand, bool transposed);

/* ---- buffers.c, arena.c ---------------------------------------------------------------------------- */

/* A new piece of the level's arena, in use at `item` and as long as something extends it. */
bool gt_buffer_new(gt_lowering *lowering, const gt_level *level, size_t bytes, uint32_t item, uint32_t *buffer);
/*
 * Memory that several levels may reach, a buffer or what a pointer points at, has a number, and
 * lowering->holders room for a node of the level that is looked at: of a body on the level `around`, which has all of
 * its buffers. Whoever enters nodes takes them out again. False on no memory.
 */
bool gt_holders_make(gt_lowering *lowering, const gt_level *around);
/* NULL for memory that came later. */
static inline uint32_t *gt_holder(const gt_lowering *lowering, const gt_storage *storage)
{
    size_t number = storage->in_buffer ? storage->buffer : lowering->shared_buffers + storage->address.index;
    bool known = storage->known && (storage->in_buffer ? storage->buffer < lowering->shared_buffers
                                                       : storage->address.base == GT_BASE_POINTER);
    return known ? &lowering->holders[number] : NULL;
}

/* It is in use at `item`, too. */
void gt_buffer_extend(gt_lowering *lowering, const gt_level *level, const gt_storage *storage, uint32_t item);
/* Of a backward half that may run again: what is in use on both sides of the turning point stays for ever. */
void gt_buffers_keep(gt_lowering *lowering, const gt_level *level);
/* Buffers that hold an output and nothing else that must stay are where the user binds it. */
void gt_buffers_bind_outputs(gt_lowering *lowering, const gt_level *top);
/* Positions in the arena for all buffers of a level whose lifetimes are known; *bytes is what they take. */
bool gt_arena_pack(gt_lowering *lowering, const gt_level *level, size_t *bytes);

#endif
