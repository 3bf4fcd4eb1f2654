/*
 * The parts of an instruction: prefixes of vectors (VEX, EVEX), the bytes ModRM
 * and SIB, the displacement. Manual, volume 2: sections 2.1.5, 2.3.5 and 2.7.
 */
#include "native/encode_form.h"

void gt_encoding_byte(gt_encoding *i, unsigned byte)
{
    i->bytes[i->count++] = (uint8_t)byte;
}

void gt_encoding_number(gt_encoding *i, uint32_t number)
{
    for (int b = 0; b < 4; b++)
        gt_encoding_byte(i, number >> 8 * b & 0xff);
}

unsigned gt_number_bit(int number, int bit)
{
    return number < 0 ? 0 : (unsigned)number >> bit & 1;
}

static unsigned modrm(unsigned mode, int reg, int place)
{
    return mode << 6 | ((unsigned)reg & 7) << 3 | ((unsigned)place & 7);
}

static void memory_operand(gt_encoding *i, int reg, const gt_location *place, int unit)
{
    int32_t offset = place->offset, units = offset / unit;
    int base = place->base & 7;
    bool is_short = offset % unit == 0 && units >= INT8_MIN && units <= INT8_MAX;
    /* Without a displacement, RBP and R13 as base would mean something else. */
    unsigned mode = offset == 0 && base != GT_RBP ? 0 : is_short ? 1 : 2;
    if (place->index != GT_NO_GENERAL || base == GT_RSP) {
        int index = place->index == GT_NO_GENERAL ? GT_RSP : place->index; /* RSP there means none */
        gt_encoding_byte(i, modrm(mode, reg, 4));
        gt_encoding_byte(i, modrm(0, index, base));
    } else {
        gt_encoding_byte(i, modrm(mode, reg, base));
    }
    if (mode == 1)
        gt_encoding_byte(i, (unsigned)units & 0xff);
    else if (mode == 2)
        gt_encoding_number(i, (uint32_t)offset);
}

void gt_encoding_operands(gt_encoding *i, int reg, const gt_location *place, int unit)
{
    switch (place->kind) {
    case GT_LOCATION_REGISTER:
        gt_encoding_byte(i, modrm(3, reg, place->number));
        break;
    case GT_LOCATION_MEMORY:
        memory_operand(i, reg, place, unit);
        break;
    case GT_LOCATION_CONSTANT: /* relative to the next instruction */
        gt_encoding_byte(i, modrm(0, reg, 5));
        i->has_use = true;
        i->use = i->count;
        i->constant = (uint32_t)place->number;
        gt_encoding_number(i, 0);
        break;
    }
}

/* ---- prefixes of vectors ------------------------------------------------------------------- */

/* Bit 3 of what ModRM and SIB name, and bit 4 of the register; the prefixes hold them inverted. */
typedef struct extension {
    unsigned reg, reg_high, index, base;
} extension;

static extension extension_of(int reg, const gt_location *place)
{
    extension bits = {.reg = gt_number_bit(reg, 3), .reg_high = gt_number_bit(reg, 4)};
    if (place->kind == GT_LOCATION_REGISTER) {
        bits.base = gt_number_bit(place->number, 3);
        bits.index = gt_number_bit(place->number, 4);
    } else if (place->kind == GT_LOCATION_MEMORY) {
        bits.base = gt_number_bit(place->base, 3);
        bits.index = gt_number_bit(place->index, 3);
    }
    return bits;
}

static void vex(gt_encoding *i, const gt_form *form, extension bits, int second)
{
    unsigned last = (~(unsigned)second & 15) << 3 | (form->bytes == 32) << 2 | form->prefix;
    if (form->map == GT_MAP_0F && !form->wide && bits.index == 0 && bits.base == 0) {
        gt_encoding_byte(i, 0xc5);
        gt_encoding_byte(i, (bits.reg ^ 1) << 7 | last);
        return;
    }
    gt_encoding_byte(i, 0xc4);
    gt_encoding_byte(i, (bits.reg ^ 1) << 7 | (bits.index ^ 1) << 6 | (bits.base ^ 1) << 5 | form->map);
    gt_encoding_byte(i, (unsigned)form->wide << 7 | last);
}

static void evex(gt_encoding *i, const gt_form *form, extension bits, int second)
{
    unsigned length = form->bytes == 64 ? 2 : form->bytes == 32 ? 1 : 0;
    gt_encoding_byte(i, 0x62);
    gt_encoding_byte(i, (bits.reg ^ 1) << 7 | (bits.index ^ 1) << 6 | (bits.base ^ 1) << 5 | (bits.reg_high ^ 1) << 4 |
                            form->map);
    gt_encoding_byte(i, (unsigned)form->wide_evex << 7 | (~(unsigned)second & 15) << 3 | 1u << 2 | form->prefix);
    gt_encoding_byte(i, (unsigned)form->zeroes << 7 | length << 5 | (gt_number_bit(second, 4) ^ 1) << 3 |
                            (unsigned)form->mask);
}

void gt_encode_form(gt_encoder *e, const gt_form *form, int reg, int second, gt_location place)
{
    gt_encoding i = {.count = 0};
    extension bits = extension_of(reg, &place);
    /* VEX is shorter where it reaches; it names neither the upper 16 registers nor masks. */
    bool high = reg > 15 || second > 15 || (place.kind == GT_LOCATION_REGISTER && place.number > 15);
    bool needs_evex = form->bytes == 64 || form->mask != 0 || high;
    (needs_evex ? evex : vex)(&i, form, bits, second);
    gt_encoding_byte(&i, form->opcode);
    gt_encoding_operands(&i, reg, &place, needs_evex ? form->unit : 1);
    if (form->has_immediate)
        gt_encoding_byte(&i, form->immediate);
    gt_encode_instruction(e, &i);
}

/* ---- forms --------------------------------------------------------------------------------- */

static gt_form whole(const gt_encoder *e, gt_opcode_map map, gt_opcode_prefix prefix, uint8_t opcode)
{
    int bytes = e->avx512 ? 64 : 32;
    return (gt_form){.map = map,
                     .prefix = prefix,
                     .opcode = opcode,
                     .wide_evex = gt_encode_is_wide(e),
                     .bytes = bytes,
                     .unit = bytes};
}

gt_form gt_form_packed(const gt_encoder *e, uint8_t opcode)
{
    return whole(e, GT_MAP_0F, gt_encode_is_wide(e) ? GT_PREFIX_66 : GT_NO_PREFIX, opcode);
}

gt_form gt_form_mapped(const gt_encoder *e, gt_opcode_map map, uint8_t opcode)
{
    return whole(e, map, GT_PREFIX_66, opcode);
}

gt_form gt_form_lowest(const gt_encoder *e, uint8_t opcode)
{
    gt_form form = whole(e, GT_MAP_0F, gt_encode_is_wide(e) ? GT_PREFIX_F2 : GT_PREFIX_F3, opcode);
    form.bytes = 16;
    form.unit = (int)gt_dtype_size(e->dtype);
    return form;
}
