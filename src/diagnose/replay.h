/*
 * The gradients of a sequence as they would be if one reverse rule in the step
 * had a mistake: one step is recorded, forward and backward with the mistake in
 * it, and run backward over all steps.
 */
#ifndef GT_DIAGNOSE_REPLAY_H
#define GT_DIAGNOSE_REPLAY_H

#include "diagnose/mistake.h"
#include "gradtape/handwritten.h"

/* What is done to the contribution of a node to the adjoint of one of its operands. */
typedef enum gt_slip_change {
    GT_SLIP_NONE,
    GT_SLIP_DROP,
    GT_SLIP_NEGATE,
    GT_SLIP_SCALE,      /* by factor */
    GT_SLIP_PASS,       /* the cotangent as it is: no derivative */
    GT_SLIP_TWICE,      /* the derivative once more */
    GT_SLIP_SUBSTITUTE, /* the rule reads node `to` where it should read `from` */
    GT_SLIP_OLD_STATE,  /* the rule of an activation reads state `to` where it should read `from` */
    GT_SLIP_CARRY       /* nothing flows back from the step after, through state `slot` */
} gt_slip_change;

typedef struct gt_slip {
    gt_slip_change change;
    uint32_t node, slot, from, to; /* nodes of the step's tape */
    double factor;
} gt_slip;

/* The step of a cell, its values at every step, and the array that is asked about. */
typedef struct gt_slip_step {
    const gt_evidence *evidence;
    gt_tape *tape; /* forward, made anew for every slip */
    gt_var inputs[GT_MAX_CELL_ARRAYS], states[GT_MAX_CELL_ARRAYS], parameters[GT_MAX_CELL_ARRAYS];
    gt_var next_states[GT_MAX_CELL_ARRAYS], outputs[GT_MAX_CELL_ARRAYS];
    gt_var state_upstream[GT_MAX_CELL_ARRAYS], output_upstream[GT_MAX_CELL_ARRAYS];
    uint32_t forward_nodes;
    gt_var target;     /* the leaf whose gradient is asked for */
    bool in_time;      /* an input: a gradient for each step */
    bool initial;      /* a state: the gradient at the first step */
    double **flow;     /* by state: what flows back into the step before */
    double **upstream; /* by state: that and what comes from outside */
    double **given;    /* by state and step: what comes from outside */
    double *zeros;
    size_t result_count;
} gt_slip_step;

/* GT_ERROR_ARGUMENT: the evidence has not all that is needed. Close it in any case. */
gt_status gt_slip_open(gt_slip_step *step, const gt_evidence *evidence);
void gt_slip_close(gt_slip_step *step);
/*
 * The array with the slip in the rules; result has result_count entries. A slip that cannot be recorded
 * is an error that does no harm. After GT_ERROR_MEMORY the step's tape is not whole: only close it.
 */
gt_status gt_slip_run(gt_slip_step *step, const gt_slip *slip, double *result);

/* The kind of a slip and a sentence about it. */
gt_mistake_kind gt_slip_describe(const gt_slip_step *step, const gt_slip *slip, char *text,
                                 size_t size);

#endif
