/* The outputs of a tape as a function of its inputs: what is differentiated numerically. */
#ifndef GT_CHECK_FORWARD_H
#define GT_CHECK_FORWARD_H

#include "gradtape/check.h"
#include "gradtape/plan.h"

typedef struct gt_forward {
    const gt_var *outputs; /* borrowed, like inputs */
    uint32_t output_count;
    const gt_var *inputs; /* GT_F64, to which x is given, one behind the other */
    uint32_t input_count;
    size_t x_count, y_count;
    double *x; /* owned: what the inputs are bound to */
    gt_interpreter *run;
    gt_plan *plan; /* in place of run, where that is wanted and possible */
    gt_workspace *work;
} gt_forward;

/* The number of entries of all vars together. */
size_t gt_forward_entries(const gt_var *vars, uint32_t count);

/*
 * Opens it at x (copied). With `planned` the outputs are planned, and if they
 * cannot be, interpreted. Close it in any case.
 */
gt_status gt_forward_open(gt_forward *forward, const gt_var *outputs, uint32_t output_count, const gt_var *inputs,
                          uint32_t input_count, const double *x, bool planned, gt_error *error);
void gt_forward_close(gt_forward *forward);
/* Binds a further input, which does not change. Borrowed. */
gt_status gt_forward_bind(gt_forward *forward, gt_var input, const void *data, gt_error *error);

/* A gt_numeric_function; the context is the gt_forward. */
gt_status gt_forward_call(void *context, const double *x, double *y, gt_error *error);

/* Evaluates further vars at the x of the last call, with the interpreter, one behind the other. */
gt_status gt_forward_values(gt_forward *forward, const gt_var *vars, uint32_t count, double *values, gt_error *error);

#endif
