#include "command/stack.h"

#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { RESERVED = 768 << 10, PAGE = 4096 };

/* Its frame is the memory; from the top on, as a stack grows. */
static __attribute__((noinline)) void touch(void)
{
    volatile char frame[RESERVED];
    for (size_t i = sizeof frame; i >= PAGE; i -= PAGE)
        frame[i - 1] = 0;
}

/* A stack that may not become so large is left alone. */
static bool may_grow(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_STACK, &limit) == 0 && (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= 2 * RESERVED);
}

bool gt_stack_reserve(void)
{
    if (!may_grow())
        return true;
    void *probe = mmap(NULL, RESERVED + 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (probe == MAP_FAILED)
        return false;
    munmap(probe, RESERVED + 16 * PAGE);
    touch();
    return true;
}
