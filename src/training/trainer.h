/*
 * The two tapes of training: one with the loss and its gradients for a step, one
 * with the loss alone for validation. Each is recorded once and run many times.
 */
#ifndef GT_TRAINING_TRAINER_H
#define GT_TRAINING_TRAINER_H

#include "training/batches.h"
#include "training/model.h"

/* A network over windows of lanes x steps tokens, ready to run. */
typedef struct gt_runner {
    gt_tape *tape;
    gt_interpreter *run; /* also with a plan: to find out where something went wrong */
    gt_plan *plan;       /* NULL: the interpreter computes */
    gt_workspace *work;
    gt_var *vars; /* one list: parameters, then gradients, initial states, final states */
    gt_var *parameters, *gradients, *initial, *finals;
    uint32_t parameter_count, state_count;
    gt_network_pass pass;
    gt_var *outputs; /* what an evaluation computes; one list in `vars` */
    uint32_t output_count;
    int32_t *tokens, *targets, *keys; /* bound: (lanes, steps), (1, steps) */
    const void **values;              /* room for gradients or states */
    int64_t lanes, steps;
} gt_runner;

typedef enum gt_runner_kind {
    GT_RUNNER_TRAIN,  /* the loss, its gradients, the final states; with dropout */
    GT_RUNNER_SCORE,  /* the loss of every position, the final states */
    GT_RUNNER_PREDICT /* the logits, the final states */
} gt_runner_kind;

/*
 * Records the network of the model and binds its parameters and `states` (n,
 * lanes), which all must outlive the runner, as must `threads`, which may be NULL.
 * NULL on an error.
 */
gt_runner *gt_runner_new(const gt_model *model, gt_runner_kind kind, const gt_parameters *states, int64_t lanes,
                         int64_t steps, gt_threads *threads, gt_error *error);
void gt_runner_free(gt_runner *runner);
/* Runs it on what tokens, targets, keys and the bound arrays hold. */
gt_status gt_runner_evaluate(gt_runner *runner, gt_error *error);
/* The value of one of the outputs from the last evaluation. */
const void *gt_runner_value(const gt_runner *runner, gt_var v);
/* Runs it by the interpreter, ending at the first value that is not finite; *error then names it. */
void gt_runner_find_not_finite(gt_runner *runner, gt_error *error);
/* Copies the final states of the last evaluation into the set that is bound. */
void gt_runner_carry(const gt_runner *runner, gt_parameters *states);
/* A var of the last evaluation as a double: entry `i`. */
double gt_runner_number(const gt_runner *runner, gt_var v, int64_t i);

/* ---- training ------------------------------------------------------------------------------ */

typedef struct gt_trainer {
    gt_model *model;
    gt_batches training, validation;
    gt_runner *learner, *scorer; /* scorer NULL without a validation text */
    gt_parameters *fresh;        /* the states before the first step, for the scorer */
} gt_trainer;

/* What one iteration did. */
typedef struct gt_iteration {
    double loss; /* bits per character */
    gt_optimizer_report step;
    bool skipped; /* a gradient was not finite: parameters stay, states start anew; *error says where */
} gt_iteration;

/*
 * For a model with everything for training. Tokens and threads are borrowed. False: *error,
 * for instance that the text is too short. Free with gt_trainer_free either way.
 */
bool gt_trainer_start(gt_trainer *trainer, gt_model *model, const int32_t *training, int64_t training_count,
                      const int32_t *validation, int64_t validation_count, gt_threads *threads, gt_interrupt *interrupt,
                      gt_error *error);
void gt_trainer_free(gt_trainer *trainer);

/*
 * The next iteration; GT_ERROR_INTERRUPTED, with nothing changed, if the
 * interrupt asked for it.
 */
gt_status gt_trainer_step(gt_trainer *trainer, gt_iteration *done, gt_error *error);
/* The loss of the validation text in bits per character, each character counted once. */
gt_status gt_trainer_validate(gt_trainer *trainer, double *bits, gt_error *error);

#endif
