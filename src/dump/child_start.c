/*
 * From fork to exec. Between the two only functions may be called that are safe in
 * a signal handler: another thread of the caller may hold any lock.
 */
#define _GNU_SOURCE /* pipe2, environ */
#include "dump/child_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* The three standard streams, by number, and the one that tells why exec failed. */
enum { FAILURE = 3, CHANNELS };

/* ends[i][0] is read from, ends[i][1] written to. */
typedef struct channels {
    int ends[CHANNELS][2];
} channels;

static void close_end(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static void close_channels(channels *c)
{
    for (int i = 0; i < CHANNELS; i++) {
        close_end(&c->ends[i][0]);
        close_end(&c->ends[i][1]);
    }
}

/* A process that has closed its own standard streams gets their numbers from pipe. */
static bool move_off_standard_streams(int *descriptor)
{
    if (*descriptor > STDERR_FILENO)
        return true;
    int moved = fcntl(*descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(*descriptor);
    *descriptor = moved;
    return moved >= 0;
}

/* The input is a socket, which can be written to without a SIGPIPE if nobody reads. */
static bool open_channels(channels *c)
{
    for (int i = 0; i < CHANNELS; i++)
        c->ends[i][0] = c->ends[i][1] = -1;
    for (int i = 0; i < CHANNELS; i++) {
        int *ends = c->ends[i];
        bool open = i == STDIN_FILENO ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0
                                      : pipe2(ends, O_CLOEXEC) == 0;
        if (!open || !move_off_standard_streams(&ends[0]) || !move_off_standard_streams(&ends[1]))
            return false;
    }
    return true;
}

/* ---- in the child -------------------------------------------------------------------------- */

/* Handlers are the caller's; what it ignores, as under nohup, stays ignored. */
static void forget_handlers(void)
{
    struct sigaction action, standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaction(number, &standard, NULL);
    sigaction(SIGPIPE, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void limit(int resource, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0)
        return;
    if (now.rlim_max == RLIM_INFINITY || most < now.rlim_max)
        now.rlim_max = most;
    if (now.rlim_cur == RLIM_INFINITY || now.rlim_cur > now.rlim_max)
        now.rlim_cur = now.rlim_max;
    setrlimit(resource, &now);
}

/* The parent may have ended before this was asked for; the child of nobody ends, too. */
static void die_with(pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(1);
}

static _Noreturn void become(const gt_child *child, const channels *c, pid_t parent)
{
    die_with(parent);
    forget_handlers();
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_AS, child->memory);
    limit(RLIMIT_CPU, (rlim_t)(2 * child->seconds) + 1);
    if (dup2(c->ends[STDIN_FILENO][0], STDIN_FILENO) >= 0 && dup2(c->ends[STDOUT_FILENO][1], STDOUT_FILENO) >= 0 &&
        dup2(c->ends[STDERR_FILENO][1], STDERR_FILENO) >= 0)
        execve(child->program, (char *const *)child->arguments, environ);
    int reason = errno;
    while (write(c->ends[FAILURE][1], &reason, sizeof reason) < 0 && errno == EINTR)
        continue;
    _exit(127);
}

/* ---- in the parent ------------------------------------------------------------------------- */

/* No signal may reach a handler of the caller in the child, where it would act for the caller. */
static pid_t fork_quietly(const gt_child *child, const channels *c)
{
    pid_t parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t process = fork();
    if (process == 0)
        become(child, c, parent);
    int reason = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = reason;
    return process;
}

/* Waits for exec, which closes the channel. False: *reason is why it failed. */
static bool has_begun(int failure, int *reason)
{
    ssize_t count;
    do
        count = read(failure, reason, sizeof *reason);
    while (count < 0 && errno == EINTR);
    return count != (ssize_t)sizeof *reason;
}

bool gt_child_start(const gt_child *child, pid_t *process, gt_child_ends *ends, int *reason)
{
    channels c;
    *process = open_channels(&c) ? fork_quietly(child, &c) : -1;
    *reason = errno;
    close_end(&c.ends[STDIN_FILENO][0]);
    close_end(&c.ends[STDOUT_FILENO][1]);
    close_end(&c.ends[STDERR_FILENO][1]);
    close_end(&c.ends[FAILURE][1]);
    if (*process < 0 || !has_begun(c.ends[FAILURE][0], reason)) {
        close_channels(&c);
        while (*process > 0 && waitpid(*process, NULL, 0) < 0 && errno == EINTR)
            continue;
        return false;
    }
    close_end(&c.ends[FAILURE][0]);
    *ends = (gt_child_ends){
        .input = c.ends[STDIN_FILENO][1], .output = c.ends[STDOUT_FILENO][0], .errors = c.ends[STDERR_FILENO][0]};
    return true;
}
