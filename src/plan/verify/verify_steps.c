/*
 * Faults of loops that are one function: whether it does what the instructions of the body do, where they find their
 * arrays. Where those are from step to step is found anew here, from what the loop carries.
 */
#include "plan/verify/verify_parts.h"

static bool fault(gt_code_check *c, const char *how)
{
    return gt_verify_fault(c, "a loop that is one function", how);
}

/* ---- where an array is ----------------------------------------------------------------------------- */

/* Bytes from its base, at step number `done` of the loop. */
static int64_t offset_at(const gt_loop *loop, const gt_address *address, int64_t done)
{
    int64_t t = loop->backward ? loop->steps - 1 - done : done;
    return (int64_t)address->offset + (int64_t)address->step[loop->depth] * t;
}

/* The same of what an entry of the machine's table points at, which is in one memory from the second step on. */
static int64_t pointed_at(const gt_loop *loop, uint32_t pointer, int64_t done)
{
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        bool is_old = carried->old_pointer == pointer, turned = carried->carrying == GT_CARRY_TURNED;
        if (turned && (is_old || carried->new_pointer == pointer))
            return (int64_t)carried->kept[(is_old ? done + 1 : done) % 2].offset;
        if (is_old)
            return carried->carrying == GT_CARRY_ADDED ? 0 : offset_at(loop, &carried->after.address, done - 1);
    }
    for (uint32_t k = 0; k < loop->pieced_count; k++) /* between two steps in one piece */
        if (loop->pieced[k].pointer == pointer)
            return offset_at(loop, &loop->pieced[k].pieces[0].address, done);
    return 0; /* of a loop around this one: it stays where it is */
}

static int64_t place_at(const gt_loop *loop, const gt_address *address, int64_t done)
{
    int64_t pointed = address->base == GT_BASE_POINTER ? pointed_at(loop, address->index, done) : 0;
    return offset_at(loop, address, done) + pointed;
}

static bool goes_on(const gt_loop *loop, const gt_cursor *cursor, size_t place)
{
    const gt_steps_code *code = loop->compiled;
    for (uint32_t n = 0; n < cursor->count; n++) {
        int64_t odd = place_at(loop, &cursor->begins[n], 2) - place_at(loop, &cursor->begins[n], 1);
        int64_t even = place_at(loop, &cursor->begins[n], 3) - place_at(loop, &cursor->begins[n], 2);
        if (code->advance[0][place + n] != even || code->advance[1][place + n] != odd)
            return false;
    }
    return true;
}

/* ---- what is called ---------------------------------------------------------------------------------- */

/* Of an instruction that is one call; NULL if it is none. */
static const gt_cursor *cursor_of(const gt_instruction *i, size_t *begin)
{
    const gt_group *group = gt_group_of(i);
    const gt_multiplication *m = gt_multiplication_of(i);
    if (group != NULL && group->cursor != NULL && group->columns > 0) {
        *begin = group->spans[0].begin;
        return group->cursor;
    }
    if (m == NULL || m->compiled == NULL || m->product.columns <= 0)
        return NULL;
    *begin = m->compiled->begin;
    return m->compiled->cursor;
}

static bool check_calls(gt_code_check *c, const gt_loop *loop)
{
    const gt_steps_code *code = loop->compiled;
    size_t begin = 0, place = 0;
    uint32_t k = 0;
    for (uint32_t i = 0; i < loop->body.count; i += gt_machine_takes(&loop->body.list[i]), k++) {
        const gt_cursor *cursor = cursor_of(&loop->body.list[i], &begin);
        if (cursor == NULL || k == code->call_count)
            return fault(c, "has instructions that it does not call");
        const gt_step_call *call = &code->calls[k];
        if (call->begin != begin || call->array_count != cursor->count)
            return fault(c, "calls something else than its instruction");
        if (call->place < place || call->place % GT_STEP_PLACES != 0 || call->place + cursor->count > code->places)
            return fault(c, "has arrays at places that are not theirs");
        if (!goes_on(loop, cursor, call->place))
            return fault(c, "goes to another place than the next step's");
        place = call->place + (cursor->count + GT_STEP_PLACES - 1) / GT_STEP_PLACES * GT_STEP_PLACES;
    }
    return k == code->call_count || fault(c, "calls more than its instructions");
}

/* Behind the first step a state is where a constant distance leads to. */
static bool carries_by_distances(const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        const gt_address *one = &carried->kept[0], *other = &carried->kept[1];
        if (carried->carrying == GT_CARRY_COPIED ||
            (carried->carrying == GT_CARRY_STACKED && carried->after.address.base == GT_BASE_POINTER) ||
            (carried->carrying == GT_CARRY_TURNED &&
             (one->base != other->base || one->index != other->index || !gt_same_steps(one, other))))
            return false;
    }
    return loop->copy_count == 0;
}

bool gt_verify_steps(gt_code_check *c, const gt_loop *loop)
{
    const gt_steps_code *code = loop->compiled;
    if (code == NULL)
        return true;
    if (code->first % GT_STEP_PLACES != 0 || code->first + code->places > c->code->cursor_arrays || code->at_once < 1)
        return fault(c, "has no places for its arrays");
    if (!carries_by_distances(loop))
        return fault(c, "carries what it cannot");
    return check_calls(c, loop);
}
