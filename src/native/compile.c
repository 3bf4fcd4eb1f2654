#include "native/compile.h"

#include "base/memory.h"
#include "native/body.h"
#include "native/executable.h"
#include "native/registers.h"
#include "native/schedule.h"
#include "ops/levels.h"

bool gt_compile_possible(bool *avx512)
{
    unsigned level = gt_processor_level();
    *avx512 = level == 2;
    return level > 0 && gt_executable_possible();
}

static int64_t lanes_of_vector(const gt_registers *r)
{
    return gt_vector_bytes(r->e->avx512) / (int64_t)gt_dtype_size(r->e->dtype);
}

/* ---- what stays in registers ----------------------------------------------------------------- */

static void note_uses(gt_registers *r, uint32_t *uses)
{
    const gt_lanes *lanes = r->loop->lanes;
    for (uint32_t n = 1; n < lanes->count; n++)
        for (int k = 0; k < 4; k++) {
            r->last[lanes->list[n].operands[k]] = n;
            uses[lanes->list[n].operands[k]]++;
        }
    r->last[0] = 0;
}

static bool is_invariant(const gt_registers *r, gt_lane value)
{
    const gt_lane_instruction *i = &r->loop->lanes->list[value];
    return i->kind == GT_LANE_CONSTANT || (i->kind == GT_LANE_INPUT && r->loop->slots[i->slot].walk != GT_SLOT_ENTRIES);
}

static void fix(gt_registers *r, gt_lane value)
{
    int number = --r->count;
    r->fixed[number] = true;
    r->holds[number] = value;
    r->in_register[value] = (int8_t)number;
}

/* The values that do not change within a column, those that are read most often first, as far as registers go. */
static void fix_invariants(gt_registers *r, uint32_t *uses)
{
    int most = r->e->avx512 ? 14 : 4;
    for (int taken = 0; taken < most; taken++) {
        gt_lane best = 0;
        for (gt_lane v = 1; v < r->loop->lanes->count; v++)
            if (r->in_register[v] < 0 && is_invariant(r, v) && uses[v] > 0 && (best == 0 || uses[v] > uses[best]))
                best = v;
        if (best == 0)
            return;
        fix(r, best);
    }
}

/* Sums have a register each; a loop without one for each is not compiled. */
static void fix_sums(gt_registers *r)
{
    int sums = 0;
    for (gt_lane v = 1; v < r->loop->lanes->count; v++)
        if (r->loop->lanes->list[v].kind == GT_LANE_SUM && sums++ < GT_MOST_LOOP_SUMS)
            fix(r, v);
    r->failed |= sums > GT_MOST_LOOP_SUMS;
}

static void fix_masks(gt_registers *r)
{
    r->count = r->e->avx512 ? 32 : 16;
    r->scratch = --r->count;
    r->mask = r->e->avx512 ? 0 : --r->count;
}

/* Brings what is fixed: the constants and numbers once, or what belongs to a column. */
static void bring_fixed(gt_registers *r, bool of_column)
{
    const gt_lanes *lanes = r->loop->lanes;
    for (int n = r->count; n < GT_VECTOR_REGISTERS; n++) {
        if (!r->fixed[n])
            continue;
        const gt_lane_instruction *i = &lanes->list[r->holds[n]];
        bool sum = i->kind == GT_LANE_SUM, constant = i->kind == GT_LANE_CONSTANT;
        bool each = sum || (!constant && r->loop->slots[i->slot].walk == GT_SLOT_ROW);
        if (each != of_column)
            continue;
        gt_location place = constant ? gt_encode_constant(r->e, i->bits) : gt_registers_entries(r, i->slot);
        place.index = GT_NO_GENERAL;
        if (sum)
            gt_encode_zero(r->e, n);
        else if (constant)
            gt_encode_move(r->e, n, place);
        else
            gt_encode_spread(r->e, n, place);
    }
}

/* ---- the function ---------------------------------------------------------------------------- */

static const gt_general slot_registers[] = {GT_R8, GT_R9, GT_R10, GT_RBX, GT_R12, GT_R13, GT_R14, GT_R15};
enum { SLOT_REGISTERS = sizeof slot_registers / sizeof *slot_registers, FIRST_SAVED = 3 };

static uint32_t pointers_in_registers(const gt_registers *r)
{
    return r->loop->slot_count < SLOT_REGISTERS ? r->loop->slot_count : SLOT_REGISTERS;
}

/* Room on the stack is a whole number of lines, so that no value lies in two. */
static void enter(gt_registers *r)
{
    gt_encode_push(r->e, GT_RBP);
    gt_encode_copy(r->e, GT_RBP, GT_RSP);
    for (uint32_t s = FIRST_SAVED; s < pointers_in_registers(r); s++)
        gt_encode_push(r->e, slot_registers[s]);
    gt_encode_add_number(r->e, GT_RSP, -(GT_MOST_SPILLED + 1) * 64);
    gt_encode_and_number(r->e, GT_RSP, -64);
    for (uint32_t s = 0; s < pointers_in_registers(r); s++)
        gt_encode_load(r->e, slot_registers[s], gt_location_memory(GT_RDI, GT_NO_GENERAL, (int32_t)s * 8));
}

static void leave(gt_registers *r)
{
    uint32_t saved = pointers_in_registers(r) > FIRST_SAVED ? pointers_in_registers(r) - FIRST_SAVED : 0;
    gt_encode_copy(r->e, GT_RSP, GT_RBP);
    gt_encode_add_number(r->e, GT_RSP, -(int32_t)saved * 8);
    for (uint32_t s = pointers_in_registers(r); s-- > FIRST_SAVED;)
        gt_encode_pop(r->e, slot_registers[s]);
    gt_encode_pop(r->e, GT_RBP);
    gt_encode_clear_upper(r->e);
    gt_encode_return(r->e);
}

/* Whole vectors up to GT_RCX = the end, a register or a number of bytes. */
static void write_vectors(gt_registers *r, gt_general end, int64_t bytes)
{
    gt_encode_number(r->e, GT_RCX, 0);
    size_t again = r->e->count;
    gt_write_body(r, false);
    gt_encode_add_number(r->e, GT_RCX, (int32_t)gt_vector_bytes(r->e->avx512));
    if (end == GT_NO_GENERAL)
        gt_encode_compare_number(r->e, GT_RCX, (int32_t)bytes);
    else
        gt_encode_compare(r->e, GT_RCX, end);
    gt_encode_jump_back(r->e, GT_IF_LESS, again);
}

/* GT_RSI: bytes of whole vectors; GT_RDX: entries behind them. */
static void write_flat(gt_registers *r)
{
    bring_fixed(r, false);
    gt_encode_number(r->e, GT_RCX, 0);
    gt_encode_compare_number(r->e, GT_RSI, 0);
    size_t none = gt_encode_jump_ahead(r->e, GT_IF_EQUAL);
    write_vectors(r, GT_RSI, 0);
    gt_encode_land(r->e, none);
    gt_encode_compare_number(r->e, GT_RDX, 0);
    size_t whole = gt_encode_jump_ahead(r->e, GT_IF_EQUAL);
    gt_encode_set_mask_by(r->e, r->mask, GT_RDX);
    gt_write_body(r, true);
    gt_encode_land(r->e, whole);
}

static void finish_sums(gt_registers *r)
{
    for (int n = r->count; n < GT_VECTOR_REGISTERS; n++) {
        if (!r->fixed[n] || r->loop->lanes->list[r->holds[n]].kind != GT_LANE_SUM)
            continue;
        uint32_t slot = r->loop->lanes->list[r->holds[n]].slot;
        double factor = r->loop->slots[slot].factor;
        gt_encode_add_lanes(r->e, n, r->scratch);
        if (factor != 1)
            gt_encode_scale_lowest(r->e, n, gt_encode_constant(r->e, gt_bits_of_number(r->e->dtype, factor)));
        gt_location to = gt_registers_entries(r, slot);
        to.index = GT_NO_GENERAL;
        gt_encode_store_lowest(r->e, to, n);
    }
}

static void next_column(gt_registers *r)
{
    for (uint32_t s = 0; s < r->loop->slot_count; s++) {
        int32_t distance = r->loop->slots[s].distance;
        if (distance == 0)
            continue;
        if (s < SLOT_REGISTERS) {
            gt_encode_add_number(r->e, slot_registers[s], distance);
            continue;
        }
        gt_location place = gt_location_memory(GT_RDI, GT_NO_GENERAL, (int32_t)s * 8);
        gt_encode_load(r->e, GT_R11, place);
        gt_encode_add_number(r->e, GT_R11, distance);
        gt_encode_save(r->e, place, GT_R11);
    }
    gt_encode_add_number(r->e, GT_RSI, -1);
    gt_encode_compare_number(r->e, GT_RSI, 0);
}

/* GT_RSI: columns. */
static void write_columns(gt_registers *r)
{
    int64_t lanes = lanes_of_vector(r), size = (int64_t)gt_dtype_size(r->e->dtype);
    int64_t rest = r->loop->rows % lanes, whole = (r->loop->rows - rest) * size;
    bring_fixed(r, false);
    r->rest = (uint32_t)rest;
    if (rest > 0)
        gt_encode_set_mask(r->e, r->mask, r->rest);
    size_t again = r->e->count;
    bring_fixed(r, true);
    if (whole > 0)
        write_vectors(r, GT_NO_GENERAL, whole);
    else
        gt_encode_number(r->e, GT_RCX, 0);
    if (rest > 0)
        gt_write_body(r, true);
    finish_sums(r);
    next_column(r);
    gt_encode_jump_back(r->e, GT_IF_NOT_EQUAL, again);
}

static bool make_registers(gt_registers *r, uint32_t **uses)
{
    uint32_t count = r->loop->lanes->count;
    r->last = gt_memory_new(count, sizeof *r->last);
    r->in_register = gt_memory_new(count, sizeof *r->in_register);
    r->on_stack = gt_memory_new(count, sizeof *r->on_stack);
    *uses = gt_memory_new(count, sizeof **uses);
    if (r->last == NULL || r->in_register == NULL || r->on_stack == NULL || *uses == NULL)
        return false;
    for (uint32_t v = 0; v < count; v++)
        r->in_register[v] = r->on_stack[v] = -1;
    for (int s = 0; s < SLOT_REGISTERS; s++)
        r->pointers[s] = slot_registers[s];
    note_uses(r, *uses);
    fix_masks(r);
    fix_sums(r);
    if (!r->failed)
        fix_invariants(r, *uses);
    return true;
}

static size_t compile(gt_encoder *e, const gt_compiled_loop *loop)
{
    gt_registers r = {.e = e, .loop = loop};
    uint32_t *uses = NULL;
    size_t begin = (size_t)-1;
    if (!make_registers(&r, &uses))
        e->failed = true;
    else if (!r.failed) {
        begin = gt_encode_begin(e, loop->lanes->dtype);
        enter(&r);
        if (loop->flat)
            write_flat(&r);
        else
            write_columns(&r);
        leave(&r);
        gt_encode_end(e);
    }
    gt_memory_free(r.last);
    gt_memory_free(r.in_register);
    gt_memory_free(r.on_stack);
    gt_memory_free(uses);
    return r.failed || e->failed ? (size_t)-1 : begin;
}

size_t gt_compile_loop(gt_encoder *e, const gt_compiled_loop *loop)
{
    if (loop->lanes->failed || loop->lanes->count > GT_MOST_LOOP_INSTRUCTIONS || loop->rows > INT32_MAX / 8)
        return (size_t)-1;
    gt_lanes scheduled;
    gt_compiled_loop ordered = *loop;
    ordered.lanes = &scheduled;
    size_t begin = (size_t)-1;
    if (gt_schedule_loop(loop, e->avx512 ? 16 : 8, &scheduled))
        begin = compile(e, &ordered);
    else
        e->failed = true;
    gt_lanes_free(&scheduled);
    return begin;
}
