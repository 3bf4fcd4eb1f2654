#include "support/op_cases.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Shapes are written as sizes; 0 ends them. */
typedef struct row {
    const char *op;
    bool large;
    int64_t shapes[CASE_INPUTS][GT_MAX_RANK];
    int32_t below[CASE_INPUTS];
    uint32_t input_count, attribute_count;
    int64_t attributes[GT_MAX_ATTRIBUTES];
    uint32_t part_count;
    int64_t part_sizes[CASE_PARTS];
} row;

#define INPUTS(n, ...) .input_count = n, .shapes = {__VA_ARGS__}
#define ATTRIBUTES(n, ...) .attribute_count = n, .attributes = {__VA_ARGS__}
#define PARTS(n, ...) .part_count = n, .part_sizes = {__VA_ARGS__}

static const row rows[] = {
    {"cumsum", false, INPUTS(1, {4, 3}), ATTRIBUTES(2, 0, 0)},
    {"cumsum", false, INPUTS(1, {4, 3}), ATTRIBUTES(2, 0, 1)},
    {"cumsum", false, INPUTS(1, {2, 3, 2}), ATTRIBUTES(2, 1, 0)},
    {"cumsum", false, INPUTS(1, {2, 2, 3}), ATTRIBUTES(2, 2, 1)},
    {"cumsum", false, INPUTS(1, {3}), ATTRIBUTES(2, 3, 0)},
    {"cumsum", true, INPUTS(1, {37, 9, 3}), ATTRIBUTES(2, 1, 0)},
    {"softmax", false, INPUTS(1, {4, 3})},
    {"softmax", false, INPUTS(1, {1, 2})},
    {"softmax", false, INPUTS(1, {3})},
    {"softmax", false, INPUTS(1, {2, 2, 2})},
    {"softmax", true, INPUTS(1, {37, 9, 3})},
    {"log_softmax", false, INPUTS(1, {4, 3})},
    {"log_softmax", false, INPUTS(1, {1, 2})},
    {"log_softmax", false, INPUTS(1, {3})},
    {"log_softmax", false, INPUTS(1, {2, 2, 2})},
    {"log_softmax", true, INPUTS(1, {37, 9, 3})},
    {"cross_entropy", false, INPUTS(2, {4, 3}, {3}), .below = {0, 4}},
    {"cross_entropy", false, INPUTS(2, {3, 2, 2}, {2, 2}), .below = {0, 3}},
    {"cross_entropy", false, INPUTS(2, {5}, {0}), .below = {0, 5}},
    {"cross_entropy", true, INPUTS(2, {23, 7, 5}, {7, 5}), .below = {0, 23}},
    {"matmul", false, INPUTS(2, {2, 3}, {3, 2}), ATTRIBUTES(2, 0, 0)},
    {"matmul", false, INPUTS(2, {2, 3}, {3}), ATTRIBUTES(2, 0, 0)},
    {"matmul", false, INPUTS(2, {2, 3}, {3, 2, 2}), ATTRIBUTES(2, 0, 0)},
    {"matmul", false, INPUTS(2, {2, 2}, {2, 1, 2, 2}), ATTRIBUTES(2, 0, 0)},
    {"matmul", false, INPUTS(2, {3, 2}, {3, 2}), ATTRIBUTES(2, 1, 0)},
    {"matmul", false, INPUTS(2, {3, 2}, {3, 2, 2}), ATTRIBUTES(2, 1, 0)},
    {"matmul", false, INPUTS(2, {2, 3}, {4, 3}), ATTRIBUTES(2, 0, 1)},
    {"matmul", false, INPUTS(2, {2, 2, 3}, {3, 2, 3}), ATTRIBUTES(2, 0, 1)},
    {"matmul", false, INPUTS(2, {3, 2}, {4, 3}), ATTRIBUTES(2, 1, 1)},
    {"matmul", true, INPUTS(2, {19, 33}, {33, 7, 5}), ATTRIBUTES(2, 0, 0)},
    {"matmul", true, INPUTS(2, {33, 19}, {33, 7, 5}), ATTRIBUTES(2, 1, 0)},
    {"matmul", true, INPUTS(2, {19, 7, 5}, {23, 7, 5}), ATTRIBUTES(2, 0, 1)},
    {"matmul", true, INPUTS(2, {33, 19}, {23, 33}), ATTRIBUTES(2, 1, 1)},
    {"transpose", false, INPUTS(1, {2, 3})},
    {"transpose", false, INPUTS(1, {3})},
    {"transpose", true, INPUTS(1, {37, 41})},
    {"concat", false, INPUTS(3, {2, 2}, {1, 2}, {3, 2}), ATTRIBUTES(2, 0, 0)},
    {"concat", false, INPUTS(2, {2, 2}, {2, 2}), ATTRIBUTES(2, 1, 2)},
    {"concat", false, INPUTS(3, {2, 2}, {2, 2}, {2, 2}), ATTRIBUTES(2, 2, 1)},
    {"concat", false, INPUTS(2, {2, 1, 2, 2}, {2, 1, 2, 1}), ATTRIBUTES(2, 3, 0)},
    {"concat", false, INPUTS(1, {2, 2}), ATTRIBUTES(2, 1, 0)},
    {"concat", true, INPUTS(3, {13, 7, 5}, {13, 9, 5}, {13, 1, 5}), ATTRIBUTES(2, 1, 0)},
    {"split", false, INPUTS(1, {5, 2}), ATTRIBUTES(2, 0, 0), PARTS(3, 2, 1, 2)},
    {"split", false, INPUTS(1, {2, 3, 2}), ATTRIBUTES(2, 1, 0), PARTS(2, 1, 2)},
    {"split", false, INPUTS(1, {2, 3}), ATTRIBUTES(2, 1, 1), PARTS(3, 1, 1, 1)},
    {"split", false, INPUTS(1, {2, 2}), ATTRIBUTES(2, 2, 0), PARTS(1, 1)},
    {"split", true, INPUTS(1, {13, 17, 5}), ATTRIBUTES(2, 1, 0), PARTS(4, 7, 1, 4, 5)},
    {"slice", false, INPUTS(1, {5, 2}), ATTRIBUTES(3, 0, 1, 4)},
    {"slice", false, INPUTS(1, {2, 3, 2}), ATTRIBUTES(3, 1, 2, 3)},
    {"slice", false, INPUTS(1, {2, 2, 3}), ATTRIBUTES(3, 2, 0, 2)},
    {"slice", false, INPUTS(1, {2, 3}), ATTRIBUTES(3, 1, 0, 3)},
    {"slice", true, INPUTS(1, {13, 17, 5}), ATTRIBUTES(3, 1, 5, 11)},
    {"pad", false, INPUTS(1, {3, 2}), ATTRIBUTES(3, 0, 1, 2)},
    {"pad", false, INPUTS(1, {2, 2, 2}), ATTRIBUTES(3, 1, 0, 1)},
    {"pad", false, INPUTS(1, {2, 2}), ATTRIBUTES(3, 3, 1, 1)},
    {"pad", false, INPUTS(1, {2, 2}), ATTRIBUTES(3, 1, 0, 0)},
    {"pad", true, INPUTS(1, {13, 17, 5}), ATTRIBUTES(3, 1, 5, 1)},
    {"reshape", false, INPUTS(1, {2, 3}), ATTRIBUTES(5, 1, 6, 1, 1, 1)},
    {"reshape", false, INPUTS(1, {2, 3}), ATTRIBUTES(5, 3, 3, 1, 2, 1)},
    {"reshape", false, INPUTS(1, {1, 1}), ATTRIBUTES(5, 0, 1, 1, 1, 1)},
    {"reshape", true, INPUTS(1, {30, 14}), ATTRIBUTES(5, 4, 6, 7, 5, 2)},
    {"broadcast", false, INPUTS(1, {2, 1}), ATTRIBUTES(5, 2, 2, 3, 1, 1)},
    {"broadcast", false, INPUTS(1, {1, 3}), ATTRIBUTES(5, 2, 2, 3, 1, 1)},
    {"broadcast", false, INPUTS(1, {0}), ATTRIBUTES(5, 4, 2, 1, 2, 2)},
    {"broadcast", false, INPUTS(1, {2, 1, 2}), ATTRIBUTES(5, 4, 2, 3, 2, 2)},
    {"broadcast", true, INPUTS(1, {13, 1, 5}), ATTRIBUTES(5, 4, 13, 11, 5, 2)},
    {"sum", true, INPUTS(1, {300, 3, 2}), ATTRIBUTES(2, 1, 3)},
    {"sum", true, INPUTS(1, {67, 9, 11}), ATTRIBUTES(2, 2, 3)},
    {"sum", true, INPUTS(1, {67, 9, 11}), ATTRIBUTES(2, 6, 1)},
    {"sum", true, INPUTS(1, {11, 9, 5, 7}), ATTRIBUTES(2, 10, 4)},
    {"sum", true, INPUTS(1, {11, 9, 5, 7}), ATTRIBUTES(2, 5, 4)},
    {"sum", true, INPUTS(1, {67, 9, 11}), ATTRIBUTES(2, 15, 0)},
    {"mean", true, INPUTS(1, {67, 9, 11}), ATTRIBUTES(2, 6, 3)},
    {"mean", true, INPUTS(1, {67, 9, 11}), ATTRIBUTES(2, 15, 3)},
    {"gather", false, INPUTS(2, {2, 5}, {4}), .below = {0, 5}},
    {"gather", false, INPUTS(2, {3, 2}, {2, 2}), .below = {0, 2}},
    {"gather", true, INPUTS(2, {13, 31}, {7, 5}), .below = {0, 31}},
    {"scatter_add", false, INPUTS(2, {2, 4}, {4}), .below = {0, 3}, ATTRIBUTES(1, 3)},
    {"scatter_add", false, INPUTS(2, {2, 2, 2}, {2, 2}), .below = {0, 5}, ATTRIBUTES(1, 5)},
    {"scatter_add", true, INPUTS(2, {13, 7, 5}, {7, 5}), .below = {0, 11}, ATTRIBUTES(1, 11)},
    {"one_hot", false, INPUTS(1, {3}), .below = {4}, ATTRIBUTES(1, 4)},
    {"one_hot", true, INPUTS(1, {7, 5}), .below = {9}, ATTRIBUTES(1, 9)},
};

static gt_shape shape_of(const int64_t sizes[GT_MAX_RANK])
{
    gt_shape shape = {0, {1, 1, 1, 1}};
    while (shape.rank < GT_MAX_RANK && sizes[shape.rank] != 0) {
        shape.size[shape.rank] = sizes[shape.rank];
        shape.rank++;
    }
    return shape;
}

static op_case case_of_row(const gt_op *op, const row *r)
{
    op_case c = {
        .op = op, .input_count = r->input_count, .attribute_count = r->attribute_count, .part_count = r->part_count};
    for (int i = 0; i < CASE_INPUTS; i++) {
        c.shapes[i] = shape_of(r->shapes[i]);
        c.below[i] = r->below[i];
    }
    memcpy(c.attributes, r->attributes, sizeof c.attributes);
    memcpy(c.part_sizes, r->part_sizes, sizeof c.part_sizes);
    return c;
}

static uint32_t rows_of(const gt_op *op, bool large, op_case *cases)
{
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].op, op->name) == 0 && rows[i].large == large)
            cases[count++] = case_of_row(op, &rows[i]);
    return count;
}

/* Sums over every set of axes. */
static uint32_t reductions(const gt_op *op, op_case *cases)
{
    uint32_t count = 0;
    for (int64_t axes = 1; axes < 16; axes++)
        cases[count++] = (op_case){.op = op,
                                   .input_count = 1,
                                   .shapes = {GT_SHAPE(2, 3, 2, 2)},
                                   .attribute_count = 2,
                                   .attributes = {axes, 4}};
    cases[count++] =
        (op_case){.op = op, .input_count = 1, .shapes = {GT_SHAPE(3)}, .attribute_count = 2, .attributes = {1, 0}};
    return count;
}

static uint32_t powers(const gt_op *op, gt_shape shape, op_case *cases)
{
    static const double exponents[] = {0, 1, 2, 3, -1, 0.5, -2.5};
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++)
        cases[count++] = (op_case){.op = op,
                                   .input_count = 1,
                                   .shapes = {shape},
                                   .attribute_count = 1,
                                   .attributes = {gt_pack_double(exponents[i])}};
    return count;
}

/* The rate 0.4 and stream 7. */
static op_case mask(const gt_op *op, gt_shape shape)
{
    op_case c = {.op = op, .input_count = 1, .shapes = {GT_SHAPE(1)}, .below = {1000}, .attribute_count = 7};
    c.attributes[0] = shape.rank;
    for (int axis = 0; axis < GT_MAX_RANK; axis++)
        c.attributes[1 + axis] = shape.size[axis];
    c.attributes[5] = gt_pack_double(0.4);
    c.attributes[6] = 7;
    return c;
}

uint32_t op_cases(const gt_op *op, bool large, op_case *cases)
{
    gt_shape shape = large ? GT_SHAPE(23, 7, 5) : GT_SHAPE(2, 3);
    if (strcmp(op->name, "pow") == 0)
        return powers(op, shape, cases);
    if (strcmp(op->name, "dropout_mask") == 0) {
        cases[0] = mask(op, shape);
        return 1;
    }
    if ((strcmp(op->name, "sum") == 0 || strcmp(op->name, "mean") == 0) && !large)
        return reductions(op, cases);
    uint32_t count = rows_of(op, large, cases);
    if (count > 0 || op->op_class != GT_CLASS_ELEMENTWISE)
        return count;
    cases[0] = (op_case){.op = op, .input_count = (uint32_t)op->arity, .shapes = {shape, shape, shape}};
    return 1;
}

bool op_has_cases(const gt_op *op)
{
    return op->op_class != GT_CLASS_LEAF && op->op_class != GT_CLASS_PART;
}

char *op_case_label(const op_case *c, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%s", c->op->name);
    for (uint32_t i = 0; i < c->input_count && used < size; i++) {
        char shape[64];
        used += (size_t)snprintf(text + used, size - used, "%s %s", i == 0 ? "" : ",",
                                 gt_shape_format(c->shapes[i], shape, sizeof shape));
    }
    for (uint32_t i = 0; i < c->attribute_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%lld%s", i == 0 ? " [" : " ", (long long)c->attributes[i],
                                 i + 1 == c->attribute_count ? "]" : "");
    return text;
}

static uint32_t record_parts(const op_case *c, gt_var tuple, gt_var outputs[CASE_PARTS])
{
    const gt_op *part = gt_op_find("part");
    int64_t start = 0;
    for (uint32_t i = 0; i < c->part_count; i++) {
        const int64_t attributes[] = {i, start, c->part_sizes[i], c->attributes[0], c->attributes[1]};
        outputs[i] = gt_apply(part, &tuple, 1, attributes, 5);
        if (!gt_var_valid(outputs[i]))
            return 0;
        start += c->part_sizes[i];
    }
    return c->part_count;
}

uint32_t op_case_record(const op_case *c, const gt_var *inputs, gt_var outputs[CASE_PARTS])
{
    outputs[0] = gt_apply(c->op, inputs, c->input_count, c->attributes, c->attribute_count);
    if (!gt_var_valid(outputs[0]))
        return 0;
    return c->op->op_class == GT_CLASS_TUPLE ? record_parts(c, outputs[0], outputs) : 1;
}
