#include "cli/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool gt_terminal_is(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}

static int within_limits(long columns)
{
    return columns < 40 ? 40 : columns > 500 ? 500 : (int)columns;
}

int gt_terminal_width(FILE *stream)
{
    struct winsize size;
    if (gt_terminal_is(stream) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return within_limits(size.ws_col);
    const char *text = getenv("COLUMNS");
    if (text != NULL) {
        char *end;
        long columns = strtol(text, &end, 10);
        if (end != text && *end == '\0' && columns > 0)
            return within_limits(columns);
    }
    return 80;
}

static bool wants_colour(FILE *stream)
{
    const char *refused = getenv("NO_COLOR");
    if (refused != NULL && *refused != '\0')
        return false;
    const char *terminal = getenv("TERM");
    return terminal != NULL && strcmp(terminal, "dumb") != 0 && gt_terminal_is(stream);
}

const char *gt_terminal_style(FILE *stream, gt_style style)
{
    if (!wants_colour(stream))
        return "";
    switch (style) {
    case GT_STYLE_PLAIN: return "\033[0m";
    case GT_STYLE_STRONG: return "\033[1m";
    case GT_STYLE_FAINT: return "\033[2m";
    case GT_STYLE_GOOD: return "\033[32m";
    case GT_STYLE_BAD: return "\033[1;31m";
    case GT_STYLE_NOTE: return "\033[36m";
    }
    return "";
}

bool gt_terminal_finish(void)
{
    errno = 0;
    bool written = ferror(stdout) == 0;
    written = fflush(stdout) == 0 && written;
    if (!written)
        fprintf(stderr, "gradtape: standard output could not be written: %s\n",
                errno != 0 ? strerror(errno) : "an earlier write failed");
    return written;
}
