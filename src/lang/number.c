/* Expressions that are numbers: literals, dimensions, constants, and what is computed of them. */
#include "lang/record.h"

#include <math.h>

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static bool apply_operation(gt_lang_operation operation, double a, double b, double *value)
{
    switch (operation) {
    case GT_LANG_LESS: *value = a < b; return true;
    case GT_LANG_LESS_EQUAL: *value = a <= b; return true;
    case GT_LANG_GREATER: *value = a > b; return true;
    case GT_LANG_GREATER_EQUAL: *value = a >= b; return true;
    case GT_LANG_EQUAL: *value = a == b; return true;
    case GT_LANG_NOT_EQUAL: *value = a != b; return true;
    case GT_LANG_ADD: *value = a + b; return true;
    case GT_LANG_SUBTRACT: *value = a - b; return true;
    case GT_LANG_MULTIPLY: *value = a * b; return true;
    case GT_LANG_DIVIDE: *value = a / b; return true;
    case GT_LANG_POWER: *value = pow(a, b); return true;
    case GT_LANG_MATMUL: break;
    }
    return false;
}

static bool apply_function(gt_lang_function function, const double *x, double *value)
{
    switch (function) {
    case GT_LANG_TANH: *value = tanh(*x); return true;
    case GT_LANG_SIGMOID: *value = sigmoid(*x); return true;
    case GT_LANG_RELU: *value = *x > 0 ? *x : 0; return true;
    case GT_LANG_SOFTPLUS: *value = softplus(*x); return true;
    case GT_LANG_EXP: *value = exp(*x); return true;
    case GT_LANG_LOG: *value = log(*x); return true;
    case GT_LANG_SQRT: *value = sqrt(*x); return true;
    case GT_LANG_ABS: *value = fabs(*x); return true;
    case GT_LANG_SIN: *value = sin(*x); return true;
    case GT_LANG_COS: *value = cos(*x); return true;
    case GT_LANG_MAXIMUM: *value = x[0] > x[1] ? x[0] : x[1]; return true;
    case GT_LANG_MINIMUM: *value = x[0] < x[1] ? x[0] : x[1]; return true;
    case GT_LANG_WHERE: *value = x[0] != 0 ? x[1] : x[2]; return true;
    case GT_LANG_STOP_GRADIENT: *value = *x; return true;
    default: return false; /* those that need an array */
    }
}

bool gt_lang_number(const gt_lang_environment *environment, const gt_lang_expression *expression,
                    double *value)
{
    double arguments[3];
    if (expression->argument_count > 3)
        return false;
    for (uint32_t i = 0; i < expression->argument_count; i++)
        if (!gt_lang_number(environment, expression->arguments[i], &arguments[i]))
            return false;
    switch (expression->kind) {
    case GT_LANG_NUMBER: *value = expression->number; return true;
    case GT_LANG_NAME:
        return environment != NULL && environment->number != NULL &&
               environment->number(environment->context, expression->name, value);
    case GT_LANG_NEGATE: *value = -arguments[0]; return true;
    case GT_LANG_BINARY:
        return apply_operation(expression->operation, arguments[0], arguments[1], value);
    case GT_LANG_CALL: return apply_function(expression->function, arguments, value);
    case GT_LANG_TRANSPOSE:
    case GT_LANG_SLICE: break;
    }
    return false;
}
