/* Operands in memory: every base and index, displacements of each size, constants; and general registers with them. */
#include "support/encode_case.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* In the middle of it are the operands; a stack pointer may point there for a while. */
#define BLOCK 65536

static char *block_new(void)
{
    char *block = aligned_alloc(64, 4 * BLOCK);
    cr_assert(block != NULL);
    memset(block, 0x11, 4 * BLOCK);
    return block;
}

/*
 * Makes base + index + offset that address; both registers and, for RSP, the one it is kept in
 * change. Nothing may be pushed until restore_stack.
 */
static gt_location reach(encode_case *c, gt_general base, gt_general index, int32_t offset, const char *address)
{
    int64_t sum = (int64_t)(intptr_t)address - offset, distance = 24 * (1 + index);
    if (base == GT_RSP)
        gt_encode_copy(&c->e, index == GT_RBX ? GT_R14 : GT_RBX, GT_RSP);
    if (base == index) {
        gt_encode_number(&c->e, base, sum / 2);
    } else {
        if (index != GT_NO_GENERAL)
            gt_encode_number(&c->e, index, index % 2 == 0 ? distance : -distance);
        else
            distance = 0;
        gt_encode_number(&c->e, base, sum - (index % 2 == 0 ? distance : -distance));
    }
    return gt_location_memory(base, index, offset);
}

static void restore_stack(encode_case *c, gt_general base, gt_general index)
{
    if (base == GT_RSP)
        gt_encode_copy(&c->e, GT_RSP, index == GT_RBX ? GT_R14 : GT_RBX);
}

/* A scratch register that an address does not use. */
static gt_general other_than(gt_general base, gt_general index)
{
    gt_general other = GT_RDX;
    while (other == base || other == index)
        other = (gt_general)(other + 3);
    return other;
}

typedef void address_check(encode_case *c, gt_general base, gt_general index, int32_t offset, char *block);

static void for_all_addresses(encode_case *c, address_check *check)
{
    static const int32_t offsets[] = {0, 8, -8, 64, 126, 128, -128, -130, 127 * 64, -128 * 64, 128 * 64, 1000, -20000};
    char *block = block_new();
    for (int base = GT_RAX; base <= GT_R15; base++)
        for (int index = GT_NO_GENERAL; index <= GT_R15; index++)
            for (int k = 0; k < (int)(sizeof offsets / sizeof *offsets) && index != GT_RSP; k++)
                check(c, (gt_general)base, (gt_general)index, offsets[k], block + 2 * BLOCK);
    free(block);
}

/* ---- vectors ------------------------------------------------------------------------------- */

static void check_vectors_at(encode_case *c, gt_general base, gt_general index, int32_t offset, char *block)
{
    char *from = block + 8, *to = block + 8 + 1024;
    vector a = random_vector(c), b = random_vector(c), ones = filled(0), got[2], lowest = filled(3);
    size_t bytes = c->avx512 ? 64 : 32, size = gt_dtype_size(c->dtype);
    int low = (int)gt_random_integer(&c->random, 0, 8), high = c->registers - 1 - low;
    memcpy(from, &a, sizeof a);
    memset(to, 0x22, 1024);
    for (int lane = 0; lane < c->lanes; lane++)
        set_lane_bits(c->dtype, &ones, lane, bits_of(c->dtype, 1));
    encode_case_begin(c);
    bring(c, 14, &ones);
    bring(c, 13, &b);
    gt_location place = reach(c, base, index, offset, from);
    gt_encode_move(&c->e, low, place);
    gt_encode_spread(&c->e, 12, place);
    gt_encode_binary(&c->e, GT_VECTOR_XOR, high == 13 || high == 12 ? 11 : high, 13, place);
    restore_stack(c, base, index);
    place = reach(c, base, index, offset, to);
    gt_encode_store(&c->e, place, low);
    place.offset += 64;
    gt_encode_store(&c->e, place, 12);
    place.offset += 64;
    gt_encode_store(&c->e, place, high == 13 || high == 12 ? 11 : high);
    place.offset += 64;
    gt_encode_store_lowest(&c->e, place, high == 13 || high == 12 ? 11 : high);
    gt_encode_prefetch(&c->e, place);
    restore_stack(c, base, index);
    encode_case_run(c);
    vector first = filled(0), mixed = filled(0);
    for (int lane = 0; lane < c->lanes; lane++) {
        set_lane_bits(c->dtype, &first, lane, lane_bits(c->dtype, &a, 0));
        set_lane_bits(c->dtype, &mixed, lane, lane_bits(c->dtype, &a, lane) ^ lane_bits(c->dtype, &b, lane));
    }
    memcpy(&got[0], to, 64);
    cr_assert(memcmp(to, &a, bytes) == 0, "move with base %d, index %d, offset %d", base, index, offset);
    cr_assert(memcmp(to + 64, &first, bytes) == 0, "spread with base %d, index %d, offset %d", base, index, offset);
    cr_assert(memcmp(to + 128, &mixed, bytes) == 0, "xor with base %d, index %d, offset %d", base, index, offset);
    memset(&lowest, 0x22, sizeof lowest);
    memcpy(&lowest, &mixed, size);
    cr_assert(memcmp(to + 192, &lowest, 64) == 0, "lowest with base %d, index %d, offset %d", base, index, offset);
}

static void check_vectors(encode_case *c)
{
    for_all_addresses(c, check_vectors_at);
}

Test(encode_memory, vectors, .timeout = 120)
{
    for_all_levels(check_vectors);
}

static void check_past_at(encode_case *c, gt_general base, gt_general index, int32_t offset, char *block)
{
    char *to = (char *)(((uintptr_t)block + 1024 + 63) / 64 * 64);
    vector a = random_vector(c);
    size_t bytes = c->avx512 ? 64 : 32;
    int reg = (int)gt_random_integer(&c->random, 0, c->registers);
    memset(to, 0x22, 128);
    encode_case_begin(c);
    bring(c, reg, &a);
    gt_encode_store_past(&c->e, reach(c, base, index, offset, to), reg);
    restore_stack(c, base, index);
    encode_case_run(c);
    cr_assert(memcmp(to, &a, bytes) == 0, "register %d with base %d, index %d, offset %d", reg, base, index, offset);
    for (size_t k = bytes; k < 128; k++)
        cr_assert_eq(to[k], 0x22);
}

static void check_past(encode_case *c)
{
    for_all_addresses(c, check_past_at);
}

Test(encode_memory, stores_past_the_caches, .timeout = 120)
{
    for_all_levels(check_past);
}

/* Every instruction that takes an operand from memory, with a displacement that EVEX shortens. */
static void check_instructions(encode_case *c)
{
    char *block = block_new();
    for (int i = 0; i < 300; i++) {
        vector a = random_vector(c), b = random_vector(c), memory[5], registers[5];
        int to = random_register(c), other = random_register(c), scratch = 0;
        while (scratch == to || scratch == other)
            scratch++;
        if (to == other)
            continue;
        int32_t offset = (int32_t)gt_random_integer(&c->random, -300, 300) * 32;
        memcpy(block + BLOCK, &b, sizeof b);
        for (int from_memory = 0; from_memory < 2; from_memory++) {
            encode_case_begin(c);
            for (int k = 0; k < 5; k++) {
                bring(c, to, &a);
                bring(c, other, &b);
                gt_location place = gt_location_memory(GT_RAX, GT_NO_GENERAL, offset);
                gt_encode_number(&c->e, GT_RAX, (int64_t)(intptr_t)block + BLOCK - offset);
                if (from_memory == 0)
                    place = gt_location_register(other);
                if (k == 0)
                    gt_encode_sqrt(&c->e, to, place);
                else if (k == 1)
                    gt_encode_select(&c->e, 2, to, to, place, to, other, scratch);
                else if (k == 2)
                    gt_encode_binary(&c->e, GT_VECTOR_ADD_BITS, to, to, place);
                else if (k == 3)
                    gt_encode_binary(&c->e, GT_VECTOR_DIV, to, other, place);
                else
                    gt_encode_fused(&c->e, GT_FUSED_213, to, other, place);
                keep(c, from_memory == 1 ? &memory[k] : &registers[k], to);
            }
            encode_case_run(c);
        }
        for (int k = 0; k < 5; k++)
            expect_lanes(c, &memory[k], &registers[k], "from memory, instruction", k);
    }
    free(block);
}

Test(encode_memory, instructions)
{
    for_all_levels(check_instructions);
}

/* ---- general registers --------------------------------------------------------------------- */

static void check_general_at(encode_case *c, gt_general base, gt_general index, int32_t offset, char *block)
{
    uint64_t value = 0x123456789abcdef0 ^ (uint64_t)(base * 1000 + index), got[3] = {0, 0, 0};
    gt_general other = other_than(base, index);
    memcpy(block, &value, sizeof value);
    memset(block + 64, 0, 8);
    encode_case_begin(c);
    gt_location place = reach(c, base, index, offset, block);
    gt_encode_load(&c->e, other, place);
    place.offset += 64;
    gt_encode_save(&c->e, place, other);
    gt_encode_prefetch(&c->e, place);
    place.offset -= 64;
    bool loads_itself = base != GT_RSP; /* the base is read before it is written */
    if (loads_itself)
        gt_encode_load(&c->e, base, place);
    restore_stack(c, base, index);
    if (loads_itself) {
        gt_general address = other_than(base, base);
        gt_encode_save(&c->e, at(c, address, got), base);
    }
    encode_case_run(c);
    memcpy(&got[1], block + 64, 8);
    cr_assert(got[1] == value, "load and save with base %d, index %d, offset %d", base, index, offset);
    cr_assert(!loads_itself || got[0] == value, "load to base %d, index %d, offset %d", base, index, offset);
}

static void check_general(encode_case *c)
{
    for_all_addresses(c, check_general_at);
}

Test(encode_memory, general_registers, .timeout = 120)
{
    for_all_levels(check_general);
}

/* ---- constants ----------------------------------------------------------------------------- */

static void check_constants(encode_case *c)
{
    enum { MANY = 40 };
    vector got[MANY], next, after = filled(1), lowest = filled(0);
    encode_case_begin(c);
    for (int i = 0; i < MANY; i++) {
        gt_location constant = gt_encode_constant(&c->e, bits_of(c->dtype, i % 25 + 0.5));
        cr_assert(constant.kind == GT_LOCATION_CONSTANT && constant.number == i % 25);
        int number = i % c->registers;
        gt_encode_zero(&c->e, number);
        gt_encode_binary(&c->e, GT_VECTOR_ADD, number, number, constant);
        gt_encode_fused(&c->e, GT_FUSED_231, number, number, constant);
        keep(c, &got[i], number);
    }
    encode_case_leave(c);
    /* Another function has a pool of its own. */
    size_t begins[2] = {c->begin, 0};
    encode_case_enter(c);
    begins[1] = c->begin;
    gt_location constant = gt_encode_constant(&c->e, bits_of(c->dtype, -3));
    cr_assert(constant.number == 0);
    gt_encode_move(&c->e, 4, constant);
    gt_encode_select(&c->e, 1, 4, 4, gt_encode_constant(&c->e, bits_of(c->dtype, -2)), 4, 5, 6);
    keep(c, &next, 4);
    gt_encode_spread(&c->e, 4, gt_encode_constant(&c->e, bits_of(c->dtype, 9)));
    gt_encode_sqrt(&c->e, 5, gt_encode_constant(&c->e, bits_of(c->dtype, 9)));
    gt_encode_binary(&c->e, GT_VECTOR_MUL, 4, 4, gt_location_register(5));
    keep(c, &after, 4);
    gt_encode_prefetch(&c->e, constant);
    gt_encode_load(&c->e, GT_R9, constant);
    gt_encode_save(&c->e, at(c, GT_RAX, &lowest), GT_R9);
    encode_case_leave(c);
    encode_case_call(c, begins, 2);
    vector expected = filled(0);
    for (int i = 0; i < MANY; i++) {
        double x = i % 25 + 0.5;
        for (int lane = 0; lane < c->lanes; lane++)
            set_lane_bits(c->dtype, &expected, lane, bits_of(c->dtype, x + x * x));
        expect_lanes(c, &got[i], &expected, "constant", i);
    }
    for (int lane = 0; lane < c->lanes; lane++)
        set_lane_bits(c->dtype, &expected, lane, bits_of(c->dtype, -3));
    expect_lanes(c, &next, &expected, "constant of the next function", 0);
    cr_assert(lowest.u64[0] == expected.u64[0]);
    for (int lane = 0; lane < c->lanes; lane++)
        set_lane_bits(c->dtype, &expected, lane, bits_of(c->dtype, 27));
    expect_lanes(c, &after, &expected, "constants spread and under a root", 0);
}

Test(encode_memory, constants)
{
    for_all_levels(check_constants);
}

/* The upper bits are no part of an entry of 32. */
static void check_equal_constants(encode_case *c)
{
    encode_case_begin(c);
    int plain = gt_encode_constant(&c->e, 0x3f800000).number;
    int upper = gt_encode_constant(&c->e, 0x123f800000).number;
    cr_assert((plain == upper) == (c->dtype == GT_F32));
    cr_assert(gt_encode_constant(&c->e, 0x3f800000).number == plain);
    encode_case_run(c);
}

Test(encode_memory, equal_constants)
{
    for_all_levels(check_equal_constants);
}
