/* Which slips are tried on arrays, and what they are called. */
#include "diagnose/replay_slips.h"

#include "base/memory.h"
#include "gradtape/utf8.h"
#include "graph/tape.h"

#include <math.h>
#include <string.h>

/* Above this many products of a parameter's entry with an example and a step, too slow to try all.
 */
#define MOST_WORK 4000000.0

typedef struct hunt {
    gt_slip_step step;
    gt_diagnosis *diagnosis;
    double *result;
    bool no_memory; /* ends the hunt: the step's tape is not whole any more */
} hunt;

/* ---- words --------------------------------------------------------------------------------- */

/* The name of a node, or of the first one behind it that has one: the equation it is in. */
static const char *equation_of(const gt_slip_step *s, uint32_t node)
{
    for (uint32_t i = node; i <= s->forward_nodes; i++)
        if (*gt_var_name(gt_tape_at(s->tape, i)) != '\0')
            return gt_var_name(gt_tape_at(s->tape, i));
    return "the step";
}

static const char *name_of(const gt_slip_step *s, uint32_t node)
{
    const char *name = gt_var_name(gt_tape_at(s->tape, node));
    return *name != '\0' ? name : gt_var_op(gt_tape_at(s->tape, node))->name;
}

static bool is_activation(const gt_slip_step *s, uint32_t node)
{
    gt_var v = gt_tape_at(s->tape, node);
    return gt_var_input_count(v) == 1 && gt_var_op(v)->op_class == GT_CLASS_ELEMENTWISE &&
           gt_var_op(v)->reverse != NULL && strcmp(gt_var_op(v)->name, "neg") != 0;
}

/* The state that the node is the old or the new value of; -1: none. */
static int64_t state_of(const gt_slip_step *s, uint32_t node, bool new_one)
{
    for (uint32_t i = 0; i < s->evidence->cell->state_count; i++)
        if ((new_one ? s->next_states[i] : s->states[i]).index == node)
            return i;
    return -1;
}

static gt_mistake_kind substitution_kind(const gt_slip_step *s, const gt_slip *slip)
{
    int64_t from_new = state_of(s, slip->from, true), to_new = state_of(s, slip->to, true);
    if (from_new >= 0 && state_of(s, slip->to, false) == from_new)
        return GT_MISTAKE_OLD_STATE;
    if (to_new >= 0 && state_of(s, slip->from, false) == to_new)
        return GT_MISTAKE_OFF_BY_ONE_STEP;
    if (is_activation(s, slip->node))
        return gt_var_input(gt_tape_at(s->tape, slip->node), 0).index == slip->to
                   ? GT_MISTAKE_WRONG_ARGUMENT
                   : GT_MISTAKE_WRONG_ACTIVATION;
    return is_activation(s, slip->from) && is_activation(s, slip->to) ? GT_MISTAKE_WRONG_ACTIVATION
                                                                      : GT_MISTAKE_WRONG_NAME;
}

gt_mistake_kind gt_slip_describe(const gt_slip_step *s, const gt_slip *slip, char *text,
                                 size_t size)
{
    if (slip->change == GT_SLIP_CARRY) {
        gt_utf8_format(text, size, "what flows back through the state %s from the step after is not added",
                       s->evidence->cell->states[slip->slot].name);
        return GT_MISTAKE_MISSING_STATE;
    }
    gt_var input = gt_var_input(gt_tape_at(s->tape, slip->node), slip->slot);
    const char *op = gt_var_op(gt_tape_at(s->tape, slip->node))->name;
    const char *in = equation_of(s, slip->node),
               *to = gt_var_valid(input) ? name_of(s, input.index) : "";
    bool state = gt_var_valid(input) &&
                 (state_of(s, input.index, false) >= 0 || state_of(s, input.index, true) >= 0);
    switch (slip->change) {
    case GT_SLIP_DROP:
        gt_utf8_format(text, size, "what reaches %s through %s in the equation of %s is missing", to, op, in);
        return state ? GT_MISTAKE_MISSING_STATE : GT_MISTAKE_MISSING_TERM;
    case GT_SLIP_NEGATE:
        gt_utf8_format(text, size, "the sign of what reaches %s through %s in the equation of %s is wrong", to, op, in);
        return GT_MISTAKE_SIGN;
    case GT_SLIP_SCALE:
        gt_utf8_format(text, size, "what reaches %s through %s in the equation of %s is %g times what it should be", to,
                       op, in, slip->factor);
        return GT_MISTAKE_FACTOR;
    case GT_SLIP_PASS:
        gt_utf8_format(text, size, "the derivative of %s in the equation of %s is missing", op, in);
        return GT_MISTAKE_MISSING_DERIVATIVE;
    case GT_SLIP_TWICE:
        gt_utf8_format(text, size, "the derivative of %s in the equation of %s is applied twice", op, in);
        return GT_MISTAKE_DERIVATIVE_TWICE;
    default:
        gt_utf8_format(text, size, "in the derivative of the equation of %s, %s is used where it should be %s", in,
                       name_of(s, slip->to), name_of(s, slip->from));
        return substitution_kind(s, slip);
    }
}

/* ---- trying -------------------------------------------------------------------------------- */

static double distance(const double *value, const double *right, size_t count)
{
    double scale = 0, largest = 0;
    for (size_t k = 0; k < count; k++) {
        double difference = fabs(value[k] - right[k]);
        if (!isfinite(difference))
            return INFINITY;
        largest = fmax(largest, difference);
        scale = fmax(scale, fabs(right[k]));
    }
    return scale > 0 ? largest / scale : INFINITY;
}

/* The array with the slip; false if there is none. */
static bool run(hunt *h, const gt_slip *slip)
{
    gt_status status = gt_slip_run(&h->step, slip, h->result);
    h->no_memory = status == GT_ERROR_MEMORY;
    return status == GT_OK;
}

/* The given array is compared with what the slip would give. True also where the hunt ends without. */
static bool fits(hunt *h, const gt_slip *slip)
{
    const gt_evidence *e = h->step.evidence;
    if (!run(h, slip))
        return h->no_memory;
    double after = distance(e->given[0].data, h->result, h->step.result_count);
    if (!(after <= fmax(e->tolerance, 1e-9) * 10) || !(after <= h->diagnosis->before / 10))
        return false;
    gt_mistake_kind kind =
        gt_slip_describe(&h->step, slip, h->diagnosis->text, sizeof h->diagnosis->text);
    gt_utf8_format(h->diagnosis->kind, sizeof h->diagnosis->kind, "%s", gt_mistake_kind_name(kind));
    h->diagnosis->after = after;
    return true;
}

static bool try_change(hunt *h, gt_slip_change change, double factor)
{
    for (uint32_t node = h->step.forward_nodes; node >= 1; node--) {
        uint32_t count = gt_var_input_count(gt_tape_at(h->step.tape, node));
        bool activation = is_activation(&h->step, node);
        if ((change == GT_SLIP_PASS || change == GT_SLIP_TWICE) && !activation)
            continue;
        for (uint32_t slot = 0; slot < count; slot++)
            if (fits(h, &(gt_slip){.change = change, .node = node, .slot = slot, .factor = factor}))
                return true;
    }
    return false;
}

/* Whether the rule of the node may read `from`. */
static bool reads(const gt_slip_step *s, uint32_t node, uint32_t from)
{
    gt_var v = gt_tape_at(s->tape, node);
    if (node == from)
        return true;
    for (uint32_t i = 0; i < gt_var_input_count(v); i++)
        if (gt_var_input(v, i).index == from)
            return true;
    return false;
}

static bool worth_reading(const gt_slip_step *s, uint32_t node)
{
    return *gt_var_name(gt_tape_at(s->tape, node)) != '\0' || state_of(s, node, true) >= 0 ||
           is_activation(s, node);
}

static bool try_substitutes(hunt *h, uint32_t node, uint32_t from, bool states)
{
    const gt_slip_step *s = &h->step;
    for (uint32_t to = 1; to <= s->forward_nodes; to++) {
        bool related = (state_of(s, from, true) >= 0 && state_of(s, to, false) >= 0) ||
                       (state_of(s, from, false) >= 0 && state_of(s, to, true) >= 0);
        if (to == from || related != states || !worth_reading(s, to) ||
            !gt_shape_equal(gt_var_shape(gt_tape_at(s->tape, from)),
                            gt_var_shape(gt_tape_at(s->tape, to))))
            continue;
        if (fits(h, &(gt_slip){.change = GT_SLIP_SUBSTITUTE,
                               .node = node,
                               .from = from,
                               .to = to,
                               .slot = UINT32_MAX}))
            return true;
    }
    return false;
}

static bool try_all_substitutes(hunt *h, bool states)
{
    for (uint32_t node = h->step.forward_nodes; node >= 1; node--) {
        gt_var v = gt_tape_at(h->step.tape, node);
        if (gt_var_input_count(v) == 0 || gt_var_op(v)->reverse == NULL ||
            gt_var_op(v)->op_class == GT_CLASS_VIEW)
            continue;
        for (uint32_t from = 1; from <= node; from++)
            if (reads(&h->step, node, from) && try_substitutes(h, node, from, states))
                return true;
    }
    return false;
}

/* f'(c) where it should be f'(c'). */
static bool try_old_states(hunt *h)
{
    const gt_slip_step *s = &h->step;
    for (uint32_t node = s->forward_nodes; node >= 1; node--) {
        uint32_t from =
            is_activation(s, node) ? gt_var_input(gt_tape_at(s->tape, node), 0).index : 0;
        int64_t state = from != 0 ? state_of(s, from, true) : -1;
        if (state >= 0 && fits(h, &(gt_slip){.change = GT_SLIP_OLD_STATE,
                                             .node = node,
                                             .from = from,
                                             .to = s->states[state].index,
                                             .slot = UINT32_MAX}))
            return true;
    }
    return false;
}

static bool try_carries(hunt *h)
{
    for (uint32_t i = 0; i < h->step.evidence->cell->state_count && h->step.evidence->steps > 1;
         i++)
        if (fits(h, &(gt_slip){.change = GT_SLIP_CARRY, .slot = i}))
            return true;
    return false;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static bool is_affordable(const gt_evidence *e)
{
    double entries = 0;
    for (uint32_t i = 0; i < e->cell->parameter_count; i++) {
        gt_array array = e->find(e, e->cell->parameters[i].name, 0);
        entries += array.data != NULL ? (double)gt_shape_count(array.shape) : 0;
    }
    return entries * (double)e->examples * (double)e->steps <= MOST_WORK;
}

/* Without a slip the walk must give what is right, or it is no witness. */
static bool is_witness(hunt *h, const double *right)
{
    return run(h, &(gt_slip){.change = GT_SLIP_NONE}) &&
           distance(h->result, right, h->step.result_count) <= 1e-8;
}

static void try_all(hunt *h)
{
    (void)(try_carries(h) || try_change(h, GT_SLIP_PASS, 1) || try_change(h, GT_SLIP_NEGATE, 1) ||
           try_change(h, GT_SLIP_DROP, 1) || try_old_states(h) || try_all_substitutes(h, true) ||
           try_change(h, GT_SLIP_TWICE, 1) || try_change(h, GT_SLIP_SCALE, 2) ||
           try_change(h, GT_SLIP_SCALE, 0.5) || try_all_substitutes(h, false));
}

gt_status gt_diagnose_replay(const gt_evidence *evidence, const double *right, size_t count,
                             gt_diagnosis *diagnosis)
{
    hunt h = {.diagnosis = diagnosis};
    if (evidence->cell->step == NULL || evidence->cell->state_count == 0 ||
        !is_affordable(evidence))
        return GT_OK;
    gt_status status = gt_slip_open(&h.step, evidence);
    h.no_memory = status == GT_ERROR_MEMORY;
    if (status == GT_OK && h.step.result_count == count) {
        h.result = gt_memory_new(count, sizeof *h.result);
        h.no_memory = h.result == NULL;
        if (!h.no_memory && is_witness(&h, right))
            try_all(&h);
    }
    gt_memory_free(h.result);
    gt_slip_close(&h.step);
    return h.no_memory ? GT_ERROR_MEMORY : GT_OK;
}
