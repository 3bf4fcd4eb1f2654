/*
 * gradtape/data.h: sequences to learn from, with what is to be predicted of them: read from .npz archives, or
 * made by a task that tests what a cell can do.
 *
 *     gt_data_source source = GT_DATA_SOURCE_INIT;
 *     source.task = "adding:200", source.cell = &gt_cell_lstm, source.dtype = GT_F32;
 *     gt_datasets sets;
 *     if (gt_datasets_get(&sets, &source, &error) != GT_OK)
 *         puts(error.message);
 *     gt_train_data data = gt_dataset_view(&sets.training);   // for gt_train_options.training
 *     gt_datasets_free(&sets);
 */
#ifndef GRADTAPE_DATA_H
#define GRADTAPE_DATA_H

#include "gradtape/train.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gt_data_kind {
    GT_DATA_LM,       /* the token one step later */
    GT_DATA_CLASSIFY, /* the class of each sequence, at its end */
    GT_DATA_TAG,      /* a class at every step */
    GT_DATA_REGRESS,  /* numbers, at every step or at the end */
    GT_DATA_FORECAST  /* the numbers one step later */
} gt_data_kind;

/* "lm", "classify", ...; NULL past the end. */
GT_API const char *gt_data_kind_name(gt_data_kind kind);

/* Sequences in memory. What is to be predicted is known at every step; where that is not so, the weight is 0. */
typedef struct gt_dataset {
    gt_data_kind kind;
    gt_dtype dtype;          /* of numbers and inputs */
    int64_t examples, steps; /* N, T; 0 examples: there is no set */
    int64_t vocabulary;      /* of the tokens; 0: there are none */
    int64_t outputs;         /* classes, or rows of the numbers */
    uint32_t input_count;    /* of the cell */
    int64_t rows[GT_MAX_CELL_ARRAYS];
    void *inputs[GT_MAX_CELL_ARRAYS]; /* (rows, N, T); NULL where there are tokens */
    int32_t *tokens, *classes;        /* (N, T) */
    void *numbers;                    /* (outputs, N, T) */
    double *weights;                  /* (N, T) */
} gt_dataset;

/* What a trainer is given; borrows. */
GT_API gt_train_data gt_dataset_view(const gt_dataset *data);

/* Where the sequences are to come from. */
typedef struct gt_data_source {
    size_t size; /* of the struct, by GT_DATA_SOURCE_INIT; or 0 */
    /* "classify", "tag", "regress", "forecast" or "lm", what is to be predicted of an archive; or a task that makes its
     * sequences, "adding:200": see gt_task_describe. */
    const char *task;
    /*
     * Archives with `x`, or the name of the cell's first input, (features, N, T) or tokens (N, T); the cell's further
     * inputs by their names; `y`, unless what follows is to be predicted; `lengths` (N) or `mask` (N, T), if they are
     * there. NULL: none.
     */
    const char *training, *validation, *test;
    double validation_part; /* of `training`, at its end, that is kept where there is no archive to validate on */
    int64_t examples;       /* that a task makes; a tenth as many, 100 to 1000, to validate on */
    uint64_t seed;          /* of what it makes */
    bool makes_test;        /* it makes some to test with, too */
    const gt_cell *cell;    /* whose inputs they are */
    gt_dtype dtype;
    bool bidirectional; /* they are for layers in both directions, which are refused what follows */
} gt_data_source;
#define GT_DATA_SOURCE_INIT                                                                                            \
    {                                                                                                                  \
        .size = sizeof(gt_data_source), .examples = 10000, .validation_part = 0.05                                     \
    }

/* What is reached by always predicting the same: the frequencies of the classes, or the means of the numbers. */
typedef struct gt_baseline {
    double loss;     /* bits, or the mean squared error */
    double accuracy; /* NaN without classes */
} gt_baseline;

typedef struct gt_datasets {
    gt_dataset training, validation, test;
    /* What a network that learns them is: see network.h. */
    bool reads_numbers, predicts_numbers, at_the_end;
    int64_t vocabulary, outputs;
    uint32_t further_inputs;
    double optimum;       /* the smallest loss that can be reached in the task; NaN: not known */
    gt_baseline baseline; /* of the test data, else of those to validate on, else of all */
} gt_datasets;

/* Free either way. Every error of a file names the file and the array. */
GT_API gt_status gt_datasets_get(gt_datasets *sets, const gt_data_source *source, gt_error *error);
GT_API void gt_datasets_free(gt_datasets *sets);
/* Tells sets apart (FNV-1a). */
GT_API uint64_t gt_datasets_hash(const gt_datasets *sets);

/* The same of characters, or of any numbers: begins with GT_HASH_START, and goes on with what it answered. */
#define GT_HASH_START 0xcbf29ce484222325u
GT_API uint64_t gt_symbols_hash(uint64_t hash, const uint32_t *symbols, size_t count);

/* A task that makes its sequences. */
typedef struct gt_task_description {
    const char *name, *form, *tests, *source; /* "adding", "adding[:T]"; what it tests, and where it is from */
    gt_data_kind kind;
    double optimum; /* NaN: not known */
} gt_task_description;

/* The how many-th from 0 on; false past the end. */
GT_API bool gt_task_describe(uint32_t i, gt_task_description *description);

#ifdef __cplusplus
}
#endif
#endif
