/* What a file is by its first bytes. */
#ifndef GT_IO_FILE_KIND_H
#define GT_IO_FILE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GT_FILE_KIND_BYTES = 512 }; /* as many from its beginning as are looked at */

/* Files that are read as what they are: one array of NumPy, and arrays behind a header in JSON. */
bool gt_file_is_npy(const uint8_t *bytes, size_t size);
bool gt_file_is_safetensors(const uint8_t *bytes, size_t size);

/*
 * What another file beginning with these bytes is and what to do with it, "is HDF5: ...", to be put
 * behind its name. NULL for a zip file; never NULL otherwise.
 */
const char *gt_file_kind(const uint8_t *bytes, size_t size);

#endif
