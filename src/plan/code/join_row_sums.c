/*
 * Sums over columns that a product takes in passing, moved in front of it by
 * order/move_row_sums.c, become a part of it.
 */
#include "plan/code/code.h"

#include "ops/descriptors.h"
#include "ops/reduce.h"

/* How far a product is looked for: planning stays proportional to the tape. */
enum { FARTHEST = 64 };

static bool is_row_sum(const gt_instruction *instruction)
{
    const gt_kernel_call *call = gt_kernel_of(instruction);
    if (call == NULL || call->op != &gt_op_sum)
        return false;
    const gt_operand *from = &call->operands[0], *to = &call->operands[1];
    return (call->attributes[GT_REDUCE_AXES] & 1) == 0 && gt_shape_count(to->shape) == from->shape.size[0] &&
           from->dtype == to->dtype;
}

/* The sum as a product that reads the same and writes the same, to ask what it may pass. */
static gt_multiplication as_product(const gt_kernel_call *sum)
{
    gt_multiplication m = {.left = sum->operands[0], .right = sum->operands[0], .output = sum->operands[1]};
    m.left_layout = GT_PRODUCT_PLAIN;
    return m;
}

static bool fits(const gt_multiplication *m, const gt_operand *array)
{
    return !m->has_left_sums && m->left_layout == GT_PRODUCT_PLAIN && m->left_leading == m->product.rows &&
           m->left.dtype == array->dtype && m->product.rows == array->shape.size[0] &&
           m->product.rows * m->product.inner == gt_shape_count(array->shape) &&
           gt_same_address(&m->left.address, &array->address);
}

/* The product that adds up what the instruction at `at` does, if nothing between them minds. */
static gt_multiplication *product_for(const gt_block *block, uint32_t at)
{
    const gt_kernel_call *sum = block->list[at].kernel;
    gt_multiplication alone = as_product(sum);
    for (uint32_t i = at + 1; i < block->count && i <= at + FARTHEST; i++) {
        gt_multiplication *m = gt_multiplication_of(&block->list[i]);
        if (!gt_code_may_pass(&alone, &block->list[i]))
            return NULL;
        if (m != NULL && fits(m, &sum->operands[0]))
            return m;
    }
    return NULL;
}

void gt_code_join_row_sums(gt_block *block)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        gt_multiplication *m = is_row_sum(&block->list[i]) ? product_for(block, i) : NULL;
        if (m == NULL) {
            block->list[kept++] = block->list[i];
            continue;
        }
        m->left_sums = block->list[i].kernel->operands[1];
        m->has_left_sums = true;
    }
    block->count = kept;
}
