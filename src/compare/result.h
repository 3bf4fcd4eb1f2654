/* The result of one run, in memory and as the file runs/NAME.json. */
#ifndef GT_COMPARE_RESULT_H
#define GT_COMPARE_RESULT_H

#include "compare/experiment.h"

/* A loss that the cell declares. */
typedef struct gt_run_term {
    double training, validation, test; /* the first smoothed; NaN wherever something is not known */
} gt_run_term;

typedef struct gt_run_result {
    bool present;  /* it is done */
    bool diverged; /* training was given up, or ended at a loss that is no number */
    char reason[GT_MESSAGE_SIZE];
    uint64_t data_hash;
    int64_t hidden, parameters, iterations, best_iteration;
    bool tested;           /* there were sequences to test with */
    bool predicts_numbers; /* the unit is the mean squared error, otherwise bits */
    double training_loss;  /* smoothed; NaN wherever something is not known */
    double validation_loss, validation_accuracy, best_validation_loss;
    double test_loss, test_accuracy;
    double baseline, baseline_accuracy, optimum;
    gt_run_term terms[GT_MAX_LOSS_TERMS]; /* in the order of gt_experiment_term; NaN behind them */
    double seconds, examples_per_second;  /* what differs from machine to machine */
} gt_run_result;

/* What a table tells of a run: of what was tested, and of what was validated where nothing is. */
double gt_run_result_loss(const gt_run_result *result);
double gt_run_result_accuracy(const gt_run_result *result);
double gt_run_result_term(const gt_run_result *result, uint32_t term);

/* Takes what is known after a session has run. */
void gt_run_result_take(gt_run_result *result, const gt_session *session);

/* Whether this build has the library that results need; if not, *error names it. */
bool gt_run_result_can_be_kept(gt_error *error);
/* Whether the file is there, whatever is in it. */
bool gt_run_result_is_there(const gt_experiment *experiment, const gt_experiment_run *run);
/* Writes the file at once, or nothing. */
bool gt_run_result_write(const gt_run_result *result, const gt_experiment *experiment, const gt_experiment_run *run,
                         gt_error *error);
/*
 * Reads it; `present` is false if there is none. False, with *error: it cannot be read, is no result, or one of a run
 * that was told otherwise, of which the first difference is named.
 */
bool gt_run_result_read(gt_run_result *result, const gt_experiment *experiment, const gt_experiment_run *run,
                        gt_error *error);

#endif
