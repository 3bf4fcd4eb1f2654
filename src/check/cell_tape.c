/* A cell's sequence on a tape of its own. */
#include "base/memory.h"
#include "check/cell_data.h"

static gt_var leaf(gt_tape *tape, const gt_data_array *array)
{
    if (array->kind == GT_DATA_PARAMETER)
        return gt_parameter(tape, array->name, array->shape);
    if (array->kind == GT_DATA_INITIAL)
        return gt_state(tape, array->name, array->shape);
    return gt_input(tape, array->name, GT_F64, array->shape);
}

gt_status gt_cell_tape_open(gt_cell_tape *t, const gt_cell_data *d, bool unrolled, gt_error *error)
{
    const gt_cell *cell = d->cell;
    *t = (gt_cell_tape){.tape = gt_tape_new(NULL)};
    t->arrays = gt_memory_new(d->array_count, sizeof *t->arrays);
    t->results = gt_memory_new((size_t)cell->state_count + cell->output_count, sizeof *t->results);
    if (t->tape == NULL || t->arrays == NULL || t->results == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a tape");
    gt_var inputs[GT_MAX_CELL_ARRAYS] = {GT_NONE}, initial[GT_MAX_CELL_ARRAYS] = {GT_NONE},
           parameters[GT_MAX_CELL_ARRAYS] = {GT_NONE};
    for (uint32_t i = 0; i < d->array_count; i++) {
        const gt_data_array *array = &d->arrays[i];
        t->arrays[i] = leaf(t->tape, array);
        gt_var *group = array->kind == GT_DATA_INPUT       ? inputs
                        : array->kind == GT_DATA_INITIAL   ? initial
                        : array->kind == GT_DATA_PARAMETER ? parameters
                                                           : NULL;
        if (group != NULL)
            group[array->place] = t->arrays[i];
    }
    gt_sequence sequence = {.cell = cell, .unrolled = unrolled, .with_outputs = d->with_outputs,
                            .inputs = inputs, .initial = initial, .parameters = parameters,
                            .states = t->results, .outputs = t->results + cell->state_count};
    t->result_count = cell->state_count + (d->with_outputs ? cell->output_count : 0);
    gt_status status = gt_sequence_record(&sequence);
    return status == GT_OK ? GT_OK
                           : gt_error_set(error, status, "%s: %s", cell->name,
                                          gt_tape_message(t->tape));
}

void gt_cell_tape_close(gt_cell_tape *t)
{
    gt_tape_free(t->tape);
    gt_memory_free(t->arrays);
    gt_memory_free(t->results);
    *t = (gt_cell_tape){0};
}
