/* model.json, written: all of a model that is not an array. */
#include "training/model_json.h"
#include "command/json.h"
#include "training/model.h"

#include "base/utf8.h"

bool gt_model_can_be_saved(gt_error *error)
{
#if !defined(GT_HAVE_JANSSON)
    const char *lacks = "jansson", *option = "json";
#elif !defined(GT_HAVE_LIBZIP)
    const char *lacks = "libzip", *option = "zip";
#else
    const char *lacks = NULL, *option = NULL;
#endif
    if (lacks != NULL)
        gt_error_set(error, GT_ERROR_UNSUPPORTED,
                     "model files need the library %s, which this build lacks: build with "
                     "-D%s=enabled",
                     lacks, option);
    return lacks == NULL;
}

#ifndef GT_HAVE_JANSSON

char *gt_model_describe(const gt_model *model, gt_error *error)
{
    (void)model;
    gt_model_can_be_saved(error);
    return NULL;
}

#else

#include <inttypes.h>
#include <string.h>

static void write_target(gt_json *json, const gt_settings *settings)
{
    gt_json_object(json, "target");
    gt_json_integer(json, "iterations", settings->iterations);
    gt_json_real(json, "epochs", settings->epochs);
    gt_json_real(json, "minutes", settings->minutes);
    gt_json_close(json);
}

/* Names that are no UTF-8 cannot be written; without them, resuming asks for --text. */
static void write_files(gt_json *json, const gt_model *model)
{
    bool all = true;
    for (uint32_t i = 0; i < model->file_count; i++)
        all = all && gt_utf8_valid(model->files[i], strlen(model->files[i]));
    gt_json_array(json, "files");
    for (uint32_t i = 0; all && i < model->file_count; i++)
        gt_json_text(json, NULL, model->files[i]);
    gt_json_close(json);
}

static void write_text(gt_json *json, const gt_model *model)
{
    char hash[32];
    gt_utf8_format(hash, sizeof hash, "%016" PRIx64, model->text_hash);
    gt_json_object(json, "text");
    write_files(json, model);
    gt_json_text(json, "hash", hash);
    gt_json_integer(json, "training", model->training_count);
    gt_json_integer(json, "validation", model->validation_count);
    gt_json_close(json);
}

static void write_progress(gt_json *json, const gt_model *model)
{
    gt_json_object(json, "progress");
    gt_json_integer(json, "iteration", model->iteration);
    gt_json_real(json, "best_validation", model->best_validation);
    gt_json_integer(json, "best_iteration", model->best_iteration);
    gt_json_integer(json, "worse", model->worse);
    gt_json_integer(json, "first", model->first);
    gt_json_close(json);
}

static void write_vocabulary(gt_json *json, const gt_vocabulary *vocabulary)
{
    gt_json_array(json, "vocabulary");
    for (uint32_t i = 0; i < vocabulary->count; i++)
        gt_json_integer(json, NULL, vocabulary->symbols[i]);
    gt_json_close(json);
}

static void write_data(gt_json *json, const gt_model_data *data, bool layered)
{
    gt_json_object(json, "data");
    gt_json_boolean(json, "reads_numbers", data->reads_numbers);
    gt_json_boolean(json, "predicts_numbers", data->predicts_numbers);
    gt_json_integer(json, "vocabulary", data->vocabulary);
    gt_json_integer(json, "outputs", data->outputs);
    gt_json_integer(json, "further_inputs", data->further);
    if (layered)
        gt_json_boolean(json, "at_the_end", data->at_the_end);
    gt_json_close(json);
}

static void write_cells(gt_json *json, const gt_cell_source *source)
{
    if (source->stack == NULL && source->parsed != NULL)
        gt_json_text(json, "cell", source->cell->name);
    if (source->stack == NULL)
        return;
    gt_json_array(json, "cells");
    for (uint32_t i = 0; i < gt_cell_stack_count(source); i++)
        gt_json_text(json, NULL, gt_cell_stack_at(source, i)->cell->name);
    gt_json_close(json);
}

char *gt_model_describe(const gt_model *model, gt_error *error)
{
    gt_json *json = gt_json_new();
    bool layered = model->source.stack != NULL;
    gt_json_text(json, "format", model->data.present ? GT_MODEL_FORMAT_OF_DATA : GT_MODEL_FORMAT);
    gt_json_integer(json, "version", layered ? GT_MODEL_VERSION : GT_MODEL_VERSION_WITHOUT_LAYERS);
    gt_settings_write(json, &model->settings);
    write_target(json, &model->settings);
    write_text(json, model);
    write_progress(json, model);
    if (model->data.present)
        write_data(json, &model->data, layered);
    else
        write_vocabulary(json, &model->vocabulary);
    if (model->ignores_outputs)
        gt_json_boolean(json, "ignores_outputs", true);
    write_cells(json, &model->source);
    char *text = gt_json_take(json, 1);
    if (text == NULL)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to describe the model");
    return text;
}

#endif
