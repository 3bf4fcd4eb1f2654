#include "lang/record.h"

#include "lang/functions.h"
#include "lang/record_axes.h"
#include "ops/descriptors.h"

#include <math.h>
#include <stdio.h>

static gt_lang_value record(const gt_lang_environment *e, const gt_lang_expression *x);

/* ---- names and numbers --------------------------------------------------------------------- */

static gt_lang_value record_name(const gt_lang_environment *e, const gt_lang_expression *x)
{
    gt_var v = e->variable(e->context, x->name);
    if (!gt_var_valid(v))
        gt_tape_fail(e->tape, GT_ERROR_ARGUMENT, "line %u, column %u: %s has no value", x->place.line, x->place.column,
                     x->name);
    return gt_lang_value_of_name(e, x->name, v);
}

/* ---- operators ----------------------------------------------------------------------------- */

/* The operand of a product: W.T is W read transposed, without a node of its own. */
static gt_lang_value record_factor(const gt_lang_environment *e, const gt_lang_expression *x, bool *transposed)
{
    *transposed = x->kind == GT_LANG_TRANSPOSE;
    return record(e, *transposed ? x->arguments[0] : x);
}

static gt_lang_value record_power(const gt_lang_environment *e, const gt_lang_expression *x, gt_lang_value base)
{
    double exponent = NAN;
    gt_lang_number(e, x->arguments[1], &exponent); /* it is one: the cell was checked */
    base.v = gt_pow(base.v, exponent);
    return base;
}

/* `transposed`: the left operand is to be read so, which only a product does. */
static gt_lang_value record_operation(const gt_lang_environment *e, const gt_lang_expression *x, gt_lang_value left,
                                      bool transposed)
{
    bool transpose_right;
    unsigned form = gt_lang_form_of(e->meaning, x);
    if (x->operation == GT_LANG_POWER)
        return record_power(e, x, left);
    if (x->operation == GT_LANG_MATMUL) {
        gt_lang_value right = record_factor(e, x->arguments[1], &transpose_right);
        return gt_lang_record_product(left, transposed, right, transpose_right, form);
    }
    gt_lang_value operands[] = {left, record(e, x->arguments[1])};
    return gt_lang_record_elements(gt_lang_operation_op(x->operation), operands, 2, form);
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

static gt_lang_value record_chain(const gt_lang_environment *e, const gt_lang_expression *x)
{
    uint32_t next = 0;
    double number;
    bool transposed = false;
    gt_lang_value v;
    if (fold_beginning(e, x, &next, &number))
        v = gt_lang_value_of(gt_constant(e->tape, number));
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
static gt_lang_value fail_slice(const gt_lang_environment *e, const gt_lang_expression *x, int axis, int64_t start,
                                int64_t stop, int64_t size)
{
    gt_tape_fail(e->tape, GT_ERROR_SHAPE,
                 "line %u, column %u: the slice %lld:%lld of the %s is %s: with these dimensions there %s %lld of them",
                 x->operator_place.line, x->operator_place.column, (long long)start, (long long)stop,
                 axis == 0 ? "rows" : "columns", start >= stop ? "empty" : "beyond the end", size == 1 ? "is" : "are",
                 (long long)size);
    return gt_lang_value_of(GT_NONE);
}

static gt_lang_value record_slice(const gt_lang_environment *e, const gt_lang_expression *x)
{
    gt_lang_value v = record(e, x->arguments[0]);
    for (uint32_t axis = 0; axis < x->axis_count && gt_var_valid(v.v); axis++) {
        int64_t size = axis < v.count ? v.size[axis] : gt_var_shape(v.v).size[1];
        int64_t start = bound(e, x->bounds[2 * axis], 0, size), stop = bound(e, x->bounds[2 * axis + 1], size, size);
        if (!(start >= 0 && stop <= size && start < stop))
            return fail_slice(e, x, (int)axis, start, stop, size);
        if (start != 0 || stop != size)
            v = gt_lang_record_cut(v, axis, start, stop);
    }
    return v;
}

/* ---- calls --------------------------------------------------------------------------------- */

/* (u - mean) / sqrt(variance + 1e-5) of each column: Ba et al. 2016 without their gain. */
static gt_var layernorm(gt_var u)
{
    gt_var centred = gt_sub(u, gt_mean(u, 0));
    gt_var variance = gt_mean(gt_mul(centred, centred), 0);
    return gt_div(centred, gt_sqrt(gt_add(variance, gt_constant(u.tape, 1e-5))));
}

static gt_var cumsum(gt_var u)
{
    return gt_cumsum(u, 0, false);
}

/* One behind the other along the first size. */
static gt_lang_value record_concat(const gt_lang_environment *e, const gt_lang_expression *x)
{
    gt_var *parts = gt_tape_vars(e->tape, x->argument_count);
    gt_lang_value first = gt_lang_value_of(GT_NONE);
    int64_t size = 0;
    if (parts == NULL)
        return first;
    for (uint32_t i = 0; i < x->argument_count; i++) {
        gt_lang_value part = record(e, x->arguments[i]);
        parts[i] = part.v;
        size += part.size[0];
        first = i == 0 ? part : first;
    }
    first.v = gt_concat(parts, x->argument_count, 0);
    first.size[0] = size;
    return first;
}

/* The number of entries depends on what the dimensions are worth. */
static gt_lang_value record_arange(const gt_lang_environment *e, const gt_lang_expression *x)
{
    double count = 0;
    gt_lang_number(e, x->arguments[0], &count); /* a whole one: the cell was checked */
    if (!(count >= 1)) {
        gt_tape_fail(e->tape, GT_ERROR_SHAPE, "line %u, column %u: arange(%.0f) is empty", x->place.line,
                     x->place.column, count);
        return gt_lang_value_of(GT_NONE);
    }
    gt_var ones = gt_fill(e->tape, GT_SHAPE((int64_t)count, 1), 1);
    return gt_lang_value_of(gt_sub(gt_cumsum(ones, 0, false), gt_constant(e->tape, 1)));
}

static gt_lang_value record_reshape(const gt_lang_environment *e, const gt_lang_expression *x)
{
    int64_t sizes[GT_LANG_MAX_AXES] = {1, 1, 1};
    for (uint32_t i = 1; i < x->argument_count; i++) {
        double size = 1;
        gt_lang_number(e, x->arguments[i], &size); /* a whole one: the cell was checked */
        sizes[i - 1] = (int64_t)size;
    }
    return gt_lang_record_sizes(record(e, x->arguments[0]), sizes, x->argument_count - 1,
                                gt_lang_form_of(e->meaning, x));
}

static gt_lang_value record_call(const gt_lang_environment *e, const gt_lang_expression *x)
{
    gt_lang_value u[GT_LANG_MOST_NUMBERS] = {{.v = GT_NONE}};
    const gt_op *op = gt_lang_function_at(x->function)->op;
    if (x->function == GT_LANG_CONCAT)
        return record_concat(e, x);
    if (x->function == GT_LANG_RESHAPE)
        return record_reshape(e, x);
    if (x->function == GT_LANG_ARANGE)
        return record_arange(e, x);
    for (uint32_t i = 0; i < x->argument_count; i++)
        u[i] = record(e, x->arguments[i]);
    if (op != NULL)
        return gt_lang_record_elements(op, u, x->argument_count, gt_lang_form_of(e->meaning, x));
    switch (x->function) {
    case GT_LANG_SOFTMAX:
        return gt_lang_record_down(u[0], gt_softmax);
    case GT_LANG_CUMSUM:
        return gt_lang_record_down(u[0], cumsum);
    case GT_LANG_LAYERNORM:
        return gt_lang_record_down(u[0], layernorm);
    case GT_LANG_OUTER:
        return gt_lang_record_outer(u[0], u[1]);
    default:
        return gt_lang_record_sum(u[0], x->axis, x->function == GT_LANG_MEAN);
    }
}

/* ---- all of them --------------------------------------------------------------------------- */

static gt_lang_value record(const gt_lang_environment *e, const gt_lang_expression *x)
{
    double number;
    gt_lang_value u;
    if (x->kind == GT_LANG_BINARY)
        return record_chain(e, x);
    if (gt_lang_number(e, x, &number))
        return gt_lang_value_of(gt_constant(e->tape, number));
    switch (x->kind) {
    case GT_LANG_NUMBER:
    case GT_LANG_BINARY:
    case GT_LANG_DRAW: /* in initial values alone */
        break;
    case GT_LANG_NAME:
        return record_name(e, x);
    case GT_LANG_NEGATE:
        u = record(e, x->arguments[0]);
        u.v = gt_neg(u.v);
        return u;
    case GT_LANG_TRANSPOSE:
        return gt_lang_record_transposed(record(e, x->arguments[0]));
    case GT_LANG_SLICE:
        return record_slice(e, x);
    case GT_LANG_CALL:
        return record_call(e, x);
    }
    return gt_lang_value_of(GT_NONE);
}

gt_var gt_lang_record(const gt_lang_environment *environment, const gt_lang_expression *expression)
{
    return record(environment, expression).v;
}
