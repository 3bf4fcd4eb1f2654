/*
 * The steps of a loop that is one function of the processor's own. It goes on by constant distances, or by two
 * that take turns; where an array begins anew, as behind the first step, when old states are no longer the initial
 * ones, and where a sequence in pieces goes on in another, the function is left and begun again.
 */
#include "exec/machine.h"

_Static_assert(GT_MOST_STEP_ARRAYS >= GT_MOST_LOOP_ARRAYS, "a frame has room for the arrays of any function");

/* Where arrays are whose address depends on an entry of the machine's table that changes. */
static void turn(const gt_machine *machine, const gt_cursor *cursor, int64_t column, uintptr_t *here)
{
    for (uint32_t i = 0; i < cursor->turning_count; i++) {
        uint32_t n = cursor->turning[i].array;
        here[n] = (uintptr_t)gt_machine_array(machine, cursor, n, column);
    }
}

static void place_all(const gt_machine *machine, const gt_cursor *cursor, int64_t column, uintptr_t *here)
{
    for (uint32_t n = 0; n < cursor->count; n++)
        here[n] = (uintptr_t)gt_machine_array(machine, cursor, n, column);
    for (uint32_t n = cursor->count; n % GT_STEP_PLACES != 0; n++)
        here[n] = 0;
}

typedef void placing(const gt_machine *machine, const gt_cursor *cursor, int64_t column, uintptr_t *here);

/* For each call of a step. */
static void place(gt_machine *machine, const gt_loop *loop, placing *how)
{
    uintptr_t *here = machine->cursors + loop->compiled->first;
    uint32_t call = 0;
    for (uint32_t i = 0; i < loop->body.count; i += gt_machine_takes(&loop->body.list[i]), call++) {
        const gt_group *group = gt_group_of(&loop->body.list[i]);
        const gt_multiplication *m = gt_multiplication_of(&loop->body.list[i]);
        const gt_cursor *cursor = group != NULL ? group->cursor : m->compiled->cursor;
        int64_t each = group != NULL ? group->columns_each : m->columns_each;
        how(machine, cursor, each * machine->first, here + loop->compiled->calls[call].place);
    }
}

/* What else the functions are given: how many columns are this machine's. */
static void give(const gt_machine *machine, const gt_loop *loop, int64_t (*given)[2])
{
    uint32_t call = 0;
    for (uint32_t i = 0; i < loop->body.count; i += gt_machine_takes(&loop->body.list[i]), call++) {
        const gt_group *group = gt_group_of(&loop->body.list[i]);
        const gt_multiplication *m = gt_multiplication_of(&loop->body.list[i]);
        gt_column_range part = group != NULL ? gt_machine_range(machine, group->columns_each, group->columns)
                                             : gt_machine_range(machine, m->columns_each, m->product.columns);
        if (group != NULL) {
            gt_machine_give_group(group, part.to - part.from, given[call]);
        } else {
            given[call][0] = part.to - part.from;
            given[call][1] = part.from == 0; /* the part that begins takes the sums of rows */
        }
    }
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* To the end of the piece in which a sequence is at step t. */
static int64_t steps_of_piece(const gt_loop *loop, const gt_pieced *pieced, int64_t t)
{
    uint32_t piece = pieced->count - 1;
    while (pieced->first[piece] > t)
        piece--;
    int64_t end = piece + 1 < pieced->count ? pieced->first[piece + 1] : loop->steps;
    return loop->backward ? t - pieced->first[piece] + 1 : end - t;
}

/* So many steps from `done` on the function goes through at once. */
static int64_t run_length(const gt_loop *loop, int64_t t, int64_t done, int64_t to)
{
    int64_t length = smaller(to - done, loop->compiled->at_once);
    for (uint32_t k = 0; k < loop->carried_count; k++)
        if (done == 0 && loop->carried[k].carrying != GT_CARRY_ADDED)
            length = 1;
    for (uint32_t k = 0; k < loop->pieced_count; k++)
        length = smaller(length, steps_of_piece(loop, &loop->pieced[k], t));
    return length;
}

gt_status gt_machine_run_compiled_steps(gt_machine *machine, const gt_loop *loop, int64_t from, int64_t to)
{
    const gt_steps_code *compiled = loop->compiled;
    int64_t *t = &machine->t[loop->depth], given[GT_MOST_STEP_CALLS][2];
    gt_steps_frame frame;
    frame.here = machine->cursors + compiled->first;
    frame.given = (const int64_t(*)[2])given;
    give(machine, loop, given);
    for (int64_t done = from, length; done < to; done += length) {
        if (gt_machine_stops(machine))
            return GT_ERROR_INTERRUPTED;
        gt_machine_begin_step(machine, loop, done);
        place(machine, loop, done == from ? place_all : turn);
        length = run_length(loop, *t, done, to);
        frame.advance[0] = compiled->advance[done % 2];
        frame.advance[1] = compiled->advance[(done + 1) % 2];
        compiled->run(&frame, length);
        *t += loop->backward ? 1 - length : length - 1;
        gt_machine_end_step(machine, loop, done + length - 1);
    }
    return GT_OK;
}
