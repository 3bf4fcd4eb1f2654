/* gradtape/file.h: a file that is replaced as a whole. */
#ifndef GRADTAPE_FILE_H
#define GRADTAPE_FILE_H

#include "gradtape/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes `bytes` the contents of the file at `path`: they are written to a new file
 * beside it, synced and renamed, so that at every moment `path` is the old file or
 * the new one, whole. Permissions are kept and links are followed, as by
 * gt_archive_write. On an error, which names the file, the old one is as it was.
 */
GT_API gt_status gt_file_replace(const char *path, const void *bytes, size_t size, gt_error *error);

#ifdef __cplusplus
}
#endif
#endif
