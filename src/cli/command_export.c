/* gradtape export: a cell over a sequence, or a trained model, as an ONNX model. */
#include "base/utf8.h"
#include "command/arrays.h"
#include "command/cell_source.h"
#include "command/constants.h"
#include "command/json.h"
#include "command/page.h"
#include "command/terminal.h"
#include "io/members.h"
#include "models/dimensions.h"
#include "training/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct settings {
    const char *what, *set, *dims, *output, *title;
    gt_text_list parameters;
    int64_t opset, seed;
    int dtype;
    bool scans, json, dtype_given;
} settings;

static const char description[] =
    "Writes an ONNX model, which other programs run: of a model that `gradtape train` saved (WHAT ends with .npz), or "
    "of "
    "a cell over a sequence, with the parameters of a file or, for a first look, new ones of the sizes in --dims.\n\n"
    "Arrays are (steps, examples, features) there, both numbers being open. A cell has its input and its initial "
    "states (a0) as inputs and gives its hidden state, or its output, at every step, and its states after the last one "
    "(a_final); a model has tokens (steps, examples) and gives logits. What is exactly ONNX's LSTM, GRU or RNN is "
    "written as that, any other cell as a Scan.";

static const char examples[] = "  gradtape export lstm --dims n_x=3,n_a=5 -o lstm.onnx\n"
                               "  gradtape export mine.cell --parameters mine.npz -o mine.onnx\n"
                               "  gradtape export model.npz -o model.onnx\n";

/* What is written, and of what. */
typedef struct model_file {
    char *bytes;
    size_t size;
    const char *cell;
    int64_t parameters;
    gt_dtype dtype;
} model_file;

/* ---- a cell ------------------------------------------------------------------------------------ */

/* What the arrays of a file say of sizes, behind what the user says. */
static void learn(gt_dimensions *d, const gt_cell *cell, const gt_archive *arrays)
{
    gt_size_fact facts[2 * GT_MAX_CELL_ARRAYS];
    size_t count = 0;
    for (uint32_t i = 0; i < cell->parameter_count; i++) {
        const gt_cell_array *row = &cell->parameters[i];
        gt_shape shape = gt_archive_find(arrays, row->name).shape;
        if (gt_archive_type(arrays, row->name) == NULL)
            continue;
        facts[count++] = (gt_size_fact){row->rows, shape.size[0], row->name};
        if (row->columns != NULL)
            facts[count++] = (gt_size_fact){row->columns, shape.size[1], row->name};
    }
    gt_dimensions_learn(d, facts, count);
}

static gt_status find_dimensions(const settings *s, const gt_cell *cell, const gt_archive *arrays, gt_dimensions *d,
                                 gt_error *error)
{
    gt_status status = gt_dimensions_find(d, cell, gt_cell_handed_on(cell) >= 0, error);
    if (status == GT_OK)
        status = gt_dimensions_read(d, cell, "--dims", s->dims, error);
    if (status != GT_OK)
        return status;
    if (arrays != NULL)
        learn(d, cell, arrays);
    for (uint32_t i = 0; i < d->count; i++)
        if (d->from[i] == NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT,
                                "cell %s has the dimension %s: say with --dims %s=N what it is, or give --parameters",
                                cell->name, d->names[i], d->names[i]);
    return GT_OK;
}

static gt_status load_arrays(const gt_cell *cell, gt_archive *arrays, gt_parameters *set, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < cell->parameter_count && status == GT_OK; i++)
        if (gt_archive_type(arrays, cell->parameters[i].name) != NULL)
            status = gt_archive_load(arrays, cell->parameters[i].name, error);
    return status == GT_OK ? gt_parameters_load(set, arrays, NULL, error) : status;
}

static gt_status initialize(gt_parameters *set, int64_t seed, gt_error *error)
{
    gt_status status = gt_parameters_initialize(set, (uint64_t)seed);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", gt_parameters_message(set));
}

static gt_status fill_parameters(const settings *s, const gt_cell *cell, const gt_dimensions *d, gt_archive *arrays,
                                 gt_parameters *set, gt_error *error)
{
    gt_status status = gt_cell_declare(cell, d->list, d->count, gt_cell_handed_on(cell) >= 0, NULL, set, error);
    if (status != GT_OK)
        return status;
    return arrays != NULL ? load_arrays(cell, arrays, set, error) : initialize(set, s->seed, error);
}

static gt_status export_with(const settings *s, const gt_cell *cell, gt_archive *arrays, const gt_onnx_options *options,
                             model_file *file, gt_error *error)
{
    gt_dimensions d;
    gt_status status = find_dimensions(s, cell, arrays, &d, error);
    gt_parameters *set = gt_parameters_new(gt_real_type(s->dtype));
    if (status == GT_OK && set == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    if (status == GT_OK)
        status = fill_parameters(s, cell, &d, arrays, set, error);
    if (status == GT_OK)
        status = gt_onnx_cell(cell, d.list, d.count, set, options, &file->bytes, &file->size, error);
    file->parameters = set == NULL ? 0 : gt_parameters_total(set);
    file->dtype = gt_real_type(s->dtype);
    gt_parameters_free(set);
    return status;
}

static gt_status export_cell(const settings *s, const gt_cell *cell, const gt_onnx_options *options, model_file *file,
                             gt_error *error)
{
    if (s->parameters.count == 0)
        return export_with(s, cell, NULL, options, file, error);
    gt_archive *arrays = gt_arrays_open(&s->parameters, error);
    gt_error inside = {0};
    if (arrays == NULL)
        return error->status;
    gt_status status = export_with(s, cell, arrays, options, file, &inside);
    char names[256];
    if (status != GT_OK)
        gt_error_set(error, status, "%s: %s", gt_arrays_describe(&s->parameters, names, sizeof names), inside.message);
    gt_archive_free(arrays);
    return status;
}

/* ---- a model ----------------------------------------------------------------------------------- */

/* The vocabulary as a list in JSON, to be freed with free(); NULL on no memory. */
static char *list_vocabulary(const gt_vocabulary *vocabulary)
{
    enum { MOST_DIGITS = 8 }; /* and a comma */
    size_t size = (size_t)vocabulary->count * (MOST_DIGITS + 1) + 3;
    char *text = malloc(size);
    size_t used = text == NULL ? 0 : gt_utf8_format(text, size, "[");
    for (uint32_t i = 0; text != NULL && i < vocabulary->count; i++)
        used += gt_utf8_format(text + used, size - used, "%s%u", i == 0 ? "" : ",", (unsigned)vocabulary->symbols[i]);
    if (text != NULL)
        gt_utf8_format(text + used, size - used, "]");
    return text;
}

static gt_status export_model(const settings *s, gt_model *model, gt_onnx_options *options, model_file *file,
                              gt_error *error)
{
    if (s->dims != NULL || s->set != NULL || s->parameters.count > 0 || s->dtype_given)
        return gt_error_set(
            error, GT_ERROR_ARGUMENT,
            "%s is a model, which has its own parameters: --dims, --set, --parameters and --dtype are for cells",
            s->what);
    if (!gt_model_load(model, s->what, false, error))
        return error->status;
    char *vocabulary = list_vocabulary(&model->vocabulary);
    if (vocabulary == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    const char *const metadata[][2] = {{"vocabulary", vocabulary},
                                       {"encoding", model->vocabulary.bytes ? "bytes" : "code points"}};
    options->metadata = metadata;
    options->metadata_count = model->vocabulary.count > 0 ? 2 : 0; /* a network of numbers has none */
    gt_status status = gt_onnx_network(&model->network, model->parameters, options, &file->bytes, &file->size, error);
    free(vocabulary);
    options->metadata = NULL;
    options->metadata_count = 0;
    file->parameters = gt_parameters_total(model->parameters);
    file->dtype = gt_parameters_dtype(model->parameters);
    return status;
}

/* ---- both -------------------------------------------------------------------------------------- */

static bool is_model(const char *what)
{
    size_t length = strlen(what);
    return length > 4 && strcasecmp(what + length - 4, ".npz") == 0;
}

static gt_status write_file(const settings *s, const model_file *file, gt_error *error)
{
    if (!gt_file_is_standard(s->output))
        return gt_file_replace(s->output, file->bytes, file->size, error);
    if (gt_terminal_is(stdout))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "--out -: a model is not for a terminal; redirect it, or give a file");
    fwrite(file->bytes, 1, file->size, stdout); /* a failure is found and reported when the program ends */
    return GT_OK;
}

static int report(const gt_command *command, const settings *s, const model_file *file)
{
    if (!s->json) {
        gt_page_print("%s, %lld parameters, %s, version %lld of the operators: %zu bytes\n", file->cell,
                      (long long)file->parameters, gt_dtype_name(file->dtype), (long long)s->opset, file->size);
        gt_terminal_say(gt_page(), "to %s", s->output);
        gt_page_print("\n");
        return GT_EXIT_GOOD;
    }
    gt_json *json = gt_json_begin(command, 1);
    gt_json_text(json, "what", s->what);
    gt_json_text(json, "cell", file->cell);
    gt_json_text(json, "out", s->output);
    gt_json_text(json, "dtype", gt_dtype_name(file->dtype));
    gt_json_integer(json, "opset", s->opset);
    gt_json_integer(json, "parameters", file->parameters);
    gt_json_integer(json, "bytes", (int64_t)file->size);
    return gt_json_finish(json, GT_EXIT_GOOD);
}

/* Of a cell or a model that is open, or could not be. */
static int finish(const gt_command *command, const settings *s, gt_status status, const model_file *file,
                  gt_error *error)
{
    if (status == GT_OK)
        status = write_file(s, file, error);
    if (status != GT_OK)
        return gt_command_fail_error(command, error);
    return gt_file_is_standard(s->output) ? GT_EXIT_GOOD : report(command, s, file);
}

static int export(const gt_command *command, const settings *s)
{
    gt_onnx_options options = GT_ONNX_OPTIONS_INIT;
    gt_error error = {0};
    model_file file = {.bytes = NULL};
    int answer;
    options.opset = s->opset;
    options.scans = s->scans;
    options.title = s->title;
    if (is_model(s->what)) {
        gt_model model = {0};
        gt_status status = export_model(s, &model, &options, &file, &error);
        char label[GT_CELL_LABEL] = "";
        if (status == GT_OK)
            gt_cell_stack_label(&model.source, label);
        file.cell = label;
        answer = finish(command, s, status, &file, &error);
        gt_model_free(&model);
    } else {
        gt_cell_source source = {.set = s->set};
        if (!gt_cell_source_open_sized(&source, command, s->what, s->dims))
            return GT_EXIT_USAGE;
        file.cell = source.cell->name;
        gt_status status = export_cell(s, source.cell, &options, &file, &error);
        answer = finish(command, s, status, &file, &error);
        gt_cell_source_free(&source);
    }
    gt_archive_bytes_free(file.bytes);
    return answer;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {.opset = 17, .seed = 1};
    const gt_option operands[] = {
        GT_OPERAND_TEXT("WHAT", &s.what, "a model of `gradtape train` (.npz), or a cell: a name, or FILE.cell",
                        .file = GT_FILE_CELL),
        GT_OPTION_END,
    };
    const gt_option options[] = {
        GT_OPTION_TEXT("out", "FILE.onnx", &s.output, "file to write; - for stdout", .required = true, .letter = 'o',
                       .file = GT_FILE_WRITTEN),
        GT_OPTION_INTEGER("opset", "N", &s.opset, GT_ONNX_LEAST_OPSET, GT_ONNX_MOST_OPSET,
                          "version of ONNX's operators"),
        GT_OPTION_CONSTANTS(&s.set),
        GT_OPTION_TEXT("dims", "NAME=N,...", &s.dims, "sizes that the cell's equations name", .no_default = true),
        GT_OPTION_TEXTS("parameters", "FILE", &s.parameters, "the cell's arrays, under its names", .one_each = true,
                        .file = GT_FILE_ARCHIVE),
        GT_OPTION_INTEGER("seed", "N", &s.seed, 0, UINT32_MAX, "of new parameters"),
        GT_OPTION_CHOICE("dtype", &s.dtype, gt_real_types, "type of a cell's numbers", .given = &s.dtype_given),
        GT_OPTION_FLAG("scans", &s.scans, "write every cell as a Scan, also where ONNX has it"),
        GT_OPTION_TEXT("title", "TEXT", &s.title, "name of the graph (default: the cell's)", .no_default = true),
        GT_OPTION_FLAG("json", &s.json, "report in JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    status = export(command, &s);
    gt_text_list_free(&s.parameters);
    return status;
}

const gt_command gt_command_export = {
    "export",
    "writes a cell or a trained model as an ONNX model",
    run,
};
