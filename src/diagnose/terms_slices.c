/* What reaches slices of a name: all of them together are a term of the whole. */
#include "diagnose/terms.h"

/* Zeros in place of rows or columns, or those of a term. */
static const gt_expression *block(gt_terms *r, uint32_t name, unsigned axis, uint32_t from, uint32_t to, uint32_t size)
{
    const gt_expression *bounds[4] = {NULL, NULL, NULL, NULL};
    bounds[2 * axis] = from == 0 ? NULL : gt_terms_size(r, from);
    bounds[2 * axis + 1] = to == size ? NULL : gt_terms_size(r, to);
    const gt_expression *part = gt_expression_new_name(r->arena, name);
    return gt_terms_binary(r, GT_EXPRESSION_MULTIPLY, gt_expression_new_number(r->arena, 0),
                           gt_expression_slice(r->arena, part, bounds));
}

/* All pieces one behind the other, and what is between; NULL if some overlap. */
static const gt_expression *joined(gt_terms *r, uint32_t name)
{
    enum { MOST_PIECES = 16 };
    const gt_slice_piece *first = r->of_name[name].pieces;
    const gt_expression *parts[2 * MOST_PIECES + 1];
    gt_value value = r->search->values[0][name];
    uint32_t count = 0, at = 0, size = first->axis == 0 ? value.rows : value.columns;
    while (at < size && count + 2 < 2 * MOST_PIECES) {
        const gt_slice_piece *next = NULL;
        for (const gt_slice_piece *p = first; p != NULL; p = p->next)
            if (p->axis != first->axis || (p->from < at && p->to > at))
                return NULL;
            else if (p->from >= at && (next == NULL || p->from < next->from))
                next = p;
        uint32_t gap = next == NULL ? size : next->from;
        if (gap > at)
            parts[count++] = block(r, name, first->axis, at, gap, size);
        if (next != NULL) {
            const gt_expression *term = next->term;
            for (const gt_slice_piece *p = first; p != NULL; p = p->next)
                if (p != next && p->from == next->from && p->to == next->to)
                    term = gt_terms_binary(r, GT_EXPRESSION_ADD, term, p->term);
            parts[count++] = term;
        }
        at = next == NULL ? size : next->to;
    }
    const gt_expression model = {.kind = GT_EXPRESSION_CALL, .detail = GT_LANG_CONCAT};
    gt_expression *f = at < size ? NULL : gt_expression_like(r->arena, &model, count);
    for (uint32_t i = 0; f != NULL && i < count; i++)
        f->operands[i] = first->axis == 0 ? parts[i] : gt_terms_unary(r, GT_EXPRESSION_TRANSPOSE, parts[i]);
    return f == NULL || first->axis == 0 ? f : gt_terms_unary(r, GT_EXPRESSION_TRANSPOSE, f);
}

void gt_terms_join_pieces(gt_terms *r, uint32_t name)
{
    gt_adjoint *a = &r->of_name[name];
    const gt_expression *term = a->pieces == NULL ? NULL : joined(r, name);
    if (term == NULL || a->count >= GT_MOST_TERMS_OF_ONE)
        return;
    gt_terms_remember(r, term, false);
    a->terms[a->count++] = term;
}

static bool bound_of(gt_terms *r, const gt_expression *bound, uint32_t size, uint32_t missing, uint32_t *at)
{
    gt_value value;
    *at = missing;
    if (bound == NULL)
        return true;
    if (!gt_terms_value(r, bound, &value))
        return false;
    double place = value.data[0] < 0 ? value.data[0] + size : value.data[0];
    *at = (uint32_t)place;
    return place >= 0 && place <= size;
}

void gt_terms_push_slice(gt_terms *r, const gt_expression *f, const gt_expression *g)
{
    const gt_expression *whole = f->operands[0];
    if (whole->kind != GT_EXPRESSION_NAME || g == NULL || r->search->values[0][whole->name].count > 1)
        return;
    gt_value value = r->search->values[0][whole->name];
    unsigned axis = f->operands[3] != NULL || f->operands[4] != NULL;
    uint32_t size = axis == 0 ? value.rows : value.columns;
    gt_slice_piece *p = gt_arena_new(r->arena, 1, sizeof *p);
    if (p == NULL || (axis == 1 && (f->operands[1] != NULL || f->operands[2] != NULL)))
        return;
    *p = (gt_slice_piece){r->of_name[whole->name].pieces, g, axis, 0, 0};
    if (bound_of(r, f->operands[1 + 2 * axis], size, 0, &p->from) &&
        bound_of(r, f->operands[2 + 2 * axis], size, size, &p->to) && p->from < p->to)
        r->of_name[whole->name].pieces = p;
}
