/* From a cell and numbers to its flow. */
#include "cli/flow/runs.h"

#include "base/utf8.h"
#include "models/dimensions.h"

#include <stdlib.h>
#include <string.h>

/* ---- random numbers ------------------------------------------------------------------------ */

static gt_status add_normal(gt_archive *archive, const char *name, gt_shape shape, int64_t first, gt_random *random,
                            gt_error *error)
{
    int64_t count = gt_shape_count(shape);
    double *data = calloc((size_t)count, sizeof *data);
    if (data == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    for (int64_t k = first; k < count; k++)
        data[k] = gt_random_normal(random);
    gt_status status = gt_archive_add(archive, name, (gt_array){data, GT_F64, shape}, error);
    free(data);
    return status;
}

static bool is_in_loss(const gt_problem_array *array, const gt_cell *cell, const gt_flow_numbers *numbers)
{
    int32_t output = gt_cell_handed_on(cell);
    if (numbers->every_result)
        return array->kind == GT_PROBLEM_OUTPUT_UPSTREAM || array->place == 0;
    return output < 0 ? array->kind == GT_PROBLEM_STATE_UPSTREAM && array->place == 0
                      : array->kind == GT_PROBLEM_OUTPUT_UPSTREAM && array->place == (uint32_t)output;
}

/* The upstream gradient of what the next layer reads: of the last step, or of all. */
static gt_status add_loss(gt_archive *archive, const gt_cell *cell, const gt_cell_problem *shapes,
                          const gt_flow_numbers *numbers, gt_random *random, gt_error *error)
{
    gt_status status = GT_OK;
    bool found = false;
    for (uint32_t i = shapes->differentiated; i < shapes->array_count && status == GT_OK; i++) {
        const gt_problem_array *array = &shapes->arrays[i];
        int64_t all = gt_shape_count(array->shape), last = all - all / shapes->steps;
        if (!is_in_loss(array, cell, numbers))
            continue;
        found = true;
        status = add_normal(archive, array->name, array->shape, numbers->every_step ? 0 : last, random, error);
    }
    return found ? status : gt_error_set(error, GT_ERROR_ARGUMENT, "%s hands nothing on", cell->name);
}

/* What a cell is given: inputs drawn from the normal distribution, states as the cell begins. */
static gt_status add_inputs(gt_archive *archive, const gt_cell_problem *shapes, gt_random *random, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < shapes->differentiated && status == GT_OK; i++)
        if (shapes->arrays[i].kind == GT_PROBLEM_INPUT)
            status = add_normal(archive, shapes->arrays[i].name, shapes->arrays[i].shape, 0, random, error);
    return status;
}

static gt_status add_parameters(gt_archive *archive, const gt_cell *cell, const gt_cell_problem *shapes, int64_t seed,
                                gt_error *error)
{
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_status status = set == NULL ? gt_error_set(error, GT_ERROR_MEMORY, "out of memory") : GT_OK;
    if (status == GT_OK)
        status = gt_cell_declare(cell, shapes->sizes, shapes->size_count, true, "", set, error);
    if (status == GT_OK && gt_parameters_initialize(set, (uint64_t)seed) != GT_OK)
        status = gt_error_set(error, gt_parameters_status(set), "%s", gt_parameters_message(set));
    if (status == GT_OK)
        status = gt_parameters_store(set, archive, "", error);
    gt_parameters_free(set);
    return status;
}

static gt_status fill(gt_archive *archive, const gt_cell *cell, const gt_flow_numbers *numbers, gt_error *error)
{
    gt_dimensions dimensions;
    gt_cell_problem shapes = {0};
    gt_random random;
    gt_random_seed(&random, (uint32_t)numbers->seed);
    gt_status status = gt_dimensions_find(&dimensions, cell, true, error);
    if (status == GT_OK)
        status = gt_dimensions_read(&dimensions, cell, "--dims", numbers->dims, error);
    if (status != GT_OK)
        return status;
    gt_dimensions_usual(&dimensions, 0);
    status = gt_cell_problem_shape(&shapes, cell, GT_F64, &dimensions, numbers->examples, numbers->steps, true, error);
    if (status == GT_OK)
        status = add_inputs(archive, &shapes, &random, error);
    if (status == GT_OK)
        status = add_parameters(archive, cell, &shapes, numbers->seed, error);
    if (status == GT_OK)
        status = add_loss(archive, cell, &shapes, numbers, &random, error);
    if (status == GT_OK)
        status = gt_cell_problem_tell_sizes(archive, shapes.sizes, shapes.size_count, error);
    gt_cell_problem_free(&shapes);
    return status;
}

/* ---- numbers of the user's ------------------------------------------------------------------- */

static gt_status read_file(gt_cell_problem *problem, const gt_cell *cell, const gt_flow_numbers *numbers,
                           gt_archive **archive, gt_error *error)
{
    gt_error inside = {0};
    *archive = gt_archive_read(numbers->file, error);
    if (*archive == NULL)
        return error->status;
    gt_status status = gt_cell_problem_read(problem, cell, *archive, GT_F64, &inside);
    if (status != GT_OK)
        return gt_error_set(error, status, "%s: %s", numbers->file, inside.message);
    return status;
}

/* Those of a file that has no upstream gradients, or shall not be asked for them, get some. */
static gt_status add_missing_loss(gt_cell_problem *problem, const gt_cell *cell, const gt_flow_numbers *numbers,
                                  gt_archive *archive, gt_error *error)
{
    gt_random random;
    if (gt_cell_problem_has_upstream(problem) && !numbers->asked)
        return GT_OK;
    gt_random_seed(&random, (uint32_t)numbers->seed);
    gt_archive *again = gt_archive_new();
    gt_status status = again == NULL ? gt_error_set(error, GT_ERROR_MEMORY, "out of memory") : GT_OK;
    for (uint32_t i = 0; i < problem->differentiated && status == GT_OK; i++)
        if (problem->arrays[i].given)
            status = gt_archive_add(again, problem->arrays[i].name, gt_archive_find(archive, problem->arrays[i].name),
                                    error);
    if (status == GT_OK)
        status = add_loss(again, cell, problem, numbers, &random, error);
    if (status == GT_OK)
        status = gt_cell_problem_tell_sizes(again, problem->sizes, problem->size_count, error);
    if (status == GT_OK) {
        gt_cell_problem_free(problem);
        *problem = (gt_cell_problem){0};
        status = gt_cell_problem_read(problem, cell, again, GT_F64, error);
    }
    gt_archive_free(again);
    return status;
}

gt_status gt_flow_read_numbers(gt_cell_problem *problem, const gt_cell *cell, const gt_flow_numbers *numbers,
                               gt_error *error)
{
    gt_archive *archive = NULL;
    gt_status status;
    if (numbers->file != NULL) {
        status = read_file(problem, cell, numbers, &archive, error);
        if (status == GT_OK)
            status = add_missing_loss(problem, cell, numbers, archive, error);
    } else {
        archive = gt_archive_new();
        status = archive == NULL ? gt_error_set(error, GT_ERROR_MEMORY, "out of memory")
                                 : fill(archive, cell, numbers, error);
        if (status == GT_OK)
            status = gt_cell_problem_read(problem, cell, archive, GT_F64, error);
    }
    gt_archive_free(archive);
    return status;
}

static gt_status set_parameter(gt_cell_problem *problem, const char *name, double value, gt_error *error)
{
    char known[200] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < problem->differentiated; i++) {
        const gt_problem_array *array = &problem->arrays[i];
        if (array->kind != GT_PROBLEM_PARAMETER)
            continue;
        if (used < sizeof known)
            used += gt_utf8_format(known + used, sizeof known - used, "%s%s", used > 0 ? ", " : "", array->name);
        if (strcmp(array->name, name) != 0)
            continue;
        for (size_t k = 0; k < array->count; k++)
            ((double *)array->data)[k] = value;
        return GT_OK;
    }
    return gt_error_set(error, GT_ERROR_ARGUMENT, "--vary: %s has no parameter '%s'; it has %s", problem->cell->name,
                        name, known);
}

gt_status gt_flow_view_open(gt_flow_view *view, const char *cell, const gt_flow_numbers *numbers, const char *parameter,
                            double value, gt_error *error)
{
    *view = (gt_flow_view){.source.set = numbers->set};
    if (!gt_cell_source_find_sized(&view->source, cell, numbers->dims, error))
        return error->status;
    view->parsed = view->source.parsed;
    gt_utf8_format(view->label, sizeof view->label, "%s", view->source.cell->name);
    if (parameter != NULL)
        gt_utf8_format(view->label, sizeof view->label, "%s, %s = %g", view->source.cell->name, parameter, value);
    gt_status status = gt_flow_read_numbers(&view->problem, view->source.cell, numbers, error);
    if (status == GT_OK && parameter != NULL)
        status = set_parameter(&view->problem, parameter, value, error);
    if (status == GT_OK)
        view->flow = gt_flow_new(&view->problem, &numbers->passes, error);
    return status == GT_OK && view->flow == NULL ? error->status : status;
}

void gt_flow_view_close(gt_flow_view *view)
{
    gt_flow_free(view->flow);
    free(view->letters);
    gt_cell_problem_free(&view->problem);
    gt_cell_source_free(&view->source);
    *view = (gt_flow_view){0};
}
