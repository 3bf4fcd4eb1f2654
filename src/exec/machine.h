/* What runs code: one for each thread, with its memory and its pointers. Running takes no memory. */
#ifndef GT_EXEC_MACHINE_H
#define GT_EXEC_MACHINE_H

#include "exec/code.h"

/* A wish to end a run early, shared by its threads: one of them asks, all see the answer. */
typedef struct gt_stop {
    bool (*asked)(void *context);
    void *context;
    _Atomic bool stopped;
} gt_stop;

/* What runs a code: memory and pointers, for one thread. */
typedef struct gt_machine {
    char *region;         /* of the outermost loop that runs, but for shared ones */
    char *own_region;     /* where that is on all threads but the first, for which it is in the arena */
    gt_status status;     /* of the last part of an instruction */
    int64_t first, count; /* the pieces of that loop's batch that are this machine's */
    bool exact;           /* as of the code */
    char *arena;
    const void *const *inputs;
    void *const *outputs;
    const void **pointers; /* the table: code->pointer_count of them */
    uint32_t nesting;      /* loops around what runs */
    int64_t t[GT_MAX_LOOPS];
    char *tiles;          /* gt_machine_tile_bytes(code) bytes, aligned to 64 */
    void *product_memory; /* code->product_bytes bytes, aligned to 64 */
    gt_array *arrays;     /* code->most_operands of them */
    char **registers;     /* twice code->most_registers */
    uintptr_t *cursors;   /* code->cursor_arrays addresses; of what is turning, from its pointer on */
    const gt_op *failed;  /* where an error arose */
    gt_error error;
    gt_stop *stop;   /* NULL: the run ends at its end */
    bool asks;       /* this thread is the one that asks */
    char apart[128]; /* from the next machine, which another thread writes */
} gt_machine;

size_t gt_machine_tile_bytes(const gt_code *code);
/* Between instructions, between steps and within large products: whether to go on no further. */
bool gt_machine_stops(gt_machine *machine);
/* The outermost block or the body of a shared loop, or one instruction of it. GT_ERROR_INTERRUPTED if it stops. */
gt_status gt_machine_run(gt_machine *machine, const gt_block *block);
gt_status gt_machine_run_instruction(gt_machine *machine, const gt_instruction *instruction);
/* What is within a loop, for the pieces of its batch that are the machine's. */
gt_status gt_machine_run_block(gt_machine *machine, const gt_block *block);

/* ---- parts of an instruction, for several machines at once ---------------------------------- */

/* A compiled span for so many columns, of a group whose registers are there. */
void gt_machine_run_span(const gt_group *group, const gt_span *span, char *const *registers, int64_t columns);
/* Before the first step of a loop: a cursor that moves begins, at column `from`. */
void gt_machine_start_cursor(gt_machine *machine, const gt_cursor *cursor, int64_t from);
/* Where the arrays are at this step, from column `from` on; a cursor that moves goes on to the next step. */
void gt_machine_take_cursor(gt_machine *machine, const gt_cursor *cursor, int64_t from, char **arrays);
/* With what the function of a compiled group is called behind its arrays, for so many columns. */
void gt_machine_give_group(const gt_group *group, int64_t columns, int64_t given[2]);
/* Columns `from` to `to` - 1 of a group. */
void gt_machine_run_group(gt_machine *machine, const gt_group *group, int64_t from, int64_t to);
/* The same for a group in strips. */
void gt_machine_run_strips(gt_machine *machine, const gt_group *group, int64_t from, int64_t to);
/* Rows or columns of the result; a part of rows begins at a multiple of gt_product_row_unit. */
void gt_machine_multiply_rows(gt_machine *machine, const gt_multiplication *m, int64_t from, int64_t to);
void gt_machine_multiply_columns(gt_machine *machine, const gt_multiplication *m, int64_t from, int64_t to);
/* Rows from a multiple of gt_product_row_unit on. */
void gt_machine_pack(gt_machine *machine, const gt_packing *packing, int64_t from, int64_t to);
/* An op with batch_axes, for the pieces of the batch from `from` to `to` - 1. */
gt_status gt_machine_run_kernel(gt_machine *machine, const gt_kernel_call *call, int64_t from, int64_t to);
/*
 * A shared loop step by step: before the first one, before and behind each, and behind the last. What a machine's table
 * and counters say of the loop, another one that is to do a part of a step is told by _follow, which also ends it
 * there.
 */
void gt_machine_begin_step(gt_machine *machine, const gt_loop *loop, int64_t done);
void gt_machine_end_step(gt_machine *machine, const gt_loop *loop, int64_t done);
void gt_machine_follow(gt_machine *machine, const gt_machine *other, const gt_loop *loop);
/* All steps of a loop for `count` pieces of its batch, in a region of the machine's own. */
gt_status gt_machine_run_loop(gt_machine *machine, const gt_loop *loop, int64_t first, int64_t count);
/* Before the first step of a loop that is done for the whole batch in several parts, and behind the last. */
void gt_machine_begin_loop(gt_machine *machine, const gt_loop *loop);
void gt_machine_end_loop(gt_machine *machine, const gt_loop *loop);
/* Some steps of an outermost loop, for the whole batch: all of one without states, or one after the other. */
gt_status gt_machine_run_steps(gt_machine *machine, const gt_loop *loop, int64_t from, int64_t to);

/* Of a result that has so many columns for each piece of the batch, or is done as a whole, those that are this
 * machine's. */
typedef struct gt_column_range {
    int64_t from, to;
} gt_column_range;
gt_column_range gt_machine_range(const gt_machine *machine, int64_t each, int64_t columns);
/* Some steps of a loop that is one function. */
gt_status gt_machine_run_compiled_steps(gt_machine *machine, const gt_loop *loop, int64_t from, int64_t to);

/* From its base to an address at this step. */
static inline size_t gt_machine_offset(const gt_machine *machine, const gt_address *address)
{
    size_t offset = address->offset;
    for (uint32_t depth = 0; depth < machine->nesting; depth++)
        offset += address->step[depth] * (size_t)machine->t[depth];
    return offset;
}

static inline char *gt_machine_address(const gt_machine *machine, const gt_address *address)
{
    const char *base = address->base == GT_BASE_ARENA    ? machine->arena
                       : address->base == GT_BASE_REGION ? machine->region
                       : address->base == GT_BASE_INPUT  ? machine->inputs[address->index]
                       : address->base == GT_BASE_OUTPUT ? machine->outputs[address->index]
                                                         : machine->pointers[address->index];
    /*
     * Const is dropped: whether an array may be written was settled when the code was made. What is
     * fetched early may lie in front of the memory, at the last step: hence a sum of numbers.
     */
    return (char *)((uintptr_t)base + gt_machine_offset(machine, address));
}

/* Array n of a cursor at this step, from column `from` on. */
static inline char *gt_machine_array(const gt_machine *machine, const gt_cursor *cursor, uint32_t n, int64_t from)
{
    return (char *)((uintptr_t)gt_machine_address(machine, &cursor->begins[n]) + (size_t)from * cursor->columns[n]);
}

#endif
