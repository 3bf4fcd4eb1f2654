/* gradtape flow: where the gradient of a cell goes. */
#include "cli/flow/model.h"
#include "command/constants.h"
#include "command/signals.h"
#include "command/terminal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LOSS_GIVEN, LOSS_LAST, LOSS_ALL };
static const char *const loss_names[] = {"auto", "last", "all", NULL};

typedef struct settings {
    const char *cell, *compare, *vary, *output;
    gt_flow_numbers numbers;
    gt_flow_model model;
    int loss;
    bool json;
} settings;

static const char description[] =
    "Shows the gradient of the loss with respect to every state, gate and input at every time step: how fast it fades "
    "or "
    "grows, by which paths it reaches each parameter (within a step, through one state alone, through several), how "
    "far "
    "back, and how much the last states can still be changed. Everything is computed by the reverse replay of the "
    "tape, "
    "with carried edges cut where shares of paths are asked for.\n\n"
    "Without --in: parameters as the cell initialises them, inputs drawn from the normal distribution, and the loss a "
    "random combination of what the cell hands on.\n\n"
    "--model FILE --text FILE shows what a model that 'gradtape train' saved does on stretches of a text: one of its "
    "layers, with what that reads there and the gradient of the cross-entropy of the predictions.\n\n"
    "Without --output a table is printed; the picture, the page and the numbers are files.";

static const char examples[] =
    "  gradtape flow lstm --steps 40\n"
    "  gradtape flow lstm --vary bf=0,1,3 --steps 40 -o forget.html\n"
    "  gradtape flow lstm --compare rnn,gru -o cells.svg\n"
    "  gradtape flow lstm --model c.model.npz --text c.txt --batch 1 --steps 40 -o text.svg\n";

/* ---- the list of flows ----------------------------------------------------------------------- */

typedef struct wish {
    char cell[256];
    char parameter[80];
    double value;
} wish;

/* "rnn,gru" behind the cell itself. */
static uint32_t list_cells(const settings *s, wish *list, gt_error *error)
{
    uint32_t count = 1;
    snprintf(list[0].cell, sizeof list[0].cell, "%s", s->cell);
    for (const char *at = s->compare; at != NULL && *at != '\0'; count++) {
        size_t length = strcspn(at, ",");
        if (count == GT_FLOW_RUNS || length == 0 || length >= sizeof list[0].cell) {
            gt_error_set(error, GT_ERROR_ARGUMENT,
                         length == 0
                             ? "--compare: a name is missing between commas"
                             : "--compare: at most %d cells stand side by side, with names of at most 255 bytes",
                         GT_FLOW_RUNS);
            return 0;
        }
        snprintf(list[count].cell, sizeof list[count].cell, "%.*s", (int)length, at);
        at += length + (at[length] == ',');
    }
    return count;
}

/* "bf=0,1,3" */
static uint32_t list_values(const settings *s, wish *list, gt_error *error)
{
    const char *equals = strchr(s->vary, '=');
    uint32_t count = 0;
    size_t length = equals == NULL ? 0 : (size_t)(equals - s->vary);
    bool good = length > 0 && length < sizeof list[0].parameter;
    for (const char *at = good ? equals + 1 : NULL; good && count < GT_FLOW_RUNS; count++) {
        char *end;
        double value = strtod(at, &end);
        good = end != at && isfinite(value) && (*end == ',' || *end == '\0');
        snprintf(list[count].cell, sizeof list[count].cell, "%s", s->cell);
        snprintf(list[count].parameter, sizeof list[count].parameter, "%.*s", (int)length, s->vary);
        list[count].value = value;
        if (good && *end == '\0')
            return count + 1;
        at = end + 1;
    }
    gt_error_set(error, GT_ERROR_ARGUMENT, "--vary is NAME=NUMBER,NUMBER,... with at most %d numbers: --vary bf=0,1,3",
                 GT_FLOW_RUNS);
    return 0;
}

/* ---- progress -------------------------------------------------------------------------------- */

/* Quiet for what is done at once, and where nobody looks. */
static bool tell(void *context, int64_t done, int64_t all)
{
    const bool *shows = context;
    if (*shows && all > 50 && done % 16 == 0)
        fprintf(stderr, "\r%lld of %lld backward passes ", (long long)done, (long long)all);
    if (*shows && all > 50 && done == all)
        fprintf(stderr, "\r%40s\r", "");
    return gt_signals_came(NULL);
}

/* ---- writing --------------------------------------------------------------------------------- */

typedef enum written { FORMAT_HTML, FORMAT_SVG, FORMAT_CSV, FORMAT_JSON, FORMAT_NONE } written;

static written format_of(const char *path)
{
    static const char *const extensions[] = {".html", ".svg", ".csv", ".json"};
    size_t length = strlen(path);
    for (int i = 0; i < FORMAT_NONE; i++)
        if (length > strlen(extensions[i]) && strcmp(path + length - strlen(extensions[i]), extensions[i]) == 0)
            return (written)i;
    return gt_file_is_standard(path) ? FORMAT_SVG : FORMAT_NONE;
}

static char *render(const gt_command *command, const settings *s, gt_flow_view *views, uint32_t count, size_t *size)
{
    char *bytes = NULL;
    written format = format_of(s->output);
    if (format == FORMAT_JSON) {
        bytes = gt_flow_take_json(command, views, count);
        *size = bytes == NULL ? 0 : strlen(bytes);
        return bytes;
    }
    FILE *memory = open_memstream(&bytes, size);
    if (memory == NULL)
        return NULL;
    bool done = true;
    if (format == FORMAT_CSV)
        gt_flow_write_csv(memory, views, count);
    else if (format == FORMAT_SVG)
        done = gt_flow_write_svg(memory, views, count);
    else
        done = gt_flow_write_html(memory, views, count);
    bool failed = ferror(memory) != 0 || !done;
    if (fclose(memory) == 0 && !failed)
        return bytes;
    free(bytes);
    return NULL;
}

static int write_file(const gt_command *command, const settings *s, gt_flow_view *views, uint32_t count)
{
    gt_error error = {0};
    size_t size = 0;
    char *bytes = render(command, s, views, count, &size);
    if (bytes == NULL)
        return gt_command_fail(command, "out of memory, or no jansson in this build for .json");
    int status = GT_EXIT_GOOD;
    if (gt_file_is_standard(s->output))
        fwrite(bytes, 1, size, stdout); /* a failure is found and reported when the program ends */
    else if (gt_file_replace(s->output, bytes, size, &error) != GT_OK)
        status = gt_command_fail_error(command, &error);
    else if (!s->json) {
        gt_terminal_written(s->output, ": ");
        printf("%u flow%s\n", count, count == 1 ? "" : "s");
    }
    free(bytes);
    return status;
}

static int report(const gt_command *command, const settings *s, gt_flow_view *views, uint32_t count)
{
    int status = s->output != NULL ? write_file(command, s, views, count) : GT_EXIT_GOOD;
    if (status == GT_EXIT_GOOD && s->json)
        return gt_flow_print_json(command, views, count);
    if (status == GT_EXIT_GOOD && s->output == NULL)
        gt_flow_print(views, count);
    return status;
}

/* One of the list, by arrays that are read or drawn; of a model by what it does on a text. */
static gt_status open_view(settings *s, gt_flow_view *view, const wish *w, gt_error *error)
{
    if (s->model.path != NULL)
        return gt_flow_model_open(&s->model, view, w->cell, &s->numbers, error);
    return gt_flow_view_open(view, w->cell, &s->numbers, s->vary != NULL ? w->parameter : NULL, w->value, error);
}

static int show(const gt_command *command, settings *s)
{
    static gt_flow_view views[GT_FLOW_RUNS];
    gt_error error = {0};
    wish *list = calloc(GT_FLOW_RUNS, sizeof *list);
    if (list == NULL)
        return gt_command_fail(command, "out of memory");
    uint32_t count = s->vary != NULL ? list_values(s, list, &error) : list_cells(s, list, &error), opened = 0;
    gt_status status = count == 0 ? error.status : GT_OK;
    gt_signals_ask();
    while (opened < count && status == GT_OK) {
        status = open_view(s, &views[opened], &list[opened], &error);
        opened++;
    }
    gt_signals_end_again();
    int exit_status = status == GT_OK ? report(command, s, views, count) : gt_command_fail_error(command, &error);
    for (uint32_t v = 0; v < opened; v++)
        gt_flow_view_close(&views[v]);
    gt_flow_model_close(&s->model);
    free(list);
    return exit_status;
}

/* Whether the options go together. */
static int check_options(const gt_command *command, const settings *s)
{
    if (s->vary != NULL && s->compare != NULL)
        return gt_command_fail(command, "--vary and --compare do not go together: vary one cell, or compare several");
    if (s->output != NULL && format_of(s->output) == FORMAT_NONE)
        return gt_command_fail(
            command, "--output %s: what to write is told by the extension: .html, .svg, .csv or .json", s->output);
    int status = gt_flow_model_check(&s->model, command);
    if (status == GT_EXIT_GOOD && s->model.path != NULL &&
        (s->numbers.file != NULL || s->numbers.dims != NULL || s->vary != NULL || s->compare != NULL ||
         s->numbers.set != NULL))
        return gt_command_fail(
            command, "--model has its own arrays: --in, --dims, --set, --vary and --compare do not go with it");
    return status;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {.numbers = {.steps = 20, .examples = 8, .seed = 1}};
    bool shows = gt_terminal_overwrites(stderr);
    s.numbers.passes = (gt_flow_options){.progress = tell, .context = &shows};
    const gt_option operands[] = {
        GT_OPERAND_CELL(&s.cell),
        GT_OPTION_END,
    };
    const gt_option options[] = {
        GT_OPTION_TEXT("compare", "CELL,...", &s.compare, "other cells beside it"),
        GT_OPTION_TEXT("vary", "NAME=N,...", &s.vary, "the cell with all entries of a parameter N, for each N"),
        GT_OPTION_CHOICE("loss", &s.loss, loss_names,
                         "at which steps; auto: as the file's upstream gradients say, otherwise after the last"),
        GT_OPTION_INTEGER("steps", "T", &s.numbers.steps, 2, 1000, "time steps"),
        GT_OPTION_INTEGER("batch", "M", &s.numbers.examples, 1, 10000, "examples"),
        GT_OPTION_CONSTANTS(&s.numbers.set),
        GT_OPTION_TEXT("dims", "NAME=N,...", &s.numbers.dims, "sizes (default n_x=3,n_a=5,n_y=2)", .no_default = true),
        GT_OPTION_INTEGER("seed", "N", &s.numbers.seed, 0, 4294967295.0, "of random numbers"),
        GT_OPTION_TEXT("in", "FILE.npz", &s.numbers.file, "arrays to read, as for 'gradtape grad'",
                       .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXT("model", "FILE", &s.model.path, "a trained model of the cell, on a text",
                       .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXTS("text", "FILE", &s.model.text, "what the model reads", .file = GT_FILE_READ),
        GT_OPTION_INTEGER("layer", "L", &s.model.layer, 0, GT_MAX_LAYERS, "of the model; 0: the last"),
        GT_OPTION_FLAG("no-triangle", &s.numbers.passes.no_triangle, "without losses by uses: a pass for each step"),
        GT_OPTION_FLAG("no-singular", &s.numbers.passes.no_singular,
                       "without singular values: a pass for each entry of the states"),
        GT_OPTION_TEXT("output", "FILE", &s.output, "file to write: .html, .svg, .csv or .json; - for an SVG on stdout",
                       .letter = 'o', .file = GT_FILE_WRITTEN),
        GT_OPTION_FLAG("json", &s.json, "report in JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    s.numbers.every_step = s.loss == LOSS_ALL || (s.model.path != NULL && s.loss == LOSS_GIVEN);
    s.numbers.asked = s.loss != LOSS_GIVEN;
    status = check_options(command, &s);
    if (status == GT_EXIT_GOOD)
        status = show(command, &s);
    gt_text_list_free(&s.model.text);
    return status;
}

const gt_command gt_command_flow = {
    "flow",
    "shows where the gradient goes: over time, by which paths",
    run,
};
