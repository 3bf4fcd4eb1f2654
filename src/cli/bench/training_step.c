#include "cli/bench/training_step.h"

#include "cli/bench/clock.h"
#include "gradtape/utf8.h"

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

/* ---- recording ----------------------------------------------------------------------------- */

typedef struct recording {
    const gt_step_settings *settings;
    gt_training_step *step;
    bool with_outputs;
    gt_var parameters[GT_MAX_CELL_ARRAYS], states[GT_MAX_CELL_ARRAYS], outputs[GT_MAX_CELL_ARRAYS];
    /* What the loss reads at every step. */
    const gt_cell_array *rows[2 * GT_MAX_CELL_ARRAYS];
    gt_var read[2 * GT_MAX_CELL_ARRAYS];
    uint32_t read_count;
} recording;

static gt_shape shape_of(recording *r, const gt_cell_array *array, bool sequence, int64_t columns)
{
    const gt_step_settings *s = r->settings;
    gt_shape shape = GT_SCALAR;
    gt_error error = {0};
    if (gt_cell_array_shape(array, s->dimensions.list, s->dimensions.count, columns, &shape, &error) != GT_OK)
        gt_tape_fail(r->step->tape, error.status, "%s", error.message);
    if (sequence)
        shape.size[shape.rank++] = s->steps;
    return shape;
}

static gt_var give(recording *r, gt_var v)
{
    r->step->given[r->step->given_count++] = v;
    return v;
}

static void record_leaves(recording *r)
{
    const gt_cell *cell = r->settings->cell;
    gt_tape *tape = r->step->tape;
    int64_t batch = r->settings->batch;
    char name[96];
    for (uint32_t i = 0; i < cell->input_count; i++)
        give(r, gt_input(tape, cell->inputs[i].name, r->settings->dtype, shape_of(r, &cell->inputs[i], true, batch)));
    for (uint32_t i = 0; i < cell->state_count; i++) {
        gt_utf8_format(name, sizeof name, "%s0", cell->states[i].name);
        give(r, gt_state(tape, name, shape_of(r, &cell->states[i], false, batch)));
    }
    for (uint32_t i = 0; i < cell->parameter_count; i++) {
        r->parameters[i] = GT_NONE;
        if (!cell->parameters[i].output_only || r->with_outputs)
            r->parameters[i] =
                give(r, gt_parameter(tape, cell->parameters[i].name, shape_of(r, &cell->parameters[i], false, 1)));
    }
}

static void list_reads(recording *r)
{
    const gt_cell *cell = r->settings->cell;
    const gt_reads *reads = &r->step->reads;
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (reads->states[i]) {
            r->rows[r->read_count] = &cell->states[i];
            r->read[r->read_count++] = r->states[i];
        }
    for (uint32_t i = 0; i < cell->output_count; i++)
        if (reads->outputs[i]) {
            r->rows[r->read_count] = &cell->outputs[i];
            r->read[r->read_count++] = r->outputs[i];
        }
}

static void record_gradients(recording *r)
{
    gt_training_step *step = r->step;
    gt_var upstream[2 * GT_MAX_CELL_ARRAYS];
    char name[96];
    uint32_t count = step->given_count;
    for (uint32_t i = 0; i < r->read_count; i++) {
        gt_utf8_format(name, sizeof name, i == 0 ? "upstream" : "upstream of %s", r->rows[i]->name);
        upstream[i] =
            give(r, gt_input(step->tape, name, r->settings->dtype, shape_of(r, r->rows[i], true, r->settings->batch)));
    }
    gt_grad(r->read, upstream, r->read_count, step->given, count, step->outputs);
    step->output_count = count;
    for (uint32_t i = 0; i < count; i++) {
        gt_utf8_format(name, sizeof name, "d%s", gt_var_name(step->given[i]));
        if (gt_var_name(step->outputs[i])[0] == '\0')
            gt_name(step->outputs[i], name);
    }
}

gt_status gt_training_step_record(gt_training_step *step, const gt_step_settings *settings, gt_error *error)
{
    *step = (gt_training_step){0};
    recording r = {.settings = settings, .step = step};
    const gt_cell *cell = settings->cell;
    if (cell->state_count == 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s has no state", cell->name);
    gt_status status = gt_reads_find(&step->reads, cell, settings->dimensions.list, settings->dimensions.count, error);
    if (status != GT_OK)
        return status;
    r.with_outputs = gt_cell_handed_on(cell) >= 0;
    double begin = gt_now_us();
    step->tape = gt_tape_new(&(gt_tape_options){.dtype = settings->dtype});
    record_leaves(&r);
    gt_sequence sequence = {.cell = cell, .unrolled = settings->unrolled, .inputs = step->given,
                            .initial = step->given + cell->input_count, .parameters = r.parameters,
                            .with_outputs = r.with_outputs, .states = r.states, .outputs = r.outputs};
    gt_sequence_record(&sequence);
    list_reads(&r);
    if (!settings->forward)
        record_gradients(&r);
    for (uint32_t i = 0; i < r.read_count; i++) {
        if (gt_var_valid(r.read[i]) && gt_var_name(r.read[i])[0] == '\0')
            gt_name(r.read[i], r.rows[i]->name);
        step->outputs[step->output_count++] = r.read[i];
    }
    step->record_us = gt_now_us() - begin;
    if (gt_tape_status(step->tape) != GT_OK)
        return gt_error_set(error, gt_tape_status(step->tape), "%s", gt_tape_message(step->tape));
    return GT_OK;
}

void gt_training_step_free(gt_training_step *step)
{
    gt_tape_free(step->tape);
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
        double value = scale * gt_random_normal(random);
        if (dtype == GT_F64)
            ((double *)data)[i] = value;
        else
            ((float *)data)[i] = (float)value;
    }
    return data;
}

gt_workspace *gt_step_workspace_new(const gt_plan *plan, gt_threads *threads, gt_error *error)
{
    gt_plan_cost cost;
    gt_workspace *workspace = gt_workspace_new_on(plan, threads);
    gt_plan_find_cost(plan, &cost);
    if (plan != NULL && workspace == NULL)
        gt_error_set(error, GT_ERROR_MEMORY, "out of memory: the step needs %.0f MB", (double)cost.workspace_bytes / 1e6);
    return workspace;
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
    return GT_OK;
}

void gt_step_data_free(gt_step_data *data)
{
    for (uint32_t i = 0; i < GT_STEP_VARS; i++)
        free(data->arrays[i]);
    *data = (gt_step_data){0};
}
