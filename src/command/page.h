/* Reports for people, on a terminal of any width. */
#ifndef GT_COMMAND_PAGE_H
#define GT_COMMAND_PAGE_H

#include "gradtape/base.h"

#include <stdio.h>

/*
 * Where a report is printed, line by line: the standard output. If it is a terminal, or if
 * COLUMNS says a width, lines that are wider are folded; otherwise none is touched, for what
 * reads a pipe finds a line's parts in one line.
 */
FILE *gt_page(void);

/* As printf, there. */
void gt_page_print(const char *format, ...) GT_PRINTF(1, 2);

/* Whether lines of so many columns fit. */
bool gt_page_fits(int columns);

/*
 * Writes a line of `length` bytes, without its end, in lines of at most `width` columns, broken
 * between words. What follows a label and two or more spaces stays below itself where there is
 * room for that, and otherwise goes below the label. Escape sequences for styles take no column.
 */
void gt_page_fold(FILE *stream, const char *line, size_t length, int width);

#endif
