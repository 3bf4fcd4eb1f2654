/*
 * Pieces of an arena fail as allocations do: an arena asks for memory only now and then, and hands it out.
 * A program is linked with -Wl,--wrap=gt_arena_new.
 */
#include "diagnose/arena.h"
#include "support/allocation.h"

void *__real_gt_arena_new(gt_arena *arena, size_t count, size_t size);
void *__wrap_gt_arena_new(gt_arena *arena, size_t count, size_t size);

void *__wrap_gt_arena_new(gt_arena *arena, size_t count, size_t size)
{
    if (!refuse_allocation())
        return __real_gt_arena_new(arena, count, size);
    arena->failed = true;
    return NULL;
}
