/* Slips in the step in words. */
#include "base/utf8.h"
#include "diagnose/joint.h"
#include "diagnose/slip_nodes.h"

#include <string.h>

/* The name of a node, or of the first one behind it that has one: the equation it is in. */
static const char *equation_of(const gt_step_replay *s, uint32_t node)
{
    for (uint32_t i = node; i <= s->forward_nodes; i++)
        if (*gt_var_name(gt_slip_at(s, i)) != '\0')
            return gt_var_name(gt_slip_at(s, i));
    return "the step";
}

typedef struct words {
    char text[3 * GT_NAME_SIZE];
} words;

/* "f", "tanh(c')", "1 - u" */
static words name_of(const gt_step_replay *s, uint32_t node)
{
    words w = {""};
    if (node == 0)
        return w;
    const char *name = gt_var_name(gt_slip_at(s, node));
    gt_var first = gt_var_input(gt_slip_at(s, node), 0), second = gt_var_input(gt_slip_at(s, node), 1);
    if (*name != '\0')
        gt_utf8_format(w.text, sizeof w.text, "%s", name);
    else if (gt_slip_is_activation(s, node) && *gt_var_name(first) != '\0')
        gt_utf8_format(w.text, sizeof w.text, "%s(%s)", gt_var_op(gt_slip_at(s, node))->name, gt_var_name(first));
    else if (gt_slip_is_complement(s, node) && *gt_var_name(second) != '\0')
        gt_utf8_format(w.text, sizeof w.text, "1 - %s", gt_var_name(second));
    else if (gt_slip_is_op(s, node, "mul") && *gt_var_name(first) != '\0' && *gt_var_name(second) != '\0')
        gt_utf8_format(w.text, sizeof w.text, "%s * %s", gt_var_name(first), gt_var_name(second));
    else
        gt_utf8_format(w.text, sizeof w.text, "what goes into %s", equation_of(s, node));
    return w;
}

/* "what reaches a through Wf @ z" */
static words path_of(const gt_step_replay *s, const gt_slip *slip)
{
    words w, to = name_of(s, slip->into > 0 ? slip->into : gt_var_input(gt_slip_at(s, slip->node), slip->slot).index);
    if (slip->slot == UINT32_MAX) {
        gt_utf8_format(w.text, sizeof w.text, "all that reaches %s", name_of(s, slip->node).text);
        return w;
    }
    if (slip->part > 0)
        to = name_of(s, gt_var_input(gt_slip_at(s, gt_slip_concat_of(s, slip->node)), slip->part - 1).index);
    if (gt_slip_is_product(s, slip->node) && slip->into == 0)
        gt_utf8_format(w.text, sizeof w.text, "what reaches %s through %s @ %s", to.text,
                       name_of(s, gt_var_input(gt_slip_at(s, slip->node), 0).index).text,
                       name_of(s, gt_var_input(gt_slip_at(s, slip->node), 1).index).text);
    else
        gt_utf8_format(w.text, sizeof w.text, "what reaches %s through the equation of %s", to.text,
                       equation_of(s, slip->node));
    return w;
}

static bool is_parameter(const gt_step_replay *s, uint32_t node)
{
    for (uint32_t i = 0; i < s->evidence->cell->parameter_count; i++)
        if (s->parameters[i].index == node)
            return true;
    return false;
}

static gt_mistake_kind substitution_kind(const gt_step_replay *s, const gt_slip *slip)
{
    int64_t from_new = gt_slip_state_of(s, slip->from, true), to_new = gt_slip_state_of(s, slip->to, true);
    if (from_new >= 0 && gt_slip_state_of(s, slip->to, false) == from_new)
        return GT_MISTAKE_OLD_STATE;
    if (to_new >= 0 && gt_slip_state_of(s, slip->from, false) == to_new)
        return GT_MISTAKE_OFF_BY_ONE_STEP;
    bool parameters = is_parameter(s, slip->from) && is_parameter(s, slip->to);
    if (parameters || (gt_slip_is_product(s, slip->node) && slip->slot == 1))
        return GT_MISTAKE_SWAPPED_GATES;
    if (gt_slip_is_complement(s, slip->from) != gt_slip_is_complement(s, slip->to))
        return GT_MISTAKE_COMPLEMENT;
    if (gt_slip_is_activation(s, slip->node))
        return gt_var_input(gt_slip_at(s, slip->node), 0).index == slip->to ? GT_MISTAKE_WRONG_ARGUMENT
                                                                            : GT_MISTAKE_WRONG_ACTIVATION;
    return gt_slip_is_activation(s, slip->from) && gt_slip_is_activation(s, slip->to) ? GT_MISTAKE_WRONG_ACTIVATION
                                                                                      : GT_MISTAKE_WRONG_NAME;
}

/* "the derivative of sigmoid in the equation of f"; "... in the equations of all gates" */
static words derivative_of(const gt_step_replay *s, const gt_slip *slip)
{
    words w;
    const char *op = gt_var_op(gt_slip_at(s, slip->node))->name;
    uint32_t alike = 0;
    for (uint32_t i = 1; i <= s->forward_nodes; i++)
        alike += gt_slip_is_op(s, i, op);
    if (slip->alike && alike > 1)
        gt_utf8_format(w.text, sizeof w.text, "the derivative of %s, wherever it is,", op);
    else
        gt_utf8_format(w.text, sizeof w.text, "the derivative of %s in the equation of %s", op,
                       equation_of(s, slip->node));
    return w;
}

/* What is written in place of y * (1 - y), or of 1 - y**2; `other` is the value of another gate. */
static gt_mistake_kind written_for(gt_slip_change change, bool tanh, const char *y, const char *other, char *text,
                                   size_t size)
{
    switch (change) {
    case GT_SLIP_VALUE:
        gt_utf8_format(text, size, "%s", y);
        return tanh ? GT_MISTAKE_WRONG_ACTIVATION : GT_MISTAKE_MISSING_DERIVATIVE;
    case GT_SLIP_COMPLEMENT:
        gt_utf8_format(text, size, "1 - %s", y);
        return tanh ? GT_MISTAKE_POWER : GT_MISTAKE_MISSING_DERIVATIVE;
    case GT_SLIP_OTHER_VALUE:
        gt_utf8_format(text, size, tanh ? "1 - %s**2" : "%s * (1 - %s)", other, y);
        return GT_MISTAKE_WRONG_ACTIVATION;
    case GT_SLIP_OTHER_COMPLEMENT:
        gt_utf8_format(text, size, tanh ? "1 - %s * %s" : "%s * (1 - %s)", y, other);
        return GT_MISTAKE_WRONG_ACTIVATION;
    case GT_SLIP_OTHER_FUNCTION:
        gt_utf8_format(text, size, tanh ? "%s * (1 - %s)" : "1 - %s**2", y, y);
        return GT_MISTAKE_WRONG_ACTIVATION;
    case GT_SLIP_SIGNED:
        gt_utf8_format(text, size, tanh ? "1 + %s**2" : "%s * (1 + %s)", y, y);
        return GT_MISTAKE_SIGN;
    case GT_SLIP_SQUARED:
        gt_utf8_format(text, size, tanh ? "(1 - %s)**2" : "%s**2", y);
        return tanh ? GT_MISTAKE_PARENTHESES : GT_MISTAKE_COMPLEMENT;
    default:
        return GT_MISTAKE_NONE;
    }
}

static gt_mistake_kind describe_softmax(const gt_slip *slip, char *text, size_t size)
{
    if (slip->change == GT_SLIP_VALUE) {
        gt_utf8_format(text, size,
                       "the derivative of the softmax lacks the term of the sum: y * dy for "
                       "y * (dy - sum(dy * y))");
        return GT_MISTAKE_SOFTMAX;
    }
    gt_utf8_format(text, size,
                   "the derivative of the softmax lacks its parentheses: y * dy - sum(dy * y) for "
                   "y * (dy - sum(dy * y))");
    return GT_MISTAKE_PARENTHESES;
}

static gt_mistake_kind describe_derivative(const gt_step_replay *s, const gt_slip *slip, char *text, size_t size)
{
    words of = derivative_of(s, slip), own = name_of(s, slip->node), other = name_of(s, slip->to), wrong, right;
    bool tanh = gt_slip_is_op(s, slip->node, "tanh");
    const char *y = slip->alike ? "y" : own.text;
    gt_utf8_format(right.text, sizeof right.text, tanh ? "1 - %s**2" : "%s * (1 - %s)", y, y);
    if (gt_slip_is_op(s, slip->node, "softmax"))
        return describe_softmax(slip, text, size);
    switch (slip->change) {
    case GT_SLIP_PASS:
        gt_utf8_format(text, size, "%s is missing", of.text);
        return GT_MISTAKE_MISSING_DERIVATIVE;
    case GT_SLIP_TWICE:
        gt_utf8_format(text, size, "%s is applied twice", of.text);
        return GT_MISTAKE_DERIVATIVE_TWICE;
    case GT_SLIP_OPENED:
        gt_utf8_format(text, size, "%s lacks its parentheses: %s", of.text,
                       tanh ? "dy * 1 - y**2 for dy * (1 - y**2)" : "dy * y * 1 - y for dy * y * (1 - y)");
        return GT_MISTAKE_PARENTHESES;
    case GT_SLIP_OPENED_FRONT:
        gt_utf8_format(text, size, "%s lacks its parentheses: %s", of.text,
                       tanh ? "1 - y**2 * dy for (1 - y**2) * dy" : "y - y * dy for y * (1 - y) * dy");
        return GT_MISTAKE_PARENTHESES;
    default: {
        gt_mistake_kind kind = written_for(slip->change, tanh, y, other.text, wrong.text, sizeof wrong.text);
        gt_utf8_format(text, size, "%s is %s; it should be %s", of.text, wrong.text, right.text);
        return kind;
    }
    }
}

static gt_mistake_kind describe_scale(const gt_step_replay *s, const gt_slip *slip, char *text, size_t size)
{
    double m = (double)s->evidence->examples;
    words path = path_of(s, slip);
    if (slip->factor == -1) {
        gt_utf8_format(text, size, "the sign of %s is wrong", path.text);
        return GT_MISTAKE_SIGN;
    }
    if (m > 1 && slip->factor == 1 / m) {
        gt_utf8_format(text, size, "%s is divided by m = %g", path.text, m);
        return GT_MISTAKE_MEAN;
    }
    gt_utf8_format(text, size, "%s is %s what it should be", path.text, gt_times(slip->factor).text);
    return GT_MISTAKE_FACTOR;
}

static gt_mistake_kind describe_seed(const gt_step_replay *s, const gt_slip *slip, char *text, size_t size)
{
    const char *state = s->evidence->cell->states[slip->slot].name;
    if (slip->factor == 0) {
        gt_utf8_format(text, size, "d%s', what reaches the new %s from after the step, is not added", state, state);
        return GT_MISTAKE_MISSING_STATE;
    }
    if (slip->factor == -1) {
        gt_utf8_format(text, size, "the sign of d%s', what reaches the new %s from after the step, is wrong", state,
                       state);
        return GT_MISTAKE_SIGN;
    }
    gt_utf8_format(text, size, "%s d%s', what reaches the new %s from after the step, is added",
                   gt_times(slip->factor).text, state, state);
    return GT_MISTAKE_FACTOR;
}

static gt_mistake_kind describe_state(const gt_step_replay *s, const gt_slip *slip, char *text, size_t size)
{
    const char *state = s->evidence->cell->states[slip->slot].name;
    double m = (double)s->evidence->examples;
    if (slip->factor == 0) {
        gt_utf8_format(text, size, "d%s, what the step hands back through %s, is 0", state, state);
        return GT_MISTAKE_MISSING_STATE;
    }
    if (slip->factor == -1) {
        gt_utf8_format(text, size, "the sign of d%s, what the step hands back through %s, is wrong", state, state);
        return GT_MISTAKE_SIGN;
    }
    if (m > 1 && slip->factor == 1 / m) {
        gt_utf8_format(text, size, "d%s, what the step hands back through %s, is divided by m = %g", state, state, m);
        return GT_MISTAKE_MEAN;
    }
    gt_utf8_format(text, size, "d%s, what the step hands back through %s, is %s what it should be", state, state,
                   gt_times(slip->factor).text);
    return GT_MISTAKE_FACTOR;
}

static gt_mistake_kind describe_matrix(const gt_step_replay *s, const gt_slip *slip, char *text, size_t size)
{
    words weight = name_of(s, gt_var_input(gt_slip_at(s, slip->node), 0).index), path = path_of(s, slip);
    const char *each = slip->alike ? ", and in all others like it" : "";
    if (slip->change == GT_SLIP_TRANSPOSED) {
        gt_utf8_format(text, size, "%s is not transposed in %s%s", weight.text, path.text, each);
        return GT_MISTAKE_TRANSPOSED;
    }
    gt_utf8_format(text, size, "the wrong columns of %s are used in %s%s", weight.text, path.text, each);
    return GT_MISTAKE_WRONG_SLICE;
}

static gt_mistake_kind describe_gates(const gt_step_replay *s, const gt_slip *slip, char *text, size_t size)
{
    words path = path_of(s, slip);
    if (slip->change == GT_SLIP_EXCHANGE)
        gt_utf8_format(text, size, "%s and %s are exchanged in %s",
                       name_of(s, gt_var_input(gt_slip_at(s, slip->node), 0).index).text,
                       name_of(s, gt_var_input(gt_slip_at(s, slip->to), 0).index).text, path.text);
    else if (gt_slip_is_gate(s, slip->to))
        gt_utf8_format(text, size, "in %s the gradient of %s itself is used; it should be that of what goes into %s",
                       path.text, name_of(s, slip->to).text, equation_of(s, slip->node));
    else
        gt_utf8_format(text, size, "in %s the gradient of what goes into %s is used; it should be that of %s",
                       path.text, equation_of(s, slip->to), equation_of(s, slip->node));
    return GT_MISTAKE_SWAPPED_GATES;
}

static gt_mistake_kind describe_substitute(const gt_step_replay *s, const gt_slip *slip, char *text, size_t size)
{
    words from = name_of(s, slip->from), to = name_of(s, slip->to);
    gt_mistake_kind kind = substitution_kind(s, slip);
    if (kind == GT_MISTAKE_SWAPPED_GATES && slip->slot != UINT32_MAX)
        gt_utf8_format(text, size, "%s is used in %s; it should be %s", to.text, path_of(s, slip).text, from.text);
    else
        gt_utf8_format(text, size, "in the derivative of the equation of %s%s, %s is used; it should be %s",
                       equation_of(s, slip->node), slip->alike ? " and of those like it" : "", to.text, from.text);
    return kind;
}

static gt_mistake_kind describe_recomputed(const gt_step_replay *s, const gt_slip *slip, char *text, size_t size)
{
    words from = name_of(s, slip->from), to = name_of(s, slip->to);
    if (slip->to == slip->node) {
        const char *op = gt_var_op(gt_slip_at(s, slip->node))->name;
        gt_utf8_format(text, size,
                       "%s is taken at its value, as if %s were applied twice: the value was given "
                       "where what goes into it belongs",
                       derivative_of(s, slip).text, op);
        return GT_MISTAKE_WRONG_ARGUMENT;
    }
    if (gt_slip_is_complement(s, slip->reads)) {
        gt_utf8_format(text, size, "in the derivative of the equation of %s, 1 - %s is used; it should be 1 - %s",
                       equation_of(s, slip->node), to.text, from.text);
        return GT_MISTAKE_SWAPPED_GATES;
    }
    if (slip->reads == slip->node) {
        gt_utf8_format(text, size, "%s is taken at %s; it should be at %s", derivative_of(s, slip).text, to.text,
                       from.text);
        return GT_MISTAKE_OLD_STATE;
    }
    gt_utf8_format(text, size, "%s is used in the gradient of %s%s; it should be %s", to.text,
                   name_of(s, gt_var_input(gt_slip_at(s, slip->node), 0).index).text,
                   slip->alike ? " and of all weights like it" : "", from.text);
    return GT_MISTAKE_OFF_BY_ONE_STEP;
}

gt_mistake_kind gt_slip_describe(const gt_step_replay *s, const gt_slip *slip, char *text, size_t size)
{
    switch (slip->change) {
    case GT_SLIP_SEED_SCALE:
        return describe_seed(s, slip, text, size);
    case GT_SLIP_STATE_SCALE:
        return describe_state(s, slip, text, size);
    case GT_SLIP_DROP: {
        uint32_t to = slip->into > 0 ? slip->into : gt_var_input(gt_slip_at(s, slip->node), slip->slot).index;
        if (slip->part > 0)
            to = gt_var_input(gt_slip_at(s, gt_slip_concat_of(s, slip->node)), slip->part - 1).index;
        bool state = gt_slip_state_of(s, to, false) >= 0 || gt_slip_state_of(s, to, true) >= 0;
        gt_utf8_format(text, size, "%s is missing", path_of(s, slip).text);
        return state ? GT_MISTAKE_MISSING_STATE : GT_MISTAKE_MISSING_TERM;
    }
    case GT_SLIP_SCALE:
        return describe_scale(s, slip, text, size);
    case GT_SLIP_TRANSPOSED:
    case GT_SLIP_SLICE:
        return describe_matrix(s, slip, text, size);
    case GT_SLIP_COTANGENT:
    case GT_SLIP_EXCHANGE:
        return describe_gates(s, slip, text, size);
    case GT_SLIP_SUBSTITUTE:
        return describe_substitute(s, slip, text, size);
    case GT_SLIP_RECOMPUTE:
        return describe_recomputed(s, slip, text, size);
    default:
        return describe_derivative(s, slip, text, size);
    }
}
