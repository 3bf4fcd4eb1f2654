/* The shapes of slices. */
#include "lang/meaning_parts.h"

#include "lang/check_axes.h"

bool gt_lang_has_dimensions_alone(gt_lang_checker *c, const gt_lang_expression *e)
{
    if (e->kind == GT_LANG_NAME) {
        const gt_lang_symbol *symbol = gt_lang_symbols_find(&c->meaning->symbols, e->name);
        return symbol != NULL && (symbol->kind == GT_LANG_SYMBOL_DIMENSION || symbol->kind == GT_LANG_SYMBOL_EXAMPLES);
    }
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        if (!gt_lang_has_dimensions_alone(c, gt_lang_operand(e, i)))
            return false;
    return true;
}

static bool has_quotient(const gt_lang_expression *e)
{
    for (uint32_t i = 0; i < gt_lang_operand_count(e); i++)
        if (has_quotient(gt_lang_operand(e, i)) ||
            (i > 0 && e->kind == GT_LANG_BINARY && e->chain[i - 1]->operation == GT_LANG_DIVIDE))
            return true;
    return false;
}

static void fail_bound(gt_lang_checker *c, const gt_lang_expression *e, bool number, gt_lang_size_problem problem)
{
    if (problem == GT_LANG_SIZE_TOO_LARGE) {
        gt_lang_error(c->diagnostics, e->place, "this bound of a slice is too large");
        return;
    }
    gt_lang_error(c->diagnostics, e->place, "a bound of a slice is made of whole numbers and dimensions with + - *");
    if (has_quotient(e))
        gt_lang_hint(c->diagnostics, "give the part a dimension of its own: of a state h[2 * k], half is h[:k]");
    else if (number && e->kind == GT_LANG_NAME)
        gt_lang_hint(c->diagnostics, "%s is a constant; write its number", e->name);
}

/* A bound from the beginning of the axis: negative ones count from its end. */
static bool check_bound(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_size *axis, gt_lang_size *bound)
{
    const gt_lang_expression *where;
    gt_lang_shape shape = gt_lang_check_expression(c, e);
    if (!shape.known)
        return false;
    gt_lang_size_problem problem = gt_lang_size_of(e, bound, &where);
    if (problem != GT_LANG_SIZE_GOOD || !shape.number || !gt_lang_has_dimensions_alone(c, e)) {
        fail_bound(c, e, shape.number, problem);
        return false;
    }
    if (!gt_lang_size_below(bound, 0) || gt_lang_size_add(axis, bound, 1, bound))
        return true;
    gt_lang_error(c->diagnostics, e->place, "this bound of a slice is too complicated");
    return false;
}

static bool check_axis(gt_lang_checker *c, const gt_lang_expression *e, int axis, gt_lang_size *size)
{
    const gt_lang_expression *from = e->bounds[2 * axis], *to = e->bounds[2 * axis + 1];
    gt_lang_size start = gt_lang_size_number(0), stop = *size, length, rest;
    if ((from != NULL && !check_bound(c, from, size, &start)) || (to != NULL && !check_bound(c, to, size, &stop)))
        return false;
    if (!gt_lang_size_add(&stop, &start, -1, &length) || !gt_lang_size_add(size, &stop, -1, &rest)) {
        gt_lang_error(c->diagnostics, e->place, "the bounds of this slice are too complicated");
        return false;
    }
    char text[160];
    const char *what = axis == 0 ? "rows" : "columns";
    gt_lang_size_format(size, false, text, sizeof text);
    if (gt_lang_size_below(&start, 0) || gt_lang_size_below(&rest, 0) || gt_lang_size_below(&length, 1)) {
        gt_lang_error(c->diagnostics, e->place, "the slice of the %s is %s: there are %s of them", what,
                      gt_lang_size_below(&length, 1) ? "empty" : "beyond the end", text);
        return false;
    }
    *size = length;
    return true;
}

gt_lang_shape gt_lang_check_slice(gt_lang_checker *c, const gt_lang_expression *e, gt_lang_shape shape)
{
    if (shape.number) {
        gt_lang_error(c->diagnostics, e->place, "a number has no slices");
        return (gt_lang_shape){.known = false};
    }
    for (uint32_t axis = 0; axis < e->axis_count; axis++) {
        bool columns = axis >= gt_lang_axis_count(&shape);
        gt_lang_size size = columns ? shape.columns : gt_lang_axis_size(&shape, axis);
        if (!check_axis(c, e, (int)axis, &size))
            return (gt_lang_shape){.known = false};
        if (columns)
            shape.columns = size;
        else if (!gt_lang_resize_axis(c, e->place, &shape, axis, size, &shape))
            return (gt_lang_shape){.known = false};
    }
    return shape;
}
