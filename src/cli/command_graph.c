/* gradtape graph: a picture of a cell's tape. */
#include "base/utf8.h"
#include "cli/flow/model.h"
#include "command/cell_source.h"
#include "command/constants.h"
#include "command/dimensions.h"
#include "command/options.h"
#include "command/steps.h"
#include "command/terminal.h"
#include "models/dimensions.h"
#include "problem/tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS GT_MAX_CELL_ARRAYS
#define MOST_OUTPUTS (4 * ROWS)
#define MOST_SIZES 64

typedef struct settings {
    const char *cell_text, *set, *dims;
    const gt_cell *cell;
    gt_dimensions dimensions;
    gt_dimension shown[GT_MAX_CELL_ARRAYS + 1 + MOST_SIZES]; /* with m, and the sizes of the cell's tables */
    uint32_t shown_count;
    char sizes[MOST_SIZES][GT_SIZE_NAME]; /* "4 n_a", "n_a+n_x" */
    uint32_t size_count;
    int64_t steps;
    bool unrolled, backward, all_steps, every_node, with_values;
    const char *numbers; /* of a page: a file, or NULL */
    gt_flow_model model; /* of a page */
    int64_t seed;
    const char *output;
    int format; /* a place in format_names */
} settings;

/* The extension decides, unless there is none. */
static const char *const format_names[] = {"auto", "svg", "png", "pdf", "dot", "json", "html", NULL};

/* What is written: a format, or NULL for what the file's extension says. */
static const char *format_of(const settings *s)
{
    if (s->format != 0)
        return format_names[s->format];
    return gt_file_is_standard(s->output) ? "svg" : NULL;
}

static bool writes(const settings *s, const char *wanted)
{
    const char *format = format_of(s), *dot = strrchr(s->output, '.');
    if (format == NULL && dot != NULL && dot != s->output)
        format = dot + 1;
    return format != NULL && strcmp(format, wanted) == 0;
}

static const char description[] =
    "Draws what a cell computes, and with --backward the gradients next to it. Without --steps: "
    "the body of the loop, with its carried states as dashed edges to the next step. With --steps "
    "T: the loop unrolled, one box for each time step. docs/graph.md says how to read the pictures, "
    "docs/graph-json.md what a .json file holds: what the picture shows, or with --every-node each "
    "node of the tape.\n\n"
    "An .html file is a page in which the steps are gone through one by one, forward and with --backward "
    "back again, with all numbers: those of --in, those of a trained --model, or random ones with one example. It "
    "needs --steps.";

static const char examples[] = "  gradtape graph lstm -o lstm.svg\n"
                               "  gradtape graph lstm --steps 3 --backward -o lstm.pdf\n"
                               "  gradtape graph lstm --steps 3 --backward -o lstm.html\n"
                               "  gradtape graph rnn --backward -o - --format dot | less\n";

enum { EXAMPLES = 10, BODY_STEPS = 4, LARGE_PAGE = 1000000 };

/* "4 * n_a" as it is shown: "4 n_a". */
static void write_size(char text[GT_SIZE_NAME], const char *size)
{
    size_t count = 0;
    for (; *size != '\0' && count + 1 < GT_SIZE_NAME; size++)
        if (*size == '*')
            text[count++] = ' ';
        else if (*size != ' ')
            text[count++] = *size;
    text[count] = '\0';
}

/* A size of a table that is more than a name, in the cell's own words. */
static void show_size(settings *s, const char *size)
{
    int64_t value;
    if (size == NULL || strpbrk(size, "+-*") == NULL || s->size_count == MOST_SIZES ||
        gt_size_evaluate(size, s->dimensions.list, s->dimensions.count, &value, NULL) != GT_OK)
        return;
    char *text = s->sizes[s->size_count++];
    write_size(text, size);
    s->shown[s->shown_count++] = (gt_dimension){text, value};
}

static void show_sizes(settings *s, const gt_cell_array *table, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        show_size(s, table[i].rows);
        show_size(s, table[i].columns);
    }
}

/* No two sizes equal, so that shapes can be written by their names. */
static gt_status find_dimensions(settings *s, gt_error *error)
{
    gt_dimensions *d = &s->dimensions;
    gt_status status = gt_dimensions_find(d, s->cell, true, error);
    if (status == GT_OK)
        status = gt_dimensions_read(d, s->cell, "--dims", s->dims, error);
    if (status != GT_OK)
        return status;
    gt_dimensions_usual(d, EXAMPLES);
    memcpy(s->shown, d->list, d->count * sizeof *s->shown);
    s->shown[d->count] = (gt_dimension){"m", EXAMPLES};
    s->shown_count = d->count + 1;
    show_sizes(s, s->cell->inputs, s->cell->input_count);
    show_sizes(s, s->cell->states, s->cell->state_count);
    show_sizes(s, s->cell->parameters, s->cell->parameter_count);
    show_sizes(s, s->cell->outputs, s->cell->output_count);
    return status;
}

/* ---- recording ----------------------------------------------------------------------------- */

typedef struct recording {
    gt_cell_problem problem;
    gt_cell_tape record;
    gt_interpreter *values; /* NULL: none are wanted */
    double *data;           /* what was bound to it */
    char names[MOST_OUTPUTS][96];
    gt_graph_output outputs[MOST_OUTPUTS];
    uint32_t output_count;
} recording;

static void add_output(recording *r, gt_var v, const char *before, const char *name)
{
    char *text = r->names[r->output_count];
    gt_utf8_format(text, sizeof r->names[0], "%s%s", before, name);
    r->outputs[r->output_count++] = (gt_graph_output){v, text};
}

/* What is drawn, and what has a cotangent: the hidden state and the outputs. */
static bool is_drawn(const gt_problem_array *upstream)
{
    return upstream->kind == GT_PROBLEM_OUTPUT_UPSTREAM || upstream->place == 0;
}

/* From the cotangents to the gradients of all that is given. */
static gt_status record_backward(recording *r)
{
    gt_var gradients[3 * ROWS];
    gt_status status = gt_cell_tape_differentiate(&r->record, &r->problem, gradients);
    for (uint32_t i = 0; i < r->problem.differentiated; i++)
        add_output(r, gradients[i], "d", r->problem.arrays[i].name);
    return status;
}

static gt_status record(recording *r, const settings *s, gt_error *error)
{
    gt_cell_problem *problem = &r->problem;
    gt_status status = gt_cell_problem_shape(problem, s->cell, GT_F64, &s->dimensions, EXAMPLES,
                                             s->unrolled ? s->steps : BODY_STEPS, true, error);
    for (uint32_t i = problem->differentiated; i < problem->array_count; i++)
        problem->arrays[i].given = s->backward && is_drawn(&problem->arrays[i]);
    if (status == GT_OK)
        status = gt_cell_tape_open(&r->record, problem, s->unrolled, error);
    if (status != GT_OK)
        return status;
    for (uint32_t i = 0; i < r->record.result_count; i++)
        if (is_drawn(&problem->arrays[problem->differentiated + i]))
            add_output(r, r->record.results[i], "", problem->arrays[problem->differentiated + i].row->name);
    if (s->backward && record_backward(r) != GT_OK)
        return gt_error_set(error, gt_tape_status(r->record.tape), "%s", gt_tape_message(r->record.tape));
    return GT_OK;
}

/* ---- values -------------------------------------------------------------------------------- */

#define SEED 1

/* Whatever is given gets numbers of moderate size, the same each time. */
static gt_status bind_example(recording *r)
{
    gt_random random;
    gt_status status = GT_OK;
    size_t used = 0;
    gt_random_seed(&random, SEED);
    for (uint32_t i = 0; i < r->problem.array_count && status == GT_OK; i++) {
        const gt_problem_array *array = &r->problem.arrays[i];
        if (!gt_var_valid(r->record.arrays[i]))
            continue;
        size_t count = (size_t)gt_shape_count(array->shape);
        for (size_t k = 0; k < count; k++)
            r->data[used + k] = gt_random_normal(&random) / 2;
        status = gt_interpreter_bind(r->values, r->record.arrays[i], r->data + used);
        used += count;
    }
    return status;
}

static gt_status find_values(recording *r, const settings *s, gt_error *error)
{
    gt_var outputs[MOST_OUTPUTS];
    size_t count = 0;
    if (!s->with_values)
        return GT_OK;
    for (uint32_t i = 0; i < r->problem.array_count; i++)
        count += (size_t)gt_shape_count(r->problem.arrays[i].shape);
    for (uint32_t i = 0; i < r->output_count; i++)
        outputs[i] = r->outputs[i].var;
    r->values = gt_interpreter_new(r->record.tape);
    r->data = calloc(count + 1, sizeof *r->data);
    gt_status status = r->values == NULL || r->data == NULL ? GT_ERROR_MEMORY : bind_example(r);
    if (status == GT_OK)
        status = gt_interpreter_evaluate(r->values, outputs, r->output_count);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "the values of an example could not be computed");
}

/* ---- drawing ------------------------------------------------------------------------------- */

static gt_graph *collect(recording *r, const settings *s, gt_error *error)
{
    char title[160], steps[64] = "";
    if (s->unrolled)
        gt_utf8_format(steps, sizeof steps, ", %lld time step%s", (long long)s->steps, s->steps == 1 ? "" : "s");
    gt_utf8_format(title, sizeof title, "%s%s%s", s->cell->name, steps, s->backward ? ", backward" : "");
    gt_graph_options options = {.title = title,
                                .everything = s->every_node,
                                .values = r->values,
                                .dimensions = s->shown,
                                .dimension_count = s->shown_count,
                                .all_steps = s->all_steps};
    return gt_graph_new(r->outputs, r->output_count, &options, error);
}

/* `-o -`: on the standard output. */
static int print_graph(const gt_command *command, const gt_graph *graph, const char *format)
{
    gt_error error = {0};
    char *bytes;
    size_t size;
    if (gt_terminal_is(stdout) && (strcmp(format, "png") == 0 || strcmp(format, "pdf") == 0))
        return gt_command_fail(command, "--output -: a .%s is not for a terminal; redirect it, or give a file", format);
    if (gt_graph_render(graph, format, &bytes, &size, &error) != GT_OK)
        return gt_command_fail_error(command, &error);
    fwrite(bytes, 1, size, stdout); /* a failure is found and reported when the program ends */
    gt_graph_bytes_free(bytes);
    return GT_EXIT_GOOD;
}

static int write_graph(const gt_command *command, const settings *s, recording *r)
{
    gt_error error = {0};
    gt_graph *graph = collect(r, s, &error);
    int status = GT_EXIT_GOOD;
    if (graph == NULL)
        return gt_command_fail_error(command, &error);
    if (gt_file_is_standard(s->output))
        status = print_graph(command, graph, format_of(s));
    else if (gt_graph_write(graph, s->output, format_of(s), &error) != GT_OK)
        status = gt_command_fail_error(command, &error);
    else {
        gt_terminal_written(s->output, ": ");
        printf("%u nodes, %u edges\n", gt_graph_node_count(graph), gt_graph_edge_count(graph));
    }
    gt_graph_free(graph);
    return status;
}

/* ---- a page -------------------------------------------------------------------------------- */

static int print_page(const gt_command *command, const settings *s, const char *page, size_t size)
{
    gt_error error = {0};
    if (gt_file_is_standard(s->output)) {
        fwrite(page, 1, size, stdout); /* a failure is found and reported when the program ends */
        return GT_EXIT_GOOD;
    }
    if (gt_file_replace(s->output, page, size, &error) != GT_OK)
        return gt_command_fail_error(command, &error);
    gt_terminal_written(s->output, ": ");
    printf("%zu kB%s\n", (size + 999) / 1000,
           size > LARGE_PAGE ? "; a large page: fewer --steps or smaller --dims make one that opens faster" : "");
    return GT_EXIT_GOOD;
}

static gt_status make_page(settings *s, const gt_parsed_cell *parsed, gt_cell_problem *problem, char **page,
                           size_t *size, gt_error *error)
{
    gt_flow_numbers numbers = {.file = s->numbers,
                               .dims = s->dims,
                               .steps = s->steps,
                               .examples = 1,
                               .seed = s->seed,
                               .every_step = true,
                               .every_result = true};
    gt_stepper_options options = {.forward_only = !s->backward, .all_steps = s->all_steps};
    gt_status status = s->model.path == NULL
                           ? gt_flow_read_numbers(problem, s->cell, &numbers, error)
                           : gt_flow_model_read(&s->model, problem, NULL, s->cell->name, &numbers, error);
    if (s->model.path != NULL)
        parsed = s->model.model.source.parsed; /* it may have been another text of that name */
    return status == GT_OK ? gt_steps_page(parsed, problem, &options, page, size, error) : status;
}

static int write_page(const gt_command *command, settings *s, const gt_parsed_cell *parsed)
{
    gt_error error = {0};
    gt_cell_problem problem = {0};
    char *page;
    size_t size;
    if (!s->unrolled && s->numbers == NULL)
        return gt_command_fail(command, "a page to step through shows each time step: give --steps, --steps 3");
    gt_status status = make_page(s, parsed, &problem, &page, &size, &error);
    int exit_status = status == GT_OK ? print_page(command, s, page, size) : gt_command_fail_error(command, &error);
    if (status == GT_OK)
        gt_stepper_free(page);
    gt_cell_problem_free(&problem);
    return exit_status;
}

static int draw(const gt_command *command, const settings *s)
{
    gt_error error = {0};
    recording *r = calloc(1, sizeof *r);
    if (r == NULL)
        return gt_command_fail(command, "out of memory");
    bool ready = record(r, s, &error) == GT_OK && find_values(r, s, &error) == GT_OK;
    int status = ready ? write_graph(command, s, r) : gt_command_fail_error(command, &error);
    gt_interpreter_free(r->values);
    free(r->data);
    gt_cell_tape_close(&r->record);
    gt_cell_problem_free(&r->problem);
    free(r);
    return status;
}

/* Whether the options go together. */
static int check_options(const gt_command *command, const settings *s)
{
    bool model = s->model.path != NULL;
    if (s->with_values && !s->unrolled)
        return gt_command_fail(command, "--values needs --steps: the body of a loop has other values at each step");
    int status = gt_flow_model_check(&s->model, command);
    if (status != GT_EXIT_GOOD)
        return status;
    if (model && (s->numbers != NULL || s->dims != NULL || s->set != NULL))
        return gt_command_fail(command, "--model has its own arrays: --in, --dims and --set do not go with it");
    if (!writes(s, "html") && (model || s->numbers != NULL))
        return gt_command_fail(command, "--%s %s: only an .html page shows numbers", model ? "model" : "in",
                               model ? s->model.path : s->numbers);
    return GT_EXIT_GOOD;
}

/* A page, or a picture of the cell that was found. */
static int write(const gt_command *command, settings *s, const gt_parsed_cell *parsed)
{
    gt_error error = {0};
    if (writes(s, "html"))
        return write_page(command, s, parsed);
    return find_dimensions(s, &error) == GT_OK ? draw(command, s) : gt_command_fail_error(command, &error);
}

static int find_and_write(const gt_command *command, settings *s)
{
    gt_cell_source source = {.set = s->set};
    if (!gt_cell_source_open_sized(&source, command, s->cell_text, s->dims))
        return GT_EXIT_USAGE;
    s->cell = source.cell;
    int status = write(command, s, source.parsed);
    gt_cell_source_free(&source);
    return status;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {.steps = 1, .seed = 1};
    const gt_option operands[] = {
        GT_OPERAND_CELL(&s.cell_text),
        GT_OPTION_END,
    };
    const gt_option options[] = {
        GT_OPTION_INTEGER("steps", "T", &s.steps, 1, 100000, "unroll the loop for this many time steps",
                          .given = &s.unrolled, .no_default = true),
        GT_OPTION_CONSTANTS(&s.set),
        GT_OPTION_TEXT("dims", "NAME=N,...", &s.dims, "sizes (default n_x=3,n_a=5,n_y=2)", .no_default = true),
        GT_OPTION_FLAG("backward", &s.backward, "draw the gradients, too"),
        GT_OPTION_FLAG("all-steps", &s.all_steps, "with --steps, draw each of more than 6 steps"),
        GT_OPTION_FLAG("every-node", &s.every_node, "all nodes of the tape, also those that only move entries"),
        GT_OPTION_FLAG("values", &s.with_values,
                       "with --steps, into a .json: what small nodes are worth in an example"),
        GT_OPTION_TEXT("in", "FILE.npz", &s.numbers, "the numbers of an .html page, as for 'gradtape grad'",
                       .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXT("model", "FILE", &s.model.path,
                       "a trained model of the cell, on a text: numbers of an .html page", .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXTS("text", "FILE", &s.model.text, "what the model reads, from the beginning",
                        .file = GT_FILE_READ),
        GT_OPTION_INTEGER("layer", "L", &s.model.layer, 0, GT_MAX_LAYERS, "of the model; 0: the last"),
        GT_OPTION_INTEGER("seed", "N", &s.seed, 0, 4294967295.0, "of the random numbers of an .html page"),
        GT_OPTION_TEXT("output", "FILE", &s.output,
                       "file to write: .svg, .png, .pdf, .dot, .json or .html; - for stdout", .required = true,
                       .letter = 'o', .file = GT_FILE_WRITTEN),
        GT_OPTION_CHOICE("format", &s.format, format_names,
                         "what to write; auto: as the file's extension says, an SVG on stdout"),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    if (gt_usage_parse(&usage, argument_count, arguments, &status)) {
        status = check_options(command, &s);
        if (status == GT_EXIT_GOOD)
            status = find_and_write(command, &s);
    }
    gt_flow_model_close(&s.model);
    gt_text_list_free(&s.model.text);
    return status;
}

const gt_command gt_command_graph = {
    "graph",
    "draws the graph of a cell: .svg, .png, .pdf, .dot, .json, .html",
    run,
};
