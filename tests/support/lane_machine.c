#include "support/lane_machine.h"

#include <math.h>
#include <string.h>

static double real(gt_dtype dtype, uint64_t bits)
{
    float single;
    double value;
    uint32_t low = (uint32_t)bits;
    memcpy(&single, &low, sizeof single);
    memcpy(&value, &bits, sizeof value);
    return dtype == GT_F32 ? (double)single : value;
}

static uint64_t fused(gt_dtype dtype, double a, double b, double c)
{
    return gt_bits_of_number(dtype, dtype == GT_F32 ? (double)fmaf((float)a, (float)b, (float)c) : fma(a, b, c));
}

/* In the precision of the type: double holds what two floats give exactly or rounds like float does. */
static double arithmetic(gt_dtype dtype, gt_lane_kind kind, double a, double b)
{
    float x = (float)a, y = (float)b;
    bool single = dtype == GT_F32;
    switch (kind) {
    case GT_LANE_ADD:
        return single ? (double)(x + y) : a + b;
    case GT_LANE_SUB:
        return single ? (double)(x - y) : a - b;
    case GT_LANE_MUL:
        return single ? (double)(x * y) : a * b;
    case GT_LANE_DIV:
        return single ? (double)(x / y) : a / b;
    case GT_LANE_LESSER:
        return a < b ? a : b;
    case GT_LANE_GREATER:
        return a > b ? a : b;
    default:
        return single ? (double)sqrtf(x) : sqrt(a);
    }
}

static uint64_t of_bits(const gt_lane_instruction *i, uint64_t a, uint64_t b)
{
    switch (i->kind) {
    case GT_LANE_AND:
        return a & b;
    case GT_LANE_OR:
        return a | b;
    case GT_LANE_XOR:
        return a ^ b;
    case GT_LANE_ADD_BITS:
        return a + b;
    case GT_LANE_SHIFT_LEFT:
        return a << i->bits;
    default:
        return a >> i->bits;
    }
}

static bool holds(gt_lane_predicate predicate, double a, double b)
{
    switch (predicate) {
    case GT_LANE_EQUAL:
        return a == b;
    case GT_LANE_NOT_EQUAL:
        return a != b;
    case GT_LANE_LESS:
        return a < b;
    case GT_LANE_LESS_EQUAL:
        return a <= b;
    case GT_LANE_GREATER_THAN:
        return a > b;
    default:
        return a >= b;
    }
}

static uint64_t compute(gt_dtype dtype, const gt_lane_instruction *i, const uint64_t *values)
{
    uint64_t a = values[i->operands[0]], b = values[i->operands[1]], c = values[i->operands[2]];
    double x = real(dtype, a), y = real(dtype, b);
    if (i->kind == GT_LANE_CONSTANT)
        return i->bits;
    if (i->kind == GT_LANE_FUSED)
        return fused(dtype, x, y, real(dtype, c));
    if (i->kind == GT_LANE_SELECT)
        return holds(i->predicate, x, y) ? c : values[i->operands[3]];
    if (i->kind >= GT_LANE_AND && i->kind <= GT_LANE_SHIFT_RIGHT)
        return dtype == GT_F32 ? (uint32_t)of_bits(i, a, b) : of_bits(i, a, b);
    return gt_bits_of_number(dtype, arithmetic(dtype, i->kind, x, y));
}

void lane_machine_run(const gt_lanes *lanes, char *const *arrays, int64_t i, uint64_t *values)
{
    size_t size = gt_dtype_size(lanes->dtype);
    values[0] = 0;
    for (gt_lane n = 1; n < lanes->count; n++) {
        const gt_lane_instruction *instruction = &lanes->list[n];
        char *at = arrays[instruction->slot] + (size_t)i * size;
        values[n] = 0;
        if (instruction->kind == GT_LANE_INPUT)
            memcpy(&values[n], at, size);
        else if (instruction->kind == GT_LANE_OUTPUT)
            memcpy(at, &values[instruction->operands[0]], size);
        else
            values[n] = compute(lanes->dtype, instruction, values);
    }
}
