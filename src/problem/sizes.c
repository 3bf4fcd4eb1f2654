/* The sizes of a problem: told by the arrays themselves, then checked on every one of them. */
#include "problem/problem.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

/* ---- dimensions ---------------------------------------------------------------------------- */

/* Parameters are believed before states: where the two contradict, a state is the likelier slip. */
static gt_status learn_all(gt_cell_problem *problem, const gt_archive *given, gt_error *error)
{
    static const gt_problem_kind order[] = {GT_PROBLEM_INPUT, GT_PROBLEM_PARAMETER, GT_PROBLEM_INITIAL,
                                            GT_PROBLEM_STATE_UPSTREAM, GT_PROBLEM_OUTPUT_UPSTREAM};
    gt_size_fact facts[(2 * 5 + 1) * GT_MAX_CELL_ARRAYS];
    size_t count = 0;
    gt_status status = gt_dimensions_find(&problem->dimensions, problem->cell, problem->with_outputs, error);
    for (uint32_t i = 0; status == GT_OK && i < problem->dimensions.count; i++) {
        const char *name = problem->dimensions.names[i];
        int64_t size;
        if (gt_problem_told(problem, given, name, &size))
            facts[count++] = (gt_size_fact){name, size, name};
    }
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (uint32_t i = 0; i < problem->array_count; i++) {
            const gt_problem_array *array = &problem->arrays[i];
            if (!array->given || array->kind != order[k])
                continue;
            gt_shape shape = gt_problem_given_shape(problem, given, array);
            facts[count++] = (gt_size_fact){array->row->rows, shape.size[0], array->name};
            if (array->kind == GT_PROBLEM_PARAMETER)
                facts[count++] = (gt_size_fact){array->row->columns, shape.size[1], array->name};
        }
    if (status == GT_OK)
        gt_dimensions_learn(&problem->dimensions, facts, count);
    return status;
}

/* m and T come from the first input. */
static gt_status learn_sequence(gt_cell_problem *problem, const gt_archive *given, gt_error *error)
{
    for (uint32_t i = 0; i < problem->array_count; i++) {
        const gt_problem_array *array = &problem->arrays[i];
        if (array->kind != GT_PROBLEM_INPUT || !array->given)
            continue;
        gt_shape shape = gt_problem_given_shape(problem, given, array);
        if (shape.rank != 2 && shape.rank != 3) {
            char text[80];
            return gt_error_set(error, GT_ERROR_SHAPE,
                                "the array '%s' is %s; expected (%s, m, T), or (%s, m) for one step", array->name,
                                gt_shape_format(shape, text, sizeof text), array->row->rows, array->row->rows);
        }
        problem->two_axes = shape.rank == 2;
        problem->examples = shape.size[1];
        problem->steps = shape.size[2];
        problem->examples_from = array->name;
        return GT_OK;
    }
    return gt_error_set(error, GT_ERROR_ARGUMENT, "the cell %s has no input that is given, so nothing tells m",
                        problem->cell->name);
}

/* ---- shapes -------------------------------------------------------------------------------- */

/* Where the sizes of an expected shape come from: " (n_a is 5 by Wf, m is 10 by x)". */
static void explain(const gt_cell_problem *problem, const gt_problem_array *array, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    const char *columns = array->row->columns != NULL ? array->row->columns : "";
    const gt_dimensions *d = &problem->dimensions;
    for (uint32_t i = 0; i < d->count && used < size; i++) {
        const char *name = d->names[i];
        if (d->from[i] == NULL)
            continue;
        if (strstr(array->row->rows, name) == NULL && strstr(columns, name) == NULL)
            continue;
        used += gt_utf8_format(text + used, size - used, "%s%s is %lld%s%s", used > 0 ? ", " : " (", name,
                               (long long)d->list[i].size, d->from[i][0] != '\0' ? " by " : "", d->from[i]);
    }
    if (array->kind != GT_PROBLEM_PARAMETER && used < size)
        used += gt_utf8_format(text + used, size - used, "%sm is %lld%s%s", used > 0 ? ", " : " (",
                               (long long)problem->examples, problem->examples_from != NULL ? " by " : "",
                               problem->examples_from != NULL ? problem->examples_from : "");
    if (used > 0 && used < size)
        snprintf(text + used, size - used, ")");
}

static gt_status misshapen(const gt_cell_problem *problem, const gt_problem_array *array, gt_shape shape,
                           const char *expected, gt_error *error)
{
    char is[80], why[240], what[160];
    explain(problem, array, why, sizeof why);
    return gt_error_set(error, GT_ERROR_SHAPE, "the array '%s' is %s; expected %s: %s%s", array->name,
                        gt_shape_format(shape, is, sizeof is), expected,
                        gt_problem_describe(problem, array, what, sizeof what), why);
}

/* The shape on the tape: what the table says, with m and T. */
static gt_status expected_shape(const gt_cell_problem *problem, gt_problem_array *array, gt_error *error)
{
    gt_status status =
        gt_cell_array_shape(array->row, problem->sizes, problem->size_count,
                            array->kind == GT_PROBLEM_PARAMETER ? 1 : problem->examples, &array->shape, error);
    if (status == GT_OK && array->kind != GT_PROBLEM_PARAMETER && array->kind != GT_PROBLEM_INITIAL)
        array->shape = GT_SHAPE(array->shape.size[0], array->shape.size[1], problem->steps);
    if (status == GT_OK && !gt_shape_valid(array->shape))
        status = gt_error_set(error, GT_ERROR_SIZE, "the array '%s' would be too large", array->name);
    return status;
}

/* Upstream gradients may be shorter in time, and have two axes only where the inputs have. */
static bool upstream_fits(const gt_cell_problem *problem, const gt_problem_array *array, gt_shape shape)
{
    return shape.size[0] == array->shape.size[0] && shape.size[1] == array->shape.size[1] &&
           shape.size[2] <= array->shape.size[2] && shape.size[3] == 1 && (shape.rank == 3 || problem->two_axes);
}

gt_status gt_problem_check_shape(const gt_cell_problem *problem, const gt_problem_array *array, gt_shape shape,
                                 gt_error *error)
{
    char expected[100];
    gt_shape_format(array->shape, expected, sizeof expected);
    bool fits = gt_shape_equal(shape, array->shape);
    if (array->kind >= GT_PROBLEM_STATE_UPSTREAM) {
        fits = upstream_fits(problem, array, shape);
        if (!problem->two_axes)
            snprintf(expected, sizeof expected, "(%lld, %lld, T') with T' from 1 to %lld",
                     (long long)array->shape.size[0], (long long)array->shape.size[1], (long long)problem->steps);
    } else if (array->kind == GT_PROBLEM_INPUT) {
        fits = fits && (shape.rank == 2) == problem->two_axes;
    }
    return fits ? GT_OK : misshapen(problem, array, shape, expected, error);
}

/* Without the axis of time where the inputs had none; a parameter as it was given. */
static gt_shape written_shape(const gt_cell_problem *problem, const gt_problem_array *array, gt_shape given)
{
    if (array->kind == GT_PROBLEM_PARAMETER && array->given)
        return given;
    if (array->kind == GT_PROBLEM_INPUT && problem->two_axes)
        return GT_SHAPE(array->shape.size[0], array->shape.size[1]);
    return array->shape;
}

gt_status gt_problem_set_shapes(gt_cell_problem *problem, gt_error *error)
{
    problem->size_count = gt_dimensions_known(&problem->dimensions, problem->sizes);
    problem->sizes[problem->size_count++] = (gt_dimension){"m", problem->examples};
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < problem->array_count && status == GT_OK; i++)
        status = expected_shape(problem, &problem->arrays[i], error);
    const gt_dimensions *d = &problem->dimensions;
    for (uint32_t i = 0; i < d->count && status == GT_ERROR_ARGUMENT; i++)
        if (d->from[i] == NULL)
            return gt_error_set(
                error, status,
                "no array tells what %s is, for none has it for a size by itself: give an array %s with "
                "that one number",
                d->names[i], d->names[i]);
    return status;
}

gt_status gt_problem_fit_shapes(gt_cell_problem *problem, const gt_archive *given, gt_error *error)
{
    gt_status status = learn_sequence(problem, given, error);
    if (status == GT_OK)
        status = learn_all(problem, given, error);
    if (status == GT_OK)
        status = gt_problem_set_shapes(problem, error);
    for (uint32_t i = 0; i < problem->array_count && status == GT_OK; i++) {
        gt_problem_array *array = &problem->arrays[i];
        gt_shape shape = gt_problem_given_shape(problem, given, array);
        if (array->given)
            status = gt_problem_check_shape(problem, array, shape, error);
        if (status == GT_OK)
            array->written = written_shape(problem, array, shape);
    }
    return status;
}

gt_status gt_problem_find_sizes(gt_cell_problem *problem, const gt_archive *given, gt_error *error)
{
    gt_status status = gt_problem_fit_shapes(problem, given, error);
    if (status == GT_ERROR_SHAPE)
        gt_problem_explain_order(problem, given, error);
    return status;
}

gt_status gt_cell_problem_shape(gt_cell_problem *problem, const gt_cell *cell, gt_dtype dtype,
                                const gt_dimensions *dimensions, int64_t examples, int64_t steps, bool with_outputs,
                                gt_error *error)
{
    *problem = (gt_cell_problem){.cell = cell, .dtype = dtype, .examples = examples, .steps = steps};
    gt_status status = gt_problem_list(problem, NULL, error);
    if (status != GT_OK)
        return status;
    gt_problem_choose_outputs(problem, with_outputs);
    for (uint32_t i = 0; i < problem->array_count; i++)
        problem->arrays[i].given = true;
    status = gt_dimensions_find(&problem->dimensions, cell, true, error);
    if (status == GT_OK)
        gt_dimensions_take(&problem->dimensions, dimensions->list, dimensions->count, "");
    return status == GT_OK ? gt_problem_set_shapes(problem, error) : status;
}
