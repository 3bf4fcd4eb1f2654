/* Writing the instructions of a block. */
#include "plan/lower.h"

#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/examples.h"

/* ---- operands ------------------------------------------------------------------------------ */

/* Where a root begins: in the arena, or in the region of the outermost loop around it. */
static void place_root(const gt_lowering *lowering, uint32_t root, gt_address *address)
{
    const gt_level *level = lowering->levels[lowering->roots[root].level];
    address->base = level->depth == 0 ? GT_BASE_ARENA : GT_BASE_REGION;
    address->offset += lowering->roots[root].offset;
    for (; level->depth > 1; level = level->around)
        address->offset += lowering->roots[level->region].offset;
}

gt_operand gt_lower_operand(const gt_lowering *lowering, const gt_level *level, uint32_t index)
{
    const gt_storage *storage = &level->storage[index];
    const gt_node *node = gt_level_node(level, index);
    gt_operand o = {storage->address, (gt_dtype)node->dtype, gt_node_shape(level->tape, node),
                    gt_tape_at(level->tape, index)};
    if (storage->in_root)
        place_root(lowering, storage->root, &o.address);
    return o;
}

gt_operand gt_lower_operand_in(const gt_lowering *lowering, uint32_t root, gt_dtype dtype, gt_shape shape)
{
    gt_operand o = {.dtype = dtype, .shape = shape};
    place_root(lowering, root, &o.address);
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
    return level->depth == 1 && level->examples > 0 && level->divided[item - level->items] ? level->examples : 0;
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
    return examples > 1 && gt_example_possible(level->tape, index, examples) ? examples : 0;
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
                      gt_example_taking(level->tape, index, k, examples) == GT_TAKES_PIECES;
        axes[k] = (int8_t)(pieces ? gt_example_axis(instruction->operands[k].shape, examples) : -1);
    }
    instruction->example_axes = axes;
    instruction->examples = examples;
    return true;
}

/* ---- loops --------------------------------------------------------------------------------- */

bool gt_lower_is_in_slot(const gt_level *body, uint32_t index)
{
    uint32_t slot = body->slots[index];
    const gt_storage *value = &body->storage[index], *stack = &body->around->storage[slot];
    return slot != 0 && value->in_root == stack->in_root && value->root == stack->root &&
           value->address.base == stack->address.base && value->address.index == stack->address.index &&
           value->address.offset == stack->address.offset && value->address.step[body->depth - 1] != 0;
}

static gt_operand slot_of(const gt_lowering *lowering, const gt_level *body, uint32_t index)
{
    gt_operand slot = gt_lower_operand(lowering, body->around, body->slots[index]);
    gt_operand value = gt_lower_operand(lowering, body, index);
    slot.shape = value.shape;
    slot.address.step[body->depth - 1] = (size_t)gt_shape_count(value.shape) * gt_dtype_size(value.dtype);
    return slot;
}

static uint32_t carried_place(const gt_level *body, uint32_t k)
{
    uint32_t place = 0;
    for (uint32_t j = 0; j < k; j++)
        place += body->carried[j];
    return place;
}

static bool emit_copies(gt_lowering *lowering, const gt_level *body, gt_loop *loop)
{
    loop->copies = gt_pool_new(lowering->pool, body->count, sizeof *loop->copies);
    if (loop->copies == NULL)
        return false;
    for (uint32_t i = 1; i <= body->count; i++)
        if (body->slots[i] != 0 && !gt_lower_is_in_slot(body, i))
            loop->copies[loop->copy_count++] = (gt_copying){gt_lower_operand(lowering, body, i), slot_of(lowering, body, i)};
    return true;
}

static bool emit_finals(gt_lowering *lowering, const gt_level *level, const gt_level *body, uint32_t index, gt_loop *loop)
{
    uint32_t parts = 0;
    for (uint32_t part = level->chain[index]; part != 0; part = level->chain[part])
        parts++;
    loop->finals = gt_pool_new(lowering->pool, parts, sizeof *loop->finals);
    loop->final_states = gt_pool_new(lowering->pool, parts, sizeof *loop->final_states);
    if (loop->finals == NULL || loop->final_states == NULL)
        return false;
    for (uint32_t part = level->chain[index]; part != 0; part = level->chain[part]) {
        const gt_node *node = gt_level_node(level, part);
        if (!level->wanted[part] || node->op != &gt_op_scan_final)
            continue;
        uint32_t k = (uint32_t)gt_node_attributes(level->tape, node)[0];
        loop->finals[loop->final_count] = gt_lower_operand(lowering, level, part);
        loop->final_states[loop->final_count++] = carried_place(body, k);
    }
    return true;
}

static bool emit_loop(gt_lowering *lowering, gt_level *level, uint32_t index, gt_block *block)
{
    gt_level *body = level->bodies[index];
    gt_loop *loop = gt_pool_new(lowering->pool, 1, sizeof *loop);
    if (loop == NULL)
        return false;
    loop->steps = body->scan->steps;
    loop->depth = body->depth - 1;
    loop->backward = body->scan->direction == GT_BACKWARD;
    loop->examples = body->examples;
    if (level->depth == 0) {
        loop->region = lowering->roots[body->region].offset;
        if (body->bytes > lowering->code->region_bytes)
            lowering->code->region_bytes = body->bytes;
    }
    if (!gt_lower_emit_packing(lowering, body, block) || !gt_lower_emit_initial(lowering, body, block))
        return false;
    gt_lower_next_instruction(block)->loop = loop;
    return gt_lower_emit_states(lowering, body, loop) && gt_lower_emit_pieced(lowering, body, loop) &&
           emit_copies(lowering, body, loop) &&
           emit_finals(lowering, level, body, index, loop) && gt_lower_emit(lowering, body, &loop->body) &&
           gt_lower_soon(lowering, loop);
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
        if (!level->wanted[part] || !gt_lower_is_computed(level, part))
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

static bool emit_kernel(gt_lowering *lowering, gt_level *level, uint32_t index, gt_block *block)
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
    int64_t examples = level->depth > 0 ? gt_lower_examples_of(level, &level->items[level->item_of[index]])
                                        : examples_outside(lowering, level, index);
    if (examples > 0 && !divide_kernel(lowering, level, index, examples, &made))
        return false;
    gt_lower_note_operands(lowering->code, made.input_count + made.output_count);
    if (made.output_count > 0)
        *gt_lower_next_instruction(block) = made;
    return true;
}

static bool emit_item(gt_lowering *lowering, gt_level *level, const gt_item *item, gt_block *block)
{
    if (item->kind == GT_ITEM_GROUP)
        return gt_lower_emit_group(lowering, level, item, block);
    uint32_t index = item->nodes[0];
    bool product = gt_level_node(level, index)->op == &gt_op_matmul && !lowering->code->exact;
    if (item->kind == GT_ITEM_SUM_OF_PRODUCTS || product)
        return gt_lower_emit_products(lowering, level, item, block);
    if (gt_level_node(level, index)->op->op_class == GT_CLASS_SCAN)
        return emit_loop(lowering, level, index, block);
    if (level->pieced[index])
        return true;
    if (level->piece_count[index] > 0)
        return gt_lower_emit_joined(lowering, level, index, block);
    /* A view that is an address within its operand needs no instruction. */
    bool is_address = !gt_lower_is_computed(level, index) && !gt_class_is_tuple(gt_level_node(level, index)->op->op_class);
    return is_address || emit_kernel(lowering, level, index, block);
}

static uint32_t most_instructions(const gt_level *level)
{
    uint32_t most = level->item_count;
    for (uint32_t i = 0; i < level->item_count; i++) {
        most += level->items[i].count; /* a sum of products is as many instructions */
        for (const gt_spread *s = level->items[i].spreads; s != NULL; s = s->next)
            most++;
    }
    for (uint32_t i = 1; i <= level->count; i++) {
        const gt_level *body = level->bodies[i];
        most += level->piece_count[i] > 0 ? gt_level_node(level, i)->input_count : 0;
        most += body != NULL ? (uint32_t)body->scan->carry_count : 0;
        for (const gt_packed *q = body != NULL ? body->packed : NULL; q != NULL; q = q->next)
            most++;
    }
    return most;
}

bool gt_lower_emit(gt_lowering *lowering, gt_level *level, gt_block *block)
{
    uint32_t most = most_instructions(level);
    block->list = gt_pool_new(lowering->pool, most, sizeof *block->list);
    if (block->list == NULL)
        return false;
    for (uint32_t i = 0; i < level->item_count; i++)
        if (!emit_item(lowering, level, &level->items[i], block))
            return false;
    if (lowering->program->stacked && !gt_lower_stack_products(lowering, block))
        return false;
    if (level->depth == 0 && gt_lower_chooses(lowering, GT_CHOICE_SUM_WITH_PRODUCTS))
        gt_lower_join_row_sums(block);
    return true;
}
