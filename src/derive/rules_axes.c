/* The rules of arrays of several sizes: their products, other sizes of the same entries, and what undoes stretching. */
#include "derive/rules_walk.h"

#include "lang/check_axes.h"

/* ---- what was stretched -------------------------------------------------------------------- */

/* The sum along an axis; of what is the same all along it, as many times that. */
static gt_expr sum_axis(gt_rule_walk *w, gt_expr g, const gt_lang_size *size, uint32_t axis)
{
    gt_lang_shape shape = gt_build_shape(w->d, g);
    gt_lang_size along = gt_lang_axis_size(&shape, axis);
    if (gt_lang_size_is(&along, 1))
        return gt_build_product(w->d, gt_rule_size(w, size), g);
    return gt_build_reduction(w->d, GT_LANG_SUM, g, (int)axis);
}

/* The sum over the columns: what then has no examples is as a parameter. */
static gt_expr sum_columns(gt_rule_walk *w, gt_expr g, const gt_lang_size *size)
{
    gt_lang_shape shape = gt_build_shape(w->d, g);
    bool same = gt_lang_size_is(&shape.columns, 1);
    uint32_t count = gt_lang_axis_count(&shape);
    if (same)
        g = gt_build_product(w->d, gt_rule_size(w, size), g);
    return same && count == 1 ? g : gt_build_reduction(w->d, GT_LANG_SUM, g, (int)count);
}

/* What reaches an operand of these sizes that has no examples: the matrix that it is, or one array for all examples. */
static gt_expr without_examples(gt_rule_walk *w, gt_expr g, const gt_lang_size *size, const gt_lang_shape *to,
                                bool lifted)
{
    g = sum_columns(w, g, size);
    return lifted || to->axes == NULL ? g : gt_build_reshape(w->d, g, to->axes->sizes, to->axes->count);
}

static bool is_one(const gt_lang_shape *shape, uint32_t axis)
{
    gt_lang_size size = gt_lang_axis_size(shape, axis);
    return gt_lang_size_is(&size, 1);
}

/* Whether all of it meets in one number. */
static bool takes_all(const gt_lang_shape *is, const gt_lang_shape *from, const gt_lang_shape *to)
{
    if (!gt_lang_size_is(&to->rows, 1) || !gt_lang_size_is(&to->columns, 1) || gt_lang_size_is(&is->columns, 1))
        return false;
    for (uint32_t axis = 0; axis < gt_lang_axis_count(from); axis++)
        if (is_one(is, axis))
            return false;
    return true;
}

/* Undoes broadcasting: g of the shape of `whole`, or less, for an operand of it. */
static gt_expr summed(gt_rule_walk *w, gt_expr g, gt_expr whole, gt_expr operand, bool lifted)
{
    gt_lang_shape from = gt_build_shape(w->d, whole), to = gt_build_shape(w->d, operand), is = gt_build_shape(w->d, g);
    uint32_t count = gt_lang_axis_count(&from), last = gt_lang_axis_count(&to);
    bool columns = (lifted || gt_lang_size_is(&to.columns, 1)) && !gt_lang_size_is(&from.columns, 1);
    if (g == NULL)
        return NULL;
    if (takes_all(&is, &from, &to))
        return gt_build_reduction(w->d, GT_LANG_SUM, g, GT_LANG_ALL_AXES);
    if ((columns || lifted) && is.axes != NULL && is.axes->count != count)
        g = gt_rule_full(w, g, whole);
    for (uint32_t axis = count; axis-- > 0;) {
        gt_lang_size size = gt_lang_axis_size(&from, axis);
        bool own = lifted && axis == last ? gt_lang_size_is(&to.columns, 1) : is_one(&to, axis);
        if (own && !gt_lang_size_is(&size, 1))
            g = sum_axis(w, g, &size, axis);
    }
    return columns || lifted ? without_examples(w, g, &from.columns, &to, lifted) : g;
}

/* Whether a matrix that all examples share stands there for an array that each of them has. */
static bool is_lifted(const gt_rule_walk *w, gt_expr e, gt_expr operand)
{
    unsigned form = gt_lang_form_of(&w->d->meaning, e);
    bool product = e->kind == GT_LANG_BINARY && e->operation == GT_LANG_MATMUL;
    for (uint32_t i = 0; i < e->argument_count && !product; i++)
        if (e->arguments[i] == operand && (form & (unsigned)GT_LANG_LIFT_FIRST << i) != 0)
            return true;
    return false;
}

void gt_rule_push_element(gt_rule_walk *w, gt_expr e, gt_expr operand, gt_expr g, const char *rule)
{
    if (gt_derive_flows(w->d, operand))
        gt_rule_push(w, operand, summed(w, g, e, operand, is_lifted(w, e, operand)), rule);
}

/* To a factor of a product, along whose examples alone it may have been stretched. */
static void push_factor(gt_rule_walk *w, gt_expr factor, gt_expr g, const char *rule)
{
    gt_lang_shape to = gt_build_shape(w->d, factor), is = gt_build_shape(w->d, g);
    if (g != NULL && gt_lang_size_is(&to.columns, 1) && !gt_lang_size_is(&is.columns, 1))
        g = without_examples(w, g, &is.columns, &to, false);
    gt_rule_push(w, factor, g, rule);
}

/* ---- products ------------------------------------------------------------------------------ */

/* The operands of a product, the left one before it is transposed. */
typedef struct factors {
    gt_expr left, right; /* as they stand there */
    gt_expr s, q;        /* as the block reads them */
    bool turned, left_flows, right_flows;
} factors;

static factors factors_of(gt_rule_walk *w, gt_expr e)
{
    factors f = {.left = e->arguments[0], .right = e->arguments[1]};
    f.turned = f.left->kind == GT_LANG_TRANSPOSE;
    f.left = f.turned ? f.left->arguments[0] : f.left;
    f.s = gt_rule_value(w, f.left);
    f.q = gt_rule_value(w, f.right);
    f.left_flows = gt_derive_flows(w->d, f.left);
    f.right_flows = gt_derive_flows(w->d, f.right);
    return f;
}

static gt_expr turned(gt_derivation *d, gt_expr a, bool turn)
{
    return turn ? gt_build_transpose(d, a) : a;
}

/* S @ q and S.T @ q of each example: dS is outer(g, q) and outer(q, g). */
static void push_own(gt_rule_walk *w, const factors *f, gt_expr g)
{
    gt_derivation *d = w->d;
    if (f->left_flows)
        push_factor(w, f->left, gt_build_outer(d, f->turned ? f->q : g, f->turned ? g : f->q), "@");
    if (f->right_flows)
        push_factor(w, f->right, gt_build_matmul(d, turned(d, f->s, !f->turned), g), "@");
}

/* W[n_h, n_k, n_b] @ x[n_h, n_b]: the same with the matrices of the heads. */
static void push_heads(gt_rule_walk *w, const factors *f, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_lang_shape shape = gt_build_shape(d, g);
    gt_expr outer = gt_build_outer(d, f->turned ? f->q : g, f->turned ? g : f->q);
    if (f->left_flows)
        gt_rule_push(w, f->left, gt_build_reduction(d, GT_LANG_SUM, outer, (int)gt_lang_axis_count(&shape) + 1), "@");
    if (f->right_flows)
        push_factor(w, f->right, gt_build_matmul(d, turned(d, f->s, !f->turned), g), "@");
}

/* g x.T, or without examples the product of each two entries, as of outer. */
static gt_expr slope_of_all_heads(gt_rule_walk *w, gt_expr g, gt_expr x)
{
    gt_derivation *d = w->d;
    gt_lang_shape of_g = gt_build_shape(d, g), of_x = gt_build_shape(d, x);
    gt_lang_size one = gt_lang_size_number(1), sizes[GT_LANG_MAX_AXES] = {one, one, one};
    uint32_t count = gt_lang_axis_count(&of_g);
    if (gt_lang_has_examples(&of_g) && gt_lang_has_examples(&of_x))
        return gt_build_matmul(d, g, gt_build_transpose(d, x));
    sizes[count] = of_x.rows;
    gt_expr all = gt_build_product(d, g, gt_build_reshape(d, x, sizes, count + 1));
    return gt_build_reduction(d, GT_LANG_SUM, all, (int)count + 1);
}

/* W[n_h, n_k, n_x] @ x[n_x]: what reaches x comes from all heads. */
static void push_all_heads(gt_rule_walk *w, const factors *f, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_lang_shape of_w = gt_build_shape(d, f->s);
    if (f->left_flows)
        gt_rule_push(w, f->left, slope_of_all_heads(w, g, f->q), "@");
    if (!f->right_flows)
        return;
    gt_expr all = gt_build_matmul(d, gt_build_transpose(d, f->s), g);
    for (uint32_t head = gt_lang_axis_count(&of_w) - 1; head-- > 0;)
        all = gt_build_reduction(d, GT_LANG_SUM, all, (int)head);
    push_factor(w, f->right, gt_build_reshape(d, all, &of_w.columns, 1), "@");
}

/* An array of sizes [..., last] as [all others, last]. */
static gt_expr with_rows_together(gt_derivation *d, gt_expr a, gt_lang_size *last)
{
    gt_lang_shape shape = gt_build_shape(d, a);
    gt_lang_size sizes[2] = {gt_lang_size_number(1)};
    uint32_t count = gt_lang_axis_count(&shape);
    for (uint32_t i = 0; i + 1 < count; i++) {
        gt_lang_size size = gt_lang_axis_size(&shape, i);
        if (!gt_lang_size_multiply(&sizes[0], &size, &sizes[0]) && d->too_complicated == NULL)
            d->too_complicated = "the sizes of a product";
    }
    *last = sizes[1] = gt_lang_axis_size(&shape, count - 1);
    return gt_build_reshape(d, a, sizes, 2);
}

/* S @ P with a matrix that all examples share, which gets a part from each of their rows. */
static void push_shared(gt_rule_walk *w, const factors *f, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_lang_size sizes[2];
    if (f->left_flows)
        push_factor(w, f->left, gt_build_matmul(d, g, gt_build_transpose(d, f->q)), "@");
    if (!f->right_flows)
        return;
    gt_expr rows = with_rows_together(d, f->s, &sizes[0]);
    gt_expr outer = gt_build_outer(d, rows, with_rows_together(d, g, &sizes[1]));
    gt_expr all = gt_build_reshape(d, gt_build_reduction(d, GT_LANG_SUM, outer, 0), sizes, 2);
    gt_rule_push(w, f->right, gt_build_reduction(d, GT_LANG_SUM, all, 2), "@");
}

bool gt_rule_push_several(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    unsigned form = gt_lang_form_of(&w->d->meaning, e);
    if (form == 0)
        return false;
    factors f = factors_of(w, e);
    if (form == GT_LANG_OF_EACH)
        push_own(w, &f, g);
    else if (form == GT_LANG_BY_HEADS)
        push_heads(w, &f, g);
    else if (form == GT_LANG_OF_ALL_HEADS && !f.turned)
        push_all_heads(w, &f, g);
    else if (form == GT_LANG_BY_SHARED && !f.turned)
        push_shared(w, &f, g);
    else if (w->d->too_complicated == NULL)
        w->d->too_complicated = "the gradients of a product that sums over the examples, or of W.T @ x with one x for "
                                "all heads, have no form in the language";
    return true;
}

/* ---- functions ----------------------------------------------------------------------------- */

void gt_rule_push_outer(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_expr u = e->arguments[0], v = e->arguments[1];
    g = gt_rule_full(w, g, e);
    if (gt_derive_flows(d, u))
        push_factor(w, u, gt_build_matmul(d, g, gt_rule_value(w, v)), "outer");
    if (gt_derive_flows(d, v))
        push_factor(w, v, gt_build_matmul(d, gt_build_transpose(d, g), gt_rule_value(w, u)), "outer");
}

/* The same entries under the sizes that they had; the columns of a matrix are one of them. */
void gt_rule_push_reshape(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_lang_shape to = gt_build_shape(d, e->arguments[0]);
    gt_lang_size sizes[GT_LANG_MAX_AXES + 1];
    uint32_t count = gt_lang_axis_count(&to);
    bool matrix = gt_lang_form_of(&d->meaning, e) == GT_LANG_WITH_COLUMNS;
    for (uint32_t i = 0; i < count; i++)
        sizes[i] = gt_lang_axis_size(&to, i);
    sizes[count] = to.columns;
    if (matrix && count == GT_LANG_MAX_AXES && d->too_complicated == NULL)
        d->too_complicated = "the sizes of a reshape";
    if (d->too_complicated != NULL)
        return;
    g = gt_build_reshape(d, gt_rule_full(w, g, e), sizes, count + matrix);
    gt_rule_push(w, e->arguments[0], matrix ? gt_build_reduction(d, GT_LANG_SUM, g, (int)count + 1) : g, "reshape");
}

/* What a sum hands on, where it is not stretched by itself: of a sum over the examples, which left a matrix. */
gt_expr gt_rule_along_examples(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_derivation *d = w->d;
    gt_expr u = e->arguments[0];
    gt_lang_shape shape = gt_build_shape(d, u);
    if (shape.axes == NULL || e->axis != (int)shape.axes->count)
        return g;
    g = gt_build_reshape(d, gt_rule_full(w, g, e), shape.axes->sizes, shape.axes->count);
    if (!gt_lang_is_shared_matrix(&shape))
        return g;
    return gt_build_reduction(d, GT_LANG_SUM, gt_derive_stretched(d, g, gt_rule_value(w, u)), e->axis + 1);
}

/* Of arrays of several sizes only a line is transposed by itself: nothing moves. */
gt_expr gt_rule_turned_back(gt_rule_walk *w, gt_expr e, gt_expr g)
{
    gt_lang_shape shape = gt_build_shape(w->d, e->arguments[0]);
    if (shape.axes == NULL || gt_lang_is_shared_matrix(&shape))
        return gt_build_transpose(w->d, g);
    return gt_build_reshape(w->d, gt_rule_full(w, g, e), shape.axes->sizes, shape.axes->count);
}
