/*
 * Tasks that are made, not read: what a recurrent cell is usually asked first. A row each in
 * tasks.c; `gradtape tasks` lists them.
 */
#ifndef GT_DATA_TASKS_H
#define GT_DATA_TASKS_H

#include "data/dataset.h"

typedef struct gt_task gt_task;

/* What makes the sequences: the set has its sizes and memory, the weights are 0. */
typedef void gt_task_fill(gt_dataset *data, const int64_t sizes[2], gt_random *random);
/* Sets steps, vocabulary or rows, and outputs. */
typedef void gt_task_size(gt_dataset *data, const int64_t sizes[2]);

struct gt_task {
    const char *name;
    const char *form;   /* how it is written: "adding[:T]" */
    const char *tests;  /* what it tests, in one sentence */
    const char *source; /* where it is from */
    gt_data_kind kind;
    int64_t usual[2], low[2], high[2]; /* the sizes behind its name; a second that is 0 is none */
    double optimum;                    /* the smallest loss that can be reached; NaN: not known */
    gt_task_size *size;
    gt_task_fill *fill;
};

/* NULL past the end. */
const gt_task *gt_task_at(uint32_t i);

/* "adding:200" as a row and its sizes; *task NULL: the word is none of a task. False: *error, for a size out of range.
 */
bool gt_task_find(const char *text, const gt_task **task, int64_t sizes[2], gt_error *error);

/* The same seed gives the same sequences; `stream` tells those to train on (0) from those to validate on (1). */
bool gt_task_make(const gt_task *task, const int64_t sizes[2], uint64_t seed, uint32_t stream, int64_t examples,
                  gt_dtype dtype, gt_dataset *data, gt_error *error);

/* ---- task_memory.c, task_formal.c, task_numbers.c ------------------------------------------ */

gt_task_size gt_size_adding, gt_size_copy, gt_size_selective_copy, gt_size_parity, gt_size_dyck, gt_size_modular,
    gt_size_sine;
gt_task_fill gt_fill_adding, gt_fill_copy, gt_fill_selective_copy, gt_fill_parity, gt_fill_dyck, gt_fill_modular,
    gt_fill_sine;

/* Images of digits, Keras's mnist.npz, a row of pixels a step; `test`: those of the test set. */
bool gt_task_read_rows(gt_dataset *data, const char *path, bool test, gt_dtype dtype, gt_error *error);
#define GT_TASK_ROWS "mnist-rows"

#endif
