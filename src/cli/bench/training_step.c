#include "cli/bench/training_step.h"

#include "base/entry.h"
#include "base/utf8.h"
#include "cli/bench/clock.h"
#include "models/dimensions.h"
#include "plan/describe/description.h"
#include "problem/tape.h"

#include <math.h>
#include <stdlib.h>

enum { USUAL_SIZE = 256 };

gt_status gt_step_read_dimensions(gt_step_settings *settings, const char *text, gt_error *error)
{
    gt_dimensions *d = &settings->dimensions;
    gt_status status = gt_dimensions_find(d, settings->cell, gt_cell_handed_on(settings->cell) >= 0, error);
    if (status == GT_OK)
        status = gt_dimensions_read(d, settings->cell, "--dims", text, error);
    gt_dimensions_all(d, USUAL_SIZE);
    return status;
}

void gt_step_settings_json(const gt_step_settings *s, const gt_reads *reads, int64_t threads, gt_json *json)
{
    char names[256];
    gt_json_text(json, "cell", s->cell->name);
    gt_json_object(json, "dims");
    gt_json_dimensions(&s->dimensions, json);
    gt_json_close(json);
    gt_json_integer(json, "batch", s->batch);
    gt_json_integer(json, "steps", s->steps);
    gt_json_text(json, "dtype", gt_dtype_name(s->dtype));
    if (threads > 0)
        gt_json_integer(json, "threads", threads);
    gt_reads_names(reads, s->cell, names, sizeof names);
    gt_json_text(json, "reads", names);
    gt_json_boolean(json, "forward", s->forward);
    gt_json_boolean(json, "unrolled", s->unrolled);
}

/* ---- recording ----------------------------------------------------------------------------- */

static bool is_read(const gt_reads *reads, const gt_problem_array *upstream)
{
    return upstream->kind == GT_PROBLEM_STATE_UPSTREAM ? reads->states[upstream->place]
                                                       : reads->outputs[upstream->place];
}

static void name_if_nameless(gt_var v, const char *before, const char *name)
{
    char text[96];
    gt_utf8_format(text, sizeof text, "%s%s", before, name);
    if (gt_var_valid(v) && gt_var_name(v)[0] == '\0')
        gt_name(v, text);
}

static void list_vars(gt_training_step *step, const gt_cell_problem *problem, bool forward)
{
    const gt_cell_tape *record = &step->record;
    for (uint32_t i = 0; i < problem->array_count; i++)
        if (record->arrays[i].tape != NULL)
            step->given[step->given_count++] = record->arrays[i];
    if (!forward && gt_cell_tape_differentiate(record, problem, step->outputs) == GT_OK) {
        step->output_count = problem->differentiated;
        for (uint32_t i = 0; i < step->output_count; i++)
            name_if_nameless(step->outputs[i], "d", problem->arrays[i].name);
    }
    for (uint32_t i = 0; i < record->result_count; i++) {
        const gt_problem_array *upstream = &problem->arrays[problem->differentiated + i];
        if (!is_read(&step->reads, upstream))
            continue;
        name_if_nameless(record->results[i], "", upstream->row->name);
        step->outputs[step->output_count++] = record->results[i];
    }
}

gt_status gt_training_step_record(gt_training_step *step, const gt_step_settings *settings, gt_error *error)
{
    const gt_cell *cell = settings->cell;
    gt_cell_problem problem = {0};
    *step = (gt_training_step){0};
    if (cell->state_count == 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s has no state", cell->name);
    gt_status status = gt_reads_find(&step->reads, cell, settings->dimensions.list, settings->dimensions.count, error);
    if (status == GT_OK)
        status = gt_cell_problem_shape(&problem, cell, settings->dtype, &settings->dimensions, settings->batch,
                                       settings->steps, gt_cell_handed_on(cell) >= 0, error);
    for (uint32_t i = problem.differentiated; i < problem.array_count; i++)
        problem.arrays[i].given = !settings->forward && is_read(&step->reads, &problem.arrays[i]);
    double begin = gt_now_us();
    if (status == GT_OK)
        status = gt_cell_tape_open(&step->record, &problem, settings->unrolled, error);
    step->tape = step->record.tape;
    if (status == GT_OK) {
        list_vars(step, &problem, settings->forward);
        status = gt_tape_status(step->tape);
        if (status != GT_OK)
            gt_error_set(error, status, "%s", gt_tape_message(step->tape));
    }
    step->record_us = gt_now_us() - begin;
    gt_cell_problem_free(&problem);
    return status;
}

gt_plan_options gt_step_plan_options(const gt_step_settings *settings)
{
    return (gt_plan_options){.memory = (size_t)settings->memory, .bind_outputs = settings->memory > 0};
}

void gt_training_step_free(gt_training_step *step)
{
    gt_cell_tape_close(&step->record);
    step->tape = NULL;
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* Weights of a size that neither saturates the states nor lets them vanish; everything else around 0.1. */
static double scale_of(gt_var v)
{
    gt_shape shape = gt_var_shape(v);
    bool weight = gt_var_role(v) == GT_ROLE_PARAMETER && shape.size[1] > 1;
    return weight ? 0.7 / sqrt((double)shape.size[1]) : 0.1;
}

static void *random_array(gt_var v, gt_dtype dtype, gt_random *random)
{
    int64_t count = gt_shape_count(gt_var_shape(v));
    double scale = scale_of(v);
    void *data = malloc((size_t)count * gt_dtype_size(dtype));
    if (data == NULL)
        return NULL;
    for (int64_t i = 0; i < count; i++) {
        gt_entry_set(data, dtype, i, scale * gt_random_normal(random));
    }
    return data;
}

gt_workspace *gt_step_workspace_new(const gt_plan *plan, gt_threads *threads, gt_error *error)
{
    gt_plan_cost cost;
    gt_workspace *workspace = gt_workspace_new_on(plan, threads);
    gt_plan_find_cost(plan, &cost);
    if (plan != NULL && workspace == NULL)
        gt_error_set(error, GT_ERROR_MEMORY, "out of memory: the step needs %.0f MB",
                     (double)cost.workspace_bytes / 1e6);
    return workspace;
}

static gt_status bind_results(gt_step_data *data, const gt_training_step *step, gt_workspace *workspace,
                              gt_error *error)
{
    for (uint32_t i = 0; i < step->output_count; i++) {
        gt_var v = step->outputs[i];
        data->results[i] = calloc((size_t)gt_shape_count(gt_var_shape(v)), gt_dtype_size(gt_var_dtype(v)));
        if (data->results[i] == NULL)
            return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
        gt_status status = gt_workspace_bind_output(workspace, i, data->results[i]);
        if (status != GT_OK)
            return gt_error_set(error, status, "%s", gt_workspace_message(workspace));
    }
    return GT_OK;
}

gt_status gt_step_data_bind(gt_step_data *data, const gt_training_step *step, const gt_step_settings *settings,
                            gt_workspace *workspace, gt_error *error)
{
    gt_random random;
    *data = (gt_step_data){0};
    gt_random_seed(&random, 1);
    for (uint32_t i = 0; i < step->given_count; i++) {
        data->arrays[i] = random_array(step->given[i], settings->dtype, &random);
        if (data->arrays[i] == NULL)
            return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
        gt_status status = gt_workspace_bind(workspace, step->given[i], data->arrays[i]);
        if (status != GT_OK)
            return gt_error_set(error, status, "%s", gt_workspace_message(workspace));
    }
    return settings->memory > 0 ? bind_results(data, step, workspace, error) : GT_OK;
}

void gt_step_data_free(gt_step_data *data)
{
    for (uint32_t i = 0; i < GT_STEP_VARS; i++)
        free(data->arrays[i]);
    for (uint32_t i = 0; i < GT_STEP_VARS; i++)
        free(data->results[i]);
    *data = (gt_step_data){0};
}
