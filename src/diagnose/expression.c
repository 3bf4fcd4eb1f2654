#include "diagnose/expression.h"

#include <string.h>

/* ---- from the language --------------------------------------------------------------------- */

static gt_expression_kind binary_kind(gt_lang_operation operation)
{
    switch (operation) {
    case GT_LANG_ADD:
        return GT_EXPRESSION_ADD;
    case GT_LANG_SUBTRACT:
        return GT_EXPRESSION_SUBTRACT;
    case GT_LANG_MULTIPLY:
        return GT_EXPRESSION_MULTIPLY;
    case GT_LANG_DIVIDE:
        return GT_EXPRESSION_DIVIDE;
    case GT_LANG_MATMUL:
        return GT_EXPRESSION_MATMUL;
    case GT_LANG_POWER:
        return GT_EXPRESSION_POWER;
    default:
        return GT_EXPRESSION_COMPARE;
    }
}

static void fill_in(gt_expression *f, const gt_lang_expression *x)
{
    static const gt_expression_kind kinds[] = {
        [GT_LANG_NUMBER] = GT_EXPRESSION_NUMBER, [GT_LANG_NAME] = GT_EXPRESSION_NAME,
        [GT_LANG_NEGATE] = GT_EXPRESSION_NEGATE, [GT_LANG_BINARY] = GT_EXPRESSION_ADD,
        [GT_LANG_SLICE] = GT_EXPRESSION_SLICE,   [GT_LANG_TRANSPOSE] = GT_EXPRESSION_TRANSPOSE,
        [GT_LANG_CALL] = GT_EXPRESSION_CALL,
    };
    f->kind = kinds[x->kind];
    f->line = (int32_t)x->place.line;
    f->column = (int32_t)x->place.column;
    if (x->kind == GT_LANG_BINARY) {
        f->kind = binary_kind(x->operation);
        f->detail = f->kind == GT_EXPRESSION_COMPARE ? (uint8_t)x->operation : 0;
    }
    if (x->kind == GT_LANG_NUMBER)
        f->number = x->number;
    if (x->kind == GT_LANG_CALL) {
        f->detail = (uint8_t)x->function;
        f->implied = x->implied;
        bool reduces = f->detail == GT_LANG_SUM || f->detail == GT_LANG_MEAN;
        f->axis = !reduces ? 0 : x->axis == GT_LANG_ALL_AXES ? GT_EXPRESSION_ALL_AXES : (uint8_t)x->axis;
    }
}

gt_expression *gt_expression_of_lang(gt_arena *arena, const gt_lang_expression *x)
{
    uint32_t count = x->kind == GT_LANG_SLICE ? 5 : x->argument_count;
    gt_expression *f = gt_arena_new(arena, 1, sizeof *f + count * sizeof f->operands[0]);
    if (f == NULL)
        return NULL;
    memset(f, 0, sizeof *f + count * sizeof f->operands[0]);
    fill_in(f, x);
    f->count = count;
    return f;
}

/* ---- building ------------------------------------------------------------------------------ */

static gt_expression *new_node(gt_arena *arena, gt_expression_kind kind, uint32_t count)
{
    gt_expression *node = gt_arena_new(arena, 1, sizeof *node + count * sizeof node->operands[0]);
    if (node == NULL)
        return NULL;
    memset(node, 0, sizeof *node + count * sizeof node->operands[0]);
    node->kind = kind;
    node->count = count;
    return node;
}

gt_expression *gt_expression_like(gt_arena *arena, const gt_expression *like, uint32_t count)
{
    gt_expression *node = new_node(arena, like->kind, count);
    if (node == NULL)
        return NULL;
    node->detail = like->detail;
    node->implied = like->implied;
    node->axis = like->axis;
    node->name = like->name;
    node->line = like->line;
    node->column = like->column;
    node->number = like->number;
    return node;
}

const gt_expression *gt_expression_new_number(gt_arena *arena, double number)
{
    gt_expression *node = new_node(arena, GT_EXPRESSION_NUMBER, 0);
    if (node != NULL)
        node->number = number;
    return node;
}

const gt_expression *gt_expression_new_name(gt_arena *arena, uint32_t name)
{
    gt_expression *node = new_node(arena, GT_EXPRESSION_NAME, 0);
    if (node != NULL)
        node->name = name;
    return node;
}

static gt_expression *with_operands(gt_arena *arena, gt_expression_kind kind, const gt_expression *a,
                                    const gt_expression *b)
{
    if (a == NULL)
        return NULL;
    gt_expression *node = new_node(arena, kind, b == NULL ? 1 : 2);
    if (node == NULL)
        return NULL;
    node->operands[0] = a;
    if (b != NULL)
        node->operands[1] = b;
    node->line = a->line;
    node->column = a->column;
    return node;
}

const gt_expression *gt_expression_unary(gt_arena *arena, gt_expression_kind kind, const gt_expression *a)
{
    return with_operands(arena, kind, a, NULL);
}

const gt_expression *gt_expression_binary(gt_arena *arena, gt_expression_kind kind, const gt_expression *a,
                                          const gt_expression *b)
{
    return b == NULL ? NULL : with_operands(arena, kind, a, b);
}

const gt_expression *gt_expression_compare(gt_arena *arena, gt_lang_operation relation, const gt_expression *a,
                                           const gt_expression *b)
{
    gt_expression *node = b == NULL ? NULL : with_operands(arena, GT_EXPRESSION_COMPARE, a, b);
    if (node != NULL)
        node->detail = (uint8_t)relation;
    return node;
}

const gt_expression *gt_expression_call(gt_arena *arena, gt_lang_function function, const gt_expression *a)
{
    gt_expression *node = with_operands(arena, GT_EXPRESSION_CALL, a, NULL);
    if (node != NULL)
        node->detail = (uint8_t)function;
    return node;
}

const gt_expression *gt_expression_reduce(gt_arena *arena, gt_lang_function function, const gt_expression *a,
                                          unsigned axis)
{
    gt_expression *node = with_operands(arena, GT_EXPRESSION_CALL, a, NULL);
    if (node != NULL) {
        node->detail = (uint8_t)function;
        node->axis = (uint8_t)axis;
    }
    return node;
}

const gt_expression *gt_expression_slice(gt_arena *arena, const gt_expression *a, const gt_expression *const bounds[4])
{
    if (a == NULL)
        return NULL;
    gt_expression *node = new_node(arena, GT_EXPRESSION_SLICE, 5);
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

bool gt_expression_equal(const gt_expression *a, const gt_expression *b)
{
    if (a == b)
        return true;
    if (a == NULL || b == NULL || a->kind != b->kind || a->count != b->count || a->detail != b->detail ||
        a->axis != b->axis)
        return false;
    if (a->kind == GT_EXPRESSION_NUMBER && !(a->number == b->number))
        return false;
    if (a->kind == GT_EXPRESSION_NAME && a->name != b->name)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!gt_expression_equal(a->operands[i], b->operands[i]))
            return false;
    return true;
}

bool gt_expression_has_name(const gt_expression *formula, uint32_t name)
{
    if (formula == NULL)
        return false;
    if (formula->kind == GT_EXPRESSION_NAME)
        return formula->name == name;
    for (uint32_t i = 0; i < formula->count; i++)
        if (gt_expression_has_name(formula->operands[i], name))
            return true;
    return false;
}

bool gt_expression_contains(const gt_expression *formula, const gt_expression *place)
{
    if (formula == place || formula == NULL)
        return formula == place;
    for (uint32_t i = 0; i < formula->count; i++)
        if (gt_expression_contains(formula->operands[i], place))
            return true;
    return false;
}

uint32_t gt_expression_size(const gt_expression *formula)
{
    if (formula == NULL)
        return 0;
    uint32_t size = 1;
    for (uint32_t i = 0; i < formula->count; i++)
        size += gt_expression_size(formula->operands[i]);
    return size;
}

uint32_t gt_expression_value_count(const gt_expression *f)
{
    bool sizes = f->kind == GT_EXPRESSION_CALL && f->detail == GT_LANG_RESHAPE;
    return sizes || f->kind == GT_EXPRESSION_SLICE || f->kind == GT_EXPRESSION_POWER ? 1 : f->count;
}

void gt_expression_each(const gt_expression *formula, gt_expression_visit *visit, void *context)
{
    visit(context, formula);
    for (uint32_t i = 0, count = gt_expression_value_count(formula); i < count; i++)
        gt_expression_each(formula->operands[i], visit, context);
}

/* ---- changing ------------------------------------------------------------------------------ */

/* The node with one operand changed. */
static const gt_expression *with_operand(gt_arena *arena, const gt_expression *node, uint32_t i,
                                         const gt_expression *operand)
{
    gt_expression *copy = operand == NULL ? NULL : gt_expression_like(arena, node, node->count);
    if (copy == NULL)
        return NULL;
    memcpy(copy->operands, node->operands, node->count * sizeof node->operands[0]);
    copy->operands[i] = operand;
    return copy;
}

const gt_expression *gt_expression_replace(gt_arena *arena, const gt_expression *formula, const gt_expression *place,
                                           const gt_expression *with)
{
    if (formula == place)
        return with;
    for (uint32_t i = 0; formula != NULL && i < formula->count; i++) {
        const gt_expression *changed = gt_expression_replace(arena, formula->operands[i], place, with);
        if (changed != formula->operands[i])
            return with_operand(arena, formula, i, changed);
    }
    return formula;
}

const gt_expression *gt_expression_replace_all(gt_arena *arena, const gt_expression *formula, const gt_expression *what,
                                               const gt_expression *with)
{
    if (formula == NULL || gt_expression_equal(formula, what))
        return formula == NULL ? NULL : with;
    const gt_expression *result = formula;
    for (uint32_t i = 0; i < formula->count; i++) {
        const gt_expression *changed = gt_expression_replace_all(arena, formula->operands[i], what, with);
        if (changed != formula->operands[i])
            result = with_operand(arena, result, i, changed);
        if (result == NULL)
            return NULL;
    }
    return result;
}

static const gt_expression *tidy_node(gt_arena *arena, const gt_expression *node)
{
    const gt_expression *a = node->count > 0 ? node->operands[0] : NULL;
    const gt_expression *b = node->count > 1 ? node->operands[1] : NULL;
    bool a_negated = a != NULL && a->kind == GT_EXPRESSION_NEGATE,
         b_negated = b != NULL && b->kind == GT_EXPRESSION_NEGATE;
    switch (node->kind) {
    case GT_EXPRESSION_NEGATE:
        if (a_negated)
            return a->operands[0];
        if (a->kind == GT_EXPRESSION_NUMBER)
            return gt_expression_new_number(arena, -a->number);
        if (a->kind == GT_EXPRESSION_SUBTRACT)
            return gt_expression_binary(arena, GT_EXPRESSION_SUBTRACT, a->operands[1], a->operands[0]);
        break;
    case GT_EXPRESSION_ADD:
        if (b_negated)
            return gt_expression_binary(arena, GT_EXPRESSION_SUBTRACT, a, b->operands[0]);
        if (a_negated)
            return gt_expression_binary(arena, GT_EXPRESSION_SUBTRACT, b, a->operands[0]);
        break;
    case GT_EXPRESSION_SUBTRACT:
        if (b_negated)
            return gt_expression_binary(arena, GT_EXPRESSION_ADD, a, b->operands[0]);
        break;
    case GT_EXPRESSION_TRANSPOSE:
        if (a->kind == GT_EXPRESSION_TRANSPOSE)
            return a->operands[0];
        break;
    case GT_EXPRESSION_MULTIPLY:
        if (a_negated && b_negated)
            return gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, a->operands[0], b->operands[0]);
        break;
    default:
        break;
    }
    return node;
}

const gt_expression *gt_expression_tidy(gt_arena *arena, const gt_expression *formula)
{
    if (formula == NULL)
        return NULL;
    const gt_expression *result = formula;
    for (uint32_t i = 0; i < formula->count; i++) {
        const gt_expression *operand = formula->operands[i];
        const gt_expression *changed = gt_expression_tidy(arena, operand);
        if (changed != operand)
            result = with_operand(arena, result, i, changed);
        if (result == NULL)
            return NULL;
    }
    return tidy_node(arena, result);
}
