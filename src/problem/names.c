/* A problem from its archive: the names, and all parts one after the other. */
#include "problem/problem.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "gradtape/nearest.h"
#include "io/members.h"

#include <string.h>

/* ---- the names ----------------------------------------------------------------------------- */

/* A state that begins with a parameter has no initial value beside it. */
static void add_arrays(gt_cell_problem *problem, gt_problem_kind kind, const gt_cell_array *rows, uint32_t count,
                       const char *before, const char *behind)
{
    for (uint32_t i = 0; i < count; i++) {
        if (kind == GT_PROBLEM_INITIAL && rows[i].begins_with != NULL)
            continue;
        gt_problem_array *array = &problem->arrays[problem->array_count++];
        array->kind = kind;
        array->row = &rows[i];
        array->place = i;
        gt_utf8_format(array->name, sizeof array->name, "%s%s%s", before, rows[i].name, behind);
    }
}

gt_problem_array *gt_problem_array_named(const gt_cell_problem *problem, const char *name)
{
    for (uint32_t i = 0; i < problem->array_count; i++)
        if (strcmp(problem->arrays[i].name, name) == 0)
            return &problem->arrays[i];
    return NULL;
}

const gt_problem_array *gt_problem_array_at(const gt_cell_problem *problem, gt_problem_kind kind, uint32_t place)
{
    for (uint32_t i = 0; i < problem->array_count; i++)
        if (problem->arrays[i].kind == kind && problem->arrays[i].place == place)
            return &problem->arrays[i];
    return NULL;
}

char *gt_problem_describe(const gt_cell_problem *problem, const gt_problem_array *array, char *text, size_t size)
{
    const char *cell = problem->cell->name, *rows = array->row->rows;
    const char *columns = array->row->columns != NULL ? array->row->columns : "1";
    switch (array->kind) {
    case GT_PROBLEM_INPUT:
        gt_utf8_format(text, size, "the input of %s, (%s, m, T) or (%s, m)", cell, rows, rows);
        break;
    case GT_PROBLEM_INITIAL:
        gt_utf8_format(text, size, "the initial state of %s, (%s, m)", cell, rows);
        break;
    case GT_PROBLEM_PARAMETER:
        gt_utf8_format(text, size, "a parameter of %s, (%s, %s)", cell, rows, columns);
        break;
    case GT_PROBLEM_STATE_UPSTREAM:
    case GT_PROBLEM_OUTPUT_UPSTREAM:
        gt_utf8_format(text, size, "the upstream gradient of %s, (%s, m, T') with T' <= T", array->row->name, rows);
        break;
    }
    return text;
}

/* ---- what is there, what is missing, what is too much ---------------------------------------- */

static gt_status unexpected(const gt_cell_problem *problem, const char *name, gt_error *error)
{
    gt_nearest nearest = {.wanted = name};
    const char *slash = strrchr(name, '/');
    if (slash != NULL && gt_problem_array_named(problem, slash + 1) != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "the array '%s' is in a folder of the archive: pack the files themselves (zip -j), so that "
                            "it is called '%s'",
                            name, slash + 1);
    char list[300] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < problem->array_count; i++) {
        gt_nearest_offer(&nearest, problem->arrays[i].name);
        if (used < sizeof list)
            used += gt_utf8_format(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", problem->arrays[i].name);
    }
    if (nearest.best != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "the array '%s' is extra: %s reads no such name; did you mean '%s'?", name,
                            problem->cell->name, nearest.best);
    return gt_error_set(error, GT_ERROR_ARGUMENT, "the array '%s' is extra: %s reads %s", name, problem->cell->name,
                        list);
}

/* Outputs are left out only where nothing of them was given. */
bool gt_problem_wants_outputs(const gt_cell_problem *problem)
{
    if (problem->cell->output_count == 0)
        return false;
    bool needs_parameters = false;
    for (uint32_t i = 0; i < problem->array_count; i++) {
        const gt_problem_array *array = &problem->arrays[i];
        bool of_output = array->kind == GT_PROBLEM_OUTPUT_UPSTREAM ||
                         (array->kind == GT_PROBLEM_PARAMETER && array->row->output_only);
        needs_parameters = needs_parameters || (of_output && array->kind == GT_PROBLEM_PARAMETER);
        if (of_output && array->given)
            return true;
    }
    return !needs_parameters;
}

gt_status gt_problem_check_presence(const gt_cell_problem *problem, gt_error *error)
{
    for (uint32_t i = 0; i < problem->array_count; i++) {
        const gt_problem_array *array = &problem->arrays[i];
        bool needed = (array->kind == GT_PROBLEM_INPUT && !array->row->drawn) || array->kind == GT_PROBLEM_PARAMETER;
        char what[160];
        if (needed && !array->given)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "the array '%s' is missing: %s", array->name,
                                gt_problem_describe(problem, array, what, sizeof what));
    }
    return GT_OK;
}

gt_status gt_problem_check_names(const gt_cell_problem *problem, const gt_archive *given, gt_error *error)
{
    for (uint32_t i = 0; gt_archive_name(given, i) != NULL; i++)
        if (gt_problem_array_named(problem, gt_archive_name(given, i)) == NULL &&
            !gt_problem_is_size(problem, gt_archive_name(given, i)))
            return unexpected(problem, gt_archive_name(given, i), error);
    return GT_OK;
}

/* Takes what belongs to outputs out of the list. */
static void leave_outputs_out(gt_cell_problem *problem)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < problem->array_count; i++)
        if (!problem->arrays[i].row->output_only && problem->arrays[i].kind != GT_PROBLEM_OUTPUT_UPSTREAM)
            problem->arrays[kept++] = problem->arrays[i];
    problem->array_count = kept;
}

gt_status gt_problem_list(gt_cell_problem *problem, const gt_archive *given, gt_error *error)
{
    const gt_cell *cell = problem->cell;
    size_t count =
        (size_t)cell->input_count + cell->parameter_count + cell->output_count + (size_t)2 * cell->state_count;
    problem->arrays = gt_memory_new(count, sizeof *problem->arrays);
    if (problem->arrays == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    add_arrays(problem, GT_PROBLEM_INPUT, cell->inputs, cell->input_count, "", "");
    add_arrays(problem, GT_PROBLEM_INITIAL, cell->states, cell->state_count, "", "0");
    add_arrays(problem, GT_PROBLEM_PARAMETER, cell->parameters, cell->parameter_count, "", "");
    add_arrays(problem, GT_PROBLEM_STATE_UPSTREAM, cell->states, cell->state_count, "d", "");
    add_arrays(problem, GT_PROBLEM_OUTPUT_UPSTREAM, cell->outputs, cell->output_count, "d", "");
    for (uint32_t i = 0; given != NULL && gt_archive_name(given, i) != NULL; i++) {
        gt_problem_array *array = gt_problem_array_named(problem, gt_archive_name(given, i));
        if (array != NULL)
            array->given = true;
    }
    return GT_OK;
}

void gt_problem_choose_outputs(gt_cell_problem *problem, bool wanted)
{
    problem->with_outputs = wanted && problem->cell->output != NULL && problem->cell->output_count > 0;
    if (!problem->with_outputs)
        leave_outputs_out(problem);
    for (uint32_t i = 0; i < problem->array_count; i++)
        problem->differentiated += problem->arrays[i].kind < GT_PROBLEM_STATE_UPSTREAM;
}

/* ---- all ----------------------------------------------------------------------------------- */

static gt_status take_entries(gt_cell_problem *problem, gt_archive *given, gt_error *error)
{
    gt_status status = gt_problem_make_room(problem, error);
    for (uint32_t i = 0; i < problem->array_count && status == GT_OK; i++) {
        gt_problem_array *array = &problem->arrays[i];
        if (!array->given && array->kind <= GT_PROBLEM_INITIAL)
            status = gt_problem_fill_initial(problem, array, error);
        if (!array->given)
            continue;
        status = gt_archive_load(given, array->name, error);
        /* Whole numbers are copied exactly or not at all. */
        bool whole = strncmp(gt_archive_type(given, array->name), "float", 5) != 0;
        if (status == GT_OK)
            status = gt_problem_copy(problem, array, gt_archive_find(given, array->name), whole, error);
    }
    return status;
}

gt_status gt_cell_problem_read(gt_cell_problem *problem, const gt_cell *cell, gt_archive *given, gt_dtype dtype,
                               gt_error *error)
{
    *problem = (gt_cell_problem){.cell = cell, .dtype = dtype};
    gt_status status = gt_problem_list(problem, given, error);
    if (status == GT_OK)
        status = gt_problem_check_names(problem, given, error);
    if (status == GT_OK) {
        gt_problem_choose_outputs(problem, gt_problem_wants_outputs(problem));
        status = gt_problem_check_presence(problem, error);
    }
    if (status == GT_OK)
        status = gt_problem_load_told(problem, given, error);
    if (status == GT_OK)
        status = gt_problem_find_sizes(problem, given, error);
    if (status == GT_OK)
        status = take_entries(problem, given, error);
    if (status != GT_OK)
        gt_cell_problem_free(problem);
    return status;
}

void gt_cell_problem_free(gt_cell_problem *problem)
{
    gt_memory_free(problem->arrays);
    gt_memory_free(problem->buffer);
    problem->arrays = NULL;
    problem->buffer = NULL;
    problem->array_count = problem->differentiated = 0;
}

bool gt_cell_problem_has_upstream(const gt_cell_problem *problem)
{
    for (uint32_t i = 0; i < problem->array_count; i++)
        if (problem->arrays[i].given && problem->arrays[i].kind >= GT_PROBLEM_STATE_UPSTREAM)
            return true;
    return false;
}
