#include "base/processor.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char VARIABLE[] = "GRADTAPE_PROCESSOR";
static const char *const names[] = {"baseline", "avx2", "avx512"};

static gt_processor of_processor(void)
{
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return GT_PROCESSOR_BASELINE;
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    return avx512 ? GT_PROCESSOR_AVX512 : GT_PROCESSOR_AVX2;
#else
    return GT_PROCESSOR_BASELINE;
#endif
}

/* The level of that name, or -1. */
static int named(const char *name)
{
    for (int level = 0; level < (int)(sizeof names / sizeof *names); level++)
        if (strcmp(name, names[level]) == 0)
            return level;
    return -1;
}

gt_processor gt_processor_level(void)
{
    static atomic_int known = -1; /* two threads may find it at once: they find the same */
    int level = atomic_load_explicit(&known, memory_order_relaxed);
    if (level >= 0)
        return (gt_processor)level;
    level = (int)of_processor();
    const char *asked = getenv(VARIABLE);
    int lower = asked == NULL ? -1 : named(asked);
    if (lower >= 0 && lower < level)
        level = lower;
    atomic_store_explicit(&known, level, memory_order_relaxed);
    return (gt_processor)level;
}

gt_status gt_processor_check(gt_error *error)
{
    const char *asked = getenv(VARIABLE);
    if (asked == NULL || *asked == '\0' || named(asked) >= 0)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_ARGUMENT,
                        "the environment variable %s is \"%.40s\"; it can be avx512, avx2 or baseline", VARIABLE,
                        asked);
}
