/* gradtape plot: the curves of logs as a picture. */
#include "cli/plot/draw.h"
#include "command/options.h"

#include <stdlib.h>
#include <string.h>

static int plot(const gt_command *command, int argument_count, char **arguments);

const gt_command gt_command_plot = {
    .name = "plot",
    .summary = "draws the losses of logs that 'train --log' wrote",
    .run = plot,
};

static const char description[] =
    "Draws a line for each log, the loss over the iterations as the mean of its neighbours, and a dot for each "
    "validation, into one SVG picture. A log may still be written to.";

static const char examples[] = "  gradtape plot --log lstm.csv gru.csv -o losses.svg\n";

typedef struct settings {
    gt_text_list logs;
    const char *output;
    bool logarithmic;
} settings;

static bool read_logs(const settings *s, gt_plot_curve *curves, gt_error *error)
{
    for (uint32_t i = 0; i < s->logs.count; i++) {
        const char *slash = strrchr(s->logs.items[i], '/');
        curves[i].name = slash == NULL ? s->logs.items[i] : slash + 1;
        if (!gt_plot_log_read(&curves[i].log, s->logs.items[i], error))
            return false;
        if (strcmp(curves[i].log.unit, curves[0].log.unit) == 0)
            continue;
        gt_error_set(error, GT_ERROR_ARGUMENT, "%s has the losses of %s, %s those of %s: draw them apart",
                     s->logs.items[0], curves[0].log.unit, s->logs.items[i], curves[i].log.unit);
        return false;
    }
    return true;
}

static bool write_picture(const settings *s, const gt_plot_curve *curves, gt_error *error)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&bytes, &size);
    bool drawn = memory != NULL && gt_plot_draw(memory, curves, s->logs.count, s->logarithmic);
    bool whole = memory != NULL && fclose(memory) == 0;
    bool good = drawn && whole;
    if (!whole)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the picture");
    else if (!drawn)
        gt_error_set(error, GT_ERROR_VALUE, "there is no loss to draw in these logs");
    else if (gt_file_is_standard(s->output))
        fwrite(bytes, 1, size, stdout);
    else
        good = gt_file_replace(s->output, bytes, size, error) == GT_OK;
    free(bytes);
    return good;
}

static int run(const gt_command *command, const settings *s)
{
    gt_error error = {0};
    gt_plot_curve *curves = calloc((size_t)s->logs.count + 1, sizeof *curves);
    if (curves == NULL)
        return gt_command_fail(command, "out of memory");
    bool good = read_logs(s, curves, &error) && write_picture(s, curves, &error);
    for (uint32_t i = 0; i < s->logs.count; i++)
        gt_plot_log_free(&curves[i].log);
    free(curves);
    return good ? GT_EXIT_GOOD : gt_command_fail_error(command, &error);
}

static int plot(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {.output = NULL};
    int status;
    const gt_option options[] = {
        GT_OPTION_TEXTS("log", "FILE", &s.logs, "logs to draw; - for stdin", .required = true, .file = GT_FILE_READ),
        GT_OPTION_TEXT("output", "FILE", &s.output, "where the picture goes (.svg); - for stdout", .required = true,
                       .letter = 'o', .file = GT_FILE_WRITTEN),
        GT_OPTION_FLAG("logarithmic", &s.logarithmic, "a logarithmic axis of losses"),
        GT_OPTION_END,
    };
    const gt_usage usage = {.command = command, .options = options, .description = description, .examples = examples};
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    status = run(command, &s);
    gt_text_list_free(&s.logs);
    return status;
}
