/* What a program costs, counted instruction by instruction. */
#include "ops/descriptors.h"
#include "plan/describe/describe.h"
#include "plan/describe/description.h"

static double entries_of(const gt_operand *o)
{
    return (double)gt_shape_count(o->shape);
}

double gt_step_flops(const gt_group *group, const gt_group_step *step)
{
    bool computes = step->kind == GT_STEP_ENTRIES || step->kind == GT_STEP_SUM;
    uint32_t summed = step->inputs[0];
    int64_t rows = step->rows;
    if (step->kind == GT_STEP_SUM)
        rows = summed < group->source_count ? group->sources[summed].operand.shape.size[0]
                                            : group->ops[summed - group->source_count].rows;
    return computes ? (double)rows * (double)group->columns : 0;
}

/* What all columns are added to is one column. */
static double bytes_of(const gt_operand *operand, bool folds)
{
    return (double)gt_operand_bytes(operand) / (folds ? (double)gt_columns_of(operand->shape) : 1);
}

static void add_group(const gt_group *group, double times, gt_plan_cost *cost)
{
    for (uint32_t k = 0; k < group->op_count; k++)
        cost->other_flops += times * gt_step_flops(group, &group->ops[k]);
    for (uint32_t s = 0; s < group->source_count; s++)
        cost->bytes += times * bytes_of(&group->sources[s].operand, group->sources[s].folds);
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].written)
            cost->bytes += times * bytes_of(&group->steps[k].output, group->steps[k].folds);
}

static void add_multiplication(const gt_multiplication *m, double times, gt_plan_cost *cost)
{
    const gt_product *p = &m->product;
    /* A product that adds to something does what would be an op of a group otherwise. */
    cost->other_flops += m->has_addend || p->accumulate ? times * (double)p->rows * (double)p->columns : 0;
    cost->product_flops += times * 2 * (double)p->rows * (double)p->inner * (double)p->columns;
    cost->bytes += times * ((double)gt_operand_bytes(&m->left) + (double)gt_operand_bytes(&m->right) +
                            (double)gt_operand_bytes(&m->output) * (p->accumulate ? 2 : 1) +
                            (m->has_addend ? (double)gt_operand_bytes(&m->addend) : 0));
}

static void add_kernel(const gt_kernel_call *call, double times, gt_plan_cost *cost)
{
    double inputs = 0;
    for (uint32_t k = 0; k < call->input_count + call->output_count; k++) {
        /* Of what it is cut out of, a slice reads no more than it writes. */
        const gt_operand *moved = &call->operands[call->op == &gt_op_slice ? call->input_count : k];
        cost->bytes += times * (double)gt_operand_bytes(moved);
        if (k < call->input_count)
            inputs += entries_of(&call->operands[k]);
    }
    gt_op_class op_class = call->op->op_class;
    if (op_class == GT_CLASS_REDUCTION || op_class == GT_CLASS_COLUMN_PARALLEL)
        cost->other_flops += times * inputs;
}

static void add_block(const gt_block *block, double times, gt_plan_cost *cost);

static void add_loop(const gt_loop *loop, double times, gt_plan_cost *cost)
{
    double steps = times * (double)loop->steps;
    add_block(&loop->body, steps, cost);
    for (uint32_t k = 0; k < loop->copy_count; k++)
        cost->bytes += steps * 2 * (double)gt_operand_bytes(&loop->copies[k].from);
    for (uint32_t k = 0; k < loop->carried_count; k++)
        if (loop->carried[k].carrying == GT_CARRY_COPIED)
            cost->bytes += steps * 2 * (double)gt_operand_bytes(&loop->carried[k].after);
    for (uint32_t k = 0; k < loop->final_count; k++)
        cost->bytes += times * 2 * (double)gt_operand_bytes(&loop->finals[k]);
}

static void add_instruction(const gt_instruction *instruction, double times, gt_plan_cost *cost)
{
    switch (instruction->kind) {
    case GT_INSTRUCTION_KERNEL:
        add_kernel(instruction->kernel, times, cost);
        break;
    case GT_INSTRUCTION_GROUP:
        add_group(instruction->group, times, cost);
        break;
    case GT_INSTRUCTION_MULTIPLICATION:
        add_multiplication(instruction->multiplication, times, cost);
        break;
    case GT_INSTRUCTION_PACKING:
        cost->bytes += times * 2 * (double)gt_operand_bytes(&instruction->packing->from);
        break;
    case GT_INSTRUCTION_LOOP:
        add_loop(instruction->loop, times, cost);
        break;
    }
}

static void add_block(const gt_block *block, double times, gt_plan_cost *cost)
{
    for (uint32_t i = 0; i < block->count; i++)
        add_instruction(&block->list[i], times, cost);
}

void gt_instruction_cost(const gt_instruction *instruction, gt_plan_cost *cost)
{
    add_instruction(instruction, 1, cost);
}

void gt_plan_find_cost(const gt_plan *plan, gt_plan_cost *cost)
{
    *cost = (gt_plan_cost){0};
    if (plan == NULL)
        return;
    add_block(&plan->code.block, 1, cost);
    cost->workspace_bytes = gt_plan_total_bytes(plan);
    for (uint32_t i = 0; i < plan->input_count; i++) {
        gt_var input = plan->program.inputs[i];
        if (plan->inputs[i].needed)
            cost->input_bytes += (size_t)gt_shape_count(gt_var_shape(input)) * gt_dtype_size(gt_var_dtype(input));
    }
}
