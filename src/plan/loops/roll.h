/*
 * Finding what repeats on a tape: runs of nodes that do the same T times, each
 * time with the results of the time before. list_runs.c puts the nodes in order,
 * find_runs.c finds runs, follow_runs.c their operands, roll_lead.c first steps; roll.c makes scans
 * of them.
 */
#ifndef GT_PLAN_ROLL_H
#define GT_PLAN_ROLL_H

#include "plan/rewrite/copy.h"

/* Where an operand of a node of a run comes from. */
typedef enum gt_run_link_kind {
    GT_RUN_INSIDE,    /* the same step: `place` */
    GT_RUN_CARRIED,   /* the step before: `place`; at the first step `node`, or nothing (-0) if that
                         is 0 */
    GT_RUN_INVARIANT, /* the same `node` at every step */
    GT_RUN_SLICE,     /* an entry along the last axis of `node`, from `low` on */
    GT_RUN_VALUE,     /* the value at `place` of an earlier run, of its steps from `low` on */
    GT_RUN_OLD_VALUE  /* the state of that run that becomes this value, before its steps from `low`
                         on; `node` at first */
} gt_run_link_kind;

typedef struct gt_run_link {
    gt_run_link_kind kind;
    uint32_t place; /* in the period */
    uint32_t node;  /* of the tape */
    uint32_t run;
    int64_t low;
} gt_run_link;

/*
 * Nodes begin + step * period + place of the list of candidates, for each step and each place.
 * If there is a `lead`, its nodes are those of the first step, and the list has the others.
 */
typedef struct gt_run {
    uint32_t begin, period, steps;
    uint32_t *lead; /* of each place; NULL: none */
    gt_direction direction;
    gt_run_link *links;   /* of all operands of a period, in order */
    uint32_t *first_link; /* of each place */
    uint32_t link_count;
    gt_scan *scan;   /* once it is made */
    gt_var *body;    /* of each place */
    gt_var *carries; /* of each link that is carried: the old value of the state */
} gt_run;

typedef struct gt_runs {
    uint32_t *list;     /* candidates: wanted nodes that compute, in their order */
    uint32_t *where;    /* of each node: its place in the list + 1, or 0 */
    uint32_t *run_of;   /* of each candidate: its run + 1, or 0 */
    uint32_t *place_of; /* of each candidate in a run */
    uint32_t count;
    gt_run *runs;
    size_t run_count, run_capacity;
} gt_runs;

/* All runs of a level whose wanted nodes are known. False: no memory. */
bool gt_find_runs(const gt_copy *copy, gt_runs *runs);
void gt_free_runs(gt_runs *runs);

static inline uint32_t gt_run_node(const gt_runs *runs, const gt_run *run, uint32_t step,
                                   uint32_t place)
{
    uint32_t listed = run->lead == NULL ? step : step - 1;
    return run->lead != NULL && step == 0 ? run->lead[place]
                                          : runs->list[run->begin + listed * run->period + place];
}

/* If node `index` is in a run: which, at which step and place. */
bool gt_find_in_runs(const gt_runs *runs, uint32_t index, uint32_t *run, uint32_t *step,
                     uint32_t *place);
/* The place of a step in the scan's stacks. */
static inline int64_t gt_run_slot(const gt_run *run, int64_t step)
{
    return run->direction == GT_FORWARD ? step : (int64_t)run->steps - 1 - step;
}

/* ---- while they are being found ------------------------------------------------------------- */

/* Fewer steps stay as they are. */
enum { GT_RUN_LEAST_STEPS = 4 };

typedef struct gt_run_finder {
    const gt_copy *copy;
    gt_runs *runs;
    uint32_t *next; /* of each candidate: the next one like it, or 0 */
} gt_run_finder;

static inline const gt_node *gt_run_node_at(const gt_run_finder *f, uint32_t index)
{
    return gt_tape_node(f->copy->from, index);
}

static inline uint32_t gt_run_input_at(const gt_run_finder *f, uint32_t index, uint32_t slot)
{
    return gt_node_inputs(f->copy->from, gt_run_node_at(f, index))[slot];
}

/* Fills in the list, and `next`; with_ends: sums that nobody reads come last. False: no memory. */
bool gt_run_list(gt_run_finder *f, bool with_ends);
/* Are two nodes the same op with the same shapes and attributes, and one that may be in a loop? */
bool gt_run_does_the_same(const gt_copy *copy, uint32_t a, uint32_t b);
/* Is `index` in a run that is still looked at, and where? */
bool gt_run_holds(const gt_run_finder *f, const gt_run *run, uint32_t index, uint32_t *step,
                  uint32_t *place);
/* The first steps of the run for which all operands do as they should, 0 for none; fills in the
 * links. */
uint32_t gt_run_follow(const gt_run_finder *f, gt_run *run);
/* A value from outside as one of many: `time` is its number among them. */
bool gt_run_locate(const gt_run_finder *f, uint32_t index, gt_run_link *link, int64_t *time);
/*
 * Adds the step before the first one if it is like the others but for what it adds
 * to values of the step before, which there is not. False: no memory.
 */
bool gt_run_extend(const gt_run_finder *f, gt_run *run);

#endif
