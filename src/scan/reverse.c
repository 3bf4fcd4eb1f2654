/*
 * The reverse rule of a scan.
 *
 * Let step t of the body compute (c', y) from (c, x, W). The reverse scan runs
 * over the steps in the opposite order and carries
 *   - for every carried state, the adjoint of c' with everything that later
 *     steps and the stack of c' contribute to it, and
 *   - for every invariant, the sum of its gradient so far.
 * Its body is the reverse replay of the forward body.
 *
 * Contributions are added in the order in which the reverse replay of the
 * unrolled loop would add them, so that both give the same bits:
 *   - the running sum of an invariant is where its adjoint starts, not what is
 *     added to it at the end of a step;
 *   - what the stack of c' brings to step t-1 comes before what the body of
 *     step t brings, so the stacked cotangent enters one step early;
 *   - sums start at -0.0, the only number that changes no other when added.
 */
#include "scan/reverse.h"

#include "base/memory.h"
#include "grad/replay.h"
#include "gradtape/ops.h"
#include "graph/reverse.h"
#include "graph/scan.h"
#include "scan/residual.h"

#include <string.h>

#define ADDITIVE_IDENTITY (-0.0)

typedef struct scan_reverse {
    gt_reverse *rule;
    gt_replay *outer; /* the replay of the tape that holds the scan */
    gt_scan *scan;
    gt_scan *back;   /* the reverse scan */
    gt_replay inner; /* of the body, on the body of `back` */
    gt_residuals residuals;
    uint32_t *seeds;            /* for each body node, the cotangent of its stack on the target; 0: none */
    uint32_t *finals;           /* for each carried state, the cotangent of its final value; 0: none */
    uint8_t *live;              /* for each body node: an adjoint may reach it */
    gt_var *state_adjoints;     /* for each carried state, the carry of `back`; GT_NONE if it needs none */
    gt_var *invariant_adjoints; /* the same for each invariant */
    gt_var *input_adjoints;     /* the adjoint of each scanned input's slice, on the body of `back` */
} scan_reverse;

/* ---- what there is to do ------------------------------------------------------------------- */

static uint32_t outer_node(const scan_reverse *s, uint32_t slot)
{
    const gt_tape *tape = s->outer->source;
    return gt_node_inputs(tape, gt_tape_node(tape, s->rule->node))[slot];
}

static bool outer_needed(const scan_reverse *s, uint32_t slot)
{
    return s->outer->needed[outer_node(s, slot)] != 0;
}

static void read_cotangents(scan_reverse *s)
{
    uint32_t count = gt_reverse_part_count(s->rule);
    for (uint32_t i = 0; i < count; i++) {
        gt_var cotangent = gt_reverse_part_cotangent(s->rule, i);
        int64_t place = gt_reverse_part_attribute(s->rule, i, 0);
        if (cotangent.tape == NULL)
            continue;
        if (gt_reverse_part_op(s->rule, i) == &gt_op_scan_final)
            s->finals[place] = cotangent.index;
        else
            s->seeds[place] = cotangent.index;
    }
}

/* Which body nodes depend on something needed: a fixpoint, since states feed themselves. */
static void mark_needed(scan_reverse *s)
{
    const gt_scan *scan = s->scan;
    uint8_t *needed = s->inner.needed;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        needed[scan->carries[k].before] = outer_needed(s, k);
    for (uint32_t k = 0; k < scan->input_count; k++)
        needed[scan->inputs[k].inside] = outer_needed(s, gt_scan_input_slot(scan, k));
    for (uint32_t k = 0; k < scan->invariant_count; k++)
        needed[scan->invariants[k].inside] = outer_needed(s, gt_scan_invariant_slot(scan, k));
    for (bool changed = true; changed;) {
        gt_replay_mark_needed(scan->body, s->inner.limit, needed);
        changed = false;
        for (uint32_t k = 0; k < scan->carry_count; k++)
            if (needed[scan->carries[k].after] && !needed[scan->carries[k].before]) {
                needed[scan->carries[k].before] = 1;
                changed = true;
            }
    }
}

/* Which needed body nodes an adjoint may reach: a fixpoint in the other direction. */
static void mark_live(scan_reverse *s)
{
    const gt_scan *scan = s->scan;
    const gt_tape *body = scan->body;
    for (uint32_t i = 1; i <= s->inner.limit; i++)
        s->live[i] = s->seeds[i] != 0;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        if (s->finals[k] != 0)
            s->live[scan->carries[k].after] = 1;
    for (bool changed = true; changed;) {
        for (uint32_t i = s->inner.limit; i >= 1; i--) {
            const gt_node *node = gt_tape_node(body, i);
            const uint32_t *inputs = gt_node_inputs(body, node);
            for (uint32_t j = 0; s->live[i] && s->inner.needed[i] && j < node->input_count; j++)
                s->live[inputs[j]] |= s->inner.needed[inputs[j]];
        }
        changed = false;
        for (uint32_t k = 0; k < scan->carry_count; k++) {
            const gt_scan_carry_link *carry = &scan->carries[k];
            if (s->live[carry->before] && s->inner.needed[carry->before] && !s->live[carry->after]) {
                s->live[carry->after] = 1;
                changed = true;
            }
        }
    }
}

/* The state's adjoint must be carried: an adjoint reaches it from later steps or from its stack. */
static bool state_is_active(const scan_reverse *s, uint32_t k)
{
    const gt_scan_carry_link *carry = &s->scan->carries[k];
    bool wanted = s->inner.needed[carry->before] != 0;
    return wanted && (s->live[carry->before] || s->live[carry->after]);
}

/* The stack of one body node may be the next value of two states: the first brings its cotangent. */
static bool brings_stack(const scan_reverse *s, uint32_t k)
{
    uint32_t after = s->scan->carries[k].after;
    if (s->seeds[after] == 0 || !state_is_active(s, k))
        return false;
    for (uint32_t j = 0; j < k; j++)
        if (s->scan->carries[j].after == after && state_is_active(s, j))
            return false;
    return true;
}

static bool stack_is_brought_by_state(const scan_reverse *s, uint32_t node)
{
    for (uint32_t k = 0; k < s->scan->carry_count; k++)
        if (s->scan->carries[k].after == node && brings_stack(s, k))
            return true;
    return false;
}

/* ---- what enters the reverse scan ---------------------------------------------------------- */

static gt_var seed_of(const scan_reverse *s, uint32_t node)
{
    return gt_tape_at(s->outer->target, s->seeds[node]);
}

static int last_axis(gt_var v)
{
    return gt_var_shape(v).rank - 1;
}

/* The cotangent that the stack of state k has at the last step, in the shape of the state. */
static gt_var last_of_stack(const scan_reverse *s, uint32_t k)
{
    const gt_scan_carry_link *carry = &s->scan->carries[k];
    gt_var stack = seed_of(s, carry->after);
    int64_t last = s->scan->direction == GT_FORWARD ? s->scan->steps - 1 : 0;
    return gt_reshape(gt_slice(stack, last_axis(stack), last, last + 1),
                      gt_var_shape(gt_tape_at(s->scan->body, carry->before)));
}

/* At step t, the cotangent that the stack of state k has at the step before t; nothing at the first. */
static gt_var stack_one_step_early(const scan_reverse *s, uint32_t k)
{
    gt_var stack = seed_of(s, s->scan->carries[k].after);
    int axis = last_axis(stack);
    int64_t steps = s->scan->steps;
    gt_shape shape = gt_var_shape(stack);
    shape.size[axis] = 1;
    gt_var nothing = gt_fill(s->outer->target, shape, ADDITIVE_IDENTITY);
    if (steps == 1)
        return nothing;
    gt_var forward[2] = {nothing, gt_slice(stack, axis, 0, steps - 1)};
    if (s->scan->direction == GT_FORWARD)
        return gt_concat(forward, 2, axis);
    gt_var backward[2] = {gt_slice(stack, axis, 1, steps), nothing};
    return gt_concat(backward, 2, axis);
}

static gt_var initial_state_adjoint(const scan_reverse *s, uint32_t k)
{
    gt_tape *target = s->outer->target;
    gt_var final = s->finals[k] != 0 ? gt_tape_at(target, s->finals[k]) : GT_NONE;
    if (!brings_stack(s, k)) {
        if (final.tape != NULL)
            return final;
        gt_shape shape = gt_var_shape(gt_tape_at(s->scan->body, s->scan->carries[k].before));
        return gt_fill(target, shape, ADDITIVE_IDENTITY);
    }
    gt_var stack = last_of_stack(s, k);
    return final.tape != NULL ? gt_add(final, stack) : stack;
}

/* "da" for the adjoint of 'a'; "" for a node without a name. */
static const char *adjoint_name(char text[128], gt_var v)
{
    const char *name = gt_var_name(v);
    size_t length = strlen(name);
    if (length == 0 || length > 126)
        return "";
    text[0] = 'd';
    memcpy(text + 1, name, length + 1);
    return text;
}

static void carry_invariants(scan_reverse *s)
{
    char name[128];
    for (uint32_t k = 0; k < s->scan->invariant_count; k++) {
        uint32_t node = s->scan->invariants[k].inside;
        gt_var v = gt_tape_at(s->scan->body, node);
        if (!s->inner.needed[node] || !s->live[node])
            continue;
        gt_var zero = gt_fill(s->outer->target, gt_var_shape(v), ADDITIVE_IDENTITY);
        s->invariant_adjoints[k] = gt_scan_carry(s->back, adjoint_name(name, v), zero);
        gt_replay_add(&s->inner, node, s->invariant_adjoints[k]);
    }
}

static void carry_states(scan_reverse *s)
{
    char name[128];
    for (uint32_t k = 0; k < s->scan->carry_count; k++) {
        if (!state_is_active(s, k))
            continue;
        const gt_scan_carry_link *carry = &s->scan->carries[k];
        const char *after = adjoint_name(name, gt_tape_at(s->scan->body, carry->after));
        s->state_adjoints[k] = gt_scan_carry(s->back, after, initial_state_adjoint(s, k));
        if (brings_stack(s, k)) {
            const char *before = adjoint_name(name, gt_tape_at(s->scan->body, carry->before));
            gt_replay_add(&s->inner, carry->before, gt_scan_input(s->back, before, stack_one_step_early(s, k)));
        }
    }
}

static void bring_other_stacks(scan_reverse *s)
{
    char name[128];
    for (uint32_t i = 1; i <= s->inner.limit; i++) {
        if (s->seeds[i] == 0 || !s->inner.needed[i] || stack_is_brought_by_state(s, i))
            continue;
        gt_var v = gt_tape_at(s->scan->body, i);
        gt_replay_add(&s->inner, i, gt_scan_input(s->back, adjoint_name(name, v), seed_of(s, i)));
    }
}

static void enter(scan_reverse *s)
{
    carry_invariants(s);
    carry_states(s);
    bring_other_stacks(s);
    for (uint32_t k = 0; k < s->scan->carry_count; k++)
        if (s->state_adjoints[k].tape != NULL)
            gt_replay_add(&s->inner, s->scan->carries[k].after, s->state_adjoints[k]);
}

/* ---- what leaves it ------------------------------------------------------------------------ */

static void set_next_values(scan_reverse *s)
{
    for (uint32_t k = 0; k < s->scan->carry_count; k++) {
        if (s->state_adjoints[k].tape == NULL)
            continue;
        gt_var next = gt_replay_adjoint(&s->inner, s->scan->carries[k].before);
        if (next.tape == NULL)
            next = gt_fill(s->back->body, gt_var_shape(s->state_adjoints[k]), 0.0);
        gt_scan_next(s->back, s->state_adjoints[k], next);
    }
    for (uint32_t k = 0; k < s->scan->invariant_count; k++)
        if (s->invariant_adjoints[k].tape != NULL)
            gt_scan_next(s->back, s->invariant_adjoints[k],
                         gt_replay_adjoint(&s->inner, s->scan->invariants[k].inside));
    for (uint32_t k = 0; k < s->scan->input_count; k++)
        if (outer_needed(s, gt_scan_input_slot(s->scan, k)))
            s->input_adjoints[k] = gt_replay_adjoint(&s->inner, s->scan->inputs[k].inside);
}

static void contribute(scan_reverse *s)
{
    const gt_scan *scan = s->scan;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        if (s->state_adjoints[k].tape != NULL && outer_needed(s, k))
            gt_replay_add(s->outer, outer_node(s, k), gt_scan_final(s->back, s->state_adjoints[k]));
    for (uint32_t k = 0; k < scan->input_count; k++)
        if (s->input_adjoints[k].tape != NULL)
            gt_replay_add(s->outer, outer_node(s, gt_scan_input_slot(scan, k)),
                          gt_scan_stack(s->back, s->input_adjoints[k]));
    for (uint32_t k = 0; k < scan->invariant_count; k++)
        if (s->invariant_adjoints[k].tape != NULL)
            gt_replay_add(s->outer, outer_node(s, gt_scan_invariant_slot(scan, k)),
                          gt_scan_final(s->back, s->invariant_adjoints[k]));
}

/* ---- the rule ------------------------------------------------------------------------------ */

static bool open_arrays(scan_reverse *s)
{
    const gt_scan *scan = s->scan;
    size_t nodes = (size_t)s->inner.limit + 1;
    s->seeds = gt_memory_new(scan->body->node_count + 1, sizeof *s->seeds);
    s->live = gt_memory_new(nodes, sizeof *s->live);
    s->finals = gt_memory_new(scan->carry_count, sizeof *s->finals);
    s->state_adjoints = gt_memory_new(scan->carry_count, sizeof *s->state_adjoints);
    s->input_adjoints = gt_memory_new(scan->input_count, sizeof *s->input_adjoints);
    s->invariant_adjoints = gt_memory_new(scan->invariant_count, sizeof *s->invariant_adjoints);
    return s->seeds != NULL && s->live != NULL && s->finals != NULL && s->state_adjoints != NULL &&
           s->input_adjoints != NULL && s->invariant_adjoints != NULL;
}

static void close_arrays(scan_reverse *s)
{
    gt_memory_free(s->seeds);
    gt_memory_free(s->live);
    gt_memory_free(s->finals);
    gt_memory_free(s->state_adjoints);
    gt_memory_free(s->input_adjoints);
    gt_memory_free(s->invariant_adjoints);
}

static bool anything_live(const scan_reverse *s)
{
    for (uint32_t i = 1; i <= s->inner.limit; i++)
        if (s->live[i] && s->inner.needed[i])
            return true;
    return false;
}

static void record_reverse_scan(scan_reverse *s)
{
    gt_direction opposite = s->scan->direction == GT_FORWARD ? GT_BACKWARD : GT_FORWARD;
    s->back = gt_scan_begin(s->outer->target, s->scan->steps, opposite);
    if (s->back == NULL)
        return;
    s->back->body->origin_tape = s->scan->body;
    s->inner.target = s->back->body;
    if (!gt_residuals_open(&s->residuals, s->scan, s->back, s->outer, s->rule->node)) {
        gt_tape_fail_memory(s->back->body);
        return;
    }
    s->inner.primal = gt_residuals_primal;
    s->inner.context = &s->residuals;
    enter(s);
    gt_replay_run(&s->inner);
    set_next_values(s);
    gt_residuals_close(&s->residuals);
    if (gt_scan_end(s->back) == GT_OK)
        contribute(s);
}

gt_var gt_scan_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_tape *source = r->replay->source;
    scan_reverse s = {.rule = r, .outer = r->replay, .scan = gt_node_scan(source, gt_tape_node(source, r->node))};
    gt_tape *body = s.scan->body;
    if (!gt_replay_open(&s.inner, body, r->replay->target, (uint32_t)body->node_count))
        return GT_NONE;
    if (open_arrays(&s)) {
        read_cotangents(&s);
        mark_needed(&s);
        mark_live(&s);
        if (anything_live(&s))
            record_reverse_scan(&s);
    } else {
        gt_tape_fail_memory(r->replay->target);
    }
    close_arrays(&s);
    gt_replay_close(&s.inner);
    return GT_NONE;
}
