/* The arrays of one or more files. */
#ifndef GT_COMMAND_ARRAYS_H
#define GT_COMMAND_ARRAYS_H

#include "command/options.h"

/*
 * As gt_archive_open for one file; those of several are read and put together: x.npy, W.npy, ... An
 * array that two files have is an error. NULL on an error, which names the file.
 */
gt_archive *gt_arrays_open(const gt_text_list *files, gt_error *error);

/* "x.npy, W.npy" */
const char *gt_arrays_describe(const gt_text_list *files, char *text, size_t size);

#endif
