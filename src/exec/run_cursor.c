/*
 * Where the arrays of compiled loops and products are. In a loop a cursor keeps that, and moves on by
 * constant distances: to find each anew takes longer than the arithmetic of a narrow cell.
 */
#include "exec/machine.h"

void gt_machine_start_cursor(gt_machine *machine, const gt_cursor *cursor, int64_t from)
{
    uintptr_t *here = machine->cursors + cursor->first;
    for (uint32_t n = 0; n < cursor->count; n++)
        here[n] = (uintptr_t)gt_machine_array(machine, cursor, n, from);
    for (uint32_t i = 0; i < cursor->turning_count; i++) {
        uint32_t n = cursor->turning[i].array;
        here[n] = gt_machine_offset(machine, &cursor->begins[n]) + (size_t)from * cursor->columns[n];
    }
}

/* These are numbers, since behind the last step no array is. */
static void move_on(gt_machine *machine, const gt_cursor *cursor, char **arrays)
{
    uintptr_t *here = machine->cursors + cursor->first;
    for (uint32_t n = 0; n < cursor->count; n++) {
        arrays[n] = (char *)here[n];
        here[n] += (uintptr_t)cursor->advance[n];
    }
    for (uint32_t i = 0; i < cursor->turning_count; i++) {
        const gt_turning *turning = &cursor->turning[i];
        arrays[turning->array] =
            (char *)((uintptr_t)arrays[turning->array] + (uintptr_t)machine->pointers[turning->pointer]);
    }
}

void gt_machine_take_cursor(gt_machine *machine, const gt_cursor *cursor, int64_t from, char **arrays)
{
    if (cursor->moves) {
        move_on(machine, cursor, arrays);
        return;
    }
    for (uint32_t n = 0; n < cursor->count; n++)
        arrays[n] = gt_machine_array(machine, cursor, n, from);
}
