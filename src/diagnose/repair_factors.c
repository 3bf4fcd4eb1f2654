/* Factors too many (a derivative applied twice), factors missing, and powers. */
#include "diagnose/search.h"

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
           (gt_search_has_factor(formula->operands[0], factor) ||
            gt_search_has_factor(formula->operands[1], factor));
}

const gt_expression *gt_search_without_factor(gt_arena *arena, const gt_expression *f,
                                              const gt_expression *factor)
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

static bool is_batch_size(const gt_search *search, const gt_expression *f)
{
    return f->kind == GT_EXPRESSION_NAME &&
           search->problem->names[f->name].role == GT_ROLE_OF_NUMBER;
}

/* The derivative of one of the activations, its sign aside. */
static bool is_slope(gt_search *search, const gt_expression *f)
{
    for (uint32_t i = 0; i < search->activation_count; i++) {
        const gt_search_activation *a = &search->activations[i];
        const gt_expression *d =
            gt_search_derivative(&search->scratch, a->function, a->value, a->argument);
        if (d != NULL && d->kind == GT_EXPRESSION_NEGATE)
            d = d->operands[0];
        if (d != NULL && gt_expression_equal(d, f))
            return true;
    }
    return false;
}

static gt_mistake_kind surplus_kind(gt_search *search, const gt_expression *a,
                                    const gt_expression *b)
{
    if (gt_search_is_derivative(a) || (b != NULL && gt_search_is_derivative(b)))
        return GT_MISTAKE_DERIVATIVE_TWICE;
    if (is_slope(search, a))
        return GT_MISTAKE_DERIVATIVE_TWICE;
    if (a->kind == GT_EXPRESSION_NUMBER || is_batch_size(search, a))
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
                                      : gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, product,
                                                             c->factors[k]);
    return product;
}

static void try_surplus(gt_search *search, const gt_expression *product)
{
    chain c = {.count = 0};
    flatten(product, &c);
    for (uint32_t i = 0; i < c.count; i++)
        for (uint32_t j = i; j < c.count; j++) {
            gt_arena_mark mark = gt_arena_here(&search->scratch);
            const gt_expression *rest = remaining(&search->scratch, &c, i, j);
            if (rest != NULL)
                gt_search_try_at(search,
                                 surplus_kind(search, c.factors[i], j == i ? NULL : c.factors[j]),
                                 j == i ? 0 : 0.1, product, rest, c.factors[i]);
            gt_arena_return(&search->scratch, mark);
        }
}

/* a / b without b: a mean if b is the batch. */
static void try_divisor(gt_search *search, const gt_expression *node)
{
    uint32_t m = gt_problem_find(search->problem, "m");
    const gt_expression *divisor = node->operands[1];
    bool batch = divisor->kind == GT_EXPRESSION_NAME && divisor->name == m;
    gt_search_try_at(search, batch ? GT_MISTAKE_MEAN : GT_MISTAKE_FACTOR, -0.1, node,
                     node->operands[0], divisor);
}

/* ---- missing ------------------------------------------------------------------------------- */

static bool takes_factor(const gt_search_place *at)
{
    return at->node->kind != GT_EXPRESSION_NUMBER && at->node->kind != GT_EXPRESSION_NEGATE &&
           (at->parent == NULL || (at->parent->kind != GT_EXPRESSION_MULTIPLY &&
                                   at->parent->kind != GT_EXPRESSION_POWER));
}

static bool is_value(const gt_problem_name *name)
{
    return name->role == GT_ROLE_OF_INPUT || name->role == GT_ROLE_OF_STATE ||
           name->role == GT_ROLE_OF_NEXT || name->role == GT_ROLE_OF_PARAMETER ||
           name->role == GT_ROLE_OF_INTERMEDIATE;
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
    for (uint32_t name = 0; name < search->problem->name_count; name++)
        if (is_value(&search->problem->names[name]) && search->values[0][name].data != NULL)
            try_factor(search, node, gt_expression_new_name(&search->scratch, name));
    for (uint32_t i = 0; i < search->activation_count; i++)
        if (search->activations[i].value->kind != GT_EXPRESSION_NAME)
            try_factor(search, node, search->activations[i].value);
}

/* ---- powers -------------------------------------------------------------------------------- */

static void try_powers(gt_search *search, const gt_expression *node)
{
    static const double exponents[] = {1, 2, 3, 0.5, -1, -2};
    gt_arena *arena = &search->scratch;
    bool power = node->kind == GT_EXPRESSION_POWER;
    const gt_expression *base = power ? node->operands[0] : node;
    if (power) /* (1 - g**2)**2 */
        gt_search_try_at(
            search, gt_search_is_derivative(base) ? GT_MISTAKE_DERIVATIVE_TWICE : GT_MISTAKE_POWER,
            0, node, base, base);
    for (size_t i = power ? 0 : 1; i < sizeof exponents / sizeof *exponents; i++)
        gt_search_try_at(search, GT_MISTAKE_POWER, 0.05, node,
                         gt_expression_binary(arena, GT_EXPRESSION_POWER, base,
                                              gt_expression_new_number(arena, exponents[i])),
                         node);
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
