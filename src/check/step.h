/*
 * One time step with handwritten formulas: names, their values at every step,
 * and the tape's gradient with respect to each of them.
 *
 * The step is recorded once. Its values come from running it forward from the
 * initial states, and its gradients from running it backward from the upstream
 * gradients: what reaches a step from outside is that, plus what the step after
 * it hands down.
 */
#ifndef GT_CHECK_STEP_H
#define GT_CHECK_STEP_H

#include "check/cell_data.h"
#include "check/words.h"

typedef enum gt_name_kind {
    GT_NAME_INPUT = 0,
    GT_NAME_STATE, /* before the step */
    GT_NAME_PARAMETER,
    GT_NAME_EQUATION,     /* of the forward pass */
    GT_NAME_GIVEN_STATE,  /* "dS'": the gradient from outside the step */
    GT_NAME_GIVEN_OUTPUT, /* "dY" */
    GT_NAME_FORMULA       /* of the backward pass */
} gt_name_kind;

typedef struct gt_step_name {
    char name[GT_NAME_SIZE];
    gt_name_kind kind;
    uint32_t place;  /* in its table */
    gt_var v;        /* on the step's tape; GT_NONE for formulas, and for what is a number alone */
    gt_var gradient; /* on the step's tape: with respect to it; GT_NONE if there is none */
    gt_shape shape;
    double **values;    /* by step; owned. A formula's are what it is taken to be by those after it */
    double **gradients; /* by step, of the shape of values; owned */
    /*
     * Of an equation that is an activation, N = sigmoid(u): the gradient of u, as long as that is
     * not what "dN" is taken for (gt_step_exchange_before).
     */
    gt_var before;
    double **before_gradients;
} gt_step_name;

typedef struct gt_step {
    const gt_cell_problem *data;
    const gt_handwritten *handwritten; /* NULL: equations are the nodes that have names */
    int64_t steps;
    gt_tape *tape;
    gt_interpreter *run;
    gt_step_name *names;                             /* in the order of gt_name_kind */
    uint32_t name_count, given_count, formula_first; /* given_count: of the two kinds */
    uint32_t input_first, state_first, parameter_first, equation_first, given_first;
    gt_var *next_states, *outputs;     /* on the step's tape */
    uint32_t forward_nodes;            /* nodes of the tape before the reverse replay */
    gt_var *wanted, *wanted_gradients; /* all values and gradients; they belong to the tape */
    uint32_t wanted_count, wanted_gradient_count;
    bool *uses_output; /* by output: some formula reads its gradient; else that is zero */
} gt_step;

/* Records the step. Close it in any case. `uses_output` is filled in by the caller before running. */
gt_status gt_step_open(gt_step *step, const gt_cell_problem *data, gt_error *error);
void gt_step_close(gt_step *step);

/* Runs all steps forward and backward: fills in values and gradients. */
gt_status gt_step_run(gt_step *step, gt_error *error);
gt_status gt_step_run_forward(gt_step *step, gt_error *error);

/* A backward pass other than the problem's; zero-initialised: that. */
typedef struct gt_step_pass {
    const bool *cut; /* by state: what the next step hands down to it does not arrive; NULL: all arrives */
    int64_t only;    /* 1 + the one step whose upstream gradients count; 0: those of all steps do */
    bool seeded;     /* in their place, a 1 after the last step: for this state at this entry */
    uint32_t state;
    size_t entry;
} gt_step_pass;

/* Backward again over the values that are there: fills in gradients. */
gt_status gt_step_run_backward(gt_step *step, const gt_step_pass *pass, gt_error *error);
/* Binds the leaves of the step's tape to the values of step t: inputs, states, parameters, given. */
gt_status gt_step_bind(gt_step *step, int64_t t, gt_error *error);

/* The place of a name, or -1. */
int64_t gt_step_find(const gt_step *step, const char *name);
/* The place of N for the formula name "dN", or -1: a local. */
int64_t gt_step_subject(const gt_step *step, const char *formula);
size_t gt_step_count(const gt_step_name *name); /* entries at one step */

/* Room for the values of a formula, once its shape is known. */
gt_status gt_step_make_room(gt_step *step, uint32_t name, gt_shape shape, gt_error *error);

/*
 * Exchanges the gradient of N with that of what goes into N's activation: dN then stands for the
 * other one. Again: it is as it was.
 */
void gt_step_exchange_before(gt_step_name *name);

/* The names of the equations by which v of the step's tape is first read: "f". "" if there are many. */
const char *gt_step_gate(const gt_step *step, gt_var v);

#endif
