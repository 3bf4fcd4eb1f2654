#include "diagnose/formula.h"

#include <string.h>

static const char *const function_names[GT_FUNCTION_COUNT] = {
    "tanh", "sigmoid", "softmax", "relu",    "softplus", "exp",  "log",       "sqrt",          "abs",   "sin",
    "cos",  "concat",  "maximum", "minimum", "sum",      "mean", "layernorm", "stop_gradient", "where",
};

const char *gt_formula_function_name(gt_formula_function function)
{
    return function < GT_FUNCTION_COUNT ? function_names[function] : "?";
}

gt_formula_function gt_formula_function_find(const char *name)
{
    for (unsigned i = 0; i < GT_FUNCTION_COUNT; i++)
        if (strcmp(function_names[i], name) == 0)
            return (gt_formula_function)i;
    return GT_FUNCTION_COUNT;
}

const char *gt_formula_relation_name(gt_formula_relation relation)
{
    static const char *const names[] = {"<", "<=", ">", ">=", "==", "!="};
    return names[relation];
}

/* ---- building ------------------------------------------------------------------------------ */

static gt_formula *new_node(gt_arena *arena, gt_formula_kind kind, uint32_t count)
{
    gt_formula *node = gt_arena_new(arena, 1, sizeof *node + count * sizeof node->operands[0]);
    if (node == NULL)
        return NULL;
    memset(node, 0, sizeof *node + count * sizeof node->operands[0]);
    node->kind = kind;
    node->count = count;
    return node;
}

gt_formula *gt_formula_like(gt_arena *arena, const gt_formula *like, uint32_t count)
{
    gt_formula *node = new_node(arena, like->kind, count);
    if (node == NULL)
        return NULL;
    node->detail = like->detail;
    node->axis = like->axis;
    node->name = like->name;
    node->line = like->line;
    node->column = like->column;
    node->number = like->number;
    return node;
}

const gt_formula *gt_formula_number(gt_arena *arena, double number)
{
    gt_formula *node = new_node(arena, GT_FORMULA_NUMBER, 0);
    if (node != NULL)
        node->number = number;
    return node;
}

const gt_formula *gt_formula_name(gt_arena *arena, uint32_t name)
{
    gt_formula *node = new_node(arena, GT_FORMULA_NAME, 0);
    if (node != NULL)
        node->name = name;
    return node;
}

static gt_formula *with_operands(gt_arena *arena, gt_formula_kind kind, const gt_formula *a, const gt_formula *b)
{
    if (a == NULL)
        return NULL;
    gt_formula *node = new_node(arena, kind, b == NULL ? 1 : 2);
    if (node == NULL)
        return NULL;
    node->operands[0] = a;
    if (b != NULL)
        node->operands[1] = b;
    node->line = a->line;
    node->column = a->column;
    return node;
}

const gt_formula *gt_formula_unary(gt_arena *arena, gt_formula_kind kind, const gt_formula *a)
{
    return with_operands(arena, kind, a, NULL);
}

const gt_formula *gt_formula_binary(gt_arena *arena, gt_formula_kind kind, const gt_formula *a,
                                    const gt_formula *b)
{
    return b == NULL ? NULL : with_operands(arena, kind, a, b);
}

const gt_formula *gt_formula_call(gt_arena *arena, gt_formula_function function, const gt_formula *a)
{
    gt_formula *node = with_operands(arena, GT_FORMULA_CALL, a, NULL);
    if (node != NULL)
        node->detail = (uint8_t)function;
    return node;
}

const gt_formula *gt_formula_reduce(gt_arena *arena, gt_formula_function function, const gt_formula *a,
                                    unsigned axis)
{
    gt_formula *node = with_operands(arena, GT_FORMULA_CALL, a, NULL);
    if (node != NULL) {
        node->detail = (uint8_t)function;
        node->axis = (uint8_t)axis;
    }
    return node;
}

const gt_formula *gt_formula_slice(gt_arena *arena, const gt_formula *a, const gt_formula *const bounds[4])
{
    if (a == NULL)
        return NULL;
    gt_formula *node = new_node(arena, GT_FORMULA_SLICE, 5);
    if (node == NULL)
        return NULL;
    node->operands[0] = a;
    for (unsigned i = 0; i < 4; i++)
        node->operands[i + 1] = bounds[i];
    node->line = a->line;
    node->column = a->column;
    return node;
}

/* ---- comparing ----------------------------------------------------------------------------- */

bool gt_formula_equal(const gt_formula *a, const gt_formula *b)
{
    if (a == b)
        return true;
    if (a == NULL || b == NULL || a->kind != b->kind || a->count != b->count || a->detail != b->detail ||
        a->axis != b->axis)
        return false;
    if (a->kind == GT_FORMULA_NUMBER && !(a->number == b->number))
        return false;
    if (a->kind == GT_FORMULA_NAME && a->name != b->name)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!gt_formula_equal(a->operands[i], b->operands[i]))
            return false;
    return true;
}

bool gt_formula_has_name(const gt_formula *formula, uint32_t name)
{
    if (formula == NULL)
        return false;
    if (formula->kind == GT_FORMULA_NAME)
        return formula->name == name;
    for (uint32_t i = 0; i < formula->count; i++)
        if (gt_formula_has_name(formula->operands[i], name))
            return true;
    return false;
}

bool gt_formula_contains(const gt_formula *formula, const gt_formula *place)
{
    if (formula == place || formula == NULL)
        return formula == place;
    for (uint32_t i = 0; i < formula->count; i++)
        if (gt_formula_contains(formula->operands[i], place))
            return true;
    return false;
}

uint32_t gt_formula_size(const gt_formula *formula)
{
    if (formula == NULL)
        return 0;
    uint32_t size = 1;
    for (uint32_t i = 0; i < formula->count; i++)
        size += gt_formula_size(formula->operands[i]);
    return size;
}

void gt_formula_each(const gt_formula *formula, gt_formula_visit *visit, void *context)
{
    visit(context, formula);
    bool first_only = formula->kind == GT_FORMULA_SLICE || formula->kind == GT_FORMULA_POWER;
    uint32_t count = first_only ? 1 : formula->count;
    for (uint32_t i = 0; i < count; i++)
        gt_formula_each(formula->operands[i], visit, context);
}

/* ---- changing ------------------------------------------------------------------------------ */

/* The node with one operand changed. */
static const gt_formula *with_operand(gt_arena *arena, const gt_formula *node, uint32_t i,
                                      const gt_formula *operand)
{
    gt_formula *copy = operand == NULL ? NULL : gt_formula_like(arena, node, node->count);
    if (copy == NULL)
        return NULL;
    memcpy(copy->operands, node->operands, node->count * sizeof node->operands[0]);
    copy->operands[i] = operand;
    return copy;
}

const gt_formula *gt_formula_replace(gt_arena *arena, const gt_formula *formula, const gt_formula *place,
                                     const gt_formula *with)
{
    if (formula == place)
        return with;
    for (uint32_t i = 0; formula != NULL && i < formula->count; i++) {
        const gt_formula *changed = gt_formula_replace(arena, formula->operands[i], place, with);
        if (changed != formula->operands[i])
            return with_operand(arena, formula, i, changed);
    }
    return formula;
}

const gt_formula *gt_formula_replace_all(gt_arena *arena, const gt_formula *formula, const gt_formula *what,
                                         const gt_formula *with)
{
    if (formula == NULL || gt_formula_equal(formula, what))
        return formula == NULL ? NULL : with;
    const gt_formula *result = formula;
    for (uint32_t i = 0; i < formula->count; i++) {
        const gt_formula *changed = gt_formula_replace_all(arena, formula->operands[i], what, with);
        if (changed != formula->operands[i])
            result = with_operand(arena, result, i, changed);
        if (result == NULL)
            return NULL;
    }
    return result;
}

static const gt_formula *tidy_node(gt_arena *arena, const gt_formula *node)
{
    const gt_formula *a = node->count > 0 ? node->operands[0] : NULL;
    const gt_formula *b = node->count > 1 ? node->operands[1] : NULL;
    bool a_negated = a != NULL && a->kind == GT_FORMULA_NEGATE, b_negated = b != NULL && b->kind == GT_FORMULA_NEGATE;
    switch (node->kind) {
    case GT_FORMULA_NEGATE:
        if (a_negated)
            return a->operands[0];
        if (a->kind == GT_FORMULA_NUMBER)
            return gt_formula_number(arena, -a->number);
        if (a->kind == GT_FORMULA_SUBTRACT)
            return gt_formula_binary(arena, GT_FORMULA_SUBTRACT, a->operands[1], a->operands[0]);
        break;
    case GT_FORMULA_ADD:
        if (b_negated)
            return gt_formula_binary(arena, GT_FORMULA_SUBTRACT, a, b->operands[0]);
        if (a_negated)
            return gt_formula_binary(arena, GT_FORMULA_SUBTRACT, b, a->operands[0]);
        break;
    case GT_FORMULA_SUBTRACT:
        if (b_negated)
            return gt_formula_binary(arena, GT_FORMULA_ADD, a, b->operands[0]);
        break;
    case GT_FORMULA_TRANSPOSE:
        if (a->kind == GT_FORMULA_TRANSPOSE)
            return a->operands[0];
        break;
    case GT_FORMULA_MULTIPLY:
        if (a_negated && b_negated)
            return gt_formula_binary(arena, GT_FORMULA_MULTIPLY, a->operands[0], b->operands[0]);
        break;
    default:
        break;
    }
    return node;
}

const gt_formula *gt_formula_tidy(gt_arena *arena, const gt_formula *formula)
{
    if (formula == NULL)
        return NULL;
    const gt_formula *result = formula;
    for (uint32_t i = 0; i < formula->count; i++) {
        const gt_formula *operand = formula->operands[i];
        const gt_formula *changed = gt_formula_tidy(arena, operand);
        if (changed != operand)
            result = with_operand(arena, result, i, changed);
        if (result == NULL)
            return NULL;
    }
    return tidy_node(arena, result);
}
