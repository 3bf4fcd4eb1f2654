#include "lang/functions.h"

#include "ops/descriptors.h"

#include <string.h>

/* What each means is said by its op alone, for arrays and for numbers. clang-format off: one line for each */
static const gt_lang_function_entry functions[GT_LANG_FUNCTION_COUNT] = {
    [GT_LANG_CONCAT] = {"concat", 1, UINT32_MAX, false, NULL},
    [GT_LANG_TANH] = {"tanh", 1, 1, false, &gt_op_tanh},
    [GT_LANG_SIGMOID] = {"sigmoid", 1, 1, false, &gt_op_sigmoid},
    [GT_LANG_SOFTMAX] = {"softmax", 1, 1, false, NULL},
    [GT_LANG_RELU] = {"relu", 1, 1, false, &gt_op_relu},
    [GT_LANG_SOFTPLUS] = {"softplus", 1, 1, false, &gt_op_softplus},
    [GT_LANG_EXP] = {"exp", 1, 1, false, &gt_op_exp},
    [GT_LANG_LOG] = {"log", 1, 1, false, &gt_op_log},
    [GT_LANG_SQRT] = {"sqrt", 1, 1, false, &gt_op_sqrt},
    [GT_LANG_ABS] = {"abs", 1, 1, false, &gt_op_abs},
    [GT_LANG_SIN] = {"sin", 1, 1, false, &gt_op_sin},
    [GT_LANG_COS] = {"cos", 1, 1, false, &gt_op_cos},
    [GT_LANG_MAXIMUM] = {"maximum", 2, 2, false, &gt_op_maximum},
    [GT_LANG_MINIMUM] = {"minimum", 2, 2, false, &gt_op_minimum},
    [GT_LANG_SUM] = {"sum", 1, 1, true, NULL},
    [GT_LANG_MEAN] = {"mean", 1, 1, true, NULL},
    [GT_LANG_LAYERNORM] = {"layernorm", 1, 1, false, NULL},
    [GT_LANG_STOP_GRADIENT] = {"stop_gradient", 1, 1, false, &gt_op_stop_gradient},
    [GT_LANG_WHERE] = {"where", 3, 3, false, &gt_op_where},
};
/* clang-format on */

static const struct {
    const char *text;
    int strength;
    const gt_op *op;
} operations[] = {
    [GT_LANG_LESS] = {"<", GT_LANG_BINDS_COMPARISON, &gt_op_less},
    [GT_LANG_LESS_EQUAL] = {"<=", GT_LANG_BINDS_COMPARISON, &gt_op_less_equal},
    [GT_LANG_GREATER] = {">", GT_LANG_BINDS_COMPARISON, &gt_op_greater},
    [GT_LANG_GREATER_EQUAL] = {">=", GT_LANG_BINDS_COMPARISON, &gt_op_greater_equal},
    [GT_LANG_EQUAL] = {"==", GT_LANG_BINDS_COMPARISON, &gt_op_equal},
    [GT_LANG_NOT_EQUAL] = {"!=", GT_LANG_BINDS_COMPARISON, &gt_op_not_equal},
    [GT_LANG_ADD] = {"+", GT_LANG_BINDS_SUM, &gt_op_add},
    [GT_LANG_SUBTRACT] = {"-", GT_LANG_BINDS_SUM, &gt_op_sub},
    [GT_LANG_MULTIPLY] = {"*", GT_LANG_BINDS_PRODUCT, &gt_op_mul},
    [GT_LANG_DIVIDE] = {"/", GT_LANG_BINDS_PRODUCT, &gt_op_div},
    [GT_LANG_MATMUL] = {"@", GT_LANG_BINDS_PRODUCT, NULL},
    [GT_LANG_POWER] = {"**", GT_LANG_BINDS_POWER, NULL},
};

const gt_lang_function_entry *gt_lang_function_at(gt_lang_function function)
{
    return function < GT_LANG_FUNCTION_COUNT ? &functions[function] : NULL;
}

bool gt_lang_function_find(const char *name, gt_lang_function *function)
{
    for (int i = 0; i < GT_LANG_FUNCTION_COUNT; i++) {
        if (strcmp(functions[i].name, name) != 0)
            continue;
        *function = (gt_lang_function)i;
        return true;
    }
    return false;
}

const char *gt_lang_operation_text(gt_lang_operation operation)
{
    return operations[operation].text;
}

const gt_op *gt_lang_operation_op(gt_lang_operation operation)
{
    return operations[operation].op;
}

int gt_lang_operation_strength(gt_lang_operation operation)
{
    return operations[operation].strength;
}

bool gt_lang_is_keyword(const char *name)
{
    static const char *const keywords[] = {"cell", "input", "state", "param", "output", "backward"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(name, keywords[i]) == 0)
            return true;
    return false;
}
