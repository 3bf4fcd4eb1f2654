/* The forward pass of a problem on a tape of its own. */
#include "problem/problem.h"

#include "base/memory.h"
#include "gradtape/grad.h"
#include "problem/tape.h"

static gt_var leaf(gt_tape *tape, const gt_problem_array *array)
{
    if (array->kind == GT_PROBLEM_PARAMETER)
        return gt_parameter(tape, array->name, array->shape);
    if (array->kind == GT_PROBLEM_INITIAL)
        return gt_state(tape, array->name, array->shape);
    return gt_input(tape, array->name, array->shape);
}

gt_status gt_cell_tape_failed(const gt_cell_tape *t, const gt_interpreter *run, gt_status status, gt_error *error)
{
    const char *message = run != NULL ? gt_interpreter_message(run) : "";
    if (gt_tape_status(t->tape) != GT_OK)
        message = gt_tape_message(t->tape);
    return gt_error_set(error, status, "%s", message[0] != '\0' ? message : gt_status_name(status));
}

static gt_status record(gt_cell_tape *t, const gt_cell_problem *problem, bool unrolled)
{
    const gt_cell *cell = problem->cell;
    gt_var tables[GT_PROBLEM_PARAMETER + 1][GT_MAX_CELL_ARRAYS] = {{GT_NONE}};
    for (uint32_t i = 0; i < problem->differentiated; i++) {
        const gt_problem_array *array = &problem->arrays[i];
        tables[array->kind][array->place] = t->arrays[i] = leaf(t->tape, array);
    }
    gt_sequence sequence = {.cell = cell,
                            .unrolled = unrolled,
                            .with_outputs = problem->with_outputs,
                            .inputs = tables[GT_PROBLEM_INPUT],
                            .initial = tables[GT_PROBLEM_INITIAL],
                            .parameters = tables[GT_PROBLEM_PARAMETER],
                            .dimensions = problem->sizes,
                            .dimension_count = problem->size_count,
                            .states = t->results,
                            .outputs = t->results + cell->state_count};
    t->result_count = cell->state_count + (problem->with_outputs ? cell->output_count : 0);
    gt_sequence_record(&sequence);
    for (uint32_t i = problem->differentiated; i < problem->array_count; i++)
        t->arrays[i] = problem->arrays[i].given ? leaf(t->tape, &problem->arrays[i]) : GT_NONE;
    return gt_tape_status(t->tape);
}

gt_status gt_cell_tape_open(gt_cell_tape *t, const gt_cell_problem *problem, bool unrolled, gt_error *error)
{
    const gt_cell *cell = problem->cell;
    *t = (gt_cell_tape){.tape = gt_tape_new(&(gt_tape_options){.dtype = problem->dtype})};
    t->arrays = gt_memory_new(problem->array_count, sizeof *t->arrays);
    t->results = gt_memory_new((size_t)cell->state_count + cell->output_count, sizeof *t->results);
    if (t->tape == NULL || t->arrays == NULL || t->results == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    gt_status status = record(t, problem, unrolled);
    return status == GT_OK ? GT_OK : gt_cell_tape_failed(t, NULL, status, error);
}

void gt_cell_tape_close(gt_cell_tape *t)
{
    gt_tape_free(t->tape);
    gt_memory_free(t->arrays);
    gt_memory_free(t->results);
    *t = (gt_cell_tape){0};
}

gt_status gt_cell_tape_differentiate(const gt_cell_tape *t, const gt_cell_problem *problem, gt_var *gradients)
{
    gt_var outputs[2 * GT_MAX_CELL_ARRAYS] = {GT_NONE}, cotangents[2 * GT_MAX_CELL_ARRAYS] = {GT_NONE};
    uint32_t count = 0;
    for (uint32_t i = problem->differentiated; i < problem->array_count; i++) {
        if (t->arrays[i].tape == NULL)
            continue;
        outputs[count] = t->results[i - problem->differentiated];
        cotangents[count++] = t->arrays[i];
    }
    return gt_grad(outputs, cotangents, count, t->arrays, problem->differentiated, gradients);
}

gt_interpreter *gt_problem_interpreter(const gt_cell_tape *t, const gt_cell_problem *problem, gt_error *error)
{
    gt_interpreter *run = gt_interpreter_new(t->tape);
    gt_status status = run == NULL ? GT_ERROR_MEMORY : GT_OK;
    for (uint32_t i = 0; i < problem->array_count && status == GT_OK; i++)
        if (t->arrays[i].tape != NULL)
            status = gt_interpreter_bind(run, t->arrays[i], problem->arrays[i].data);
    if (status == GT_OK)
        return run;
    gt_cell_tape_failed(t, run, status, error);
    gt_interpreter_free(run);
    return NULL;
}
