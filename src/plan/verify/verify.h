/*
 * Structural verification: what every pass and the lowering must leave true.
 * Nothing is computed; a fault names the node or the instruction. Debug and
 * sanitizer builds (GT_VERIFY_PLANS) verify every plan while it is made.
 */
#ifndef GT_PLAN_VERIFY_H
#define GT_PLAN_VERIFY_H

#include "plan/code/code.h"

/*
 * Inputs come before their uses, shapes and types are those of the shape rules,
 * the links of scans fit on both sides, and outputs and inputs are vars of the
 * program. GT_ERROR_TAPE with the fault in `error`, or GT_ERROR_MEMORY.
 */
gt_status gt_program_verify(const gt_program *program, gt_error *error);

/*
 * Every wanted node is in one item, behind all that it reads; groups have one shape; what is read
 * outside of its group is kept. Of two halves: outputs that are not late are items of the forward one.
 */
gt_status gt_order_verify(const gt_level *level, const gt_order *order, gt_error *error);
gt_status gt_halves_verify(const gt_program *program, const gt_level *top, gt_error *error);

/*
 * Every address lies within the arena, its input or its state at every step of
 * the loops around it; nothing is written to the user's inputs; what an
 * instruction writes does not overlap what it reads, but for element-by-element
 * groups in place. Of two halves: the forward one reads no late input, and the backward one writes over
 * no output of the forward one. `program` is the one that was lowered, `outputs` its outputs.
 */
gt_status gt_code_verify(const gt_code *code, const gt_program *program, const gt_operand *outputs, gt_error *error);

/* Values that live at the same time have memory of their own; what a backward half reads again lives for ever. */
gt_status gt_arena_verify(const gt_lowering *lowering, gt_error *error);

#endif
