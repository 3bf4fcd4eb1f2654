/* Starting: text, vocabulary, model, tokens. */
#include "training/session.h"
#include "training/session_parts.h"

#include "base/utf8.h"
#include "command/signals.h"
#include "command/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a new model --------------------------------------------------------------------------- */

static bool has_stdin(const gt_text_list *files)
{
    for (uint32_t i = 0; i < files->count; i++)
        if (gt_file_is_standard(files->items[i]))
            return true;
    return false;
}

/* The names of the files, to be saved with the model; none if a part of the text has no name. */
static bool keep_names(gt_model *model, const gt_text_list *files, gt_error *error)
{
    if (has_stdin(files))
        return true;
    model->files = calloc((size_t)files->count + 1, sizeof *model->files);
    for (uint32_t i = 0; model->files != NULL && i < files->count; i++) {
        model->files[i] = strdup(files->items[i]);
        if (model->files[i] == NULL)
            break;
        model->file_count++;
    }
    if (model->files != NULL && model->file_count == files->count)
        return true;
    gt_error_set(error, GT_ERROR_MEMORY, "no memory for the names of the text");
    return false;
}

int64_t gt_session_target(const gt_session *session, int64_t epoch)
{
    const gt_settings *settings = session->settings;
    int64_t target = settings->iterations;
    if (settings->epochs > 0) {
        double iterations = ceil(settings->epochs * (double)epoch);
        int64_t of_epochs = iterations < 1 ? 1 : iterations > 1e15 ? (int64_t)1e15 : (int64_t)iterations;
        target = target == 0 || of_epochs < target ? of_epochs : target;
    }
    return target;
}

static int64_t target_of_text(const gt_session *session, int64_t training_count)
{
    const gt_settings *settings = session->settings;
    const gt_train_data stream = {.stream = true, .examples = 1, .steps = training_count};
    return gt_session_target(session, gt_train_epoch(&stream, settings->batch, settings->steps));
}

static bool make_model(gt_session *session, const gt_corpus *text, gt_error *error)
{
    gt_model *model = &session->model;
    gt_settings *settings = session->settings;
    gt_settings_complete(settings);
    if (settings->decay_iterations == 0)
        settings->decay_iterations = target_of_text(session, (int64_t)text->training.count);
    model->settings = *settings;
    model->text_hash = text->hash;
    model->training_count = (int64_t)text->training.count;
    model->validation_count = (int64_t)text->validation.count;
    if (text->training.count == 0) {
        gt_error_set(error, GT_ERROR_ARGUMENT, "the text is empty");
        return false;
    }
    return gt_vocabulary_find(&model->vocabulary, text, settings->bytes, error) &&
           keep_names(model, &settings->text, error) && gt_model_create(model, error);
}

/* ---- a saved model ------------------------------------------------------------------------- */

/* What is about to be opened on the word of a model. */
static void say_files(const gt_model *model, const char *path)
{
    enum { FEW = 3 };
    gt_terminal_say(stderr, "gradtape train: reads the text that %s names: ", path);
    for (uint32_t i = 0; i < model->file_count && i < FEW; i++)
        gt_terminal_say(stderr, "%s%s", i > 0 ? ", " : "", model->files[i]);
    if (model->file_count > FEW)
        gt_terminal_say(stderr, " and %u more", (unsigned)(model->file_count - FEW));
    fputc('\n', stderr);
}

/* The files that the model was trained on, unless the command line names them. */
static bool find_files(gt_session *session, gt_error *error)
{
    gt_settings *settings = session->settings;
    const gt_model *model = &session->model;
    if (settings->text.count > 0)
        return true;
    if (model->file_count == 0) {
        gt_error_set(error, GT_ERROR_ARGUMENT, "%s does not say what it was trained on: name it with --text",
                     settings->save);
        return false;
    }
    settings->text.items = calloc(model->file_count, sizeof *settings->text.items);
    if (settings->text.items == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the names of the text");
        return false;
    }
    for (uint32_t i = 0; i < model->file_count; i++)
        settings->text.items[settings->text.count++] = model->files[i];
    session->files_by_model = true;
    if (!settings->quiet)
        say_files(model, settings->save);
    return true;
}

/* Until when: the command line's word, and otherwise what the run before was told. */
static void take_target(gt_settings *settings, const gt_settings *saved)
{
    if (settings->iterations != 0 || settings->epochs != 0 || settings->minutes != 0)
        return;
    settings->iterations = saved->iterations;
    settings->epochs = saved->epochs;
    settings->minutes = saved->minutes;
}

/* The names in the model are inputs as those on the command line are. */
static bool check_recorded_files(const gt_session *session, gt_error *error)
{
    const gt_settings *settings = session->settings;
    const gt_model *model = &session->model;
    gt_named_file *files = calloc((size_t)model->file_count + 2, sizeof *files);
    if (files == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the names of the text");
        return false;
    }
    files[0] = (gt_named_file){"--save", settings->save, GT_FILE_SAVED};
    files[1] = (gt_named_file){"--log", settings->log, GT_FILE_WRITTEN};
    for (uint32_t i = 0; i < model->file_count; i++)
        files[i + 2] = (gt_named_file){"the text of the model", model->files[i], GT_FILE_READ};
    bool good = gt_files_check(files, model->file_count + 2, error);
    free(files);
    return good;
}

static bool load_model(gt_session *session, gt_error *error)
{
    gt_settings *settings = session->settings;
    gt_model *model = &session->model;
    if (!gt_model_load(model, settings->save, true, error) || !gt_settings_resume(settings, &model->settings, error))
        return false;
    take_target(settings, &model->settings);
    model->settings.iterations = settings->iterations;
    model->settings.epochs = settings->epochs;
    model->settings.minutes = settings->minutes;
    return check_recorded_files(session, error) && (model->data.present || find_files(session, error));
}

/* Goes on with another text, if the model knows all its characters. */
static bool take_other_text(gt_model *model, const gt_corpus *text, gt_error *error)
{
    const gt_symbols *parts[] = {&text->training, &text->validation};
    for (int part = 0; part < 2; part++)
        for (size_t i = 0; i < parts[part]->count; i++)
            if (gt_vocabulary_token(&model->vocabulary, parts[part]->list[i]) < 0) {
                gt_error_set(error, GT_ERROR_VALUE,
                             "the text has U+%04X, which the one that the model was trained on had not: train a new "
                             "model",
                             parts[part]->list[i]);
                return false;
            }
    model->text_hash = text->hash;
    model->training_count = (int64_t)text->training.count;
    model->validation_count = (int64_t)text->validation.count;
    gt_model_begin_data(model);
    return true;
}

static bool check_same_text(gt_session *session, const gt_corpus *text, gt_error *error)
{
    gt_model *model = &session->model;
    if (text->hash == model->text_hash && (int64_t)text->training.count == model->training_count &&
        (int64_t)text->validation.count == model->validation_count)
        return true;
    if (session->settings->other_data)
        return take_other_text(model, text, error);
    gt_error_set(
        error, GT_ERROR_ARGUMENT,
        "the text is not the one that %s was trained on (%lld characters now, %lld then): "
        "resume with the same text, say with --other-data that it is to go on with this one, or train a new model in "
        "another file",
        session->settings->save, (long long)(text->training.count + text->validation.count),
        (long long)(model->training_count + model->validation_count));
    return false;
}

/* ---- both ---------------------------------------------------------------------------------- */

/* A folder that cannot be written to is better found out before training than after. */
static bool check_folder(const char *path, gt_error *error)
{
    const char *slash = strrchr(path, '/');
    char folder[4096] = ".";
    if (slash != NULL && (size_t)(slash - path) < sizeof folder - 1) {
        size_t length = slash == path ? 1 : (size_t)(slash - path);
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        gt_error_set(error, GT_ERROR_FILE, "%s is a folder; --save wants a file", path);
        return false;
    }
    if (access(folder, W_OK | X_OK) == 0)
        return true;
    gt_error_set(error, GT_ERROR_FILE, "%s cannot be saved: the folder %s is missing or not writable", path, folder);
    return false;
}

/* What an earlier run wrote is not replaced unasked. */
static bool check_unused(const char *option, const char *path, const char *go_on, gt_error *error)
{
    struct stat status;
    if (path == NULL || gt_file_is_standard(path) || stat(path, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size == 0)
        return true;
    gt_error_set(error, GT_ERROR_ARGUMENT,
                 "%s is there already: give %s another file%s, or replace it with --overwrite", path, option, go_on);
    return false;
}

static bool check_nothing_lost(const gt_settings *settings, gt_error *error)
{
    return settings->resume || settings->overwrite ||
           (check_unused("--save", settings->save, ", go on with the model with --resume", error) &&
            check_unused("--log", settings->log, "", error));
}

static bool make_tokens(gt_session *session, const gt_corpus *text, gt_error *error)
{
    const gt_vocabulary *vocabulary = &session->model.vocabulary;
    session->training = gt_vocabulary_tokens(vocabulary, &text->training);
    session->validation = gt_vocabulary_tokens(vocabulary, &text->validation);
    if (session->training != NULL && session->validation != NULL)
        return true;
    gt_error_set(error, GT_ERROR_MEMORY, "no memory for the text");
    return false;
}

/* Of always predicting the characters as often as they are in what is validated on. */
static bool find_baseline(gt_session *session, gt_error *error)
{
    const gt_model *model = &session->model;
    bool validates = model->validation_count > 0;
    int64_t count = validates ? model->validation_count : model->training_count;
    const int32_t *tokens = validates ? session->validation : session->training;
    if (gt_vocabulary_entropy(&model->vocabulary, tokens, count, &session->baseline.loss))
        return true;
    gt_error_set(error, GT_ERROR_MEMORY, "no memory for the text");
    return false;
}

/* A file that a model names may be any; the text it was trained on had so many characters. */
static size_t largest_text(const gt_session *session)
{
    const gt_model *model = &session->model;
    if (!session->files_by_model)
        return GT_ANY_SIZE;
    return (size_t)(model->training_count + model->validation_count) *
           (session->settings->bytes ? 1 : GT_UTF8_SIZE - 1);
}

bool gt_session_start_trainer(gt_session *session, const gt_train_data *training, const gt_train_data *validation,
                              gt_error *error)
{
    gt_train_options options = gt_model_train_options(&session->model);
    options.training = training;
    options.validation = validation;
    options.threads = session->threads;
    options.memory = (size_t)session->settings->memory;
    options.interrupt = gt_signals_came;
    options.group = gt_session_group(session);
    session->validates = validation != NULL;
    session->trainer = gt_trainer_new(&options, error);
    return session->trainer != NULL;
}

static bool start_trainer(gt_session *session, gt_error *error)
{
    gt_model *model = &session->model;
    const gt_settings *s = &model->settings;
    const gt_train_data training = {
        .stream = true, .tokens = session->training, .examples = 1, .steps = model->training_count};
    const gt_train_data validation = {
        .stream = true, .tokens = session->validation, .examples = 1, .steps = model->validation_count};
    if (gt_train_epoch(&training, s->batch, s->steps) == 0) {
        gt_error_set(error, GT_ERROR_ARGUMENT,
                     "the text has %lld characters to train on, but --batch %lld and --steps %lld "
                     "need at least %lld: give more text or smaller numbers",
                     (long long)training.steps, (long long)s->batch, (long long)s->steps,
                     (long long)(s->batch * s->steps + 1));
        return false;
    }
    return gt_session_start_trainer(session, &training, validation.steps >= 2 ? &validation : NULL, error);
}

static bool take_text(gt_session *session, gt_corpus *text, gt_error *error)
{
    gt_settings *settings = session->settings;
    if (!gt_corpus_read(text, &settings->text, settings->bytes, settings->validation, largest_text(session), error))
        return false;
    return settings->resume ? check_same_text(session, text, error) : make_model(session, text, error);
}

static bool use_text(gt_session *session, gt_corpus *text, gt_error *error)
{
    gt_settings *settings = session->settings;
    gt_model *model = &session->model;
    if (!take_text(session, text, error))
        return false;
    session->target = target_of_text(session, model->training_count);
    if (settings->patience > 0 && !gt_model_keep_best(model, error))
        return false;
    return make_tokens(session, text, error) && find_baseline(session, error) &&
           gt_engine_threads(gt_settings_engine(&model->settings), settings->threads, &session->threads, error) ==
               GT_OK &&
           start_trainer(session, error);
}

static bool check_something_to_do(const gt_session *session, gt_error *error)
{
    if (session->target == 0 || session->model.iteration < session->target)
        return true;
    gt_error_set(error, GT_ERROR_ARGUMENT,
                 "%s already has %lld iterations; say how far to go on with --iterations N (in all)",
                 session->settings->save, (long long)session->model.iteration);
    return false;
}

static bool of_data(const gt_session *session)
{
    return session->settings->resume ? session->model.data.present : *session->settings->task != '\0';
}

/* A model of a text goes on with a text, one of sequences with sequences. */
static bool check_kind(const gt_session *session, gt_error *error)
{
    const gt_settings *s = session->settings;
    if (of_data(session) ? s->text.count == 0 : s->data == NULL)
        return true;
    gt_error_set(error, GT_ERROR_ARGUMENT, "%s learns from %s: leave %s out", s->save,
                 of_data(session) ? "sequences" : "a text", of_data(session) ? "--text" : "--data");
    return false;
}

/* What is written belongs to the first process alone. */
static bool begin_saving(gt_session *session, gt_error *error)
{
    gt_settings *settings = session->settings;
    if (!gt_processes_first(&session->processes)) {
        settings->quiet = true;
        settings->log = NULL;
        return gt_model_can_be_saved(error);
    }
    return settings->save == NULL ||
           (gt_model_can_be_saved(error) && check_folder(settings->save, error) &&
            gt_model_lock_take(&session->lock, settings->save, error) && check_nothing_lost(settings, error));
}

static void begin(gt_session *session, gt_settings *settings)
{
    session->settings = settings;
    session->last_validation = session->test_score = (gt_train_score){.loss = NAN, .accuracy = NAN, .weight = NAN};
    session->baseline = (gt_baseline){NAN, NAN};
    session->optimum = NAN;
    session->saved = -1;
}

bool gt_session_measure(gt_session *session, gt_settings *settings, gt_error *error)
{
    begin(session, settings);
    gt_corpus text = {0};
    bool good = of_data(session) ? gt_session_take_data(session, error) : take_text(session, &text, error);
    gt_corpus_free(&text);
    return good;
}

static bool start_alone(gt_session *session, gt_error *error)
{
    gt_settings *settings = session->settings;
    gt_corpus text = {0};
    bool good = begin_saving(session, error) && (!settings->resume || load_model(session, error)) &&
                check_kind(session, error) &&
                (of_data(session) ? gt_session_use_data(session, error) : use_text(session, &text, error)) &&
                check_something_to_do(session, error) &&
                gt_loss_log_open(&session->log, settings->log, &session->model.network, session->model.data.present,
                                 session->model.iteration, error);
    gt_corpus_free(&text);
    return good;
}

bool gt_session_start(gt_session *session, gt_settings *settings, gt_error *error)
{
    begin(session, settings);
    return gt_processes_agree(&session->processes, start_alone(session, error), error) &&
           gt_session_same_processes(session, error);
}

void gt_session_free(gt_session *session)
{
    gt_loss_log_close(&session->log, NULL);
    gt_trainer_free(session->trainer);
    gt_threads_free(session->threads);
    gt_model_free(&session->model);
    gt_model_lock_release(&session->lock);
    free(session->training);
    free(session->validation);
    free(session->confusion);
    gt_processes_end(&session->processes);
    gt_datasets_free(&session->data);
}
