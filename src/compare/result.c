/* Results in memory, and as text. */
#include "compare/result.h"
#include "compare/result_json.h"
#include "compare/terms.h"

#include "base/clock.h"
#include "base/fnv.h"
#include "base/utf8.h"
#include "command/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

double gt_run_result_loss(const gt_run_result *r)
{
    return r->tested ? r->test_loss : r->validation_loss;
}

double gt_run_result_accuracy(const gt_run_result *r)
{
    return r->tested ? r->test_accuracy : r->validation_accuracy;
}

double gt_run_result_term(const gt_run_result *r, uint32_t term)
{
    return r->tested ? r->terms[term].test : r->terms[term].validation;
}

static void take_terms(gt_run_result *result, const gt_session *session)
{
    const gt_train_score *validated = &session->last_validation, *tested = &session->test_score;
    for (uint32_t k = 0; k < GT_MAX_LOSS_TERMS; k++)
        result->terms[k] = (gt_run_term){
            .training = session->progress.smoothed_terms[k],
            .validation = k < validated->term_count ? validated->terms[k] : NAN,
            .test = k < tested->term_count ? tested->terms[k] : NAN,
        };
}

void gt_run_result_take(gt_run_result *result, const gt_session *session)
{
    const gt_model *model = &session->model;
    const gt_progress *progress = &session->progress;
    *result = (gt_run_result){
        .present = true,
        .data_hash = model->text_hash,
        .hidden = model->settings.hidden,
        .parameters = gt_parameters_total(model->parameters),
        .iterations = model->iteration,
        .best_iteration = model->best_iteration,
        .tested = session->data.test.examples > 0,
        .predicts_numbers = model->data.predicts_numbers,
        .training_loss = progress->smoothed,
        .validation_loss = session->last_validation.loss,
        .validation_accuracy = session->last_validation.accuracy,
        .best_validation_loss = model->best_iteration > 0 ? model->best_validation : NAN,
        .test_loss = session->test_score.loss,
        .test_accuracy = session->test_score.accuracy,
        .baseline = session->baseline.loss,
        .baseline_accuracy = session->baseline.accuracy,
        .optimum = session->optimum,
        .seconds = gt_clock_seconds() - progress->start,
        .examples_per_second = gt_progress_rate(progress, model->iteration),
    };
    take_terms(result, session);
}

/* ---- writing ------------------------------------------------------------------------------- */

static uint64_t hash_text(const char *text)
{
    return gt_fnv_bytes(GT_FNV_START, text, strlen(text));
}

static void write_hash(gt_json *json, const char *key, uint64_t hash)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%016" PRIx64, hash);
    gt_json_text(json, key, digits);
}

void gt_run_result_describe_told(gt_json *json, const gt_experiment *e, const gt_experiment_run *run)
{
    gt_settings settings = gt_experiment_settings(e, run);
    const gt_parsed_cell *parsed = e->sources[run->cell].parsed;
    gt_json_object(json, GT_RESULT_TOLD);
    write_hash(json, "text of the cell", hash_text(parsed == NULL ? "" : gt_parsed_cell_text(parsed, NULL)));
    gt_settings_write(json, &settings);
    gt_json_integer(json, "parameters", settings.parameters);
    gt_json_integer(json, "iterations", settings.iterations);
    gt_json_real(json, "epochs", settings.epochs);
    gt_json_integer(json, "patience", settings.patience);
    gt_json_integer(json, "threads", settings.threads);
    gt_json_boolean(json, "test", gt_experiment_tests(e));
    gt_json_close(json);
}

static void write_scores(gt_json *json, const gt_run_result *r)
{
    gt_json_text(json, "unit", r->predicts_numbers ? "mse" : "bits");
    gt_json_real(json, "training_loss", r->training_loss);
    gt_json_real(json, "validation_loss", r->validation_loss);
    gt_json_real(json, "validation_accuracy", r->validation_accuracy);
    gt_json_real(json, "best_validation_loss", r->best_validation_loss);
    gt_json_integer(json, "best_iteration", r->best_iteration);
    gt_json_real(json, "test_loss", r->test_loss);
    gt_json_real(json, "test_accuracy", r->test_accuracy);
    gt_json_real(json, "baseline", r->baseline);
    gt_json_real(json, "baseline_accuracy", r->baseline_accuracy);
    gt_json_real(json, "optimum", r->optimum);
    gt_json_real(json, "seconds", r->seconds);
    gt_json_real(json, "examples_per_second", r->examples_per_second);
}

static void write_terms(gt_json *json, const gt_run_result *r, const gt_experiment *e, uint32_t cell)
{
    const char *name;
    gt_json_object(json, "terms");
    for (uint32_t k = 0; (name = gt_experiment_term(e, cell, k)) != NULL; k++) {
        gt_json_object(json, name);
        gt_json_real(json, "training", r->terms[k].training);
        gt_json_real(json, "validation", r->terms[k].validation);
        gt_json_real(json, "test", r->terms[k].test);
        gt_json_close(json);
    }
    gt_json_close(json);
}

static char *describe(const gt_run_result *r, const gt_experiment *e, const gt_experiment_run *run)
{
    gt_json *json = gt_json_new();
    gt_json_text(json, "format", GT_RESULT_FORMAT);
    gt_json_integer(json, "version", GT_RESULT_VERSION);
    gt_json_text(json, "run", run->name);
    gt_run_result_describe_told(json, e, run);
    write_hash(json, "data", r->data_hash);
    gt_json_text(json, "outcome", r->diverged ? "diverged" : "done");
    gt_json_text(json, "reason", r->reason);
    gt_json_integer(json, "hidden", r->hidden);
    gt_json_integer(json, "parameters", r->parameters);
    gt_json_integer(json, "iterations", r->iterations);
    write_scores(json, r);
    write_terms(json, r, e, run->cell);
    return gt_json_take(json, 1);
}

bool gt_run_result_is_there(const gt_experiment *e, const gt_experiment_run *run)
{
    char path[GT_RUN_PATH];
    return gt_experiment_path(e, run, "json", path, NULL) && access(path, F_OK) == 0;
}

bool gt_run_result_write(const gt_run_result *result, const gt_experiment *e, const gt_experiment_run *run,
                         gt_error *error)
{
    char path[GT_RUN_PATH];
    char *text = describe(result, e, run);
    bool good = text != NULL && gt_experiment_path(e, run, "json", path, error);
    if (text == NULL)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the result");
    if (good)
        good = gt_file_replace(path, text, strlen(text), error) == GT_OK;
    free(text);
    return good;
}
