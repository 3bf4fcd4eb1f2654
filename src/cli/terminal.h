/* What the command line knows of the terminal it writes to. */
#ifndef GT_CLI_TERMINAL_H
#define GT_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

bool gt_terminal_is(FILE *stream);

/*
 * Columns of the terminal behind `stream`. Where that is none: the variable
 * COLUMNS if it is set to a sensible number, else 80. Between 40 and 500.
 */
int gt_terminal_width(FILE *stream);

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
 * Writes out what is left in stdout and reports whether all of it arrived. On
 * a full disk or a closed pipe it says so on stderr and returns false.
 */
bool gt_terminal_finish(void);

#endif
