/*
 * The log of a training run: a CSV file with one row per iteration. It has no
 * times in it: the same run gives the same file.
 */
#ifndef GT_TRAINING_LOSS_LOG_H
#define GT_TRAINING_LOSS_LOG_H

#include "gradtape.h"

#include <stdio.h>

typedef struct gt_loss_log {
    FILE *file; /* NULL: no log */
    const char *path;
    const gt_network *network; /* whose terms have columns */
    bool of_data;              /* of sequences: losses are bits or squared errors, and the accuracy is logged, too */
    int failed;                /* the errno of a row that could not be written; 0: none */
} gt_loss_log;

typedef struct gt_loss_log_row {
    int64_t iteration; /* iterations done, this one included */
    double epoch, loss, rate, norm;
    double validation; /* NaN: not validated here */
    double accuracy;   /* of the validation; NaN: none */
    /* Of the network's losses, one number for each: of the iteration, and of the validation. */
    const double *terms, *validation_terms;
} gt_loss_log_row;

/*
 * Starts the log at `path` (NULL: none; "-": on stdout, always from its header). With iteration 0 the file is new.
 * Otherwise its rows up to that iteration are kept, and later ones, which a run
 * wrote that then was cut off, are removed.
 */
bool gt_loss_log_open(gt_loss_log *log, const char *path, const gt_network *network, bool of_data, int64_t iteration,
                      gt_error *error);
void gt_loss_log_add(gt_loss_log *log, const gt_loss_log_row *row);
/* Brings all rows to the file. False: *error. */
bool gt_loss_log_flush(gt_loss_log *log, gt_error *error);
/* Flushes and closes. */
bool gt_loss_log_close(gt_loss_log *log, gt_error *error);

#endif
