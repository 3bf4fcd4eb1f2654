/* What the pass "accumulate" knows of a body, and the sums that it makes outside. */
#ifndef GT_PLAN_ACCUMULATE_H
#define GT_PLAN_ACCUMULATE_H

#include "plan/rewrite/uses.h"

typedef struct gt_accumulate {
    uint8_t *summed; /* for each state: it only gathers a sum */
    uint8_t *path;   /* body nodes between such a state and its next value */
    gt_pool pool;
    const gt_uses *uses;
    uint8_t *varies;
    uint8_t *running;     /* body nodes that are added up in the loop, since nothing needs them stacked */
    uint8_t *stacked;     /* body nodes that are stacked for something else than a sum */
    uint8_t *free;        /* body nodes that may leave the loop, as gt_lift_mark_free says */
    uint8_t *in_products; /* body nodes that products read */
    gt_var *totals;       /* of each: the state that does it */
} gt_accumulate;

/* A sum or difference of operands that need no stretching. */
bool gt_accumulate_is_plain(const gt_copy *copy, uint32_t index, const gt_op *op);
/* There is an axis left for time, also where a sum cannot be taken apart. */
bool gt_accumulate_can_be_stacked(const gt_copy *copy, uint32_t index);

/* The sum of body node `index` over all steps, outside; depth: 0. */
gt_var gt_sum_over_steps(gt_copy *copy, uint32_t index, int depth);
/* Marks what the loop must give for that sum: the same cases in the same order. */
void gt_want_sum(gt_copy *copy, uint32_t index, int depth);
/* Decides what is added up in the loop, once it is known what the loop must give for all sums. */
void gt_accumulate_choose(const gt_copy *copy);
/* Adds up in the loop what nothing but a sum reads; when the body is about to end. */
void gt_accumulate_finish(gt_copy *copy);

#endif
