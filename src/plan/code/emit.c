/* Writing the instructions of a block. */
#include "plan/code/code.h"

#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/order/batch.h"

/* ---- operands ------------------------------------------------------------------------------ */

/* Where a buffer begins: in the arena, or in the region of the outermost loop around it. */
static void set_base(const gt_lowering *lowering, uint32_t buffer, gt_address *address)
{
    const gt_level *level = lowering->levels[lowering->buffers[buffer].level];
    address->base = level->depth == 0 ? GT_BASE_ARENA : GT_BASE_REGION;
    address->offset += lowering->buffers[buffer].offset;
    for (; level->depth > 1; level = level->around)
        address->offset += lowering->buffers[level->loop->region].offset;
}

gt_operand gt_lower_operand(const gt_lowering *lowering, const gt_level *level, uint32_t index)
{
    const gt_storage *storage = &level->places->storage[index];
    const gt_node *node = gt_level_node(level, index);
    gt_operand o = {storage->address, (gt_dtype)node->dtype, gt_node_shape(level->tape, node),
                    gt_tape_at(level->tape, index)};
    if (storage->in_buffer)
        set_base(lowering, storage->buffer, &o.address);
    return o;
}

gt_operand gt_lower_operand_in(const gt_lowering *lowering, uint32_t buffer, gt_dtype dtype, gt_shape shape)
{
    gt_operand o = {.dtype = dtype, .shape = shape};
    set_base(lowering, buffer, &o.address);
    return o;
}

gt_instruction *gt_lower_next_instruction(gt_block *block)
{
    return &block->list[block->count++];
}

void gt_lower_note_operands(gt_code *code, uint32_t count)
{
    code->most_operands = count > code->most_operands ? count : code->most_operands;
}

/* ---- examples ------------------------------------------------------------------------------ */

/* Into how many pieces an item may be divided that threads do independently; 0: it may not. */
int64_t gt_lower_examples_of(const gt_level *level, const gt_item *item)
{
    return level->division != NULL && level->division->divided[item - level->order->items] ? level->division->batch : 0;
}

/* An outermost op may be divided as its result may. */
static int64_t examples_outside(const gt_lowering *lowering, const gt_level *level, uint32_t index)
{
    if (level->depth > 0 || lowering->code->exact || gt_class_is_tuple(gt_level_node(level, index)->op->op_class))
        return 0;
    gt_shape shape = gt_level_shape(level, index);
    int axis = GT_MAX_RANK - 1;
    while (axis > 0 && shape.size[axis] == 1)
        axis--;
    int64_t examples = shape.size[axis];
    return examples > 1 && gt_batch_possible(level->tape, index, examples) ? examples : 0;
}

static bool divide_kernel(gt_lowering *lowering, const gt_level *level, uint32_t index, int64_t examples,
                          gt_instruction *instruction)
{
    uint32_t count = instruction->input_count + instruction->output_count;
    int8_t *axes = gt_pool_new(lowering->pool, count, sizeof *axes);
    if (axes == NULL)
        return false;
    for (uint32_t k = 0; k < count; k++) {
        bool pieces = k >= instruction->input_count || gt_class_is_tuple(instruction->op->op_class) ||
                      gt_batch_taking(level->tape, index, k, examples) == GT_TAKES_PIECES;
        axes[k] = (int8_t)(pieces ? gt_batch_axis(instruction->operands[k].shape, examples) : -1);
    }
    instruction->example_axes = axes;
    instruction->examples = examples;
    return true;
}

/* ---- kernels ------------------------------------------------------------------------------- */

static bool emit_parts(gt_lowering *lowering, const gt_level *level, uint32_t index, gt_instruction *instruction)
{
    uint32_t count = 0;
    for (uint32_t part = level->chain[index]; part != 0; part = level->chain[part])
        count++;
    const int64_t **attributes = gt_pool_new(lowering->pool, count, sizeof *attributes);
    if (attributes == NULL)
        return false;
    for (uint32_t part = level->chain[index]; part != 0; part = level->chain[part]) {
        if (!level->wanted[part] || !gt_level_is_computed(level, part))
            continue;
        attributes[instruction->output_count] = gt_node_attributes(level->tape, gt_level_node(level, part));
        instruction->operands[instruction->input_count + instruction->output_count++] = gt_lower_operand(lowering, level, part);
    }
    instruction->part_attributes = attributes;
    return true;
}

bool gt_lower_emit_copy(gt_lowering *lowering, gt_operand from, gt_operand to, gt_block *block)
{
    gt_instruction *instruction = gt_lower_next_instruction(block);
    instruction->operands = gt_pool_new(lowering->pool, 2, sizeof *instruction->operands);
    if (instruction->operands == NULL)
        return false;
    instruction->op = &gt_op_reshape;
    instruction->operands[0] = from;
    instruction->operands[1] = to;
    instruction->input_count = instruction->output_count = 1;
    gt_lower_note_operands(lowering->code, 2);
    return true;
}

static bool emit_kernel(gt_lowering *lowering, const gt_level *level, uint32_t index, gt_block *block)
{
    const gt_node *node = gt_level_node(level, index);
    bool tuple = node->op->op_class == GT_CLASS_TUPLE;
    uint32_t outputs = tuple ? 0 : 1;
    for (uint32_t part = level->chain[index]; tuple && part != 0; part = level->chain[part])
        outputs++;
    gt_instruction made = {.op = node->op,
                           .attributes = gt_node_attributes(level->tape, node),
                           .attribute_count = node->attribute_count,
                           .input_count = node->input_count};
    made.operands = gt_pool_new(lowering->pool, (size_t)node->input_count + outputs, sizeof *made.operands);
    if (made.operands == NULL)
        return false;
    for (uint32_t k = 0; k < node->input_count; k++)
        made.operands[k] = gt_lower_operand(lowering, level, gt_node_inputs(level->tape, node)[k]);
    if (tuple && !emit_parts(lowering, level, index, &made))
        return false;
    if (!tuple) {
        made.operands[node->input_count] = gt_lower_operand(lowering, level, index);
        made.output_count = 1;
    }
    int64_t examples = level->depth > 0 ? gt_lower_examples_of(level, &level->order->items[level->order->item_of[index]])
                                        : examples_outside(lowering, level, index);
    if (examples > 0 && !divide_kernel(lowering, level, index, examples, &made))
        return false;
    gt_lower_note_operands(lowering->code, made.input_count + made.output_count);
    if (made.output_count > 0)
        *gt_lower_next_instruction(block) = made;
    return true;
}

static bool emit_item(gt_lowering *lowering, const gt_level *level, const gt_item *item, gt_block *block)
{
    if (item->kind == GT_ITEM_GROUP)
        return gt_lower_emit_group(lowering, level, item, block);
    uint32_t index = item->nodes[0];
    bool product = gt_level_node(level, index)->op == &gt_op_matmul && !lowering->code->exact;
    if (item->kind == GT_ITEM_SUM_OF_PRODUCTS || product)
        return gt_lower_emit_products(lowering, level, item, block);
    if (gt_level_node(level, index)->op->op_class == GT_CLASS_SCAN)
        return gt_lower_emit_loop(lowering, level, index, block);
    if (level->joins->pieced[index])
        return true;
    if (level->joins->parts[index] > 0)
        return gt_lower_emit_joined(lowering, level, index, block);
    /* A view that is an address within its operand needs no instruction. */
    bool is_address = !gt_level_is_computed(level, index) && !gt_class_is_tuple(gt_level_node(level, index)->op->op_class);
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

bool gt_lower_emit(gt_lowering *lowering, const gt_level *level, gt_block *block)
{
    uint32_t most = most_instructions(level);
    block->list = gt_pool_new(lowering->pool, most, sizeof *block->list);
    if (block->list == NULL)
        return false;
    for (uint32_t i = 0; i < level->order->item_count; i++)
        if (!emit_item(lowering, level, &level->order->items[i], block))
            return false;
    if (gt_lower_chooses(lowering, GT_CHOICE_STACK_PRODUCTS) && !gt_lower_stack_products(lowering, block))
        return false;
    if (level->depth == 0 && gt_lower_chooses(lowering, GT_CHOICE_SUM_WITH_PRODUCTS))
        gt_lower_join_row_sums(block);
    return true;
}
