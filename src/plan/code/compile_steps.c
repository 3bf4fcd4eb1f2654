/*
 * A loop whose steps are nothing but compiled groups and products becomes one function. Of a narrow step the way
 * from one of these to the next takes as long as some of them.
 *
 * Needs: a loop whose body is written, and what it carries. Leaves: a loop with a function for all of its
 * steps, which does what its instructions do, in their order.
 */
#include "plan/code/code.h"

static const gt_cursor *cursor_of(const gt_instruction *i)
{
    const gt_group *group = gt_group_of(i);
    const gt_multiplication *m = gt_multiplication_of(i);
    if (group != NULL)
        return group->columns > 0 ? group->cursor : NULL;
    return m != NULL && m->compiled != NULL && m->product.columns > 0 ? m->compiled->cursor : NULL;
}

static size_t begin_of(const gt_instruction *i)
{
    const gt_group *group = gt_group_of(i);
    return group != NULL ? group->spans[0].begin : gt_multiplication_of(i)->compiled->begin;
}

static int64_t cost_of(const gt_instruction *i)
{
    const gt_group *group = gt_group_of(i);
    if (group != NULL)
        return group->rows * group->columns * group->step_count;
    const gt_multiplication *m = gt_multiplication_of(i);
    return m->product.rows * m->product.inner * m->product.columns * (1 + (int64_t)m->also_count);
}

/* ---- loops that can be one ----------------------------------------------------------------------- */

static bool go_on_alike(const gt_address *a, const gt_address *b)
{
    return a->base == b->base && a->index == b->index && gt_same_steps(a, b);
}

/* The next place of a state's value is a constant distance away, or one of two by turns. */
static bool is_regular(const gt_carried *carried)
{
    switch (carried->carrying) {
    case GT_CARRY_ADDED:
        return true;
    case GT_CARRY_STACKED:
        return carried->after.address.base != GT_BASE_POINTER;
    case GT_CARRY_TURNED:
        return go_on_alike(&carried->kept[0], &carried->kept[1]);
    case GT_CARRY_COPIED:
        break;
    }
    return false;
}

/* Into how many calls a step can be divided; 0: it cannot. */
static uint32_t count_calls(const gt_loop *loop)
{
    uint32_t count = 0;
    if (loop->steps < 3 || loop->shared || loop->copy_count > 0)
        return 0;
    for (uint32_t k = 0; k < loop->carried_count; k++)
        if (!is_regular(&loop->carried[k]))
            return 0;
    for (uint32_t i = 0; i < loop->body.count; i += gt_machine_takes(&loop->body.list[i])) {
        if (cursor_of(&loop->body.list[i]) == NULL)
            return 0;
        count++;
    }
    return count <= GT_MOST_STEP_CALLS ? count : 0;
}

/* ---- how its arrays go on ------------------------------------------------------------------------ */

static int64_t signed_step(const gt_loop *loop, const gt_address *address)
{
    int64_t step = (int64_t)address->step[loop->depth];
    return loop->backward ? -step : step;
}

/* What is added to an entry of the machine's table behind a step of an even number, and of an odd one. */
static void find_turns(const gt_loop *loop, uint32_t pointer, int64_t turns[2])
{
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        bool is_old = carried->old_pointer == pointer;
        if (is_old && carried->carrying == GT_CARRY_STACKED)
            turns[0] = turns[1] = signed_step(loop, &carried->after.address);
        if (carried->carrying != GT_CARRY_TURNED || (!is_old && carried->new_pointer != pointer))
            continue;
        /* The new value is at kept[0] at an even step; the old one is where the new one was. */
        int64_t distance = (int64_t)(carried->kept[1].offset - carried->kept[0].offset);
        turns[0] = is_old ? -distance : distance;
        turns[1] = -turns[0];
    }
    for (uint32_t k = 0; k < loop->pieced_count; k++)
        if (loop->pieced[k].pointer == pointer)
            turns[0] = turns[1] = signed_step(loop, &loop->pieced[k].pieces[0].address);
}

static bool takes_turns(const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->carried_count; k++)
        if (loop->carried[k].carrying == GT_CARRY_TURNED)
            return true;
    return false;
}

void gt_code_advance_steps(const gt_loop *loop, const gt_cursor *cursor, int64_t *even, int64_t *odd)
{
    for (uint32_t n = 0; n < cursor->count; n++)
        even[n] = odd[n] = cursor->advance[n];
    for (uint32_t i = 0; i < cursor->turning_count; i++) {
        int64_t turns[2] = {0, 0};
        uint32_t n = cursor->turning[i].array;
        find_turns(loop, cursor->turning[i].pointer, turns);
        even[n] = cursor->advance[n] + turns[0];
        odd[n] = cursor->advance[n] + turns[1];
    }
}

/* ---- the function ---------------------------------------------------------------------------------- */

static size_t whole_places(size_t count)
{
    return (count + GT_STEP_PLACES - 1) / GT_STEP_PLACES * GT_STEP_PLACES;
}

static bool list_calls(gt_lowering *lowering, const gt_loop *loop, gt_steps_code *code)
{
    gt_step_call *calls = gt_pool_new(lowering->pool, code->call_count, sizeof *calls);
    code->calls = calls;
    if (calls == NULL)
        return false;
    int64_t cost = 1;
    for (uint32_t i = 0; i < loop->body.count; i += gt_machine_takes(&loop->body.list[i])) {
        const gt_instruction *instruction = &loop->body.list[i];
        const gt_cursor *cursor = cursor_of(instruction);
        *calls++ = (gt_step_call){begin_of(instruction), code->places, cursor->count};
        code->places += whole_places(cursor->count);
        cost += cost_of(instruction);
    }
    const int64_t most = 256, most_cost = (int64_t)1 << 22; /* less than a millisecond, and no question at each step */
    int64_t at_once = most_cost / cost;
    code->at_once = at_once < 1 ? 1 : at_once > most ? most : at_once;
    return true;
}

static bool list_advances(gt_lowering *lowering, const gt_loop *loop, gt_steps_code *code)
{
    int64_t *even = gt_pool_new(lowering->pool, code->places, sizeof *even), *odd = even;
    if (takes_turns(loop))
        odd = gt_pool_new(lowering->pool, code->places, sizeof *odd);
    if (even == NULL || odd == NULL)
        return false;
    uint32_t call = 0;
    for (uint32_t i = 0; i < loop->body.count; i += gt_machine_takes(&loop->body.list[i])) {
        size_t place = code->calls[call++].place;
        gt_code_advance_steps(loop, cursor_of(&loop->body.list[i]), even + place, odd + place);
    }
    code->advance[0] = even;
    code->advance[1] = odd;
    return true;
}

bool gt_code_compile_steps(gt_lowering *lowering, gt_loop *loop)
{
    uint32_t count = count_calls(loop);
    if (!lowering->compiles || !gt_lower_chooses(lowering, GT_CHOICE_COMPILE_STEPS) || count == 0)
        return true;
    gt_steps_code *code = gt_pool_new(lowering->pool, 1, sizeof *code);
    if (code == NULL)
        return false;
    code->call_count = count;
    if (!list_calls(lowering, loop, code) || !list_advances(lowering, loop, code))
        return false;
    code->begin = gt_compile_steps(&lowering->encoder, code->calls, count);
    if (code->begin == (size_t)-1)
        return false;
    /* Places begin at lines of the caches. */
    lowering->code->cursor_arrays = whole_places(lowering->code->cursor_arrays);
    code->first = lowering->code->cursor_arrays;
    lowering->code->cursor_arrays += code->places;
    code->next = lowering->code->steps;
    lowering->code->steps = code;
    loop->compiled = code;
    return true;
}
