/* gradtape graph: a picture of a cell's tape. */
#include "cli/dimensions.h"
#include "cli/cell_source.h"
#include "cli/options.h"
#include "gradtape/utf8.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS GT_MAX_CELL_ARRAYS
#define MOST_OUTPUTS (4 * ROWS)

typedef struct settings {
    const char *cell_text, *dims;
    const gt_cell *cell;
    gt_dimensions dimensions;
    gt_dimension shown[GT_MAX_CELL_ARRAYS + 1]; /* and m */
    int64_t steps;
    bool unrolled, backward;
    const char *output;
    int format; /* a place in format_names */
} settings;

/* The extension decides, unless there is none. */
static const char *const format_names[] = {"auto", "svg", "png", "pdf", "dot", "json", NULL};

/* What is written: a format, or NULL for what the file's extension says. */
static const char *format_of(const settings *s)
{
    if (s->format != 0)
        return format_names[s->format];
    return gt_file_is_standard(s->output) ? "svg" : NULL;
}

static bool writes_json(const settings *s)
{
    const char *format = format_of(s);
    size_t length = strlen(s->output);
    if (format != NULL)
        return strcmp(format, "json") == 0;
    return length > 5 && strcmp(s->output + length - 5, ".json") == 0;
}

static const char description[] =
    "Draws what a cell computes, and with --backward the gradients next to it. Without --steps: "
    "the body of the loop, with its carried states as dashed edges to the next step. With --steps "
    "T: the loop unrolled, one box for each time step. A .json file holds every node of the tape "
    "and is described in docs/graph-json.md; docs/graph.md says how to read the pictures.";

static const char examples[] = "  gradtape graph lstm -o lstm.svg\n"
                               "  gradtape graph lstm --steps 3 --backward -o lstm.pdf\n"
                               "  gradtape graph rnn --backward -o - --format dot | less\n";

enum { EXAMPLES = 10, BODY_STEPS = 4 };

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
    return status;
}

/* ---- recording ----------------------------------------------------------------------------- */

typedef struct recording {
    const gt_cell *cell;
    const gt_dimensions *dimensions;
    gt_tape *tape;
    int64_t steps;
    char names[MOST_OUTPUTS][96];
    gt_graph_output outputs[MOST_OUTPUTS];
    uint32_t output_count;
    gt_var given[3 * ROWS]; /* inputs, initial states, parameters: what is differentiated by */
    gt_var states[ROWS], results[ROWS];
} recording;

static gt_shape shape_of(recording *r, const gt_cell_array *array, int64_t columns_if_vector)
{
    gt_shape shape = GT_SCALAR;
    gt_error error = {0};
    if (gt_cell_array_shape(array, r->dimensions->list, r->dimensions->count, columns_if_vector, &shape, &error) != GT_OK)
        gt_tape_fail(r->tape, error.status, "%s", error.message);
    return shape;
}

static gt_shape sequence_of(recording *r, const gt_cell_array *array)
{
    gt_shape shape = shape_of(r, array, EXAMPLES);
    shape.rank = 3;
    shape.size[2] = r->steps;
    return shape;
}

static void add_output(recording *r, gt_var v, const char *before, const char *name,
                       const char *after)
{
    char *text = r->names[r->output_count];
    gt_utf8_format(text, sizeof r->names[0], "%s%s%s", before, name, after);
    r->outputs[r->output_count++] = (gt_graph_output){v, text};
}

static void record_leaves(recording *r)
{
    const gt_cell *cell = r->cell;
    gt_var *given = r->given;
    char name[96];
    for (uint32_t i = 0; i < cell->input_count; i++)
        *given++ = gt_input(r->tape, cell->inputs[i].name, gt_tape_dtype(r->tape),
                            sequence_of(r, &cell->inputs[i]));
    for (uint32_t i = 0; i < cell->state_count; i++) {
        gt_utf8_format(name, sizeof name, "%s0", cell->states[i].name);
        *given++ = gt_state(r->tape, name, shape_of(r, &cell->states[i], EXAMPLES));
    }
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        *given++ = gt_parameter(r->tape, cell->parameters[i].name, shape_of(r, &cell->parameters[i], 1));
}

static void record_forward(recording *r, bool unrolled)
{
    const gt_cell *cell = r->cell;
    record_leaves(r);
    gt_sequence sequence = {
        .cell = cell, .unrolled = unrolled, .with_outputs = cell->output != NULL,
        .inputs = r->given, .initial = r->given + cell->input_count,
        .parameters = r->given + cell->input_count + cell->state_count,
        .states = r->states, .outputs = r->results,
    };
    gt_sequence_record(&sequence);
    add_output(r, r->states[0], "", cell->states[0].name, "");
    for (uint32_t i = 0; i < cell->output_count; i++)
        add_output(r, r->results[i], "", cell->outputs[i].name, "");
}

/* From the cotangents of the hidden state and of the outputs to the gradients of all that is given. */
static void record_backward(recording *r)
{
    const gt_cell *cell = r->cell;
    gt_var outputs[ROWS + 1], cotangents[ROWS + 1], gradients[3 * ROWS];
    uint32_t given = cell->input_count + cell->state_count + cell->parameter_count;
    char name[96];
    for (uint32_t i = 0; i <= cell->output_count; i++) {
        const gt_cell_array *array = i == 0 ? &cell->states[0] : &cell->outputs[i - 1];
        outputs[i] = i == 0 ? r->states[0] : r->results[i - 1];
        gt_utf8_format(name, sizeof name, "d%s", array->name);
        cotangents[i] = gt_input(r->tape, name, gt_tape_dtype(r->tape), sequence_of(r, array));
    }
    gt_grad(outputs, cotangents, cell->output_count + 1, r->given, given, gradients);
    for (uint32_t i = 0; i < given; i++)
        add_output(r, gradients[i], "d", gt_var_name(r->given[i]), "");
}

/* ---- drawing ------------------------------------------------------------------------------- */

static gt_graph *collect(recording *r, const settings *s, bool everything, gt_error *error)
{
    char title[160], steps[64] = "";
    if (s->unrolled)
        gt_utf8_format(steps, sizeof steps, ", %lld time step%s", (long long)s->steps, s->steps == 1 ? "" : "s");
    gt_utf8_format(title, sizeof title, "%s%s%s", r->cell->name, steps, s->backward ? ", backward" : "");
    gt_graph_options options = {.title = title, .everything = everything, .dimensions = s->shown,
                                .dimension_count = s->dimensions.count + 1};
    return gt_graph_new(r->outputs, r->output_count, &options, error);
}

/* `-o -`: on the standard output. */
static int print_graph(const gt_command *command, const gt_graph *graph, const char *format)
{
    gt_error error = {0};
    char *bytes;
    size_t size;
    if (gt_terminal_is(stdout) && (strcmp(format, "png") == 0 || strcmp(format, "pdf") == 0))
        return gt_command_fail(command, "--output -: a .%s is not for a terminal; redirect it, or give a file",
                               format);
    if (gt_graph_render(graph, format, &bytes, &size, &error) != GT_OK)
        return gt_command_fail_error(command, &error);
    fwrite(bytes, 1, size, stdout); /* a failure is found and reported when the program ends */
    gt_graph_bytes_free(bytes);
    return GT_EXIT_GOOD;
}

static int write_graph(const gt_command *command, const settings *s, recording *r)
{
    gt_error error = {0};
    gt_graph *graph = collect(r, s, writes_json(s), &error);
    int status = GT_EXIT_GOOD;
    if (graph == NULL)
        return gt_command_fail_error(command, &error);
    if (gt_file_is_standard(s->output))
        status = print_graph(command, graph, format_of(s));
    else if (gt_graph_write(graph, s->output, format_of(s), &error) != GT_OK)
        status = gt_command_fail_error(command, &error);
    else
        printf("%s: %u nodes, %u edges\n", s->output, gt_graph_node_count(graph),
               gt_graph_edge_count(graph));
    gt_graph_free(graph);
    return status;
}

static int draw(const gt_command *command, const settings *s)
{
    recording *r = calloc(1, sizeof *r);
    if (r == NULL)
        return gt_command_fail(command, "out of memory");
    r->cell = s->cell;
    r->dimensions = &s->dimensions;
    r->tape = gt_tape_new(NULL);
    r->steps = s->unrolled ? s->steps : BODY_STEPS;
    record_forward(r, s->unrolled);
    if (s->backward)
        record_backward(r);
    int status = gt_tape_status(r->tape) == GT_OK
                     ? write_graph(command, s, r)
                     : gt_command_fail(command, "%s", gt_tape_message(r->tape));
    gt_tape_free(r->tape);
    free(r);
    return status;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {.steps = 1};
    const gt_option operands[] = {
        GT_OPERAND_CELL(&s.cell_text),
        GT_OPTION_END,
    };
    const gt_option options[] = {
        GT_OPTION_INTEGER("steps", "T", &s.steps, 1, 100000,
                          "unroll the loop for this many time steps", .given = &s.unrolled,
                          .no_default = true),
        GT_OPTION_TEXT("dims", "NAME=N,...", &s.dims, "sizes (default n_x=3,n_a=5,n_y=2)", .no_default = true),
        GT_OPTION_FLAG("backward", &s.backward, "draw the gradients, too"),
        GT_OPTION_TEXT("output", "FILE", &s.output,
                       "file to write: .svg, .png, .pdf, .dot or .json; - for stdout",
                       .required = true, .letter = 'o', .file = GT_FILE_WRITTEN),
        GT_OPTION_CHOICE("format", &s.format, format_names,
                         "what to write; auto: as the file's extension says, an SVG on stdout"),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    gt_cell_source source;
    if (!gt_cell_source_open_sized(&source, command, s.cell_text, s.dims))
        return GT_EXIT_USAGE;
    gt_error error = {0};
    s.cell = source.cell;
    status = find_dimensions(&s, &error) == GT_OK ? draw(command, &s) : gt_command_fail_error(command, &error);
    gt_cell_source_free(&source);
    return status;
}

const gt_command gt_command_graph = {
    "graph",
    "draws the graph of a cell: .svg, .png, .pdf, .dot, .json",
    run,
};
