/*
 * Random loops, with more arrays and values than there are registers, against an evaluation entry by
 * entry in C: the order of the instructions, the registers, the stack and the encoding of all of them.
 */
#include "gradtape/random.h"
#include "machine_code.h"
#include "native/compile.h"
#include "ops/levels.h"
#include "support/lane_machine.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_INPUTS = 24, OUTPUTS = 5, MOST_SLOTS = MOST_INPUTS + OUTPUTS, ENTRIES = 53, LOOPS = 150 };

typedef struct random_loop {
    gt_random random;
    gt_lanes lanes;
    gt_loop_slot slots[MOST_SLOTS];
    uint32_t inputs, slot_count;
} random_loop;

static gt_lane any_value(random_loop *l)
{
    /* Old values, too: so that many live for long. */
    return (gt_lane)gt_random_integer(&l->random, 1, l->lanes.count);
}

static gt_lane any_number(random_loop *l)
{
    return gt_random_integer(&l->random, 0, 3) == 0 ? gt_lanes_number(&l->lanes, gt_random_normal(&l->random))
                                                    : any_value(l);
}

static void add_instruction(random_loop *l)
{
    gt_lane_kind kind = (gt_lane_kind)gt_random_integer(&l->random, GT_LANE_ADD, GT_LANE_SELECT + 1);
    gt_lane a = any_value(l), b = any_number(l), c = any_value(l), d = any_number(l);
    uint32_t places = (uint32_t)gt_random_integer(&l->random, 1, 20);
    if (kind == GT_LANE_FUSED)
        gt_lanes_fused(&l->lanes, a, b, gt_random_integer(&l->random, 0, 2) != 0 ? c : d);
    else if (kind == GT_LANE_SELECT)
        gt_lanes_select(&l->lanes,
                        (gt_lane_predicate)gt_random_integer(&l->random, GT_LANE_EQUAL, GT_LANE_GREATER_EQUAL + 1), a,
                        b, c, d);
    else if (kind == GT_LANE_SQRT)
        gt_lanes_unary(&l->lanes, kind, a);
    else if (kind == GT_LANE_SHIFT_LEFT || kind == GT_LANE_SHIFT_RIGHT)
        gt_lanes_shift(&l->lanes, kind, a, places);
    else
        gt_lanes_binary(&l->lanes, kind, a, b);
}

/* Inputs, instructions, and outputs, of which the first is over the first input. */
static void record(random_loop *l, uint32_t seed, gt_dtype dtype)
{
    memset(l, 0, sizeof *l);
    gt_random_seed(&l->random, seed);
    gt_lanes_init(&l->lanes, dtype);
    l->inputs = (uint32_t)gt_random_integer(&l->random, 1, MOST_INPUTS + 1);
    l->slot_count = l->inputs + OUTPUTS;
    for (uint32_t s = 0; s < l->inputs; s++)
        gt_lanes_input(&l->lanes, s);
    int64_t instructions = gt_random_integer(&l->random, 1, 200);
    for (int64_t n = 0; n < instructions; n++)
        add_instruction(l);
    gt_lane last = l->lanes.count;
    for (uint32_t n = 0; n < OUTPUTS; n++)
        gt_lanes_output(&l->lanes, (gt_lane)gt_random_integer(&l->random, last > 12 ? last - 12 : 1, last),
                        l->inputs + n);
    l->slots[l->inputs] = (gt_loop_slot){.is_over = true, .over = 0};
    for (uint32_t s = 0; s < l->slot_count; s++)
        l->slots[s].distance = (int32_t)(ENTRIES * gt_dtype_size(dtype));
    cr_assert_not(l->lanes.failed);
}

static void fill(random_loop *l, char *const *arrays, int64_t count)
{
    for (uint32_t s = 0; s < l->inputs; s++)
        for (int64_t i = 0; i < count; i++) {
            double number = 2 * gt_random_normal(&l->random);
            if (l->lanes.dtype == GT_F32)
                ((float *)arrays[s])[i] = (float)number;
            else
                ((double *)arrays[s])[i] = number;
        }
}

static bool is_same(gt_dtype dtype, const char *a, const char *b, int64_t i)
{
    if (dtype == GT_F32) {
        float x = ((const float *)a)[i], y = ((const float *)b)[i];
        return (isnan(x) && isnan(y)) || memcmp(&x, &y, sizeof x) == 0;
    }
    double x = ((const double *)a)[i], y = ((const double *)b)[i];
    return (isnan(x) && isnan(y)) || memcmp(&x, &y, sizeof x) == 0;
}

/* Two columns of entries: as one flat loop, or column by column. False: the loop was more than loops have. */
static bool check(random_loop *l, bool avx512, bool flat, uint32_t seed)
{
    enum { COLUMNS = 2, COUNT = ENTRIES * COLUMNS };
    gt_encoder e;
    gt_encoder_init(&e, avx512);
    size_t begin = gt_compile_loop(&e, &(gt_compiled_loop){&l->lanes, l->slots, l->slot_count, flat, ENTRIES});
    cr_assert_not(e.failed);
    if (begin == (size_t)-1) {
        gt_encoder_free(&e);
        return false;
    }
    gt_executable executable;
    gt_loop_function *run = machine_code(&e, begin, &executable);
    gt_encoder_free(&e);

    size_t size = gt_dtype_size(l->lanes.dtype);
    char *actual = calloc(MOST_SLOTS * COUNT, size), *expected = calloc(MOST_SLOTS * COUNT, size);
    uint64_t *values = calloc(l->lanes.count, sizeof *values);
    char *arrays[MOST_SLOTS], *others[MOST_SLOTS], *moved[MOST_SLOTS];
    cr_assert(actual != NULL && expected != NULL && values != NULL);
    for (uint32_t s = 0; s < l->slot_count; s++) {
        uint32_t place = s == l->inputs ? 0 : s;
        arrays[s] = moved[s] = actual + place * COUNT * size;
        others[s] = expected + place * COUNT * size;
    }
    fill(l, arrays, COUNT);
    memcpy(expected, actual, MOST_SLOTS * COUNT * size);
    for (int64_t i = 0; i < COUNT; i++)
        lane_machine_run(&l->lanes, others, i, values);
    int64_t bytes = COUNT * (int64_t)size, rest = bytes % gt_vector_bytes(avx512);
    run(moved, flat ? bytes - rest : COLUMNS, flat ? rest / (int64_t)size : 0);
    for (uint32_t s = 0; s < l->slot_count; s++)
        for (int64_t i = 0; i < COUNT; i++)
            cr_assert(is_same(l->lanes.dtype, arrays[s], others[s], i), "loop %u, %s, %s, array %u, entry %lld", seed,
                      avx512 ? "AVX-512" : "AVX2", gt_dtype_name(l->lanes.dtype), s, (long long)i);
    free(actual);
    free(expected);
    free(values);
    gt_executable_free(&executable);
    return true;
}

Test(compile_random, loops)
{
    bool best;
    unsigned level = gt_compile_possible(&best) ? gt_processor_level() : 0;
    uint32_t compiled = 0, tried = 0;
    for (uint32_t seed = 1; seed <= LOOPS && level > 0; seed++) {
        random_loop l;
        record(&l, seed, seed % 2 != 0 ? GT_F32 : GT_F64);
        for (unsigned wide = 0; wide < level; wide++)
            for (int flat = 0; flat < 2; flat++) {
                tried++;
                compiled += check(&l, wide != 0, flat != 0, seed);
            }
        gt_lanes_free(&l.lanes);
    }
    /* Hardly any needs more places on the stack than there are. */
    cr_expect_geq(10 * compiled, 9 * tried);
}
