/* Nodes of a tape read back as formulas. */
#include "diagnose/rule_mistake.h"

#include "gradtape/op.h"

#include <string.h>

typedef struct reader {
    gt_question *question;
    const uint32_t *leaves;
} reader;

static const gt_expression *read(const reader *r, gt_var v);

static bool is(gt_var v, const char *op)
{
    return strcmp(gt_var_op(v)->name, op) == 0;
}

static bool is_matrix(gt_var v)
{
    gt_shape shape = gt_var_shape(v);
    return gt_shape_valid(shape) && shape.size[2] == 1 && shape.size[3] == 1;
}

static const gt_expression *factor(gt_arena *arena, const gt_expression *f, bool transposed)
{
    if (f == NULL || !transposed)
        return f;
    return gt_expression_unary(arena, GT_EXPRESSION_TRANSPOSE, f);
}

/* operands are read already */
static const gt_expression *read_binary(gt_arena *arena, gt_var v, const gt_expression *a, const gt_expression *b)
{
    static const struct {
        const char *op;
        gt_expression_kind kind;
    } kinds[] = {{"add", GT_EXPRESSION_ADD},
                 {"sub", GT_EXPRESSION_SUBTRACT},
                 {"mul", GT_EXPRESSION_MULTIPLY},
                 {"div", GT_EXPRESSION_DIVIDE}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (is(v, kinds[i].op))
            return gt_expression_binary(arena, kinds[i].kind, a, b);
    static const char *const relations[] = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"};
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++)
        if (is(v, relations[i]))
            return gt_expression_compare(arena, (gt_lang_operation)i, a, b);
    if (is(v, "matmul"))
        return gt_expression_binary(arena, GT_EXPRESSION_MATMUL, factor(arena, a, gt_var_attribute(v, 0) != 0),
                                    factor(arena, b, gt_var_attribute(v, 1) != 0));
    return NULL;
}

static const gt_expression *read_unary(gt_arena *arena, gt_var v, const gt_expression *a)
{
    if (is(v, "neg"))
        return gt_expression_unary(arena, GT_EXPRESSION_NEGATE, a);
    if (is(v, "transpose"))
        return gt_expression_unary(arena, GT_EXPRESSION_TRANSPOSE, a);
    if (is(v, "pow"))
        return gt_expression_binary(arena, GT_EXPRESSION_POWER, a,
                                    gt_expression_new_number(arena, gt_unpack_double(gt_var_attribute(v, 0))));
    gt_lang_function function;
    bool known = gt_lang_function_find(gt_var_op(v)->name, &function) && gt_lang_takes_one(function);
    return known ? gt_expression_call(arena, function, a) : NULL;
}

/* Sums that undo broadcasting, and those of softmax: over one of the two axes. */
static const gt_expression *read_sum(gt_arena *arena, gt_var v, const gt_expression *a)
{
    gt_shape from = gt_var_shape(gt_var_input(v, 0)), to = gt_var_shape(v);
    bool rows = from.size[0] != to.size[0], columns = from.size[1] != to.size[1];
    unsigned axis = rows && columns ? GT_EXPRESSION_ALL_AXES : rows ? 0 : 1;
    return gt_expression_reduce(arena, GT_LANG_SUM, a, axis);
}

static const gt_expression *read_inside(const reader *r, gt_var v)
{
    gt_arena *arena = &r->question->arena;
    uint32_t count = gt_var_input_count(v);
    if (is(v, "fill")) /* behind the five that are its shape */
        return gt_expression_new_number(arena, gt_unpack_double(gt_var_attribute(v, 5)));
    if (count < 1 || count > 2)
        return NULL;
    const gt_expression *a = read(r, gt_var_input(v, 0));
    const gt_expression *b = a == NULL || count == 1 ? NULL : read(r, gt_var_input(v, 1));
    if (a == NULL || (count == 2 && b == NULL))
        return NULL;
    if (count == 2)
        return read_binary(arena, v, a, b);
    return is(v, "sum") ? read_sum(arena, v, a) : read_unary(arena, v, a);
}

static const gt_expression *read(const reader *r, gt_var v)
{
    if (!is_matrix(v))
        return NULL;
    for (uint32_t i = 0; i < r->question->name_count; i++)
        if (r->leaves[i] == v.index)
            return gt_expression_new_name(&r->question->arena, i);
    return read_inside(r, v);
}

const gt_expression *gt_rule_formula(gt_question *question, gt_var v, const uint32_t *leaves)
{
    reader r = {question, leaves};
    return gt_var_valid(v) ? read(&r, v) : NULL;
}

const gt_expression *gt_rule_definition(gt_question *question, gt_var v)
{
    gt_arena *arena = &question->arena;
    const gt_expression *a = gt_expression_new_name(arena, 0);
    if (gt_var_input_count(v) == 2)
        return read_binary(arena, v, a, gt_expression_new_name(arena, 1));
    return gt_var_input_count(v) == 1 && a != NULL ? read_unary(arena, v, a) : NULL;
}
