/* What only the command asks of archives: texts beside the arrays, the bytes of a file, types as files have them. */
#ifndef GT_IO_MEMBERS_H
#define GT_IO_MEMBERS_H

#include "gradtape/archive.h"

/* Of an archive that was opened: reads a text, unless it is there already. */
gt_status gt_archive_load_text(gt_archive *archive, const char *name, gt_error *error);
/* The text member of that name; NULL if there is none, or it is not loaded. */
const char *gt_archive_text(const gt_archive *archive, const char *name);

/*
 * The bytes of the file that gt_archive_write would write, in memory, for what is no file, such as a pipe: *size of
 * them, to be freed with gt_archive_bytes_free. *bytes is NULL on an error.
 */
gt_status gt_archive_render(const gt_archive *archive, bool compress, char **bytes, size_t *size, gt_error *error);

/* What NumPy calls the array's type in the file: "int64"; NULL if there is no such array. */
const char *gt_archive_type(const gt_archive *archive, const char *name);

#endif
