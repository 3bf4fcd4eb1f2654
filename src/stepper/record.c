/* The tape of a problem, unrolled and evaluated, and its graph. */
#include "base/memory.h"
#include "base/utf8.h"
#include "problem/problem.h"
#include "problem/tape.h"
#include "stepper/stepping.h"

#include <string.h>

static bool add_output(gt_stepping *s, gt_var v, const char *before, const char *name)
{
    size_t size = strlen(before) + strlen(name) + 1;
    char *text = gt_pool_new(&s->pool, size, 1);
    if (text == NULL)
        return false;
    gt_utf8_format(text, size, "%s%s", before, name);
    s->outputs[s->output_count++] = (gt_graph_output){v, text};
    return true;
}

/* The hidden state, outputs, and what else has an upstream gradient. */
static bool add_results(gt_stepping *s)
{
    for (uint32_t i = 0; i < s->record.result_count; i++) {
        const gt_problem_array *upstream = &s->problem->arrays[s->problem->differentiated + i];
        bool shown = upstream->kind == GT_PROBLEM_OUTPUT_UPSTREAM || upstream->place == 0 || upstream->given;
        if (shown && !add_output(s, s->record.results[i], "", upstream->row->name))
            return false;
    }
    return true;
}

static bool add_gradients(gt_stepping *s)
{
    for (uint32_t i = 0; i < s->problem->differentiated; i++)
        if (!add_output(s, s->gradients[i], "d", s->problem->arrays[i].name))
            return false;
    return true;
}

static gt_status evaluate(gt_stepping *s, gt_error *error)
{
    gt_var wanted[GT_STEPPER_RESULTS + 2 * GT_STEPPER_GRADIENTS];
    uint32_t count = s->output_count;
    for (uint32_t i = 0; i < count; i++)
        wanted[i] = s->outputs[i].var;
    /* Also what nothing reads, so that it can be shown. */
    for (uint32_t i = 0; i < s->problem->differentiated; i++)
        wanted[count++] = s->record.arrays[i];
    s->run = gt_problem_interpreter(&s->record, s->problem, error);
    if (s->run == NULL)
        return error->status;
    gt_interpreter_check_finite(s->run, true);
    gt_status status = gt_interpreter_evaluate(s->run, wanted, count);
    return status == GT_OK ? GT_OK : gt_cell_tape_failed(&s->record, s->run, status, error);
}

static gt_status collect(gt_stepping *s, gt_error *error)
{
    const gt_cell_problem *p = s->problem;
    char title[200];
    gt_utf8_format(title, sizeof title, "%s, %lld time step%s%s", p->cell->name, (long long)p->steps,
                   p->steps == 1 ? "" : "s", s->options.forward_only ? "" : ", backward");
    gt_graph_options options = {
        .title = title, .dimensions = p->sizes, .dimension_count = p->size_count, .all_steps = s->options.all_steps};
    size_t size;
    s->graph = gt_graph_new(s->outputs, s->output_count, &options, error);
    return s->graph == NULL ? error->status : gt_graph_render(s->graph, "svg", &s->picture, &size, error);
}

gt_status gt_stepping_too_large(const gt_cell_problem *problem, double size, gt_error *error)
{
    return gt_error_set(
        error, GT_ERROR_SIZE,
        "the page would have at least %.1f MB, and more than %.0f are refused: take fewer time steps than "
        "%lld, fewer examples than %lld, or smaller sizes (--steps, --dims)",
        size / 1e6, GT_STEPPER_MOST_BYTES / 1e6, (long long)problem->steps, (long long)problem->examples);
}

/* An entry is written as the base64 of a double. */
static const double bytes_of_entry = 8 * 4.0 / 3;

/* Before anything is recorded: states and inputs alone, with their gradients. */
static gt_status expect_size(const gt_stepping *s, gt_error *error)
{
    const gt_cell_problem *problem = s->problem;
    double entries = 0;
    for (uint32_t i = 0; i < problem->differentiated; i++)
        if (problem->arrays[i].kind == GT_PROBLEM_INPUT)
            entries += (double)problem->arrays[i].count;
        else if (problem->arrays[i].kind == GT_PROBLEM_INITIAL)
            entries += (double)problem->arrays[i].count * (double)problem->steps;
    double size = 2 * entries * bytes_of_entry;
    return size > GT_STEPPER_MOST_BYTES ? gt_stepping_too_large(problem, size, error) : GT_OK;
}

/* Before anything is computed: half of the nodes at least are shown, or read by what is. */
static gt_status measure_size(const gt_stepping *s, gt_error *error)
{
    double entries = 0;
    for (uint32_t i = 0; i < gt_tape_node_count(s->record.tape); i++)
        entries += (double)gt_shape_count(gt_var_shape(gt_tape_var(s->record.tape, i)));
    double size = entries / 2 * bytes_of_entry;
    return size > GT_STEPPER_MOST_BYTES ? gt_stepping_too_large(s->problem, size, error) : GT_OK;
}

gt_status gt_stepping_record(gt_stepping *s, gt_error *error)
{
    gt_status status = expect_size(s, error);
    if (status == GT_OK)
        status = gt_cell_tape_open(&s->record, s->problem, true, error);
    if (status != GT_OK)
        return status;
    s->forward = gt_tape_node_count(s->record.tape);
    bool done = add_results(s);
    s->result_outputs = s->output_count;
    if (!s->options.forward_only) {
        status = gt_cell_tape_differentiate(&s->record, s->problem, s->gradients);
        if (status != GT_OK)
            return gt_cell_tape_failed(&s->record, NULL, status, error);
        done = done && add_gradients(s);
    }
    if (!done)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    status = measure_size(s, error);
    if (status != GT_OK)
        return status;
    status = evaluate(s, error);
    return status == GT_OK ? collect(s, error) : status;
}
