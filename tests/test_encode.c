/*
 * The instructions of vectors, each executed with many combinations of registers,
 * and compared with what C computes. Operands in memory: test_encode_memory.
 */
#include "support/encode_case.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define TRIES 300

/* ---- the same in C ------------------------------------------------------------------------- */

static double rounded(gt_dtype dtype, double x)
{
    return dtype == GT_F64 ? x : (double)(float)x;
}

/* A double holds the exact sum, product or quotient of floats well enough to be rounded once more. */
static uint64_t compute(gt_dtype dtype, gt_vector_op op, uint64_t a_bits, uint64_t b_bits)
{
    double a = number_of(dtype, a_bits), b = number_of(dtype, b_bits);
    switch (op) {
    case GT_VECTOR_ADD:
        return bits_of(dtype, rounded(dtype, a + b));
    case GT_VECTOR_SUB:
        return bits_of(dtype, rounded(dtype, a - b));
    case GT_VECTOR_MUL:
        return bits_of(dtype, rounded(dtype, a * b));
    case GT_VECTOR_DIV:
        return bits_of(dtype, rounded(dtype, a / b));
    case GT_VECTOR_MIN:
        return a < b ? a_bits : b_bits;
    case GT_VECTOR_MAX:
        return a > b ? a_bits : b_bits;
    case GT_VECTOR_AND:
        return a_bits & b_bits;
    case GT_VECTOR_OR:
        return a_bits | b_bits;
    case GT_VECTOR_XOR:
        return a_bits ^ b_bits;
    default:
        return dtype == GT_F64 ? a_bits + b_bits : (uint32_t)(a_bits + b_bits);
    }
}

static uint64_t compute_fused(gt_dtype dtype, uint64_t x, uint64_t y, uint64_t z)
{
    double a = number_of(dtype, x), b = number_of(dtype, y), c = number_of(dtype, z);
    return bits_of(dtype, dtype == GT_F64 ? fma(a, b, c) : (double)fmaf((float)a, (float)b, (float)c));
}

/* What the 3 lowest bits of the immediate ask for; bit 3 changes what no numbers give, or the signs. */
static bool compares(uint8_t comparison, double a, double b)
{
    bool unordered = isnan(a) || isnan(b);
    switch (comparison & 15) {
    case 0:
        return a == b;
    case 1:
        return a < b;
    case 2:
        return a <= b;
    case 3:
        return unordered;
    case 4:
        return !(a == b);
    case 5:
        return !(a < b);
    case 6:
        return !(a <= b);
    case 7:
        return !unordered;
    case 8:
        return a == b || unordered;
    case 9:
        return !(a >= b);
    case 10:
        return !(a > b);
    case 11:
        return false;
    case 12:
        return a < b || a > b;
    case 13:
        return a >= b;
    case 14:
        return a > b;
    default:
        return true;
    }
}

/* ---- arithmetic ---------------------------------------------------------------------------- */

/* Operands that are the same register hold the second one's values. */
static void check_binary(encode_case *c, gt_vector_op op, int to, int first, int second)
{
    vector a = random_vector(c), b = random_vector(c), got = filled(1), expected = got;
    if (first == second)
        a = b;
    encode_case_begin(c);
    bring(c, first, &a);
    bring(c, second, &b);
    gt_encode_binary(&c->e, op, to, first, gt_location_register(second));
    keep(c, &got, to);
    encode_case_run(c);
    for (int lane = 0; lane < c->lanes; lane++)
        set_lane_bits(c->dtype, &expected, lane,
                      compute(c->dtype, op, lane_bits(c->dtype, &a, lane), lane_bits(c->dtype, &b, lane)));
    expect_lanes(c, &got, &expected, "binary", (int)op);
}

static void check_all_binary(encode_case *c)
{
    static const int edges[] = {0, 7, 8, 15, 16, 31};
    int count = c->avx512 ? 6 : 4;
    for (int op = GT_VECTOR_ADD; op <= GT_VECTOR_ADD_BITS; op++)
        for (int i = 0; i < count * count * count; i++)
            check_binary(c, (gt_vector_op)op, edges[i % count], edges[i / count % count], edges[i / count / count]);
    for (int number = 0; number < c->registers; number++)
        check_binary(c, GT_VECTOR_SUB, number, (number + 5) % c->registers, (number + 11) % c->registers);
}

Test(encode, binary)
{
    for_all_levels(check_all_binary);
}

static void check_fused(encode_case *c, gt_fused_form form, int to, int second, int from)
{
    vector values[3], held[32], got = filled(1), expected = got;
    int numbers[3] = {to, second, from};
    encode_case_begin(c);
    for (int k = 0; k < 3; k++) {
        values[k] = random_vector(c);
        bring(c, numbers[k], &values[k]);
        held[numbers[k]] = values[k];
    }
    gt_encode_fused(&c->e, form, to, second, gt_location_register(from));
    keep(c, &got, to);
    encode_case_run(c);
    for (int lane = 0; lane < c->lanes; lane++) {
        uint64_t t = lane_bits(c->dtype, &held[to], lane), s = lane_bits(c->dtype, &held[second], lane),
                 f = lane_bits(c->dtype, &held[from], lane);
        set_lane_bits(c->dtype, &expected, lane,
                      form == GT_FUSED_132   ? compute_fused(c->dtype, t, f, s)
                      : form == GT_FUSED_213 ? compute_fused(c->dtype, s, t, f)
                                             : compute_fused(c->dtype, s, f, t));
    }
    expect_lanes(c, &got, &expected, "fused form", (int)form);
}

static void check_all_fused(encode_case *c)
{
    for (int form = GT_FUSED_132; form <= GT_FUSED_231; form++)
        for (int i = 0; i < TRIES; i++)
            check_fused(c, (gt_fused_form)form, random_register(c), random_register(c), random_register(c));
}

Test(encode, fused)
{
    for_all_levels(check_all_fused);
}

static void check_one_operand(encode_case *c, int to, int from)
{
    uint32_t width = c->dtype == GT_F64 ? 64 : 32, places = (uint32_t)gt_random_integer(&c->random, 0, width + 4);
    vector a = random_vector(c), moved = filled(1), root = moved, left = moved, right = moved;
    encode_case_begin(c);
    vector *results[] = {&root, &left, &right, &moved};
    for (int k = 0; k < 4; k++) {
        bring(c, from, &a);
        if (k == 0)
            gt_encode_sqrt(&c->e, to, gt_location_register(from));
        else if (k < 3)
            gt_encode_shift(&c->e, k == 1, to, from, places);
        else
            gt_encode_move(&c->e, to, gt_location_register(from));
        keep(c, results[k], to);
    }
    encode_case_run(c);
    vector roots = filled(1), lefts = roots, rights = roots;
    for (int lane = 0; lane < c->lanes; lane++) {
        uint64_t bits = lane_bits(c->dtype, &a, lane);
        double x = number_of(c->dtype, bits);
        set_lane_bits(c->dtype, &roots, lane, bits_of(c->dtype, rounded(c->dtype, sqrt(x))));
        set_lane_bits(c->dtype, &lefts, lane, places >= width ? 0 : bits << places);
        set_lane_bits(c->dtype, &rights, lane, places >= width ? 0 : bits >> places);
    }
    expect_lanes(c, &moved, &a, "move to", to);
    expect_lanes(c, &root, &roots, "sqrt to", to);
    expect_lanes(c, &left, &lefts, "shift left by", (int)places);
    expect_lanes(c, &right, &rights, "shift right by", (int)places);
}

static void check_all_one_operand(encode_case *c)
{
    for (int to = 0; to < c->registers; to++)
        for (int i = 0; i < 12; i++)
            check_one_operand(c, to, i == 0 ? to : random_register(c));
}

Test(encode, square_roots_shifts_moves)
{
    for_all_levels(check_all_one_operand);
}

/* ---- selection ----------------------------------------------------------------------------- */

static void check_select(encode_case *c, uint8_t comparison)
{
    enum { TO, FIRST, SECOND, YES, NO, SCRATCH };
    vector values[6], held[32], got = filled(1), expected = got, scratch = got;
    int numbers[6];
    encode_case_begin(c);
    for (int k = 0; k < 6; k++) {
        numbers[k] = random_register(c);
        for (int j = 0; k == SCRATCH && j < SCRATCH; j++)
            if (numbers[j] == numbers[SCRATCH]) {
                numbers[SCRATCH] = (numbers[SCRATCH] + 1) % c->registers;
                j = -1;
            }
        values[k] = random_vector(c);
        bring(c, numbers[k], &values[k]);
        held[numbers[k]] = values[k];
    }
    gt_encode_select(&c->e, comparison, numbers[TO], numbers[FIRST], gt_location_register(numbers[SECOND]),
                     numbers[YES], numbers[NO], numbers[SCRATCH]);
    keep(c, &got, numbers[TO]);
    keep(c, &scratch, numbers[SCRATCH]);
    encode_case_run(c);
    for (int lane = 0; lane < c->lanes; lane++) {
        double a = number_of(c->dtype, lane_bits(c->dtype, &held[numbers[FIRST]], lane));
        double b = number_of(c->dtype, lane_bits(c->dtype, &held[numbers[SECOND]], lane));
        int chosen = numbers[compares(comparison, a, b) ? YES : NO];
        set_lane_bits(c->dtype, &expected, lane, lane_bits(c->dtype, &held[chosen], lane));
    }
    expect_lanes(c, &got, &expected, "select", comparison);
    if (c->avx512)
        expect_lanes(c, &scratch, &values[SCRATCH], "scratch of select", comparison);
}

static void check_all_selects(encode_case *c)
{
    for (int comparison = 0; comparison < 32; comparison++)
        for (int i = 0; i < 40; i++)
            check_select(c, (uint8_t)comparison);
}

Test(encode, every_comparison)
{
    for_all_levels(check_all_selects);
}

/* ---- whole registers ----------------------------------------------------------------------- */

static void check_zero(encode_case *c)
{
    for (int number = 0; number < c->registers; number++) {
        vector a = random_vector(c), got = filled(1), expected = filled(0);
        encode_case_begin(c);
        bring(c, number, &a);
        gt_encode_zero(&c->e, number);
        keep(c, &got, number);
        encode_case_run(c);
        cr_assert(memcmp(&got, &expected, c->avx512 ? 64 : 32) == 0);
    }
}

Test(encode, zero)
{
    for_all_levels(check_zero);
}

static void check_clear_upper(encode_case *c)
{
    vector a = filled(0x5a), got = filled(1), expected = filled(0);
    memcpy(&expected, &a, 16);
    encode_case_begin(c);
    bring(c, 9, &a);
    gt_encode_clear_upper(&c->e);
    keep(c, &got, 9);
    encode_case_run(c);
    cr_assert(memcmp(&got, &expected, c->avx512 ? 64 : 32) == 0);
}

Test(encode, clear_upper)
{
    for_all_levels(check_clear_upper);
}

/* The sum halves the vector until one lane is left. */
static void check_add_lanes(encode_case *c, int from, int scratch)
{
    vector a = random_vector(c), sums = a, got = filled(7), unchanged = got;
    uint64_t factor = bits_of(c->dtype, 0.3);
    encode_case_begin(c);
    bring(c, from, &a);
    gt_encode_add_lanes(&c->e, from, scratch);
    gt_encode_scale_lowest(&c->e, from, gt_encode_constant(&c->e, factor));
    gt_encode_store_lowest(&c->e, at(c, GT_RAX, &got), from);
    encode_case_run(c);
    for (int half = c->lanes / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            set_lane_bits(c->dtype, &sums, lane,
                          compute(c->dtype, GT_VECTOR_ADD, lane_bits(c->dtype, &sums, lane),
                                  lane_bits(c->dtype, &sums, lane + half)));
    uint64_t scaled = compute(c->dtype, GT_VECTOR_MUL, lane_bits(c->dtype, &sums, 0), factor);
    cr_assert(same_bits(c->dtype, lane_bits(c->dtype, &got, 0), scaled), "the sum in register %d", from);
    size_t size = gt_dtype_size(c->dtype);
    cr_assert(memcmp((char *)&got + size, (char *)&unchanged + size, sizeof got - size) == 0);
}

static void check_all_add_lanes(encode_case *c)
{
    for (int from = 0; from < c->registers; from++)
        for (int i = 0; i < 12; i++) {
            int scratch = random_register(c);
            check_add_lanes(c, from, scratch == from ? (from + 1) % c->registers : scratch);
        }
}

Test(encode, sums_of_lanes)
{
    for_all_levels(check_all_add_lanes);
}
