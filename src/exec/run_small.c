/*
 * Runs small groups, of a few vectors. There the time is the waiting of one op for
 * what the one before it stored, and the bringing of operands. So every register is
 * a tile of whole vectors, entries that are not there included, and what a loop does
 * not change is brought once.
 */
#include "exec/code.h"

#include "ops/padded.h"

#include <string.h>

static char *tile_of(const gt_machine *machine, const gt_group *group, uint32_t reg)
{
    return machine->small + group->small_offset + (size_t)reg * group->small_distance;
}

static void copy(const gt_group *group, const char *from, char *to, size_t count, bool padded)
{
    static const size_t strides[] = {1};
    if (group->dtype == GT_F32)
        (padded ? group->bring_f32 : group->store_f32)(
            &(gt_elementwise_f32){count, (const float *const[]){(const float *)from}, strides, (float *)to, NULL});
    else
        (padded ? group->bring_f64 : group->store_f64)(
            &(gt_elementwise_f64){count, (const double *const[]){(const double *)from}, strides, (double *)to, NULL});
}

static void spread(const gt_group *group, gt_walk walk, const char *from, char *tile, int64_t columns)
{
    size_t size = gt_dtype_size(group->dtype), rows = (size_t)group->rows;
    for (size_t c = 0; c < (size_t)columns; c++) {
        if (walk == GT_WALK_COLUMN)
            memcpy(tile + c * rows * size, from, rows * size);
        for (size_t r = 0; r < rows && walk == GT_WALK_ROW; r++)
            memcpy(tile + (c * rows + r) * size, from + c * size, size);
    }
}

/* The arrays of a loop are too many for the processor to notice how it goes through each. */
static void fetch(const char *here, int64_t ahead, size_t bytes)
{
    for (size_t i = 0; i < bytes && ahead != 0; i += 64)
        __builtin_prefetch((const char *)((uintptr_t)here + (size_t)ahead + i));
}

/* Brings a source into its tile, or finds where it can be read. */
static char *bring(const gt_machine *machine, const gt_group *group, uint32_t s, int64_t from, int64_t to)
{
    const gt_source *source = &group->sources[s];
    size_t size = gt_dtype_size(group->dtype), column = (size_t)group->rows * size;
    char *here = gt_machine_address(machine, &source->operand.address), *tile = tile_of(machine, group, s);
    if (source->walk == GT_WALK_SCALAR)
        return here;
    if (source->walk == GT_WALK_FLAT) {
        here += (size_t)from * column;
        /* What lies behind a part may be being written by another thread. */
        if (source->direct && from == 0 && to == group->columns)
            return here;
        fetch(here, source->ahead, group->small_distance);
        copy(group, here, tile, (size_t)((to - from) * group->rows), true);
    } else {
        spread(group, source->walk, here + (source->walk == GT_WALK_ROW ? (size_t)from * size : 0), tile, to - from);
    }
    return tile;
}

void gt_machine_prepare_group(gt_machine *machine, const gt_group *group, int64_t from, int64_t to)
{
    for (uint32_t s = 0; s < group->source_count; s++)
        if (group->sources[s].kept)
            bring(machine, group, s, from, to);
}

static void run_step(const gt_group *group, const gt_group_step *step, char *const *registers, size_t count,
                     char *output)
{
    const void *inputs[4];
    for (uint32_t k = 0; k < step->input_count; k++)
        inputs[k] = registers[step->inputs[k]];
    if (group->dtype == GT_F32)
        step->run_f32(&(gt_elementwise_f32){count, (const float *const *)inputs, step->strides, (float *)output,
                                            step->attributes});
    else
        step->run_f64(&(gt_elementwise_f64){count, (const double *const *)inputs, step->strides, (double *)output,
                                            step->attributes});
}

void gt_machine_run_small(gt_machine *machine, const gt_group *group, int64_t from, int64_t to)
{
    char **registers = machine->registers;
    size_t size = gt_dtype_size(group->dtype), lanes = GT_PADDED_BYTES / size;
    size_t count = (size_t)((to - from) * group->rows), padded = (count + lanes - 1) / lanes * lanes;
    for (uint32_t s = 0; s < group->source_count; s++)
        registers[s] = group->sources[s].kept ? tile_of(machine, group, s) : bring(machine, group, s, from, to);
    char *tile = tile_of(machine, group, group->source_count);
    for (uint32_t k = 0; k < group->step_count; k++, tile += group->small_distance) {
        const gt_group_step *step = &group->steps[k];
        registers[group->source_count + k] = tile;
        run_step(group, step, registers, padded, tile);
        if (!step->written)
            continue;
        char *output = gt_machine_address(machine, &step->output.address) + (size_t)(from * group->rows) * size;
        fetch(output, step->ahead, group->small_distance);
        copy(group, tile, output, count, false);
    }
}
