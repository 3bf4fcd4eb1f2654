/* What a call should not be there for: masks, clippings, an activation for its derivative. */
#include "diagnose/search.h"

#include <string.h>

/* ---- masks --------------------------------------------------------------------------------- */

enum { MOST_MASKS = 12 };

typedef struct masks {
    gt_search *search;
    const gt_expression *list[MOST_MASKS];
    uint32_t count;
} masks;

static void add_mask(masks *m, const gt_expression *mask)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (gt_expression_equal(m->list[i], mask))
            return;
    if (mask != NULL && m->count < MOST_MASKS)
        m->list[m->count++] = mask;
}

/* Of relu(u): u > 0; of maximum(a, b): a > b; of a comparison, also within where: itself. */
static void find_mask(void *context, const gt_expression *f)
{
    masks *m = context;
    gt_arena *arena = &m->search->scratch;
    if (f->kind == GT_EXPRESSION_COMPARE)
        add_mask(m, f);
    if (f->kind != GT_EXPRESSION_CALL)
        return;
    const gt_expression *a = f->operands[0];
    if (f->detail == GT_LANG_RELU)
        add_mask(m, gt_expression_compare(arena, GT_LANG_GREATER, a, gt_expression_new_number(arena, 0)));
    if (f->detail == GT_LANG_MAXIMUM || f->detail == GT_LANG_MINIMUM)
        add_mask(m, gt_expression_compare(arena, f->detail == GT_LANG_MAXIMUM ? GT_LANG_GREATER : GT_LANG_LESS, a,
                                          f->operands[1]));
    if (f->detail == GT_LANG_WHERE)
        add_mask(m, a);
}

static void try_mask(gt_search *search, const gt_search_place *at, const gt_expression *mask)
{
    gt_arena *arena = &search->scratch;
    const gt_expression *other =
        gt_expression_binary(arena, GT_EXPRESSION_SUBTRACT, gt_expression_new_number(arena, 1), mask);
    const gt_expression *both[] = {mask, other};
    bool factor = at->parent == NULL || at->parent->kind != GT_EXPRESSION_MULTIPLY;
    for (unsigned i = 0; i < 2; i++) {
        search->wording = "the mask %a is missing";
        if (factor && at->node->kind != GT_EXPRESSION_NUMBER)
            gt_search_try_at(search, GT_MISTAKE_MASK, 0.1, at->node,
                             gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, at->node, both[i]), both[i]);
        search->wording = "%w is used; it should be the mask %a";
        if (at->node->kind != GT_EXPRESSION_NUMBER)
            gt_search_try_at(search, GT_MISTAKE_MASK, 0.1, at->node, both[i], both[i]);
    }
}

static void try_inverted(gt_search *search, const gt_expression *node)
{
    static const gt_lang_operation inverse[] = {
        [GT_LANG_LESS] = GT_LANG_GREATER,    [GT_LANG_LESS_EQUAL] = GT_LANG_GREATER,
        [GT_LANG_GREATER] = GT_LANG_LESS,    [GT_LANG_GREATER_EQUAL] = GT_LANG_LESS,
        [GT_LANG_EQUAL] = GT_LANG_NOT_EQUAL, [GT_LANG_NOT_EQUAL] = GT_LANG_EQUAL,
    };
    const gt_expression *right =
        gt_expression_compare(&search->scratch, inverse[node->detail], node->operands[0], node->operands[1]);
    search->wording = "the mask %w is inverted: it should be %a";
    gt_search_try_at(search, GT_MISTAKE_MASK, -0.05, node, right, right);
}

/* ---- activations and clippings ------------------------------------------------------------- */

/* sigmoid(f) where f is a sigmoid: the function once more in place of its derivative. */
static void try_activation_again(gt_search *search, const gt_expression *node)
{
    for (uint32_t i = 0; i < search->activation_count; i++) {
        const gt_search_activation *a = &search->activations[i];
        const gt_expression *derivative =
            gt_search_derivative(search, &search->scratch, a->function, a->value, a->argument);
        search->wording = "%w is not the derivative of the activation; that is %a";
        if (derivative != NULL)
            gt_search_try_at(search, GT_MISTAKE_MISSING_DERIVATIVE, 0, node, derivative, derivative);
    }
}

static bool is_bound(const gt_expression *f)
{
    return f->kind == GT_EXPRESSION_NUMBER ||
           (f->kind == GT_EXPRESSION_NEGATE && f->operands[0]->kind == GT_EXPRESSION_NUMBER);
}

/* E within maximum(minimum(E, c), -c); NULL if it is no clipping. */
static const gt_expression *clipped(const gt_expression *f)
{
    const gt_expression *inner = NULL;
    while (f->kind == GT_EXPRESSION_CALL && (f->detail == GT_LANG_MAXIMUM || f->detail == GT_LANG_MINIMUM) &&
           (is_bound(f->operands[0]) || is_bound(f->operands[1])))
        inner = f = f->operands[is_bound(f->operands[0])];
    return inner;
}

static void try_call(gt_search *search, const gt_expression *node)
{
    const gt_expression *inner = clipped(node);
    search->wording = "a gradient is clipped after the backward pass, not within it: %w";
    if (inner != NULL)
        gt_search_try_at(search, GT_MISTAKE_CLIPPED, 0, node, inner, inner);
    search->wording = NULL;
    if (!gt_lang_takes_one((gt_lang_function)node->detail))
        return;
    try_activation_again(search, node);
    search->wording = "the function in %w is too many";
    gt_search_try_at(search, GT_MISTAKE_EXTRA_FACTOR, 0, node, node->operands[0], node);
}

void gt_repair_calls(gt_search *search)
{
    masks m = {.search = search};
    gt_arena_mark before = gt_arena_here(&search->scratch);
    for (uint32_t i = 0; i < search->question->forward_count; i++)
        gt_expression_each(search->question->names[search->question->forward[i]].definition, find_mask, &m);
    for (uint32_t i = 0; i < search->place_count; i++) {
        const gt_search_place *at = &search->places[i];
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        for (uint32_t k = 0; k < m.count; k++)
            try_mask(search, at, m.list[k]);
        if (at->node->kind == GT_EXPRESSION_COMPARE)
            try_inverted(search, at->node);
        if (at->node->kind == GT_EXPRESSION_CALL)
            try_call(search, at->node);
        gt_arena_return(&search->scratch, mark);
    }
    search->wording = NULL;
    gt_arena_return(&search->scratch, before);
}

/* ---- softmax ------------------------------------------------------------------------------- */

/* y * (g - sum(g * y, axis=0)) */
static const gt_expression *softmax_derivative(gt_arena *arena, const gt_expression *y, const gt_expression *g)
{
    const gt_expression *sum =
        gt_expression_reduce(arena, GT_LANG_SUM, gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, g, y), 0);
    return gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, y,
                                gt_expression_binary(arena, GT_EXPRESSION_SUBTRACT, g, sum));
}

/* g - sum(..., axis=0): the sum is there, and what is wrong is something else. */
static bool takes_sum_off(const gt_expression *f)
{
    const gt_expression *right = f->kind == GT_EXPRESSION_SUBTRACT ? f->operands[1] : f;
    return right != f && right->kind == GT_EXPRESSION_CALL && right->detail == GT_LANG_SUM && right->axis == 0;
}

static void try_softmax(gt_search *search, const gt_expression *node, const gt_expression *y)
{
    gt_arena *arena = &search->scratch;
    if (takes_sum_off(node))
        return;
    const gt_expression *complement =
        gt_expression_binary(arena, GT_EXPRESSION_SUBTRACT, gt_expression_new_number(arena, 1), y);
    const gt_expression *right = softmax_derivative(arena, y, node);
    search->wording = "the derivative of the softmax is missing: %a";
    gt_search_try_at(search, GT_MISTAKE_SOFTMAX, 0.1, node, right, right);
    if (!gt_search_has_factor(node, y))
        return;
    const gt_expression *rest = gt_search_without_factor(arena, node, y);
    if (takes_sum_off(rest))
        return;
    right = softmax_derivative(arena, y, rest);
    search->wording = "each entry of a softmax depends on all of its column: %a";
    gt_search_try_at(search, GT_MISTAKE_SOFTMAX, 0, node, right, right);
    if (!gt_search_has_factor(rest, complement))
        return;
    right = softmax_derivative(arena, y, gt_search_without_factor(arena, rest, complement));
    search->wording = "%w is the diagonal of the softmax alone; all of it is %a";
    gt_search_try_at(search, GT_MISTAKE_SOFTMAX, 0, node, right, right);
}

void gt_repair_softmax(gt_search *search)
{
    const gt_question *question = search->question;
    for (uint32_t i = 0; i < question->forward_count; i++) {
        const gt_expression *f = question->names[question->forward[i]].definition;
        if (f->kind != GT_EXPRESSION_CALL || f->detail != GT_LANG_SOFTMAX)
            continue;
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        const gt_expression *y = gt_expression_new_name(&search->scratch, question->forward[i]);
        for (uint32_t k = 0; y != NULL && k < search->place_count; k++) {
            const gt_expression *node = search->places[k].node, *parent = search->places[k].parent;
            if (node->kind != GT_EXPRESSION_NUMBER && (parent == NULL || parent->kind != GT_EXPRESSION_MULTIPLY))
                try_softmax(search, node, y);
        }
        gt_arena_return(&search->scratch, mark);
    }
    search->wording = NULL;
}
