/*
 * Random tapes under every pass and as programs. A few run by default;
 * GRADTAPE_RANDOM_TAPES=1000 runs that many, as many with scans, and half as many
 * with loops that are recorded step by step.
 * GRADTAPE_RANDOM_FIRST=n begins with seed n, GRADTAPE_RANDOM_SEED=n runs that one
 * alone. A test that fails prints its seed. About one seed in 50,000 fails though nothing is
 * wrong: it compares two values for equality that are equal but for rounding, or its second
 * derivatives make more of roundings in f32 than the tolerance allows.
 */
#include "support/plan_check.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(plan_random, .timeout = 3600);

static uint32_t number_from(const char *variable, uint32_t otherwise)
{
    const char *text = getenv(variable);
    return text == NULL ? otherwise : (uint32_t)strtoul(text, NULL, 10);
}

static void check_seeds(uint32_t first, uint32_t count, const char *with)
{
    const char *only = getenv("GRADTAPE_RANDOM_SEED");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t seed = only == NULL ? first + i : (uint32_t)strtoul(only, NULL, 10);
        if (getenv("GRADTAPE_RANDOM_TRACE") != NULL)
            fprintf(stderr, "seed %u, %s\n", seed, with);
        random_options options = {.seed = seed,
                                  .scans = strcmp(with, "tapes") == 0 ? 0 : 1 + seed % 2,
                                  .order = (int)(seed / 2 % 3),
                                  .loops = strcmp(with, "loops") == 0};
        plan_check(&options);
        if (only != NULL)
            return;
    }
}

Test(plan_random, tapes)
{
    check_seeds(number_from("GRADTAPE_RANDOM_FIRST", 1), number_from("GRADTAPE_RANDOM_TAPES", 150), "tapes");
}

Test(plan_random, scans)
{
    check_seeds(number_from("GRADTAPE_RANDOM_FIRST", 1), number_from("GRADTAPE_RANDOM_TAPES", 150), "scans");
}

Test(plan_random, loops)
{
    check_seeds(number_from("GRADTAPE_RANDOM_FIRST", 1), number_from("GRADTAPE_RANDOM_TAPES", 150) / 2, "loops");
}

/* Every test is a process of its own, which has not asked for its processor yet. */
Test(plan_random, with_avx2)
{
    cr_assert_eq(setenv("GRADTAPE_PROCESSOR", "avx2", 1), 0);
    check_seeds(number_from("GRADTAPE_RANDOM_FIRST", 1), number_from("GRADTAPE_RANDOM_TAPES", 150) / 5, "scans");
}
