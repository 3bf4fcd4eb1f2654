/* The instructions of a span, and its loop. */
#include "plan/code/spans.h"

#include "ops/descriptors.h"

typedef struct compiling {
    gt_lowering *lowering;
    gt_group *group;
    gt_span *span;
    gt_lanes lanes;
    gt_loop_slot *slots;
    gt_loop_array *arrays;
    gt_lane *entry; /* of each slot: its entry, once it was read */
    gt_lane *value; /* of each step of the span */
    uint32_t slot_count;
    bool too_many;
    const gt_level *level;
} compiling;

static uint32_t slot_of(compiling *c, gt_loop_array array, gt_loop_slot slot)
{
    for (uint32_t n = 0; n < c->slot_count; n++)
        if (c->arrays[n].reg == array.reg && c->arrays[n].offset == array.offset && c->slots[n].walk == slot.walk)
            return n;
    if (c->slot_count == GT_MOST_LOOP_ARRAYS) {
        c->too_many = true;
        return 0;
    }
    c->arrays[c->slot_count] = array;
    c->slots[c->slot_count] = slot;
    return c->slot_count++;
}

static gt_slot_walk walk_of(const compiling *c, const gt_group_step *step, uint32_t n)
{
    uint32_t reg = step->inputs[n];
    gt_walk walk = reg < c->group->source_count ? c->group->sources[reg].walk : GT_WALK_FLAT;
    if (walk == GT_WALK_SCALAR)
        return GT_SLOT_SCALAR;
    if (walk == GT_WALK_ROW)
        return GT_SLOT_ROW;
    /* In strips: one number for each column, or for all. */
    if (c->group->strips && !step->views[n] && gt_span_register_rows(c->group, reg) == 1 && c->span->rows != 1)
        return walk == GT_WALK_FLAT ? GT_SLOT_ROW : GT_SLOT_SCALAR;
    return GT_SLOT_ENTRIES;
}

static gt_lane read_slot(compiling *c, const gt_group_step *step, uint32_t n)
{
    size_t size = gt_dtype_size(c->group->dtype);
    uint32_t reg = step->inputs[n];
    gt_loop_slot slot = {.walk = walk_of(c, step, n)};
    slot.distance = slot.walk == GT_SLOT_SCALAR ? 0 : (int32_t)gt_span_distance(c->group, reg);
    if (slot.walk == GT_SLOT_ROW)
        slot.distance = (int32_t)size;
    if (reg < c->group->source_count)
        slot.ahead = (int32_t)c->group->sources[reg].ahead;
    uint32_t number = slot_of(c, gt_span_array(c->group, reg, step->first_rows[n]), slot);
    if (c->entry[number] == 0)
        c->entry[number] = gt_lanes_input(&c->lanes, number);
    return c->entry[number];
}

static gt_lane read_input(compiling *c, uint32_t k, uint32_t n)
{
    const gt_group_step *step = &c->group->steps[k];
    uint32_t from = step->inputs[n] - c->group->source_count;
    bool within =
        step->inputs[n] >= c->group->source_count && from >= c->span->first && from < c->span->first + c->span->count;
    return within ? c->value[from - c->span->first] : read_slot(c, step, n);
}

static void write_result(compiling *c, uint32_t k, gt_lane value)
{
    const gt_group_step *step = &c->group->steps[k];
    uint32_t reg = c->group->source_count + k;
    gt_loop_slot slot = {
        .walk = GT_SLOT_ENTRIES, .distance = (int32_t)gt_span_distance(c->group, reg), .ahead = (int32_t)step->ahead};
    for (uint32_t n = 0; n < c->slot_count && step->written; n++) {
        uint32_t read = c->arrays[n].reg;
        if (read >= c->group->source_count ||
            !gt_same_address(&c->group->sources[read].operand.address, &step->output.address))
            continue;
        slot.is_over = true;
        slot.over = n;
    }
    slot.past = step->past && !slot.is_over;
    if (!step->inside)
        gt_lanes_output(&c->lanes, value, slot_of(c, gt_span_array(c->group, reg, 0), slot));
}

/* The sum of products multiplies and adds in one instruction. */
static void write_sum(compiling *c, uint32_t k, gt_lane value)
{
    const gt_group_step *step = &c->group->steps[k];
    int64_t rows = gt_span_rows_of(c->group, step);
    gt_loop_slot slot = {.walk = GT_SLOT_SUM, .distance = (int32_t)gt_dtype_size(c->group->dtype), .factor = 1};
    if (step->op == &gt_op_mean)
        slot.factor = 1 / (double)rows;
    uint32_t number = slot_of(c, gt_span_array(c->group, c->group->source_count + k, 0), slot);
    if (c->lanes.failed)
        return;
    const gt_lane_instruction *made = &c->lanes.list[value];
    bool product = made->kind == GT_LANE_MUL;
    gt_lanes_sum(&c->lanes, product ? made->operands[0] : value, product ? made->operands[1] : 0, number);
}

static void record_step(compiling *c, uint32_t k)
{
    const gt_group_step *step = &c->group->steps[k];
    gt_lane inputs[GT_MOST_STEP_INPUTS] = {0};
    for (uint32_t n = 0; n < step->input_count; n++)
        inputs[n] = read_input(c, k, n);
    if (step->kind == GT_STEP_SUM) {
        write_sum(c, k, inputs[0]);
        return;
    }
    gt_lane value = step->kind == GT_STEP_ENTRIES ? step->op->lanes(&c->lanes, inputs) : inputs[0];
    c->value[k - c->span->first] = value;
    write_result(c, k, value);
}

/*
 * All arrays are whole, of the span's rows, so that columns do not matter. Of a single column it is known how many
 * entries there are: that is better than any number of them.
 */
static bool is_flat(const compiling *c)
{
    if (c->group->columns == 1)
        return false;
    int64_t column = c->span->rows * (int64_t)gt_dtype_size(c->group->dtype);
    for (uint32_t n = 0; n < c->slot_count; n++)
        if (c->slots[n].walk != GT_SLOT_SCALAR &&
            (c->slots[n].walk != GT_SLOT_ENTRIES || c->slots[n].distance != column))
            return false;
    return true;
}

static bool make_lists(compiling *c)
{
    c->slots = gt_pool_new(&c->lowering->scratch, GT_MOST_LOOP_ARRAYS, sizeof *c->slots);
    c->entry = gt_pool_new(&c->lowering->scratch, GT_MOST_LOOP_ARRAYS, sizeof *c->entry);
    c->value = gt_pool_new(&c->lowering->scratch, c->span->count, sizeof *c->value);
    c->arrays = gt_pool_new(c->lowering->pool, GT_MOST_LOOP_ARRAYS, sizeof *c->arrays);
    return c->slots != NULL && c->entry != NULL && c->value != NULL && c->arrays != NULL;
}

bool gt_span_compile(gt_lowering *lowering, gt_group *group, gt_span *span, bool *compiled)
{
    compiling c = {.lowering = lowering, .group = group, .span = span};
    *compiled = false;
    if (!make_lists(&c))
        return false;
    gt_lanes_init(&c.lanes, group->dtype);
    for (uint32_t k = span->first; k < span->first + span->count; k++)
        record_step(&c, k);
    span->flat = is_flat(&c);
    span->arrays = c.arrays;
    span->array_count = c.slot_count;
    span->vector_bytes = gt_vector_bytes(lowering->encoder.avx512);
    gt_compiled_loop loop = {&c.lanes, c.slots, c.slot_count, span->flat, span->rows};
    bool failed = c.lanes.failed;
    if (!failed && !c.too_many) {
        span->begin = gt_compile_loop(&lowering->encoder, &loop);
        *compiled = span->begin != (size_t)-1;
        failed = lowering->encoder.failed;
    }
    gt_lanes_free(&c.lanes);
    return !failed;
}
