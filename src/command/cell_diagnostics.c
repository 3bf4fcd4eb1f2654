/* Diagnostics of cells as a compiler prints them. */
#include "base/utf8.h"
#include "command/cell_source.h"
#include "command/terminal.h"

#include <stdio.h>
#include <string.h>

/* The part of a long line that is shown. */
enum { MOST_BEFORE = 80, MOST_SHOWN = 160 };

typedef struct shown_line {
    const char *text;
    size_t length;
    size_t column; /* of the mistake, in what is shown */
} shown_line;

static bool ends_line(char c)
{
    return c == '\n' || c == '\r' || c == '\0';
}

/* From the mistake outwards; a line without end is cut on both sides. */
static shown_line line_of(const char *text, size_t size, size_t offset)
{
    size_t begin = offset, end = offset;
    while (begin > 0 && !ends_line(text[begin - 1]) && offset - begin < MOST_BEFORE)
        begin--;
    while (end < size && !ends_line(text[end]) && end - begin < MOST_SHOWN)
        end++;
    return (shown_line){text + begin, end - begin, offset - begin};
}

/* What gt_terminal_text would write out is one character here, for the sake of the caret below. */
static void print_text(const char *text, size_t length)
{
    for (size_t place = 0, next; place < length; place = next) {
        uint32_t character = '\0';
        next = place;
        if (!gt_utf8_decode(text, length, &next, &character))
            next++;
        if (character == '\t' || !gt_utf8_is_control(character))
            fwrite(text + place, 1, next - place, stderr);
        else
            fputc('?', stderr);
    }
}

static bool continues_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* "                ^~~~~~", with the tabs of the line above it. */
static void print_caret(const shown_line *line, size_t length)
{
    const char *strong = gt_terminal_style(stderr, GT_STYLE_GOOD);
    for (size_t i = 0; i < line->column; i++)
        if (!continues_character(line->text[i]))
            fputc(line->text[i] == '\t' ? '\t' : ' ', stderr);
    fprintf(stderr, "%s^", strong);
    for (size_t i = 1; i < length && line->column + i < line->length; i++)
        if (!continues_character(line->text[line->column + i]))
            fputc('~', stderr);
    fprintf(stderr, "%s\n", gt_terminal_style(stderr, GT_STYLE_PLAIN));
}

static void print_one(const gt_parsed_cell *parsed, const gt_diagnostic *d, bool hints)
{
    size_t size;
    const char *text = gt_parsed_cell_text(parsed, &size), *plain = gt_terminal_style(stderr, GT_STYLE_PLAIN);
    bool error = d->severity == GT_SEVERITY_ERROR;
    fputs(gt_terminal_style(stderr, GT_STYLE_STRONG), stderr);
    gt_terminal_say(stderr, "%s:%u:%u:", gt_parsed_cell_file(parsed), d->line, d->column);
    fprintf(stderr, "%s %s%s:%s ", plain, gt_terminal_style(stderr, error ? GT_STYLE_BAD : GT_STYLE_NOTE),
            error ? "error" : "warning", plain);
    gt_terminal_say(stderr, "%s", d->message);
    fputc('\n', stderr);
    shown_line line = line_of(text, size, d->offset);
    fprintf(stderr, "%5u | ", d->line);
    print_text(line.text, line.length);
    fprintf(stderr, "\n      | ");
    print_caret(&line, d->length);
    if (d->hint == NULL || !hints)
        return;
    fprintf(stderr, "      = %shint:%s ", gt_terminal_style(stderr, GT_STYLE_NOTE), plain);
    gt_terminal_say(stderr, "%s", d->hint);
    fputc('\n', stderr);
}

static void print_all(const gt_parsed_cell *parsed, bool hints)
{
    size_t count, errors = 0;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(parsed, &count);
    fflush(stdout);
    for (size_t i = 0; i < count; i++) {
        print_one(parsed, &list[i], hints);
        errors += list[i].severity == GT_SEVERITY_ERROR;
    }
    if (errors > 1)
        fprintf(stderr, "%zu errors\n", errors);
}

void gt_cell_source_print(const gt_parsed_cell *parsed)
{
    print_all(parsed, true);
}

void gt_cell_source_print_without_hints(const gt_parsed_cell *parsed)
{
    print_all(parsed, false);
}
