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
        return parent->detail == GT_LANG_SUM || parent->detail == GT_LANG_MEAN;
    default:
        return false;
    }
}

/* The k for which the first wrong gradient is right, NAN if there is none. */
static double solve(gt_search *search, const gt_expression *place)
{
    gt_value at_0, at_1, truth;
    const gt_expression *nothing = gt_expression_binary(&search->scratch, GT_EXPRESSION_MULTIPLY,
                                                        gt_expression_new_number(&search->scratch, 0), place);
    if (nothing == NULL || !gt_search_outcome(search, search->root, &at_1, &truth) ||
        !gt_search_outcome(search, gt_expression_replace(&search->scratch, search->root, place, nothing), &at_0,
                           &truth))
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

/* p / q with a small q, or three digits: a number that a person may have written. NAN: it is not. */
static double simple_number(double k)
{
    for (int q = 1; q <= 12; q++)
        if (fabs(k * q - round(k * q)) < 1e-7 * fmax(1, fabs(k)) && fabs(k) < 1000)
            return round(k * q) / q;
    if (!(fabs(k) > 1e-6 && fabs(k) < 1e6))
        return NAN;
    double unit = pow(10, floor(log10(fabs(k))) - 2), digits = round(k / unit);
    return fabs(k / unit - digits) < 1e-6 ? digits * unit : NAN;
}

static const gt_expression *scaled(gt_arena *arena, const gt_expression *place, const gt_expression *factor)
{
    if (place->kind == GT_EXPRESSION_NUMBER && factor->kind == GT_EXPRESSION_NUMBER)
        return gt_expression_new_number(arena, place->number * factor->number);
    return gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, factor, place);
}

/* The sum without the operand. */
static const gt_expression *without(gt_arena *arena, const gt_expression *parent, const gt_expression *place)
{
    if (place == parent->operands[1])
        return parent->operands[0];
    return parent->kind == GT_EXPRESSION_ADD ? parent->operands[1]
                                             : gt_expression_unary(arena, GT_EXPRESSION_NEGATE, parent->operands[1]);
}

/* The factor is a size: that of the batch or of an array; or one part in so many. */
static void try_size(gt_search *search, const gt_expression *place, double k, const gt_expression *size, bool batch)
{
    gt_arena *arena = &search->scratch;
    gt_value value;
    if (size == NULL || !gt_search_value(search, size, &value) || value.data[0] < 2)
        return;
    double n = value.data[0];
    if (fabs(k - n) < 1e-7 * n) {
        search->wording = batch ? NULL : "a factor of %a is missing";
        gt_search_try_at(search, batch ? GT_MISTAKE_MEAN : GT_MISTAKE_FACTOR, 0, place,
                         gt_expression_binary(arena, GT_EXPRESSION_MULTIPLY, size, place), batch ? place : size);
    }
    if (fabs(k * n - 1) < 1e-7) {
        search->wording = "the division by %a, that of the mean, is missing";
        gt_search_try_at(search, GT_MISTAKE_FACTOR, 0, place,
                         gt_expression_binary(arena, GT_EXPRESSION_DIVIDE, place, size), size);
    }
}

static void try_sizes(gt_search *search, const gt_expression *place, double k)
{
    const gt_question *question = search->question;
    uint32_t m = gt_question_find(question, "m");
    if (m != GT_QUESTION_NO_NAME && search->values[0][m].data != NULL)
        try_size(search, place, k, gt_expression_new_name(&search->scratch, m), true);
    for (uint32_t i = 0; i < question->size_count; i++)
        try_size(search, place, k, question->sizes[i], false);
}

static void try_removal(gt_search *search, const gt_search_place *at)
{
    bool summand =
        at->parent != NULL && (at->parent->kind == GT_EXPRESSION_ADD || at->parent->kind == GT_EXPRESSION_SUBTRACT);
    if (!summand)
        return;
    bool twice = false;
    for (uint32_t i = 0; i < search->place_count; i++)
        twice = twice || (search->places[i].node != at->node && gt_expression_equal(search->places[i].node, at->node));
    twice = twice && at->node->count > 1;
    search->wording = twice ? "the term %a is there twice" : NULL;
    gt_search_try_at(search, GT_MISTAKE_EXTRA_TERM, 0, at->parent, without(&search->scratch, at->parent, at->node),
                     at->node);
}

static void try_sign(gt_search *search, const gt_search_place *at)
{
    const gt_expression *negated = gt_expression_unary(&search->scratch, GT_EXPRESSION_NEGATE, at->node);
    if (negated != NULL)
        gt_search_try_at(search, GT_MISTAKE_SIGN, 0, at->node, negated, at->node);
}

static void try_factor(gt_search *search, const gt_search_place *at, double k)
{
    gt_arena *arena = &search->scratch;
    const gt_expression *node = at->node, *factor = gt_expression_new_number(arena, k);
    bool lone = node->kind == GT_EXPRESSION_NUMBER;
    bool becomes_one =
        lone && fabs(node->number * k - 1) < 1e-12 && at->parent != NULL && at->parent->kind == GT_EXPRESSION_MULTIPLY;
    if (becomes_one) { /* 2 * a becomes a */
        search->wording = "the factor %a is too many";
        gt_search_try_at(search, GT_MISTAKE_FACTOR, -0.1, at->parent,
                         at->parent->operands[at->parent->operands[0] == node], node);
        return;
    }
    const gt_expression *right = factor == NULL ? NULL : scaled(arena, node, factor);
    search->wording = lone ? "%w should be %a" : "the factor %a is missing";
    gt_search_try_at(search, GT_MISTAKE_FACTOR, lone ? 0 : 0.05, node, right, lone ? right : factor);
}

/* Without a target to solve for: what is most often written. */
static void try_usual_factors(gt_search *search, const gt_search_place *at)
{
    try_removal(search, at);
    try_sign(search, at);
    try_factor(search, at, 2);
    try_factor(search, at, 0.5);
}

static void try_place(gt_search *search, const gt_search_place *at)
{
    if (search->candidates != NULL) {
        try_usual_factors(search, at);
        return;
    }
    double k = solve(search, at->node);
    if (!isfinite(k))
        return;
    if (fabs(k) < 1e-7) {
        try_removal(search, at);
        return;
    }
    if (fabs(k + 1) < 1e-7) {
        try_sign(search, at);
        return;
    }
    try_sizes(search, at->node, k);
    bool lone = at->node->kind == GT_EXPRESSION_NUMBER;
    double right = simple_number(lone ? at->node->number * k : k);
    if (isfinite(right) && !(lone && right == 0))
        try_factor(search, at, lone ? right / at->node->number : right);
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
