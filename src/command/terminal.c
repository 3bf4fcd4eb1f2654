#include "command/terminal.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool gt_terminal_has_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && *value != '\0')
            return strstr(value, "UTF-8") != NULL || strstr(value, "utf8") != NULL || strstr(value, "UTF8") != NULL;
    }
    return false;
}

bool gt_terminal_is(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}

bool gt_terminal_overwrites(FILE *stream)
{
    const char *terminal = getenv("TERM");
    return gt_terminal_is(stream) && (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

int gt_terminal_columns(const char *text, size_t size)
{
    int columns = 0;
    for (size_t i = 0; i < size; i++)
        columns += begins_character(text[i]);
    return columns;
}

int gt_terminal_fit(const char *text, int columns)
{
    int bytes = 0;
    for (; text[bytes] != '\0'; bytes++)
        if (begins_character(text[bytes]) && columns-- == 0)
            break;
    return bytes;
}

void gt_terminal_wrap(FILE *stream, const char *text, int indent, int column, int width)
{
    bool first = true;
    while (*text != '\0') {
        size_t word = strcspn(text, " \n");
        int columns = gt_terminal_columns(text, word);
        if (!first && column + 1 + columns > width) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
            first = true;
        }
        fprintf(stream, "%s%.*s", first ? "" : " ", (int)word, text);
        column += columns + (first ? 0 : 1);
        first = false;
        text += word;
        for (; *text == ' ' || *text == '\n'; text++) {
            if (*text == '\n') {
                fprintf(stream, "\n%*s", text[1] == '\n' ? 0 : indent, "");
                column = indent;
                first = true;
            }
        }
    }
    fputc('\n', stream);
}

static int within_limits(long columns)
{
    return columns < 40 ? 40 : columns > 500 ? 500 : (int)columns;
}

static int window_width(FILE *stream)
{
    struct winsize size;
    bool known = gt_terminal_is(stream) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? within_limits(size.ws_col) : 0;
}

/* What COLUMNS says, or 0. */
static int wanted_width(void)
{
    const char *text = getenv("COLUMNS");
    if (text == NULL)
        return 0;
    char *end;
    long columns = strtol(text, &end, 10);
    return end != text && *end == '\0' && columns > 0 ? within_limits(columns) : 0;
}

int gt_terminal_width(FILE *stream)
{
    int window = window_width(stream), wanted = wanted_width();
    return window > 0 ? window : wanted > 0 ? wanted : 80;
}

int gt_terminal_known_width(FILE *stream)
{
    int window = gt_terminal_overwrites(stream) ? window_width(stream) : 0;
    return window > 0 ? window : wanted_width();
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
    case GT_STYLE_PLAIN:
        return "\033[0m";
    case GT_STYLE_STRONG:
        return "\033[1m";
    case GT_STYLE_FAINT:
        return "\033[2m";
    case GT_STYLE_GOOD:
        return "\033[32m";
    case GT_STYLE_BAD:
        return "\033[1;31m";
    case GT_STYLE_NOTE:
        return "\033[36m";
    }
    return "";
}

void gt_terminal_text(FILE *stream, const char *text, size_t length)
{
    for (size_t place = 0, next; place < length; place = next) {
        uint32_t character;
        next = place;
        if (!gt_utf8_decode(text, length, &next, &character))
            fprintf(stream, "\\x%02x", (unsigned char)text[next++]);
        else if (!gt_utf8_is_control(character))
            fwrite(text + place, 1, next - place, stream);
        else
            fprintf(stream, character < 0x100 ? "\\x%02x" : "\\u{%04x}", (unsigned)character);
    }
}

void gt_terminal_written(const char *path, const char *behind)
{
    gt_terminal_text(stdout, path, strlen(path));
    fputs(behind, stdout);
}

void gt_terminal_say_list(FILE *stream, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    char few[1024], *whole = few;
    int wanted = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (wanted >= (int)sizeof few)
        whole = malloc((size_t)wanted + 1);
    size_t size = whole == few ? sizeof few : (size_t)wanted + 1;
    if (whole == NULL) { /* the beginning is better than nothing */
        whole = few;
        size = sizeof few;
    }
    gt_terminal_text(stream, whole, gt_utf8_format_list(whole, size, format, arguments));
    if (whole != few)
        free(whole);
}

void gt_terminal_say(FILE *stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    gt_terminal_say_list(stream, format, arguments);
    va_end(arguments);
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
