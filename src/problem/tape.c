/* The forward pass of a problem on a tape of its own. */
#include "problem/problem.h"

#include "base/memory.h"

static gt_var leaf(gt_tape *tape, const gt_problem_array *array)
{
    switch (array->kind) {
    case GT_PROBLEM_PARAMETER:
        return gt_parameter(tape, array->name, array->shape);
    case GT_PROBLEM_INITIAL:
        return gt_state(tape, array->name, array->shape);
    case GT_PROBLEM_STATE_UPSTREAM:
    case GT_PROBLEM_OUTPUT_UPSTREAM:
        if (!array->given)
            return GT_NONE;
        break;
    case GT_PROBLEM_INPUT:
        break;
    }
    return gt_input(tape, array->name, gt_tape_dtype(tape), array->shape);
}

gt_status gt_problem_tape_failed(const gt_problem_tape *t, const gt_interpreter *run, gt_status status, gt_error *error)
{
    const char *message = run != NULL ? gt_interpreter_message(run) : "";
    if (gt_tape_status(t->tape) != GT_OK)
        message = gt_tape_message(t->tape);
    return gt_error_set(error, status, "%s", message[0] != '\0' ? message : gt_status_name(status));
}

static gt_status record(gt_problem_tape *t, const gt_cell_problem *problem, bool unrolled)
{
    const gt_cell *cell = problem->cell;
    gt_var tables[GT_PROBLEM_PARAMETER + 1][GT_MAX_CELL_ARRAYS] = {{GT_NONE}};
    for (uint32_t i = 0; i < problem->array_count; i++) {
        const gt_problem_array *array = &problem->arrays[i];
        t->arrays[i] = leaf(t->tape, array);
        if (array->kind <= GT_PROBLEM_PARAMETER)
            tables[array->kind][array->place] = t->arrays[i];
    }
    gt_sequence sequence = {.cell = cell, .unrolled = unrolled, .with_outputs = problem->with_outputs,
                            .inputs = tables[GT_PROBLEM_INPUT], .initial = tables[GT_PROBLEM_INITIAL],
                            .parameters = tables[GT_PROBLEM_PARAMETER],
                            .states = t->results, .outputs = t->results + cell->state_count};
    t->result_count = cell->state_count + (problem->with_outputs ? cell->output_count : 0);
    return gt_sequence_record(&sequence);
}

gt_status gt_problem_tape_open(gt_problem_tape *t, const gt_cell_problem *problem, bool unrolled, gt_error *error)
{
    const gt_cell *cell = problem->cell;
    *t = (gt_problem_tape){.tape = gt_tape_new(&(gt_tape_options){.dtype = problem->dtype})};
    t->arrays = gt_memory_new(problem->array_count, sizeof *t->arrays);
    t->results = gt_memory_new((size_t)cell->state_count + cell->output_count, sizeof *t->results);
    if (t->tape == NULL || t->arrays == NULL || t->results == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    gt_status status = record(t, problem, unrolled);
    return status == GT_OK ? GT_OK : gt_problem_tape_failed(t, NULL, status, error);
}

void gt_problem_tape_close(gt_problem_tape *t)
{
    gt_tape_free(t->tape);
    gt_memory_free(t->arrays);
    gt_memory_free(t->results);
    *t = (gt_problem_tape){0};
}

gt_interpreter *gt_problem_interpreter(const gt_problem_tape *t, const gt_cell_problem *problem, gt_error *error)
{
    gt_interpreter *run = gt_interpreter_new(t->tape);
    gt_status status = run == NULL ? GT_ERROR_MEMORY : GT_OK;
    for (uint32_t i = 0; i < problem->array_count && status == GT_OK; i++)
        if (t->arrays[i].tape != NULL)
            status = gt_interpreter_bind(run, t->arrays[i], problem->arrays[i].data);
    if (status == GT_OK)
        return run;
    gt_problem_tape_failed(t, run, status, error);
    gt_interpreter_free(run);
    return NULL;
}
