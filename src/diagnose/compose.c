/*
 * Several slips in one equation. A formula that is right is known, from the
 * reverse replay; term by term it is compared with what is written. Terms that
 * are in both are right; of the others each is repaired by itself.
 */
#include "diagnose/search.h"

#include <math.h>
#include <string.h>

/* Formulas of fewer nodes together are said in one sentence. */
enum { MOST_TERMS = 16, SHORT = 20 };

typedef struct term {
    const gt_expression *formula; /* its sign in it */
    gt_value value[GT_QUESTION_SAMPLES];
    const gt_expression *repaired; /* NULL: not yet known; what it should be */
    bool taken;
} term;

typedef struct terms {
    term list[MOST_TERMS];
    uint32_t count;
    bool failed; /* too many, or some have no value */
} terms;

typedef struct work {
    gt_search *search;
    gt_arena *arena; /* of the question */
    gt_value target[GT_QUESTION_SAMPLES];
    gt_mistake *mistake;
    uint32_t slips; /* also those that are no longer listed */
} work;

/* ---- a sum as a list ------------------------------------------------------------------------ */

static const gt_expression *signed_term(gt_arena *arena, const gt_expression *f, bool negative)
{
    return negative ? gt_expression_tidy(arena, gt_expression_unary(arena, GT_EXPRESSION_NEGATE, f)) : f;
}

static void add_term(work *w, terms *t, const gt_expression *f, bool negative)
{
    if (t->count == MOST_TERMS) {
        t->failed = true;
        return;
    }
    term *new = &t->list[t->count++];
    *new = (term){.formula = signed_term(w->arena, f, negative)};
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES && !t->failed; s++)
        t->failed = new->formula == NULL ||
                    !gt_expression_evaluate(w->arena, new->formula, w->search->values[s], &new->value[s]);
}

static bool is_sum(const gt_expression *f)
{
    return f->kind == GT_EXPRESSION_ADD || f->kind == GT_EXPRESSION_SUBTRACT;
}

/* The first of the factors that is a sum of the gradients' kind: 1 - E, which belongs to one
 * derivative, stays together. */
static const gt_expression *sum_within(const gt_expression *f)
{
    if (is_sum(f))
        return gt_search_is_derivative(f) ? NULL : f;
    if (f->kind == GT_EXPRESSION_NEGATE)
        return sum_within(f->operands[0]);
    if (f->kind == GT_EXPRESSION_DIVIDE)
        return sum_within(f->operands[0]);
    if (f->kind != GT_EXPRESSION_MULTIPLY)
        return NULL;
    const gt_expression *left = sum_within(f->operands[0]);
    return left != NULL ? left : sum_within(f->operands[1]);
}

/* expand: products with sums are multiplied out. */
static void list_terms(work *w, terms *t, const gt_expression *f, bool negative, bool expand)
{
    t->failed = t->failed || f == NULL;
    if (t->failed)
        return;
    const gt_expression *inner = expand && !is_sum(f) ? sum_within(f) : NULL;
    if (is_sum(f)) {
        list_terms(w, t, f->operands[0], negative, expand);
        list_terms(w, t, f->operands[1], negative != (f->kind == GT_EXPRESSION_SUBTRACT), expand);
    } else if (f->kind == GT_EXPRESSION_NEGATE) {
        list_terms(w, t, f->operands[0], !negative, expand);
    } else if (inner != NULL) {
        bool minus = inner->kind == GT_EXPRESSION_SUBTRACT;
        list_terms(w, t, gt_expression_replace(w->arena, f, inner, inner->operands[0]), negative, true);
        list_terms(w, t, gt_expression_replace(w->arena, f, inner, inner->operands[1]), negative != minus, true);
    } else {
        add_term(w, t, f, negative);
    }
}

/* ---- matching ------------------------------------------------------------------------------- */

static bool same(const work *w, const term *a, const term *b)
{
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES; s++) {
        double scale = fmax(gt_value_magnitude(b->value[s]), 1e-3);
        if (!(gt_value_distance(a->value[s], b->value[s]) <= w->search->question->tolerance * scale))
            return false;
    }
    return true;
}

static void match_equal(const work *w, terms *written, terms *right)
{
    for (uint32_t i = 0; i < written->count; i++)
        for (uint32_t j = 0; j < right->count && written->list[i].repaired == NULL; j++)
            if (!right->list[j].taken && same(w, &written->list[i], &right->list[j])) {
                written->list[i].repaired = written->list[i].formula;
                right->list[j].taken = true;
            }
}

static void add_part(work *w, const gt_slip_part *part)
{
    w->slips++;
    for (uint32_t i = 0; i < w->mistake->part_count; i++) {
        const gt_slip_part *known = &w->mistake->parts[i];
        bool alike = known->kind == part->kind && ((known->about == NULL) == (part->about == NULL)) &&
                     (part->about == NULL || gt_expression_equal(known->about, part->about));
        if (alike)
            return;
    }
    if (w->mistake->part_count < GT_MISTAKE_PARTS)
        w->mistake->parts[w->mistake->part_count++] = *part;
}

static void take(work *w, term *written, term *right, const gt_mistake *m)
{
    written->repaired = m->repaired;
    right->taken = true;
    for (uint32_t i = 0; i < m->part_count; i++)
        add_part(w, &m->parts[i]);
}

typedef bool repair_function(gt_search *search, const gt_expression *root, const gt_value *target, gt_mistake *mistake);

/* Two that are left go together if the one is the other but for the slips that are looked for. */
static void match_repaired(work *w, terms *written, terms *right, repair_function *repair)
{
    for (uint32_t i = 0; i < written->count; i++) {
        uint32_t best = UINT32_MAX;
        gt_mistake of_best = {0};
        for (uint32_t j = 0; j < right->count && written->list[i].repaired == NULL; j++) {
            gt_mistake m;
            if (right->list[j].taken || !repair(w->search, written->list[i].formula, right->list[j].value, &m) ||
                m.parts[0].kind == GT_MISTAKE_MISSING_TERM || m.parts[0].kind == GT_MISTAKE_MISSING_STATE)
                continue;
            if (best == UINT32_MAX || m.cost < of_best.cost) {
                best = j;
                of_best = m;
            }
        }
        if (best != UINT32_MAX)
            take(w, &written->list[i], &right->list[best], &of_best);
    }
}

/* What is left on either side: one for the other, missing, too many. */
static void match_rest(work *w, terms *written, terms *right)
{
    uint32_t j = 0;
    for (uint32_t i = 0; i < written->count; i++) {
        if (written->list[i].repaired != NULL)
            continue;
        while (j < right->count && right->list[j].taken)
            j++;
        gt_slip_part part = {GT_MISTAKE_EXTRA_TERM, NULL, NULL, written->list[i].formula};
        if (j < right->count) {
            part = (gt_slip_part){GT_MISTAKE_OTHER_FORMULA, "%w should be %a", written->list[i].formula,
                                  right->list[j].formula};
            written->list[i].repaired = right->list[j].formula;
            right->list[j].taken = true;
        }
        add_part(w, &part);
    }
    for (; j < right->count; j++)
        if (!right->list[j].taken) {
            gt_slip_part part = {GT_MISTAKE_MISSING_TERM, NULL, NULL, right->list[j].formula};
            add_part(w, &part);
        }
}

static const gt_expression *sum_of(work *w, const terms *written, const terms *right)
{
    const gt_expression *sum = NULL;
    for (uint32_t i = 0; i < written->count + right->count; i++) {
        const bool own = i < written->count;
        const term *t = own ? &written->list[i] : &right->list[i - written->count];
        const gt_expression *next = own ? t->repaired : t->taken ? NULL : t->formula;
        if (next != NULL)
            sum = sum == NULL ? next : gt_expression_binary(w->arena, GT_EXPRESSION_ADD, sum, next);
    }
    return sum == NULL ? NULL : gt_expression_tidy(w->arena, sum);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static bool is_right(const work *w, const gt_expression *formula)
{
    bool right = formula != NULL;
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES && right; s++) {
        gt_value value;
        double scale = fmax(gt_value_magnitude(w->target[s]), 1e-3);
        right = gt_expression_evaluate(w->arena, formula, w->search->values[s], &value) &&
                gt_value_distance(value, w->target[s]) <= w->search->question->tolerance * scale;
    }
    return right;
}

/* Term by term. A term that is altogether another one is no explanation: false. */
static bool by_terms(work *w, const gt_expression *written, const gt_expression *right, bool expand)
{
    terms a = {.count = 0}, b = {.count = 0};
    list_terms(w, &a, written, false, expand);
    list_terms(w, &b, right, false, true);
    if (a.failed || b.failed || (a.count < 2 && b.count < 2))
        return false;
    gt_mistake before = *w->mistake;
    w->slips = 0;
    match_equal(w, &a, &b);
    match_repaired(w, &a, &b, gt_search_single);
    match_repaired(w, &a, &b, gt_search_pair);
    bool understood = false;
    for (uint32_t i = 0; i < a.count; i++)
        understood = understood || a.list[i].repaired != NULL;
    match_rest(w, &a, &b);
    uint32_t replaced = 0;
    for (uint32_t i = 0; i < w->mistake->part_count; i++)
        replaced += w->mistake->parts[i].kind == GT_MISTAKE_OTHER_FORMULA;
    const gt_expression *sum = sum_of(w, &a, &b);
    if (understood && replaced <= 1 && w->mistake->part_count > 0 && is_right(w, sum)) {
        w->mistake->kind = w->mistake->part_count > 1 ? GT_MISTAKE_SEVERAL : w->mistake->parts[0].kind;
        w->mistake->repaired = gt_search_keep(w->search, sum);
        return w->mistake->repaired != NULL;
    }
    *w->mistake = before;
    return false;
}

void gt_search_compose(gt_search *search, uint32_t equation, const gt_expression *right, gt_mistake *mistake)
{
    work w = {.search = search, .arena = &search->question->arena, .mistake = mistake};
    const gt_question_equation *e = &search->question->equations[equation];
    const gt_expression *written = search->formulas[equation];
    gt_mistake parts = {0};
    search->equation = equation;
    *mistake = (gt_mistake){.kind = GT_MISTAKE_OTHER_FORMULA,
                            .equation = equation,
                            .line = e->line,
                            .column = e->column,
                            .written = written,
                            .repaired = right,
                            .parts = {{GT_MISTAKE_OTHER_FORMULA, "%w should be %a", written, right}},
                            .part_count = gt_expression_size(written) + gt_expression_size(right) < SHORT};
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES; s++)
        if (!gt_expression_evaluate(w.arena, right, search->values[s], &w.target[s]))
            return;
    if (gt_search_single(search, written, w.target, &parts) ||
        (!is_sum(written) && gt_search_pair(search, written, w.target, &parts))) {
        mistake->kind = parts.kind;
        memcpy(mistake->parts, parts.parts, sizeof parts.parts);
        mistake->part_count = parts.part_count;
        mistake->repaired = parts.repaired;
        return;
    }
    if (!by_terms(&w, written, right, false) && !by_terms(&w, written, right, true) && is_sum(written) &&
        gt_search_pair(search, written, w.target, &parts)) {
        mistake->kind = parts.kind;
        memcpy(mistake->parts, parts.parts, sizeof parts.parts);
        mistake->part_count = parts.part_count;
        mistake->repaired = parts.repaired;
    }
}
