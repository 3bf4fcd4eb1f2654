/* An op on a tape with its gradient and second gradient, at random inputs: what op_check.c checks.
 */
#ifndef TESTS_SUPPORT_OP_PROBLEM_H
#define TESTS_SUPPORT_OP_PROBLEM_H

#include "support/op_cases.h"
#include "support/op_check.h"
#include "support/probe.h"

/*
 * y = op(x), gradients = J(y, x).T u, seconds = J(gradients, (x, u)).T v. The real
 * inputs of the probe are x, u, v in this order.
 */
typedef struct op_problem {
    probe *p;
    double step;
    gt_var x[CASE_INPUTS], y[CASE_PARTS], u[CASE_PARTS], v[CASE_INPUTS];
    gt_var gradients[CASE_INPUTS], seconds[CASE_INPUTS + CASE_PARTS];
    uint32_t x_vars, y_vars;
    size_t nx, ny;
} op_problem;

/* Records everything up to the gradient (order 1) or its gradient (order 2); else says why not. */
bool op_problem_open(op_problem *q, const op_case *c, gt_dtype dtype, uint32_t seed, int order, char *why);
void op_problem_close(op_problem *q);

/* Whether the tape is free of errors. */
bool op_problem_recorded(op_problem *q, const char *what, char *why);
bool op_problem_evaluate(op_problem *q, const gt_var *vars, uint32_t count, double *values, char *why);

/* Compares with numeric derivatives, to 1e-9 of the largest entry or of 1. */
bool op_problem_agree(const char *what, const double *exact, const double *values, const double *errors, size_t count,
                      char *why);
/* Makes the numeric derivatives 0 for an op that is there to have none. */
void op_problem_block(const op_case *c, double *values, double *errors, size_t count);

/* Zeros, to be given to free. */
double *op_problem_numbers(size_t count);

#endif
