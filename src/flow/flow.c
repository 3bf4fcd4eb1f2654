/* From a problem to its flow. */
#include "flow/flow.h"

#include "base/memory.h"

#include <string.h>

enum { MOST_BYTES = 2000000000, MOST_SINGULAR = 512 };

gt_status gt_flow_no_memory(gt_error *error)
{
    return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the flow of gradients");
}

gt_status gt_flow_pass(gt_flow_run *run, const gt_step_pass *pass, gt_error *error)
{
    const gt_flow_options *options = run->options;
    gt_status status = gt_step_run_backward(&run->step, pass, error);
    run->done++;
    if (status == GT_OK && options->progress != NULL && options->progress(options->context, run->done, run->all))
        status = gt_error_set(error, GT_ERROR_INTERRUPTED, "interrupted");
    return status;
}

/* ---- opening ------------------------------------------------------------------------------- */

/* Of values and gradients of all names at all steps. */
static gt_status check_size(const gt_cell_problem *problem, gt_error *error)
{
    double entries = 0;
    for (uint32_t i = 0; i < problem->array_count; i++) {
        const gt_problem_array *array = &problem->arrays[i];
        entries += (double)array->count * (array->kind == GT_PROBLEM_PARAMETER ? (double)problem->steps : 1);
    }
    double bytes = 2 * 8 * entries;
    if (bytes <= MOST_BYTES)
        return GT_OK;
    return gt_error_set(
        error, GT_ERROR_SIZE,
        "the gradients of every step would take %.1f GB, more than 2; take fewer steps, or smaller sizes",
        bytes * 1e-9);
}

static uint32_t count_entries_of_states(const gt_step *step)
{
    uint32_t count = 0;
    for (uint32_t i = step->state_first; i < step->parameter_first; i++)
        count += (uint32_t)step->names[i].shape.size[0];
    return count;
}

static gt_status count_passes(gt_flow_run *run, gt_error *error)
{
    uint32_t states = run->flow.state_count, entries = count_entries_of_states(&run->step);
    run->all = 2 + (states > 1 ? states : 0);
    if (!run->options->no_triangle)
        run->all += run->flow.steps;
    if (run->options->no_singular)
        return GT_OK;
    run->all += entries;
    run->flow.singular_count = entries;
    if (entries <= MOST_SINGULAR)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_SIZE,
                        "the states have %u entries; the singular values of their derivative are computed for %d at "
                        "most: leave them out, or take a smaller size",
                        entries, MOST_SINGULAR);
}

static gt_status name_states(gt_flow_run *run, gt_error *error)
{
    const gt_cell *cell = run->problem->cell;
    const char **states = gt_pool_new(&run->pool, cell->state_count, sizeof *states);
    char *name = gt_pool_new(&run->pool, strlen(cell->name) + 1, 1);
    if (states == NULL || name == NULL)
        return gt_flow_no_memory(error);
    run->flow.cell = strcpy(name, cell->name);
    run->flow.steps = run->problem->steps;
    run->flow.examples = run->problem->examples;
    run->flow.state_count = cell->state_count;
    run->flow.states = states;
    for (uint32_t i = 0; i < cell->state_count; i++) {
        char *copy = gt_pool_new(&run->pool, strlen(cell->states[i].name) + 1, 1);
        if (copy == NULL)
            return gt_flow_no_memory(error);
        states[i] = strcpy(copy, cell->states[i].name);
    }
    return GT_OK;
}

static gt_status open_run(gt_flow_run *run, gt_error *error)
{
    gt_status status = check_size(run->problem, error);
    if (status == GT_OK)
        status = name_states(run, error);
    if (status == GT_OK)
        status = gt_step_open(&run->step, run->problem, error);
    for (uint32_t i = 0; i < run->problem->cell->output_count && status == GT_OK; i++)
        run->step.uses_output[i] = true;
    if (status == GT_OK)
        status = count_passes(run, error);
    return status;
}

static gt_status compute(gt_flow_run *run, gt_error *error)
{
    gt_status status = open_run(run, error);
    if (status == GT_OK)
        status = gt_step_run_forward(&run->step, error);
    if (status == GT_OK)
        status = gt_flow_pass(run, &(gt_step_pass){0}, error);
    if (status == GT_OK)
        status = gt_flow_find_series(run, error);
    if (status == GT_OK)
        status = gt_flow_find_paths(run, error);
    if (status == GT_OK && !run->options->no_singular)
        status = gt_flow_find_singular(run, error);
    return status;
}

gt_flow *gt_flow_new(const gt_cell_problem *problem, const gt_flow_options *options, gt_error *error)
{
    static const gt_flow_options defaults;
    if (!gt_cell_problem_has_upstream(problem)) {
        gt_error_set(error, GT_ERROR_ARGUMENT, "%s has no upstream gradient: there is nothing to differentiate",
                     problem->cell->name);
        return NULL;
    }
    gt_flow_run *run = gt_memory_new(1, sizeof *run);
    if (run == NULL) {
        gt_flow_no_memory(error);
        return NULL;
    }
    run->problem = problem;
    run->options = options != NULL ? options : &defaults;
    gt_status status = compute(run, error);
    gt_step_close(&run->step);
    if (status == GT_OK)
        return &run->flow;
    gt_flow_free(&run->flow);
    return NULL;
}

void gt_flow_free(gt_flow *flow)
{
    gt_flow_run *run = (gt_flow_run *)flow;
    if (run == NULL)
        return;
    gt_pool_free(&run->pool);
    gt_memory_free(run);
}
