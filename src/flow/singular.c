/*
 * The derivative of the states after the last step by those after each step, row by row
 * from backward passes, and its singular values by one-sided Jacobi rotations (Hestenes
 * 1958), which keep small ones to full relative precision.
 */
#include "flow/flow.h"

#include <math.h>
#include <stdlib.h>

static int descending(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return (first < second) - (first > second);
}

/* Turns columns p and q so that they are orthogonal. Says whether they were not. */
static bool rotate(double *p, double *q, size_t n)
{
    double pp = 0, qq = 0, pq = 0;
    for (size_t i = 0; i < n; i++) {
        pp += p[i] * p[i];
        qq += q[i] * q[i];
        pq += p[i] * q[i];
    }
    if (!(fabs(pq) > 1e-15 * sqrt(pp * qq)))
        return false;
    double zeta = (qq - pp) / (2 * pq);
    double tangent = copysign(1, zeta) / (fabs(zeta) + sqrt(1 + zeta * zeta));
    double cosine = 1 / sqrt(1 + tangent * tangent), sine = cosine * tangent;
    for (size_t i = 0; i < n; i++) {
        double old = p[i];
        p[i] = cosine * old - sine * q[i];
        q[i] = sine * old + cosine * q[i];
    }
    return true;
}

void gt_flow_singular_values(double *matrix, size_t n, double *values)
{
    enum { MOST_SWEEPS = 40 };
    bool more = true;
    for (int sweep = 0; sweep < MOST_SWEEPS && more; sweep++) {
        more = false;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++)
                more |= rotate(matrix + p * n, matrix + q * n, n);
    }
    for (size_t p = 0; p < n; p++) {
        double squares = 0;
        for (size_t i = 0; i < n; i++)
            squares += matrix[p * n + i] * matrix[p * n + i];
        values[p] = sqrt(squares);
    }
    qsort(values, n, sizeof *values, descending);
}

/* Row `row` of the derivative by the states after every step but the last; the first example's. */
static void take_row(const gt_flow_run *run, double *jacobians, size_t row)
{
    const gt_step *step = &run->step;
    size_t n = run->flow.singular_count, column = 0;
    for (uint32_t i = step->state_first; i < step->parameter_first; i++)
        for (int64_t u = 0; u < step->names[i].shape.size[0]; u++, column++)
            for (int64_t t = 0; t + 1 < run->flow.steps; t++)
                jacobians[(size_t)t * n * n + column * n + row] =
                    step->names[i].gradients != NULL ? step->names[i].gradients[t + 1][u] : 0;
}

gt_status gt_flow_find_singular(gt_flow_run *run, gt_error *error)
{
    const gt_step *step = &run->step;
    size_t n = run->flow.singular_count, steps = (size_t)run->flow.steps, row = 0;
    double *jacobians = gt_pool_new(&run->pool, steps * n, n * sizeof *jacobians);
    double *values = gt_pool_new(&run->pool, steps * n, sizeof *values);
    if (jacobians == NULL || values == NULL)
        return gt_flow_no_memory(error);
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < run->flow.state_count && status == GT_OK; i++)
        for (int64_t u = 0; u < step->names[step->state_first + i].shape.size[0] && status == GT_OK; u++, row++) {
            gt_step_pass pass = {.seeded = true, .state = i, .entry = (size_t)u};
            status = gt_flow_pass(run, &pass, error);
            take_row(run, jacobians, row);
        }
    for (size_t t = 0; t + 1 < steps && status == GT_OK; t++)
        gt_flow_singular_values(jacobians + t * n * n, n, values + t * n);
    for (size_t k = 0; k < n; k++)
        values[(steps - 1) * n + k] = 1;
    run->flow.singular = values;
    return status;
}
