/* Reading back what was written, before it replaces anything. */
#ifndef GT_IO_ARCHIVE_VERIFY_H
#define GT_IO_ARCHIVE_VERIFY_H

#include "io/archive.h"

/*
 * Whether the zip file behind `descriptor`, which is open for reading and stays
 * so, has exactly the archive's members with exactly their bytes. An error if it
 * does not, or if that cannot be told; `path` is what messages call it.
 */
gt_status gt_archive_verify(const gt_archive *archive, int descriptor, const char *path, gt_error *error);
/* The same of a zip file in memory. */
gt_status gt_archive_verify_bytes(const gt_archive *archive, const void *bytes, size_t size, const char *path,
                                  gt_error *error);

#endif
