/* What people get wrong in the step: slips in the reverse rules, each in every place. */
#include "diagnose/joint.h"
#include "diagnose/slip_nodes.h"
#include "graph/tape.h"

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

static uint32_t part_count(const gt_step_replay *s, uint32_t node)
{
    uint32_t concat = gt_slip_concat_of(s, node);
    return concat != 0 ? gt_var_input_count(gt_slip_at(s, concat)) : 0;
}

static bool same_shape(const gt_step_replay *s, uint32_t a, uint32_t b)
{
    return gt_shape_equal(gt_var_shape(gt_slip_at(s, a)), gt_var_shape(gt_slip_at(s, b)));
}

static bool has_rule(const gt_step_replay *s, uint32_t node)
{
    gt_var v = gt_slip_at(s, node);
    return gt_var_input_count(v) > 0 && gt_var_op(v)->reverse != NULL && gt_var_op(v)->op_class != GT_CLASS_VIEW &&
           gt_var_op(v)->op_class != GT_CLASS_SCAN;
}

/* The first node of the equation that a node is in: the one behind the last that has a name. */
static uint32_t first_of_equation(const gt_step_replay *s, uint32_t node)
{
    while (node > 1 && *gt_var_name(gt_slip_at(s, node - 1)) == '\0')
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
        for (uint32_t slot = 0; slot < gt_var_input_count(gt_slip_at(h->s, node)); slot++) {
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
        if (*gt_var_name(gt_slip_at(h->s, node)) == '\0')
            continue;
        for (uint32_t into = 1; into < first; into++) {
            uint32_t readers = 0;
            for (uint32_t i = first; i <= node; i++)
                for (uint32_t slot = 0; slot < gt_var_input_count(gt_slip_at(h->s, i)); slot++)
                    readers += gt_var_input(gt_slip_at(h->s, i), slot).index == into;
            if (readers > 1)
                try_scaled(h, (gt_slip){.node = node, .first = first, .into = into});
        }
    }
}

/* All that reaches a node whose rule has several operands. */
static void try_totals(const hunt *h)
{
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--)
        if (gt_var_input_count(gt_slip_at(h->s, node)) > 1 && has_rule(h->s, node))
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
        if (other != node && gt_slip_is_gate(h->s, other) && same_shape(h->s, node, other)) {
            try(h, (gt_slip){.change = GT_SLIP_OTHER_VALUE, .node = node, .to = other});
            try(h, (gt_slip){.change = GT_SLIP_OTHER_COMPLEMENT, .node = node, .to = other});
        }
}

/* f'(c) where it should be f'(c'), or f'(f(c')). */
static void try_arguments(const hunt *h, uint32_t node)
{
    uint32_t input = gt_var_input(gt_slip_at(h->s, node), 0).index;
    gt_slip slip = {.change = GT_SLIP_RECOMPUTE, .node = node, .reads = node, .from = input, .to = node};
    try_derivative(h, slip);
    int64_t state = gt_slip_state_of(h->s, input, true);
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
        if (!gt_slip_is_activation(h->s, node))
            continue;
        try_derivative(h, (gt_slip){.change = GT_SLIP_PASS, .node = node});
        try_derivative(h, (gt_slip){.change = GT_SLIP_TWICE, .node = node});
        try_arguments(h, node);
        if (!gt_slip_is_gate(h->s, node))
            continue;
        for (size_t i = 0; i < sizeof written / sizeof *written; i++)
            try_derivative(h, (gt_slip){.change = written[i], .node = node});
        try_other_gates(h, node);
    }
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--)
        if (gt_slip_is_op(h->s, node, "softmax")) {
            try(h, (gt_slip){.change = GT_SLIP_VALUE, .node = node});
            try(h, (gt_slip){.change = GT_SLIP_OPENED, .node = node});
        }
}

/* ---- matrices ------------------------------------------------------------------------------- */

static void try_transposed(const hunt *h, uint32_t node, uint32_t part, int64_t rows)
{
    gt_slip slip = {.change = GT_SLIP_TRANSPOSED, .node = node, .slot = 1, .part = part};
    if (gt_var_shape(gt_slip_at(h->s, node)).size[0] != rows)
        return;
    try(h, slip);
    slip.alike = true;
    try(h, slip);
}

/* Columns of a weight that belong to something else: the first ones, or the last. */
static void try_slices(const hunt *h, uint32_t node, uint32_t part, int64_t rows)
{
    int64_t columns = gt_var_shape(gt_var_input(gt_slip_at(h->s, node), 0)).size[1];
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
    uint32_t of_a = gt_slip_concat_of(s, a), of_b = gt_slip_concat_of(s, b);
    if (part == 0 || of_a == of_b)
        return of_a == of_b;
    return part <= part_count(s, b) &&
           gt_var_input(gt_slip_at(s, of_a), part - 1).index == gt_var_input(gt_slip_at(s, of_b), part - 1).index;
}

/* The weights of two gates, one for the other or exchanged, and what reaches another gate. */
static void try_other_products(const hunt *h, uint32_t node)
{
    for (uint32_t other = 1; other <= h->s->forward_nodes; other++) {
        if (other == node || !gt_slip_is_product(h->s, other) || !same_shape(h->s, node, other))
            continue;
        uint32_t own = gt_var_input(gt_slip_at(h->s, node), 0).index,
                 weight = gt_var_input(gt_slip_at(h->s, other), 0).index;
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
        if (gt_slip_is_gate(s, i) && gt_var_input(gt_slip_at(s, i), 0).index == node)
            return true;
    return false;
}

/* In a product with a weight or a vector: what reaches another gate. */
static void try_other_cotangents(const hunt *h, uint32_t node)
{
    for (uint32_t other = 1; other <= h->s->forward_nodes; other++) {
        bool gradient = goes_into_gate(h->s, other) || gt_slip_is_gate(h->s, other);
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
    uint32_t concat = gt_slip_concat_of(h->s, node);
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
        if (gt_slip_is_product(h->s, node) || gt_slip_is_op(h->s, node, "mul"))
            try_other_cotangents(h, node);
        if (!gt_slip_is_product(h->s, node))
            continue;
        gt_var v = gt_var_input(gt_slip_at(h->s, node), 1);
        uint32_t concat = gt_slip_concat_of(h->s, node);
        if (concat == 0)
            try_transposed(h, node, 0, gt_var_shape(v).size[0]);
        for (uint32_t part = 1; part <= part_count(h->s, node); part++) {
            int64_t rows = gt_var_shape(gt_var_input(gt_slip_at(h->s, concat), part - 1)).size[0];
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
    gt_var v = gt_slip_at(s, node);
    bool found = node == from;
    for (uint32_t i = 0; i < gt_var_input_count(v) && !found; i++)
        found = gt_var_input(v, i).index == from;
    return found;
}

static bool worth_reading(const gt_step_replay *s, uint32_t node)
{
    return *gt_var_name(gt_slip_at(s, node)) != '\0' || gt_slip_state_of(s, node, true) >= 0 ||
           gt_slip_is_activation(s, node) || gt_slip_is_complement(s, node);
}

static void try_substitutes(const hunt *h, uint32_t node, uint32_t from, bool states)
{
    const gt_step_replay *s = h->s;
    for (uint32_t to = 1; to <= s->forward_nodes; to++) {
        bool related = (gt_slip_state_of(s, from, true) >= 0 && gt_slip_state_of(s, to, false) >= 0) ||
                       (gt_slip_state_of(s, from, false) >= 0 && gt_slip_state_of(s, to, true) >= 0);
        if (to != from && related == states && worth_reading(s, to) && same_shape(s, from, to))
            try(h, (gt_slip){.change = GT_SLIP_SUBSTITUTE, .node = node, .from = from, .to = to, .slot = UINT32_MAX});
    }
}

/* 1 - r where it should be 1 - u. */
static void try_complements(const hunt *h)
{
    for (uint32_t node = h->s->forward_nodes; node >= 1; node--)
        for (uint32_t from = 1; from < node && has_rule(h->s, node); from++) {
            if (!gt_slip_is_complement(h->s, from) || !reads(h->s, node, from))
                continue;
            uint32_t own = gt_var_input(gt_slip_at(h->s, from), 1).index;
            for (uint32_t to = 1; to <= h->s->forward_nodes; to++)
                if (to != own && gt_slip_is_gate(h->s, to) && same_shape(h->s, own, to))
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
