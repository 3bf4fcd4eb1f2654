/* What the pass "accumulate" knows of a body, and the sums that it makes outside. */
#ifndef GT_PLAN_ACCUMULATE_H
#define GT_PLAN_ACCUMULATE_H

#include "plan/rewrite/uses.h"

/* How the sum of a body value over all steps is made. */
typedef enum gt_sum_way {
    GT_SUM_NOT = 0,
    GT_SUM_NEEDED,   /* it is not yet known how */
    GT_SUM_REPEATED, /* the value is the same at every step */
    GT_SUM_PRODUCT,  /* of a weight gradient: one product of whole sequences */
    GT_SUM_LINEAR,   /* the value is linear in what varies: its op is done once, with the sums of that */
    GT_SUM_REDUCED,  /* of a sum over axes: over these and time at once */
    GT_SUM_TERMS     /* its entries are added up, in the loop or from a stack */
} gt_sum_way;

/* Sequences and products are taken apart where they are concats of no more parts than that. */
enum { GT_SUM_MOST_BLOCKS = 8 };

typedef struct gt_accumulate {
    uint8_t *summed; /* for each state: it only gathers a sum */
    uint8_t *path;   /* body nodes between such a state and its next value */
    gt_pool pool;
    const gt_uses *uses;
    uint8_t *varies;
    uint8_t *way;         /* of each body node: a gt_sum_way */
    uint32_t *gathered;   /* of each: how many of its uses need its sum alone */
    uint8_t *reduced;     /* of each: it is cheaper to go on from the sum of this than to sum what is made of it */
    uint8_t *running;     /* body nodes that are added up in the loop, since nothing needs them stacked */
    uint8_t *stacked;     /* body nodes that are stacked for something else than a sum */
    uint8_t *free;        /* body nodes that may leave the loop, as gt_lift_mark_free says */
    uint8_t *in_products; /* body nodes that products read */
    uint8_t *kept;        /* for each state: some next value depends on it */
    uint8_t *waited;      /* body nodes that the next value of such a state depends on */
    uint8_t *late;        /* body nodes that follow from a product which can be done after the loop */
    gt_var *totals;       /* of each: the state that adds it up */
    gt_var *sums;         /* of each: its sum, once made */
    bool made;
} gt_accumulate;

/* There is an axis left for time, also where a sum cannot be taken apart. */
bool gt_accumulate_can_be_stacked(const gt_copy *copy, uint32_t index);
bool gt_accumulate_is_concat_of_rows(const gt_copy *copy, const gt_node *node);
bool gt_accumulate_keeps_rows(const gt_copy *copy, const gt_node *sum);
/* Of a node whose sum is GT_SUM_LINEAR: it needs the sum of operand `slot`, rather than its value, which never changes.
 */
bool gt_accumulate_needs_sum_of(const gt_copy *copy, const gt_node *linear, uint32_t slot);

/* A state gathers body node `index`: its sum over all steps is needed. */
void gt_need_sum(gt_copy *copy, uint32_t index);
/* Decides how each sum that is needed is made, and marks what the loop must give for it. */
void gt_choose_sums(gt_copy *copy);
/* Decides what is added up in the loop, once it is known what the loop must give for all sums. */
void gt_accumulate_choose(const gt_copy *copy);
/* Adds up in the loop what nothing but a sum reads; when the body is about to end. */
void gt_accumulate_finish(gt_copy *copy);
/* The sum of body node `index` over all steps, outside, once the body has been copied. */
gt_var gt_sum_over_steps(gt_copy *copy, uint32_t index);

#endif
