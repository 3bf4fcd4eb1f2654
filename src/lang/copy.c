#include "lang/copy.h"

#include "lang/chain.h"

#include <string.h>

char *gt_lang_text(gt_pool *pool, const char *text, size_t length)
{
    char *copy = gt_pool_new(pool, length + 1, 1);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

/* ---- copies -------------------------------------------------------------------------------- */

/* The head alone: no argument and no bound. */
static gt_lang_expression *copy_head(gt_pool *pool, const gt_lang_expression *from)
{
    gt_lang_expression *copy = gt_pool_new(pool, 1, sizeof *copy);
    if (copy == NULL)
        return NULL;
    *copy = *from;
    copy->depth = 1;
    if (from->name != NULL)
        copy->name = gt_lang_text(pool, from->name, strlen(from->name));
    if (from->argument_count > 0)
        copy->arguments = gt_pool_new(pool, from->argument_count, sizeof *copy->arguments);
    bool good = (from->name == NULL || copy->name != NULL) && (from->argument_count == 0 || copy->arguments != NULL);
    return good ? copy : NULL;
}

/* Along the chain, from what replaces the longest part of it, or from its first operand. */
static gt_lang_expression *copy_chain(gt_pool *pool, const gt_lang_expression *from, const gt_lang_expression *old,
                                      gt_lang_expression *replacement)
{
    gt_lang_expression *left = NULL;
    uint32_t next = from->chain_length;
    while (next > 0 && (old == NULL || from->chain[next - 1] != old))
        next--;
    left = next > 0 ? replacement : gt_lang_copy_with(pool, from->chain[0]->arguments[0], old, replacement);
    for (; next < from->chain_length && left != NULL; next++) {
        gt_lang_expression *node = copy_head(pool, from->chain[next]);
        gt_lang_expression *right = gt_lang_copy_with(pool, from->chain[next]->arguments[1], old, replacement);
        if (node == NULL || right == NULL)
            return NULL;
        node->arguments[0] = left;
        node->arguments[1] = right;
        gt_lang_deepen(node, left);
        gt_lang_deepen(node, right);
        left = gt_lang_enchain(pool, node) ? node : NULL;
    }
    return left;
}

static bool copy_children(gt_pool *pool, gt_lang_expression *copy, const gt_lang_expression *from,
                          const gt_lang_expression *old, gt_lang_expression *replacement)
{
    for (uint32_t i = 0; i < from->argument_count; i++) {
        gt_lang_expression *child = gt_lang_copy_with(pool, from->arguments[i], old, replacement);
        if (child == NULL)
            return false;
        copy->arguments[i] = child;
        gt_lang_deepen(copy, child);
    }
    for (int i = 0; i < 4; i++) {
        if (from->bounds[i] == NULL)
            continue;
        copy->bounds[i] = gt_lang_copy_with(pool, from->bounds[i], old, replacement);
        if (copy->bounds[i] == NULL)
            return false;
        gt_lang_deepen(copy, copy->bounds[i]);
    }
    return true;
}

gt_lang_expression *gt_lang_copy_with(gt_pool *pool, const gt_lang_expression *expression,
                                      const gt_lang_expression *old, gt_lang_expression *replacement)
{
    if (old != NULL && expression == old)
        return replacement;
    if (expression->kind == GT_LANG_BINARY)
        return copy_chain(pool, expression, old, replacement);
    gt_lang_expression *copy = copy_head(pool, expression);
    return copy != NULL && copy_children(pool, copy, expression, old, replacement) ? copy : NULL;
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
        *leaf = (gt_lang_expression){
            .kind = kind, .axis = GT_LANG_ALL_AXES, .depth = 1, .place = place, .operator_place = place};
    return leaf;
}

static gt_lang_expression *new_node(gt_pool *pool, gt_lang_kind kind, gt_lang_expression *const *arguments,
                                    uint32_t count)
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
        gt_lang_deepen(node, arguments[i]);
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

gt_lang_expression *gt_lang_new_binary(gt_pool *pool, gt_lang_operation operation, gt_lang_expression *left,
                                       gt_lang_expression *right)
{
    gt_lang_expression *node = new_node(pool, GT_LANG_BINARY, (gt_lang_expression *[]){left, right}, 2);
    if (node == NULL)
        return NULL;
    node->operation = operation;
    return gt_lang_enchain(pool, node) ? node : NULL;
}

gt_lang_expression *gt_lang_new_transpose(gt_pool *pool, gt_lang_expression *argument)
{
    return new_node(pool, GT_LANG_TRANSPOSE, &argument, 1);
}

gt_lang_expression *gt_lang_new_call(gt_pool *pool, gt_lang_function function, gt_lang_expression *const *arguments,
                                     uint32_t argument_count)
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

static bool same_operations(const gt_lang_expression *a, const gt_lang_expression *b)
{
    if (a->chain_length != b->chain_length)
        return false;
    for (uint32_t i = 0; i < a->chain_length; i++)
        if (a->chain[i]->operation != b->chain[i]->operation)
            return false;
    return true;
}

static bool same_head(const gt_lang_expression *a, const gt_lang_expression *b)
{
    switch (a->kind) {
    case GT_LANG_NUMBER:
        return a->number == b->number;
    case GT_LANG_NAME:
        return strcmp(a->name, b->name) == 0;
    case GT_LANG_BINARY:
        return same_operations(a, b);
    case GT_LANG_SLICE:
        return same_bounds(a, b);
    case GT_LANG_CALL:
        return a->function == b->function && a->axis == b->axis;
    case GT_LANG_DRAW:
        return a->draw == b->draw && a->site == b->site;
    case GT_LANG_NEGATE:
    case GT_LANG_TRANSPOSE:
        return true;
    }
    return false;
}

bool gt_lang_equal(const gt_lang_expression *a, const gt_lang_expression *b)
{
    a = gt_lang_as_written(a);
    b = gt_lang_as_written(b);
    if (a == b)
        return true;
    if (a->kind != b->kind || a->argument_count != b->argument_count || !same_head(a, b))
        return false;
    for (uint32_t i = 0; i < gt_lang_operand_count(a); i++)
        if (!gt_lang_equal(gt_lang_operand(a, i), gt_lang_operand(b, i)))
            return false;
    return true;
}
