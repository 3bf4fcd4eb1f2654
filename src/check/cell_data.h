/* The arrays with which a cell is checked: given ones, and random ones for the others. */
#ifndef GT_CHECK_CELL_DATA_H
#define GT_CHECK_CELL_DATA_H

#include "gradtape/check.h"

typedef enum gt_data_kind {
    GT_DATA_INPUT = 0, /* (n, m, T) */
    GT_DATA_INITIAL,   /* (n, m) */
    GT_DATA_PARAMETER,
    GT_DATA_STATE_UPSTREAM, /* (n, m, T) */
    GT_DATA_OUTPUT_UPSTREAM /* (n, m, T) */
} gt_data_kind;

typedef struct gt_data_array {
    char name[GT_FINDING_NAME_SIZE]; /* "x", "a0", "Wf", "da", "dy" */
    gt_data_kind kind;
    const gt_cell_array *row;
    uint32_t place; /* in the cell's table */
    gt_shape shape;
    size_t count;   /* entries */
    double *data;   /* within the buffer */
} gt_data_array;

/* What is differentiated comes first, then the upstream gradients, in one buffer. */
typedef struct gt_cell_data {
    const gt_cell *cell;
    gt_dimension *dimensions; /* those of the problem, and {"m", examples} */
    uint32_t dimension_count;
    int64_t examples, steps;
    bool with_outputs;
    gt_data_array *arrays;
    uint32_t array_count, differentiated; /* all arrays; those that are differentiated */
    double *buffer;
    size_t x_count, y_count; /* entries of either part */
} gt_cell_data;

/* How a random point is drawn. */
typedef struct gt_draw {
    double inputs, parameters; /* how many times as large as usual */
    bool zeros;                /* half of the inputs' entries are 0 */
    bool whole;                /* inputs are whole numbers */
} gt_draw;

/* Close it in any case. draw NULL: as usual. */
gt_status gt_cell_data_open(gt_cell_data *data, const gt_cell *cell, const gt_check_problem *problem,
                            uint32_t seed, const gt_draw *draw, gt_error *error);
/* The first step of another one alone. */
gt_status gt_cell_data_first_step(gt_cell_data *first, const gt_cell_data *data, gt_error *error);
void gt_cell_data_close(gt_cell_data *data);

/* The array of that kind and place in its table; NULL if there is none. */
const gt_data_array *gt_cell_data_find(const gt_cell_data *data, gt_data_kind kind, uint32_t place);

/* A cell's sequence on a tape. */
typedef struct gt_cell_tape {
    gt_tape *tape;
    gt_var *arrays;  /* leaves, one for each array of the data */
    gt_var *results; /* (n, m, T): states and outputs, in the order of the upstream arrays */
    uint32_t result_count;
} gt_cell_tape;

/* Records the forward pass. Close it in any case. */
gt_status gt_cell_tape_open(gt_cell_tape *tape, const gt_cell_data *data, bool unrolled,
                            gt_error *error);
void gt_cell_tape_close(gt_cell_tape *tape);

#endif
