/*
 * Groups become compiled loops. A group over arrays of one shape is one loop; one in
 * strips is several, since a sum of a column is known only behind its loop.
 *
 * Needs: a group with the addresses of all that it reads and writes. Leaves: its spans, each with
 * its loop, or the group as it was; and behind the last group, machine code.
 */
#include "plan/code/spans.h"

#include "base/error.h"
#include "base/types.h"

#include <string.h>

/* Longer groups would take more time to order than they save. */
enum { MOST_STEPS = 512 };

static bool can_be_loop(const gt_group *group)
{
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].op->lanes == NULL)
            return false;
    return true;
}

/* All steps in the order that they have. */
static bool make_one_span(gt_lowering *lowering, gt_group *group)
{
    group->spans = gt_pool_new(lowering->pool, 1, sizeof *group->spans);
    if (group->spans == NULL)
        return false;
    group->spans[0] = (gt_span){.count = group->step_count, .rows = group->rows};
    group->span_count = 1;
    for (uint32_t k = 0; k < group->step_count; k++)
        group->steps[k].inside = !group->steps[k].written;
    return true;
}

static bool compile_spans(gt_lowering *lowering, gt_group *group, bool *compiled)
{
    *compiled = true;
    for (uint32_t n = 0; n < group->span_count && *compiled; n++)
        if (group->spans[n].rows > 0 && !gt_span_compile(lowering, group, &group->spans[n], compiled))
            return false;
    for (uint32_t n = 0; n < group->span_count && *compiled; n++) {
        if (group->spans[n].rows == 0)
            continue;
        group->spans[n].next = lowering->code->spans;
        lowering->code->spans = &group->spans[n];
    }
    return true;
}

/* Does nothing of the body read it but the group itself, and is no state's next value there? */
static bool only_leaves(const gt_level *level, uint32_t index)
{
    if (level->stack_of[index] == 0 || level->uses->leaves[index] != 1)
        return false;
    for (uint32_t k = level->uses->first[index]; k < level->uses->first[index + 1]; k++)
        if (level->order->item_of[level->uses->readers[k]] != level->order->item_of[index])
            return false;
    return true;
}

enum { LINE = 64 };

/* Of such a slot, every thread's part begins at a line. */
static bool parts_are_lines(const gt_level *level, size_t bytes)
{
    const gt_division *division = level->division;
    return division == NULL || bytes / (size_t)division->batch * (size_t)division->unit % LINE == 0;
}

/* Of a whole number of lines, in a stack that no cache holds until it is read. */
static bool goes_far(const gt_level *level, const gt_operand *slot)
{
    static const size_t FAR_BYTES = (size_t)16 << 20;
    const gt_address *address = &slot->address;
    size_t bytes = gt_operand_bytes(slot), column = (size_t)slot->shape.size[0] * gt_dtype_size(slot->dtype);
    return address->base == GT_BASE_ARENA && address->step[0] == bytes && column % LINE == 0 &&
           address->offset % LINE == 0 && parts_are_lines(level, bytes) &&
           bytes * (size_t)level->scan->steps >= FAR_BYTES;
}

/* What is written for all steps and read much later would be fetched first, and drive other things from the caches. */
static void find_pasts(const gt_level *level, gt_group *group)
{
    if (level->depth != 1 || level->shared)
        return;
    for (uint32_t k = 0; k < group->step_count; k++) {
        gt_group_step *step = &group->steps[k];
        step->past = step->written && step->kind == GT_STEP_ENTRIES && only_leaves(level, step->output.var.index) &&
                     goes_far(level, &step->output);
    }
}

/*
 * How many steps of the loop early a group fetches its arrays: as long as it takes memory to answer. 0: not at all,
 * where a step is so long that the processor sees by itself how the group goes through each array.
 */
static int64_t steps_ahead(const gt_group *group)
{
    enum { FEW_BYTES = 512, MANY_BYTES = 8192 };
    size_t bytes = (size_t)(group->rows * group->columns) * gt_dtype_size(group->dtype);
    return bytes <= FEW_BYTES ? 4 : bytes <= MANY_BYTES ? 2 : 0;
}

/* Bytes from an array to itself so many steps later; 0 where they are more than an instruction can say. */
static int64_t ahead_of(const gt_level *level, const gt_address *address, int64_t steps)
{
    const int64_t most = (int64_t)1 << 28;
    int64_t bytes = gt_code_advance(level, address);
    return bytes < -most || bytes > most ? 0 : steps * bytes;
}

/*
 * The arrays of a loop of short steps are too many for the processor to notice how it goes through each; and backward
 * in time it goes on behind a step, where it has just been. What is written past the caches is not wanted in them.
 */
static void find_aheads(const gt_level *level, gt_group *group)
{
    if (level->scan == NULL)
        return;
    int64_t steps = steps_ahead(group);
    for (uint32_t s = 0; s < group->source_count; s++)
        group->sources[s].ahead = ahead_of(level, &group->sources[s].operand.address, steps);
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].written && !group->steps[k].past)
            group->steps[k].ahead = ahead_of(level, &group->steps[k].output.address, steps);
}

bool gt_code_compile(gt_lowering *lowering, const gt_level *level, gt_group *group)
{
    gt_group_step *steps = group->steps;
    if (!lowering->compiles || !gt_lower_chooses(lowering, GT_CHOICE_COMPILE_RUNS) || !gt_type_is_real(group->dtype) ||
        group->step_count > MOST_STEPS || (!group->strips && !can_be_loop(group)))
        return true;
    gt_span_fold(level, group);
    if (!group->strips) {
        find_pasts(level, group);
        find_aheads(level, group);
    }
    if (group->strips)
        gt_span_join_parts(group);
    bool made = group->strips ? gt_span_leave_out_slices(lowering, group) && gt_span_order(lowering, group)
                              : make_one_span(lowering, group);
    bool compiled = false;
    if (!made || !compile_spans(lowering, group, &compiled))
        return false;
    lowering->code->folds |= compiled && gt_span_folds(group);
    if (compiled)
        return true;
    /* More than a loop has: the group is run step by step, as it was. */
    group->steps = steps;
    group->step_count = group->op_count;
    memcpy(group->steps, group->ops, group->op_count * sizeof *group->steps);
    gt_span_unfold(group);
    group->spans = NULL;
    group->span_count = 0;
    return true;
}

/* A pointer to a function is not one to an object: its bytes are the same here. */
static void find_function(const gt_code *code, size_t begin, void *function)
{
    const char *at = (const char *)code->machine_code.code + begin;
    memcpy(function, &at, sizeof at);
}

gt_status gt_code_finish_spans(gt_lowering *lowering, gt_error *error)
{
    gt_code *code = lowering->code;
    if (code->spans == NULL && code->products == NULL)
        return GT_OK;
    gt_status status = gt_executable_make(&code->machine_code, lowering->encoder.bytes, lowering->encoder.count);
    if (status != GT_OK)
        return gt_error_set(error, status,
                            "the system does not give memory for compiled loops: leave out the passes compile-runs and "
                            "compile-products");
    for (gt_span *span = code->spans; span != NULL; span = span->next)
        find_function(code, span->begin, &span->run);
    for (gt_product_code *product = code->products; product != NULL; product = product->next)
        find_function(code, product->begin, &product->run);
    for (gt_steps_code *steps = code->steps; steps != NULL; steps = steps->next)
        find_function(code, steps->begin, &steps->run);
    return GT_OK;
}
