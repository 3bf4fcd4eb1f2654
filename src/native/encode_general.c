/* Instructions of general registers, and jumps. */
#include "native/encode_form.h"

/* REX.W, an opcode and its operands. */
static void write_wide(gt_encoding *i, unsigned opcode, int reg, const gt_location *place)
{
    /* A constant has neither, and GT_NO_GENERAL has no bit set. */
    int base = place->kind == GT_LOCATION_REGISTER ? place->number : (int)place->base, index = (int)place->index;
    gt_encoding_byte(i, 0x48 | gt_number_bit(reg, 3) << 2 | gt_number_bit(index, 3) << 1 | gt_number_bit(base, 3));
    gt_encoding_byte(i, opcode);
    gt_encoding_operands(i, reg, place, 1);
}

static void encode_wide(gt_encoder *e, unsigned opcode, int reg, gt_location place)
{
    gt_encoding i = {.count = 0};
    write_wide(&i, opcode, reg, &place);
    gt_encode_instruction(e, &i);
}

/* Pushing and popping are 64 bits wide by themselves. */
static void encode_short(gt_encoder *e, unsigned opcode, gt_general reg)
{
    gt_encoding i = {.count = 0};
    if (gt_number_bit(reg, 3) != 0)
        gt_encoding_byte(&i, 0x41);
    gt_encoding_byte(&i, opcode | ((unsigned)reg & 7));
    gt_encode_instruction(e, &i);
}

void gt_encode_push(gt_encoder *e, gt_general from)
{
    encode_short(e, 0x50, from);
}

void gt_encode_pop(gt_encoder *e, gt_general to)
{
    encode_short(e, 0x58, to);
}

void gt_encode_return(gt_encoder *e)
{
    gt_encode_bytes(e, &(uint8_t){0xc3}, 1);
}

void gt_encode_number(gt_encoder *e, gt_general to, int64_t value)
{
    gt_encoding i = {.count = 0};
    uint64_t bits = (uint64_t)value;
    if (value >= 0 && value <= UINT32_MAX) { /* the upper half becomes 0 */
        if (gt_number_bit(to, 3) != 0)
            gt_encoding_byte(&i, 0x41);
        gt_encoding_byte(&i, 0xb8 | ((unsigned)to & 7));
        gt_encoding_number(&i, (uint32_t)bits);
    } else if (value >= INT32_MIN && value < 0) { /* extended by its sign */
        gt_location place = gt_location_register(to);
        write_wide(&i, 0xc7, 0, &place);
        gt_encoding_number(&i, (uint32_t)bits);
    } else {
        gt_encoding_byte(&i, 0x48 | gt_number_bit(to, 3));
        gt_encoding_byte(&i, 0xb8 | ((unsigned)to & 7));
        gt_encoding_number(&i, (uint32_t)bits);
        gt_encoding_number(&i, (uint32_t)(bits >> 32));
    }
    gt_encode_instruction(e, &i);
}

void gt_encode_copy(gt_encoder *e, gt_general to, gt_general from)
{
    if (to != from)
        encode_wide(e, 0x89, from, gt_location_register(to));
}

void gt_encode_load(gt_encoder *e, gt_general to, gt_location from)
{
    encode_wide(e, 0x8b, to, from);
}

void gt_encode_save(gt_encoder *e, gt_location to, gt_general from)
{
    encode_wide(e, 0x89, from, to);
}

/* An instruction with a number; which one it is stands where a register would be. */
static void encode_with_number(gt_encoder *e, int which, gt_general to, int32_t value)
{
    gt_encoding i = {.count = 0};
    gt_location place = gt_location_register(to);
    bool is_short = value >= INT8_MIN && value <= INT8_MAX;
    write_wide(&i, is_short ? 0x83 : 0x81, which, &place);
    if (is_short)
        gt_encoding_byte(&i, (unsigned)value & 0xff);
    else
        gt_encoding_number(&i, (uint32_t)value);
    gt_encode_instruction(e, &i);
}

void gt_encode_add_number(gt_encoder *e, gt_general to, int32_t value)
{
    encode_with_number(e, 0, to, value);
}

void gt_encode_and_number(gt_encoder *e, gt_general to, int32_t value)
{
    encode_with_number(e, 4, to, value);
}

void gt_encode_compare_number(gt_encoder *e, gt_general a, int32_t value)
{
    encode_with_number(e, 7, a, value);
}

void gt_encode_compare(gt_encoder *e, gt_general a, gt_general b)
{
    encode_wide(e, 0x39, b, gt_location_register(a));
}

void gt_encode_set_bit(gt_encoder *e, gt_general to, gt_general bit)
{
    gt_encoding i = {.count = 0}; /* bts */
    gt_encoding_byte(&i, 0x48 | gt_number_bit(bit, 3) << 2 | gt_number_bit(to, 3));
    gt_encoding_byte(&i, 0x0f);
    gt_encoding_byte(&i, 0xab);
    gt_location place = gt_location_register(to);
    gt_encoding_operands(&i, bit, &place, 1);
    gt_encode_instruction(e, &i);
}

void gt_encode_prefetch(gt_encoder *e, gt_location from)
{
    gt_encoding i = {.count = 0}; /* prefetcht0 */
    unsigned extension = gt_number_bit(from.index, 3) << 1 | gt_number_bit(from.base, 3);
    if (extension != 0)
        gt_encoding_byte(&i, 0x40 | extension);
    gt_encoding_byte(&i, 0x0f);
    gt_encoding_byte(&i, 0x18);
    gt_encoding_operands(&i, 1, &from, 1);
    gt_encode_instruction(e, &i);
}

/* ---- jumps and calls, whose distance counts from their end --------------------------------------------- */

void gt_encode_jump_back(gt_encoder *e, gt_condition condition, size_t target)
{
    if (e->failed)
        return;
    gt_encoding i = {.count = 0};
    size_t distance = e->count - target;
    if (distance + 2 <= 128) {
        gt_encoding_byte(&i, 0x70 | (unsigned)condition);
        gt_encoding_byte(&i, (unsigned)-(distance + 2) & 0xff);
    } else {
        gt_encoding_byte(&i, 0x0f);
        gt_encoding_byte(&i, 0x80 | (unsigned)condition);
        gt_encoding_number(&i, (uint32_t) - (distance + 6));
    }
    gt_encode_instruction(e, &i);
}

void gt_encode_call(gt_encoder *e, size_t target)
{
    gt_encoding i = {.count = 0};
    gt_encoding_byte(&i, 0xe8);
    gt_encoding_number(&i, (uint32_t) - (e->count + 5 - target));
    gt_encode_instruction(e, &i);
}

size_t gt_encode_jump_ahead(gt_encoder *e, gt_condition condition)
{
    const uint8_t bytes[] = {0x0f, (uint8_t)(0x80 | condition), 0, 0, 0, 0};
    gt_encode_bytes(e, bytes, sizeof bytes);
    return e->count;
}

void gt_encode_land(gt_encoder *e, size_t jump)
{
    if (e->failed)
        return;
    size_t distance = e->count - jump;
    for (size_t b = 0; b < 4; b++)
        e->bytes[jump - 4 + b] = (uint8_t)(distance >> 8 * b);
}
