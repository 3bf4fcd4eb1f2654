/*
 * A training step of a cell, as `gradtape bench` times it and `gradtape plan`
 * describes it: the cell over T steps of random input from random initial
 * states; then the gradients of the inputs, the initial states and all
 * parameters from a random upstream gradient, at every step, of all that a loss must
 * read for no part of the cell to be dead code (reads.h). Output layers and their
 * parameters are left out.
 */
#ifndef GT_CLI_BENCH_TRAINING_STEP_H
#define GT_CLI_BENCH_TRAINING_STEP_H

#include "cli/bench/reads.h"
#include "command/dimensions.h"
#include "command/json.h"
#include "gradtape.h"
#include "problem/tape.h"

#define GT_STEP_VARS (5 * GT_MAX_CELL_ARRAYS)

typedef struct gt_step_settings {
    const gt_cell *cell;
    gt_dimensions dimensions;
    int64_t batch, steps;
    gt_dtype dtype;
    bool forward;   /* nothing is differentiated */
    bool unrolled;  /* T copies of the cell */
    int64_t memory; /* most bytes of the plan's own; 0: as many as it takes */
} gt_step_settings;

/* Under a budget the results over all steps are the user's: they are bound, and not counted. */
gt_plan_options gt_step_plan_options(const gt_step_settings *settings);

/*
 * The sizes that the cell's tables name, each 256 unless `text`, such as
 * "n_x=64,n_a=128", says otherwise. text may be NULL. An error names what is
 * wrong and what the cell has.
 */
gt_status gt_step_read_dimensions(gt_step_settings *settings, const char *text, gt_error *error);

/* What was asked for, and what a loss reads, in JSON. threads 0: not told. */
void gt_step_settings_json(const gt_step_settings *settings, const gt_reads *reads, int64_t threads, gt_json *json);

typedef struct gt_training_step {
    gt_cell_tape record;
    gt_tape *tape;              /* of the record */
    gt_var given[GT_STEP_VARS]; /* inputs, initial states, parameters, upstream gradients */
    uint32_t given_count;
    gt_var outputs[GT_STEP_VARS]; /* gradients, then what is read at every step */
    uint32_t output_count;
    gt_reads reads;
    double record_us;
} gt_training_step;

/* Records. Free it in any case. */
gt_status gt_training_step_record(gt_training_step *step, const gt_step_settings *settings, gt_error *error);
void gt_training_step_free(gt_training_step *step);

/* A workspace on the threads of a pool, NULL: on one. NULL on an error. */
gt_workspace *gt_step_workspace_new(const gt_plan *plan, gt_threads *threads, gt_error *error);

/* Random numbers for everything that is given, and memory for results, bound to the workspace. Free it in any case. */
typedef struct gt_step_data {
    void *arrays[GT_STEP_VARS], *results[GT_STEP_VARS];
} gt_step_data;

gt_status gt_step_data_bind(gt_step_data *data, const gt_training_step *step, const gt_step_settings *settings,
                            gt_workspace *workspace, gt_error *error);
void gt_step_data_free(gt_step_data *data);

#endif
