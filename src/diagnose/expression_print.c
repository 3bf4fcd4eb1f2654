/* Formulas in the language in which they were written. */
#include "diagnose/expression.h"

#include "formula/print.h"

static gt_formula_kind kind_of(const gt_expression *f)
{
    static const gt_formula_kind kinds[] = {
        [GT_EXPRESSION_NUMBER] = GT_FORMULA_NUMBER,     [GT_EXPRESSION_NAME] = GT_FORMULA_NAME,
        [GT_EXPRESSION_NEGATE] = GT_FORMULA_NEGATE,     [GT_EXPRESSION_ADD] = GT_FORMULA_ADD,
        [GT_EXPRESSION_SUBTRACT] = GT_FORMULA_SUBTRACT, [GT_EXPRESSION_MULTIPLY] = GT_FORMULA_MULTIPLY,
        [GT_EXPRESSION_DIVIDE] = GT_FORMULA_DIVIDE,     [GT_EXPRESSION_MATMUL] = GT_FORMULA_MATMUL,
        [GT_EXPRESSION_POWER] = GT_FORMULA_POWER,       [GT_EXPRESSION_TRANSPOSE] = GT_FORMULA_TRANSPOSE,
        [GT_EXPRESSION_SLICE] = GT_FORMULA_SLICE,       [GT_EXPRESSION_CALL] = GT_FORMULA_CALL,
        [GT_EXPRESSION_COMPARE] = GT_FORMULA_LESS,
    };
    return f->kind == GT_EXPRESSION_COMPARE ? gt_lang_operation_kind((gt_lang_operation)f->detail) : kinds[f->kind];
}

static int axis_of(const gt_expression *f, const gt_lang_function_entry *function)
{
    if (function == NULL || !function->has_axis)
        return GT_FORMULA_NO_AXIS;
    return f->axis != GT_EXPRESSION_ALL_AXES ? f->axis : GT_FORMULA_ALL_AXES;
}

/* What nobody wrote is not printed. */
static const gt_expression *as_written(const gt_expression *f)
{
    return f->implied ? f->operands[0] : f;
}

/* Names are places in a list. */
static gt_formula_node look(const void *node)
{
    const gt_expression *f = as_written(node);
    const gt_lang_function_entry *function =
        f->kind == GT_EXPRESSION_CALL ? gt_lang_function_at((gt_lang_function)f->detail) : NULL;
    bool columns = f->kind == GT_EXPRESSION_SLICE && (f->operands[3] != NULL || f->operands[4] != NULL);
    return (gt_formula_node){.kind = kind_of(f),
                             .name = function != NULL ? function->name : NULL,
                             .place = f->name,
                             .number = f->number,
                             .axis = axis_of(f, function),
                             .count = f->count,
                             .axis_count = columns ? 2 : 1,
                             .chain_length = 1};
}

static const void *operand(const void *node, uint32_t i)
{
    return ((const gt_expression *)node)->operands[i];
}

static const void *itself(const void *node, uint32_t i)
{
    (void)i;
    return node;
}

static const char *name_at(void *naming, const gt_formula_node *node)
{
    const char *const *names = naming;
    return names[node->place];
}

char *gt_expression_print(const gt_expression *formula, const char *const *names, char *text, size_t size)
{
    static const gt_formula_reader reader = {look, operand, itself};
    const gt_formula_job job = {.reader = &reader,
                                .notation = &gt_notation_cell,
                                .name = name_at,
                                .naming = (void *)names,
                                .digits = 12,
                                .regroups = true};
    gt_formula_print(&job, formula, text, size);
    return text;
}
