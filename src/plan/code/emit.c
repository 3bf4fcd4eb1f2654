/*
 * Writing the instructions of a block.
 *
 * Needs: all results of the phases before, and the offsets of all buffers. Leaves: code. What a
 * node is has been decided: here it is written down, in the order of the items.
 */
#include "plan/code/code.h"

#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/order/batch.h"

/* ---- operands ------------------------------------------------------------------------------ */

/*
 * Where a buffer begins: in the user's memory for an output, in the arena for what is on a shared level, or else in
 * the region of the loop on a shared level that is around it.
 */
static void set_base(const gt_lowering *lowering, uint32_t buffer, gt_address *address)
{
    const gt_level *level = lowering->levels[lowering->buffers[buffer].level];
    if (lowering->buffers[buffer].output != 0) {
        address->base = GT_BASE_OUTPUT;
        address->index = lowering->buffers[buffer].output - 1;
        return;
    }
    address->base = level->shared ? GT_BASE_ARENA : GT_BASE_REGION;
    address->offset += lowering->buffers[buffer].offset;
    for (; level->scan != NULL && !gt_level_is_divided(level); level = level->around)
        address->offset += lowering->buffers[level->loop->region].offset;
}

static size_t reach_of(const gt_level *level, const gt_address *address)
{
    size_t reach = 0;
    for (; level->scan != NULL; level = level->around)
        reach += address->step[level->depth - 1] * (size_t)(level->scan->steps - 1);
    return reach;
}

gt_operand gt_code_operand(const gt_lowering *lowering, const gt_level *level, uint32_t index)
{
    const gt_storage *storage = &level->places->storage[index];
    const gt_node *node = gt_level_node(level, index);
    gt_operand o = {storage->address, (gt_dtype)node->dtype, gt_node_shape(level->tape, node),
                    gt_tape_at(level->tape, index), reach_of(level, &storage->address)};
    if (storage->in_buffer)
        set_base(lowering, storage->buffer, &o.address);
    return o;
}

gt_operand gt_code_operand_in(const gt_lowering *lowering, uint32_t buffer, gt_dtype dtype, gt_shape shape)
{
    gt_operand o = {.dtype = dtype, .shape = shape};
    set_base(lowering, buffer, &o.address);
    return o;
}

void gt_code_append(gt_block *block, gt_instruction instruction)
{
    block->list[block->count++] = instruction;
}

gt_kernel_call *gt_code_new_call(gt_lowering *lowering, const gt_op *op, uint32_t operands)
{
    gt_kernel_call *call = gt_pool_new(lowering->pool, 1, sizeof *call);
    if (call == NULL)
        return NULL;
    call->op = op;
    call->operands = gt_pool_new(lowering->pool, operands, sizeof *call->operands);
    return call->operands == NULL ? NULL : call;
}

/* ---- the batch ------------------------------------------------------------------------------ */

/* Into how many pieces an item may be divided that threads do independently; 0: it may not. */
int64_t gt_code_batch_of(const gt_level *level, const gt_item *item)
{
    return level->division != NULL && level->division->divided[item - level->order->items] ? level->division->batch : 0;
}

/* An op on a shared level may be divided as its result may. */
static int64_t batch_by_result(const gt_lowering *lowering, const gt_level *level, uint32_t index)
{
    if (lowering->code->exact || gt_class_is_tuple(gt_level_node(level, index)->op->op_class))
        return 0;
    gt_shape shape = gt_level_shape(level, index);
    int axis = GT_MAX_RANK - 1;
    while (axis > 0 && shape.size[axis] == 1)
        axis--;
    int64_t batch = shape.size[axis];
    return batch > 1 && gt_batch_possible(level->tape, index, batch) ? batch : 0;
}

static bool divide_kernel(gt_lowering *lowering, const gt_level *level, uint32_t index, int64_t batch,
                          gt_kernel_call *call)
{
    uint32_t count = call->input_count + call->output_count;
    int8_t *axes = gt_pool_new(lowering->pool, count, sizeof *axes);
    if (axes == NULL)
        return false;
    for (uint32_t k = 0; k < count; k++) {
        bool pieces = k >= call->input_count || gt_class_is_tuple(call->op->op_class) ||
                      gt_batch_taking(level->tape, index, k, batch) == GT_TAKES_PIECES;
        axes[k] = (int8_t)(pieces ? gt_batch_axis(call->operands[k].shape, batch) : -1);
    }
    call->batch_axes = axes;
    call->batch = batch;
    return true;
}

/* ---- kernels ------------------------------------------------------------------------------- */

static uint32_t count_parts(const gt_level *level, uint32_t index)
{
    uint32_t count = 0;
    for (uint32_t part = level->chain[index]; part != 0; part = level->chain[part])
        count++;
    return count;
}

static bool add_parts(gt_lowering *lowering, const gt_level *level, uint32_t index, gt_kernel_call *call)
{
    const int64_t **attributes = gt_pool_new(lowering->pool, count_parts(level, index), sizeof *attributes);
    if (attributes == NULL)
        return false;
    for (uint32_t part = level->chain[index]; part != 0; part = level->chain[part]) {
        if (!level->wanted[part] || !gt_level_is_computed(level, part))
            continue;
        attributes[call->output_count] = gt_node_attributes(level->tape, gt_level_node(level, part));
        call->operands[call->input_count + call->output_count++] = gt_code_operand(lowering, level, part);
    }
    call->part_attributes = attributes;
    return true;
}

bool gt_code_emit_copy(gt_lowering *lowering, gt_operand from, gt_operand to, gt_block *block)
{
    gt_kernel_call *call = gt_code_new_call(lowering, &gt_op_reshape, 2);
    if (call == NULL)
        return false;
    call->operands[0] = from;
    call->operands[1] = to;
    call->input_count = call->output_count = 1;
    gt_code_append(block, (gt_instruction){GT_INSTRUCTION_KERNEL, .kernel = call});
    return true;
}

static bool emit_kernel(gt_lowering *lowering, const gt_level *level, uint32_t index, gt_block *block)
{
    const gt_node *node = gt_level_node(level, index);
    bool tuple = node->op->op_class == GT_CLASS_TUPLE;
    gt_kernel_call *call =
        gt_code_new_call(lowering, node->op, node->input_count + (tuple ? count_parts(level, index) : 1));
    if (call == NULL)
        return false;
    call->attributes = gt_node_attributes(level->tape, node);
    call->attribute_count = node->attribute_count;
    call->input_count = node->input_count;
    for (uint32_t k = 0; k < node->input_count; k++)
        call->operands[k] = gt_code_operand(lowering, level, gt_node_inputs(level->tape, node)[k]);
    if (tuple && !add_parts(lowering, level, index, call))
        return false;
    if (!tuple)
        call->operands[node->input_count + call->output_count++] = gt_code_operand(lowering, level, index);
    int64_t batch =
        level->shared ? batch_by_result(lowering, level, index) : gt_code_batch_of(level, gt_order_item(level, index));
    if (batch > 0 && !divide_kernel(lowering, level, index, batch, call))
        return false;
    if (call->output_count > 0)
        gt_code_append(block, (gt_instruction){GT_INSTRUCTION_KERNEL, .kernel = call});
    return true;
}

static bool emit_item(gt_lowering *lowering, const gt_level *level, const gt_item *item, gt_block *block)
{
    if (item->kind == GT_ITEM_GROUP)
        return gt_code_emit_group(lowering, level, item, block);
    uint32_t index = item->nodes[0];
    bool product = gt_level_node(level, index)->op == &gt_op_matmul && !lowering->code->exact;
    if (item->kind == GT_ITEM_SUM_OF_PRODUCTS || product)
        return gt_code_emit_products(lowering, level, item, block);
    if (gt_level_node(level, index)->op->op_class == GT_CLASS_SCAN)
        return gt_code_emit_loop(lowering, level, index, block);
    if (level->joins->pieced[index])
        return true;
    if (level->joins->parts[index] > 0)
        return gt_code_emit_joined(lowering, level, index, block);
    /* A view that is an address within its operand needs no instruction. */
    bool is_address =
        !gt_level_is_computed(level, index) && !gt_class_is_tuple(gt_level_node(level, index)->op->op_class);
    return is_address || emit_kernel(lowering, level, index, block);
}

static uint32_t most_instructions(const gt_level *level)
{
    uint32_t most = level->order->item_count;
    for (uint32_t i = 0; i < level->order->item_count; i++) {
        most += level->order->items[i].count; /* a sum of products is as many instructions */
        for (const gt_spread *s = level->places->spreads[i]; s != NULL; s = s->next)
            most++;
    }
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_level *body = level->bodies[i];
        most += level->joins->parts[i] > 0 ? gt_level_node(level, i)->input_count : 0;
        most += body != NULL ? (uint32_t)body->scan->carry_count : 0;
        for (const gt_packed *q = body != NULL ? body->loop->packed : NULL; q != NULL; q = q->next)
            most++;
    }
    return most;
}

/* Appends items from `from` to `to` - 1, of which none is done together with what is there. */
static bool emit_items(gt_lowering *lowering, const gt_level *level, uint32_t from, uint32_t to, gt_block *block)
{
    gt_block half = {.list = block->list + block->count};
    for (uint32_t i = from; i < to; i++)
        if (!emit_item(lowering, level, &level->order->items[i], &half))
            return false;
    if (gt_lower_chooses(lowering, GT_CHOICE_STACK_PRODUCTS) && !gt_code_stack_products(lowering, &half))
        return false;
    if (gt_level_has_loops(level) && gt_lower_chooses(lowering, GT_CHOICE_SUM_WITH_PRODUCTS))
        gt_code_join_row_sums(&half);
    if (level->depth == 0 && gt_lower_chooses(lowering, GT_CHOICE_ACCOMPANY_LOOPS) &&
        !gt_code_find_companions(lowering, &half))
        return false;
    block->count += half.count;
    return gt_code_compile_products(lowering, level, &half);
}

static bool begin_block(gt_lowering *lowering, const gt_level *level, gt_block *block)
{
    block->list = gt_pool_new(lowering->pool, most_instructions(level), sizeof *block->list);
    return block->list != NULL;
}

bool gt_code_emit(gt_lowering *lowering, const gt_level *level, gt_block *block)
{
    return begin_block(lowering, level, block) && emit_items(lowering, level, 0, level->order->item_count, block);
}

bool gt_code_emit_all(gt_lowering *lowering)
{
    const gt_level *top = lowering->levels[0];
    gt_block *block = &lowering->code->block;
    uint32_t turn = top->order->turn;
    bool forward = begin_block(lowering, top, block) && emit_items(lowering, top, 0, turn, block);
    lowering->code->turn = block->count;
    return forward && emit_items(lowering, top, turn, top->order->item_count, block);
}
