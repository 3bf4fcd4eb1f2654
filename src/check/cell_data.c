#include "check/cell_data.h"

#include "base/initializer_formula.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "check/arrays.h"
#include "check/forward.h"
#include "gradtape/nearest.h"
#include "gradtape/random.h"
#include "problem/tape.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- random entries ------------------------------------------------------------------------ */

/*
 * Parameters near what the cell starts with, but none of them special: a mistake
 * that a zero bias hides would be found at the first step of training. Of a formula
 * the number is there.
 */
static double draw_parameter(gt_random *random, const gt_initializer *start, const gt_problem_array *array,
                             double there)
{
    double columns = (double)array->shape.size[1];
    if (start->kind == GT_INITIALIZE_UNIFORM)
        return start->a + (start->b - start->a) * gt_random_uniform(random);
    double normal = gt_random_normal(random);
    if (start->kind == GT_INITIALIZE_BERNOULLI)
        return (gt_random_uniform(random) < start->a) + 0.3 * normal;
    if (start->kind == GT_INITIALIZE_CONSTANT)
        return start->a + 0.3 * (start->a != 0 ? fabs(start->a) : 1) * normal;
    if (start->kind == GT_INITIALIZE_FORMULA)
        return there + 0.3 * (there != 0 ? fabs(there) : 1 / sqrt(columns)) * normal;
    return array->row->columns != NULL ? normal / sqrt(columns) : 0.3 * normal;
}

/* Of a mask with few zeros, or few ones, there are more, so that a mistake behind either is found. */
static double seen_probability(double probability)
{
    const double least = 0.2;
    return probability <= 0 || probability >= 1 ? probability : fmin(fmax(probability, least), 1 - least);
}

/* As the cell says, if it does; what it says is not stretched to reach further branches. */
static double draw_input(gt_random *random, const gt_draw *draw, const gt_initializer *said, double there)
{
    if (said->kind == GT_INITIALIZE_FORMULA)
        return there;
    if (said->kind == GT_INITIALIZE_UNIFORM)
        return said->a + (said->b - said->a) * gt_random_uniform(random);
    if (said->kind == GT_INITIALIZE_NORMAL)
        return said->a * gt_random_normal(random);
    if (said->kind == GT_INITIALIZE_BERNOULLI)
        return gt_random_uniform(random) < seen_probability(said->a);
    double value = draw->inputs * gt_random_normal(random);
    if (draw->zeros && gt_random_uniform(random) < 0.5)
        return 0;
    return draw->whole ? round(value) : value;
}

static gt_status draw_declared(gt_random *random, const gt_draw *draw, gt_cell_problem *d, gt_problem_array *array,
                               gt_error *error)
{
    gt_initializer said;
    gt_status status = gt_initializer_resolve(array->row->initializer, d->sizes, d->size_count, &said, error);
    gt_array whole = {.data = array->data, .dtype = GT_F64, .shape = array->shape};
    double *data = array->data;
    if (status == GT_OK && said.kind == GT_INITIALIZE_FORMULA)
        status = said.formula->fill(said.formula, gt_random_bits(random), array->name, whole, error);
    for (size_t k = 0; k < array->count && status == GT_OK; k++)
        data[k] = array->kind == GT_PROBLEM_PARAMETER ? draw->parameters * draw_parameter(random, &said, array, data[k])
                                                      : draw_input(random, draw, &said, data[k]);
    gt_initializer_release(said);
    return status;
}

static gt_status draw_array(gt_random *random, const gt_draw *draw, gt_cell_problem *d, gt_problem_array *array,
                            gt_error *error)
{
    double *data = array->data;
    if (array->kind == GT_PROBLEM_PARAMETER || array->kind == GT_PROBLEM_INPUT ||
        (array->kind == GT_PROBLEM_INITIAL && array->row->drawn))
        return draw_declared(random, draw, d, array, error);
    for (size_t k = 0; k < array->count; k++) {
        if (array->kind == GT_PROBLEM_INITIAL)
            data[k] = array->row->initializer.kind == GT_INITIALIZE_CONSTANT ? array->row->initializer.a : 0;
        else
            data[k] = gt_random_normal(random);
    }
    return GT_OK;
}

static bool is_finite(const double *values, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (!isfinite(values[k]))
            return false;
    return true;
}

/* A state that never leaves its initial value would hide all mistakes that it is a factor of. */
static void leave_start(gt_random *random, const gt_problem_array *state)
{
    const gt_initializer *start = &state->row->initializer;
    double value = start->kind == GT_INITIALIZE_CONSTANT ? start->a : 0;
    double *data = state->data;
    for (size_t k = 0; k < state->count; k++)
        if (data[k] == value)
            data[k] += 0.3 * gt_random_normal(random);
}

/*
 * Runs the cell from its initial states and puts its last states in their place, unless
 * some are not finite: where they come from is found when the cell is checked.
 */
static gt_status warm_up(gt_cell_problem *d, gt_random *random, const gt_draw *draw, gt_error *error)
{
    gt_cell_tape t = {0};
    gt_forward forward = {0};
    double *results = gt_memory_new(d->y_count, sizeof *results);
    gt_status status = GT_OK;
    if (results == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for states");
    for (uint32_t i = 0; i < d->differentiated; i++)
        if (d->arrays[i].kind == GT_PROBLEM_INPUT)
            status = status == GT_OK ? draw_array(random, draw, d, &d->arrays[i], error) : status;
    if (status == GT_OK)
        status = gt_cell_tape_open(&t, d, false, error);
    if (status == GT_OK)
        status =
            gt_forward_open(&forward, t.results, t.result_count, t.arrays, d->differentiated, d->buffer, false, error);
    if (status == GT_OK)
        status = gt_forward_call(&forward, d->buffer, results, error);
    bool usable = status == GT_OK && is_finite(results, d->y_count);
    for (uint32_t i = 0; i < d->cell->state_count && usable; i++) {
        const gt_problem_array *initial = gt_problem_array_at(d, GT_PROBLEM_INITIAL, i);
        const gt_problem_array *upstream = gt_problem_array_at(d, GT_PROBLEM_STATE_UPSTREAM, i);
        const double *states = results + (upstream->first - d->x_count);
        if (initial == NULL || initial->row->drawn) /* it begins with a parameter, or keeps what it is */
            continue;
        memcpy(initial->data, states + (upstream->count - initial->count), initial->count * sizeof *states);
        leave_start(random, initial);
    }
    gt_forward_close(&forward);
    gt_cell_tape_close(&t);
    gt_memory_free(results);
    return status;
}

/* ---- given arrays -------------------------------------------------------------------------- */

static gt_status copy_given(gt_cell_problem *d, gt_problem_array *array, gt_array given, gt_error *error)
{
    gt_status status = gt_problem_check_shape(d, array, given.shape, error);
    return status == GT_OK ? gt_problem_copy(d, array, given, false, error) : status;
}

/* With an archive nothing is random: what it does not have is at its default. */
static gt_status take_given(gt_cell_problem *d, const gt_archive *given, gt_error *error)
{
    gt_status status = gt_problem_check_presence(d, error);
    for (uint32_t i = 0; i < d->array_count && status == GT_OK; i++) {
        gt_problem_array *array = &d->arrays[i];
        if (array->given)
            status = copy_given(d, array, gt_archive_find(given, array->name), error);
        else if (array->kind <= GT_PROBLEM_INITIAL)
            status = gt_problem_fill_initial(d, array, error);
    }
    return status;
}

/* A name that is none of the cell's arrays: a gradient, or a slip. */
static gt_status unknown_array(const gt_cell_problem *d, const char *name, gt_error *error)
{
    gt_nearest nearest = {.wanted = name};
    for (uint32_t i = 0; i < d->array_count; i++) {
        const char *array = d->arrays[i].name;
        if (i < d->differentiated && name[0] == 'd' && strcmp(name + 1, array) == 0)
            return gt_error_set(error, GT_ERROR_ARGUMENT,
                                "the array '%s' is a gradient: a point has none; gradients are compared "
                                "with --against",
                                name);
        gt_nearest_offer(&nearest, array);
    }
    return gt_error_set(error, GT_ERROR_ARGUMENT, "the array '%s' is no array of %s%s%s%s", name, d->cell->name,
                        nearest.best != NULL ? "; did you mean '" : "", nearest.best != NULL ? nearest.best : "",
                        nearest.best != NULL ? "'?" : "");
}

/* A point of one's own: what the archive has takes the place of what was drawn. */
static gt_status take_point(gt_cell_problem *d, const gt_archive *at, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; gt_archive_name(at, i) != NULL && status == GT_OK; i++) {
        gt_problem_array *array = gt_problem_array_named(d, gt_archive_name(at, i));
        if (array != NULL && array->kind >= GT_PROBLEM_STATE_UPSTREAM) /* it may have fewer steps */
            memset(array->data, 0, array->count * sizeof(double));
        status = array != NULL ? copy_given(d, array, gt_archive_find(at, array->name), error)
                               : unknown_array(d, gt_archive_name(at, i), error);
    }
    return status;
}

/* ---- all ----------------------------------------------------------------------------------- */

/* What the caller says of the cell's dimensions, and the shapes that follow. */
static gt_status set_sizes(gt_cell_problem *d, const gt_dimension *list, uint32_t count, gt_error *error)
{
    gt_status status = gt_dimensions_find(&d->dimensions, d->cell, true, error);
    if (status != GT_OK)
        return status;
    gt_dimensions_take(&d->dimensions, list, count, "");
    return gt_problem_set_shapes(d, error);
}

static gt_status make_room(gt_cell_problem *d, gt_error *error)
{
    for (uint32_t i = 0; i < d->array_count; i++)
        if (gt_shape_count(d->arrays[i].shape) > INT32_MAX)
            return gt_error_set(error, GT_ERROR_SIZE, "check: the array %s would have too many entries",
                                d->arrays[i].name);
    return gt_problem_make_room(d, error);
}

static gt_status draw_point(gt_cell_problem *d, uint32_t seed, const gt_draw *draw, gt_error *error)
{
    gt_random random;
    gt_status status = GT_OK;
    gt_random_seed(&random, seed);
    for (uint32_t i = 0; i < d->array_count && status == GT_OK; i++)
        status = draw_array(&random, draw, d, &d->arrays[i], error);
    if (status == GT_OK && !draw->start)
        status = warm_up(d, &random, draw, error);
    for (uint32_t i = 0; i < d->differentiated && status == GT_OK; i++)
        if (d->arrays[i].kind == GT_PROBLEM_INPUT)
            status = draw_array(&random, draw, d, &d->arrays[i], error);
    return status;
}

gt_status gt_cell_data_open(gt_cell_problem *d, const gt_cell *cell, const gt_check_problem *problem, uint32_t seed,
                            const gt_draw *draw, gt_error *error)
{
    static const gt_draw usual = {.inputs = 1, .parameters = 1};
    const gt_archive *given = problem->given;
    *d = (gt_cell_problem){.cell = cell,
                           .dtype = GT_F64,
                           .examples = problem->examples > 0 ? problem->examples : 10,
                           .steps = problem->steps > 0 ? problem->steps : 7};
    gt_status status = gt_problem_list(d, given, error);
    if (status == GT_OK) {
        gt_problem_choose_outputs(d, given == NULL || gt_problem_wants_outputs(d));
        status = set_sizes(d, problem->dimensions, problem->dimension_count, error);
    }
    if (status == GT_OK)
        status = make_room(d, error);
    if (status == GT_OK && given != NULL)
        status = take_given(d, given, error);
    /* Every upstream gradient takes part, if with zeros. */
    for (uint32_t i = 0; i < d->array_count; i++)
        d->arrays[i].given = true;
    if (status == GT_OK && given == NULL)
        status = draw_point(d, seed, draw != NULL ? draw : &usual, error);
    return status == GT_OK && problem->at != NULL ? take_point(d, problem->at, error) : status;
}

gt_status gt_cell_data_first_step(gt_cell_problem *first, const gt_cell_problem *d, gt_error *error)
{
    *first = (gt_cell_problem){.cell = d->cell, .dtype = d->dtype, .examples = d->examples, .steps = 1};
    gt_status status = gt_problem_list(first, NULL, error);
    if (status == GT_OK) {
        gt_problem_choose_outputs(first, d->with_outputs);
        status = set_sizes(first, d->sizes, d->size_count, error);
    }
    if (status == GT_OK)
        status = make_room(first, error);
    for (uint32_t i = 0; i < first->array_count && status == GT_OK; i++) {
        gt_problem_array *array = &first->arrays[i];
        array->given = true;
        memcpy(array->data, d->arrays[i].data, array->count * sizeof(double));
    }
    return status;
}
