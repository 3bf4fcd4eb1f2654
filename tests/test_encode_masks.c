/* Masks of every count of lanes: what is read, written and added is the lanes that they set, and nothing else. */
#include "support/encode_case.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Sets the mask by a number in the instruction, or by a general register. */
static void set_mask(encode_case *c, int mask, int lanes, gt_general by)
{
    if (by == GT_NO_GENERAL) {
        gt_encode_set_mask(&c->e, mask, (uint32_t)lanes);
    } else {
        gt_encode_number(&c->e, by, lanes);
        gt_encode_set_mask_by(&c->e, mask, by);
    }
}

typedef struct pages {
    char *memory, *end; /* what lies from the end on may neither be read nor written */
    size_t size;
} pages;

static pages pages_new(void)
{
    pages p = {.size = (size_t)sysconf(_SC_PAGESIZE)};
    p.memory = mmap(NULL, 2 * p.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(p.memory != MAP_FAILED);
    p.end = p.memory + p.size;
    cr_assert(mprotect(p.end, p.size, PROT_NONE) == 0);
    return p;
}

static void pages_free(pages *p)
{
    munmap(p->memory, 2 * p->size);
}

static vector lowest_lanes(const encode_case *c, const vector *these, const vector *others, int lanes)
{
    vector v = *others;
    memcpy(&v, these, (size_t)lanes * gt_dtype_size(c->dtype));
    return v;
}

static void check_mask(encode_case *c, const pages *p, int lanes, gt_general by)
{
    enum { SUM, FROM, MASK, SCRATCH, COUNT };
    int numbers[COUNT];
    for (int k = 0; k < COUNT; k++) {
        numbers[k] = random_register(c);
        for (int j = 0; j < k; j++)
            if (numbers[j] == numbers[k]) {
                numbers[k] = (numbers[k] + 1) % c->registers;
                j = -1;
            }
    }
    size_t bytes = (size_t)lanes * gt_dtype_size(c->dtype);
    vector a = random_vector(c), sum = random_vector(c), loaded = filled(1), added = filled(1), nothing = filled(0);
    /* The last entries before what may not be touched; with none of them, that itself. */
    char *last = p->end - bytes;
    memcpy(last, &a, bytes);
    encode_case_begin(c);
    set_mask(c, numbers[MASK], lanes, by);
    bring(c, numbers[SUM], &sum);
    gt_encode_move_masked(&c->e, numbers[FROM], at(c, GT_R12, last), numbers[MASK]);
    keep(c, &loaded, numbers[FROM]);
    bring(c, numbers[FROM], &a);
    gt_encode_add_masked(&c->e, numbers[SUM], numbers[FROM], numbers[MASK], numbers[SCRATCH]);
    keep(c, &added, numbers[SUM]);
    if (by == GT_NO_GENERAL && lanes > 0 && lanes < c->lanes && random_register(c) % 2 == 0)
        gt_encode_store_some(&c->e, at(c, GT_R13, last), numbers[SUM], (uint32_t)lanes, numbers[MASK],
                             numbers[SCRATCH]);
    else
        gt_encode_store_masked(&c->e, at(c, GT_R13, last), numbers[SUM], numbers[MASK]);
    encode_case_run(c);
    vector expected = lowest_lanes(c, &a, &nothing, lanes), sums = sum;
    for (int lane = 0; lane < lanes; lane++) {
        double x = number_of(c->dtype, lane_bits(c->dtype, &a, lane));
        double y = number_of(c->dtype, lane_bits(c->dtype, &sum, lane));
        set_lane_bits(c->dtype, &sums, lane, bits_of(c->dtype, x + y));
    }
    expect_lanes(c, &loaded, &expected, "loaded by a mask of", lanes);
    expect_lanes(c, &added, &sums, "added by a mask of", lanes);
    cr_assert(memcmp(last, &added, bytes) == 0, "stored by a mask of %d", lanes);
}

static void check_all_masks(encode_case *c)
{
    pages p = pages_new();
    for (int lanes = 0; lanes <= c->lanes; lanes++)
        for (int i = 0; i < 30; i++)
            check_mask(c, &p, lanes, GT_NO_GENERAL);
    for (int lanes = 0; lanes < c->lanes; lanes++)
        for (int by = GT_RCX; by <= GT_R15; by++)
            if (by != GT_RSP)
                check_mask(c, &p, lanes, (gt_general)by);
    pages_free(&p);
}

Test(encode_masks, every_count_of_lanes)
{
    for_all_levels(check_all_masks);
}

/* In the middle of memory: lanes that are not set stay as they were. */
static void check_others_stay_with(encode_case *c, bool in_pieces)
{
    for (int lanes = in_pieces ? 1 : 0; lanes <= c->lanes - in_pieces; lanes++) {
        vector a = random_vector(c), before = random_vector(c), memory[3] = {before, before, before};
        vector expected = lowest_lanes(c, &a, &before, lanes);
        encode_case_begin(c);
        set_mask(c, 6, lanes, lanes < c->lanes && lanes % 2 == 1 ? GT_R10 : GT_NO_GENERAL);
        bring(c, 3, &a);
        gt_encode_number(&c->e, GT_R9, 64);
        gt_encode_number(&c->e, GT_RBX, (int64_t)(intptr_t)memory);
        if (in_pieces)
            gt_encode_store_some(&c->e, gt_location_memory(GT_RBX, GT_R9, 0), 3, (uint32_t)lanes, 6, 9);
        else
            gt_encode_store_masked(&c->e, gt_location_memory(GT_RBX, GT_R9, 0), 3, 6);
        encode_case_run(c);
        expect_lanes(c, &memory[1], &expected, in_pieces ? "stored in pieces of" : "stored by a mask of", lanes);
        cr_assert(memcmp(&memory[0], &before, sizeof before) == 0 && memcmp(&memory[2], &before, sizeof before) == 0);
    }
}

static void check_others_stay(encode_case *c)
{
    check_others_stay_with(c, false);
    check_others_stay_with(c, true);
}

Test(encode_masks, other_lanes_stay)
{
    for_all_levels(check_others_stay);
}

/* A masked load of a constant, and masks next to other constants of a function. */
static void check_constants(encode_case *c)
{
    for (int lanes = 0; lanes <= c->lanes; lanes++) {
        vector got = filled(1), all = filled(0), nothing = filled(0), whole = filled(1);
        gt_location constant;
        for (int lane = 0; lane < c->lanes; lane++)
            set_lane_bits(c->dtype, &all, lane, bits_of(c->dtype, lanes));
        encode_case_begin(c);
        constant = gt_encode_constant(&c->e, bits_of(c->dtype, lanes));
        set_mask(c, 2, lanes, GT_NO_GENERAL);
        gt_encode_move_masked(&c->e, 1, constant, 2);
        keep(c, &got, 1);
        gt_encode_move(&c->e, 1, constant);
        keep(c, &whole, 1);
        encode_case_run(c);
        vector expected = lowest_lanes(c, &all, &nothing, lanes);
        expect_lanes(c, &got, &expected, "a constant by a mask of", lanes);
        expect_lanes(c, &whole, &all, "a constant beside a mask of", lanes);
    }
}

Test(encode_masks, with_constants)
{
    for_all_levels(check_constants);
}

/* A comparison in between takes another mask register, and leaves the mask as it is. */
static void check_select_keeps_mask(encode_case *c)
{
    vector a = random_vector(c), memory = filled(0), expected = filled(0);
    encode_case_begin(c);
    set_mask(c, 5, 3, GT_NO_GENERAL);
    bring(c, 0, &a);
    gt_encode_select(&c->e, 0, 1, 0, gt_location_register(0), 0, 0, 4);
    gt_encode_store_masked(&c->e, at(c, GT_RAX, &memory), 1, 5);
    encode_case_run(c);
    expected = lowest_lanes(c, &a, &expected, 3);
    expect_lanes(c, &memory, &expected, "a mask after a comparison", 3);
}

Test(encode_masks, comparisons_keep_them)
{
    for_all_levels(check_select_keeps_mask);
}
