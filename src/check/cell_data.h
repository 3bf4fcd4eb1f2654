/* The arrays with which a cell is checked: given ones, and random ones for the others. */
#ifndef GT_CHECK_CELL_DATA_H
#define GT_CHECK_CELL_DATA_H

#include "gradtape/check.h"
#include "problem/problem.h"

/* How a random point is drawn. */
typedef struct gt_draw {
    double inputs, parameters; /* how many times as large as usual */
    bool zeros;                /* half of the inputs' entries are 0 */
    bool whole;                /* inputs are whole numbers */
    bool start;                /* states begin as the cell says */
} gt_draw;

/* With entries for every array; free it in any case. draw NULL: as usual. */
gt_status gt_cell_data_open(gt_cell_problem *data, const gt_cell *cell, const gt_check_problem *problem, uint32_t seed,
                            const gt_draw *draw, gt_error *error);
/* The first step of another one alone. */
gt_status gt_cell_data_first_step(gt_cell_problem *first, const gt_cell_problem *data, gt_error *error);

#endif
