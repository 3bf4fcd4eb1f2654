#include "check/forward.h"

#include "base/memory.h"

#include <string.h>

size_t gt_forward_entries(const gt_var *vars, uint32_t count)
{
    size_t entries = 0;
    for (uint32_t i = 0; i < count; i++)
        entries = gt_size_add(entries, (size_t)gt_shape_count(gt_var_shape(vars[i])));
    return entries;
}

static gt_status failed(const gt_forward *f, gt_status status, bool planned, gt_error *error)
{
    return gt_error_set(error, status, "check: %s",
                        planned ? gt_workspace_message(f->work) : gt_interpreter_message(f->run));
}

gt_status gt_forward_bind(gt_forward *f, gt_var input, const void *data, gt_error *error)
{
    gt_status status = gt_interpreter_bind(f->run, input, data);
    if (status != GT_OK)
        return failed(f, status, false, error);
    if (f->work != NULL)
        status = gt_workspace_bind(f->work, input, data);
    return status == GT_OK ? GT_OK : failed(f, status, true, error);
}

/* A tape that cannot be planned is interpreted; what is wrong with it is then said there. */
static gt_status try_plan(gt_forward *f, gt_error *error)
{
    gt_error inside = {0};
    f->plan = gt_plan_new(f->outputs, f->output_count, NULL, &inside);
    if (f->plan != NULL)
        f->work = gt_workspace_new(f->plan);
    if (f->plan == NULL ? inside.status == GT_ERROR_MEMORY : f->work == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a plan");
    return GT_OK;
}

gt_status gt_forward_open(gt_forward *f, const gt_var *outputs, uint32_t output_count, const gt_var *inputs,
                          uint32_t input_count, const double *x, bool planned, gt_error *error)
{
    *f = (gt_forward){.outputs = outputs,
                      .output_count = output_count,
                      .inputs = inputs,
                      .input_count = input_count,
                      .x_count = gt_forward_entries(inputs, input_count),
                      .y_count = gt_forward_entries(outputs, output_count)};
    f->x = gt_memory_new(f->x_count, sizeof *f->x);
    f->run = gt_interpreter_new(output_count > 0 ? outputs[0].tape : NULL);
    if (f->x == NULL || f->run == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a forward pass");
    gt_status status = planned ? try_plan(f, error) : GT_OK;
    if (f->x_count > 0)
        memcpy(f->x, x, f->x_count * sizeof *x);
    size_t first = 0;
    for (uint32_t i = 0; i < input_count && status == GT_OK; i++) {
        status = gt_forward_bind(f, inputs[i], f->x + first, error);
        first += gt_forward_entries(&inputs[i], 1);
    }
    return status;
}

void gt_forward_close(gt_forward *f)
{
    gt_workspace_free(f->work);
    gt_plan_free(f->plan);
    gt_interpreter_free(f->run);
    gt_memory_free(f->x);
    *f = (gt_forward){0};
}

static void gather(const void *data, gt_var v, double **values)
{
    size_t count = gt_forward_entries(&v, 1);
    memcpy(*values, data, count * sizeof **values);
    *values += count;
}

gt_status gt_forward_call(void *context, const double *x, double *y, gt_error *error)
{
    gt_forward *f = context;
    memcpy(f->x, x, f->x_count * sizeof *x);
    if (f->work == NULL)
        return gt_forward_values(f, f->outputs, f->output_count, y, error);
    gt_status status = gt_workspace_run(f->work);
    if (status != GT_OK)
        return failed(f, status, true, error);
    for (uint32_t i = 0; i < f->output_count; i++)
        gather(gt_workspace_value(f->work, i), f->outputs[i], &y);
    return GT_OK;
}

gt_status gt_forward_values(gt_forward *f, const gt_var *vars, uint32_t count, double *values, gt_error *error)
{
    gt_status status = gt_interpreter_evaluate(f->run, vars, count);
    if (status != GT_OK)
        return failed(f, status, false, error);
    for (uint32_t i = 0; i < count; i++)
        gather(gt_interpreter_value(f->run, vars[i]), vars[i], &values);
    return GT_OK;
}
