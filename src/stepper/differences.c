/* Numeric derivatives of the objective by all that is given, as the checker takes them. */
#include "base/memory.h"
#include "gradtape/check.h"
#include "problem/problem.h"
#include "stepper/stepping.h"

#include <string.h>

#define MOST_WORK 400000.0 /* entries that are moved, times nodes of the forward pass: a second or two */

typedef struct forward {
    gt_stepping *s;
    gt_interpreter *run;
    gt_var wanted[GT_STEPPER_RESULTS];
    uint32_t places[GT_STEPPER_RESULTS], count; /* of the upstream gradients in the problem's list */
    double *x;
} forward;

static gt_status evaluate(void *context, const double *x, double *y, gt_error *error)
{
    forward *f = context;
    memcpy(f->x, x, f->s->problem->x_count * sizeof *x);
    gt_status status = gt_interpreter_evaluate(f->run, f->wanted, f->count);
    if (status != GT_OK)
        return gt_error_set(error, status, "%s", gt_interpreter_message(f->run));
    for (uint32_t i = 0; i < f->count; i++) {
        size_t count = f->s->problem->arrays[f->places[i]].count;
        memcpy(y, gt_interpreter_value(f->run, f->wanted[i]), count * sizeof *y);
        y += count;
    }
    return GT_OK;
}

static gt_status open(forward *f, double **weights, size_t *y_count, gt_error *error)
{
    const gt_cell_problem *p = f->s->problem;
    f->run = gt_interpreter_new(f->s->record.tape);
    f->x = gt_memory_new(p->x_count, sizeof *f->x);
    *weights = gt_memory_new(p->y_count, sizeof **weights);
    if (f->run == NULL || f->x == NULL || *weights == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    gt_status status = GT_OK;
    size_t at = 0;
    for (uint32_t i = 0; i < p->differentiated && status == GT_OK; at += p->arrays[i++].count) {
        memcpy(f->x + at, p->arrays[i].data, p->arrays[i].count * sizeof *f->x);
        status = gt_interpreter_bind(f->run, f->s->record.arrays[i], f->x + at);
    }
    for (uint32_t i = p->differentiated; i < p->array_count; i++) {
        if (!p->arrays[i].given)
            continue;
        f->places[f->count] = i;
        f->wanted[f->count++] = f->s->record.results[i - p->differentiated];
        memcpy(*weights + *y_count, p->arrays[i].data, p->arrays[i].count * sizeof **weights);
        *y_count += p->arrays[i].count;
    }
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", gt_interpreter_message(f->run));
}

static gt_status differentiate(gt_stepping *s, forward *f, const double *weights, size_t y_count, gt_error *error)
{
    double *at = gt_memory_new(s->problem->x_count, sizeof *at);
    s->derivatives = gt_memory_new(s->problem->x_count, sizeof *s->derivatives);
    s->errors = gt_memory_new(s->problem->x_count, sizeof *s->errors);
    gt_status status = GT_ERROR_MEMORY;
    if (at == NULL || s->derivatives == NULL || s->errors == NULL) {
        gt_error_set(error, status, "out of memory");
    } else {
        memcpy(at, f->x, s->problem->x_count * sizeof *at);
        gt_numeric numeric = {.function = evaluate,
                              .context = f,
                              .x = at,
                              .input_count = s->problem->x_count,
                              .output_count = y_count,
                              .weights = weights};
        status = gt_numeric_jacobian(&numeric, s->derivatives, s->errors, error);
    }
    gt_memory_free(at);
    return status;
}

gt_status gt_stepping_differences(gt_stepping *s, gt_error *error)
{
    if ((double)s->problem->x_count * (double)s->forward > MOST_WORK)
        return GT_OK;
    forward f = {.s = s};
    double *weights = NULL;
    size_t y_count = 0;
    gt_status status = open(&f, &weights, &y_count, error);
    if (status == GT_OK)
        status = differentiate(s, &f, weights, y_count, error);
    gt_interpreter_free(f.run);
    gt_memory_free(f.x);
    gt_memory_free(weights);
    return status;
}
