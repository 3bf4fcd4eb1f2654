/*
 * Masks: of AVX-512 in mask register 1, of AVX2 in a vector register, whose
 * lanes have all bits set or none.
 */
#include "native/encode_form.h"

#define MASK_REGISTER 1

/* The mask register from the lowest bits of GT_RAX: kmovw, or from a register of 32 bits the same. */
static void mask_from_rax(gt_encoder *e)
{
    static const uint8_t kmovw[] = {0xc5, 0xf8, 0x92, 0xc0 | MASK_REGISTER << 3 | GT_RAX};
    gt_encode_bytes(e, kmovw, sizeof kmovw);
}

void gt_encode_set_mask(gt_encoder *e, int mask, uint32_t lanes)
{
    if (!e->avx512) {
        gt_encode_move(e, mask, gt_encode_pool(e, GT_POOL_MASK, lanes));
        return;
    }
    gt_encode_number(e, GT_RAX, (int64_t)((UINT64_C(1) << lanes) - 1));
    mask_from_rax(e);
}

void gt_encode_set_mask_by(gt_encoder *e, int mask, gt_general lanes)
{
    if (e->avx512) { /* (1 << lanes) - 1 */
        gt_encode_number(e, GT_RAX, 0);
        gt_encode_set_bit(e, GT_RAX, lanes);
        gt_encode_add_number(e, GT_RAX, -1);
        mask_from_rax(e);
        return;
    }
    bool wide = gt_encode_is_wide(e);
    /* vmovd or vmovq, vpbroadcastd or vpbroadcastq, vpcmpgtd or vpcmpgtq: is it greater than the lane's number? */
    gt_form copy = gt_form_mapped(e, GT_MAP_0F, 0x6e);
    copy.bytes = 16;
    copy.wide = wide;
    gt_encode_form(e, &copy, mask, 0, gt_location_register(lanes));
    gt_form spread = gt_form_mapped(e, GT_MAP_0F38, wide ? 0x59 : 0x58);
    gt_encode_form(e, &spread, mask, 0, gt_location_register(mask));
    gt_form greater = gt_form_mapped(e, wide ? GT_MAP_0F38 : GT_MAP_0F, wide ? 0x37 : 0x66);
    gt_encode_form(e, &greater, mask, mask, gt_encode_pool(e, GT_POOL_LANES, 0));
}

/* vmaskmovps and vmaskmovpd, which read and write nothing in the other lanes */
static void maskmov(gt_encoder *e, uint8_t opcode, int reg, gt_location place, int mask)
{
    gt_form form = gt_form_mapped(e, GT_MAP_0F38, opcode);
    gt_encode_form(e, &form, reg, mask, place);
}

void gt_encode_move_masked(gt_encoder *e, int to, gt_location from, int mask)
{
    if (!e->avx512) {
        maskmov(e, gt_encode_is_wide(e) ? 0x2d : 0x2c, to, from, mask);
        return;
    }
    gt_form form = gt_form_packed(e, 0x10);
    form.mask = MASK_REGISTER;
    form.zeroes = true;
    gt_encode_form(e, &form, to, 0, from);
}

void gt_encode_store_masked(gt_encoder *e, gt_location to, int from, int mask)
{
    if (!e->avx512) {
        maskmov(e, gt_encode_is_wide(e) ? 0x2f : 0x2e, from, to, mask);
        return;
    }
    gt_form form = gt_form_packed(e, 0x11);
    form.mask = MASK_REGISTER;
    gt_encode_form(e, &form, from, 0, to);
}

/* The lowest 16, 8 or 4 bytes of a register: movups, movsd, movss. */
static void store_piece(gt_encoder *e, gt_location to, int from, uint32_t bytes)
{
    gt_form form = gt_form_mapped(e, GT_MAP_0F, 0x11);
    form.prefix = bytes == 16 ? GT_NO_PREFIX : bytes == 8 ? GT_PREFIX_F2 : GT_PREFIX_F3;
    form.bytes = 16;
    gt_encode_form(e, &form, from, 0, to);
}

/* vextractps: the third 4 bytes of a register */
static void store_third(gt_encoder *e, gt_location to, int from)
{
    gt_form form = gt_form_mapped(e, GT_MAP_0F3A, 0x17);
    form.bytes = 16;
    form.has_immediate = true;
    form.immediate = 2;
    gt_encode_form(e, &form, from, 0, to);
}

void gt_encode_store_some(gt_encoder *e, gt_location to, int from, uint32_t lanes, int mask, int scratch)
{
    uint32_t bytes = lanes * (uint32_t)gt_dtype_size(e->dtype);
    if (e->avx512) {
        gt_encode_store_masked(e, to, from, mask);
        return;
    }
    if (bytes >= 16) {
        store_piece(e, to, from, 16);
        to.offset += 16;
        bytes -= 16;
        if (bytes > 0)
            gt_encode_upper_half(e, scratch, from, 32);
        from = scratch;
    }
    if (bytes >= 8) {
        store_piece(e, to, from, 8);
        to.offset += 8;
        if (bytes > 8)
            store_third(e, to, from);
    } else if (bytes > 0) {
        store_piece(e, to, from, 4);
    }
}

void gt_encode_add_masked(gt_encoder *e, int sum, int from, int mask, int scratch)
{
    if (!e->avx512) {
        gt_encode_binary(e, GT_VECTOR_ADD, scratch, sum, gt_location_register(from));
        gt_encode_blend(e, sum, scratch, sum, mask);
        return;
    }
    gt_form form = gt_form_packed(e, 0x58);
    form.mask = MASK_REGISTER;
    gt_encode_form(e, &form, sum, sum, gt_location_register(from));
}

void gt_encode_blend(gt_encoder *e, int to, int yes, int no, int mask)
{
    gt_form form = gt_form_mapped(e, GT_MAP_0F3A, gt_encode_is_wide(e) ? 0x4b : 0x4a);
    form.has_immediate = true;
    form.immediate = (uint8_t)(mask << 4);
    gt_encode_form(e, &form, to, no, gt_location_register(yes));
}
