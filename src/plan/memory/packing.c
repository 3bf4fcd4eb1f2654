/* Left operands that do not change in a loop: each is packed once, on the level around. */
#include "plan/memory/memory.h"

#include "ops/descriptors.h"

const gt_packed *gt_lower_find_packed(const gt_level *body, uint32_t operand, bool transposed)
{
    for (const gt_packed *p = body->packed; p != NULL; p = p->next)
        if (p->operand == operand && p->transposed == transposed)
            return p;
    return NULL;
}

static bool is_invariant(const gt_level *body, uint32_t index)
{
    for (size_t k = 0; k < body->scan->invariant_count; k++)
        if (body->scan->invariants[k].inside == index)
            return true;
    return false;
}

bool gt_lower_packing(gt_lowering *lowering, gt_level *level, gt_level *body, uint32_t loop_item)
{
    for (uint32_t i = 1; i <= body->count && !lowering->code->exact; i++) {
        const gt_node *node = gt_level_node(body, i);
        if (!body->wanted[i] || node->op != &gt_op_matmul)
            continue;
        uint32_t left = gt_node_inputs(body->tape, node)[0];
        bool transposed = gt_node_attributes(body->tape, node)[0] != 0;
        if (!is_invariant(body, left) || gt_lower_find_packed(body, left, transposed) != NULL)
            continue;
        gt_packed *packed = gt_pool_new(&lowering->scratch, 1, sizeof *packed);
        gt_shape shape = gt_level_shape(body, left);
        int64_t rows = transposed ? gt_columns_of(shape) : shape.size[0];
        int64_t inner = transposed ? shape.size[0] : gt_columns_of(shape);
        const gt_product_kernels *kernels = gt_product_kernels_best((gt_dtype)node->dtype);
        if (packed == NULL || !gt_lower_root(lowering, level, gt_product_left_size(kernels, rows, inner), loop_item,
                                             &packed->root))
            return false;
        packed->operand = left;
        packed->transposed = transposed;
        packed->next = body->packed;
        body->packed = packed;
    }
    return true;
}
