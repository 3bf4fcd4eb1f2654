/* The rules of slices and of concat: what comes apart, and where it goes. */
#include "derive/rules_walk.h"

#include "lang/check_axes.h"

/* A bound counted from the beginning. */
static gt_lang_size bound_of(const gt_lang_expression *bound, gt_lang_size missing, const gt_lang_size *size)
{
    const gt_lang_expression *where;
    gt_lang_size place = missing;
    if (bound != NULL)
        gt_lang_size_of(bound, &place, &where);
    if (bound != NULL && gt_lang_size_below(&place, 0))
        gt_lang_size_add(size, &place, 1, &place);
    return place;
}

void gt_rule_push_slice(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_expr whole = e->arguments[0];
    gt_lang_shape shape = gt_build_shape(w->d, whole);
    gt_build_range ranges[2];
    for (unsigned axis = 0; axis < 2; axis++) {
        gt_lang_size size = gt_build_size_along(&shape, axis);
        ranges[axis] = (gt_build_range){bound_of(e->bounds[2 * axis], gt_lang_size_number(0), &size),
                                        bound_of(e->bounds[2 * axis + 1], size, &size)};
    }
    g = gt_rule_full(w, g, e);
    if (g == NULL)
        return;
    if (whole->kind == GT_LANG_NAME)
        gt_derive_add_piece(w->d, gt_derive_name_of(w->d, whole->name),
                            (gt_derived_term){g, (int32_t)w->equation, "slice"}, ranges);
    else
        gt_rule_push(w, whole, gt_derive_pad(w->d, gt_rule_value(w, whole), g, ranges), "slice");
}

/* A.T @ g with a name A: rows of it are columns of A, which is how a person writes them. */
bool gt_rule_takes_rows(gt_derivation *d, gt_expr term)
{
    if (term->kind == GT_LANG_NEGATE)
        return gt_rule_takes_rows(d, term->arguments[0]);
    if (!gt_build_is_binary(term, GT_LANG_MATMUL))
        return false;
    gt_expr left = term->arguments[0];
    if (left->kind == GT_LANG_NEGATE)
        left = left->arguments[0];
    return left->kind == GT_LANG_TRANSPOSE && left->arguments[0]->kind == GT_LANG_NAME &&
           gt_build_shape(d, left->arguments[0]).axes == NULL;
}

static gt_expr rows_of(gt_derivation *d, gt_expr term, const gt_build_range *range)
{
    if (!gt_rule_takes_rows(d, term))
        return gt_build_slice(d, term, 0, range);
    if (term->kind == GT_LANG_NEGATE)
        return gt_build_negation(d, rows_of(d, term->arguments[0], range));
    return gt_build_matmul(d, gt_build_slice(d, term->arguments[0], 0, range), term->arguments[1]);
}

static void push_rows(gt_rule_walk *w, gt_expr part, const gt_derived_term *terms, uint32_t count,
                      const gt_build_range *range)
{
    gt_derivation *d = w->d;
    gt_derived_term *rows = gt_pool_new(&d->pool, count, sizeof *rows);
    d->no_memory = d->no_memory || rows == NULL;
    for (uint32_t i = 0; rows != NULL && i < count; i++) {
        rows[i] = terms[i];
        rows[i].value = rows_of(d, terms[i].value, range);
        if (rows[i].value != NULL && part->kind == GT_LANG_NAME)
            gt_derive_add_term(d, gt_derive_name_of(d, part->name), rows[i]);
    }
    if (rows != NULL && part->kind != GT_LANG_NAME && !d->no_memory)
        gt_rule_push(w, part, gt_derive_combine(d, rows, count), "concat");
}

void gt_rule_push_concat(gt_rule_walk *w, gt_expr e, const gt_derived_term *terms, uint32_t count)
{
    gt_build_range range = {gt_lang_size_number(0), gt_lang_size_number(0)};
    for (uint32_t i = 0; i < e->argument_count; i++) {
        gt_lang_shape shape = gt_build_shape(w->d, e->arguments[i]);
        gt_lang_size size = gt_lang_axis_size(&shape, 0);
        range.from = range.to;
        if (!gt_lang_size_add(&range.from, &size, 1, &range.to))
            w->d->too_complicated = "the sizes of a concat";
        if (gt_derive_flows(w->d, e->arguments[i]) && w->d->too_complicated == NULL)
            push_rows(w, e->arguments[i], terms, count, &range);
    }
}
