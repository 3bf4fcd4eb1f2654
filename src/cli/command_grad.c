/* gradtape grad: a cell's forward and backward pass on the user's own arrays. */
#include "base/entry.h"
#include "base/utf8.h"
#include "command/arrays.h"
#include "command/cell_source.h"
#include "command/constants.h"
#include "command/engine.h"
#include "command/json.h"
#include "command/options.h"
#include "command/page.h"
#include "command/terminal.h"
#include "io/members.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FORM_ROLLED, FORM_UNROLLED };
static const char *const form_names[] = {"rolled", "unrolled"};
static const char *const dtype_names[] = {"f64", "f32", NULL}; /* as gt_dtype counts them */

typedef struct settings {
    const char *cell_text, *set, *output;
    gt_text_list inputs;
    char input[256]; /* the names of the files */
    const gt_cell *cell;
    int form, dtype, engine;
    int64_t threads;
    bool json;
} settings;

static const char description[] =
    "Runs a cell forward and backward on the arrays of an .npz file, as numpy.savez writes it, or of several "
    ".npy files that have their names, and writes the results to an .npz file: to check homework, or a port, "
    "against.\n\n"
    "Read, by name: the input x (n_x, m, T), or (n_x, m) for one step; the parameters by the "
    "cell's names; optional initial states a0 and c0 (n_a, m), zero if absent; upstream "
    "gradients da, dc (n_a, m, T') and dy (n_y, m, T') with T' <= T, at least one of them, zero if "
    "absent and at later steps. They are the gradients of the cost with respect to each step's own "
    "state or output; what flows back from later steps is added here.\n\n"
    "Written: a, c and y at all steps, and the gradients dx (all T steps), da0, dc0, and dP for "
    "every parameter P. Without any of the output's parameters, y is left out.";

static const char examples[] =
    "  python3 -c \"import numpy as np; r = np.random.randn; np.savez('in.npz', x=r(3, 10, 4),\n"
    "    Wax=r(5, 3), Waa=r(5, 5), ba=r(5, 1), da=r(5, 10, 4))\"\n"
    "  gradtape grad rnn --in in.npz --out out.npz\n"
    "  python3 -c \"import numpy as np; print(np.load('out.npz')['dWaa'])\"\n";

/* ---- what is reported ------------------------------------------------------------------------ */

static double largest_entry(gt_array array)
{
    double largest = 0;
    for (int64_t i = 0; i < gt_shape_count(array.shape); i++)
        largest = fmax(largest, fabs(gt_entry_at(array.data, array.dtype, i)));
    return largest;
}

/* Optional arrays that were not given, each of which stands for its default. */
static bool assumed(const gt_cell_problem *problem, const gt_problem_array *array)
{
    bool optional = array->kind == GT_PROBLEM_INITIAL || array->row->drawn ||
                    array->kind == GT_PROBLEM_STATE_UPSTREAM ||
                    (array->kind == GT_PROBLEM_OUTPUT_UPSTREAM && problem->with_outputs);
    return optional && !array->given;
}

/* A name, a shape, and the title of the last column. */
enum { TABLE_WIDTH = 2 + 11 + 17 + 13 };

/* "a0, dy" */
static void print_assumed(const gt_cell_problem *problem)
{
    const char *before = "not given, so at its default: ";
    for (uint32_t i = 0; i < problem->array_count; i++) {
        if (!assumed(problem, &problem->arrays[i]))
            continue;
        gt_page_print("%s%s", before, problem->arrays[i].name);
        before = ", ";
    }
    if (before[0] == ',')
        gt_page_print("\n");
    if (problem->cell->output_count > 0 && !problem->with_outputs)
        gt_page_print("without %s: none of the output's parameters was given\n", problem->cell->outputs[0].name);
}

static void print_report(const settings *s, const gt_cell_problem *problem, const gt_archive *results)
{
    gt_page_print("%s, %s, %s: m = %lld examples, T = %lld step%s", problem->cell->name, form_names[s->form],
                  gt_dtype_name(problem->dtype), (long long)problem->examples, (long long)problem->steps,
                  problem->steps == 1 ? "" : "s");
    gt_dimension known[GT_MAX_CELL_ARRAYS];
    uint32_t count = gt_dimensions_known(&problem->dimensions, known);
    for (uint32_t i = 0; i < count; i++)
        gt_page_print(", %s = %lld", known[i].name, (long long)known[i].size);
    gt_page_print("\n");
    print_assumed(problem);
    gt_page_print("%s  %-10s %-16s %s%s\n", gt_terminal_style(stdout, GT_STYLE_STRONG), "written", "shape",
                  gt_page_fits(TABLE_WIDTH) ? "largest entry" : "largest", gt_terminal_style(stdout, GT_STYLE_PLAIN));
    for (uint32_t i = 0; gt_archive_name(results, i) != NULL; i++) {
        const char *name = gt_archive_name(results, i);
        gt_array array = gt_archive_find(results, name);
        char shape[80];
        gt_page_print("  %-10s %-16s %.6g\n", name, gt_shape_format(array.shape, shape, sizeof shape),
                      largest_entry(array));
    }
    gt_terminal_say(gt_page(), "to %s", s->output);
    gt_page_print("\n");
}

static int print_json(const gt_command *command, const settings *s, const gt_cell_problem *problem,
                      const gt_archive *results)
{
    gt_json *json = gt_json_begin(command, 1);
    gt_json_text(json, "cell", problem->cell->name);
    gt_json_text(json, "form", form_names[s->form]);
    gt_json_text(json, "dtype", gt_dtype_name(problem->dtype));
    gt_json_text(json, "engine", gt_engine_names[s->engine]);
    gt_json_text(json, "in", s->input);
    gt_json_text(json, "out", s->output);
    gt_json_object(json, "sizes");
    gt_json_integer(json, "m", problem->examples);
    gt_json_integer(json, "T", problem->steps);
    gt_dimension known[GT_MAX_CELL_ARRAYS];
    uint32_t count = gt_dimensions_known(&problem->dimensions, known);
    for (uint32_t i = 0; i < count; i++)
        gt_json_integer(json, known[i].name, known[i].size);
    gt_json_close(json);
    gt_json_array(json, "not_given");
    for (uint32_t i = 0; i < problem->array_count; i++)
        if (assumed(problem, &problem->arrays[i]))
            gt_json_text(json, NULL, problem->arrays[i].name);
    gt_json_close(json);
    gt_json_boolean(json, "outputs", problem->with_outputs);
    gt_json_array(json, "written");
    for (uint32_t i = 0; gt_archive_name(results, i) != NULL; i++) {
        gt_array array = gt_archive_find(results, gt_archive_name(results, i));
        gt_json_object(json, NULL);
        gt_json_text(json, "name", gt_archive_name(results, i));
        gt_json_shape(json, "shape", array.shape);
        gt_json_real(json, "largest_entry", largest_entry(array));
        gt_json_close(json);
    }
    gt_json_close(json);
    return gt_json_finish(json, GT_EXIT_GOOD);
}

/* ---- what is done ---------------------------------------------------------------------------- */

static gt_status nothing_to_differentiate(const gt_cell_problem *problem, const char *path, gt_error *error)
{
    char names[200] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < problem->array_count; i++)
        if (problem->arrays[i].kind >= GT_PROBLEM_STATE_UPSTREAM && used < sizeof names)
            used += gt_utf8_format(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "",
                                   problem->arrays[i].name);
    return gt_error_set(error, GT_ERROR_ARGUMENT,
                        "%s has nothing to differentiate: it needs an upstream gradient, one or "
                        "more of %s; for the gradient of sum(a), da is ones of the shape of a",
                        path, names);
}

/* `--out -`: on the standard output, unless that would fill a terminal with bytes. */
static gt_status print_archive(const gt_archive *results, gt_error *error)
{
    char *bytes;
    size_t size;
    if (gt_terminal_is(stdout))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "--out -: an archive is not for a terminal; redirect it, or give a file");
    gt_status status = gt_archive_render(results, false, &bytes, &size, error);
    if (status != GT_OK)
        return status;
    fwrite(bytes, 1, size, stdout); /* a failure is found and reported when the program ends */
    gt_archive_bytes_free(bytes);
    return GT_OK;
}

static gt_status write_results(const settings *s, const gt_archive *results, gt_error *error)
{
    return gt_file_is_standard(s->output) ? print_archive(results, error)
                                          : gt_archive_write(results, s->output, false, error);
}

static gt_status compute(const settings *s, const gt_cell_problem *problem, gt_archive *results, gt_error *error)
{
    if (!gt_cell_problem_has_upstream(problem))
        return nothing_to_differentiate(problem, s->input, error);
    gt_problem_way way = {.unrolled = s->form == FORM_UNROLLED, .engine = (gt_engine)s->engine};
    gt_status status = gt_engine_threads(way.engine, s->threads, &way.threads, error);
    if (status == GT_OK)
        status = gt_cell_problem_run(problem, &way, results, error);
    gt_threads_free(way.threads);
    return status == GT_OK ? write_results(s, results, error) : status;
}

static gt_status read_problem(const settings *s, gt_cell_problem *problem, gt_error *error)
{
    gt_archive *given = gt_arrays_open(&s->inputs, error);
    if (given == NULL)
        return error->status;
    gt_error inside = {0};
    gt_status status = gt_cell_problem_read(problem, s->cell, given, (gt_dtype)s->dtype, &inside);
    gt_archive_free(given);
    if (status != GT_OK)
        gt_error_set(error, status, "%s: %s", s->input, inside.message);
    return status;
}

static int differentiate(const gt_command *command, const settings *s)
{
    gt_error error = {0};
    gt_cell_problem problem;
    if (read_problem(s, &problem, &error) != GT_OK)
        return gt_command_fail_error(command, &error);
    gt_archive *results = gt_archive_new();
    gt_status status = GT_OK;
    if (results == NULL)
        status = gt_error_set(&error, GT_ERROR_MEMORY, "out of memory");
    if (status == GT_OK)
        status = compute(s, &problem, results, &error);
    int exit_status = GT_EXIT_GOOD;
    if (status != GT_OK)
        exit_status = gt_command_fail_error(command, &error);
    else if (s->json)
        exit_status = print_json(command, s, &problem, results);
    else if (!gt_file_is_standard(s->output))
        print_report(s, &problem, results);
    gt_archive_free(results);
    gt_cell_problem_free(&problem);
    return exit_status;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {.dtype = GT_F64};
    const gt_option operands[] = {
        GT_OPERAND_CELL(&s.cell_text),
        GT_OPTION_END,
    };
    const gt_option options[] = {
        GT_OPTION_CONSTANTS(&s.set),
        GT_OPTION_TEXTS("in", "FILE", &s.inputs,
                        "arrays to read: .npz, .safetensors, or several .npy files, each after --in", .required = true,
                        .one_each = true, .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXT("out", "FILE.npz", &s.output, "file to write; - for stdout", .required = true, .letter = 'o',
                       .file = GT_FILE_WRITTEN),
        GT_OPTION_SET("rolled", &s.form, FORM_ROLLED, "record the sequence as one scan"),
        GT_OPTION_SET("unrolled", &s.form, FORM_UNROLLED, "record it as a copy of the cell for each step"),
        GT_OPTION_CHOICE("dtype", &s.dtype, dtype_names, "type to compute and write in"),
        GT_OPTION_ENGINE(&s.engine),
        GT_OPTION_THREADS(&s.threads),
        GT_OPTION_FLAG("json", &s.json, "report in JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    gt_arrays_describe(&s.inputs, s.input, sizeof s.input);
    gt_cell_source source = {.set = s.set};
    status = GT_EXIT_USAGE;
    if (gt_cell_source_open(&source, command, s.cell_text)) {
        s.cell = source.cell;
        status = differentiate(command, &s);
        gt_cell_source_free(&source);
    }
    gt_text_list_free(&s.inputs);
    return status;
}

const gt_command gt_command_grad = {
    "grad",
    "differentiates a cell on your own arrays, from .npz to .npz",
    run,
};
