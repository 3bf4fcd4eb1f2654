#include "exec/cost.h"

/* Of one instruction, whatever it does. */
#define OVERHEAD 40.0
/* Single precision: multiplications and additions in a nanosecond; entries of a step of a run; bytes moved. */
#define PRODUCT_RATE 50.0
#define STEP_RATE 4.0
#define MOVING_RATE 8.0

static double entries_of(const gt_operand *operand)
{
    return (double)gt_shape_count(operand->shape);
}

static double width(gt_dtype dtype)
{
    return (double)gt_dtype_size(dtype) / sizeof(float);
}

static double of_multiplication(const gt_multiplication *m)
{
    double terms = (double)m->product.rows * (double)m->product.inner * (double)m->product.columns;
    return 2 * terms * width(m->output.dtype) / PRODUCT_RATE;
}

static double of_group(const gt_group *group)
{
    double rows = 0;
    for (uint32_t k = 0; k < group->step_count; k++)
        rows += (double)(group->steps[k].kind == GT_STEP_SUM ? group->rows : group->steps[k].rows);
    return rows * (double)group->columns * width(group->dtype) / STEP_RATE;
}

static double of_kernel(const gt_kernel_call *call)
{
    double bytes = 0;
    for (uint32_t k = 0; k < call->input_count + call->output_count; k++)
        bytes += entries_of(&call->operands[k]) * (double)gt_dtype_size(call->operands[k].dtype);
    return bytes / MOVING_RATE;
}

double gt_cost_of_instruction(const gt_instruction *i)
{
    if (i->kind == GT_INSTRUCTION_GROUP)
        return OVERHEAD + of_group(i->group);
    if (i->kind == GT_INSTRUCTION_MULTIPLICATION)
        return OVERHEAD + of_multiplication(i->multiplication);
    if (i->kind == GT_INSTRUCTION_PACKING)
        return OVERHEAD + (double)i->packing->rows * (double)i->packing->inner *
                              (double)gt_dtype_size(i->packing->from.dtype) / MOVING_RATE;
    if (i->kind == GT_INSTRUCTION_LOOP)
        return OVERHEAD + (double)i->loop->steps * (OVERHEAD + gt_cost_of_block(&i->loop->body));
    return OVERHEAD + of_kernel(i->kernel);
}

double gt_cost_of_block(const gt_block *block)
{
    double cost = 0;
    for (uint32_t i = 0; i < block->count; i++)
        cost += gt_cost_of_instruction(&block->list[i]);
    return cost;
}
