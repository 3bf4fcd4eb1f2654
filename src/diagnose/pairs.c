/*
 * One or two slips in a formula of which the value is known.
 *
 * Two slips are in the two operands of some operation, or one of them is in the
 * operation itself. Repairs of either operand are evaluated once each; which two
 * fit together is seen in one entry, and then confirmed in all of them.
 */
#include "diagnose/search.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Of an operand and of a place; what costs more is left out. */
enum { MOST_OF_OPERAND = 2500, MOST_AT_PLACE = 80 };

/* ---- the state of a search put aside ------------------------------------------------------- */

typedef struct aside {
    const gt_expression *root;
    const gt_value *target;
    gt_candidates *candidates;
    gt_mistake best;
    double best_cost;
    uint64_t kinds;
} aside;

static aside put_aside(gt_search *search, const gt_value *target, gt_candidates *candidates)
{
    aside kept = {search->root, search->target, search->candidates, search->best, search->best_cost, search->kinds};
    search->target = target;
    search->candidates = candidates;
    search->best = (gt_mistake){0};
    search->best_cost = INFINITY;
    search->kinds = 0;
    return kept;
}

static void restore(gt_search *search, const aside *kept)
{
    search->root = kept->root;
    search->target = kept->target;
    search->candidates = kept->candidates;
    search->best = kept->best;
    search->best_cost = kept->best_cost;
    search->kinds = kept->kinds;
    search->wording = NULL;
}

bool gt_search_single(gt_search *search, const gt_expression *root, const gt_value *target, gt_mistake *mistake)
{
    aside kept = put_aside(search, target, NULL);
    gt_search_catalogue(search, root);
    bool found = search->best.kind != GT_MISTAKE_NONE;
    if (found)
        *mistake = search->best;
    restore(search, &kept);
    return found;
}

void gt_search_collect(gt_search *search, const gt_expression *root, gt_candidates *candidates)
{
    aside kept = put_aside(search, NULL, candidates);
    gt_search_catalogue(search, root);
    restore(search, &kept);
    search->scratch.failed = search->scratch.failed || candidates->failed;
}

void gt_candidates_free(gt_candidates *candidates)
{
    gt_memory_free(candidates->list);
    gt_arena_free(&candidates->arena);
    *candidates = (gt_candidates){0};
}

/* ---- repairs of one operand ---------------------------------------------------------------- */

static void collect(gt_search *search, const gt_expression *root, gt_candidates *candidates)
{
    gt_search_collect(search, root, candidates);
    if (candidates->count > MOST_OF_OPERAND)
        candidates->count = MOST_OF_OPERAND;
}

/* ---- two operands -------------------------------------------------------------------------- */

typedef struct pair {
    gt_search *search;
    const gt_value *target; /* of the whole */
    const gt_expression *root;
    double cost;
    gt_mistake *mistake;
} pair;

static bool is_exhausted(const gt_search *search)
{
    uint64_t most = search->question->several ? GT_SEARCH_MOST_TRIED / 20 : GT_SEARCH_MOST_TRIED;
    return search->tried > most || search->scratch.failed;
}

/* Whether the formula has the target's values on both samples. */
static bool is_right(gt_search *search, const gt_expression *formula, const gt_value *target)
{
    gt_arena_mark mark = gt_arena_here(&search->scratch);
    bool right = formula != NULL;
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES && right; s++) {
        gt_value value;
        double scale = fmax(gt_value_magnitude(target[s]), 1e-3);
        right = gt_expression_evaluate(&search->scratch, formula, search->values[s], &value) &&
                gt_value_distance(value, target[s]) <= search->question->tolerance * scale;
    }
    gt_arena_return(&search->scratch, mark);
    return right;
}

/* Two of these together can make nearly anything of nearly anything. */
static bool is_arbitrary(gt_mistake_kind kind)
{
    return kind == GT_MISTAKE_MISSING_TERM || kind == GT_MISTAKE_MISSING_STATE || kind == GT_MISTAKE_WRONG_NAME ||
           kind == GT_MISTAKE_PARENTHESES || kind == GT_MISTAKE_MISSING_FACTOR || kind == GT_MISTAKE_EXTRA_FACTOR ||
           kind == GT_MISTAKE_DIVIDED;
}

static bool is_missing(gt_mistake_kind kind)
{
    return kind == GT_MISTAKE_MISSING_TERM || kind == GT_MISTAKE_MISSING_STATE;
}

/* A term for another: all of it is another formula. */
static bool is_exchange(const gt_slip_part *a, const gt_slip_part *b)
{
    return (is_missing(a->kind) && b->kind == GT_MISTAKE_EXTRA_TERM) ||
           (is_missing(b->kind) && a->kind == GT_MISTAKE_EXTRA_TERM);
}

static double cost_together(const gt_slip_part *a, const gt_slip_part *b)
{
    double cost = a->kind == b->kind ? -0.3 : 0; /* the same slip twice is likelier */
    return cost + 0.6 * is_arbitrary(a->kind) + 0.6 * is_arbitrary(b->kind);
}

static void accept(pair *p, const gt_expression *formula, const gt_slip_part *a, const gt_slip_part *b, double cost)
{
    cost += cost_together(a, b);
    if (is_exchange(a, b) || !(cost < p->cost) || formula == NULL || formula->count == 0 ||
        !is_right(p->search, formula, p->target))
        return;
    gt_search *search = p->search;
    const gt_slip_part *both[] = {a, b};
    gt_mistake mistake = {.kind = GT_MISTAKE_SEVERAL,
                          .equation = search->equation,
                          .repaired = gt_search_keep(search, gt_expression_tidy(&search->question->arena, formula)),
                          .part_count = 2,
                          .cost = cost};
    for (unsigned i = 0; i < 2; i++)
        mistake.parts[i] = (gt_slip_part){both[i]->kind, both[i]->wording, gt_search_keep(search, both[i]->place),
                                          gt_search_keep(search, both[i]->about)};
    p->cost = cost;
    *p->mistake = mistake;
}

/* What the operation makes of the first entries. */
static double first_entry(const gt_expression *f, gt_value a, gt_value b)
{
    double sum = 0;
    switch (f->kind) {
    case GT_EXPRESSION_ADD:
        return a.data[0] + b.data[0];
    case GT_EXPRESSION_SUBTRACT:
        return a.data[0] - b.data[0];
    case GT_EXPRESSION_MULTIPLY:
        return a.data[0] * b.data[0];
    case GT_EXPRESSION_DIVIDE:
        return a.data[0] / b.data[0];
    case GT_EXPRESSION_MATMUL:
        for (uint32_t k = 0; a.columns == b.rows && k < a.columns; k++)
            sum += a.data[(size_t)k * a.rows] * b.data[k];
        return a.columns == b.rows ? sum : NAN;
    default:
        return NAN;
    }
}

static const gt_expression *with_operands(gt_arena *arena, const gt_expression *f, const gt_expression *a,
                                          const gt_expression *b)
{
    gt_expression *copy = gt_expression_like(arena, f, 2);
    if (copy != NULL) {
        copy->operands[0] = a;
        copy->operands[1] = b;
    }
    return copy;
}

/* target: what the node should be. */
static void join_operands(pair *p, const gt_expression *node, const gt_value *target)
{
    gt_search *search = p->search;
    gt_candidates left = {0}, right = {0};
    collect(search, node->operands[0], &left);
    collect(search, node->operands[1], &right);
    double wanted = target[0].data[0], slack = 1e-9 * fmax(gt_value_magnitude(target[0]), 1e-3);
    for (size_t i = 0; i < left.count && !is_exhausted(search); i++)
        for (size_t j = 0; j < right.count; j++) {
            const gt_candidate *a = &left.list[i], *b = &right.list[j];
            if (!(fabs(first_entry(node, a->value, b->value) - wanted) <= slack) || a->cost + b->cost >= p->cost)
                continue;
            gt_arena_mark mark = gt_arena_here(&search->scratch);
            const gt_expression *joined = with_operands(&search->scratch, node, a->formula, b->formula);
            accept(p, gt_expression_replace(&search->scratch, p->root, node, joined), &a->part, &b->part,
                   a->cost + b->cost);
            gt_arena_return(&search->scratch, mark);
        }
    gt_candidates_free(&left);
    gt_candidates_free(&right);
}

/* ---- one slip at the node, the other anywhere in it ---------------------------------------- */

static bool is_at(const gt_candidate *c, const gt_expression *node)
{
    return c->part.place == NULL || gt_expression_equal(c->part.place, node);
}

static void change_node(pair *p, const gt_expression *node, const gt_value *target)
{
    gt_search *search = p->search;
    gt_candidates all = {0};
    collect(search, node, &all);
    uint32_t done = 0;
    for (size_t i = 0; i < all.count && done < MOST_AT_PLACE && !is_exhausted(search); i++) {
        const gt_candidate *c = &all.list[i];
        gt_mistake inner;
        if (!is_at(c, node) || c->cost + 1 >= p->cost)
            continue;
        done++;
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        if (gt_search_single(search, c->formula, target, &inner) && inner.kind != GT_MISTAKE_MISSING_TERM &&
            inner.kind != GT_MISTAKE_MISSING_STATE)
            accept(p, gt_expression_replace(&search->scratch, p->root, node, inner.repaired), &c->part, &inner.parts[0],
                   c->cost + inner.cost);
        gt_arena_return(&search->scratch, mark);
    }
    gt_candidates_free(&all);
}

/* ---- down the tree -------------------------------------------------------------------------- */

/* What an operand should be, the other one being right. */
static bool target_of_operand(gt_search *search, const gt_expression *node, unsigned which, const gt_value *target,
                              gt_value *of_operand)
{
    for (unsigned s = 0; s < GT_QUESTION_SAMPLES; s++) {
        gt_value other = gt_value_of(1, 1, (const double[]){0});
        bool unary = node->kind == GT_EXPRESSION_NEGATE;
        if (!unary && !gt_expression_evaluate(&search->scratch, node->operands[1 - which], search->values[s], &other))
            return false;
        size_t count = (size_t)target[s].rows * target[s].columns;
        bool whole = other.rows == target[s].rows && other.columns == target[s].columns;
        if (!whole && (other.rows != 1 || other.columns != 1))
            return false;
        double *data = gt_arena_new(&search->scratch, count, sizeof *data);
        for (size_t k = 0; data != NULL && k < count; k++) {
            double t = target[s].data[k], o = other.data[whole ? k : 0];
            data[k] = unary                                  ? -t
                      : node->kind == GT_EXPRESSION_ADD      ? t - o
                      : node->kind == GT_EXPRESSION_SUBTRACT ? (which == 0 ? t + o : o - t)
                      : node->kind == GT_EXPRESSION_MULTIPLY ? t / o
                      : which == 0                           ? t * o
                                                             : o / t;
            if (!isfinite(data[k]))
                return false;
        }
        of_operand[s] = target[s];
        of_operand[s].data = data;
        if (data == NULL)
            return false;
    }
    return true;
}

static bool is_invertible(const gt_expression *node)
{
    return node->kind == GT_EXPRESSION_ADD || node->kind == GT_EXPRESSION_SUBTRACT ||
           node->kind == GT_EXPRESSION_MULTIPLY || node->kind == GT_EXPRESSION_DIVIDE ||
           node->kind == GT_EXPRESSION_NEGATE;
}

static void look_for_pair(pair *p, const gt_expression *node, const gt_value *target)
{
    gt_search *search = p->search;
    if (is_exhausted(search))
        return;
    if (node->count == 2 && (is_invertible(node) || node->kind == GT_EXPRESSION_MATMUL))
        join_operands(p, node, target);
    for (unsigned which = 0; which < node->count && is_invertible(node); which++) {
        gt_arena_mark mark = gt_arena_here(&search->scratch);
        gt_value of_operand[GT_QUESTION_SAMPLES];
        if (node->operands[which]->count > 0 && target_of_operand(search, node, which, target, of_operand))
            look_for_pair(p, node->operands[which], of_operand);
        gt_arena_return(&search->scratch, mark);
    }
}

bool gt_search_pair(gt_search *search, const gt_expression *root, const gt_value *target, gt_mistake *mistake)
{
    pair p = {search, target, root, INFINITY, mistake};
    gt_arena_mark mark = gt_arena_here(&search->scratch);
    if (root->count > 0) { /* a name alone is not two slips away from anything */
        look_for_pair(&p, root, target);
        change_node(&p, root, target);
    }
    gt_arena_return(&search->scratch, mark);
    return isfinite(p.cost);
}
