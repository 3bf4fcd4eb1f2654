#include "native/executable.h"

#if defined(__x86_64__) && defined(__LP64__) && (defined(__unix__) || defined(__APPLE__))

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

bool gt_executable_possible(void)
{
    static const uint8_t nothing[] = {0xc3}; /* ret */
    gt_executable probe;
    bool possible = gt_executable_make(&probe, nothing, sizeof nothing) == GT_OK;
    gt_executable_free(&probe);
    return possible;
}

static gt_status status_of_failure(void)
{
    return errno == ENOMEM || errno == EAGAIN ? GT_ERROR_MEMORY : GT_ERROR_UNSUPPORTED;
}

gt_status gt_executable_make(gt_executable *executable, const uint8_t *bytes, size_t count)
{
    *executable = (gt_executable){NULL, 0};
    void *pages = mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return status_of_failure();
    memcpy(pages, bytes, count);
    if (mprotect(pages, count, PROT_READ | PROT_EXEC) != 0) {
        gt_status status = status_of_failure();
        munmap(pages, count);
        return status;
    }
    *executable = (gt_executable){pages, count};
    return GT_OK;
}

void gt_executable_free(gt_executable *executable)
{
    if (executable->code != NULL)
        munmap(executable->code, executable->bytes);
    *executable = (gt_executable){NULL, 0};
}

#else

bool gt_executable_possible(void)
{
    return false;
}

gt_status gt_executable_make(gt_executable *executable, const uint8_t *bytes, size_t count)
{
    (void)bytes;
    (void)count;
    *executable = (gt_executable){NULL, 0};
    return GT_ERROR_UNSUPPORTED;
}

void gt_executable_free(gt_executable *executable)
{
    *executable = (gt_executable){NULL, 0};
}

#endif
