/*
 * What a loop has on the level around it: its region, the values of states that have no
 * stack, and left operands of products that do not change, which are packed before it.
 *
 * Needs: the places of the body and the size of its region. Leaves: buffers of the level
 * around, in use while the loop runs.
 */
#include "plan/memory/memory.h"

#include "ops/descriptors.h"

/* While it is made. */
typedef struct making {
    gt_lowering *lowering;
    const gt_level *body;
    gt_carrying *carrying;
    uint32_t *kept;
    gt_packed *packed;
    uint32_t region;
} making;

static bool new_buffer(const making *m, size_t bytes, uint32_t *buffer)
{
    const gt_level *around = m->body->around;
    return gt_buffer_new(m->lowering, around, bytes, around->order->item_of[m->body->scan_node], buffer);
}

/* ---- states -------------------------------------------------------------------------------- */

static gt_carrying carrying_of(const gt_level *body, uint32_t k)
{
    const gt_scan_carry_link *carry = &body->scan->carries[k];
    if (body->states->shifted[k] || gt_places_is_in_slot(body, carry->after))
        return GT_CARRY_STACKED;
    if (body->states->added[k])
        return GT_CARRY_ADDED;
    bool has_own_next = carry->after != carry->before && body->states->of[carry->after] == k + 1;
    return has_own_next ? GT_CARRY_TURNED : GT_CARRY_COPIED;
}

/* Room for the old and the new value of every state that has no stack. */
static bool keep_states(making *m)
{
    const gt_level *body = m->body;
    for (uint32_t k = 0; k < body->scan->carry_count; k++) {
        m->carrying[k] = carrying_of(body, k);
        size_t bytes = gt_level_bytes(body, body->scan->carries[k].before) * (body->states->added[k] ? 1 : 2);
        if (body->carried[k] && m->carrying[k] != GT_CARRY_STACKED && !new_buffer(m, bytes, &m->kept[k]))
            return false;
    }
    return true;
}

/* ---- packed operands ----------------------------------------------------------------------- */

static const gt_packed *find_packed(const gt_packed *list, uint32_t operand, bool transposed)
{
    while (list != NULL && (list->operand != operand || list->transposed != transposed))
        list = list->next;
    return list;
}

const gt_packed *gt_loop_memory_find_packed(const gt_level *body, uint32_t operand, bool transposed)
{
    return body->loop == NULL ? NULL : find_packed(body->loop->packed, operand, transposed);
}

static bool pack(making *m, uint32_t left, bool transposed)
{
    gt_packed *packed = gt_pool_new(&m->lowering->scratch, 1, sizeof *packed);
    gt_shape shape = gt_level_shape(m->body, left);
    int64_t rows = transposed ? gt_columns_of(shape) : shape.size[0];
    int64_t inner = transposed ? shape.size[0] : gt_columns_of(shape);
    const gt_product_kernels *kernels = gt_product_kernels_best((gt_dtype)gt_level_node(m->body, left)->dtype);
    if (packed == NULL)
        return false;
    *packed = (gt_packed){.operand = left, .transposed = transposed, .next = m->packed};
    m->packed = packed;
    return new_buffer(m, gt_product_left_size(kernels, rows, inner), &packed->buffer);
}

/* Packing reads and writes all of an operand, as a product of one column does: it never pays for a single step. */
static bool pack_operands(making *m)
{
    const gt_level *body = m->body;
    bool pays = !m->lowering->code->exact && body->scan->steps > 1;
    for (uint32_t i = 1; i <= body->count && pays; i++) {
        const gt_node *node = gt_level_node(body, i);
        if (!body->wanted[i] || node->op != &gt_op_matmul)
            continue;
        uint32_t left = gt_level_inputs(body, i)[0];
        bool transposed = gt_node_attributes(body->tape, node)[0] != 0;
        if (gt_scan_find_invariant(body->scan, left) != NULL && find_packed(m->packed, left, transposed) == NULL &&
            !pack(m, left, transposed))
            return false;
    }
    return true;
}

/* ---- the phase ----------------------------------------------------------------------------- */

const gt_loop_memory *gt_loop_memory_find(gt_lowering *lowering, const gt_level *body)
{
    gt_pool *pool = &lowering->scratch;
    gt_loop_memory *memory = gt_pool_new(pool, 1, sizeof *memory);
    making m = {lowering,
                body,
                gt_pool_new(pool, body->scan->carry_count, sizeof *m.carrying),
                gt_pool_new(pool, body->scan->carry_count, sizeof *m.kept),
                NULL,
                0};
    if (memory == NULL || m.carrying == NULL || m.kept == NULL || !keep_states(&m) || !pack_operands(&m) ||
        !new_buffer(&m, body->bytes, &m.region))
        return NULL;
    *memory = (gt_loop_memory){m.carrying, m.kept, m.packed, m.region};
    return memory;
}
