/* What an adjoint becomes on its way through operators, and which rule is whose. */
#include "diagnose/terms.h"

static void push_product(gt_terms *r, const gt_expression *f, const gt_expression *g, bool through)
{
    const gt_expression *a = f->operands[0], *b = f->operands[1];
    gt_terms_push_one(r, a, gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, g, b), through);
    gt_terms_push_one(r, b, gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, g, a), through);
}

static void push_quotient(gt_terms *r, const gt_expression *f, const gt_expression *g, bool through)
{
    const gt_expression *a = f->operands[0], *b = f->operands[1], *two = gt_expression_new_number(r->arena, 2);
    gt_terms_push_one(r, a, gt_terms_binary(r, GT_EXPRESSION_DIVIDE, g, b), through);
    const gt_expression *up =
        gt_expression_unary(r->arena, GT_EXPRESSION_NEGATE, gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, g, a));
    gt_terms_push_one(
        r, b, gt_terms_binary(r, GT_EXPRESSION_DIVIDE, up, gt_terms_binary(r, GT_EXPRESSION_POWER, b, two)), through);
}

static void push_matmul(gt_terms *r, const gt_expression *f, const gt_expression *g)
{
    const gt_expression *a = f->operands[0], *b = f->operands[1];
    if (g == NULL || gt_terms_push_several(r, f, g))
        return;
    gt_terms_push_one(r, a, gt_terms_binary(r, GT_EXPRESSION_MATMUL, g, gt_terms_unary(r, GT_EXPRESSION_TRANSPOSE, b)),
                      false);
    gt_terms_push_one(r, b, gt_terms_binary(r, GT_EXPRESSION_MATMUL, gt_terms_unary(r, GT_EXPRESSION_TRANSPOSE, a), g),
                      false);
}

static void push_power(gt_terms *r, const gt_expression *f, const gt_expression *g, bool through)
{
    gt_value exponent;
    if (!gt_terms_value(r, f->operands[1], &exponent))
        return;
    double n = exponent.data[0];
    const gt_expression *base = f->operands[0], *rest = base;
    if (n != 2)
        rest = gt_terms_binary(r, GT_EXPRESSION_POWER, base, gt_expression_new_number(r->arena, n - 1));
    const gt_expression *slope =
        gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, gt_expression_new_number(r->arena, n), rest);
    gt_terms_push_one(r, base, gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, g, slope), through);
}

/* value: what stands for f where it is the whole of an equation. */
void gt_terms_push_inside(gt_terms *r, const gt_expression *f, const gt_expression *value, const gt_adjoint *a)
{
    switch (f->kind) {
    case GT_EXPRESSION_NEGATE:
        gt_terms_push_each(r, f->operands[0], a, GT_EXPRESSION_NEGATE);
        break;
    case GT_EXPRESSION_ADD:
    case GT_EXPRESSION_SUBTRACT:
        gt_terms_push_each(r, f->operands[0], a, GT_EXPRESSION_ADD);
        gt_terms_push_each(r, f->operands[1], a,
                           f->kind == GT_EXPRESSION_ADD ? GT_EXPRESSION_ADD : GT_EXPRESSION_NEGATE);
        break;
    case GT_EXPRESSION_TRANSPOSE:
        gt_terms_push_each(r, f->operands[0], a, GT_EXPRESSION_TRANSPOSE);
        break;
    case GT_EXPRESSION_MULTIPLY:
        push_product(r, f, gt_terms_whole(r, a), a->through_state);
        break;
    case GT_EXPRESSION_DIVIDE:
        push_quotient(r, f, gt_terms_whole(r, a), a->through_state);
        break;
    case GT_EXPRESSION_MATMUL:
        push_matmul(r, f, gt_terms_whole(r, a));
        break;
    case GT_EXPRESSION_POWER:
        push_power(r, f, gt_terms_whole(r, a), a->through_state);
        break;
    case GT_EXPRESSION_CALL:
        gt_terms_push_call(r, f, value, a);
        break;
    case GT_EXPRESSION_SLICE:
        gt_terms_push_slice(r, f, gt_terms_whole(r, a));
        break;
    default: /* numbers; comparisons, which pass nothing on */
        break;
    }
}
