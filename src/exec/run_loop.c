/* Runs loops: what they carry from step to step, and what they leave behind. */
#include "exec/machine.h"

#include <stdatomic.h>
#include <string.h>

/* What is this machine's of an array that every piece of the batch has a part of; all of it within a nested loop. */
typedef struct share {
    size_t first, bytes;
} share;

static share share_of(const gt_machine *machine, const gt_loop *loop, const gt_operand *operand)
{
    if (loop->batch == 0)
        return (share){0, gt_operand_bytes(operand)};
    size_t piece = gt_operand_bytes(operand) / (size_t)loop->batch;
    return (share){(size_t)machine->first * piece, (size_t)machine->count * piece};
}

static void copy(char *to, const char *from, share what)
{
    memcpy(to + what.first, from + what.first, what.bytes);
}

/* New values become old ones; those that are copied go to memory that is not being read. */
static void carry_over(gt_machine *machine, const gt_loop *loop, int64_t done)
{
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        if (carried->carrying == GT_CARRY_COPIED)
            copy(gt_machine_address(machine, &carried->kept[done % 2]),
                 gt_machine_address(machine, &carried->after.address), share_of(machine, loop, &carried->after));
    }
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        bool stacked = carried->carrying == GT_CARRY_STACKED;
        if (carried->carrying == GT_CARRY_ADDED)
            continue;
        machine->pointers[carried->old_pointer] =
            gt_machine_address(machine, stacked ? &carried->after.address : &carried->kept[done % 2]);
        if (carried->carrying == GT_CARRY_TURNED)
            machine->pointers[carried->new_pointer] = gt_machine_address(machine, &carried->kept[(done + 1) % 2]);
    }
}

static void begin_states(gt_machine *machine, const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        machine->pointers[carried->old_pointer] = gt_machine_address(machine, &carried->initial.address);
        if (carried->carrying == GT_CARRY_TURNED)
            machine->pointers[carried->new_pointer] = gt_machine_address(machine, &carried->kept[0]);
        if (carried->carrying != GT_CARRY_ADDED)
            continue;
        copy(gt_machine_address(machine, &carried->kept[0]), machine->pointers[carried->old_pointer],
             share_of(machine, loop, &carried->initial));
        machine->pointers[carried->old_pointer] = gt_machine_address(machine, &carried->kept[0]);
    }
}

/* Sequences in several pieces: where each is at this step. */
static void find_pieces(gt_machine *machine, const gt_loop *loop)
{
    int64_t t = machine->t[loop->depth];
    for (uint32_t k = 0; k < loop->pieced_count; k++) {
        const gt_pieced *pieced = &loop->pieced[k];
        uint32_t piece = pieced->count - 1;
        while (pieced->first[piece] > t)
            piece--;
        machine->t[loop->depth] = t - pieced->first[piece];
        machine->pointers[pieced->pointer] = gt_machine_address(machine, &pieced->pieces[piece].address);
    }
    machine->t[loop->depth] = t;
}

static void start_cursors(gt_machine *machine, const gt_block *body)
{
    for (uint32_t i = 0; i < body->count; i++) {
        const gt_group *group = gt_group_of(&body->list[i]);
        const gt_multiplication *m = gt_multiplication_of(&body->list[i]);
        if (group != NULL && group->cursor != NULL)
            gt_machine_start_cursor(machine, group->cursor, group->columns_each * machine->first);
        if (m != NULL && m->compiled != NULL)
            gt_machine_start_cursor(machine, m->compiled->cursor, m->columns_each * machine->first);
    }
}

void gt_machine_begin_step(gt_machine *machine, const gt_loop *loop, int64_t done)
{
    machine->nesting = loop->depth + 1;
    machine->t[loop->depth] = loop->backward ? loop->steps - 1 - done : done;
    find_pieces(machine, loop);
}

void gt_machine_end_step(gt_machine *machine, const gt_loop *loop, int64_t done)
{
    for (uint32_t k = 0; k < loop->copy_count; k++)
        copy(gt_machine_address(machine, &loop->copies[k].to.address),
             gt_machine_address(machine, &loop->copies[k].from.address),
             share_of(machine, loop, &loop->copies[k].from));
    carry_over(machine, loop, done);
}

/* Each by the instructions of the body. */
static gt_status run_each_step(gt_machine *machine, const gt_loop *loop, int64_t from, int64_t to)
{
    gt_status status = GT_OK;
    machine->nesting = loop->depth + 1;
    machine->t[loop->depth] = loop->backward ? loop->steps - 1 - from : from;
    if (!loop->shared)
        start_cursors(machine, &loop->body);
    for (int64_t done = from; done < to && status == GT_OK; done++) {
        gt_machine_begin_step(machine, loop, done);
        status = gt_machine_stops(machine) ? GT_ERROR_INTERRUPTED
                 : loop->shared            ? gt_machine_run(machine, &loop->body)
                                           : gt_machine_run_block(machine, &loop->body);
        gt_machine_end_step(machine, loop, done);
    }
    return status;
}

/* In the order of the loop. */
static gt_status run_steps(gt_machine *machine, const gt_loop *loop, int64_t from, int64_t to)
{
    gt_status status =
        (loop->compiled != NULL ? gt_machine_run_compiled_steps : run_each_step)(machine, loop, from, to);
    machine->t[loop->depth] = 0;
    machine->nesting = loop->depth;
    if (loop->depth == 0)
        atomic_thread_fence(memory_order_seq_cst); /* what was written past the caches is there for all threads */
    return status;
}

void gt_machine_follow(gt_machine *machine, const gt_machine *other, const gt_loop *loop)
{
    machine->nesting = other->nesting;
    machine->t[loop->depth] = other->t[loop->depth];
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        machine->pointers[carried->old_pointer] = other->pointers[carried->old_pointer];
        machine->pointers[carried->new_pointer] = other->pointers[carried->new_pointer];
    }
    for (uint32_t k = 0; k < loop->pieced_count; k++)
        machine->pointers[loop->pieced[k].pointer] = other->pointers[loop->pieced[k].pointer];
}

static void end_states(gt_machine *machine, const gt_loop *loop)
{
    for (uint32_t k = 0; k < loop->final_count; k++)
        copy(gt_machine_address(machine, &loop->finals[k].address),
             machine->pointers[loop->carried[loop->final_states[k]].old_pointer],
             share_of(machine, loop, &loop->finals[k]));
}

gt_status gt_machine_run_loop(gt_machine *machine, const gt_loop *loop, int64_t first, int64_t count)
{
    machine->first = first;
    machine->count = count;
    begin_states(machine, loop);
    gt_status status = run_steps(machine, loop, 0, loop->steps);
    end_states(machine, loop);
    return status;
}

static void take_all(gt_machine *machine, const gt_loop *loop)
{
    machine->first = 0;
    machine->count = loop->batch;
}

void gt_machine_begin_loop(gt_machine *machine, const gt_loop *loop)
{
    take_all(machine, loop);
    begin_states(machine, loop);
}

void gt_machine_end_loop(gt_machine *machine, const gt_loop *loop)
{
    take_all(machine, loop);
    machine->t[loop->depth] = 0;
    machine->nesting = loop->depth;
    end_states(machine, loop);
}

gt_status gt_machine_run_steps(gt_machine *machine, const gt_loop *loop, int64_t from, int64_t to)
{
    take_all(machine, loop);
    return run_steps(machine, loop, from, to);
}
