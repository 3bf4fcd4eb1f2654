/* Faults of groups of element-by-element ops. */
#include "plan/verify/verify_parts.h"

/* Does a step behind step k read source s, which step k has written over? */
static bool is_read_later(const gt_group *group, uint32_t s, uint32_t k)
{
    for (uint32_t later = k + 1; later < group->step_count; later++)
        for (uint32_t n = 0; n < group->steps[later].input_count; n++)
            if (group->steps[later].inputs[n] == s)
                return true;
    return false;
}

static bool is_in_tile(const gt_code_check *c, const gt_group *group, uint32_t tile)
{
    return group->strips ? (tile + (size_t)1) * group->tile_distance <= c->code->strip_bytes
                         : tile < c->code->most_tiles;
}

/* A step of a group in strips reads the rows that its operands have. */
static bool check_rows(gt_code_check *c, const gt_group *group, const gt_group_step *step)
{
    int64_t below = 0, first = 0, end = 0;
    for (uint32_t n = 0; n < step->input_count; n++) {
        uint32_t input = step->inputs[n];
        bool source = input < group->source_count;
        int64_t rows =
            source ? group->sources[input].operand.shape.size[0] : group->steps[input - group->source_count].rows;
        bool moves = !source || group->sources[input].walk == GT_WALK_FLAT || group->sources[input].spread;
        bool entries = step->kind == GT_STEP_ENTRIES, stretched = rows == 1 && (!moves || step->rows != 1);
        if (entries ? (rows != step->rows && rows != 1) || step->input_rows[n] != (moves ? rows : 0) ||
                          (step->strides[n] == 0) != stretched || (!step->each_column && moves && stretched)
                    : !moves || step->input_rows[n] != rows)
            return gt_verify_fault(c, step->op->name, "reads other rows than its operand has");
        below += rows;
    }
    end = step->kind == GT_STEP_SLICE ? step->first_row + step->rows : step->rows;
    first = step->kind == GT_STEP_SLICE ? step->first_row : 0;
    bool good = step->rows >= 1 && step->rows <= group->rows && first >= 0;
    if (step->kind == GT_STEP_SUM)
        good = good && step->rows == 1 && step->input_count == 1;
    else if (step->kind != GT_STEP_ENTRIES)
        good = good && (step->kind == GT_STEP_SLICE ? end <= below : end == below);
    return gt_verify_that(c, good, step->op->name, "has other rows than its operands give");
}

/* What is written past the caches begins at a line, at every step of its loop. */
static bool begins_at_lines(const gt_group_step *step)
{
    enum { LINE = 64 };
    const gt_address *address = &step->output.address;
    return address->base == GT_BASE_ARENA && address->offset % LINE == 0 && address->step[0] % LINE == 0;
}

static bool check_step(gt_code_check *c, const gt_group *group, uint32_t k)
{
    const gt_group_step *step = &group->steps[k];
    for (uint32_t n = 0; n < step->input_count; n++)
        if (step->inputs[n] >= group->source_count + k)
            return gt_verify_fault(c, step->op->name, "reads a register before it is written");
    if (group->strips && group->spans == NULL && !check_rows(c, group, step))
        return false;
    if (step->inside || step->joined != 0)
        return true; /* see verify_spans.c */
    if (!step->written)
        return gt_verify_that(c, is_in_tile(c, group, step->tile), step->op->name, "lives in a tile that is not there");
    if (!gt_verify_written(c, &step->output, step->op->name) ||
        !gt_verify_that(c, !step->past || begins_at_lines(step), step->op->name,
                        "is written past the caches where no line begins"))
        return false;
    for (uint32_t s = 0; s < group->source_count; s++) {
        bool in_place =
            group->sources[s].walk == GT_WALK_FLAT && gt_verify_same_place(&step->output, &group->sources[s].operand);
        if (!in_place && !gt_verify_apart(&step->output, &group->sources[s].operand))
            return gt_verify_fault(c, step->op->name, "writes over an operand of its group");
        if (in_place && is_read_later(group, s, k))
            return gt_verify_fault(c, step->op->name, "writes over an operand that its group reads later");
    }
    for (uint32_t other = 0; other < k; other++)
        if (group->steps[other].written && !gt_verify_apart(&step->output, &group->steps[other].output))
            return gt_verify_fault(c, step->op->name, "writes over another result of its group");
    return true;
}

/* Nothing is read from a tile that something else was written to since. */
static bool check_sharing(gt_code_check *c, const gt_group *group)
{
    for (uint32_t k = 0; k < group->step_count; k++)
        for (uint32_t n = 0; n < group->steps[k].input_count; n++) {
            uint32_t input = group->steps[k].inputs[n];
            bool source = input < group->source_count;
            if (source ? !group->sources[input].spread : group->steps[input - group->source_count].written)
                continue;
            uint32_t from = source ? 0 : input - group->source_count;
            uint32_t tile = source ? group->sources[input].tile : group->steps[from].tile;
            for (uint32_t other = source ? 0 : from + 1; other < k; other++)
                if (!group->steps[other].written && group->steps[other].tile == tile)
                    return gt_verify_fault(c, group->steps[k].op->name, "reads a tile that was written over");
            const gt_group_step *step = &group->steps[k];
            bool aligned = step->kind == GT_STEP_ENTRIES && step->input_rows[n] == step->rows;
            if (group->strips && !aligned && !step->written && step->tile == tile)
                return gt_verify_fault(c, step->op->name, "writes over a tile that it reads otherwise");
        }
    return true;
}

/* A sum over steps is read entry by entry by the one step that adds to it, and writes it back. */
static bool check_sum_over_steps(gt_code_check *c, const gt_group *group, uint32_t s)
{
    const gt_source *source = &group->sources[s];
    uint32_t reads = 0;
    bool good = source->walk == GT_WALK_FLAT &&
                gt_verify_address(c, &source->operand.address, gt_operand_bytes(&source->operand), "a sum over steps");
    for (uint32_t k = 0; k < group->step_count; k++)
        for (uint32_t n = 0; n < group->steps[k].input_count; n++) {
            if (group->steps[k].inputs[n] != s)
                continue;
            const gt_group_step *step = &group->steps[k];
            reads++;
            good = good && step->kind == GT_STEP_ENTRIES && step->written &&
                   gt_same_address(&step->output.address, &source->operand.address) && step->folds == source->folds &&
                   gt_operand_bytes(&step->output) == gt_operand_bytes(&source->operand);
        }
    return gt_verify_that(c, good && reads == 1, "a sum over steps", "is read by something else than what adds to it");
}

/* Columns are added to one of them in compiled loops, and only to sums over steps. */
static bool check_folds(gt_code_check *c, const gt_group *group)
{
    for (uint32_t s = 0; s < group->source_count; s++)
        if (group->sources[s].folds &&
            (group->spans == NULL || !gt_verify_is_added(c, &group->sources[s].operand.address)))
            return gt_verify_fault(c, "an operand of a group", "has one column for all, but is no sum over steps");
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].folds &&
            (!group->steps[k].written || !gt_verify_is_added(c, &group->steps[k].output.address)))
            return gt_verify_fault(c, group->steps[k].op->name, "adds all columns to one, but is no sum over steps");
    return true;
}

/* The pieces of a group that is divided by rows are all of one column, and no operand is the same for some of them. */
static bool check_turned(gt_code_check *c, const gt_group *group)
{
    size_t bytes = (size_t)(group->rows * group->columns) * gt_dtype_size(group->dtype);
    bool good = !group->strips && group->columns_each == 1;
    for (uint32_t s = 0; s < group->source_count; s++)
        good =
            good && (group->sources[s].walk == GT_WALK_SCALAR ||
                     (group->sources[s].walk == GT_WALK_FLAT && gt_operand_bytes(&group->sources[s].operand) == bytes));
    for (uint32_t k = 0; k < group->step_count; k++)
        good = good && group->steps[k].rows == group->rows &&
               (!group->steps[k].written || gt_operand_bytes(&group->steps[k].output) == bytes);
    return gt_verify_that(c, good, "a group", "is divided by rows that it does not have");
}

bool gt_verify_group(gt_code_check *c, const gt_group *group)
{
    if (group->source_count + group->step_count > c->code->most_registers)
        return gt_verify_fault(c, "a group", "has more registers than the machine");
    bool loop = group->spans != NULL && !group->strips; /* it has no tiles */
    int64_t tile = group->tile_rows * group->tile_columns * (int64_t)gt_dtype_size(group->dtype);
    if (!loop && (tile <= 0 || (size_t)tile > (group->strips ? group->tile_distance : GT_TILE_BYTES)))
        return gt_verify_fault(c, "a group", "does not fit its tiles");
    for (uint32_t s = 0; s < group->source_count; s++) {
        const gt_source *source = &group->sources[s];
        if (gt_verify_is_added(c, &source->operand.address)
                ? !check_sum_over_steps(c, group, s)
                : !gt_verify_read(c, &source->operand, "an operand of a group"))
            return false;
        if (source->spread && !is_in_tile(c, group, source->tile))
            return gt_verify_fault(c, "an operand of a group", "is spread over a tile that is not there");
    }
    if (!check_folds(c, group) || (group->turned && !check_turned(c, group)))
        return false;
    for (uint32_t k = 0; k < group->step_count; k++)
        if (!check_step(c, group, k))
            return false;
    if (group->spans != NULL)
        return gt_verify_spans(c, group) && gt_verify_sharing_of_spans(c, group) && gt_verify_cursor(c, group);
    return check_sharing(c, group);
}
