/*
 * Expressions that are numbers: literals, dimensions, constants, and what is computed of
 * them, by the kernels that compute it of arrays.
 */
#include "lang/draws.h"
#include "lang/functions.h"
#include "lang/record.h"
#include "ops/descriptors.h"

static double apply(const gt_op *op, const double *numbers, const int64_t *attributes)
{
    const double *inputs[GT_LANG_MOST_NUMBERS];
    size_t strides[GT_LANG_MOST_NUMBERS];
    double value;
    for (int i = 0; i < GT_LANG_MOST_NUMBERS; i++) {
        inputs[i] = &numbers[i];
        strides[i] = 1;
    }
    op->run_f64(&(gt_elementwise_f64){
        .count = 1, .inputs = inputs, .strides = strides, .output = &value, .attributes = attributes});
    return value;
}

bool gt_lang_fold(gt_lang_operation operation, double left, double right, double *value)
{
    const double numbers[GT_LANG_MOST_NUMBERS] = {left, right};
    const int64_t exponent = gt_pack_double(right);
    if (operation == GT_LANG_MATMUL)
        return false;
    *value = operation == GT_LANG_POWER ? apply(&gt_op_pow, numbers, &exponent)
                                        : apply(gt_lang_operation_op(operation), numbers, NULL);
    return true;
}

static bool number_of_chain(const gt_lang_environment *environment, const gt_lang_expression *e, double *value)
{
    double right;
    if (!gt_lang_number(environment, gt_lang_operand(e, 0), value))
        return false;
    for (uint32_t i = 0; i < e->chain_length; i++)
        if (!gt_lang_number(environment, gt_lang_operand(e, i + 1), &right) ||
            !gt_lang_fold(e->chain[i]->operation, *value, right, value))
            return false;
    return true;
}

static bool number_of_call(const gt_lang_environment *environment, const gt_lang_expression *e, double *value)
{
    const gt_op *op = e->kind == GT_LANG_NEGATE ? &gt_op_neg : gt_lang_function_at(e->function)->op;
    double numbers[GT_LANG_MOST_NUMBERS] = {0};
    if (op == NULL)
        return false;
    for (uint32_t i = 0; i < e->argument_count; i++)
        if (!gt_lang_number(environment, e->arguments[i], &numbers[i]))
            return false;
    *value = apply(op, numbers, NULL);
    return true;
}

bool gt_lang_drawn_numbers(const gt_lang_environment *environment, const gt_lang_expression *draw, double *numbers)
{
    for (uint32_t i = 0; i < draw->argument_count; i++)
        if (!gt_lang_number(environment, draw->arguments[i], &numbers[i]))
            return false;
    return true;
}

static bool number_of_draw(const gt_lang_environment *environment, const gt_lang_expression *e, double *value)
{
    double numbers[GT_LANG_MOST_DRAWN] = {0};
    return environment != NULL && environment->draw != NULL && gt_lang_drawn_numbers(environment, e, numbers) &&
           environment->draw(environment->context, e, numbers, value);
}

bool gt_lang_number(const gt_lang_environment *environment, const gt_lang_expression *expression, double *value)
{
    switch (expression->kind) {
    case GT_LANG_NUMBER:
        *value = expression->number;
        return true;
    case GT_LANG_NAME:
        return environment != NULL && environment->number(environment->context, expression->name, value);
    case GT_LANG_BINARY:
        return number_of_chain(environment, expression, value);
    case GT_LANG_NEGATE:
    case GT_LANG_CALL:
        return number_of_call(environment, expression, value);
    case GT_LANG_DRAW:
        return number_of_draw(environment, expression, value);
    case GT_LANG_TRANSPOSE:
    case GT_LANG_SLICE:
        break;
    }
    return false;
}
