#include "cli/bench/libraries.h"

#include "base/types.h"
#include "command/command.h"
#include "plan/describe/bound.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A signal that comes while oneDNN's sgemm runs must not be handled on its stack: with
 * oneDNN 2.6 that overwrote memory beside its buffers.
 */
enum { SIGNAL_STACK_SIZE = 1 << 16 };

enum { LONGEST_REHEARSAL = 20 }; /* seconds; without memory OpenBLAS asks for it for ever */

const char *gt_library_title(gt_library_name name)
{
    return name == GT_OPENBLAS ? "OpenBLAS" : "oneDNN";
}

/* ---- loading ------------------------------------------------------------------------------- */

/* False: it is not installed. */
static bool load(gt_libraries *l, gt_library_name name)
{
    static const char *const files[GT_LIBRARY_COUNT][3] = {
        [GT_OPENBLAS] = {"libopenblas.so.0", NULL},
        [GT_ONEDNN] = {"libdnnl.so.3", "libdnnl.so.2", NULL},
    };
    for (int i = 0; files[name][i] != NULL && l->handles[name] == NULL; i++)
        l->handles[name] = dlopen(files[name][i], RTLD_NOW | RTLD_LOCAL);
    if (l->handles[name] == NULL)
        return false;
    if (name == GT_ONEDNN) {
        *(void **)&l->onednn = dlsym(l->handles[name], "dnnl_sgemm");
        return l->onednn != NULL && l->signal_stack != NULL;
    }
    *(void **)&l->blas_f32 = dlsym(l->handles[name], "cblas_sgemm");
    *(void **)&l->blas_f64 = dlsym(l->handles[name], "cblas_dgemm");
    return l->blas_f32 != NULL && l->blas_f64 != NULL;
}

/* What is read by the libraries' runtimes when they are loaded, unless the user has set it. */
static void set_threads(int threads)
{
    char text[16];
    snprintf(text, sizeof text, "%d", threads);
    setenv("OMP_NUM_THREADS", text, 0);
    setenv("OPENBLAS_NUM_THREADS", text, 0);
}

/* ---- trying -------------------------------------------------------------------------------- */

enum { CHILD_GOOD = 0, CHILD_ABSENT = 3 };

/* In the child: quiet, without a dump of its memory, and not for ever. */
static void rehearse_and_exit(gt_libraries *l, gt_library_name name, gt_rehearsal *rehearse, void *context)
{
    const int reset[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
    for (size_t i = 0; i < sizeof reset / sizeof *reset; i++)
        signal(reset[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
    alarm(LONGEST_REHEARSAL);
    if (!load(l, name))
        _exit(CHILD_ABSENT);
    rehearse(l, name, context);
    _exit(CHILD_GOOD);
}

static gt_library_state try_out(gt_libraries *l, gt_library_name name, gt_rehearsal *rehearse, void *context)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        rehearse_and_exit(l, name, rehearse, context);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return GT_LIBRARY_FAILED;
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_ABSENT)
        return GT_LIBRARY_ABSENT;
    return WIFEXITED(status) && WEXITSTATUS(status) == CHILD_GOOD ? GT_LIBRARY_READY : GT_LIBRARY_FAILED;
}

/* What oneDNN does where it finds no memory, C++ ends by abort: with a word, and the status of a failure. */
static void give_up(int number)
{
    static const char words[] = "gradtape bench: a library that is measured beside gradtape gave up, as for want of "
                                "memory: try smaller sizes\n";
    (void)number;
    while (write(STDERR_FILENO, words, sizeof words - 1) < 0 && errno == EINTR)
        continue;
    _exit(GT_EXIT_USAGE);
}

/* All are tried before the first is loaded: a child of a process with their threads could not use them. */
void gt_libraries_open(gt_libraries *l, int threads, gt_rehearsal *rehearse, void *context)
{
    *l = (gt_libraries){.signal_stack = malloc(SIGNAL_STACK_SIZE)};
    if (l->signal_stack != NULL)
        sigaltstack(&(stack_t){.ss_sp = l->signal_stack, .ss_size = SIGNAL_STACK_SIZE}, NULL);
    set_threads(threads);
    for (int name = 0; name < GT_LIBRARY_COUNT; name++)
        l->states[name] = try_out(l, (gt_library_name)name, rehearse, context);
    sigaction(SIGABRT, &(struct sigaction){.sa_handler = give_up, .sa_flags = SA_ONSTACK}, NULL);
    for (int name = 0; name < GT_LIBRARY_COUNT; name++)
        if (l->states[name] == GT_LIBRARY_READY && !load(l, (gt_library_name)name))
            l->states[name] = GT_LIBRARY_FAILED;
}

void gt_libraries_close(gt_libraries *l)
{
    if (l->signal_stack != NULL)
        sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    free(l->signal_stack);
    for (int name = 0; name < GT_LIBRARY_COUNT; name++)
        if (l->handles[name] != NULL)
            dlclose(l->handles[name]);
    signal(SIGABRT, SIG_DFL);
    *l = (gt_libraries){0};
}

/* ---- multiplying --------------------------------------------------------------------------- */

/* oneDNN's matrices are row-major: (left @ right)ᵀ = rightᵀ @ leftᵀ. */
static void multiply_by_onednn(const gt_libraries *l, const gt_bound_product *p, const float *left, const float *right,
                               float *output)
{
    l->onednn(p->right_transposed ? 'T' : 'N', p->left_transposed ? 'T' : 'N', p->columns, p->rows, p->inner, 1.0F,
              right, p->right_transposed ? p->columns : p->inner, left, p->left_transposed ? p->inner : p->rows, 0.0F,
              output, p->rows);
}

static void multiply_by_blas(const gt_libraries *l, const gt_bound_product *p, const void *left, const void *right,
                             void *output)
{
    enum { COLUMN_MAJOR = 102, PLAIN = 111, TRANSPOSED = 112 }; /* of cblas.h */
    const int a = p->left_transposed ? TRANSPOSED : PLAIN, b = p->right_transposed ? TRANSPOSED : PLAIN;
    const int m = (int)p->rows, n = (int)p->columns, k = (int)p->inner;
    const int left_leading = p->left_transposed ? k : m, right_leading = p->right_transposed ? n : k;
    GT_FOR_REAL(p->dtype,
                l->blas_f64(COLUMN_MAJOR, a, b, m, n, k, 1, left, left_leading, right, right_leading, 0, output, m),
                l->blas_f32(COLUMN_MAJOR, a, b, m, n, k, 1, left, left_leading, right, right_leading, 0, output, m));
}

void gt_library_multiply(const gt_libraries *l, gt_library_name name, const gt_bound_product *p, const void *left,
                         const void *right, void *output)
{
    const size_t size = gt_dtype_size(p->dtype);
    for (int64_t t = 0; t < p->times; t++) {
        const char *a = (const char *)left + (p->left_fixed ? 0 : size * (size_t)(t * p->rows * p->inner));
        const char *b = (const char *)right + (p->right_fixed ? 0 : size * (size_t)(t * p->inner * p->columns));
        char *c = (char *)output + size * (size_t)(t * p->rows * p->columns);
        if (name == GT_ONEDNN)
            multiply_by_onednn(l, p, (const float *)(const void *)a, (const float *)(const void *)b,
                               (float *)(void *)c);
        else
            multiply_by_blas(l, p, a, b, c);
    }
}
