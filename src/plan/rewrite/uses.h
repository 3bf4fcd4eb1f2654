/*
 * Who reads what: one index of a tape's nodes for all that ask how often a value is
 * used, by whom, and whether it leaves. Passes make it of the level that they copy,
 * the lowering of each of its levels.
 */
#ifndef GT_PLAN_REWRITE_USES_H
#define GT_PLAN_REWRITE_USES_H

#include "base/pool.h"
#include "plan/rewrite/copy.h"

typedef struct gt_uses {
    const uint32_t *reads;   /* of each node: how many operands of wanted nodes it is */
    const uint32_t *scanned; /* how many of these are sequences that a scan goes through */
    const uint32_t *leaves;  /* how often it leaves the level: outputs, stacks, new values of states */
    const uint32_t *first;   /* of each node: where its readers begin; they end where those of the next begin */
    const uint32_t *readers; /* wanted nodes in the order of the tape, one for each operand */
} gt_uses;

/* A level whose uses are counted. */
typedef struct gt_uses_source {
    const gt_tape *tape;
    const uint8_t *wanted;
    const gt_var *outputs; /* of an outer tape */
    uint32_t output_count;
    const gt_scan *scan;    /* of a body */
    const uint8_t *carried; /* of a body, for each state: its new value is needed */
    const uint8_t *stacked; /* of a body, for each node: its stack is needed */
} gt_uses_source;

/* In the pool's memory; NULL on no memory. */
const gt_uses *gt_uses_find(gt_pool *pool, const gt_uses_source *source);
/* Of a whole tape, a body or the tape of a program, on which everything is wanted. */
const gt_uses *gt_uses_of_tape(gt_pool *pool, const gt_tape *tape, const gt_scan *scan, const gt_program *program);
/* Of the level that a pass copies, as long as what is wanted stays. */
const gt_uses *gt_uses_of_copy(gt_pool *pool, const gt_copy *copy);

/* All of them, inside and outside. */
static inline uint32_t gt_uses_count(const gt_uses *uses, uint32_t index)
{
    return uses->reads[index] + uses->leaves[index];
}

#endif
