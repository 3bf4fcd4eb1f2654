#include "check/conditioning.h"

#include "base/memory.h"
#include "check/forward.h"
#include "gradtape/grad.h"
#include "gradtape/random.h"
#include "problem/tape.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The largest of a few changes, and how much larger another one may be. */
enum { TRIALS = 3, TIMES = 16 };

typedef struct work {
    const gt_cell_problem *data;
    gt_conditioning *found;
    gt_cell_tape tape;
    gt_forward forward;
    gt_var *gradients;
    double *before[2], *after[2]; /* results, gradients */
} work;

static gt_status open_work(work *w, gt_error *error)
{
    const gt_cell_problem *d = w->data;
    for (int k = 0; k < 2; k++) {
        w->before[k] = gt_memory_new(k == 0 ? d->y_count : d->x_count, sizeof(double));
        w->after[k] = gt_memory_new(k == 0 ? d->y_count : d->x_count, sizeof(double));
    }
    w->gradients = gt_memory_new(d->differentiated, sizeof *w->gradients);
    w->found->allowed = gt_memory_new(d->array_count, sizeof *w->found->allowed);
    if (w->before[0] == NULL || w->before[1] == NULL || w->after[0] == NULL || w->after[1] == NULL ||
        w->gradients == NULL || w->found->allowed == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory to measure rounding errors");
    gt_status status = gt_cell_tape_open(&w->tape, d, false, error);
    if (status != GT_OK)
        return status;
    const gt_cell_tape *t = &w->tape;
    if (gt_grad(t->results, t->arrays + d->differentiated, t->result_count, t->arrays, d->differentiated,
                w->gradients) != GT_OK)
        return gt_error_set(error, gt_tape_status(t->tape), "check: %s", gt_tape_message(t->tape));
    status = gt_forward_open(&w->forward, t->results, t->result_count, t->arrays, d->differentiated, d->buffer, false,
                             error);
    for (uint32_t i = d->differentiated; i < d->array_count && status == GT_OK; i++)
        status = gt_forward_bind(&w->forward, t->arrays[i], d->arrays[i].data, error);
    return status;
}

static void close_work(work *w)
{
    gt_forward_close(&w->forward);
    gt_cell_tape_close(&w->tape);
    gt_memory_free(w->gradients);
    for (int k = 0; k < 2; k++) {
        gt_memory_free(w->before[k]);
        gt_memory_free(w->after[k]);
    }
}

static gt_status run(work *w, double **values, gt_error *error)
{
    const gt_cell_tape *t = &w->tape;
    gt_status status = gt_forward_values(&w->forward, t->results, t->result_count, values[0], error);
    return status == GT_OK ? gt_forward_values(&w->forward, w->gradients, w->data->differentiated, values[1], error)
                           : status;
}

static double largest_change(const double *before, const double *after, size_t count)
{
    double largest = 0;
    for (size_t k = 0; k < count; k++) {
        double change = fabs(after[k] - before[k]);
        largest = change > largest || isnan(change) ? change : largest;
    }
    return isnan(largest) ? INFINITY : largest;
}

/* A result (n, m, T): the time step at which it has changed most, relative to its size there. */
static void follow(work *w, const gt_problem_array *array, const double *before, const double *after)
{
    int64_t steps = w->data->steps;
    size_t count = array->count / (size_t)steps;
    for (int64_t t = 0; t < steps; t++, before += count, after += count) {
        double size = 0;
        for (size_t k = 0; k < count; k++)
            size = fmax(size, fabs(before[k]));
        double times = size > 0 ? largest_change(before, after, count) / (DBL_EPSILON * size) : 0;
        if (times > w->found->amplification) {
            w->found->amplification = times;
            w->found->step = t;
        }
    }
}

static void take_changes(work *w)
{
    const gt_cell_problem *d = w->data;
    size_t first[2] = {0, 0};
    for (uint32_t i = 0; i < d->array_count; i++) {
        const gt_problem_array *array = &d->arrays[i];
        int k = i < d->differentiated ? 1 : 0;
        const double *before = w->before[k] + first[k], *after = w->after[k] + first[k];
        double change = TIMES * largest_change(before, after, array->count);
        w->found->allowed[i] = fmax(w->found->allowed[i], change);
        if (k == 0)
            follow(w, array, before, after);
        first[k] += array->count;
    }
}

static gt_status measure(work *w, gt_error *error)
{
    const gt_cell_problem *d = w->data;
    const double *buffer = d->buffer;
    gt_random random;
    gt_random_seed(&random, 1);
    gt_status status = run(w, w->before, error);
    for (int i = 0; i < TRIALS && status == GT_OK; i++) {
        for (size_t k = 0; k < d->x_count; k++)
            w->forward.x[k] = buffer[k] * (1 + DBL_EPSILON * gt_random_normal(&random));
        status = run(w, w->after, error);
        if (status == GT_OK)
            take_changes(w);
    }
    return status;
}

gt_status gt_conditioning_measure(gt_conditioning *conditioning, const gt_cell_problem *data, gt_error *error)
{
    if (conditioning->measured)
        return GT_OK;
    work w = {.data = data, .found = conditioning};
    gt_status status = open_work(&w, error);
    if (status == GT_OK)
        status = measure(&w, error);
    conditioning->measured = status == GT_OK;
    close_work(&w);
    return status;
}

void gt_conditioning_close(gt_conditioning *conditioning)
{
    gt_memory_free(conditioning->allowed);
    *conditioning = (gt_conditioning){0};
}

const char *gt_conditioning_describe(const gt_conditioning *conditioning, gt_report *report)
{
    return gt_report_write(report,
                           "rounding explains the difference: changing the last bits of the arrays changes the results "
                           "%.0e times as much by time step %lld",
                           conditioning->amplification, (long long)conditioning->step);
}
