/*
 * Sequences to learn from, in memory: read from an .npz archive, or made by a task. What is to be
 * predicted is known at every step; where that is not so, the weight is 0.
 */
#ifndef GT_TRAINING_DATASET_H
#define GT_TRAINING_DATASET_H

#include "gradtape.h"

typedef enum gt_data_kind {
    GT_DATA_LM,       /* the token one step later */
    GT_DATA_CLASSIFY, /* the class of each sequence, at its end */
    GT_DATA_TAG,      /* a class at every step */
    GT_DATA_REGRESS,  /* numbers, at every step or at the end */
    GT_DATA_FORECAST  /* the numbers one step later */
} gt_data_kind;

/* "lm", "classify", ..., with NULL behind them. */
extern const char *const gt_data_kinds[];

typedef struct gt_dataset {
    gt_data_kind kind;
    gt_dtype dtype;          /* of numbers and inputs */
    int64_t examples, steps; /* N, T */
    int64_t vocabulary;      /* of the tokens; 0: there are none */
    int64_t outputs;         /* classes, or rows of the numbers */
    uint32_t input_count;    /* of the cell */
    int64_t rows[GT_MAX_CELL_ARRAYS];
    void *inputs[GT_MAX_CELL_ARRAYS]; /* (rows, N, T); NULL where there are tokens */
    int32_t *tokens, *classes;        /* (N, T) */
    void *numbers;                    /* (outputs, N, T) */
    double *weights;                  /* (N, T) */
} gt_dataset;

/* Takes memory for what the sizes say: tokens or inputs, classes or numbers, weights of 0. Free either way. */
bool gt_dataset_allocate(gt_dataset *data, gt_error *error);
void gt_dataset_free(gt_dataset *data);

bool gt_data_kind_has_classes(gt_data_kind kind);
/* Entry `place` of an array of the set's type. */
void gt_dataset_set(const gt_dataset *data, void *array, int64_t place, double value);
double gt_dataset_get(const gt_dataset *data, const void *array, int64_t place);

/* What a trainer is given; borrows. */
gt_train_data gt_dataset_view(const gt_dataset *data);
/* The examples from `first` on, as a set of its own. */
bool gt_dataset_part(const gt_dataset *data, int64_t first, int64_t count, gt_dataset *part, gt_error *error);
/* Tells sets apart (FNV-1a). */
uint64_t gt_dataset_hash(const gt_dataset *data, uint64_t hash);

/* Whether what is predicted is told once for each sequence: one step of each counts, at most. */
bool gt_dataset_ends(const gt_dataset *data);

/* What is reached by always predicting the same: the frequencies of the classes, or the means of the numbers. */
typedef struct gt_baseline {
    double loss;     /* bits, or the mean squared error */
    double accuracy; /* NaN without classes */
} gt_baseline;
bool gt_dataset_baseline(const gt_dataset *data, gt_baseline *baseline, gt_error *error);

/*
 * Reads an archive: `x`, or the name of the cell's first input, (features, examples, T) or tokens
 * (examples, T); the cell's further inputs by their names; `y`, unless what follows is to be predicted;
 * `lengths` (examples) or `mask` (examples, T), if they are there. Every error names the file and the array.
 */
bool gt_dataset_read(gt_dataset *data, const char *path, gt_data_kind kind, const gt_cell *cell, gt_dtype dtype,
                     gt_error *error);

#endif
