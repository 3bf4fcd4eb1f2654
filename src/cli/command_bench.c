/* gradtape bench: how long a training step of a cell takes, and how long it must take. */
#include "cli/bench/report.h"
#include "command/cell_source.h"
#include "command/constants.h"
#include "command/options.h"
#include "command/signals.h"
#include "command/terminal.h"

#include <stdio.h>
#include <stdlib.h>

static const char description[] =
    "Times one training step of a cell: the forward pass over all time steps; then the gradients "
    "of the input, the initial states and all parameters, from a random upstream gradient at every "
    "step of what a layer hands on (the hidden state, or the cell's output), and of every other "
    "state and output that would otherwise be read by nothing. Output layers, of n_y rows, are left "
    "out, and so is planning, which is reported apart.\n\n"
    "The GEMM bound is the time of nothing but the matrix products that such a step cannot do "
    "without, each for as many steps at once as the recurrence allows, by the fastest of "
    "gradtape's own kernels, and OpenBLAS and oneDNN where they are installed. It is measured in turn "
    "with the step; 'by libraries' is the same without gradtape's own kernels, and so is the bound "
    "on several threads. Ctrl-C ends the measurement and reports what there is.";

static const char examples[] = "  gradtape bench lstm --dims n_x=256,n_a=256 --batch 64 --steps 64\n"
                               "  gradtape bench gru --dims n_x=64,n_a=128 --batch 32 --steps 50 --dtype f64 --json\n";

typedef struct settings {
    const char *cell_text, *set;
    int dtype;
    const char *dims;
    int64_t threads, repeat;
    bool json;
    gt_step_settings step;
} settings;

static void show_progress(const gt_measurement *m, void *context)
{
    (void)context;
    fprintf(stderr, "\r\033[Kround %u: %.3f ms", (unsigned)m->rounds, m->times.times[m->rounds - 1] * 1e-3);
}

static int report(const gt_command *command, const settings *s, gt_measurement *m)
{
    if (m->rounds == 0)
        return gt_command_fail(command, "interrupted before anything was measured");
    gt_bench_report r = gt_bench_report_of(&s->step, m, (int)s->threads);
    if (!s->json) {
        gt_bench_report_print(&r);
        return GT_EXIT_GOOD;
    }
    gt_json *json = gt_json_begin(command, 1);
    if (json == NULL)
        return GT_EXIT_USAGE;
    gt_bench_report_json(&r, json);
    return gt_json_finish(json, GT_EXIT_GOOD);
}

static int measure(const gt_command *command, const settings *s)
{
    gt_measurement *m = malloc(sizeof *m);
    if (m == NULL)
        return gt_command_fail(command, "out of memory");
    gt_error error = {0};
    bool terminal = gt_terminal_overwrites(stderr);
    if (terminal)
        fprintf(stderr, "choosing the fastest matrix products...");
    gt_status status = gt_measurement_open(m, &s->step, (int)s->threads, &error);
    gt_signals_ask();
    if (status == GT_OK)
        status =
            gt_measurement_run(m, (uint32_t)s->repeat, gt_signals_came, terminal ? show_progress : NULL, NULL, &error);
    gt_signals_end_again();
    if (terminal)
        fprintf(stderr, "\r\033[K");
    int answer = status == GT_OK || status == GT_ERROR_INTERRUPTED ? report(command, s, m)
                                                                   : gt_command_fail_error(command, &error);
    gt_measurement_close(m);
    free(m);
    return answer;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {.threads = 1, .step = {.batch = 64, .steps = 64}};
    const gt_option operands[] = {
        GT_OPERAND_CELL(&s.cell_text),
        GT_OPTION_END,
    };
    const gt_option options[] = {
        GT_OPTION_CONSTANTS(&s.set),
        GT_OPTION_TEXT("dims", "NAME=N,...", &s.dims, "sizes that the cell's equations name (default 256 each)",
                       .no_default = true),
        GT_OPTION_INTEGER("batch", "M", &s.step.batch, 1, 1 << 20, "examples"),
        GT_OPTION_INTEGER("steps", "T", &s.step.steps, 1, 1 << 24, "time steps"),
        GT_OPTION_CHOICE("dtype", &s.dtype, gt_real_types, "type of the numbers"),
        GT_OPTION_INTEGER("threads", "N", &s.threads, 1, 64, "threads"),
        GT_OPTION_INTEGER("repeat", "K", &s.repeat, 1, 1000000, "rounds (default as many as fit in two seconds)",
                          .no_default = true),
        GT_OPTION_FLAG("forward", &s.step.forward, "the forward pass alone"),
        GT_OPTION_FLAG("unrolled", &s.step.unrolled, "record a copy of the cell for each time step"),
        GT_OPTION_BYTES("memory", &s.step.memory, "most memory of the plan's own, such as 64M: loops are cut for it"),
        GT_OPTION_FLAG("json", &s.json, "everything in JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    gt_cell_source source = {.set = s.set};
    gt_error error = {0};
    if (!gt_cell_source_open(&source, command, s.cell_text))
        return GT_EXIT_USAGE;
    s.step.cell = source.cell;
    s.step.dtype = gt_real_type(s.dtype);
    status = gt_step_read_dimensions(&s.step, s.dims, &error) == GT_OK ? measure(command, &s)
                                                                       : gt_command_fail_error(command, &error);
    gt_cell_source_free(&source);
    return status;
}

const gt_command gt_command_bench = {
    "bench",
    "times a training step of a cell beside its unavoidable matrix products",
    run,
};
