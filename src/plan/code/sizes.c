/* What a machine must have to run a code beside its arena: the most that any instruction needs. */
#include "plan/code/code.h"

static void raise(uint32_t *most, uint32_t count)
{
    *most = count > *most ? count : *most;
}

static void raise_bytes(size_t *most, size_t bytes)
{
    *most = bytes > *most ? bytes : *most;
}

static void measure_group(gt_code *code, const gt_group *group)
{
    raise(&code->most_registers, group->source_count + group->step_count);
    if (group->strips)
        raise_bytes(&code->strip_bytes, group->tile_count * group->tile_distance);
    else
        raise(&code->most_tiles, group->tile_count);
}

/* Those that are done together with it are as many rows more, unless they are added up. */
static void measure_multiplication(gt_code *code, const gt_multiplication *m)
{
    gt_product whole = m->product;
    whole.rows *= m->added ? 1 : 1 + (int64_t)m->also_count;
    raise_bytes(&code->product_bytes, gt_product_workspace_size(&whole, m->left_layout, m->right_layout));
}

static void measure_block(gt_code *code, const gt_block *block)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_instruction *instruction = &block->list[i];
        switch (instruction->kind) {
        case GT_INSTRUCTION_KERNEL:
            raise(&code->most_operands, instruction->kernel->input_count + instruction->kernel->output_count);
            break;
        case GT_INSTRUCTION_GROUP:
            measure_group(code, instruction->group);
            break;
        case GT_INSTRUCTION_MULTIPLICATION:
            measure_multiplication(code, instruction->multiplication);
            break;
        case GT_INSTRUCTION_PACKING:
            break;
        case GT_INSTRUCTION_LOOP:
            if (!instruction->loop->shared) /* what that has is in the arena */
                raise_bytes(&code->region_bytes, instruction->loop->region_bytes);
            measure_block(code, &instruction->loop->body);
            break;
        }
    }
}

void gt_code_measure(gt_lowering *lowering)
{
    gt_code *code = lowering->code;
    code->pointer_count = lowering->pointer_count;
    measure_block(code, &code->block);
}
