/* Instructions of whole vectors. */
#include "native/encode_form.h"

void gt_encode_move(gt_encoder *e, int to, gt_location from)
{
    if (from.kind == GT_LOCATION_REGISTER && from.number == to)
        return;
    /* movaps between registers, movups from memory */
    gt_form form = gt_form_packed(e, from.kind == GT_LOCATION_REGISTER ? 0x28 : 0x10);
    gt_encode_form(e, &form, to, 0, from);
}

void gt_encode_store(gt_encoder *e, gt_location to, int from)
{
    gt_form form = gt_form_packed(e, 0x11);
    gt_encode_form(e, &form, from, 0, to);
}

void gt_encode_store_past(gt_encoder *e, gt_location to, int from)
{
    gt_form form = gt_form_packed(e, 0x2b);
    gt_encode_form(e, &form, from, 0, to);
}

void gt_encode_spread(gt_encoder *e, int to, gt_location from)
{
    gt_form form = gt_form_mapped(e, GT_MAP_0F38, gt_encode_is_wide(e) ? 0x19 : 0x18);
    form.unit = (int)gt_dtype_size(e->dtype);
    gt_encode_form(e, &form, to, 0, from);
}

void gt_encode_zero(gt_encoder *e, int to)
{
    /* Clears the lowest 16 bytes, and with them all above: the short way where VEX reaches. */
    gt_form form = gt_form_packed(e, 0x57);
    form.bytes = 16;
    form.prefix = GT_NO_PREFIX;
    form.wide_evex = false;
    gt_encode_form(e, &form, to, to, gt_location_register(to));
}

void gt_encode_binary(gt_encoder *e, gt_vector_op op, int to, int first, gt_location second)
{
    static const uint8_t opcodes[] = {
        [GT_VECTOR_ADD] = 0x58, [GT_VECTOR_SUB] = 0x5c, [GT_VECTOR_MUL] = 0x59,
        [GT_VECTOR_DIV] = 0x5e, [GT_VECTOR_MIN] = 0x5d, [GT_VECTOR_MAX] = 0x5f,
        [GT_VECTOR_AND] = 0x54, [GT_VECTOR_OR] = 0x56,  [GT_VECTOR_XOR] = 0x57,
    };
    gt_form form = op == GT_VECTOR_ADD_BITS ? gt_form_mapped(e, GT_MAP_0F, gt_encode_is_wide(e) ? 0xd4 : 0xfe)
                                            : gt_form_packed(e, opcodes[op]);
    gt_encode_form(e, &form, to, first, second);
}

void gt_encode_sqrt(gt_encoder *e, int to, gt_location from)
{
    gt_form form = gt_form_packed(e, 0x51);
    gt_encode_form(e, &form, to, 0, from);
}

void gt_encode_fused(gt_encoder *e, gt_fused_form fused, int to, int second, gt_location from)
{
    static const uint8_t opcodes[] = {[GT_FUSED_132] = 0x98, [GT_FUSED_213] = 0xa8, [GT_FUSED_231] = 0xb8};
    gt_form form = gt_form_mapped(e, GT_MAP_0F38, opcodes[fused]);
    form.wide = gt_encode_is_wide(e);
    gt_encode_form(e, &form, to, second, from);
}

void gt_encode_shift(gt_encoder *e, bool left, int to, int from, uint32_t places)
{
    gt_form form = gt_form_mapped(e, GT_MAP_0F, gt_encode_is_wide(e) ? 0x73 : 0x72);
    form.has_immediate = true;
    form.immediate = (uint8_t)(places < 64 ? places : 64); /* more places than bits give 0 */
    /* The target is in vvvv; a part of the opcode is where the register is elsewhere. */
    gt_encode_form(e, &form, left ? 6 : 2, to, gt_location_register(from));
}

/* vcmpps to mask register 2, and vblendmps by it */
static void select_by_mask_register(gt_encoder *e, uint8_t comparison, int to, int first, gt_location second, int yes,
                                    int no)
{
    gt_form compare = gt_form_packed(e, 0xc2);
    compare.has_immediate = true;
    compare.immediate = comparison;
    gt_encode_form(e, &compare, 2, first, second);
    gt_form blend = gt_form_mapped(e, GT_MAP_0F38, 0x65);
    blend.mask = 2;
    gt_encode_form(e, &blend, to, no, gt_location_register(yes));
}

void gt_encode_select(gt_encoder *e, uint8_t comparison, int to, int first, gt_location second, int yes, int no,
                      int scratch)
{
    if (e->avx512) {
        select_by_mask_register(e, comparison, to, first, second, yes, no);
        return;
    }
    gt_form compare = gt_form_packed(e, 0xc2);
    compare.has_immediate = true;
    compare.immediate = comparison;
    gt_encode_form(e, &compare, scratch, first, second);
    gt_encode_blend(e, to, yes, no, scratch);
}

/* ---- the lowest lane ----------------------------------------------------------------------- */

/* low = low + high, of so many bytes */
static void add_part(gt_encoder *e, int low, int high, int bytes)
{
    gt_form form = gt_form_packed(e, 0x58);
    form.bytes = bytes;
    gt_encode_form(e, &form, low, low, gt_location_register(high));
}

void gt_encode_upper_half(gt_encoder *e, int scratch, int from, int bytes)
{
    /* vextractf64x4; vextractf128 or, in registers that only EVEX names, vextractf32x4 */
    gt_form form = gt_form_mapped(e, GT_MAP_0F3A, bytes == 64 ? 0x1b : 0x19);
    form.bytes = bytes;
    form.wide_evex = bytes == 64;
    form.has_immediate = true;
    form.immediate = 1;
    gt_encode_form(e, &form, from, 0, gt_location_register(scratch));
}

void gt_encode_add_lanes(gt_encoder *e, int from, int scratch)
{
    for (int bytes = e->avx512 ? 64 : 32; bytes > 16; bytes /= 2) {
        gt_encode_upper_half(e, scratch, from, bytes);
        add_part(e, from, scratch, bytes / 2);
    }
    /* vunpckhpd: the upper of the 2 halves of 16 bytes */
    gt_form half = gt_form_packed(e, 0x15);
    half.bytes = 16;
    half.prefix = GT_PREFIX_66;
    half.wide_evex = true;
    gt_encode_form(e, &half, scratch, from, gt_location_register(from));
    add_part(e, from, scratch, 16);
    if (gt_encode_is_wide(e))
        return;
    gt_form odd = gt_form_packed(e, 0x16); /* vmovshdup: lanes 1, 1, 3, 3 */
    odd.bytes = 16;
    odd.prefix = GT_PREFIX_F3;
    gt_encode_form(e, &odd, scratch, 0, gt_location_register(from));
    add_part(e, from, scratch, 16);
}

void gt_encode_scale_lowest(gt_encoder *e, int to, gt_location constant)
{
    gt_form form = gt_form_lowest(e, 0x59);
    gt_encode_form(e, &form, to, to, constant);
}

void gt_encode_store_lowest(gt_encoder *e, gt_location to, int from)
{
    gt_form form = gt_form_lowest(e, 0x11);
    gt_encode_form(e, &form, from, 0, to);
}

void gt_encode_load_lowest(gt_encoder *e, int to, gt_location from)
{
    gt_form form = gt_form_lowest(e, 0x10);
    gt_encode_form(e, &form, to, 0, from);
}

void gt_encode_clear_upper(gt_encoder *e)
{
    static const uint8_t bytes[] = {0xc5, 0xf8, 0x77};
    gt_encode_bytes(e, bytes, sizeof bytes);
}
