/* Starting with sequences: read or made, compared with the model, handed to a trainer. */
#include "training/session.h"
#include "training/session_parts.h"

#include "base/utf8.h"
#include "models/dimensions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ------------------------------------------------------------------------------- */

static bool is_bidirectional(const gt_cell_source *source)
{
    for (uint32_t i = 0; source->stack != NULL && i < source->stack->layer_count; i++)
        if (source->stack->layers[i].bidirectional)
            return true;
    return false;
}

static bool get_data(gt_session *session, gt_error *error)
{
    const gt_settings *s = &session->model.settings;
    gt_data_source source = GT_DATA_SOURCE_INIT;
    source.task = s->task;
    source.training = session->settings->data;
    source.validation = session->settings->validation_data;
    source.test = session->test_data;
    source.validation_part = s->validation;
    source.examples = s->examples;
    source.seed = (uint64_t)s->seed;
    source.makes_test = session->makes_test;
    source.cell = session->model.source.cell;
    source.dtype = gt_settings_dtype(s);
    source.bidirectional = is_bidirectional(&session->model.source);
    return gt_datasets_get(&session->data, &source, error) == GT_OK;
}

/* ---- the model ----------------------------------------------------------------------------- */

/* What a network needs to know of the data. */
static gt_model_data describe(const gt_session *session)
{
    const gt_datasets *sets = &session->data;
    return (gt_model_data){
        .present = true,
        .reads_numbers = sets->reads_numbers,
        .predicts_numbers = sets->predicts_numbers,
        .vocabulary = sets->vocabulary,
        .outputs = sets->outputs,
        .further = sets->further_inputs,
        .at_the_end = sets->at_the_end,
    };
}

/* The sizes that further inputs tell, "n_c=4,", behind those of --dims; so the model knows them later. */
static bool learn_sizes(gt_session *session, gt_error *error)
{
    gt_model *model = &session->model;
    const gt_dataset *data = &session->data.training;
    const gt_cell *cell = model->source.cell;
    gt_dimensions d;
    gt_size_fact facts[GT_MAX_CELL_ARRAYS];
    for (uint32_t i = 0; i < data->input_count; i++)
        facts[i] = (gt_size_fact){data->rows[i] > 0 ? cell->inputs[i].rows : NULL, data->rows[i], cell->inputs[i].name};
    if (gt_cell_stack_dimensions(&model->source, false, &d, error) != GT_OK ||
        gt_dimensions_read(&d, cell, "--dims", model->settings.dims, error) != GT_OK)
        return false;
    if (model->settings.parameters == 0)
        gt_dimensions_take(&d, &(gt_dimension){"n_a", model->settings.hidden}, 1, "--hidden");
    gt_dimensions_learn(&d, facts, data->input_count);
    gt_dimensions_drop(&d, "n_x");
    gt_dimensions_drop(&d, "n_a");
    char text[1024] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < d.count && used < sizeof text; i++)
        if (d.from[i] != NULL)
            used += gt_utf8_format(text + used, sizeof text - used, "%s%s=%lld", used > 0 ? "," : "", d.names[i],
                                   (long long)d.list[i].size);
    free(model->dims);
    model->settings.dims = model->dims = strdup(text);
    if (model->dims == NULL)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the sizes of the cell");
    return model->dims != NULL;
}

/* The first cell's inputs, as the network reads them, against the rows that the data have. */
static bool check_rows(const gt_session *session, gt_error *error)
{
    const gt_model *model = &session->model;
    const gt_dataset *data = &session->data.training;
    const gt_cell *cell = model->source.cell;
    const gt_dimension own[] = {{"n_x", model->settings.embedding}, {"n_a", model->settings.hidden}};
    gt_dimension known[GT_MAX_CELL_ARRAYS];
    gt_dimensions d;
    if (gt_cell_stack_dimensions(&model->source, false, &d, error) != GT_OK ||
        gt_dimensions_read(&d, cell, "--dims", model->settings.dims, error) != GT_OK)
        return false;
    gt_dimensions_take(&d, own, 2, "");
    uint32_t count = gt_dimensions_known(&d, known);
    for (uint32_t i = 0; i < data->input_count; i++) {
        int64_t rows = 0;
        char worth[40] = ", which cannot be that";
        if (data->rows[i] == 0)
            continue;
        if (gt_size_evaluate(cell->inputs[i].rows, known, count, &rows, NULL) == GT_OK)
            snprintf(worth, sizeof worth, " = %lld", (long long)rows);
        if (rows == data->rows[i])
            continue;
        gt_error_set(error, GT_ERROR_SHAPE, "the data have %lld features of %s, and the cell %s has %s%s",
                     (long long)data->rows[i], cell->inputs[i].name, cell->name, cell->inputs[i].rows, worth);
        return false;
    }
    return true;
}

static void note_data(gt_session *session)
{
    gt_model *model = &session->model;
    model->text_hash = gt_datasets_hash(&session->data);
    model->training_count = session->data.training.examples;
    model->validation_count = session->data.validation.examples;
}

static bool make_model(gt_session *session, gt_error *error)
{
    gt_model *model = &session->model;
    gt_settings *settings = session->settings;
    const gt_dataset *data = &session->data.training;
    settings->batch = settings->batch < data->examples ? settings->batch : data->examples;
    settings->steps = data->steps; /* of each sequence: they are read whole */
    if (data->rows[0] > 0)
        settings->embedding = data->rows[0];
    gt_settings_complete(settings);
    if (settings->decay_iterations == 0)
        settings->decay_iterations =
            gt_session_target(session, (data->examples + settings->batch - 1) / settings->batch);
    model->settings = *settings;
    model->data = describe(session);
    note_data(session);
    return learn_sizes(session, error) && check_rows(session, error) && gt_model_create(model, error);
}

/* ---- going on ------------------------------------------------------------------------------ */

/* Whether a network can go on with these data. */
static bool check_fits(const gt_session *session, gt_error *error)
{
    const gt_model_data *had = &session->model.data, has = describe(session);
    if (had->present && has.reads_numbers == had->reads_numbers && has.predicts_numbers == had->predicts_numbers &&
        has.vocabulary <= had->vocabulary && has.further == had->further &&
        (has.predicts_numbers ? has.outputs == had->outputs : has.outputs <= had->outputs) &&
        (!has.reads_numbers || session->data.training.rows[0] == session->model.settings.embedding))
        return true;
    gt_error_set(
        error, GT_ERROR_ARGUMENT,
        "the data do not fit %s: it reads %lld %s and predicts %lld %s, they have %lld and %lld",
        session->settings->save, (long long)(had->reads_numbers ? session->model.settings.embedding : had->vocabulary),
        had->reads_numbers ? "numbers" : "different tokens", (long long)had->outputs,
        had->predicts_numbers ? "numbers" : "classes",
        (long long)(has.reads_numbers ? session->data.training.rows[0] : has.vocabulary), (long long)has.outputs);
    return false;
}

static bool check_same(gt_session *session, gt_error *error)
{
    gt_model *model = &session->model;
    uint64_t hash = model->text_hash;
    if (!check_fits(session, error) || !check_rows(session, error))
        return false;
    note_data(session);
    if (hash == model->text_hash)
        return true;
    if (!session->settings->other_data) {
        gt_error_set(
            error, GT_ERROR_ARGUMENT,
            "the data are not those that %s was trained on: resume with the same, or say with --other-data that "
            "it is to go on with these",
            session->settings->save);
        return false;
    }
    gt_model_begin_data(model);
    return true;
}

/* ---- the trainer --------------------------------------------------------------------------- */

static bool start_trainer(gt_session *session, gt_error *error)
{
    const gt_train_data training = gt_dataset_view(&session->data.training);
    const gt_train_data validation = gt_dataset_view(&session->data.validation);
    bool validates = session->data.validation.examples > 0;
    return gt_session_start_trainer(session, &training, validates ? &validation : NULL, error);
}

bool gt_session_take_data(gt_session *session, gt_error *error)
{
    gt_settings *settings = session->settings;
    gt_model *model = &session->model;
    if (!settings->resume)
        model->settings = *settings; /* what reading asks for: the task, the type, the seed */
    if (!get_data(session, error))
        return false;
    session->baseline = session->data.baseline;
    session->optimum = session->data.optimum;
    return settings->resume ? check_same(session, error) : make_model(session, error);
}

bool gt_session_use_data(gt_session *session, gt_error *error)
{
    gt_settings *settings = session->settings;
    gt_model *model = &session->model;
    if (!gt_session_take_data(session, error))
        return false;
    if (settings->patience > 0 && !gt_model_keep_best(model, error))
        return false;
    if (gt_engine_threads(gt_settings_engine(&model->settings), settings->threads, &session->threads, error) != GT_OK ||
        !start_trainer(session, error))
        return false;
    session->target = gt_session_target(session, gt_trainer_epoch(session->trainer));
    return true;
}
