#include "diagnose/value.h"

#include "diagnose/value_axes.h"
#include "lang/functions.h"
#include "ops/descriptors.h"

#include <math.h>
#include <string.h>

static double *new_data(gt_arena *arena, uint32_t rows, uint32_t columns, gt_value *result)
{
    double *data = gt_arena_new(arena, (size_t)rows * columns, sizeof *data);
    *result = gt_value_of(rows, columns, data);
    return data;
}

static size_t count(gt_value v)
{
    return (size_t)v.rows * v.columns;
}

/* ---- entry by entry ------------------------------------------------------------------------ */

enum { MOST_OPERANDS = 3 };

/* Sizes that fit, or 0. */
static uint32_t stretched(uint32_t a, uint32_t b)
{
    return a == b || b == 1 ? a : a == 1 ? b : 0;
}

/* By the op's own kernel, a column at a time. */
static bool by_entry(gt_arena *arena, const gt_op *op, const gt_value *parts, uint32_t part_count,
                     const int64_t *attributes, gt_value *result)
{
    uint32_t rows = 1, columns = 1;
    const double *inputs[MOST_OPERANDS];
    size_t strides[MOST_OPERANDS];
    uint8_t examples = 0;
    if (gt_value_needs_axes(parts, part_count))
        return gt_value_by_axes(arena, op, parts, part_count, attributes, result);
    for (uint32_t p = 0; p < part_count; p++) {
        examples |= parts[p].examples;
        rows = stretched(rows, parts[p].rows);
        columns = stretched(columns, parts[p].columns);
        strides[p] = parts[p].rows > 1;
        if (rows == 0 || columns == 0)
            return false;
    }
    double *data = new_data(arena, rows, columns, result);
    result->examples = examples;
    for (uint32_t j = 0; data != NULL && j < columns; j++, data += rows) {
        for (uint32_t p = 0; p < part_count; p++)
            inputs[p] = parts[p].data + (parts[p].columns > 1 ? (size_t)j * parts[p].rows : 0);
        op->run_f64(&(gt_elementwise_f64){
            .count = rows, .inputs = inputs, .strides = strides, .output = data, .attributes = attributes});
    }
    return result->data != NULL;
}

static bool power(gt_arena *arena, const gt_value *parts, gt_value *result)
{
    if (count(parts[1]) != 1) /* the exponent is a constant */
        return false;
    const int64_t exponent = gt_pack_double(parts[1].data[0]);
    return by_entry(arena, &gt_op_pow, parts, 1, &exponent, result);
}

static bool operate(gt_arena *arena, const gt_expression *f, const gt_value *parts, gt_value *result)
{
    static const gt_lang_operation operations[] = {
        [GT_EXPRESSION_ADD] = GT_LANG_ADD,
        [GT_EXPRESSION_SUBTRACT] = GT_LANG_SUBTRACT,
        [GT_EXPRESSION_MULTIPLY] = GT_LANG_MULTIPLY,
        [GT_EXPRESSION_DIVIDE] = GT_LANG_DIVIDE,
    };
    gt_lang_operation operation = f->kind == GT_EXPRESSION_COMPARE ? (gt_lang_operation)f->detail : operations[f->kind];
    return by_entry(arena, gt_lang_operation_op(operation), parts, 2, NULL, result);
}

/* ---- columns ------------------------------------------------------------------------------- */

static void softmax(const double *x, double *y, uint32_t rows)
{
    double largest = x[0], sum = 0;
    for (uint32_t i = 1; i < rows; i++)
        largest = fmax(largest, x[i]);
    for (uint32_t i = 0; i < rows; i++)
        sum += y[i] = exp(x[i] - largest);
    for (uint32_t i = 0; i < rows; i++)
        y[i] /= sum;
}

static void layernorm(const double *x, double *y, uint32_t rows)
{
    double mean = 0, variance = 0;
    for (uint32_t i = 0; i < rows; i++)
        mean += x[i] / rows;
    for (uint32_t i = 0; i < rows; i++)
        variance += (x[i] - mean) * (x[i] - mean) / rows;
    for (uint32_t i = 0; i < rows; i++)
        y[i] = (x[i] - mean) / sqrt(variance + 1e-5);
}

static void cumsum(const double *x, double *y, uint32_t rows)
{
    double sum = 0;
    for (uint32_t i = 0; i < rows; i++)
        y[i] = sum += x[i];
}

static bool by_column(gt_arena *arena, gt_lang_function function, gt_value a, gt_value *result)
{
    void (*run)(const double *x, double *y, uint32_t rows) = function == GT_LANG_SOFTMAX  ? softmax
                                                             : function == GT_LANG_CUMSUM ? cumsum
                                                                                          : layernorm;
    uint32_t length = gt_value_axis_size(a, gt_value_axis_count(a) - 1); /* of several sizes the last one */
    double *data = gt_arena_new(arena, count(a), sizeof *data);
    *result = a;
    result->data = data;
    for (size_t at = 0; data != NULL && at < count(a); at += length)
        run(a.data + at, data + at, length);
    return data != NULL;
}

static bool arange(gt_arena *arena, gt_value size, gt_value *result)
{
    uint32_t rows = *size.data >= 1 && *size.data <= INT32_MAX ? (uint32_t)*size.data : 1;
    double *data = new_data(arena, rows, 1, result);
    for (uint32_t i = 0; data != NULL && i < rows; i++)
        data[i] = i;
    return data != NULL;
}

static bool reduce(gt_arena *arena, const gt_expression *f, gt_value a, gt_value *result)
{
    uint32_t rows = f->axis == 1 ? a.rows : 1, columns = f->axis == 0 ? a.columns : 1;
    if (a.count > 1 && f->axis != GT_EXPRESSION_ALL_AXES)
        return gt_value_reduce_axes(arena, a, f->axis, f->detail == GT_LANG_MEAN, result);
    if (f->axis > 1 && f->axis != GT_EXPRESSION_ALL_AXES)
        return false;
    double *data = new_data(arena, rows, columns, result);
    if (data == NULL)
        return false;
    result->examples = a.examples & (f->axis == 0 ? GT_VALUE_COLUMNS : f->axis == 1 ? GT_VALUE_ROWS : 0);
    memset(data, 0, (size_t)rows * columns * sizeof *data);
    for (uint32_t j = 0; j < a.columns; j++)
        for (uint32_t i = 0; i < a.rows; i++)
            data[(f->axis == 1 ? i : 0) + (f->axis == 0 ? j : 0)] += a.data[i + (size_t)j * a.rows];
    if (f->detail == GT_LANG_MEAN)
        for (size_t k = 0, n = (size_t)rows * columns; k < n; k++)
            data[k] /= (double)(count(a) / n);
    return true;
}

/* ---- matrices ------------------------------------------------------------------------------ */

static bool matmul(gt_arena *arena, gt_value a, gt_value b, gt_value *result)
{
    if (a.count > 1 || b.count > 1)
        return gt_value_multiply_axes(arena, a, b, result);
    if (a.columns != b.rows)
        return false;
    double *data = new_data(arena, a.rows, b.columns, result);
    result->examples = (uint8_t)((a.examples & GT_VALUE_ROWS) | (b.examples & GT_VALUE_COLUMNS));
    for (uint32_t j = 0; data != NULL && j < b.columns; j++)
        for (uint32_t i = 0; i < a.rows; i++) {
            double sum = 0;
            for (uint32_t k = 0; k < a.columns; k++)
                sum += a.data[i + (size_t)k * a.rows] * b.data[k + (size_t)j * b.rows];
            data[i + (size_t)j * a.rows] = sum;
        }
    return data != NULL;
}

/* Of several sizes: nothing moves, or it stands on the left of a product, which knows that. */
static bool transpose_line(gt_arena *arena, gt_value a, gt_value *result)
{
    bool line = a.size[a.count - 1] == 1 || a.size[a.count - 2] == 1;
    return line && !gt_value_is_shared(a) && gt_value_turned(arena, a, result);
}

static bool transpose(gt_arena *arena, gt_value a, gt_value *result)
{
    if (a.count > 1)
        return transpose_line(arena, a, result);
    double *data = new_data(arena, a.columns, a.rows, result);
    result->examples = (uint8_t)((a.examples & GT_VALUE_COLUMNS ? GT_VALUE_ROWS : 0) |
                                 (a.examples & GT_VALUE_ROWS ? GT_VALUE_COLUMNS : 0));
    for (uint32_t j = 0; data != NULL && j < a.columns; j++)
        for (uint32_t i = 0; i < a.rows; i++)
            data[j + (size_t)i * a.columns] = a.data[i + (size_t)j * a.rows];
    return data != NULL;
}

bool gt_expression_bound(gt_arena *arena, const gt_expression *f, const gt_value *values, double missing, uint32_t size,
                         uint32_t *answer)
{
    gt_value v = gt_value_of(1, 1, &missing);
    if (f != NULL && (!gt_expression_evaluate(arena, f, values, &v) || count(v) != 1))
        return false;
    double whole = f != NULL && v.data[0] < 0 ? v.data[0] + size : v.data[0];
    if (!(whole >= 0 && whole <= size) || whole != floor(whole))
        return false;
    *answer = (uint32_t)whole;
    return true;
}

static bool slice(gt_arena *arena, const gt_expression *f, const gt_value *values, gt_value a, gt_value *result)
{
    uint32_t from, to, left, right;
    uint32_t high = gt_value_axis_size(a, 0), wide = a.count > 1 ? a.size[1] : a.columns;
    if (!gt_expression_bound(arena, f->operands[1], values, 0, high, &from) ||
        !gt_expression_bound(arena, f->operands[2], values, high, high, &to) ||
        !gt_expression_bound(arena, f->operands[3], values, 0, wide, &left) ||
        !gt_expression_bound(arena, f->operands[4], values, wide, wide, &right) || from >= to || left >= right)
        return false;
    if (a.count > 1)
        return gt_value_cut(arena, a, (uint32_t[]){from, left}, (uint32_t[]){to, right}, result);
    double *data = new_data(arena, to - from, right - left, result);
    result->examples = a.examples;
    for (uint32_t j = left; data != NULL && j < right; j++)
        for (uint32_t i = from; i < to; i++)
            *data++ = a.data[i + (size_t)j * a.rows];
    return data != NULL;
}

/* The sizes behind the first are the same. */
static bool same_behind(gt_value a, gt_value b)
{
    for (uint32_t axis = 1; axis < GT_LANG_MAX_AXES; axis++)
        if (gt_value_axis_size(a, axis) != gt_value_axis_size(b, axis))
            return false;
    return true;
}

static bool concat(gt_arena *arena, const gt_value *parts, uint32_t part_count, gt_value *result)
{
    uint32_t rows = 0;
    for (uint32_t p = 0; p < part_count; p++) {
        if (parts[p].columns != parts[0].columns || !same_behind(parts[p], parts[0]))
            return false;
        rows += parts[p].rows;
    }
    double *data = new_data(arena, rows, parts[0].columns, result);
    result->examples = parts[0].examples;
    result->count = parts[0].count;
    memcpy(result->size, parts[0].size, sizeof result->size);
    result->size[0] = parts[0].count > 1 ? rows / (parts[0].rows / parts[0].size[0]) : rows;
    for (uint32_t j = 0; data != NULL && j < parts[0].columns; j++)
        for (uint32_t p = 0; p < part_count; p++) {
            memcpy(data, parts[p].data + (size_t)j * parts[p].rows, parts[p].rows * sizeof *data);
            data += parts[p].rows;
        }
    return data != NULL;
}

/* ---- all of them --------------------------------------------------------------------------- */

static bool call(gt_arena *arena, const gt_expression *f, const gt_value *parts, gt_value *result)
{
    gt_lang_function function = (gt_lang_function)f->detail;
    const gt_op *op = gt_lang_function_at(function)->op;
    if (op != NULL)
        return by_entry(arena, op, parts, f->count, NULL, result);
    switch (function) {
    case GT_LANG_SOFTMAX:
    case GT_LANG_CUMSUM:
    case GT_LANG_LAYERNORM:
        return by_column(arena, function, parts[0], result);
    case GT_LANG_ARANGE:
        return arange(arena, parts[0], result);
    case GT_LANG_CONCAT:
        return concat(arena, parts, f->count, result);
    case GT_LANG_OUTER:
        return gt_value_outer(arena, parts[0], parts[1], result);
    case GT_LANG_RESHAPE:
        return gt_value_reshape(arena, parts, f->count, result);
    case GT_LANG_SUM:
    case GT_LANG_MEAN:
        return reduce(arena, f, parts[0], result);
    default:
        return false; /* a function that is evaluated nowhere: a test finds it */
    }
}

/* What stands on the left of a product: S.T of several sizes is there alone. */
static bool factor(gt_arena *arena, const gt_expression *f, const gt_value *values, gt_value *result)
{
    gt_value s;
    if (f->kind != GT_EXPRESSION_TRANSPOSE)
        return gt_expression_evaluate(arena, f, values, result);
    if (!gt_expression_evaluate(arena, f->operands[0], values, &s))
        return false;
    return s.count > 1 ? gt_value_turned(arena, s, result) : transpose(arena, s, result);
}

bool gt_expression_evaluate(gt_arena *arena, const gt_expression *f, const gt_value *values, gt_value *result)
{
    gt_value few[4], *parts = few;
    uint32_t part_count = f->kind == GT_EXPRESSION_SLICE ? 1 : f->count;
    if (part_count > 4 && (parts = gt_arena_new(arena, part_count, sizeof *parts)) == NULL)
        return false;
    for (uint32_t i = 0; i < part_count; i++)
        if (!(f->kind == GT_EXPRESSION_MATMUL && i == 0 ? factor : gt_expression_evaluate)(arena, f->operands[i],
                                                                                           values, &parts[i]))
            return false;
    switch (f->kind) {
    case GT_EXPRESSION_NUMBER:
        *result = gt_value_of(1, 1, &f->number);
        return true;
    case GT_EXPRESSION_NAME:
        *result = values[f->name];
        return result->data != NULL;
    case GT_EXPRESSION_NEGATE:
        return by_entry(arena, &gt_op_neg, parts, 1, NULL, result);
    case GT_EXPRESSION_POWER:
        return power(arena, parts, result);
    case GT_EXPRESSION_MATMUL:
        return matmul(arena, parts[0], parts[1], result);
    case GT_EXPRESSION_TRANSPOSE:
        return transpose(arena, parts[0], result);
    case GT_EXPRESSION_SLICE:
        return slice(arena, f, values, parts[0], result);
    case GT_EXPRESSION_CALL:
        return call(arena, f, parts, result);
    default:
        return operate(arena, f, parts, result);
    }
}

/* ---- comparing ----------------------------------------------------------------------------- */

double gt_value_magnitude(gt_value value)
{
    double largest = 0;
    for (size_t k = 0; k < count(value); k++) {
        if (!isfinite(value.data[k]))
            return NAN;
        largest = fmax(largest, fabs(value.data[k]));
    }
    return largest;
}

double gt_value_distance(gt_value a, gt_value b)
{
    double largest = 0;
    if (a.data == NULL || b.data == NULL || a.columns != b.columns || !gt_value_has_sizes_of(a, b))
        return INFINITY;
    for (size_t k = 0; k < count(a); k++) {
        double difference = fabs(a.data[k] - b.data[k]);
        if (!isfinite(difference))
            return INFINITY;
        largest = fmax(largest, difference);
    }
    return largest;
}
