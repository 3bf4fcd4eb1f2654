/* model.json, read. */
#include "training/model.h"
#include "training/model_json.h"

#include <stdlib.h>

void gt_cell_names_free(gt_cell_names *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        free(names->list[i]);
    *names = (gt_cell_names){.count = 0};
}

#ifndef GT_HAVE_JANSSON

bool gt_model_understand(gt_model *model, const char *text, gt_cell_names *names, gt_error *error)
{
    *names = (gt_cell_names){.count = 0};
    (void)model;
    (void)text;
    return gt_model_can_be_saved(error);
}

#else

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool bad(gt_error *error, const char *key, const char *expected)
{
    gt_error_set(error, GT_ERROR_FORMAT, "model.json: \"%s\" is missing or not %s", key, expected);
    return false;
}

static bool read_integer(const json_t *object, const char *key, double low, double high, int64_t *value,
                         gt_error *error)
{
    const json_t *found = json_object_get(object, key);
    json_int_t number = json_integer_value(found);
    if (!json_is_integer(found) || !((double)number >= low && (double)number <= high)) {
        char expected[96];
        snprintf(expected, sizeof expected, "a whole number from %.0f to %.0f", low, high);
        return bad(error, key, expected);
    }
    *value = number;
    return true;
}

static bool read_real(const json_t *object, const char *key, double low, double high, double *value, gt_error *error)
{
    const json_t *found = json_object_get(object, key);
    double number = json_number_value(found);
    if (!json_is_number(found) || !(number >= low && number <= high)) {
        char expected[96];
        snprintf(expected, sizeof expected, "a number from %g to %g", low, high);
        return bad(error, key, expected);
    }
    *value = number;
    return true;
}

static bool read_choice(const json_t *object, const gt_option *row, gt_error *error)
{
    const char *text = json_string_value(json_object_get(object, row->name));
    for (int i = 0; text != NULL && row->choices[i] != NULL; i++)
        if (strcmp(row->choices[i], text) == 0) {
            *(int *)row->target = i;
            return true;
        }
    return bad(error, row->name, "one of the values that its option takes");
}

static bool read_flag(const json_t *object, const gt_option *row, gt_error *error)
{
    const json_t *found = json_object_get(object, row->name);
    if (!json_is_boolean(found))
        return bad(error, row->name, "true or false");
    *(bool *)row->target = json_is_true(found);
    return true;
}

/* A text of the model's own, for which `kept` is to be freed. "": not there, as in older models. */
static bool read_text_of(const json_t *object, const gt_option *row, char **kept, gt_error *error)
{
    const json_t *found = json_object_get(object, row->name);
    if (found != NULL && !json_is_string(found))
        return bad(error, row->name, "a text");
    *kept = strdup(found == NULL ? "" : json_string_value(found));
    *(const char **)row->target = *kept;
    if (*kept == NULL)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the model");
    return *kept != NULL;
}

static char **text_of(gt_model *model, const char *name)
{
    return strcmp(name, "cell") == 0   ? &model->cell
           : strcmp(name, "dims") == 0 ? &model->dims
           : strcmp(name, "task") == 0 ? &model->task
                                       : &model->rates;
}

static bool read_row(gt_model *model, const gt_option *row, const json_t *object, gt_error *error)
{
    switch (row->kind) {
    case GT_KIND_FLAG:
        return read_flag(object, row, error);
    case GT_KIND_INTEGER:
        return read_integer(object, row->name, row->low, row->high, row->target, error);
    case GT_KIND_REAL:
        return read_real(object, row->name, row->low, row->high, row->target, error);
    case GT_KIND_TEXT:
        return read_text_of(object, row, text_of(model, row->name), error);
    default:
        return read_choice(object, row, error);
    }
}

static bool read_settings(gt_model *model, const json_t *object, int64_t version, gt_error *error)
{
    gt_option rows[GT_FIXED_COUNT + 1];
    gt_settings_fixed(&model->settings, rows);
    model->settings.weight_decay = 0; /* of models that know of none */
    for (int i = 0; i < (version < 3 ? GT_FIXED_OF_VERSION_2 : GT_FIXED_COUNT); i++)
        if (!read_row(model, &rows[i], object, error))
            return false;
    return true;
}

static bool add_name(gt_cell_names *names, const json_t *name, gt_error *error)
{
    if (!json_is_string(name))
        return bad(error, "cell", "the name of a cell");
    names->list[names->count] = strdup(json_string_value(name));
    if (names->list[names->count] != NULL) {
        names->count++;
        return true;
    }
    gt_error_set(error, GT_ERROR_MEMORY, "no memory for the model");
    return false;
}

/* The names of the cells, of a model that carries their texts. */
static bool read_cell_names(const json_t *document, gt_cell_names *names, gt_error *error)
{
    const json_t *cell = json_object_get(document, "cell"), *cells = json_object_get(document, "cells");
    names->layered = cells != NULL;
    if (cells != NULL && (!json_is_array(cells) || json_array_size(cells) > GT_MAX_LAYERS))
        return bad(error, "cells", "a list of names of cells");
    for (size_t i = 0; i < json_array_size(cells); i++)
        if (!add_name(names, json_array_get(cells, i), error))
            return false;
    return cell == NULL || cells != NULL || add_name(names, cell, error);
}

static bool read_vocabulary(gt_vocabulary *vocabulary, const json_t *array, bool bytes, gt_error *error)
{
    size_t count = json_array_size(array);
    if (count < 1 || count > 0x110000)
        return bad(error, "vocabulary", "a list of characters");
    vocabulary->symbols = calloc(count, sizeof *vocabulary->symbols);
    if (vocabulary->symbols == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the vocabulary");
        return false;
    }
    vocabulary->bytes = bytes;
    int64_t previous = -1;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        json_int_t symbol = json_integer_value(item);
        bool surrogate = symbol >= 0xD800 && symbol <= 0xDFFF; /* no characters: UTF-8 has none */
        if (!json_is_integer(item) || symbol <= previous || symbol > (bytes ? 0xFF : 0x10FFFF) || surrogate)
            return bad(error, "vocabulary", "a list of characters in ascending order");
        vocabulary->symbols[vocabulary->count++] = (uint32_t)symbol;
        previous = symbol;
    }
    return true;
}

static bool read_files(gt_model *model, const json_t *array, gt_error *error)
{
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count > 1000000)
        return bad(error, "files", "a list of names");
    model->files = calloc(count + 1, sizeof *model->files);
    for (size_t i = 0; model->files != NULL && i < count; i++) {
        const char *name = json_string_value(json_array_get(array, i));
        if (name == NULL)
            return bad(error, "files", "a list of names");
        model->files[i] = strdup(name);
        if (model->files[i] == NULL)
            break;
        model->file_count++;
    }
    if (model->file_count == count && model->files != NULL)
        return true;
    gt_error_set(error, GT_ERROR_MEMORY, "no memory for the model");
    return false;
}

static bool read_text(gt_model *model, const json_t *object, gt_error *error)
{
    const char *hash = json_string_value(json_object_get(object, "hash"));
    char *end = NULL;
    if (hash == NULL || strlen(hash) != 16)
        return bad(error, "hash", "a hash of 16 digits");
    model->text_hash = strtoull(hash, &end, 16);
    if (*end != '\0')
        return bad(error, "hash", "a hash of 16 digits");
    return read_files(model, json_object_get(object, "files"), error) &&
           read_integer(object, "training", 0, 1e15, &model->training_count, error) &&
           read_integer(object, "validation", 0, 1e15, &model->validation_count, error);
}

static bool read_progress(gt_model *model, const json_t *object, gt_error *error)
{
    model->best_validation = INFINITY;
    return read_integer(object, "iteration", 0, 1e15, &model->iteration, error) &&
           read_integer(object, "best_iteration", 0, 1e15, &model->best_iteration, error) &&
           (json_is_null(json_object_get(object, "best_validation")) ||
            read_real(object, "best_validation", 0, 1e300, &model->best_validation, error)) &&
           (json_object_get(object, "worse") == NULL || read_integer(object, "worse", 0, 1e15, &model->worse, error)) &&
           (json_object_get(object, "first") == NULL ||
            read_integer(object, "first", 0, (double)model->iteration, &model->first, error));
}

static bool read_target(gt_settings *settings, const json_t *object, gt_error *error)
{
    return read_integer(object, "iterations", 0, 1e15, &settings->iterations, error) &&
           read_real(object, "epochs", 0, 1e9, &settings->epochs, error) &&
           read_real(object, "minutes", 0, 1e9, &settings->minutes, error);
}

static bool read_data(gt_model_data *data, const json_t *object, gt_error *error)
{
    const json_t *reads = json_object_get(object, "reads_numbers"),
                 *predicts = json_object_get(object, "predicts_numbers");
    int64_t further = 0;
    if (!json_is_boolean(reads) || !json_is_boolean(predicts))
        return bad(error, "reads_numbers and predicts_numbers", "true or false");
    data->reads_numbers = json_is_true(reads);
    data->predicts_numbers = json_is_true(predicts);
    if (!read_integer(object, "vocabulary", data->reads_numbers ? 0 : 1, 1e9, &data->vocabulary, error) ||
        !read_integer(object, "outputs", 1, 1e9, &data->outputs, error) ||
        !read_integer(object, "further_inputs", 0, GT_MAX_CELL_ARRAYS, &further, error))
        return false;
    data->further = (uint32_t)further;
    data->at_the_end = json_is_true(json_object_get(object, "at_the_end"));
    return true;
}

static bool read_document(gt_model *model, const json_t *document, gt_cell_names *names, gt_error *error)
{
    const char *format = json_string_value(json_object_get(document, "format"));
    model->data.present = format != NULL && strcmp(format, GT_MODEL_FORMAT_OF_DATA) == 0;
    if (format == NULL || (!model->data.present && strcmp(format, GT_MODEL_FORMAT) != 0))
        return bad(error, "format", "\"" GT_MODEL_FORMAT "\"");
    int64_t version = 0;
    if (!read_integer(document, "version", 1, 1e9, &version, error))
        return false;
    if (version > GT_MODEL_VERSION) {
        gt_error_set(error, GT_ERROR_FORMAT,
                     "the model has version %lld of its format; this gradtape reads versions 1 to %d",
                     (long long)version, GT_MODEL_VERSION);
        return false;
    }
    model->cut_otherwise = version == 1;
    model->ignores_outputs = version == 1 || json_is_true(json_object_get(document, "ignores_outputs"));
    return read_settings(model, json_object_get(document, "settings"), version, error) &&
           read_cell_names(document, names, error) &&
           read_target(&model->settings, json_object_get(document, "target"), error) &&
           read_text(model, json_object_get(document, "text"), error) &&
           read_progress(model, json_object_get(document, "progress"), error) &&
           (model->data.present ? read_data(&model->data, json_object_get(document, "data"), error)
                                : read_vocabulary(&model->vocabulary, json_object_get(document, "vocabulary"),
                                                  model->settings.bytes, error));
}

bool gt_model_understand(gt_model *model, const char *text, gt_cell_names *names, gt_error *error)
{
    *names = (gt_cell_names){.count = 0};
    json_error_t where;
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    /* jansson has words for what is wrong with a text; where its memory failed it may have none. */
    if (document == NULL && where.text[0] == '\0') {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to read model.json");
        return false;
    }
    if (document == NULL) {
        gt_error_set(error, GT_ERROR_FORMAT, "model.json, line %d: %s", where.line, where.text);
        return false;
    }
    bool good = read_document(model, document, names, error);
    json_decref(document);
    return good;
}

#endif
