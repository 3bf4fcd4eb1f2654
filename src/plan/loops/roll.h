/*
 * Finding what repeats on a tape: stretches of nodes that do the same T times, each
 * time with the results of the time before. list_repeats.c puts the nodes in order,
 * find_repeats.c finds repeats, follow_repeats.c their operands, roll_lead.c first steps; roll.c makes scans
 * of them.
 */
#ifndef GT_PLAN_ROLL_H
#define GT_PLAN_ROLL_H

#include "plan/rewrite/copy.h"

/* Where an operand of a node of a repeat comes from. */
typedef enum gt_repeat_link_kind {
    GT_REPEAT_INSIDE,    /* the same step: `position` */
    GT_REPEAT_CARRIED,   /* the step before: `position`; at the first step `node`, or nothing (-0) if that
                         is 0 */
    GT_REPEAT_INVARIANT, /* the same `node` at every step */
    GT_REPEAT_SLICE,     /* an entry along the last axis of `node`, from `low` on */
    GT_REPEAT_VALUE,     /* the value at `position` of an earlier repeat, of its steps from `low` on */
    GT_REPEAT_OLD_VALUE  /* the state of that repeat that becomes this value, before its steps from `low`
                         on; `node` at first */
} gt_repeat_link_kind;

typedef struct gt_repeat_link {
    gt_repeat_link_kind kind;
    uint32_t position; /* in the period */
    uint32_t node;     /* of the tape */
    uint32_t repeat;
    int64_t low;
} gt_repeat_link;

/*
 * Nodes begin + step * period + position of the list of candidates, for each step and each position.
 * If there is a `lead`, its nodes are those of the first step, and the list has the others.
 */
typedef struct gt_repeat {
    uint32_t begin, period, steps;
    uint32_t *lead; /* of each position; NULL: none */
    gt_direction direction;
    gt_repeat_link *links; /* of all operands of a period, in order */
    uint32_t *first_link;  /* of each position */
    uint32_t link_count;
    gt_scan *scan;   /* once it is made */
    gt_var *body;    /* of each position */
    gt_var *carries; /* of each link that is carried: the old value of the state */
} gt_repeat;

typedef struct gt_repeats {
    uint32_t *list;        /* candidates: wanted nodes that compute, in their order */
    uint32_t *where;       /* of each node: its position in the list + 1, or 0 */
    uint32_t *repeat_of;   /* of each candidate: its repeat + 1, or 0 */
    uint32_t *position_of; /* of each candidate in a repeat */
    uint32_t count;
    gt_repeat *repeats;
    size_t repeat_count, repeat_capacity;
} gt_repeats;

/* All repeats of a level whose wanted nodes are known. False: no memory. */
bool gt_find_repeats(const gt_copy *copy, gt_repeats *repeats);
void gt_free_repeats(gt_repeats *repeats);

static inline uint32_t gt_repeat_node(const gt_repeats *repeats, const gt_repeat *repeat, uint32_t step,
                                      uint32_t position)
{
    uint32_t listed = repeat->lead == NULL ? step : step - 1;
    return repeat->lead != NULL && step == 0 ? repeat->lead[position]
                                             : repeats->list[repeat->begin + listed * repeat->period + position];
}

/* If node `index` is in a repeat: which, at which step and position. */
bool gt_find_in_repeats(const gt_repeats *repeats, uint32_t index, uint32_t *repeat, uint32_t *step,
                        uint32_t *position);
/* The position of a step in the scan's stacks. */
static inline int64_t gt_repeat_slot(const gt_repeat *repeat, int64_t step)
{
    return repeat->direction == GT_FORWARD ? step : (int64_t)repeat->steps - 1 - step;
}

/* ---- while they are being found ------------------------------------------------------------- */

/* Fewer steps stay as they are. */
enum { GT_REPEAT_LEAST_STEPS = 4 };

typedef struct gt_repeat_finder {
    const gt_copy *copy;
    gt_repeats *repeats;
    uint32_t *next; /* of each candidate: the next one like it, or 0 */
} gt_repeat_finder;

static inline const gt_node *gt_repeat_node_at(const gt_repeat_finder *f, uint32_t index)
{
    return gt_tape_node(f->copy->from, index);
}

static inline uint32_t gt_repeat_input_at(const gt_repeat_finder *f, uint32_t index, uint32_t slot)
{
    return gt_node_inputs(f->copy->from, gt_repeat_node_at(f, index))[slot];
}

/* Fills in the list, and `next`; with_ends: sums that nobody reads come last. False: no memory. */
bool gt_repeat_list(gt_repeat_finder *f, bool with_ends);
/* Are two nodes the same op with the same shapes and attributes, and one that may be in a loop? */
bool gt_repeat_does_the_same(const gt_copy *copy, uint32_t a, uint32_t b);
/* Is `index` in a repeat that is still looked at, and where? */
bool gt_repeat_holds(const gt_repeat_finder *f, const gt_repeat *repeat, uint32_t index, uint32_t *step,
                     uint32_t *position);
/* The first steps of the repeat for which all operands do as they should, 0 for none; fills in the
 * links. */
uint32_t gt_repeat_follow(const gt_repeat_finder *f, gt_repeat *repeat);
/* A value from outside as one of many: `time` is its number among them. */
bool gt_repeat_locate(const gt_repeat_finder *f, uint32_t index, gt_repeat_link *link, int64_t *time);
/*
 * Adds the step before the first one if it is like the others but for what it adds
 * to values of the step before, which there is not. False: no memory.
 */
bool gt_repeat_extend(const gt_repeat_finder *f, gt_repeat *repeat);

#endif
