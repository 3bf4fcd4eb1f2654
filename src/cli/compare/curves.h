/* The logs of a cell's runs on a task, put together: a mean over the seeds, and between what they lie. */
#ifndef GT_CLI_COMPARE_CURVES_H
#define GT_CLI_COMPARE_CURVES_H

#include "compare/table.h"

#include <stdio.h>

#define GT_CURVE_POINTS 120

typedef enum gt_curve_kind { GT_CURVE_LOSS, GT_CURVE_NORM } gt_curve_kind;

/* Of each stretch of iterations, from the means of the seeds in it; NaN where there is no number. */
typedef struct gt_curve {
    double iteration[GT_CURVE_POINTS], mean[GT_CURVE_POINTS], low[GT_CURVE_POINTS], high[GT_CURVE_POINTS];
    double last; /* iteration */
    uint32_t count;
} gt_curve;

/* Both curves of a row. False: a log cannot be read. */
bool gt_curves_read(gt_curve *loss, gt_curve *norm, const gt_table *table, uint32_t task, const gt_table_row *row,
                    gt_error *error);

/* A picture of a task: a line and a band for each row. `alone`: a file of its own, with style and background. */
void gt_curves_draw(FILE *file, const gt_table *table, uint32_t task, const gt_curve *curves, gt_curve_kind kind,
                    bool alone);
/* What the pictures in a page share. */
extern const char gt_curves_style[];

/* Curves of all tasks; that of row r and kind k at row_count * (2 * task + k) + r. */
typedef struct gt_compare_report {
    const gt_table *table;
    const gt_curve *curves;
    int argument_count; /* of the command, to say how it is done again */
    char **arguments;
} gt_compare_report;

const gt_curve *gt_compare_curves(const gt_compare_report *report, uint32_t task, gt_curve_kind kind);
/* The page: report.html. */
void gt_compare_write_page(FILE *file, const gt_compare_report *report);
/* FOLDER/loss-TASK.svg, FOLDER/gradient-TASK.svg. */
void gt_compare_picture_path(const gt_experiment *experiment, uint32_t task, gt_curve_kind kind,
                             char path[GT_RUN_PATH]);
/* Writes report.html, and loss-TASK.svg and gradient-TASK.svg, into the folder. */
bool gt_compare_write_report(const gt_table *table, int argument_count, char **arguments, gt_error *error);

#endif
