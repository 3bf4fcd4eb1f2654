#include "support/probe.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

probe *probe_new(gt_dtype dtype)
{
    probe *p = calloc(1, sizeof *p);
    cr_assert_not_null(p);
    p->tape = gt_tape_new(&(gt_tape_options){.dtype = dtype});
    p->run = gt_interpreter_new(p->tape);
    cr_assert_not_null(p->run);
    return p;
}

void probe_free(probe *p)
{
    gt_interpreter_free(p->run);
    gt_tape_free(p->tape);
    free(p);
}

gt_var probe_real(probe *p, const char *name, gt_shape shape)
{
    gt_var v = gt_input(p->tape, name, shape);
    size_t entries = (size_t)gt_shape_count(shape);
    cr_assert(gt_var_valid(v), "%s", gt_tape_message(p->tape));
    cr_assert(p->real_count < PROBE_VARS && p->count + entries <= PROBE_ENTRIES, "probe is full");
    p->reals[p->real_count] = v;
    p->starts[p->real_count++] = p->count;
    p->count += entries;
    return v;
}

gt_var probe_whole(probe *p, const char *name, gt_shape shape, int32_t **values)
{
    gt_var v = gt_input_i32(p->tape, name, shape);
    size_t entries = (size_t)gt_shape_count(shape);
    cr_assert(gt_var_valid(v), "%s", gt_tape_message(p->tape));
    cr_assert(p->whole_count < PROBE_VARS && p->whole_entries + entries <= PROBE_ENTRIES);
    *values = p->whole_values + p->whole_entries;
    p->wholes[p->whole_count] = v;
    p->whole_starts[p->whole_count++] = p->whole_entries;
    p->whole_entries += entries;
    return v;
}

size_t probe_entries(const gt_var *vars, uint32_t count)
{
    size_t entries = 0;
    for (uint32_t i = 0; i < count; i++)
        entries += (size_t)gt_shape_count(gt_var_shape(vars[i]));
    return entries;
}

static gt_status bind_inputs(probe *p)
{
    bool wide = gt_tape_dtype(p->tape) == GT_F64;
    gt_status status = GT_OK;
    for (size_t i = 0; i < p->count; i++)
        p->narrow[i] = (float)p->x[i];
    for (uint32_t i = 0; i < p->real_count && status == GT_OK; i++)
        status = gt_interpreter_bind(
            p->run, p->reals[i], wide ? (const void *)(p->x + p->starts[i]) : (const void *)(p->narrow + p->starts[i]));
    for (uint32_t i = 0; i < p->whole_count && status == GT_OK; i++)
        status = gt_interpreter_bind(p->run, p->wholes[i], p->whole_values + p->whole_starts[i]);
    return status;
}

static void copy_values(const void *data, gt_dtype dtype, size_t count, double *y)
{
    for (size_t i = 0; i < count; i++)
        y[i] = dtype == GT_F64   ? ((const double *)data)[i]
               : dtype == GT_F32 ? (double)((const float *)data)[i]
                                 : (double)((const int32_t *)data)[i];
}

gt_status probe_evaluate(probe *p, const gt_var *vars, uint32_t count, double *y, gt_error *error)
{
    gt_status status = bind_inputs(p);
    if (status == GT_OK)
        status = gt_interpreter_evaluate(p->run, vars, count);
    if (status != GT_OK)
        return gt_error_set(error, status, "%s", gt_interpreter_message(p->run));
    for (uint32_t i = 0; i < count; i++) {
        size_t entries = probe_entries(vars + i, 1);
        copy_values(gt_interpreter_value(p->run, vars[i]), gt_var_dtype(vars[i]), entries, y);
        y += entries;
    }
    return GT_OK;
}

gt_status probe_call(void *function, const double *x, double *y, gt_error *error)
{
    const probe_function *f = function;
    static double kept[PROBE_ENTRIES], values[PROBE_ENTRIES];
    size_t count = probe_entries(f->vars, f->count);
    cr_assert(count <= PROBE_ENTRIES);
    memcpy(kept, f->p->x, f->x_count * sizeof *kept);
    memcpy(f->p->x, x, f->x_count * sizeof *x);
    gt_status status = probe_evaluate(f->p, f->vars, f->count, values, error);
    memcpy(f->p->x, kept, f->x_count * sizeof *kept);
    if (f->weights == NULL)
        memcpy(y, values, count * sizeof *y);
    else
        *y = 0;
    for (size_t i = 0; f->weights != NULL && i < count; i++)
        *y += f->weights[i] * values[i];
    return status;
}
