/* What the results of an experiment say, task by task. */
#ifndef GT_COMPARE_TABLE_H
#define GT_COMPARE_TABLE_H

#include "compare/result.h"
#include "compare/statistics.h"

/* A cell on a task, with the learning rate that validation chose. */
typedef struct gt_table_row {
    uint32_t cell, rate;
    int64_t hidden, parameters;
    uint32_t diverged;  /* of the runs with that rate */
    int64_t iterations; /* of the longest of them */
    gt_estimate loss, accuracy, best_iteration;
    gt_estimate terms[GT_MOST_TERMS]; /* of the experiment's terms; NaN where the cell has none of the name */
    double p;          /* of the paired test against the first row, corrected for all pairs of the task (Holm) */
    double difference; /* of the mean losses, to the first row */
    double speed;      /* examples or characters a second; the median of its runs */
    double *losses;    /* by seed; owned by the table */
} gt_table_row;

/* Two cells of a task, as places of rows. */
typedef struct gt_table_pair {
    uint32_t first, second;
    double difference, p, corrected;
} gt_table_pair;

typedef struct gt_task_table {
    const char *task;
    bool predicts_numbers, tested; /* the losses are of test sequences, not of those that were validated */
    gt_estimate baseline, baseline_accuracy;
    double optimum;
    gt_table_row *rows; /* best first: by mean loss; those that diverged last */
    gt_table_pair *pairs;
    uint32_t row_count, pair_count;
    /* The mean validation loss of cell c with rate r at r + rate_count * c, what the rates were chosen by. */
    double *validation;
} gt_task_table;

typedef struct gt_table {
    const gt_experiment *experiment;
    gt_task_table *tasks;
    uint32_t task_count;
    gt_verdict verdicts[GT_MOST_CELLS]; /* of gt_check_cell */
} gt_table;

/*
 * Makes the table of the results of all runs, and checks the cells. False: *error; runs whose data differ
 * though they should not are one. Free either way.
 */
bool gt_table_make(gt_table *table, const gt_experiment *experiment, const gt_run_result *results, gt_error *error);
void gt_table_free(gt_table *table);

/* The result of a cell on a task with a rate and a seed, the first of which is 0. */
const gt_run_result *gt_table_result(const gt_experiment *experiment, const gt_run_result *results, uint32_t cell,
                                     uint32_t task, uint32_t rate, int64_t seed);
/* "squared error", "bits" */
const char *gt_task_table_unit(const gt_task_table *task);

#endif
