/*
 * The files of a command line, before any of them is opened: none is read and
 * written, none is written twice, and "-" means stdin or stdout where that can be.
 * gt_usage_parse asks this of every command; options say with .file what they do.
 */
#ifndef GT_COMMAND_FILES_H
#define GT_COMMAND_FILES_H

#include "gradtape.h"

/* What an option does with the file that it names. */
typedef enum gt_file_use {
    GT_FILE_NONE = 0, /* it names none */
    GT_FILE_READ,     /* from the beginning to the end; "-" is stdin */
    GT_FILE_ARCHIVE,  /* read from its end, so that it cannot be stdin */
    GT_FILE_CELL,     /* a cell: a name, FILE, FILE:NAME, or "-" for stdin */
    GT_FILE_WRITTEN,  /* once; "-" is stdout */
    GT_FILE_SAVED,    /* written again and again, so that it cannot be stdout */
    GT_FILE_PRINTED   /* no file: the option itself prints on stdout, as --json does */
} gt_file_use;

typedef struct gt_named_file {
    const char *option; /* as messages call it: "--save", "CELL" */
    const char *path;
    gt_file_use use;
} gt_named_file;

#define GT_STANDARD_STREAM "-"
bool gt_file_is_standard(const char *path);

/*
 * False, with *error naming both options, if something that is written is also
 * read or written by another, by whatever links and names, existing or not; or if
 * "-" is given where it cannot be, or twice.
 */
bool gt_files_check(const gt_named_file *files, uint32_t count, gt_error *error);

#endif
