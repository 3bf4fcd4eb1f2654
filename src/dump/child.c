/* A child process from its start to its end: it is fed, listened to, and watched. */
#include "dump/child_start.h"

#include "base/clock.h"
#include "io/system_failure.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_ERRORS 4096 /* bytes that are kept */

/* ---- finding it ---------------------------------------------------------------------------- */

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* A folder without a name, which stands for the current one, is left out: nobody means it. */
bool gt_child_find(const char *name, char *path, size_t size)
{
    const char *folders = getenv("PATH");
    for (const char *at = folders != NULL ? folders : "/usr/local/bin:/usr/bin:/bin"; *at != '\0';) {
        size_t length = strcspn(at, ":");
        int count = snprintf(path, size, "%.*s/%s", (int)length, at, name);
        if (length > 0 && count > 0 && (size_t)count < size && is_program(path))
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

/* ---- the conversation ---------------------------------------------------------------------- */

typedef struct conversation {
    gt_child *child;
    pid_t process;
    gt_child_ends ends;
    size_t sent;
    double deadline;
    bool stopped; /* it is to be killed; child->end says why, or `broken` does */
    int broken;   /* errno of a channel that cannot be read or written; 0: none */
} conversation;

static void stop(conversation *c, gt_child_end why)
{
    c->child->end = why;
    c->stopped = true;
}

static void close_end(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static bool is_to_be_tried_again(void)
{
    return errno == EINTR || errno == EAGAIN;
}

/* What it does not want to read is its own affair. */
static void feed(conversation *c)
{
    const gt_child *child = c->child;
    ssize_t count =
        send(c->ends.input, child->input + c->sent, child->input_size - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0)
        c->sent += (size_t)count;
    else if (is_to_be_tried_again())
        return;
    else if (errno != EPIPE && errno != ECONNRESET)
        c->broken = errno;
    if (c->sent == child->input_size || count < 0)
        close_end(&c->ends.input);
}

/* Appends what is there to `text`, at most up to `most` bytes. False: there was more. */
static bool listen_to(conversation *c, int *end, gt_text *text, size_t most)
{
    char bytes[65536];
    ssize_t count = read(*end, bytes, sizeof bytes);
    if (count < 0 && !is_to_be_tried_again())
        c->broken = errno;
    if (count == 0)
        close_end(end);
    if (count <= 0)
        return true;
    size_t room = most - text->count;
    gt_text_put(text, bytes, (size_t)count < room ? (size_t)count : room);
    return (size_t)count <= room;
}

static int milliseconds_left(const conversation *c)
{
    double left = 1e3 * (c->deadline - gt_clock_seconds());
    return left <= 0 ? 0 : left < 1e6 ? (int)left + 1 : 1000000;
}

/* One thing after the other, as they come. False: errno says why not. */
static bool converse(conversation *c)
{
    struct pollfd ends[] = {{.fd = c->ends.input, .events = POLLOUT},
                            {.fd = c->ends.output, .events = POLLIN},
                            {.fd = c->ends.errors, .events = POLLIN}};
    if (poll(ends, 3, milliseconds_left(c)) < 0)
        return is_to_be_tried_again();
    if (ends[0].revents != 0)
        feed(c);
    if (ends[1].revents != 0 && !listen_to(c, &c->ends.output, &c->child->output, c->child->most_output))
        stop(c, GT_CHILD_TOO_MUCH_OUTPUT);
    if (ends[2].revents != 0)
        listen_to(c, &c->ends.errors, &c->child->errors, MOST_ERRORS);
    if (!c->stopped && gt_clock_seconds() >= c->deadline)
        stop(c, GT_CHILD_OUT_OF_TIME);
    errno = c->broken;
    return c->broken == 0;
}

/* ---- its end ------------------------------------------------------------------------------- */

/* The state at its end. A caller that ignores SIGCHLD has it thrown away: 0, it exited well. */
static int wait_for(const conversation *c)
{
    int state = 0;
    while (waitpid(c->process, &state, 0) < 0)
        if (errno != EINTR)
            return 0;
    return state;
}

/* It has closed its outputs, and mostly ends at once. */
static bool ends_in_time(conversation *c, int *state)
{
    for (long pause = 100000; gt_clock_seconds() < c->deadline; pause = pause < 20000000 ? 2 * pause : pause) {
        pid_t ended = waitpid(c->process, state, WNOHANG);
        if (ended == c->process || (ended < 0 && errno != EINTR))
            return true;
        nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
    }
    stop(c, GT_CHILD_OUT_OF_TIME);
    return false;
}

static void finish(conversation *c)
{
    gt_child *child = c->child;
    int state = 0;
    if (c->stopped || !ends_in_time(c, &state)) {
        kill(c->process, SIGKILL);
        wait_for(c);
    } else {
        child->end = WIFSIGNALED(state) ? GT_CHILD_SIGNALLED : GT_CHILD_EXITED;
        child->code = WIFSIGNALED(state) ? WTERMSIG(state) : WEXITSTATUS(state);
    }
    close_end(&c->ends.input);
    close_end(&c->ends.output);
    close_end(&c->ends.errors);
}

gt_status gt_child_run(gt_child *child, gt_error *error)
{
    conversation c = {.child = child, .deadline = gt_clock_seconds() + child->seconds};
    int reason;
    if (!gt_child_start(child, &c.process, &c.ends, &reason))
        return gt_system_failure(error, reason, "run", child->program);
    bool good = true;
    while (!c.stopped && good && (c.ends.output >= 0 || c.ends.errors >= 0)) {
        good = converse(&c);
        reason = errno;
        if (child->output.failed || child->errors.failed)
            c.stopped = true;
    }
    c.stopped = c.stopped || !good;
    finish(&c);
    if (!good)
        return gt_system_failure(error, reason, "listen to", child->program);
    if (child->output.failed || child->errors.failed)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for what '%.300s' writes", child->program);
    return GT_OK;
}

void gt_child_free(gt_child *child)
{
    gt_text_free(&child->output);
    gt_text_free(&child->errors);
}
