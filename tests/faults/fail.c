/*
 * Makes one allocation or one system call of a whole command fail: a library to be
 * preloaded (LD_PRELOAD), for scripts/faults. It counts from the start of the program.
 *
 *     GT_FAIL=memory:N         allocation N (from 0) finds no memory
 *     GT_FAIL=memory:N+        that and all later ones
 *     GT_FAIL=call:N:ENOSPC    system call N fails with that error
 *     GT_FAIL=call:N:SHORT     reads or writes a part of what it was asked for
 *     GT_FAIL=call:N:KILL      the process is killed there
 *     GT_FAIL_COUNT=FILE       at the end: "ALLOCATIONS CALLS", then a line for each call, its number
 *
 * A process that the program forks counts on from where its parent was, and has the fault, too, if it
 * comes to it; what it counted goes behind that of others like it in FILE.forked.
 *
 * System calls are those of `trapped`, whoever makes them, the C library too: a filter of the kernel
 * (seccomp) turns them into a signal whose handler does them. Needs glibc; calls need x86-64.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool active;
static pid_t process;

/* ---- memory -------------------------------------------------------------------------------- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long allocations;
static long failing_allocation = -1;
static bool ever_after;

static bool refused(void)
{
    if (!active)
        return false;
    long place = atomic_fetch_add(&allocations, 1);
    bool refuse =
        failing_allocation >= 0 && (place == failing_allocation || (ever_after && place > failing_allocation));
    if (refuse)
        errno = ENOMEM;
    return refuse;
}

void *malloc(size_t size)
{
    return refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refused() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return size > 0 && refused() ? NULL : __libc_realloc(memory, size);
}

void *reallocarray(void *memory, size_t count, size_t size)
{
    size_t bytes;
    if (!__builtin_mul_overflow(count, size, &bytes))
        return realloc(memory, bytes);
    errno = ENOMEM;
    return NULL;
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (refused())
        return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory != NULL ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return refused() ? NULL : __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size)
{
    return refused() ? NULL : __libc_memalign(alignment, size);
}

/* ---- system calls -------------------------------------------------------------------------- */

enum { MOST_CALLS = 1 << 20, KILL = -1, SHORT = -2 };
static atomic_long calls;
static long failing_call = -1;
static int failure; /* an errno, KILL or SHORT */

#if defined(__x86_64__)

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

static const int trapped[] = {SYS_open,      SYS_openat,    SYS_creat,    SYS_close,    SYS_read,
                              SYS_pread64,   SYS_write,     SYS_pwrite64, SYS_writev,   SYS_fsync,
                              SYS_fdatasync, SYS_ftruncate, SYS_rename,   SYS_renameat, SYS_renameat2};
enum { TRAPPED = sizeof trapped / sizeof *trapped };
static uint16_t made[MOST_CALLS];

/* The one place from where the kernel lets these calls through. */
long gt_fail_pass(long number, long a, long b, long c, long d, long e, long f);
extern const char gt_fail_passed[];
__asm__(".text\n"
        ".hidden gt_fail_pass\n.globl gt_fail_pass\n.type gt_fail_pass, @function\n"
        "gt_fail_pass:\n"
        "  mov %rdi, %rax\n  mov %rsi, %rdi\n  mov %rdx, %rsi\n  mov %rcx, %rdx\n"
        "  mov %r8, %r10\n  mov %r9, %r8\n  mov 8(%rsp), %r9\n  syscall\n"
        ".hidden gt_fail_passed\n.globl gt_fail_passed\n"
        "gt_fail_passed:\n  ret\n");

static bool moves_bytes(long number)
{
    return number == SYS_read || number == SYS_pread64 || number == SYS_write || number == SYS_pwrite64;
}

static long fail(long number, const greg_t *r)
{
    if (failure == KILL) {
        kill(getpid(), SIGKILL);
        for (;;)
            pause();
    }
    if (failure == SHORT) {
        size_t size = (size_t)r[REG_RDX];
        size_t part = moves_bytes(number) && size > 1 ? size / 2 : size;
        return gt_fail_pass(number, r[REG_RDI], r[REG_RSI], (long)part, r[REG_R10], r[REG_R8], r[REG_R9]);
    }
    if (number == SYS_close) /* it is closed all the same */
        gt_fail_pass(number, r[REG_RDI], 0, 0, 0, 0, 0);
    return -failure;
}

static void answer(int signal_number, siginfo_t *about, void *context)
{
    (void)signal_number;
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    long number = about->si_syscall, place = atomic_fetch_add(&calls, 1);
    int kept = errno;
    if (place < MOST_CALLS)
        made[place] = (uint16_t)number;
    r[REG_RAX] = place == failing_call
                     ? fail(number, r)
                     : gt_fail_pass(number, r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9]);
    errno = kept;
}

/* Loads of the filter: what, and how many instructions to skip if it is equal or not. */
#define LOAD(WHAT) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WHAT)
#define EQUAL(VALUE, THEN, ELSE) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, VALUE, THEN, ELSE)
#define PASS BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static bool trap(void)
{
    uint64_t from = (uint64_t)(uintptr_t)gt_fail_passed;
    const uint32_t place = offsetof(struct seccomp_data, instruction_pointer);
    const struct sock_filter head[] = {
        LOAD(offsetof(struct seccomp_data, arch)),
        EQUAL(AUDIT_ARCH_X86_64, 1, 0),
        PASS,
        LOAD(place),
        EQUAL((uint32_t)from, 0, 3),
        LOAD(place + 4),
        EQUAL((uint32_t)(from >> 32), 0, 1),
        PASS,
        LOAD(offsetof(struct seccomp_data, nr)),
    };
    enum { HEAD = sizeof head / sizeof *head };
    struct sock_filter filter[HEAD + TRAPPED + 2];
    memcpy(filter, head, sizeof head);
    for (int i = 0; i < TRAPPED; i++)
        filter[HEAD + i] = (struct sock_filter)EQUAL((uint32_t)trapped[i], (uint8_t)(TRAPPED - i), 0);
    filter[HEAD + TRAPPED] = (struct sock_filter)PASS;
    filter[HEAD + TRAPPED + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    return sigaction(SIGSYS, &action, NULL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int number_of(long place)
{
    return made[place];
}

#else

static bool trap(void)
{
    return true;
}

static int number_of(long place)
{
    (void)place;
    return 0;
}

#endif

/* ---- the start and the end ----------------------------------------------------------------- */

static int failure_named(const char *name)
{
    static const struct {
        const char *name;
        int value;
    } known[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EINTR", EINTR}, {"EMFILE", EMFILE},
                 {"EACCES", EACCES}, {"KILL", KILL},     {"SHORT", SHORT}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].value;
    return EIO;
}

__attribute__((constructor)) static void start(void)
{
    const char *what = getenv("GT_FAIL");
    char name[16] = "", more = '\0';
    if (what != NULL && sscanf(what, "memory:%ld%c", &failing_allocation, &more) >= 1)
        ever_after = more == '+';
    else if (what != NULL && sscanf(what, "call:%ld:%15s", &failing_call, name) == 2)
        failure = failure_named(name);
    process = getpid();
    if ((failing_call >= 0 || getenv("GT_FAIL_COUNT") != NULL) && !trap()) {
        static const char message[] = "fail.c: no filter of system calls can be set up\n";
        (void)!write(2, message, sizeof message - 1);
        _exit(99);
    }
    active = true;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("GT_FAIL_COUNT");
    active = false;
    long call_count = calls < MOST_CALLS ? calls : MOST_CALLS;
    bool forked = getpid() != process;
    char name[4096];
    if (path == NULL || snprintf(name, sizeof name, "%s%s", path, forked ? ".forked" : "") >= (int)sizeof name)
        return;
    FILE *file = fopen(name, forked ? "a" : "w");
    if (file == NULL)
        return;
    fprintf(file, "%ld %ld\n", (long)allocations, call_count);
    for (long i = 0; i < call_count; i++)
        fprintf(file, "%d\n", number_of(i));
    fclose(file);
}
