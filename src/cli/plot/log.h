/* A log of `gradtape train`, read back. */
#ifndef GT_CLI_PLOT_LOG_H
#define GT_CLI_PLOT_LOG_H

#include "gradtape/base.h"

typedef struct gt_plot_row {
    double iteration, loss, validation; /* validation is NaN where there is none */
    double norm;                        /* of the gradient; NaN where it was not finite */
} gt_plot_row;

typedef struct gt_plot_log {
    gt_plot_row *rows;
    size_t count, capacity;
    char unit[64]; /* the header's word for the loss: "bits_per_character" */
} gt_plot_log;

/* False: *error names the file and what is wrong with it. Free either way. */
bool gt_plot_log_read(gt_plot_log *log, const char *path, gt_error *error);
void gt_plot_log_free(gt_plot_log *log);

#endif
