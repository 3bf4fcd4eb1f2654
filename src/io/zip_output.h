/* libzip's output into a file that is being replaced, without a temporary file of libzip's own. */
#ifndef GT_IO_ZIP_OUTPUT_H
#define GT_IO_ZIP_OUTPUT_H

#include "io/replacement.h"

#include <zip.h>

/*
 * A source that an archive can be created in. It is read by nobody. Freed with
 * the archive, or by zip_source_free if no archive was opened. NULL on no memory.
 */
zip_source_t *gt_zip_output(const gt_replacement *replacement, zip_error_t *failure);

#endif
