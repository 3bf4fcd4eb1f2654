/* What threads may divide among themselves: a backward pass over the items of a body. */
#include "plan/memory/memory.h"

#include "plan/order/batch.h"

#include "base/memory.h"
#include "ops/descriptors.h"

static bool enters(const gt_level *level, uint32_t index)
{
    return gt_level_node(level, index)->role != GT_ROLE_NONE;
}

/* ---- how many there are -------------------------------------------------------------------- */

static int64_t last_size(gt_shape shape)
{
    int axis = GT_MAX_RANK - 1;
    while (axis > 0 && shape.size[axis] == 1)
        axis--;
    return shape.size[axis];
}

/* A state has them along its last axis; without a state, a value that is stacked has. */
static int64_t guess(const gt_level *body)
{
    for (uint32_t k = 0; k < body->scan->carry_count; k++)
        if (body->carried[k])
            return last_size(gt_level_shape(body, body->scan->carries[k].before));
    for (uint32_t i = 1; i <= body->count; i++)
        if (body->slots[i] != 0)
            return last_size(gt_level_shape(body, i));
    return 1;
}

/* ---- what is whole ------------------------------------------------------------------------- */

static bool is_tuple(const gt_node *node)
{
    return gt_class_is_tuple(node->op->op_class);
}

/* Every value of a node: its own, or those of its parts. */
static uint32_t first_value(const gt_level *body, uint32_t index)
{
    return is_tuple(gt_level_node(body, index)) ? body->chain[index] : index;
}

static uint32_t next_value(const gt_level *body, uint32_t index, uint32_t value)
{
    return is_tuple(gt_level_node(body, index)) ? body->chain[value] : 0;
}

/* Can all that the item computes be computed by pieces, and does nobody need it whole? */
static bool is_divided(const gt_level *body, const gt_item *item, const uint8_t *whole)
{
    for (uint32_t n = 0; n < item->count; n++)
        for (uint32_t v = first_value(body, item->nodes[n]); v != 0; v = next_value(body, item->nodes[n], v))
            if (body->wanted[v] && (whole[v] || !gt_example_possible(body->tape, v, body->examples)))
                return false;
    return true;
}

static void ask_operands(gt_level *body, uint32_t place, uint8_t *whole)
{
    const gt_item *item = &body->items[place];
    for (uint32_t n = 0; n < item->count; n++) {
        const gt_node *node = gt_level_node(body, item->nodes[n]);
        for (uint32_t k = 0; k < node->input_count; k++) {
            uint32_t input = gt_node_inputs(body->tape, node)[k];
            bool inside = !enters(body, input) && body->item_of[input] == place;
            bool pieces = body->divided[place] &&
                          (is_tuple(node) ||
                           gt_example_taking(body->tape, item->nodes[n], k, body->examples) == GT_TAKES_PIECES);
            whole[input] |= !inside && !pieces;
        }
    }
}

/* ---- whether it is safe -------------------------------------------------------------------- */

/* In memory that all threads share: on a level around the body, where a state is, too. */
static bool is_shared(const gt_lowering *lowering, const gt_level *body, uint32_t index)
{
    const gt_storage *storage = &body->storage[index];
    if (!storage->known || !storage->in_root)
        return storage->known && storage->address.base == GT_BASE_CARRY;
    return lowering->levels[lowering->roots[storage->root].level]->depth < body->depth;
}

/* An address within another value. */
static bool is_view(const gt_level *body, uint32_t index)
{
    const gt_node *node = gt_level_node(body, index);
    if (node->op != &gt_op_reshape && node->op != &gt_op_slice && node->op != &gt_op_part)
        return false;
    uint32_t of = gt_node_inputs(body->tape, node)[0];
    if (node->op == &gt_op_part)
        of = gt_node_inputs(body->tape, gt_level_node(body, of))[0];
    const gt_storage *a = &body->storage[index], *b = &body->storage[of];
    return a->in_root == b->in_root && (a->in_root ? a->root == b->root : a->address.base == b->address.base);
}

static bool is_written(const gt_level *body, uint32_t index)
{
    return body->wanted[index] && !enters(body, index) && body->storage[index].known &&
           !is_tuple(gt_level_node(body, index)) && !is_view(body, index);
}

static bool in_same_memory(const gt_lowering *lowering, const gt_level *body, uint32_t i, uint32_t k)
{
    const gt_storage *a = &body->storage[i], *b = &body->storage[k];
    if (!is_shared(lowering, body, i) || !is_shared(lowering, body, k) || a->in_root != b->in_root)
        return false;
    return a->in_root ? a->root == b->root : a->address.index == b->address.index;
}

/*
 * What the body writes to shared memory it writes by pieces; what it reads there
 * and also writes has the same pieces at every step.
 */
static bool pieces_are_apart(const gt_lowering *lowering, const gt_level *body, const uint8_t *whole)
{
    for (uint32_t i = 1; i <= body->count; i++) {
        if (!is_written(body, i) || !is_shared(lowering, body, i))
            continue;
        if (!body->divided[body->item_of[i]])
            return false;
        for (uint32_t k = 1; k <= body->count; k++) {
            if (!body->wanted[k] || k == i || !in_same_memory(lowering, body, i, k))
                continue;
            bool alike = gt_shape_count(gt_level_shape(body, k)) == gt_shape_count(gt_level_shape(body, i)) &&
                         gt_level_node(body, k)->dtype == gt_level_node(body, i)->dtype;
            if (whole[k] || !alike)
                return false;
        }
    }
    return true;
}

static bool has_pieces(const gt_level *body, uint32_t index)
{
    return gt_example_axis(gt_level_shape(body, index), body->examples) >= 0;
}

static bool links_are_divided(const gt_level *body, const uint8_t *whole)
{
    for (uint32_t k = 0; k < body->scan->carry_count; k++) {
        const gt_scan_carry_link *carry = &body->scan->carries[k];
        if (body->carried[k] && (whole[carry->before] || !has_pieces(body, carry->before) || !has_pieces(body, carry->after)))
            return false;
    }
    for (uint32_t i = 1; i <= body->count; i++)
        if (body->slots[i] != 0 && !has_pieces(body, i))
            return false;
    return true;
}

bool gt_lower_examples(gt_lowering *lowering, gt_level *body)
{
    body->examples = 0;
    body->divided = gt_pool_new(&lowering->scratch, (size_t)body->item_count + 1, 1);
    uint8_t *whole = gt_memory_new((size_t)body->count + 1, 1);
    if (body->divided == NULL || whole == NULL) {
        gt_memory_free(whole);
        return false;
    }
    body->examples = guess(body);
    for (uint32_t place = body->item_count; place-- > 0;) {
        body->divided[place] = is_divided(body, &body->items[place], whole);
        ask_operands(body, place, whole);
    }
    if (body->examples < 2 || !links_are_divided(body, whole) || !pieces_are_apart(lowering, body, whole))
        body->examples = 0;
    gt_memory_free(whole);
    return true;
}
