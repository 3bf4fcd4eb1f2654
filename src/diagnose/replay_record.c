/* One step on a tape: forward, and backward with a slip in a reverse rule. */
#include "diagnose/replay.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "grad/replay.h"
#include "gradtape/ops.h"

#include <string.h>

/* ---- forward ------------------------------------------------------------------------------- */

static gt_array find(const gt_step_replay *s, const char *format, const char *name)
{
    char text[GT_NAME_SIZE + 2];
    gt_utf8_format(text, sizeof text, format, name);
    return s->evidence->find(s->evidence, text, 0);
}

static bool record_leaf(gt_step_replay *s, const char *name, gt_var *leaf)
{
    gt_array array = find(s, "%s", name);
    if (array.data == NULL || array.dtype != GT_F64)
        return false;
    *leaf = gt_input(s->tape, name, array.shape);
    return true;
}

bool gt_step_replay_with_outputs(const gt_step_replay *s)
{
    const gt_cell *cell = s->evidence->cell;
    return cell->output != NULL && cell->output_count > 0 && find(s, "d%s", cell->outputs[0].name).data != NULL;
}

static bool record_leaves(gt_step_replay *s)
{
    const gt_cell *cell = s->evidence->cell;
    for (uint32_t i = 0; i < cell->input_count; i++)
        if (!record_leaf(s, cell->inputs[i].name, &s->inputs[i]))
            return false;
    for (uint32_t i = 0; i < cell->state_count; i++)
        if (!record_leaf(s, cell->states[i].name, &s->states[i]))
            return false;
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        if (!record_leaf(s, cell->parameters[i].name, &s->parameters[i]) && !cell->parameters[i].output_only)
            return false;
    return true;
}

/* A step that fails leaves what it had not recorded as it was: no var of a tape that is gone may be there. */
static void forget_tape(gt_step_replay *s)
{
    gt_tape_free(s->tape);
    s->tape = NULL;
    memset(s->inputs, 0, sizeof s->inputs);
    memset(s->states, 0, sizeof s->states);
    memset(s->parameters, 0, sizeof s->parameters);
    memset(s->next_states, 0, sizeof s->next_states);
    memset(s->outputs, 0, sizeof s->outputs);
}

static void record_upstream(gt_step_replay *s)
{
    const gt_cell *cell = s->evidence->cell;
    for (uint32_t i = 0; i < cell->state_count; i++)
        s->state_upstream[i] = gt_input(s->tape, "upstream", gt_var_shape(s->next_states[i]));
    for (uint32_t i = 0; gt_step_replay_with_outputs(s) && i < cell->output_count; i++)
        s->output_upstream[i] = gt_input(s->tape, "upstream", gt_var_shape(s->outputs[i]));
}

gt_status gt_step_replay_record(gt_step_replay *s)
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
    if (gt_step_replay_with_outputs(s))
        e->cell->output(&step);
    s->forward_nodes = gt_tape_node_count(s->tape);
    if (gt_tape_status(s->tape) == GT_OK)
        record_upstream(s);
    return gt_tape_status(s->tape);
}

/* ---- what a rule reads --------------------------------------------------------------------- */

typedef struct walk {
    gt_replay replay;
    gt_step_replay *sequence;
    const gt_slip *slip;
    const uint32_t *right_adjoint; /* of a walk without a slip; NULL: not needed */
    bool here;                     /* the rule that the slip is in runs */
    gt_var recomputed;             /* GT_SLIP_RECOMPUTE: what the rule reads in place of slip->reads */
} walk;

static gt_tape *tape_of(const walk *w)
{
    return w->replay.target;
}

static uint32_t operand(const walk *w, uint32_t node, uint32_t slot)
{
    return gt_var_input(gt_tape_at(tape_of(w), node), slot).index;
}

static uint32_t exchanged(const walk *w, uint32_t index)
{
    uint32_t a = operand(w, w->slip->node, 0), b = operand(w, w->slip->to, 0);
    return index == a ? b : index == b ? a : index;
}

static gt_var primal(void *context, uint32_t index)
{
    const walk *w = context;
    const gt_slip *slip = w->slip;
    if (w->here && slip->change == GT_SLIP_EXCHANGE)
        index = exchanged(w, index);
    if (w->here && slip->change == GT_SLIP_RECOMPUTE && index == slip->reads)
        return w->recomputed;
    bool own = slip->change == GT_SLIP_RECOMPUTE && slip->reads == slip->node;
    if (w->here && (slip->change == GT_SLIP_SUBSTITUTE || own) && index == slip->from)
        index = slip->to;
    return gt_tape_at(tape_of(w), index);
}

/* The node `reads` once more, with `to` as operand in place of `from`. */
static gt_var recompute(gt_tape *tape, const gt_slip *slip)
{
    gt_var v = gt_tape_at(tape, slip->reads), inputs[GT_MAX_CELL_ARRAYS];
    int64_t attributes[8] = {0};
    uint32_t count = gt_var_input_count(v), attribute_count = gt_var_attribute_count(v);
    if (count > GT_MAX_CELL_ARRAYS || attribute_count > 8)
        return GT_NONE;
    for (uint32_t i = 0; i < count; i++) {
        inputs[i] = gt_var_input(v, i);
        if (inputs[i].index == slip->from)
            inputs[i] = gt_tape_at(tape, slip->to);
    }
    for (uint32_t i = 0; i < attribute_count; i++)
        attributes[i] = gt_var_attribute(v, i);
    return gt_apply(gt_var_op(v), inputs, count, attributes, attribute_count);
}

/* ---- contributions with the slip ----------------------------------------------------------- */

static bool is_named(const gt_op *op, const char *name)
{
    return strcmp(op->name, name) == 0;
}

static bool is_tanh(const gt_op *op)
{
    return is_named(op, "tanh");
}

/* 1 - x */
static gt_var complement(gt_var x)
{
    return gt_sub(gt_constant(x.tape, 1), x);
}

/* Of y = tanh(u), what is written for dy (1 - y^2). */
static gt_var tanh_slip(gt_slip_change change, gt_var dy, gt_var y, gt_var other)
{
    gt_var square = gt_mul(y, y);
    switch (change) {
    case GT_SLIP_VALUE:
        return gt_mul(dy, y);
    case GT_SLIP_COMPLEMENT:
        return gt_mul(dy, complement(y));
    case GT_SLIP_OTHER_VALUE:
        return gt_mul(dy, complement(gt_mul(other, other)));
    case GT_SLIP_OTHER_COMPLEMENT:
        return gt_mul(dy, complement(gt_mul(y, other)));
    case GT_SLIP_OTHER_FUNCTION:
        return gt_mul(dy, gt_mul(y, complement(y)));
    case GT_SLIP_SIGNED:
        return gt_mul(dy, gt_add(gt_constant(y.tape, 1), square));
    case GT_SLIP_SQUARED:
        return gt_mul(dy, gt_mul(complement(y), complement(y)));
    case GT_SLIP_OPENED_FRONT:
        return complement(gt_mul(square, dy));
    default:
        return gt_sub(dy, square);
    }
}

/* Of a sigmoid y, what is written for dy y (1 - y). */
static gt_var sigmoid_slip(gt_slip_change change, gt_var dy, gt_var y, gt_var other)
{
    switch (change) {
    case GT_SLIP_VALUE:
        return gt_mul(dy, y);
    case GT_SLIP_COMPLEMENT:
        return gt_mul(dy, complement(y));
    case GT_SLIP_OTHER_VALUE:
        return gt_mul(dy, gt_mul(other, complement(y)));
    case GT_SLIP_OTHER_COMPLEMENT:
        return gt_mul(dy, gt_mul(y, complement(other)));
    case GT_SLIP_OTHER_FUNCTION:
        return gt_mul(dy, complement(gt_mul(y, y)));
    case GT_SLIP_SIGNED:
        return gt_mul(dy, gt_add(y, gt_mul(y, y)));
    case GT_SLIP_SQUARED:
        return gt_mul(dy, gt_mul(y, y));
    case GT_SLIP_OPENED_FRONT:
        return gt_sub(y, gt_mul(y, dy));
    default:
        return gt_sub(gt_mul(dy, y), y);
    }
}

/* Of a softmax y, what is written for y (dy - sum(dy y)). */
static gt_var softmax_slip(gt_slip_change change, gt_var dy, gt_var y)
{
    gt_var product = gt_mul(dy, y);
    return change == GT_SLIP_VALUE ? product : gt_sub(product, gt_sum(product, 0));
}

static gt_var derivative(const walk *w, const gt_op *op, gt_var dy, gt_var y)
{
    gt_var other = gt_tape_at(tape_of(w), w->slip->to);
    if (is_named(op, "softmax"))
        return softmax_slip(w->slip->change, dy, y);
    return is_tanh(op) ? tanh_slip(w->slip->change, dy, y, other) : sigmoid_slip(w->slip->change, dy, y, other);
}

/* The rows of a part of a concat along axis 0. */
static void part_rows(const walk *w, uint32_t concat, uint32_t part, int64_t *from, int64_t *to)
{
    *from = 0;
    for (uint32_t i = 0; i < part; i++) {
        *to = *from + gt_var_shape(gt_var_input(gt_tape_at(tape_of(w), concat), i)).size[0];
        if (i + 1 < part)
            *from = *to;
    }
}

/* Of W @ z, slot 1: the block of columns of W that belongs to the part, or others, as it is written. */
static gt_var matrix_slip(const walk *w, gt_reverse *r, gt_var right)
{
    const gt_slip *slip = w->slip;
    gt_var weight = gt_reverse_input(r, 0), dy = gt_reverse_cotangent(r);
    int64_t from = 0, to = gt_var_shape(right).size[0];
    if (slip->part > 0)
        part_rows(w, operand(w, r->node, 1), slip->part, &from, &to);
    int64_t start = slip->change == GT_SLIP_SLICE ? (int64_t)slip->to : from;
    gt_var block = gt_slice(weight, 1, start, start + to - from);
    gt_var wrong = gt_matmul_transposed(block, slip->change == GT_SLIP_SLICE, dy, false);
    return slip->part > 0 ? gt_pad(wrong, 0, from, gt_var_shape(right).size[0] - to) : wrong;
}

static gt_var with_cotangent(walk *w, const gt_op *op, gt_reverse *r, uint32_t slot, uint32_t cotangent)
{
    uint32_t own = w->replay.adjoint[r->node];
    w->replay.adjoint[r->node] = cotangent;
    gt_var result = op->reverse(r, slot);
    w->replay.adjoint[r->node] = own;
    return result;
}

/* The slip as it is made at another node: that node's own value and operand. */
static gt_slip slip_at(const walk *w, uint32_t node)
{
    gt_slip slip = *w->slip;
    uint32_t own = operand(w, slip.node, 0), *nodes[] = {&slip.from, &slip.to, &slip.reads};
    bool of_node = slip.from == slip.node || slip.reads == slip.node;
    for (size_t i = 0; i < 3 && of_node; i++)
        *nodes[i] = *nodes[i] == w->slip->node ? node : *nodes[i] == own ? operand(w, node, 0) : *nodes[i];
    if (slip.change != GT_SLIP_EXCHANGE)
        slip.node = node;
    return slip;
}

static gt_var with_other_values(walk *w, const gt_op *op, gt_reverse *r, uint32_t slot)
{
    const gt_slip *asked = w->slip, here = slip_at(w, r->node);
    w->slip = &here;
    if (here.change == GT_SLIP_RECOMPUTE)
        w->recomputed = recompute(tape_of(w), &here);
    w->here = true;
    gt_var result = op->reverse(r, slot);
    w->here = false;
    w->slip = asked;
    return result;
}

static gt_var changed(walk *w, const gt_op *op, gt_reverse *r, uint32_t slot, gt_var right)
{
    const gt_slip *slip = w->slip;
    switch (slip->change) {
    case GT_SLIP_DROP:
        return slip->part > 0 ? gt_mul(right, gt_constant(tape_of(w), 0)) : GT_NONE;
    case GT_SLIP_SCALE:
        return gt_mul(right, gt_constant(tape_of(w), slip->factor));
    case GT_SLIP_PASS:
        return gt_reverse_cotangent(r);
    case GT_SLIP_TWICE:
        return with_cotangent(w, op, r, slot, right.index);
    case GT_SLIP_COTANGENT:
        return with_cotangent(w, op, r, slot, w->right_adjoint[slip->to]);
    case GT_SLIP_TRANSPOSED:
    case GT_SLIP_SLICE:
        return matrix_slip(w, r, right);
    case GT_SLIP_SUBSTITUTE:
    case GT_SLIP_EXCHANGE:
    case GT_SLIP_RECOMPUTE:
        return with_other_values(w, op, r, slot);
    default:
        return derivative(w, op, gt_reverse_cotangent(r), gt_reverse_output(r));
    }
}

/* The rows of one part of a concat from the second, all others from the first. */
static gt_var mix(const walk *w, uint32_t concat, gt_var right, gt_var wrong)
{
    int64_t from = 0, to = 0, rows = gt_var_shape(right).size[0];
    gt_var pieces[3];
    uint32_t count = 0;
    part_rows(w, concat, w->slip->part, &from, &to);
    if (from > 0)
        pieces[count++] = gt_slice(right, 0, 0, from);
    pieces[count++] = gt_slice(wrong, 0, from, to);
    if (to < rows)
        pieces[count++] = gt_slice(right, 0, to, rows);
    return count == 1 ? wrong : gt_concat(pieces, count, 0);
}

static bool is_concerned(const walk *w, const gt_op *op, uint32_t node, uint32_t slot)
{
    const gt_slip *slip = w->slip;
    if (slip->change == GT_SLIP_NONE || slip->change == GT_SLIP_SEED_SCALE || slip->change == GT_SLIP_STATE_SCALE)
        return false;
    if (slip->into > 0)
        return node >= slip->first && node <= slip->node && operand(w, node, slot) == slip->into;
    if (slip->slot != UINT32_MAX && slot != slip->slot)
        return false;
    bool twin = slip->change == GT_SLIP_EXCHANGE && node == slip->to;
    bool alike = slip->alike && op == gt_var_op(gt_tape_at(tape_of(w), slip->node)) &&
                 (slip->part == 0 || operand(w, node, 1) == operand(w, slip->node, 1));
    return node == slip->node || twin || alike;
}

static gt_var contribution(walk *w, const gt_op *op, gt_reverse *r, uint32_t slot)
{
    gt_var right = op->reverse(r, slot);
    if (!is_concerned(w, op, r->node, slot) || !gt_var_valid(right))
        return right;
    gt_var wrong = changed(w, op, r, slot, right);
    return w->slip->part > 0 ? mix(w, operand(w, r->node, 1), right, wrong) : wrong;
}

/* ---- the walk ------------------------------------------------------------------------------ */

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
    uint32_t count = gt_reverse_input_count(&r);
    for (uint32_t slot = 0; slot < count; slot++) {
        uint32_t input = gt_node_inputs(replay->source, gt_tape_node(replay->source, index))[slot];
        if (replay->needed[input])
            gt_replay_add(replay, input, contribution(w, op, &r, slot));
    }
}

static gt_var seed(const gt_step_replay *s, const gt_slip *slip, uint32_t state)
{
    gt_var upstream = s->state_upstream[state];
    bool here = slip->change == GT_SLIP_SEED_SCALE && slip->slot == state;
    return here ? gt_mul(upstream, gt_constant(s->tape, slip->factor)) : upstream;
}

static void walk_all(walk *w)
{
    gt_step_replay *s = w->sequence;
    const gt_cell *cell = s->evidence->cell;
    for (uint32_t i = 0; i < cell->state_count; i++)
        w->replay.needed[s->states[i].index] = 1;
    for (uint32_t i = 0; i < s->evidence->array_count; i++)
        w->replay.needed[gt_step_replay_leaf(s, i).index] = 1;
    gt_replay_mark_needed(s->tape, s->forward_nodes, w->replay.needed);
    for (uint32_t i = 0; i < cell->state_count; i++)
        gt_replay_add(&w->replay, s->next_states[i].index, seed(s, w->slip, i));
    for (uint32_t i = 0; gt_step_replay_with_outputs(s) && i < cell->output_count; i++)
        gt_replay_add(&w->replay, s->outputs[i].index, s->output_upstream[i]);
    for (uint32_t index = s->forward_nodes; index >= 1; index--)
        walk_node(w, index);
}

static void take_gradients(walk *w, gt_var *gradients)
{
    gt_step_replay *s = w->sequence;
    uint32_t states = s->evidence->cell->state_count, count = states + s->evidence->array_count;
    for (uint32_t i = 0; i < count; i++) {
        gt_var leaf = i < states ? s->states[i] : gt_step_replay_leaf(s, i - states);
        gradients[i] = gt_replay_adjoint(&w->replay, leaf.index);
        if (!gt_var_valid(gradients[i]))
            gradients[i] = gt_fill(s->tape, gt_var_shape(leaf), 0);
        if (w->slip->change == GT_SLIP_STATE_SCALE && leaf.index == s->states[w->slip->slot].index)
            gradients[i] = gt_mul(gradients[i], gt_constant(s->tape, w->slip->factor));
    }
}

static gt_status record_walk(gt_step_replay *s, const gt_slip *slip, const uint32_t *right_adjoint, walk *w)
{
    *w = (walk){.sequence = s, .slip = slip, .right_adjoint = right_adjoint};
    if (!gt_replay_open(&w->replay, s->tape, s->tape, s->forward_nodes))
        return GT_ERROR_MEMORY;
    w->replay.primal = primal;
    w->replay.context = w;
    walk_all(w);
    return gt_tape_status(s->tape);
}

gt_status gt_step_replay_record_backward(gt_step_replay *s, const gt_slip *slip, gt_var *gradients)
{
    const gt_slip none = {.change = GT_SLIP_NONE};
    walk right = {.sequence = s}, w = {.sequence = s};
    gt_status status = GT_OK;
    if (slip->change == GT_SLIP_COTANGENT)
        status = record_walk(s, &none, NULL, &right);
    if (status == GT_OK)
        status = record_walk(s, slip, right.replay.adjoint, &w);
    if (status == GT_OK)
        take_gradients(&w, gradients);
    gt_replay_close(&w.replay);
    gt_replay_close(&right.replay);
    return status == GT_OK ? gt_tape_status(s->tape) : status;
}
