/*
 * Signs, constant factors and terms too many. What a wrong gradient becomes when
 * some part of a formula is multiplied by k is a straight line in k (or else the
 * repair does not fit): two points of it say which k is right.
 */
#include "diagnose/search.h"

#include <math.h>

/* Multiplying such an operand is multiplying the node above it, which is tried itself. */
static bool scales_with_parent(const gt_formula *node, const gt_formula *parent)
{
    if (parent == NULL || node->kind == GT_FORMULA_NUMBER)
        return false;
    switch (parent->kind) {
    case GT_FORMULA_NEGATE:
    case GT_FORMULA_MULTIPLY:
    case GT_FORMULA_MATMUL:
    case GT_FORMULA_TRANSPOSE:
    case GT_FORMULA_SLICE:
        return true;
    case GT_FORMULA_DIVIDE:
        return node == parent->operands[0];
    case GT_FORMULA_CALL:
        return parent->detail == GT_FUNCTION_SUM || parent->detail == GT_FUNCTION_MEAN;
    default:
        return false;
    }
}

/* The k for which the first wrong gradient is right, NAN if there is none. */
static double solve(gt_search *search, const gt_formula *place)
{
    gt_value at_0, at_1, truth;
    const gt_formula *nothing = gt_formula_binary(&search->scratch, GT_FORMULA_MULTIPLY,
                                                  gt_formula_number(&search->scratch, 0), place);
    if (nothing == NULL || !gt_search_outcome(search, search->root, &at_1, &truth) ||
        !gt_search_outcome(search, gt_formula_replace(&search->scratch, search->root, place, nothing), &at_0, &truth))
        return NAN;
    if (at_0.rows != truth.rows || at_0.columns != truth.columns || at_1.rows != truth.rows ||
        at_1.columns != truth.columns)
        return NAN;
    double up = 0, down = 0;
    for (size_t i = 0; i < (size_t)truth.rows * truth.columns; i++) {
        double slope = at_1.data[i] - at_0.data[i];
        up += (truth.data[i] - at_0.data[i]) * slope;
        down += slope * slope;
    }
    return down > 0 ? up / down : NAN;
}

/* A number that a person may have written: p / q with a small q; or k itself. */
static double round_factor(double k)
{
    for (int q = 1; q <= 12; q++)
        if (fabs(k * q - round(k * q)) < 1e-7 * fmax(1, fabs(k)))
            return round(k * q) / q;
    return k;
}

static const gt_formula *scaled(gt_arena *arena, const gt_formula *place, const gt_formula *factor)
{
    if (place->kind == GT_FORMULA_NUMBER && factor->kind == GT_FORMULA_NUMBER)
        return gt_formula_number(arena, place->number * factor->number);
    return gt_formula_binary(arena, GT_FORMULA_MULTIPLY, factor, place);
}

/* The sum without the operand. */
static const gt_formula *without(gt_arena *arena, const gt_formula *parent, const gt_formula *place)
{
    if (place == parent->operands[1])
        return parent->operands[0];
    return parent->kind == GT_FORMULA_ADD ? parent->operands[1]
                                          : gt_formula_unary(arena, GT_FORMULA_NEGATE, parent->operands[1]);
}

static void try_batch_size(gt_search *search, const gt_formula *place, double k)
{
    uint32_t m = gt_problem_find(search->problem, "m");
    if (m == GT_PROBLEM_NO_NAME || search->values[0][m].data == NULL)
        return;
    double size = search->values[0][m].data[0];
    const gt_formula *name = gt_formula_name(&search->scratch, m);
    if (fabs(k - size) < 1e-7 * size)
        gt_search_try_at(search, GT_MISTAKE_MEAN, 0, place,
                         gt_formula_binary(&search->scratch, GT_FORMULA_MULTIPLY, name, place), place);
    if (fabs(k * size - 1) < 1e-7)
        gt_search_try_at(search, GT_MISTAKE_FACTOR, 0, place,
                         gt_formula_binary(&search->scratch, GT_FORMULA_DIVIDE, place, name), place);
}

static void try_place(gt_search *search, const gt_search_place *at)
{
    gt_arena *arena = &search->scratch;
    double k = solve(search, at->node);
    if (!isfinite(k))
        return;
    k = round_factor(k);
    bool summand = at->parent != NULL &&
                   (at->parent->kind == GT_FORMULA_ADD || at->parent->kind == GT_FORMULA_SUBTRACT);
    if (k == 0 && summand)
        gt_search_try_at(search, GT_MISTAKE_EXTRA_TERM, 0, at->parent, without(arena, at->parent, at->node), at->node);
    if (k == 0)
        return;
    if (k == -1) {
        const gt_formula *negated = gt_formula_unary(arena, GT_FORMULA_NEGATE, at->node);
        if (negated != NULL)
            gt_search_try_at(search, GT_MISTAKE_SIGN, 0, at->node, negated, at->node);
        return;
    }
    try_batch_size(search, at->node, k);
    const gt_formula *factor = gt_formula_number(arena, k);
    if (factor == NULL)
        return;
    bool lone = at->node->kind == GT_FORMULA_NUMBER;
    bool becomes_one = lone && fabs(at->node->number * k - 1) < 1e-12 && at->parent != NULL &&
                       at->parent->kind == GT_FORMULA_MULTIPLY;
    if (becomes_one) /* 2 * a becomes a */
        gt_search_try_at(search, GT_MISTAKE_FACTOR, -0.1, at->parent,
                         at->parent->operands[at->parent->operands[0] == at->node], at->node);
    gt_search_try_at(search, GT_MISTAKE_FACTOR, lone ? 0 : 0.05, at->node, scaled(arena, at->node, factor), at->node);
}

void gt_repair_scale(gt_search *search)
{
    for (uint32_t i = 0; i < search->place_count; i++)
        if (!scales_with_parent(search->places[i].node, search->places[i].parent)) {
            gt_arena_mark mark = gt_arena_here(&search->scratch);
            try_place(search, &search->places[i]);
            gt_arena_return(&search->scratch, mark);
        }
}
