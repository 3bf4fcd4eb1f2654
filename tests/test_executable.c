/* Memory that the processor executes; the system's refusals are made up here, the program being linked so. */
#include "native/executable.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int refusal; /* errno of the next calls of mprotect; 0 lets them through */
static long mapped; /* each mapping is protected once */

int __real_mprotect(void *address, size_t size, int protection);
int __wrap_mprotect(void *address, size_t size, int protection);
int __real_munmap(void *address, size_t size);
int __wrap_munmap(void *address, size_t size);

int __wrap_mprotect(void *address, size_t size, int protection)
{
    cr_assert((protection & (PROT_WRITE | PROT_EXEC)) != (PROT_WRITE | PROT_EXEC));
    mapped++;
    if (refusal == 0)
        return __real_mprotect(address, size, protection);
    errno = refusal;
    return -1;
}

int __wrap_munmap(void *address, size_t size)
{
    int result = __real_munmap(address, size);
    mapped -= result == 0;
    return result;
}

/* mov eax, 42; ret */
static const uint8_t code[] = {0xb8, 42, 0, 0, 0, 0xc3};

Test(executable, runs_what_was_copied)
{
    if (!gt_executable_possible()) {
        gt_executable none;
        cr_assert(gt_executable_make(&none, code, sizeof code) == GT_ERROR_UNSUPPORTED && none.code == NULL);
        cr_skip_test("no memory to execute");
        return;
    }
    cr_assert(mapped == 0);
    uint8_t own[sizeof code];
    memcpy(own, code, sizeof code);
    gt_executable executable;
    cr_assert(gt_executable_make(&executable, own, sizeof own) == GT_OK);
    memset(own, 0xcc, sizeof own);
    int (*function)(void);
    memcpy(&function, &executable.code, sizeof function);
    cr_assert(mapped == 1 && executable.bytes == sizeof code && function() == 42);
    gt_executable_free(&executable);
    cr_assert(mapped == 0 && executable.code == NULL && executable.bytes == 0);
    gt_executable_free(&executable);
}

/* The system writes what it reads for a program only where the program could. */
static bool is_writable(void *memory)
{
    int ends[2];
    cr_assert(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
    errno = 0;
    ssize_t count = read(ends[0], memory, 1);
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    cr_assert(count == 1 || (count == -1 && error == EFAULT));
    return count == 1;
}

Test(executable, cannot_be_written)
{
    char own[2];
    cr_assert(is_writable(own));
    if (!gt_executable_possible()) {
        cr_skip_test("no memory to execute");
        return;
    }
    static uint8_t bytes[20000];
    memset(bytes, 0xc3, sizeof bytes);
    gt_executable executable;
    cr_assert(gt_executable_make(&executable, bytes, sizeof bytes) == GT_OK);
    cr_assert(memcmp(executable.code, bytes, sizeof bytes) == 0);
    for (size_t i = 0; i < sizeof bytes; i += 999)
        cr_assert(!is_writable((char *)executable.code + i));
    gt_executable_free(&executable);
}

Test(executable, refusals)
{
    if (!gt_executable_possible()) {
        cr_skip_test("no memory to execute");
        return;
    }
    gt_executable executable = {(void *)code, 1};
    refusal = EACCES;
    cr_assert(!gt_executable_possible());
    cr_assert(gt_executable_make(&executable, code, sizeof code) == GT_ERROR_UNSUPPORTED);
    cr_assert(executable.code == NULL && executable.bytes == 0 && mapped == 0);
    refusal = ENOMEM;
    cr_assert(gt_executable_make(&executable, code, sizeof code) == GT_ERROR_MEMORY);
    cr_assert(executable.code == NULL && mapped == 0);
    refusal = 0;
    cr_assert(gt_executable_make(&executable, code, SIZE_MAX / 4) == GT_ERROR_MEMORY);
    cr_assert(executable.code == NULL && mapped == 0);
    cr_assert(gt_executable_possible() && mapped == 0);
}
