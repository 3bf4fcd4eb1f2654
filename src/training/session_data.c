/* Starting with sequences: read or made, compared with the model, handed to a trainer. */
#include "training/session.h"
#include "training/session_parts.h"
#include "training/tasks.h"

#include "base/fnv.h"
#include "base/utf8.h"
#include "gradtape/nearest.h"
#include "models/dimensions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_VALIDATION 100
#define MOST_VALIDATION 1000

/* ---- reading ------------------------------------------------------------------------------- */

static bool find_kind(const char *task, gt_data_kind *kind, gt_error *error)
{
    for (int i = 0; gt_data_kinds[i] != NULL; i++)
        if (strcmp(task, gt_data_kinds[i]) == 0) {
            *kind = (gt_data_kind)i;
            return true;
        }
    gt_nearest nearest = {.wanted = task};
    for (int i = 0; gt_data_kinds[i] != NULL; i++)
        gt_nearest_offer(&nearest, gt_data_kinds[i]);
    for (uint32_t i = 0; gt_task_at(i) != NULL; i++)
        gt_nearest_offer(&nearest, gt_task_at(i)->name);
    gt_error_set(
        error, GT_ERROR_ARGUMENT,
        "there is no task '%.*s'%s%s: classify, tag, regress, forecast and lm are for --data, and 'gradtape tasks' "
        "lists those that make their sequences",
        gt_utf8_fit(task, 60), task, nearest.best == NULL ? "" : "; did you mean ",
        nearest.best == NULL ? "" : nearest.best);
    return false;
}

/* The part at the end is kept for validation, unless there is a file for it. */
static bool split(gt_session *session, gt_dataset *all, gt_error *error)
{
    double part = session->model.settings.validation;
    int64_t kept = (int64_t)((double)all->examples * part);
    if (kept == 0) {
        session->training_data = *all;
        *all = (gt_dataset){0};
        return true;
    }
    return gt_dataset_part(all, 0, all->examples - kept, &session->training_data, error) &&
           gt_dataset_part(all, all->examples - kept, kept, &session->validation_data, error);
}

static bool read_files(gt_session *session, gt_data_kind kind, gt_error *error)
{
    const gt_settings *s = session->settings;
    const gt_cell *cell = session->model.source.cell;
    gt_dtype dtype = gt_settings_dtype(&session->model.settings);
    if (s->validation_data != NULL)
        return gt_dataset_read(&session->training_data, s->data, kind, cell, dtype, error) &&
               gt_dataset_read(&session->validation_data, s->validation_data, kind, cell, dtype, error);
    gt_dataset all = {0};
    bool good = gt_dataset_read(&all, s->data, kind, cell, dtype, error) && split(session, &all, error);
    gt_dataset_free(&all);
    return good;
}

static bool make(gt_session *session, const gt_task *task, const int64_t sizes[2], gt_error *error)
{
    const gt_settings *s = &session->model.settings;
    gt_dtype dtype = gt_settings_dtype(s);
    int64_t kept = s->examples / 10;
    kept = kept < LEAST_VALIDATION ? LEAST_VALIDATION : kept > MOST_VALIDATION ? MOST_VALIDATION : kept;
    if (task->fill == NULL) /* it has a file */
        return gt_task_read_rows(&session->training_data, session->settings->data, false, dtype, error) &&
               gt_task_read_rows(&session->validation_data, session->settings->data, true, dtype, error);
    return gt_task_make(task, sizes, (uint64_t)s->seed, 0, s->examples, dtype, &session->training_data, error) &&
           gt_task_make(task, sizes, (uint64_t)s->seed, 1, kept, dtype, &session->validation_data, error) &&
           (!session->makes_test ||
            gt_task_make(task, sizes, (uint64_t)s->seed, 2, kept, dtype, &session->test, error));
}

static bool read_test(gt_session *session, const gt_task *task, gt_data_kind kind, gt_error *error)
{
    gt_dtype dtype = gt_settings_dtype(&session->model.settings);
    if (task == NULL)
        return gt_dataset_read(&session->test, session->test_data, kind, session->model.source.cell, dtype, error);
    gt_error_set(error, GT_ERROR_ARGUMENT, "--test-data is for sequences that are given with --data");
    return false;
}

/* Files and tasks need each other, or exclude each other. */
static bool check_file(const gt_settings *settings, const gt_task *task, const char *name, gt_error *error)
{
    bool wanted = task == NULL || task->fill == NULL;
    if (wanted && settings->data == NULL)
        gt_error_set(error, GT_ERROR_ARGUMENT, "--task %s: give the sequences with --data FILE.npz",
                     task == NULL ? name : task->name);
    else if (!wanted && settings->data != NULL)
        gt_error_set(error, GT_ERROR_ARGUMENT, "--task %s makes its sequences: leave --data out", task->name);
    else
        return true;
    return false;
}

/* What follows is not to be seen by what predicts it. */
static bool check_directions(const gt_session *session, gt_data_kind kind, gt_error *error)
{
    const gt_cell_source *source = &session->model.source;
    if (kind != GT_DATA_LM && kind != GT_DATA_FORECAST)
        return true;
    for (uint32_t i = 0; source->stack != NULL && i < source->stack->layer_count; i++)
        if (source->stack->layers[i].bidirectional) {
            gt_error_set(error, GT_ERROR_ARGUMENT,
                         "--task %s predicts what follows, and a layer in both directions, bi( ), would see it: "
                         "give --cell layers in one direction",
                         gt_data_kinds[kind]);
            return false;
        }
    return true;
}

static bool get_data(gt_session *session, gt_error *error)
{
    const gt_settings *s = &session->model.settings;
    const gt_task *task;
    int64_t sizes[2];
    gt_data_kind kind = GT_DATA_LM;
    if (!gt_task_find(s->task, &task, sizes, error) || (task == NULL && !find_kind(s->task, &kind, error)) ||
        !check_file(session->settings, task, s->task, error))
        return false;
    session->optimum = task == NULL ? NAN : task->optimum;
    if (task != NULL && session->model.source.cell->input_count != 1) {
        gt_error_set(error, GT_ERROR_ARGUMENT, "the task %s has one input, cell %s has %u", task->name,
                     session->model.source.cell->name, session->model.source.cell->input_count);
        return false;
    }
    if (!check_directions(session, task == NULL ? kind : task->kind, error))
        return false;
    return (task != NULL ? make(session, task, sizes, error) : read_files(session, kind, error)) &&
           (session->test_data == NULL || read_test(session, task, kind, error));
}

/* ---- the model ----------------------------------------------------------------------------- */

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What a network needs to know of the data. */
static gt_model_data describe(const gt_session *session)
{
    const gt_dataset *a = &session->training_data, *b = &session->validation_data;
    gt_model_data d = {
        .present = true,
        .reads_numbers = a->vocabulary == 0,
        .predicts_numbers = !gt_data_kind_has_classes(a->kind),
        .vocabulary = larger(larger(a->vocabulary, b->vocabulary), session->test.vocabulary),
        .further = a->input_count - 1,
        .at_the_end = gt_dataset_ends(a),
    };
    d.outputs = d.predicts_numbers ? a->outputs : larger(larger(a->outputs, b->outputs), session->test.outputs);
    if (a->kind == GT_DATA_LM)
        d.outputs = d.vocabulary = larger(d.vocabulary, d.outputs);
    return d;
}

/* The sizes that further inputs tell, "n_c=4,", behind those of --dims; so the model knows them later. */
static bool learn_sizes(gt_session *session, gt_error *error)
{
    gt_model *model = &session->model;
    const gt_dataset *data = &session->training_data;
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

static void note_data(gt_session *session)
{
    gt_model *model = &session->model;
    model->text_hash = gt_dataset_hash(&session->training_data, GT_FNV_START);
    if (session->validation_data.examples > 0)
        model->text_hash = gt_dataset_hash(&session->validation_data, model->text_hash);
    if (session->test.examples > 0)
        model->text_hash = gt_dataset_hash(&session->test, model->text_hash);
    model->training_count = session->training_data.examples;
    model->validation_count = session->validation_data.examples;
}

static bool make_model(gt_session *session, gt_error *error)
{
    gt_model *model = &session->model;
    gt_settings *settings = session->settings;
    const gt_dataset *data = &session->training_data;
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
    return learn_sizes(session, error) && gt_model_create(model, error);
}

/* ---- going on ------------------------------------------------------------------------------ */

/* Whether a network can go on with these data. */
static bool check_fits(const gt_session *session, gt_error *error)
{
    const gt_model_data *had = &session->model.data, has = describe(session);
    if (had->present && has.reads_numbers == had->reads_numbers && has.predicts_numbers == had->predicts_numbers &&
        has.vocabulary <= had->vocabulary && has.further == had->further &&
        (has.predicts_numbers ? has.outputs == had->outputs : has.outputs <= had->outputs) &&
        (!has.reads_numbers || session->training_data.rows[0] == session->model.settings.embedding))
        return true;
    gt_error_set(
        error, GT_ERROR_ARGUMENT,
        "the data do not fit %s: it reads %lld %s and predicts %lld %s, they have %lld and %lld",
        session->settings->save, (long long)(had->reads_numbers ? session->model.settings.embedding : had->vocabulary),
        had->reads_numbers ? "numbers" : "different tokens", (long long)had->outputs,
        had->predicts_numbers ? "numbers" : "classes",
        (long long)(has.reads_numbers ? session->training_data.rows[0] : has.vocabulary), (long long)has.outputs);
    return false;
}

static bool check_same(gt_session *session, gt_error *error)
{
    gt_model *model = &session->model;
    uint64_t hash = model->text_hash;
    if (!check_fits(session, error))
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
    const gt_train_data training = gt_dataset_view(&session->training_data);
    const gt_train_data validation = gt_dataset_view(&session->validation_data);
    bool validates = session->validation_data.examples > 0;
    return gt_session_start_trainer(session, &training, validates ? &validation : NULL, error);
}

/* What the scores at the end are about. */
static const gt_dataset *last_of(const gt_session *session)
{
    return session->test.examples > 0              ? &session->test
           : session->validation_data.examples > 0 ? &session->validation_data
                                                   : &session->training_data;
}

bool gt_session_take_data(gt_session *session, gt_error *error)
{
    gt_settings *settings = session->settings;
    gt_model *model = &session->model;
    if (!settings->resume)
        model->settings = *settings; /* what reading asks for: the task, the type, the seed */
    if (!get_data(session, error) || !gt_dataset_baseline(last_of(session), &session->baseline, error))
        return false;
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
