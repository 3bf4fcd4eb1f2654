/* Factors too many (a derivative applied twice), factors missing, and powers. */
#include "diagnose/search.h"

#include <math.h>

/* ---- chains of products -------------------------------------------------------------------- */

enum { MOST_FACTORS = 24 };

typedef struct chain {
    const gt_expression *factors[MOST_FACTORS];
    uint32_t count;
} chain;

static void flatten(const gt_expression *f, chain *c)
{
    if (f->kind == GT_EXPRESSION_MULTIPLY) {
        flatten(f->operands[0], c);
        flatten(f->operands[1], c);
    } else if (c->count < MOST_FACTORS) {
        c->factors[c->count++] = f;
    }
}

bool gt_search_has_factor(const gt_expression *formula, const gt_expression *factor)
{
    if (gt_expression_equal(formula, factor))
        return true;
    return formula->kind == GT_EXPRESSION_MULTIPLY &&
           (gt_search_has_factor(formula->operands[0], factor) || gt_search_has_factor(formula->operands[1], factor));
}

const gt_expression *gt_search_without_factor(gt_arena *arena, const gt_expression *f, const gt_expression *factor)
{
    if (f->kind != GT_EXPRESSION_MULTIPLY)
        return f;
    for (unsigned i = 0; i < 2; i++) {
        if (gt_expression_equal(f->operands[i], factor))
            return f->operands[1 - i];
        if (!gt_search_has_factor(f->operands[i], factor))
            continue;
        const gt_expression *rest = gt_search_without_factor(arena, f->operands[i], factor);
        return i == 0 ? gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, rest, f->operands[1])
                      : gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, f->operands[0], rest);
    }
    return f;
}

/* ---- too many ------------------------------------------------------------------------------ */

/* Made of numbers and sizes alone. */
static bool is_constant(const gt_search *search, const gt_expression *f)
{
    if (f->kind == GT_EXPRESSION_NAME)
        return search->question->names[f->name].role == GT_ROLE_OF_NUMBER;
    for (uint32_t i = 0; i < f->count; i++)
        if (f->operands[i] != NULL && !is_constant(search, f->operands[i]))
            return false;
    return true;
}

/* The derivative of one of the activations, its sign aside. */
static bool is_slope(gt_search *search, const gt_expression *f)
{
    for (uint32_t i = 0; i < search->activation_count; i++) {
        const gt_search_activation *a = &search->activations[i];
        const gt_expression *d = gt_search_derivative(search, &search->scratch, a->function, a->value, a->argument);
        if (d != NULL && d->kind == GT_EXPRESSION_NEGATE)
            d = d->operands[0];
        if (d != NULL && gt_expression_equal(d, f))
            return true;
    }
    return false;
}

static gt_mistake_kind surplus_kind(gt_search *search, const gt_expression *a, const gt_expression *b)
{
    if (gt_search_is_derivative(a) || (b != NULL && gt_search_is_derivative(b)))
        return GT_MISTAKE_DERIVATIVE_TWICE;
    if (is_slope(search, a))
        return GT_MISTAKE_DERIVATIVE_TWICE;
    if (is_constant(search, a))
        return GT_MISTAKE_FACTOR;
    return GT_MISTAKE_EXTRA_FACTOR;
}

/* All factors but i and j (which may be i). */
static const gt_expression *remaining(gt_arena *arena, const chain *c, uint32_t i, uint32_t j)
{
    const gt_expression *product = NULL;
    for (uint32_t k = 0; k < c->count; k++)
        if (k != i && k != j)
            product = product == NULL ? c->factors[k]
                                      : gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, product, c->factors[k]);
    return product;
}

static void try_surplus_pair(gt_search *search, const gt_expression *product, const chain *c, uint32_t i, uint32_t j)
{
    gt_arena *arena = &search->scratch;
    const gt_expression *rest = remaining(arena, c, i, j), *about = c->factors[i];
    if (rest == NULL)
        return;
    if (j != i)
        about = gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, about, c->factors[j]);
    gt_mistake_kind kind = surplus_kind(search, c->factors[i], j == i ? NULL : c->factors[j]);
    bool constant = j == i && is_constant(search, c->factors[i]);
    search->wording = kind == GT_MISTAKE_FACTOR ? "the factor %a is too many" : NULL;
    gt_search_try_at(search, kind, constant ? -0.1 : j == i ? 0 : 0.1, product, rest, about);
}

static void try_surplus(gt_search *search, const gt_expression *product)
{
    chain c = {.count = 0};
    flatten(product, &c);
    for (uint32_t i = 0; i < c.count; i++)
        for (uint32_t j = i; j < c.count; j++) {
            gt_arena_mark mark = gt_arena_here(&search->scratch);
            try_surplus_pair(search, product, &c, i, j);
            gt_arena_return(&search->scratch, mark);
        }
}

/* a / b without b: a mean if b is the batch. */
static void try_divisor(gt_search *search, const gt_expression *node)
{
    uint32_t m = gt_question_find(search->question, "m");
    const gt_expression *divisor = node->operands[1];
    bool batch = divisor->kind == GT_EXPRESSION_NAME && divisor->name == m;
    search->wording = "the division by %a is too many";
    gt_search_try_at(search, batch ? GT_MISTAKE_MEAN : GT_MISTAKE_FACTOR, is_constant(search, divisor) ? -0.1 : 0.4,
                     node, node->operands[0], divisor);
}

/* ---- missing ------------------------------------------------------------------------------- */

static bool takes_factor(const gt_search_place *at)
{
    return at->node->kind != GT_EXPRESSION_NUMBER && at->node->kind != GT_EXPRESSION_NEGATE &&
           (at->parent == NULL ||
            (at->parent->kind != GT_EXPRESSION_MULTIPLY && at->parent->kind != GT_EXPRESSION_POWER));
}

static bool is_value(const gt_question_name *name)
{
    return name->role == GT_ROLE_OF_INPUT || name->role == GT_ROLE_OF_STATE || name->role == GT_ROLE_OF_NEXT ||
           name->role == GT_ROLE_OF_PARAMETER || name->role == GT_ROLE_OF_INTERMEDIATE;
}

/* What reaches a part from behind. */
static bool is_upstream(const gt_search *search, uint32_t name)
{
    gt_question_role role = search->question->names[name].role;
    return (role == GT_ROLE_OF_LOCAL || role == GT_ROLE_OF_GRADIENT || role == GT_ROLE_OF_UPSTREAM) &&
           gt_search_usable(search, name);
}

static void try_factor(gt_search *search, const gt_expression *node, const gt_expression *factor)
{
    gt_arena *arena = &search->scratch;
    gt_arena_mark mark = gt_arena_here(arena);
    if (factor != NULL)
        gt_search_try_at(search, GT_MISTAKE_MISSING_FACTOR, 0, node,
                         gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, node, factor), factor);
    gt_arena_return(arena, mark);
}

static void try_missing(gt_search *search, const gt_expression *node)
{
    for (uint32_t name = 0; name < search->question->name_count; name++)
        if ((is_value(&search->question->names[name]) || is_upstream(search, name)) &&
            search->values[0][name].data != NULL)
            try_factor(search, node, gt_expression_new_name(&search->scratch, name));
    for (uint32_t i = 0; i < search->activation_count; i++)
        if (search->activations[i].value->kind != GT_EXPRESSION_NAME)
            try_factor(search, node, search->activations[i].value);
}

/* ---- powers -------------------------------------------------------------------------------- */

/* Squares alone: what else has a power in a derivative is the replay's to say. */
static void try_powers(gt_search *search, const gt_expression *node)
{
    gt_arena *arena = &search->scratch;
    if (node->kind != GT_EXPRESSION_POWER) {
        const gt_expression *square =
            gt_expression_binary(arena, GT_EXPRESSION_POWER, node, gt_expression_new_number(arena, 2));
        search->wording = "%w should be squared";
        gt_search_try_at(search, GT_MISTAKE_POWER, 0, node, square, square);
        return;
    }
    const gt_expression *base = node->operands[0], *exponent = node->operands[1];
    bool derivative = gt_search_is_derivative(base); /* (1 - g**2)**2 */
    search->wording = derivative ? NULL : "%w should be %a";
    gt_search_try_at(search, derivative ? GT_MISTAKE_DERIVATIVE_TWICE : GT_MISTAKE_POWER, 0, node, base, base);
    for (int step = -2; step <= 2 && exponent->kind == GT_EXPRESSION_NUMBER; step++) {
        double right = exponent->number + step;
        if (step == 0 || right == 0 || right == 1 || fabs(right) > 4)
            continue;
        const gt_expression *power =
            gt_expression_binary(arena, GT_EXPRESSION_POWER, base, gt_expression_new_number(arena, right));
        search->wording = "%w should be %a";
        gt_search_try_at(search, GT_MISTAKE_POWER, 0.05, node, power, power);
    }
}

void gt_repair_factors(gt_search *search)
{
    for (uint32_t i = 0; i < search->place_count; i++) {
        const gt_search_place *at = &search->places[i];
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        bool top = at->parent == NULL || at->parent->kind != GT_EXPRESSION_MULTIPLY;
        if (at->node->kind == GT_EXPRESSION_MULTIPLY && top)
            try_surplus(search, at->node);
        if (at->node->kind == GT_EXPRESSION_DIVIDE)
            try_divisor(search, at->node);
        if (takes_factor(at))
            try_missing(search, at->node);
        if (at->node->kind != GT_EXPRESSION_NUMBER)
            try_powers(search, at->node);
        gt_arena_return(&search->scratch, mark);
    }
}
