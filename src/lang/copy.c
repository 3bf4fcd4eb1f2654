#include "lang/copy.h"

#include <string.h>

char *gt_lang_text(gt_pool *pool, const char *text, size_t length)
{
    char *copy = gt_pool_new(pool, length + 1, 1);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

/* ---- copies -------------------------------------------------------------------------------- */

static bool copy_children(gt_pool *pool, gt_lang_expression *copy, const gt_lang_expression *from,
                          const gt_lang_expression *old, gt_lang_expression *replacement)
{
    if (from->argument_count > 0) {
        copy->arguments = gt_pool_new(pool, from->argument_count, sizeof *copy->arguments);
        if (copy->arguments == NULL)
            return false;
    }
    copy->depth = 1;
    for (uint32_t i = 0; i < from->argument_count; i++) {
        gt_lang_expression *child = gt_lang_copy_with(pool, from->arguments[i], old, replacement);
        if (child == NULL)
            return false;
        copy->arguments[i] = child;
        copy->depth = child->depth >= copy->depth ? child->depth + 1 : copy->depth;
    }
    for (int i = 0; i < 4; i++) {
        if (from->bounds[i] == NULL)
            continue;
        copy->bounds[i] = gt_lang_copy_with(pool, from->bounds[i], old, replacement);
        if (copy->bounds[i] == NULL)
            return false;
        copy->depth =
            copy->bounds[i]->depth >= copy->depth ? copy->bounds[i]->depth + 1 : copy->depth;
    }
    return true;
}

gt_lang_expression *gt_lang_copy_with(gt_pool *pool, const gt_lang_expression *expression,
                                      const gt_lang_expression *old,
                                      gt_lang_expression *replacement)
{
    if (old != NULL && expression == old)
        return replacement;
    gt_lang_expression *copy = gt_pool_new(pool, 1, sizeof *copy);
    if (copy == NULL)
        return NULL;
    *copy = *expression;
    if (expression->name != NULL) {
        copy->name = gt_lang_text(pool, expression->name, strlen(expression->name));
        if (copy->name == NULL)
            return NULL;
    }
    return copy_children(pool, copy, expression, old, replacement) ? copy : NULL;
}

gt_lang_expression *gt_lang_copy(gt_pool *pool, const gt_lang_expression *expression)
{
    return gt_lang_copy_with(pool, expression, NULL, NULL);
}

/* ---- new ones ------------------------------------------------------------------------------ */

static gt_lang_expression *new_leaf(gt_pool *pool, gt_lang_kind kind, gt_lang_place place)
{
    gt_lang_expression *leaf = gt_pool_new(pool, 1, sizeof *leaf);
    if (leaf != NULL)
        *leaf = (gt_lang_expression){.kind = kind, .axis = GT_LANG_ALL_AXES, .depth = 1,
                                     .place = place, .operator_place = place};
    return leaf;
}

static gt_lang_expression *new_node(gt_pool *pool, gt_lang_kind kind,
                                    gt_lang_expression *const *arguments, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (arguments[i] == NULL)
            return NULL;
    gt_lang_expression *node = new_leaf(pool, kind, arguments[0]->place);
    if (node == NULL)
        return NULL;
    node->arguments = gt_pool_new(pool, count, sizeof *node->arguments);
    if (node->arguments == NULL)
        return NULL;
    node->argument_count = count;
    for (uint32_t i = 0; i < count; i++) {
        node->arguments[i] = arguments[i];
        node->depth = arguments[i]->depth >= node->depth ? arguments[i]->depth + 1 : node->depth;
    }
    return node;
}

gt_lang_expression *gt_lang_new_number(gt_pool *pool, double number, gt_lang_place place)
{
    gt_lang_expression *leaf = new_leaf(pool, GT_LANG_NUMBER, place);
    if (leaf != NULL)
        leaf->number = number;
    return leaf;
}

gt_lang_expression *gt_lang_new_name(gt_pool *pool, const char *name, gt_lang_place place)
{
    gt_lang_expression *leaf = new_leaf(pool, GT_LANG_NAME, place);
    if (leaf != NULL)
        leaf->name = gt_lang_text(pool, name, strlen(name));
    return leaf == NULL || leaf->name == NULL ? NULL : leaf;
}

gt_lang_expression *gt_lang_new_negation(gt_pool *pool, gt_lang_expression *argument)
{
    return new_node(pool, GT_LANG_NEGATE, &argument, 1);
}

gt_lang_expression *gt_lang_new_binary(gt_pool *pool, gt_lang_operation operation,
                                       gt_lang_expression *left, gt_lang_expression *right)
{
    gt_lang_expression *node =
        new_node(pool, GT_LANG_BINARY, (gt_lang_expression *[]){left, right}, 2);
    if (node != NULL)
        node->operation = operation;
    return node;
}

gt_lang_expression *gt_lang_new_transpose(gt_pool *pool, gt_lang_expression *argument)
{
    return new_node(pool, GT_LANG_TRANSPOSE, &argument, 1);
}

gt_lang_expression *gt_lang_new_call(gt_pool *pool, gt_lang_function function,
                                     gt_lang_expression *const *arguments, uint32_t argument_count)
{
    gt_lang_expression *node = new_node(pool, GT_LANG_CALL, arguments, argument_count);
    if (node != NULL)
        node->function = function;
    return node;
}

/* ---- comparing ----------------------------------------------------------------------------- */

static bool same_bounds(const gt_lang_expression *a, const gt_lang_expression *b)
{
    for (int i = 0; i < 4; i++) {
        if ((a->bounds[i] == NULL) != (b->bounds[i] == NULL))
            return false;
        if (a->bounds[i] != NULL && !gt_lang_equal(a->bounds[i], b->bounds[i]))
            return false;
    }
    return a->axis_count == b->axis_count;
}

static bool same_head(const gt_lang_expression *a, const gt_lang_expression *b)
{
    switch (a->kind) {
    case GT_LANG_NUMBER: return a->number == b->number;
    case GT_LANG_NAME: return strcmp(a->name, b->name) == 0;
    case GT_LANG_BINARY: return a->operation == b->operation;
    case GT_LANG_SLICE: return same_bounds(a, b);
    case GT_LANG_CALL: return a->function == b->function && a->axis == b->axis;
    case GT_LANG_NEGATE:
    case GT_LANG_TRANSPOSE: return true;
    }
    return false;
}

bool gt_lang_equal(const gt_lang_expression *a, const gt_lang_expression *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->argument_count != b->argument_count || !same_head(a, b))
        return false;
    for (uint32_t i = 0; i < a->argument_count; i++)
        if (!gt_lang_equal(a->arguments[i], b->arguments[i]))
            return false;
    return true;
}
