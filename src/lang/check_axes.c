#include "lang/check_axes.h"

#include "lang/check_hints.h"
#include "lang/size.h"

#include <string.h>

/* ---- what a shape has ---------------------------------------------------------------------- */

uint32_t gt_lang_axis_count(const gt_lang_shape *shape)
{
    return shape->axes == NULL ? 1 : shape->axes->count;
}

gt_lang_size gt_lang_axis_size(const gt_lang_shape *shape, uint32_t axis)
{
    if (axis >= gt_lang_axis_count(shape))
        return gt_lang_size_number(1);
    return shape->axes == NULL ? shape->rows : shape->axes->sizes[axis];
}

bool gt_lang_same_sizes(const gt_lang_shape *a, const gt_lang_shape *b, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        gt_lang_size first = gt_lang_axis_size(a, i), second = gt_lang_axis_size(b, i);
        if (!gt_lang_size_equal(&first, &second))
            return false;
    }
    return true;
}

/* Sizes of 1 behind the last are no difference: a vector is a column. */
bool gt_lang_shape_equal(const gt_lang_shape *a, const gt_lang_shape *b)
{
    return gt_lang_same_sizes(a, b, 0, GT_LANG_MAX_AXES) && gt_lang_size_equal(&a->columns, &b->columns);
}

bool gt_lang_has_examples(const gt_lang_shape *shape)
{
    gt_lang_size examples = gt_lang_size_name(GT_LANG_EXAMPLES);
    return gt_lang_size_equal(&shape->columns, &examples);
}

bool gt_lang_is_shared_matrix(const gt_lang_shape *shape)
{
    gt_lang_size examples = gt_lang_size_name(GT_LANG_EXAMPLES);
    return !gt_lang_size_is(&shape->columns, 1) && !gt_lang_has_examples(shape) &&
           !gt_lang_size_equal(&shape->rows, &examples);
}

static bool of_examples(const gt_lang_shape *shape)
{
    return !gt_lang_is_shared_matrix(shape) && (gt_lang_has_examples(shape) || shape->axes != NULL);
}

bool gt_lang_needs_axes(const gt_lang_shape *a, const gt_lang_shape *b)
{
    return a->axes != NULL || b->axes != NULL || (gt_lang_is_shared_matrix(a) && of_examples(b)) ||
           (gt_lang_is_shared_matrix(b) && of_examples(a));
}

bool gt_lang_is_line(const gt_lang_shape *shape)
{
    uint32_t count = gt_lang_axis_count(shape);
    gt_lang_size last = gt_lang_axis_size(shape, count - 1), before = gt_lang_axis_size(shape, count - 2);
    return gt_lang_size_is(&last, 1) || gt_lang_size_is(&before, 1);
}

/* ---- making one ---------------------------------------------------------------------------- */

static bool too_complicated(gt_lang_checker *c, gt_lang_place place)
{
    gt_lang_error(c->diagnostics, place, "the size of this array is too complicated");
    return false;
}

bool gt_lang_make_shape(gt_lang_checker *c, gt_lang_place place, const gt_lang_size *sizes, uint32_t count,
                        gt_lang_size columns, gt_lang_shape *shape)
{
    gt_lang_shape result = {.known = true, .rows = sizes[0], .columns = columns};
    for (uint32_t i = 1; i < count; i++)
        if (!gt_lang_size_multiply(&result.rows, &sizes[i], &result.rows))
            return too_complicated(c, place);
    if (count > 1) {
        gt_lang_axes *axes = gt_pool_new(c->meaning->symbols.pool, 1, sizeof *axes);
        if (axes == NULL) {
            c->no_memory = true;
            return false;
        }
        *axes = (gt_lang_axes){.count = count};
        memcpy(axes->sizes, sizes, count * sizeof *sizes);
        result.axes = axes;
    }
    *shape = result;
    return true;
}

/* The sizes of a shape as a list, whose length is given. */
static uint32_t sizes_of(const gt_lang_shape *shape, gt_lang_size sizes[GT_LANG_MAX_AXES])
{
    uint32_t count = gt_lang_axis_count(shape);
    for (uint32_t i = 0; i < GT_LANG_MAX_AXES; i++)
        sizes[i] = gt_lang_axis_size(shape, i);
    return count;
}

bool gt_lang_resize_axis(gt_lang_checker *c, gt_lang_place place, const gt_lang_shape *of, uint32_t axis,
                         gt_lang_size size, gt_lang_shape *shape)
{
    gt_lang_size sizes[GT_LANG_MAX_AXES];
    uint32_t count = sizes_of(of, sizes);
    sizes[axis] = size;
    return gt_lang_make_shape(c, place, sizes, count, of->columns, shape);
}

bool gt_lang_sum_axis(gt_lang_checker *c, gt_lang_place place, const gt_lang_shape *of, uint32_t axis,
                      gt_lang_shape *shape)
{
    gt_lang_size sizes[GT_LANG_MAX_AXES];
    uint32_t count = sizes_of(of, sizes);
    sizes[axis] = gt_lang_size_number(1);
    return gt_lang_make_shape(c, place, sizes, count - (axis + 1 == count && count > 1), of->columns, shape);
}

bool gt_lang_sum_columns(gt_lang_checker *c, gt_lang_place place, const gt_lang_shape *of, gt_lang_shape *shape)
{
    gt_lang_size sizes[GT_LANG_MAX_AXES], one = gt_lang_size_number(1);
    uint32_t count = sizes_of(of, sizes);
    return count == 1 ? gt_lang_make_shape(c, place, sizes, 1, one, shape)
                      : gt_lang_make_shape(c, place, sizes, count - 1, sizes[count - 1], shape);
}

bool gt_lang_transpose_axes(gt_lang_checker *c, gt_lang_place place, const gt_lang_shape *of, gt_lang_shape *shape)
{
    gt_lang_size sizes[GT_LANG_MAX_AXES], columns = of->columns;
    uint32_t count = sizes_of(of, sizes);
    gt_lang_size last = sizes[count - 1];
    if (gt_lang_is_shared_matrix(of)) {
        sizes[count - 1] = of->columns;
        columns = last;
    } else {
        sizes[count - 1] = sizes[count - 2];
        sizes[count - 2] = last;
    }
    return gt_lang_make_shape(c, place, sizes, count, columns, shape);
}

/* ---- element by element -------------------------------------------------------------------- */

/* A matrix that all examples share, as one array that each of them has: its columns are one more size. */
static bool lift(gt_lang_checker *c, gt_lang_place place, gt_lang_shape *shape)
{
    gt_lang_size sizes[GT_LANG_MAX_AXES + 1];
    uint32_t count = sizes_of(shape, sizes);
    if (count == GT_LANG_MAX_AXES)
        return false;
    sizes[count] = shape->columns;
    return gt_lang_make_shape(c, place, sizes, count + 1, gt_lang_size_number(1), shape);
}

/* W * h, where a product is likely to be meant: where W @ h is one, and wherever no array has several sizes. */
static bool may_be_product(const gt_lang_checker *c, const gt_lang_shape *matrix, const gt_lang_shape *other)
{
    return other->axes == NULL && (!c->meaning->has_axes || gt_lang_size_equal(&matrix->columns, &other->rows));
}

bool gt_lang_stretch_axes(gt_lang_checker *c, const gt_lang_expression *e, uint32_t operand, const gt_lang_shape *a,
                          const gt_lang_shape *b, gt_lang_shape *shape)
{
    gt_lang_shape parts[2] = {*a, *b};
    gt_lang_size sizes[GT_LANG_MAX_AXES], columns;
    for (int i = 0; i < 2; i++) {
        if (!gt_lang_is_shared_matrix(&parts[i]) || !of_examples(&parts[1 - i]))
            continue;
        if (may_be_product(c, &parts[i], &parts[1 - i]) || !lift(c, e->place, &parts[i]))
            return false;
        unsigned all_before = (1U << operand) - 1;
        gt_lang_note_form(c, e, GT_LANG_LIFT_FIRST * (i == 0 ? all_before : 1U << operand));
    }
    uint32_t counts[2] = {gt_lang_axis_count(&parts[0]), gt_lang_axis_count(&parts[1])};
    uint32_t count = counts[0] > counts[1] ? counts[0] : counts[1];
    for (uint32_t i = 0; i < count; i++) {
        gt_lang_size first = gt_lang_axis_size(&parts[0], i), second = gt_lang_axis_size(&parts[1], i);
        if (!gt_lang_stretch(&first, &second, &sizes[i]))
            return false;
    }
    return gt_lang_stretch(&parts[0].columns, &parts[1].columns, &columns) &&
           gt_lang_make_shape(c, e->place, sizes, count, columns, shape);
}

/* ---- products ------------------------------------------------------------------------------ */

static bool last_is(const gt_lang_shape *shape, const gt_lang_size *size)
{
    gt_lang_size last = gt_lang_axis_size(shape, gt_lang_axis_count(shape) - 1);
    return gt_lang_size_equal(&last, size);
}

/* W[n_h, n_k, n_x] @ x[n_x], and of each head its own, W[n_h, n_k, n_b] @ x[n_h, n_b]. */
static unsigned multiply_shared(gt_lang_checker *c, gt_lang_place place, const gt_lang_shape *left,
                                const gt_lang_shape *right, gt_lang_shape *shape)
{
    gt_lang_size sizes[GT_LANG_MAX_AXES];
    uint32_t count = sizes_of(left, sizes);
    bool heads = right->axes != NULL;
    if (!last_is(right, &left->columns) ||
        (heads && (right->axes->count != count || gt_lang_is_shared_matrix(right) ||
                   !gt_lang_same_sizes(left, right, 0, count - 1))) ||
        !gt_lang_make_shape(c, place, sizes, count, right->columns, shape))
        return 0;
    return heads ? GT_LANG_BY_HEADS : GT_LANG_OF_ALL_HEADS;
}

/* S[n_k, n_v] @ q[n_v] of each example, S @ P with a matrix that they share, and dq @ x.T, which sums over them. */
static unsigned multiply_own(gt_lang_checker *c, gt_lang_place place, const gt_lang_shape *left,
                             const gt_lang_shape *right, gt_lang_shape *shape)
{
    gt_lang_size sizes[GT_LANG_MAX_AXES], columns = right->columns;
    uint32_t count = sizes_of(left, sizes);
    gt_lang_size last = sizes[count - 1];
    if (right->axes == NULL && gt_lang_has_examples(left) && gt_lang_size_equal(&left->columns, &right->rows))
        return gt_lang_make_shape(c, place, sizes, count, columns, shape) ? GT_LANG_OVER_COLUMNS : 0;
    if (count > 1 && gt_lang_is_shared_matrix(right) && right->axes == NULL && last_is(left, &right->rows)) {
        sizes[count - 1] = right->columns;
        return gt_lang_make_shape(c, place, sizes, count, left->columns, shape) ? GT_LANG_BY_SHARED : 0;
    }
    if (gt_lang_is_shared_matrix(right) || gt_lang_axis_count(right) + 1 != count || !last_is(right, &last) ||
        !gt_lang_same_sizes(left, right, 0, count - 2) || !gt_lang_stretch(&left->columns, &right->columns, &columns) ||
        !gt_lang_make_shape(c, place, sizes, count - 1, columns, shape))
        return 0;
    return GT_LANG_OF_EACH;
}

bool gt_lang_multiply_axes(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *left,
                           const gt_lang_shape *right, gt_lang_shape *shape)
{
    bool turned = e->arguments[0]->kind == GT_LANG_TRANSPOSE && left->axes != NULL;
    unsigned form = gt_lang_is_shared_matrix(left) ? multiply_shared(c, e->place, left, right, shape)
                                                   : multiply_own(c, e->place, left, right, shape);
    if (turned && form != GT_LANG_OF_EACH && form != GT_LANG_BY_HEADS) /* of the others there is none */
        return false;
    if (form != 0)
        gt_lang_note_form(c, e, form);
    return form != 0;
}

/* ---- functions ----------------------------------------------------------------------------- */

static const gt_lang_shape unknown = {.known = false};

/* u[..., a] and v[..., b] are u vT, [..., a, b]. */
gt_lang_shape gt_lang_check_outer(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *shapes)
{
    const gt_lang_shape *u = &shapes[0], *v = &shapes[1];
    gt_lang_size sizes[GT_LANG_MAX_AXES + 1], columns;
    gt_lang_shape result;
    char first[400], second[400];
    uint32_t count = sizes_of(u, sizes);
    bool fits = !gt_lang_is_shared_matrix(u) && !gt_lang_is_shared_matrix(v) && gt_lang_axis_count(v) == count &&
                gt_lang_same_sizes(u, v, 0, count - 1) && gt_lang_stretch(&u->columns, &v->columns, &columns);
    if (u->number || v->number || !fits) {
        gt_lang_error(c->diagnostics, e->place, "outer: the operands are %s and %s",
                      gt_lang_shape_format(c, u, first, sizeof first),
                      gt_lang_shape_format(c, v, second, sizeof second));
        gt_lang_hint(c->diagnostics, "outer(u, v) of u[n_k] and v[n_v] is u times v transposed, [n_k, n_v], for each "
                                     "example; of u[n_h, n_k] and v[n_h, n_v] the same for each head");
        return unknown;
    }
    if (count == GT_LANG_MAX_AXES) {
        gt_lang_error(c->diagnostics, e->place, "an array has at most %d sizes, and its examples", GT_LANG_MAX_AXES);
        return unknown;
    }
    sizes[count] = gt_lang_axis_size(v, count - 1);
    gt_lang_note_form(c, e, GT_LANG_OF_EACH);
    return gt_lang_make_shape(c, e->place, sizes, count + 1, columns, &result) ? result : unknown;
}

/* The sizes that reshape is given, and their product. */
static bool read_sizes(gt_lang_checker *c, const gt_lang_expression *e, gt_lang_size *sizes, gt_lang_size *product)
{
    const gt_lang_expression *where;
    *product = gt_lang_size_number(1);
    for (uint32_t i = 1; i < e->argument_count; i++) {
        if (gt_lang_size_of(e->arguments[i], &sizes[i - 1], &where) != GT_LANG_SIZE_GOOD ||
            !gt_lang_has_dimensions_alone(c, e->arguments[i])) {
            gt_lang_error(c->diagnostics, e->arguments[i]->place,
                          "a size is made of whole numbers and dimension names with + - *");
            return false;
        }
        if (!gt_lang_size_multiply(product, &sizes[i - 1], product))
            return too_complicated(c, e->place);
    }
    return true;
}

gt_lang_shape gt_lang_check_reshape(gt_lang_checker *c, const gt_lang_expression *e, const gt_lang_shape *shape)
{
    gt_lang_size sizes[GT_LANG_MAX_AXES], product, all;
    gt_lang_shape result;
    char is[400], wanted[160];
    if (!read_sizes(c, e, sizes, &product))
        return unknown;
    bool whole = gt_lang_is_shared_matrix(shape) && gt_lang_size_multiply(&shape->rows, &shape->columns, &all) &&
                 gt_lang_size_equal(&all, &product);
    if (shape->number || (!whole && !gt_lang_size_equal(&shape->rows, &product))) {
        gt_lang_error(c->diagnostics, e->place, "reshape: %s cannot take sizes whose product is %s",
                      gt_lang_shape_format(c, shape, is, sizeof is),
                      gt_lang_size_format(&product, false, wanted, sizeof wanted));
        gt_lang_hint(c->diagnostics, "the examples are no size: reshape(u, n_h, n_k) of u[n_h * n_k]");
        return unknown;
    }
    gt_lang_note_form(c, e, whole ? GT_LANG_WITH_COLUMNS : GT_LANG_OF_EACH);
    gt_lang_size columns = whole ? gt_lang_size_number(1) : shape->columns;
    return gt_lang_make_shape(c, e->place, sizes, e->argument_count - 1, columns, &result) ? result : unknown;
}
