/* The loop over the steps, as it should be or as a hypothesis has it. */
#include "diagnose/replay.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "gradtape/interpreter.h"
#include "gradtape/op.h"
#include "graph/tape.h"

#include <math.h>
#include <string.h>

/* One call of gt_step_replay_run. */
typedef struct pass {
    gt_step_replay *s;
    const gt_loop *loop;
    gt_interpreter *run;
    const gt_var *gradients;
} pass;

/* Steps that are run one after the other, nothing flowing into the first of them. */
typedef struct stretch {
    int64_t from, to;
    int64_t only; /* the step whose upstream gradients count; -1: all */
    bool initial; /* its last gradient of the states is that of the initial ones */
} stretch;

static size_t count_of(gt_var v)
{
    return (size_t)gt_shape_count(gt_var_shape(v));
}

static gt_array find(const gt_step_replay *s, const char *format, const char *name, int64_t t)
{
    char text[GT_NAME_SIZE + 2];
    gt_utf8_format(text, sizeof text, format, name);
    return s->evidence->find(s->evidence, text, t);
}

/* ---- which numbers ------------------------------------------------------------------------- */

/* The step whose numbers stand for those of step t; -1: none do. */
static int64_t step_at(gt_which which, int64_t t, int64_t steps)
{
    switch (which) {
    case GT_AT_LATER:
        return t + 1 < steps ? t + 1 : t;
    case GT_AT_EARLIER:
        return t > 0 ? t - 1 : t;
    case GT_AT_EARLIER_ROUND:
        return t > 0 ? t - 1 : steps - 1;
    case GT_AT_MIRRORED:
        return steps - 1 - t;
    case GT_AT_FIRST:
        return 0;
    case GT_AT_LAST:
        return steps - 1;
    case GT_AT_LAST_ONLY:
        return t == steps - 1 ? t : -1;
    case GT_AT_NEVER:
        return -1;
    default:
        return t;
    }
}

static bool has(uint64_t set, uint32_t place)
{
    return place < 64 && (set >> place & 1) != 0;
}

/* Adds the columns that count. */
static void add_upstream(const pass *p, const double *from, gt_shape shape, double *to)
{
    int64_t rows = shape.size[0], columns = shape.size[1], example = p->loop->example;
    size_t count = (size_t)gt_shape_count(shape);
    for (size_t k = 0; k < count; k++)
        if (example == 0 || (int64_t)k / rows % columns == example - 1)
            to[k] += from[k];
}

static gt_status bind_state_upstream(const pass *p, const stretch *range, uint32_t i, int64_t t)
{
    gt_step_replay *s = p->s;
    size_t count = count_of(s->states[i]);
    gt_which which = has(p->loop->states, i) ? p->loop->upstream : GT_AT_SAME;
    int64_t at = step_at(which, t, s->evidence->steps);
    memcpy(s->upstream[i], s->flow[i], count * sizeof **s->upstream);
    if (at >= 0 && (range->only < 0 || range->only == t))
        add_upstream(p, s->given[i] + (size_t)at * count, gt_var_shape(s->states[i]), s->upstream[i]);
    return gt_interpreter_bind(p->run, s->state_upstream[i], s->upstream[i]);
}

static gt_status bind_output_upstream(const pass *p, const stretch *range, uint32_t i, int64_t t)
{
    gt_step_replay *s = p->s;
    gt_which which = has(p->loop->outputs, i) ? p->loop->upstream : GT_AT_SAME;
    int64_t at = step_at(which, t, s->evidence->steps);
    memset(s->output_given[i], 0, count_of(s->outputs[i]) * sizeof **s->output_given);
    gt_array array = at >= 0 ? find(s, "d%s", s->evidence->cell->outputs[i].name, at) : (gt_array){0};
    if (array.data != NULL && (range->only < 0 || range->only == t))
        add_upstream(p, array.data, gt_var_shape(s->outputs[i]), s->output_given[i]);
    return gt_interpreter_bind(p->run, s->output_upstream[i], s->output_given[i]);
}

static gt_status bind_value(const pass *p, gt_var leaf, const char *name, int64_t t)
{
    if (!gt_var_valid(leaf))
        return GT_OK;
    gt_array array = find(p->s, "%s", name, step_at(p->loop->values, t, p->s->evidence->steps));
    return gt_interpreter_bind(p->run, leaf, array.data != NULL ? array.data : p->s->zeros);
}

static gt_status bind_step(const pass *p, const stretch *range, int64_t t)
{
    gt_step_replay *s = p->s;
    const gt_cell *cell = s->evidence->cell;
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < cell->input_count && status == GT_OK; i++)
        status = bind_value(p, s->inputs[i], cell->inputs[i].name, t);
    for (uint32_t i = 0; i < cell->parameter_count && status == GT_OK; i++)
        status = bind_value(p, s->parameters[i], cell->parameters[i].name, t);
    for (uint32_t i = 0; i < cell->state_count && status == GT_OK; i++)
        status = bind_value(p, s->states[i], cell->states[i].name, t);
    for (uint32_t i = 0; i < cell->state_count && status == GT_OK; i++)
        status = bind_state_upstream(p, range, i, t);
    for (uint32_t i = 0; gt_step_replay_with_outputs(s) && i < cell->output_count && status == GT_OK; i++)
        status = bind_output_upstream(p, range, i, t);
    return status;
}

/* ---- what is carried ----------------------------------------------------------------------- */

static void flow_on(const pass *p, uint32_t i)
{
    gt_step_replay *s = p->s;
    const gt_loop *loop = p->loop;
    uint32_t states = s->evidence->cell->state_count;
    size_t count = count_of(s->states[i]), rows = (size_t)gt_var_shape(s->states[i]).size[0];
    const double *gradient = gt_interpreter_value(p->run, p->gradients[i]);
    const double *next = gt_interpreter_value(p->run, p->gradients[(i + 1) % states]);
    gt_flow_change change = has(loop->states, i) ? loop->flow : GT_FLOW_SAME;
    double *flow = s->flow[i];
    for (size_t k = 0; k < count; k++) {
        double before = flow[k];
        flow[k] = change == GT_FLOW_SCALED         ? loop->factor * gradient[k]
                  : change == GT_FLOW_ACCUMULATED  ? before + gradient[k]
                  : change == GT_FLOW_PASSED       ? s->upstream[i][k]
                  : change == GT_FLOW_EXCHANGED    ? next[k]
                  : change == GT_FLOW_FIRST_ROW    ? gradient[k / rows * rows]
                  : change == GT_FLOW_FIRST_COLUMN ? gradient[k % rows]
                  : change == GT_FLOW_CLIPPED      ? fmax(-loop->factor, fmin(loop->factor, gradient[k]))
                                                   : gradient[k];
    }
}

/* What a loop hands out as the gradient of an initial state: what it would have carried on. */
static const double *initial_of(const pass *p, uint32_t state, const double *gradient)
{
    gt_flow_change change = has(p->loop->states, state) ? p->loop->flow : GT_FLOW_SAME;
    bool carried = change == GT_FLOW_ACCUMULATED || change == GT_FLOW_PASSED || change == GT_FLOW_CLIPPED;
    return carried ? p->s->flow[state] : gradient;
}

/* ---- what comes out ------------------------------------------------------------------------ */

static uint32_t state_of(const gt_step_replay *s, gt_var leaf)
{
    uint32_t i = 0;
    while (i < s->evidence->cell->state_count && s->states[i].index != leaf.index)
        i++;
    return i;
}

static uint32_t parameter_of(const gt_step_replay *s, gt_var leaf)
{
    uint32_t i = 0;
    while (i < s->evidence->cell->parameter_count && s->parameters[i].index != leaf.index)
        i++;
    return i;
}

/* The parameters at the first step, as what states begin with is computed of them. */
static void list_parameters(const gt_step_replay *s, gt_array *list)
{
    for (uint32_t i = 0; i < s->evidence->cell->parameter_count; i++) {
        list[i] =
            gt_var_valid(s->parameters[i]) ? find(s, "%s", s->evidence->cell->parameters[i].name, 0) : (gt_array){0};
        list[i].shape = gt_var_shape(s->parameters[i]);
        list[i].dtype = GT_F64;
    }
}

/*
 * To a parameter of which what states begin with is computed: the gradients of those, summed over the examples, and
 * through the formula. `room` has place for the rows of a state and for the parameter.
 */
static gt_status add_beginning(const pass *p, uint32_t state, uint32_t parameter, double *room, double *result)
{
    const gt_step_replay *s = p->s;
    const double *gradient = initial_of(p, state, gt_interpreter_value(p->run, p->gradients[state]));
    size_t rows = (size_t)gt_var_shape(s->states[state]).size[0], count = count_of(s->parameters[parameter]);
    gt_array list[GT_MAX_CELL_ARRAYS];
    list_parameters(s, list);
    memset(room, 0, (rows + count) * sizeof *room);
    for (size_t k = 0; k < count_of(s->states[state]); k++)
        room[k % rows] += gradient[k];
    gt_status status = gt_cell_pull_beginning(s->evidence->cell, state, list, s->evidence->dimensions,
                                              s->evidence->dimension_count, room, parameter, room + rows, NULL);
    for (size_t k = 0; k < count && status == GT_OK; k++)
        result[k] += room[rows + k];
    return status;
}

static gt_status add_beginnings(const pass *p, gt_var leaf, double *result)
{
    const gt_step_replay *s = p->s;
    const gt_cell *cell = s->evidence->cell;
    uint32_t parameter = parameter_of(s, leaf);
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < cell->state_count && parameter < cell->parameter_count && status == GT_OK; i++) {
        if (cell->states[i].begins_with == NULL)
            continue;
        double *room = gt_memory_new((uint64_t)gt_var_shape(s->states[i]).size[0] + count_of(leaf), sizeof *room);
        status = room == NULL ? GT_ERROR_MEMORY : add_beginning(p, i, parameter, room, result);
        gt_memory_free(room);
    }
    return status;
}

static gt_status take_array(const pass *p, const stretch *range, uint32_t a, int64_t t)
{
    gt_step_replay *s = p->s;
    const gt_cell *cell = s->evidence->cell;
    gt_var leaf = gt_step_replay_leaf(s, a);
    size_t count = count_of(leaf);
    const double *gradient = gt_interpreter_value(p->run, p->gradients[cell->state_count + a]);
    uint32_t state = state_of(s, leaf);
    bool in_time = false;
    for (uint32_t i = 0; i < cell->input_count; i++)
        in_time = in_time || s->inputs[i].index == leaf.index;
    int64_t last = p->loop->forward ? range->to - 1 : range->from;
    if (state < cell->state_count && !(range->initial && t == last))
        return GT_OK;
    if (state < cell->state_count)
        gradient = initial_of(p, state, gradient);
    double *result = s->results[a] + (in_time ? (size_t)t * count : 0);
    for (size_t k = 0; k < count; k++)
        result[k] += gradient[k];
    return range->initial && t == last ? add_beginnings(p, leaf, result) : GT_OK;
}

static gt_status take(const pass *p, const stretch *range, int64_t t)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < p->s->evidence->cell->state_count; i++)
        flow_on(p, i);
    for (uint32_t a = 0; a < p->s->evidence->array_count && status == GT_OK; a++)
        status = take_array(p, range, a, t);
    return status;
}

/* ---- the steps ----------------------------------------------------------------------------- */

static gt_status run_stretch(const pass *p, stretch range)
{
    gt_step_replay *s = p->s;
    uint32_t states = s->evidence->cell->state_count, count = states + s->evidence->array_count;
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < states; i++)
        memset(s->flow[i], 0, count_of(s->states[i]) * sizeof **s->flow);
    for (int64_t k = range.from; k < range.to && status == GT_OK; k++) {
        int64_t t = p->loop->forward ? k : range.to - 1 - (k - range.from);
        status = bind_step(p, &range, t);
        if (status == GT_OK)
            status = gt_interpreter_evaluate(p->run, p->gradients, count);
        if (status == GT_OK)
            status = take(p, &range, t);
        s->runs++;
    }
    return status;
}

/* Each step's upstream gradient by itself, through so many steps. */
static gt_status run_windows(const pass *p)
{
    gt_status status = GT_OK;
    for (int64_t t = 0; t < p->s->evidence->steps && status == GT_OK; t++) {
        int64_t from = t + 1 > p->loop->window ? t + 1 - p->loop->window : 0;
        status = run_stretch(p, (stretch){from, t + 1, t, from == 0});
    }
    return status;
}

/* Pieces that nothing flows between; the incomplete one is the first, or the last. */
static gt_status run_pieces(const pass *p)
{
    int64_t steps = p->s->evidence->steps, cut = p->loop->cut, to = steps;
    gt_status status = GT_OK;
    while (to > 0 && status == GT_OK) {
        int64_t left = p->loop->from_first && to == steps && steps % cut != 0 ? steps % cut : cut;
        int64_t from = to > left ? to - left : 0;
        status = run_stretch(p, (stretch){from, to, -1, from == 0});
        to = from;
    }
    return status;
}

static gt_status run_loop(const pass *p)
{
    if (p->loop->window > 0)
        return run_windows(p);
    if (p->loop->cut > 0)
        return run_pieces(p);
    int64_t to = p->s->evidence->steps - p->loop->skip_last;
    return run_stretch(p, (stretch){p->loop->skip_first, to, -1, true});
}

static void clear_results(gt_step_replay *s)
{
    for (uint32_t a = 0; a < s->evidence->array_count; a++) {
        const gt_evidence_array *array = &s->evidence->arrays[a];
        memset(s->results[a], 0, (size_t)gt_shape_count(array->shape) * sizeof **s->results);
    }
}

/* All that are no parameters are as they should be. */
static void restore_others(gt_step_replay *s)
{
    for (uint32_t a = 0; a < s->evidence->array_count; a++) {
        const gt_evidence_array *array = &s->evidence->arrays[a];
        gt_var leaf = gt_step_replay_leaf(s, a);
        bool parameter = false;
        for (uint32_t i = 0; i < s->evidence->cell->parameter_count; i++)
            parameter = parameter || s->parameters[i].index == leaf.index;
        if (!parameter)
            memcpy(s->results[a], array->expected, (size_t)gt_shape_count(array->shape) * sizeof **s->results);
    }
}

gt_status gt_step_replay_run(gt_step_replay *s, const gt_hypothesis *hypothesis)
{
    gt_var gradients[2 * GT_MAX_CELL_ARRAYS];
    gt_status status = gt_step_replay_record(s);
    if (status == GT_OK)
        status = gt_step_replay_record_backward(s, &hypothesis->slip, gradients);
    if (status != GT_OK)
        return status;
    pass p = {s, &hypothesis->loop, gt_interpreter_new(s->tape), gradients};
    if (p.run == NULL)
        return GT_ERROR_MEMORY;
    clear_results(s);
    status = run_loop(&p);
    if (status == GT_OK && hypothesis->parameters_only)
        restore_others(s);
    gt_interpreter_free(p.run);
    return status;
}

/* ---- life ---------------------------------------------------------------------------------- */

gt_var gt_step_replay_leaf(const gt_step_replay *s, uint32_t array)
{
    const gt_cell *cell = s->evidence->cell;
    const char *name = s->evidence->arrays[array].name;
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        if (strcmp(name, cell->parameters[i].name) == 0)
            return s->parameters[i];
    for (uint32_t i = 0; i < cell->input_count; i++)
        if (strcmp(name, cell->inputs[i].name) == 0)
            return s->inputs[i];
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (strcmp(name, cell->states[i].name) == 0)
            return s->states[i];
    return GT_NONE;
}

/* What reaches a state from outside: all upstream of the step, less what flows back to it. */
static gt_status take_given(gt_step_replay *s, uint32_t i)
{
    const char *name = s->evidence->cell->states[i].name;
    int64_t steps = s->evidence->steps;
    size_t count = count_of(s->states[i]);
    s->flow[i] = gt_memory_new(count, sizeof **s->flow);
    s->upstream[i] = gt_memory_new(count, sizeof **s->upstream);
    s->given[i] = gt_memory_new(count * (uint64_t)steps, sizeof **s->given);
    if (s->flow[i] == NULL || s->upstream[i] == NULL || s->given[i] == NULL)
        return GT_ERROR_MEMORY;
    for (int64_t t = 0; t < steps; t++) {
        gt_array all = find(s, "d%s'", name, t), later = {0};
        if (t + 1 < steps)
            later = find(s, "d%s", name, t + 1);
        if (all.data == NULL)
            return GT_ERROR_ARGUMENT;
        for (size_t k = 0; k < count; k++)
            s->given[i][(size_t)t * count + k] =
                ((const double *)all.data)[k] - (later.data != NULL ? ((const double *)later.data)[k] : 0);
    }
    return GT_OK;
}

static gt_status make_lists(gt_step_replay *s)
{
    const gt_cell *cell = s->evidence->cell;
    size_t largest = 1;
    for (uint32_t i = 1; i <= gt_tape_node_count(s->forward); i++) {
        gt_var v = gt_tape_at(s->forward, i);
        if (!gt_class_is_tuple(gt_var_op(v)->op_class) && count_of(v) > largest)
            largest = count_of(v);
    }
    s->zeros = gt_memory_new(largest, sizeof *s->zeros);
    s->flow = gt_memory_new(cell->state_count, sizeof *s->flow);
    s->upstream = gt_memory_new(cell->state_count, sizeof *s->upstream);
    s->given = gt_memory_new(cell->state_count, sizeof *s->given);
    s->output_given = gt_memory_new(cell->output_count, sizeof *s->output_given);
    s->results = gt_memory_new(s->evidence->array_count, sizeof *s->results);
    bool made = s->zeros != NULL && s->flow != NULL && s->upstream != NULL && s->given != NULL &&
                s->output_given != NULL && s->results != NULL;
    return made ? GT_OK : GT_ERROR_MEMORY;
}

static gt_status make_results(gt_step_replay *s)
{
    for (uint32_t a = 0; a < s->evidence->array_count; a++) {
        if (!gt_var_valid(gt_step_replay_leaf(s, a)))
            return GT_ERROR_ARGUMENT;
        s->results[a] = gt_memory_new((uint64_t)gt_shape_count(s->evidence->arrays[a].shape), sizeof **s->results);
        if (s->results[a] == NULL)
            return GT_ERROR_MEMORY;
    }
    for (uint32_t i = 0; gt_step_replay_with_outputs(s) && i < s->evidence->cell->output_count; i++) {
        s->output_given[i] = gt_memory_new(count_of(s->outputs[i]), sizeof **s->output_given);
        if (s->output_given[i] == NULL)
            return GT_ERROR_MEMORY;
    }
    return GT_OK;
}

gt_status gt_step_replay_open(gt_step_replay *s, const gt_evidence *evidence)
{
    *s = (gt_step_replay){.evidence = evidence};
    gt_status status = gt_step_replay_record(s);
    s->forward = s->tape;
    s->tape = NULL;
    if (status == GT_OK)
        status = make_lists(s);
    if (status == GT_OK)
        status = make_results(s);
    for (uint32_t i = 0; i < evidence->cell->state_count && status == GT_OK; i++)
        status = take_given(s, i);
    return status;
}

static void free_list(double **list, uint32_t count)
{
    for (uint32_t i = 0; list != NULL && i < count; i++)
        gt_memory_free(list[i]);
    gt_memory_free(list);
}

void gt_step_replay_close(gt_step_replay *s)
{
    const gt_cell *cell = s->evidence->cell;
    free_list(s->flow, cell->state_count);
    free_list(s->upstream, cell->state_count);
    free_list(s->given, cell->state_count);
    free_list(s->output_given, cell->output_count);
    free_list(s->results, s->evidence->array_count);
    gt_memory_free(s->zeros);
    gt_tape_free(s->forward);
    gt_tape_free(s->tape);
    s->forward = s->tape = NULL;
}
