#include "derive/build.h"

#include "lang/chain.h"
#include "lang/check_axes.h"
#include "lang/copy.h"

#include <string.h>

static gt_expr made(gt_derivation *d, gt_lang_expression *e)
{
    d->no_memory = d->no_memory || e == NULL;
    return e;
}

/* Trees of the language are built of parts that may be changed; here none ever is. */
static gt_lang_expression *open_tree(gt_expr a)
{
    return (gt_lang_expression *)a;
}

gt_expr gt_build_joined(gt_derivation *d, gt_lang_operation operation, gt_expr a, gt_expr b)
{
    if (a == NULL || b == NULL)
        return NULL;
    return made(d, gt_lang_new_binary(&d->pool, operation, open_tree(a), open_tree(b)));
}

gt_expr gt_build_number(gt_derivation *d, double number)
{
    gt_lang_place nowhere = {0};
    gt_expr size = made(d, gt_lang_new_number(&d->pool, number < 0 ? -number : number, nowhere));
    return number < 0 ? gt_build_negation(d, size) : size;
}

gt_expr gt_build_name(gt_derivation *d, const char *name)
{
    gt_lang_place nowhere = {0};
    return made(d, gt_lang_new_name(&d->pool, name, nowhere));
}

/* ---- looking ------------------------------------------------------------------------------- */

gt_lang_shape gt_build_shape(gt_derivation *d, gt_expr a)
{
    gt_lang_shape shape = {0};
    if (a == NULL)
        return shape;
    shape = gt_lang_check_expression(&d->checker, a);
    d->no_memory = d->no_memory || d->checker.no_memory;
    if (!shape.known && d->too_complicated == NULL)
        d->too_complicated = d->diagnostics.count > 0 ? d->diagnostics.list[d->diagnostics.count - 1].message
                                                      : "a shape that cannot be told";
    return shape;
}

bool gt_build_is_number(gt_expr a, double number)
{
    return a != NULL && a->kind == GT_LANG_NUMBER && a->number == number;
}

bool gt_build_is_binary(gt_expr a, gt_lang_operation operation)
{
    return a != NULL && a->kind == GT_LANG_BINARY && a->operation == operation;
}

static bool is_product(gt_expr a)
{
    return gt_build_is_binary(a, GT_LANG_MULTIPLY) || gt_build_is_binary(a, GT_LANG_DIVIDE) ||
           gt_build_is_binary(a, GT_LANG_MATMUL);
}

static gt_expr first_factor(gt_expr a)
{
    while (is_product(a))
        a = a->arguments[0];
    return a;
}

bool gt_build_is_negative(gt_expr a)
{
    return a != NULL && first_factor(a)->kind == GT_LANG_NEGATE;
}

/* S.T of an array of several sizes: it stands only on the left of a product, and has no sign there. */
static bool is_turned(gt_derivation *d, gt_expr a)
{
    return a != NULL && a->kind == GT_LANG_TRANSPOSE && gt_build_shape(d, a->arguments[0]).axes != NULL;
}

static bool is_turned_product(gt_derivation *d, gt_expr a)
{
    return gt_build_is_binary(a, GT_LANG_MATMUL) && is_turned(d, a->arguments[0]);
}

/* ---- sums ---------------------------------------------------------------------------------- */

gt_expr gt_build_negation(gt_derivation *d, gt_expr a)
{
    if (a == NULL || gt_build_is_number(a, 0))
        return a;
    if (a->kind == GT_LANG_NEGATE)
        return a->arguments[0];
    if (is_product(a) && !is_turned_product(d, a))
        return gt_build_joined(d, a->operation, gt_build_negation(d, a->arguments[0]), a->arguments[1]);
    if (gt_build_is_binary(a, GT_LANG_SUBTRACT))
        return gt_build_difference(d, a->arguments[1], a->arguments[0]);
    return made(d, gt_lang_new_negation(&d->pool, open_tree(a)));
}

gt_expr gt_build_sum(gt_derivation *d, gt_expr a, gt_expr b)
{
    if (gt_build_is_negative(b))
        return gt_build_difference(d, a, gt_build_negation(d, b));
    if (gt_build_is_negative(a))
        return gt_build_difference(d, b, gt_build_negation(d, a));
    if (gt_build_is_binary(b, GT_LANG_ADD))
        return gt_build_sum(d, gt_build_sum(d, a, b->arguments[0]), b->arguments[1]);
    if (gt_build_is_binary(b, GT_LANG_SUBTRACT))
        return gt_build_difference(d, gt_build_sum(d, a, b->arguments[0]), b->arguments[1]);
    return gt_build_joined(d, GT_LANG_ADD, a, b);
}

gt_expr gt_build_difference(gt_derivation *d, gt_expr a, gt_expr b)
{
    if (gt_build_is_negative(b))
        return gt_build_sum(d, a, gt_build_negation(d, b));
    return gt_build_joined(d, GT_LANG_SUBTRACT, a, b);
}

/* ---- products ------------------------------------------------------------------------------ */

/* Two factors of which the product is one of these are one: it has no rounding. */
static bool is_whole(double number)
{
    return number == (double)(int)number;
}

/* A number to the front of a product: 2 * g * u, not g * 2 * u. */
static gt_expr number_in_front(gt_derivation *d, gt_expr number, gt_expr a)
{
    if (a == NULL || number == NULL)
        return NULL;
    if (is_product(a) && !is_turned_product(d, a)) {
        gt_expr first = number_in_front(d, number, a->arguments[0]);
        bool gone = gt_build_is_number(first, 1) && a->operation == GT_LANG_MULTIPLY;
        return gone ? a->arguments[1] : gt_build_joined(d, a->operation, first, a->arguments[1]);
    }
    if (a->kind == GT_LANG_NEGATE)
        return gt_build_negation(d, number_in_front(d, number, a->arguments[0]));
    if (a->kind == GT_LANG_NUMBER && is_whole(a->number * number->number))
        return gt_build_number(d, a->number * number->number);
    return gt_build_joined(d, GT_LANG_MULTIPLY, number, a);
}

gt_expr gt_build_product(gt_derivation *d, gt_expr a, gt_expr b)
{
    if (a == NULL || b == NULL)
        return NULL;
    if (gt_build_is_number(b, 1))
        return a;
    if (gt_build_is_number(a, 1))
        return b;
    if (gt_build_is_negative(b))
        return gt_build_negation(d, gt_build_product(d, a, gt_build_negation(d, b)));
    if (b->kind == GT_LANG_NUMBER)
        return number_in_front(d, b, a);
    if (gt_build_is_binary(b, GT_LANG_MULTIPLY))
        return gt_build_product(d, gt_build_product(d, a, b->arguments[0]), b->arguments[1]);
    if (gt_build_is_binary(b, GT_LANG_DIVIDE))
        return gt_build_quotient(d, gt_build_product(d, a, b->arguments[0]), b->arguments[1]);
    return gt_build_joined(d, GT_LANG_MULTIPLY, a, b);
}

gt_expr gt_build_quotient(gt_derivation *d, gt_expr a, gt_expr b)
{
    if (gt_build_is_number(b, 1))
        return a;
    if (gt_build_is_negative(b))
        return gt_build_negation(d, gt_build_quotient(d, a, gt_build_negation(d, b)));
    return gt_build_joined(d, GT_LANG_DIVIDE, a, b);
}

gt_expr gt_build_matmul(gt_derivation *d, gt_expr a, gt_expr b)
{
    if (gt_build_is_negative(b))
        return gt_build_negation(d, gt_build_matmul(d, a, gt_build_negation(d, b)));
    if (a != NULL && a->kind == GT_LANG_NEGATE && is_turned(d, a->arguments[0]))
        return gt_build_negation(d, gt_build_matmul(d, a->arguments[0], b));
    return gt_build_joined(d, GT_LANG_MATMUL, a, b);
}

gt_expr gt_build_power(gt_derivation *d, gt_expr a, gt_expr exponent)
{
    return gt_build_is_number(exponent, 1) ? a : gt_build_joined(d, GT_LANG_POWER, a, exponent);
}

gt_expr gt_build_transpose(gt_derivation *d, gt_expr a)
{
    if (a == NULL || a->kind == GT_LANG_NUMBER)
        return a;
    if (a->kind == GT_LANG_TRANSPOSE)
        return a->arguments[0];
    if (a->kind == GT_LANG_NEGATE)
        return gt_build_negation(d, gt_build_transpose(d, a->arguments[0]));
    if (gt_build_is_binary(a, GT_LANG_MATMUL) && gt_build_shape(d, a).axes == NULL && !is_turned_product(d, a))
        return gt_build_matmul(d, gt_build_transpose(d, a->arguments[1]), gt_build_transpose(d, a->arguments[0]));
    return made(d, gt_lang_new_transpose(&d->pool, open_tree(a)));
}

/* ---- functions ----------------------------------------------------------------------------- */

gt_expr gt_build_comparison(gt_derivation *d, gt_lang_operation operation, gt_expr a, gt_expr b)
{
    return gt_build_joined(d, operation, a, b);
}

gt_expr gt_build_call_of(gt_derivation *d, gt_lang_function function, gt_expr const *a, uint32_t count)
{
    gt_lang_expression **arguments = gt_pool_new(&d->pool, count, sizeof *arguments);
    for (uint32_t i = 0; arguments != NULL && i < count; i++) {
        arguments[i] = open_tree(a[i]);
        if (a[i] == NULL)
            return NULL;
    }
    return made(d, arguments == NULL ? NULL : gt_lang_new_call(&d->pool, function, arguments, count));
}

gt_expr gt_build_call(gt_derivation *d, gt_lang_function function, gt_expr a)
{
    return gt_build_call_of(d, function, &a, 1);
}

gt_expr gt_build_reduction(gt_derivation *d, gt_lang_function function, gt_expr a, int axis)
{
    if (gt_build_is_negative(a))
        return gt_build_negation(d, gt_build_reduction(d, function, gt_build_negation(d, a), axis));
    gt_lang_expression *call = a == NULL ? NULL : open_tree(gt_build_call(d, function, a));
    if (call != NULL)
        call->axis = axis;
    return call;
}

gt_expr gt_build_outer(gt_derivation *d, gt_expr u, gt_expr v)
{
    if (gt_build_is_negative(u))
        return gt_build_negation(d, gt_build_outer(d, gt_build_negation(d, u), v));
    if (gt_build_is_negative(v))
        return gt_build_negation(d, gt_build_outer(d, u, gt_build_negation(d, v)));
    return u == NULL || v == NULL ? NULL : gt_build_call_of(d, GT_LANG_OUTER, (gt_expr[]){u, v}, 2);
}

/* ---- sizes and slices ---------------------------------------------------------------------- */

static gt_expr size_term(gt_derivation *d, const gt_lang_term *term)
{
    int64_t coefficient = term->coefficient < 0 ? -term->coefficient : term->coefficient;
    gt_expr product = NULL;
    if (coefficient != 1 || term->factors[0] == NULL)
        product = gt_build_number(d, (double)coefficient);
    for (int i = 0; i < GT_LANG_MAX_FACTORS && term->factors[i] != NULL; i++) {
        gt_expr factor = gt_build_name(d, term->factors[i]);
        product = product == NULL ? factor : gt_build_joined(d, GT_LANG_MULTIPLY, product, factor);
    }
    return product;
}

gt_expr gt_build_size(gt_derivation *d, const gt_lang_size *size)
{
    gt_expr sum = NULL;
    for (int pass = 0; pass < 2; pass++) /* what is added first, then what is subtracted */
        for (uint32_t i = 0; i < size->term_count; i++) {
            bool negative = size->terms[i].coefficient < 0;
            gt_expr term = negative == (pass == 1) ? size_term(d, &size->terms[i]) : NULL;
            if (term == NULL)
                continue;
            if (sum == NULL)
                sum = negative ? gt_build_negation(d, term) : term;
            else
                sum = gt_build_joined(d, negative ? GT_LANG_SUBTRACT : GT_LANG_ADD, sum, term);
        }
    return sum != NULL ? sum : gt_build_number(d, 0);
}

static bool has_sizes(const gt_lang_shape *shape, const gt_lang_size *sizes, uint32_t count)
{
    bool same = gt_lang_axis_count(shape) == count && !gt_lang_is_shared_matrix(shape);
    for (uint32_t i = 0; i < count && same; i++) {
        gt_lang_size size = gt_lang_axis_size(shape, i);
        same = gt_lang_size_equal(&size, &sizes[i]);
    }
    return same;
}

gt_expr gt_build_reshape(gt_derivation *d, gt_expr a, const gt_lang_size *sizes, uint32_t count)
{
    gt_expr arguments[GT_LANG_MAX_AXES + 1];
    gt_lang_shape shape = gt_build_shape(d, a);
    if (a == NULL || has_sizes(&shape, sizes, count))
        return a;
    if (gt_build_is_negative(a))
        return gt_build_negation(d, gt_build_reshape(d, gt_build_negation(d, a), sizes, count));
    if (a->kind == GT_LANG_CALL && a->function == GT_LANG_RESHAPE)
        return gt_build_reshape(d, a->arguments[0], sizes, count);
    arguments[0] = a;
    for (uint32_t i = 0; i < count; i++)
        arguments[i + 1] = gt_build_size(d, &sizes[i]);
    return gt_build_call_of(d, GT_LANG_RESHAPE, arguments, count + 1);
}

gt_lang_size gt_build_size_along(const gt_lang_shape *shape, unsigned axis)
{
    return axis < gt_lang_axis_count(shape) ? gt_lang_axis_size(shape, axis) : shape->columns;
}

/* The transpose of a slice is as good as the slice of a transpose, and reads better. */
static bool slices_inside(gt_expr a)
{
    return a->kind == GT_LANG_TRANSPOSE || a->kind == GT_LANG_NEGATE;
}

gt_expr gt_build_slice(gt_derivation *d, gt_expr a, unsigned axis, const gt_build_range *range)
{
    gt_lang_shape shape = gt_build_shape(d, a);
    gt_lang_size size = gt_build_size_along(&shape, axis);
    bool from_start = gt_lang_size_is(&range->from, 0), to_end = gt_lang_size_equal(&range->to, &size);
    if (a == NULL || (from_start && to_end))
        return a;
    if (slices_inside(a) && (a->kind == GT_LANG_NEGATE || shape.axes == NULL)) {
        bool turns = a->kind == GT_LANG_TRANSPOSE;
        gt_expr inside = gt_build_slice(d, a->arguments[0], turns ? 1 - axis : axis, range);
        return turns ? gt_build_transpose(d, inside) : gt_build_negation(d, inside);
    }
    gt_lang_expression *slice = gt_lang_new_transpose(&d->pool, open_tree(a));
    gt_expr from = from_start ? NULL : gt_build_size(d, &range->from);
    gt_expr to = to_end ? NULL : gt_build_size(d, &range->to);
    if (made(d, slice) == NULL || d->no_memory)
        return NULL;
    slice->kind = GT_LANG_SLICE;
    slice->axis_count = axis + 1;
    slice->bounds[2 * axis] = open_tree(from);
    slice->bounds[2 * axis + 1] = open_tree(to);
    for (int i = 0; i < 4; i++)
        if (slice->bounds[i] != NULL)
            gt_lang_deepen(slice, slice->bounds[i]);
    return slice;
}

/* ---- putting in ---------------------------------------------------------------------------- */

static gt_expr rebuilt(gt_derivation *d, gt_expr f, gt_expr u, gt_expr v)
{
    gt_expr a = gt_build_put_in(d, f->arguments[0], u, v);
    if (f->kind == GT_LANG_NEGATE)
        return gt_build_negation(d, a);
    if (f->kind == GT_LANG_CALL)
        return gt_build_call(d, f->function, a);
    gt_expr b = gt_build_put_in(d, f->arguments[1], u, v);
    switch (f->operation) {
    case GT_LANG_MULTIPLY:
        return gt_build_product(d, a, b);
    case GT_LANG_DIVIDE:
        return gt_build_quotient(d, a, b);
    case GT_LANG_ADD:
        return gt_build_sum(d, a, b);
    case GT_LANG_SUBTRACT:
        return gt_build_difference(d, a, b);
    default:
        return gt_build_joined(d, f->operation, a, b);
    }
}

gt_expr gt_build_put_in(gt_derivation *d, gt_expr formula, gt_expr u, gt_expr v)
{
    if (formula == NULL || u == NULL || v == NULL)
        return NULL;
    if (formula->kind == GT_LANG_NAME)
        return strcmp(formula->name, "v") == 0 ? v : u;
    return formula->kind == GT_LANG_NUMBER ? formula : rebuilt(d, formula, u, v);
}
