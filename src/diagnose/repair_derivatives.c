/*
 * Derivatives of activations: missing, at the wrong argument, of another gate.
 *
 * The derivative of an activation v = f(u) is written with v where that is
 * possible: 1 - v**2 for tanh, v * (1 - v) for sigmoid.
 */
#include "base/pool.h"
#include "diagnose/search.h"
#include "lang/parse.h"

#include <string.h>

static const gt_expression *times(gt_arena *arena, const gt_expression *a, const gt_expression *b)
{
    return gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, a, b);
}

static const gt_expression *number(gt_arena *arena, double value)
{
    return gt_expression_new_number(arena, value);
}

static const gt_expression *one_minus(gt_arena *arena, const gt_expression *v)
{
    return gt_expression_binary(arena, GT_EXPRESSION_SUBTRACT, number(arena, 1), v);
}

/* ---- of the table of functions ------------------------------------------------------------- */

enum { NAME_V, NAME_U };

static const gt_expression *read(gt_arena *arena, const gt_lang_expression *x)
{
    gt_expression *f = gt_expression_of_lang(arena, x);
    if (f == NULL)
        return NULL;
    if (x->kind == GT_LANG_NAME)
        f->name = strcmp(x->name, "v") == 0 ? NAME_V : NAME_U;
    for (uint32_t i = 0; i < f->count; i++)
        if ((f->operands[i] = read(arena, x->arguments[i])) == NULL)
            return NULL;
    return f;
}

bool gt_search_read_derivatives(gt_search *search)
{
    gt_arena *arena = &search->question->arena;
    gt_pool pool = {0};
    bool good = true;
    for (int i = 0; i < GT_LANG_FUNCTION_COUNT && good; i++) {
        const char *text = gt_lang_function_at((gt_lang_function)i)->derivative;
        if (text == NULL)
            continue;
        const gt_lang_expression *formula = gt_lang_parse_formula(&pool, text);
        search->derivatives[i] = formula == NULL ? NULL : read(arena, formula);
        good = search->derivatives[i] != NULL;
    }
    gt_pool_free(&pool);
    return good;
}

/* With v and u in the places of their names. */
static const gt_expression *put_in(gt_arena *arena, const gt_expression *f, const gt_expression *v,
                                   const gt_expression *u)
{
    if (f->kind == GT_EXPRESSION_NAME)
        return f->name == NAME_V ? v : u;
    if (f->count == 0)
        return f;
    gt_expression *copy = gt_expression_like(arena, f, f->count);
    for (uint32_t i = 0; copy != NULL && i < f->count; i++)
        if ((copy->operands[i] = put_in(arena, f->operands[i], v, u)) == NULL)
            return NULL;
    return copy;
}

const gt_expression *gt_search_derivative(const gt_search *search, gt_arena *arena, gt_lang_function function,
                                          const gt_expression *v, const gt_expression *u)
{
    const gt_expression *derivative = search->derivatives[function];
    return derivative == NULL ? NULL : put_in(arena, derivative, v, u);
}

/* ---- missing ------------------------------------------------------------------------------- */

/* Factors are taken out of matrix products, and a minus stays in front. */
static bool takes_factor(const gt_search_place *at)
{
    return at->node->kind != GT_EXPRESSION_NUMBER && at->node->kind != GT_EXPRESSION_NEGATE &&
           (at->parent == NULL ||
            (at->parent->kind != GT_EXPRESSION_MULTIPLY && at->parent->kind != GT_EXPRESSION_POWER));
}

static void try_missing(gt_search *search, const gt_search_place *at, const gt_search_activation *a)
{
    gt_arena *arena = &search->scratch;
    const gt_expression *derivative = gt_search_derivative(search, arena, a->function, a->value, a->argument);
    if (derivative == NULL)
        return;
    gt_search_try_at(search, GT_MISTAKE_MISSING_DERIVATIVE, 0, at->node, times(arena, at->node, derivative),
                     derivative);
    if (derivative->kind == GT_EXPRESSION_NEGATE) /* the minus may stand elsewhere */
        gt_search_try_at(search, GT_MISTAKE_MISSING_DERIVATIVE, 0.02, at->node,
                         times(arena, at->node, derivative->operands[0]), derivative);
    if (a->function != GT_LANG_SIGMOID)
        return;
    /* One half of s * (1 - s). */
    const gt_expression *half = one_minus(arena, a->value);
    /* Where the other half is there, one dropped factor is the smallest slip of all. */
    double cost = gt_search_has_factor(at->node, a->value) ? -0.4 : 0.05;
    search->wording = "the factor %a is missing";
    gt_search_try_at(search, GT_MISTAKE_MISSING_DERIVATIVE, cost, at->node, times(arena, at->node, half), half);
    search->wording = "the factor %a is missing";
    if (gt_search_has_factor(at->node, half))
        gt_search_try_at(search, GT_MISTAKE_MISSING_DERIVATIVE, -0.4, at->node, times(arena, at->node, a->value),
                         a->value);
    search->wording = NULL;
}

/* ---- wrong --------------------------------------------------------------------------------- */

/* E if the node is 1 - E**2 or 1 - E * E, and 1 - E if `half`; NULL if it is not. */
static const gt_expression *argument_of(const gt_expression *node, bool half)
{
    if (node->kind != GT_EXPRESSION_SUBTRACT || node->operands[0]->kind != GT_EXPRESSION_NUMBER ||
        node->operands[0]->number != 1)
        return NULL;
    const gt_expression *b = node->operands[1];
    if (half)
        return b;
    if (b->kind == GT_EXPRESSION_POWER && b->operands[1]->kind == GT_EXPRESSION_NUMBER && b->operands[1]->number == 2)
        return b->operands[0];
    if (b->kind == GT_EXPRESSION_MULTIPLY && gt_expression_equal(b->operands[0], b->operands[1]))
        return b->operands[0];
    return NULL;
}

bool gt_search_is_derivative(const gt_expression *node)
{
    return argument_of(node, true) != NULL;
}

/* What it means that a derivative is written with `written` and should be that of the activation.
 */
static gt_mistake_kind kind_of(const gt_search *search, const gt_expression *written, const gt_search_activation *right)
{
    const gt_search_activation *known = gt_search_activation_of(search, written);
    if (known == NULL)
        return GT_MISTAKE_WRONG_ARGUMENT;
    /* tanh(c) for tanh(c'): both are activations only where the forward pass has both */
    return gt_expression_equal(written, right->value) || known != right ? GT_MISTAKE_WRONG_ACTIVATION
                                                                        : GT_MISTAKE_WRONG_ARGUMENT;
}

/* The square belongs to a tanh, and it is none. */
static const char *words_of(const gt_search *search, const gt_expression *written, const gt_search_activation *right)
{
    bool same = gt_expression_equal(written, right->value);
    if (same && right->function == GT_LANG_SIGMOID)
        return "%v is a sigmoid, and %w belongs to tanh: its derivative is %a";
    (void)search;
    return same ? "%w is not the derivative of %u; that is %a" : NULL;
}

static void try_tanh_form(gt_search *search, const gt_expression *node, const gt_expression *written)
{
    for (uint32_t i = 0; i < search->activation_count; i++) {
        const gt_search_activation *a = &search->activations[i];
        const gt_expression *derivative =
            gt_search_derivative(search, &search->scratch, a->function, a->value, a->argument);
        if (derivative == NULL)
            continue;
        search->wording = words_of(search, written, a);
        gt_search_try_at(search, kind_of(search, written, a), 0, node, derivative, derivative);
        /* g * (1 - g**2): the first factor is there */
        search->wording = words_of(search, written, a);
        if (a->function == GT_LANG_SIGMOID)
            gt_search_try_at(search, kind_of(search, written, a), -0.1, node, one_minus(&search->scratch, a->value),
                             derivative);
    }
    search->wording = NULL;
}

/* E * (1 - E), its two factors anywhere in a chain. */
static void try_sigmoid_form(gt_search *search, const gt_expression *node, const gt_expression *written)
{
    gt_arena *arena = &search->scratch;
    const gt_expression *chain = node;
    for (const gt_expression *up = gt_search_parent(search, chain); up != NULL && up->kind == GT_EXPRESSION_MULTIPLY;
         up = gt_search_parent(search, chain))
        chain = up;
    const gt_expression *rest = chain == node ? NULL : gt_search_without_factor(arena, chain, node);
    bool both = rest != NULL && gt_search_has_factor(rest, written);
    if (both)
        rest = gt_search_without_factor(arena, rest, written);
    for (uint32_t i = 0; i < search->activation_count; i++) {
        const gt_search_activation *a = &search->activations[i];
        const gt_expression *derivative = gt_search_derivative(search, arena, a->function, a->value, a->argument);
        if (derivative == NULL)
            continue;
        gt_mistake_kind kind = kind_of(search, written, a);
        search->wording = gt_expression_equal(written, a->value) && a->function == GT_LANG_TANH
                              ? "%v is a tanh, and %w belongs to sigmoid: its derivative is %a"
                              : NULL;
        if (both || chain == node) /* of the chain nothing may be left */
            gt_search_try_at(search, kind, 0, chain, rest == NULL ? derivative : times(arena, rest, derivative),
                             derivative);
        if (a->function == GT_LANG_SIGMOID && !gt_expression_equal(written, a->value))
            gt_search_try_at(search, kind, 0.02, node, one_minus(arena, a->value), derivative);
    }
}

/* tanh(c') where c' stands: the argument of an activation in place of its value. */
static void try_values(gt_search *search, const gt_search_place *at)
{
    bool within = false;
    for (const gt_expression *up = at->parent; up != NULL; up = gt_search_parent(search, up))
        within = within || gt_search_is_derivative(up);
    for (uint32_t i = 0; i < search->activation_count; i++) {
        const gt_search_activation *a = &search->activations[i];
        if (gt_expression_equal(a->value, at->node))
            continue;
        gt_mistake_kind kind = !within                                     ? GT_MISTAKE_WRONG_NAME
                               : gt_search_activation_of(search, at->node) ? GT_MISTAKE_WRONG_ACTIVATION
                                                                           : GT_MISTAKE_WRONG_ARGUMENT;
        gt_search_try_at(search, kind, 0.02, at->node, a->value, a->value);
        gt_search_try(search, kind, 0.04, gt_expression_replace_all(&search->scratch, search->root, at->node, a->value),
                      at->node, a->value);
    }
}

void gt_repair_derivatives(gt_search *search)
{
    for (uint32_t i = 0; i < search->place_count; i++) {
        const gt_search_place *at = &search->places[i];
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        for (uint32_t k = 0; k < search->activation_count && takes_factor(at); k++)
            try_missing(search, at, &search->activations[k]);
        const gt_expression *full = argument_of(at->node, false), *half = argument_of(at->node, true);
        if (full != NULL)
            try_tanh_form(search, at->node, full);
        if (half != NULL)
            try_sigmoid_form(search, at->node, half);
        if (at->node->kind != GT_EXPRESSION_NUMBER)
            try_values(search, at);
        gt_arena_return(&search->scratch, mark);
    }
}
