/*
 * Layout and pictures by the libraries of Graphviz, in a process of their own.
 *
 * Graphviz keeps state behind its interface: its text layout compares with the
 * name of a font that the context before it has freed, what it takes for fonts
 * is never given back, it writes to the standard error output, and it ends the
 * program when memory runs out. In a child process none of that reaches the
 * caller, every picture is drawn as the first one, and a crash is an error.
 */
#include "dump/render.h"
#include "gradtape/utf8.h"
#include "io/system_failure.h"

#include <errno.h>
#include <fcntl.h>
#include <graphviz/gvc.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the child ----------------------------------------------------------------------------- */

/* What it sends: one of these, then bytes, then END. */
enum { PICTURE = 'P', FAILURE = 'F', END = '.' };

#define MESSAGE_SIZE 256

/* Graphviz hands its messages to a function that it calls without a context. */
static char graphviz_message[MESSAGE_SIZE];

static int keep_message(char *message)
{
    size_t used = strlen(graphviz_message);
    for (; *message != '\0' && used + 1 < MESSAGE_SIZE; message++)
        graphviz_message[used++] = *message == '\n' ? ' ' : *message;
    graphviz_message[used] = '\0';
    return 0;
}

static void send_bytes(int out, const void *bytes, size_t size)
{
    for (const char *at = bytes; size > 0;) {
        ssize_t sent = write(out, at, size);
        if (sent < 0 && errno != EINTR)
            _exit(1);
        at += sent < 0 ? 0 : sent;
        size -= sent < 0 ? 0 : (size_t)sent;
    }
}

static void send_all(int out, char kind, const char *bytes, size_t size)
{
    send_bytes(out, &kind, 1);
    send_bytes(out, bytes, size);
    send_bytes(out, &(char){END}, 1);
}

static const char *draw(const char *description, const char *format, char **data, unsigned *size)
{
    agseterrf(keep_message);
    GVC_t *context = gvContext();
    Agraph_t *graph = context == NULL ? NULL : agmemread(description);
    if (graph == NULL)
        return "read the graph's description";
    if (gvLayout(context, graph, "dot") != 0)
        return "lay the graph out";
    if (gvRenderData(context, graph, format, data, size) != 0 || *data == NULL || *size == 0)
        return "draw the graph; is its package complete?";
    return NULL;
}

/* What was taken is given back by the end of the process. */
static _Noreturn void draw_and_exit(int out, const char *description, const char *format)
{
    char *data = NULL, message[2 * MESSAGE_SIZE];
    unsigned size = 0;
    signal(SIGPIPE, SIG_IGN);
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere >= 0 && out != STDERR_FILENO)
        dup2(nowhere, STDERR_FILENO);
    const char *failure = draw(description, format, &data, &size);
    if (failure == NULL) {
        send_all(out, PICTURE, data, size);
    } else {
        const char *between = graphviz_message[0] != '\0' ? ": " : "";
        gt_utf8_format(message, sizeof message, "%s%s%s", failure, between, graphviz_message);
        send_all(out, FAILURE, message, strlen(message));
    }
    _exit(0);
}

/* ---- the parent ---------------------------------------------------------------------------- */

/* False if reading failed; errno says why. */
static bool receive(int in, gt_text *text)
{
    char bytes[65536];
    for (;;) {
        ssize_t count = read(in, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count == 0;
        gt_text_put(text, bytes, (size_t)count);
    }
}

static int wait_for(pid_t child)
{
    int state = 0;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR)
            return 0;
    return state;
}

static gt_status judge(const gt_text *received, int state, gt_text *picture, gt_error *error)
{
    if (received->failed) {
        picture->failed = true;
        return GT_OK;
    }
    size_t count = received->count;
    bool whole = count >= 2 && received->bytes[count - 1] == END;
    if (whole && received->bytes[0] == PICTURE) {
        gt_text_put(picture, received->bytes + 1, count - 2);
        return GT_OK;
    }
    if (whole)
        return gt_error_set(error, GT_ERROR_FORMAT, "Graphviz could not %.*s", (int)(count - 2),
                            received->bytes + 1);
    if (WIFSIGNALED(state))
        return gt_error_set(error, GT_ERROR_FORMAT,
                            "Graphviz was ended by signal %d; write .dot or .json instead",
                            WTERMSIG(state));
    return gt_error_set(error, GT_ERROR_FORMAT,
                        "Graphviz ended without a picture; write .dot or .json instead");
}

gt_status gt_render_picture(const char *description, const char *format, gt_text *picture,
                            gt_error *error)
{
    int ends[2];
    if (pipe(ends) != 0)
        return gt_system_failure(error, errno, "open a pipe to", "Graphviz");
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        draw_and_exit(ends[1], description, format);
    }
    int reason = errno;
    close(ends[1]);
    gt_text received = {0};
    bool read_all = child > 0 && receive(ends[0], &received);
    reason = child > 0 ? errno : reason;
    close(ends[0]);
    int state = child > 0 ? wait_for(child) : 0;
    gt_status status =
        read_all ? judge(&received, state, picture, error)
                 : gt_system_failure(error, reason, "run", "Graphviz");
    gt_text_free(&received);
    return status;
}
