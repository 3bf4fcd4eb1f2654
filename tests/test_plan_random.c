/*
 * Random tapes under every pass and as programs. A few run by default;
 * GRADTAPE_RANDOM_TAPES=1000 runs that many, and a fifth as many with scans.
 * GRADTAPE_RANDOM_FIRST=n begins with seed n, GRADTAPE_RANDOM_SEED=n runs that one
 * alone. A test that fails prints its seed.
 */
#include "support/plan_check.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

TestSuite(plan_random, .timeout = 3600);

static uint32_t number_from(const char *variable, uint32_t otherwise)
{
    const char *text = getenv(variable);
    return text == NULL ? otherwise : (uint32_t)strtoul(text, NULL, 10);
}

static void check_seeds(uint32_t first, uint32_t count, bool with_scans)
{
    const char *only = getenv("GRADTAPE_RANDOM_SEED");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t seed = only == NULL ? first + i : (uint32_t)strtoul(only, NULL, 10);
        if (getenv("GRADTAPE_RANDOM_TRACE") != NULL)
            fprintf(stderr, "seed %u%s\n", seed, with_scans ? " with scans" : "");
        random_options options = {.seed = seed, .scans = with_scans ? 1 + seed % 2 : 0, .order = (int)(seed / 2 % 3)};
        plan_check(&options);
        if (only != NULL)
            return;
    }
}

Test(plan_random, tapes)
{
    check_seeds(number_from("GRADTAPE_RANDOM_FIRST", 1), number_from("GRADTAPE_RANDOM_TAPES", 150), false);
}

Test(plan_random, scans)
{
    check_seeds(number_from("GRADTAPE_RANDOM_FIRST", 1), number_from("GRADTAPE_RANDOM_TAPES", 150), true);
}
