/* Faults of emitted code, instruction by instruction. */
#include "plan/verify/verify_parts.h"

#include "base/error.h"

/* ---- instructions -------------------------------------------------------------------------- */

static bool check_kernel(gt_code_check *c, const gt_kernel_call *call)
{
    uint32_t count = call->input_count + call->output_count;
    if (count > c->code->most_operands)
        return gt_verify_fault(c, call->op->name, "has more operands than the machine");
    for (uint32_t k = 0; k < count; k++) {
        bool output = k >= call->input_count;
        if (!(output ? gt_verify_written : gt_verify_read)(c, &call->operands[k], call->op->name))
            return false;
        for (uint32_t other = 0; output && other < k; other++)
            if (!gt_verify_apart(&call->operands[k], &call->operands[other]))
                return gt_verify_fault(c, call->op->name, "writes over one of its operands");
    }
    return true;
}

static bool are_axes_of(const gt_kernel_call *call)
{
    for (uint32_t k = 0; k < call->input_count + call->output_count; k++)
        if (call->batch_axes[k] >= GT_MAX_RANK ||
            (call->batch_axes[k] >= 0 && call->operands[k].shape.size[call->batch_axes[k]] % call->batch != 0))
            return false;
    return true;
}

/* Is it in no loop, or in shared ones only? All threads may do a part of what is there. */
static bool is_shared(const gt_checked_loop *frame)
{
    return frame == NULL || frame->loop->shared;
}

/* What is divided has a whole number of columns for each column of the batch of the outermost loop that has some. */
static bool check_batch(gt_code_check *c, const gt_instruction *i)
{
    const gt_checked_loop *outermost = is_shared(c->frame) ? NULL : c->frame;
    while (outermost != NULL && !is_shared(outermost->around))
        outermost = outermost->around;
    int64_t batch = outermost == NULL ? 0 : outermost->loop->batch;
    bool nested = outermost != NULL && c->frame != outermost;
    bool good = true;
    if (i->kind == GT_INSTRUCTION_GROUP && i->group->columns_each != 0)
        good = outermost != NULL && !nested && i->group->columns_each * batch == i->group->columns;
    if (i->kind == GT_INSTRUCTION_MULTIPLICATION && i->multiplication->columns_each != 0)
        good = outermost != NULL && !nested &&
               i->multiplication->columns_each * batch == i->multiplication->product.columns;
    if (i->kind == GT_INSTRUCTION_KERNEL && i->kernel->batch_axes != NULL)
        good = (outermost == NULL || (!nested && i->kernel->batch == batch)) && are_axes_of(i->kernel);
    return gt_verify_that(c, good, "an instruction", "is divided into other batch than its loop");
}

static bool check_block(gt_code_check *c, const gt_block *block);

static bool check_inside(gt_code_check *c, const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->copy_count; k++)
        if (!gt_verify_read(c, &loop->copies[k].from, "a value to be stacked") ||
            !gt_verify_written(c, &loop->copies[k].to, "a slot of a stack"))
            return false;
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        size_t bytes = gt_operand_bytes(&carried->after);
        if (carried->old_pointer >= c->code->pointer_count || carried->new_pointer >= c->code->pointer_count ||
            !gt_verify_address(c, &carried->after.address, bytes, "the next value of a state"))
            return gt_verify_fault(c, "a state", "has no pointer");
        bool own = carried->carrying == GT_CARRY_ADDED && carried->after.address.index == carried->old_pointer;
        if (gt_verify_is_added(c, &carried->after.address) && !own)
            return gt_verify_fault(c, "the next value of a state", "is a sum over steps, which has been added to");
        for (int turn = 0; turn < 2 && carried->carrying != GT_CARRY_STACKED; turn++)
            if (!gt_verify_is_own(&carried->kept[turn]) ||
                !gt_verify_address(c, &carried->kept[turn], bytes, "a state that is kept"))
                return gt_verify_fault(c, "a state", "is kept outside of the workspace");
    }
    return check_block(c, &loop->body);
}

/* All steps of a sequence lie in one piece or another. */
static bool check_pieced(gt_code_check *c, const gt_loop *loop, const gt_pieced *pieced)
{
    if (pieced->pointer >= c->code->pointer_count || pieced->count == 0 || pieced->first[0] != 0)
        return gt_verify_fault(c, "a sequence in pieces", "has no pointer or no beginning");
    for (uint32_t k = 0; k < pieced->count; k++) {
        int64_t end = k + 1 < pieced->count ? pieced->first[k + 1] : loop->steps;
        size_t step = pieced->pieces[k].address.step[loop->depth];
        gt_operand whole = pieced->pieces[k];
        whole.address.step[loop->depth] = 0;
        if (end < pieced->first[k] || step * (size_t)(end - pieced->first[k]) > gt_operand_bytes(&whole) ||
            step != pieced->pieces[0].address.step[loop->depth] || !gt_verify_read(c, &whole, "a piece of a sequence"))
            return gt_verify_fault(c, "a piece of a sequence", "does not have as many steps as the loop");
    }
    return true;
}

/* Threads copy their pieces of what a loop carries, stacks and leaves. */
static bool check_pieces(gt_code_check *c, const gt_loop *loop)
{
    bool good = loop->batch == 0 || loop->batch_unit >= 1;
    for (uint32_t k = 0; k < loop->carried_count && good && loop->batch > 0; k++)
        good = gt_shape_count(loop->carried[k].after.shape) % loop->batch == 0;
    for (uint32_t k = 0; k < loop->copy_count && good && loop->batch > 0; k++)
        good = gt_shape_count(loop->copies[k].from.shape) % loop->batch == 0;
    return gt_verify_that(c, good, "a loop", "is divided into pieces that its states and stacks do not have");
}

static bool is_in_region(const gt_operand *o)
{
    return o->address.base == GT_BASE_REGION;
}

/*
 * A loop of which several threads may do parts leaves nothing in the region of one of them; a shared one, through
 * which all go, is in no other, and is not divided itself.
 */
static bool check_sharing(gt_code_check *c, const gt_loop *loop)
{
    bool good = !loop->shared || (is_shared(c->frame) && loop->batch == 0 && loop->leading + loop->following == 0);
    for (uint32_t k = 0; k < loop->carried_count && is_shared(c->frame); k++)
        good &= loop->carried[k].carrying == GT_CARRY_STACKED || loop->carried[k].kept[0].base != GT_BASE_REGION;
    for (uint32_t k = 0; k < loop->copy_count && is_shared(c->frame); k++)
        good &= !is_in_region(&loop->copies[k].to);
    for (uint32_t k = 0; k < loop->final_count && is_shared(c->frame); k++)
        good &= !is_in_region(&loop->finals[k]);
    return gt_verify_that(c, good, "a loop", "is not shared between threads as they go through it");
}

static bool check_loop(gt_code_check *c, const gt_loop *loop)
{
    if (!check_pieces(c, loop) || !check_sharing(c, loop))
        return false;
    for (uint32_t k = 0; k < loop->carried_count; k++)
        if (!gt_verify_read(c, &loop->carried[k].initial, "the initial value of a state") ||
            gt_operand_bytes(&loop->carried[k].initial) != gt_operand_bytes(&loop->carried[k].after))
            return gt_verify_fault(c, "a state", "does not have the size of its initial value");
    for (uint32_t k = 0; k < loop->final_count; k++)
        if (!gt_verify_written(c, &loop->finals[k], "a final value") || loop->final_states[k] >= loop->carried_count ||
            gt_operand_bytes(&loop->finals[k]) != gt_operand_bytes(&loop->carried[loop->final_states[k]].after))
            return gt_verify_fault(c, "a final value", "does not fit its state");
    for (uint32_t k = 0; k < loop->pieced_count; k++)
        if (!check_pieced(c, loop, &loop->pieced[k]))
            return false;
    gt_checked_loop inner = {loop, c->frame};
    c->frame = &inner;
    bool good = check_inside(c, loop) && gt_verify_steps(c, loop);
    c->frame = inner.around;
    return good;
}

/* Threads do them a part of the steps at a time. */
static bool check_companions(gt_code_check *c, const gt_block *block, uint32_t k)
{
    const gt_loop *loop = block->list[k].loop;
    if (loop->leading + loop->following == 0)
        return true;
    bool there = c->frame == NULL && loop->leading <= k && loop->following < block->count - k;
    return gt_verify_that(c, there && gt_code_are_companions(block, k), "a loop",
                          "has companions that are no products beside it, or that mind what it does");
}

static bool check_instruction(gt_code_check *c, const gt_block *block, uint32_t k)
{
    const gt_instruction *i = &block->list[k];
    switch (i->kind) {
    case GT_INSTRUCTION_KERNEL:
        return i->kernel == NULL ? gt_verify_fault(c, "an instruction", "does nothing") : check_kernel(c, i->kernel);
    case GT_INSTRUCTION_GROUP:
        return gt_verify_group(c, i->group);
    case GT_INSTRUCTION_MULTIPLICATION:
        return gt_verify_multiplication(c, i->multiplication) && gt_verify_together(c, block, k) &&
               gt_verify_compiled_product(c, i->multiplication);
    case GT_INSTRUCTION_PACKING:
        return gt_verify_packing(c, i->packing);
    case GT_INSTRUCTION_LOOP:
        return check_loop(c, i->loop) && check_companions(c, block, k);
    }
    return gt_verify_fault(c, "an instruction", "does nothing");
}

static bool check_block(gt_code_check *c, const gt_block *block)
{
    for (uint32_t k = 0; k < block->count; k++)
        if (!check_instruction(c, block, k) || !check_batch(c, &block->list[k]))
            return false;
    return true;
}

gt_status gt_code_verify(const gt_code *code, const gt_program *program, const gt_operand *outputs, gt_error *error)
{
    gt_code_check c = {.code = code, .program = program, .outputs = outputs, .error = error};
    const gt_block *block = &code->block;
    for (uint32_t k = 0; k < program->output_count; k++)
        if (!gt_verify_read(&c, &outputs[k], "an output"))
            return c.status;
    if (code->turn > block->count)
        gt_verify_fault(&c, "the turning point", "is behind the end");
    const gt_block forward = {block->list, code->turn},
                   backward = {block->list + code->turn, block->count - code->turn};
    c.forward = program->late_inputs != NULL;
    bool good = c.status == GT_OK && check_block(&c, &forward);
    c.backward = c.forward;
    c.forward = false;
    if (good)
        check_block(&c, &backward);
    return c.status;
}
