/* A training run from its settings to the saved model. */
#ifndef GT_TRAINING_SESSION_H
#define GT_TRAINING_SESSION_H

#include "training/loss_log.h"
#include "training/model.h"
#include "training/model_lock.h"
#include "training/processes.h"
#include "training/progress.h"

#define GT_MOST_CONFUSED 1000 /* classes of which a confusion matrix is made */

typedef struct gt_session {
    gt_settings *settings;  /* of the command line */
    gt_processes processes; /* started by the caller, or all zero: one */
    gt_model_lock lock;     /* held from the start to the end */
    gt_model model;
    int32_t *training, *validation; /* tokens */
    gt_datasets data;               /* in place of tokens */
    gt_baseline baseline;           /* of the data */
    double optimum;                 /* of a task; NaN: not known */
    const char *test_data;          /* sequences to test with at the end; NULL: none */
    bool makes_test;                /* a task makes them */
    gt_train_score test_score;      /* NaN: none */
    int64_t *confusion;             /* of classes, (predicted, true); NULL: none */
    bool files_by_model;            /* not the command line, but the model says what the text is */
    gt_threads *threads;            /* NULL: one */
    gt_trainer *trainer;
    bool validates;           /* there is something to validate on */
    gt_train_callback *watch; /* told of each iteration in place of stderr; NULL: nobody */
    void *watcher;
    gt_loss_log log;
    gt_progress progress;
    int64_t target;                 /* iterations at which to stop; 0: none */
    gt_train_score last_validation; /* NaN: none yet */
    double last_save;               /* gt_clock_seconds */
    int64_t saved;                  /* iterations in the saved model; -1: not saved yet */
    gt_train_end end;
} gt_session;

/* Reads the data and makes the model alone, to know its size. False: *error. Free either way. */
bool gt_session_measure(gt_session *session, gt_settings *settings, gt_error *error);
/* Reads the text and makes or loads the model. Settings without `save` save nothing. */
bool gt_session_start(gt_session *session, gt_settings *settings, gt_error *error);
/* Trains until it is time to stop, and saves. False: *error; what could be saved is. Of several processes the first
 * saves. */
bool gt_session_run(gt_session *session, gt_error *error);
void gt_session_free(gt_session *session);

#endif
