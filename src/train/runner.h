/* A network recorded over (lanes, steps) positions, differentiated if asked for, and run many times. */
#ifndef GT_TRAIN_RUNNER_H
#define GT_TRAIN_RUNNER_H

#include "gradtape/plan.h"
#include "gradtape/train.h"

typedef enum gt_runner_kind {
    GT_RUNNER_TRAIN,  /* the loss, its gradients, the final states; with dropout */
    GT_RUNNER_SCORE,  /* the loss of every position, the logits unless of a stream, the final states */
    GT_RUNNER_PREDICT /* the logits, the final states */
} gt_runner_kind;

/* What the runner is made for. */
typedef struct gt_runner_form {
    const gt_network *network;
    const gt_parameters *parameters; /* bound, as are the states; both must outlive the runner */
    const gt_parameters *states;     /* (n, lanes) each, before the first step */
    gt_runner_kind kind;
    bool stream; /* all positions count alike, and nobody asks for logits */
    bool steady; /* the parameters stay as they are: what depends on nothing else is computed once */
    bool turns;  /* layers that read from the end begin at that of each sequence: the data have several lengths */
    int64_t lanes, steps;
    int64_t first, batch; /* the lanes are those from `first` on of a batch, for dropout; 0 and 0: they are all */
    gt_engine engine;
    gt_threads *threads; /* borrowed; NULL: one */
    size_t memory;       /* as of gt_plan_options */
} gt_runner_form;

typedef struct gt_runner {
    gt_runner_form form;
    gt_tape *tape;
    gt_interpreter *run; /* also with a plan: to find out where something went wrong */
    gt_plan *plan;       /* NULL: the interpreter computes */
    gt_workspace *work;
    bool prepared; /* of a steady one with a plan: what depends on the parameters alone is there */
    gt_var *vars;  /* one list: parameters, then gradients, initial states, final states, outputs, inputs */
    gt_var *parameters, *gradients, *initial, *finals, *inputs;
    uint32_t parameter_count, state_count, input_count;
    gt_network_pass pass;
    gt_var *outputs;                                    /* what an evaluation computes */
    uint32_t output_count, first_final, first_gradient; /* their places among the outputs */
    /* Bound, to be filled: (lanes, steps), (1, steps), (outputs, lanes, steps), (rows, lanes, steps) each, .... */
    int32_t *tokens, *classes, *keys, *reversal;
    void *numbers, *weights, **input_arrays;
    int64_t *input_rows;
    uint32_t term_count;  /* of the losses that the cells declare; of one that predicts 0 */
    void *present;        /* bound: what each position counts in them; NULL: all alike */
    gt_parameters *draws; /* bound: what the cells draw at each step, for these lanes; NULL: the means are taken */
    double begins[1];     /* bound: an entry of the type of the parameters */
    const void **values;  /* room for gradients */
} gt_runner;

/* NULL on an error. */
gt_runner *gt_runner_new(const gt_runner_form *form, gt_error *error);
void gt_runner_free(gt_runner *runner);
/* Of one that learns: whether the sequences begin, so that what states begin with gets a gradient. */
void gt_runner_set_begins(gt_runner *runner, bool begins);
/* Asked in the course of an evaluation. */
void gt_runner_on_interrupt(gt_runner *runner, gt_interrupt *interrupt, void *context);
/* Called when an output is complete, in the course of an evaluation by a plan; see gt_workspace_on_output. */
gt_status gt_runner_on_output(gt_runner *runner, gt_output_complete *complete, void *context, gt_error *error);
/* The part of the work behind which that is; 1 without a plan. */
double gt_runner_work_until(const gt_runner *runner, uint32_t output);
/* Runs it on what the bound arrays hold. */
gt_status gt_runner_evaluate(gt_runner *runner, gt_error *error);
/* The value of one of the outputs from the last evaluation. */
const void *gt_runner_value(const gt_runner *runner, gt_var v);
/* The same of output number `i`; in the course of the evaluation where it is complete. */
const void *gt_runner_output(const gt_runner *runner, uint32_t i);
/* Runs it by the interpreter, ending at the first value that is not finite; *error then names it. */
void gt_runner_find_not_finite(gt_runner *runner, gt_error *error);
/* Copies the final states of the last evaluation into the set that is bound. */
void gt_runner_carry(const gt_runner *runner, gt_parameters *states);
/* A var of the last evaluation as a double: entry `i`. */
double gt_runner_number(const gt_runner *runner, gt_var v, int64_t i);

/* The rows of the projection. */
int64_t gt_runner_outputs(const gt_network *network);

#endif
