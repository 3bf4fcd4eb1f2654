/* Errors of libzip. */
#ifndef GT_IO_ZIP_FAILURE_H
#define GT_IO_ZIP_FAILURE_H

#include "gradtape/base.h"

#include <zip.h>

/* The status that fits. */
gt_status gt_zip_status(const zip_error_t *failure);
/* The reason in words; it lives as long as *failure. */
const char *gt_zip_reason(zip_error_t *failure);
/* Reports "cannot ACTION 'PATH': REASON" and returns the status that fits. */
gt_status gt_zip_failure(gt_error *error, zip_error_t *failure, const char *action, const char *path);

#endif
