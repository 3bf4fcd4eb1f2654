/*
 * When outputs are complete: behind the last instruction that writes to their memory. That is looked for in the
 * code itself, so that it is true whatever the phases of lowering did: an output lasts, and nothing that is not it
 * is written there once it is.
 */
#include "plan/complete.h"

#include "base/memory.h"
#include "exec/cost.h"
#include "exec/run_threads.h"

#include <stdlib.h>

/* ---- what an instruction writes --------------------------------------------------------------- */

typedef struct looking {
    const gt_operand *output;
    int64_t steps[GT_MAX_LOOPS]; /* of the loops around what is looked at; 1 where there is none */
} looking;

/* Values of single steps, and what the machine's table points at, are looked at where a loop keeps them. */
static bool touches(const looking *l, const gt_address *address, size_t bytes)
{
    const gt_address *output = &l->output->address;
    size_t end = address->offset + bytes;
    for (int depth = 0; depth < GT_MAX_LOOPS; depth++)
        end += address->step[depth] * (size_t)(l->steps[depth] - 1);
    return address->base == output->base && address->index == output->index &&
           address->offset < output->offset + gt_operand_bytes(l->output) && output->offset < end;
}

static bool touches_operand(const looking *l, const gt_operand *o)
{
    return touches(l, &o->address, gt_operand_bytes(o));
}

static bool kernel_writes(const looking *l, const gt_kernel_call *call)
{
    for (uint32_t k = 0; k < call->output_count; k++)
        if (touches_operand(l, &call->operands[call->input_count + k]))
            return true;
    return false;
}

static bool group_writes(const looking *l, const gt_group *group)
{
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].written && touches_operand(l, &group->steps[k].output))
            return true;
    return false;
}

static bool product_writes(const looking *l, const gt_multiplication *m)
{
    return touches_operand(l, &m->output) || (m->has_left_sums && touches_operand(l, &m->left_sums));
}

static bool packing_writes(const looking *l, const gt_packing *p)
{
    return touches(l, &p->to, gt_product_left_size(p->kernels, p->rows, p->inner));
}

static bool state_is_kept(const looking *l, const gt_carried *carried)
{
    size_t bytes = gt_operand_bytes(&carried->after);
    return carried->carrying != GT_CARRY_STACKED &&
           (touches(l, &carried->kept[0], bytes) || touches(l, &carried->kept[1], bytes));
}

static bool writes(looking *l, const gt_instruction *i);

static bool body_writes(looking *l, const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->copy_count; k++)
        if (touches_operand(l, &loop->copies[k].to))
            return true;
    for (uint32_t k = 0; k < loop->body.count; k++)
        if (writes(l, &loop->body.list[k]))
            return true;
    return false;
}

static bool loop_writes(looking *l, const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->final_count; k++)
        if (touches_operand(l, &loop->finals[k]))
            return true;
    for (uint32_t k = 0; k < loop->carried_count; k++)
        if (state_is_kept(l, &loop->carried[k]))
            return true;
    l->steps[loop->depth] = loop->steps;
    bool inside = body_writes(l, loop);
    l->steps[loop->depth] = 1;
    return inside;
}

static bool writes(looking *l, const gt_instruction *i)
{
    switch (i->kind) {
    case GT_INSTRUCTION_KERNEL:
        return kernel_writes(l, i->kernel);
    case GT_INSTRUCTION_GROUP:
        return group_writes(l, i->group);
    case GT_INSTRUCTION_MULTIPLICATION:
        return product_writes(l, i->multiplication);
    case GT_INSTRUCTION_PACKING:
        return packing_writes(l, i->packing);
    case GT_INSTRUCTION_LOOP:
        return loop_writes(l, i->loop);
    }
    return true;
}

/* ---- where a run may stop to tell ------------------------------------------------------------- */

/* Behind what is done together from `i` on: products, or a loop with its companions, which threads do side by side. */
static uint32_t behind(const gt_block *block, uint32_t i, bool threads)
{
    const gt_instruction *loop = threads ? gt_companions_find(block, i) : NULL;
    return loop != NULL ? (uint32_t)(loop - block->list) + loop->loop->following + 1
                        : i + gt_machine_takes(&block->list[i]);
}

static uint32_t last_write(const gt_plan *plan, uint32_t output)
{
    const uint8_t *late = plan->program.late_outputs;
    looking l = {&plan->outputs[output], {1, 1, 1, 1}};
    uint32_t count = plan->code.block.count, least = late != NULL && late[output] ? plan->code.turn : 0;
    while (count > least && !writes(&l, &plan->code.block.list[count - 1]))
        count--;
    return count;
}

uint32_t gt_plan_complete_behind(const gt_plan *plan, uint32_t output, bool threads)
{
    uint32_t end = 0;
    for (uint32_t last = last_write(plan, output); end < last;)
        end = behind(&plan->code.block, end, threads);
    return end;
}

double gt_plan_work_until(const gt_plan *plan, uint32_t instruction)
{
    const gt_block *all = &plan->code.block;
    const gt_block until = {all->list, instruction};
    double whole = gt_cost_of_block(all);
    return whole > 0 ? gt_cost_of_block(&until) / whole : 1;
}

/* ---- all outputs ------------------------------------------------------------------------------ */

static int by_completion(const void *a, const void *b)
{
    const gt_completion *x = a, *y = b;
    if (x->late != y->late)
        return x->late ? 1 : -1;
    if (x->behind != y->behind)
        return x->behind < y->behind ? -1 : 1;
    return x->output < y->output ? -1 : 1;
}

gt_completion *gt_completions_new(const gt_plan *plan, bool threads)
{
    gt_completion *list = gt_memory_new(plan->output_count, sizeof *list);
    const uint8_t *late = plan->program.late_outputs;
    for (uint32_t i = 0; i < plan->output_count && list != NULL; i++)
        list[i] = (gt_completion){gt_plan_complete_behind(plan, i, threads), i, late != NULL && late[i]};
    if (list != NULL)
        qsort(list, plan->output_count, sizeof *list, by_completion);
    return list;
}
