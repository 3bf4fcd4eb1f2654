/* From items whose values have their memory to instructions. */
#ifndef GT_PLAN_CODE_CODE_H
#define GT_PLAN_CODE_CODE_H

#include "plan/memory/memory.h"

/* False on no memory, throughout. */
bool gt_code_emit(gt_lowering *lowering, const gt_level *level, gt_block *block);
/* All instructions of the code, in their halves. */
bool gt_code_emit_all(gt_lowering *lowering);

/* What a machine must have, when all is written. */
void gt_code_measure(gt_lowering *lowering);

/* ---- writing a block ---- */

/* Appends an instruction. */
void gt_code_append(gt_block *block, gt_instruction instruction);
/* A kernel with room for so many operands, whose list of them is empty; NULL on no memory. */
gt_kernel_call *gt_code_new_call(gt_lowering *lowering, const gt_op *op, uint32_t operands);
gt_operand gt_code_operand(const gt_lowering *lowering, const gt_level *level, uint32_t index);
gt_operand gt_code_operand_in(const gt_lowering *lowering, uint32_t buffer, gt_dtype dtype, gt_shape shape);
/* An instruction that copies a contiguous value. */
bool gt_code_emit_copy(gt_lowering *lowering, gt_operand from, gt_operand to, gt_block *block);
/* Into how many pieces an item may be divided that threads do independently; 0: it may not. */
int64_t gt_code_batch_of(const gt_level *level, const gt_item *item);

/* ---- loops ---- */

bool gt_code_emit_loop(gt_lowering *lowering, const gt_level *level, uint32_t index, gt_block *block);
/* What the products of a loop fetch for the groups behind them. */
bool gt_code_fetch_ahead(gt_lowering *lowering, gt_loop *loop);

/* ---- concats ---- */

bool gt_code_emit_pieced(gt_lowering *lowering, const gt_level *body, gt_loop *loop);
/* A concat of which some parts are already in their places. */
bool gt_code_emit_joined(gt_lowering *lowering, const gt_level *level, uint32_t index, gt_block *block);

/* ---- products ---- */

/* The products of an item that is a product or a sum of products, and the packing before a loop. */
bool gt_code_emit_products(gt_lowering *lowering, const gt_level *level, const gt_item *item, gt_block *block);
bool gt_code_emit_packing(gt_lowering *lowering, const gt_level *body, gt_block *block);
/* Products of a block that are done together stand together; see stack_products.c. */
bool gt_code_stack_products(gt_lowering *lowering, gt_block *block);
/* Whether `m` may be moved past the instruction. */
bool gt_code_may_pass(const gt_multiplication *m, const gt_instruction *i);
bool gt_code_can_stack(const gt_multiplication *a, const gt_multiplication *b);
bool gt_code_can_add(const gt_multiplication *a, const gt_multiplication *b);
void gt_code_join_row_sums(gt_block *block);
/* Of the outermost block: which products may go with a loop, a part of its steps at a time; see companions.c. */
bool gt_code_find_companions(gt_lowering *lowering, gt_block *block);
/* Whether the loop at `at` may have the companions that it has; there are so many instructions. */
bool gt_code_are_companions(const gt_block *block, uint32_t at);
/* Small products become functions; see compile_products.c. */
bool gt_code_compile_products(gt_lowering *lowering, const gt_level *level, gt_block *block);

/* A loop of which each step is nothing but what is compiled becomes one function; see compile_steps.c. */
bool gt_code_compile_steps(gt_lowering *lowering, gt_loop *loop);
/* What is added to where each array of a cursor is behind a step of an even number, and of an odd one. */
void gt_code_advance_steps(const gt_loop *loop, const gt_cursor *cursor, int64_t *even, int64_t *odd);

/* ---- what is compiled ---- */

/* An array that something compiled walks over: where it begins, and bytes from one column of the result to the next. */
typedef struct gt_walked {
    gt_address begin;
    size_t column;
} gt_walked;

/* A cursor through arrays, from step to step where the level is the body of a loop; NULL on no memory. */
const gt_cursor *gt_code_new_cursor(gt_lowering *lowering, const gt_level *level, const gt_walked *arrays,
                                    uint32_t count);

/* ---- groups ---- */

bool gt_code_emit_group(gt_lowering *lowering, const gt_level *level, const gt_item *item, gt_block *block);
/* Spans of a group's steps that are compiled, if that can be done; otherwise the group stays as it is. */
bool gt_code_compile(gt_lowering *lowering, const gt_level *level, gt_group *group);
/* Where the arrays of a group that is one compiled loop are; see cursors.c. */
bool gt_code_add_cursor(gt_lowering *lowering, const gt_level *level, gt_group *group);
/* Array n of such a group. */
gt_walked gt_code_group_array(const gt_group *group, uint32_t n);
/* Bytes from an address to itself at the next step of the loop that the level is the body of. */
int64_t gt_code_advance(const gt_level *level, const gt_address *address);
/* The compiled loops and products become what the processor can run. */
gt_status gt_code_finish_spans(gt_lowering *lowering, gt_error *error);
/* What the steps of a group in strips do, and the tiles of what is spread. */
void gt_code_strips(gt_group *group, uint32_t *tiles);
gt_step_kind gt_code_step_kind(const gt_op *op);
/* The tiles of a group whose steps and sources are known, and what the processor runs. */
bool gt_code_tiles(gt_lowering *lowering, gt_group *group);

#endif
