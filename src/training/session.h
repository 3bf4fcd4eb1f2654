/* A training run from its settings to the saved model. */
#ifndef GT_TRAINING_SESSION_H
#define GT_TRAINING_SESSION_H

#include "training/loss_log.h"
#include "training/model_lock.h"
#include "training/progress.h"
#include "training/trainer.h"

typedef enum gt_stop {
    GT_STOP_FAILED = 0,
    GT_STOP_ITERATIONS, /* also: epochs */
    GT_STOP_MINUTES,
    GT_STOP_INTERRUPTED
} gt_stop;

typedef struct gt_session {
    gt_settings *settings; /* of the command line */
    gt_model_lock lock;    /* held from the start to the end */
    gt_model model;
    int32_t *training, *validation; /* tokens */
    bool files_by_model;            /* not the command line, but the model says what the text is */
    gt_threads *threads;            /* NULL: one */
    gt_trainer trainer;
    gt_loss_log log;
    gt_progress progress;
    int64_t target;                               /* iterations at which to stop; 0: none */
    double last_validation;                       /* bits per character; NaN: none yet */
    double last_save;                             /* gt_progress_clock */
    double iteration_seconds, validation_seconds; /* of the last of each; 0: none yet */
    int64_t saved;                                /* iterations in the saved model; -1: not saved yet */
    int in_a_row;                                 /* iterations that were skipped, one after the other */
    gt_stop stop;
} gt_session;

/* Reads the text and makes or loads the model. False: *error. Free either way. */
bool gt_session_start(gt_session *session, gt_settings *settings, gt_error *error);
/* Trains until it is time to stop, and saves. False: *error; what could be saved is. */
bool gt_session_run(gt_session *session, gt_error *error);
void gt_session_free(gt_session *session);

#endif
