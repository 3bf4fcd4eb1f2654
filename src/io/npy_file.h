/* A file that is one array. */
#ifndef GT_IO_NPY_FILE_H
#define GT_IO_NPY_FILE_H

#include "gradtape/archive.h"

/* The file's array under the file's name: "x" for folder/x.npy. NULL on an error, which names the file. */
gt_archive *gt_npy_file_read(const char *path, gt_error *error);

#endif
