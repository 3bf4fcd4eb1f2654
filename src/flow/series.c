/* Gradients over time: their norms, entry by entry, and how fast they fade. */
#include "flow/flow.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>

/* The state whose value after the step the name is, or -1. */
static int64_t state_after(const gt_step *step, const gt_step_name *name)
{
    for (uint32_t i = 0; i < step->data->cell->state_count; i++)
        if (gt_var_valid(name->v) && name->v.index == step->next_states[i].index)
            return i;
    return -1;
}

/* The name that is state i after the step; what reaches the step from outside, if no equation is. */
static const gt_step_name *after_of(const gt_step *step, uint32_t i)
{
    for (uint32_t n = step->equation_first; n < step->given_first; n++)
        if (state_after(step, &step->names[n]) == i && step->names[n].gradients != NULL)
            return &step->names[n];
    return &step->names[step->given_first + i];
}

static double slope_of(const double *norm, int64_t steps)
{
    double count = 0, sum_t = 0, sum = 0, mean_t, above = 0, below = 0;
    for (int64_t t = 0; t < steps; t++)
        if (norm[t] > 0 && isfinite(norm[t])) {
            count++;
            sum_t += (double)t;
            sum += log10(norm[t]);
        }
    mean_t = sum_t / count;
    for (int64_t t = 0; t < steps; t++)
        if (norm[t] > 0 && isfinite(norm[t])) {
            above += ((double)t - mean_t) * (log10(norm[t]) - sum / count);
            below += ((double)t - mean_t) * ((double)t - mean_t);
        }
    return count < 2 ? NAN : -above / below;
}

static gt_status fill(gt_flow_run *run, const gt_step_name *name, gt_flow_kind kind, const char *called,
                      gt_flow_series *series, gt_error *error)
{
    int64_t steps = run->flow.steps, units = name->shape.size[0], columns = gt_shape_count(name->shape) / units;
    double *norm = gt_pool_new(&run->pool, (size_t)steps, sizeof *norm);
    double *entry = gt_pool_new(&run->pool, (size_t)(units * steps), sizeof *entry);
    double *signs = gt_pool_new(&run->pool, (size_t)(units * steps), sizeof *signs);
    char *text = gt_pool_new(&run->pool, strlen(called) + 1, 1);
    if (norm == NULL || entry == NULL || signs == NULL || text == NULL)
        return gt_flow_no_memory(error);
    double **rows = name->kind == GT_NAME_GIVEN_STATE ? name->values : name->gradients;
    for (int64_t t = 0; t < steps; t++) {
        double all = 0;
        for (int64_t u = 0; u < units; u++) {
            double squares = 0;
            for (int64_t c = 0; c < columns; c++)
                squares += rows[t][c * units + u] * rows[t][c * units + u];
            all += squares;
            entry[t * units + u] = sqrt(squares / (double)columns);
            signs[t * units + u] = rows[t][u];
        }
        norm[t] = sqrt(all);
    }
    *series = (gt_flow_series){strcpy(text, called), kind, units, norm, entry, signs, slope_of(norm, steps)};
    return GT_OK;
}

gt_status gt_flow_find_series(gt_flow_run *run, gt_error *error)
{
    const gt_step *step = &run->step;
    const gt_cell *cell = run->problem->cell;
    uint32_t most = cell->state_count + cell->input_count + step->given_first - step->equation_first, count = 0;
    gt_flow_series *series = gt_pool_new(&run->pool, most, sizeof *series);
    if (series == NULL)
        return gt_flow_no_memory(error);
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < cell->state_count && status == GT_OK; i++)
        status = fill(run, after_of(step, i), GT_FLOW_STATE, cell->states[i].name, &series[count++], error);
    for (uint32_t n = step->equation_first; n < step->given_first && status == GT_OK; n++) {
        const gt_step_name *name = &step->names[n];
        if (name->gradients != NULL && name->shape.rank == 2 && state_after(step, name) < 0)
            status = fill(run, name, GT_FLOW_VALUE, name->name, &series[count++], error);
    }
    for (uint32_t i = 0; i < cell->input_count && status == GT_OK; i++)
        status = fill(run, &step->names[step->input_first + i], GT_FLOW_INPUT, cell->inputs[i].name, &series[count++],
                      error);
    run->flow.series = series;
    run->flow.series_count = count;
    return status;
}

void gt_flow_words(double slope, char *text, size_t size)
{
    double steps = log10(2) / fabs(slope);
    const char *halves = slope < 0 ? "halves" : "doubles", *falls = slope < 0 ? "falls" : "grows";
    if (isnan(slope))
        gt_utf8_format(text, size, "reaches no other step");
    else if (fabs(slope) < 1e-3)
        gt_utf8_format(text, size, "stays");
    else if (steps < 0.95)
        gt_utf8_format(text, size, "%s %.2g-fold each step back", falls, pow(10, fabs(slope)));
    else if (steps < 1.05)
        gt_utf8_format(text, size, "%s each step back", halves);
    else
        gt_utf8_format(text, size, steps < 9.5 ? "%s every %.2g steps back" : "%s every %.0f steps back", halves,
                       steps);
}
