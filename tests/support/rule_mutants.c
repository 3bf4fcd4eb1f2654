#include "support/rule_mutants.h"

#include <stdlib.h>
#include <string.h>

/* How one node of a rule is changed. */
typedef enum change {
    KEEP,
    NEGATE,
    DOUBLE,
    THIRD,
    FIRST_OPERAND, /* alone, in place of the result */
    SECOND_OPERAND,
    TWICE,            /* the second operand applied once more */
    INPUT_FOR_OUTPUT, /* x where the rule reads y */
    OTHER_OPERAND,    /* the other operand of the op where the rule reads one */
    TURN_FIRST,       /* of a matrix product: the operand transposed, or not any more */
    TURN_SECOND,
    EXCHANGE, /* of a matrix product or a difference: the operands exchanged */
    CHANGE_COUNT
} change;

static const char *const change_texts[CHANGE_COUNT] = {"as it is",
                                                       "negated",
                                                       "doubled",
                                                       "a third of it",
                                                       "its first operand alone",
                                                       "its second operand alone",
                                                       "its second operand twice",
                                                       "x for y",
                                                       "the other operand",
                                                       "first operand transposed",
                                                       "second operand transposed",
                                                       "operands exchanged"};

/* The mutant at hand: rules are functions without a context. */
static struct {
    const gt_op *original;
    uint32_t slot, node;
    change change;
    uint32_t node_count; /* answered: of the rule as it is */
    bool applied;        /* answered: there was something to change */
} plan;

/* ---- recording again ----------------------------------------------------------------------- */

typedef struct copier {
    gt_reverse *rule;
    gt_tape *tape;
    uint32_t first, count; /* of the rule's own nodes */
    gt_var *copies;
} copier;

static gt_var swap_leaf(const copier *c, gt_var v)
{
    gt_var output = gt_reverse_output(c->rule);
    if (plan.change == INPUT_FOR_OUTPUT && v.index == output.index) {
        plan.applied = true;
        return gt_reverse_input(c->rule, 0);
    }
    for (uint32_t i = 0; plan.change == OTHER_OPERAND && gt_reverse_input_count(c->rule) == 2 && i < 2; i++)
        if (v.index == gt_reverse_input(c->rule, i).index) {
            plan.applied = true;
            return gt_reverse_input(c->rule, 1 - i);
        }
    return v;
}

static gt_var copy_of(const copier *c, gt_var v, bool changed)
{
    if (v.index >= c->first && v.index < c->first + c->count)
        return c->copies[v.index - c->first];
    return changed ? swap_leaf(c, v) : v;
}

static bool is(gt_var v, const char *op)
{
    return strcmp(gt_var_op(v)->name, op) == 0;
}

/* The changed node, from its operands. */
static gt_var change_node(gt_var v, const gt_var *in, uint32_t count, int64_t *attributes, uint32_t attribute_count)
{
    const gt_op *op = gt_var_op(v);
    gt_var again = gt_apply(op, in, count, attributes, attribute_count);
    bool product = is(v, "matmul"), slope = is(v, "mul");
    bool sum = is(v, "add") || is(v, "sub");
    plan.applied = true;
    switch (plan.change) {
    case NEGATE:
        return gt_neg(again);
    case DOUBLE:
        return gt_mul(again, gt_constant(v.tape, 2));
    case THIRD:
        return gt_div(again, gt_constant(v.tape, 3));
    case FIRST_OPERAND:
        if (slope || sum)
            return in[0];
        break;
    case SECOND_OPERAND:
        if (sum)
            return is(v, "sub") ? gt_neg(in[1]) : in[1];
        break;
    case TWICE:
        if (slope)
            return gt_mul(again, in[1]);
        break;
    case TURN_FIRST:
    case TURN_SECOND:
        if (product) {
            attributes[plan.change == TURN_SECOND] ^= 1;
            return gt_apply(op, in, count, attributes, attribute_count);
        }
        break;
    case EXCHANGE:
        if (product || is(v, "sub"))
            return gt_apply(op, (gt_var[]){in[1], in[0]}, 2, attributes, attribute_count);
        break;
    default:
        break;
    }
    plan.applied = false;
    return again;
}

static gt_var copy_node(const copier *c, gt_var v, bool changed)
{
    gt_var in[4];
    int64_t attributes[GT_MAX_ATTRIBUTES];
    uint32_t count = gt_var_input_count(v), attribute_count = gt_var_attribute_count(v);
    if (count == 0 || count > 4 || attribute_count > GT_MAX_ATTRIBUTES)
        return v;
    for (uint32_t i = 0; i < count; i++)
        in[i] = copy_of(c, gt_var_input(v, i), changed);
    for (uint32_t i = 0; i < attribute_count; i++)
        attributes[i] = gt_var_attribute(v, i);
    if (changed && plan.change != INPUT_FOR_OUTPUT && plan.change != OTHER_OPERAND)
        return change_node(v, in, count, attributes, attribute_count);
    return gt_apply(gt_var_op(v), in, count, attributes, attribute_count);
}

static gt_var mutated_rule(gt_reverse *rule, uint32_t slot)
{
    gt_tape *tape = gt_reverse_tape(rule);
    uint32_t before = gt_tape_node_count(tape);
    gt_var right = plan.original->reverse(rule, slot);
    uint32_t count = gt_tape_node_count(tape) - before;
    if (slot != plan.slot || !gt_var_valid(right))
        return right;
    plan.node_count = count;
    if (plan.change == KEEP || plan.node >= count)
        return right;
    copier c = {rule, tape, before + 1, count, calloc(count, sizeof *c.copies)};
    if (c.copies == NULL)
        abort();
    for (uint32_t i = 0; i < count; i++)
        c.copies[i] = copy_node(&c, gt_tape_var(tape, before + i), i == plan.node);
    gt_var wrong = copy_of(&c, right, false);
    free(c.copies);
    return wrong;
}

/* ---- which ops ----------------------------------------------------------------------------- */

typedef struct op_row {
    const char *name;
    bool activation; /* a function of one value: its rule is the cotangent times a slope */
    gt_shape shapes[RULE_OPERANDS];
    uint32_t input_count;
    int64_t attributes[2];
    uint32_t attribute_count;
} op_row;

#define SAME                                                                                                           \
    {                                                                                                                  \
        2,                                                                                                             \
        {                                                                                                              \
            3, 4, 1, 1                                                                                                 \
        }                                                                                                              \
    }
static const op_row rows[] = {
    {"add", false, {SAME, SAME}, 2, {0}, 0},
    {"sub", false, {SAME, SAME}, 2, {0}, 0},
    {"mul", false, {SAME, SAME}, 2, {0}, 0},
    {"div", false, {SAME, SAME}, 2, {0}, 0},
    {"neg", false, {SAME}, 1, {0}, 0},
    {"tanh", true, {SAME}, 1, {0}, 0},
    {"sigmoid", true, {SAME}, 1, {0}, 0},
    {"relu", true, {SAME}, 1, {0}, 0},
    {"softplus", true, {SAME}, 1, {0}, 0},
    {"exp", true, {SAME}, 1, {0}, 0},
    {"log", true, {SAME}, 1, {0}, 0},
    {"sqrt", true, {SAME}, 1, {0}, 0},
    {"sin", true, {SAME}, 1, {0}, 0},
    {"cos", true, {SAME}, 1, {0}, 0},
    {"abs", true, {SAME}, 1, {0}, 0},
    {"pow", false, {SAME}, 1, {0x4008000000000000}, 1}, /* 3 */
    {"maximum", false, {SAME, SAME}, 2, {0}, 0},
    {"minimum", false, {SAME, SAME}, 2, {0}, 0},
    {"log_softmax", false, {SAME}, 1, {0}, 0},
    {"sum", false, {SAME}, 1, {1 << 1, 2}, 2}, /* over axis 1 */
    {"mean", false, {SAME}, 1, {1 << 0, 2}, 2},
    {"softmax", false, {SAME}, 1, {0}, 0},
    {"cumsum", false, {SAME}, 1, {0, 0}, 2},
    {"transpose", false, {SAME}, 1, {0}, 0},
    {"matmul", false, {{2, {2, 3, 1, 1}}, {2, {3, 4, 1, 1}}}, 2, {0, 0}, 2},
    {"matmul", false, {{2, {3, 2, 1, 1}}, {2, {3, 4, 1, 1}}}, 2, {1, 0}, 2},
    {"matmul", false, {{2, {2, 3, 1, 1}}, {2, {4, 3, 1, 1}}}, 2, {0, 1}, 2},
    {"matmul", false, {{2, {3, 3, 1, 1}}, {2, {3, 3, 1, 1}}}, 2, {0, 0}, 2},
};

static const gt_op *find(const char *name)
{
    for (uint32_t i = 0; i < gt_op_count(); i++)
        if (strcmp(gt_op_at(i)->name, name) == 0)
            return gt_op_at(i);
    return NULL;
}

/*
 * What such a change is called; GT_MISTAKE_NONE where it has no name in the catalogue. The rule of
 * an activation ends with the product of the cotangent and the slope; what comes before is the
 * slope.
 */
static gt_mistake_kind kind_of(change c, const op_row *row, const gt_op *node_op, bool in_the_end)
{
    bool times = node_op != NULL && strcmp(node_op->name, "mul") == 0;
    bool minus = node_op != NULL && strcmp(node_op->name, "sub") == 0;
    bool slope = row->activation && times && in_the_end;
    switch (c) {
    case NEGATE:
        return GT_MISTAKE_SIGN;
    case DOUBLE:
    case THIRD:
        return GT_MISTAKE_FACTOR;
    case FIRST_OPERAND: /* 1 of 1 - y * y: the slope is gone */
        if (slope || (row->activation && minus))
            return GT_MISTAKE_MISSING_DERIVATIVE;
        return times ? GT_MISTAKE_NONE : GT_MISTAKE_MISSING_TERM;
    case SECOND_OPERAND:
        return GT_MISTAKE_MISSING_TERM;
    case TWICE:
        return slope ? GT_MISTAKE_DERIVATIVE_TWICE : GT_MISTAKE_NONE;
    case INPUT_FOR_OUTPUT:
        return row->activation ? GT_MISTAKE_WRONG_ARGUMENT : GT_MISTAKE_NONE;
    case TURN_FIRST:
    case TURN_SECOND:
        return GT_MISTAKE_TRANSPOSED;
    case EXCHANGE:
        return minus ? GT_MISTAKE_SIGN : GT_MISTAKE_TRANSPOSED;
    default:
        return GT_MISTAKE_NONE;
    }
}

/* ---- one gradient -------------------------------------------------------------------------- */

/* The op and the gradient by the operand at hand, on a tape of their own. */
static gt_tape *record(const gt_op *op, const op_row *row, uint32_t *before, gt_var *gradient)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x[RULE_OPERANDS], y, dy;
    for (uint32_t i = 0; i < row->input_count; i++)
        x[i] = gt_input(tape, "x", row->shapes[i]);
    y = gt_apply(op, x, row->input_count, row->attributes, row->attribute_count);
    dy = gt_input(tape, "dy", gt_var_shape(y));
    *before = gt_tape_node_count(tape);
    gt_grad(&y, &dy, 1, &x[plan.slot], 1, gradient);
    return tape;
}

/* Whether the mutant can be recorded, with its shapes right, and changes something. */
static bool is_possible(const gt_op *op, const op_row *row)
{
    uint32_t before;
    gt_var gradient;
    plan.applied = false;
    gt_tape *tape = record(op, row, &before, &gradient);
    bool possible =
        gt_tape_status(tape) == GT_OK && plan.applied && gt_shape_equal(gt_var_shape(gradient), row->shapes[plan.slot]);
    gt_tape_free(tape);
    return possible;
}

/* The op of one of the nodes of the rule as it is, which are counted on the way. */
static const gt_op *op_of_node(const gt_op *op, const op_row *row, uint32_t node)
{
    uint32_t before;
    gt_var gradient;
    plan.change = KEEP;
    plan.node_count = 0;
    gt_tape *tape = record(op, row, &before, &gradient);
    const gt_op *found = before + node < gt_tape_node_count(tape) ? gt_var_op(gt_tape_var(tape, before + node)) : NULL;
    gt_tape_free(tape);
    return found;
}

static uint32_t visit_slot(const op_row *row, rule_mutant_visit *visit, void *context)
{
    gt_op op = *plan.original;
    op.reverse = mutated_rule;
    uint32_t count = 0;
    op_of_node(&op, row, 0);
    for (uint32_t node = 0, nodes = plan.node_count; node < nodes; node++)
        for (change c = NEGATE; c < CHANGE_COUNT; c++) {
            gt_mistake_kind kind = kind_of(c, row, op_of_node(&op, row, node), node + 2 >= nodes);
            plan.change = c;
            plan.node = node;
            if (kind == GT_MISTAKE_NONE || !is_possible(&op, row))
                continue;
            rule_mutant m = {.kind = kind,
                             .op = &op,
                             .original = plan.original,
                             .input_count = row->input_count,
                             .slot = plan.slot,
                             .node = node,
                             .attribute_count = row->attribute_count,
                             .change = change_texts[c]};
            memcpy(m.shapes, row->shapes, sizeof m.shapes);
            memcpy(m.attributes, row->attributes, sizeof m.attributes);
            visit(context, &m);
            count++;
        }
    return count;
}

uint32_t each_rule_mutant(rule_mutant_visit *visit, void *context)
{
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        plan.original = find(rows[i].name);
        if (plan.original == NULL)
            abort();
        for (plan.slot = 0; plan.slot < rows[i].input_count; plan.slot++)
            count += visit_slot(&rows[i], visit, context);
    }
    return count;
}

uint32_t each_right_rule(rule_mutant_visit *visit, void *context)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rule_mutant m = {.op = find(rows[i].name),
                         .input_count = rows[i].input_count,
                         .attribute_count = rows[i].attribute_count,
                         .change = change_texts[KEEP]};
        m.original = m.op;
        memcpy(m.shapes, rows[i].shapes, sizeof m.shapes);
        memcpy(m.attributes, rows[i].attributes, sizeof m.attributes);
        visit(context, &m);
    }
    return sizeof rows / sizeof *rows;
}
