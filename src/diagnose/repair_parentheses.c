/*
 * Parentheses: a product that should cover a sum, or covers one that it should not.
 *
 * A sum is looked at as a list of terms. In any run of neighbouring terms, the
 * product in front of the first may have been meant to cover them all, or the
 * product behind the last.
 */
#include "diagnose/search.h"

enum { MOST_TERMS = 16, MOST_FACTORS = 16 };

typedef struct term {
    const gt_expression *formula;
    bool negative;
} term;

typedef struct sum {
    term terms[MOST_TERMS];
    uint32_t count;
} sum;

static void flatten_sum(const gt_expression *f, bool negative, sum *s)
{
    if (f->kind == GT_EXPRESSION_ADD || f->kind == GT_EXPRESSION_SUBTRACT) {
        flatten_sum(f->operands[0], negative, s);
        flatten_sum(f->operands[1], negative != (f->kind == GT_EXPRESSION_SUBTRACT), s);
    } else if (s->count < MOST_TERMS) {
        s->terms[s->count++] = (term){f, negative};
    }
}

static const gt_expression *build_sum(gt_arena *arena, const term *terms, uint32_t count)
{
    const gt_expression *f = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const gt_expression *next = terms[i].formula;
        if (f == NULL)
            f = terms[i].negative ? gt_expression_unary(arena, GT_EXPRESSION_NEGATE, next) : next;
        else
            f = gt_expression_binary(arena, terms[i].negative ? GT_EXPRESSION_SUBTRACT : GT_EXPRESSION_ADD, f, next);
    }
    return f;
}

/* ---- a product as a list ------------------------------------------------------------------- */

typedef struct product {
    const gt_expression *factors[MOST_FACTORS];
    gt_expression_kind before[MOST_FACTORS]; /* the operator before a factor: *, / or @ */
    uint32_t count;
} product;

static bool is_product(const gt_expression *f)
{
    return f->kind == GT_EXPRESSION_MULTIPLY || f->kind == GT_EXPRESSION_DIVIDE || f->kind == GT_EXPRESSION_MATMUL;
}

/* As it is written, from left to right; only the left operand is opened where the operator is not
 * *. */
static void flatten_product(const gt_expression *f, gt_expression_kind before, product *p)
{
    if (is_product(f)) {
        flatten_product(f->operands[0], before, p);
        if (f->kind == GT_EXPRESSION_MULTIPLY) {
            flatten_product(f->operands[1], f->kind, p);
            return;
        }
        before = f->kind;
        f = f->operands[1];
    }
    if (p->count < MOST_FACTORS) {
        p->factors[p->count] = f;
        p->before[p->count++] = before;
    }
}

static const gt_expression *build_product(gt_arena *arena, const product *p, uint32_t from, uint32_t to)
{
    const gt_expression *f = NULL;
    for (uint32_t i = from; i < to; i++)
        f = f == NULL ? p->factors[i] : gt_expression_binary(arena, p->before[i], f, p->factors[i]);
    return f;
}

/* ---- too few ------------------------------------------------------------------------------- */

static void try_replaced(gt_search *search, const gt_expression *place, const sum *s, uint32_t from, uint32_t to,
                         const gt_expression *covered)
{
    sum changed = {.count = 0};
    for (uint32_t i = 0; i < s->count; i++) {
        if (i == from)
            changed.terms[changed.count++] = (term){covered, false};
        if (i < from || i >= to)
            changed.terms[changed.count++] = s->terms[i];
    }
    if (covered != NULL)
        gt_search_try_at(search, GT_MISTAKE_PARENTHESES, 0, place,
                         build_sum(&search->scratch, changed.terms, changed.count), covered);
}

/* a * b + c as a * (b + c): terms from to to - 1, the product of the first opened before factor k.
 */
static void try_cover_right(gt_search *search, const gt_expression *place, const sum *s, uint32_t from, uint32_t to)
{
    gt_arena *arena = &search->scratch;
    product p = {.count = 0};
    flatten_product(s->terms[from].formula, GT_EXPRESSION_MULTIPLY, &p);
    for (uint32_t k = 1; k < p.count; k++) {
        sum inner = {.count = 0};
        inner.terms[inner.count++] = (term){build_product(arena, &p, k, p.count), false};
        for (uint32_t i = from + 1; i < to; i++)
            inner.terms[inner.count++] = s->terms[i];
        const gt_expression *covered = gt_expression_binary(arena, p.before[k], build_product(arena, &p, 0, k),
                                                            build_sum(arena, inner.terms, inner.count));
        if (s->terms[from].negative)
            covered = gt_expression_unary(arena, GT_EXPRESSION_NEGATE, covered);
        try_replaced(search, place, s, from, to, covered);
    }
}

/* a + b * c as (a + b) * c */
static void try_cover_left(gt_search *search, const gt_expression *place, const sum *s, uint32_t from, uint32_t to)
{
    gt_arena *arena = &search->scratch;
    product p = {.count = 0};
    flatten_product(s->terms[to - 1].formula, GT_EXPRESSION_MULTIPLY, &p);
    for (uint32_t k = 1; k < p.count; k++) {
        sum inner = {.count = 0};
        for (uint32_t i = from; i + 1 < to; i++)
            inner.terms[inner.count++] = s->terms[i];
        inner.terms[inner.count++] = (term){build_product(arena, &p, 0, k), s->terms[to - 1].negative};
        const gt_expression *covered = build_sum(arena, inner.terms, inner.count);
        for (uint32_t j = k; j < p.count; j++)
            covered = gt_expression_binary(arena, p.before[j], covered, p.factors[j]);
        try_replaced(search, place, s, from, to, covered);
    }
}

/* a * b + c * d as a * (b + c) * d */
static void try_cover_both(gt_search *search, const gt_expression *place, const sum *s, uint32_t from, uint32_t to)
{
    gt_arena *arena = &search->scratch;
    product first = {.count = 0}, last = {.count = 0};
    flatten_product(s->terms[from].formula, GT_EXPRESSION_MULTIPLY, &first);
    flatten_product(s->terms[to - 1].formula, GT_EXPRESSION_MULTIPLY, &last);
    for (uint32_t k = 1; k < first.count; k++)
        for (uint32_t l = 1; l < last.count; l++) {
            sum inner = {.count = 0};
            inner.terms[inner.count++] = (term){build_product(arena, &first, k, first.count), false};
            for (uint32_t i = from + 1; i + 1 < to; i++)
                inner.terms[inner.count++] = s->terms[i];
            inner.terms[inner.count++] = (term){build_product(arena, &last, 0, l), s->terms[to - 1].negative};
            const gt_expression *covered = gt_expression_binary(
                arena, first.before[k], build_product(arena, &first, 0, k), build_sum(arena, inner.terms, inner.count));
            for (uint32_t j = l; j < last.count; j++)
                covered = gt_expression_binary(arena, last.before[j], covered, last.factors[j]);
            if (s->terms[from].negative)
                covered = gt_expression_unary(arena, GT_EXPRESSION_NEGATE, covered);
            try_replaced(search, place, s, from, to, covered);
        }
}

static void try_sum(gt_search *search, const gt_expression *place)
{
    sum s = {.count = 0};
    flatten_sum(place, false, &s);
    for (uint32_t from = 0; from < s.count; from++)
        for (uint32_t to = from + 2; to <= s.count; to++) {
            gt_arena_mark mark = gt_arena_here(&search->scratch);
            try_cover_right(search, place, &s, from, to);
            try_cover_left(search, place, &s, from, to);
            try_cover_both(search, place, &s, from, to);
            gt_arena_return(&search->scratch, mark);
        }
    /* a - b + c as a - (b + c): the signs after one minus all change. */
    for (uint32_t from = 1; from + 1 < s.count; from++) {
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        sum changed = s;
        for (uint32_t i = from + 1; i < s.count; i++)
            changed.terms[i].negative = !s.terms[i].negative;
        if (s.terms[from].negative && s.count - from > 2)
            gt_search_try_at(search, GT_MISTAKE_PARENTHESES, 0, place,
                             build_sum(&search->scratch, changed.terms, changed.count), place);
        gt_arena_return(&search->scratch, mark);
    }
}

/* ---- too many ------------------------------------------------------------------------------ */

/* prefix * opened * suffix, the factors outside of from to to - 1 being as they are. */
static const gt_expression *within(gt_arena *arena, const product *p, uint32_t from, uint32_t to,
                                   const gt_expression *opened)
{
    const gt_expression *f = opened;
    if (from > 0 && f != NULL)
        f = gt_expression_binary(arena, p->before[from], build_product(arena, p, 0, from), f);
    for (uint32_t i = to; i < p->count; i++)
        f = gt_expression_binary(arena, p->before[i], f, p->factors[i]);
    return f;
}

/*
 * The sum that is factor k opened: of the factors from to to - 1 those before it go with its
 * first part and those behind with its last, or all of them with one of the two.
 */
static void try_opened_within(gt_search *search, const gt_expression *place, const product *p, uint32_t k,
                              uint32_t from, uint32_t to)
{
    gt_arena *arena = &search->scratch;
    product left = *p, right = *p;
    left.factors[k] = p->factors[k]->operands[0];
    right.factors[k] = p->factors[k]->operands[1];
    const struct {
        uint32_t left_from, left_to, right_from, right_to;
    } ways[] = {{from, k + 1, k, to}, {from, to, k, k + 1}, {k, k + 1, from, to}};
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        const gt_expression *opened = gt_expression_binary(
            arena, p->factors[k]->kind, build_product(arena, &left, ways[w].left_from, ways[w].left_to),
            build_product(arena, &right, ways[w].right_from, ways[w].right_to));
        gt_search_try_at(search, GT_MISTAKE_PARENTHESES, 0.1, place, within(arena, p, from, to, opened), place);
    }
}

/* a * (b + c) as a * b + c; (a + b) * c as a + b * c. */
static void try_opened(gt_search *search, const gt_expression *place)
{
    product p = {.count = 0};
    flatten_product(place, GT_EXPRESSION_MULTIPLY, &p);
    for (uint32_t k = 0; k < p.count; k++) {
        if (p.factors[k]->kind != GT_EXPRESSION_ADD && p.factors[k]->kind != GT_EXPRESSION_SUBTRACT)
            continue;
        for (uint32_t from = 0; from <= k; from++)
            for (uint32_t to = k + 1; to <= p.count; to++) {
                gt_arena_mark mark = gt_arena_here(&search->scratch);
                try_opened_within(search, place, &p, k, from, to);
                gt_arena_return(&search->scratch, mark);
            }
    }
}

/* (1 - v)**2 as 1 - v**2, and back. */
static void try_power(gt_search *search, const gt_expression *node)
{
    gt_arena *arena = &search->scratch;
    const gt_expression *base = node->operands[0], *exponent = node->operands[1];
    if (base->kind != GT_EXPRESSION_ADD && base->kind != GT_EXPRESSION_SUBTRACT)
        return;
    gt_search_try_at(
        search, GT_MISTAKE_PARENTHESES, 0, node,
        gt_expression_binary(arena, base->kind, base->operands[0],
                             gt_expression_binary(arena, GT_EXPRESSION_POWER, base->operands[1], exponent)),
        node);
}

static void try_covered_power(gt_search *search, const gt_expression *node)
{
    gt_arena *arena = &search->scratch;
    const gt_expression *right = node->operands[1];
    if (right->kind == GT_EXPRESSION_POWER)
        gt_search_try_at(
            search, GT_MISTAKE_PARENTHESES, 0, node,
            gt_expression_binary(arena, GT_EXPRESSION_POWER,
                                 gt_expression_binary(arena, node->kind, node->operands[0], right->operands[0]),
                                 right->operands[1]),
            node);
}

void gt_repair_parentheses(gt_search *search)
{
    for (uint32_t i = 0; i < search->place_count; i++) {
        const gt_search_place *at = &search->places[i];
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        bool is_sum = at->node->kind == GT_EXPRESSION_ADD || at->node->kind == GT_EXPRESSION_SUBTRACT;
        bool within_sum =
            at->parent != NULL && (at->parent->kind == GT_EXPRESSION_ADD || at->parent->kind == GT_EXPRESSION_SUBTRACT);
        if (is_sum && !within_sum)
            try_sum(search, at->node);
        if (is_sum)
            try_covered_power(search, at->node);
        if (is_product(at->node) && (at->parent == NULL || !is_product(at->parent)))
            try_opened(search, at->node);
        if (at->node->kind == GT_EXPRESSION_POWER)
            try_power(search, at->node);
        gt_arena_return(&search->scratch, mark);
    }
}
