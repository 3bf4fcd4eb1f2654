/* A flow while it is computed: what the files of this room share. */
#ifndef GT_FLOW_FLOW_H
#define GT_FLOW_FLOW_H

#include "base/pool.h"
#include "check/step.h"
#include "gradtape/flow.h"

typedef struct gt_flow_run {
    gt_flow flow; /* first, so that it is freed as a whole */
    gt_pool pool; /* everything the flow points to */
    const gt_cell_problem *problem;
    const gt_flow_options *options;
    gt_step step;
    int64_t done, all;     /* passes */
    uint32_t first, count; /* names of the step that are parameters with a gradient */
    double **total;        /* of each of those: its gradient; in the pool */
} gt_flow_run;

/* A backward pass, and the report of it. */
gt_status gt_flow_pass(gt_flow_run *run, const gt_step_pass *pass, gt_error *error);

/* What the passes are taken for, each after the whole one has been run. */
gt_status gt_flow_find_series(gt_flow_run *run, gt_error *error);
gt_status gt_flow_find_paths(gt_flow_run *run, gt_error *error);
gt_status gt_flow_find_singular(gt_flow_run *run, gt_error *error);

/* The singular values of an n x n matrix, descending; the matrix, column-major, is overwritten. */
void gt_flow_singular_values(double *matrix, size_t n, double *values);

gt_status gt_flow_no_memory(gt_error *error);

#endif
