#include "lang/record.h"

#include "lang/functions.h"
#include "ops/descriptors.h"

#include <math.h>
#include <stdio.h>

static gt_var record(const gt_lang_environment *e, const gt_lang_expression *x);

/* ---- names and numbers --------------------------------------------------------------------- */

static gt_var record_name(const gt_lang_environment *e, const gt_lang_expression *x)
{
    gt_var v = e->variable(e->context, x->name);
    if (!gt_var_valid(v))
        gt_tape_fail(e->tape, GT_ERROR_ARGUMENT, "line %u, column %u: %s has no value", x->place.line, x->place.column,
                     x->name);
    return v;
}

/* ---- operators ----------------------------------------------------------------------------- */

/* The operand of a product: W.T is W read transposed, without a node of its own. */
static gt_var record_factor(const gt_lang_environment *e, const gt_lang_expression *x, bool *transposed)
{
    *transposed = x->kind == GT_LANG_TRANSPOSE;
    return record(e, *transposed ? x->arguments[0] : x);
}

static gt_var record_power(const gt_lang_environment *e, const gt_lang_expression *x, gt_var base)
{
    double exponent = NAN;
    gt_lang_number(e, x->arguments[1], &exponent); /* it is one: the cell was checked */
    return gt_pow(base, exponent);
}

/* `transposed`: the left operand is to be read so, which only a product does. */
static gt_var record_operation(const gt_lang_environment *e, const gt_lang_expression *x, gt_var left, bool transposed)
{
    bool transpose_right;
    if (x->operation == GT_LANG_POWER)
        return record_power(e, x, left);
    if (x->operation == GT_LANG_MATMUL) {
        gt_var right = record_factor(e, x->arguments[1], &transpose_right);
        return gt_matmul_transposed(left, transposed, right, transpose_right);
    }
    return gt_apply_binary(gt_lang_operation_op(x->operation), left, record(e, x->arguments[1]));
}

/* Passes the operations at the beginning of a chain that are of numbers alone; false if its first operand is none. */
static bool fold_beginning(const gt_lang_environment *e, const gt_lang_expression *x, uint32_t *next, double *number)
{
    double right;
    if (!gt_lang_number(e, gt_lang_operand(x, 0), number))
        return false;
    while (*next < x->chain_length && gt_lang_number(e, gt_lang_operand(x, *next + 1), &right) &&
           gt_lang_fold(x->chain[*next]->operation, *number, right, number))
        ++*next;
    return true;
}

static gt_var record_chain(const gt_lang_environment *e, const gt_lang_expression *x)
{
    uint32_t next = 0;
    double number;
    bool transposed = false;
    gt_var v = GT_NONE;
    if (fold_beginning(e, x, &next, &number))
        v = gt_constant(e->tape, number);
    else if (x->chain[0]->operation == GT_LANG_MATMUL)
        v = record_factor(e, gt_lang_operand(x, 0), &transposed);
    else
        v = record(e, gt_lang_operand(x, 0));
    for (; next < x->chain_length; next++, transposed = false)
        v = record_operation(e, x->chain[next], v, transposed);
    return v;
}

/* ---- slices -------------------------------------------------------------------------------- */

/* A bound of a slice; `missing` where it is left out. As in Python a negative one counts from the end. */
static int64_t bound(const gt_lang_environment *e, const gt_lang_expression *x, int64_t missing, int64_t size)
{
    double value = 0;
    if (x == NULL)
        return missing;
    gt_lang_number(e, x, &value); /* a whole one: the cell was checked */
    return (int64_t)value + (value < 0 ? size : 0);
}

/* Whether a slice is right may depend on what the dimensions are worth: h[0:5], h[n:]. */
static gt_var fail_slice(const gt_lang_environment *e, const gt_lang_expression *x, int axis, int64_t start,
                         int64_t stop, int64_t size)
{
    gt_tape_fail(e->tape, GT_ERROR_SHAPE,
                 "line %u, column %u: the slice %lld:%lld of the %s is %s: with these dimensions there %s %lld of them",
                 x->operator_place.line, x->operator_place.column, (long long)start, (long long)stop,
                 axis == 0 ? "rows" : "columns", start >= stop ? "empty" : "beyond the end", size == 1 ? "is" : "are",
                 (long long)size);
    return GT_NONE;
}

static gt_var record_slice(const gt_lang_environment *e, const gt_lang_expression *x)
{
    gt_var v = record(e, x->arguments[0]);
    for (int axis = 0; axis < (int)x->axis_count && gt_var_valid(v); axis++) {
        int64_t size = gt_var_shape(v).size[axis];
        int64_t start = bound(e, x->bounds[2 * axis], 0, size), stop = bound(e, x->bounds[2 * axis + 1], size, size);
        if (!(start >= 0 && stop <= size && start < stop))
            return fail_slice(e, x, axis, start, stop, size);
        if (start != 0 || stop != size)
            v = gt_slice(v, axis, start, stop);
    }
    return v;
}

/* ---- calls --------------------------------------------------------------------------------- */

/* (u - mean) / sqrt(variance + 1e-5) of each column: Ba et al. 2016 without their gain. */
static gt_var record_layernorm(gt_tape *tape, gt_var u)
{
    gt_var centred = gt_sub(u, gt_mean(u, 0));
    gt_var variance = gt_mean(gt_mul(centred, centred), 0);
    return gt_div(centred, gt_sqrt(gt_add(variance, gt_constant(tape, 1e-5))));
}

static gt_var record_concat(const gt_lang_environment *e, const gt_lang_expression *x)
{
    gt_var *parts = gt_tape_vars(e->tape, x->argument_count);
    if (parts == NULL)
        return GT_NONE;
    for (uint32_t i = 0; i < x->argument_count; i++)
        parts[i] = record(e, x->arguments[i]);
    return gt_concat(parts, x->argument_count, 0);
}

static gt_var record_call(const gt_lang_environment *e, const gt_lang_expression *x)
{
    gt_var u[GT_LANG_MOST_NUMBERS] = {GT_NONE, GT_NONE, GT_NONE};
    const gt_op *op = gt_lang_function_at(x->function)->op;
    if (x->function == GT_LANG_CONCAT)
        return record_concat(e, x);
    for (uint32_t i = 0; i < x->argument_count; i++)
        u[i] = record(e, x->arguments[i]);
    if (op != NULL)
        return gt_apply(op, u, x->argument_count, NULL, 0);
    if (x->function == GT_LANG_SOFTMAX)
        return gt_softmax(u[0]);
    if (x->function == GT_LANG_CUMSUM)
        return gt_cumsum(u[0], 0, false);
    if (x->function == GT_LANG_LAYERNORM)
        return record_layernorm(e->tape, u[0]);
    return x->function == GT_LANG_SUM ? gt_sum(u[0], x->axis) : gt_mean(u[0], x->axis);
}

/* ---- all of them --------------------------------------------------------------------------- */

static gt_var record(const gt_lang_environment *e, const gt_lang_expression *x)
{
    double number;
    if (x->kind == GT_LANG_BINARY)
        return record_chain(e, x);
    if (gt_lang_number(e, x, &number))
        return gt_constant(e->tape, number);
    switch (x->kind) {
    case GT_LANG_NUMBER:
    case GT_LANG_BINARY:
    case GT_LANG_DRAW: /* in initial values alone */
        break;
    case GT_LANG_NAME:
        return record_name(e, x);
    case GT_LANG_NEGATE:
        return gt_neg(record(e, x->arguments[0]));
    case GT_LANG_TRANSPOSE:
        return gt_transpose(record(e, x->arguments[0]));
    case GT_LANG_SLICE:
        return record_slice(e, x);
    case GT_LANG_CALL:
        return record_call(e, x);
    }
    return GT_NONE;
}

gt_var gt_lang_record(const gt_lang_environment *environment, const gt_lang_expression *expression)
{
    return record(environment, expression);
}
