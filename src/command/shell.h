/* Command lines that are shown, to be given to a shell again. */
#ifndef GT_COMMAND_SHELL_H
#define GT_COMMAND_SHELL_H

#include <stddef.h>
#include <stdio.h>

/* Writes bytes as they are, or as gt_markup_bytes does. */
typedef void gt_shell_put(FILE *file, const char *bytes, size_t size);
void gt_shell_put_plain(FILE *file, const char *bytes, size_t size);

/* A word as a shell takes it, in quotes where it needs them. */
void gt_shell_word(FILE *file, const char *word, gt_shell_put *put);

#endif
