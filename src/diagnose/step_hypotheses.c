/* What people get wrong in the step: slips in the reverse rules, each in every place. */
#include "diagnose/joint.h"
#include "gradtape/utf8.h"
#include "graph/tape.h"
#include "ops/rule.h"

#include <string.h>

typedef struct hunt {
    gt_joint *joint;
    const gt_step_replay *s;
} hunt;

static bool try(const hunt *h, gt_slip slip)
{
    return gt_joint_try(h->joint, &(gt_hypothesis){.slip = slip});
}

/* ---- looking ------------------------------------------------------------------------------- */

static gt_var at(const gt_step_replay *s, uint32_t node)
{
    return gt_tape_at(s->forward, node);
}

static bool is_op(const gt_step_replay *s, uint32_t node, const char *name)
{
    return node != 0 && strcmp(gt_var_op(at(s, node))->name, name) == 0;
}

static bool is_activation(const gt_step_replay *s, uint32_t node)
{
    gt_var v = at(s, node);
    return gt_var_input_count(v) == 1 && gt_var_op(v)->op_class == GT_CLASS_ELEMENTWISE &&
           gt_var_op(v)->reverse != NULL && !is_op(s, node, "neg");
}

static bool is_gate(const gt_step_replay *s, uint32_t node)
{
    return is_op(s, node, "sigmoid") || is_op(s, node, "tanh");
}

/* W @ v, both read as they are. */
static bool is_product(const gt_step_replay *s, uint32_t node)
{
    gt_var v = at(s, node);
    return is_op(s, node, "matmul") && gt_var_attribute(v, 0) == 0 && gt_var_attribute(v, 1) == 0;
}

/* The operand of W @ v that is a concat of rows; 0: it is none. */
static uint32_t concat_of(const gt_step_replay *s, uint32_t node)
{
    gt_var v = is_product(s, node) ? gt_var_input(at(s, node), 1) : GT_NONE;
    bool rows = gt_var_valid(v) && strcmp(gt_var_op(v)->name, "concat") == 0 && gt_var_attribute(v, 0) == 0;
    return rows ? v.index : 0;
}

static uint32_t part_count(const gt_step_replay *s, uint32_t node)
{
    uint32_t concat = concat_of(s, node);
    return concat != 0 ? gt_var_input_count(at(s, concat)) : 0;
}

/* The state that the node is the old or the new value of; -1: none. */
static int64_t state_of(const gt_step_replay *s, uint32_t node, bool new_one)
{
    for (uint32_t i = 0; i < s->evidence->cell->state_count; i++)
        if ((new_one ? s->next_states[i] : s->states[i]).index == node)
            return i;
    return -1;
}

static bool same_shape(const gt_step_replay *s, uint32_t a, uint32_t b)
{
    return gt_shape_equal(gt_var_shape(at(s, a)), gt_var_shape(at(s, b)));
}

static bool has_rule(const gt_step_replay *s, uint32_t node)
{
    gt_var v = at(s, node);
    return gt_var_input_count(v) > 0 && gt_var_op(v)->reverse != NULL && gt_var_op(v)->op_class != GT_CLASS_VIEW &&
           gt_var_op(v)->op_class != GT_CLASS_SCAN;
}

/* The first node of the equation that a node is in: the one behind the last that has a name. */
static uint32_t first_of_equation(const gt_step_replay *s, uint32_t node)
{
    while (node > 1 && *gt_var_name(at(s, node - 1)) == '\0')
        node--;
    return node;
}

/* ---- contributions: dropped, with another sign or factor ------------------------------------ */

static void try_scaled(const hunt *h, gt_slip slip)
{
    double m = (double)h->s->evidence->examples;
    const double factors[] = {-1, 2, 0.5, 3, 1.0 / 3, m, 1 / m};
    slip.change = GT_SLIP_DROP;
    try(h, slip);
    slip.change = GT_SLIP_SCALE;
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        slip.factor = factors[i];
        if (factors[i] != 1)
            try(h, slip);
    }
}

static void try_contributions(const hunt *h)
{
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--)
        for (uint32_t slot = 0; slot < gt_var_input_count(at(h->s, node)); slot++) {
            try_scaled(h, (gt_slip){.node = node, .slot = slot});
            for (uint32_t part = 1; slot == 1 && part <= part_count(h->s, node); part++)
                try_scaled(h, (gt_slip){.node = node, .slot = slot, .part = part});
        }
}

/* Into one operand from all of an equation that reads it more than once. */
static void try_paths(const hunt *h)
{
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--) {
        uint32_t first = first_of_equation(h->s, node);
        if (*gt_var_name(at(h->s, node)) == '\0')
            continue;
        for (uint32_t into = 1; into < first; into++) {
            uint32_t readers = 0;
            for (uint32_t i = first; i <= node; i++)
                for (uint32_t slot = 0; slot < gt_var_input_count(at(h->s, i)); slot++)
                    readers += gt_var_input(at(h->s, i), slot).index == into;
            if (readers > 1)
                try_scaled(h, (gt_slip){.node = node, .first = first, .into = into});
        }
    }
}

/* All that reaches a node whose rule has several operands. */
static void try_totals(const hunt *h)
{
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--)
        if (gt_var_input_count(at(h->s, node)) > 1 && has_rule(h->s, node))
            try_scaled(h, (gt_slip){.node = node, .slot = UINT32_MAX});
}

static void try_states(const hunt *h)
{
    double m = (double)h->s->evidence->examples;
    const double factors[] = {0, -1, 2, 0.5, 3, 1.0 / 3, m, 1 / m};
    for (uint32_t i = 0; i < h->s->evidence->cell->state_count; i++)
        for (size_t k = 0; k < sizeof factors / sizeof *factors; k++)
            if (factors[k] != 1)
                try(h, (gt_slip){.change = GT_SLIP_STATE_SCALE, .slot = i, .factor = factors[k]});
}

static void try_seeds(const hunt *h)
{
    static const double factors[] = {0, -1, 2, 0.5};
    for (uint32_t i = 0; i < h->s->evidence->cell->state_count; i++)
        for (size_t k = 0; k < sizeof factors / sizeof *factors; k++)
            try(h, (gt_slip){.change = GT_SLIP_SEED_SCALE, .slot = i, .factor = factors[k]});
}

/* ---- derivatives of activations ------------------------------------------------------------- */

/* For this activation, and for all with the same function. */
static void try_derivative(const hunt *h, gt_slip slip)
{
    slip.slot = 0;
    slip.alike = true;
    try(h, slip);
    slip.alike = false;
    try(h, slip);
}

static void try_other_gates(const hunt *h, uint32_t node)
{
    for (uint32_t other = 1; other <= h->s->forward_nodes; other++)
        if (other != node && is_gate(h->s, other) && same_shape(h->s, node, other)) {
            try(h, (gt_slip){.change = GT_SLIP_OTHER_VALUE, .node = node, .to = other});
            try(h, (gt_slip){.change = GT_SLIP_OTHER_COMPLEMENT, .node = node, .to = other});
        }
}

/* f'(c) where it should be f'(c'), or f'(f(c')). */
static void try_arguments(const hunt *h, uint32_t node)
{
    uint32_t input = gt_var_input(at(h->s, node), 0).index;
    gt_slip slip = {.change = GT_SLIP_RECOMPUTE, .node = node, .reads = node, .from = input, .to = node};
    try_derivative(h, slip);
    int64_t state = state_of(h->s, input, true);
    if (state >= 0) {
        slip.slot = 0;
        slip.to = h->s->states[state].index;
        try(h, slip);
    }
    try_derivative(h, (gt_slip){.change = GT_SLIP_SUBSTITUTE, .node = node, .from = node, .to = input});
}

static void try_derivatives(const hunt *h)
{
    static const gt_slip_change written[] = {GT_SLIP_VALUE,       GT_SLIP_COMPLEMENT, GT_SLIP_OTHER_FUNCTION,
                                             GT_SLIP_SIGNED,      GT_SLIP_SQUARED,    GT_SLIP_OPENED,
                                             GT_SLIP_OPENED_FRONT};
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--) {
        if (!is_activation(h->s, node))
            continue;
        try_derivative(h, (gt_slip){.change = GT_SLIP_PASS, .node = node});
        try_derivative(h, (gt_slip){.change = GT_SLIP_TWICE, .node = node});
        try_arguments(h, node);
        if (!is_gate(h->s, node))
            continue;
        for (size_t i = 0; i < sizeof written / sizeof *written; i++)
            try_derivative(h, (gt_slip){.change = written[i], .node = node});
        try_other_gates(h, node);
    }
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--)
        if (is_op(h->s, node, "softmax")) {
            try(h, (gt_slip){.change = GT_SLIP_VALUE, .node = node});
            try(h, (gt_slip){.change = GT_SLIP_OPENED, .node = node});
        }
}

/* ---- matrices ------------------------------------------------------------------------------- */

static void try_transposed(const hunt *h, uint32_t node, uint32_t part, int64_t rows)
{
    gt_slip slip = {.change = GT_SLIP_TRANSPOSED, .node = node, .slot = 1, .part = part};
    if (gt_var_shape(at(h->s, node)).size[0] != rows)
        return;
    try(h, slip);
    slip.alike = true;
    try(h, slip);
}

/* Columns of a weight that belong to something else: the first ones, or the last. */
static void try_slices(const hunt *h, uint32_t node, uint32_t part, int64_t rows)
{
    int64_t columns = gt_var_shape(gt_var_input(at(h->s, node), 0)).size[1];
    gt_slip slip = {.change = GT_SLIP_SLICE, .node = node, .slot = 1, .part = part};
    for (int last = 0; last < 2; last++) {
        slip.to = last == 1 ? (uint32_t)(columns - rows) : 0;
        slip.alike = false;
        try(h, slip);
        slip.alike = true;
        try(h, slip);
    }
}

/* Whether both products read the same array in that part, so that what reaches it can be exchanged. */
static bool share_part(const gt_step_replay *s, uint32_t a, uint32_t b, uint32_t part)
{
    uint32_t of_a = concat_of(s, a), of_b = concat_of(s, b);
    if (part == 0 || of_a == of_b)
        return of_a == of_b;
    return part <= part_count(s, b) &&
           gt_var_input(at(s, of_a), part - 1).index == gt_var_input(at(s, of_b), part - 1).index;
}

/* The weights of two gates, one for the other or exchanged, and what reaches another gate. */
static void try_other_products(const hunt *h, uint32_t node)
{
    for (uint32_t other = 1; other <= h->s->forward_nodes; other++) {
        if (other == node || !is_product(h->s, other) || !same_shape(h->s, node, other))
            continue;
        uint32_t own = gt_var_input(at(h->s, node), 0).index, weight = gt_var_input(at(h->s, other), 0).index;
        bool weights = same_shape(h->s, own, weight);
        for (uint32_t part = 0; part <= part_count(h->s, node); part++) {
            if (weights)
                try(h, (gt_slip){.change = GT_SLIP_SUBSTITUTE,
                                 .node = node,
                                 .slot = 1,
                                 .from = own,
                                 .to = weight,
                                 .part = part});
            if (weights && other < node && share_part(h->s, node, other, part))
                try(h, (gt_slip){.change = GT_SLIP_EXCHANGE, .node = node, .to = other, .slot = 1, .part = part});
        }
    }
}

static bool goes_into_gate(const gt_step_replay *s, uint32_t node)
{
    for (uint32_t i = node + 1; i <= s->forward_nodes; i++)
        if (is_gate(s, i) && gt_var_input(at(s, i), 0).index == node)
            return true;
    return false;
}

/* In a product with a weight or a vector: what reaches another gate. */
static void try_other_cotangents(const hunt *h, uint32_t node)
{
    for (uint32_t other = 1; other <= h->s->forward_nodes; other++) {
        bool gradient = goes_into_gate(h->s, other) || is_gate(h->s, other);
        if (other == node || !gradient || !same_shape(h->s, node, other))
            continue;
        for (uint32_t slot = 0; slot < 2; slot++)
            try(h, (gt_slip){.change = GT_SLIP_COTANGENT, .node = node, .to = other, .slot = slot});
        for (uint32_t part = 1; part <= part_count(h->s, node); part++)
            try(h, (gt_slip){.change = GT_SLIP_COTANGENT, .node = node, .to = other, .slot = 1, .part = part});
    }
}

/* a' where the gradient of a weight should read a, for this weight and for all. */
static void try_shifted(const hunt *h, uint32_t node)
{
    uint32_t concat = concat_of(h->s, node);
    for (uint32_t i = 0; concat != 0 && i < h->s->evidence->cell->state_count; i++) {
        gt_slip slip = {.change = GT_SLIP_RECOMPUTE,
                        .node = node,
                        .slot = 0,
                        .reads = concat,
                        .from = h->s->states[i].index,
                        .to = h->s->next_states[i].index};
        try(h, slip);
        slip.alike = true;
        try(h, slip);
    }
}

static void try_matrices(const hunt *h)
{
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--) {
        if (is_product(h->s, node) || is_op(h->s, node, "mul"))
            try_other_cotangents(h, node);
        if (!is_product(h->s, node))
            continue;
        gt_var v = gt_var_input(at(h->s, node), 1);
        uint32_t concat = concat_of(h->s, node);
        if (concat == 0)
            try_transposed(h, node, 0, gt_var_shape(v).size[0]);
        for (uint32_t part = 1; part <= part_count(h->s, node); part++) {
            int64_t rows = gt_var_shape(gt_var_input(at(h->s, concat), part - 1)).size[0];
            try_transposed(h, node, part, rows);
            try_slices(h, node, part, rows);
        }
        try_other_products(h, node);
        try_shifted(h, node);
    }
}

/* ---- another value --------------------------------------------------------------------------- */

static bool reads(const gt_step_replay *s, uint32_t node, uint32_t from)
{
    gt_var v = at(s, node);
    bool found = node == from;
    for (uint32_t i = 0; i < gt_var_input_count(v) && !found; i++)
        found = gt_var_input(v, i).index == from;
    return found;
}

/* 1 - f */
static bool is_complement(const gt_step_replay *s, uint32_t node)
{
    if (!is_op(s, node, "sub"))
        return false;
    gt_var one = gt_var_input(at(s, node), 0);
    return is_op(s, one.index, "fill") && gt_unpack_double(gt_var_attribute(one, GT_SHAPE_ATTRIBUTES)) == 1;
}

static bool worth_reading(const gt_step_replay *s, uint32_t node)
{
    return *gt_var_name(at(s, node)) != '\0' || state_of(s, node, true) >= 0 || is_activation(s, node) ||
           is_complement(s, node);
}

static void try_substitutes(const hunt *h, uint32_t node, uint32_t from, bool states)
{
    const gt_step_replay *s = h->s;
    for (uint32_t to = 1; to <= s->forward_nodes; to++) {
        bool related = (state_of(s, from, true) >= 0 && state_of(s, to, false) >= 0) ||
                       (state_of(s, from, false) >= 0 && state_of(s, to, true) >= 0);
        if (to != from && related == states && worth_reading(s, to) && same_shape(s, from, to))
            try(h, (gt_slip){.change = GT_SLIP_SUBSTITUTE, .node = node, .from = from, .to = to, .slot = UINT32_MAX});
    }
}

/* 1 - r where it should be 1 - u. */
static void try_complements(const hunt *h)
{
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--)
        for (uint32_t from = 1; from < node && has_rule(h->s, node); from++) {
            if (!is_complement(h->s, from) || !reads(h->s, node, from))
                continue;
            uint32_t own = gt_var_input(at(h->s, from), 1).index;
            for (uint32_t to = 1; to <= h->s->forward_nodes; to++)
                if (to != own && is_gate(h->s, to) && same_shape(h->s, own, to))
                    try(h, (gt_slip){.change = GT_SLIP_RECOMPUTE,
                                     .node = node,
                                     .reads = from,
                                     .from = own,
                                     .to = to,
                                     .slot = UINT32_MAX});
        }
}

static void try_all_substitutes(const hunt *h, bool states)
{
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--)
        for (uint32_t from = 1; from <= node && has_rule(h->s, node); from++)
            if (reads(h->s, node, from))
                try_substitutes(h, node, from, states);
}

/* ---- all of it ----------------------------------------------------------------------------- */

void gt_step_hypotheses(gt_joint *joint)
{
    const hunt h = {joint, &joint->sequence};
    try_derivatives(&h);
    try_seeds(&h);
    try_contributions(&h);
    try_paths(&h);
    try_totals(&h);
    try_states(&h);
    try_matrices(&h);
    try_all_substitutes(&h, true);
    try_all_substitutes(&h, false);
    try_complements(&h);
}

/* ---- words --------------------------------------------------------------------------------- */

/* The name of a node, or of the first one behind it that has one: the equation it is in. */
static const char *equation_of(const gt_step_replay *s, uint32_t node)
{
    for (uint32_t i = node; i <= s->forward_nodes; i++)
        if (*gt_var_name(at(s, i)) != '\0')
            return gt_var_name(at(s, i));
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
    const char *name = gt_var_name(at(s, node));
    gt_var first = gt_var_input(at(s, node), 0), second = gt_var_input(at(s, node), 1);
    if (*name != '\0')
        gt_utf8_format(w.text, sizeof w.text, "%s", name);
    else if (is_activation(s, node) && *gt_var_name(first) != '\0')
        gt_utf8_format(w.text, sizeof w.text, "%s(%s)", gt_var_op(at(s, node))->name, gt_var_name(first));
    else if (is_complement(s, node) && *gt_var_name(second) != '\0')
        gt_utf8_format(w.text, sizeof w.text, "1 - %s", gt_var_name(second));
    else if (is_op(s, node, "mul") && *gt_var_name(first) != '\0' && *gt_var_name(second) != '\0')
        gt_utf8_format(w.text, sizeof w.text, "%s * %s", gt_var_name(first), gt_var_name(second));
    else
        gt_utf8_format(w.text, sizeof w.text, "what goes into %s", equation_of(s, node));
    return w;
}

/* "what reaches a through Wf @ z" */
static words path_of(const gt_step_replay *s, const gt_slip *slip)
{
    words w, to = name_of(s, slip->into > 0 ? slip->into : gt_var_input(at(s, slip->node), slip->slot).index);
    if (slip->slot == UINT32_MAX) {
        gt_utf8_format(w.text, sizeof w.text, "all that reaches %s", name_of(s, slip->node).text);
        return w;
    }
    if (slip->part > 0)
        to = name_of(s, gt_var_input(at(s, concat_of(s, slip->node)), slip->part - 1).index);
    if (is_product(s, slip->node) && slip->into == 0)
        gt_utf8_format(w.text, sizeof w.text, "what reaches %s through %s @ %s", to.text,
                       name_of(s, gt_var_input(at(s, slip->node), 0).index).text,
                       name_of(s, gt_var_input(at(s, slip->node), 1).index).text);
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
    int64_t from_new = state_of(s, slip->from, true), to_new = state_of(s, slip->to, true);
    if (from_new >= 0 && state_of(s, slip->to, false) == from_new)
        return GT_MISTAKE_OLD_STATE;
    if (to_new >= 0 && state_of(s, slip->from, false) == to_new)
        return GT_MISTAKE_OFF_BY_ONE_STEP;
    bool parameters = is_parameter(s, slip->from) && is_parameter(s, slip->to);
    if (parameters || (is_product(s, slip->node) && slip->slot == 1))
        return GT_MISTAKE_SWAPPED_GATES;
    if (is_complement(s, slip->from) != is_complement(s, slip->to))
        return GT_MISTAKE_COMPLEMENT;
    if (is_activation(s, slip->node))
        return gt_var_input(at(s, slip->node), 0).index == slip->to ? GT_MISTAKE_WRONG_ARGUMENT
                                                                    : GT_MISTAKE_WRONG_ACTIVATION;
    return is_activation(s, slip->from) && is_activation(s, slip->to) ? GT_MISTAKE_WRONG_ACTIVATION
                                                                      : GT_MISTAKE_WRONG_NAME;
}

/* "the derivative of sigmoid in the equation of f"; "... in the equations of all gates" */
static words derivative_of(const gt_step_replay *s, const gt_slip *slip)
{
    words w;
    const char *op = gt_var_op(at(s, slip->node))->name;
    uint32_t alike = 0;
    for (uint32_t i = 1; i <= s->forward_nodes; i++)
        alike += is_op(s, i, op);
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
    bool tanh = is_op(s, slip->node, "tanh");
    const char *y = slip->alike ? "y" : own.text;
    gt_utf8_format(right.text, sizeof right.text, tanh ? "1 - %s**2" : "%s * (1 - %s)", y, y);
    if (is_op(s, slip->node, "softmax"))
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
    words weight = name_of(s, gt_var_input(at(s, slip->node), 0).index), path = path_of(s, slip);
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
                       name_of(s, gt_var_input(at(s, slip->node), 0).index).text,
                       name_of(s, gt_var_input(at(s, slip->to), 0).index).text, path.text);
    else if (is_gate(s, slip->to))
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
        const char *op = gt_var_op(at(s, slip->node))->name;
        gt_utf8_format(text, size,
                       "%s is taken at its value, as if %s were applied twice: the value was given "
                       "where what goes into it belongs",
                       derivative_of(s, slip).text, op);
        return GT_MISTAKE_WRONG_ARGUMENT;
    }
    if (is_complement(s, slip->reads)) {
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
                   name_of(s, gt_var_input(at(s, slip->node), 0).index).text,
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
        uint32_t to = slip->into > 0 ? slip->into : gt_var_input(at(s, slip->node), slip->slot).index;
        if (slip->part > 0)
            to = gt_var_input(at(s, concat_of(s, slip->node)), slip->part - 1).index;
        bool state = state_of(s, to, false) >= 0 || state_of(s, to, true) >= 0;
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
