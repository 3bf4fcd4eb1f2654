/* Instructions of general registers, and jumps. With operands in memory: test_encode_memory. */
#include "support/encode_case.h"

#include <criterion/criterion.h>
#include <string.h>

static const int64_t numbers[] = {
    0,         1,         -1,         127,
    128,       -128,      -129,       0x123456789abcdef0,
    INT32_MAX, INT32_MIN, UINT32_MAX, UINT32_MAX + INT64_C(1),
    INT64_MAX, INT64_MIN, -5000,      INT32_MIN - INT64_C(1),
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static bool is_free(int reg)
{
    return reg != GT_RSP;
}

/* A register that holds an address while `a` and `b` hold what is looked at. */
static gt_general other_than(int a, int b)
{
    int other = GT_RAX;
    while (other == a || other == b)
        other++;
    return (gt_general)other;
}

static void check_numbers(encode_case *c)
{
    for (int reg = GT_RAX; reg <= GT_R15; reg++) {
        int64_t got[NUMBERS];
        if (!is_free(reg))
            continue;
        encode_case_begin(c);
        gt_general address = other_than(reg, reg);
        for (int i = 0; i < NUMBERS; i++) {
            gt_encode_number(&c->e, (gt_general)reg, -7);
            gt_encode_number(&c->e, (gt_general)reg, numbers[i]);
            gt_encode_save(&c->e, at(c, address, &got[i]), (gt_general)reg);
        }
        encode_case_run(c);
        cr_assert(memcmp(got, numbers, sizeof got) == 0, "numbers in register %d", reg);
    }
}

Test(encode_general, numbers)
{
    for_all_levels(check_numbers);
}

static void check_pair(encode_case *c, gt_general to, gt_general from)
{
    int64_t copied = 0, popped[2] = {0, 0}, value = 0x7766554433221100 + to * 16 + from;
    gt_general address = other_than(to, from);
    encode_case_begin(c);
    gt_encode_number(&c->e, from, value);
    gt_encode_copy(&c->e, to, from);
    gt_encode_save(&c->e, at(c, address, &copied), to);
    gt_encode_number(&c->e, from, value + 1);
    gt_encode_push(&c->e, from);
    gt_encode_number(&c->e, to, value + 2);
    gt_encode_push(&c->e, to);
    gt_encode_number(&c->e, to, 0);
    gt_encode_number(&c->e, from, 0);
    gt_encode_pop(&c->e, from);
    gt_encode_save(&c->e, at(c, address, &popped[0]), from);
    gt_encode_pop(&c->e, to);
    gt_encode_save(&c->e, at(c, address, &popped[1]), to);
    encode_case_run(c);
    cr_assert(copied == value, "copy from %d to %d", (int)from, (int)to);
    cr_assert(popped[0] == value + 2 && popped[1] == value + 1, "push and pop of %d and %d", (int)from, (int)to);
}

static void check_pairs(encode_case *c)
{
    for (int to = GT_RAX; to <= GT_R15; to++)
        for (int from = GT_RAX; from <= GT_R15; from++)
            if (is_free(to) && is_free(from))
                check_pair(c, (gt_general)to, (gt_general)from);
}

Test(encode_general, copies_and_the_stack)
{
    for_all_levels(check_pairs);
}

/* The stack pointer, too, is copied, moved, rounded and restored. */
static void check_stack_pointer(encode_case *c)
{
    uint64_t moved = 0, before = 0, value = 0;
    encode_case_begin(c);
    gt_encode_copy(&c->e, GT_RBP, GT_RSP);
    gt_encode_save(&c->e, at(c, GT_RAX, &before), GT_RSP);
    gt_encode_add_number(&c->e, GT_RSP, -1000);
    gt_encode_and_number(&c->e, GT_RSP, -64);
    gt_encode_save(&c->e, at(c, GT_RAX, &moved), GT_RSP);
    gt_encode_number(&c->e, GT_RCX, 77);
    gt_encode_save(&c->e, gt_location_memory(GT_RSP, GT_NO_GENERAL, 8), GT_RCX);
    gt_encode_load(&c->e, GT_RDX, gt_location_memory(GT_RSP, GT_NO_GENERAL, 8));
    gt_encode_save(&c->e, at(c, GT_RAX, &value), GT_RDX);
    gt_encode_copy(&c->e, GT_RSP, GT_RBP);
    encode_case_run(c);
    cr_assert(moved == ((before - 1000) & ~UINT64_C(63)) && value == 77);
}

Test(encode_general, stack_pointer)
{
    for_all_levels(check_stack_pointer);
}

static void check_arithmetic(encode_case *c)
{
    static const int32_t values[] = {0, 1, -1, 127, 128, -128, -129, -64, 0x7fffffff, INT32_MIN};
    enum { VALUES = sizeof values / sizeof *values };
    for (int reg = GT_RAX; reg <= GT_R15; reg++)
        for (int i = 0; i < NUMBERS && is_free(reg); i++) {
            uint64_t sums[VALUES], ands[VALUES];
            gt_general address = other_than(reg, reg);
            encode_case_begin(c);
            for (int k = 0; k < VALUES; k++) {
                gt_encode_number(&c->e, (gt_general)reg, numbers[i]);
                gt_encode_add_number(&c->e, (gt_general)reg, values[k]);
                gt_encode_save(&c->e, at(c, address, &sums[k]), (gt_general)reg);
                gt_encode_number(&c->e, (gt_general)reg, numbers[i]);
                gt_encode_and_number(&c->e, (gt_general)reg, values[k]);
                gt_encode_save(&c->e, at(c, address, &ands[k]), (gt_general)reg);
            }
            encode_case_run(c);
            for (int k = 0; k < VALUES; k++) {
                uint64_t a = (uint64_t)numbers[i], b = (uint64_t)(int64_t)values[k];
                cr_assert(sums[k] == a + b && ands[k] == (a & b), "register %d: %lld and %d", reg,
                          (long long)numbers[i], values[k]);
            }
        }
}

Test(encode_general, sums_and_bits)
{
    for_all_levels(check_arithmetic);
}

/* ---- jumps --------------------------------------------------------------------------------- */

static const gt_condition conditions[] = {GT_IF_EQUAL, GT_IF_NOT_EQUAL, GT_IF_LESS, GT_IF_NOT_LESS};

static bool holds(gt_condition condition, int64_t a, int64_t b)
{
    switch (condition) {
    case GT_IF_EQUAL:
        return a == b;
    case GT_IF_NOT_EQUAL:
        return a != b;
    case GT_IF_LESS:
        return a < b;
    default:
        return a >= b;
    }
}

/* Writes 1 after a jump ahead that is not taken. An address and a number change no flags. */
static void check_conditions(encode_case *c, gt_general x, gt_general y, int64_t a, int64_t b)
{
    int64_t by_register[4] = {0, 0, 0, 0}, by_number[4] = {0, 0, 0, 0};
    bool has_number = b >= INT32_MIN && b <= INT32_MAX;
    encode_case_begin(c);
    for (int way = 0; way < (has_number ? 2 : 1); way++)
        for (int k = 0; k < 4; k++) {
            gt_general address = other_than(x, y);
            gt_encode_number(&c->e, y, b);
            gt_encode_number(&c->e, x, a);
            if (way == 0)
                gt_encode_compare(&c->e, x, y);
            else
                gt_encode_compare_number(&c->e, x, (int32_t)b);
            gt_location place = at(c, address, way == 0 ? &by_register[k] : &by_number[k]);
            gt_encode_number(&c->e, x, 1);
            size_t jump = gt_encode_jump_ahead(&c->e, conditions[k]);
            gt_encode_save(&c->e, place, x);
            gt_encode_land(&c->e, jump);
        }
    encode_case_run(c);
    if (x == y)
        a = b = 0;
    for (int k = 0; k < 4; k++) {
        cr_assert(by_register[k] == !holds(conditions[k], a, b), "condition %#x of registers %d, %d",
                  (unsigned)conditions[k], (int)x, (int)y);
        cr_assert(!has_number || x == y || by_number[k] == !holds(conditions[k], a, b),
                  "condition %#x of a number in %d", (unsigned)conditions[k], (int)x);
    }
}

static void check_all_conditions(encode_case *c)
{
    for (int i = 0; i < NUMBERS; i++)
        for (int k = 0; k < NUMBERS; k++)
            check_conditions(c, GT_RSI, GT_R13, numbers[i], numbers[k]);
    for (int x = GT_RAX; x <= GT_R15; x++)
        for (int y = GT_RAX; y <= GT_R15; y++)
            if (is_free(x) && is_free(y)) {
                check_conditions(c, (gt_general)x, (gt_general)y, 3, 4);
                check_conditions(c, (gt_general)x, (gt_general)y, 4, 4);
            }
}

Test(encode_general, conditions)
{
    for_all_levels(check_all_conditions);
}

/* Loops whose bodies are so many instructions long: about the longest that a short jump reaches, and far beyond it. */
static void check_loop(encode_case *c, int length, int longer)
{
    int64_t turns = 0, expected = 5;
    encode_case_begin(c);
    gt_encode_number(&c->e, GT_RCX, 0);
    gt_encode_number(&c->e, GT_RDX, 0);
    size_t again = c->e.count;
    gt_encode_add_number(&c->e, GT_RDX, 1);
    for (int i = 0; i < length; i++)
        gt_encode_copy(&c->e, GT_R8, GT_RDX); /* 3 bytes */
    for (int i = 0; i < longer; i++)
        gt_encode_add_number(&c->e, GT_R9, 1); /* 4 bytes */
    gt_encode_add_number(&c->e, GT_RCX, 10);
    gt_encode_compare_number(&c->e, GT_RCX, 50);
    gt_encode_jump_back(&c->e, length % 2 == 0 ? GT_IF_LESS : GT_IF_NOT_EQUAL, again);
    gt_encode_save(&c->e, at(c, GT_RAX, &turns), GT_RDX);
    encode_case_run(c);
    cr_assert(turns == expected, "a loop of %d instructions ran %lld times", length, (long long)turns);
}

static void check_loops(encode_case *c)
{
    for (int length = 0; length < 100; length++)
        for (int longer = 0; longer < 3; longer++)
            check_loop(c, length, longer);
    check_loop(c, 30000, 0);
}

Test(encode_general, loops)
{
    for_all_levels(check_loops);
}

/* Over so many instructions; had the jump gone elsewhere, one of them would have been executed. */
static void check_jump_ahead(encode_case *c, int length)
{
    int64_t got = 0;
    encode_case_begin(c);
    gt_encode_number(&c->e, GT_RDX, 5);
    gt_encode_compare_number(&c->e, GT_RDX, 5);
    size_t jump = gt_encode_jump_ahead(&c->e, GT_IF_EQUAL);
    for (int i = 0; i < length; i++)
        gt_encode_add_number(&c->e, GT_RDX, 1); /* 4 bytes */
    gt_encode_land(&c->e, jump);
    gt_encode_add_number(&c->e, GT_RDX, 100);
    gt_encode_save(&c->e, at(c, GT_RAX, &got), GT_RDX);
    encode_case_run(c);
    cr_assert(got == 105, "a jump over %d instructions", length);
}

static void check_jumps_ahead(encode_case *c)
{
    static const int lengths[] = {0, 1, 31, 32, 63, 64, 100, 16383, 16384, 70000};
    for (int i = 0; i < (int)(sizeof lengths / sizeof *lengths); i++)
        check_jump_ahead(c, lengths[i]);
}

Test(encode_general, jumps_ahead)
{
    for_all_levels(check_jumps_ahead);
}

/* Two calls of a function that so many instructions lie behind. */
static void check_call(encode_case *c, int length)
{
    int64_t got = 0;
    encode_case_begin(c);
    gt_encode_number(&c->e, GT_RDX, 5);
    gt_encode_compare_number(&c->e, GT_RDX, 5);
    size_t over = gt_encode_jump_ahead(&c->e, GT_IF_EQUAL);
    size_t function = c->e.count;
    gt_encode_add_number(&c->e, GT_RDX, 100);
    gt_encode_return(&c->e);
    gt_encode_land(&c->e, over);
    for (int i = 0; i < length; i++)
        gt_encode_add_number(&c->e, GT_RDX, 1); /* 4 bytes */
    gt_encode_call(&c->e, function);
    gt_encode_call(&c->e, function);
    gt_encode_save(&c->e, at(c, GT_RAX, &got), GT_RDX);
    encode_case_run(c);
    cr_assert(got == 205 + length, "a call over %d instructions", length);
}

static void check_calls(encode_case *c)
{
    static const int lengths[] = {0, 1, 31, 32, 100, 16384, 70000};
    for (int i = 0; i < (int)(sizeof lengths / sizeof *lengths); i++)
        check_call(c, lengths[i]);
}

Test(encode_general, calls)
{
    for_all_levels(check_calls);
}

/* ---- bytes --------------------------------------------------------------------------------- */

/* What a prefetch does cannot be seen; its bytes can. They need no processor of the kind. */
Test(encode_general, bytes_of_prefetches)
{
    static const uint8_t expected[] = {
        0x0f, 0x18, 0x08,                               /* [rax] */
        0x43, 0x0f, 0x18, 0x4c, 0x0c, 0x40,             /* [r12 + r9 + 64] */
        0x41, 0x0f, 0x18, 0x8d, 0x00, 0x10, 0x00, 0x00, /* [r13 + 4096] */
        0x42, 0x0f, 0x18, 0x4c, 0x3d, 0x00,             /* [rbp + r15] */
        0x0f, 0x18, 0x8c, 0x1c, 0x7f, 0xff, 0xff, 0xff, /* [rsp + rbx - 129] */
    };
    gt_encoder e;
    gt_encoder_init(&e, false);
    gt_encode_prefetch(&e, gt_location_memory(GT_RAX, GT_NO_GENERAL, 0));
    gt_encode_prefetch(&e, gt_location_memory(GT_R12, GT_R9, 64));
    gt_encode_prefetch(&e, gt_location_memory(GT_R13, GT_NO_GENERAL, 4096));
    gt_encode_prefetch(&e, gt_location_memory(GT_RBP, GT_R15, 0));
    gt_encode_prefetch(&e, gt_location_memory(GT_RSP, GT_RBX, -129));
    cr_assert(!e.failed && e.count == sizeof expected && memcmp(e.bytes, expected, sizeof expected) == 0);
    gt_encoder_free(&e);
}
