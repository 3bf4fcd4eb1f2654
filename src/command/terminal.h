/* What the command line knows of the terminal it writes to. */
#ifndef GT_COMMAND_TERMINAL_H
#define GT_COMMAND_TERMINAL_H

#include "gradtape/base.h"

#include <stdarg.h>
#include <stdio.h>

bool gt_terminal_is(FILE *stream);

/* Whether a line can be written over another: a terminal, and none that TERM calls "dumb". */
bool gt_terminal_overwrites(FILE *stream);

/* Whether the locale (LC_ALL, LC_CTYPE, LANG) is one of UTF-8. */
bool gt_terminal_has_utf8(void);

/* The columns that `size` bytes of UTF-8 take: one for each character. */
int gt_terminal_columns(const char *text, size_t size);
/* The bytes of the characters at the beginning of text that fit into so many columns. */
int gt_terminal_fit(const char *text, int columns);

/* Prints text wrapped at `width` columns, lines `indent` columns in, the first one from `column`. */
void gt_terminal_wrap(FILE *stream, const char *text, int indent, int column, int width);

/*
 * Columns of the terminal behind `stream`. Where that is none: the variable
 * COLUMNS if it is set to a sensible number, else 80. Between 40 and 500.
 */
int gt_terminal_width(FILE *stream);
/* The same, but 0 where nothing says it: no terminal, or one that TERM calls "dumb", and no COLUMNS. */
int gt_terminal_known_width(FILE *stream);

typedef enum gt_style {
    GT_STYLE_PLAIN = 0, /* ends any other */
    GT_STYLE_STRONG,    /* headings */
    GT_STYLE_FAINT,     /* what one may skip */
    GT_STYLE_GOOD,
    GT_STYLE_BAD,
    GT_STYLE_NOTE /* a value to be noticed */
} gt_style;

/*
 * The escape sequence that starts a style, or "" where colour is not wanted:
 * the stream is no terminal, TERM is "dumb", or NO_COLOR is set and not empty
 * (https://no-color.org).
 */
const char *gt_terminal_style(FILE *stream, gt_style style);

/*
 * Writes text that comes from a file, or has a part that does, so that it cannot
 * take over the terminal: what controls one is written as \x1b or \u{202e}, what
 * is no UTF-8 as its bytes, \xff. A line's end is no exception: give it lines.
 */
void gt_terminal_text(FILE *stream, const char *text, size_t length);
/* The same of what is formatted; nothing is cut. */
void gt_terminal_say(FILE *stream, const char *format, ...) GT_PRINTF(2, 3);
/* Begins a line on stdout about a file that was written: "lstm.svg: 19 nodes", whatever its name may be. */
void gt_terminal_written(const char *path, const char *behind);
void gt_terminal_say_list(FILE *stream, const char *format, va_list arguments);

/*
 * Writes out what is left in stdout and reports whether all of it arrived. On
 * a full disk or a closed pipe it says so on stderr and returns false.
 */
bool gt_terminal_finish(void);

#endif
