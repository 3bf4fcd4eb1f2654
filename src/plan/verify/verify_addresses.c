/* Where emitted code reads and writes. */
#include "plan/verify/verify_parts.h"

#include "base/error.h"

bool gt_verify_fault(gt_code_check *c, const char *what, const char *how)
{
    if (c->status == GT_OK)
        c->status = gt_error_set(c->error, GT_ERROR_TAPE, "fault of the planner: %s %s", what, how);
    return false;
}

bool gt_verify_that(gt_code_check *c, bool good, const char *what, const char *how)
{
    if (!good)
        gt_verify_fault(c, what, how);
    return good;
}

/* ---- bounds -------------------------------------------------------------------------------- */

/* Finds what a pointer of the machine's table points at: how large it is, and whether it may be written. */
static bool find_pointer(const gt_code_check *c, uint32_t pointer, size_t *bytes, bool *written)
{
    for (const gt_checked_loop *f = c->frame; f != NULL; f = f->around) {
        for (uint32_t k = 0; k < f->loop->carried_count; k++) {
            const gt_carried *carried = &f->loop->carried[k];
            bool next = carried->new_pointer == pointer && carried->carrying == GT_CARRY_TURNED;
            *bytes = gt_operand_bytes(&carried->after);
            *written = next || carried->carrying == GT_CARRY_ADDED;
            if (carried->old_pointer == pointer || next)
                return true;
        }
        for (uint32_t k = 0; k < f->loop->pieced_count; k++) {
            *bytes = f->loop->pieced[k].pieces[0].address.step[f->loop->depth];
            *written = false;
            if (f->loop->pieced[k].pointer == pointer)
                return true;
        }
    }
    return false;
}

/* How much there is behind the base of an address; false if there is no such base here. */
static bool room_of(const gt_code_check *c, const gt_address *address, size_t *room)
{
    if (address->base == GT_BASE_ARENA) {
        *room = c->code->arena_bytes;
        return true;
    }
    bool written;
    if (address->base == GT_BASE_REGION) {
        *room = c->code->region_bytes;
        return c->frame != NULL && !c->frame->loop->shared;
    }
    if (address->base == GT_BASE_POINTER)
        return find_pointer(c, address->index, room, &written);
    if (address->base == GT_BASE_OUTPUT) {
        bool there = address->index < c->program->output_count && c->program->bind_outputs && !c->forward;
        *room = there ? gt_operand_bytes(&c->outputs[address->index]) : 0;
        return there;
    }
    if (address->index >= c->program->input_count)
        return false;
    gt_var v = c->program->inputs[address->index];
    if (!gt_var_valid(v) || (c->forward && c->program->late_inputs[address->index]))
        return false;
    *room = (size_t)gt_shape_count(gt_var_shape(v)) * gt_dtype_size(gt_var_dtype(v));
    return true;
}

bool gt_verify_address(gt_code_check *c, const gt_address *address, size_t bytes, const char *what)
{
    size_t room, last = address->offset;
    size_t step[GT_MAX_LOOPS];
    for (int depth = 0; depth < GT_MAX_LOOPS; depth++)
        step[depth] = address->step[depth];
    for (const gt_checked_loop *f = c->frame; f != NULL; f = f->around) {
        last += step[f->loop->depth] * (size_t)(f->loop->steps - 1);
        step[f->loop->depth] = 0;
    }
    for (int depth = 0; depth < GT_MAX_LOOPS; depth++)
        if (step[depth] != 0)
            return gt_verify_fault(c, what, "changes with a loop that is not around it");
    if (!room_of(c, address, &room))
        return gt_verify_fault(c, what, "is an input or a state that is not there, or not yet");
    return gt_verify_that(c, last <= room && bytes <= room - last, what, "does not lie within its memory");
}

bool gt_verify_is_added(const gt_code_check *c, const gt_address *address)
{
    for (const gt_checked_loop *f = c->frame; f != NULL && address->base == GT_BASE_POINTER; f = f->around)
        for (uint32_t k = 0; k < f->loop->carried_count; k++)
            if (f->loop->carried[k].old_pointer == address->index && f->loop->carried[k].carrying == GT_CARRY_ADDED)
                return true;
    return false;
}

bool gt_verify_read(gt_code_check *c, const gt_operand *o, const char *what)
{
    if (gt_verify_is_added(c, &o->address))
        return gt_verify_fault(c, what, "is a sum over steps before its last step");
    return gt_verify_address(c, &o->address, gt_operand_bytes(o), what);
}

/* Memory of the workspace, or of an output that is bound. */
bool gt_verify_is_own(const gt_address *address)
{
    return address->base == GT_BASE_ARENA || address->base == GT_BASE_REGION || address->base == GT_BASE_OUTPUT;
}

/* Behind the last byte that is reached at any step of the loops around. */
static size_t end_of(const gt_code_check *c, const gt_operand *o)
{
    size_t end = o->address.offset + gt_operand_bytes(o);
    for (const gt_checked_loop *f = c->frame; f != NULL; f = f->around)
        end += o->address.step[f->loop->depth] * (size_t)(f->loop->steps - 1);
    return end;
}

/* The outputs of the forward half are complete at the turning point. */
static bool spares_outputs(gt_code_check *c, const gt_operand *o, const char *what)
{
    for (uint32_t k = 0; k < c->program->output_count && c->backward && o->address.base == GT_BASE_ARENA; k++) {
        const gt_operand *output = &c->outputs[k];
        bool early = !c->program->late_outputs[k] && output->address.base == GT_BASE_ARENA;
        if (early && o->address.offset < output->address.offset + gt_operand_bytes(output) &&
            output->address.offset < end_of(c, o))
            return gt_verify_fault(c, what, "is written over an output of the forward half");
    }
    return true;
}

bool gt_verify_written(gt_code_check *c, const gt_operand *o, const char *what)
{
    size_t bytes;
    bool written = gt_verify_is_own(&o->address);
    if (o->address.base == GT_BASE_POINTER)
        written = find_pointer(c, o->address.index, &bytes, &written) && written;
    return written ? gt_verify_address(c, &o->address, gt_operand_bytes(o), what) && spares_outputs(c, o, what)
                   : gt_verify_fault(c, what, "is written outside of the workspace");
}

/* ---- overlaps ------------------------------------------------------------------------------ */

/* Of two addresses that go on with different steps, nothing is said. */
static bool comparable(const gt_address *a, const gt_address *b)
{
    return gt_verify_is_own(a) && a->base == b->base && a->index == b->index && gt_same_steps(a, b);
}

bool gt_verify_apart(const gt_operand *a, const gt_operand *b)
{
    return !comparable(&a->address, &b->address) || a->address.offset + gt_operand_bytes(a) <= b->address.offset ||
           b->address.offset + gt_operand_bytes(b) <= a->address.offset;
}

bool gt_verify_same_place(const gt_operand *a, const gt_operand *b)
{
    return comparable(&a->address, &b->address) && a->address.offset == b->address.offset &&
           gt_operand_bytes(a) == gt_operand_bytes(b);
}
