/* What a file is that is no .npz file. */
#ifndef GT_IO_FILE_KIND_H
#define GT_IO_FILE_KIND_H

#include <stddef.h>
#include <stdint.h>

enum { GT_FILE_KIND_BYTES = 512 }; /* as many from its beginning as are looked at */

/*
 * What a file beginning with these bytes is and what to do with it, "is HDF5: ...", to be put
 * behind its name. NULL for a zip file; never NULL otherwise.
 */
const char *gt_file_kind(const uint8_t *bytes, size_t size);

#endif
