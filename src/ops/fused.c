#include "ops/fused.h"

#include "ops/descriptors.h"
#include "ops/kernels.h"

#define FUSED(NAME, ...)                                                                                               \
    GT_EXACT_TERNARY_KERNELS(NAME, __VA_ARGS__)                                                                        \
    static const gt_op fused_##NAME = {.name = #NAME,                                                                  \
                                       .documentation = #__VA_ARGS__,                                                  \
                                       .arity = 3,                                                                     \
                                       .op_class = GT_CLASS_ELEMENTWISE,                                               \
                                       .shape = gt_shape_rule_elementwise,                                             \
                                       GT_KERNELS(NAME)};

FUSED(add_add, (a + b) + c)
FUSED(add_sub, (a + b) - c)
FUSED(add_from, c - (a + b))
FUSED(add_mul, (a + b) * c)
FUSED(sub_add, (a - b) + c)
FUSED(sub_sub, (a - b) - c)
FUSED(sub_from, c - (a - b))
FUSED(sub_mul, (a - b) * c)
FUSED(mul_add, (a * b) + c)
FUSED(mul_sub, (a * b) - c)
FUSED(mul_from, c - (a * b))
FUSED(mul_mul, (a * b) * c)

enum { ADD, SUB, MUL, FROM, OTHER };

static int place_of(const gt_op *op)
{
    return op == &gt_op_add ? ADD : op == &gt_op_sub ? SUB : op == &gt_op_mul ? MUL : OTHER;
}

const gt_op *gt_op_fused(const gt_op *first, const gt_op *second, bool swapped)
{
    static const gt_op *const fused[3][4] = {
        [ADD] = {[ADD] = &fused_add_add, [SUB] = &fused_add_sub, [MUL] = &fused_add_mul, [FROM] = &fused_add_from},
        [SUB] = {[ADD] = &fused_sub_add, [SUB] = &fused_sub_sub, [MUL] = &fused_sub_mul, [FROM] = &fused_sub_from},
        [MUL] = {[ADD] = &fused_mul_add, [SUB] = &fused_mul_sub, [MUL] = &fused_mul_mul, [FROM] = &fused_mul_from},
    };
    int a = place_of(first), b = place_of(second);
    if (a == OTHER || b == OTHER)
        return NULL;
    return fused[a][b == SUB && swapped ? FROM : b];
}
