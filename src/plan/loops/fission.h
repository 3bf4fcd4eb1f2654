/* What the pass "fission" knows of a body, and which of its states the loop need not carry. */
#ifndef GT_PLAN_FISSION_H
#define GT_PLAN_FISSION_H

#include "base/pool.h"
#include "plan/loops/lift.h"

typedef struct gt_fission {
    uint8_t *varies;  /* changes from step to step */
    uint8_t *free;    /* no carried state reaches it, and it can leave with all of its past */
    uint8_t *before;  /* leaves the loop to the front */
    uint8_t *after;   /* leaves the loop to the back */
    uint8_t *read;    /* by something that stays in the loop */
    uint8_t *asked;   /* for each state: what leaves to the front reads it */
    uint8_t *shifted; /* for each state: it is not carried, its old values being a sequence */
    uint8_t *stacked; /* its stack is read outside */
    uint8_t *late;    /* the old value of a state that is shifted behind the loop */
    uint8_t *waited;  /* something in the loop needs it */
    gt_var *sequence; /* of a node that has left: its values at all steps, outside */
    bool front_lifted, back_lifted;
    gt_pool pool;
} gt_fission;

static inline bool gt_fission_is_product(const gt_node *node)
{
    return node->op->op_class == GT_CLASS_MATRIX_PRODUCT;
}

static inline bool gt_fission_computes(const gt_copy *copy, uint32_t index)
{
    return gt_lift_computes(gt_tape_node(copy->from, index));
}

/* The state of which body node `index` is the old value; NULL: none. */
const gt_scan_carry_link *gt_fission_state_at(const gt_copy *copy, uint32_t index);

/* States whose new values are there before the loop, once it is known what leaves to the front. */
void gt_fission_shift_to_front(const gt_copy *copy, gt_fission *f);
/* What leaves to the back, and the states whose old values nothing in the loop needs then. False: no memory. */
bool gt_fission_shift_to_back(const gt_copy *copy, gt_fission *f);
/* Something in the loop needs the old values of the state; what has left to the front reads those of a sequence. */
bool gt_fission_is_read_inside(const gt_copy *copy, const gt_fission *f, uint32_t state);

#endif
