/*
 * Every call of the system made to fail in turn while another program is run: an error with words, or
 * all that it wrote. The program is linked with the static library and -Wl,--wrap=NAME for each call.
 */
#define _GNU_SOURCE
#include "failing_calls.h"

#include "dump/child.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

TestSuite(child_calls, .timeout = 120);

/* clang-format off */
WRAP(int, poll, (struct pollfd *ends, nfds_t count, int milliseconds), (ends, count, milliseconds), -1)
WRAP(ssize_t, send, (int end, const void *bytes, size_t size, int flags), (end, bytes, size, flags), -1)
WRAP(ssize_t, read, (int end, void *bytes, size_t size), (end, bytes, size), -1)
WRAP(pid_t, waitpid, (pid_t process, int *state, int options), (process, state, options), -1)
WRAP(pid_t, fork, (void), (), -1)
WRAP(int, pipe2, (int ends[2], int flags), (ends, flags), -1)
WRAP(int, socketpair, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends), -1)
/* clang-format on */

void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size)
{
    return refuse("realloc") ? NULL : __real_realloc(memory, size);
}

/* Talks to a program that gives back what it reads, and then says something. */
static gt_status talk(const void *context, double *result, gt_error *error)
{
    const char *arguments[] = {"/bin/sh", "-c", context, NULL};
    gt_child child = {.program = "/bin/sh",
                      .arguments = arguments,
                      .input = "words\n",
                      .input_size = 6,
                      .seconds = 30,
                      .memory = (size_t)1 << 30,
                      .most_output = 1 << 20};
    gt_status status = gt_child_run(&child, error);
    if (status == GT_OK) {
        cr_expect_eq(child.end, GT_CHILD_EXITED, "%s", failing);
        *result = (double)child.output.count + 1000.0 * (double)child.errors.count;
    }
    gt_child_free(&child);
    return status;
}

Test(child_calls, each)
{
    cr_expect_gt(fail_every_call("a child", talk, "cat; echo good; echo bad >&2", NULL), 10);
}

/* A program that ends without reading: what was meant for it is its own affair. */
Test(child_calls, nobody_reads)
{
    cr_expect_gt(fail_every_call("a child", talk, "exec <&-; echo good", NULL), 8);
}

/* One that is not there: why is told, or, where that cannot be, that it ended as a shell's would. */
static gt_status start_nothing(const void *unused, double *result, gt_error *error)
{
    const char *arguments[] = {"/no/such/program", NULL};
    gt_child child = {.program = arguments[0], .arguments = arguments, .input = "", .seconds = 30};
    gt_error inner = {0};
    (void)unused;
    gt_status status = gt_child_run(&child, &inner);
    gt_child_free(&child);
    *result = 1;
    cr_assert(status == GT_OK ? child.code == 127 : status == GT_ERROR_FILE && inner.message[0] != '\0', "%s", failing);
    *error = (gt_error){GT_OK, ""};
    return GT_OK;
}

Test(child_calls, a_program_that_is_not_there)
{
    cr_expect_gt(fail_every_call("no child", start_nothing, NULL, NULL), 5);
}
