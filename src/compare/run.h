/* One run: a training, and its result in the folder. */
#ifndef GT_COMPARE_RUN_H
#define GT_COMPARE_RUN_H

#include "compare/result.h"

typedef enum gt_run_end {
    GT_RUN_FAILED,  /* *error; nothing is kept */
    GT_RUN_DONE,    /* its result is written, though it be that training diverged */
    GT_RUN_STOPPED, /* by the callback or a signal; nothing is kept */
} gt_run_end;

/* Trains, and writes log and result. `watch` is told of each iteration and ends the run by an answer that is not 0. */
gt_run_end gt_experiment_do(const gt_experiment *experiment, const gt_experiment_run *run, gt_train_callback *watch,
                            void *watcher, gt_error *error);

#endif
