/*
 * A group's steps in spans: a span is compiled to one loop over entries, with what
 * passes between its steps in vector registers. Sums of columns end a span, since
 * they are there only after its loop; so do other numbers of rows.
 */
#ifndef GT_PLAN_SPANS_H
#define GT_PLAN_SPANS_H

#include "plan/code/code.h"

/*
 * Marks the sums over steps of a body that the group adds to and whose columns are summed behind the
 * loop: a compiled loop adds to one column of them (fold.c). The other takes all marks back.
 */
void gt_span_fold(const gt_level *level, gt_group *group);
bool gt_span_folds(const gt_group *group);
void gt_span_unfold(gt_group *group);

/* The rows that the loop of a step has; 0: the step is not compiled. */
int64_t gt_span_rows_of(const gt_group *group, const gt_group_step *step);
/* Of a register of the group: its rows, and the bytes from one of its columns to the next (0: one column serves all).
 */
int64_t gt_span_register_rows(const gt_group *group, uint32_t reg);
int64_t gt_span_distance(const gt_group *group, uint32_t reg);
/* Can step k read input n, made by step `from` of the same span, from a vector register? */
bool gt_span_passes(const gt_group *group, uint32_t from, uint32_t k, uint32_t n);

/* Parts of concats are written into their rows of the concat where they can be. */
void gt_span_join_parts(gt_group *group);
/* Where a loop finds rows from `first_row` on of a register. */
gt_loop_array gt_span_array(const gt_group *group, uint32_t reg, int64_t first_row);

/* Slices within the group whose readers can read from what is cut are left out. False on no memory. */
bool gt_span_leave_out_slices(gt_lowering *lowering, gt_group *group);
/*
 * Puts the steps in an order of few spans, and writes group->spans without loops.
 * False on no memory.
 */
bool gt_span_order(gt_lowering *lowering, gt_group *group);
/* Does a step of the group write over what that register reads? */
bool gt_span_is_overwritten(const gt_group *group, uint32_t reg);
/*
 * Appends repeats of steps, each behind what reads it, and replaces `span`, of each step from 1 on, of
 * which there are `span_count`, of `rows` rows each. False on no memory.
 */
bool gt_span_repeat_steps(gt_lowering *lowering, gt_group *group, uint32_t **span, uint32_t span_count,
                          const int64_t *rows);
/* Compiles one span; *compiled says whether it could be. False on no memory. */
bool gt_span_compile(gt_lowering *lowering, gt_group *group, gt_span *span, bool *compiled);

#endif
