#include "diagnose/replay.h"

#include "base/memory.h"
#include "gradtape/interpreter.h"
#include "gradtape/ops.h"
#include "gradtape/utf8.h"
#include "grad/replay.h"

#include <string.h>

/* ---- recording ----------------------------------------------------------------------------- */

static gt_array find(const gt_slip_step *s, const char *format, const char *name, int64_t t)
{
    char text[GT_FINDING_NAME_SIZE];
    gt_utf8_format(text, sizeof text, format, name);
    return s->evidence->find(s->evidence, text, t);
}

static bool record_leaf(gt_slip_step *s, const char *name, gt_var *leaf)
{
    gt_array array = find(s, "%s", name, 0);
    if (array.data == NULL || array.dtype != GT_F64)
        return false;
    *leaf = gt_input(s->tape, name, GT_F64, array.shape);
    return true;
}

static bool with_outputs(const gt_slip_step *s)
{
    const gt_cell *cell = s->evidence->cell;
    return cell->output != NULL && cell->output_count > 0 &&
           find(s, "d%s", cell->outputs[0].name, 0).data != NULL;
}

static bool record_leaves(gt_slip_step *s)
{
    const gt_cell *cell = s->evidence->cell;
    for (uint32_t i = 0; i < cell->input_count; i++)
        if (!record_leaf(s, cell->inputs[i].name, &s->inputs[i]))
            return false;
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (!record_leaf(s, cell->states[i].name, &s->states[i]))
            return false;
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        if (!record_leaf(s, cell->parameters[i].name, &s->parameters[i]) &&
            !cell->parameters[i].output_only)
            return false;
    return true;
}

/* A step that fails leaves its results as they were: no var of a tape that is gone may be there. */
static void forget_tape(gt_slip_step *s)
{
    gt_tape_free(s->tape);
    s->tape = NULL;
    memset(s->next_states, 0, sizeof s->next_states);
    memset(s->outputs, 0, sizeof s->outputs);
}

static gt_status record_forward(gt_slip_step *s)
{
    const gt_evidence *e = s->evidence;
    forget_tape(s);
    s->tape = gt_tape_new(NULL);
    if (s->tape == NULL)
        return GT_ERROR_MEMORY;
    if (!record_leaves(s))
        return GT_ERROR_ARGUMENT;
    gt_cell_step step = {.tape = s->tape,
                         .inputs = s->inputs,
                         .states = s->states,
                         .parameters = s->parameters,
                         .next_states = s->next_states,
                         .outputs = s->outputs,
                         .context = e->cell->context,
                         .dimensions = e->dimensions,
                         .dimension_count = e->dimension_count};
    e->cell->step(&step);
    if (with_outputs(s))
        e->cell->output(&step);
    s->forward_nodes = gt_tape_node_count(s->tape);
    for (uint32_t i = 0; i < e->cell->state_count; i++)
        s->state_upstream[i] =
            gt_input(s->tape, "upstream", GT_F64, gt_var_shape(s->next_states[i]));
    for (uint32_t i = 0; with_outputs(s) && i < e->cell->output_count; i++)
        s->output_upstream[i] = gt_input(s->tape, "upstream", GT_F64, gt_var_shape(s->outputs[i]));
    return gt_tape_status(s->tape);
}

/* ---- the walk with the slip in it ---------------------------------------------------------- */

typedef struct walk {
    gt_replay replay;
    const gt_slip *slip;
    bool here;    /* the rule of the slip's node runs */
    gt_var other; /* what the activation gives for the old state, or GT_NONE */
} walk;

static gt_var primal(void *context, uint32_t index)
{
    const walk *w = context;
    bool other = w->here && w->slip->change == GT_SLIP_SUBSTITUTE && index == w->slip->from;
    if (w->here && w->slip->change == GT_SLIP_OLD_STATE) {
        if (index == w->slip->node)
            return w->other;
        other = index == w->slip->from;
    }
    return gt_tape_at(w->replay.target, other ? w->slip->to : index);
}

static gt_var contribution(walk *w, const gt_op *op, gt_reverse *r, uint32_t slot)
{
    gt_var right = op->reverse(r, slot);
    if (!w->here || slot != w->slip->slot || !gt_var_valid(right))
        return right;
    uint32_t cotangent = w->replay.adjoint[r->node];
    switch (w->slip->change) {
    case GT_SLIP_DROP:
        return GT_NONE;
    case GT_SLIP_NEGATE:
        return gt_neg(right);
    case GT_SLIP_SCALE:
        return gt_mul(right, gt_constant(w->replay.target, w->slip->factor));
    case GT_SLIP_PASS:
        return gt_reverse_cotangent(r);
    case GT_SLIP_TWICE:
        w->replay.adjoint[r->node] = right.index;
        right = op->reverse(r, slot);
        w->replay.adjoint[r->node] = cotangent;
        return right;
    default:
        return right;
    }
}

static void walk_node(walk *w, uint32_t index)
{
    gt_replay *replay = &w->replay;
    const gt_node *node = gt_tape_node(replay->source, index);
    const gt_op *op = node->op;
    if (replay->adjoint[index] == 0 || !replay->needed[index])
        return;
    if (op->op_class == GT_CLASS_PART) {
        replay->adjoint[gt_node_inputs(replay->source, node)[0]] = UINT32_MAX;
        return;
    }
    if (op->reverse == NULL || op->op_class == GT_CLASS_SCAN)
        return;
    gt_reverse r = {.replay = replay, .node = index};
    w->here = index == w->slip->node;
    uint32_t count = gt_reverse_input_count(&r);
    for (uint32_t slot = 0; slot < count; slot++) {
        uint32_t input = gt_node_inputs(replay->source, gt_tape_node(replay->source, index))[slot];
        if (replay->needed[input])
            gt_replay_add(replay, input, contribution(w, op, &r, slot));
    }
}

/* gradients: of the states, then of the target. */
static gt_status record_backward(gt_slip_step *s, const gt_slip *slip, gt_var *gradients)
{
    const gt_cell *cell = s->evidence->cell;
    walk w = {.slip = slip};
    if (!gt_replay_open(&w.replay, s->tape, s->tape, s->forward_nodes))
        return GT_ERROR_MEMORY;
    w.replay.primal = primal;
    if (slip->change == GT_SLIP_OLD_STATE) {
        gt_var old = gt_tape_at(s->tape, slip->to);
        w.other = gt_apply(gt_var_op(gt_tape_at(s->tape, slip->node)), &old, 1, NULL, 0);
    }
    w.replay.context = &w;
    for (uint32_t i = 0; i < cell->state_count; i++)
        w.replay.needed[s->states[i].index] = 1;
    w.replay.needed[s->target.index] = 1;
    gt_replay_mark_needed(s->tape, s->forward_nodes, w.replay.needed);
    for (uint32_t i = 0; i < cell->state_count; i++)
        gt_replay_add(&w.replay, s->next_states[i].index, s->state_upstream[i]);
    for (uint32_t i = 0; with_outputs(s) && i < cell->output_count; i++)
        gt_replay_add(&w.replay, s->outputs[i].index, s->output_upstream[i]);
    for (uint32_t index = s->forward_nodes; index >= 1; index--)
        walk_node(&w, index);
    for (uint32_t i = 0; i <= cell->state_count; i++) {
        gt_var leaf = i < cell->state_count ? s->states[i] : s->target;
        gradients[i] = gt_replay_adjoint(&w.replay, leaf.index);
        if (!gt_var_valid(gradients[i]))
            gradients[i] = gt_fill(s->tape, gt_var_shape(leaf), 0);
    }
    gt_replay_close(&w.replay);
    return gt_tape_status(s->tape);
}

/* ---- running ------------------------------------------------------------------------------- */

static size_t count_of(gt_var v)
{
    return (size_t)gt_shape_count(gt_var_shape(v));
}

static gt_status bind(gt_slip_step *s, gt_interpreter *run, gt_var leaf, const char *format,
                      const char *name, int64_t t)
{
    if (!gt_var_valid(leaf))
        return GT_OK;
    gt_array array = find(s, format, name, t);
    return gt_interpreter_bind(run, leaf, array.data != NULL ? array.data : s->zeros);
}

/* What reaches a state from the step after and from outside. */
static gt_status bind_upstream(gt_slip_step *s, gt_interpreter *run, uint32_t i, int64_t t)
{
    size_t count = count_of(s->states[i]);
    for (size_t k = 0; k < count; k++)
        s->upstream[i][k] = s->flow[i][k] + s->given[i][(size_t)t * count + k];
    return gt_interpreter_bind(run, s->state_upstream[i], s->upstream[i]);
}

static gt_status bind_step(gt_slip_step *s, gt_interpreter *run, int64_t t)
{
    const gt_cell *cell = s->evidence->cell;
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < cell->input_count && status == GT_OK; i++)
        status = bind(s, run, s->inputs[i], "%s", cell->inputs[i].name, t);
    for (uint32_t i = 0; i < cell->parameter_count && status == GT_OK; i++)
        status = bind(s, run, s->parameters[i], "%s", cell->parameters[i].name, t);
    for (uint32_t i = 0; with_outputs(s) && i < cell->output_count && status == GT_OK; i++)
        status = bind(s, run, s->output_upstream[i], "d%s", cell->outputs[i].name, t);
    for (uint32_t i = 0; i < cell->state_count && status == GT_OK; i++) {
        status = bind(s, run, s->states[i], "%s", cell->states[i].name, t);
        if (status == GT_OK)
            status = bind_upstream(s, run, i, t);
    }
    return status;
}

static void take(gt_slip_step *s, const gt_slip *slip, gt_interpreter *run, const gt_var *gradients,
                 int64_t t, double *result)
{
    uint32_t states = s->evidence->cell->state_count;
    size_t count = count_of(s->target);
    const double *target = gt_interpreter_value(run, gradients[states]);
    for (size_t k = 0; k < count; k++) {
        if (s->in_time || s->initial)
            result[(s->in_time ? (size_t)t * count : 0) + k] = target[k];
        else
            result[k] += target[k];
    }
    for (uint32_t i = 0; i < states; i++) {
        size_t entries = count_of(s->states[i]);
        memcpy(s->flow[i], gt_interpreter_value(run, gradients[i]), entries * sizeof **s->flow);
        if (slip->change == GT_SLIP_CARRY && slip->slot == i)
            memset(s->flow[i], 0, entries * sizeof **s->flow);
    }
}

static gt_status run_steps(gt_slip_step *s, const gt_slip *slip, const gt_var *gradients, double *result)
{
    uint32_t states = s->evidence->cell->state_count;
    gt_interpreter *run = gt_interpreter_new(s->tape);
    gt_status status = run != NULL ? GT_OK : GT_ERROR_MEMORY;
    memset(result, 0, s->result_count * sizeof *result);
    for (uint32_t i = 0; i < states; i++)
        memset(s->flow[i], 0, count_of(s->states[i]) * sizeof **s->flow);
    for (int64_t t = s->evidence->steps; t-- > 0 && status == GT_OK;) {
        status = bind_step(s, run, t);
        if (status == GT_OK)
            status = gt_interpreter_evaluate(run, gradients, states + 1);
        if (status == GT_OK)
            take(s, slip, run, gradients, t, result);
    }
    gt_interpreter_free(run);
    return status;
}

gt_status gt_slip_run(gt_slip_step *s, const gt_slip *slip, double *result)
{
    gt_var gradients[GT_MAX_CELL_ARRAYS + 1];
    gt_status status = record_forward(s);
    if (status != GT_OK)
        return status;
    s->target = gt_tape_at(s->tape, s->target.index);
    status = record_backward(s, slip, gradients);
    return status == GT_OK ? run_steps(s, slip, gradients, result) : status;
}

/* ---- life ---------------------------------------------------------------------------------- */

/* "a0" and "a" both stand for the initial value of the state a. */
static bool is_state(const char *of, const char *state)
{
    size_t length = strlen(state);
    return strncmp(of, state, length) == 0 && (of[length] == '\0' || strcmp(of + length, "0") == 0);
}

static bool find_target(gt_slip_step *s)
{
    const gt_cell *cell = s->evidence->cell;
    const char *of = s->evidence->finding->of;
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        if (strcmp(of, cell->parameters[i].name) == 0)
            s->target = s->parameters[i];
    for (uint32_t i = 0; i < cell->input_count; i++)
        if (strcmp(of, cell->inputs[i].name) == 0) {
            s->target = s->inputs[i];
            s->in_time = true;
        }
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (is_state(of, cell->states[i].name)) {
            s->target = s->states[i];
            s->initial = true;
        }
    return gt_var_valid(s->target);
}

/* What reaches a state from outside: all upstream of the step, less what flows back to it. */
static gt_status take_given(gt_slip_step *s, uint32_t i)
{
    const char *name = s->evidence->cell->states[i].name;
    int64_t steps = s->evidence->steps;
    size_t count = count_of(s->states[i]);
    s->flow[i] = gt_memory_new(count, sizeof **s->flow);
    s->upstream[i] = gt_memory_new(count, sizeof **s->upstream);
    s->given[i] = gt_memory_new(count * (size_t)steps, sizeof **s->given);
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
                ((const double *)all.data)[k] -
                (later.data != NULL ? ((const double *)later.data)[k] : 0);
    }
    return GT_OK;
}

gt_status gt_slip_open(gt_slip_step *s, const gt_evidence *evidence)
{
    *s = (gt_slip_step){.evidence = evidence};
    uint32_t states = evidence->cell->state_count;
    gt_status status = record_forward(s);
    if (status != GT_OK)
        return status;
    if (!find_target(s))
        return GT_ERROR_ARGUMENT;
    size_t largest = 1;
    for (uint32_t i = 1; i <= gt_tape_node_count(s->tape); i++) {
        gt_var v = gt_tape_at(s->tape, i);
        if (!gt_class_is_tuple(gt_var_op(v)->op_class) && count_of(v) > largest)
            largest = count_of(v);
    }
    s->zeros = gt_memory_new(largest, sizeof *s->zeros);
    s->flow = gt_memory_new(states + 1, sizeof *s->flow);
    s->upstream = gt_memory_new(states + 1, sizeof *s->upstream);
    s->given = gt_memory_new(states + 1, sizeof *s->given);
    s->result_count = count_of(s->target) * (s->in_time ? (size_t)evidence->steps : 1);
    if (s->zeros == NULL || s->flow == NULL || s->upstream == NULL || s->given == NULL)
        return GT_ERROR_MEMORY;
    for (uint32_t i = 0; i < states && status == GT_OK; i++)
        status = take_given(s, i);
    return status;
}

void gt_slip_close(gt_slip_step *s)
{
    uint32_t states = s->evidence->cell->state_count;
    for (uint32_t i = 0; i < states; i++) {
        gt_memory_free(s->flow != NULL ? s->flow[i] : NULL);
        gt_memory_free(s->upstream != NULL ? s->upstream[i] : NULL);
        gt_memory_free(s->given != NULL ? s->given[i] : NULL);
    }
    gt_memory_free(s->flow);
    gt_memory_free(s->upstream);
    gt_memory_free(s->given);
    gt_memory_free(s->zeros);
    gt_tape_free(s->tape);
    s->tape = NULL;
}
