#include "check/cell_data.h"

#include "base/memory.h"
#include "check/arrays.h"
#include "check/forward.h"
#include "gradtape/nearest.h"
#include "gradtape/random.h"
#include "gradtape/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the list of arrays -------------------------------------------------------------------- */

static gt_status add_rows(gt_cell_data *d, gt_data_kind kind, const gt_cell_array *rows,
                          uint32_t count, const char *before, const char *behind, gt_error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].output_only && !d->with_outputs)
            continue;
        gt_data_array *array = &d->arrays[d->array_count++];
        *array = (gt_data_array){.kind = kind, .row = &rows[i], .place = i};
        gt_utf8_format(array->name, sizeof array->name, "%s%s%s", before, rows[i].name, behind);
        gt_status status = gt_cell_array_shape(&rows[i], d->dimensions, d->dimension_count,
                                               kind == GT_DATA_PARAMETER ? 1 : d->examples,
                                               &array->shape, error);
        if (status != GT_OK)
            return status;
        if (kind != GT_DATA_PARAMETER && kind != GT_DATA_INITIAL)
            array->shape = GT_SHAPE(array->shape.size[0], d->examples, d->steps);
        int64_t entries = gt_shape_count(array->shape);
        if (entries < 1 || entries > INT32_MAX)
            return gt_error_set(error, GT_ERROR_SIZE, "check: the array %s would have too many entries",
                                array->name);
        array->count = (size_t)entries;
    }
    return GT_OK;
}

static gt_status list_arrays(gt_cell_data *d, gt_error *error)
{
    const gt_cell *cell = d->cell;
    size_t most = (size_t)cell->input_count + 2 * (size_t)cell->state_count +
                  cell->parameter_count + cell->output_count;
    d->arrays = gt_memory_new(most, sizeof *d->arrays);
    if (d->arrays == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for arrays");
    gt_status status = add_rows(d, GT_DATA_INPUT, cell->inputs, cell->input_count, "", "", error);
    if (status == GT_OK)
        status = add_rows(d, GT_DATA_INITIAL, cell->states, cell->state_count, "", "0", error);
    if (status == GT_OK)
        status = add_rows(d, GT_DATA_PARAMETER, cell->parameters, cell->parameter_count, "", "",
                          error);
    d->differentiated = d->array_count;
    if (status == GT_OK)
        status = add_rows(d, GT_DATA_STATE_UPSTREAM, cell->states, cell->state_count, "d", "", error);
    if (status == GT_OK && d->with_outputs)
        status = add_rows(d, GT_DATA_OUTPUT_UPSTREAM, cell->outputs, cell->output_count, "d", "",
                          error);
    return status;
}

static gt_status place_arrays(gt_cell_data *d, gt_error *error)
{
    size_t total = 0;
    for (uint32_t i = 0; i < d->array_count; i++)
        total = gt_size_add(total, d->arrays[i].count);
    d->buffer = gt_memory_new(total, sizeof *d->buffer);
    if (d->buffer == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for %zu entries", total);
    size_t first = 0;
    for (uint32_t i = 0; i < d->array_count; i++) {
        d->arrays[i].data = d->buffer + first;
        first += d->arrays[i].count;
        if (i < d->differentiated)
            d->x_count = first;
    }
    d->y_count = total - d->x_count;
    return GT_OK;
}

const gt_data_array *gt_cell_data_find(const gt_cell_data *d, gt_data_kind kind, uint32_t place)
{
    for (uint32_t i = 0; i < d->array_count; i++)
        if (d->arrays[i].kind == kind && d->arrays[i].place == place)
            return &d->arrays[i];
    return NULL;
}

/* ---- random entries ------------------------------------------------------------------------ */

/*
 * Parameters near what the cell starts with, but none of them special: a mistake
 * that a zero bias hides would be found at the first step of training.
 */
static double draw_parameter(gt_random *random, const gt_cell_array *row, double columns)
{
    const gt_initializer *start = &row->initializer;
    if (start->kind == GT_INITIALIZE_UNIFORM)
        return start->a + (start->b - start->a) * gt_random_uniform(random);
    double normal = gt_random_normal(random);
    if (start->kind == GT_INITIALIZE_CONSTANT)
        return start->a + 0.3 * (start->a != 0 ? fabs(start->a) : 1) * normal;
    return row->columns != NULL ? normal / sqrt(columns) : 0.3 * normal;
}

static double draw_input(gt_random *random, const gt_draw *draw)
{
    double value = draw->inputs * gt_random_normal(random);
    if (draw->zeros && gt_random_uniform(random) < 0.5)
        return 0;
    return draw->whole ? round(value) : value;
}

static void draw_array(gt_random *random, const gt_draw *draw, gt_data_array *array)
{
    for (size_t k = 0; k < array->count; k++) {
        if (array->kind == GT_DATA_PARAMETER)
            array->data[k] = draw->parameters *
                             draw_parameter(random, array->row, (double)array->shape.size[1]);
        else if (array->kind == GT_DATA_INPUT)
            array->data[k] = draw_input(random, draw);
        else if (array->kind == GT_DATA_INITIAL)
            array->data[k] = array->row->initializer.kind == GT_INITIALIZE_CONSTANT
                                 ? array->row->initializer.a
                                 : 0;
        else
            array->data[k] = gt_random_normal(random);
    }
}

static bool is_finite(const double *values, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (!isfinite(values[k]))
            return false;
    return true;
}

/* A state that never leaves its initial value would hide all mistakes that it is a factor of. */
static void leave_start(gt_random *random, const gt_data_array *state)
{
    const gt_initializer *start = &state->row->initializer;
    double value = start->kind == GT_INITIALIZE_CONSTANT ? start->a : 0;
    for (size_t k = 0; k < state->count; k++)
        if (state->data[k] == value)
            state->data[k] += 0.3 * gt_random_normal(random);
}

/*
 * Runs the cell from its initial states and puts its last states in their place, unless
 * some are not finite: where they come from is found when the cell is checked.
 */
static gt_status warm_up(gt_cell_data *d, gt_random *random, const gt_draw *draw, gt_error *error)
{
    gt_cell_tape t = {0};
    gt_forward forward = {0};
    double *results = gt_memory_new(d->y_count, sizeof *results);
    gt_status status = GT_OK;
    if (results == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for states");
    for (uint32_t i = 0; i < d->differentiated; i++)
        if (d->arrays[i].kind == GT_DATA_INPUT)
            draw_array(random, draw, &d->arrays[i]);
    if (status == GT_OK)
        status = gt_cell_tape_open(&t, d, false, error);
    if (status == GT_OK)
        status = gt_forward_open(&forward, t.results, t.result_count, t.arrays, d->differentiated,
                                 d->buffer, false, error);
    if (status == GT_OK)
        status = gt_forward_call(&forward, d->buffer, results, error);
    bool usable = status == GT_OK && is_finite(results, d->y_count);
    for (uint32_t i = 0; i < d->cell->state_count && usable; i++) {
        const gt_data_array *initial = gt_cell_data_find(d, GT_DATA_INITIAL, i);
        const gt_data_array *upstream = gt_cell_data_find(d, GT_DATA_STATE_UPSTREAM, i);
        const double *states = results + (upstream->data - d->buffer - (ptrdiff_t)d->x_count);
        memcpy(initial->data, states + (upstream->count - initial->count),
               initial->count * sizeof *states);
        leave_start(random, initial);
    }
    gt_forward_close(&forward);
    gt_cell_tape_close(&t);
    gt_memory_free(results);
    return status;
}

/* ---- given arrays -------------------------------------------------------------------------- */

static gt_status copy_given(const gt_data_array *array, gt_array given, gt_error *error)
{
    bool upstream = array->kind >= GT_DATA_STATE_UPSTREAM;
    bool fits = gt_shape_equal(given.shape, array->shape);
    if (upstream) /* shorter in time: zero at later steps */
        fits = given.shape.size[0] == array->shape.size[0] &&
               given.shape.size[1] == array->shape.size[1] && given.shape.size[3] == 1 &&
               given.shape.size[2] <= array->shape.size[2];
    if (!fits) {
        char is[80], expected[80];
        return gt_error_set(error, GT_ERROR_SHAPE, "the array '%s' is %s; expected %s%s", array->name,
                            gt_shape_format(given.shape, is, sizeof is),
                            gt_shape_format(array->shape, expected, sizeof expected),
                            upstream ? ", or fewer steps" : "");
    }
    for (size_t k = 0; k < (size_t)gt_shape_count(given.shape); k++) {
        double entry = given.dtype == GT_F32   ? (double)((const float *)given.data)[k]
                       : given.dtype == GT_I32 ? (double)((const int32_t *)given.data)[k]
                                               : ((const double *)given.data)[k];
        if (!isfinite(entry))
            return gt_error_set(error, GT_ERROR_NOT_FINITE, "the array '%s' has an entry that is not finite",
                                array->name);
        array->data[k] = entry;
    }
    return GT_OK;
}

/* With an archive nothing is random: what it does not have is at its default. */
static gt_status take_given(gt_cell_data *d, const gt_archive *given, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < d->array_count && status == GT_OK; i++) {
        gt_data_array *array = &d->arrays[i];
        gt_array entries = gt_archive_find(given, array->name);
        if (entries.data != NULL)
            status = copy_given(array, entries, error);
        else if (array->kind == GT_DATA_INITIAL)
            draw_array(NULL, NULL, array);
        else if (array->kind == GT_DATA_INPUT || array->kind == GT_DATA_PARAMETER)
            status = gt_error_set(error, GT_ERROR_ARGUMENT, "the array '%s' is missing", array->name);
    }
    return status;
}

/* A name that is none of the cell's arrays: a gradient, or a slip. */
static gt_status unknown_array(const gt_cell_data *d, const char *name, gt_error *error)
{
    gt_nearest nearest = {.wanted = name};
    for (uint32_t i = 0; i < d->array_count; i++) {
        const char *array = d->arrays[i].name;
        if (i < d->differentiated && name[0] == 'd' && strcmp(name + 1, array) == 0)
            return gt_error_set(error, GT_ERROR_ARGUMENT,
                                "the array '%s' is a gradient: a point has none; gradients are compared "
                                "with --against", name);
        gt_nearest_offer(&nearest, array);
    }
    return gt_error_set(error, GT_ERROR_ARGUMENT, "the array '%s' is no array of %s%s%s%s", name,
                        d->cell->name, nearest.best != NULL ? "; did you mean '" : "",
                        nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "'?" : "");
}

/* A point of one's own: what the archive has takes the place of what was drawn. */
static gt_status take_point(gt_cell_data *d, const gt_archive *at, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; gt_archive_name(at, i) != NULL && status == GT_OK; i++) {
        gt_data_array *array = NULL;
        for (uint32_t k = 0; k < d->array_count && array == NULL; k++)
            if (strcmp(d->arrays[k].name, gt_archive_name(at, i)) == 0)
                array = &d->arrays[k];
        if (array != NULL && array->kind >= GT_DATA_STATE_UPSTREAM) /* it may have fewer steps */
            memset(array->data, 0, array->count * sizeof *array->data);
        status = array != NULL ? copy_given(array, gt_archive_find(at, array->name), error)
                               : unknown_array(d, gt_archive_name(at, i), error);
    }
    return status;
}

/* The parameters of outputs may be left out of an archive, and with them the outputs. */
static bool wants_outputs(const gt_cell *cell, const gt_archive *given)
{
    if (cell->output == NULL || cell->output_count == 0)
        return false;
    bool needed = false;
    for (uint32_t i = 0; i < cell->parameter_count && given != NULL; i++) {
        bool there = gt_archive_find(given, cell->parameters[i].name).data != NULL;
        needed = needed || cell->parameters[i].output_only;
        if (cell->parameters[i].output_only && there)
            return true;
    }
    return !needed;
}

/* ---- all ----------------------------------------------------------------------------------- */

static gt_status copy_dimensions(gt_cell_data *d, const gt_dimension *dimensions, uint32_t count,
                                 gt_error *error)
{
    d->dimensions = gt_memory_new((size_t)count + 1, sizeof *d->dimensions);
    if (d->dimensions == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for dimensions");
    if (count > 0)
        memcpy(d->dimensions, dimensions, count * sizeof *dimensions);
    d->dimensions[count] = (gt_dimension){"m", d->examples};
    d->dimension_count = count + 1;
    return GT_OK;
}

static gt_status draw_point(gt_cell_data *d, uint32_t seed, const gt_draw *draw, gt_error *error)
{
    gt_random random;
    gt_random_seed(&random, seed);
    for (uint32_t i = 0; i < d->array_count; i++)
        draw_array(&random, draw, &d->arrays[i]);
    gt_status status = warm_up(d, &random, draw, error);
    for (uint32_t i = 0; i < d->differentiated; i++)
        if (d->arrays[i].kind == GT_DATA_INPUT)
            draw_array(&random, draw, &d->arrays[i]);
    return status;
}

gt_status gt_cell_data_open(gt_cell_data *d, const gt_cell *cell, const gt_check_problem *problem,
                            uint32_t seed, const gt_draw *draw, gt_error *error)
{
    static const gt_draw usual = {.inputs = 1, .parameters = 1};
    *d = (gt_cell_data){.cell = cell,
                        .examples = problem->examples > 0 ? problem->examples : 10,
                        .steps = problem->steps > 0 ? problem->steps : 7,
                        .with_outputs = wants_outputs(cell, problem->given)};
    gt_status status = copy_dimensions(d, problem->dimensions, problem->dimension_count, error);
    if (status == GT_OK)
        status = list_arrays(d, error);
    if (status == GT_OK)
        status = place_arrays(d, error);
    if (status != GT_OK)
        return status;
    if (problem->given != NULL)
        return take_given(d, problem->given, error);
    status = draw_point(d, seed, draw != NULL ? draw : &usual, error);
    return status == GT_OK && problem->at != NULL ? take_point(d, problem->at, error) : status;
}

gt_status gt_cell_data_first_step(gt_cell_data *first, const gt_cell_data *d, gt_error *error)
{
    *first = (gt_cell_data){.cell = d->cell, .examples = d->examples, .steps = 1,
                            .with_outputs = d->with_outputs};
    gt_status status = copy_dimensions(first, d->dimensions, d->dimension_count - 1, error);
    if (status == GT_OK)
        status = list_arrays(first, error);
    if (status == GT_OK)
        status = place_arrays(first, error);
    for (uint32_t i = 0; i < first->array_count && status == GT_OK; i++)
        memcpy(first->arrays[i].data, d->arrays[i].data,
               first->arrays[i].count * sizeof *first->buffer);
    return status;
}

void gt_cell_data_close(gt_cell_data *d)
{
    gt_memory_free(d->dimensions);
    gt_memory_free(d->arrays);
    gt_memory_free(d->buffer);
    *d = (gt_cell_data){0};
}
