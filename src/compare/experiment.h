/*
 * A comparison of cells: what is to be run, and what each run is called.
 *
 * An experiment is a list of runs: every cell on every task with every learning rate and every seed. A
 * run is one training. In the folder of an experiment it has three files, runs/NAME.json, its result,
 * which is there when it is done; runs/NAME.csv, its log; and, while it is under way, runs/NAME.claim.
 * Nothing else is shared by those who work on a folder, be they processes or machines.
 */
#ifndef GT_COMPARE_EXPERIMENT_H
#define GT_COMPARE_EXPERIMENT_H

#include "command/cell_stack.h"
#include "training/session.h"

#define GT_RUN_NAME 200
#define GT_MOST_CELLS 64
#define GT_MOST_TASKS 64
#define GT_MOST_RATES 64
#define GT_MOST_RUNS 1000000
#define GT_MOST_TERMS 32
#define GT_RUN_PATH 4096

typedef struct gt_experiment_run {
    uint32_t cell, task, rate; /* places in the lists of the experiment */
    int64_t seed;
    char name[GT_RUN_NAME]; /* "adding-200.lstm.lr0.003.seed1" */
} gt_experiment_run;

/* What a cell becomes on a task: found before anything is run. */
typedef struct gt_experiment_size {
    int64_t hidden, parameters;
    uint64_t data_hash; /* of the files that are learnt from; 0: a task makes its sequences, for each seed others */
} gt_experiment_size;

typedef struct gt_experiment {
    /* given */
    gt_settings settings; /* of all runs; cell, task, rate and seed are each run's own, seed is the first one's */
    gt_text_list cells;   /* as a command line names them */
    gt_text_list sets;    /* "dt=0.05": each cell with these constants is compared once with each of them */
    gt_text_list tasks;   /* "adding:200"; of a text none */
    const char *rate_text;
    int64_t seeds;
    const char *folder, *test_data;
    /* by gt_experiment_open */
    gt_cell_source sources[GT_MOST_CELLS];
    char labels[GT_MOST_CELLS][GT_CELL_LABEL]; /* the cells' own names: "ltc", or "ltc(dt=0.05)" */
    uint32_t cell_count, task_count, rate_count, run_count;
    const char *terms[GT_MOST_TERMS]; /* the losses that the cells declare, each name once; the cells' */
    uint32_t term_count;
    double rates[GT_MOST_RATES]; /* ascending */
    gt_experiment_run *runs;     /* owned; one seed after the other */
    gt_experiment_size *sizes;   /* owned; of cell c and task t at c + cell_count * t */
} gt_experiment;

/*
 * Finds the cells, lists the runs, and finds what each cell becomes on each task, so that what cannot be
 * done is said before anything is. False: *error. Free either way. `command` is named in what is said of
 * cells on stderr.
 */
bool gt_experiment_open(gt_experiment *experiment, const gt_command *command, gt_error *error);
void gt_experiment_free(gt_experiment *experiment);

/* Where a run stands in the list; the first seed is 0. */
size_t gt_experiment_place(const gt_experiment *experiment, uint32_t cell, uint32_t task, uint32_t rate, int64_t seed);
/* What the run is told: the experiment's settings with its own cell, task, rate and seed. Borrows. */
gt_settings gt_experiment_settings(const gt_experiment *experiment, const gt_experiment_run *run);
/* "adding:200", "text" */
const char *gt_experiment_task(const gt_experiment *experiment, uint32_t task);
const gt_experiment_size *gt_experiment_size_of(const gt_experiment *experiment, uint32_t cell, uint32_t task);
/* The run with that name; NULL with *error, which names the nearest, if there is none. */
const gt_experiment_run *gt_experiment_find(const gt_experiment *experiment, const char *name, gt_error *error);
/* Whether what is measured has sequences of its own, by which nothing was chosen. */
bool gt_experiment_tests(const gt_experiment *experiment);

/* Appends a text as far as file names everywhere can have it. */
void gt_experiment_append_name(char name[GT_RUN_NAME], const char *text);
/* FOLDER/runs/NAME.json, .csv or .claim. */
bool gt_experiment_path(const gt_experiment *experiment, const gt_experiment_run *run, const char *extension,
                        char path[GT_RUN_PATH], gt_error *error);

#endif
