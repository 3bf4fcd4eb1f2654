/* What the recording of a sequence knows of its sizes. */
#ifndef GT_MODELS_SEQUENCE_H
#define GT_MODELS_SEQUENCE_H

#include "gradtape/dimensions.h"

typedef struct gt_sequence_sizes {
    gt_dimensions names;                         /* with the array that told each */
    gt_dimension dimensions[GT_MAX_CELL_ARRAYS]; /* those that are known */
    uint32_t dimension_count;
    int64_t examples, steps; /* m, T */
} gt_sequence_sizes;

/*
 * Infers the dimensions from the arrays of the sequence and compares every
 * array with its row of the cell's tables. False: the error is on the tape.
 */
bool gt_sequence_sizes_find(const gt_sequence *sequence, gt_tape *tape, gt_sequence_sizes *sizes);

/* What kind of array, for messages and for the columns that it has. */
typedef enum gt_row_kind { GT_ROW_INPUT, GT_ROW_STATE, GT_ROW_PARAMETER, GT_ROW_OUTPUT } gt_row_kind;

/*
 * Compares v with its row. `what` says what it is: "initial state". False: the
 * error is on the tape of v, or on `tape` if v is missing.
 */
bool gt_sequence_check_array(const gt_cell *cell, gt_tape *tape, const gt_sequence_sizes *sizes, gt_row_kind kind,
                             const char *what, const gt_cell_array *row, gt_var v);

#endif
