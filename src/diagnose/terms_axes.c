/* What an adjoint becomes on its way through forms of several sizes. */
#include "diagnose/terms.h"

#include "diagnose/value_axes.h"

static const gt_expression *outer(gt_terms *r, const gt_expression *u, const gt_expression *v)
{
    const gt_expression model = {.kind = GT_EXPRESSION_CALL, .detail = GT_LANG_OUTER};
    gt_expression *f = u == NULL || v == NULL ? NULL : gt_expression_like(r->arena, &model, 2);
    if (f == NULL)
        return NULL;
    f->operands[0] = u;
    f->operands[1] = v;
    return f;
}

/* Under these sizes; what has them stays as it is. */
static const gt_expression *reshaped(gt_terms *r, const gt_expression *a, const uint32_t *size, uint32_t count)
{
    const gt_expression model = {.kind = GT_EXPRESSION_CALL, .detail = GT_LANG_RESHAPE};
    gt_value value;
    if (a != NULL && a->kind == GT_EXPRESSION_NEGATE)
        return gt_terms_unary(r, GT_EXPRESSION_NEGATE, reshaped(r, a->operands[0], size, count));
    if (!gt_terms_value(r, a, &value))
        return NULL;
    bool same = gt_value_axis_count(value) == count && !gt_value_is_shared(value);
    for (uint32_t i = 0; i < count; i++)
        same = same && gt_value_axis_size(value, i) == size[i];
    gt_expression *f = same ? NULL : gt_expression_like(r->arena, &model, count + 1);
    if (f == NULL)
        return same ? a : NULL;
    f->operands[0] = a;
    for (uint32_t i = 0; i < count; i++)
        f->operands[i + 1] = size[i] == 1 ? gt_expression_new_number(r->arena, 1) : gt_terms_size(r, size[i]);
    return f;
}

/* What reaches the one x that all heads read: the sum of what each of them hands back. */
static const gt_expression *of_all_heads(gt_terms *r, const gt_expression *w, const gt_expression *g, uint32_t size)
{
    const gt_expression *all =
        gt_terms_binary(r, GT_EXPRESSION_MATMUL, gt_terms_unary(r, GT_EXPRESSION_TRANSPOSE, w), g);
    return reshaped(r, all == NULL ? NULL : gt_expression_reduce(r->arena, GT_LANG_SUM, all, 0), &size, 1);
}

/* Products of arrays of several sizes. False: it is none. */
bool gt_terms_push_several(gt_terms *r, const gt_expression *f, const gt_expression *g)
{
    const gt_expression *left = f->operands[0], *b = f->operands[1];
    bool turned = left->kind == GT_EXPRESSION_TRANSPOSE;
    const gt_expression *a = turned ? left->operands[0] : left;
    gt_value of_a, of_b;
    if (!r->search->question->several || !gt_terms_value(r, a, &of_a) || !gt_terms_value(r, b, &of_b) ||
        (of_a.count <= 1 && of_b.count <= 1))
        return false;
    if (gt_value_is_shared(of_a) && of_b.count <= 1) {
        gt_terms_push_one(
            r, a, gt_terms_binary(r, GT_EXPRESSION_MATMUL, g, gt_terms_unary(r, GT_EXPRESSION_TRANSPOSE, b)), false);
        gt_terms_push_one(r, b, of_all_heads(r, a, g, of_a.columns), false);
        return true;
    }
    if (gt_value_is_shared(of_b)) {
        gt_terms_push_one(
            r, a, gt_terms_binary(r, GT_EXPRESSION_MATMUL, g, gt_terms_unary(r, GT_EXPRESSION_TRANSPOSE, b)), false);
        return true;
    }
    gt_terms_push_one(r, a, turned ? outer(r, b, g) : outer(r, g, b), false);
    gt_terms_push_one(
        r, b, gt_terms_binary(r, GT_EXPRESSION_MATMUL, turned ? a : gt_terms_unary(r, GT_EXPRESSION_TRANSPOSE, a), g),
        false);
    return true;
}

void gt_terms_push_outer(gt_terms *r, const gt_expression *f, const gt_expression *g)
{
    const gt_expression *u = f->operands[0], *v = f->operands[1];
    gt_terms_push_one(r, u, gt_terms_binary(r, GT_EXPRESSION_MATMUL, g, v), false);
    gt_terms_push_one(r, v, gt_terms_binary(r, GT_EXPRESSION_MATMUL, gt_terms_unary(r, GT_EXPRESSION_TRANSPOSE, g), u),
                      false);
}

void gt_terms_push_reshape(gt_terms *r, const gt_expression *f, const gt_expression *g, bool through)
{
    gt_value u;
    uint32_t size[GT_LANG_MAX_AXES + 1];
    if (!gt_terms_value(r, f->operands[0], &u))
        return;
    uint32_t count = gt_value_axis_count(u);
    for (uint32_t i = 0; i < count; i++)
        size[i] = gt_value_axis_size(u, i);
    size[count] = u.columns;
    if (gt_value_is_shared(u) && count == GT_LANG_MAX_AXES)
        return;
    gt_terms_push_one(r, f->operands[0], reshaped(r, g, size, count + gt_value_is_shared(u)), through);
}
