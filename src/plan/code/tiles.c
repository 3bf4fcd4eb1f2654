/*
 * How a group is cut into tiles, which of them hold its values, and which kernels
 * run it. Values that do not live at the same time share a tile, so that all of a
 * group's tiles fit the nearest cache.
 */
#include "plan/code/code.h"

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* As few parts as possible of at most `most` entries, about equally large, of whole vectors. */
static int64_t even_part(int64_t count, int64_t most, int64_t vector)
{
    return divide_up(divide_up(count, divide_up(count, most)), vector) * vector;
}

/* Whether a tile is a part of one column at most, or several columns. */
static bool cut_tiles(gt_group *group)
{
    int64_t size = (int64_t)gt_dtype_size(group->dtype), entries = GT_TILE_BYTES / size, vector = 64 / size;
    group->flat = true;
    for (uint32_t s = 0; s < group->source_count; s++)
        group->flat &= group->sources[s].walk == GT_WALK_FLAT || group->sources[s].walk == GT_WALK_SCALAR;
    /* A number for each column would have to be spread over the column, unless a tile is in one. */
    enum { LONG = 256 };
    bool has_row = false;
    for (uint32_t s = 0; s < group->source_count; s++)
        has_row |= group->sources[s].walk == GT_WALK_ROW;
    bool in_column = group->flat || group->rows > entries / 2 || (has_row && group->rows >= LONG);
    if (in_column) {
        group->tile_rows = even_part(group->flat ? group->rows * group->columns : group->rows, entries, vector);
        group->tile_columns = 1;
    } else {
        int64_t parts = divide_up(group->columns, entries / group->rows);
        group->tile_rows = group->rows;
        group->tile_columns = divide_up(group->columns, parts);
    }
    return in_column;
}

static void walk_sources(gt_group *group, bool in_column, uint32_t *tiles)
{
    for (uint32_t s = 0; s < group->source_count; s++) {
        gt_source *source = &group->sources[s];
        source->spread = !in_column && (source->walk == GT_WALK_COLUMN || source->walk == GT_WALK_ROW);
        if (source->spread)
            source->tile = (*tiles)++;
    }
    for (uint32_t k = 0; k < group->step_count; k++)
        for (uint32_t n = 0; n < group->steps[k].input_count; n++) {
            uint32_t from = group->steps[k].inputs[n];
            gt_walk walk = from < group->source_count ? group->sources[from].walk : GT_WALK_FLAT;
            group->steps[k].strides[n] = walk != GT_WALK_SCALAR && !(walk == GT_WALK_ROW && in_column);
        }
}

/*
 * May step k write over input n, which it is the last to read? In strips, only what it reads as it
 * writes: not a number for each column, nor the column that it sums.
 */
static bool may_write_over(const gt_group *group, const gt_group_step *step, uint32_t n)
{
    return !group->strips || (step->kind == GT_STEP_ENTRIES && step->input_rows[n] == step->rows);
}

/* Before the step has its own tile, or after that, gives back those that it is the last to read. */
static void give_back(const gt_group *group, uint32_t k, const uint32_t *last, bool before, uint8_t *taken)
{
    const gt_group_step *step = &group->steps[k];
    for (uint32_t n = 0; n < step->input_count; n++) {
        if (step->inputs[n] < group->source_count || may_write_over(group, step, n) != before)
            continue;
        uint32_t from = step->inputs[n] - group->source_count;
        if (!group->steps[from].written && last[from] == k)
            taken[group->steps[from].tile] = 0;
    }
}

/* Tiles for what is not written to memory. */
static bool share_tiles(gt_lowering *lowering, gt_group *group, uint32_t *tiles)
{
    uint32_t first = *tiles;
    uint32_t *last = gt_pool_new(&lowering->scratch, group->step_count, sizeof *last);
    uint8_t *taken = gt_pool_new(&lowering->scratch, (size_t)first + group->step_count, sizeof *taken);
    if (last == NULL || taken == NULL)
        return false;
    for (uint32_t k = 0; k < group->step_count; k++) {
        last[k] = k;
        for (uint32_t n = 0; n < group->steps[k].input_count; n++)
            if (group->steps[k].inputs[n] >= group->source_count)
                last[group->steps[k].inputs[n] - group->source_count] = k;
    }
    for (uint32_t k = 0; k < group->step_count; k++) {
        gt_group_step *step = &group->steps[k];
        give_back(group, k, last, true, taken);
        if (!step->written) {
            step->tile = first;
            while (taken[step->tile])
                step->tile++;
            taken[step->tile] = last[k] > k;
            *tiles = *tiles > step->tile + 1 ? *tiles : step->tile + 1;
        }
        give_back(group, k, last, false, taken);
    }
    return true;
}

/*
 * Tiles for what passes from one span to another: two values of one span never share one, since the
 * loop of the span goes through both at once. A concat has its tile from its first part on.
 */
static bool share_tiles_of_spans(gt_lowering *lowering, gt_group *group, uint32_t *tiles)
{
    uint32_t *last = gt_pool_new(&lowering->scratch, group->step_count, sizeof *last);
    uint32_t *held_until = gt_pool_new(&lowering->scratch, group->step_count, sizeof *held_until);
    uint8_t *has_tile = gt_pool_new(&lowering->scratch, group->step_count, sizeof *has_tile);
    if (last == NULL || held_until == NULL || has_tile == NULL)
        return false;
    for (uint32_t n = 0; n < group->span_count; n++)
        for (uint32_t k = group->spans[n].first; k < group->spans[n].first + group->spans[n].count; k++) {
            last[gt_group_holder(group, k)] = n;
            for (uint32_t i = 0; i < group->steps[k].input_count; i++)
                if (group->steps[k].inputs[i] >= group->source_count)
                    last[gt_group_holder(group, group->steps[k].inputs[i] - group->source_count)] = n;
        }
    for (uint32_t n = 0; n < group->span_count; n++)
        for (uint32_t k = group->spans[n].first; k < group->spans[n].first + group->spans[n].count; k++) {
            uint32_t holder = gt_group_holder(group, k);
            gt_group_step *step = &group->steps[holder];
            if (step->written || step->inside || has_tile[holder])
                continue;
            has_tile[holder] = 1;
            step->tile = 0;
            while (step->tile < *tiles && held_until[step->tile] > n)
                step->tile++;
            held_until[step->tile] = last[holder] + 1;
            *tiles = *tiles > step->tile + 1 ? *tiles : step->tile + 1;
        }
    return true;
}

/* ---- kernels ------------------------------------------------------------------------------- */

static void choose_kernels(gt_group_step *step, bool exact)
{
    const gt_op *op = step->op;
    if (step->kind != GT_STEP_ENTRIES)
        return;
    step->run_f64 = op->fast_f64 != NULL && !exact ? op->fast_f64 : op->run_f64;
    step->run_f32 = op->fast_f32 != NULL && !exact ? op->fast_f32 : op->run_f32;
    if (op->choose_f64 != NULL && !exact)
        step->run_f64 = op->choose_f64();
    if (op->choose_f32 != NULL && !exact)
        step->run_f32 = op->choose_f32();
}

bool gt_code_tiles(gt_lowering *lowering, gt_group *group)
{
    if (group->spans != NULL && !group->strips)
        return true;
    uint32_t *tiles = &group->tile_count;
    if (group->strips)
        gt_code_strips(group, tiles);
    else
        walk_sources(group, cut_tiles(group), tiles);
    if (!(group->spans != NULL ? share_tiles_of_spans : share_tiles)(lowering, group, tiles))
        return false;
    for (uint32_t k = 0; k < group->step_count; k++)
        choose_kernels(&group->steps[k], lowering->code->exact);
    return true;
}
