#include "ops/levels.h"

unsigned gt_processor_level(void)
{
#if GT_LEVELS == 3
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return 0;
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    return avx512 ? 2 : 1;
#else
    return 0;
#endif
}
