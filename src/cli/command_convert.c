/* gradtape convert: weights from the layout of one framework to that of another, and from one kind of file to another.
 */
#include "base/utf8.h"
#include "command/json.h"
#include "command/options.h"
#include "command/page.h"
#include "command/terminal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const framework_names[] = {"gradtape", "pytorch", "keras", "onnx",
                                              NULL}; /* as gt_framework counts */

typedef struct settings {
    const char *input, *output, *cell, *prefix;
    int from, to;
    bool layers, partial, json;
} settings;

static const char description[] =
    "Converts the weights of recurrent layers between gradtape's names and the layouts of PyTorch, Keras and ONNX. "
    "FILE is an .npz file (a model of `gradtape train` too), a .safetensors file or an .npy file, and so is what is "
    "written, by its name's end; with --from and --to the same, arrays go from one kind of file to another as "
    "they are.\n\n"
    "Cells: lstm, gru_after (the GRU of PyTorch, Keras's with reset_after), gru (Keras's without), rnn, and "
    "peephole_lstm for ONNX. Where a gate has two biases there and one here it becomes their sum; on the way back the "
    "first gets all of it. Nothing else is computed: the way here and back gives the same bits. "
    "include/gradtape/convert.h lists names, shapes and orders.";

static const char examples[] = "  gradtape convert lstm.safetensors --from pytorch --cell lstm -o lstm.npz\n"
                               "  gradtape convert lstm.npz --cell lstm --to keras -o keras.npz\n"
                               "  gradtape convert model.npz --cell gru_after --to pytorch --prefix rnn. \\\n"
                               "      -o model.safetensors\n";

/* ---- what does not fit ------------------------------------------------------------------------- */

/* "gradtape convert: weight_hr_l0 (5, 10): means nothing in ..." */
static void print_misfit(void *context, const char *name, gt_shape shape, const char *reason)
{
    char text[128];
    fprintf(stderr, "gradtape %s: %s %s: %s\n", ((const gt_command *)context)->name, name,
            shape.rank < 0 ? "is missing" : gt_shape_format(shape, text, sizeof text), reason);
}

/* ---- report ------------------------------------------------------------------------------------ */

static void print_report(const settings *s, const gt_archive *result)
{
    gt_page_print("%s  %-24s %-16s %s%s\n", gt_terminal_style(stdout, GT_STYLE_STRONG), "written", "shape", "type",
                  gt_terminal_style(stdout, GT_STYLE_PLAIN));
    for (uint32_t i = 0; i < gt_archive_count(result); i++) {
        const char *name = gt_archive_name(result, i);
        gt_array array = gt_archive_find(result, name);
        char shape[128];
        gt_page_print("  %-24s %-16s %s\n", name, gt_shape_format(array.shape, shape, sizeof shape),
                      gt_dtype_name(array.dtype));
    }
    gt_terminal_say(gt_page(), "to %s", s->output);
    gt_page_print("\n");
}

static int print_json(const gt_command *command, const settings *s, const gt_archive *result)
{
    gt_json *json = gt_json_begin(command, 1);
    gt_json_text(json, "in", s->input);
    gt_json_text(json, "out", s->output);
    gt_json_text(json, "from", framework_names[s->from]);
    gt_json_text(json, "to", framework_names[s->to]);
    gt_json_array(json, "written");
    for (uint32_t i = 0; i < gt_archive_count(result); i++) {
        gt_array array = gt_archive_find(result, gt_archive_name(result, i));
        gt_json_object(json, NULL);
        gt_json_text(json, "name", gt_archive_name(result, i));
        gt_json_shape(json, "shape", array.shape);
        gt_json_text(json, "dtype", gt_dtype_name(array.dtype));
        gt_json_close(json);
    }
    gt_json_close(json);
    return gt_json_finish(json, GT_EXIT_GOOD);
}

/* ---- what is done ------------------------------------------------------------------------------ */

static bool ends_with(const char *path, const char *end)
{
    size_t length = strlen(path), size = strlen(end);
    return length > size && strcasecmp(path + length - size, end) == 0;
}

static gt_status write_result(const settings *s, const gt_archive *result, gt_error *error)
{
    if (ends_with(s->output, ".safetensors"))
        return gt_safetensors_write(result, s->output, error);
    if (ends_with(s->output, ".npz"))
        return gt_archive_write(result, s->output, false, error);
    return gt_error_set(error, GT_ERROR_ARGUMENT,
                        "--out %s: the name of what is written ends with .npz or .safetensors", s->output);
}

static int convert(const gt_command *command, const settings *s)
{
    gt_error error = {0};
    gt_archive *given = gt_archive_read(s->input, &error);
    const gt_convert_options options = {
        .from = (gt_framework)s->from,
        .to = (gt_framework)s->to,
        .cell = s->cell,
        .prefix = s->prefix,
        .layers = s->layers,
        .partial = s->partial,
        .misfit = print_misfit,
        .context = (void *)(uintptr_t)command,
    };
    gt_error inside = {0};
    gt_archive *result = given == NULL ? NULL : gt_convert(given, &options, &inside);
    if (given != NULL && result == NULL)
        gt_error_set(&error, inside.status, "%s: %s", s->input, inside.message);
    int status = GT_EXIT_GOOD;
    if (result == NULL || write_result(s, result, &error) != GT_OK)
        status = gt_command_fail_error(command, &error);
    else if (s->json)
        status = print_json(command, s, result);
    else
        print_report(s, result);
    gt_archive_free(result);
    gt_archive_free(given);
    return status;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {.from = GT_FRAMEWORK_GRADTAPE, .to = GT_FRAMEWORK_GRADTAPE};
    const gt_option operands[] = {
        GT_OPERAND_TEXT("FILE", &s.input, "arrays to read", .file = GT_FILE_ARCHIVE),
        GT_OPTION_END,
    };
    const gt_option options[] = {
        GT_OPTION_CHOICE("from", &s.from, framework_names, "whose names and layout FILE has"),
        GT_OPTION_CHOICE("to", &s.to, framework_names, "whose names and layout to write"),
        GT_OPTION_TEXT("cell", "NAME", &s.cell, "the cell: lstm, gru_after, gru, rnn or peephole_lstm"),
        GT_OPTION_TEXT("out", "FILE", &s.output, "file to write, .npz or .safetensors", .required = true, .letter = 'o',
                       .file = GT_FILE_SAVED),
        GT_OPTION_TEXT("prefix", "TEXT", &s.prefix, "what stands before the other framework's names: rnn."),
        GT_OPTION_FLAG("layers", &s.layers, "write layer1. before gradtape's names of a single layer, too"),
        GT_OPTION_FLAG("partial", &s.partial, "leave out arrays whose names mean nothing"),
        GT_OPTION_FLAG("json", &s.json, "report in JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    return convert(command, &s);
}

const gt_command gt_command_convert = {
    "convert",
    "converts weights from and to PyTorch, Keras and ONNX, .npz and .safetensors",
    run,
};
