#include "native/registers.h"

static const gt_lane_instruction *made_by(const gt_registers *r, gt_lane value)
{
    return &r->loop->lanes->list[value];
}

/* Can be made again at any time without the stack. */
static bool comes_back(const gt_registers *r, gt_lane value)
{
    gt_lane_kind kind = made_by(r, value)->kind;
    return kind == GT_LANE_INPUT || kind == GT_LANE_CONSTANT;
}

bool gt_registers_is_dying(const gt_registers *r, gt_lane value)
{
    return r->last[value] <= r->position && !(r->in_register[value] >= 0 && r->fixed[r->in_register[value]]);
}

static uint32_t next_use(const gt_registers *r, gt_lane value)
{
    const gt_lanes *lanes = r->loop->lanes;
    for (uint32_t n = r->position + 1; n <= r->last[value]; n++)
        for (int k = 0; k < 4; k++)
            if (lanes->list[n].operands[k] == value)
                return n;
    return UINT32_MAX;
}

static void drive_out(gt_registers *r, int number)
{
    gt_lane value = r->holds[number];
    r->holds[number] = 0;
    r->in_register[value] = -1;
    if (comes_back(r, value) || r->on_stack[value] >= 0 || r->last[value] < r->position)
        return;
    if (r->spilled == GT_MOST_SPILLED) {
        r->failed = true;
        return;
    }
    r->on_stack[value] = (int8_t)r->spilled++;
    gt_encode_store(r->e, gt_location_memory(GT_RSP, GT_NO_GENERAL, r->on_stack[value] * 64), number);
}

int gt_registers_free_one(gt_registers *r)
{
    int best = -1;
    uint32_t farthest = 0;
    for (int n = 0; n < r->count; n++) {
        if (r->fixed[n] || r->busy[n] == r->position)
            continue;
        uint32_t use = r->holds[n] == 0 ? UINT32_MAX : next_use(r, r->holds[n]);
        if (best < 0 || use > farthest || (use == farthest && r->holds[n] == 0 && r->holds[best] != 0)) {
            best = n;
            farthest = use;
        }
    }
    if (best < 0) {
        r->failed = true;
        return 0;
    }
    if (r->holds[best] != 0)
        drive_out(r, best);
    r->busy[best] = r->position;
    return best;
}

void gt_registers_rename(gt_registers *r, int number, gt_lane value)
{
    if (r->holds[number] != 0)
        r->in_register[r->holds[number]] = -1;
    r->holds[number] = value;
    r->in_register[value] = (int8_t)number;
    r->busy[number] = r->position;
}

int gt_registers_take(gt_registers *r, gt_lane value)
{
    const gt_lane_instruction *instruction = made_by(r, value);
    for (int k = 0; k < 4; k++) {
        gt_lane operand = instruction->operands[k];
        if (operand == 0 || r->in_register[operand] < 0 || !gt_registers_is_dying(r, operand))
            continue;
        int number = r->in_register[operand];
        gt_registers_rename(r, number, value);
        return number;
    }
    int number = gt_registers_free_one(r);
    gt_registers_rename(r, number, value);
    return number;
}

gt_location gt_registers_entries(gt_registers *r, uint32_t slot)
{
    enum { IN_REGISTERS = sizeof r->pointers / sizeof *r->pointers };
    if (slot < IN_REGISTERS)
        return gt_location_memory(r->pointers[slot], GT_RCX, 0);
    gt_encode_load(r->e, GT_R11, gt_location_memory(GT_RDI, GT_NO_GENERAL, (int32_t)slot * 8));
    return gt_location_memory(GT_R11, GT_RCX, 0);
}

/* One number: of a column, or of all. */
static gt_location number_place(gt_registers *r, uint32_t slot)
{
    gt_location place = gt_registers_entries(r, slot);
    place.index = GT_NO_GENERAL;
    return place;
}

int gt_registers_bring(gt_registers *r, gt_lane value)
{
    int number = r->in_register[value];
    if (number >= 0) {
        r->busy[number] = r->position;
        return number;
    }
    const gt_lane_instruction *instruction = made_by(r, value);
    number = gt_registers_free_one(r);
    if (instruction->kind == GT_LANE_CONSTANT)
        gt_encode_move(r->e, number, gt_encode_constant(r->e, instruction->bits));
    else if (instruction->kind != GT_LANE_INPUT)
        gt_encode_move(r->e, number, gt_location_memory(GT_RSP, GT_NO_GENERAL, r->on_stack[value] * 64));
    else if (r->loop->slots[instruction->slot].walk != GT_SLOT_ENTRIES)
        gt_encode_spread(r->e, number, number_place(r, instruction->slot));
    else if (r->masked)
        gt_encode_move_masked(r->e, number, gt_registers_entries(r, instruction->slot), r->mask);
    else
        gt_encode_move(r->e, number, gt_registers_entries(r, instruction->slot));
    gt_registers_rename(r, number, value);
    return number;
}

gt_location gt_registers_place(gt_registers *r, gt_lane value)
{
    const gt_lane_instruction *instruction = made_by(r, value);
    if (r->in_register[value] < 0 && instruction->kind == GT_LANE_CONSTANT)
        return gt_encode_constant(r->e, instruction->bits);
    bool once = r->last[value] == r->position;
    if (r->in_register[value] < 0 && instruction->kind == GT_LANE_INPUT && once && !r->masked &&
        r->loop->slots[instruction->slot].walk == GT_SLOT_ENTRIES)
        return gt_registers_entries(r, instruction->slot);
    return gt_location_register(gt_registers_bring(r, value));
}

void gt_registers_release(gt_registers *r)
{
    for (int n = 0; n < r->count; n++)
        if (!r->fixed[n] && r->holds[n] != 0 && r->last[r->holds[n]] <= r->position) {
            r->in_register[r->holds[n]] = -1;
            r->holds[n] = 0;
        }
}

void gt_registers_begin(gt_registers *r, bool masked)
{
    r->masked = masked;
    r->position = 0;
    for (int n = 0; n < r->count; n++) {
        r->busy[n] = 0;
        if (r->fixed[n] || r->holds[n] == 0)
            continue;
        r->in_register[r->holds[n]] = -1;
        r->holds[n] = 0;
    }
    for (uint32_t v = 0; v < r->loop->lanes->count; v++)
        r->on_stack[v] = -1;
    r->spilled = 0;
}
