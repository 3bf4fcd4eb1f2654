#define _GNU_SOURCE /* fopencookie */
#include "command/page.h"

#include "command/terminal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* ---- folding ------------------------------------------------------------------------------- */

/* Columns further in, where there is no place to stay below. */
enum { FURTHER = 4 };

/* A part of a line: as many bytes, and the columns that they take. */
typedef struct span {
    size_t bytes;
    int columns;
} span;

static size_t escape_at(const char *text, size_t length)
{
    if (length < 2 || text[0] != '\033' || text[1] != '[')
        return 0;
    for (size_t i = 2; i < length; i++)
        if (text[i] >= '@' && text[i] <= '~')
            return i + 1;
    return length;
}

/* The beginning that consists of spaces, or of anything else. */
static span span_at(const char *text, size_t length, bool spaces)
{
    span s = {0};
    while (s.bytes < length && (text[s.bytes] == ' ') == spaces) {
        size_t escape = escape_at(text + s.bytes, length - s.bytes);
        s.columns += escape > 0 ? 0 : gt_terminal_columns(text + s.bytes, 1);
        s.bytes += escape > 0 ? escape : 1;
    }
    return s;
}

static int columns_of(const char *text, size_t length)
{
    int columns = 0;
    for (span s; length > 0; text += s.bytes, length -= s.bytes) {
        s = span_at(text, length, text[0] == ' ');
        columns += s.columns;
    }
    return columns;
}

/* The column of what stands behind a label and at least two spaces, or -1. */
static int column_behind_label(const char *line, size_t length)
{
    span lead = span_at(line, length, true);
    int column = lead.columns;
    for (size_t i = lead.bytes; i < length;) {
        span word = span_at(line + i, length - i, false);
        span gap = span_at(line + i + word.bytes, length - i - word.bytes, true);
        column += word.columns + gap.columns;
        i += word.bytes + gap.bytes;
        if (gap.columns >= 2)
            return column;
    }
    return lead.columns >= 2 && lead.columns > FURTHER ? lead.columns : -1;
}

void gt_page_fold(FILE *stream, const char *line, size_t length, int width)
{
    if (columns_of(line, length) <= width) {
        fwrite(line, 1, length, stream);
        return;
    }
    int label = column_behind_label(line, length), lead = span_at(line, length, true).columns;
    bool below = label > width / 2; /* what is behind the label goes below it */
    int indent = label < 0 || below ? lead % (width / 2) + FURTHER : label, column = 0;
    for (size_t i = 0; i < length;) {
        span spaces = span_at(line + i, length - i, true);
        span word = span_at(line + i + spaces.bytes, length - i - spaces.bytes, false);
        bool leaves_label = below && column > lead && spaces.columns >= 2;
        if (column > indent && (leaves_label || column + spaces.columns + word.columns > width)) {
            fprintf(stream, "\n%*s", indent, "");
            column = indent;
            below = below && !leaves_label;
        } else {
            fwrite(line + i, 1, spaces.bytes, stream);
            column += spaces.columns;
        }
        fwrite(line + i + spaces.bytes, 1, word.bytes, stream);
        column += word.columns;
        i += spaces.bytes + word.bytes;
    }
}

/* ---- the page ------------------------------------------------------------------------------ */

/* The columns of the page, or 0 where nothing says them: decided by the first line. */
static int width_of_page(void)
{
    static int width = -1;
    if (width < 0)
        width = gt_terminal_known_width(stdout);
    return width;
}

/* What came of a line whose end has not come. */
static struct line {
    char *text;
    size_t length, room;
} begun;

static bool append(struct line *line, const char *text, size_t length)
{
    if (line->length + length > line->room) {
        size_t room = 2 * (line->length + length);
        char *larger = realloc(line->text, room);
        if (larger == NULL)
            return false;
        line->text = larger;
        line->room = room;
    }
    memcpy(line->text + line->length, text, length);
    line->length += length;
    return true;
}

/* Without memory for a line it is written as it is. */
static void take_part(const char *text, size_t length)
{
    if (append(&begun, text, length))
        return;
    fwrite(begun.text, 1, begun.length, stdout);
    fwrite(text, 1, length, stdout);
    begun.length = 0;
}

static ssize_t write_page(void *cookie, const char *text, size_t size)
{
    (void)cookie;
    for (size_t i = 0; i < size;) {
        const char *end = memchr(text + i, '\n', size - i);
        size_t part = end != NULL ? (size_t)(end - text) - i : size - i;
        take_part(text + i, part);
        if (end != NULL) {
            gt_page_fold(stdout, begun.text, begun.length, width_of_page());
            putchar('\n');
            begun.length = 0;
        }
        i += part + (end != NULL);
    }
    return (ssize_t)size; /* whether all of it arrives is found when the command ends */
}

static int close_page(void *cookie)
{
    (void)cookie;
    free(begun.text);
    begun = (struct line){0};
    return 0;
}

FILE *gt_page(void)
{
    static FILE *page;
    if (page == NULL && width_of_page() > 0) {
        page = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_page, .close = close_page});
        if (page != NULL)
            setvbuf(page, NULL, _IOLBF, BUFSIZ); /* in order with what is printed past it */
    }
    return page != NULL ? page : stdout;
}

void gt_page_print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(gt_page(), format, arguments);
    va_end(arguments);
}

bool gt_page_fits(int columns)
{
    return width_of_page() == 0 || columns <= width_of_page();
}
