/* Texts of a user's in what is written for browsers and other readers of markup. */
#ifndef GT_COMMAND_MARKUP_H
#define GT_COMMAND_MARKUP_H

#include "gradtape.h"

#include <stdio.h>

/*
 * Text in XML 1.0 or HTML, also in the quotes of an attribute. What these cannot hold, and bytes that are no
 * UTF-8, become a question mark.
 */
void gt_markup_text(FILE *file, const char *text);
void gt_markup_bytes(FILE *file, const char *text, size_t length);

/* What `put` writes of `what` replaces the file as a whole, or goes to stdout for "-". */
gt_status gt_markup_write(void (*put)(FILE *file, const void *what), const void *what, const char *path,
                          gt_error *error);

#endif
