/*
 * The gradients of a sequence as they would be with a mistake: in a reverse rule of the step (a slip),
 * in the loop over the steps, or in both. One step is recorded, forward and backward with the slip in
 * it, and run over all steps as the loop has it.
 */
#ifndef GT_DIAGNOSE_REPLAY_H
#define GT_DIAGNOSE_REPLAY_H

#include "check/words.h"
#include "diagnose/mistake.h"
#include "gradtape/handwritten.h"

/* What is done to the contribution of a node to the adjoint of one of its operands. */
typedef enum gt_slip_change {
    GT_SLIP_NONE,
    GT_SLIP_DROP,
    GT_SLIP_SCALE,            /* by factor */
    GT_SLIP_PASS,             /* the cotangent as it is: no derivative */
    GT_SLIP_TWICE,            /* the derivative once more */
    GT_SLIP_VALUE,            /* of a sigmoid s (1 - s): s alone */
    GT_SLIP_COMPLEMENT,       /* 1 - y alone */
    GT_SLIP_OTHER_VALUE,      /* s' (1 - s) with the value of node `to` as s' */
    GT_SLIP_OTHER_COMPLEMENT, /* s (1 - s') */
    GT_SLIP_OTHER_FUNCTION,   /* 1 - s^2 for a sigmoid, y (1 - y) for tanh */
    GT_SLIP_SIGNED,           /* y (1 + y), 1 + y^2 */
    GT_SLIP_SQUARED,          /* (1 - y)^2 for the 1 - y^2 of tanh */
    GT_SLIP_OPENED,           /* dy * 1 - y^2: the parentheses are missing */
    GT_SLIP_OPENED_FRONT,     /* 1 - y^2 * dy: the same, with dy behind */
    GT_SLIP_TRANSPOSED,       /* the matrix as it is, where it should be transposed */
    GT_SLIP_SLICE,            /* the columns from `to` on, in place of those of the part */
    GT_SLIP_COTANGENT,        /* what reaches node `to` in place of what reaches this one */
    GT_SLIP_SUBSTITUTE,       /* the rule reads node `to` where it should read `from` */
    GT_SLIP_EXCHANGE,         /* the rules of `node` and `to` read each other's first operand */
    GT_SLIP_RECOMPUTE,        /* the rule reads node `reads` as it is with `to` as operand in place of `from` */
    GT_SLIP_STATE_SCALE,      /* the gradient of state `slot`, by factor */
    GT_SLIP_SEED_SCALE        /* what reaches the new value of state `slot` from after the step, by factor */
} gt_slip_change;

typedef struct gt_slip {
    gt_slip_change change;
    uint32_t node, slot, from, to, reads; /* nodes of the step's tape */
    uint32_t part;        /* only what reaches this operand, from 1, of a concat behind a product; 0: all */
    bool alike;           /* in the rules of all nodes with the same op */
    uint32_t into, first; /* into > 0: of what reaches node `into` from all nodes of [first, node] */
    double factor;
} gt_slip;

/* The step whose numbers are taken at step t. */
typedef enum gt_which {
    GT_AT_SAME = 0,
    GT_AT_LATER,         /* t + 1, and T - 1 at the last */
    GT_AT_EARLIER,       /* t - 1, and 0 at the first */
    GT_AT_EARLIER_ROUND, /* t - 1, and T - 1 at the first: an index of -1 in Python */
    GT_AT_MIRRORED,      /* T - 1 - t */
    GT_AT_FIRST,
    GT_AT_LAST,
    GT_AT_LAST_ONLY, /* of upstream gradients: t, and nothing before the last step */
    GT_AT_NEVER      /* of upstream gradients */
} gt_which;

/* What is made of a state's gradient before the step before reads it. */
typedef enum gt_flow_change {
    GT_FLOW_SAME = 0,
    GT_FLOW_SCALED,       /* by factor; 0: it is not carried */
    GT_FLOW_ACCUMULATED,  /* added to what was carried before */
    GT_FLOW_PASSED,       /* what reached the new value of the state, not the gradient of the old one */
    GT_FLOW_EXCHANGED,    /* that of the state after it */
    GT_FLOW_FIRST_ROW,    /* row 0 for all rows */
    GT_FLOW_FIRST_COLUMN, /* example 0 for all examples */
    GT_FLOW_CLIPPED       /* at -factor and factor */
} gt_flow_change;

/* How the loop runs; all zero: as it should. */
typedef struct gt_loop {
    gt_which values, upstream;
    uint64_t states;  /* a bit for each: whose flow or upstream gradient is concerned */
    uint64_t outputs; /* the same of upstream gradients of outputs */
    gt_flow_change flow;
    double factor;
    int64_t cut;                   /* nothing flows back from one piece of so many steps to the one before it */
    bool from_first;               /* pieces are counted from the first step */
    int64_t window;                /* what comes from outside at a step flows back through so many steps */
    int64_t skip_first, skip_last; /* steps that are not run */
    int64_t example;               /* the only one that counts, from 1; 0: all do */
    bool forward;                  /* from the first step to the last */
} gt_loop;

typedef struct gt_hypothesis {
    gt_loop loop;
    gt_slip slip;
    bool in_loop;         /* the loop is not as it should be */
    bool parameters_only; /* all other arrays are right */
} gt_hypothesis;

/* A step of a cell, its values at every step, and the arrays that are asked about. */
typedef struct gt_step_replay {
    const gt_evidence *evidence;
    gt_tape *forward; /* one step, to be looked at; the nodes of `tape` have the same numbers */
    gt_tape *tape;    /* made anew for every run */
    gt_var inputs[GT_MAX_CELL_ARRAYS], states[GT_MAX_CELL_ARRAYS], parameters[GT_MAX_CELL_ARRAYS];
    gt_var next_states[GT_MAX_CELL_ARRAYS], outputs[GT_MAX_CELL_ARRAYS];
    gt_var state_upstream[GT_MAX_CELL_ARRAYS], output_upstream[GT_MAX_CELL_ARRAYS];
    uint32_t forward_nodes;
    double **flow;         /* by state: what flows back into the step before */
    double **upstream;     /* by state: that and what comes from outside */
    double **given;        /* by state and step: what comes from outside */
    double **output_given; /* by output, of one step */
    double *zeros;
    double **results; /* by array of the evidence: what the last run gave */
    uint64_t runs;    /* steps that were run so far */
} gt_step_replay;

/* GT_ERROR_ARGUMENT: the evidence has not all that is needed. Close it in any case. */
gt_status gt_step_replay_open(gt_step_replay *sequence, const gt_evidence *evidence);
void gt_step_replay_close(gt_step_replay *sequence);
/* Fills in the results. A slip that cannot be recorded is an error that does no harm. */
gt_status gt_step_replay_run(gt_step_replay *sequence, const gt_hypothesis *hypothesis);

/* ---- between the files of the replay --------------------------------------------------------- */

gt_status gt_step_replay_record(gt_step_replay *sequence);
/* gradients: of the states, then of the arrays. */
gt_status gt_step_replay_record_backward(gt_step_replay *sequence, const gt_slip *slip, gt_var *gradients);
/* The leaf that an array of the evidence is the gradient of. */
gt_var gt_step_replay_leaf(const gt_step_replay *sequence, uint32_t array);
bool gt_step_replay_with_outputs(const gt_step_replay *sequence);

#endif
