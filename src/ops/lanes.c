#include "ops/lanes.h"

#include "base/memory.h"
#include "base/types.h"

#include <string.h>

void gt_lanes_init(gt_lanes *lanes, gt_dtype dtype)
{
    *lanes = (gt_lanes){.dtype = dtype, .count = 1};
}

void gt_lanes_free(gt_lanes *lanes)
{
    gt_memory_free(lanes->list);
    *lanes = (gt_lanes){.dtype = lanes->dtype, .count = 1};
}

gt_lane gt_lanes_append(gt_lanes *lanes, gt_lane_instruction instruction)
{
    size_t capacity = lanes->capacity;
    lanes->failed = lanes->failed || !GT_RESERVE(lanes->list, capacity, (size_t)lanes->count + 1);
    lanes->capacity = (uint32_t)capacity;
    if (lanes->failed)
        return 0;
    lanes->list[lanes->count] = instruction;
    return lanes->count++;
}

gt_lane gt_lanes_input(gt_lanes *lanes, uint32_t slot)
{
    return gt_lanes_append(lanes, (gt_lane_instruction){.kind = GT_LANE_INPUT, .slot = slot});
}

void gt_lanes_output(gt_lanes *lanes, gt_lane a, uint32_t slot)
{
    gt_lanes_append(lanes, (gt_lane_instruction){.kind = GT_LANE_OUTPUT, .operands = {a}, .slot = slot});
}

void gt_lanes_sum(gt_lanes *lanes, gt_lane a, gt_lane b, uint32_t slot)
{
    gt_lanes_append(lanes, (gt_lane_instruction){.kind = GT_LANE_SUM, .operands = {a, b}, .slot = slot});
}

gt_lane gt_lanes_bits(gt_lanes *lanes, uint64_t bits)
{
    for (gt_lane n = 1; n < lanes->count && !lanes->failed; n++)
        if (lanes->list[n].kind == GT_LANE_CONSTANT && lanes->list[n].bits == bits)
            return n;
    return gt_lanes_append(lanes, (gt_lane_instruction){.kind = GT_LANE_CONSTANT, .bits = bits});
}

gt_lane gt_lanes_number(gt_lanes *lanes, double value)
{
    return gt_lanes_bits(lanes, gt_bits_of_number(lanes->dtype, value));
}

uint64_t gt_bits_of_number(gt_dtype dtype, double value)
{
    uint32_t single_bits;
    uint64_t bits;
    float single = (float)value;
    memcpy(&single_bits, &single, sizeof single);
    memcpy(&bits, &value, sizeof value);
    GT_FOR_REAL(dtype, return bits, return single_bits);
    return 0;
}

gt_lane gt_lanes_unary(gt_lanes *lanes, gt_lane_kind kind, gt_lane a)
{
    return gt_lanes_append(lanes, (gt_lane_instruction){.kind = kind, .operands = {a}});
}

gt_lane gt_lanes_binary(gt_lanes *lanes, gt_lane_kind kind, gt_lane a, gt_lane b)
{
    return gt_lanes_append(lanes, (gt_lane_instruction){.kind = kind, .operands = {a, b}});
}

gt_lane gt_lanes_shift(gt_lanes *lanes, gt_lane_kind kind, gt_lane a, uint32_t places)
{
    return gt_lanes_append(lanes, (gt_lane_instruction){.kind = kind, .operands = {a}, .bits = places});
}

gt_lane gt_lanes_fused(gt_lanes *lanes, gt_lane a, gt_lane b, gt_lane c)
{
    return gt_lanes_append(lanes, (gt_lane_instruction){.kind = GT_LANE_FUSED, .operands = {a, b, c}});
}

gt_lane gt_lanes_select(gt_lanes *lanes, gt_lane_predicate predicate, gt_lane a, gt_lane b, gt_lane c, gt_lane d)
{
    return gt_lanes_append(
        lanes, (gt_lane_instruction){.kind = GT_LANE_SELECT, .predicate = predicate, .operands = {a, b, c, d}});
}
