/*
 * The random numbers against NumPy 1.24's legacy RandomState, value for value,
 * and Philox4x32-10 against the known answers of its authors' library.
 */
#include "gradtape/random.h"

#include <criterion/criterion.h>
#include <string.h>

enum { FIRST_COUNT = 4 };

static gt_random seeded(uint32_t seed)
{
    gt_random random;
    gt_random_seed(&random, seed);
    return random;
}

static void expect_words(uint32_t seed, const uint32_t *expected)
{
    gt_random random = seeded(seed);
    for (int i = 0; i < FIRST_COUNT; i++)
        cr_assert_eq(gt_random_bits(&random), expected[i], "seed %u, word %d", seed, i);
}

Test(random, first_words)
{
    expect_words(0, (uint32_t[]){2357136044u, 2546248239u, 3071714933u, 3626093760u});
    expect_words(1, (uint32_t[]){1791095845u, 4282876139u, 3093770124u, 4005303368u});
    expect_words(4294967295u, (uint32_t[]){419326371u, 479346978u, 3918654476u, 2416749639u});
}

/* FNV-1a over whole words: RandomState(20240229).randint(0, 2**32, 100000). */
Test(random, hundred_thousand_words)
{
    gt_random random = seeded(20240229);
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < 100000; i++)
        hash = (hash ^ gt_random_bits(&random)) * 0x100000001b3u;
    cr_assert_eq(hash, 0xf4f446cf03d0e265u);
}

Test(random, uniform)
{
    const double expected[] = {0x1.ab07d0ffa3c06p-2, 0x1.70ce5f3baf051p-1, 0x1.dfb906661c000p-14, 0x1.3596ab7fe08f4p-2};
    gt_random random = seeded(1);
    for (int i = 0; i < 4; i++)
        cr_assert(gt_random_uniform(&random) == expected[i], "value %d", i);
}

Test(random, normal)
{
    const double expected[] = {0x1.9fd5190657c50p+0, -0x1.393822fb7d9adp-1, -0x1.0e6c872548fd2p-1,
                               -0x1.12ae1255cb80cp+0, 0x1.bb16b5735117dp-1};
    gt_random random = seeded(1);
    for (int i = 0; i < 5; i++)
        cr_assert(gt_random_normal(&random) == expected[i], "value %d", i);
}

/* The second normal value outlives calls in between; a range of one value draws nothing. */
Test(random, kept_normal_value)
{
    gt_random random = seeded(1);
    cr_assert(gt_random_normal(&random) == 0x1.9fd5190657c50p+0);
    cr_assert(gt_random_uniform(&random) == 0x1.dfb906661c000p-14);
    cr_assert(gt_random_normal(&random) == -0x1.393822fb7d9adp-1);
    cr_assert(gt_random_uniform(&random) == 0x1.3596ab7fe08f4p-2);
    cr_assert_eq(gt_random_integer(&random, 0, 1), 0);
    cr_assert(gt_random_uniform(&random) == 0x1.2c8e5a3c7053cp-3);
}

Test(random, seeding_forgets_the_kept_value)
{
    gt_random random = seeded(1);
    gt_random_normal(&random);
    gt_random_seed(&random, 1);
    cr_assert(gt_random_normal(&random) == 0x1.9fd5190657c50p+0);
}

/* RandomState(7).randint(low, high), four times. */
static const struct {
    int64_t low, high, drawn[FIRST_COUNT];
} ranges[] = {
    {0, 10, {4, 9, 6, 3}},
    {-5, 5, {-1, 4, 1, -2}},
    {3, 1003, {178, 199, 540, 505}},
    {0, 4294967296, {327741615, 976413892, 3349725721, 1369975286}},
    {0, 4294967295, {327741615, 976413892, 3349725721, 1369975286}},
    {0, 4294967297, {1322904761, 1133316631, 372560217, 1801189930}},
    {0, 8589934592, {5271381188, 5664942582, 8496402643, 6251689575}},
    {-1099511627776, 2199023267897, {-346915937084, 1208255785462, 1391475871955, 396459895993}},
    {INT64_MIN, INT64_MAX, {-7815732517915138876, 5163590386780219894, -1136149262272507693, 4122204982959224423}},
    {-3, -2, {-3, -3, -3, -3}},
    {5, 5, {5, 5, 5, 5}},
    {9, -9, {9, 9, 9, 9}},
};

Test(random, integer)
{
    for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
        gt_random random = seeded(7);
        for (int i = 0; i < FIRST_COUNT; i++)
            cr_assert_eq(gt_random_integer(&random, ranges[k].low, ranges[k].high), ranges[k].drawn[i],
                         "range %zu, value %d", k, i);
    }
}

/* RandomState(3).rand(2, 3, 2, 2).flatten(order="F") */
Test(random, fill_uniform)
{
    const double expected[24] = {
        0x1.1a022ec486c1ap-1, 0x1.4c5c9bcdcc038p-1, 0x1.c93057dbf8d2ap-1, 0x1.88eb4e2069940p-6, 0x1.a59e8c5fcbf60p-5,
        0x1.2254662736d32p-2, 0x1.29e2ee8f87b1ep-2, 0x1.5a3e151f8758dp-1, 0x1.0132df0a66c68p-3, 0x1.09797933808dap-2,
        0x1.e97de929b7d20p-6, 0x1.c3064ca330950p-2, 0x1.6a9259f5c1b9ap-1, 0x1.1d2bc52d4cc2ep-2, 0x1.cae6ed81332adp-1,
        0x1.1e221f7e5040dp-1, 0x1.c363a7d8effb4p-2, 0x1.62e2f9258b2e7p-1, 0x1.058b32246f98cp-1, 0x1.2e85923a7387ep-1,
        0x1.a86ef43f759b8p-3, 0x1.a91049c6c13b2p-2, 0x1.d3cc16ba018ccp-2, 0x1.4143df74612c8p-3};
    gt_random random = seeded(3);
    double value[24];
    gt_random_fill_uniform(&random, GT_SHAPE(2, 3, 2, 2), value);
    for (int i = 0; i < 24; i++)
        cr_assert(value[i] == expected[i], "entry %d", i);
}

/* RandomState(3).randn(3, 2).flatten(order="F") */
Test(random, fill_normal)
{
    const double expected[6] = {0x1.c9e38e3e13df2p+0, 0x1.8b40edd841de6p-4,  -0x1.1c0ba72861dcdp-2,
                                0x1.befc703152c8ap-2, -0x1.dd0ddb9948fd7p+0, -0x1.6b45f017b0c89p-2};
    gt_random random = seeded(3);
    double value[6];
    gt_random_fill_normal(&random, GT_SHAPE(3, 2), value);
    for (int i = 0; i < 6; i++)
        cr_assert(value[i] == expected[i], "entry %d", i);
}

Test(random, fill_leaves_an_impossible_shape_alone)
{
    gt_random random = seeded(3), before = random;
    double untouched = 42;
    gt_random_fill_normal(&random, GT_SHAPE(0, 2), &untouched);
    cr_assert(untouched == 42);
    cr_assert_eq(random.position, before.position);
}

/* A state that no seeding gives, as from a damaged file: numbers, no crash and no endless loop. */
Test(random, damaged_state, .timeout = 10)
{
    gt_random random;
    memset(&random, 0, sizeof random);
    random.position = INT32_MAX;
    cr_assert(gt_random_normal(&random) < 100);
    gt_random fresh = seeded(5489);
    random.position = -7;
    memset(random.state, 0, sizeof random.state);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(gt_random_bits(&random), gt_random_bits(&fresh));
}

/* The known answers published with Random123 for philox4x32, 10 rounds. */
static const struct {
    uint32_t counter[4], key[2], expected[4];
} known_answers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

Test(random, philox_known_answers)
{
    for (size_t k = 0; k < sizeof known_answers / sizeof *known_answers; k++) {
        uint32_t out[4];
        gt_random_philox(known_answers[k].key, known_answers[k].counter, out);
        for (int i = 0; i < 4; i++)
            cr_assert_eq(out[i], known_answers[k].expected[i], "answer %zu, word %d", k, i);
    }
}

/* The counter may be overwritten by the result. */
Test(random, philox_in_place)
{
    uint32_t counter[4] = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344};
    gt_random_philox((uint32_t[]){0xa4093822, 0x299f31d0}, counter, counter);
    cr_assert_eq(counter[0], 0xd16cfe09);
    cr_assert_eq(counter[3], 0x24126ea1);
}
