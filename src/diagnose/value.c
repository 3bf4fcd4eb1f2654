#include "diagnose/value.h"

#include <math.h>
#include <string.h>

static double *new_data(gt_arena *arena, uint32_t rows, uint32_t columns, gt_value *result)
{
    double *data = gt_arena_new(arena, (size_t)rows * columns, sizeof *data);
    *result = (gt_value){rows, columns, data};
    return data;
}

static size_t count(gt_value v)
{
    return (size_t)v.rows * v.columns;
}

/* ---- entry by entry ------------------------------------------------------------------------ */

static double relation(unsigned detail, double a, double b)
{
    switch ((gt_expression_relation)detail) {
    case GT_RELATION_LESS:
        return a < b;
    case GT_RELATION_LESS_EQUAL:
        return a <= b;
    case GT_RELATION_GREATER:
        return a > b;
    case GT_RELATION_GREATER_EQUAL:
        return a >= b;
    case GT_RELATION_EQUAL:
        return a == b;
    case GT_RELATION_NOT_EQUAL:
        return a != b;
    }
    return NAN;
}

static double combine(const gt_expression *f, double a, double b)
{
    switch (f->kind) {
    case GT_EXPRESSION_ADD:
        return a + b;
    case GT_EXPRESSION_SUBTRACT:
        return a - b;
    case GT_EXPRESSION_MULTIPLY:
        return a * b;
    case GT_EXPRESSION_DIVIDE:
        return a / b;
    case GT_EXPRESSION_POWER:
        return b == 2 ? a * a : pow(a, b);
    case GT_EXPRESSION_COMPARE:
        return relation(f->detail, a, b);
    default: /* maximum, minimum */
        return (f->detail == GT_FUNCTION_MAXIMUM) == (a > b) ? a : b;
    }
}

/* Sizes that fit, or 0. */
static uint32_t stretched(uint32_t a, uint32_t b)
{
    return a == b || b == 1 ? a : a == 1 ? b : 0;
}

static bool broadcast(gt_arena *arena, const gt_expression *f, gt_value a, gt_value b,
                      gt_value *result)
{
    uint32_t rows = stretched(a.rows, b.rows), columns = stretched(a.columns, b.columns);
    if (rows == 0 || columns == 0)
        return false;
    double *data = new_data(arena, rows, columns, result);
    if (data == NULL)
        return false;
    size_t down_a = a.rows > 1, across_a = a.columns > 1 ? a.rows : 0;
    size_t down_b = b.rows > 1, across_b = b.columns > 1 ? b.rows : 0;
    for (uint32_t j = 0; j < columns; j++)
        for (uint32_t i = 0; i < rows; i++)
            *data++ =
                combine(f, a.data[i * down_a + j * across_a], b.data[i * down_b + j * across_b]);
    return true;
}

static double apply(gt_expression_function function, double x)
{
    switch (function) {
    case GT_FUNCTION_TANH:
        return tanh(x);
    case GT_FUNCTION_SIGMOID:
        return 1 / (1 + exp(-x));
    case GT_FUNCTION_RELU:
        return x > 0 ? x : 0;
    case GT_FUNCTION_SOFTPLUS:
        return fmax(x, 0) + log1p(exp(-fabs(x)));
    case GT_FUNCTION_EXP:
        return exp(x);
    case GT_FUNCTION_LOG:
        return log(x);
    case GT_FUNCTION_SQRT:
        return sqrt(x);
    case GT_FUNCTION_ABS:
        return fabs(x);
    case GT_FUNCTION_SIN:
        return sin(x);
    case GT_FUNCTION_COS:
        return cos(x);
    default:
        return x; /* stop_gradient */
    }
}

static bool map(gt_arena *arena, gt_expression_function function, gt_value a, gt_value *result)
{
    double *data = new_data(arena, a.rows, a.columns, result);
    for (size_t k = 0; data != NULL && k < count(a); k++)
        data[k] = apply(function, a.data[k]);
    return data != NULL;
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

static bool by_column(gt_arena *arena, gt_expression_function function, gt_value a,
                      gt_value *result)
{
    double *data = new_data(arena, a.rows, a.columns, result);
    for (uint32_t j = 0; data != NULL && j < a.columns; j++)
        (function == GT_FUNCTION_SOFTMAX ? softmax : layernorm)(a.data + (size_t)j * a.rows,
                                                                data + (size_t)j * a.rows, a.rows);
    return data != NULL;
}

static bool reduce(gt_arena *arena, const gt_expression *f, gt_value a, gt_value *result)
{
    uint32_t rows = f->axis == 1 ? a.rows : 1, columns = f->axis == 0 ? a.columns : 1;
    double *data = new_data(arena, rows, columns, result);
    if (data == NULL)
        return false;
    memset(data, 0, (size_t)rows * columns * sizeof *data);
    for (uint32_t j = 0; j < a.columns; j++)
        for (uint32_t i = 0; i < a.rows; i++)
            data[(f->axis == 1 ? i : 0) + (f->axis == 0 ? j : 0)] += a.data[i + (size_t)j * a.rows];
    if (f->detail == GT_FUNCTION_MEAN)
        for (size_t k = 0, n = (size_t)rows * columns; k < n; k++)
            data[k] /= (double)(count(a) / n);
    return true;
}

/* ---- matrices ------------------------------------------------------------------------------ */

static bool matmul(gt_arena *arena, gt_value a, gt_value b, gt_value *result)
{
    if (a.columns != b.rows)
        return false;
    double *data = new_data(arena, a.rows, b.columns, result);
    for (uint32_t j = 0; data != NULL && j < b.columns; j++)
        for (uint32_t i = 0; i < a.rows; i++) {
            double sum = 0;
            for (uint32_t k = 0; k < a.columns; k++)
                sum += a.data[i + (size_t)k * a.rows] * b.data[k + (size_t)j * b.rows];
            data[i + (size_t)j * a.rows] = sum;
        }
    return data != NULL;
}

static bool transpose(gt_arena *arena, gt_value a, gt_value *result)
{
    double *data = new_data(arena, a.columns, a.rows, result);
    for (uint32_t j = 0; data != NULL && j < a.columns; j++)
        for (uint32_t i = 0; i < a.rows; i++)
            data[j + (size_t)i * a.columns] = a.data[i + (size_t)j * a.rows];
    return data != NULL;
}

/* A bound of a slice, as in Python counted from the end if it is negative. */
static bool bound(gt_arena *arena, const gt_expression *f, const gt_value *values, double missing,
                  uint32_t size, uint32_t *answer)
{
    gt_value v = {1, 1, &missing};
    if (f != NULL && (!gt_expression_evaluate(arena, f, values, &v) || count(v) != 1))
        return false;
    double whole = f != NULL && v.data[0] < 0 ? v.data[0] + size : v.data[0];
    if (!(whole >= 0 && whole <= size) || whole != floor(whole))
        return false;
    *answer = (uint32_t)whole;
    return true;
}

static bool slice(gt_arena *arena, const gt_expression *f, const gt_value *values, gt_value a,
                  gt_value *result)
{
    uint32_t from, to, left, right;
    if (!bound(arena, f->operands[1], values, 0, a.rows, &from) ||
        !bound(arena, f->operands[2], values, a.rows, a.rows, &to) ||
        !bound(arena, f->operands[3], values, 0, a.columns, &left) ||
        !bound(arena, f->operands[4], values, a.columns, a.columns, &right) || from >= to ||
        left >= right)
        return false;
    double *data = new_data(arena, to - from, right - left, result);
    for (uint32_t j = left; data != NULL && j < right; j++)
        for (uint32_t i = from; i < to; i++)
            *data++ = a.data[i + (size_t)j * a.rows];
    return data != NULL;
}

static bool concat(gt_arena *arena, const gt_value *parts, uint32_t part_count, gt_value *result)
{
    uint32_t rows = 0;
    for (uint32_t p = 0; p < part_count; p++) {
        if (parts[p].columns != parts[0].columns)
            return false;
        rows += parts[p].rows;
    }
    double *data = new_data(arena, rows, parts[0].columns, result);
    for (uint32_t j = 0; data != NULL && j < parts[0].columns; j++)
        for (uint32_t p = 0; p < part_count; p++) {
            memcpy(data, parts[p].data + (size_t)j * parts[p].rows, parts[p].rows * sizeof *data);
            data += parts[p].rows;
        }
    return data != NULL;
}

static bool where(gt_arena *arena, const gt_value *parts, gt_value *result)
{
    uint32_t rows = stretched(stretched(parts[0].rows, parts[1].rows), parts[2].rows);
    uint32_t columns = stretched(stretched(parts[0].columns, parts[1].columns), parts[2].columns);
    if (rows == 0 || columns == 0)
        return false;
    double *data = new_data(arena, rows, columns, result);
    for (uint32_t j = 0; data != NULL && j < columns; j++)
        for (uint32_t i = 0; i < rows; i++) {
            double entry[3];
            for (unsigned p = 0; p < 3; p++)
                entry[p] = parts[p].data[(parts[p].rows > 1 ? i : 0) +
                                         (parts[p].columns > 1 ? (size_t)j * parts[p].rows : 0)];
            *data++ = entry[0] != 0 ? entry[1] : entry[2];
        }
    return data != NULL;
}

/* ---- all of them --------------------------------------------------------------------------- */

static bool call(gt_arena *arena, const gt_expression *f, const gt_value *parts, gt_value *result)
{
    switch ((gt_expression_function)f->detail) {
    case GT_FUNCTION_SOFTMAX:
    case GT_FUNCTION_LAYERNORM:
        return by_column(arena, (gt_expression_function)f->detail, parts[0], result);
    case GT_FUNCTION_CONCAT:
        return concat(arena, parts, f->count, result);
    case GT_FUNCTION_MAXIMUM:
    case GT_FUNCTION_MINIMUM:
        return broadcast(arena, f, parts[0], parts[1], result);
    case GT_FUNCTION_SUM:
    case GT_FUNCTION_MEAN:
        return reduce(arena, f, parts[0], result);
    case GT_FUNCTION_WHERE:
        return where(arena, parts, result);
    default:
        return map(arena, (gt_expression_function)f->detail, parts[0], result);
    }
}

static bool negate(gt_arena *arena, gt_value a, gt_value *result)
{
    double *data = new_data(arena, a.rows, a.columns, result);
    for (size_t k = 0; data != NULL && k < count(a); k++)
        data[k] = -a.data[k];
    return data != NULL;
}

bool gt_expression_evaluate(gt_arena *arena, const gt_expression *f, const gt_value *values,
                            gt_value *result)
{
    gt_value few[4], *parts = few;
    uint32_t part_count = f->kind == GT_EXPRESSION_SLICE ? 1 : f->count;
    if (part_count > 4 && (parts = gt_arena_new(arena, part_count, sizeof *parts)) == NULL)
        return false;
    for (uint32_t i = 0; i < part_count; i++)
        if (!gt_expression_evaluate(arena, f->operands[i], values, &parts[i]))
            return false;
    switch (f->kind) {
    case GT_EXPRESSION_NUMBER:
        *result = (gt_value){1, 1, &f->number};
        return true;
    case GT_EXPRESSION_NAME:
        *result = values[f->name];
        return result->data != NULL;
    case GT_EXPRESSION_NEGATE:
        return negate(arena, parts[0], result);
    case GT_EXPRESSION_MATMUL:
        return matmul(arena, parts[0], parts[1], result);
    case GT_EXPRESSION_TRANSPOSE:
        return transpose(arena, parts[0], result);
    case GT_EXPRESSION_SLICE:
        return slice(arena, f, values, parts[0], result);
    case GT_EXPRESSION_CALL:
        return call(arena, f, parts, result);
    default:
        return broadcast(arena, f, parts[0], parts[1], result);
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
    if (a.data == NULL || b.data == NULL || a.rows != b.rows || a.columns != b.columns)
        return INFINITY;
    for (size_t k = 0; k < count(a); k++) {
        double difference = fabs(a.data[k] - b.data[k]);
        if (!isfinite(difference))
            return INFINITY;
        largest = fmax(largest, difference);
    }
    return largest;
}
