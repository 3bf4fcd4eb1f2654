/* Writing the instructions of a group of element-by-element ops. */
#include "plan/code/code.h"

#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/order/batch.h"

#include <string.h>

static const gt_spread *find_spread(const gt_level *level, const gt_item *item, uint32_t node, uint32_t slot)
{
    for (const gt_spread *s = level->places->spreads[item - level->order->items]; s != NULL; s = s->next)
        if (s->node == node && s->slot == slot)
            return s;
    return NULL;
}

static bool emit_spread(gt_lowering *lowering, const gt_level *level, const gt_spread *s, int64_t batch,
                        gt_block *block)
{
    const gt_node *node = gt_level_node(level, s->node);
    gt_shape shape = gt_node_shape(level->tape, node);
    gt_kernel_call *call = gt_code_new_call(lowering, &gt_op_broadcast, 2);
    int64_t *attributes = gt_pool_new(lowering->pool, GT_SHAPE_ATTRIBUTES, sizeof *attributes);
    int8_t *axes = gt_pool_new(lowering->pool, 2, sizeof *axes);
    if (call == NULL || attributes == NULL || axes == NULL)
        return false;
    gt_shape_to_attributes(shape, attributes);
    call->attributes = attributes;
    call->attribute_count = GT_SHAPE_ATTRIBUTES;
    call->operands[0] = gt_code_operand(lowering, level, gt_node_inputs(level->tape, node)[s->slot]);
    call->operands[1] = gt_code_operand_in(lowering, s->buffer, (gt_dtype)node->dtype, shape);
    call->input_count = call->output_count = 1;
    axes[1] = (int8_t)(batch > 0 ? gt_batch_axis(shape, batch) : -1);
    axes[0] = (int8_t)(call->operands[0].shape.size[axes[1] < 0 ? 0 : axes[1]] == 1 ? -1 : axes[1]);
    call->batch_axes = batch > 0 ? axes : NULL;
    call->batch = batch;
    gt_code_append(block, (gt_instruction){GT_INSTRUCTION_KERNEL, .kernel = call});
    return true;
}

/* The instructions that spread operands which the group cannot walk over. */
static bool emit_spreads(gt_lowering *lowering, const gt_level *level, const gt_item *item, gt_block *block)
{
    const gt_spread *s = level->places->spreads[item - level->order->items];
    for (; s != NULL; s = s->next)
        if (!emit_spread(lowering, level, s, gt_code_batch_of(level, item), block))
            return false;
    return true;
}

static bool same_operand(const gt_operand *a, const gt_operand *b)
{
    return gt_same_address(&a->address, &b->address) && gt_shape_equal(a->shape, b->shape);
}

/* The register of an operand from outside of the group, for a step whose result has that shape. */
static uint32_t source_register(gt_group *group, gt_operand o, gt_shape result)
{
    for (uint32_t s = 0; s < group->source_count; s++)
        if (same_operand(&group->sources[s].operand, &o))
            return s;
    gt_source *source = &group->sources[group->source_count];
    source->operand = o;
    if (group->strips && gt_level_same_columns(o.shape, result))
        source->walk = GT_WALK_FLAT; /* with the rows that it has */
    else
        gt_level_walk(o.shape, result, &source->walk);
    return group->source_count++;
}

static uint32_t position_in(const gt_item *item, uint32_t node)
{
    uint32_t position = 0;
    while (position < item->count && item->nodes[position] != node)
        position++;
    return position;
}

/* Sources are numbered first; results follow them, so their numbers are set when all sources are known. */
enum { RESULT = 1 << 30 };

static uint32_t input_register(const gt_lowering *lowering, const gt_level *level, const gt_item *item, uint32_t node,
                               uint32_t slot, gt_group *group)
{
    gt_shape result = gt_level_shape(level, node);
    uint32_t input = gt_level_inputs(level, node)[slot];
    const gt_spread *spread = find_spread(level, item, node, slot);
    if (spread != NULL)
        return source_register(group, gt_code_operand_in(lowering, spread->buffer, group->dtype, result), result);
    uint32_t position = position_in(item, input);
    return position < item->count ? RESULT | position
                                  : source_register(group, gt_code_operand(lowering, level, input), result);
}

static void write_step(const gt_lowering *lowering, const gt_level *level, const gt_item *item, uint32_t n,
                       gt_group *group)
{
    uint32_t index = item->nodes[n];
    const gt_node *node = gt_level_node(level, index);
    gt_group_step *step = &group->steps[n];
    step->op = node->op;
    step->kind = gt_code_step_kind(node->op);
    step->rows = group->turned ? group->rows : gt_node_shape(level->tape, node).size[0];
    step->attributes = gt_node_attributes(level->tape, node);
    step->input_count = node->input_count;
    for (uint32_t k = 0; k < node->input_count; k++)
        step->inputs[k] = input_register(lowering, level, item, index, k, group);
    step->written = level->order->kept[index];
    step->output.var = gt_tape_at(level->tape, index);
    if (step->written)
        step->output = gt_code_operand(lowering, level, index);
}

static void number_results(gt_group *group)
{
    for (uint32_t n = 0; n < group->step_count; n++)
        for (uint32_t k = 0; k < group->steps[n].input_count; k++)
            if (group->steps[n].inputs[k] & RESULT)
                group->steps[n].inputs[k] = group->source_count + (group->steps[n].inputs[k] & ~(uint32_t)RESULT);
}

/* What is divided by rows is one column: it is cut into the pieces of the batch, which are columns to all that follows.
 */
static void turn(gt_group *group, int64_t batch)
{
    group->turned = true;
    group->columns = batch;
    group->rows /= batch;
}

static gt_group *new_group(gt_lowering *lowering, const gt_level *level, const gt_item *item)
{
    gt_group *group = gt_pool_new(lowering->pool, 1, sizeof *group);
    if (group == NULL)
        return NULL;
    gt_shape result = gt_level_shape(level, item->nodes[0]);
    int64_t batch = gt_code_batch_of(level, item);
    group->rows = result.size[0];
    group->columns = gt_shape_count(result) / result.size[0];
    if (batch > 0 && gt_batch_axis(result, batch) == 0)
        turn(group, batch);
    group->columns_each = batch > 0 ? group->columns / batch : 0;
    group->strips = item->strips;
    group->dtype = (gt_dtype)gt_level_node(level, item->nodes[0])->dtype;
    group->step_count = item->count;
    group->steps = gt_pool_new(lowering->pool, item->count, sizeof *group->steps);
    group->sources = gt_pool_new(lowering->pool, (size_t)item->count * GT_MOST_STEP_INPUTS, sizeof *group->sources);
    return group->steps == NULL || group->sources == NULL ? NULL : group;
}

/* The steps as they are now, for descriptions and for a group that turns out not to be compiled. */
static bool keep_ops(gt_lowering *lowering, gt_group *group)
{
    group->ops = gt_pool_new(lowering->pool, group->step_count, sizeof *group->ops);
    if (group->ops == NULL)
        return false;
    memcpy(group->ops, group->steps, group->step_count * sizeof *group->ops);
    group->op_count = group->step_count;
    return true;
}

bool gt_code_emit_group(gt_lowering *lowering, const gt_level *level, const gt_item *item, gt_block *block)
{
    gt_group *group = emit_spreads(lowering, level, item, block) ? new_group(lowering, level, item) : NULL;
    if (group == NULL)
        return false;
    for (uint32_t n = 0; n < item->count; n++)
        write_step(lowering, level, item, n, group);
    number_results(group);
    gt_code_append(block, (gt_instruction){GT_INSTRUCTION_GROUP, .group = group});
    return keep_ops(lowering, group) && gt_code_compile(lowering, level, group) &&
           gt_code_add_cursor(lowering, level, group) && gt_code_tiles(lowering, group);
}
