#include "lang/record_axes.h"

#include "gradtape/ops.h"
#include "lang/check_axes.h"
#include "ops/descriptors.h"

#include <string.h>

/* ---- values -------------------------------------------------------------------------------- */

static int64_t rows_of(const gt_lang_value *u)
{
    return gt_var_shape(u->v).size[0];
}

static int64_t columns_of(const gt_lang_value *u)
{
    return gt_var_shape(u->v).size[1];
}

static gt_lang_value make(gt_var v, uint32_t count, const int64_t *size)
{
    gt_lang_value result = {.v = v, .count = count};
    for (uint32_t i = 0; i < GT_LANG_MAX_AXES; i++)
        result.size[i] = i < count ? size[i] : 1;
    return result;
}

gt_lang_value gt_lang_value_of(gt_var v)
{
    int64_t rows = gt_var_valid(v) ? gt_var_shape(v).size[0] : 1;
    return make(v, 1, &rows);
}

static bool invalid(const gt_lang_value *u)
{
    return !gt_var_valid(u->v);
}

/* A dimension is a number of the environment. */
static bool find_size(const void *context, const char *name, int64_t *size)
{
    const gt_lang_environment *e = context;
    double number;
    if (!e->number(e->context, name, &number))
        return false;
    *size = (int64_t)number;
    return true;
}

gt_lang_value gt_lang_value_of_name(const gt_lang_environment *e, const char *name, gt_var v)
{
    const gt_lang_symbol *symbol = e->meaning == NULL ? NULL : gt_lang_symbols_find(&e->meaning->symbols, name);
    if (!gt_var_valid(v) || symbol == NULL || symbol->shape.axes == NULL)
        return gt_lang_value_of(v);
    const gt_lang_axes *axes = symbol->shape.axes;
    int64_t size[GT_LANG_MAX_AXES];
    for (uint32_t i = 0; i < axes->count; i++) {
        if (gt_lang_size_evaluate(&axes->sizes[i], find_size, e, &size[i]))
            continue;
        gt_tape_fail(v.tape, GT_ERROR_ARGUMENT, "a size of %s is not known", name);
        return gt_lang_value_of(GT_NONE);
    }
    return make(v, axes->count, size);
}

/* ---- other shapes of the same array ---------------------------------------------------------- */

static int64_t product(const int64_t *size, uint32_t from, uint32_t to)
{
    int64_t result = 1;
    for (uint32_t i = from; i < to; i++)
        result *= size[i];
    return result;
}

/* (behind, along, before * columns): an axis with what runs faster and what runs slower. */
static gt_var around(const gt_lang_value *u, uint32_t axis)
{
    int64_t behind = product(u->size, axis + 1, u->count), along = u->size[axis];
    return gt_reshape(u->v, GT_SHAPE(behind, along, product(u->size, 0, axis) * columns_of(u)));
}

static gt_lang_value flat(gt_var v, uint32_t count, const int64_t *size, int64_t columns)
{
    return make(gt_var_valid(v) ? gt_reshape(v, GT_SHAPE(product(size, 0, count), columns)) : v, count, size);
}

/* A matrix that all examples share, as one array that each of them has: its columns are one more size. */
static gt_lang_value lifted(gt_lang_value u)
{
    u.size[u.count] = columns_of(&u);
    return flat(gt_transpose(u.v), u.count + 1, u.size, 1);
}

/* ---- element by element --------------------------------------------------------------------- */

enum { MOST = GT_LANG_MOST_NUMBERS, GROUPS = GT_LANG_MAX_AXES + 1 };

/* Axes that lie side by side and along which each operand is whole, or each is stretched. */
typedef struct groups {
    uint32_t count;
    int64_t size[GROUPS];     /* of the result, the fastest first */
    bool whole[GROUPS][MOST]; /* whether an operand has it, or is stretched */
} groups;

typedef struct elements {
    gt_lang_value operands[MOST];
    uint32_t operand_count;
    gt_lang_value result;
    int64_t columns;
} elements;

static int64_t size_along(const elements *e, uint32_t operand, uint32_t axis)
{
    const gt_lang_value *u = &e->operands[operand];
    return axis == 0 ? columns_of(u) : u->size[axis - 1];
}

/* From the fastest axis to the columns, which count as axis 0 here. */
static groups group(const elements *e)
{
    groups g = {0};
    for (uint32_t axis = e->result.count + 1; axis-- > 0;) {
        int64_t size = axis == 0 ? e->columns : e->result.size[axis - 1];
        bool whole[MOST], same = g.count > 0;
        if (size == 1)
            continue;
        for (uint32_t k = 0; k < e->operand_count; k++) {
            whole[k] = size_along(e, k, axis) != 1;
            same = same && whole[k] == g.whole[g.count - 1][k];
        }
        if (same) {
            g.size[g.count - 1] *= size;
            continue;
        }
        g.size[g.count] = size;
        memcpy(g.whole[g.count++], whole, sizeof whole);
    }
    return g;
}

/* The sizes of all together. */
static void find_result(elements *e)
{
    gt_lang_value result = e->operands[0];
    e->columns = 1;
    for (uint32_t k = 0; k < e->operand_count; k++) {
        const gt_lang_value *u = &e->operands[k];
        result.count = u->count > result.count ? u->count : result.count;
        for (uint32_t i = 0; i < GT_LANG_MAX_AXES; i++)
            result.size[i] = result.size[i] == 1 ? u->size[i] : result.size[i];
        if (columns_of(u) != 1)
            e->columns = columns_of(u);
    }
    e->result = result;
}

/* More than three groups would have no room for time steps behind them: the operand that is stretched most is whole. */
static void stretch_one(elements *e, const groups *g)
{
    uint32_t worst = 0, most = 0;
    for (uint32_t k = 0; k < e->operand_count; k++) {
        uint32_t stretched = 0;
        for (uint32_t i = 0; i < g->count; i++)
            stretched += !g->whole[i][k];
        worst = stretched > most ? k : worst;
        most = stretched > most ? stretched : most;
    }
    int64_t from[GROUPS] = {1, 1, 1, 1}, to[GROUPS] = {1, 1, 1, 1};
    for (uint32_t i = 0; i < g->count; i++) {
        from[i] = g->whole[i][worst] ? g->size[i] : 1;
        to[i] = g->size[i];
    }
    gt_lang_value *u = &e->operands[worst];
    gt_var wide = gt_broadcast(gt_reshape(u->v, GT_SHAPE(from[0], from[1], from[2], from[3])),
                               GT_SHAPE(to[0], to[1], to[2], to[3]));
    *u = flat(wide, e->result.count, e->result.size, e->columns);
}

static gt_var under(const groups *g, uint32_t k, gt_var v)
{
    int64_t size[3] = {1, 1, 1};
    for (uint32_t i = 0; i < g->count; i++)
        size[i] = g->whole[i][k] ? g->size[i] : 1;
    return gt_reshape(v, GT_SHAPE(size[0], size[1], size[2]));
}

/* Rows and columns are enough: what is stretched is so along all of its rows. */
static bool is_flat(const elements *e)
{
    int64_t rows = product(e->result.size, 0, e->result.count);
    for (uint32_t k = 0; k < e->operand_count; k++)
        if (rows_of(&e->operands[k]) != rows && rows_of(&e->operands[k]) != 1)
            return false;
    return true;
}

static gt_var apply(const gt_op *op, const gt_var *operands, uint32_t count)
{
    return count == 2 ? gt_apply_binary(op, operands[0], operands[1]) : gt_apply(op, operands, count, NULL, 0);
}

static gt_lang_value apply_grouped(const gt_op *op, elements *e)
{
    gt_var operands[MOST] = {GT_NONE, GT_NONE, GT_NONE};
    groups g = group(e);
    for (; g.count > 3; g = group(e))
        stretch_one(e, &g);
    for (uint32_t k = 0; k < e->operand_count; k++)
        operands[k] = under(&g, k, e->operands[k].v);
    return flat(apply(op, operands, e->operand_count), e->result.count, e->result.size, e->columns);
}

gt_lang_value gt_lang_record_elements(const gt_op *op, const gt_lang_value *operands, uint32_t count, unsigned form)
{
    elements e = {.operand_count = count};
    gt_var plain[MOST] = {GT_NONE, GT_NONE, GT_NONE};
    bool several = form != 0;
    for (uint32_t k = 0; k < count; k++) {
        if (invalid(&operands[k]))
            return gt_lang_value_of(GT_NONE);
        e.operands[k] = (form & (unsigned)GT_LANG_LIFT_FIRST << k) != 0 ? lifted(operands[k]) : operands[k];
        plain[k] = e.operands[k].v;
        several = several || operands[k].count > 1;
    }
    if (!several)
        return gt_lang_value_of(apply(op, plain, count));
    find_result(&e);
    return is_flat(&e) ? make(apply(op, plain, count), e.result.count, e.result.size) : apply_grouped(op, &e);
}

/* ---- along one size --------------------------------------------------------------------------- */

/* The sum over the columns: what is left is as a parameter, of which the last size are the columns. */
static gt_lang_value without_examples(gt_lang_value u, gt_var sum)
{
    uint32_t last = u.count - 1;
    if (last == 0 || !gt_var_valid(sum))
        return gt_lang_value_of(sum);
    gt_var v = gt_transpose(gt_reshape(sum, GT_SHAPE(u.size[last], product(u.size, 0, last))));
    return make(v, last, u.size);
}

gt_lang_value gt_lang_record_sum(gt_lang_value u, int axis, bool mean)
{
    gt_var (*sum)(gt_var x, int axis) = mean ? gt_mean : gt_sum;
    if (invalid(&u))
        return u;
    if (axis == GT_LANG_ALL_AXES || (u.count == 1 && axis == 0))
        return gt_lang_value_of(sum(u.v, axis));
    if (axis >= (int)u.count)
        return without_examples(u, sum(u.v, 1));
    int64_t columns = columns_of(&u);
    bool last = axis + 1 == (int)u.count;
    gt_var v = last ? sum(gt_reshape(u.v, GT_SHAPE(u.size[axis], product(u.size, 0, (uint32_t)axis) * columns)), 0)
                    : sum(around(&u, (uint32_t)axis), 1);
    u.size[axis] = 1;
    return flat(v, u.count - last, u.size, columns);
}

gt_lang_value gt_lang_record_down(gt_lang_value u, gt_var (*function)(gt_var u))
{
    if (invalid(&u))
        return u;
    if (u.count == 1)
        return gt_lang_value_of(function(u.v));
    int64_t last = u.size[u.count - 1], columns = columns_of(&u);
    gt_var v = function(gt_reshape(u.v, GT_SHAPE(last, gt_shape_count(gt_var_shape(u.v)) / last)));
    return flat(v, u.count, u.size, columns);
}

gt_lang_value gt_lang_record_cut(gt_lang_value u, uint32_t axis, int64_t start, int64_t stop)
{
    int64_t columns = columns_of(&u);
    if (axis >= u.count)
        return make(gt_slice(u.v, 1, start, stop), u.count, u.size);
    int64_t behind = product(u.size, axis + 1, u.count);
    gt_var v = axis == 0 ? gt_slice(u.v, 0, start * behind, stop * behind) /* whole rows */
                         : gt_slice(around(&u, axis), 1, start, stop);
    u.size[axis] = stop - start;
    return flat(v, u.count, u.size, columns);
}

gt_lang_value gt_lang_record_sizes(gt_lang_value u, const int64_t *sizes, uint32_t count, unsigned form)
{
    if (invalid(&u))
        return u;
    return form == GT_LANG_WITH_COLUMNS ? flat(gt_transpose(u.v), count, sizes, 1) : make(u.v, count, sizes);
}

/* ---- products ------------------------------------------------------------------------------- */

gt_lang_value gt_lang_record_outer(gt_lang_value u, gt_lang_value v)
{
    if (invalid(&u) || invalid(&v))
        return gt_lang_value_of(GT_NONE);
    u.size[u.count] = 1;
    v.size[v.count] = v.size[v.count - 1];
    v.size[v.count - 1] = 1;
    u.count++;
    v.count++;
    return gt_lang_record_elements(&gt_op_mul, (gt_lang_value[]){u, v}, 2, 0);
}

/* Of each example: the sum over the last size, or transposed over the one before it, of S times a vector. */
static gt_lang_value own_product(gt_lang_value s, bool transposed, gt_lang_value q)
{
    int64_t length = q.size[q.count - 1];
    uint32_t last = s.count - 1;
    q.count = s.count;
    q.size[last] = transposed ? 1 : length;
    q.size[last - 1] = transposed ? length : 1;
    gt_lang_value all = gt_lang_record_elements(&gt_op_mul, (gt_lang_value[]){s, q}, 2, 0);
    if (invalid(&all))
        return all;
    if (!transposed)
        return gt_lang_record_sum(all, (int)last, false);
    gt_lang_value sum = gt_lang_record_sum(all, (int)last - 1, false);
    sum.size[last - 1] = sum.size[last];
    sum.size[last] = 1;
    sum.count = last;
    return sum;
}

/* S @ P: each row of S times a matrix that all examples share. */
static gt_lang_value by_shared(gt_lang_value s, gt_lang_value p, bool transposed)
{
    uint32_t last = s.count - 1;
    int64_t columns = columns_of(&s), length = s.size[last];
    gt_var rows = gt_reshape(s.v, GT_SHAPE(length, product(s.size, 0, last) * columns));
    s.size[last] = transposed ? rows_of(&p) : columns_of(&p);
    return flat(gt_matmul_transposed(p.v, !transposed, rows, false), s.count, s.size, columns);
}

/* Of each head its own: W[n_h, n_k, n_b] @ x[n_h, n_b]. */
static gt_lang_value by_heads(gt_lang_value w, bool transposed, gt_lang_value x)
{
    int64_t heads = product(w.size, 0, w.count - 1), own = w.size[w.count - 1], in = x.size[x.count - 1];
    gt_var *parts = gt_tape_vars(w.v.tape, (size_t)heads);
    if (parts == NULL)
        return gt_lang_value_of(GT_NONE);
    for (int64_t h = 0; h < heads; h++)
        parts[h] = gt_matmul_transposed(gt_slice(w.v, 0, h * own, (h + 1) * own), transposed,
                                        gt_slice(x.v, 0, h * in, (h + 1) * in), false);
    if (transposed)
        w.size[w.count - 1] = columns_of(&w);
    return make(gt_concat(parts, (uint32_t)heads, 0), w.count, w.size);
}

gt_lang_value gt_lang_record_product(gt_lang_value left, bool transposed, gt_lang_value right, bool transpose_right,
                                     unsigned form)
{
    if (invalid(&left) || invalid(&right))
        return gt_lang_value_of(GT_NONE);
    switch (form) {
    case GT_LANG_BY_HEADS:
        return by_heads(left, transposed, right);
    case GT_LANG_BY_SHARED:
        return by_shared(left, right, transpose_right);
    case GT_LANG_OF_EACH:
        return own_product(left, transposed, right);
    case GT_LANG_OF_ALL_HEADS:
    case GT_LANG_OVER_COLUMNS:
        return make(gt_matmul_transposed(left.v, false, right.v, transpose_right), left.count, left.size);
    default:
        return gt_lang_value_of(gt_matmul_transposed(left.v, transposed, right.v, transpose_right));
    }
}

gt_lang_value gt_lang_record_transposed(gt_lang_value u)
{
    if (invalid(&u) || u.count == 1)
        return gt_lang_value_of(gt_transpose(u.v));
    int64_t last = u.size[u.count - 1]; /* one of the two is 1: nothing moves */
    u.size[u.count - 1] = u.size[u.count - 2];
    u.size[u.count - 2] = last;
    return u;
}
