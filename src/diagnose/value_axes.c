#include "diagnose/value_axes.h"

#include <string.h>

enum { MOST_PARTS = 3 };

uint32_t gt_value_axis_count(gt_value v)
{
    return v.count > 1 ? v.count : 1;
}

uint32_t gt_value_axis_size(gt_value v, uint32_t axis)
{
    if (axis >= gt_value_axis_count(v))
        return 1;
    return v.count > 1 ? v.size[axis] : v.rows;
}

bool gt_value_has_sizes_of(gt_value a, gt_value b)
{
    for (uint32_t axis = 0; axis < GT_LANG_MAX_AXES; axis++)
        if (gt_value_axis_size(a, axis) != gt_value_axis_size(b, axis))
            return false;
    return true;
}

static bool has_examples(gt_value v)
{
    return (v.examples & GT_VALUE_COLUMNS) != 0;
}

bool gt_value_is_shared(gt_value v)
{
    return v.columns > 1 && v.examples == 0;
}

static bool of_examples(gt_value v)
{
    return !gt_value_is_shared(v) && (has_examples(v) || v.count > 1);
}

static uint32_t product(const uint32_t *size, uint32_t from, uint32_t to)
{
    uint32_t result = 1;
    for (uint32_t i = from; i < to; i++)
        result *= size[i];
    return result;
}

/* A value of these sizes without its numbers. */
static gt_value shaped(const uint32_t *size, uint32_t count, uint32_t columns, uint8_t examples)
{
    gt_value v = {.rows = product(size, 0, count), .columns = columns, .count = (uint8_t)count, .examples = examples};
    for (uint32_t i = 0; i < count; i++)
        v.size[i] = size[i];
    return v;
}

static uint32_t sizes_of(gt_value v, uint32_t size[GT_LANG_MAX_AXES + 1])
{
    uint32_t count = gt_value_axis_count(v);
    for (uint32_t i = 0; i <= GT_LANG_MAX_AXES; i++)
        size[i] = gt_value_axis_size(v, i);
    return count;
}

static double *new_data(gt_arena *arena, gt_value *v)
{
    double *data = gt_arena_new(arena, (size_t)v->rows * v->columns, sizeof *data);
    v->data = data;
    return data;
}

/* (rows, columns) as (columns, rows), entry by entry. */
static bool transposed(gt_arena *arena, const double *from, uint32_t rows, uint32_t columns, gt_value *result)
{
    double *data = new_data(arena, result);
    for (uint32_t i = 0; data != NULL && i < rows; i++)
        for (uint32_t j = 0; j < columns; j++)
            data[j + (size_t)i * columns] = from[i + (size_t)j * rows];
    return data != NULL;
}

/* ---- element by element -------------------------------------------------------------------- */

/* The matrix at `i` stands for an array that each example has: where the other one is of the examples. */
static bool is_lifted(const gt_value *parts, uint32_t count, uint32_t i)
{
    for (uint32_t k = 0; k < count; k++)
        if (k != i && gt_value_is_shared(parts[i]) && of_examples(parts[k]))
            return true;
    return false;
}

bool gt_value_needs_axes(const gt_value *parts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (parts[i].count > 1 || is_lifted(parts, count, i))
            return true;
    return false;
}

static bool lift(gt_arena *arena, gt_value matrix, gt_value *result)
{
    uint32_t size[GT_LANG_MAX_AXES + 1], count = sizes_of(matrix, size);
    if (count == GT_LANG_MAX_AXES)
        return false;
    size[count] = matrix.columns;
    *result = shaped(size, count + 1, 1, 0);
    return transposed(arena, matrix.data, matrix.rows, matrix.columns, result);
}

/* Operands that are whole or stretched along each axis, from the first to the columns. */
typedef struct elements {
    const gt_op *op;
    const int64_t *attributes;
    gt_value parts[MOST_PARTS];
    uint32_t count;
    gt_value result;
} elements;

static bool find_result(elements *e)
{
    uint32_t size[GT_LANG_MAX_AXES] = {1, 1, 1}, count = 1, columns = 1;
    uint8_t examples = 0;
    for (uint32_t p = 0; p < e->count; p++) {
        const gt_value v = e->parts[p];
        count = gt_value_axis_count(v) > count ? gt_value_axis_count(v) : count;
        for (uint32_t axis = 0; axis < GT_LANG_MAX_AXES; axis++) {
            uint32_t own = gt_value_axis_size(v, axis);
            if (own != size[axis] && own != 1 && size[axis] != 1)
                return false;
            size[axis] = own > size[axis] ? own : size[axis];
        }
        if (v.columns != columns && v.columns != 1 && columns != 1)
            return false;
        columns = v.columns > columns ? v.columns : columns;
        examples |= v.examples;
    }
    e->result = shaped(size, count, columns, examples);
    return true;
}

/* The first entry of the run `run` of column j, in an operand. */
static const double *run_of(const elements *e, gt_value v, uint32_t run, uint32_t j)
{
    uint32_t last = gt_value_axis_count(e->result) - 1, step = 1;
    size_t at = v.columns > 1 ? (size_t)j * v.rows : 0;
    step = gt_value_axis_size(v, last);
    for (uint32_t axis = last; axis-- > 0;) {
        uint32_t own = gt_value_axis_size(v, axis), place = run % gt_value_axis_size(e->result, axis);
        run /= gt_value_axis_size(e->result, axis);
        at += own > 1 ? (size_t)place * step : 0;
        step *= own;
    }
    return v.data + at;
}

static bool run_elements(gt_arena *arena, elements *e)
{
    double *data = new_data(arena, &e->result);
    uint32_t last = gt_value_axis_count(e->result) - 1, length = gt_value_axis_size(e->result, last);
    const double *inputs[MOST_PARTS];
    size_t strides[MOST_PARTS];
    for (uint32_t p = 0; p < e->count; p++)
        strides[p] = gt_value_axis_size(e->parts[p], last) > 1;
    for (uint32_t j = 0; data != NULL && j < e->result.columns; j++)
        for (uint32_t run = 0; run < e->result.rows / length; run++, data += length) {
            for (uint32_t p = 0; p < e->count; p++)
                inputs[p] = run_of(e, e->parts[p], run, j);
            e->op->run_f64(&(gt_elementwise_f64){
                .count = length, .inputs = inputs, .strides = strides, .output = data, .attributes = e->attributes});
        }
    return e->result.data != NULL;
}

bool gt_value_by_axes(gt_arena *arena, const gt_op *op, const gt_value *parts, uint32_t count,
                      const int64_t *attributes, gt_value *result)
{
    elements e = {.op = op, .attributes = attributes, .count = count};
    for (uint32_t i = 0; i < count; i++) {
        e.parts[i] = parts[i];
        if (!is_lifted(parts, count, i))
            continue;
        for (uint32_t k = 0; k < count; k++) /* W * h, where W @ h is a product, is no array of its own */
            if (k != i && parts[k].count <= 1 && parts[k].rows == parts[i].columns)
                return false;
        if (!lift(arena, parts[i], &e.parts[i]))
            return false;
    }
    if (!find_result(&e) || !run_elements(arena, &e))
        return false;
    *result = e.result;
    return true;
}

/* ---- products ------------------------------------------------------------------------------ */

bool gt_value_turned(gt_arena *arena, gt_value v, gt_value *result)
{
    uint32_t size[GT_LANG_MAX_AXES + 1], count = sizes_of(v, size), last = size[count - 1];
    bool shared = gt_value_is_shared(v);
    uint32_t other = shared ? v.columns : size[count - 2];
    uint32_t blocks = shared ? v.rows / last : v.rows / last / other * v.columns;
    size[count - 1] = other;
    if (!shared)
        size[count - 2] = last;
    *result = shaped(size, count, shared ? last : v.columns, v.examples);
    double *data = new_data(arena, result);
    for (uint32_t b = 0; data != NULL && b < blocks; b++)
        for (uint32_t i = 0; i < last; i++)
            for (uint32_t j = 0; j < other; j++) {
                size_t from = shared ? (size_t)b * last + i + (size_t)j * v.rows : ((size_t)b * other + j) * last + i;
                size_t to =
                    shared ? (size_t)b * other + j + (size_t)i * result->rows : ((size_t)b * last + i) * other + j;
                data[to] = v.data[from];
            }
    return data != NULL;
}

static bool same_heads(gt_value a, gt_value b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (gt_value_axis_size(a, i) != gt_value_axis_size(b, i))
            return false;
    return true;
}

/* Rows of the left, `length` entries of which lie `step` apart, times columns of the right. */
static double dot(const double *a, size_t a_step, const double *b, uint32_t length)
{
    double sum = 0;
    for (uint32_t k = 0; k < length; k++)
        sum += a[k * a_step] * b[k];
    return sum;
}

/* W[n_h, n_k, n_x] @ x[n_x], and of each head its own. */
static bool multiply_shared(gt_arena *arena, gt_value w, gt_value x, gt_value *result)
{
    uint32_t size[GT_LANG_MAX_AXES + 1], count = sizes_of(w, size), own = size[count - 1];
    bool heads = x.count > 1;
    if (gt_value_axis_size(x, gt_value_axis_count(x) - 1) != w.columns ||
        (heads && (x.count != count || gt_value_is_shared(x) || !same_heads(w, x, count - 1))))
        return false;
    *result = shaped(size, count, x.columns, x.examples & GT_VALUE_COLUMNS);
    double *data = new_data(arena, result);
    for (uint32_t j = 0; data != NULL && j < x.columns; j++)
        for (uint32_t i = 0; i < w.rows; i++)
            *data++ =
                dot(w.data + i, w.rows, x.data + (size_t)j * x.rows + (heads ? i / own * w.columns : 0), w.columns);
    return result->data != NULL;
}

/* dq @ x.T: the columns, which are the examples, are summed over; and S @ P. */
static bool multiply_matrix(gt_arena *arena, gt_value s, gt_value p, bool over_columns, gt_value *result)
{
    uint32_t size[GT_LANG_MAX_AXES + 1], count = sizes_of(s, size), last = size[count - 1];
    uint32_t rows = s.rows / last;
    if (!over_columns)
        size[count - 1] = p.columns;
    *result = over_columns ? shaped(size, count, p.columns, p.examples & GT_VALUE_COLUMNS)
                           : shaped(size, count, s.columns, s.examples);
    double *data = new_data(arena, result);
    if (data == NULL)
        return false;
    if (over_columns) {
        for (uint32_t j = 0; j < p.columns; j++)
            for (uint32_t i = 0; i < s.rows; i++)
                *data++ = dot(s.data + i, s.rows, p.data + (size_t)j * p.rows, s.columns);
        return true;
    }
    for (size_t row = 0; row < (size_t)rows * s.columns; row++)
        for (uint32_t j = 0; j < p.columns; j++)
            *data++ = dot(s.data + row * last, 1, p.data + (size_t)j * p.rows, last);
    return true;
}

/* S[n_k, n_v] @ q[n_v] of each example. */
static bool multiply_own(gt_arena *arena, gt_value s, gt_value q, gt_value *result)
{
    uint32_t size[GT_LANG_MAX_AXES + 1], count = sizes_of(s, size), last = size[count - 1];
    uint32_t columns = s.columns > q.columns ? s.columns : q.columns, rows = s.rows / last, own = size[count - 2];
    bool fit = s.columns == q.columns || s.columns == 1 || q.columns == 1;
    if (gt_value_axis_count(q) + 1 != count || gt_value_axis_size(q, count - 2) != last ||
        !same_heads(s, q, count - 2) || !fit)
        return false;
    *result = shaped(size, count - 1, columns, (uint8_t)((s.examples | q.examples) & GT_VALUE_COLUMNS));
    double *data = new_data(arena, result);
    for (uint32_t j = 0; data != NULL && j < columns; j++)
        for (uint32_t row = 0; row < rows; row++)
            *data++ = dot(s.data + (s.columns > 1 ? (size_t)j * s.rows : 0) + (size_t)row * last, 1,
                          q.data + (q.columns > 1 ? (size_t)j * q.rows : 0) + (size_t)(row / own) * last, last);
    return result->data != NULL;
}

bool gt_value_multiply_axes(gt_arena *arena, gt_value left, gt_value right, gt_value *result)
{
    uint32_t last = gt_value_axis_size(left, gt_value_axis_count(left) - 1);
    if (gt_value_is_shared(left))
        return multiply_shared(arena, left, right, result);
    if (right.count <= 1 && has_examples(left) && (right.examples & GT_VALUE_ROWS) != 0 && left.columns == right.rows)
        return multiply_matrix(arena, left, right, true, result);
    if (left.count > 1 && gt_value_is_shared(right) && right.count <= 1 && last == right.rows)
        return multiply_matrix(arena, left, right, false, result);
    return left.count > 1 && !gt_value_is_shared(right) && multiply_own(arena, left, right, result);
}

bool gt_value_outer(gt_arena *arena, gt_value u, gt_value v, gt_value *result)
{
    uint32_t of_u[GT_LANG_MAX_AXES + 1], of_v[GT_LANG_MAX_AXES + 1], count = sizes_of(u, of_u);
    if (gt_value_is_shared(u) || gt_value_is_shared(v) || sizes_of(v, of_v) != count || count == GT_LANG_MAX_AXES ||
        !same_heads(u, v, count - 1))
        return false;
    of_v[count] = of_v[count - 1];
    of_v[count - 1] = 1;
    gt_value parts[2] = {shaped(of_u, count + 1, u.columns, u.examples),
                         shaped(of_v, count + 1, v.columns, v.examples)};
    parts[0].data = u.data;
    parts[1].data = v.data;
    return gt_value_by_axes(arena, &gt_op_mul, parts, 2, NULL, result);
}

/* ---- other sizes --------------------------------------------------------------------------- */

bool gt_value_reshape(gt_arena *arena, const gt_value *parts, uint32_t count, gt_value *result)
{
    uint32_t size[GT_LANG_MAX_AXES];
    double all = 1;
    for (uint32_t i = 1; i < count; i++) {
        if (parts[i].rows != 1 || parts[i].columns != 1 || !(*parts[i].data >= 1 && *parts[i].data < 1e6))
            return false;
        size[i - 1] = (uint32_t)*parts[i].data;
        all *= size[i - 1];
    }
    bool whole = gt_value_is_shared(parts[0]) && all == (double)parts[0].rows * parts[0].columns;
    if (!whole && all != parts[0].rows)
        return false;
    *result = shaped(size, count - 1, whole ? 1 : parts[0].columns, whole ? 0 : parts[0].examples);
    result->data = parts[0].data;
    return !whole || transposed(arena, parts[0].data, parts[0].rows, parts[0].columns, result);
}

/* The sum over the columns: what is left is as a parameter, of which the last size are the columns. */
static bool sum_columns(gt_arena *arena, gt_value u, double scale, gt_value *result)
{
    uint32_t size[GT_LANG_MAX_AXES + 1], count = sizes_of(u, size), last = count > 1 ? size[count - 1] : 1;
    *result = shaped(size, count > 1 ? count - 1 : 1, last, 0);
    double *data = new_data(arena, result);
    for (uint32_t i = 0; data != NULL && i < u.rows; i++) {
        double sum = 0;
        for (uint32_t j = 0; j < u.columns; j++)
            sum += u.data[i + (size_t)j * u.rows];
        data[i / last + (size_t)(i % last) * result->rows] = sum * scale;
    }
    return data != NULL;
}

bool gt_value_reduce_axes(gt_arena *arena, gt_value u, unsigned axis, bool mean, gt_value *result)
{
    uint32_t size[GT_LANG_MAX_AXES + 1], count = sizes_of(u, size);
    if (axis == count)
        return sum_columns(arena, u, mean ? 1.0 / u.columns : 1, result);
    if (axis > count)
        return false;
    uint32_t length = size[axis], behind = product(size, axis + 1, count);
    size[axis] = 1;
    *result = shaped(size, count - (axis + 1 == count && count > 1), u.columns, u.examples);
    double *data = new_data(arena, result);
    for (size_t k = 0; data != NULL && k < (size_t)result->rows * u.columns; k++) {
        double sum = 0;
        for (uint32_t i = 0; i < length; i++)
            sum += u.data[k / behind * behind * length + (size_t)i * behind + k % behind];
        data[k] = mean ? sum / length : sum;
    }
    return data != NULL;
}

bool gt_value_cut(gt_arena *arena, gt_value u, const uint32_t from[2], const uint32_t to[2], gt_value *result)
{
    uint32_t size[GT_LANG_MAX_AXES + 1], count = sizes_of(u, size), behind = product(size, 2, count);
    uint32_t columns = size[1];
    size[0] = to[0] - from[0];
    size[1] = to[1] - from[1];
    *result = shaped(size, count, u.columns, u.examples);
    double *data = new_data(arena, result);
    for (uint32_t j = 0; data != NULL && j < u.columns; j++)
        for (uint32_t i = from[0]; i < to[0]; i++) {
            size_t length = (size_t)size[1] * behind;
            memcpy(data, u.data + (size_t)j * u.rows + ((size_t)i * columns + from[1]) * behind, length * sizeof *data);
            data += length;
        }
    return result->data != NULL;
}
