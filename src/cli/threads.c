#include "cli/threads.h"

#include <stdlib.h>

#ifdef GT_HAVE_OPENBLAS_THREADS
void openblas_set_num_threads(int count);
#endif

void gt_threads_choose(void)
{
#ifdef GT_HAVE_OPENBLAS_THREADS
    const char *wanted = getenv("OPENBLAS_NUM_THREADS");
    if (wanted == NULL || *wanted == '\0')
        openblas_set_num_threads(1);
#endif
}
