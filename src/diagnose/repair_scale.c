/*
 * Signs, constant factors and terms too many. What a wrong gradient becomes when
 * some part of a formula is multiplied by k is a straight line in k (or else the
 * repair does not fit): two points of it say which k is right.
 */
#include "diagnose/search.h"

#include <math.h>

/* Multiplying such an operand is multiplying the node above it, which is tried itself. */
static bool scales_with_parent(const gt_expression *node, const gt_expression *parent)
{
    if (parent == NULL || node->kind == GT_EXPRESSION_NUMBER)
        return false;
    switch (parent->kind) {
    case GT_EXPRESSION_NEGATE:
    case GT_EXPRESSION_MULTIPLY:
    case GT_EXPRESSION_MATMUL:
    case GT_EXPRESSION_TRANSPOSE:
    case GT_EXPRESSION_SLICE:
        return true;
    case GT_EXPRESSION_DIVIDE:
        return node == parent->operands[0];
    case GT_EXPRESSION_CALL:
        return parent->detail == GT_FUNCTION_SUM || parent->detail == GT_FUNCTION_MEAN;
    default:
        return false;
    }
}

/* The k for which the first wrong gradient is right, NAN if there is none. */
static double solve(gt_search *search, const gt_expression *place)
{
    gt_value at_0, at_1, truth;
    const gt_expression *nothing =
        gt_expression_binary(&search->scratch, GT_EXPRESSION_MULTIPLY,
                             gt_expression_new_number(&search->scratch, 0), place);
    if (nothing == NULL || !gt_search_outcome(search, search->root, &at_1, &truth) ||
        !gt_search_outcome(search,
                           gt_expression_replace(&search->scratch, search->root, place, nothing),
                           &at_0, &truth))
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

static const gt_expression *scaled(gt_arena *arena, const gt_expression *place,
                                   const gt_expression *factor)
{
    if (place->kind == GT_EXPRESSION_NUMBER && factor->kind == GT_EXPRESSION_NUMBER)
        return gt_expression_new_number(arena, place->number * factor->number);
    return gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, factor, place);
}

/* The sum without the operand. */
static const gt_expression *without(gt_arena *arena, const gt_expression *parent,
                                    const gt_expression *place)
{
    if (place == parent->operands[1])
        return parent->operands[0];
    return parent->kind == GT_EXPRESSION_ADD
               ? parent->operands[1]
               : gt_expression_unary(arena, GT_EXPRESSION_NEGATE, parent->operands[1]);
}

static void try_batch_size(gt_search *search, const gt_expression *place, double k)
{
    uint32_t m = gt_problem_find(search->problem, "m");
    if (m == GT_PROBLEM_NO_NAME || search->values[0][m].data == NULL)
        return;
    double size = search->values[0][m].data[0];
    const gt_expression *name = gt_expression_new_name(&search->scratch, m);
    if (fabs(k - size) < 1e-7 * size)
        gt_search_try_at(
            search, GT_MISTAKE_MEAN, 0, place,
            gt_expression_binary(&search->scratch, GT_EXPRESSION_MULTIPLY, name, place), place);
    if (fabs(k * size - 1) < 1e-7)
        gt_search_try_at(search, GT_MISTAKE_FACTOR, 0, place,
                         gt_expression_binary(&search->scratch, GT_EXPRESSION_DIVIDE, place, name),
                         place);
}

static void try_place(gt_search *search, const gt_search_place *at)
{
    gt_arena *arena = &search->scratch;
    double k = solve(search, at->node);
    if (!isfinite(k))
        return;
    k = round_factor(k);
    bool summand = at->parent != NULL && (at->parent->kind == GT_EXPRESSION_ADD ||
                                          at->parent->kind == GT_EXPRESSION_SUBTRACT);
    if (k == 0 && summand)
        gt_search_try_at(search, GT_MISTAKE_EXTRA_TERM, 0, at->parent,
                         without(arena, at->parent, at->node), at->node);
    if (k == 0)
        return;
    if (k == -1) {
        const gt_expression *negated = gt_expression_unary(arena, GT_EXPRESSION_NEGATE, at->node);
        if (negated != NULL)
            gt_search_try_at(search, GT_MISTAKE_SIGN, 0, at->node, negated, at->node);
        return;
    }
    try_batch_size(search, at->node, k);
    const gt_expression *factor = gt_expression_new_number(arena, k);
    if (factor == NULL)
        return;
    bool lone = at->node->kind == GT_EXPRESSION_NUMBER;
    bool becomes_one = lone && fabs(at->node->number * k - 1) < 1e-12 && at->parent != NULL &&
                       at->parent->kind == GT_EXPRESSION_MULTIPLY;
    if (becomes_one) /* 2 * a becomes a */
        gt_search_try_at(search, GT_MISTAKE_FACTOR, -0.1, at->parent,
                         at->parent->operands[at->parent->operands[0] == at->node], at->node);
    gt_search_try_at(search, GT_MISTAKE_FACTOR, lone ? 0 : 0.05, at->node,
                     scaled(arena, at->node, factor), at->node);
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
