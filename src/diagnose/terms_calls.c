/* What an adjoint becomes on its way through functions. */
#include "diagnose/terms.h"

#include "diagnose/value_axes.h"

/* Rows of a term; of a product those of its left factor, which is how a person writes it. */
static const gt_expression *rows(gt_terms *r, const gt_expression *term, const gt_expression *from,
                                 const gt_expression *to)
{
    if (term->kind != GT_EXPRESSION_MATMUL)
        return gt_expression_slice(r->arena, term, (const gt_expression *const[4]){from, to, NULL, NULL});
    const gt_expression *left = term->operands[0];
    if (left->kind == GT_EXPRESSION_TRANSPOSE)
        left = gt_terms_unary(
            r, GT_EXPRESSION_TRANSPOSE,
            gt_expression_slice(r->arena, left->operands[0], (const gt_expression *const[4]){NULL, NULL, from, to}));
    else
        left = gt_expression_slice(r->arena, left, (const gt_expression *const[4]){from, to, NULL, NULL});
    return gt_terms_binary(r, GT_EXPRESSION_MATMUL, left, term->operands[1]);
}

static void push_concat(gt_terms *r, const gt_expression *f, const gt_adjoint *a)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i < f->count; i++) {
        gt_value part;
        if (!gt_terms_value(r, f->operands[i], &part))
            return;
        gt_adjoint piece = {.through_state = a->through_state};
        const gt_expression *start = i == 0 ? NULL : gt_terms_size(r, from);
        const gt_expression *end = i + 1 == f->count ? NULL : gt_terms_size(r, from + part.rows);
        for (uint32_t k = 0; k < a->count; k++)
            gt_terms_add(r, &piece, rows(r, a->terms[k], start, end), f->operands[i]);
        gt_terms_push(r, f->operands[i], &piece);
        from += part.rows;
    }
}

/* Of a mean: what reaches each entry. A sum over as many entries is again a mean. */
static const gt_expression *divided(gt_terms *r, const gt_expression *f, const gt_expression *g)
{
    if (g == NULL)
        return NULL;
    if (g->kind == GT_EXPRESSION_NEGATE)
        return gt_terms_unary(r, GT_EXPRESSION_NEGATE, divided(r, f, g->operands[0]));
    if (g->kind == GT_EXPRESSION_CALL && g->detail == GT_LANG_SUM && g->axis == f->axis)
        return gt_expression_reduce(r->arena, GT_LANG_MEAN, g->operands[0], g->axis);
    gt_value u;
    if (!gt_terms_value(r, f->operands[0], &u))
        return NULL;
    if (u.count > 1 && f->axis < u.count)
        return gt_terms_binary(r, GT_EXPRESSION_DIVIDE, g, gt_terms_size(r, u.size[f->axis]));
    const gt_expression *examples = gt_terms_size(r, u.columns);
    uint32_t m = gt_question_find(r->search->question, "m");
    if (m != GT_QUESTION_NO_NAME && f->axis != 0)
        examples = gt_expression_new_name(r->arena, m);
    if (f->axis != 1)
        g = gt_terms_binary(r, GT_EXPRESSION_DIVIDE, g, gt_terms_size(r, u.rows));
    return f->axis == 0 ? g : gt_terms_binary(r, GT_EXPRESSION_DIVIDE, g, examples);
}

/* where(c, a, b), maximum(a, b), minimum(a, b) */
static void push_choice(gt_terms *r, const gt_expression *f, const gt_expression *g, bool through)
{
    bool where = f->detail == GT_LANG_WHERE;
    const gt_expression *a = f->operands[where], *b = f->operands[1 + where];
    const gt_expression *mask =
        where ? f->operands[0]
              : gt_expression_compare(r->arena, f->detail == GT_LANG_MAXIMUM ? GT_LANG_GREATER : GT_LANG_LESS, a, b);
    if (where && mask->kind != GT_EXPRESSION_COMPARE && mask->kind != GT_EXPRESSION_NAME)
        return;
    const gt_expression *other =
        gt_expression_binary(r->arena, GT_EXPRESSION_SUBTRACT, gt_expression_new_number(r->arena, 1), mask);
    gt_terms_push_one(r, a, gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, g, mask), through);
    gt_terms_push_one(r, b, gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, g, other), through);
}

/* The axis of what is done with each column, or with the last of several sizes. */
static unsigned down(gt_terms *r, const gt_expression *u)
{
    gt_value value;
    return gt_terms_value(r, u, &value) ? gt_value_axis_count(value) - 1 : 0;
}

/* (g - mean(g) - y * mean(g * y)) / sqrt(variance + 1e-5) */
static void push_layernorm(gt_terms *r, const gt_expression *u, const gt_expression *y, const gt_expression *g,
                           bool through)
{
    gt_arena *arena = r->arena;
    if (g == NULL)
        return;
    unsigned axis = down(r, u);
    const gt_expression *two = gt_expression_new_number(arena, 2);
    const gt_expression *centred =
        gt_terms_binary(r, GT_EXPRESSION_SUBTRACT, u, gt_expression_reduce(arena, GT_LANG_MEAN, u, axis));
    const gt_expression *variance =
        gt_expression_reduce(arena, GT_LANG_MEAN, gt_terms_binary(r, GT_EXPRESSION_POWER, centred, two), axis);
    const gt_expression *deviation = gt_expression_call(
        arena, GT_LANG_SQRT, gt_terms_binary(r, GT_EXPRESSION_ADD, variance, gt_expression_new_number(arena, 1e-5)));
    const gt_expression *shared = gt_terms_binary(
        r, GT_EXPRESSION_MULTIPLY, y,
        gt_expression_reduce(arena, GT_LANG_MEAN, gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, g, y), axis));
    const gt_expression *rest =
        gt_terms_binary(r, GT_EXPRESSION_SUBTRACT, g, gt_expression_reduce(arena, GT_LANG_MEAN, g, axis));
    gt_terms_push_one(
        r, u,
        gt_terms_binary(r, GT_EXPRESSION_DIVIDE, gt_terms_binary(r, GT_EXPRESSION_SUBTRACT, rest, shared), deviation),
        through);
}

void gt_terms_push_call(gt_terms *r, const gt_expression *f, const gt_expression *value, const gt_adjoint *a)
{
    gt_lang_function function = (gt_lang_function)f->detail;
    if (function == GT_LANG_CONCAT) {
        push_concat(r, f, a);
        return;
    }
    const gt_expression *g = gt_terms_whole(r, a), *u = f->operands[0];
    if (function == GT_LANG_SOFTMAX) {
        const gt_expression *sum = gt_expression_reduce(
            r->arena, GT_LANG_SUM, gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, g, value), down(r, u));
        gt_terms_remember(r, gt_terms_unary(r, GT_EXPRESSION_NEGATE, sum), false);
        gt_terms_push_one(
            r, u, gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, value, gt_terms_binary(r, GT_EXPRESSION_SUBTRACT, g, sum)),
            a->through_state);
        return;
    }
    if (function == GT_LANG_CUMSUM) { /* sums from the other end */
        const gt_expression *sum = gt_expression_reduce(r->arena, GT_LANG_SUM, g, down(r, u));
        const gt_expression *above = gt_expression_call(r->arena, GT_LANG_CUMSUM, g);
        gt_terms_push_one(
            r, u, gt_terms_binary(r, GT_EXPRESSION_ADD, gt_terms_binary(r, GT_EXPRESSION_SUBTRACT, sum, above), g),
            a->through_state);
        return;
    }
    if (function == GT_LANG_OUTER) {
        gt_terms_push_outer(r, f, g);
        return;
    }
    if (function == GT_LANG_RESHAPE) {
        gt_terms_push_reshape(r, f, g, a->through_state);
        return;
    }
    if (function == GT_LANG_SUM || function == GT_LANG_MEAN) {
        gt_terms_push_one(r, u, function == GT_LANG_SUM ? g : divided(r, f, g), false);
        return;
    }
    if (function == GT_LANG_WHERE || function == GT_LANG_MAXIMUM || function == GT_LANG_MINIMUM) {
        push_choice(r, f, g, a->through_state);
        return;
    }
    if (function == GT_LANG_LAYERNORM) {
        push_layernorm(r, u, value, g, a->through_state);
        return;
    }
    const gt_expression *slope = gt_search_derivative(r->search, r->arena, function, value, u);
    if (slope != NULL)
        gt_terms_push_one(r, u, gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, g, slope), a->through_state);
}
