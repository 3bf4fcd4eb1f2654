/*
 * Writing matrix products.
 *
 * A weight that does not change in a loop is packed once before it. The terms of
 * a sum of products add to one output, one after the other.
 */
#include "plan/code/code.h"

#include "ops/descriptors.h"

/* ---- packing ------------------------------------------------------------------------------- */

bool gt_code_emit_packing(gt_lowering *lowering, const gt_level *body, gt_block *block)
{
    for (const gt_packed *p = body->loop->packed; p != NULL; p = p->next) {
        gt_packing *packing = gt_pool_new(lowering->pool, 1, sizeof *packing);
        if (packing == NULL)
            return false;
        packing->from = gt_code_operand(lowering, body, p->operand);
        packing->kernels = gt_product_kernels_best(packing->from.dtype);
        packing->to = gt_code_operand_in(lowering, p->buffer, packing->from.dtype, packing->from.shape).address;
        packing->leading = packing->from.shape.size[0];
        packing->transposed = p->transposed;
        packing->rows = p->transposed ? gt_columns_of(packing->from.shape) : packing->from.shape.size[0];
        packing->inner = p->transposed ? packing->from.shape.size[0] : gt_columns_of(packing->from.shape);
        gt_code_append(block, (gt_instruction){GT_INSTRUCTION_PACKING, .packing = packing});
    }
    return true;
}

/* ---- products ------------------------------------------------------------------------------ */

static void describe(const gt_lowering *lowering, const gt_level *level, uint32_t index, gt_multiplication *m)
{
    const gt_node *node = gt_level_node(level, index);
    const uint32_t *inputs = gt_node_inputs(level->tape, node);
    bool transpose_a = gt_node_attributes(level->tape, node)[0] != 0;
    bool transpose_b = gt_node_attributes(level->tape, node)[1] != 0;
    m->var = gt_tape_at(level->tape, index);
    m->left = gt_code_operand(lowering, level, inputs[0]);
    m->right = gt_code_operand(lowering, level, inputs[1]);
    m->left_leading = m->left.shape.size[0];
    m->right_leading = m->right.shape.size[0];
    m->left_layout = transpose_a ? GT_PRODUCT_TRANSPOSED : GT_PRODUCT_PLAIN;
    m->right_layout = transpose_b ? GT_PRODUCT_TRANSPOSED : GT_PRODUCT_PLAIN;
    m->product.kernels = gt_product_kernels_best((gt_dtype)node->dtype);
    m->product.rows = transpose_a ? gt_columns_of(m->left.shape) : m->left.shape.size[0];
    m->product.inner = transpose_a ? m->left.shape.size[0] : gt_columns_of(m->left.shape);
    m->product.columns = transpose_b ? m->right.shape.size[0] : gt_columns_of(m->right.shape);
}

/* The product starts at the value of a node: a matrix of its shape, or one column. */
static void set_addend(const gt_lowering *lowering, const gt_level *level, uint32_t index, gt_multiplication *m)
{
    m->has_addend = true;
    m->addend = gt_code_operand(lowering, level, index);
    bool column = m->product.columns > 1 && gt_columns_of(m->addend.shape) == 1;
    m->addend_leading = column ? 0 : m->product.rows;
}

/* `addend`: what the first product of an item starts at; 0: nothing. The others add to what is there. */
static bool emit_product(gt_lowering *lowering, const gt_level *level, uint32_t index, gt_operand output,
                         bool accumulate, uint32_t addend, int64_t batch, gt_block *block)
{
    gt_multiplication *m = gt_pool_new(lowering->pool, 1, sizeof *m);
    if (m == NULL)
        return false;
    describe(lowering, level, index, m);
    uint32_t left = gt_node_inputs(level->tape, gt_level_node(level, index))[0];
    const gt_packed *packed = gt_loop_memory_find_packed(level, left, m->left_layout == GT_PRODUCT_TRANSPOSED);
    if (packed != NULL) {
        m->left.address = gt_code_operand_in(lowering, packed->buffer, m->left.dtype, m->left.shape).address;
        m->left_layout = GT_PRODUCT_PACKED;
        m->left_leading = 0;
    }
    m->output = output;
    m->columns_each = batch > 0 ? m->product.columns / batch : 0;
    m->product.accumulate = accumulate;
    if (addend != 0 && !accumulate)
        set_addend(lowering, level, addend, m);
    gt_code_append(block, (gt_instruction){GT_INSTRUCTION_MULTIPLICATION, .multiplication = m});
    return true;
}

bool gt_code_emit_products(gt_lowering *lowering, const gt_level *level, const gt_item *item, gt_block *block)
{
    gt_operand output = gt_code_operand(lowering, level, item->nodes[item->count - 1]);
    bool accumulate = false;
    int64_t batch = gt_code_batch_of(level, item);
    for (uint32_t n = 0; n < item->count; n++) {
        if (gt_level_node(level, item->nodes[n])->op != &gt_op_matmul)
            continue;
        if (!emit_product(lowering, level, item->nodes[n], output, accumulate, item->addend, batch, block))
            return false;
        accumulate = true;
    }
    return true;
}
