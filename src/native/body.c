#include "native/body.h"

static bool is_in_register(const gt_registers *r, gt_lane value)
{
    return r->in_register[value] >= 0;
}

/* Should a value be the operand that may lie in memory? */
static bool is_from_memory(const gt_registers *r, gt_lane value)
{
    gt_lane_kind kind = r->loop->lanes->list[value].kind;
    return !is_in_register(r, value) && (kind == GT_LANE_CONSTANT || kind == GT_LANE_INPUT);
}

static bool commutes(gt_lane_kind kind)
{
    return kind == GT_LANE_ADD || kind == GT_LANE_MUL || kind == GT_LANE_AND || kind == GT_LANE_OR ||
           kind == GT_LANE_XOR || kind == GT_LANE_ADD_BITS;
}

static gt_vector_op vector_op(gt_lane_kind kind)
{
    switch (kind) {
    case GT_LANE_SUB:
        return GT_VECTOR_SUB;
    case GT_LANE_MUL:
        return GT_VECTOR_MUL;
    case GT_LANE_DIV:
        return GT_VECTOR_DIV;
    case GT_LANE_LESSER:
        return GT_VECTOR_MIN;
    case GT_LANE_GREATER:
        return GT_VECTOR_MAX;
    case GT_LANE_AND:
        return GT_VECTOR_AND;
    case GT_LANE_OR:
        return GT_VECTOR_OR;
    case GT_LANE_XOR:
        return GT_VECTOR_XOR;
    case GT_LANE_ADD_BITS:
        return GT_VECTOR_ADD_BITS;
    default:
        return GT_VECTOR_ADD;
    }
}

static void write_binary(gt_registers *r, gt_lane value, const gt_lane_instruction *i)
{
    gt_lane a = i->operands[0], b = i->operands[1];
    if (commutes(i->kind) && is_from_memory(r, a) && !is_from_memory(r, b)) {
        a = i->operands[1];
        b = i->operands[0];
    }
    int first = gt_registers_bring(r, a);
    gt_location second = gt_registers_place(r, b);
    gt_encode_binary(r->e, vector_op(i->kind), gt_registers_take(r, value), first, second);
}

/* The result is written over an operand: over one that nobody needs any more, or over a copy of one. */
static void write_fused(gt_registers *r, gt_lane value, const gt_lane_instruction *i)
{
    gt_lane a = i->operands[0], b = i->operands[1], c = i->operands[2];
    if (is_in_register(r, c) && gt_registers_is_dying(r, c) && c != a && c != b) {
        if (is_from_memory(r, a) && !is_from_memory(r, b)) {
            a = i->operands[1];
            b = i->operands[0];
        }
        int second = gt_registers_bring(r, a);
        gt_location from = gt_registers_place(r, b);
        int to = r->in_register[c];
        gt_encode_fused(r->e, GT_FUSED_231, to, second, from);
        gt_registers_rename(r, to, value);
        return;
    }
    if (is_in_register(r, b) && gt_registers_is_dying(r, b) && b != c && b != a) {
        a = i->operands[1];
        b = i->operands[0];
    }
    int first = gt_registers_bring(r, a), second = gt_registers_bring(r, b);
    gt_location third = gt_registers_place(r, c);
    bool over = gt_registers_is_dying(r, a) && a != b && a != c;
    int to = over ? first : gt_registers_free_one(r);
    if (!over)
        gt_encode_move(r->e, to, gt_location_register(first));
    gt_encode_fused(r->e, GT_FUSED_213, to, second, third);
    gt_registers_rename(r, to, value);
}

/* As of vcmpps: quiet, and true of NaN only where it says not equal. */
static uint8_t comparison_of(gt_lane_predicate predicate)
{
    static const uint8_t immediates[] = {
        [GT_LANE_EQUAL] = 0x00,      [GT_LANE_NOT_EQUAL] = 0x04,    [GT_LANE_LESS] = 0x11,
        [GT_LANE_LESS_EQUAL] = 0x12, [GT_LANE_GREATER_THAN] = 0x1e, [GT_LANE_GREATER_EQUAL] = 0x1d,
    };
    return immediates[predicate];
}

static void write_select(gt_registers *r, gt_lane value, const gt_lane_instruction *i)
{
    int first = gt_registers_bring(r, i->operands[0]);
    int yes = gt_registers_bring(r, i->operands[2]), no = gt_registers_bring(r, i->operands[3]);
    gt_location second = gt_registers_place(r, i->operands[1]);
    int to = gt_registers_take(r, value);
    gt_encode_select(r->e, comparison_of(i->predicate), to, first, second, yes, no, r->scratch);
}

static void fetch(gt_registers *r, gt_location here, int32_t ahead)
{
    if (ahead == 0)
        return;
    here.offset += ahead;
    gt_encode_prefetch(r->e, here);
}

static void write_output(gt_registers *r, const gt_lane_instruction *i)
{
    int from = gt_registers_bring(r, i->operands[0]);
    gt_location to = gt_registers_entries(r, i->slot);
    if (r->masked && r->rest > 0)
        gt_encode_store_some(r->e, to, from, r->rest, r->mask, r->scratch);
    else if (r->masked)
        gt_encode_store_masked(r->e, to, from, r->mask);
    else if (r->loop->slots[i->slot].past)
        gt_encode_store_past(r->e, to, from);
    else
        gt_encode_store(r->e, to, from);
    fetch(r, to, r->loop->slots[i->slot].ahead);
}

static void write_sum(gt_registers *r, gt_lane value, const gt_lane_instruction *i)
{
    int sum = r->in_register[value], a = gt_registers_bring(r, i->operands[0]);
    if (i->operands[1] == 0 && r->masked) {
        gt_encode_add_masked(r->e, sum, a, r->mask, r->scratch);
    } else if (i->operands[1] == 0) {
        gt_encode_binary(r->e, GT_VECTOR_ADD, sum, sum, gt_location_register(a));
    } else if (!r->masked) {
        gt_encode_fused(r->e, GT_FUSED_231, sum, a, gt_registers_place(r, i->operands[1]));
    } else {
        int product = gt_registers_free_one(r);
        gt_encode_binary(r->e, GT_VECTOR_MUL, product, a, gt_registers_place(r, i->operands[1]));
        gt_encode_add_masked(r->e, sum, product, r->mask, r->scratch);
    }
}

static void write_instruction(gt_registers *r, gt_lane value, const gt_lane_instruction *i)
{
    switch (i->kind) {
    case GT_LANE_INPUT:
        if (r->loop->slots[i->slot].ahead != 0)
            fetch(r, gt_registers_entries(r, i->slot), r->loop->slots[i->slot].ahead);
        return;
    case GT_LANE_CONSTANT:
        return;
    case GT_LANE_SUM:
        write_sum(r, value, i);
        return;
    case GT_LANE_OUTPUT:
        write_output(r, i);
        return;
    case GT_LANE_FUSED:
        write_fused(r, value, i);
        return;
    case GT_LANE_SELECT:
        write_select(r, value, i);
        return;
    case GT_LANE_SQRT: {
        gt_location from = gt_registers_place(r, i->operands[0]);
        gt_encode_sqrt(r->e, gt_registers_take(r, value), from);
        return;
    }
    case GT_LANE_SHIFT_LEFT:
    case GT_LANE_SHIFT_RIGHT: {
        int from = gt_registers_bring(r, i->operands[0]);
        gt_encode_shift(r->e, i->kind == GT_LANE_SHIFT_LEFT, gt_registers_take(r, value), from, (uint32_t)i->bits);
        return;
    }
    default:
        write_binary(r, value, i);
        return;
    }
}

static bool has_effect(gt_lane_kind kind)
{
    return kind == GT_LANE_OUTPUT || kind == GT_LANE_SUM;
}

void gt_write_body(gt_registers *r, bool masked)
{
    const gt_lanes *lanes = r->loop->lanes;
    gt_registers_begin(r, masked);
    for (gt_lane value = 1; value < lanes->count && !r->failed; value++) {
        const gt_lane_instruction *i = &lanes->list[value];
        r->position = value;
        if (r->last[value] == 0 && !has_effect(i->kind))
            continue;
        /* What is in a register already stays there for this instruction. */
        for (int k = 0; k < 4; k++)
            if (i->operands[k] != 0 && is_in_register(r, i->operands[k]))
                r->busy[r->in_register[i->operands[k]]] = value;
        write_instruction(r, value, i);
        gt_registers_release(r);
    }
}
