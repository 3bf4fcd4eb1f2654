/* What states begin with that is computed of parameters: recorded, and in numbers. */
#include "gradtape/cell.h"

#include "base/memory.h"
#include "gradtape/grad.h"
#include "gradtape/interpreter.h"

#include <string.h>

gt_var gt_cell_record_beginning(const gt_cell *cell, uint32_t state, gt_tape *tape, const gt_var *parameters,
                                const gt_dimension *dimensions, uint32_t dimension_count)
{
    gt_cell_step step = {.tape = tape,
                         .parameters = parameters,
                         .context = cell->context,
                         .dimensions = dimensions,
                         .dimension_count = dimension_count};
    if (cell->begin != NULL)
        return cell->begin(&step, state);
    gt_tape_fail(tape, GT_ERROR_ARGUMENT, "cell %s has no function for what its state %s begins with", cell->name,
                 cell->states[state].name);
    return GT_NONE;
}

/* ---- in numbers ---------------------------------------------------------------------------- */

/* A tape of what one state begins with, and what runs it. */
typedef struct beginning {
    gt_tape *tape;
    gt_interpreter *run;
    gt_var parameters[GT_MAX_CELL_ARRAYS], column;
} beginning;

static gt_status failed(const beginning *b, gt_status status, gt_error *error)
{
    const char *words = gt_tape_status(b->tape) != GT_OK ? gt_tape_message(b->tape) : gt_interpreter_message(b->run);
    return gt_error_set(error, status, "%s", words);
}

static gt_status bind(beginning *b, const gt_cell *cell, const gt_array *parameters)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < cell->parameter_count && status == GT_OK; i++)
        if (b->parameters[i].index != 0)
            status = gt_interpreter_bind(b->run, b->parameters[i], parameters[i].data);
    return status;
}

static gt_status begin(beginning *b, const gt_cell *cell, uint32_t state, const gt_array *parameters,
                       const gt_dimension *dimensions, uint32_t dimension_count, gt_error *error)
{
    gt_tape_options options = {.dtype = GT_F64};
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        if (parameters[i].data != NULL)
            options.dtype = parameters[i].dtype;
    b->tape = gt_tape_new(&options);
    b->run = b->tape == NULL ? NULL : gt_interpreter_new(b->tape);
    if (b->run == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for what the state %s begins with",
                            cell->states[state].name);
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        b->parameters[i] =
            parameters[i].data == NULL ? GT_NONE : gt_parameter(b->tape, cell->parameters[i].name, parameters[i].shape);
    b->column = gt_cell_record_beginning(cell, state, b->tape, b->parameters, dimensions, dimension_count);
    gt_status status = gt_tape_status(b->tape);
    if (status == GT_OK)
        status = bind(b, cell, parameters);
    return status == GT_OK ? GT_OK : failed(b, status, error);
}

static void end(beginning *b)
{
    gt_interpreter_free(b->run);
    gt_tape_free(b->tape);
}

gt_status gt_cell_compute_beginning(const gt_cell *cell, uint32_t state, const gt_array *parameters,
                                    const gt_dimension *dimensions, uint32_t dimension_count, gt_array column,
                                    gt_error *error)
{
    beginning b = {0};
    gt_status status = begin(&b, cell, state, parameters, dimensions, dimension_count, error);
    if (status == GT_OK &&
        (!gt_shape_equal(gt_var_shape(b.column), column.shape) || gt_var_dtype(b.column) != column.dtype))
        status = gt_error_set(error, GT_ERROR_SHAPE, "what the state %s begins with has another shape or type than it",
                              cell->states[state].name);
    if (status == GT_OK) {
        status = gt_interpreter_evaluate(b.run, &b.column, 1);
        if (status != GT_OK)
            failed(&b, status, error);
    }
    if (status == GT_OK)
        memcpy(column.data, gt_interpreter_value(b.run, b.column),
               (size_t)gt_shape_count(column.shape) * gt_dtype_size(column.dtype));
    end(&b);
    return status;
}

gt_status gt_cell_pull_beginning(const gt_cell *cell, uint32_t state, const gt_array *parameters,
                                 const gt_dimension *dimensions, uint32_t dimension_count, const void *upstream,
                                 uint32_t parameter, void *gradient, gt_error *error)
{
    beginning b = {0};
    gt_status status = begin(&b, cell, state, parameters, dimensions, dimension_count, error);
    if (status == GT_OK && b.parameters[parameter].index != 0) {
        gt_var given = gt_input(b.tape, "upstream", gt_var_shape(b.column)), wanted = GT_NONE;
        status = gt_grad(&b.column, &given, 1, &b.parameters[parameter], 1, &wanted);
        if (status == GT_OK)
            status = gt_interpreter_bind(b.run, given, upstream);
        if (status == GT_OK)
            status = gt_interpreter_evaluate(b.run, &wanted, 1);
        if (status == GT_OK)
            memcpy(gradient, gt_interpreter_value(b.run, wanted),
                   (size_t)gt_shape_count(parameters[parameter].shape) * gt_dtype_size(gt_var_dtype(wanted)));
        else
            failed(&b, status, error);
    }
    end(&b);
    return status;
}
