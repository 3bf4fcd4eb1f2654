/* A problem on the tape: recorded, differentiated, run, and its results named. */
#include "base/entry.h"
#include "problem/problem.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "gradtape/plan.h"
#include "problem/tape.h"

#include <math.h>

/* ---- results ------------------------------------------------------------------------------- */

/* What is to be computed, under which name and in which shape it is written. */
typedef struct result_list {
    gt_var *vars;
    char (*names)[GT_PROBLEM_NAME_SIZE + 1];
    gt_shape *shapes;
    uint32_t count;
} result_list;

static void add_result(result_list *list, gt_var var, const char *before, const char *name, gt_shape shape)
{
    list->vars[list->count] = var;
    list->shapes[list->count] = shape;
    gt_utf8_format(list->names[list->count], sizeof *list->names, "%s%s", before, name);
    list->count++;
}

static gt_shape without_time(const gt_cell_problem *problem, gt_shape shape)
{
    return problem->two_axes ? GT_SHAPE(shape.size[0], shape.size[1]) : shape;
}

static void add_forward_results(result_list *list, const gt_cell_tape *record, const gt_cell_problem *problem)
{
    for (uint32_t i = 0; i < record->result_count; i++)
        add_result(list, record->results[i], "", problem->arrays[problem->differentiated + i].row->name,
                   without_time(problem, gt_var_shape(record->results[i])));
}

static gt_status add_gradients(result_list *list, const gt_cell_tape *record, const gt_cell_problem *problem)
{
    gt_var gradients[3 * GT_MAX_CELL_ARRAYS] = {GT_NONE};
    gt_status status = gt_cell_tape_differentiate(record, problem, gradients);
    for (uint32_t j = 0; j < problem->differentiated && status == GT_OK; j++)
        add_result(list, gradients[j], "d", problem->arrays[j].name, problem->arrays[j].written);
    return status;
}

static gt_status store(const result_list *list, uint32_t i, const void *value, gt_dtype dtype, gt_archive *results,
                       gt_error *error)
{
    /* The archive copies; the cast only takes off a const. */
    gt_array array = {(void *)(uintptr_t)value, dtype, list->shapes[i]};
    return gt_archive_add(results, list->names[i], array, error);
}

/* ---- the interpreter ------------------------------------------------------------------------- */

/* An interpreter that has computed the list; NULL on an error. */
static gt_interpreter *interpret(const gt_cell_tape *record, const gt_cell_problem *problem, const result_list *list,
                                 gt_error *error)
{
    gt_interpreter *run = gt_problem_interpreter(record, problem, error);
    if (run == NULL)
        return NULL;
    gt_interpreter_check_finite(run, true);
    gt_status status = gt_interpreter_evaluate(run, list->vars, list->count);
    if (status == GT_OK)
        return run;
    gt_cell_tape_failed(record, run, status, error);
    gt_interpreter_free(run);
    return NULL;
}

static gt_status run_interpreter(const gt_cell_tape *record, const gt_cell_problem *problem, const result_list *list,
                                 gt_archive *results, gt_error *error)
{
    gt_error reason = {0};
    gt_interpreter *run = interpret(record, problem, list, &reason);
    if (run == NULL)
        return gt_error_set(error, reason.status, "%s", reason.message);
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < list->count && status == GT_OK; i++)
        status = store(list, i, gt_interpreter_value(run, list->vars[i]), problem->dtype, results, error);
    gt_interpreter_free(run);
    return status;
}

/* ---- the planner ----------------------------------------------------------------------------- */

static bool is_finite(const void *value, gt_dtype dtype, gt_shape shape)
{
    int64_t count = gt_shape_count(shape);
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(gt_entry_at(value, dtype, i)))
            return false;
    return true;
}

/* The interpreter finds out where it came from. */
static gt_status not_finite(const gt_cell_tape *record, const gt_cell_problem *problem, const result_list *list,
                            uint32_t i, gt_error *error)
{
    gt_error reason = {0};
    gt_interpreter *run = interpret(record, problem, list, &reason);
    gt_interpreter_free(run);
    if (run == NULL)
        return gt_error_set(error, reason.status, "%s", reason.message);
    return gt_error_set(error, GT_ERROR_NOT_FINITE, "%s is not finite as planned, but is by the interpreter",
                        list->names[i]);
}

static gt_status run_workspace(const gt_cell_tape *record, const gt_cell_problem *problem, const result_list *list,
                               gt_workspace *work, gt_archive *results, gt_error *error)
{
    gt_status status = work == NULL ? GT_ERROR_MEMORY : GT_OK;
    for (uint32_t i = 0; i < problem->array_count && status == GT_OK; i++)
        if (record->arrays[i].tape != NULL)
            status = gt_workspace_bind(work, record->arrays[i], problem->arrays[i].data);
    if (status == GT_OK)
        status = gt_workspace_run(work);
    if (status != GT_OK)
        return gt_error_set(error, status, "%s", gt_workspace_message(work));
    for (uint32_t i = 0; i < list->count && status == GT_OK; i++) {
        const void *value = gt_workspace_value(work, i);
        status = is_finite(value, problem->dtype, list->shapes[i])
                     ? store(list, i, value, problem->dtype, results, error)
                     : not_finite(record, problem, list, i, error);
    }
    return status;
}

static gt_status run_planner(const gt_cell_tape *record, const gt_cell_problem *problem, const gt_problem_way *way,
                             const result_list *list, gt_archive *results, gt_error *error)
{
    gt_plan_options options = {.exact = way->engine == GT_ENGINE_EXACT};
    gt_error problem_of_plan = {0};
    gt_plan *plan = gt_plan_new(list->vars, list->count, &options, &problem_of_plan);
    if (plan == NULL)
        return gt_error_set(error, problem_of_plan.status, "%s", problem_of_plan.message);
    gt_workspace *work = gt_workspace_new_on(plan, way->threads);
    gt_status status = run_workspace(record, problem, list, work, results, error);
    gt_workspace_free(work);
    gt_plan_free(plan);
    return status;
}

static gt_status run(const gt_cell_tape *record, const gt_cell_problem *problem, const gt_problem_way *way,
                     result_list *list, gt_archive *results, gt_error *error)
{
    add_forward_results(list, record, problem);
    gt_status status = GT_OK;
    if (gt_cell_problem_has_upstream(problem))
        status = add_gradients(list, record, problem);
    if (status != GT_OK)
        return gt_cell_tape_failed(record, NULL, status, error);
    return way->engine == GT_ENGINE_INTERPRETER ? run_interpreter(record, problem, list, results, error)
                                                : run_planner(record, problem, way, list, results, error);
}

gt_status gt_cell_problem_run(const gt_cell_problem *problem, const gt_problem_way *way, gt_archive *results,
                              gt_error *error)
{
    static const gt_problem_way usual = {.engine = GT_ENGINE_PLANNER};
    way = way != NULL ? way : &usual;
    result_list list = {
        .vars = gt_memory_new(problem->array_count, sizeof *list.vars),
        .names = gt_memory_new(problem->array_count, sizeof *list.names),
        .shapes = gt_memory_new(problem->array_count, sizeof *list.shapes),
    };
    gt_cell_tape record = {0};
    gt_status status = GT_OK;
    if (list.vars == NULL || list.names == NULL || list.shapes == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    if (status == GT_OK)
        status = gt_cell_tape_open(&record, problem, way->unrolled, error);
    if (status == GT_OK)
        status = run(&record, problem, way, &list, results, error);
    gt_cell_tape_close(&record);
    gt_memory_free(list.vars);
    gt_memory_free(list.names);
    gt_memory_free(list.shapes);
    return status;
}
