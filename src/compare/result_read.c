/* Results read back. */
#include "compare/result.h"
#include "compare/result_json.h"
#include "compare/terms.h"

#include "base/utf8.h"

#ifndef GT_HAVE_JANSSON

bool gt_run_result_can_be_kept(gt_error *error)
{
    gt_error_set(error, GT_ERROR_UNSUPPORTED,
                 "results need the library jansson, which this build lacks: build with -Djson=enabled");
    return false;
}

bool gt_run_result_read(gt_run_result *result, const gt_experiment *e, const gt_experiment_run *run, gt_error *error)
{
    (void)e;
    (void)run;
    *result = (gt_run_result){0};
    return gt_run_result_can_be_kept(error);
}

#else

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool gt_run_result_can_be_kept(gt_error *error)
{
    (void)error;
    return true;
}

/* ---- what it was told ---------------------------------------------------------------------- */

static void format_value(const json_t *value, char *text, size_t size)
{
    char *dumped = value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    gt_utf8_format(text, size, "%s", dumped == NULL ? "nothing" : dumped);
    free(dumped);
}

/* The first key whose values differ; false if there is none. Objects are looked into. */
static bool find_difference(json_t *wanted, const json_t *found, char *text, size_t size)
{
    const char *key;
    json_t *value;
    json_object_foreach(wanted, key, value)
    {
        json_t *other = json_object_get(found, key);
        if (json_equal(value, other))
            continue;
        if (json_is_object(value) && json_is_object(other))
            return find_difference(value, other, text, size);
        char here[80], there[80];
        format_value(value, here, sizeof here);
        format_value(other, there, sizeof there);
        gt_utf8_format(text, size, "%s is %s now, and was %s", key, here, there);
        return true;
    }
    return false;
}

/* What the run is told today, as it is read back. */
static json_t *told_now(const gt_experiment *e, const gt_experiment_run *run)
{
    gt_json *json = gt_json_new();
    gt_run_result_describe_told(json, e, run);
    char *text = gt_json_take(json, 0);
    json_t *document = text == NULL ? NULL : json_loads(text, 0, NULL);
    free(text);
    return document;
}

static bool check_told(const json_t *document, const gt_experiment *e, const gt_experiment_run *run, const char *path,
                       gt_error *error)
{
    json_t *now = told_now(e, run);
    char difference[300] = "what it was told is missing";
    if (now == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to read %s", path);
        return false;
    }
    json_t *wanted = json_object_get(now, GT_RESULT_TOLD), *found = json_object_get(document, GT_RESULT_TOLD);
    bool same = json_equal(wanted, found) != 0;
    if (!same && json_is_object(found))
        find_difference(wanted, found, difference, sizeof difference);
    json_decref(now);
    if (!same)
        gt_error_set(error, GT_ERROR_ARGUMENT,
                     "%s is the result of another comparison (%s): give --out another folder, say the same as then, "
                     "or remove the file",
                     path, difference);
    return same;
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* NaN where there is none. */
static double real_of(const json_t *document, const char *key)
{
    const json_t *found = json_object_get(document, key);
    return json_is_number(found) ? json_number_value(found) : NAN;
}

static int64_t integer_of(const json_t *document, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(document, key));
}

static const char *text_of(const json_t *document, const char *key)
{
    const char *text = json_string_value(json_object_get(document, key));
    return text == NULL ? "" : text;
}

static void take(gt_run_result *r, const json_t *document)
{
    *r = (gt_run_result){
        .present = true,
        .diverged = strcmp(text_of(document, "outcome"), "done") != 0,
        .data_hash = strtoull(text_of(document, "data"), NULL, 16),
        .hidden = integer_of(document, "hidden"),
        .parameters = integer_of(document, "parameters"),
        .iterations = integer_of(document, "iterations"),
        .best_iteration = integer_of(document, "best_iteration"),
        .predicts_numbers = strcmp(text_of(document, "unit"), "mse") == 0,
        .training_loss = real_of(document, "training_loss"),
        .validation_loss = real_of(document, "validation_loss"),
        .validation_accuracy = real_of(document, "validation_accuracy"),
        .best_validation_loss = real_of(document, "best_validation_loss"),
        .test_loss = real_of(document, "test_loss"),
        .test_accuracy = real_of(document, "test_accuracy"),
        .baseline = real_of(document, "baseline"),
        .baseline_accuracy = real_of(document, "baseline_accuracy"),
        .optimum = real_of(document, "optimum"),
        .seconds = real_of(document, "seconds"),
        .examples_per_second = real_of(document, "examples_per_second"),
    };
    gt_utf8_format(r->reason, sizeof r->reason, "%s", text_of(document, "reason"));
}

/* False if one that the cell has is not there. */
static bool take_terms(gt_run_result *r, const json_t *document, const gt_experiment *e, uint32_t cell)
{
    const json_t *terms = json_object_get(document, "terms");
    bool whole = true;
    const char *name;
    for (uint32_t k = 0; k < GT_MAX_LOSS_TERMS; k++) {
        name = gt_experiment_term(e, cell, k);
        const json_t *term = name == NULL ? NULL : json_object_get(terms, name);
        r->terms[k] = (gt_run_term){real_of(term, "training"), real_of(term, "validation"), real_of(term, "test")};
        whole = whole && (name == NULL || json_is_object(term));
    }
    return whole;
}

static bool check_data(const gt_run_result *result, const gt_experiment *e, const gt_experiment_run *run,
                       const char *path, gt_error *error)
{
    uint64_t now = gt_experiment_size_of(e, run->cell, run->task)->data_hash;
    if (now == 0 || result->data_hash == now)
        return true;
    gt_error_set(error, GT_ERROR_ARGUMENT,
                 "%s is the result of other data: a file has changed since; give --out another folder, or remove the "
                 "results in runs",
                 path);
    return false;
}

/* What every result has; a number that is not known is null. */
static bool is_whole(const json_t *document)
{
    static const char *const numbers[] = {"training_loss",
                                          "validation_loss",
                                          "validation_accuracy",
                                          "best_validation_loss",
                                          "test_loss",
                                          "test_accuracy",
                                          "baseline",
                                          "baseline_accuracy",
                                          "optimum",
                                          "seconds",
                                          "examples_per_second"};
    static const char *const counts[] = {"hidden", "parameters", "iterations", "best_iteration"};
    const char *outcome = text_of(document, "outcome");
    bool whole = strcmp(outcome, "done") == 0 || strcmp(outcome, "diverged") == 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const json_t *found = json_object_get(document, numbers[i]);
        whole = whole && (json_is_number(found) || json_is_null(found));
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        whole = whole && json_is_integer(json_object_get(document, counts[i])) && integer_of(document, counts[i]) >= 0;
    return whole;
}

/* ---- the file ------------------------------------------------------------------------------ */

static bool read_document(gt_run_result *result, const json_t *document, const gt_experiment *e,
                          const gt_experiment_run *run, const char *path, gt_error *error)
{
    if (strcmp(text_of(document, "format"), GT_RESULT_FORMAT) != 0 ||
        integer_of(document, "version") != GT_RESULT_VERSION) {
        gt_error_set(error, GT_ERROR_FORMAT,
                     "%s is no result that this gradtape reads: remove it, and the run is done again", path);
        return false;
    }
    if (!check_told(document, e, run, path, error))
        return false;
    take(result, document);
    result->tested = gt_experiment_tests(e);
    if (!check_data(result, e, run, path, error))
        return false;
    if (take_terms(result, document, e, run->cell) && is_whole(document) &&
        strcmp(text_of(document, "run"), run->name) == 0 && (result->diverged || isfinite(gt_run_result_loss(result))))
        return true;
    gt_error_set(error, GT_ERROR_FORMAT, "%s is damaged: remove it, and the run is done again", path);
    return false;
}

static bool refuse_unreadable(const char *path, const json_error_t *where, gt_error *error)
{
    if (where->text[0] == '\0')
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to read %s", path);
    else
        gt_error_set(error, GT_ERROR_FORMAT, "%s, line %d: %s; remove it, and the run is done again", path, where->line,
                     where->text);
    return false;
}

bool gt_run_result_read(gt_run_result *result, const gt_experiment *e, const gt_experiment_run *run, gt_error *error)
{
    char path[GT_RUN_PATH];
    *result = (gt_run_result){0};
    if (!gt_experiment_path(e, run, "json", path, error))
        return false;
    FILE *file = fopen(path, "rb");
    if (file == NULL && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (file == NULL) {
        gt_error_set(error, GT_ERROR_FILE, "%s cannot be read: %s", path, strerror(errno));
        return false;
    }
    json_error_t where;
    json_t *document = json_loadf(file, JSON_REJECT_DUPLICATES, &where);
    fclose(file);
    if (document == NULL)
        return refuse_unreadable(path, &where, error);
    bool good = read_document(result, document, e, run, path, error);
    json_decref(document);
    return good;
}

#endif
