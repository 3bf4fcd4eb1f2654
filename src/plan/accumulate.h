/* What the pass "accumulate" knows of a body, and the sums that it makes outside. */
#ifndef GT_PLAN_ACCUMULATE_H
#define GT_PLAN_ACCUMULATE_H

#include "plan/copy.h"

typedef struct gt_accumulate {
    uint8_t *summed;   /* for each state: it only gathers a sum */
    uint8_t *path;     /* body nodes between such a state and its next value */
    uint32_t *uses;    /* of each body node, by wanted nodes */
    uint8_t *varies;
    uint8_t *running;  /* body nodes that nothing but a sum reads: they are added up in the loop */
    gt_var *totals;    /* of each: the state that does it */
} gt_accumulate;

/* A sum or difference of operands that need no stretching. */
bool gt_accumulate_is_plain(const gt_copy *copy, uint32_t index, const gt_op *op);
/* There is an axis left for time, also where a sum cannot be taken apart. */
bool gt_accumulate_can_be_stacked(const gt_copy *copy, uint32_t index);

/* The sum of body node `index` over all steps, outside; depth: 0. */
gt_var gt_sum_over_steps(gt_copy *copy, uint32_t index, int depth);
/* Marks what the loop must give for that sum: the same cases in the same order. */
void gt_want_sum(gt_copy *copy, uint32_t index, int depth);
/* Adds up in the loop what nothing but a sum reads; when the body is about to end. */
void gt_accumulate_finish(gt_copy *copy);

#endif
