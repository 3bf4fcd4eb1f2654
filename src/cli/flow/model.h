/* A trained model on a text, as the numbers of one of its layers. */
#ifndef GT_CLI_FLOW_MODEL_H
#define GT_CLI_FLOW_MODEL_H

#include "cli/flow/runs.h"
#include "training/model.h"

typedef struct gt_flow_model {
    const char *path;
    gt_text_list text; /* files */
    int64_t layer;     /* from 1; 0: the last */
    gt_model model;    /* once it is loaded */
} gt_flow_model;

/*
 * Loads the model and runs it over stretches of the text, numbers->examples of them, each of
 * numbers->steps characters: its layer then reads what it reads there, and its upstream gradient is that of
 * the mean cross-entropy of all predictions (every_step), or of the last ones. `cell` must be the model's.
 * The problem borrows from the model. *letters become those that are read at the steps, to be freed with
 * free(); of several examples none. letters may be NULL.
 */
gt_status gt_flow_model_read(gt_flow_model *m, gt_cell_problem *problem, gt_flow_letter **letters, const char *cell,
                             const gt_flow_numbers *numbers, gt_error *error);
/* The flow of that. */
gt_status gt_flow_model_open(gt_flow_model *m, gt_flow_view *view, const char *cell, const gt_flow_numbers *numbers,
                             gt_error *error);
/* Whether --model, --text and --layer go together: GT_EXIT_GOOD, or the status of what was said. */
int gt_flow_model_check(const gt_flow_model *m, const gt_command *command);
void gt_flow_model_close(gt_flow_model *m);

#endif
